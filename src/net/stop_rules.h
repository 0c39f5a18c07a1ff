/* stop_rules.h: patience, the target loss and the tolerance, applied to what was measured of the current parameters. */
#ifndef SPIRAL_NET_STOP_RULES_H
#define SPIRAL_NET_STOP_RULES_H

#include <stdbool.h>

#include "net/trainer.h"

/* What is measured at a record besides the update's own loss. */
typedef struct SpiralMeasured {
    double loss; /* of all the training data, without dropout; only where the stop rules are applied */
    double validation_loss, validation_accuracy;
} SpiralMeasured;

/* Are the current parameters the best so far, by the validation loss? Never without patience. */
bool spiral_stop_is_best(const SpiralTrainer *trainer, const SpiralMeasured *measured);

/* The stop rule that applies to the current parameters, or ITERATIONS. Changes nothing. */
SpiralStopReason spiral_stop_rule(const SpiralTrainer *trainer, const SpiralMeasured *measured);

/* Keeps what the next state is compared with, and the best weights. */
void spiral_stop_remember(SpiralTrainer *trainer, const SpiralMeasured *measured);

#endif
