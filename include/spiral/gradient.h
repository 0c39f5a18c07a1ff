/* gradient.h: the loss of a network over a data set, its gradient, and the check of one against the other.
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
#include "spiral/status.h"

typedef enum SpiralReduction { SPIRAL_REDUCTION_MEAN, SPIRAL_REDUCTION_SUM } SpiralReduction;

typedef struct SpiralObjective {
    double reg, l1;            /* at least 0 */
    SpiralReduction reduction; /* of the L_i */
} SpiralObjective;

SpiralObjective spiral_objective_defaults(void); /* the notes': reg 1e-3, mean */
SpiralStatus spiral_objective_validate(const SpiralObjective *objective, SpiralError *error);

typedef struct SpiralLoss {
    double loss, data_loss, reg_loss;
    size_t correct; /* observations whose highest score is their class's */
} SpiralLoss;

/* Loss, and the gradient in the layout of network->parameters unless it is NULL. The data needs labels, and D and K of
 * the network. threads 0: by the work's size; the bits do not depend on it. Of several
 * ranks (ranks.h) all call it together. */
SpiralStatus spiral_gradient_compute(const SpiralNetwork *network, const SpiralDataset *dataset,
                                     const SpiralObjective *objective, size_t threads, SpiralLoss *loss,
                                     double *gradient /* (parameter_count) or NULL */, SpiralError *error);

/* ---- check ------------------------------------------------------------------------------------------------------- */

typedef struct SpiralGradientCheckOptions {
    /* how far a step moves the pre-activation that the parameter enters, at most over the rows: h of a bias, h / max
     * |a_i| of a weight whose inputs are the a_i; shortened before a kink: of a relu or leaky-relu unit, or of l1
     * |w| at 0 */
    double step;
    double tolerance; /* largest relative error that passes */
    size_t samples;   /* coordinates a group, 0: all; drawn from rng when fewer than there are */
    size_t threads;
} SpiralGradientCheckOptions;

SpiralGradientCheckOptions spiral_gradient_check_defaults(void); /* step 1e-3, tolerance 1e-7, all */
SpiralStatus spiral_gradient_check_validate(const SpiralGradientCheckOptions *options, SpiralError *error);

/* One parameter group: the weights or the biases of a layer. */
typedef struct SpiralGradientCheckGroup {
    char name[24]; /* "W1", "b1", ... */
    size_t count;  /* coordinates compared by a centred difference */
    size_t kinks;  /* coordinates set apart: even the smallest centred step crosses a kink */
    /* of the kinks, those compared all the same: with the rows (or l1 |w|) concerned, and only these, differenced on
     * the side that is free of kinks */
    size_t kinks_compared;
    /* largest relative error |fa - fn| / max(|fa|, |fn|, 1e-6 s) of all that were compared, with s the sum (or mean)
     * over the rows of the terms of fn's formula in absolute values; 0 where all are 0 */
    double worst;
    size_t worst_row, worst_column; /* where, within W (inputs, outputs) or b (row 0) */
    double analytic, numeric;       /* fa and fn there */
} SpiralGradientCheckGroup;

typedef struct SpiralGradientCheck {
    size_t group_count; /* 2 L */
    SpiralGradientCheckGroup *groups;
    bool passed; /* every group's worst is at most the tolerance, and some coordinate was compared */
} SpiralGradientCheck;

/* Compares analytic, a gradient in the layout of network->parameters, with centred differences of the loss. rng may be
 * NULL when samples is 0. Passing the gradient in is also the seam by which a test shows
 * that a wrong one is caught. */
SpiralStatus spiral_gradient_check(const SpiralNetwork *network, const SpiralDataset *dataset,
                                   const SpiralObjective *objective, const SpiralGradientCheckOptions *options,
                                   const double *analytic, SpiralRng *rng, SpiralGradientCheck *check,
                                   SpiralError *error);
void spiral_gradient_check_free(SpiralGradientCheck *check); /* frees what it holds; accepts NULL */

#endif
