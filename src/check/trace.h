/* trace.h: every layer's input and pre-activation for all rows, which the training's pass does not keep. */
#ifndef SPIRAL_CHECK_TRACE_H
#define SPIRAL_CHECK_TRACE_H

#include <stddef.h>

#include "spiral/gradient.h"
#include "spiral/network.h"
#include "spiral/status.h"

typedef struct SpiralTraceLayer {
    size_t inputs, outputs;
    double *A; /* (rows, inputs) the layer's input; of the first layer X, standardised when the network does that */
    double *Z; /* (rows, outputs) A W + b: pre-activations, and the scores in the last layer */
} SpiralTraceLayer;

typedef struct SpiralTrace {
    size_t rows, layers;
    SpiralTraceLayer *layer; /* (layers) */
    const SpiralDropout *dropout;
} SpiralTrace;

/* dropout: a mask of so many rows, borrowed until the trace is freed, or NULL. Errors: LIMIT. */
SpiralStatus spiral_trace_create(const SpiralNetwork *network, size_t rows, const double *X /* (rows, D) */,
                                 const SpiralDropout *dropout, SpiralTrace **trace, SpiralError *error);

/* The derivative of input i of layer l + 1, counted through all rows, by pre-activation i of hidden layer l: the
 * activation's slope, times 0 or 1 / keep probability with dropout. */
double spiral_trace_slope(const SpiralTrace *trace, SpiralActivation activation, size_t l, size_t i);
void spiral_trace_free(SpiralTrace *trace); /* accepts NULL */

#endif
