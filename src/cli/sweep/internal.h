/* internal.h: declarations shared by the files of `spiral sweep`. sweep_settings.c has the options, definition.c stores
 * them in the folder, inputs.c finds the data again, jobs.c makes the single runs, hooks.c follows and saves them,
 * status_line.c shows the progress, rounds.c runs all rounds, merge.c merges shards, summary.c reports the results,
 * figures.c and boundaries.c draw them. */
#ifndef SPIRAL_CLI_SWEEP_INTERNAL_H
#define SPIRAL_CLI_SWEEP_INTERNAL_H

#include "cli/files.h"
#include "cli/json.h"
#include "cli/options/train_settings.h"
#include "cli/process/progress.h"
#include "cli/process/terminal.h"
#include "cli/run.h"
#include "spiral/spiral.h"

enum { SWEEP_GROUPS = TRAIN_WHAT_GROUPS + 5 };

typedef struct SweepSettings {
    TrainSettings train; /* one value for each option that has several */
    size_t random, seeds, refine, jobs;
    bool prune, resume, force;
    bool stored; /* read from a sweep.json */
    SpiralSweepMeasure measure;
    const char *keep, *shard, *merge; /* as given, or NULL */
    size_t keep_best;                 /* settings whose models and logs are kept; SIZE_MAX: all */
    size_t shard_index, shard_count;  /* 1, 1: no shards */
    size_t axis_count;
    SpiralSweepAxis *axes; /* (axis_count) */
} SweepSettings;

void sweep_settings_defaults(SweepSettings *settings);
void sweep_settings_clear(SweepSettings *settings);

/* Fills in the groups and the table, which point at the settings. */
void sweep_table(SweepSettings *settings, OptionGroup groups[SWEEP_GROUPS], OptionTable *table);

/* Refuses conflicting options; call it after options_parse. Errors: USAGE. */
SpiralStatus sweep_settings_check(SweepSettings *settings, const OptionTable *table, SpiralError *error);

/* "I/N", I from 1 to N. */
bool sweep_read_shard(const char *text, size_t *index, size_t *count);

/* Is it an option of the sweep that does not affect the results? */
bool sweep_option_is_free(const char *name);

/* The values of that option; NULL when it has at most one. */
const SpiralSweepAxis *sweep_find_axis(const SweepSettings *settings, const char *name);

/* Sets features to those of --axes, if it is given. Errors: USAGE. */
SpiralStatus sweep_find_axes(const SweepSettings *settings, const SpiralDataset *dataset, size_t features[2],
                             SpiralError *error);

/* The options of a figure; the title is that one unless --title is given. */
SpiralFigureOptions sweep_figure_options(const SweepSettings *settings, const char *title);

/* Calls visit for every file that the runs read, with the flag that names it. */
typedef SpiralStatus SweepInput(const char *option, const char *path, void *context, SpiralError *error);
SpiralStatus sweep_visit_inputs(const SweepSettings *settings, SweepInput *visit, void *context, SpiralError *error);

/* ---- a sweep ----------------------------------------------------------------------------------------------------- */

/* A data set shared by runs. */
typedef struct SweepData {
    char *key; /* what it was made from */
    TrainData data;
    size_t users;
} SweepData;

/* The status line on the terminal. */
typedef struct SweepLine {
    bool on_terminal, drawn;
    size_t total, before, done, diverged, failed; /* runs; `before` were done before this process */
    double best;                                  /* measure of the best run so far; NaN when there is none */
    size_t best_run;
    double started, next;
} SweepLine;

/* A data file, or X.npy,y.npy, of an existing sweep. */
typedef struct SweepInputPlace {
    const char *given; /* in sweep.json */
    char *found;       /* where it is now; NULL: not found */
} SweepInputPlace;

