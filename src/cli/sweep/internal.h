/* internal.h: what the files of `spiral sweep` share. sweep_settings.c says what can be set, definition.c keeps that in
 * the folder, jobs.c makes the single runs, hooks.c follows and saves them, status_line.c shows how far the sweep is,
 * rounds.c runs them all, merge.c joins shards, summary.c reports the result, figures.c draws it. */
#ifndef SPIRAL_CLI_SWEEP_INTERNAL_H
#define SPIRAL_CLI_SWEEP_INTERNAL_H

#include "cli/json.h"
#include "cli/options/train_settings.h"
#include "cli/process/progress.h"
#include "cli/process/terminal.h"
#include "cli/run.h"
#include "spiral/spiral.h"

enum { SWEEP_GROUPS = TRAIN_WHAT_GROUPS + 3 };

typedef struct SweepSettings {
    TrainSettings train; /* one value of each option that has several */
    size_t random, seeds, refine, jobs;
    bool prune, resume;
    SpiralSweepMeasure measure;
    const char *keep, *shard, *merge; /* as given, or NULL */
    size_t keep_best;                 /* settings whose models and logs stay; SIZE_MAX: all */
    size_t shard_index, shard_count;  /* 1, 1: no shards */
    size_t axis_count;
    SpiralSweepAxis *axes; /* (axis_count) */
} SweepSettings;

void sweep_settings_defaults(SweepSettings *settings);
void sweep_settings_clear(SweepSettings *settings);

/* The groups and the table, pointed at the settings. */
void sweep_table(SweepSettings *settings, OptionGroup groups[SWEEP_GROUPS], OptionTable *table);

/* Refuses conflicting options; call it after options_parse. Errors: USAGE. */
SpiralStatus sweep_settings_check(SweepSettings *settings, const OptionTable *table, SpiralError *error);

/* "I/N", I from 1 to N. */
bool sweep_read_shard(const char *text, size_t *index, size_t *count);

/* Is it an option of the sweep's that says nothing about its results? */
bool sweep_option_is_free(const char *name);

/* The values of that option, or NULL: it has at most one. */
const SpiralSweepAxis *sweep_find_axis(const SweepSettings *settings, const char *name);

/* Calls visit for every file that the runs read, with the flag that names it. */
typedef SpiralStatus SweepInput(const char *option, const char *path, void *context, SpiralError *error);
SpiralStatus sweep_visit_inputs(const SweepSettings *settings, SweepInput *visit, void *context, SpiralError *error);

/* ---- a sweep ----------------------------------------------------------------------------------------------------- */

/* A data set that runs share. */
typedef struct SweepData {
    char *key; /* what it was made from */
    TrainData data;
    size_t users;
} SweepData;

/* The line on the terminal. */
typedef struct SweepLine {
    bool on_terminal, drawn;
    size_t total, before, done, diverged; /* runs; those that were done before this process */
    double best;                          /* measure of the best run so far; NaN: none */
    size_t best_run;
    double started, next;
} SweepLine;

typedef struct Sweep {
    SweepSettings *settings;
    const OptionTable *table;
    char *folder; /* of --out, or the shard's within it; owned */
    SpiralSweepPlan *plan;
    SpiralSweepResults *results;
    SpiralSweepCurves curves;
    size_t data_count;
    SweepData **data; /* (data_count) those without users may be freed when others are loaded */
    bool *has_files;  /* (files_capacity) of a setting: have its runs a model and a log in the folder? */
    size_t files_capacity, files_count;         /* how many of them have */
    size_t running;                             /* at this moment */
    size_t causes[SPIRAL_CAUSE_VALIDATION + 1]; /* of the runs that diverged here */
    SpiralFolderLock *lock;                     /* held while this process writes into the folder */
    SweepLine line;
} Sweep;

/* The plan's first round, no results, no data. Errors: USAGE, LIMIT. To be released also after a failure. */
SpiralStatus sweep_create(SweepSettings *settings, const OptionTable *table, Sweep *sweep, SpiralError *error);
void sweep_release(Sweep *sweep);

/* All that decides one run. Large: to be allocated. */
typedef struct SweepRun {
    TrainSettings train;
    OptionGroup groups[SWEEP_GROUPS];
    OptionTable table;
} SweepRun;

/* Errors: USAGE (values that don't go together, naming the setting). */
SpiralStatus sweep_run_make(const Sweep *sweep, size_t run, SweepRun *made, SpiralError *error);

/* Checks every setting of the last round. */
SpiralStatus sweep_check_settings(const Sweep *sweep, SpiralError *error);

/* "--learning-rate 0.3 --hidden 50", as the shell would need it; freed by free(), NULL when there is no memory. */
char *sweep_describe(const Sweep *sweep, size_t setting);

/* Refuses outputs, or figures alone, in the folder that flag names, that replace what is read or that can't be
 * replaced. Errors: USAGE, OUTPUT. */
SpiralStatus sweep_check_files(const Sweep *sweep, const char *flag, bool figures_alone, SpiralError *error);

