/* train_settings.h: the settings of a training, for `spiral train` and for each run of `spiral sweep`. */
#ifndef SPIRAL_CLI_TRAIN_SETTINGS_H
#define SPIRAL_CLI_TRAIN_SETTINGS_H

#include "spiral/loss_log.h"
#include "cli/options/settings.h"

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
    SpiralLossLogFormat log_format;
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

/* The name of the log within DIR: loss.csv or loss.jsonl. */
const char *train_log_name(const TrainSettings *settings);

#endif
