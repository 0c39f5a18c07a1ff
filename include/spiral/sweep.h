/* sweep.h: many settings of a training, run over the cores of a machine, and what came of each.
 *
 *     axes     what the swept options may be: lists, ranges, distributions
 *     plan     the settings that follow from them, in order, each repeated with `seeds` seeds:
 *              run = setting * seeds + repeat
 *     results  a row a run, in memory and in results.csv
 *     curves   the losses of every run as it went, in memory and in curves.csv
 *     run      trains what has no row yet
 *
 * The plan and every row follow from the axes and the seed alone: neither how many runs go on at a time nor how
 * often the sweep was stopped and resumed shows in them. The seconds are the exception. */
#ifndef SPIRAL_SWEEP_H
#define SPIRAL_SWEEP_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spiral/dataset.h"
#include "spiral/limits.h"
#include "spiral/network.h"
#include "spiral/output.h"
#include "spiral/status.h"
#include "spiral/trainer.h"

/* ---- axes -------------------------------------------------------------------------------------------------------- */

/* The numbers that an option takes; a text option has none. */
typedef struct SpiralSweepDomain {
    bool number, whole;
    double minimum, maximum; /* maximum 0: none */
    bool above;              /* the minimum itself is refused */
} SpiralSweepDomain;

typedef enum SpiralSweepKind {
    SPIRAL_SWEEP_LIST,        /* 0.1,0.3,1 */
    SPIRAL_SWEEP_LINEAR,      /* lin:a:b:n     a + i (b - a) / (n - 1) */
    SPIRAL_SWEEP_LOGARITHMIC, /* log:a:b:n     a (b / a)^(i / (n - 1)) */
    SPIRAL_SWEEP_CHOICE,      /* choice:x,y    one of them, u = random_sample(): the floor(u n)-th */
    SPIRAL_SWEEP_UNIFORM,     /* uniform:a:b   a + u (b - a) */
    SPIRAL_SWEEP_LOG_UNIFORM  /* loguniform:a:b   a (b / a)^u */
} SpiralSweepKind;

/* What is computed is rounded to 6 significant digits (whole numbers to whole numbers), so that it can be typed
 * again; the ends of a range are exact. */
typedef struct SpiralSweepAxis {
    char *name, *text; /* the option; what was given */
    char separator;    /* between the values of a list */
    SpiralSweepDomain domain;
    SpiralSweepKind kind;
    double low, high; /* of ranges and distributions */
    size_t count;
    char **values; /* (count) of lists, choices and ranges, as the option takes them */
} SpiralSweepAxis;

/* Does text hold several values, or a distribution of them? */
bool spiral_sweep_is_many(const char *text, char separator);

/* Fills in *axis, to be cleared also after a failure. Errors: USAGE, "NAME: found ..., expected ..."; LIMIT. */
SpiralStatus spiral_sweep_axis_parse(const char *name, const char *text, char separator,
                                     const SpiralSweepDomain *domain, SpiralSweepAxis *axis, SpiralError *error);
void spiral_sweep_axis_clear(SpiralSweepAxis *axis);

/* Is it drawn from at random? */
bool spiral_sweep_axis_is_random(const SpiralSweepAxis *axis);

/* Is it one of numbers, and are they better shown by factors? */
bool spiral_sweep_axis_is_number(const SpiralSweepAxis *axis);
bool spiral_sweep_axis_is_logarithmic(const SpiralSweepAxis *axis);

/* Does value (one that the axis gave) lie on the border of the axis, or within a twentieth of it where the axis is
 * random? Then *low tells which one, and text is what to give the option next: as wide a range, with value in its
 * middle. False where the option itself goes no further, and for what is no number. */
bool spiral_sweep_axis_border(const SpiralSweepAxis *axis, const char *value, bool *low, char *text, size_t size);

/* ---- plan -------------------------------------------------------------------------------------------------------- */

