#include "cli/options/train_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/options/values.h"

enum { LINEAR_LOG_EVERY = 1, MLP_LOG_EVERY = 10 };        /* in rows of the log */
enum { LINEAR_PRINT_EVERY = 10, MLP_PRINT_EVERY = 1000 }; /* in lines; also stated in the notes of the help */

static void print_log_every(char *text, size_t size)
{
    snprintf(text, size, "linear %d, mlp %d", LINEAR_LOG_EVERY, MLP_LOG_EVERY);
}

static void print_print_every(char *text, size_t size)
{
    snprintf(text, size, "--log-every when given, else linear %d, mlp %d", LINEAR_PRINT_EVERY, MLP_PRINT_EVERY);
}

static const char *const format_names[] = {"csv", "jsonl", NULL};

static const Option start_options[] = {
    {"init-from", TEXT(TrainSettings, init_from), "FILE",
     "Start from a model.npz: its weights, matched by the names of features and classes, its activation, mean and "
     "scale; "
     "or from weights alone that NumPy saved with the notes' names (W, b or W1, b1, W2, b2), in the data's order.",
     .files = "npz"},
};

static const Option stop_options[] = {
    {"epochs", SIZE(TrainSettings, epochs), "E", "Instead of --iterations: passes over the training data.",
     .minimum = 1, .no_default = true},
    {"validation", TEXT(TrainSettings, validation), "FRACTION|FILE",
     "Hold back that fraction of every class (drawn from RandomState(seed + 3)), or read a file, and measure loss and "
     "accuracy on it with every row of the log.",
     .files = "csv npz npy"},
    {"patience", SIZE(TrainSettings, run.training.patience), "N",
     "Stop when the validation loss was not the lowest so far at N rows of the log in a row, and keep the weights of "
     "the "
     "lowest, but never untrained ones; 0: don't."},
    {"tolerance", REAL(TrainSettings, run.training.tolerance), "T",
     "Stop when the loss has changed by less than T since the row of the log before; 0: don't."},
    {"target-loss", REAL(TrainSettings, run.training.target_loss), "L",
     "Stop when the loss is at most L; 0: don't. This and --tolerance look at all the training data, without dropout, "
     "and like --patience at each row of the log and after the last update."},
};

static const Option fold_options[] = {
    {"folds", SIZE(TrainSettings, folds), "K",
     "Cross-validation: train K times, each time validating on another K-th of every class. Prints a row per fold, "
     "their mean and deviation, and writes folds.csv and summary.json; no model, no log, no figures.",
     .minimum = 2, .no_default = true},
};

static const Option long_options[] = {
    {"time-limit", REAL(TrainSettings, time_limit), "SECONDS",
     "Stop after that many seconds and at least one iteration, as if all had been made; 0: don't.", .maximum = 1e8,
     .aside = true},
    {"checkpoint-every", SIZE(TrainSettings, run.training.checkpoint_every), "N",
     "Save DIR/checkpoint.npz every N iterations and at the end, whatever ends the training, unless it diverges; 0: "
     "only when it is interrupted or out of time.",
     .aside = true},
    {"resume", TEXT(TrainSettings, resume), "FILE",
     "Continue from a checkpoint, with the options it was made with; --iterations or --epochs may be higher, and the "
     "stop "
     "rules others. The data may have another path: they are compared by shape and checksum. The log, the model and "
     "the "
     "figures become those of a training that was never interrupted.",
     .files = "npz", .aside = true},
};

