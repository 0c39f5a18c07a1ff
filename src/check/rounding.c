#include "check/rounding.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/linalg.h"
#include "base/memory.h"

static const double UNIT = 0.5 * DBL_EPSILON;
/* An activation is rounded by this many units in the last place, at most. */
static const double ACTIVATION_UNITS = 4.0;

/* The variances of what rounding adds to the inputs of a layer and to its sums, and factors of their products. */
typedef struct Workspace {
    double *inputs, *sums; /* (N, widest layer) */
    double *absolute;      /* (N, widest layer) |A|, then */
    double *weights;       /* (largest layer) |W|, or W * W */
} Workspace;

/* ---- rows that are the same -------------------------------------------------------------------------------------- */

typedef struct HashedRow {
    uint64_t hash;
    size_t row;
} HashedRow;

static int compare_hashes(const void *a, const void *b)
{
    uint64_t first = ((const HashedRow *)a)->hash, second = ((const HashedRow *)b)->hash;
    return first < second ? -1 : first > second;
}

static void count_copies(const SpiralDataset *dataset, HashedRow *hashed, double *copies)
{
    static const SpiralHashKey key = {{0, 0}}; /* a collision would only make an estimate larger */
    for (size_t i = 0; i < dataset->rows; i++)
        hashed[i] = (HashedRow){
            .hash = spiral_hash(&key, dataset->X + i * dataset->features, dataset->features * sizeof(double)),
            .row = i};
    qsort(hashed, dataset->rows, sizeof *hashed, compare_hashes);
    for (size_t first = 0, end; first < dataset->rows; first = end) {
        for (end = first + 1; end < dataset->rows && hashed[end].hash == hashed[first].hash;)
            end++;
        for (size_t i = first; i < end; i++)
            copies[hashed[i].row] = (double)(end - first);
    }
}

/* ---- the layers -------------------------------------------------------------------------------------------------- */

/* sums = inputs (W * W) + (u S)^2, with S = |A| |W| + |b|. The inputs carry no error in the first layer that counts. */
static void pass_sums(const SpiralNetwork *network, size_t l, const SpiralTraceLayer *layer, size_t rows, bool first,
                      Workspace *work)
{
    size_t inputs = layer->inputs, outputs = layer->outputs;
    const double *W = spiral_network_weights(network, l), *b = spiral_network_biases(network, l);
    for (size_t i = 0; i < rows * inputs; i++)
        work->absolute[i] = fabs(layer->A[i]);
    for (size_t i = 0; i < inputs * outputs; i++)
        work->weights[i] = fabs(W[i]);
    spiral_linalg_multiply(false, false, rows, outputs, inputs, work->absolute, inputs, work->weights, outputs, 0.0,
                           work->sums, outputs);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < outputs; j++) {
            double *sum = &work->sums[i * outputs + j], size = UNIT * (*sum + fabs(b[j]));
            *sum = size * size;
        }
    if (first)
        return;
    for (size_t i = 0; i < inputs * outputs; i++)
        work->weights[i] = W[i] * W[i];
    spiral_linalg_multiply(false, false, rows, outputs, inputs, work->inputs, inputs, work->weights, outputs, 1.0,
                           work->sums, outputs);
}

/* inputs of layer l + 1 from the sums of layer l */
static void pass_activations(const SpiralNetwork *network, size_t l, const SpiralTrace *trace, Workspace *work)
{
    const SpiralTraceLayer *layer = &trace->layer[l];
    for (size_t i = 0; i < trace->rows * layer->outputs; i++) {
        double slope = spiral_trace_slope(trace, network->activation, l, i);
        double rounded = ACTIVATION_UNITS * UNIT * trace->layer[l + 1].A[i];
        work->inputs[i] = slope * slope * work->sums[i] + rounded * rounded;
    }
}

/* With p = softmax(f(low)) and delta = f(high) - f(low), L(high) - L(low) = sum_{k != y} p_k (delta_k - delta_y), up
 * to the squares of the deltas. Each delta has the errors of two scores. */
static double loss_deviation(size_t classes, size_t y, const double *probs, const double *variances)
{
    double sum = 0.0;
    for (size_t k = 0; k < classes; k++)
        if (k != y)
            sum += probs[k] * sqrt(2.0 * (variances[k] + variances[y]));
    return sum;
}

/* The deviations for a parameter of this layer: whatever is below it does not change. */
static void estimate_layer(const SpiralNetwork *network, size_t layer, const SpiralDataset *dataset,
                           const SpiralTrace *trace, const double *probs, Workspace *work, double *loss)
{
    size_t K = network->sizes[network->layers];
    for (size_t l = layer; l < network->layers; l++) {
        pass_sums(network, l, &trace->layer[l], trace->rows, l == layer, work);
        if (l + 1 < network->layers)
            pass_activations(network, l, trace, work);
    }
    for (size_t i = 0; i < trace->rows; i++)
        loss[i] = loss_deviation(K, (size_t)dataset->y[i], probs + i * K, work->sums + i * K);
}

/* ---- making ------------------------------------------------------------------------------------------------------ */

static bool allocate_workspace(const SpiralNetwork *network, size_t rows, Workspace *work)
{
    size_t widest = 0, largest = 0;
    for (size_t l = 0; l <= network->layers; l++) {
        widest = network->sizes[l] > widest ? network->sizes[l] : widest;
        if (l < network->layers && network->sizes[l] * network->sizes[l + 1] > largest)
            largest = network->sizes[l] * network->sizes[l + 1];
    }
    work->inputs = spiral_allocate_matrix(rows, widest);
    work->sums = spiral_allocate_matrix(rows, widest);
    work->absolute = spiral_allocate_matrix(rows, widest);
    work->weights = spiral_allocate_doubles(largest);
    return work->inputs != NULL && work->sums != NULL && work->absolute != NULL && work->weights != NULL;
}

static void free_workspace(Workspace *work)
{
    free(work->inputs);
    free(work->sums);
    free(work->absolute);
    free(work->weights);
}

static bool allocate_rounding(const SpiralNetwork *network, size_t rows, SpiralRounding **rounding)
{
    *rounding = spiral_allocate(1, sizeof **rounding);
    if (*rounding == NULL)
        return false;
    (*rounding)->rows = rows;
    (*rounding)->loss = spiral_allocate_matrix(network->layers, rows);
    (*rounding)->copies = spiral_allocate_doubles(rows);
    return (*rounding)->loss != NULL && (*rounding)->copies != NULL;
}

SpiralStatus spiral_rounding_create(const SpiralNetwork *network, const SpiralDataset *dataset,
                                    const SpiralTrace *trace, const double *probs, SpiralRounding **rounding,
                                    SpiralError *error)
{
    SpiralRounding *made;
    Workspace work = {0};
    HashedRow *hashed = spiral_allocate(dataset->rows, sizeof *hashed);
    bool complete = allocate_rounding(network, dataset->rows, &made) && hashed != NULL &&
                    allocate_workspace(network, dataset->rows, &work);
    if (complete) {
        count_copies(dataset, hashed, made->copies);
        for (size_t l = 0; l < network->layers; l++)
            estimate_layer(network, l, dataset, trace, probs, &work, made->loss + l * dataset->rows);
    }
    free(hashed);
    free_workspace(&work);
    *rounding = complete ? made : NULL;
    if (complete)
        return SPIRAL_OK;
    spiral_rounding_free(made);
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the rounding of %zu observations",
                            dataset->rows);
}

void spiral_rounding_free(SpiralRounding *rounding)
{
    if (rounding == NULL)
        return;
    free(rounding->loss);
    free(rounding->copies);
    free(rounding);
}