typedef struct Sweep {
    SweepSettings *settings;
    const OptionTable *table;
    char *folder; /* of --out, or the shard's within it; owned */
    SpiralSweepPlan *plan;
    SpiralSweepResults *results;
    SpiralSweepCurves curves;
    size_t data_count;
    SweepData **data;                   /* (data_count) unused ones may be freed when others are loaded */
    bool *has_files;                    /* (files_capacity) does the setting have models and logs in the folder? */
    size_t files_capacity, files_count; /* number of settings that have files */
    size_t running;                     /* runs in progress */
    bool reported;                      /* on the data files, by the process that made the sweep */
    size_t causes[SPIRAL_CAUSE_VALIDATION + 1]; /* of the runs that diverged in this process */
    const cJSON *definition;                    /* of a sweep that was opened from its sweep.json; else NULL */
    size_t place_count;
    SweepInputPlace *places; /* (place_count) none until they are looked for */
    SpiralFolderLock *lock;  /* held while this process writes to the folder */
    SpiralFolderLock *whole; /* of a shard: that of --out, which the shards share */
    SweepLine line;
} Sweep;

/* Makes the plan's first round, without results or data. Release it even after a failure. Errors: USAGE, LIMIT. */
SpiralStatus sweep_create(SweepSettings *settings, const OptionTable *table, Sweep *sweep, SpiralError *error);
void sweep_release(Sweep *sweep);

/* Everything that determines one run. Allocate it: it is too large for the stack. */
typedef struct SweepRun {
    TrainSettings train;
    OptionGroup groups[SWEEP_GROUPS];
    OptionTable table;
} SweepRun;

/* Errors: USAGE (conflicting values; the message names the setting). */
SpiralStatus sweep_run_make(const Sweep *sweep, size_t run, SweepRun *made, SpiralError *error);

/* Checks every setting of the last round. */
SpiralStatus sweep_check_settings(const Sweep *sweep, SpiralError *error);

/* Refuses a row of path with more iterations than its run makes, or with fewer where all were made. Errors: INPUT,
 * LIMIT. */
SpiralStatus sweep_check_iterations(const Sweep *sweep, const char *path, SpiralError *error);

/* "each run: 2-5-10-20-3, relu, sgd, 10000 iterations": what the runs have in common, without what is swept. The
 * settings and the network are those of one of them. Freed by free(); NULL when out of memory. */
char *sweep_describe_runs(const Sweep *sweep, const TrainSettings *train, const SpiralNetwork *network);

/* "one network; --hidden '5;10;20' tries each size", for --hidden 5,10,20, whose sizes may have been meant as values to
 * try; else "". Freed by free(); NULL when out of memory. */
char *sweep_hidden_hint(const SweepSettings *settings);

/* "--learning-rate 0.3 --hidden 50", quoted for the shell. Freed by free(); NULL when out of memory. */
char *sweep_describe(const Sweep *sweep, size_t setting);

/* Refuses outputs (or only figures) in the folder named by flag that would overwrite an input or that can't be
 * replaced. Errors: USAGE, OUTPUT. */
SpiralStatus sweep_check_files(const Sweep *sweep, const char *flag, bool figures_alone, SpiralError *error);

/* Gets the data of a run, loaded now or earlier. Must be given back. */
SpiralStatus sweep_take_data(Sweep *sweep, const TrainSettings *train, SweepData **data, SpiralError *error);
void sweep_give_back(SweepData *data); /* accepts NULL */

/* Refuses a kept model that is not that of its run; its features and classes are put in the order of the data, which
 * are loaded. path is for messages. Errors: INPUT, LIMIT. */
SpiralStatus sweep_match_model(Sweep *sweep, size_t run, SpiralNetwork *model, const char *path, SpiralError *error);

/* The hooks that make the runs, save their files and draw the status line. */
SpiralSweepHooks sweep_hooks(Sweep *sweep);

/* Removes the files of settings that are not kept: during the sweep only of those that can no longer be among the kept
 * ones, at the end (all) of all the others. */
SpiralStatus sweep_drop_files(Sweep *sweep, bool all, SpiralError *error);