static const Option output_options[] = {
    {"out", TEXT(TrainSettings, out), "DIR",
     "Folder for loss.csv, boundary.png, loss.png, model.npz and summary.json; created if missing. What an "
     "earlier training left there is replaced or removed.",
     .letter = 'o', .files = "/", .aside = true},
    {"log-every", SIZE(TrainSettings, log_every), "N",
     "Write a row of the log every N iterations: loss and accuracy before the update, of the batch if there are "
     "batches.",
     .minimum = 1, .print_default = print_log_every},
    {"log-format", CHOICE(TrainSettings, log_format, format_names),
     "loss.csv, or loss.jsonl with a JSON object per line."},
    {"log-layers", FLAG(TrainSettings, log_layers),
     "Add to each row of the log, over all the training data and without dropout: the deviation of each hidden layer's "
     "activations, its dead units, its saturated activations, and the size of each layer's gradient. spiral plot "
     "--log draws them."},
    {"print-every", SIZE(TrainSettings, print_every), "N", "Print the loss every N iterations.", .minimum = 1,
     .print_default = print_print_every, .aside = true},
    {"no-figures", FLAG(TrainSettings, no_figures), "Leave boundary.png and loss.png out.", .aside = true},
    {"figure-format", CHOICE(TrainSettings, figure_format, figure_formats),
     "What boundary.png and loss.png are: PNG, or SVG (boundary.svg, loss.svg). Frames are PNG.", .aside = true},
    {"report", FLAG(TrainSettings, report),
     "Write DIR/report.html: a page to play the training back, with the weights of up to 200 moments. spiral report "
     "makes it afterwards.",
     .aside = true},
    {"frames-every", SIZE(TrainSettings, frames_every), "N",
     "Draw the boundary into DIR/frames every N iterations and at the end, for spiral-animate; 0: don't.",
     .aside = true},
    {"live", FLAG(TrainSettings, live), "Draw the boundary in the terminal (on standard error) during training.",
     .aside = true},
    {"summary", CHOICE(TrainSettings, summary, summary_names),
     "What to print on standard output: the losses and the accuracy, or only the text of summary.json.", .aside = true},
    {"quiet", FLAG(TrainSettings, quiet),
     "Print no lines, no progress bar, and no warnings about the training. Errors, doubts about the data, notes on "
     "figures that could not be drawn, and the JSON of --summary json are still printed.",
     .letter = 'q', .aside = true},
    {"require-accuracy", REAL(TrainSettings, require_accuracy), "A",
     "Exit with 1 when the accuracy, from 0 to 1, ends below A: the validation data's where there is validation data, "
     "with "
     "--folds the mean over the folds, else the training data's.",
     .maximum = 1, .no_default = true, .aside = true},
};

TrainSettings train_settings_defaults(void)
{
    return (TrainSettings){.run = run_settings_defaults(), .out = "spiral-out", .figures = figure_settings_defaults()};
}

void train_groups(TrainSettings *settings, OptionGroup groups[TRAIN_GROUPS])
{
    const OptionGroup made[TRAIN_GROUPS] = {
        options_group_generate(&settings->run.data),
        options_group_load(&settings->run.data),
        options_group_model(&settings->run.model),
        OPTION_GROUP("Start", start_options, settings),
        options_group_training(&settings->run.training),
        OPTION_GROUP("Validation and early stopping", stop_options, settings),
        OPTION_GROUP("Cross-validation", fold_options, settings),
        options_group_threads(&settings->run.training),
        OPTION_GROUP("Long trainings", long_options, settings),
        OPTION_GROUP("Output", output_options, settings),
        options_group_figures(&settings->figures),
        options_group_boundaries(&settings->figures),
        options_group_scales(&settings->figures),
    };
    memcpy(groups, made, sizeof made);
}

const char *train_log_name(const TrainSettings *settings)
{
    return settings->log_format == SPIRAL_LOSS_LOG_JSONL ? "loss.jsonl" : "loss.csv";
}

/* ---- conflicting options ----------------------------------------------------------------------------------------- */

static SpiralStatus refuse(SpiralError *error, const char *reason)
{
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%s", reason);
}

/* mpirun passes standard input only to rank 0. */
static SpiralStatus check_ranks(const TrainSettings *settings, SpiralError *error)
{
    const char *path = settings->run.data.path;
    if (spiral_ranks_count() > 1 && path != NULL && strcmp(path, "-") == 0)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--data - is standard input, expected a file that all %zu ranks can read",
                                spiral_ranks_count());
    if (spiral_ranks_count() > 1 && settings->folds > 0)
        return refuse(error, "--folds trains in one process: leave it out, or start it without mpirun");
    return SPIRAL_OK;
}

