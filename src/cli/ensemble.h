/* ensemble.h: models that predict together, each with its own view of the same file. */
#ifndef SPIRAL_CLI_ENSEMBLE_H
#define SPIRAL_CLI_ENSEMBLE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/files.h"
#include "cli/options/settings.h"
#include "spiral/dataset.h"
#include "spiral/limits.h"
#include "spiral/network.h"

/* One or more models. The mean of their probabilities decides. The first is the one that the data is read for: a model
 * that has names for its features, if there is one. */
typedef struct Ensemble {
    size_t count;
    SpiralNetwork *models[SPIRAL_ENSEMBLE_LIMIT];
    const char *paths[SPIRAL_ENSEMBLE_LIMIT]; /* of the list that they were loaded from */
    bool nameless[SPIRAL_ENSEMBLE_LIMIT]; /* shares no name with the first: its features are columns in their order */
    bool moved[SPIRAL_ENSEMBLE_LIMIT];    /* its features are the first one's in another order */
} Ensemble;

/* Loads the models, which must have the same features and the same classes, in any order. Free *ensemble also after a
 * failure. Errors: INPUT, LIMIT. */
SpiralStatus ensemble_load(const FileList *files, bool quiet, Ensemble *ensemble, SpiralError *error);
void ensemble_free(Ensemble *ensemble);

/* Puts the inputs and outputs of all models into the order of the data, which was read for the first one. Errors: INPUT
 * when a model and the file do not go together, LIMIT. */
SpiralStatus ensemble_match(Ensemble *ensemble, const DataSettings *settings, const SpiralDataset *data,
                            SpiralError *error);

#endif
