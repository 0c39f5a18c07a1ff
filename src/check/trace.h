/* trace.h: every layer's input and pre-activation for all rows, which the training's pass does not keep. */
#ifndef SPIRAL_NET_TRACE_H
#define SPIRAL_NET_TRACE_H

#include <stddef.h>

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
} SpiralTrace;

/* Errors: LIMIT. */
SpiralStatus spiral_trace_create(const SpiralNetwork *network, size_t rows, const double *X /* (rows, D) */,
                                 SpiralTrace **trace, SpiralError *error);
void spiral_trace_free(SpiralTrace *trace); /* accepts NULL */

#endif