/* FOLDER/runs/NNNN[/name]; freed by free(). */
char *sweep_run_path(const Sweep *sweep, size_t run, const char *name);

/* To be called, respectively, when the existing rows have been read, when a run has ended, from time to time, and
 * before anything else is printed. */
void sweep_line_start(Sweep *sweep);
void sweep_line_update(Sweep *sweep, size_t run, const SpiralSweepRow *row);
void sweep_line_draw(Sweep *sweep);
void sweep_line_clear(Sweep *sweep);

/* Removes the files of a run, if there are any. Errors: OUTPUT. */
SpiralStatus sweep_remove_run(const Sweep *sweep, size_t run, SpiralError *error);

/* Looks for the files of runs that have rows, and removes those that killed runs have left. */
SpiralStatus sweep_find_files(Sweep *sweep, SpiralError *error);

/* Removes what killed sweeps have left of the files that they were writing, but not of the runs'. Errors: OUTPUT. */
SpiralStatus sweep_remove_temporaries(const Sweep *sweep, SpiralError *error);

/* Makes the folder of a run that is saved, and removes from it what killed sweeps have left of the files that they were
 * writing. Errors: OUTPUT, LIMIT. */
SpiralStatus sweep_make_run_folder(const Sweep *sweep, size_t run, SpiralError *error);

/* Has the run a row, and should there be a curve of it, and is there none? */
bool sweep_lacks_curve(const Sweep *sweep, size_t run);

/* Has a run with that row that file, if its setting is kept? One that diverged may have had no finite model. */
bool sweep_keeps_file(const SpiralSweepRow *row, const char *name);

/* Drops the rows of runs whose curves or kept files are missing or empty, or whose model is that of another training,
 * with a warning: they are run again. Errors: INPUT when the run is of an earlier round or a model can't be read,
 * LIMIT. */
SpiralStatus sweep_drop_incomplete(Sweep *sweep, SpiralError *error);

/* Runs or resumes all rounds. Also returns OK after an interrupt, which interrupt_signal reports. */
SpiralStatus sweep_run_all(Sweep *sweep, SpiralError *error);

/* Reads rows, curves and rounds from the folder of a complete sweep. Errors: INPUT when a row is missing. */
SpiralStatus sweep_read_all(Sweep *sweep, SpiralError *error);

/* ---- sweep.json -------------------------------------------------------------------------------------------------- */

/* Makes the sweep's definition, freed by cJSON_Delete. Reads the input files for their checksums. On failure *root is
 * NULL. */
SpiralStatus sweep_definition_make(const Sweep *sweep, cJSON **root, SpiralError *error);

/* Writes the definition into the folder. */
SpiralStatus sweep_definition_save(const Sweep *sweep, const cJSON *root, SpiralError *error);

/* Writes the definition of one of the shards as that of the whole sweep. */
SpiralStatus sweep_definition_save_whole(const Sweep *sweep, cJSON *shard, SpiralError *error);

/* Reads the definition of the sweep in the folder, and refuses it when it is another than `is`. *was is freed by
 * cJSON_Delete; on failure it is NULL. Errors: INPUT. */
SpiralStatus sweep_definition_compare(const Sweep *sweep, const cJSON *is, cJSON **was, SpiralError *error);

/* Reads and validates a sweep.json, freed by cJSON_Delete. On failure *root is NULL. Errors: INPUT. */
SpiralStatus sweep_definition_read(const char *within, const char *path, cJSON **root, SpiralError *error);

/* The shard of a definition that was read, such as "2/4"; "1/1" when it is not a shard. */
const char *sweep_definition_shard(const cJSON *root);

/* Refuses a sweep other than that of the definition read from path; the shards may differ, and the paths of input files
 * of the same contents. Errors: INPUT. */
SpiralStatus sweep_definitions_compare(const char *path, const cJSON *was, const cJSON *is, SpiralError *error);

/* Sets the options from a definition read from path instead of from a command line. Texts are still owned by root.
 * Errors: INPUT. */
