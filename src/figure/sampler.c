#include "figure/sampler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

/* Places that are classified in one call, when their features don't take more than the second number of doubles. */
enum { BATCH_POINTS = 16384, BATCH_DOUBLES = 1 << 20 };

/* ---- classes of places ------------------------------------------------------------------------------------------- */

SpiralStatus spiral_sampler_check(const SpiralNetwork *network, const SpiralDataset *dataset, SpiralError *error)
{
    size_t features = network->sizes[0], classes = network->sizes[network->layers];
    if (dataset->features != features)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                "the data have %zu feature%s, the model expects %zu", dataset->features,
                                dataset->features == 1 ? "" : "s", features);
    for (size_t i = 0; dataset->y != NULL && i < dataset->rows; i++)
        if (dataset->y[i] < 0 || (size_t)dataset->y[i] >= classes)
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                    "observation %zu has the class %lld, the model has the classes 0..%zu", i,
                                    (long long)dataset->y[i], classes - 1);
    return SPIRAL_OK;
}

static size_t batch_size(size_t features)
{
    size_t points = BATCH_DOUBLES / features;
    return points < SPIRAL_SAMPLER_LEAST ? SPIRAL_SAMPLER_LEAST : points < BATCH_POINTS ? points : BATCH_POINTS;
}

static SpiralStatus no_memory(SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to draw a decision boundary");
}

SpiralStatus spiral_sampler_create(SpiralSampler *sampler, SpiralError *error)
{
    const SpiralDataset *dataset = sampler->scatter->dataset;
    size_t features = dataset->features, count;
    sampler->batch = batch_size(features);
    sampler->X = spiral_multiply(sampler->batch, features, &count) ? spiral_allocate_doubles(count) : NULL;
    sampler->labels = spiral_allocate(sampler->batch, sizeof *sampler->labels);
    double *moments = spiral_allocate(features, 2 * sizeof *moments);
    if (sampler->X == NULL || sampler->labels == NULL || moments == NULL) {
        free(moments);
        return no_memory(error);
    }
    spiral_dataset_moments(dataset, moments, moments + features);
    for (size_t i = 0; i < sampler->batch; i++)
        memcpy(sampler->X + i * features, moments, features * sizeof *moments);
    free(moments);
    return SPIRAL_OK;
}

void spiral_sampler_release(SpiralSampler *sampler)
{
    free(sampler->X);
    free(sampler->labels);
}

/* Puts the values at a place of the canvas, in pixels, into row i of the batch. */
void spiral_sampler_put(SpiralSampler *sampler, size_t i, double x, double y)
{
    const SpiralAxes *axes = sampler->axes;
    const SpiralRectangle *plot = &axes->plot;
    double *row = sampler->X + i * sampler->scatter->dataset->features;
    double across = (x - plot->left) / (plot->right - plot->left);
    double up = (plot->bottom - y) / (plot->bottom - plot->top);
    row[sampler->scatter->across] = axes->x.low + across * (axes->x.high - axes->x.low);
    if (!sampler->scatter->strip)
        row[sampler->scatter->up] = axes->y.low + up * (axes->y.high - axes->y.low);
}

SpiralStatus spiral_sampler_classify(SpiralSampler *sampler, size_t count, SpiralError *error)
{
    SpiralStatus status = spiral_network_predict(sampler->network, 0, count, sampler->X, sampler->threads, NULL, NULL,
                                                 sampler->labels, error);
    if (status != SPIRAL_ERROR_INPUT)
        return status;
    sampler->overflows = true; /* the places where they do have no class */
    return SPIRAL_OK;
}

/* ---- the title --------------------------------------------------------------------------------------------------- */

static SpiralStatus measure_accuracy(SpiralSampler *sampler, double *accuracy, SpiralError *error)
{
    const SpiralDataset *dataset = sampler->scatter->dataset;
    size_t right = 0;
    int64_t *labels = spiral_allocate(dataset->rows, sizeof *labels);
    SpiralStatus status = labels == NULL ? no_memory(error)
                                         : spiral_network_predict(sampler->network, 0, dataset->rows, dataset->X,
                                                                  sampler->threads, NULL, NULL, labels, error);
    for (size_t i = 0; status == SPIRAL_OK && i < dataset->rows; i++)
        right += labels[i] == dataset->y[i];
    *accuracy = (double)right / (double)dataset->rows;
    free(labels);
    return status;
}

SpiralStatus spiral_sampler_title(SpiralSampler *sampler, char title[SPIRAL_TITLE_BYTES], SpiralError *error)
{
    const SpiralDataset *dataset = sampler->scatter->dataset;
    spiral_network_title(sampler->network, title, SPIRAL_TITLE_BYTES / 2);
    if (dataset->y != NULL) {
        double accuracy;
        char number[SPIRAL_NUMBER_TEXT];
        SpiralStatus status = measure_accuracy(sampler, &accuracy, error);
        if (status != SPIRAL_OK)
            return status;
        size_t used = strlen(title);
        snprintf(title + used, SPIRAL_TITLE_BYTES - used, ", accuracy %s", spiral_accuracy_print(accuracy, 2, number));
    }
    if (dataset->features > 2) {
        size_t used = strlen(title), others = dataset->features - 2;
        snprintf(title + used, SPIRAL_TITLE_BYTES - used, "\nslice through the mean%s of the other %s",
                 others == 1 ? "" : "s", others == 1 ? "feature" : "features");
    }
    return SPIRAL_OK;
}
