/* kernels.h: the vectorized operations on a block of observations.
 *
 * The same source is compiled once for each level of the instruction set: on x86-64 with SSE2, with AVX2 and FMA, and
 * with AVX-512; on aarch64 with NEON. A level is a table of functions; the highest level that the processor supports is
 * used.
 *
 * A block stores its matrices as (units, stride): one row of doubles per unit, one column per observation. stride is a
 * multiple of SPIRAL_LANES, and every row starts at a multiple of 64 bytes. Columns past the block's observations are
 * padding; their dscores are zero, so loops over them need no tail. The order of every sum depends on the shapes alone
 * and is the same on every level. AVX2 and AVX-512 give identical bits; the other levels differ where they round
 * products that these two don't. */
#ifndef SPIRAL_NET_KERNELS_H
#define SPIRAL_NET_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/layer.h"
#include "spiral/network.h"

enum { SPIRAL_LANES = 8 };

typedef struct SpiralKernels {
    const char *level; /* name, such as "AVX-512" */

    /* A (features, stride) = `rows` observations of X (., features), transposed; each is (x - mean) / scale if mean is
     * not NULL. Takes the first observations, or those listed in order (rows) if it is not NULL. Padding is zero. */
    void (*pack)(size_t rows, size_t features, size_t stride, const double *X, const size_t *order, const double *mean,
                 const double *scale, double *A);

    /* out (rows, units) = the block's Z (units, stride), transposed, without the padding. */
    void (*unpack)(size_t rows, size_t units, size_t stride, const double *Z, double *out);

    /* A layer with at most SPIRAL_THIN inputs or outputs; see layer.h. */
    void (*layer_forward)(const SpiralLayer *layer, double *Z);
    void (*layer_backward)(const SpiralLayer *layer, const double *dZ, double *dA);

    /* A pair of layers; see layer.h. A is the output of the lower layer and the input of the upper, Z the output of the
     * upper; dZ, dA and dX are the gradients of Z, A and the input of the lower. dX is NULL if there is no layer below
     * the pair; then dA holds nothing of use afterwards. If the lower layer is not fused, A holds its product on the
     * way forward, and its dW and dX are not computed, but dA is. */
    void (*pair_forward)(const SpiralLayer *lower, const SpiralLayer *upper, double *A, double *Z);
    void (*pair_backward)(const SpiralLayer *lower, const SpiralLayer *upper, const double *dZ, double *dA, double *dX);

    /* db[u] += the sum of dZ[u] over the observations. */
    void (*row_sums)(size_t units, size_t stride, const double *dZ, double *db);

    /* Z[u] += b[u] in every column. */
    void (*add_bias)(size_t units, size_t stride, const double *b, double *Z);

    /* Z[u] = act(Z[u] + b[u]) in every column, or act(Z[u]) if b is NULL. */
    void (*activate)(size_t units, size_t stride, const double *b, SpiralActivation activation, double *Z);

    /* dA *= act'(Z), where the derivative is computed from A = act(Z). With dropout, A = act(Z) * mask, where mask is 0
     * or 1 / keep_probability, and dA *= act'(Z) * mask. Without it, mask is NULL and keep_probability is 1. */
    void (*activate_backward)(size_t units, size_t stride, SpiralActivation activation, const double *A,
                              const double *mask, double keep_probability, double *dA);

    /* scaled (units, stride) = mask (rows, units) transposed, times factor; padding is zero. */
    void (*scale_mask)(size_t rows, size_t units, size_t stride, const uint8_t *mask, double factor, double *scaled);

    /* values[i] *= factor[i]; count is a multiple of SPIRAL_LANES. */
    void (*multiply)(size_t count, const double *factor, double *values);

    /* Replaces the scores (classes, stride) by dscores = (p - 1(y = k)) * weight; y is (rows), and the padding becomes
     * 0. Adds the losses L_i = log sum_k exp(s_k) - s_y to *loss. Adds to *correct the number of observations whose
     * class has the highest score (on a tie, the lowest such class counts). scratch is (3, stride). The log-softmax is
     * computed directly: the maximum is subtracted, and the logarithm of a probability is never taken. */
    void (*softmax)(size_t rows, size_t classes, size_t stride, const int64_t *y, double weight, double *scores,
                    double *scratch, double *loss, size_t *correct);

    /* Replaces the scores by probabilities. */
    void (*probabilities)(size_t classes, size_t stride, double *scores);

    /* labels[r] = the class with the highest score; the lowest such class on a tie. */
    void (*argmax)(size_t rows, size_t classes, size_t stride, const double *scores, int64_t *labels);

    /* total[i] += part[i]. */
    void (*add)(size_t count, const double *part, double *total);

    /* The sum of a[i] * b[i] over count values; a and b may be the same array. */
    double (*dot)(size_t count, const double *a, const double *b);

    /* next[i] = current[i] - rate * gradient[i]; next may be the same array as current. */
    void (*descend)(size_t count, const double *current, double rate, const double *gradient, double *next);

    /* The largest |values[i]|, ignoring NaN; count is a multiple of SPIRAL_LANES. */
    double (*largest)(size_t count, const double *values);

    /* True if a value is above 0; values is at a multiple of 64 bytes. */
    bool (*any_positive)(size_t count, const double *values);

    /* True if every value is finite. BLAS and max() can lose a NaN on its way to the loss; this cannot. */
    bool (*all_finite)(size_t count, const double *values);

    /* values[i] = exp(values[i]) for values of at most 0, with 0 as the result below -708; log is for positive normal
     * numbers. Both are within 1 ulp. Only for tests: the softmax inlines them. */
    void (*exp)(size_t count, double *values);
    void (*log)(size_t count, double *values);
} SpiralKernels;

/* The highest level that was compiled and that the processor and the operating system support. */
const SpiralKernels *spiral_kernels(void);

/* For tests: the supported levels by index, starting with the lowest; NULL past the last. */
const SpiralKernels *spiral_kernels_of(size_t index);

#endif
