/* divergence.h: finds the most likely cause of a divergence, and advice on what to do about it. */
#ifndef SPIRAL_NET_DIVERGENCE_H
#define SPIRAL_NET_DIVERGENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "net/trainer.h"

enum { SPIRAL_ADVICE = 256 }; /* bytes */

/* The largest |x| of the features, after standardization if the network standardizes them. */
double spiral_divergence_reach(const SpiralNetwork *network, size_t rows, const double *X);

/* Returns the cause of a divergence after `updates` updates, and writes the advice. */
SpiralCause spiral_divergence_judge(const SpiralTrainer *trainer, size_t updates, char advice[SPIRAL_ADVICE]);

/* The same for a validation loss that is not finite at the current parameters. */
SpiralCause spiral_divergence_judge_validation(SpiralTrainer *trainer, size_t updates, char advice[SPIRAL_ADVICE]);

#endif
