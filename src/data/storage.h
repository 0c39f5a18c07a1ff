/* storage.h: the memory that a dataset owns. Whoever creates it fills it in, and publishes it when it is complete. */
#ifndef SPIRAL_DATA_STORAGE_H
#define SPIRAL_DATA_STORAGE_H

#include <stddef.h>
#include <stdint.h>

#include "data/npy_file.h"
#include "spiral/dataset.h"

/* X is either owned here or points into a mapped file, which is kept as long as the dataset. Another process may change
 * that file: what is checked once and then used as an index, such as y, is always owned here. */
struct SpiralStorage {
    double *X;
    int64_t *y;
    char **feature_names;
    char **class_names;
    char **unused_names; /* of the dataset's unused columns */
    char *label_name;
    size_t *feature_columns;
    SpiralNpyFile X_file;
};

/* An empty dataset; NULL when out of memory. It owns everything put into it or its storage. */
SpiralDataset *spiral_dataset_create(void);

/* Gives the dataset the names x0.. unless it has names, and points the public fields at the storage's (X only when
 * it is not set, which is how a mapped array is given). */
SpiralStatus spiral_dataset_publish(SpiralDataset *dataset, const char *path, SpiralError *error);

#endif
