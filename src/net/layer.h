/* layer.h: one layer of the network on one block of observations, forward and backward.
 *
 * The layer is implemented twice. layer_blas.c follows the mathematics of the notes, with one call of base/linalg.h per
 * product. layer_fused.c has the same two functions for products with few inputs or few outputs, where BLAS spends more
 * time on packing than on multiplying. They differ only by rounding; tests/unit/test_layer.c compares them.
 *
 * Within a block, matrices are stored as (units, stride); see kernels.h. */
#ifndef SPIRAL_NET_LAYER_H
#define SPIRAL_NET_LAYER_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/network.h"

/* A product is thin if it has at most this many inputs or outputs. */
enum { SPIRAL_THIN = 8 };

/* Two neighbouring layers form a pair if the upper has thin outputs and the lower at most this many inputs, or BLAS
 * computes the lower. */
enum { SPIRAL_PAIR_INPUTS = 4 };

typedef struct SpiralKernels SpiralKernels; /* net/kernels.h */

typedef struct SpiralLayer {
    const SpiralKernels *kernels;
    size_t inputs, outputs, stride;
    const double *W; /* (inputs, outputs) */
    const double *b; /* (outputs) */
    double *dW, *db; /* as W and b: the gradient, to which a backward pass adds */
    const double *A; /* (inputs, stride) the layer's input: the data, or the activations of the layer below */
    const double *X; /* (rows, inputs) the unpacked data, which BLAS reads in place of A; NULL: it reads A */
    size_t rows;     /* of X */
    bool fused;      /* its products are the kernels', not BLAS's */
    bool last;       /* the outputs are the scores, with no activation */
    SpiralActivation activation;
    const double *mask;      /* (inputs, stride) the scaled mask that A was multiplied by; NULL without dropout */
    double keep_probability; /* 1 without dropout */
} SpiralLayer;

/* Z (outputs, stride) = act(W^T A + b), or W^T A + b for the last layer. */
void spiral_layer_blas_forward(const SpiralLayer *layer, double *Z);

/* From dZ (outputs, stride), the gradient of W^T A + b:
 *
 *     dW += A dZ^T    db += dZ 1    dA = W dZ * act'(A) * mask
 *
 * dA (inputs, stride) is dZ of the layer below; NULL if there is none. */
void spiral_layer_blas_backward(const SpiralLayer *layer, const double *dZ, double *dA);

/* The products of the two alone, without b, db and the activation of the outputs. */
void spiral_layer_blas_multiply(const SpiralLayer *layer, double *Z);
void spiral_layer_blas_multiply_back(const SpiralLayer *layer, const double *dZ, double *dA);

/* For a layer with at most SPIRAL_THIN inputs or outputs, layer_forward and layer_backward of SpiralKernels do the
 * same. pair_forward and pair_backward take a pair of layers with ReLU between them and without dropout, and give the
 * same bits as one layer after the other. If BLAS computes the lower layer, they do what is left beside the two
 * functions above. */

#endif
