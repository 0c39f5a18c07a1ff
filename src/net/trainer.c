#include "spiral/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/kernels.h"
#include "net/objective.h"
#include "net/pass.h"

SpiralTrainOptions spiral_train_defaults(void)
{
    return (SpiralTrainOptions){
        .learning_rate = 1.0, .objective = spiral_objective_defaults(), .iterations = 200, .record_every = 10};
}

SpiralStatus spiral_train_validate(const SpiralTrainOptions *options, SpiralError *error)
{
    if (!isfinite(options->learning_rate) || options->learning_rate <= 0.0)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "learning_rate is %g, a positive number is expected", options->learning_rate);
    if (options->record_every == 0)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "record_every is 0, at least 1 is expected");
    return spiral_objective_validate(&options->objective, error);
}

/* A run under way. The update is written into the other buffer, so that the parameters before it are still there when what
 * came of it turns out not to be finite. */
typedef struct Run {
    SpiralNetwork *network;
    const SpiralDataset *dataset;
    const SpiralTrainOptions *options;
    SpiralPass *pass;
    double *gradient, *current, *previous; /* (parameter_count) */
} Run;

static SpiralStatus start_run(Run *run, SpiralError *error)
{
    size_t count = run->network->parameter_count;
    run->gradient = spiral_allocate_doubles(count);
    run->current = spiral_allocate_doubles(count);
    run->previous = spiral_allocate_doubles(count);
    if (run->gradient == NULL || run->current == NULL || run->previous == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to train %zu parameters", count);
    memcpy(run->current, run->network->parameters, count * sizeof *run->current);
    return spiral_pass_create(run->network, run->dataset->rows, run->options->threads, SPIRAL_PASS_GRADIENT, &run->pass, error);
}

static void end_run(Run *run)
{
    spiral_pass_free(run->pass);
    free(run->gradient);
    free(run->current);
    free(run->previous);
}

/* 2-norm over the weights of all layers, biases aside. */
static double weights_norm(const SpiralNetwork *network, const double *values)
{
    double squares = 0.0;
    for (size_t l = 0; l < network->layers; l++) {
        const double *W = values + spiral_network_weights_offset(network, l);
        squares += spiral_kernel_dot(network->sizes[l] * network->sizes[l + 1], W, W);
    }
    return sqrt(squares);
}

static SpiralTrainRecord make_record(const Run *run, size_t iteration, const SpiralLoss *loss)
{
    double rate = run->options->learning_rate;
    size_t count = run->network->parameter_count;
    double weights = weights_norm(run->network, run->current);
    return (SpiralTrainRecord){
        .iteration = iteration,
        .loss = loss->loss,
        .data_loss = loss->data_loss,
        .reg_loss = loss->reg_loss,
        .accuracy = (double)loss->correct / (double)run->dataset->rows,
        .grad_norm = sqrt(spiral_kernel_dot(count, run->gradient, run->gradient)),
        .update_ratio = weights > 0.0 ? rate * weights_norm(run->network, run->gradient) / weights : 0.0,
        .learning_rate = rate,
    };
}

static void take_step(Run *run)
{
    double *next = run->previous;
    spiral_kernel_descend(run->network->parameter_count, run->current, run->options->learning_rate, run->gradient, next);
    run->previous = run->current;
    run->current = next;
}

static void step_back(Run *run, SpiralTrainResult *result)
{
    double *kept = run->current;
    run->current = run->previous;
    run->previous = kept;
    result->iterations--;
}

static SpiralStatus diverged(Run *run, size_t iteration, double loss, SpiralTrainResult *result, SpiralError *error)
{
    result->reason = SPIRAL_STOP_DIVERGED;
    if (result->iterations > 0)
        step_back(run, result);
    const char *what = isfinite(loss) ? "a parameter is not finite" : isnan(loss) ? "the loss is not a number" : "the loss is infinite";
    return spiral_error_set(error, SPIRAL_ERROR_DIVERGED, NULL, 0,
                            "diverged at iteration %zu: %s; try a lower learning rate than %g", iteration, what,
                            run->options->learning_rate);
}

/* The iterations; on return run->current holds what the network is to keep. */
static SpiralStatus iterate(Run *run, SpiralTrainObserver observer, void *context,
                            const volatile sig_atomic_t *interrupt, SpiralTrainResult *result, SpiralError *error)
{
    const SpiralTrainOptions *options = run->options;
    for (size_t iteration = 0; iteration < options->iterations; iteration++) {
        if (interrupt != NULL && *interrupt != 0) {
            result->reason = SPIRAL_STOP_INTERRUPTED;
            return SPIRAL_OK;
        }
        SpiralLoss loss;
        spiral_objective_evaluate(run->pass, run->network, run->current, run->dataset, &options->objective, &loss,
                                  run->gradient);
        if (!isfinite(loss.loss))
            return diverged(run, iteration, loss.loss, result, error);
        if (observer != NULL && iteration % options->record_every == 0) {
            SpiralTrainRecord record = make_record(run, iteration, &loss);
            SpiralStatus status = observer(&record, context, error);
            if (status != SPIRAL_OK)
                return status;
        }
        take_step(run);
        result->iterations = iteration + 1;
        if (!spiral_kernel_all_finite(run->network->parameter_count, run->current))
            return diverged(run, iteration, loss.loss, result, error);
    }
    return SPIRAL_OK;
}

/* Evaluates what is left; the last update's loss may turn out not to be finite only here. */
static SpiralStatus conclude(Run *run, SpiralStatus status, SpiralTrainResult *result, SpiralError *error)
{
    const SpiralObjective *objective = &run->options->objective;
    spiral_objective_evaluate(run->pass, run->network, run->current, run->dataset, objective, &result->loss, NULL);
    if (!isfinite(result->loss.loss) && status == SPIRAL_OK && result->iterations > 0) {
        status = diverged(run, result->iterations, result->loss.loss, result, error);
        spiral_objective_evaluate(run->pass, run->network, run->current, run->dataset, objective, &result->loss, NULL);
    }
    result->accuracy = (double)result->loss.correct / (double)run->dataset->rows;
    memcpy(run->network->parameters, run->current, run->network->parameter_count * sizeof *run->current);
    return status;
}

SpiralStatus spiral_train(SpiralNetwork *network, const SpiralDataset *dataset, const SpiralTrainOptions *options,
                          SpiralTrainObserver observer, void *context, const volatile sig_atomic_t *interrupt,
                          SpiralTrainResult *result, SpiralError *error)
{
    *result = (SpiralTrainResult){.reason = SPIRAL_STOP_ITERATIONS};
    SpiralStatus status = spiral_train_validate(options, error);
    if (status == SPIRAL_OK)
        status = spiral_objective_check_data(network, dataset, error);
    if (status != SPIRAL_OK)
        return status;
    Run run = {.network = network, .dataset = dataset, .options = options};
    status = start_run(&run, error);
    if (status == SPIRAL_OK) {
        status = iterate(&run, observer, context, interrupt, result, error);
        status = conclude(&run, status, result, error);
    }
    end_run(&run);
    return status;
}
