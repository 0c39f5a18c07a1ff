/* pass.h: the one pass over the rows that everything else asks: training, evaluation, prediction, checks and
 * figures.
 *
 * The rows are cut into blocks that fit the cache; a run of blocks is a part, cut by the number of rows and the
 * network's shape alone. Each part sums its gradient in row order, and the parts are added in order, so that the
 * bits of the result do not depend on how many threads took the parts. Of a job of several ranks (spiral/ranks.h)
 * each sums its share of the parts, and all of them add all. */
#ifndef SPIRAL_NET_PASS_H
#define SPIRAL_NET_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spiral/network.h"
#include "spiral/status.h"

typedef struct SpiralPass SpiralPass;

/* What a pass will be asked for, and so what memory it needs. */
typedef enum SpiralPassKind {
    SPIRAL_PASS_FORWARD, /* losses and predictions */
    SPIRAL_PASS_GRADIENT,
    SPIRAL_PASS_DROPOUT /* gradients with units left out */
} SpiralPassKind;

/* A workspace for passes over at most `rows` rows through networks of this shape; threads 0: chosen from the amount
 * of work. The network is borrowed as long as the pass lives (its sizes, activation, products, mean and scale; the
 * parameters are given to each pass). Errors: LIMIT. */
SpiralStatus spiral_pass_create(const SpiralNetwork *network, size_t rows, size_t threads, SpiralPassKind kind,
                                SpiralPass **pass, SpiralError *error);
void spiral_pass_free(SpiralPass *pass); /* accepts NULL */

/* The threads that a pass over so many rows is worth, at most the cores. */
size_t spiral_pass_threads(const SpiralNetwork *network, size_t rows, SpiralPassKind kind);

/* The observations of one pass; everything is borrowed. */
typedef struct SpiralPassInput {
    size_t rows;         /* N, at most the pass's */
    const double *X;     /* (., D) */
    const int64_t *y;    /* (.) */
    const size_t *order; /* (N) the rows of X and y to take, in this order; NULL: the first N as they stand */
    /* of each hidden layer (N, units), 1 where the unit stays; NULL: none is dropped */
    const uint8_t *const *dropout_mask;
    double keep_probability; /* of dropout: what stays is divided by it; 1 without */
    bool track_active;       /* find out which hidden units are positive for some row, for spiral_pass_dead */
} SpiralPassInput;

typedef struct SpiralPassTotals {
    double loss; /* sum of L_i */
    size_t correct;
} SpiralPassTotals;

/* Forward and back: *totals, and unless gradient is NULL, gradient = sum over the rows of weight * dL_i, in the
 * layout of the parameters. No allocation. Called by all ranks together. */
void spiral_pass_gradient(SpiralPass *pass, const double *parameters, const SpiralPassInput *input, double weight,
                          double *gradient, SpiralPassTotals *totals);

/* After a pass with track_active: the units of hidden layer 1 .. layers - 1 that were positive for no row. */
size_t spiral_pass_dead(const SpiralPass *pass, size_t layer);

/* This rank alone, forward through X (rows, D): each of scores (rows, K), probs (rows, K), labels (rows) that is not
 * NULL. True when no sum overflows on the way to the scores; if one may, *overflowed is the first such row, and what
 * was found of such rows means nothing. */
bool spiral_pass_predict(SpiralPass *pass, const double *parameters, size_t rows, const double *X, double *scores,
                         double *probs, int64_t *labels, size_t *overflowed);

#endif
