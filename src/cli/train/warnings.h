/* warnings.h: warns when a training looks wrong for a while, as the course notes advise ("Babysitting the learning
 * process"). Each warning is given once. */
#ifndef SPIRAL_CLI_TRAIN_WARNINGS_H
#define SPIRAL_CLI_TRAIN_WARNINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/network.h"
#include "spiral/trainer.h"

typedef struct TrainingWarnings {
    bool quiet;
    const SpiralNetwork *network; /* borrowed, for the names of its layers */
    double last_loss;
    size_t rising, rising_since; /* consecutive records with a higher loss; the iteration before the first */
    size_t low, high;            /* consecutive records with a ratio far below or above 1e-3 */
    bool rising_reported, ratio_reported, dead_reported;
} TrainingWarnings;

TrainingWarnings training_warnings_start(const SpiralNetwork *network, bool quiet);

/* Is a warning due with this record? Writes it into text as one line without a newline. */
bool training_warnings_check(TrainingWarnings *warnings, const SpiralTrainRecord *record, char *text, size_t size);

#endif
