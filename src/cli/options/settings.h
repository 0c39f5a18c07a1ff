/* settings.h: the groups of options that several commands share. */
#ifndef SPIRAL_CLI_SETTINGS_H
#define SPIRAL_CLI_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/options/options.h"
#include "spiral/spiral.h"

typedef struct DataSettings {
    SpiralGenerateOptions generate; /* what is not given is by the shape, from generate_settings_check on */
    OptionSizes balance;            /* as given; copied into generate */
    uint32_t seed;                  /* of the whole stream */
    const char *path;               /* --data; NULL: generated */
    SpiralLoadOptions load;
    bool standardize;
} DataSettings;

typedef enum ModelKind { MODEL_LINEAR, MODEL_MLP } ModelKind;

typedef struct ModelSettings {
    ModelKind kind;
    OptionSizes hidden; /* emptied by run_settings_check when kind is linear */
    SpiralActivation activation;
    SpiralInit init;
    double init_scale; /* NaN until check: by init */
    size_t skip_draws;
    SpiralProducts products;
} ModelSettings;

/* All that decides what is trained; train, gradcheck and explain start from it. */
typedef struct RunSettings {
    DataSettings data;
    ModelSettings model;
    SpiralTrainOptions training; /* iterations 0 until run_settings_check: by the model */
} RunSettings;

RunSettings run_settings_defaults(void);

/* The groups, pointed at the settings. Loading alone (predict, plot) is --data --header --label --delimiter. */
OptionGroup options_group_generate(DataSettings *settings);
OptionGroup options_group_load(DataSettings *settings);           /* with --standardize */
OptionGroup options_group_load_for_model(DataSettings *settings); /* without */
OptionGroup options_group_model(ModelSettings *settings);
OptionGroup options_group_training(SpiralTrainOptions *settings);  /* all but --threads */
OptionGroup options_group_threads(SpiralTrainOptions *settings);   /* --threads */
OptionGroup options_group_objective(SpiralTrainOptions *settings); /* --reg --reduction --threads */

/* Fills in what the shape and the balance decide (noise, classes), refuses what is about another shape, and
 * validates. Call it after options_parse; part of run_settings_check. Errors: USAGE, LIMIT. */
SpiralStatus generate_settings_check(DataSettings *settings, const OptionTable *table, SpiralError *error);

/* Names the first given option that is about generated data alone, or NULL. */
const char *generate_settings_first_given(const OptionTable *table);

/* Refuses what does not go together (--hidden with --model linear, --classes with --data, --header without), fills
 * in what the model decides (hidden, iterations), and validates. Call it after options_parse. Errors: USAGE. */
SpiralStatus run_settings_check(RunSettings *settings, const OptionTable *table, SpiralError *error);

/* Refuses the options of CSV files where there is no file, or a NumPy file; part of run_settings_check. Errors:
 * USAGE. */
SpiralStatus load_settings_check(const DataSettings *settings, const OptionTable *table, SpiralError *error);

#endif
