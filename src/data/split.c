#include "spiral/split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "data/storage.h"
#include "spiral/rng.h"

enum { STREAM = 3 }; /* RandomState(seed + 3) */

/* Which rows are for validation. Rows are indexed by class: row i of class k is member first[k] + i. */
typedef struct Selection {
    size_t *first;         /* (K + 1) */
    size_t *next;          /* (K) the next row of the class in a pass over all rows */
    size_t *permutation;   /* (largest) */
    unsigned char *chosen; /* (N) by member */
    size_t largest;        /* rows of the largest class */
    size_t count;          /* members chosen */
} Selection;

static void selection_free(Selection *selection)
{
    free(selection->first);
    free(selection->next);
    free(selection->permutation);
    free(selection->chosen);
}

/* On failure there is nothing to free. */
static SpiralStatus selection_create(const SpiralDataset *dataset, Selection *selection, SpiralError *error)
{
    if (dataset->y == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                "the data has no labels, and is split class by class");
    size_t classes = dataset->classes;
    *selection = (Selection){.first = spiral_allocate(classes + 1, sizeof *selection->first),
                             .next = spiral_allocate(classes, sizeof *selection->next),
                             .chosen = spiral_allocate(dataset->rows, 1)};
    if (selection->first != NULL) {
        for (size_t i = 0; i < dataset->rows; i++)
            selection->first[dataset->y[i] + 1]++;
        for (size_t k = 0; k < classes; k++) {
            size_t rows = selection->first[k + 1];
            selection->largest = rows > selection->largest ? rows : selection->largest;
            selection->first[k + 1] += selection->first[k];
        }
        selection->permutation = spiral_allocate(selection->largest, sizeof *selection->permutation);
    }
    if (selection->permutation == NULL || selection->next == NULL || selection->chosen == NULL) {
        selection_free(selection);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to split %zu rows", dataset->rows);
    }
    return SPIRAL_OK;
}

/* Selects the member at this place of the class's permutation for validation. */
static void selection_choose(Selection *selection, size_t class, size_t place)
{
    selection->chosen[selection->first[class] + selection->permutation[place]] = 1;
    selection->count++;
}

/* ---- the parts --------------------------------------------------------------------------------------------------- */

/* False when out of memory; no names are copied as none. */
static bool copy_names(const char *const *names, size_t count, char ***copy)
{
    *copy = names != NULL ? spiral_names_copy(names, count) : NULL;
    return names == NULL || *copy != NULL;
}

/* An empty data set with the same names and room for some of the rows. */
static SpiralStatus make_part(const SpiralDataset *dataset, size_t rows, SpiralDataset **part, SpiralError *error)
{
    SpiralDataset *made = spiral_dataset_create();
    if (made != NULL) {
        struct SpiralStorage *storage = made->storage;
        storage->X = spiral_allocate_doubles(rows * dataset->features);
        storage->y = spiral_allocate(rows, sizeof *storage->y);
        storage->label_name = dataset->label_name != NULL ? spiral_copy_string(dataset->label_name) : NULL;
        made->features_after_label = dataset->features_after_label;
        made->rows = rows;
        if (copy_names(dataset->feature_names, dataset->features, &storage->feature_names))
            made->features = dataset->features;
        if (copy_names(dataset->class_names, dataset->classes, &storage->class_names))
            made->classes = dataset->classes;
    }
    if (made == NULL || made->storage->X == NULL || made->storage->y == NULL || made->features == 0 ||
        made->classes == 0 || (dataset->label_name != NULL && made->storage->label_name == NULL)) {
        spiral_dataset_free(made);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for %zu rows", rows);
    }
    *part = made;
    return spiral_dataset_publish(made, NULL, error);
}

static void copy_rows(const SpiralDataset *dataset, Selection *selection, SpiralDataset *const parts[2])
{
    size_t D = dataset->features, filled[2] = {0, 0};
    memcpy(selection->next, selection->first, dataset->classes * sizeof *selection->next);
    for (size_t i = 0; i < dataset->rows; i++) {
        size_t which = selection->chosen[selection->next[dataset->y[i]]++];
        struct SpiralStorage *storage = parts[which]->storage;
        memcpy(storage->X + filled[which] * D, dataset->X + i * D, D * sizeof *storage->X);
        storage->y[filled[which]++] = dataset->y[i];
    }
}

