/* start.h: the network that gradcheck and explain look at: as it is initialised, after a few iterations, or a saved
 * one. */
#ifndef SPIRAL_CLI_START_H
#define SPIRAL_CLI_START_H

#include "cli/files.h"
#include "cli/options/settings.h"

typedef struct StartSettings {
    RunSettings run;
    size_t burn_in;   /* iterations before the look */
    const char *load; /* a model file, or NULL */
} StartSettings;

StartSettings start_settings_defaults(void);

/* --burn-in, --learning-rate, --load */
OptionGroup options_group_start(StartSettings *settings);

/* After options_parse; run_settings_check included. Errors: USAGE. */
SpiralStatus start_settings_check(StartSettings *settings, const OptionTable *table, SpiralError *error);

/* Names what is read. */
void start_name_files(const StartSettings *settings, Files *files);

/* The data and the network. On failure both are NULL. */
SpiralStatus start_prepare(const StartSettings *settings, SpiralRng *rng, SpiralDataset **dataset,
                           SpiralNetwork **network, SpiralError *error);

#endif
