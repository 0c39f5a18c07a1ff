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
    /* h, the most by which a step moves the pre-activation that the parameter feeds, over all rows: the step is h for a
     * bias, and h / max |a_i| for a weight with inputs a_i. It is shortened to stay clear of a kink: of a relu or
     * leaky-relu unit, or of l1 |w| at 0 */
    double step;
    double tolerance; /* largest relative error that passes */
    size_t samples;   /* coordinates per group, 0: all; drawn from rng when a group has more */
    size_t threads;
} SpiralGradientCheckOptions;

SpiralGradientCheckOptions spiral_gradient_check_defaults(void); /* step 1e-3, tolerance 1e-7, all */
SpiralStatus spiral_gradient_check_validate(const SpiralGradientCheckOptions *options, SpiralError *error);

/* One parameter group: the weights or the biases of a layer. */
typedef struct SpiralGradientCheckGroup {
    char name[24]; /* "W1", "b1", ... */
    size_t count;  /* coordinates compared by a centred difference */
    size_t kinks;  /* coordinates set apart because even the smallest centred step crosses a kink */
    /* how many of those were compared after all, with one-sided differences, on the side free of kinks, for just the
     * rows (or l1 |w|) concerned */
    size_t kinks_compared;
    /* largest relative error |fa - fn| / max(|fa|, |fn|, 1e-6 s) of the coordinates compared, with s the sum (or mean)
     * over the rows of the absolute values of the terms of fn; 0 where all are 0 */
    double worst;
    size_t worst_row, worst_column; /* its place in W (inputs, outputs) or b (row 0) */
    double analytic, numeric;       /* fa and fn at that place */
} SpiralGradientCheckGroup;

typedef struct SpiralGradientCheck {
    size_t group_count; /* 2 L */
    SpiralGradientCheckGroup *groups;
    bool passed; /* every group's worst is at most the tolerance, and at least one coordinate was compared */
} SpiralGradientCheck;

/* Compares analytic, a gradient in the layout of network->parameters, with centred differences of the loss. rng may be
 * NULL when samples is 0. The gradient is an argument so that a test can show that a wrong one is caught. */
SpiralStatus spiral_gradient_check(const SpiralNetwork *network, const SpiralDataset *dataset,
                                   const SpiralObjective *objective, const SpiralGradientCheckOptions *options,
                                   const double *analytic, SpiralRng *rng, SpiralGradientCheck *check,
                                   SpiralError *error);
void spiral_gradient_check_free(SpiralGradientCheck *check); /* frees what it holds; accepts NULL */

#endif
