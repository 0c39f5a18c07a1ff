/* train.h: what the files of `spiral train` share. train_options.c says what can be set, train_data.c makes what it
 * starts from, train_run.c runs it, train_resume.c keeps and takes up checkpoints, train_outputs.c saves what came
 * of it, train_folds.c does it K times. */
#ifndef SPIRAL_CLI_TRAIN_H
#define SPIRAL_CLI_TRAIN_H

#include "cli/train/babysit.h"
#include "cli/log_writer.h"
#include "cli/process/progress.h"
#include "cli/options/settings.h"
#include "cli/process/terminal.h"
#include "spiral/spiral.h"

typedef enum SummaryKind { SUMMARY_TEXT, SUMMARY_JSON } SummaryKind;

typedef struct TrainSettings {
    RunSettings run;
    const char *init_from;         /* a model file, or NULL */
    size_t epochs;                 /* 0: iterations say it */
    const char *validation;        /* a fraction or a file, or NULL */
    size_t folds;                  /* 0: none */
    double time_limit;             /* seconds, 0: none */
    const char *resume;            /* a checkpoint file, or NULL */
    size_t log_every, print_every; /* 0 until check: by the model */
    LogFormat log_format;
    const char *out;
    bool no_figures, quiet;
    size_t frames_every; /* 0: none */
    bool live;
    SummaryKind summary;
    double require_accuracy;
} TrainSettings;

TrainSettings train_settings_defaults(void);

/* The first of the groups say what is trained; the others are about one training at a time. */
enum { TRAIN_GROUPS = 10, TRAIN_WHAT_GROUPS = 6 };

/* Fills in the groups, pointed at the settings. */
void train_groups(TrainSettings *settings, OptionGroup groups[TRAIN_GROUPS]);

/* Refuses what does not go together, and fills in what other settings decide. After options_parse. Errors: USAGE. */
SpiralStatus train_settings_check(TrainSettings *settings, const OptionTable *table, SpiralError *error);

/* Refuses outputs that replace what is read or that can't be replaced. Errors: USAGE, OUTPUT. */
SpiralStatus train_check_files(const TrainSettings *settings, SpiralError *error);

/* The name of the log within DIR: loss.csv or loss.jsonl. */
const char *train_log_name(const TrainSettings *settings);

/* What trainings may share: the data and, where it was generated, the stream of random numbers behind it, from which
 * the weights are drawn. */
typedef struct TrainData {
    SpiralDataset *dataset, *validation; /* validation NULL: none */
    SpiralRng rng;
} TrainData;

/* *data is zeroed before, and is to be freed also after a failure. */
SpiralStatus train_data_load(const TrainSettings *settings, TrainData *data, SpiralError *error);
void train_data_free(TrainData *data);

/* The network with its first weights. */
SpiralStatus train_make_network(const TrainSettings *settings, const TrainData *data, SpiralNetwork **network,
                                SpiralError *error);

/* The settings', with the seed, the iterations that epochs make, and what is to be recorded. */
SpiralTrainOptions train_options(const TrainSettings *settings, const SpiralDataset *dataset);

/* One training, from the data to its result. */
typedef struct TrainRun {
    const TrainSettings *settings;
    const OptionTable *table;
    SpiralTrainOptions options;
    TrainData data;
    SpiralNetwork *network;
    SpiralTrainer *trainer;
    SpiralFolderLock *lock; /* of --out, held until all is saved */
    SpiralOutput *log;      /* NULL once it is closed */
    LogLayout layout;
    LogMark mark; /* of what was written to the log */
    Progress progress;
    TerminalView view; /* --live */
    double next_view;  /* when to draw again, by the monotonic clock */
    Babysitter babysitter;
    double started, flushed, seconds; /* by the monotonic clock; how long the training took */
    SpiralTrainResult result;
    bool out_of_time;                    /* --time-limit ended it */
    bool frames_left_out, view_left_out; /* what is trained on can't be drawn */
} TrainRun;

/* Too large for the stack. NULL when there is no memory. */
TrainRun *train_create(const TrainSettings *settings, const OptionTable *table);

/* Data, network, trainer and log; the log, and with it the folder, is there before the first iteration. */
SpiralStatus train_prepare(TrainRun *run, SpiralError *error);
SpiralStatus train_iterate(TrainRun *run, SpiralError *error);
void train_free(TrainRun *run); /* accepts NULL */

/* Of several ranks, rank 0 alone. */
bool train_writes_files(void);

/* Log, model, summary, and the figures of a whole training. */
SpiralStatus train_save(TrainRun *run, SpiralError *error);
SpiralStatus train_save_frame(TrainRun *run, const SpiralTrainRecord *record, SpiralError *error);
void train_describe_model(const SpiralNetwork *network, char *text, size_t size);

/* The checkpoint hook's work: DIR/checkpoint.npz, after the log's rows before it are on the disk. */
SpiralStatus train_save_checkpoint(TrainRun *run, SpiralError *error);

/* Takes up the checkpoint of --resume; run->mark becomes that of the log's rows before it, which are to stay. */
SpiralStatus train_resume(TrainRun *run, SpiralError *error);

/* --folds: trains once a fold, prints a row each and their mean and deviation, and writes DIR/folds.csv. */
SpiralStatus train_folds(const TrainSettings *settings, const OptionTable *table, SpiralError *error);

#endif
