/* trainer.h: gradient descent on a network, with a record of each iteration that is asked for, and checkpoints.
 *
 * An iteration is one update. Everything is deterministic: the batches' order and dropout draw from streams of their
 * own, so that the weights' stream is the same with and without them:
 *
 *     order    RandomState(seed + 1): permutation(N) at the start of every epoch; the batches are its slices
 *     dropout  RandomState(seed + 2): in every iteration, of each hidden layer in turn,
 *              random_sample((rows, units)) < 1 - dropout
 *
 * (seed + 1 and seed + 2 modulo 2^32). */
#ifndef SPIRAL_TRAINER_H
#define SPIRAL_TRAINER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spiral/dataset.h"
#include "spiral/gradient.h"
#include "spiral/network.h"
#include "spiral/optimizer.h"
#include "spiral/status.h"

typedef struct SpiralTrainOptions {
    double learning_rate; /* the schedule's base; positive */
    SpiralOptimizer optimizer;
    SpiralSchedule schedule;
    SpiralObjective objective;
    size_t iterations; /* updates to make */
    size_t batch_size; /* rows an update; 0: all */
    /* part of the hidden units left out in an update, 0 <= dropout < 1; what stays is divided by 1 - dropout */
    double dropout;
    double max_grad_norm; /* a gradient with a larger 2-norm is scaled down to it; 0: none is */
    uint32_t seed;        /* of the order and of dropout */
    size_t record_every;  /* the record hook sees iterations 0, n, 2n, ...; at least 1 */
    /* patience, tolerance and target_loss look at iterations 0, m, 2m, ..., m a multiple of record_every; 0: at
     * every record */
    size_t judge_every;
    size_t checkpoint_every; /* the checkpoint hook is called before iterations n, 2n, ...; 0: never */
    /* stop after so many of them without a lower validation loss; 0: don't. Needs validation data */
    size_t patience;
    double tolerance;   /* stop when the losses of two of them differ by less; 0: don't */
    double target_loss; /* stop when the loss of one is at most this; 0: don't */
    size_t threads;     /* 0: by the work's size; the bits do not depend on it */
} SpiralTrainOptions;

/* the notes': learning rate 1, reg 1e-3, 200 iterations, every 10; sgd, all rows */
SpiralTrainOptions spiral_train_defaults(void);
SpiralStatus spiral_train_validate(const SpiralTrainOptions *options, SpiralError *error);

/* Updates that make up an epoch of `rows` rows. */
size_t spiral_train_epoch(const SpiralTrainOptions *options, size_t rows);

/* What the babysitting section of the notes asks of one layer. */
typedef struct SpiralTrainLayer {
    double update_ratio; /* 2-norm of the weights' last update over that of the weights (about 1e-3 is healthy) */
    /* relu, leaky-relu: hidden units that are positive for no row of the batch; 0 in the last layer */
    size_t dead;
} SpiralTrainLayer;

/* The state before the update of this iteration. With mini-batches loss, accuracy and gradient are those of the
 * batch; with dropout, those of the units that stay. */
typedef struct SpiralTrainRecord {
    size_t iteration; /* from 0 */
    double loss, data_loss, reg_loss;
    double accuracy;     /* 0..1 */
    double grad_norm;    /* 2-norm of the whole gradient, before max_grad_norm */
    double update_ratio; /* 2-norm of all weights' update over that of all weights (biases aside) */
    double learning_rate;
    double validation_loss, validation_accuracy; /* data loss and accuracy on the validation data; NaN without */
    size_t layer_count;
    const SpiralTrainLayer *layers; /* (layer_count) valid during the call */
} SpiralTrainRecord;

typedef struct SpiralTrainer SpiralTrainer;

/* What happens on the way. A hook may be NULL. Anything but SPIRAL_OK ends the training with that status; the hook
 * fills in *error. */
typedef struct SpiralTrainHooks {
    SpiralStatus (*record)(const SpiralTrainRecord *record, void *context, SpiralError *error);
    SpiralStatus (*checkpoint)(SpiralTrainer *trainer, void *context, SpiralError *error); /* before the record */
    void *context;
    /* Looked at once an iteration: anything but 0 stops before it. May be NULL. It is read atomically; a signal handler
     * or another thread stores it with __atomic_store_n (C++: std::atomic_ref). */
    const volatile sig_atomic_t *interrupt;
    size_t pause; /* stop before this iteration, to be run again; 0: don't */
} SpiralTrainHooks;

