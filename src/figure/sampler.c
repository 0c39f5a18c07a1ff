#include "figure/sampler.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "figure/colours.h"

/* Places that are classified in one call, when their probabilities don't take more than the second number of
 * doubles. */
enum { BATCH = 16384, BATCH_DOUBLES = 1 << 20 };
_Static_assert((int)BATCH >= (int)SPIRAL_SAMPLER_LEAST, "a batch has room for as many as its users count on");

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

static SpiralStatus no_memory(SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to draw a decision boundary");
}

SpiralStatus spiral_sampler_create(SpiralSampler *sampler, SpiralError *error)
{
    const SpiralPlane *plane = sampler->scatter->plane;
    size_t classes = sampler->network->sizes[sampler->network->layers];
    sampler->batch = BATCH;
    if (sampler->shade && classes > BATCH_DOUBLES / BATCH)
        sampler->batch =
            BATCH_DOUBLES / classes > SPIRAL_SAMPLER_LEAST ? BATCH_DOUBLES / classes : (size_t)SPIRAL_SAMPLER_LEAST;
    sampler->X = spiral_allocate_doubles(2 * sampler->batch);
    sampler->labels = spiral_allocate(sampler->batch, sizeof *sampler->labels);
    if (sampler->shade)
        sampler->probs = spiral_allocate_matrix(sampler->batch, classes);
    if (sampler->X == NULL || sampler->labels == NULL || (sampler->shade && sampler->probs == NULL))
        return no_memory(error);
    return plane != NULL ? spiral_plane_network(plane, sampler->network, &sampler->on_plane, error) : SPIRAL_OK;
}

void spiral_sampler_release(SpiralSampler *sampler)
{
    spiral_network_free(sampler->on_plane);
    free(sampler->X);
    free(sampler->labels);
    free(sampler->probs);
}

void spiral_sampler_put(SpiralSampler *sampler, size_t i, double x, double y)
{
    const SpiralAxes *axes = sampler->axes;
    const SpiralRectangle *plot = &axes->plot;
    bool strip = sampler->scatter->strip;
    double *row = sampler->X + i * (strip ? 1 : 2);
    double across = (x - plot->left) / (plot->right - plot->left);
    double up = (plot->bottom - y) / (plot->bottom - plot->top);
    row[0] = axes->x.low + across * (axes->x.high - axes->x.low);
    if (!strip)
        row[1] = axes->y.low + up * (axes->y.high - axes->y.low);
}

SpiralStatus spiral_sampler_classify(SpiralSampler *sampler, size_t count, SpiralError *error)
{
    const SpiralNetwork *network = sampler->on_plane != NULL ? sampler->on_plane : sampler->network;
    SpiralStatus status = spiral_network_predict(network, 0, count, sampler->X, sampler->threads, NULL, sampler->probs,
                                                 sampler->labels, error);
    if (status != SPIRAL_ERROR_INPUT)
        return status;
    sampler->overflows = true; /* the places where they do have no class */
    return SPIRAL_OK;
}

double spiral_sampler_strength(const SpiralSampler *sampler, size_t i)
{
    size_t classes = sampler->network->sizes[sampler->network->layers];
    if (sampler->probs == NULL || sampler->labels[i] == SPIRAL_NO_CLASS || classes == 1)
        return 1.0;
    double even = 1.0 / (double)classes;
    return fmax(0.0, (sampler->probs[i * classes + (size_t)sampler->labels[i]] - even) / (1.0 - even));
}

SpiralColour spiral_sampler_colour(int64_t label, double strength)
{
    static const SpiralColour grey = {0x99, 0x99, 0x99}, white = {255, 255, 255};
    if (label == SPIRAL_NO_CLASS)
        return grey;
    SpiralColour tint = spiral_palette_tint((size_t)label);
    return strength < 1.0 ? spiral_colour_mix(white, tint, strength) : tint;
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

SpiralStatus spiral_sampler_title(SpiralSampler *sampler, const char *heading, char title[SPIRAL_TITLE_BYTES],
                                  SpiralError *error)
{
    char made[SPIRAL_TITLE_BYTES];
    if (heading == NULL) {
        spiral_network_title(sampler->network, made, sizeof made / 2);
        if (sampler->scatter->dataset->y != NULL) {
            double accuracy;
            char number[SPIRAL_NUMBER_TEXT];
            SpiralStatus status = measure_accuracy(sampler, &accuracy, error);
            if (status != SPIRAL_OK)
                return status;
            size_t used = strlen(made);
            snprintf(made + used, sizeof made - used, ", accuracy %s", spiral_accuracy_print(accuracy, 2, number));
        }
    }
    spiral_scatter_title(sampler->scatter, heading != NULL ? heading : made, title);
    return SPIRAL_OK;
}