typedef struct SpiralSweepPlanOptions {
    size_t axis_count;
    const SpiralSweepAxis *axes; /* borrowed; a grid's last axis varies fastest */
    /* settings to draw from RandomState(seed + 4), axis by axis; 0: the grid of all values */
    size_t random;
    size_t seeds;  /* repeats of a setting, with seed, seed + 1, ... */
    size_t refine; /* rounds that are to follow the first */
    uint32_t seed;
    size_t shard, shards; /* the settings s of s mod shards = shard - 1 are this one's; 1, 1: all */
} SpiralSweepPlanOptions;

typedef struct SpiralSweepPlan {
    SpiralSweepPlanOptions options;
    size_t settings; /* of all rounds so far; runs = settings * seeds */
    size_t round;    /* the last, from 0 */
    size_t first;    /* setting of the last round */
    size_t capacity;
    char **values; /* (settings, axes) */
    SpiralRng stream;
} SpiralSweepPlan;

/* Why options make no plan. */
typedef enum SpiralSweepFault {
    SPIRAL_SWEEP_FAULT_NONE,
    SPIRAL_SWEEP_FAULT_NOTHING_SWEPT,  /* no axis and one seed */
    SPIRAL_SWEEP_FAULT_NOTHING_DRAWN,  /* `random`, and no axis */
    SPIRAL_SWEEP_FAULT_DISTRIBUTION,   /* an axis is a distribution, without `random` */
    SPIRAL_SWEEP_FAULT_GRID,           /* an axis is a list or a range, with `random` */
    SPIRAL_SWEEP_FAULT_NOTHING_REFINED /* `refine`, and no axis of numbers */
} SpiralSweepFault;

/* *axis becomes the one at fault, NULL when it is none alone. */
SpiralSweepFault spiral_sweep_plan_check(const SpiralSweepPlanOptions *options, const SpiralSweepAxis **axis);

/* Errors: USAGE (a fault), LIMIT. On failure *plan is NULL. */
SpiralStatus spiral_sweep_plan_create(const SpiralSweepPlanOptions *options, SpiralSweepPlan **plan,
                                      SpiralError *error);
void spiral_sweep_plan_free(SpiralSweepPlan *plan); /* accepts NULL */

/* Another round of as many settings as the first had: each number drawn from a range about that of the setting
 * `best` (in logarithms where the axis is logarithmic), as wide as the axis / 4^round, kept within what the option
 * takes; all else as in best. */
SpiralStatus spiral_sweep_plan_refine(SpiralSweepPlan *plan, size_t best, SpiralError *error);

const char *spiral_sweep_plan_value(const SpiralSweepPlan *plan, size_t setting, size_t axis);
uint32_t spiral_sweep_plan_seed(const SpiralSweepPlan *plan, size_t run);
size_t spiral_sweep_plan_runs(const SpiralSweepPlan *plan);

/* Is the setting this shard's? */
bool spiral_sweep_plan_has(const SpiralSweepPlan *plan, size_t setting);

/* ---- results ----------------------------------------------------------------------------------------------------- */

#define SPIRAL_SWEEP_STATUS_LIST(X)                                                                                    \
    X(SPIRAL_SWEEP_NONE, "none")         /* not run */                                                                 \
    X(SPIRAL_SWEEP_OK, "ok")             /* all iterations were made */                                                \
    X(SPIRAL_SWEEP_STOPPED, "stopped")   /* by patience, tolerance or the target loss */                               \
    X(SPIRAL_SWEEP_PRUNED, "pruned")     /* by successive halving */                                                   \
    X(SPIRAL_SWEEP_DIVERGED, "diverged") /* the row is that of the last finite parameters */

typedef enum SpiralSweepStatus {
#define SPIRAL_SWEEP_STATUS_ENUM(code, name) code,
    SPIRAL_SWEEP_STATUS_LIST(SPIRAL_SWEEP_STATUS_ENUM)
#undef SPIRAL_SWEEP_STATUS_ENUM
} SpiralSweepStatus;

const char *spiral_sweep_status_name(SpiralSweepStatus status); /* a static string */

/* What came of a run; the numbers are a SpiralTrainResult's. */
typedef struct SpiralSweepRow {
    SpiralSweepStatus status;
    size_t iterations;
    double loss, data_loss, accuracy;
    double validation_loss, validation_accuracy; /* NaN without validation data */
    double seconds;
} SpiralSweepRow;

