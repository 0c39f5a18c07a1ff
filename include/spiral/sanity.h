/* sanity.h: the notes' sanity checks before training: is there anything about the data, the initial weights or the
 * gradient that would spoil the training, whatever its settings?
 *
 * Source: CS231n, "Learning and Evaluation" (sanity checks) and "Setting up the data and the loss" (preprocessing). */
#ifndef SPIRAL_SANITY_H
#define SPIRAL_SANITY_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/dataset.h"
#include "spiral/gradient.h"
#include "spiral/layer_statistics.h"
#include "spiral/limits.h"
#include "spiral/network.h"
#include "spiral/status.h"
#include "spiral/trainer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the checks' thresholds: from this value on, a warning or a failure ------------------------------------------ */

/* Rows of the largest class over those of the smallest; a class of fewer than SPIRAL_SANITY_CLASS_ROWS fails, too. */
#define SPIRAL_SANITY_BALANCE_WARNING 3.0
#define SPIRAL_SANITY_BALANCE_FAILED 20.0
#define SPIRAL_SANITY_CLASS_ROWS 2

/* Largest over smallest standard deviation of the network's inputs. The curvature of the loss along an input grows with
 * its square: at 10, one learning rate has to suit two curvatures that differ by a factor of 100. */
#define SPIRAL_SANITY_SCALE_WARNING 10.0
#define SPIRAL_SANITY_SCALE_FAILED 1000.0

/* |mean| over standard deviation of an input. The input and the bias together are then ill-conditioned in the same way:
 * at 3 by a factor of about 100. */
#define SPIRAL_SANITY_MEAN_WARNING 3.0
#define SPIRAL_SANITY_MEAN_FAILED 1000.0

/* Classes are compared, and gradients checked, over at most this many rows, taken evenly from the classes. Differences
 * take many passes, and more rows would not make a gradient any more correct. */
#define SPIRAL_SANITY_ROWS 1000

/* Fraction of the rows that repeat an earlier row with the same label. */
#define SPIRAL_SANITY_DUPLICATES_WARNING 0.1
#define SPIRAL_SANITY_DUPLICATES_FAILED 0.5

/* Fraction of the rows whose features equal those of a row of another class; the first is a warning. The notes' own
 * spiral has one such row per class, at the origin: 1 / points_per_class of its rows. */
#define SPIRAL_SANITY_CONTRADICTIONS_FAILED 0.05

/* The part of the rows of two classes that are nearer to one of the other class than to one of their own: of two that
 * lie in the same places it is a half. Only classes with at least OVERLAP_ROWS rows are
 * compared. */
#define SPIRAL_SANITY_OVERLAP_WARNING 0.4
#define SPIRAL_SANITY_OVERLAP_ROWS 10

/* |data loss - ln K| over ln K. */
#define SPIRAL_SANITY_LOSS_WARNING 0.1
#define SPIRAL_SANITY_LOSS_FAILED 1.0

/* Relative error of the gradient: the notes call 1e-7 good, and more than 1e-4 wrong where there are no kinks. An
 * error that rounding explains is none. */
#define SPIRAL_SANITY_GRADIENT_WARNING 1e-7
#define SPIRAL_SANITY_GRADIENT_FAILED 1e-4

/* How many points the network is to overfit, the mean loss that counts as success, the one that counts as failure, and
 * the number of updates. A linear model, which can't overfit every set of points, gets only a warning. */
#define SPIRAL_SANITY_POINTS 20
#define SPIRAL_SANITY_POINTS_LOSS 0.01
#define SPIRAL_SANITY_POINTS_FAILED 0.1
#define SPIRAL_SANITY_POINTS_UPDATES 5000

/* The first updates of the training itself, and after them: the part of a tanh or sigmoid layer's activations that are
 * flat; the deviation of the last hidden layer's activations at the start over that of the features; the rise of the
 * loss over the larger of its first value and ln K. A dead layer fails, and so does what cannot leave its start. */
#define SPIRAL_SANITY_UPDATES 100
#define SPIRAL_SANITY_SATURATED_WARNING 0.8
#define SPIRAL_SANITY_FADED_WARNING 0.01
#define SPIRAL_SANITY_RISEN_WARNING 0.1

/* The largest relative change of a layer's weights that the data's gradient, as it is before or after these updates,
 * makes in all updates of the training. Below it small weights stay a guess, below the second other ones, too. */
#define SPIRAL_SANITY_CHANGE_WARNING 1.0
#define SPIRAL_SANITY_CHANGE_FAILED 0.2

/* Features of a larger root mean square than this are worth being standardised when the updates go too far. */
#define SPIRAL_SANITY_LARGE_FEATURES 3.0

/* Of more layers than this the first are shown. */
#define SPIRAL_SANITY_LAYERS (SPIRAL_HIDDEN_LIMIT + 1)

