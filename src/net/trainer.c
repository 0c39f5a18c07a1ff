#include "spiral/trainer.h"

#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "base/ranks.h"
#include "net/divergence.h"
#include "net/norm.h"
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

/* ---- the rows of an update --------------------------------------------------------------------------------------- */

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

/* ---- an update --------------------------------------------------------------------------------------------------- */

static SpiralNorm gradient_norm(const SpiralTrainer *trainer)
{
    return spiral_norm(trainer->network->parameter_count, trainer->gradient);
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
        spiral_norm_clip(network->parameter_count, trainer->gradient, gradient_norm(trainer), options->max_grad_norm);
    spiral_optimizer_update(&options->optimizer, &update);
    if (options->optimizer.kind != SPIRAL_OPTIMIZER_ADAMW)
        return;
    for (size_t l = 0; l < network->layers; l++) {
        size_t offset = spiral_network_weights_offset(network, l);
        spiral_kernels()->descend(network->sizes[l] * network->sizes[l + 1], update.next + offset,
                                  update.rate * options->objective.reg, update.x + offset, update.next + offset);
    }
}

static void swap_parameters(SpiralTrainer *trainer)
{
    double *kept = trainer->current;
    trainer->current = trainer->previous;
    trainer->previous = kept;
}

/* ---- records ----------------------------------------------------------------------------------------------------- */

