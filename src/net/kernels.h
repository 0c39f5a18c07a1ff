/* kernels.h: the work on a block of observations, along the vector lanes.
 *
 * The kernels are one source, compiled once for each level of the processor: on x86-64 with SSE2, with AVX2 and FMA,
 * and with AVX-512; on aarch64 with NEON. A level is a table of functions, and the highest that the processor has is
 * used.
 *
 * A block holds its matrices as (units, stride): one row of doubles a unit, one column an observation. stride is a
 * multiple of SPIRAL_LANES and every row starts at a multiple of 64 bytes; columns past the block's observations are
 * padding, whose dscores are zero, so that nothing needs a tail. Sums run in an order fixed by the shapes alone, the
 * same on every level: AVX2 and AVX-512 give the same bits, and the others differ where they round products that those
 * don't. */
#ifndef SPIRAL_NET_KERNELS_H
#define SPIRAL_NET_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/layer.h"
#include "spiral/network.h"

enum { SPIRAL_LANES = 8 };

typedef struct SpiralKernels {
    const char *level; /* "AVX-512" */

    /* A (features, stride) = rows observations of X (., features), transposed, as (x - mean) / scale when mean is not
     * NULL: the first ones, or those that order (rows) names. Padding is zero. */
    void (*pack)(size_t rows, size_t features, size_t stride, const double *X, const size_t *order, const double *mean,
                 const double *scale, double *A);

    /* out (rows, units) = the block's Z (units, stride), transposed. */
    void (*unpack)(size_t rows, size_t units, size_t stride, const double *Z, double *out);

    /* The layer of at most SPIRAL_THIN inputs or outputs; see layer.h. */
    void (*layer_forward)(const SpiralLayer *layer, double *Z);
    void (*layer_backward)(const SpiralLayer *layer, const double *dZ, double *dW, double *db, double *dA);

    /* db[u] += sum over the observations of dZ[u]. */
    void (*row_sums)(size_t units, size_t stride, const double *dZ, double *db);

    /* Z[u] += b[u] in every column. */
    void (*add_bias)(size_t units, size_t stride, const double *b, double *Z);

    /* Z[u] = act(Z[u] + b[u]) in every column; act(Z[u]) when b is NULL. */
    void (*activate)(size_t units, size_t stride, const double *b, SpiralActivation activation, double *Z);

    /* dA *= act'(Z), the derivative taken from the activation's value A = act(Z). With dropout A = act(Z) * mask, where
     * mask is 0 or 1 / keep_probability, and dA *= act'(Z) * mask; without it mask is NULL and keep_probability 1. */
    void (*activate_backward)(size_t units, size_t stride, SpiralActivation activation, const double *A,
                              const double *mask, double keep_probability, double *dA);

    /* scaled (units, stride) = mask (rows, units) transposed, times factor; padding is zero. */
    void (*scale_mask)(size_t rows, size_t units, size_t stride, const uint8_t *mask, double factor, double *scaled);

    /* values[i] *= factor[i]; count is a multiple of SPIRAL_LANES. */
    void (*multiply)(size_t count, const double *factor, double *values);

    /* Scores (classes, stride) become dscores = (p - 1(y = k)) * weight; y is (rows), and the padding becomes 0. Adds
     * the losses L_i = log sum_k exp(s_k) - s_y to *loss, and the observations whose highest score (the lower class on
     * a tie) is their class's to *correct. scratch is (2, stride). The log-softmax is computed directly: the maximum is
     * subtracted and no probability is ever logged. */
    void (*softmax)(size_t rows, size_t classes, size_t stride, const int64_t *y, double weight, double *scores,
                    double *scratch, double *loss, size_t *correct);

    /* Scores become probabilities. */
    void (*probabilities)(size_t classes, size_t stride, double *scores);

    /* labels[r] = the class of the highest score, the lower one on a tie. */
    void (*argmax)(size_t rows, size_t classes, size_t stride, const double *scores, int64_t *labels);

    /* total[i] += part[i]. */
    void (*add)(size_t count, const double *part, double *total);

    /* Over count values: sum of a[i] * b[i]; a and b may be the same. */
    double (*dot)(size_t count, const double *a, const double *b);

    /* next[i] = current[i] - rate * gradient[i]; next may be current. */
    void (*descend)(size_t count, const double *current, double rate, const double *gradient, double *next);

    /* The largest |values[i]|, but for NaN; count is a multiple of SPIRAL_LANES. */
    double (*largest)(size_t count, const double *values);

    /* Is every value finite? BLAS and max() can lose a NaN on its way to the loss; this can't. */
    bool (*all_finite)(size_t count, const double *values);

    /* values[i] = exp(values[i]), for values of at most 0, below -708 it is 0; log of positive normal numbers. Within 1
     * ulp. For tests: the softmax has them inside. */
    void (*exp)(size_t count, double *values);
    void (*log)(size_t count, double *values);
} SpiralKernels;

/* The highest level that the processor and the system have, of those that were compiled. */
const SpiralKernels *spiral_kernels(void);

/* For tests: those levels one by one, the lowest first; NULL past the last. */
const SpiralKernels *spiral_kernels_of(size_t index);

#endif
