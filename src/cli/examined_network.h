/* examined_network.h: the network that gradcheck and explain examine: as initialised, after a few iterations, or loaded
 * from a file. */
#ifndef SPIRAL_CLI_EXAMINED_NETWORK_H
#define SPIRAL_CLI_EXAMINED_NETWORK_H

#include "cli/files.h"
#include "cli/options/settings.h"

typedef struct ExaminedSettings {
    RunSettings run;
    size_t burn_in;   /* iterations before the examination */
    const char *load; /* a model file, or NULL */
} ExaminedSettings;

ExaminedSettings examined_settings_defaults(void);

/* --burn-in, --learning-rate, --load */
OptionGroup options_group_examined(ExaminedSettings *settings);

/* Call it after options_parse. Includes run_settings_check. Errors: USAGE. */
SpiralStatus examined_settings_check(ExaminedSettings *settings, const OptionTable *table, SpiralError *error);

/* Names the files that are read. */
void examined_name_files(const ExaminedSettings *settings, Files *files);

/* Makes the data and the network. On failure both are NULL. */
SpiralStatus examined_prepare(const ExaminedSettings *settings, SpiralRng *rng, SpiralDataset **dataset,
                              SpiralNetwork **network, SpiralError *error);

#endif