typedef struct SpiralSweepResults SpiralSweepResults;

/* The name of an axis's column: the option's with _ for -. */
void spiral_sweep_column_name(const SpiralSweepAxis *axis, char *text, size_t size);

/* No rows yet. The plan is borrowed, and may grow. */
SpiralStatus spiral_sweep_results_create(SpiralSweepPlan *plan, SpiralSweepResults **results, SpiralError *error);
/* accepts NULL; a file that is open keeps its whole lines */
void spiral_sweep_results_free(SpiralSweepResults *results);

/* Takes the rows of the plan's last round from a results.csv. A last line that is not whole is passed over, and so are,
 * while `more` rounds may come, runs that the plan doesn't have yet. Errors: INPUT with file and line (another header,
 * a setting that is not the plan's, a run twice, no regular file), LIMIT. Where within is not NULL, path begins with
 * it, and below that folder no symbolic link is followed. */
SpiralStatus spiral_sweep_results_read(SpiralSweepResults *results, const char *within, const char *path, bool more,
                                       SpiralError *error);

/* From now on rows that are added are appended to the file at path, each a whole line, by spiral_sweep_results_flush,
 * which waits until they are on the disk; the rows that are there are written to it first. Errors: OUTPUT, LIMIT. */
SpiralStatus spiral_sweep_results_open(SpiralSweepResults *results, const char *path, SpiralError *error);
void spiral_sweep_results_add(SpiralSweepResults *results, size_t run, const SpiralSweepRow *row);
SpiralStatus spiral_sweep_results_flush(SpiralSweepResults *results, SpiralError *error);

/* Writes all rows to path in the order of their runs, as one whole file; what was open is closed. */
SpiralStatus spiral_sweep_results_save(SpiralSweepResults *results, const char *path, SpiralError *error);

/* status NONE when there is none */
const SpiralSweepRow *spiral_sweep_results_row(const SpiralSweepResults *results, size_t run);

typedef enum SpiralSweepMeasure { SPIRAL_SWEEP_BY_ACCURACY, SPIRAL_SWEEP_BY_LOSS } SpiralSweepMeasure;

/* A setting over its seeds. With validation data accuracy and loss are those on it, else those of the training data;
 * the loss is the data loss, since regularised losses of different reg don't compare. */
typedef struct SpiralSweepScore {
    size_t setting;
    size_t runs, diverged, pruned;             /* rows; of them */
    size_t iterations;                         /* of the run that made the fewest */
    double accuracy, loss;                     /* means */
    double accuracy_deviation, loss_deviation; /* of the sample (n - 1); 0 of one run */
} SpiralSweepScore;

SpiralSweepScore spiral_sweep_score(const SpiralSweepResults *results, size_t setting);

/* The scores of this shard's settings that have rows, best first: whole ones before pruned (of those, the ones that
 * came further), and those before any with a run that diverged; then by the measure's mean, the other's, and the
 * number. *scores (*count) is freed by free(). Errors: LIMIT. */
SpiralStatus spiral_sweep_ranking(const SpiralSweepResults *results, SpiralSweepMeasure measure,
                                  SpiralSweepScore **scores, size_t *count, SpiralError *error);

/* The best of a setting's runs, in the same order. */
size_t spiral_sweep_best_run(const SpiralSweepResults *results, SpiralSweepMeasure measure, size_t setting);

/* ---- curves ------------------------------------------------------------------------------------------------------ */

enum { SPIRAL_SWEEP_CURVE_POINTS = 64 };

/* The losses of a run, at most SPIRAL_SWEEP_CURVE_POINTS of them. */
typedef struct SpiralSweepCurve {
    size_t count;
    double (*points)[3]; /* (count) iteration, loss, validation loss or NaN */
} SpiralSweepCurve;

/* The curves of all runs and curves.csv: run, iteration, loss, validation_loss. All zero before, cleared after. */
typedef struct SpiralSweepCurves {
    size_t count;
    SpiralSweepCurve *curves; /* (count) by run */
    SpiralOutput *output;     /* NULL: not open */
} SpiralSweepCurves;

