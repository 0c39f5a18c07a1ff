/* sampler.h: the classes that a network predicts at positions of a plot. */
#ifndef SPIRAL_FIGURE_SAMPLER_H
#define SPIRAL_FIGURE_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "figure/axes.h"
#include "figure/scatter.h"
#include "spiral/network.h"

/* At least so many places can be classified in one call, whatever the features. */
enum { SPIRAL_SAMPLER_LEAST = 256 };

typedef struct SpiralSampler {
    const SpiralNetwork *network; /* these are set by whoever creates it, and borrowed; */
    const SpiralScatter *scatter;
    const SpiralAxes *axes; /* limits and plot may be set later, before the first place */
    size_t threads;
    bool shade;
    size_t batch;            /* places in one call; from here on set by the create function */
    SpiralNetwork *on_plane; /* the network of the plane's two coordinates; NULL when these are the features */
    double *X;               /* (batch, 2), or (batch, 1) for a strip */
    int64_t *labels;         /* (batch) */
    double *probs;           /* (batch, K) to shade, else NULL */
    bool overflows;          /* the scores overflowed at some place so far */
} SpiralSampler;

/* Checks that the data has the network's features, and only its classes. Errors: INPUT. */
SpiralStatus spiral_sampler_check(const SpiralNetwork *network, const SpiralDataset *dataset, SpiralError *error);

/* Release it also when this fails. Errors: LIMIT. */
SpiralStatus spiral_sampler_create(SpiralSampler *sampler, SpiralError *error);
void spiral_sampler_release(SpiralSampler *sampler);

/* Puts the values at a place of the plot, in pixels, into row i of the batch. */
void spiral_sampler_put(SpiralSampler *sampler, size_t i, double x, double y);

/* How sure the network is of the class of row i: 0 when it is as good as any other, 1 when it is certain, or always 1
 * unless places are shaded. */
double spiral_sampler_strength(const SpiralSampler *sampler, size_t i);

/* The colour of its region, paler where the network is less sure; grey where there is no class. */
SpiralColour spiral_sampler_colour(int64_t label, double strength);

/* The classes of the first count rows of the batch, into labels: SPIRAL_NO_CLASS where the scores overflow. */
SpiralStatus spiral_sampler_classify(SpiralSampler *sampler, size_t count, SpiralError *error);

/* A title that says, unless there is a heading, what the network is and how well it does on the data. */
SpiralStatus spiral_sampler_title(SpiralSampler *sampler, const char *heading, char title[SPIRAL_TITLE_BYTES],
                                  SpiralError *error);

#endif
