/* warnings.h: warns when a training does not learn, comes apart or overfits, as the notes advise ("Babysitting the
 * learning process"). It looks at the whole data (of large data, at SPIRAL_LAYER_ROWS rows of it), without dropout and
 * without penalties, in looks that lie further apart the longer the training takes, and when it ends. Each cause is
 * named once. */
#ifndef SPIRAL_CLI_TRAIN_WARNINGS_H
#define SPIRAL_CLI_TRAIN_WARNINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options/train_settings.h"
#include "cli/run.h"
#include "spiral/layer_statistics.h"
#include "spiral/trainer.h"

/* X(code, name in summary.json) */
#define TRAINING_CAUSE_LIST(X)                                                                                         \
    X(CAUSE_ZERO_WEIGHTS, "zero-weights")                                                                              \
    X(CAUSE_DEAD_UNITS, "dead-units")                                                                                  \
    X(CAUSE_LARGE_WEIGHTS, "large-weights")                                                                            \
    X(CAUSE_SATURATION, "saturation")                                                                                  \
    X(CAUSE_RATE_HIGH, "rate-high")                                                                                    \
    X(CAUSE_FADING, "fading-activations")                                                                              \
    X(CAUSE_PENALTY, "penalty")                                                                                        \
    X(CAUSE_DROPOUT, "dropout")                                                                                        \
    X(CAUSE_SCHEDULE, "schedule")                                                                                      \
    X(CAUSE_RATE_LOW, "rate-low")                                                                                      \
    X(CAUSE_LINEAR, "linear-model")                                                                                    \
    X(CAUSE_STUCK, "no-progress")                                                                                      \
    X(CAUSE_OVERFITTING, "overfitting")

typedef enum TrainingCause {
#define TRAINING_CAUSE_ENUM(code, name) code,
    TRAINING_CAUSE_LIST(TRAINING_CAUSE_ENUM)
#undef TRAINING_CAUSE_ENUM
} TrainingCause;

typedef struct TrainingWarning {
    TrainingCause cause;
    size_t iteration;
    char text[400];     /* one line: what was seen, and why */
    char remedy[2][48]; /* options with values; "": none */
    bool together;      /* both are needed; else each may help */
} TrainingWarning;

enum { RECENT_LOOKS = 8, MOST_WARNINGS = 4, TRAINING_WARNING_TEXT = 512 };

/* What a look saw: the mean loss over the rows. */
typedef struct Look {
    size_t iteration;
    double loss;
} Look;

typedef struct TrainingWarnings {
    const TrainSettings *settings; /* this and the next two are borrowed */
    const SpiralNetwork *network;
    const SpiralDataset *dataset;
    size_t validation_rows;
    SpiralLayerMeter *meter;
    double chance;                                        /* the loss of a guess by the classes' shares */
    SpiralLayerStatistics first[SPIRAL_HIDDEN_LIMIT + 1]; /* before the first update */
    /* What a checkpoint keeps. */
    size_t next;                     /* the first iteration that may be the next look */
    Look begin, best, lowest;        /* lowest: of the validation loss, over all rows of the log */
    double lowest_training;          /* the training loss about then */
    Look recent[RECENT_LOOKS];       /* the last ones, the oldest first */
    size_t recent_count, overfitted; /* overfitted: so many looks in a row */
    TrainingWarning given[MOST_WARNINGS + 1];
    size_t count, early; /* early: of these, given before the end */
} TrainingWarnings;

/* The network holds its first weights. Free it, even after a failure. Errors: LIMIT. */
SpiralStatus training_warnings_start(TrainingWarnings *warnings, const TrainSettings *settings,
                                     const SpiralNetwork *network, const TrainData *data, SpiralError *error);
void training_warnings_free(TrainingWarnings *warnings);

/* Will the check of this record of the log look at the network? Then it must hold the current parameters. */
bool training_warnings_due(const TrainingWarnings *warnings, const SpiralTrainRecord *record);

/* Looks at a record of the log; returns the new warning, or NULL. */
const TrainingWarning *training_warnings_check(TrainingWarnings *warnings, const SpiralTrainRecord *record);

/* Looks at the trained network; returns the new warning, or NULL. */
const TrainingWarning *training_warnings_end(TrainingWarnings *warnings, const SpiralTrainResult *result);

/* "rate-high"; a static string */
const char *training_cause_name(TrainingCause cause);

/* Writes the warning as a sentence with its remedies. */
void training_warning_print(const TrainingWarning *warning, char *text, size_t size);

/* Adds the array "warnings" to a summary. False when out of memory. */
bool training_warnings_add(cJSON *root, const TrainingWarnings *warnings);

/* What a checkpoint keeps, on one line, freed by free(); NULL when out of memory. And back, after the
 * start; path is the checkpoint's, and the text is modified. Errors: INPUT, LIMIT. */
char *training_warnings_save(const TrainingWarnings *warnings);
SpiralStatus training_warnings_restore(TrainingWarnings *warnings, const char *path, char *text, SpiralError *error);

/* diagnosis.c: adds to the warning why a training whose mean data loss is `loss` after so many iterations, in the
 * middle or when it has ended, has not learnt, and what to try. The meter has measured the network. */
void training_diagnose(const TrainingWarnings *warnings, size_t iterations, bool ended, double loss,
                       TrainingWarning *warning);

/* The same for a validation loss that has risen to `loss` while the training loss fell. */
void training_diagnose_overfitting(const TrainingWarnings *warnings, double loss, TrainingWarning *warning);

#endif