/* Takes the curves of runs that have rows from the whole lines of the file at path, if it is there. Where within is
 * not NULL, path begins with it, and below that folder no symbolic link is followed. Errors: INPUT, LIMIT. */
SpiralStatus spiral_sweep_curves_read(SpiralSweepCurves *curves, const SpiralSweepResults *results, const char *within,
                                      const char *path, SpiralError *error);

/* Makes the file with the curves that there are, and leaves it open: add appends to it. Errors: OUTPUT, LIMIT. */
SpiralStatus spiral_sweep_curves_open(SpiralSweepCurves *curves, const char *path, SpiralError *error);

/* The run's curve, in place of what it had. */
SpiralStatus spiral_sweep_curves_add(SpiralSweepCurves *curves, size_t run, size_t count, const double (*points)[3],
                                     SpiralError *error);

/* Writes all in the order of the runs, as one whole file; what was open is closed. Errors: OUTPUT, LIMIT. */
SpiralStatus spiral_sweep_curves_save(SpiralSweepCurves *curves, const char *path, SpiralError *error);
void spiral_sweep_curves_clear(SpiralSweepCurves *curves);

/* ---- run --------------------------------------------------------------------------------------------------------- */

/* One training; whoever prepares it owns what it points to until it is released. */
typedef struct SpiralSweepJob {
    size_t run;
    SpiralNetwork *network;
    const SpiralDataset *dataset, *validation; /* validation NULL: none */
    SpiralTrainOptions options;                /* threads 1 */
    double seconds;                            /* that it took, when it is finished */
    SpiralCause cause;                         /* of a run that diverged, when it is finished */
    void *own;                                 /* for the hooks */
} SpiralSweepJob;

/* Called on any thread, one at a time, but for record. Anything but SPIRAL_OK ends the sweep with that status. */
typedef struct SpiralSweepHooks {
    /* The longest run begins first. */
    SpiralStatus (*cost)(size_t run, double *cost, void *context, SpiralError *error);
    SpiralStatus (*prepare)(SpiralSweepJob *job, void *context, SpiralError *error);
    SpiralStatus (*record)(SpiralSweepJob *job, const SpiralTrainRecord *record, void *context, SpiralError *error);
    SpiralStatus (*finish)(SpiralSweepJob *job, const SpiralSweepRow *row, void *context,
                           SpiralError *error); /* before the row is added */
    /* About once a second, and at the end: calls spiral_sweep_results_flush, when what finish has written for the rows
     * is on the disk. NULL: rows are flushed at once. */
    SpiralStatus (*settle)(void *context, SpiralError *error);
    void (*release)(SpiralSweepJob *job, void *context); /* after prepare, whatever came of it */
    void (*tick)(void *context);                         /* five times a second, about, while something is recorded */
    double (*clock)(void *context);                      /* seconds */
    void *context;
    const volatile sig_atomic_t *interrupt; /* as in trainer.h: what runs is given up, and the status is OK */
} SpiralSweepHooks;

typedef struct SpiralSweepRunOptions {
    size_t jobs; /* runs at a time, one thread each; 0: as many as there are cores */
    bool prune;  /* successive halving: see below */
    SpiralSweepMeasure measure;
} SpiralSweepRunOptions;

/* Trains all runs of the plan's last round, of this shard, that have no row; their rows are added as they end.
 *
 * prune is successive halving (Jamieson and Talwalkar, 2016; the inner loop of Hyperband, Li et al., 2018) with eta
 * = 3: of n settings s = floor(log_3 n) times a third goes on, and the others end as pruned: when they have made
 * 3^-s of their iterations, 3^(1-s), ... 1/3. All wait for the last of them there, so that it doesn't matter in what
 * order they came. A setting goes on with all its seeds, or none; one that has diverged with any goes on with none.
 * A setting none of whose runs came so far is not counted. s is less where a run's iterations can't be divided by 3
 * as often.
 *
 * Errors: those of the hooks, LIMIT, OUTPUT. */
SpiralStatus spiral_sweep_run(SpiralSweepResults *results, const SpiralSweepRunOptions *options,
                              const SpiralSweepHooks *hooks, SpiralError *error);

#endif
