/* sweep.h: trains a network with many settings, in parallel on the cores of a machine, and records the results.
 *
 *     axes     the values of the swept options: lists, ranges, distributions
 *     plan     the settings made from the axes, in order, each repeated with `seeds` seeds:
 *              run = setting * seeds + repeat
 *     results  one row per run, in memory and in results.csv
 *     curves   the loss curve of every run, in memory and in curves.csv
 *     run      trains every run that has no row yet
 *
 * The plan and every row follow from the axes and the seed alone: they depend neither on the number of parallel jobs
 * nor on how often the sweep was stopped and resumed. The seconds are the exception. */
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

#ifdef __cplusplus
extern "C" {
#endif

/* ---- axes -------------------------------------------------------------------------------------------------------- */

/* The numbers that an option accepts; a text option has none. */
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

/* Computed values are rounded to 6 significant digits (those of whole-number options to whole numbers), so that they
 * can be typed again; the ends of a range are exact. */
typedef struct SpiralSweepAxis {
    char *name, *text; /* the option, and its argument as given */
    char separator;    /* between the values of a list */
    SpiralSweepDomain domain;
    SpiralSweepKind kind;
    double low, high; /* of ranges and distributions */
    size_t count;
    char **values; /* (count) of lists, choices and ranges, as the option accepts them */
} SpiralSweepAxis;

/* Does text hold several values or a distribution? */
bool spiral_sweep_is_many(const char *text, char separator);

/* Fills in *axis, to be cleared also after a failure. Errors: USAGE, "NAME: found ..., expected ..."; LIMIT. */
SpiralStatus spiral_sweep_axis_parse(const char *name, const char *text, char separator,
                                     const SpiralSweepDomain *domain, SpiralSweepAxis *axis, SpiralError *error);
void spiral_sweep_axis_clear(SpiralSweepAxis *axis);

/* Is it a distribution? */
bool spiral_sweep_axis_is_random(const SpiralSweepAxis *axis);

/* Are its values numbers, and are they better shown on a logarithmic scale? */
bool spiral_sweep_axis_is_number(const SpiralSweepAxis *axis);
bool spiral_sweep_axis_is_logarithmic(const SpiralSweepAxis *axis);

/* Does value, one of the axis's own, lie at an end of the axis, or for a distribution within a twentieth of the axis of
 * an end? If so, *low says which end, and text is a range to try next: as wide, with value in its middle. False where
 * the option itself allows no more, and for values that are not numbers. */
bool spiral_sweep_axis_border(const SpiralSweepAxis *axis, const char *value, bool *low, char *text, size_t size);

/* ---- plan -------------------------------------------------------------------------------------------------------- */

typedef struct SpiralSweepPlanOptions {
    size_t axis_count;
    const SpiralSweepAxis *axes; /* borrowed; a grid's last axis varies fastest */
    /* settings to draw from RandomState(seed + 4), axis by axis; 0: the grid of all values */
    size_t random;
    size_t seeds;  /* how often each setting is repeated, with seed, seed + 1, ... */
    size_t refine; /* rounds that follow the first */
    uint32_t seed;
    bool validated; /* do the runs have validation data? Their rows then have its loss and accuracy, and no others do */
    size_t shard, shards; /* this process runs the settings s with s mod shards = shard - 1; 1, 1: all */
} SpiralSweepPlanOptions;

typedef struct SpiralSweepPlan {
    SpiralSweepPlanOptions options;
    size_t settings; /* of all rounds so far; runs = settings * seeds */
    size_t round;    /* the current one, from 0 */
    size_t first;    /* the first setting of that round */
    size_t capacity;
    char **values; /* (settings, axes) */
    SpiralRng stream;
} SpiralSweepPlan;

/* Why options make no plan. */
typedef enum SpiralSweepFault {
    SPIRAL_SWEEP_FAULT_NONE,
    SPIRAL_SWEEP_FAULT_NOTHING_SWEPT,   /* no axis and one seed */
    SPIRAL_SWEEP_FAULT_NOTHING_DRAWN,   /* `random`, and no axis */
    SPIRAL_SWEEP_FAULT_DISTRIBUTION,    /* an axis is a distribution, without `random` */
    SPIRAL_SWEEP_FAULT_GRID,            /* an axis is a list or a range, with `random` */
    SPIRAL_SWEEP_FAULT_NOTHING_REFINED, /* `refine`, and no axis of numbers */
    SPIRAL_SWEEP_FAULT_SEEDS            /* the last seed would be above 4294967295 */
} SpiralSweepFault;

/* *axis becomes the one at fault, NULL when it is none alone. */
SpiralSweepFault spiral_sweep_plan_check(const SpiralSweepPlanOptions *options, const SpiralSweepAxis **axis);

/* Errors: USAGE (a fault), LIMIT. On failure *plan is NULL. */
SpiralStatus spiral_sweep_plan_create(const SpiralSweepPlanOptions *options, SpiralSweepPlan **plan,
                                      SpiralError *error);
void spiral_sweep_plan_free(SpiralSweepPlan *plan); /* accepts NULL */

/* Adds a round of as many settings as the first. Each number is drawn from a range around that of the setting `best`
 * (in logarithms where the axis is logarithmic); the range is as wide as the axis / 4^round and within what the option
 * accepts. Everything else is as in best. */
SpiralStatus spiral_sweep_plan_refine(SpiralSweepPlan *plan, size_t best, SpiralError *error);

const char *spiral_sweep_plan_value(const SpiralSweepPlan *plan, size_t setting, size_t axis);
uint32_t spiral_sweep_plan_seed(const SpiralSweepPlan *plan, size_t run);
size_t spiral_sweep_plan_runs(const SpiralSweepPlan *plan);

/* Does the setting belong to this shard? */
bool spiral_sweep_plan_has(const SpiralSweepPlan *plan, size_t setting);

/* ---- results ----------------------------------------------------------------------------------------------------- */

#define SPIRAL_SWEEP_STATUS_LIST(X)                                                                                    \
    X(SPIRAL_SWEEP_NONE, "none")         /* not run */                                                                 \
    X(SPIRAL_SWEEP_OK, "ok")             /* all iterations were made */                                                \
    X(SPIRAL_SWEEP_STOPPED, "stopped")   /* by patience, tolerance or the target loss */                               \
    X(SPIRAL_SWEEP_PRUNED, "pruned")     /* by successive halving */                                                   \
    X(SPIRAL_SWEEP_DIVERGED, "diverged") /* the row is that of the last finite parameters */                           \
    X(SPIRAL_SWEEP_FAILED, "failed")     /* out of memory, over a limit, or it does not fit its data */

typedef enum SpiralSweepStatus {
#define SPIRAL_SWEEP_STATUS_ENUM(code, name) code,
    SPIRAL_SWEEP_STATUS_LIST(SPIRAL_SWEEP_STATUS_ENUM)
#undef SPIRAL_SWEEP_STATUS_ENUM
} SpiralSweepStatus;

const char *spiral_sweep_status_name(SpiralSweepStatus status); /* a static string */

/* The result of a run; the numbers are those of its SpiralTrainResult, and NaN for a run that failed. */
typedef struct SpiralSweepRow {
    SpiralSweepStatus status;
    size_t iterations;
    double loss, data_loss, accuracy;
    double validation_loss, validation_accuracy; /* NaN without validation data */
    char *reason;                                /* of FAILED; otherwise NULL */
    double seconds;
} SpiralSweepRow;

typedef struct SpiralSweepResults SpiralSweepResults;

/* The name of an axis's column: the option's name with - replaced by _. */
void spiral_sweep_column_name(const SpiralSweepAxis *axis, char *text, size_t size);

/* No rows yet. The plan is borrowed, and may grow. */
SpiralStatus spiral_sweep_results_create(SpiralSweepPlan *plan, SpiralSweepResults **results, SpiralError *error);
/* accepts NULL; a file that is open keeps its whole lines */
void spiral_sweep_results_free(SpiralSweepResults *results);

/* Reads the rows of the plan's current round from a results.csv. An incomplete last line is skipped, and so are runs
 * that the plan doesn't have yet, if `more` rounds may follow. If within is not NULL, path begins with it, and below
 * that folder no symbolic link is followed. Errors: INPUT with file and line (another header, a setting that is not the
 * plan's, a run twice, validation results where there is no validation data, or none where there is, not a regular
 * file), LIMIT. */
SpiralStatus spiral_sweep_results_read(SpiralSweepResults *results, const char *within, const char *path, bool more,
                                       SpiralError *error);

/* Creates the file at path with the rows so far. Rows added later are appended to it, as whole lines, by
 * spiral_sweep_results_flush, which waits until they are on the disk. Errors: OUTPUT, LIMIT. */
SpiralStatus spiral_sweep_results_open(SpiralSweepResults *results, const char *path, SpiralError *error);
void spiral_sweep_results_add(SpiralSweepResults *results, size_t run, const SpiralSweepRow *row); /* copies it */
SpiralStatus spiral_sweep_results_flush(SpiralSweepResults *results, SpiralError *error);

/* Closes the file of spiral_sweep_results_open, and writes all rows to path in the order of their runs, atomically. */
SpiralStatus spiral_sweep_results_save(SpiralSweepResults *results, const char *path, SpiralError *error);

/* Removes the row of a run of the current round, which is then run again. */
void spiral_sweep_results_drop(SpiralSweepResults *results, size_t run);

/* Removes the rows of the current round's failed runs, and of the pruned runs of their settings, which were pruned
 * because one failed. All of these are then run again. */
void spiral_sweep_results_drop_failed(SpiralSweepResults *results);

/* a row of status NONE if the run has none */
const SpiralSweepRow *spiral_sweep_results_row(const SpiralSweepResults *results, size_t run);

typedef enum SpiralSweepMeasure { SPIRAL_SWEEP_BY_ACCURACY, SPIRAL_SWEEP_BY_LOSS } SpiralSweepMeasure;

/* A setting, summarised over those of its runs that have not failed. Accuracy and loss are those on the validation
 * data, or without it on the training data. The loss is the data loss, since regularised losses of different reg can't
 * be compared. */
typedef struct SpiralSweepScore {
    size_t setting;
    size_t runs, diverged, failed,
        pruned;            /* how many have a row, and how many of those diverged, failed or were pruned */
    size_t iterations;     /* the fewest of its runs */
    double accuracy, loss; /* means */
    double accuracy_deviation, loss_deviation; /* sample standard deviations (n - 1); 0 for a single run */
} SpiralSweepScore;

SpiralSweepScore spiral_sweep_score(const SpiralSweepResults *results, size_t setting);

/* Has none of its runs diverged or failed? */
bool spiral_sweep_score_is_sound(const SpiralSweepScore *score);

/* The scores of this shard's settings that have rows, best first: completed settings, then pruned ones (those pruned
 * later first), then those with a run that diverged, then those with a run that failed; within these by the mean of
 * the measure, then that of the other measure, then the setting's number. Free *scores (*count) with free(). Errors:
 * LIMIT. */
SpiralStatus spiral_sweep_ranking(const SpiralSweepResults *results, SpiralSweepMeasure measure,
                                  SpiralSweepScore **scores, size_t *count, SpiralError *error);

/* The best of a setting's runs, in the same order. */
size_t spiral_sweep_best_run(const SpiralSweepResults *results, SpiralSweepMeasure measure, size_t setting);

/* ---- curves ------------------------------------------------------------------------------------------------------ */

enum { SPIRAL_SWEEP_CURVE_POINTS = 64 };

/* The loss curve of a run, thinned to at most SPIRAL_SWEEP_CURVE_POINTS points. */
typedef struct SpiralSweepCurve {
    size_t count;
    double (*points)[3]; /* (count) iteration, loss, validation loss or NaN */
} SpiralSweepCurve;

/* The curves of all runs, and curves.csv with the columns run, iteration, loss, validation_loss. Zero-initialise it,
 * and clear it after use. */
typedef struct SpiralSweepCurves {
    size_t count;
    SpiralSweepCurve *curves;            /* (count) indexed by run */
    struct SpiralSweepCurveBlock *block; /* the memory of their points */
    SpiralOutput *output;                /* NULL: not open */
} SpiralSweepCurves;

/* Reads the curves of runs that have rows from the complete lines of the file at path, if it exists. If within is not
 * NULL, path begins with it, and below that folder no symbolic link is followed. Errors: INPUT, LIMIT. */
SpiralStatus spiral_sweep_curves_read(SpiralSweepCurves *curves, const SpiralSweepResults *results, const char *within,
                                      const char *path, SpiralError *error);

/* Creates the file with the curves so far and leaves it open, for add to append to. Errors: OUTPUT, LIMIT. */
SpiralStatus spiral_sweep_curves_open(SpiralSweepCurves *curves, const char *path, SpiralError *error);

/* Sets the run's curve, replacing any it had. */
SpiralStatus spiral_sweep_curves_add(SpiralSweepCurves *curves, size_t run, size_t count, const double (*points)[3],
                                     SpiralError *error);

/* Closes the file of spiral_sweep_curves_open, and writes all curves in the order of the runs, atomically. Errors:
 * OUTPUT, LIMIT. */
SpiralStatus spiral_sweep_curves_save(SpiralSweepCurves *curves, const char *path, SpiralError *error);
void spiral_sweep_curves_clear(SpiralSweepCurves *curves);

/* ---- run --------------------------------------------------------------------------------------------------------- */

/* One training. The prepare hook fills it in; what it points to is freed by the release hook. */
typedef struct SpiralSweepJob {
    size_t run;
    SpiralNetwork *network;
    const SpiralDataset *dataset, *validation; /* validation NULL: none */
    SpiralTrainOptions options;                /* threads 1 */
    double seconds;                            /* how long it took; set before finish */
    SpiralCause cause;                         /* if it diverged; set before finish */
    void *own;                                 /* for the hooks */
} SpiralSweepJob;

/* Hooks are called on any thread, but only one at a time; record is the exception. A run for which prepare or record
 * returns INPUT, LIMIT or USAGE, or finish LIMIT, has failed, and the sweep goes on; any other status but SPIRAL_OK
 * ends the sweep with that status. */
typedef struct SpiralSweepHooks {
    /* Sets *cost to the expected work of the run: the longest runs are started first. */
    SpiralStatus (*cost)(size_t run, double *cost, void *context, SpiralError *error);
    SpiralStatus (*prepare)(SpiralSweepJob *job, void *context, SpiralError *error);
    SpiralStatus (*record)(SpiralSweepJob *job, const SpiralTrainRecord *record, void *context, SpiralError *error);
    /* Before the row is added. A failed run may have no network and data. */
    SpiralStatus (*finish)(SpiralSweepJob *job, const SpiralSweepRow *row, void *context, SpiralError *error);
    /* Called about once a second and at the end, to call spiral_sweep_results_flush once the files that finish wrote
     * for the rows are on the disk. NULL: rows are flushed at once. */
    SpiralStatus (*settle)(void *context, SpiralError *error);
    void (*release)(SpiralSweepJob *job, void *context); /* after prepare, also if that failed */
    void (*tick)(void *context);                         /* about five times a second, while runs are recording */
    double (*clock)(void *context);                      /* seconds */
    void *context;
    const volatile sig_atomic_t *interrupt; /* as in trainer.h: abandons the current runs and returns OK */
} SpiralSweepHooks;

typedef struct SpiralSweepRunOptions {
    size_t jobs; /* parallel runs, one thread each; 0: one per core */
    bool prune;  /* successive halving, see below */
    SpiralSweepMeasure measure;
} SpiralSweepRunOptions;

/* Trains those runs of the plan's current round and this shard that have no row, adding the row of each as it ends.
 *
 * prune is successive halving (Jamieson and Talwalkar, 2016; the inner loop of Hyperband, Li et al., 2018) with eta
 * = 3: after 3^-s, 3^(1-s), ..., 1/3 of their iterations, the best third of the remaining settings continue and the
 * others end as pruned, s = floor(log_3 n) times for n settings. All runs wait for the slowest at each of these rungs,
 * so that the order in which they arrive does not matter. A setting continues with all its seeds or none, and with none
 * if any of them diverged or failed. A setting none of whose runs reached the rung is not counted. s is smaller where
 * the iterations of a run can't be divided by 3 that often.
 *
 * Errors: those of the hooks, LIMIT, OUTPUT. */
SpiralStatus spiral_sweep_run(SpiralSweepResults *results, const SpiralSweepRunOptions *options,
                              const SpiralSweepHooks *hooks, SpiralError *error);

#ifdef __cplusplus
}
#endif

#endif
