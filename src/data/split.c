#include "spiral/split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "data/storage.h"
#include "spiral/rng.h"

enum { STREAM = 3 }; /* RandomState(seed + 3) */

/* Which rows are validation. The rows are looked up by class: row i of class k is member first[k] + i. */
typedef struct Deal {
    size_t *first;         /* (K + 1) */
    size_t *next;          /* (K) the class's next row in a pass over all rows */
    size_t *permutation;   /* (largest) */
    unsigned char *chosen; /* (N) by member */
    size_t largest;        /* rows of the largest class */
    size_t count;          /* members chosen */
} Deal;

static void deal_free(Deal *deal)
{
    free(deal->first);
    free(deal->next);
    free(deal->permutation);
    free(deal->chosen);
}

/* On failure there is nothing to free. */
static SpiralStatus deal_create(const SpiralDataset *dataset, Deal *deal, SpiralError *error)
{
    if (dataset->y == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                "the data has no labels, and is split class by class");
    size_t classes = dataset->classes;
    *deal = (Deal){.first = spiral_allocate(classes + 1, sizeof *deal->first),
                   .next = spiral_allocate(classes, sizeof *deal->next),
                   .chosen = spiral_allocate(dataset->rows, 1)};
    if (deal->first != NULL) {
        for (size_t i = 0; i < dataset->rows; i++)
            deal->first[dataset->y[i] + 1]++;
        for (size_t k = 0; k < classes; k++) {
            size_t rows = deal->first[k + 1];
            deal->largest = rows > deal->largest ? rows : deal->largest;
            deal->first[k + 1] += deal->first[k];
        }
        deal->permutation = spiral_allocate(deal->largest, sizeof *deal->permutation);
    }
    if (deal->permutation == NULL || deal->next == NULL || deal->chosen == NULL) {
        deal_free(deal);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to split %zu rows", dataset->rows);
    }
    return SPIRAL_OK;
}

/* The member at a place of a class's permutation is validation. */
static void deal_choose(Deal *deal, size_t class, size_t place)
{
    deal->chosen[deal->first[class] + deal->permutation[place]] = 1;
    deal->count++;
}

/* ---- the parts --------------------------------------------------------------------------------------------------- */

/* Room for some rows of the data set, with its names. */
static SpiralStatus make_part(const SpiralDataset *dataset, size_t rows, SpiralDataset **part, SpiralError *error)
{
    SpiralDataset *made = spiral_dataset_create();
    if (made != NULL) {
        struct SpiralStorage *storage = made->storage;
        storage->X = spiral_allocate_doubles(rows * dataset->features);
        storage->y = spiral_allocate(rows, sizeof *storage->y);
        storage->feature_names = spiral_names_copy(dataset->feature_names, dataset->features);
        storage->class_names = spiral_names_copy(dataset->class_names, dataset->classes);
        made->rows = rows;
        made->features = storage->feature_names != NULL ? dataset->features : 0;
        made->classes = storage->class_names != NULL ? dataset->classes : 0;
    }
    if (made == NULL || made->storage->X == NULL || made->storage->y == NULL || made->features == 0 ||
        made->classes == 0) {
        spiral_dataset_free(made);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for %zu rows", rows);
    }
    *part = made;
    return spiral_dataset_publish(made, NULL, error);
}

static void copy_rows(const SpiralDataset *dataset, Deal *deal, SpiralDataset *const parts[2])
{
    size_t D = dataset->features, filled[2] = {0, 0};
    memcpy(deal->next, deal->first, dataset->classes * sizeof *deal->next);
    for (size_t i = 0; i < dataset->rows; i++) {
        size_t which = deal->chosen[deal->next[dataset->y[i]]++];
        struct SpiralStorage *storage = parts[which]->storage;
        memcpy(storage->X + filled[which] * D, dataset->X + i * D, D * sizeof *storage->X);
        storage->y[filled[which]++] = dataset->y[i];
    }
}

/* The deal is done: the rows go to their parts. Frees the deal. */
static SpiralStatus deal_finish(const SpiralDataset *dataset, Deal *deal, SpiralDataset **train,
                                SpiralDataset **validation, SpiralError *error)
{
    SpiralDataset *parts[2] = {NULL, NULL};
    SpiralStatus status = make_part(dataset, dataset->rows - deal->count, &parts[0], error);
    if (status == SPIRAL_OK)
        status = make_part(dataset, deal->count, &parts[1], error);
    if (status == SPIRAL_OK) {
        copy_rows(dataset, deal, parts);
        *train = parts[0];
        *validation = parts[1];
    } else {
        spiral_dataset_free(parts[0]);
        spiral_dataset_free(parts[1]);
    }
    deal_free(deal);
    return status;
}

/* ---- two ways to deal -------------------------------------------------------------------------------------------- */

/* At least one row on either side of a class that has two. */
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
    Deal deal;
    SpiralStatus status = deal_create(dataset, &deal, error);
    if (status != SPIRAL_OK)
        return status;
    if (deal.largest < 2) {
        deal_free(&deal);
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                "no class has two rows, and validation takes a part of each class");
    }
    SpiralRng rng;
    spiral_rng_seed(&rng, seed + STREAM);
    for (size_t k = 0; k < dataset->classes; k++) {
        size_t rows = deal.first[k + 1] - deal.first[k], share = share_of(fraction, rows);
        spiral_rng_permutation(&rng, rows, deal.permutation);
        for (size_t i = 0; i < share; i++)
            deal_choose(&deal, k, i);
    }
    return deal_finish(dataset, &deal, train, validation, error);
}

/* A deal into so many folds, of which index is wanted; nothing is left of one that is refused. */
static SpiralStatus deal_folds(const SpiralDataset *dataset, size_t folds, size_t index, Deal *deal, SpiralError *error)
{
    if (folds < 2 || index >= folds)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "fold %zu of %zu, expected at least 2 folds, counted from 0", index, folds);
    SpiralStatus status = deal_create(dataset, deal, error);
    if (status == SPIRAL_OK && deal->largest < folds) {
        status = spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                  "%zu folds, expected at most as many as the largest class has rows, %zu", folds,
                                  deal->largest);
        deal_free(deal);
    }
    return status;
}

SpiralStatus spiral_dataset_check_folds(const SpiralDataset *dataset, size_t folds, SpiralError *error)
{
    Deal deal;
    SpiralStatus status = deal_folds(dataset, folds, 0, &deal, error);
    if (status == SPIRAL_OK)
        deal_free(&deal);
    return status;
}

SpiralStatus spiral_dataset_fold(const SpiralDataset *dataset, size_t folds, size_t index, uint32_t seed,
                                 SpiralDataset **train, SpiralDataset **validation, SpiralError *error)
{
    *train = *validation = NULL;
    Deal deal;
    SpiralStatus status = deal_folds(dataset, folds, index, &deal, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralRng rng;
    spiral_rng_seed(&rng, seed + STREAM);
    for (size_t k = 0; k < dataset->classes; k++) {
        size_t rows = deal.first[k + 1] - deal.first[k];
        spiral_rng_permutation(&rng, rows, deal.permutation);
        for (size_t i = index; i < rows; i += folds)
            deal_choose(&deal, k, i);
    }
    return deal_finish(dataset, &deal, train, validation, error);
}
