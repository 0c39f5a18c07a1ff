/* pass.h: a pass over the rows. Training, evaluation, prediction, checks and figures all use it.
 *
 * The rows are cut into blocks that fit in the cache. A part is a run of blocks; the cuts depend only on the number of
 * rows and the network's shape. Each part sums its gradient in row order, and the parts are added in order, so the bits
 * of the result do not depend on the number of threads. In a job of several ranks (spiral/ranks.h), each rank computes
 * its share of the parts, and every rank adds up all parts. */
#ifndef SPIRAL_NET_PASS_H
#define SPIRAL_NET_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spiral/network.h"
#include "spiral/status.h"

typedef struct SpiralPass SpiralPass;

/* What a pass will be used for, which determines the memory it needs. */
typedef enum SpiralPassKind {
    SPIRAL_PASS_FORWARD, /* losses and predictions */
    SPIRAL_PASS_GRADIENT,
    SPIRAL_PASS_DROPOUT /* gradients with dropout */
} SpiralPassKind;

/* Creates a workspace for passes over at most `rows` rows. With threads 0, the number of threads is chosen from the
 * amount of work. The network is borrowed for the lifetime of the pass (its sizes, activation, products, mean and
 * scale; the parameters are given to each pass). Errors: LIMIT. */
SpiralStatus spiral_pass_create(const SpiralNetwork *network, size_t rows, size_t threads, SpiralPassKind kind,
                                SpiralPass **pass, SpiralError *error);
void spiral_pass_free(SpiralPass *pass); /* accepts NULL */

/* The number of threads worth using for a pass over so many rows, at most the number of cores. */
size_t spiral_pass_threads(const SpiralNetwork *network, size_t rows, SpiralPassKind kind);

/* The observations of one pass; everything is borrowed. */
typedef struct SpiralPassInput {
    size_t rows;         /* N, at most the rows of the workspace */
    const double *X;     /* (., D) */
    const int64_t *y;    /* (.) */
    const size_t *order; /* (N) the rows of X and y to take, in this order; NULL: the first N rows in order */
    /* for each hidden layer (N, units), 1 if the unit is kept; NULL: no dropout */
    const uint8_t *const *dropout_mask;
    double keep_probability; /* kept units are divided by it; unused without dropout */
    bool track_active;       /* record which hidden units are positive for some row, for spiral_pass_dead */
} SpiralPassInput;

typedef struct SpiralPassTotals {
    double loss; /* sum of L_i */
    size_t correct;
} SpiralPassTotals;

/* Forward and backward. Sets *totals and, unless gradient is NULL, gradient = the sum over the rows of weight * dL_i,
 * in the layout of the parameters. Does not allocate. All ranks must call it together. */
void spiral_pass_gradient(SpiralPass *pass, const double *parameters, const SpiralPassInput *input, double weight,
                          double *gradient, SpiralPassTotals *totals);

/* After a pass with track_active: how many units of a hidden layer (1 .. layers - 1) were positive for no row. */
size_t spiral_pass_dead(const SpiralPass *pass, size_t layer);

/* Forward through the input's rows, whose y is not used, on this rank alone. Fills each of scores (rows, K), probs
 * (rows, K) and labels (rows) that is not NULL. Returns true if no sum overflows on the way to the scores, in whatever
 * order its terms are added. Otherwise *overflowed is the first such row; the label of each is SPIRAL_NO_CLASS, its
 * other results are meaningless. */
bool spiral_pass_predict(SpiralPass *pass, const double *parameters, const SpiralPassInput *input, double *scores,
                         double *probs, int64_t *labels, size_t *overflowed);

#endif
