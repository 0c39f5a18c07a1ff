#include "check/trace.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "check/activation.h"
#include "net/dropout.h"

void spiral_trace_free(SpiralTrace *trace)
{
    if (trace == NULL)
        return;
    for (size_t l = 0; trace->layer != NULL && l < trace->layers; l++) {
        free(trace->layer[l].A);
        free(trace->layer[l].Z);
    }
    free(trace->layer);
    free(trace);
}

static SpiralTrace *allocate_trace(const SpiralNetwork *network, size_t rows)
{
    SpiralTrace *trace = spiral_allocate(1, sizeof *trace);
    if (trace == NULL)
        return NULL;
    trace->rows = rows;
    trace->layers = network->layers;
    trace->layer = spiral_allocate(trace->layers, sizeof *trace->layer);
    bool complete = trace->layer != NULL;
    for (size_t l = 0; complete && l < trace->layers; l++) {
        SpiralTraceLayer *layer = &trace->layer[l];
        layer->inputs = network->sizes[l];
        layer->outputs = network->sizes[l + 1];
        layer->A = spiral_allocate_matrix(rows, layer->inputs);
        layer->Z = spiral_allocate_matrix(rows, layer->outputs);
        complete = layer->A != NULL && layer->Z != NULL;
    }
    if (complete)
        return trace;
    spiral_trace_free(trace);
    return NULL;
}

/* A = X, standardised when the network carries a mean and a scale. */
static void fill_first_input(const SpiralNetwork *network, size_t rows, const double *X, double *A)
{
    size_t features = network->sizes[0];
    for (size_t i = 0; i < rows; i++)
        for (size_t d = 0; d < features; d++) {
            double x = X[i * features + d];
            A[i * features + d] = network->mean != NULL ? (x - network->mean[d]) / network->scale[d] : x;
        }
}

/* Z = A W + b */
static void affine(const SpiralNetwork *network, size_t l, size_t rows, SpiralTraceLayer *layer)
{
    for (size_t i = 0; i < rows; i++)
        memcpy(layer->Z + i * layer->outputs, spiral_network_biases(network, l), layer->outputs * sizeof(double));
    spiral_linalg_multiply(false, false, rows, layer->outputs, layer->inputs, layer->A, layer->inputs,
                           spiral_network_weights(network, l), layer->outputs, 1.0, layer->Z, layer->outputs);
}

/* What dropout multiplies activation i of hidden layer l with, counted through all rows. */
static double dropout_factor(const SpiralDropout *dropout, size_t l, size_t i)
{
    if (dropout == NULL)
        return 1.0;
    return dropout->mask[l][i] != 0 ? 1.0 / dropout->keep_probability : 0.0;
}

double spiral_trace_slope(const SpiralTrace *trace, SpiralActivation activation, size_t l, size_t i)
{
    return spiral_activation_slope(activation, trace->layer[l].Z[i]) * dropout_factor(trace->dropout, l, i);
}

SpiralStatus spiral_trace_create(const SpiralNetwork *network, size_t rows, const double *X,
                                 const SpiralDropout *dropout, SpiralTrace **trace, SpiralError *error)
{
    *trace = NULL;
    if (rows > spiral_linalg_limit())
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "found %zu observations, expected at most %zu",
                                rows, spiral_linalg_limit());
    SpiralTrace *made = allocate_trace(network, rows);
    if (made == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the activations of %zu observations",
                                rows);
    made->dropout = dropout;
    spiral_linalg_start();
    fill_first_input(network, rows, X, made->layer[0].A);
    for (size_t l = 0; l < made->layers; l++) {
        affine(network, l, rows, &made->layer[l]);
        if (l + 1 < made->layers)
            for (size_t i = 0; i < rows * made->layer[l].outputs; i++)
                made->layer[l + 1].A[i] =
                    spiral_activation_value(network->activation, made->layer[l].Z[i]) * dropout_factor(dropout, l, i);
    }
    *trace = made;
    return SPIRAL_OK;
}
