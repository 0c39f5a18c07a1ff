#include "net/units.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/kernels.h"

/* Doubles that are held at a time, about. */
enum { BLOCK_DOUBLES = 1 << 20 };

/* The first layer alone, a linear network whose scores are the units' input sums. */
static SpiralStatus first_layer(const SpiralNetwork *network, SpiralNetwork **first, SpiralError *error)
{
    SpiralStatus status = spiral_network_create(network->sizes[0], 0, NULL, network->sizes[1], first, error);
    if (status != SPIRAL_OK)
        return status;
    (*first)->products = network->products;
    memcpy((*first)->parameters, network->parameters, (*first)->parameter_count * sizeof *network->parameters);
    if (network->mean != NULL)
        status = spiral_network_set_standardization(*first, network->mean, network->scale, error);
    if (status != SPIRAL_OK) {
        spiral_network_free(*first);
        *first = NULL;
    }
    return status;
}

/* Adds the outputs of a block to the units; sums (rows, H1) has room for whole vectors, and is overwritten. */
static void add_block(const SpiralNetwork *network, size_t rows, double *sums, SpiralUnit *units)
{
    size_t width = network->sizes[1], count = rows * width;
    size_t stride = (count + SPIRAL_LANES - 1) / SPIRAL_LANES * SPIRAL_LANES;
    for (size_t i = 0; i < count; i++)
        units[i % width].active += sums[i] > 0.0;
    for (size_t i = count; i < stride; i++)
        sums[i] = 0.0;
    spiral_kernels()->activate(1, stride, NULL, network->activation, sums);
    for (size_t i = 0; i < count; i++)
        units[i % width].weight += fabs(sums[i]);
}

static double outgoing_length(const SpiralNetwork *network, size_t unit)
{
    size_t outputs = network->sizes[2];
    const double *row = spiral_network_weights(network, 1) + unit * outputs;
    double length = 0.0;
    for (size_t k = 0; k < outputs; k++)
        length = hypot(length, row[k]);
    return length;
}

static int heavier_first(const void *one, const void *other)
{
    const SpiralUnit *a = one, *b = other;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

SpiralStatus spiral_units_measure(const SpiralNetwork *network, const SpiralDataset *dataset, size_t threads,
                                  SpiralUnit *units, SpiralError *error)
{
    size_t width = network->sizes[1], step = BLOCK_DOUBLES / width > 0 ? BLOCK_DOUBLES / width : 1;
    SpiralNetwork *first = NULL;
    double *sums = spiral_allocate_doubles(step * width + SPIRAL_LANES);
    SpiralStatus status = sums != NULL
                              ? first_layer(network, &first, error)
                              : spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for a layer's outputs");
    for (size_t j = 0; j < width; j++)
        units[j] = (SpiralUnit){.index = j};
    for (size_t row = 0; status == SPIRAL_OK && row < dataset->rows; row += step) {
        size_t rows = dataset->rows - row < step ? dataset->rows - row : step;
        status = spiral_network_predict(first, row, rows, dataset->X + row * dataset->features, threads, sums, NULL,
                                        NULL, error);
        if (status == SPIRAL_OK)
            add_block(network, rows, sums, units);
    }
    for (size_t j = 0; j < width; j++)
        if (units[j].weight > 0.0) /* finite, also where a length is not */
            units[j].weight = fmin(units[j].weight / (double)dataset->rows * outgoing_length(network, j), DBL_MAX);
    qsort(units, width, sizeof *units, heavier_first);
    spiral_network_free(first);
    free(sums);
    return status;
}
