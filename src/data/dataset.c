#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "data/npz.h"
#include "data/storage.h"

SpiralDataset *spiral_dataset_create(void)
{
    SpiralDataset *dataset = spiral_allocate(1, sizeof *dataset);
    if (dataset == NULL)
        return NULL;
    dataset->storage = spiral_allocate(1, sizeof *dataset->storage);
    if (dataset->storage == NULL) {
        free(dataset);
        return NULL;
    }
    return dataset;
}

void spiral_dataset_free(SpiralDataset *dataset)
{
    if (dataset == NULL)
        return;
    struct SpiralStorage *storage = dataset->storage;
    free(storage->X);
    free(storage->y);
    spiral_names_free(storage->feature_names, dataset->features);
    spiral_names_free(storage->class_names, dataset->classes);
    spiral_npy_file_close(&storage->X_file);
    free(storage);
    free(dataset);
}

SpiralStatus spiral_dataset_publish(SpiralDataset *dataset, const char *path, SpiralError *error)
{
    struct SpiralStorage *storage = dataset->storage;
    if (storage->feature_names == NULL)
        storage->feature_names = spiral_names_create("x", dataset->features);
    if (storage->feature_names == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory for the names of %zu features",
                                dataset->features);
    if (dataset->X == NULL)
        dataset->X = storage->X;
    dataset->y = storage->y;
    dataset->feature_names = (const char *const *)storage->feature_names;
    dataset->class_names = (const char *const *)storage->class_names;
    return SPIRAL_OK;
}
