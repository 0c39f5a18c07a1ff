/* trainer.h: trains a network by gradient descent, with periodic records and checkpoints.
 *
 * An iteration is one update. Everything is deterministic. The order of the batches and dropout have random streams of
 * their own, so that they do not change the stream of the weights:
 *
 *     order    RandomState(seed + 1): permutation(N) at the start of every epoch; the batches are its slices
 *     dropout  RandomState(seed + 2): in every iteration, for each hidden layer in turn,
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

#ifdef __cplusplus
extern "C" {
#endif

typedef struct SpiralTrainOptions {
    double learning_rate; /* the schedule's base; positive */
    SpiralOptimizer optimizer;
    SpiralSchedule schedule;
    SpiralObjective objective;
    size_t iterations; /* updates to make */
    size_t batch_size; /* rows per update; 0: all */
    /* probability that a hidden unit is dropped in an update, 0 <= dropout < 1; kept units are divided by 1 - dropout
     * */
    double dropout;
    double max_grad_norm; /* a gradient with a larger 2-norm is scaled down to it; 0: no limit */
    uint32_t seed;        /* of the batch order and of dropout */
    size_t record_every;  /* the record hook is called at iterations 0, n, 2n, ...; at least 1 */
    /* the checkpoint hook is called before iterations n, 2n, ..., and when the training ends, unless it was
     * interrupted, paused or has diverged; 0: never */
    size_t checkpoint_every;
    /* The stop rules are applied at iterations 0, m, 2m, ..., m a multiple of record_every (0: at every record), and
     * after the last update. They look at the loss over all the training data, without dropout: with mini-batches or
     * dropout, target_loss and tolerance therefore take a pass over the data each time. */
    size_t judge_every;
    /* stop when this many times in a row the validation loss was not the lowest so far, and keep the weights of the
     * lowest, but never those before the first update; 0: don't. Needs validation data */
    size_t patience;
    double tolerance;   /* stop when two losses in a row differ by less; 0: don't */
    double target_loss; /* stop when the loss is at most this; 0: don't */
    size_t threads;     /* 0: chosen from the amount of work; the bits do not depend on it */
} SpiralTrainOptions;

/* the notes': learning rate 1, reg 1e-3, 200 iterations, every 10; sgd, all rows */
SpiralTrainOptions spiral_train_defaults(void);
SpiralStatus spiral_train_validate(const SpiralTrainOptions *options, SpiralError *error);

/* The number of updates in an epoch of `rows` rows. */
size_t spiral_train_epoch(const SpiralTrainOptions *options, size_t rows);

/* What the notes' section "Babysitting the learning process" looks at in a layer. */
typedef struct SpiralTrainLayer {
    double update_ratio; /* 2-norm of the last update of the weights over that of the weights; about 1e-3 is healthy */
    /* relu, leaky-relu: hidden units that are not positive for any row of the batch; 0 in the last layer */
    size_t dead;
} SpiralTrainLayer;

/* The state before the update of this iteration. With mini-batches, loss, accuracy and gradient are those of the batch;
 * with dropout, those of the network without the dropped units. */
typedef struct SpiralTrainRecord {
    size_t iteration; /* from 0 */
    double loss, data_loss, reg_loss;
    double accuracy;     /* 0..1 */
    double grad_norm;    /* 2-norm of the whole gradient, before max_grad_norm */
    double update_ratio; /* 2-norm of the update of all weights over that of all weights (without the biases) */
    double learning_rate;
    double validation_loss, validation_accuracy; /* data loss and accuracy on the validation data; NaN without */
    size_t layer_count;
    const SpiralTrainLayer *layers; /* (layer_count) valid during the call */
} SpiralTrainRecord;

typedef struct SpiralTrainer SpiralTrainer;

/* Callbacks during the training; each may be NULL. A hook that returns anything but SPIRAL_OK fills in *error and ends
 * the training with that status. */
typedef struct SpiralTrainHooks {
    SpiralStatus (*record)(const SpiralTrainRecord *record, void *context, SpiralError *error);
    /* before the record of the same iteration, if there is one */
    SpiralStatus (*checkpoint)(SpiralTrainer *trainer, void *context, SpiralError *error);
    void *context;
    /* Read before every iteration: a value other than 0 stops the training. May be NULL. It is read atomically; a
     * signal handler or another thread should store it with __atomic_store_n (C++: std::atomic_ref). */
    const volatile sig_atomic_t *interrupt;
    /* The same, but not before this call has made an iteration, and the training then ends as if all had been made. */
    const volatile sig_atomic_t *time_out;
    size_t pause; /* pause before this iteration, to be continued by another run; 0: don't */
} SpiralTrainHooks;

