/* train_options.c: the options of a training: defaults, checks, and what follows from them. */
#include "spiral/trainer.h"

#include <math.h>

SpiralTrainOptions spiral_train_defaults(void)
{
    return (SpiralTrainOptions){.learning_rate = 1.0,
                                .optimizer = spiral_optimizer_defaults(),
                                .schedule = spiral_schedule_defaults(),
                                .objective = spiral_objective_defaults(),
                                .iterations = 200,
                                .record_every = 10};
}

static SpiralStatus refuse(const char *name, double value, const char *expected, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%s is %g, %s is expected", name, value, expected);
}

SpiralStatus spiral_train_validate(const SpiralTrainOptions *options, SpiralError *error)
{
    if (!(options->learning_rate > 0.0 && isfinite(options->learning_rate)))
        return refuse("learning_rate", options->learning_rate, "a positive number", error);
    if (options->record_every == 0)
        return refuse("record_every", 0.0, "at least 1", error);
    if (!(options->dropout >= 0.0 && options->dropout < 1.0))
        return refuse("dropout", options->dropout, "a number from 0 and below 1", error);
    if (options->objective.dropout != NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "objective.dropout is given, NULL is expected: a training draws a mask each update");
    const double values[] = {options->max_grad_norm, options->tolerance, options->target_loss};
    static const char *const names[] = {"max_grad_norm", "tolerance", "target_loss"};
    for (size_t i = 0; i < 3; i++)
        if (!(values[i] >= 0.0 && isfinite(values[i])))
            return refuse(names[i], values[i], "a number of at least 0", error);
    SpiralStatus status = spiral_optimizer_validate(&options->optimizer, error);
    if (status == SPIRAL_OK)
        status = spiral_schedule_validate(&options->schedule, error);
    return status == SPIRAL_OK ? spiral_objective_validate(&options->objective, error) : status;
}

size_t spiral_train_epoch(const SpiralTrainOptions *options, size_t rows)
{
    if (options->batch_size == 0 || options->batch_size >= rows)
        return 1;
    return rows / options->batch_size + (rows % options->batch_size != 0);
}

const char *spiral_stop_reason_name(SpiralStopReason reason)
{
    switch (reason) {
    case SPIRAL_STOP_ITERATIONS:
        return "iterations";
    case SPIRAL_STOP_INTERRUPTED:
        return "interrupted";
    case SPIRAL_STOP_TIME:
        return "time-limit";
    case SPIRAL_STOP_PAUSED:
        return "paused";
    case SPIRAL_STOP_DIVERGED:
        return "diverged";
    case SPIRAL_STOP_PATIENCE:
        return "patience";
    case SPIRAL_STOP_TOLERANCE:
        return "tolerance";
    case SPIRAL_STOP_TARGET:
        return "target-loss";
    }
    return "unknown";
}
