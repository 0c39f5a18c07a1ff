/* dropout.h: the mask of dropout, which the trainer draws anew for each update and a gradient check once. */
#ifndef SPIRAL_NET_DROPOUT_H
#define SPIRAL_NET_DROPOUT_H

#include <stdint.h>

#include "spiral/gradient.h"

struct SpiralDropout {
    const SpiralNetwork *network; /* its sizes */
    size_t rows;                  /* that the mask has room for */
    double keep_probability;
    uint8_t **mask; /* for each hidden layer (rows, units), 1 if the unit is kept */
};

/* Draws the mask of the first rows observations: for each hidden layer in turn random_sample((rows, units)) < keep
 * probability. */
void spiral_dropout_draw(SpiralDropout *dropout, size_t rows, SpiralRng *rng);

#endif