/* The data of a run, loaded now or before; to be given back. */
SpiralStatus sweep_take_data(Sweep *sweep, const TrainSettings *train, SweepData **data, SpiralError *error);
void sweep_give_back(SweepData *data); /* accepts NULL */

/* The hooks by which the runs are made, their files saved, and the live line drawn. */
SpiralSweepHooks sweep_hooks(Sweep *sweep);

/* Removes the files of settings that are not to be kept, when that is decided: at any time of those that are
 * certainly not, at the end (all) of all others. */
SpiralStatus sweep_drop_files(Sweep *sweep, bool all, SpiralError *error);

/* FOLDER/runs/NNNN[/name]; freed by free(). */
char *sweep_run_path(const Sweep *sweep, size_t run, const char *name);

/* When the rows that are there are read; when a run has ended; now and then; before anything else is printed. */
void sweep_line_start(Sweep *sweep);
void sweep_line_update(Sweep *sweep, size_t run, const SpiralSweepRow *row);
void sweep_line_draw(Sweep *sweep);
void sweep_line_clear(Sweep *sweep);

/* Of runs that have rows, looks for the files. */
SpiralStatus sweep_find_files(Sweep *sweep, SpiralError *error);

/* Runs all rounds, or resumes them. Returns OK also after an interrupt, which interrupt_signal reports. */
SpiralStatus sweep_run_all(Sweep *sweep, SpiralError *error);

/* Rows, curves and rounds, from the files of a folder that has them all. Errors: INPUT when a row is missing. */
SpiralStatus sweep_read_all(Sweep *sweep, SpiralError *error);

/* ---- sweep.json -------------------------------------------------------------------------------------------------- */

/* What the sweep is, to be deleted by cJSON_Delete; reads the files that it is of, for their checksums. On failure
 * *root is NULL. */
SpiralStatus sweep_definition_make(const Sweep *sweep, cJSON **root, SpiralError *error);

/* Writes it into the folder. */
SpiralStatus sweep_definition_save(const Sweep *sweep, const cJSON *root, SpiralError *error);

/* Writes the definition of one of its shards as that of the whole sweep. */
SpiralStatus sweep_definition_save_whole(const Sweep *sweep, cJSON *shard, SpiralError *error);

/* Refuses when sweep.json of the folder says otherwise than this. Errors: INPUT. */
SpiralStatus sweep_definition_compare(const Sweep *sweep, const cJSON *is, SpiralError *error);

/* Reads a sweep.json, to be deleted by cJSON_Delete; what is in it is sound. Errors: INPUT. On failure *root is
 * NULL. */
SpiralStatus sweep_definition_read(const char *within, const char *path, cJSON **root, SpiralError *error);

/* "2/4" of a definition that was read; "1/1" when it is no shard. */
const char *sweep_definition_shard(const cJSON *root);

/* Refuses what is another sweep than the definition read from path; the shards may differ. Errors: INPUT. */
SpiralStatus sweep_definitions_compare(const char *path, const cJSON *was, const cJSON *is, SpiralError *error);

/* Sets the options of a definition read from path, in place of a command line; texts stay root's. Errors: INPUT. */
SpiralStatus sweep_definition_take(const cJSON *root, const char *path, SweepSettings *settings, OptionTable *table,
                                   SpiralError *error);

SpiralStatus sweep_definition_take_shard(const cJSON *root, const char *path, SweepSettings *settings,
                                         SpiralError *error);

/* A sweep that was made before, from its sweep.json. Large: to be allocated, zeroed. */
typedef struct SweepOpened {
    SweepSettings settings;
    OptionGroup groups[SWEEP_GROUPS];
    OptionTable table;
    cJSON *definition;
    Sweep sweep;
} SweepOpened;

/* The sweep, or the shard, defined by the file at path, in folder, without rows. To be released also after a
 * failure. Errors: INPUT. */
SpiralStatus sweep_open(const char *within, const char *path, const char *folder, SweepOpened *opened,
                        SpiralError *error);
void sweep_opened_release(SweepOpened *opened);

/* ---- results ----------------------------------------------------------------------------------------------------- */

/* Prints the results, writes summary.json and draws the figures. Errors: those of sweep_summarize and sweep_draw. */
SpiralStatus sweep_report(Sweep *sweep, SpiralError *error);

/* summary.json, and lines on standard output. Errors: CHECK (--require-accuracy), DIVERGED when all runs have. */
SpiralStatus sweep_summarize(Sweep *sweep, SpiralError *error);

/* Merges the shards in the folder --merge into results.csv, curves.csv, the kept files and sweep.json, draws the
 * figures and reports the results. Errors: INPUT (a shard is missing, duplicated, unfinished or from another sweep),
 * and those of sweep_summarize. */
SpiralStatus sweep_merge(const SweepSettings *settings, const OptionTable *table, SpiralError *error);

/* The figures of the folder. */
SpiralStatus sweep_draw(Sweep *sweep, SpiralError *error);

#endif
