/* trainer_make.c: what a trainer is made of, and freed from. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/ranks.h"
#include "net/objective.h"
#include "net/trainer_state.h"

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
    if (trainer->options.patience > 0) {
        trainer->best = spiral_allocate_doubles(count);
        if (trainer->best == NULL)
            return false;
        memset(trainer->best, 0, count * sizeof(double)); /* what a checkpoint before the first record keeps */
    }
    if (trainer->epoch > 1) {
        trainer->order = spiral_allocate(trainer->dataset->rows, sizeof *trainer->order);
        if (trainer->order == NULL)
            return false;
    }
    return trainer->layers != NULL;
}

static bool allocate_dropout(SpiralTrainer *trainer)
{
    if (trainer->options.dropout == 0.0)
        return true;
    size_t hidden = trainer->network->layers - 1, count;
    trainer->dropout_mask = spiral_allocate(hidden, sizeof *trainer->dropout_mask);
    for (size_t l = 0; trainer->dropout_mask != NULL && l < hidden; l++) {
        if (!spiral_multiply(trainer->batch_rows, trainer->network->sizes[l + 1], &count))
            return false;
        trainer->dropout_mask[l] = spiral_allocate(count, 1);
        if (trainer->dropout_mask[l] == NULL)
            return false;
    }
    return trainer->dropout_mask != NULL;
}

SpiralStatus spiral_trainer_make_pass(SpiralTrainer *trainer, SpiralError *error)
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
    if (!allocate_arrays(trainer) || !allocate_dropout(trainer))
        return no_memory(trainer->network->parameter_count, error);
    memcpy(trainer->current, trainer->network->parameters, trainer->network->parameter_count * sizeof(double));
    return spiral_trainer_make_pass(trainer, error);
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
    for (size_t l = 0; trainer->dropout_mask != NULL && l + 1 < trainer->network->layers; l++)
        free(trainer->dropout_mask[l]);
    free(trainer->dropout_mask);
    free(trainer->order);
    free(trainer->layers);
    free(trainer->best);
    free(trainer->slot[0]);
    free(trainer->slot[1]);
    free(trainer->gradient);
    free(trainer->current);
    free(trainer->previous);
    spiral_pass_free(trainer->pass);
    free(trainer);
}
