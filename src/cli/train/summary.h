/* summary.h: summary.json, what a run was and what came of it. */
#ifndef SPIRAL_CLI_SUMMARY_H
#define SPIRAL_CLI_SUMMARY_H

#include "cli/options/options.h"
#include "spiral/spiral.h"

typedef struct RunSummary {
    const OptionTable *table;                  /* the settings: every option of the run's groups, by its name */
    const char *data_path;                     /* NULL: generated */
    const SpiralDataset *dataset, *validation; /* validation NULL: none */
    const SpiralNetwork *network;
    const SpiralTrainResult *result;
    bool out_of_time; /* --time-limit ended it */
    double seconds;   /* of the training, on the wall clock */
} RunSummary;

/* The JSON text with its final newline, freed by free(); keys in a fixed order, numbers that read back as the same
 * double. NULL when there is no memory. */
char *summary_make(const RunSummary *summary);

#endif
