/* settings.h: groups of options that several commands share. */
#ifndef SPIRAL_CLI_SETTINGS_H
#define SPIRAL_CLI_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/options/options.h"
#include "spiral/spiral.h"

typedef struct DataSettings {
    SpiralGenerateOptions generate; /* generate_settings_check fills in what was not given, from the shape */
    OptionSizes balance;            /* as given; copied to generate */
    const char *arm_offset;         /* as given: radians or "even"; NULL: the default */
    uint32_t seed;                  /* of the whole random stream */
    const char *path;               /* --data, or NULL for generated data */
    SpiralLoadOptions load;
    bool standardize;
} DataSettings;

typedef enum ModelKind { MODEL_LINEAR, MODEL_MLP } ModelKind;

typedef struct ModelSettings {
    ModelKind kind;
    OptionSizes hidden; /* cleared by run_settings_check when kind is linear */
    SpiralActivation activation;
    bool activation_given; /* on the command line; set by run_settings_check */
    SpiralInit init;
    double init_scale; /* NaN until the check sets it from init */
    size_t skip_draws;
    SpiralProducts products;
} ModelSettings;

/* Everything that decides what is trained. Used by train, gradcheck and explain. */
typedef struct RunSettings {
    DataSettings data;
    ModelSettings model;
    SpiralTrainOptions training; /* iterations is 0 until run_settings_check sets it from the model */
} RunSettings;

RunSettings run_settings_defaults(void);

/* The groups, bound to the settings. Loading alone (predict, plot) takes --data --header --label --delimiter. */
OptionGroup options_group_generate(DataSettings *settings);
OptionGroup options_group_load(DataSettings *settings);           /* with --standardize */
OptionGroup options_group_load_for_model(DataSettings *settings); /* without --standardize */
OptionGroup options_group_model(ModelSettings *settings);
OptionGroup options_group_training(SpiralTrainOptions *settings);  /* all except --threads */
OptionGroup options_group_threads(SpiralTrainOptions *settings);   /* --threads */
OptionGroup options_group_objective(SpiralTrainOptions *settings); /* --reg --reduction --threads */

/* Fills in what the shape and the balance decide (noise, classes), refuses options of another shape, and validates.
 * Call it after options_parse; run_settings_check includes it. Errors: USAGE, LIMIT. */
SpiralStatus generate_settings_check(DataSettings *settings, const OptionTable *table, SpiralError *error);

/* Returns the first given option that applies only to generated data, or NULL. */
const char *generate_settings_first_given(const OptionTable *table);

/* Refuses options that conflict (--hidden with --model linear, --classes with --data, --header without --data), fills
 * in what the model decides (hidden, iterations), and validates. Call it after options_parse. Errors: USAGE. */
SpiralStatus run_settings_check(RunSettings *settings, const OptionTable *table, SpiralError *error);

/* Refuses the options of CSV files when there is no file or a NumPy file. Part of run_settings_check. Errors: USAGE. */
SpiralStatus load_settings_check(const DataSettings *settings, const OptionTable *table, SpiralError *error);

/* ---- results ----------------------------------------------------------------------------------------------------- */

/* --summary */
typedef enum SummaryKind { SUMMARY_TEXT, SUMMARY_JSON } SummaryKind;
extern const char *const summary_names[];

/* Is the accuracy as high as --require-accuracy asks? name says which it is: "training accuracy". Errors: CHECK. */
SpiralStatus accuracy_require(const OptionTable *table, double required, const char *name, double accuracy,
                              SpiralError *error);

#endif
