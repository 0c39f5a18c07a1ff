/* layer_statistics.h: what the notes look at in each layer, at the start and while a network learns: do the activations
 * spread, do the units react, and does the gradient arrive?
 *
 * Source: CS231n, "Setting up the data and the model" (weight initialization) and "Learning" (activation and gradient
 * distributions per layer). */
#ifndef SPIRAL_LAYER_STATISTICS_H
#define SPIRAL_LAYER_STATISTICS_H

#include <stddef.h>

#include "spiral/dataset.h"
#include "spiral/network.h"
#include "spiral/status.h"

/* Of larger data, this many rows are looked at: spread evenly, and always the same ones. */
#define SPIRAL_LAYER_ROWS 1000

/* An activation is flat where its slope is below this part of its largest one: relu at 0, tanh beyond 0.975, sigmoid
 * beyond 0.013 and 0.987. leaky-relu is never flat. */
#define SPIRAL_LAYER_FLAT 0.05

typedef struct SpiralLayerStatistics {
    /* Of the layer's activations, in the last layer the scores: over the rows, and the root mean square of that over
     * the units. It is 0 when the layer says the same of every row. */
    double deviation;
    double dead;      /* part of the units that are flat for every row; 0 in the last layer */
    double saturated; /* part of all activations that are flat (of ReLUs about a half is usual); 0 in the last layer */
    double weights;   /* 2-norm of W */
    double gradient;  /* 2-norm of dW of the mean data loss, without dropout and penalties */
} SpiralLayerStatistics;

typedef struct SpiralLayerMeter SpiralLayerMeter;

/* Network and data are borrowed until the meter is freed. Errors: INPUT (no labels, another D or K), LIMIT. */
SpiralStatus spiral_layer_meter_create(const SpiralNetwork *network, const SpiralDataset *dataset,
                                       SpiralLayerMeter **meter, SpiralError *error);
void spiral_layer_meter_free(SpiralLayerMeter *meter); /* accepts NULL */

/* Measures the network as it is now, without allocating. Returns the mean data loss over the rows looked at. */
double spiral_layer_meter_measure(SpiralLayerMeter *meter);

/* (layers) of the last measurement; zeros before the first. Valid until the meter is freed. */
const SpiralLayerStatistics *spiral_layer_meter_layers(const SpiralLayerMeter *meter);

#endif
