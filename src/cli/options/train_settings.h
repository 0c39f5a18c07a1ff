/* train_settings.h: the settings of a training run, for `spiral train` and for each run of `spiral sweep`. */
#ifndef SPIRAL_CLI_TRAIN_SETTINGS_H
#define SPIRAL_CLI_TRAIN_SETTINGS_H

#include "spiral/loss_log.h"
#include "cli/cli.h"
#include "cli/options/figure_settings.h"
#include "cli/options/settings.h"

typedef struct TrainSettings {
    RunSettings run;
    const char *init_from;         /* a model file, or NULL */
    size_t epochs;                 /* 0: iterations is used */
    const char *validation;        /* a fraction or a file; or NULL */
    size_t folds;                  /* 0: none */
    double time_limit;             /* seconds, 0: none */
    const char *resume;            /* a checkpoint file, or NULL */
    size_t log_every, print_every; /* 0 until the check sets them from the model */
    SpiralLossLogFormat log_format;
    bool log_layers;
    const char *out;
    bool no_figures, report, quiet;
    FigureFormat figure_format;
    FigureSettings figures;
    size_t frames_every; /* 0: none */
    bool live;
    SummaryKind summary;
    double require_accuracy;
} TrainSettings;

TrainSettings train_settings_defaults(void);

/* The first TRAIN_WHAT_GROUPS groups say what is trained. The others apply to a single training run. */
enum { TRAIN_GROUPS = 13, TRAIN_WHAT_GROUPS = 6 };

/* Fills in the groups, bound to the settings. */
void train_groups(TrainSettings *settings, OptionGroup groups[TRAIN_GROUPS]);

/* Refuses options that conflict, and fills in what other settings decide. Call it after options_parse. Errors:
 * USAGE. */
SpiralStatus train_settings_check(TrainSettings *settings, const OptionTable *table, SpiralError *error);

/* --validation is a fraction if it is a number, otherwise a file. Refuses a number that is no fraction, and what begins
 * as one and is no file. Errors: USAGE. */
SpiralStatus train_check_validation(const char *text, SpiralError *error);

/* The name of the log in DIR: loss.csv or loss.jsonl. */
const char *train_log_name(const TrainSettings *settings);

#endif
