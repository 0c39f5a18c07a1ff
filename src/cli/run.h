/* run.h: the data and the network that the settings of a command describe. */
#ifndef SPIRAL_CLI_RUN_H
#define SPIRAL_CLI_RUN_H

#include "cli/options/train_settings.h"
#include "spiral/spiral.h"

/* rng is seeded, then the data is generated from it or loaded. */
SpiralStatus run_load(const RunSettings *settings, SpiralRng *rng, SpiralDataset **dataset, SpiralError *error);

/* The network for the data, with names and standardisation, initialised from rng after discarding --skip-draws numbers.
 * */
SpiralStatus run_make_network(const RunSettings *settings, const SpiralDataset *dataset, SpiralRng *rng,
                              SpiralNetwork **network, SpiralError *error);

/* Refuses initial weights that overflow. In a sweep they count as a run that diverged. Errors: USAGE. */
SpiralStatus run_check_weights(const RunSettings *settings, const SpiralNetwork *network, SpiralError *error);

/* Both, with weights that don't overflow. On failure both are NULL. */
SpiralStatus run_prepare(const RunSettings *settings, SpiralRng *rng, SpiralDataset **dataset, SpiralNetwork **network,
                         SpiralError *error);

/* Loads --data for a model: with its features and its classes' numbers. Errors: INPUT, LIMIT. */
SpiralStatus load_for_model(const DataSettings *settings, const SpiralNetwork *network, SpiralDataset **dataset,
                            SpiralError *error);

/* ---- a training -------------------------------------------------------------------------------------------------- */

/* What trainings may share: the data and, where it was generated, the stream of random numbers behind it, from which
 * the weights are drawn. */
typedef struct TrainData {
    SpiralDataset *dataset, *validation; /* validation NULL: none */
    SpiralRng rng;
} TrainData;

/* *data is zeroed before, and is to be freed also after a failure. */
SpiralStatus train_data_load(const TrainSettings *settings, TrainData *data, SpiralError *error);
void train_data_free(TrainData *data);

/* The network with its first weights. */
SpiralStatus train_make_network(const TrainSettings *settings, const TrainData *data, SpiralNetwork **network,
                                SpiralError *error);

/* The settings', with the seed, the iterations that epochs make, and what is to be recorded. Errors: USAGE (more
 * iterations than can be counted). */
SpiralStatus train_options(const TrainSettings *settings, const SpiralDataset *dataset, SpiralTrainOptions *options,
                           SpiralError *error);

#endif
