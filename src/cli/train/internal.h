/* internal.h: declarations shared by the files of `spiral train`. train.c is the command, training.c runs one training,
 * outputs.c saves its results, resume.c writes checkpoints and resumes from them, folds.c is cross-validation,
 * warnings.c warns when a training goes wrong, diagnosis.c says why. */
#ifndef SPIRAL_CLI_TRAIN_INTERNAL_H
#define SPIRAL_CLI_TRAIN_INTERNAL_H

#include "cli/files.h"
#include "cli/json.h"
#include "cli/options/train_settings.h"
#include "cli/page/moments.h"
#include "cli/process/progress.h"
#include "cli/process/terminal.h"
#include "cli/run.h"
#include "cli/train/warnings.h"
#include "spiral/spiral.h"

/* The part of the log that belongs to a checkpoint: see resume.c. */
typedef struct LogMark {
    uint64_t bytes;
    uint32_t crc; /* of the lines before those in text */
    size_t used;  /* bytes of text */
    char
        text[4096]; /* the last lines without their last field. One checksum of many lines is faster than one of each */
} LogMark;

void log_mark_start(LogMark *mark);

/* The checksum of all lines without the last field: two runs of a command differ only in the seconds. */
uint32_t log_mark_crc(const LogMark *mark);

/* Adds a line of the log, including its LF; false when the line is incomplete. */
bool log_mark_add(LogMark *mark, const char *line, SpiralLossLogFormat format, bool header);

/* One training, from the data to its result. */
typedef struct TrainRun {
    const TrainSettings *settings;
    const OptionTable *table;
    SpiralTrainOptions options;
    TrainData data;
    SpiralNetwork *network;
    uint32_t first_model_crc; /* of the file of --init-from, for checkpoints */
    SpiralTrainer *trainer;
    SpiralFolderLock *lock; /* of --out, held until everything is saved */
    bool used_folder;       /* there are files of an earlier run in it */
    SpiralOutput *log;      /* NULL once it is closed */
    SpiralLossLogLayout layout;
    LogMark mark; /* of the rows written to the log */
    Progress progress;
    TerminalView view; /* --live */
    double next_view;  /* when to draw again, on the monotonic clock */
    TrainingWarnings warnings;
    double started, flushed, seconds; /* two times on the monotonic clock; the training's duration */
    SpiralTrainResult result;
    Moments *moments;                    /* --report; or NULL */
    bool frames_left_out, view_left_out; /* the training data can't be drawn */
    size_t drawn_features[2];            /* of --axes */
    SpiralPlane *plane;                  /* of all figures of more than two features, unless --axes is given */
} TrainRun;

/* Allocated, because it is too large for the stack. NULL when out of memory. */
TrainRun *train_create(const TrainSettings *settings, const OptionTable *table);

/* Makes the data, network, trainer and log. The log and its folder exist before the first iteration. */
SpiralStatus train_prepare(TrainRun *run, SpiralError *error);
SpiralStatus train_iterate(TrainRun *run, SpiralError *error);
void train_free(TrainRun *run); /* accepts NULL */

/* Finds the axes of the figures. Errors: USAGE, LIMIT. */
SpiralStatus train_prepare_figures(TrainRun *run, SpiralError *error);

/* Saves the log, the model, the summary and the figures of a complete training. */
SpiralStatus train_save(TrainRun *run, SpiralError *error);
SpiralStatus train_save_frame(TrainRun *run, const SpiralTrainRecord *record, SpiralError *error);

/* Adds what a summary says of the command, the settings that apply, the data, the network and the build. cut: the
 * iterations after which the clock or a signal ended the training; 0: neither did. False when out of memory. */
bool train_add_description(cJSON *root, const OptionTable *table, const TrainSettings *settings, size_t cut,
                           const SpiralDataset *dataset, const SpiralNetwork *network);

/* Writes DIR/summary.json, and prints it if --summary json is given. Frees the text; NULL when out of memory. */
SpiralStatus train_save_summary(const TrainSettings *settings, char *text, SpiralError *error);

/* Adds the options to the advice of a training that has diverged. */
void train_add_flags(const TrainRun *run, SpiralError *error);

/* The checkpoint hook: writes DIR/checkpoint.npz after the log's earlier rows are on disk. */
SpiralStatus train_save_checkpoint(TrainRun *run, SpiralError *error);

/* Names the files of earlier runs that this one may remove. */
void train_name_removed(const TrainSettings *settings, Files *files);

/* Creates and locks the folder, removes what killed runs have left of files that they were writing, and sets *used to
 * whether an earlier run has left its files in it. Refuses the folder of a sweep, and the checkpoint of a training that
 * was interrupted, unless this one resumes. *lock stays NULL when this one resumes and there is no folder, which
 * train_resume reports. Errors: OUTPUT. */
SpiralStatus train_take_folder(const TrainSettings *settings, SpiralFolderLock **lock, bool *used, SpiralError *error);

/* Removes from a used folder what an earlier run has left and this one does not write, or draws again. Call it when
 * this run begins to write, after that many updates of the run that it continues. Errors: OUTPUT. */
SpiralStatus train_clear_folder(const TrainSettings *settings, bool used, size_t updates, SpiralError *error);

/* Continues from the checkpoint of --resume. Sets run->mark to the log's rows before the checkpoint, which are kept. */
SpiralStatus train_resume(TrainRun *run, SpiralError *error);

/* --folds: trains once for each fold, prints a row for each, then the mean and deviation, and writes DIR/folds.csv and
 * DIR/summary.json. */
SpiralStatus train_folds(const TrainSettings *settings, const OptionTable *table, SpiralError *error);

#endif