typedef enum SpiralStopReason {
    SPIRAL_STOP_ITERATIONS,  /* all were made */
    SPIRAL_STOP_INTERRUPTED, /* *interrupt was set */
    SPIRAL_STOP_PAUSED,      /* the iteration to pause at is next */
    SPIRAL_STOP_DIVERGED,    /* a loss (the validation loss too), a parameter or the optimizer's state was not finite */
    SPIRAL_STOP_PATIENCE,    /* the validation loss no longer fell: the best weights were restored */
    SPIRAL_STOP_TOLERANCE,   /* the loss no longer changed */
    SPIRAL_STOP_TARGET       /* the loss was low enough */
} SpiralStopReason;

const char *spiral_stop_reason_name(SpiralStopReason reason); /* "iterations", "interrupted", ...; a static string */

/* What most likely made a training diverge. */
typedef enum SpiralCause {
    SPIRAL_CAUSE_RATE,
    SPIRAL_CAUSE_REG,
    SPIRAL_CAUSE_DATA,      /* large features */
    SPIRAL_CAUSE_WEIGHTS,   /* large first weights */
    SPIRAL_CAUSE_VALIDATION /* an observation of the validation data is of quite another scale */
} SpiralCause;

typedef struct SpiralTrainResult {
    SpiralStopReason reason;
    SpiralCause cause; /* after DIVERGED */
    size_t iterations; /* updates made that the network still holds; with patience, those of the best weights */
    SpiralLoss loss;   /* of the network as it is left, over all the training data, without dropout */
    double accuracy;
    double validation_loss, validation_accuracy; /* NaN without validation data */
    size_t best_iteration;                       /* of the lowest validation loss; 0 without */
} SpiralTrainResult;

/* Everything is borrowed until the trainer is freed; validation may be NULL. The network is where the training starts.
 * Errors: USAGE (options), INPUT (no labels, another D or K), LIMIT. */
SpiralStatus spiral_trainer_create(SpiralNetwork *network, const SpiralDataset *dataset,
                                   const SpiralDataset *validation, const SpiralTrainOptions *options,
                                   SpiralTrainer **trainer, SpiralError *error);
void spiral_trainer_free(SpiralTrainer *trainer); /* accepts NULL */

/* Runs to the end, or to what stops it. The network then holds the last parameters (the best after PATIENCE; after
 * DIVERGED the last that had a finite loss: then the status is DIVERGED, the error names the iteration, and *result
 * is filled in all the same). To be called once; after PAUSED again, with a later pause or none. While it is paused
 * a trainer holds its parameters and little else.
 *
 * Of several ranks (ranks.h) all call it, with the same data and options; each may have hooks or not. What one
 * rank's hook or interrupt ends, ends in the same iteration for all. */
SpiralStatus spiral_trainer_run(SpiralTrainer *trainer, const SpiralTrainHooks *hooks, SpiralTrainResult *result,
                                SpiralError *error);

/* Copies the parameters as they are into the network: for a hook that draws or saves it. */
void spiral_trainer_show(SpiralTrainer *trainer);

/* The next iteration to be made. */
size_t spiral_trainer_iteration(const SpiralTrainer *trainer);

/* One file from which the training can go on as if it had never stopped: parameters, the optimizer's and the streams'
 * state, the iteration, the best weights, checksums of the data, and settings: lines "name=value" of the caller's, in
 * any order. notes, such lines too, or NULL, are kept for the caller and not compared. Within a hook, or after a run
 * that was interrupted. Errors: OUTPUT, LIMIT, INPUT (settings or notes that are not UTF-8). */
SpiralStatus spiral_trainer_save(const SpiralTrainer *trainer, const char *settings, const char *notes,
                                 const char *path, SpiralError *error);

/* Takes up where spiral_trainer_save left; before the run. Refused by name: other data, another shape, settings that
 * are not the file's, and a state that no training of these options could come to; the trainer is then as it was. Only
 * iterations and checkpoint_every of the options may be others. defaults, lines or NULL, has the values of settings
 * that a file of an older version does not name. notes, unless NULL, becomes the notes saved, freed by free(); "" when
 * there are none. Errors: INPUT, LIMIT. */
SpiralStatus spiral_trainer_resume(SpiralTrainer *trainer, const char *settings, const char *defaults, const char *path,
                                   char **notes, SpiralError *error);

/* Creates, runs, frees: for who needs no checkpoints. */
SpiralStatus spiral_train(SpiralNetwork *network, const SpiralDataset *dataset, const SpiralTrainOptions *options,
                          const SpiralTrainHooks *hooks, SpiralTrainResult *result, SpiralError *error);

#endif
