/* load.h: the loaders behind spiral_dataset_load. Each fills in a dataset from spiral_dataset_create, which the caller
 * publishes or frees. */
#ifndef SPIRAL_DATA_LOAD_H
#define SPIRAL_DATA_LOAD_H

#include "spiral/dataset.h"

SpiralStatus spiral_load_csv(const char *path, const SpiralLoadOptions *options, SpiralDataset *dataset,
                             SpiralError *error);
SpiralStatus spiral_load_npz(const char *path, const SpiralLoadOptions *options, SpiralDataset *dataset,
                             SpiralError *error);

/* y_path may be NULL: no labels. */
SpiralStatus spiral_load_npy(const char *X_path, const char *y_path, const SpiralLoadOptions *options,
                             SpiralDataset *dataset, SpiralError *error);

#endif
