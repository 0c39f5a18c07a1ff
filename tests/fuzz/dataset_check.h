/* dataset_check.h: what must hold of every data set that was accepted. */
#ifndef SPIRAL_TESTS_FUZZ_DATASET_CHECK_H
#define SPIRAL_TESTS_FUZZ_DATASET_CHECK_H

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "memory_files.h"
#include "spiral/dataset.h"

/* A class may have an empty name, when it is quoted. */
static inline void check_names(const char *const *names, size_t count, bool may_be_empty)
{
    MUST(names != NULL);
    for (size_t i = 0; i < count; i++)
        MUST(names[i] != NULL && (may_be_empty || *names[i] != '\0'));
}

static inline void check_dataset(const SpiralDataset *dataset, const SpiralLoadOptions *options)
{
    MUST(dataset->rows >= 1 && dataset->features >= 1);
    for (size_t i = 0; i < dataset->rows * dataset->features; i++)
        MUST(isfinite(dataset->X[i]));
    check_names(dataset->feature_names, dataset->features, false);
    MUST(options->features == 0 || dataset->features == options->features);
    check_names(dataset->unused > 0 ? dataset->unused_names : dataset->feature_names, dataset->unused, true);
    MUST((dataset->y != NULL) == (dataset->classes > 0));
    if (dataset->y == NULL)
        return;
    int64_t least = options->labelling == SPIRAL_LABELS_PARTIAL ? -1 : 0;
    for (size_t i = 0; i < dataset->rows; i++)
        MUST(dataset->y[i] >= least && dataset->y[i] < (int64_t)dataset->classes);
    check_names(dataset->class_names, dataset->classes, true);
}

/* Loads, checks, frees. A refusal must say what it refuses, and leave no data set. */
static inline void check_load(const char *path, const SpiralLoadOptions *options)
{
    SpiralDataset *dataset;
    SpiralError error = {.status = SPIRAL_OK};
    SpiralStatus status = spiral_dataset_load(path, options, &dataset, &error);
    if (status == SPIRAL_OK) {
        check_dataset(dataset, options);
        spiral_dataset_free(dataset);
        return;
    }
    MUST(status == SPIRAL_ERROR_INPUT || status == SPIRAL_ERROR_LIMIT);
    MUST(dataset == NULL && error.status == status && error.reason[0] != '\0' && error.path[0] != '\0');
    MUST(strchr(error.reason, '\n') == NULL);
}

#endif
