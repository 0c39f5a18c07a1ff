/* table.h: what a command says about the table that it has loaded: what was taken for what, and what is doubtful. */
#ifndef SPIRAL_CLI_TABLE_H
#define SPIRAL_CLI_TABLE_H

#include "cli/options/settings.h"

/* What the table is loaded for. Labels that are measurements are nothing to train on. AGAIN: it has been reported on,
 * and nothing is left to say. */
typedef enum TableUse { TABLE_TO_LOOK_AT, TABLE_TO_TRAIN_ON, TABLE_AGAIN } TableUse;

/* Prints a line on standard error that says what was taken, unless quiet, and warns about what is doubtful. Errors:
 * INPUT (labels that are measurements, and no --label), LIMIT. */
SpiralStatus table_report(const DataSettings *settings, const SpiralDataset *dataset, TableUse use, bool quiet,
                          SpiralError *error);

/* Warns of a number that was taken for a column's place while another column is named so. table_report does this, too.
 */
void table_warn_of_numbers(const char *path, const SpiralDataset *dataset);

#endif