SpiralStatus sweep_definition_take(const cJSON *root, const char *path, SweepSettings *settings, OptionTable *table,
                                   SpiralError *error);

SpiralStatus sweep_definition_take_shard(const cJSON *root, const char *path, SweepSettings *settings,
                                         SpiralError *error);

/* Takes over the paths of the files where a resumed sweep finds them now. Errors: LIMIT, OUTPUT. */
SpiralStatus sweep_definition_move(const Sweep *sweep, cJSON *was, const cJSON *is, SpiralError *error);

/* ---- the data files of an existing sweep ------------------------------------------------------------------------- */

/* The checksum that the definition has of the file whose name is the first length bytes of path; NULL: none. */
const char *sweep_input_checksum(const cJSON *definition, const char *path, size_t length);

/* The length of the first name in X.npy,y.npy, when the definition has a checksum of each; 0: it is one file. */
size_t sweep_input_first_of_pair(const cJSON *definition, const char *path);

/* Looks for the data files of an opened sweep: those that have the checksums of its definition, here or in the folder
 * that the sweep was started in. Reads all of them. Errors: INPUT (one is missing, or has changed), LIMIT. */
SpiralStatus sweep_find_inputs(Sweep *sweep, SpiralError *error);
void sweep_free_inputs(Sweep *sweep);

/* Names the files that the runs read; those of an opened sweep also in the folder that the sweep was started in, where
 * they may be found. */
void sweep_name_inputs(const Sweep *sweep, Files *files);

/* The path of a data file to load: where it was found, else as it was given. */
const char *sweep_input_path(const Sweep *sweep, const char *given);

/* An existing sweep, opened from its sweep.json. Allocate it, zeroed: it is too large for the stack. */
typedef struct SweepOpened {
    SweepSettings settings;
    OptionGroup groups[SWEEP_GROUPS];
    OptionTable table;
    cJSON *definition;
    Sweep sweep;
} SweepOpened;

/* Opens the sweep or shard in folder that is defined by the file at path, without its rows. Must be released even after
 * a failure. Errors: INPUT. */
SpiralStatus sweep_open(const char *within, const char *path, const char *folder, SweepOpened *opened,
                        SpiralError *error);
void sweep_opened_release(SweepOpened *opened);

/* ---- results ----------------------------------------------------------------------------------------------------- */

/* Prints the results, writes summary.json and draws the figures. Errors: those of sweep_summarize and sweep_draw. */
SpiralStatus sweep_report(Sweep *sweep, SpiralError *error);

/* Writes summary.json, and the results to standard output. Errors: CHECK (--require-accuracy), DIVERGED when all runs
 * diverged. */
SpiralStatus sweep_summarize(Sweep *sweep, SpiralError *error);

/* Merges the shards in the folder --merge into results.csv, curves.csv, the kept files and sweep.json, draws the
 * figures and reports the results. Errors: INPUT (a shard is missing, duplicated, unfinished or from another sweep),
 * and those of sweep_summarize. */
SpiralStatus sweep_merge(const SweepSettings *settings, const OptionTable *table, SpiralError *error);

/* The models and the data whose decision boundaries are drawn: of the kept settings, of the best of them when they are
 * many. The scores (count) come best first. *made is freed by sweep_boundaries_free; NULL after a warning that the data
 * are not found. Errors: INPUT (a model is not that of its run), LIMIT, USAGE. */
typedef struct SweepBoundaries SweepBoundaries;
SpiralStatus sweep_boundaries_read(Sweep *sweep, const SpiralSweepScore *scores, size_t count, SweepBoundaries **made,
                                   SpiralError *error);
void sweep_boundaries_free(SweepBoundaries *boundaries); /* accepts NULL */

SpiralStatus sweep_boundaries_draw(const Sweep *sweep, const SweepBoundaries *boundaries, SpiralError *error);

/* Draws the figures of the folder. */
SpiralStatus sweep_draw(Sweep *sweep, SpiralError *error);

#endif
