#include "net/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "base/ranks.h"
#include "net/divergence.h"
#include "net/dropout.h"
#include "net/gradient.h"
#include "net/norm.h"
#include "net/stop_rules.h"

/* ---- a trainer --------------------------------------------------------------------------------------------------- */

static SpiralStatus no_memory(size_t count, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to train %zu parameters", count);
}

static bool allocate_arrays(SpiralTrainer *trainer)
{
    size_t count = trainer->network->parameter_count, slots = spiral_optimizer_slots(trainer->options.optimizer.kind);
    double **arrays[] = {&trainer->gradient, &trainer->current, &trainer->previous, &trainer->slot[0],
                         &trainer->slot[1]};
    for (size_t i = 0; i < 3 + slots; i++) {
        *arrays[i] = spiral_allocate_doubles(count);
        if (*arrays[i] == NULL)
            return false;
        memset(*arrays[i], 0, count * sizeof(double));
    }
    trainer->layers = spiral_allocate(trainer->network->layers, sizeof *trainer->layers);
    trainer->weights = spiral_allocate(trainer->network->layers, sizeof *trainer->weights);
    if (trainer->options.patience > 0) {
        trainer->best = spiral_allocate_doubles(count);
        if (trainer->best == NULL)
            return false;
        memset(trainer->best, 0, count * sizeof(double)); /* a checkpoint before the first record saves it */
    }
    if (trainer->epoch > 1) {
        trainer->order = spiral_allocate(trainer->dataset->rows, sizeof *trainer->order);
        if (trainer->order == NULL)
            return false;
    }
    return trainer->layers != NULL && trainer->weights != NULL;
}

/* Creates the workspace. A paused trainer has none. */
static SpiralStatus make_pass(SpiralTrainer *trainer, SpiralError *error)
{
    const SpiralTrainOptions *options = &trainer->options;
    size_t most = trainer->dataset->rows;
    if (trainer->validation != NULL && trainer->validation->rows > most)
        most = trainer->validation->rows;
    SpiralPassKind kind = options->dropout > 0.0 ? SPIRAL_PASS_DROPOUT : SPIRAL_PASS_GRADIENT;
    size_t threads =
        options->threads > 0 ? options->threads : spiral_pass_threads(trainer->network, trainer->batch_rows, kind);
    return spiral_pass_create(trainer->network, most, threads, kind, &trainer->pass, error);
}

static double largest_weight(const SpiralNetwork *network)
{
    double largest = 0.0;
    for (size_t i = 0; i < network->parameter_count; i++)
        largest = fmax(largest, fabs(network->parameters[i]));
    return largest;
}

static SpiralStatus fill_in(SpiralTrainer *trainer, SpiralError *error)
{
    const SpiralTrainOptions *options = &trainer->options;
    size_t rows = trainer->dataset->rows;
    trainer->epoch = spiral_train_epoch(options, rows);
    trainer->batch_rows = trainer->epoch > 1 ? options->batch_size : rows;
    spiral_rng_seed(&trainer->order_stream, options->seed + 1);
    spiral_rng_seed(&trainer->dropout_stream, options->seed + 2);
    trainer->best_loss = trainer->last_loss = INFINITY;
    trainer->first_weights = largest_weight(trainer->network);
    if (!allocate_arrays(trainer))
        return no_memory(trainer->network->parameter_count, error);
    if (options->dropout > 0.0) {
        SpiralStatus status = spiral_dropout_create(trainer->network, trainer->batch_rows, options->dropout, NULL,
                                                    &trainer->dropout, error);
        if (status != SPIRAL_OK)
            return status;
    }
    memcpy(trainer->current, trainer->network->parameters, trainer->network->parameter_count * sizeof(double));
    return make_pass(trainer, error);
}

