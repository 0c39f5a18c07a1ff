#include "spiral/trainer.h"

#include <math.h>
#include <string.h>

#include "base/ranks.h"
#include "net/objective.h"
#include "net/trainer_state.h"

void spiral_trainer_show(SpiralTrainer *trainer)
{
    memcpy(trainer->network->parameters, trainer->current, trainer->network->parameter_count * sizeof(double));
}

size_t spiral_trainer_iteration(const SpiralTrainer *trainer)
{
    return trainer->iteration;
}

/* ---- the rows of an update ---------------------------------------------------------------------------------------- */

void spiral_trainer_draw_order(SpiralTrainer *trainer)
{
    trainer->order_after = trainer->order_stream;
    spiral_rng_permutation(&trainer->order_after, trainer->dataset->rows, trainer->order);
}

static void draw_dropout(SpiralTrainer *trainer, size_t rows)
{
    double keep_probability = 1.0 - trainer->options.dropout;
    for (size_t l = 0; l + 1 < trainer->network->layers; l++)
        for (size_t i = 0; i < rows * trainer->network->sizes[l + 1]; i++)
            trainer->dropout_mask[l][i] = spiral_rng_uniform(&trainer->dropout_stream) < keep_probability;
}

static SpiralPassInput next_rows(SpiralTrainer *trainer)
{
    SpiralPassInput input = spiral_objective_input(trainer->dataset);
    if (trainer->order != NULL) {
        size_t batch = trainer->iteration % trainer->epoch, first = batch * trainer->batch_rows;
        if (batch == 0) {
            if (trainer->iteration > 0)
                trainer->order_stream = trainer->order_after;
            spiral_trainer_draw_order(trainer);
        }
        input.order = trainer->order + first;
        input.rows = trainer->dataset->rows - first;
        if (input.rows > trainer->batch_rows)
            input.rows = trainer->batch_rows;
    }
    if (trainer->dropout_mask != NULL) {
        draw_dropout(trainer, input.rows);
        input.dropout_mask = (const uint8_t *const *)trainer->dropout_mask;
        input.keep_probability = 1.0 - trainer->options.dropout;
    }
    return input;
}

/* ---- an update ---------------------------------------------------------------------------------------------------- */

static double gradient_norm(const SpiralTrainer *trainer)
{
    return sqrt(spiral_kernel_dot(trainer->network->parameter_count, trainer->gradient, trainer->gradient));
}

static void clip(SpiralTrainer *trainer)
{
    double norm = gradient_norm(trainer), most = trainer->options.max_grad_norm;
    if (norm > most)
        for (size_t i = 0; i < trainer->network->parameter_count; i++)
            trainer->gradient[i] *= most / norm;
}

static double current_rate(const SpiralTrainer *trainer)
{
    const SpiralTrainOptions *options = &trainer->options;
    return spiral_schedule_rate(&options->schedule, options->learning_rate, trainer->iteration, options->iterations);
}

/* previous becomes what the parameters will be. */
static void compute_update(SpiralTrainer *trainer)
{
    const SpiralNetwork *network = trainer->network;
    const SpiralTrainOptions *options = &trainer->options;
    SpiralUpdate update = {.count = network->parameter_count,
                           .number = trainer->iteration + 1,
                           .rate = current_rate(trainer),
                           .x = trainer->current,
                           .dx = trainer->gradient,
                           .next = trainer->previous,
                           .slot = {trainer->slot[0], trainer->slot[1]}};
    if (options->max_grad_norm > 0.0)
        clip(trainer);
    spiral_optimizer_update(&options->optimizer, &update);
    if (options->optimizer.kind != SPIRAL_OPTIMIZER_ADAMW)
        return;
    for (size_t l = 0; l < network->layers; l++) {
        size_t offset = spiral_network_weights_offset(network, l);
        spiral_kernel_descend(network->sizes[l] * network->sizes[l + 1], update.next + offset,
                              update.rate * options->objective.reg, update.x + offset, update.next + offset);
    }
}

static void swap_parameters(SpiralTrainer *trainer)
{
    double *kept = trainer->current;
    trainer->current = trainer->previous;
    trainer->previous = kept;
}

/* ---- records ------------------------------------------------------------------------------------------------------ */

static double ratio(double update_squares, double squares)
{
    return squares > 0.0 ? sqrt(update_squares / squares) : 0.0;
}

/* The layers' update ratios and dead units; returns the ratio of all weights together. */
static double measure_layers(SpiralTrainer *trainer)
{
    const SpiralNetwork *network = trainer->network;
    bool rectified = network->activation == SPIRAL_ACTIVATION_RELU || network->activation == SPIRAL_ACTIVATION_LEAKY_RELU;
    double all_updates = 0.0, all = 0.0;
    for (size_t l = 0; l < network->layers; l++) {
        const double *W = trainer->current + spiral_network_weights_offset(network, l);
        const double *next = trainer->previous + spiral_network_weights_offset(network, l);
        double updates = 0.0, squares = 0.0;
        for (size_t i = 0; i < network->sizes[l] * network->sizes[l + 1]; i++) {
            updates += (next[i] - W[i]) * (next[i] - W[i]);
            squares += W[i] * W[i];
        }
        all_updates += updates;
        all += squares;
        trainer->layers[l].update_ratio = ratio(updates, squares);
        trainer->layers[l].dead = rectified && l + 1 < network->layers ? spiral_pass_dead(trainer->pass, l + 1) : 0;
    }
    return ratio(all_updates, all);
}

