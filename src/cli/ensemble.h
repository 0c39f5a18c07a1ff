/* ensemble.h: one or more models that classify together, by the mean of their probabilities. */
#ifndef SPIRAL_CLI_ENSEMBLE_H
#define SPIRAL_CLI_ENSEMBLE_H

#include "spiral/limits.h"
#include "spiral/spiral.h"

typedef struct Ensemble {
    size_t count;
    SpiralNetwork *models[SPIRAL_ENSEMBLE_LIMIT];
} Ensemble;

/* The models of "a.npz,b.npz": the same features and the same classes, of the same names. Errors: INPUT, LIMIT. */
SpiralStatus ensemble_load(const char *paths, Ensemble *ensemble, SpiralError *error);
void ensemble_free(Ensemble *ensemble);

/* probs may be NULL for a single model. Ties go to the lower class. */
SpiralStatus ensemble_predict(const Ensemble *ensemble, const SpiralDataset *dataset, size_t threads,
                              double *probs /* (N, K) */, int64_t *labels /* (N) */, SpiralError *error);

#endif
