/* trainer.h: gradient descent on a network, with a record of each iteration that is asked for. */
#ifndef SPIRAL_TRAINER_H
#define SPIRAL_TRAINER_H

#include <signal.h>
#include <stddef.h>

#include "spiral/dataset.h"
#include "spiral/gradient.h"
#include "spiral/network.h"
#include "spiral/status.h"

typedef struct SpiralTrainOptions {
    double learning_rate; /* positive */
    SpiralObjective objective;
    size_t iterations;   /* updates to make */
    size_t record_every; /* the observer sees iterations 0, n, 2n, ...; at least 1 */
    size_t threads;      /* 0: by the work's size; the bits do not depend on it */
} SpiralTrainOptions;

SpiralTrainOptions spiral_train_defaults(void); /* the notes': learning rate 1, reg 1e-3, 200 iterations, every 10 */
SpiralStatus spiral_train_validate(const SpiralTrainOptions *options, SpiralError *error);

/* The state before the update of this iteration. */
typedef struct SpiralTrainRecord {
    size_t iteration; /* from 0 */
    double loss, data_loss, reg_loss;
    double accuracy;     /* on the training data, 0..1 */
    double grad_norm;    /* 2-norm of the whole gradient */
    double update_ratio; /* 2-norm of the weights' update over the 2-norm of the weights (biases aside) */
    double learning_rate;
} SpiralTrainRecord;

/* Called for every recorded iteration. Anything but SPIRAL_OK ends the training with that status; the observer fills
 * in *error. */
typedef SpiralStatus (*SpiralTrainObserver)(const SpiralTrainRecord *record, void *context, SpiralError *error);

typedef enum SpiralStopReason {
    SPIRAL_STOP_ITERATIONS,  /* all were made */
    SPIRAL_STOP_INTERRUPTED, /* *interrupt became non-zero */
    SPIRAL_STOP_DIVERGED     /* a loss or a parameter was not finite */
} SpiralStopReason;

typedef struct SpiralTrainResult {
    SpiralStopReason reason;
    size_t iterations; /* updates made that the network still holds */
    SpiralLoss loss;   /* of the network as it is left */
    double accuracy;
} SpiralTrainResult;

/* Full-batch gradient descent: W -= learning_rate * dW. When it ends the network holds the last parameters, or, when the
 * loss or a parameter stops being finite, the last that had a finite loss: then the status is DIVERGED, the error names the
 * iteration, and *result is filled in all the same. interrupt may be NULL; it is looked at once an iteration.
 *
 * Of several ranks (ranks.h) all call it, with the same data and options; each may have an observer or NULL. What one rank's
 * observer or interrupt ends, ends in the same iteration for all. */
SpiralStatus spiral_train(SpiralNetwork *network, const SpiralDataset *dataset, const SpiralTrainOptions *options,
                          SpiralTrainObserver observer, void *context, const volatile sig_atomic_t *interrupt,
                          SpiralTrainResult *result, SpiralError *error);

#endif
