/* Classes that lie in the same places. Of two that do, half of the rows have one of the other class as their nearest
 * neighbour; of two that are apart, next to none. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "check/sanity.h"
#include "check/sanity_result.h"
#include "data/moments.h"

/* The rows of the data by class, with features of deviation 1. */
typedef struct Places {
    size_t features, classes;
    size_t *first;       /* (K + 1) */
    double *X;           /* (N, D) */
    double *own, *other; /* (N) the least squared distance to a row of the own class, and of another one */
} Places;

static bool make_places(const SpiralDataset *dataset, Places *places)
{
    size_t D = dataset->features;
    *places = (Places){.features = D, .classes = dataset->classes};
    places->first = spiral_allocate(dataset->classes + 1, sizeof *places->first);
    places->X = spiral_allocate_matrix(dataset->rows, D);
    places->own = spiral_allocate_doubles(dataset->rows);
    places->other = spiral_allocate_doubles(dataset->rows);
    size_t *next = spiral_allocate(dataset->classes, sizeof *next);
    double *scale = spiral_allocate_doubles(D);
    bool complete = places->first != NULL && places->X != NULL && places->own != NULL && places->other != NULL &&
                    next != NULL && scale != NULL;
    for (size_t d = 0; complete && d < D; d++) {
        double mean, deviation;
        spiral_moments(dataset->rows, 1, D, dataset->X + d, &mean, &deviation);
        scale[d] = deviation > 0.0 ? 1.0 / deviation : 0.0;
    }
    for (size_t i = 0; complete && i < dataset->rows; i++)
        places->first[dataset->y[i] + 1]++;
    for (size_t k = 0; complete && k < dataset->classes; k++) {
        next[k] = places->first[k];
        places->first[k + 1] += places->first[k];
    }
    for (size_t i = 0; complete && i < dataset->rows; i++) {
        double *x = places->X + next[dataset->y[i]]++ * D;
        for (size_t d = 0; d < D; d++)
            x[d] = dataset->X[i * D + d] * scale[d];
    }
    free(next);
    free(scale);
    return complete;
}

static double squared_distance(const Places *places, size_t i, size_t j)
{
    double sum = 0.0;
    for (size_t d = 0; d < places->features; d++) {
        double difference = places->X[i * places->features + d] - places->X[j * places->features + d];
        sum += difference * difference;
    }
    return sum;
}

/* Finds for every row of the two classes, or of the one, the least squared distance to a row of the other. */
static void find_nearest(const Places *places, size_t class, size_t other, double *least)
{
    const size_t *first = places->first;
    for (size_t i = first[class]; i < first[class + 1]; i++)
        least[i] = INFINITY;
    for (size_t j = first[other]; j < first[other + 1]; j++)
        least[j] = INFINITY;
    for (size_t i = first[class]; i < first[class + 1]; i++)
        for (size_t j = first[other]; j < (class == other ? i : first[other + 1]); j++) {
            double distance = squared_distance(places, i, j);
            least[i] = distance < least[i] ? distance : least[i];
            least[j] = distance < least[j] ? distance : least[j];
        }
}

static size_t rows_of(const Places *places, size_t class)
{
    return places->first[class + 1] - places->first[class];
}

/* The part of the class's rows that are nearer to a row of the other class than to one of their own. */
static double part_nearer(const Places *places, size_t class)
{
    size_t nearer = 0;
    for (size_t i = places->first[class]; i < places->first[class + 1]; i++)
        nearer += places->other[i] < places->own[i];
    return (double)nearer / (double)rows_of(places, class);
}

static void judge(const SpiralDataset *dataset, const Places *places, SpiralSanityResult *result)
{
    size_t pairs = 0, overlapping = 0, a = 0, b = 0;
    double most = -1.0;
    for (size_t k = 0; k < places->classes; k++)
        find_nearest(places, k, k, places->own);
    for (size_t k = 0; k < places->classes; k++)
        for (size_t other = 0; other < k; other++) {
            if (rows_of(places, k) < SPIRAL_SANITY_OVERLAP_ROWS || rows_of(places, other) < SPIRAL_SANITY_OVERLAP_ROWS)
                continue;
            find_nearest(places, k, other, places->other);
            double part = 0.5 * (part_nearer(places, k) + part_nearer(places, other));
            pairs++;
            overlapping += part > SPIRAL_SANITY_OVERLAP_WARNING;
            if (part > most) {
                most = part;
                a = other;
                b = k;
            }
        }
    if (pairs == 0) {
        snprintf(result->found, sizeof result->found, "too few rows of each class to compare");
        return;
    }
    char first[SPIRAL_SANITY_NAME + 1], second[SPIRAL_SANITY_NAME + 1];
    spiral_sanity_copy_name(dataset->class_names, a, first);
    spiral_sanity_copy_name(dataset->class_names, b, second);
    if (overlapping == 0) {
        snprintf(result->found, sizeof result->found,
                 "at most %.0f %% of the rows of two classes, %s and %s, are nearer to the other one", 100.0 * most,
                 first, second);
        return;
    }
    result->outcome = SPIRAL_SANITY_WARNING;
    snprintf(result->found, sizeof result->found,
             "%s and %s coincide: %.0f %% of their rows are nearer to the other class than to their own%s", first,
             second, 100.0 * most, overlapping > 1 ? "; and so do other classes" : "");
    spiral_sanity_advise(result,
                         "By these features no classifier tells them apart. Look at how they were labelled, or add "
                         "features.",
                         SPIRAL_SANITY_REMEDY_ARMS, SPIRAL_SANITY_REMEDY_NONE);
}

SpiralStatus spiral_sanity_overlap(const SpiralDataset *dataset, SpiralSanityResult *result, SpiralError *error)
{
    Places places;
    SpiralStatus status = SPIRAL_OK;
    if (make_places(dataset, &places))
        judge(dataset, &places, result);
    else
        status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to compare the classes of %zu rows",
                                  dataset->rows);
    free(places.first);
    free(places.X);
    free(places.own);
    free(places.other);
    return status;
}
