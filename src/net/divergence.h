/* divergence.h: what most likely made a training diverge, and what to do about it. */
#ifndef SPIRAL_NET_DIVERGENCE_H
#define SPIRAL_NET_DIVERGENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "net/trainer.h"

enum { SPIRAL_ADVICE = 256 }; /* bytes */

/* The largest |x| of the features as the network takes them in, standardised or not. */
double spiral_divergence_reach(const SpiralNetwork *network, size_t rows, const double *X);

/* The cause after so many updates, and the advice. */
SpiralCause spiral_divergence_judge(const SpiralTrainer *trainer, size_t updates, char advice[SPIRAL_ADVICE]);

/* The same where it is the validation loss that is not finite at the current parameters. */
SpiralCause spiral_divergence_judge_validation(SpiralTrainer *trainer, size_t updates, char advice[SPIRAL_ADVICE]);

#endif
