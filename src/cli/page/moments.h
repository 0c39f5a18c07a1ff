/* moments.h: the weights at moments of a training, for the page of a run. */
#ifndef SPIRAL_CLI_MOMENTS_H
#define SPIRAL_CLI_MOMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/network.h"
#include "spiral/status.h"

/* Evenly spaced, however long the training is: when there is no room for another moment, every second one is left out,
 * and the distance between them doubles. */
typedef struct Moments {
    size_t parameter_count;
    size_t every; /* a moment is recorded at iterations 0, every, 2 every, ...; a multiple of the log's rows */
    size_t limit; /* the most moments, at least 3 */
    size_t count;
    size_t *iterations; /* (count) rising */
    float *weights;     /* (count, parameter_count) in the layout of the network's parameters */
} Moments;

/* log_every: the iterations from one row of the log to the next. Errors: LIMIT (out of memory, or more parameters than
 * a page can hold). */
SpiralStatus moments_create(const SpiralNetwork *network, size_t log_every, Moments **moments, SpiralError *error);
void moments_free(Moments *moments); /* accepts NULL */

/* Is a moment recorded at this iteration? The network then has to hold the weights before its update. moments may be
 * NULL: none is. */
bool moments_are_due(const Moments *moments, size_t iteration);
void moments_add(Moments *moments, size_t iteration, const SpiralNetwork *network);

/* The last moment: the trained network, after so many updates. What came later, as with --patience, is left out. */
void moments_end(Moments *moments, size_t iterations, const SpiralNetwork *network);

#endif