SpiralStatus spiral_trainer_create(SpiralNetwork *network, const SpiralDataset *dataset,
                                   const SpiralDataset *validation, const SpiralTrainOptions *options,
                                   SpiralTrainer **trainer, SpiralError *error)
{
    *trainer = NULL;
    SpiralStatus status = spiral_train_validate(options, error);
    if (status == SPIRAL_OK)
        status = spiral_objective_check_data(network, dataset, error);
    if (status == SPIRAL_OK && validation != NULL)
        status = spiral_objective_check_data(network, validation, error);
    if (status == SPIRAL_OK && options->patience > 0 && validation == NULL)
        status =
            spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "patience needs validation data, and there is none");
    if (status != SPIRAL_OK)
        return status;
    SpiralTrainer *made = spiral_allocate(1, sizeof *made);
    if (made == NULL)
        return no_memory(network->parameter_count, error);
    made->network = network;
    made->dataset = dataset;
    made->validation = validation;
    made->options = *options;
    status = spiral_ranks_agree(fill_in(made, error), error);
    if (status != SPIRAL_OK) {
        spiral_trainer_free(made);
        return status;
    }
    *trainer = made;
    return SPIRAL_OK;
}

void spiral_trainer_free(SpiralTrainer *trainer)
{
    if (trainer == NULL)
        return;
    spiral_dropout_free(trainer->dropout);
    free(trainer->order);
    free(trainer->layers);
    free(trainer->weights);
    free(trainer->best);
    free(trainer->slot[0]);
    free(trainer->slot[1]);
    free(trainer->gradient);
    free(trainer->current);
    free(trainer->previous);
    spiral_pass_free(trainer->pass);
    free(trainer);
}

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
    if (trainer->dropout != NULL) {
        spiral_dropout_draw(trainer->dropout, input.rows, &trainer->dropout_stream);
        input.dropout_mask = (const uint8_t *const *)trainer->dropout->mask;
        input.keep_probability = trainer->dropout->keep_probability;
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

/* Writes the parameters after the update to previous. */
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

/* Measures each layer's update ratio and dead units. Returns the update ratio of all weights together. */
static double measure_layers(SpiralTrainer *trainer)
{
    const SpiralNetwork *network = trainer->network;
    bool rectified =
        network->activation == SPIRAL_ACTIVATION_RELU || network->activation == SPIRAL_ACTIVATION_LEAKY_RELU;
    SpiralNorm all_updates = {0}, all = {0};
    for (size_t l = 0; l < network->layers; l++) {
        const double *W = trainer->current + spiral_network_weights_offset(network, l);
        const double *next = trainer->previous + spiral_network_weights_offset(network, l);
        SpiralNorm update = spiral_norm_step(network->sizes[l] * network->sizes[l + 1], W, next);
        all_updates = spiral_norm_add(all_updates, update);
        all = spiral_norm_add(all, trainer->weights[l]);
        trainer->layers[l].update_ratio = spiral_norm_ratio(update, trainer->weights[l]);
        trainer->layers[l].dead = rectified && l + 1 < network->layers ? spiral_pass_dead(trainer->pass, l + 1) : 0;
    }
    return spiral_norm_ratio(all_updates, all);
}

/* Data loss and accuracy on the validation data; NaN if there is none. */
static void validate(const SpiralTrainer *trainer, const double *parameters, double *loss, double *accuracy)
{
    *loss = *accuracy = NAN;
    if (trainer->validation == NULL)
        return;
    SpiralPassInput input = spiral_objective_input(trainer->validation);
    SpiralLoss found;
    spiral_objective_evaluate(trainer->pass, trainer->network, parameters, &input, &trainer->options.objective, false,
                              &found, NULL, NULL);
    *loss = found.data_loss;
    *accuracy = (double)found.correct / (double)input.rows;
}

/* Loss, correct predictions and gradient norm are those of the rows of the update, which has been computed. */
static SpiralTrainRecord make_record(SpiralTrainer *trainer, const SpiralLoss *loss, size_t rows, double norm,
                                     const SpiralMeasured *measured)
{
    return (SpiralTrainRecord){
        .iteration = trainer->iteration,
        .loss = loss->loss,
        .data_loss = loss->data_loss,
        .reg_loss = loss->reg_loss,
        .accuracy = (double)loss->correct / (double)rows,
        .grad_norm = norm,
        .update_ratio = measure_layers(trainer),
        .learning_rate = current_rate(trainer),
        .validation_loss = measured->validation_loss,
        .validation_accuracy = measured->validation_accuracy,
        .layer_count = trainer->network->layers,
        .layers = trainer->layers,
    };
}

static bool validates(const SpiralTrainer *trainer, double validation_loss)
{
    return trainer->validation == NULL || isfinite(validation_loss);
}

/* The loss over all the training data, without dropout. */
static SpiralLoss whole_loss(const SpiralTrainer *trainer, const double *parameters)
{
    SpiralPassInput input = spiral_objective_input(trainer->dataset);
    SpiralLoss loss;
    spiral_objective_evaluate(trainer->pass, trainer->network, parameters, &input, &trainer->options.objective, false,
                              &loss, NULL, NULL);
    return loss;
}

/* Loss and accuracy on all the training data, and on the validation data. */
static void evaluate(const SpiralTrainer *trainer, const double *parameters, SpiralTrainResult *result)
{
    result->loss = whole_loss(trainer, parameters);
    result->accuracy = (double)result->loss.correct / (double)trainer->dataset->rows;
    validate(trainer, parameters, &result->validation_loss, &result->validation_accuracy);
}

/* The loss that the stop rules look at: over all the training data, without dropout. It takes a pass of its own, unless
 * it is the loss of the update or no rule looks at it. */
static double judged_loss(const SpiralTrainer *trainer, const SpiralLoss *update)
{
    bool partial = trainer->order != NULL || trainer->dropout != NULL;
    bool needed = trainer->options.target_loss > 0.0 || trainer->options.tolerance > 0.0;
    return partial && needed ? whole_loss(trainer, trainer->current).loss : update->loss;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* Returns to the parameters before the last update. */
static void undo_update(SpiralTrainer *trainer)
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

/* The same for the validation loss of the current parameters. */
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

/* The same for the training loss of the current parameters; goes back to those before them. */
static SpiralStatus loss_diverged(SpiralTrainer *trainer, double loss, SpiralTrainResult *result, SpiralError *error)
{
    SpiralStatus status = diverged(trainer, trainer->iteration,
                                   isnan(loss) ? "the loss is not a number" : "the loss is infinite", result, error);
    undo_update(trainer);
    return status;
}

/* Describes what overflowed in the last update, or returns NULL. Squared gradients overflow before the parameters do,
 * and then hide the gradient: the update becomes 0. */
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

static SpiralStatus save_checkpoint(SpiralTrainer *trainer, const SpiralTrainHooks *hooks, SpiralError *error)
{
    SpiralStatus status = hooks->checkpoint != NULL ? hooks->checkpoint(trainer, hooks->context, error) : SPIRAL_OK;
    return spiral_ranks_agree(status, error);
}

/* Measures the validation loss and, when it is time, applies the stop rules. The checkpoint of a training that they end
 * is the state before this iteration, whose record a training that resumes makes and judges again. So it is saved
 * before the optimizer's state changes, and with the streams as the iteration found them. */
static SpiralStatus measure(SpiralTrainer *trainer, const SpiralTrainHooks *hooks, const SpiralLoss *loss, bool judged,
                            SpiralMeasured *measured, SpiralTrainResult *result, SpiralError *error)
{
    validate(trainer, trainer->current, &measured->validation_loss, &measured->validation_accuracy);
    if (!validates(trainer, measured->validation_loss))
        return validation_diverged(trainer, measured->validation_loss, result, error);
    if (!judged)
        return SPIRAL_OK;
    measured->loss = judged_loss(trainer, loss);
    if (!isfinite(measured->loss))
        return loss_diverged(trainer, measured->loss, result, error);
    result->reason = spiral_stop_rule(trainer, measured);
    SpiralStatus status = SPIRAL_OK;
    if (result->reason != SPIRAL_STOP_ITERATIONS && trainer->options.checkpoint_every > 0) {
        trainer->order_stream = trainer->order_before;
        trainer->dropout_stream = trainer->dropout_before;
        status = save_checkpoint(trainer, hooks, error);
    }
    spiral_stop_remember(trainer, measured);
    return status;
}

/* Runs one iteration. Sets *go_on to false if training must stop. */
static SpiralStatus iterate(SpiralTrainer *trainer, const SpiralTrainHooks *hooks, SpiralTrainResult *result,
                            bool *go_on, SpiralError *error)
{
    const SpiralTrainOptions *options = &trainer->options;
    size_t iteration = trainer->iteration;
    bool recorded = iteration % options->record_every == 0;
    bool judged = recorded && (options->judge_every == 0 || iteration % options->judge_every == 0);
    if (judged && options->checkpoint_every > 0) {
        trainer->order_before = trainer->order_stream;
        trainer->dropout_before = trainer->dropout_stream;
    }
    SpiralPassInput input = next_rows(trainer);
    input.track_active = recorded;
    SpiralLoss loss;
    spiral_objective_evaluate(trainer->pass, trainer->network, trainer->current, &input, &options->objective,
                              options->optimizer.kind == SPIRAL_OPTIMIZER_ADAMW, &loss, trainer->gradient,
                              recorded ? trainer->weights : NULL);
    *go_on = false;
    if (!isfinite(loss.loss))
        return loss_diverged(trainer, loss.loss, result, error);
    double norm = recorded ? spiral_norm_value(gradient_norm(trainer)) : 0.0;
    SpiralMeasured measured = {0};
    SpiralStatus status = recorded ? measure(trainer, hooks, &loss, judged, &measured, result, error) : SPIRAL_OK;
    if (status != SPIRAL_OK)
        return status;
    compute_update(trainer);
    if (recorded) {
        SpiralTrainRecord record = make_record(trainer, &loss, input.rows, norm, &measured);
        status = hooks->record != NULL ? hooks->record(&record, hooks->context, error) : SPIRAL_OK;
        status = spiral_ranks_agree(status, error);
    }
    if (status != SPIRAL_OK || result->reason != SPIRAL_STOP_ITERATIONS)
        return status;
    swap_parameters(trainer);
    trainer->iteration++;
    const char *overflow = find_overflow(trainer);
    if (overflow != NULL) {
        status = diverged(trainer, iteration, overflow, result, error);
        undo_update(trainer);
        return status;
    }
    *go_on = true;
    return SPIRAL_OK;
}

/* Is the training to stop before the next iteration? ITERATIONS if not. begun: this call has made one. */
static SpiralStopReason requested(const SpiralTrainHooks *hooks, bool begun)
{
    enum { NOTHING, TIME, INTERRUPT };
    bool late = begun && spiral_flag_is_set(hooks->time_out);
    int own = spiral_flag_is_set(hooks->interrupt) ? INTERRUPT : late ? TIME : NOTHING;
    int request = spiral_ranks_largest(own);
    return request == INTERRUPT ? SPIRAL_STOP_INTERRUPTED : request == TIME ? SPIRAL_STOP_TIME : SPIRAL_STOP_ITERATIONS;
}

static SpiralStatus run_iterations(SpiralTrainer *trainer, const SpiralTrainHooks *hooks, SpiralTrainResult *result,
                                   SpiralError *error)
{
    size_t first = trainer->iteration, every = trainer->options.checkpoint_every;
    bool go_on = true;
    while (go_on && trainer->iteration < trainer->options.iterations) {
        result->reason = requested(hooks, trainer->iteration > first);
        if (result->reason != SPIRAL_STOP_ITERATIONS)
            return SPIRAL_OK;
        if (hooks->pause > 0 && trainer->iteration >= hooks->pause) {
            result->reason = SPIRAL_STOP_PAUSED;
            return SPIRAL_OK;
        }
        SpiralStatus status = SPIRAL_OK;
        if (every > 0 && trainer->iteration > first && trainer->iteration % every == 0)
            status = save_checkpoint(trainer, hooks, error);
        if (status == SPIRAL_OK)
            status = iterate(trainer, hooks, result, &go_on, error);
        if (status != SPIRAL_OK)
            return status;
    }
    return SPIRAL_OK;
}

/* After the last update: applies the stop rules to it, and saves the checkpoint of the end, which holds the state
 * before that: a training that resumes goes on with more iterations, and judges its own records alone. Returns whether
 * the current parameters are the best. */
static bool end_iterations(SpiralTrainer *trainer, const SpiralTrainHooks *hooks, SpiralStatus *status,
                           SpiralTrainResult *result, SpiralError *error)
{
    const SpiralMeasured measured = {result->loss.loss, result->validation_loss, result->validation_accuracy};
    if (result->reason == SPIRAL_STOP_ITERATIONS)
        result->reason = spiral_stop_rule(trainer, &measured);
    if (trainer->options.checkpoint_every > 0)
        *status = save_checkpoint(trainer, hooks, error);
    return spiral_stop_is_best(trainer, &measured);
}

/* Evaluates the final parameters and copies them to the network. This may be the first place where the loss after the
 * last update turns out not to be finite. */
static SpiralStatus finish(SpiralTrainer *trainer, const SpiralTrainHooks *hooks, SpiralStatus status,
                           SpiralTrainResult *result, SpiralError *error)
{
    bool last = status == SPIRAL_OK && (result->reason == SPIRAL_STOP_ITERATIONS || result->reason == SPIRAL_STOP_TIME);
    bool more = result->reason == SPIRAL_STOP_INTERRUPTED || result->reason == SPIRAL_STOP_PAUSED;
    evaluate(trainer, trainer->current, result);
    bool finite = isfinite(result->loss.loss), valid = validates(trainer, result->validation_loss);
    if (!(finite && valid) && status == SPIRAL_OK && trainer->iteration > 0) {
        status = !finite ? loss_diverged(trainer, result->loss.loss, result, error)
                         : validation_diverged(trainer, result->validation_loss, result, error);
        evaluate(trainer, trainer->current, result);
    }
    bool best = last && status == SPIRAL_OK && end_iterations(trainer, hooks, &status, result, error);
    bool earlier = !best && !more && status == SPIRAL_OK && isfinite(trainer->best_loss);
    if (earlier)
        evaluate(trainer, trainer->best, result);
    result->best_iteration = best ? trainer->iteration : trainer->best_iteration;
    result->iterations = earlier ? trainer->best_iteration : trainer->iteration;
    memcpy(trainer->network->parameters, earlier ? trainer->best : trainer->current,
           trainer->network->parameter_count * sizeof(double));
    return status;
}

SpiralStatus spiral_trainer_run(SpiralTrainer *trainer, const SpiralTrainHooks *hooks, SpiralTrainResult *result,
                                SpiralError *error)
{
    static const SpiralTrainHooks none = {0};
    *result = (SpiralTrainResult){.reason = SPIRAL_STOP_ITERATIONS};
    SpiralStatus status = SPIRAL_OK;
    if (trainer->pass == NULL)
        status = spiral_ranks_agree(make_pass(trainer, error), error);
    if (status != SPIRAL_OK)
        return status;
    if (hooks == NULL)
        hooks = &none;
    status = run_iterations(trainer, hooks, result, error);
    status = finish(trainer, hooks, status, result, error);
    /* there may be thousands of paused trainers, and the workspace takes most of a trainer's memory */
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