/* Data loss and accuracy on the validation data; NaN without. */
static void validate(const SpiralTrainer *trainer, const double *parameters, double *loss, double *accuracy)
{
    *loss = *accuracy = NAN;
    if (trainer->validation == NULL)
        return;
    SpiralPassInput input = spiral_objective_input(trainer->validation);
    SpiralLoss found;
    spiral_objective_evaluate(trainer->pass, trainer->network, parameters, &input, &trainer->options.objective, false,
                              &found, NULL);
    *loss = found.data_loss;
    *accuracy = (double)found.correct / (double)input.rows;
}

static SpiralTrainRecord make_record(SpiralTrainer *trainer, const SpiralLoss *loss, size_t rows, double norm)
{
    SpiralTrainRecord record = {
        .iteration = trainer->iteration,
        .loss = loss->loss,
        .data_loss = loss->data_loss,
        .reg_loss = loss->reg_loss,
        .accuracy = (double)loss->correct / (double)rows,
        .grad_norm = norm,
        .update_ratio = measure_layers(trainer),
        .learning_rate = current_rate(trainer),
        .layer_count = trainer->network->layers,
        .layers = trainer->layers,
    };
    validate(trainer, trainer->current, &record.validation_loss, &record.validation_accuracy);
    return record;
}

/* The best weights so far; false when the validation loss has not fallen for too long. */
static bool keep_best(SpiralTrainer *trainer, double validation_loss)
{
    if (validation_loss < trainer->best_loss) {
        trainer->best_loss = validation_loss;
        trainer->best_iteration = trainer->iteration;
        trainer->stale = 0;
        memcpy(trainer->best, trainer->current, trainer->network->parameter_count * sizeof(double));
        return true;
    }
    return ++trainer->stale < trainer->options.patience;
}

/* Has the training gone far enough? Sets *reason when it has. */
static bool is_enough(SpiralTrainer *trainer, const SpiralTrainRecord *record, SpiralStopReason *reason)
{
    const SpiralTrainOptions *options = &trainer->options;
    bool improves = options->patience == 0 || keep_best(trainer, record->validation_loss);
    if (options->target_loss > 0.0 && record->loss <= options->target_loss) {
        *reason = SPIRAL_STOP_TARGET;
        return true;
    }
    bool settled = options->tolerance > 0.0 && fabs(record->loss - trainer->last_loss) < options->tolerance;
    trainer->last_loss = record->loss;
    if (settled) {
        *reason = SPIRAL_STOP_TOLERANCE;
        return true;
    }
    if (!improves)
        *reason = SPIRAL_STOP_PATIENCE;
    return !improves;
}

/* ---- the run ------------------------------------------------------------------------------------------------------ */

static SpiralStatus diverged(SpiralTrainer *trainer, size_t iteration, double loss, SpiralTrainResult *result,
                             SpiralError *error)
{
    result->reason = SPIRAL_STOP_DIVERGED;
    if (trainer->iteration > 0) {
        swap_parameters(trainer);
        trainer->iteration--;
    }
    const char *what = isfinite(loss) ? "a parameter is not finite"
                       : isnan(loss)  ? "the loss is not a number"
                                      : "the loss is infinite";
    return spiral_error_set(error, SPIRAL_ERROR_DIVERGED, NULL, 0,
                            "diverged at iteration %zu: %s; try a lower learning rate than %g", iteration, what,
                            trainer->options.learning_rate);
}

/* One iteration. *go_on is false when it was the last. */
static SpiralStatus iterate(SpiralTrainer *trainer, const SpiralTrainHooks *hooks, SpiralTrainResult *result, bool *go_on,
                            SpiralError *error)
{
    const SpiralTrainOptions *options = &trainer->options;
    size_t iteration = trainer->iteration;
    bool recorded = iteration % options->record_every == 0;
    SpiralPassInput input = next_rows(trainer);
    input.track_active = recorded;
    SpiralLoss loss;
    spiral_objective_evaluate(trainer->pass, trainer->network, trainer->current, &input, &options->objective,
                              options->optimizer.kind == SPIRAL_OPTIMIZER_ADAMW, &loss, trainer->gradient);
    *go_on = false;
    if (!isfinite(loss.loss))
        return diverged(trainer, iteration, loss.loss, result, error);
    double norm = recorded ? gradient_norm(trainer) : 0.0;
    compute_update(trainer);
    if (recorded) {
        SpiralTrainRecord record = make_record(trainer, &loss, input.rows, norm);
        SpiralStatus status = hooks->record != NULL ? hooks->record(&record, hooks->context, error) : SPIRAL_OK;
        status = spiral_ranks_agree(status, error);
        if (status != SPIRAL_OK)
            return status;
        bool judged = options->judge_every == 0 || iteration % options->judge_every == 0;
        if (judged && is_enough(trainer, &record, &result->reason))
            return SPIRAL_OK;
    }
    swap_parameters(trainer);
    trainer->iteration++;
    if (!spiral_kernel_all_finite(trainer->network->parameter_count, trainer->current))
        return diverged(trainer, iteration, loss.loss, result, error);
    *go_on = true;
    return SPIRAL_OK;
}

