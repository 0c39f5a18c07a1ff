/* gradient_check.h: the gradient compared with differences of the loss.
 *
 * A difference has an uncertainty: losses are rounded, and what its formula leaves out is not quite 0. An error of the
 * gradient is judged by its size relative to the gradient and, where the difference cannot tell so much, by the
 * uncertainty.
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

#ifdef __cplusplus
extern "C" {
#endif

typedef struct SpiralGradientCheckOptions {
    /* h, the most by which a step moves a pre-activation or a score, over all rows. It is shortened to stay clear of
     * the kinks of relu and leaky-relu units */
    double step;
    double tolerance; /* largest relative error that passes */
    size_t samples;   /* coordinates per group, 0: all; drawn from rng when a group has more */
    size_t threads;
} SpiralGradientCheckOptions;

SpiralGradientCheckOptions spiral_gradient_check_defaults(void); /* step 1e-3, tolerance 1e-7, all */
SpiralStatus spiral_gradient_check_validate(const SpiralGradientCheckOptions *options, SpiralError *error);

/* Gradients of this absolute value and below are worrying, say the notes: floating-point numbers are too coarse. */
#define SPIRAL_GRADIENT_SMALL 1e-10

/* What is compared. */
typedef enum SpiralGradientPart {
    SPIRAL_GRADIENT_LOSS,           /* the sum of both */
    SPIRAL_GRADIENT_DATA,           /* the data loss alone */
    SPIRAL_GRADIENT_REGULARIZATION, /* the regularisation alone */
    SPIRAL_GRADIENT_PARTS
} SpiralGradientPart;

/* The judgement of a coordinate, from harmless to bad. */
typedef enum SpiralGradientVerdict {
    SPIRAL_GRADIENT_UNCOMPARED,
    SPIRAL_GRADIENT_HARD,     /* the difference resolves less than the tolerance, and agrees as far as it does */
    SPIRAL_GRADIENT_RESOLVED, /* the relative error is at most the tolerance */
    SPIRAL_GRADIENT_WRONG     /* the gradient and the difference disagree */
} SpiralGradientVerdict;

/* fa is the gradient, fn the difference, and u the most by which fn is off. The relative error is |fa - fn| / max(|fa|,
 * |fn|), 0 where both are 0. The difference resolves a relative error of 2u / max(|fa|, |fn|): one as large makes |fa -
 * fn| larger than u. */
typedef struct SpiralGradientComparison {
    size_t count; /* coordinates compared by a centred difference */
    size_t kinks; /* coordinates set apart because even the smallest centred step crosses a kink */
    /* how many of those were compared after all, with one-sided differences, on the side free of kinks, for just the
     * rows concerned */
    size_t kinks_compared;
    size_t wrong, hard;       /* of those compared, coordinates that are judged so */
    size_t lost;              /* of the hard ones, those of which the difference does not even resolve the sign */
    size_t zero, small;       /* compared, and max(|fa|, |fn|) is 0, or else at most SPIRAL_GRADIENT_SMALL */
    double smallest, largest; /* max(|fa|, |fn|) where it is not 0; 0 if it is 0 everywhere */
    /* The coordinate with the worst verdict and, of those, with the largest relative error. */
    SpiralGradientVerdict verdict;
    double worst;                   /* its relative error */
    double resolved;                /* what the difference resolves there */
    size_t worst_row, worst_column; /* its place in W (inputs, outputs) or b (row 0) */
    double analytic, numeric;       /* fa and fn at that place */
    double least_resolved;          /* the largest such number of the hard coordinates */
} SpiralGradientComparison;

/* One parameter group: the weights or the biases of a layer. */
typedef struct SpiralGradientCheckGroup {
    char name[24]; /* "W1", "b1", ... */
    SpiralGradientComparison part[SPIRAL_GRADIENT_PARTS];
} SpiralGradientCheckGroup;

typedef struct SpiralGradientCheck {
    size_t group_count; /* 2 L */
    SpiralGradientCheckGroup *groups;
    SpiralGradientComparison total[SPIRAL_GRADIENT_PARTS]; /* all groups together; the worst is that of worst_group */
    size_t worst_group[SPIRAL_GRADIENT_PARTS];
    size_t compared; /* coordinates of the loss: at least those of the last layer, which no kinks follow */
    bool passed;     /* no part has a wrong coordinate, and of the loss not most of those compared are lost */
} SpiralGradientCheck;

/* Compares analytic, a gradient in the layout of network->parameters, with differences of the loss; and, unless it is
 * NULL, analytic_data, that of the data loss alone, with differences of the data loss, and what analytic has beyond it
 * with those of the regularisation. rng may be NULL when samples is 0. The gradients are arguments so that a test can
 * show that a wrong one is caught. */
SpiralStatus spiral_gradient_check(const SpiralNetwork *network, const SpiralDataset *dataset,
                                   const SpiralObjective *objective, const SpiralGradientCheckOptions *options,
                                   const double *analytic, const double *analytic_data, SpiralRng *rng,
                                   SpiralGradientCheck *check, SpiralError *error);
void spiral_gradient_check_free(SpiralGradientCheck *check); /* frees what it holds; accepts NULL */

/* The notes' word for a relative error: "happy" up to 1e-7, "okay" up to 1e-4 when the loss has kinks and else "too
 * high", "uncomfortable" up to 1e-2, "probably wrong" above. */
const char *spiral_gradient_grade(double relative_error, bool kinks);

#ifdef __cplusplus
}
#endif

#endif
