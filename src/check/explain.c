#include "spiral/explain.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "check/activation.h"
#include "check/finite_difference.h"
#include "net/gradient.h"
#include "check/trace.h"
#include "spiral/split.h"

static const double STEP = 1e-3;

static SpiralStatus no_memory(SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the explanation");
}

/* ---- picking rows ------------------------------------------------------------------------------------------------ */

/* Class k gives wanted[k] rows: the classes take turns, one row each, as long as they have more. */
static void share_out(size_t classes, size_t count, const size_t *size, size_t *wanted)
{
    size_t given = 0;
    while (given < count)
        for (size_t k = 0; k < classes && given < count; k++)
            if (wanted[k] < size[k]) {
                wanted[k]++;
                given++;
            }
}

/* Is row number `member` of a class of `size` rows among the `wanted` rows that are spread evenly over it? These are at
 * the middles of `wanted` equal parts. */
static bool is_picked(size_t member, size_t size, size_t wanted)
{
    double part = (double)size / (double)wanted;
    for (size_t q = 0; q < wanted; q++)
        if (member == (size_t)(((double)q + 0.5) * part))
            return true;
    return false;
}

SpiralStatus spiral_explain_pick(const SpiralDataset *dataset, size_t count, size_t *row, SpiralError *error)
{
    if (dataset->y == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0, "the data has no labels, and the loss needs them");
    if (count == 0 || count > dataset->rows)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "%zu observations were asked for, expected 1 to %zu, the data's number", count,
                                dataset->rows);
    size_t classes = dataset->classes;
    size_t *size = spiral_allocate(classes, sizeof *size), *wanted = spiral_allocate(classes, sizeof *wanted);
    size_t *seen = spiral_allocate(classes, sizeof *seen);
    SpiralStatus status = size != NULL && wanted != NULL && seen != NULL ? SPIRAL_OK : no_memory(error);
    if (status == SPIRAL_OK) {
        for (size_t i = 0; i < dataset->rows; i++)
            size[dataset->y[i]]++;
        share_out(classes, count, size, wanted);
        size_t picked = 0;
        for (size_t i = 0; i < dataset->rows; i++) {
            size_t k = (size_t)dataset->y[i];
            if (wanted[k] > 0 && is_picked(seen[k], size[k], wanted[k]))
                row[picked++] = i;
            seen[k]++;
        }
    }
    free(size);
    free(wanted);
    free(seen);
    return status;
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static void free_layer(SpiralExplainLayer *layer)
{
    double *arrays[] = {layer->A,      layer->Z,       layer->mask, layer->dA, layer->dZ,    layer->outer,
                        layer->dW_sum, layer->dW_blas, layer->dW,   layer->db, layer->db_sum};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        free(arrays[i]);
    free(layer->dW_numeric);
    free(layer->db_numeric);
    free(layer->dW_trained); /* with db_trained behind it */
}

void spiral_explanation_free(SpiralExplanation *explanation)
{
    if (explanation == NULL)
        return;
    for (size_t l = 0; explanation->layer != NULL && l < explanation->layers; l++)
        free_layer(&explanation->layer[l]);
    free(explanation->layer);
    free(explanation->row);
    free(explanation->y);
    free(explanation->probs);
    free(explanation->onehot);
    free(explanation->losses);
    *explanation = (SpiralExplanation){0};
}

/* (rows, columns) of zeros; NULL when out of memory. */
static double *zeros(size_t rows, size_t columns)
{
    return spiral_allocate(rows, columns * sizeof(double));
}