/* X(code, name), in the order of the results: the data first, because its faults show again further down. */
#define SPIRAL_SANITY_LIST(X)                                                                                          \
    X(SPIRAL_SANITY_BALANCE, "class balance")                                                                          \
    X(SPIRAL_SANITY_CONSTANTS, "constant columns")                                                                     \
    X(SPIRAL_SANITY_SCALES, "feature scales")                                                                          \
    X(SPIRAL_SANITY_MEANS, "feature means")                                                                            \
    X(SPIRAL_SANITY_DUPLICATES, "duplicated rows")                                                                     \
    X(SPIRAL_SANITY_CONTRADICTIONS, "contradictions")                                                                  \
    X(SPIRAL_SANITY_OVERLAP, "class overlap")                                                                          \
    X(SPIRAL_SANITY_LOSS, "initial loss")                                                                              \
    X(SPIRAL_SANITY_REGULARIZATION, "regularisation")                                                                  \
    X(SPIRAL_SANITY_GRADIENT, "gradient")                                                                              \
    X(SPIRAL_SANITY_LEARNING, "twenty points")                                                                         \
    X(SPIRAL_SANITY_LAYERS_CHECK, "layers")

typedef enum SpiralSanityKind {
#define SPIRAL_SANITY_ENUM(code, name) code,
    SPIRAL_SANITY_LIST(SPIRAL_SANITY_ENUM)
#undef SPIRAL_SANITY_ENUM
        SPIRAL_SANITY_COUNT
} SpiralSanityKind;

/* ---- the checks -------------------------------------------------------------------------------------------------- */

typedef enum SpiralSanityOutcome { SPIRAL_SANITY_OK, SPIRAL_SANITY_WARNING, SPIRAL_SANITY_FAILED } SpiralSanityOutcome;

/* What may help, when it is something that the network or the check is made with. */
typedef enum SpiralSanityRemedy {
    SPIRAL_SANITY_REMEDY_NONE,
    SPIRAL_SANITY_REMEDY_LABEL,        /* another column as the label */
    SPIRAL_SANITY_REMEDY_CONFUSION,    /* the confusion matrix */
    SPIRAL_SANITY_REMEDY_STANDARDIZE,  /* standardised features */
    SPIRAL_SANITY_REMEDY_LOWER_SCALE,  /* smaller first weights */
    SPIRAL_SANITY_REMEDY_HIGHER_SCALE, /* larger first weights */
    SPIRAL_SANITY_REMEDY_SEED,         /* other random numbers */
    SPIRAL_SANITY_REMEDY_GROUPS,       /* the gradient check of each group */
    SPIRAL_SANITY_REMEDY_HIDDEN,       /* a hidden layer */
    SPIRAL_SANITY_REMEDY_LOWER_RATE,   /* a lower learning rate */
    SPIRAL_SANITY_REMEDY_HIGHER_RATE,  /* a higher one */
    SPIRAL_SANITY_REMEDY_HE,           /* first weights by SPIRAL_INIT_HE */
    SPIRAL_SANITY_REMEDY_XAVIER,       /* by SPIRAL_INIT_XAVIER */
    SPIRAL_SANITY_REMEDY_ARMS          /* of a generated spiral: arms at even angles */
} SpiralSanityRemedy;

typedef struct SpiralSanityResult {
    const char *name; /* "class balance"; a static string */
    SpiralSanityOutcome outcome;
    char found[240];                /* one sentence with the numbers, without a full stop; long names are shortened */
    const char *advice;             /* what to do; a static string, empty when the outcome is ok */
    SpiralSanityRemedy remedies[2]; /* the first of them first, then NONE */
} SpiralSanityResult;

typedef struct SpiralSanity {
    SpiralSanityResult results[SPIRAL_SANITY_COUNT]; /* by SpiralSanityKind */
    size_t warnings, failures;
    size_t layers, updates; /* of the network, at most SPIRAL_SANITY_LAYERS; the updates made */
    SpiralLayerStatistics before[SPIRAL_SANITY_LAYERS], after[SPIRAL_SANITY_LAYERS];
} SpiralSanity;

typedef struct SpiralSanityOptions {
    /* its objective and threads for all checks; its first updates for the layers' check, without stop rules */
    SpiralTrainOptions training;
    size_t samples; /* of the gradient check: parameters a group; 0: all */
} SpiralSanityOptions;

SpiralSanityOptions spiral_sanity_defaults(void); /* the notes' training, 20 samples */

const char *spiral_sanity_outcome_name(SpiralSanityOutcome outcome); /* "ok", "warning", "failed"; a static string */

/* Runs every check on the data and on the freshly initialised network, which is left unchanged; rng draws the samples.
 * The status says whether the checks could be made, not what they found. Takes 32 bytes a row. Errors: USAGE (the
 * objective), INPUT (no labels, another D or K), LIMIT. */
SpiralStatus spiral_sanity_check(const SpiralNetwork *network, const SpiralDataset *dataset,
                                 const SpiralSanityOptions *options, SpiralRng *rng, SpiralSanity *sanity,
                                 SpiralError *error);

#ifdef __cplusplus
}
#endif

#endif