/* Copies the selected rows to their parts and frees the selection. */
static SpiralStatus selection_finish(const SpiralDataset *dataset, Selection *selection, SpiralDataset **train,
                                     SpiralDataset **validation, SpiralError *error)
{
    SpiralDataset *parts[2] = {NULL, NULL};
    SpiralStatus status = make_part(dataset, dataset->rows - selection->count, &parts[0], error);
    if (status == SPIRAL_OK)
        status = make_part(dataset, selection->count, &parts[1], error);
    if (status == SPIRAL_OK) {
        copy_rows(dataset, selection, parts);
        *train = parts[0];
        *validation = parts[1];
    } else {
        spiral_dataset_free(parts[0]);
        spiral_dataset_free(parts[1]);
    }
    selection_free(selection);
    return status;
}

SpiralStatus spiral_dataset_take(const SpiralDataset *dataset, size_t count, const size_t *row, SpiralDataset **part,
                                 SpiralError *error)
{
    *part = NULL;
    SpiralDataset *made;
    for (size_t i = 0; i < count; i++)
        if (row[i] >= dataset->rows)
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "observation %zu, expected 0 to %zu", row[i],
                                    dataset->rows - 1);
    SpiralStatus status = make_part(dataset, count, &made, error);
    if (status != SPIRAL_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        memcpy(made->storage->X + i * dataset->features, dataset->X + row[i] * dataset->features,
               dataset->features * sizeof *made->storage->X);
        made->storage->y[i] = dataset->y[row[i]];
    }
    *part = made;
    return SPIRAL_OK;
}

/* ---- selection by fraction and by folds -------------------------------------------------------------------------- */

/* At least one row on either side for a class that has two or more. */
static size_t share_of(double fraction, size_t rows)
{
    if (rows < 2)
        return 0;
    double share = rint(fraction * (double)rows);
    if (share < 1.0)
        return 1;
    return share < (double)(rows - 1) ? (size_t)share : rows - 1;
}

SpiralStatus spiral_dataset_split(const SpiralDataset *dataset, double fraction, uint32_t seed, SpiralDataset **train,
                                  SpiralDataset **validation, SpiralError *error)
{
    *train = *validation = NULL;
    if (!(fraction > 0.0 && fraction < 1.0))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "a fraction of %g for validation, expected a number between 0 and 1", fraction);
    Selection selection;
    SpiralStatus status = selection_create(dataset, &selection, error);
    if (status != SPIRAL_OK)
        return status;
    if (selection.largest < 2) {
        selection_free(&selection);
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                "no class has two rows, and validation takes a part of each class");
    }
    SpiralRng rng;
    spiral_rng_seed(&rng, seed + STREAM);
    for (size_t k = 0; k < dataset->classes; k++) {
        size_t rows = selection.first[k + 1] - selection.first[k], share = share_of(fraction, rows);
        spiral_rng_permutation(&rng, rows, selection.permutation);
        for (size_t i = 0; i < share; i++)
            selection_choose(&selection, k, i);
    }
    return selection_finish(dataset, &selection, train, validation, error);
}

/* Selects fold number index of so many folds. On failure there is nothing to free. */
static SpiralStatus selection_folds(const SpiralDataset *dataset, size_t folds, size_t index, Selection *selection,
                                    SpiralError *error)
{
    if (folds < 2 || index >= folds)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "fold %zu of %zu, expected at least 2 folds, counted from 0", index, folds);
    SpiralStatus status = selection_create(dataset, selection, error);
    if (status == SPIRAL_OK && selection->largest < folds) {
        status = spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                  "%zu folds, expected at most as many as the largest class has rows, %zu", folds,
                                  selection->largest);
        selection_free(selection);
    }
    return status;
}

SpiralStatus spiral_dataset_check_folds(const SpiralDataset *dataset, size_t folds, SpiralError *error)
{
    Selection selection;
    SpiralStatus status = selection_folds(dataset, folds, 0, &selection, error);
    if (status == SPIRAL_OK)
        selection_free(&selection);
    return status;
}

SpiralStatus spiral_dataset_fold(const SpiralDataset *dataset, size_t folds, size_t index, uint32_t seed,
                                 SpiralDataset **train, SpiralDataset **validation, SpiralError *error)
{
    *train = *validation = NULL;
    Selection selection;
    SpiralStatus status = selection_folds(dataset, folds, index, &selection, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralRng rng;
    spiral_rng_seed(&rng, seed + STREAM);
    for (size_t k = 0; k < dataset->classes; k++) {
        size_t rows = selection.first[k + 1] - selection.first[k];
        spiral_rng_permutation(&rng, rows, selection.permutation);
        for (size_t i = index; i < rows; i += folds)
            selection_choose(&selection, k, i);
    }
    return selection_finish(dataset, &selection, train, validation, error);
}