/* Allocates everything but A and Z, which come from the trace. */
static bool allocate_layer(SpiralExplainLayer *layer, size_t rows, bool last)
{
    size_t inputs = layer->inputs, outputs = layer->outputs, weights = inputs * outputs;
    layer->dZ = zeros(rows, outputs);
    layer->outer = zeros(rows, weights);
    layer->dW_sum = zeros(inputs, outputs);
    layer->dW_blas = zeros(inputs, outputs);
    layer->dW = zeros(inputs, outputs);
    layer->db = zeros(1, outputs);
    layer->db_sum = zeros(1, outputs);
    layer->dW_numeric = spiral_allocate(weights, sizeof *layer->dW_numeric);
    layer->db_numeric = spiral_allocate(outputs, sizeof *layer->db_numeric);
    layer->dW_trained = zeros(inputs + 1, outputs);
    bool complete = layer->dZ != NULL && layer->outer != NULL && layer->dW_sum != NULL && layer->dW_blas != NULL &&
                    layer->dW != NULL && layer->db != NULL && layer->db_sum != NULL && layer->dW_numeric != NULL &&
                    layer->db_numeric != NULL && layer->dW_trained != NULL;
    if (complete)
        layer->db_trained = layer->dW_trained + weights;
    if (last || !complete)
        return complete;
    layer->mask = zeros(rows, outputs);
    layer->dA = zeros(rows, outputs);
    return layer->mask != NULL && layer->dA != NULL;
}

static SpiralStatus allocate(SpiralExplanation *explanation, const SpiralNetwork *network, SpiralError *error)
{
    size_t rows = explanation->rows;
    explanation->probs = zeros(rows, explanation->classes);
    explanation->onehot = zeros(rows, explanation->classes);
    explanation->losses = zeros(rows, 1);
    explanation->layer = spiral_allocate(network->layers, sizeof *explanation->layer);
    bool complete = explanation->probs != NULL && explanation->onehot != NULL && explanation->losses != NULL &&
                    explanation->layer != NULL;
    for (size_t l = 0; complete && l < network->layers; l++) {
        explanation->layer[l].inputs = network->sizes[l];
        explanation->layer[l].outputs = network->sizes[l + 1];
        complete = allocate_layer(&explanation->layer[l], rows, l + 1 == network->layers);
    }
    return complete ? SPIRAL_OK : no_memory(error);
}

/* ---- forward and backward ---------------------------------------------------------------------------------------- */

/* L_i = log sum_k exp f_k - f_y, the largest score subtracted first. */
static double row_loss(size_t classes, const double *scores, size_t y)
{
    double largest = scores[0], sum = 0.0;
    for (size_t k = 1; k < classes; k++)
        largest = fmax(largest, scores[k]);
    for (size_t k = 0; k < classes; k++)
        sum += exp(scores[k] - largest);
    return log(sum) + largest - scores[y];
}

/* Refuses numbers that overflow. */
static SpiralStatus check_scores(const SpiralNetwork *network, const SpiralDataset *part, const size_t *row,
                                 const SpiralExplanation *explanation, SpiralError *error)
{
    const SpiralExplainLayer *last = &explanation->layer[network->layers - 1];
    for (size_t i = 0; i < part->rows * explanation->classes; i++)
        if (!isfinite(last->Z[i]))
            return spiral_error_set(
                error, SPIRAL_ERROR_INPUT, NULL, 0,
                "observation %zu (counted from 0) makes the model's scores overflow: its features, or the "
                "weights, are too large to explain",
                row[i / explanation->classes]);
    return SPIRAL_OK;
}

