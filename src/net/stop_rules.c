#include "net/stop_rules.h"

#include <math.h>
#include <string.h>

/* Does patience look at the current parameters? Not at the untrained network, which is never kept. */
static bool is_watched(const SpiralTrainer *trainer)
{
    return trainer->options.patience > 0 && trainer->iteration > 0;
}

bool spiral_stop_is_best(const SpiralTrainer *trainer, const SpiralMeasured *measured)
{
    return is_watched(trainer) && measured->validation_loss < trainer->best_loss;
}

SpiralStopReason spiral_stop_rule(const SpiralTrainer *trainer, const SpiralMeasured *measured)
{
    const SpiralTrainOptions *options = &trainer->options;
    if (options->target_loss > 0.0 && measured->loss <= options->target_loss)
        return SPIRAL_STOP_TARGET;
    if (options->tolerance > 0.0 && fabs(measured->loss - trainer->last_loss) < options->tolerance)
        return SPIRAL_STOP_TOLERANCE;
    if (is_watched(trainer) && !spiral_stop_is_best(trainer, measured) && trainer->stale + 1 >= options->patience)
        return SPIRAL_STOP_PATIENCE;
    return SPIRAL_STOP_ITERATIONS;
}

void spiral_stop_remember(SpiralTrainer *trainer, const SpiralMeasured *measured)
{
    if (trainer->options.tolerance > 0.0)
        trainer->last_loss = measured->loss;
    if (spiral_stop_is_best(trainer, measured)) {
        trainer->best_loss = measured->validation_loss;
        trainer->best_iteration = trainer->iteration;
        trainer->stale = 0;
        memcpy(trainer->best, trainer->current, trainer->network->parameter_count * sizeof(double));
    } else if (is_watched(trainer)) {
        trainer->stale++;
    }
}
