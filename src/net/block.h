/* block.h: takes one block of observations through the layers, forward and backward. A block fits in the cache; pass.h
 * cuts the rows into blocks and adds up their results.
 *
 * Within a block, matrices are stored as (units, stride); see kernels.h. */
#ifndef SPIRAL_NET_BLOCK_H
#define SPIRAL_NET_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/kernels.h"
#include "net/pass.h"
#include "spiral/network.h"

/* One thread's memory for a block of at most stride observations. */
typedef struct SpiralBlock {
    const SpiralNetwork *network; /* sizes, activation and standardization are used; borrowed */
    const SpiralKernels *kernels;
    size_t stride;      /* of the current pass: a multiple of SPIRAL_LANES, at most most_stride */
    size_t most_stride; /* that the memory was allocated for */
    const double *X;    /* (rows, D) the current rows if BLAS reads them unpacked, in place of A[0]; else NULL */
    size_t rows;
    double **A; /* (layers + 1): A[0] (D, stride) the packed input, A[l] the output of layer l; the last holds scores */
    double *mask;    /* (hidden units of all layers, stride) 0 or 1 / keep probability; NULL without dropout */
    double *back[2]; /* (widest hidden layer, stride) dA; the layers use the two in turn */
    double *scratch; /* (3, stride) */
    int64_t *labels; /* (stride) y of the current rows, when the input has an order */
    uint8_t *active; /* (hidden units of all layers) with track_active: 1 if positive for some row of the pass */
    size_t *seen;    /* (hidden units of all layers) a row of the last blocks for which it was positive; a guess */
    double *memory;  /* holds A, back, scratch and mask */
} SpiralBlock;

/* Returns false if out of memory; the caller must call spiral_block_free in that case, too. */
bool spiral_block_create(const SpiralNetwork *network, size_t stride, bool gradients, bool dropout, SpiralBlock *block);
void spiral_block_free(SpiralBlock *block);

/* Must be called before the first block of each pass. */
void spiral_block_start(SpiralBlock *block, size_t stride, const SpiralPassInput *input);

/* Takes rows first .. first + rows - 1 of the input forward; leaves the scores of the last layer in A[layers]. */
void spiral_block_forward(SpiralBlock *block, const double *parameters, const SpiralPassInput *input, size_t first,
                          size_t rows);

/* Adds the losses to *totals, and replaces the scores by dscores = weight * dF. */
void spiral_block_loss(SpiralBlock *block, const SpiralPassInput *input, size_t first, size_t rows, double weight,
                       SpiralPassTotals *totals);

/* Goes from dscores back through all layers. Adds dW and db to gradient, which has the layout of the parameters. */
void spiral_block_backward(SpiralBlock *block, const double *parameters, const SpiralPassInput *input,
                           double *gradient);

#endif
