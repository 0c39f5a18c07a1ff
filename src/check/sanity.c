#include "check/sanity.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "net/gradient.h"
#include "spiral/explain.h"
#include "spiral/split.h"

SpiralSanityOptions spiral_sanity_defaults(void)
{
    return (SpiralSanityOptions){.training = spiral_train_defaults(), .samples = 20};
}

const char *spiral_sanity_outcome_name(SpiralSanityOutcome outcome)
{
    switch (outcome) {
    case SPIRAL_SANITY_OK:
        return "ok";
    case SPIRAL_SANITY_WARNING:
        return "warning";
    case SPIRAL_SANITY_FAILED:
        return "failed";
    }
    return "";
}

/* At most so many rows of the data, up to SPIRAL_SANITY_ROWS, taken evenly from the classes. */
static SpiralStatus pick_rows(const SpiralDataset *dataset, size_t most, SpiralDataset **few, SpiralError *error)
{
    size_t row[SPIRAL_SANITY_ROWS];
    size_t rows = dataset->rows < most ? dataset->rows : most;
    SpiralStatus status = spiral_explain_pick(dataset, rows, row, error);
    return status == SPIRAL_OK ? spiral_dataset_take(dataset, rows, row, few, error) : status;
}

/* All distances between fewer rows when there are many features. */
static SpiralStatus check_overlap(const SpiralDataset *dataset, SpiralSanityResult *result, SpiralError *error)
{
    static const double MOST_WORK = 1e9; /* multiplications */
    double rows = sqrt(MOST_WORK / (double)dataset->features);
    SpiralDataset *few = NULL;
    SpiralStatus status =
        pick_rows(dataset, rows < SPIRAL_SANITY_ROWS ? (size_t)rows : SPIRAL_SANITY_ROWS, &few, error);
    if (status == SPIRAL_OK)
        status = spiral_sanity_overlap(few, result, error);
    spiral_dataset_free(few);
    return status;
}

static SpiralStatus check_gradient(const SpiralNetwork *network, const SpiralDataset *dataset,
                                   const SpiralSanityOptions *options, SpiralRng *rng, SpiralSanityResult *result,
                                   SpiralError *error)
{
    double *gradient = spiral_allocate_doubles(network->parameter_count);
    SpiralDataset *few = NULL;
    SpiralLoss loss;
    SpiralStatus status = SPIRAL_OK;
    if (gradient == NULL)
        status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the gradient of %zu parameters",
                                  network->parameter_count);
    if (status == SPIRAL_OK)
        status = pick_rows(dataset, SPIRAL_SANITY_ROWS, &few, error);
    if (status == SPIRAL_OK)
        status = spiral_gradient_compute(network, few, &options->training.objective, options->training.threads, &loss,
                                         gradient, error);
    if (status == SPIRAL_OK)
        status = spiral_sanity_gradient(network, few, options, gradient, rng, result, error);
    free(gradient);
    spiral_dataset_free(few);
    return status;
}

/* The checks that need the network. */
static SpiralStatus check_network(const SpiralNetwork *network, const SpiralDataset *dataset,
                                  const SpiralSanityOptions *options, SpiralRng *rng, SpiralSanityResult *results,
                                  SpiralError *error)
{
    SpiralLoss loss;
    SpiralStatus status = spiral_gradient_compute(network, dataset, &options->training.objective,
                                                  options->training.threads, &loss, NULL, error);
    if (status == SPIRAL_OK) {
        spiral_sanity_loss(dataset, network, &options->training.objective, &loss, &results[SPIRAL_SANITY_LOSS]);
        status = spiral_sanity_regularization(network, dataset, options, &loss, &results[SPIRAL_SANITY_REGULARIZATION],
                                              error);
    }
    if (status == SPIRAL_OK)
        status = check_gradient(network, dataset, options, rng, &results[SPIRAL_SANITY_GRADIENT], error);
    if (status == SPIRAL_OK)
        status = spiral_sanity_learning(network, dataset, &results[SPIRAL_SANITY_LEARNING], error);
    return status;
}

static SpiralStatus check_layers(const SpiralNetwork *network, const SpiralDataset *dataset,
                                 const SpiralSanityOptions *options, SpiralSanity *sanity, SpiralError *error)
{
    SpiralDataset *few = NULL;
    SpiralStatus status = pick_rows(dataset, SPIRAL_SANITY_ROWS, &few, error);
    if (status == SPIRAL_OK)
        status = spiral_sanity_layers(network, few, options, sanity, error);
    spiral_dataset_free(few);
    return status;
}

SpiralStatus spiral_sanity_check(const SpiralNetwork *network, const SpiralDataset *dataset,
                                 const SpiralSanityOptions *options, SpiralRng *rng, SpiralSanity *sanity,
                                 SpiralError *error)
{
#define SANITY_NAME(code, text) [code] = {.name = (text), .advice = ""},
    static const SpiralSanity empty = {.results = {SPIRAL_SANITY_LIST(SANITY_NAME)}};
#undef SANITY_NAME
    SpiralSanity *made = spiral_allocate(1, sizeof *made);
    if (made == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the checks");
    *made = empty;
    SpiralSanityResult *results = made->results;
    SpiralStatus status = spiral_train_validate(&options->training, error);
    if (status == SPIRAL_OK)
        status = spiral_objective_check_data(network, dataset, error);
    if (status == SPIRAL_OK)
        status = spiral_sanity_balance(dataset, &results[SPIRAL_SANITY_BALANCE], error);
    if (status == SPIRAL_OK) {
        spiral_sanity_features(network, dataset, &results[SPIRAL_SANITY_CONSTANTS], &results[SPIRAL_SANITY_SCALES],
                               &results[SPIRAL_SANITY_MEANS]);
        status = spiral_sanity_rows(dataset, &results[SPIRAL_SANITY_DUPLICATES], &results[SPIRAL_SANITY_CONTRADICTIONS],
                                    error);
    }
    if (status == SPIRAL_OK)
        status = check_overlap(dataset, &results[SPIRAL_SANITY_OVERLAP], error);
    if (status == SPIRAL_OK)
        status = check_network(network, dataset, options, rng, results, error);
    if (status == SPIRAL_OK)
        status = check_layers(network, dataset, options, made, error);
    for (size_t i = 0; i < SPIRAL_SANITY_COUNT; i++) {
        made->warnings += results[i].outcome == SPIRAL_SANITY_WARNING;
        made->failures += results[i].outcome == SPIRAL_SANITY_FAILED;
    }
    if (status == SPIRAL_OK)
        *sanity = *made;
    free(made);
    return status;
}
