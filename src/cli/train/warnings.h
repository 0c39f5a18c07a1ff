/* babysit.h: an eye on the training, as the notes advise ("Babysitting the learning process"): a word on standard
 * error when something looks wrong for long, each once. */
#ifndef SPIRAL_CLI_BABYSIT_H
#define SPIRAL_CLI_BABYSIT_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/network.h"
#include "spiral/trainer.h"

typedef struct Babysitter {
    bool quiet;
    const SpiralNetwork *network; /* borrowed, for the names of its layers */
    double last_loss;
    size_t rising, rising_since; /* records in a row with a higher loss; the iteration before the first */
    size_t low, high;            /* records in a row with a ratio far below or above 1e-3 */
    bool said_rising, said_ratio, said_dead;
} Babysitter;

Babysitter babysit_start(const SpiralNetwork *network, bool quiet);

/* Does it have something to say about this record? Writes one line, without its end, into text. */
bool babysit_watch(Babysitter *babysitter, const SpiralTrainRecord *record, char *text, size_t size);

#endif