/* A and Z of every layer, p, 1(y), L and, in the last layer, dF = p - 1(y). */
static SpiralStatus go_forward(const SpiralNetwork *network, const SpiralDataset *part, const size_t *row,
                               SpiralExplanation *explanation, SpiralError *error)
{
    SpiralTrace *trace;
    SpiralStatus status = spiral_trace_create(network, part->rows, part->X, NULL, &trace, error);
    if (status != SPIRAL_OK)
        return status;
    for (size_t l = 0; l < network->layers; l++) { /* takes ownership of the trace's arrays */
        explanation->layer[l].A = trace->layer[l].A;
        explanation->layer[l].Z = trace->layer[l].Z;
        trace->layer[l].A = trace->layer[l].Z = NULL;
    }
    spiral_trace_free(trace);
    status = check_scores(network, part, row, explanation, error);
    if (status == SPIRAL_OK)
        status = spiral_network_predict(network, 0, part->rows, part->X, 1, NULL, explanation->probs, NULL, error);
    if (status != SPIRAL_OK)
        return status;
    size_t classes = explanation->classes;
    SpiralExplainLayer *last = &explanation->layer[network->layers - 1];
    for (size_t i = 0; i < part->rows; i++) {
        size_t y = (size_t)part->y[i];
        explanation->y[i] = y;
        explanation->onehot[i * classes + y] = 1.0;
        explanation->losses[i] = row_loss(classes, last->Z + i * classes, y);
        for (size_t k = i * classes; k < (i + 1) * classes; k++)
            last->dZ[k] = explanation->probs[k] - explanation->onehot[k];
    }
    return SPIRAL_OK;
}

/* dW and db of a layer, once as the sum over rows and once by BLAS. */
static void sum_rows(SpiralExplainLayer *layer, size_t rows)
{
    size_t inputs = layer->inputs, outputs = layer->outputs;
    for (size_t i = 0; i < rows; i++) {
        double *outer = layer->outer + i * inputs * outputs;
        for (size_t d = 0; d < inputs; d++)
            for (size_t k = 0; k < outputs; k++) {
                outer[d * outputs + k] = layer->A[i * inputs + d] * layer->dZ[i * outputs + k];
                layer->dW_sum[d * outputs + k] += outer[d * outputs + k];
            }
        for (size_t k = 0; k < outputs; k++)
            layer->db_sum[k] += layer->dZ[i * outputs + k];
    }
    spiral_linalg_multiply(true, false, inputs, outputs, rows, layer->A, inputs, layer->dZ, outputs, 0.0,
                           layer->dW_blas, outputs);
}

/* dA = dZ(next) W(next)^T, dZ = dA * act'(Z). */
static void go_back(const SpiralNetwork *network, size_t l, size_t rows, SpiralExplainLayer *layer,
                    const SpiralExplainLayer *next)
{
    spiral_linalg_multiply(false, true, rows, layer->outputs, next->outputs, next->dZ, next->outputs,
                           spiral_network_weights(network, l + 1), next->outputs, 0.0, layer->dA, layer->outputs);
    for (size_t i = 0; i < rows * layer->outputs; i++) {
        layer->mask[i] = spiral_activation_slope(network->activation, layer->Z[i]);
        layer->dZ[i] = layer->dA[i] * layer->mask[i];
    }
}

/* ---- the same from elsewhere ------------------------------------------------------------------------------------- */

static SpiralExplainDifference take_difference(SpiralDifference *difference, const SpiralCoordinate *at)
{
    SpiralDerivative data, regularization;
    spiral_difference_compute(difference, at, &data, &regularization);
    return (SpiralExplainDifference){.value = data.value, .step = data.step, .one_sided = data.one_sided};
}

static SpiralStatus differentiate(const SpiralNetwork *network, const SpiralDataset *part,
                                  SpiralExplanation *explanation, SpiralError *error)
{
    SpiralObjective objective = {.reg = 0.0, .reduction = SPIRAL_REDUCTION_SUM};
    SpiralDifference *difference;
    SpiralStatus status = spiral_difference_create(network, part, &objective, STEP, 1, &difference, error);
    if (status != SPIRAL_OK)
        return status;
    for (size_t l = 0; l < network->layers; l++) {
        SpiralExplainLayer *layer = &explanation->layer[l];
        for (size_t j = 0; j < layer->inputs * layer->outputs; j++) {
            SpiralCoordinate at = {.layer = l, .row = j / layer->outputs, .column = j % layer->outputs};
            layer->dW_numeric[j] = take_difference(difference, &at);
        }
        for (size_t j = 0; j < layer->outputs; j++) {
            SpiralCoordinate at = {.layer = l, .bias = true, .column = j};
            layer->db_numeric[j] = take_difference(difference, &at);
        }
    }
    spiral_difference_free(difference);
    return SPIRAL_OK;
}

