/* block.h: one block of observations through the layers, forward and back. A block is what fits the cache; pass.h cuts
 * the rows into blocks and adds up what they give.
 *
 * Within a block a matrix is stored as (units, stride), as kernels.h says. */
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
    const SpiralNetwork *network; /* its sizes, activation and standardization; borrowed */
    const SpiralKernels *kernels;
    size_t stride; /* of the pass under way: a multiple of SPIRAL_LANES, at most that of the memory */
    size_t most_stride;
    const double *X; /* (rows, D) the rows under way where BLAS takes them as they are, in place of A[0]; or NULL */
    size_t rows;
    double **A; /* (layers + 1): A[0] (D, stride) the packed input, A[l] the output of layer l; the last holds scores */
    double *mask;    /* (hidden units of all layers, stride) dropout's 0 or 1 / keep probability; NULL without */
    double *back[2]; /* (widest hidden layer, stride) dA of two layers in turn */
    double *scratch; /* (2, stride) */
    int64_t *labels; /* (stride) y, when the rows are taken in an order */
    uint8_t *active; /* (hidden units of all layers) 1: positive for some row of the pass, when that is tracked */
    double *memory;  /* A, back, scratch and mask */
} SpiralBlock;

/* false when there is no memory; spiral_block_free is to be called then, too. */
bool spiral_block_create(const SpiralNetwork *network, size_t stride, bool gradients, bool dropout, SpiralBlock *block);
void spiral_block_free(SpiralBlock *block);

/* Before the blocks of a pass. */
void spiral_block_start(SpiralBlock *block, size_t stride, const SpiralPassInput *input);

/* Rows first .. first + rows - 1 of the input: the scores of the last layer are left in A[layers]. */
void spiral_block_forward(SpiralBlock *block, const double *parameters, const SpiralPassInput *input, size_t first,
                          size_t rows);

/* From the scores to the losses, added to *totals, and to dscores = weight * dF in their place. */
void spiral_block_loss(SpiralBlock *block, const SpiralPassInput *input, size_t first, size_t rows, double weight,
                       SpiralPassTotals *totals);

/* From dscores back through all layers; dW and db are added to gradient, which has the layout of the parameters. */
void spiral_block_backward(SpiralBlock *block, const double *parameters, const SpiralPassInput *input,
                           double *gradient);

#endif
