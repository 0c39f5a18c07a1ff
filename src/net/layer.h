/* layer.h: one layer of the network on one block of observations, forward and backward.
 *
 * The layer exists twice. layer_blas.c is the mathematics of the notes, every product one call of base/linalg.h.
 * layer_fused.c has the same two functions for products with few inputs or few outputs, where BLAS spends more on
 * packing than on multiplying. They differ by rounding alone; tests/unit/test_layer.c holds one against the other.
 *
 * Within a block a matrix is stored as (units, stride), as kernels.h says. */
#ifndef SPIRAL_NET_LAYER_H
#define SPIRAL_NET_LAYER_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/network.h"

/* The most inputs or outputs of a thin product. */
enum { SPIRAL_THIN = 8 };

typedef struct SpiralKernels SpiralKernels; /* net/kernels.h */

typedef struct SpiralLayer {
    const SpiralKernels *kernels;
    size_t inputs, outputs, stride;
    const double *W; /* (inputs, outputs) */
    const double *b; /* (outputs) */
    const double *A; /* (inputs, stride) the layer's input: the data, or the activations of the layer below */
    const double *X; /* (rows, inputs) for BLAS: the data as they are, in place of A; NULL: A */
    size_t rows;     /* of X */
    bool last;       /* the outputs are the scores, without an activation */
    SpiralActivation activation;
    const double *mask;      /* (inputs, stride) dropout's scaled mask, which A is multiplied by; NULL without */
    double keep_probability; /* 1 without dropout */
} SpiralLayer;

/* Z (outputs, stride) = act(W^T A + b), of the last layer W^T A + b. */
void spiral_layer_blas_forward(const SpiralLayer *layer, double *Z);

/* From dZ (outputs, stride), the gradient of W^T A + b:
 *
 *     dW += A dZ^T    db += dZ 1    dA = W dZ * act'(A) * mask
 *
 * dA (inputs, stride) is dZ of the layer below; NULL when there is none. */
void spiral_layer_blas_backward(const SpiralLayer *layer, const double *dZ, double *dW, double *db, double *dA);

/* The same of a layer with at most SPIRAL_THIN inputs or outputs: layer_forward and layer_backward of SpiralKernels. */

#endif
