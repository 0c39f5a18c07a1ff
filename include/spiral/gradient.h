/* gradient.h: the loss of a network over a data set, and its gradient.
 *
 *     L_i = -log p_{i, y_i}      data_loss = mean or sum of L_i over the observations
 *     reg_loss = 1/2 reg sum W^2 + l1 sum |W| (biases are not regularised)      loss = data_loss + reg_loss
 *     dF = p - 1(y_i = k)   dW = A^T dF + reg W + l1 sign(W)  db = 1^T dF      (dF divided by N for the mean)
 *
 * Source: CS231n, "Putting it together: Minimal Neural Network Case Study". */
#ifndef SPIRAL_GRADIENT_H
#define SPIRAL_GRADIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/dataset.h"
#include "spiral/network.h"
#include "spiral/rng.h"
#include "spiral/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which hidden units are left out for each observation; those that stay are divided by the probability of staying. */
typedef struct SpiralDropout SpiralDropout;

/* A mask for so many observations: for each hidden layer in turn, random_sample((rows, units)) < 1 - probability from
 * rng. The network is borrowed until the mask is freed. Errors: USAGE (a probability below 0, or of 1 and more),
 * LIMIT. */
SpiralStatus spiral_dropout_create(const SpiralNetwork *network, size_t rows, double probability, SpiralRng *rng,
                                   SpiralDropout **dropout, SpiralError *error);
void spiral_dropout_free(SpiralDropout *dropout); /* accepts NULL */

typedef enum SpiralReduction { SPIRAL_REDUCTION_MEAN, SPIRAL_REDUCTION_SUM } SpiralReduction;

typedef struct SpiralObjective {
    double reg, l1;            /* at least 0 */
    SpiralReduction reduction; /* of the L_i */
    /* the loss of the network without the units that the mask leaves out; borrowed; NULL: of all units. Not for
     * spiral_train, which draws a mask of its own for each update */
    const SpiralDropout *dropout;
} SpiralObjective;

SpiralObjective spiral_objective_defaults(void); /* the notes': reg 1e-3, mean */
SpiralStatus spiral_objective_validate(const SpiralObjective *objective, SpiralError *error);

typedef struct SpiralLoss {
    double loss, data_loss, reg_loss;
    size_t correct; /* observations whose own class has the highest score */
} SpiralLoss;

/* Loss, and the gradient in the layout of network->parameters unless it is NULL. The data needs labels, and D and K of
 * the network. threads 0: chosen from the amount of work; the bits do not depend on it. With several ranks (ranks.h),
 * all of them must call it together. */
SpiralStatus spiral_gradient_compute(const SpiralNetwork *network, const SpiralDataset *dataset,
                                     const SpiralObjective *objective, size_t threads, SpiralLoss *loss,
                                     double *gradient /* (parameter_count) or NULL */, SpiralError *error);

#ifdef __cplusplus
}
#endif

#endif
