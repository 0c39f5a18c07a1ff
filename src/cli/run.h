/* run.h: the data and the network that a command's settings describe. */
#ifndef SPIRAL_CLI_RUN_H
#define SPIRAL_CLI_RUN_H

#include <cjson/cJSON.h>

#include "cli/files.h"
#include "cli/options/train_settings.h"
#include "cli/table.h"
#include "spiral/spiral.h"

/* Seeds rng, then generates the data from it or loads the data and reports on it (table.h). */
SpiralStatus run_load(const RunSettings *settings, TableUse use, bool quiet, SpiralRng *rng, SpiralDataset **dataset,
                      SpiralError *error);

/* The network for the data, with names and standardisation, initialised from rng after skipping --skip-draws
 * numbers. */
SpiralStatus run_make_network(const RunSettings *settings, const SpiralDataset *dataset, SpiralRng *rng,
                              SpiralNetwork **network, SpiralError *error);

/* Refuses initial weights that overflow. In a sweep they count as a diverged run. Errors: USAGE. */
SpiralStatus run_check_weights(const RunSettings *settings, const SpiralNetwork *network, SpiralError *error);

/* Makes both, with weights that don't overflow. On failure both are NULL. */
SpiralStatus run_prepare(const RunSettings *settings, SpiralRng *rng, SpiralDataset **dataset, SpiralNetwork **network,
                         SpiralError *error);

/* Loads --data for a model: with the model's features, matched by name, and its class numbers. Unless quiet, a line on
 * standard error says when columns were moved or are not used; a number that may be a name is warned of.
 * Errors: INPUT, LIMIT. */
SpiralStatus load_for_model(const DataSettings *settings, const SpiralNetwork *network, SpiralLabelling labelling,
                            bool quiet, SpiralDataset **dataset, SpiralError *error);

/* What labels are needed for, where they are needed for classes. */
#define CLASSES_NEEDED "classes are needed"

/* Refuses data without labels, which were loaded for the model, and names the column that would have them. why ends the
 * message: CLASSES_NEEDED. Errors: INPUT. */
SpiralStatus require_labels(const DataSettings *settings, const SpiralNetwork *network, const SpiralDataset *dataset,
                            const char *why, SpiralError *error);

/* Prints these lines for a block of the data, which open_for_model does not. */
void note_columns_for_model(const DataSettings *settings, const SpiralNetwork *network, const SpiralDataset *dataset,
                            bool quiet);

/* Opens it instead, to be read in blocks of rows, which may lack labels. The network must outlive the reader. */
SpiralStatus open_for_model(const DataSettings *settings, const SpiralNetwork *network, SpiralReader **reader,
                            SpiralError *error);

/* Adds the data, the network and the build to a summary. False when out of memory. */
bool run_add_description(cJSON *root, const DataSettings *settings, const SpiralDataset *dataset,
                         const SpiralNetwork *network);

/* ---- training ---------------------------------------------------------------------------------------------------- */

/* What several training runs may share: the data and, if it was generated, the random stream after it, from which the
 * weights are drawn. */
typedef struct TrainData {
    SpiralDataset *dataset, *validation; /* validation may be NULL */
    SpiralRng rng;
} TrainData;

/* Names the files that a training reads: its data, validation data and first model. */
void train_name_inputs(const TrainSettings *settings, Files *files);

/* *data must be zeroed before the call, and freed even after a failure. */
SpiralStatus train_data_load(const TrainSettings *settings, TableUse use, TrainData *data, SpiralError *error);
void train_data_free(TrainData *data);

/* Makes the network with its initial weights, or with those of --init-from, matched by the names of features and
 * classes; their activation and standardisation come with them. Unless quiet, a line on standard error says what was
 * moved or taken. Errors: INPUT (a model that does not fit the data or the options), LIMIT. */
SpiralStatus train_make_network(const TrainSettings *settings, const TrainData *data, bool quiet,
                                SpiralNetwork **network, SpiralError *error);

/* Refuses a model that no training of these settings makes: of other layers and, unless it started from a model
 * (--init-from), with another activation, or with a mean and a scale when it should have none, or without. The features
 * and classes of a file are not compared. path is for messages. Errors: INPUT. */
SpiralStatus train_check_model(const TrainSettings *settings, const SpiralNetwork *model, const char *path,
                               SpiralError *error);

/* Matches the model's features and classes by name with those of the data, and refuses others. path is for messages.
 * Errors: INPUT, LIMIT. */
SpiralStatus train_match_model(const SpiralDataset *dataset, SpiralNetwork *model, const char *path,
                               SpiralError *error);

/* The options from the settings, with the seed, the iterations that the epochs amount to, and what to record. Errors:
 * USAGE (too many iterations to count). */
SpiralStatus train_options(const TrainSettings *settings, const SpiralDataset *dataset, SpiralTrainOptions *options,
                           SpiralError *error);

#endif