static SpiralStatus run_iterations(SpiralTrainer *trainer, const SpiralTrainHooks *hooks, SpiralTrainResult *result,
                                   SpiralError *error)
{
    size_t first = trainer->iteration, every = trainer->options.checkpoint_every;
    bool go_on = true;
    while (go_on && trainer->iteration < trainer->options.iterations) {
        if (spiral_ranks_any(hooks->interrupt != NULL && *hooks->interrupt != 0)) {
            result->reason = SPIRAL_STOP_INTERRUPTED;
            return SPIRAL_OK;
        }
        if (hooks->pause > 0 && trainer->iteration >= hooks->pause) {
            result->reason = SPIRAL_STOP_PAUSED;
            return SPIRAL_OK;
        }
        SpiralStatus status = SPIRAL_OK;
        if (every > 0 && trainer->iteration > first && trainer->iteration % every == 0) {
            status = hooks->checkpoint != NULL ? hooks->checkpoint(trainer, hooks->context, error) : SPIRAL_OK;
            status = spiral_ranks_agree(status, error);
        }
        if (status == SPIRAL_OK)
            status = iterate(trainer, hooks, result, &go_on, error);
        if (status != SPIRAL_OK)
            return status;
    }
    return SPIRAL_OK;
}

static void evaluate(SpiralTrainer *trainer, const double *parameters, SpiralTrainResult *result)
{
    SpiralPassInput input = spiral_objective_input(trainer->dataset);
    spiral_objective_evaluate(trainer->pass, trainer->network, parameters, &input, &trainer->options.objective, false,
                              &result->loss, NULL);
}

/* Evaluates what is to stay and hands it to the network; the last update's loss may turn out not to be finite only here. */
static SpiralStatus conclude(SpiralTrainer *trainer, SpiralStatus status, SpiralTrainResult *result, SpiralError *error)
{
    bool more = result->reason == SPIRAL_STOP_INTERRUPTED || result->reason == SPIRAL_STOP_PAUSED;
    bool best = status == SPIRAL_OK && isfinite(trainer->best_loss) && !more;
    const double *final = best ? trainer->best : trainer->current;
    evaluate(trainer, final, result);
    if (!isfinite(result->loss.loss) && status == SPIRAL_OK && trainer->iteration > 0) {
        status = diverged(trainer, trainer->iteration, result->loss.loss, result, error);
        final = trainer->current;
        evaluate(trainer, final, result);
    }
    result->iterations = best ? trainer->best_iteration : trainer->iteration;
    result->best_iteration = trainer->best_iteration;
    result->accuracy = (double)result->loss.correct / (double)trainer->dataset->rows;
    validate(trainer, final, &result->validation_loss, &result->validation_accuracy);
    memcpy(trainer->network->parameters, final, trainer->network->parameter_count * sizeof(double));
    return status;
}

SpiralStatus spiral_trainer_run(SpiralTrainer *trainer, const SpiralTrainHooks *hooks, SpiralTrainResult *result,
                                SpiralError *error)
{
    static const SpiralTrainHooks none = {0};
    *result = (SpiralTrainResult){.reason = SPIRAL_STOP_ITERATIONS};
    SpiralStatus status = SPIRAL_OK;
    if (trainer->pass == NULL)
        status = spiral_ranks_agree(spiral_trainer_make_pass(trainer, error), error);
    if (status != SPIRAL_OK)
        return status;
    status = run_iterations(trainer, hooks != NULL ? hooks : &none, result, error);
    status = conclude(trainer, status, result, error);
    if (result->reason == SPIRAL_STOP_PAUSED) { /* there may be thousands of paused trainers, and the workspace is the most of one */
        spiral_pass_free(trainer->pass);
        trainer->pass = NULL;
    }
    return status;
}

SpiralStatus spiral_train(SpiralNetwork *network, const SpiralDataset *dataset, const SpiralTrainOptions *options,
                          const SpiralTrainHooks *hooks, SpiralTrainResult *result, SpiralError *error)
{
    *result = (SpiralTrainResult){.reason = SPIRAL_STOP_ITERATIONS};
    SpiralTrainer *trainer;
    SpiralStatus status = spiral_trainer_create(network, dataset, NULL, options, &trainer, error);
    if (status == SPIRAL_OK)
        status = spiral_trainer_run(trainer, hooks, result, error);
    spiral_trainer_free(trainer);
    return status;
}
