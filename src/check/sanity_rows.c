/* Rows with equal features (at the same place). The features are hashed and the hashes sorted, with 32 bytes per row
 * and O(N D + N log N) time. Rows with the same hash are then compared value by value, so the counts are exact. */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/hash.h"
#include "base/memory.h"
#include "check/sanity.h"
#include "check/sanity_result.h"

typedef struct Place {
    uint64_t hash;
    int64_t y;
    size_t row; /* DONE once it is counted */
} Place;

#define DONE SIZE_MAX

typedef struct Counts {
    size_t copies;        /* rows that repeat an earlier one with its label */
    size_t contradictory; /* rows at a place that has two or more labels */
    size_t wrong;         /* of these, the fewest that a classifier can get wrong */
    double *loss; /* (N) at one row of each such place: the least possible sum of their L_i, reached when the place's
                     probabilities are the shares of its labels */
} Counts;

/* -0 is hashed as 0. copy: (features) */
static uint64_t hash_row(const SpiralHashKey *key, const double *x, size_t features, double *copy)
{
    for (size_t d = 0; d < features; d++)
        copy[d] = x[d] + 0.0;
    return spiral_hash(key, copy, features * sizeof *copy);
}

static int compare_places(const void *a, const void *b)
{
    const Place *first = a, *second = b;
    if (first->hash != second->hash)
        return first->hash < second->hash ? -1 : 1;
    if (first->y != second->y)
        return first->y < second->y ? -1 : 1;
    return first->row < second->row ? -1 : first->row > second->row;
}

static bool same_row(const SpiralDataset *dataset, size_t a, size_t b)
{
    const double *first = dataset->X + a * dataset->features, *second = dataset->X + b * dataset->features;
    for (size_t d = 0; d < dataset->features; d++)
        if (first[d] != second[d])
            return false;
    return true;
}

/* Counts the rows that equal the first one among places (count), which share a hash and are sorted by label. */
static void count_place(const SpiralDataset *dataset, size_t count, Place *places, Counts *counts)
{
    const size_t row = places[0].row;
    int64_t y = places[0].y;
    size_t rows = 0, labels = 0, run = 0, longest = 0;
    double logs = 0.0; /* sum of n_k ln n_k over the labels */
    for (size_t i = 0; i <= count; i++) {
        if (i < count && (places[i].row == DONE || !same_row(dataset, places[i].row, row)))
            continue;
        if (i == count || places[i].y != y) { /* the end of a label's run */
            labels++;
            rows += run;
            longest = run > longest ? run : longest;
            counts->copies += run - 1;
            logs += (double)run * log((double)run);
            run = 0;
        }
        if (i < count) {
            y = places[i].y;
            run++;
            places[i].row = DONE;
        }
    }
    if (labels > 1) {
        counts->contradictory += rows;
        counts->wrong += rows - longest;
        counts->loss[row] = (double)rows * log((double)rows) - logs;
    }
}

static void count_rows(const SpiralDataset *dataset, Place *places, Counts *counts)
{
    size_t first = 0;
    while (first < dataset->rows) {
        size_t end = first + 1;
        while (end < dataset->rows && places[end].hash == places[first].hash)
            end++;
        for (size_t i = first; i < end; i++)
            if (places[i].row != DONE)
                count_place(dataset, end - i, places + i, counts);
        first = end;
    }
}

/* Summed in the order of the rows, which does not depend on the key. */
static double least_loss(size_t rows, const Counts *counts)
{
    double sum = 0.0;
    for (size_t i = 0; i < rows; i++)
        sum += counts->loss[i];
    return sum;
}

static void judge_duplicates(size_t rows, const Counts *counts, SpiralSanityResult *result)
{
    double share = (double)counts->copies / (double)rows;
    result->outcome = spiral_sanity_judge(share, SPIRAL_SANITY_DUPLICATES_WARNING, SPIRAL_SANITY_DUPLICATES_FAILED);
    if (counts->copies == 0)
        snprintf(result->found, sizeof result->found, "no row repeats an earlier one with its label");
    else
        snprintf(result->found, sizeof result->found,
                 "%zu of %zu rows (%.2g %%) repeat%s an earlier one with its label", counts->copies, rows,
                 100.0 * share, counts->copies == 1 ? "s" : "");
    if (result->outcome != SPIRAL_SANITY_OK)
        spiral_sanity_advise(
            result,
            "Drop the copies, unless they are observations that came out alike; above all before setting validation "
            "data apart, or it holds rows that were learnt.",
            SPIRAL_SANITY_REMEDY_NONE, SPIRAL_SANITY_REMEDY_NONE);
}

static void judge_contradictions(size_t rows, const Counts *counts, SpiralSanityResult *result)
{
    char accuracy[SPIRAL_NUMBER_TEXT];
    double share = (double)counts->contradictory / (double)rows;
    result->outcome = spiral_sanity_judge(share, 0.0, SPIRAL_SANITY_CONTRADICTIONS_FAILED);
    if (counts->contradictory == 0) {
        snprintf(result->found, sizeof result->found, "no row has the features of one of another class");
        return;
    }
    snprintf(
        result->found, sizeof result->found,
        "%zu of %zu rows (%.2g %%) equal a row of another class, so that no accuracy can be above %s, no mean data "
        "loss below %.3g",
        counts->contradictory, rows, 100.0 * share,
        spiral_accuracy_print(1.0 - (double)counts->wrong / (double)rows, 3, accuracy),
        least_loss(rows, counts) / (double)rows);
    spiral_sanity_advise(
        result,
        "Look at how these rows were labelled; if they are all right, the features do not tell the classes apart, and "
        "the loss must not be expected to reach 0.",
        SPIRAL_SANITY_REMEDY_NONE, SPIRAL_SANITY_REMEDY_NONE);
}

SpiralStatus spiral_sanity_rows(const SpiralDataset *dataset, SpiralSanityResult *duplicates,
                                SpiralSanityResult *contradictions, SpiralError *error)
{
    size_t rows = dataset->rows, features = dataset->features;
    SpiralHashKey key;
    if (!spiral_hash_draw_key(&key))
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no random numbers from the system: %s",
                                strerror(errno));
    Place *places = spiral_allocate(rows, sizeof *places);
    double *copy = spiral_allocate_doubles(features);
    Counts counts = {.loss = spiral_allocate(rows, sizeof *counts.loss)};
    SpiralStatus status = SPIRAL_OK;
    if (places == NULL || copy == NULL || counts.loss == NULL) {
        status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to compare %zu rows", rows);
    } else {
        for (size_t i = 0; i < rows; i++)
            places[i] = (Place){hash_row(&key, dataset->X + i * features, features, copy), dataset->y[i], i};
        qsort(places, rows, sizeof *places, compare_places);
        count_rows(dataset, places, &counts);
        judge_duplicates(rows, &counts, duplicates);
        judge_contradictions(rows, &counts, contradictions);
    }
    free(places);
    free(copy);
    free(counts.loss);
    return status;
}
