/* pass.h: the one pass over the rows that everything else asks: training, evaluation, prediction, checks and figures.
 *
 * The rows are cut into blocks that fit the cache; a run of blocks is a part, cut by the number of rows and the network's
 * shape alone. Each part sums its gradient in row order, and the parts are added in order, so that the bits of the result do not
 * depend on how many threads took the parts. Of a job of several ranks (spiral/ranks.h) each sums its share of the parts, and
 * all of them add all. */
#ifndef SPIRAL_NET_PASS_H
#define SPIRAL_NET_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spiral/network.h"
#include "spiral/status.h"

typedef struct SpiralPass SpiralPass;

/* A workspace for passes over `rows` rows through networks of this shape; threads 0: by the work's size. The network is
 * borrowed as long as the pass lives (its sizes, mean and scale; the parameters are given to each pass). gradients: will
 * spiral_pass_gradient be called? Errors: LIMIT. */
SpiralStatus spiral_pass_create(const SpiralNetwork *network, size_t rows, size_t threads, bool gradients,
                                SpiralPass **pass, SpiralError *error);
void spiral_pass_free(SpiralPass *pass); /* accepts NULL */

typedef struct SpiralPassTotals {
    double loss; /* sum of L_i */
    size_t correct;
} SpiralPassTotals;

/* Forward and back over X (rows, D) and y (rows): *totals, and unless gradient is NULL, gradient = sum over the rows of
 * weight * dL_i, in the layout of the parameters. No allocation. Called by all ranks together. */
void spiral_pass_gradient(SpiralPass *pass, const double *parameters, const double *X, const int64_t *y, double weight,
                          double *gradient, SpiralPassTotals *totals);

/* This rank alone, forward: each of scores (rows, K), probs (rows, K), labels (rows) that is not NULL. */
void spiral_pass_predict(SpiralPass *pass, const double *parameters, const double *X, double *scores, double *probs,
                         int64_t *labels);

#endif