/* dW and db of the objective: the sums over N for the mean, and what regularisation adds. */
static void apply_objective(const SpiralNetwork *network, SpiralExplanation *explanation)
{
    const SpiralObjective *objective = &explanation->objective;
    double divisor = objective->reduction == SPIRAL_REDUCTION_MEAN ? (double)explanation->rows : 1.0;
    for (size_t l = 0; l < network->layers; l++) {
        SpiralExplainLayer *layer = &explanation->layer[l];
        const double *W = spiral_network_weights(network, l);
        for (size_t j = 0; j < layer->inputs * layer->outputs; j++) {
            double sign = (W[j] > 0.0) - (W[j] < 0.0);
            layer->dW[j] = layer->dW_sum[j] / divisor + objective->reg * W[j] + objective->l1 * sign;
        }
        for (size_t k = 0; k < layer->outputs; k++)
            layer->db[k] = layer->db_sum[k] / divisor;
    }
}

/* The gradient that training computes for these rows. */
static SpiralStatus take_training_gradient(const SpiralNetwork *network, const SpiralDataset *part,
                                           SpiralExplanation *explanation, SpiralError *error)
{
    SpiralLoss loss;
    double *gradient = zeros(network->parameter_count, 1);
    if (gradient == NULL)
        return no_memory(error);
    SpiralStatus status = spiral_gradient_compute(network, part, &explanation->objective, 1, &loss, gradient, error);
    for (size_t l = 0; status == SPIRAL_OK && l < network->layers; l++) {
        SpiralExplainLayer *layer = &explanation->layer[l];
        memcpy(layer->dW_trained, gradient + spiral_network_weights_offset(network, l),
               layer->inputs * layer->outputs * sizeof *gradient);
        memcpy(layer->db_trained, gradient + spiral_network_biases_offset(network, l),
               layer->outputs * sizeof *gradient);
    }
    free(gradient);
    return status;
}

SpiralStatus spiral_explain(const SpiralNetwork *network, const SpiralDataset *dataset,
                            const SpiralObjective *objective, size_t count, const size_t *row,
                            SpiralExplanation *explanation, SpiralError *error)
{
    *explanation = (SpiralExplanation){0};
    SpiralStatus status = spiral_objective_validate(objective, error);
    if (status == SPIRAL_OK)
        status = spiral_objective_check_data(network, dataset, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralExplanation made = {
        .rows = count, .layers = network->layers, .classes = network->sizes[network->layers], .objective = *objective};
    SpiralDataset *part = NULL;
    made.row = spiral_allocate(count, sizeof *made.row);
    made.y = spiral_allocate(count, sizeof *made.y);
    status = made.row != NULL && made.y != NULL ? allocate(&made, network, error) : no_memory(error);
    if (status == SPIRAL_OK)
        status = spiral_dataset_take(dataset, count, row, &part, error);
    if (status == SPIRAL_OK)
        status = go_forward(network, part, row, &made, error);
    if (status == SPIRAL_OK) {
        memcpy(made.row, row, count * sizeof *row);
        for (size_t l = network->layers; l-- > 0;) {
            if (l + 1 < network->layers)
                go_back(network, l, count, &made.layer[l], &made.layer[l + 1]);
            sum_rows(&made.layer[l], count);
        }
        apply_objective(network, &made);
        status = differentiate(network, part, &made, error);
    }
    if (status == SPIRAL_OK)
        status = take_training_gradient(network, part, &made, error);
    spiral_dataset_free(part);
    if (status != SPIRAL_OK)
        spiral_explanation_free(&made);
    else
        *explanation = made;
    return status;
}
