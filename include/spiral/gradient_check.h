/* gradient_check.h: the gradient compared with centred differences of the loss.
 *
 * Source: CS231n, "Learning and Evaluation" (gradient checks). */
#ifndef SPIRAL_GRADIENT_CHECK_H
#define SPIRAL_GRADIENT_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/dataset.h"
#include "spiral/gradient.h"
#include "spiral/network.h"
#include "spiral/rng.h"
#include "spiral/status.h"

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