/* The layers' update ratios and dead units; returns the ratio of all weights together. */
static double measure_layers(SpiralTrainer *trainer)
{
    const SpiralNetwork *network = trainer->network;
    bool rectified =
        network->activation == SPIRAL_ACTIVATION_RELU || network->activation == SPIRAL_ACTIVATION_LEAKY_RELU;
    SpiralNorm all_updates = {0}, all = {0};
    for (size_t l = 0; l < network->layers; l++) {
        const double *W = trainer->current + spiral_network_weights_offset(network, l);
        const double *next = trainer->previous + spiral_network_weights_offset(network, l);
        SpiralNorm update, weights;
        spiral_norm_step(network->sizes[l] * network->sizes[l + 1], W, next, &update, &weights);
        all_updates = spiral_norm_add(all_updates, update);
        all = spiral_norm_add(all, weights);
        trainer->layers[l].update_ratio = spiral_norm_ratio(update, weights);
        trainer->layers[l].dead = rectified && l + 1 < network->layers ? spiral_pass_dead(trainer->pass, l + 1) : 0;
    }
    return spiral_norm_ratio(all_updates, all);
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

static bool validates(const SpiralTrainer *trainer, double validation_loss)
{
    return trainer->validation == NULL || isfinite(validation_loss);
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

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* Back to the parameters before the last update. */
static void take_back(SpiralTrainer *trainer)
{
    if (trainer->iteration == 0)
        return;
    swap_parameters(trainer);
    trainer->iteration--;
}

static SpiralStatus diverged(SpiralTrainer *trainer, size_t iteration, const char *what, SpiralTrainResult *result,
                             SpiralError *error)
{
    char advice[SPIRAL_ADVICE];
    result->reason = SPIRAL_STOP_DIVERGED;
    result->cause = spiral_divergence_judge(trainer, trainer->iteration, advice);
    return spiral_error_set(error, SPIRAL_ERROR_DIVERGED, NULL, 0, "diverged at iteration %zu: %s; %s", iteration, what,
                            advice);
}

/* The same where it is the validation loss of the current parameters. */
static SpiralStatus validation_diverged(SpiralTrainer *trainer, double loss, SpiralTrainResult *result,
                                        SpiralError *error)
{
    char advice[SPIRAL_ADVICE];
    result->reason = SPIRAL_STOP_DIVERGED;
    result->cause = spiral_divergence_judge_validation(trainer, trainer->iteration, advice);
    return spiral_error_set(error, SPIRAL_ERROR_DIVERGED, NULL, 0,
                            "diverged at iteration %zu: the validation loss is %s; %s", trainer->iteration,
                            isnan(loss) ? "not a number" : "infinite", advice);
}

static const char *describe_loss(double loss)
{
    return isnan(loss) ? "the loss is not a number" : "the loss is infinite";
}

/* What has overflowed with the last update, or NULL. The squares of a gradient do before the parameters, and then hide
 * the gradient: the update becomes 0. */
static const char *find_overflow(const SpiralTrainer *trainer)
{
    size_t count = trainer->network->parameter_count;
    if (!spiral_kernels()->all_finite(count, trainer->current))
        return "a parameter is not finite";
    for (size_t s = 0; s < spiral_optimizer_slots(trainer->options.optimizer.kind); s++)
        if (!spiral_kernels()->all_finite(count, trainer->slot[s]))
            return "what the optimizer keeps of the gradients is not finite";
    return NULL;
}

/* One iteration. *go_on is false when it was the last. */
static SpiralStatus iterate(SpiralTrainer *trainer, const SpiralTrainHooks *hooks, SpiralTrainResult *result,
                            bool *go_on, SpiralError *error)
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
    if (!isfinite(loss.loss)) {
        SpiralStatus status = diverged(trainer, iteration, describe_loss(loss.loss), result, error);
        take_back(trainer);
        return status;
    }
    double norm = recorded ? spiral_norm_value(gradient_norm(trainer)) : 0.0;
    compute_update(trainer);
    if (recorded) {
        SpiralTrainRecord record = make_record(trainer, &loss, input.rows, norm);
        if (!validates(trainer, record.validation_loss))
            return validation_diverged(trainer, record.validation_loss, result, error);
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
    const char *overflow = find_overflow(trainer);
    if (overflow != NULL) {
        SpiralStatus status = diverged(trainer, iteration, overflow, result, error);
        take_back(trainer);
        return status;
    }
    *go_on = true;
    return SPIRAL_OK;
}

static SpiralStatus run_iterations(SpiralTrainer *trainer, const SpiralTrainHooks *hooks, SpiralTrainResult *result,
                                   SpiralError *error)
{
    size_t first = trainer->iteration, every = trainer->options.checkpoint_every;
    bool go_on = true;
    while (go_on && trainer->iteration < trainer->options.iterations) {
        if (spiral_ranks_any(spiral_flag_is_set(hooks->interrupt))) {
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

/* Loss and accuracy on all the training data, and on the validation data. */
static void evaluate(SpiralTrainer *trainer, const double *parameters, SpiralTrainResult *result)
{
    SpiralPassInput input = spiral_objective_input(trainer->dataset);
    spiral_objective_evaluate(trainer->pass, trainer->network, parameters, &input, &trainer->options.objective, false,
                              &result->loss, NULL);
    result->accuracy = (double)result->loss.correct / (double)trainer->dataset->rows;
    validate(trainer, parameters, &result->validation_loss, &result->validation_accuracy);
}

/* Evaluates what is to stay and hands it to the network; the last update's loss may turn out not to be finite only
 * here. */
static SpiralStatus conclude(SpiralTrainer *trainer, SpiralStatus status, SpiralTrainResult *result, SpiralError *error)
{
    bool more = result->reason == SPIRAL_STOP_INTERRUPTED || result->reason == SPIRAL_STOP_PAUSED;
    bool best = status == SPIRAL_OK && isfinite(trainer->best_loss) && !more;
    const double *final = best ? trainer->best : trainer->current;
    evaluate(trainer, final, result);
    bool finite = isfinite(result->loss.loss), valid = validates(trainer, result->validation_loss);
    if (!(finite && valid) && status == SPIRAL_OK && trainer->iteration > 0) {
        status = !finite ? diverged(trainer, trainer->iteration, describe_loss(result->loss.loss), result, error)
                         : validation_diverged(trainer, result->validation_loss, result, error);
        if (!finite)
            take_back(trainer);
        best = false;
        final = trainer->current;
        evaluate(trainer, final, result);
    }
    result->iterations = best ? trainer->best_iteration : trainer->iteration;
    result->best_iteration = trainer->best_iteration;
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
    /* there may be thousands of paused trainers, and the workspace is the most of one */
    if (result->reason == SPIRAL_STOP_PAUSED) {
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
