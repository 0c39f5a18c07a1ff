/* explain.h: the derivation of dW = X^T dF and db = 1^T dF, with the numbers of a few observations.
 *
 * A, Z, dA, dZ and the sums belong to the plain sum of the losses of the observations shown (no 1/N, no
 * regularisation), so that every printed number can be added up by hand; dW and db are the gradient of the objective
 * that training uses. */
#ifndef SPIRAL_EXPLAIN_H
#define SPIRAL_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/dataset.h"
#include "spiral/gradient.h"
#include "spiral/network.h"
#include "spiral/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct SpiralExplainDifference {
    double value;   /* NAN: kinks are too near on both sides */
    double step;    /* h; an observation near a kink has a shorter one */
    bool one_sided; /* some observation has a kink within the step, and was differenced on its free side */
} SpiralExplainDifference;

/* For layer l with inputs A (rows, inputs) and upstream gradient dZ (rows, outputs): row i adds the outer product
 * a_i dz_i^T; the sum over rows is the matrix product A^T dZ. Arrays are row-major. */
typedef struct SpiralExplainLayer {
    size_t inputs, outputs;
    double *A;      /* (rows, inputs) the layer's input */
    double *Z;      /* (rows, outputs) A W + b: scores in the last layer, pre-activations before it */
    double *mask;   /* (rows, outputs) act'(Z) of a hidden layer, with relu 1(Z > 0); NULL in the last layer */
    double *dA;     /* (rows, outputs) gradient from the layer above, dF W^T, before the mask; NULL in the last layer */
    double *dZ;     /* (rows, outputs) dF = p - 1(y) in the last layer, dA * mask before it */
    double *outer;  /* (rows, inputs, outputs) a_i dz_i^T */
    double *dW_sum; /* (inputs, outputs) sum of the outer products, added one by one */
    double *dW_blas; /* (inputs, outputs) A^T dZ from one cblas_dgemm */
    double *db_sum;  /* (outputs) sum of the dz_i, added one by one */
    /* dW and db again, from differences of the loss alone, as in the gradient check */
    SpiralExplainDifference *dW_numeric; /* (inputs, outputs) */
    SpiralExplainDifference *db_numeric; /* (outputs) */
    double *dW;                          /* (inputs, outputs) dW_sum, over N for the mean, + reg W + l1 sign(W) */
    double *db;                          /* (outputs) db_sum, over N for the mean */
    double *dW_trained, *db_trained;     /* the same, as training computes them (spiral_gradient_compute) */
} SpiralExplainLayer;

typedef struct SpiralExplanation {
    size_t rows, layers, classes;
    SpiralObjective objective;
    size_t *row;               /* (rows) their indices in the data set */
    size_t *y;                 /* (rows) their classes */
    double *probs;             /* (rows, K) softmax of the scores */
    double *onehot;            /* (rows, K) 1(y_i = k) */
    double *losses;            /* (rows) L_i = -log p_{i, y_i} */
    SpiralExplainLayer *layer; /* (layers) */
} SpiralExplanation;

/* Picks count different rows to show, taking one of each class in turn, spread evenly over the rows of the class (a
 * single row is the middle one: the first rows of the notes' spiral all lie at the origin, where every product is 0).
 * They are in ascending order. Errors: INPUT (no labels), USAGE (count is 0 or more than the rows), LIMIT. */
SpiralStatus spiral_explain_pick(const SpiralDataset *dataset, size_t count, size_t *row /* (count) */,
                                 SpiralError *error);

/* Explains count rows of the data set (row: their indices). Errors: INPUT (no labels, another D or K), USAGE (an index
 * past the end, the objective), LIMIT. */
SpiralStatus spiral_explain(const SpiralNetwork *network, const SpiralDataset *dataset,
                            const SpiralObjective *objective, size_t count, const size_t *row /* (count) */,
                            SpiralExplanation *explanation, SpiralError *error);
void spiral_explanation_free(SpiralExplanation *explanation); /* frees its members; accepts NULL */

#ifdef __cplusplus
}
#endif

#endif