/* Refuses what --folds would not do. */
static SpiralStatus check_folds(const TrainSettings *settings, const OptionTable *table, SpiralError *error)
{
    static const char *const log_options[] = {"log-format", "log-layers", "print-every"};
    const SpiralTrainOptions *training = &settings->run.training;
    if (settings->validation != NULL)
        return refuse(error, "--folds makes its own validation data, and --validation is given: leave one out");
    if (settings->resume != NULL || training->checkpoint_every > 0 || settings->frames_every > 0)
        return refuse(error, "--folds keeps no checkpoints and draws no frames: leave those options out");
    if (settings->time_limit > 0.0)
        return refuse(error, "--folds compares trainings of one length, and --time-limit is given: leave one out");
    if (settings->report)
        return refuse(error, "--folds trains many networks, and --report shows one training: leave one out");
    if (settings->live)
        return refuse(error, "--folds draws nothing, and --live is given: leave one out");
    const char *name = options_first_given(table, log_options, COUNT(log_options));
    if (name != NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--folds writes no log, and --%s is given: leave one out", name);
    bool rule = training->patience > 0 || training->tolerance > 0.0 || training->target_loss > 0.0;
    if (options_given(table, "figure-format"))
        return refuse(error, "--folds draws no figures, and --figure-format is given: leave one out");
    if (options_given(table, "log-every") && !rule)
        return refuse(error, "--folds writes no log, and --log-every only says how often --patience, --tolerance and "
                             "--target-loss look: give one of them, or leave it out");
    return SPIRAL_OK;
}

static SpiralStatus check_together(const TrainSettings *settings, const OptionTable *table, SpiralError *error)
{
    static const char *const initial[] = {"init", "init-scale", "skip-draws"};
    const char *name = options_first_given(table, initial, COUNT(initial));
    if (settings->init_from != NULL && name != NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--%s is about random weights, and --init-from is given: leave one out", name);
    if (settings->epochs > 0 && options_given(table, "iterations"))
        return refuse(error, "--epochs and --iterations both say when to stop: leave one out");
    if (settings->folds > 0) {
        SpiralStatus status = check_folds(settings, table, error);
        if (status != SPIRAL_OK)
            return status;
    }
    if (settings->run.training.patience > 0 && settings->validation == NULL && settings->folds == 0)
        return refuse(error, "--patience watches the validation loss: give --validation FRACTION|FILE, too");
    if (settings->report && settings->resume != NULL)
        return refuse(error, "--report shows a training from its start, and --resume begins later: leave --report out, "
                             "and make the page with spiral report when the training has ended");
    name = figure_settings_first_given(table);
    if (name != NULL && settings->folds > 0)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--folds draws nothing, and --%s is given: leave one out", name);
    if (name != NULL && settings->no_figures && !settings->live)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--%s is about figures, and --no-figures is given: leave one out", name);
    if (settings->frames_every > 0 && settings->no_figures)
        return refuse(error, "--frames-every draws figures, and --no-figures is given: leave one out");
    if (settings->no_figures && options_given(table, "figure-format"))
        return refuse(error, "--figure-format is that of figures, and --no-figures is given: leave one out");
    return SPIRAL_OK;
}

/* Was a number meant, like 50%, 0,5 or nan? */
static bool begins_as_number(const char *text)
{
    double value;
    size_t length = strlen(text);
    return spiral_number_parse(text, text + length, &value) != NULL || spiral_number_is_not_finite(text, length);
}

SpiralStatus train_check_validation(const char *text, SpiralError *error)
{
    double fraction;
    bool number = text_to_real(text, &fraction);
    if (number && fraction > 0.0 && fraction < 1.0)
        return SPIRAL_OK;
    if (!number && (!begins_as_number(text) || access(text, F_OK) == 0 || files_first_of_pair(text) > 0))
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                            "--validation: found \"%.*s\"%s, expected a number above 0 and below 1, or a file",
                            SPIRAL_TEXT_CUT(text, 200), number ? "" : ", which is not a file");
}

SpiralStatus train_settings_check(TrainSettings *settings, const OptionTable *table, SpiralError *error)
{
    SpiralStatus status = check_together(settings, table, error);
    if (status == SPIRAL_OK)
        status = run_settings_check(&settings->run, table, error);
    if (status == SPIRAL_OK)
        status = check_ranks(settings, error);
    if (status == SPIRAL_OK && settings->validation != NULL)
        status = train_check_validation(settings->validation, error);
    if (status == SPIRAL_OK)
        status = figure_settings_check(&settings->figures, error);
    if (status != SPIRAL_OK)
        return status;
    bool linear = settings->run.model.kind == MODEL_LINEAR;
    if (settings->print_every == 0)
        settings->print_every = settings->log_every != 0 ? settings->log_every
                                : linear                 ? LINEAR_PRINT_EVERY
                                                         : MLP_PRINT_EVERY;
    if (settings->log_every == 0)
        settings->log_every = linear ? LINEAR_LOG_EVERY : MLP_LOG_EVERY;
    return SPIRAL_OK;
}
