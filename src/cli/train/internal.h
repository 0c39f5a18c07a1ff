/* internal.h: what the files of `spiral train` share. train.c is the command, training.c runs one training, outputs.c
 * saves what came of it, resume.c writes checkpoints and resumes from them, folds.c is cross-validation, warnings.c
 * watches for what goes wrong. */
#ifndef SPIRAL_CLI_TRAIN_INTERNAL_H
#define SPIRAL_CLI_TRAIN_INTERNAL_H

#include "cli/options/train_settings.h"
#include "cli/process/progress.h"
#include "cli/process/terminal.h"
#include "cli/run.h"
#include "cli/train/warnings.h"
#include "spiral/spiral.h"

/* How much of the log a checkpoint goes with: see resume.c. */
typedef struct LogMark {
    uint64_t bytes;
    uint32_t crc; /* of the lines without their last field: two runs of a command differ in the seconds alone */
} LogMark;

void log_mark_start(LogMark *mark);

/* Adds a line of the log, its LF included; false when it is not whole. */
bool log_mark_add(LogMark *mark, const char *line, SpiralLossLogFormat format, bool header);

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
    SpiralLossLogLayout layout;
    LogMark mark; /* of what was written to the log */
    Progress progress;
    TerminalView view; /* --live */
    double next_view;  /* when to draw again, by the monotonic clock */
    TrainingWarnings warnings;
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

/* Log, model, summary, and the figures of a whole training. */
SpiralStatus train_save(TrainRun *run, SpiralError *error);
SpiralStatus train_save_frame(TrainRun *run, const SpiralTrainRecord *record, SpiralError *error);

/* The checkpoint hook's work: DIR/checkpoint.npz, after the log's rows before it are on the disk. */
SpiralStatus train_save_checkpoint(TrainRun *run, SpiralError *error);

/* Continues from the checkpoint of --resume; run->mark becomes that of the log's rows before it, which are to stay. */
SpiralStatus train_resume(TrainRun *run, SpiralError *error);

/* --folds: trains once a fold, prints a row each and their mean and deviation, and writes DIR/folds.csv. */
SpiralStatus train_folds(const TrainSettings *settings, const OptionTable *table, SpiralError *error);

#endif