typedef enum SpiralStopReason {
    SPIRAL_STOP_ITERATIONS,  /* all iterations are done */
    SPIRAL_STOP_INTERRUPTED, /* *interrupt was set */
    SPIRAL_STOP_TIME,        /* *time_out was set */
    SPIRAL_STOP_PAUSED,      /* the next iteration is the one to pause at */
    SPIRAL_STOP_DIVERGED,    /* a training or validation loss, a parameter or the optimizer's state was not finite */
    SPIRAL_STOP_PATIENCE,    /* the validation loss stopped falling */
    SPIRAL_STOP_TOLERANCE,   /* the loss stopped changing */
    SPIRAL_STOP_TARGET       /* the loss reached the target */
} SpiralStopReason;

const char *spiral_stop_reason_name(SpiralStopReason reason); /* "iterations", "interrupted", ...; a static string */

/* The most likely reason why a training diverged. */
typedef enum SpiralCause {
    SPIRAL_CAUSE_RATE,
    SPIRAL_CAUSE_REG,
    SPIRAL_CAUSE_DATA,      /* large features */
    SPIRAL_CAUSE_WEIGHTS,   /* large initial weights */
    SPIRAL_CAUSE_VALIDATION /* an observation of the validation data is on a very different scale */
} SpiralCause;

typedef struct SpiralTrainResult {
    SpiralStopReason reason;
    SpiralCause cause; /* after DIVERGED */
    size_t iterations; /* updates behind the network's parameters; with patience, those up to the best weights */
    SpiralLoss loss;   /* of the resulting network over all training data, without dropout */
    double accuracy;
    double validation_loss, validation_accuracy; /* NaN without validation data */
    size_t best_iteration;                       /* with patience, of the lowest validation loss; else 0 */
} SpiralTrainResult;

/* Everything is borrowed until the trainer is freed; validation may be NULL. Training starts from the network's current
 * parameters. Errors: USAGE (options), INPUT (no labels, another D or K), LIMIT. */
SpiralStatus spiral_trainer_create(SpiralNetwork *network, const SpiralDataset *dataset,
                                   const SpiralDataset *validation, const SpiralTrainOptions *options,
                                   SpiralTrainer **trainer, SpiralError *error);
void spiral_trainer_free(SpiralTrainer *trainer); /* accepts NULL */

/* Trains until something stops it. The network then holds the last parameters (with patience the best, unless the
 * training was interrupted or paused; after DIVERGED the last with a finite loss: then the status is DIVERGED, the
 * error names the iteration, and *result is filled in all the same). Call it once; after PAUSED call it again, with a
 * later pause or none. A paused trainer holds its parameters and little else.
 *
 * With several ranks (ranks.h) all of them must call it, with the same data and options; each may have hooks or not.
 * When a hook or an interrupt stops one rank, all stop at the same iteration. */
SpiralStatus spiral_trainer_run(SpiralTrainer *trainer, const SpiralTrainHooks *hooks, SpiralTrainResult *result,
                                SpiralError *error);

/* Copies the current parameters into the network, for a hook that draws or saves it. */
void spiral_trainer_show(SpiralTrainer *trainer);

/* The next iteration. */
size_t spiral_trainer_iteration(const SpiralTrainer *trainer);

/* Writes a checkpoint from which the training can resume as if it had never stopped: the parameters, the state of the
 * optimizer and of the random streams, the iteration, the best weights, checksums of the data, and settings, which are
 * "name=value" lines chosen by the caller, in any order; a name alone stands for any value that is not empty. notes,
 * NULL or lines of the same kind, are stored but not compared. Call it within the checkpoint hook or after a run that
 * was interrupted or timed out. Errors: OUTPUT, LIMIT, INPUT (settings or notes that are not UTF-8). */
SpiralStatus spiral_trainer_save(const SpiralTrainer *trainer, const char *settings, const char *notes,
                                 const char *path, SpiralError *error);

/* Restores what spiral_trainer_save saved; call it before the run. Refused, with an error that names the difference,
 * and with the trainer unchanged: other data, another shape, settings that differ from the file's, and a state that no
 * training with these options could reach. Of the options only iterations, checkpoint_every, threads and the stop rules
 * may differ: tolerance, target_loss, and patience unless it is 0 on one side. defaults, lines or NULL, gives the
 * values of settings that a file of an older version lacks. *notes, unless notes is NULL, is set to the saved notes, ""
 * if there are none; free it with free(). Errors: INPUT, LIMIT. */
SpiralStatus spiral_trainer_resume(SpiralTrainer *trainer, const char *settings, const char *defaults, const char *path,
                                   char **notes, SpiralError *error);

/* Creates, runs and frees a trainer, when no checkpoints are needed. */
SpiralStatus spiral_train(SpiralNetwork *network, const SpiralDataset *dataset, const SpiralTrainOptions *options,
                          const SpiralTrainHooks *hooks, SpiralTrainResult *result, SpiralError *error);

#ifdef __cplusplus
}
#endif

#endif
