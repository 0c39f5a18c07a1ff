#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "data/moments.h"
#include "check/sanity.h"
#include "check/sanity_result.h"

/* ---- classes ----------------------------------------------------------------------------------------------------- */

/* most: the rows of the largest class. */
static void advise_balance(const SpiralDataset *dataset, size_t most, SpiralSanityResult *result)
{
    if (2 * dataset->classes > dataset->rows)
        spiral_sanity_advise(result, "Most classes have one row alone; is the label column the right one?",
                             SPIRAL_SANITY_REMEDY_LABEL, SPIRAL_SANITY_REMEDY_NONE);
    else if (2 * most >= dataset->rows)
        spiral_sanity_advise(
            result,
            "The accuracy of guessing the largest class is already high, so judge by class; get more rows of the "
            "small class, or repeat or merge it.",
            SPIRAL_SANITY_REMEDY_CONFUSION, SPIRAL_SANITY_REMEDY_NONE);
    else
        spiral_sanity_advise(result,
                             "A small class counts little in the accuracy, so judge by class; get more rows of it, or "
                             "repeat or merge it.",
                             SPIRAL_SANITY_REMEDY_CONFUSION, SPIRAL_SANITY_REMEDY_NONE);
}

static void judge_balance(const SpiralDataset *dataset, const size_t *count, SpiralSanityResult *result)
{
    size_t least = 0, most = 0;
    for (size_t k = 1; k < dataset->classes; k++) {
        least = count[k] < count[least] ? k : least;
        most = count[k] > count[most] ? k : most;
    }
    char small[SPIRAL_SANITY_NAME + 1], large[SPIRAL_SANITY_NAME + 1];
    spiral_sanity_copy_name(dataset->class_names, least, small);
    spiral_sanity_copy_name(dataset->class_names, most, large);
    double ratio = (double)count[most] / (double)count[least];
    if (dataset->classes < 2) {
        result->outcome = SPIRAL_SANITY_FAILED;
        snprintf(result->found, sizeof result->found, "there is one class alone, %s", small);
        spiral_sanity_advise(result, "There is nothing to tell apart; is the label column the right one?",
                             SPIRAL_SANITY_REMEDY_LABEL, SPIRAL_SANITY_REMEDY_NONE);
        return;
    }
    if (count[least] == count[most])
        snprintf(result->found, sizeof result->found, "each of the %zu classes has %zu rows", dataset->classes,
                 count[most]);
    else
        snprintf(result->found, sizeof result->found,
                 "the smallest of %zu classes, %s, has %zu rows, the largest, %s, has %zu: a ratio of %.3g",
                 dataset->classes, small, count[least], large, count[most], ratio);
    result->outcome = spiral_sanity_judge(ratio, SPIRAL_SANITY_BALANCE_WARNING, SPIRAL_SANITY_BALANCE_FAILED);
    if (count[least] < SPIRAL_SANITY_CLASS_ROWS)
        result->outcome = SPIRAL_SANITY_FAILED;
    if (result->outcome != SPIRAL_SANITY_OK)
        advise_balance(dataset, count[most], result);
}

SpiralStatus spiral_sanity_balance(const SpiralDataset *dataset, SpiralSanityResult *result, SpiralError *error)
{
    size_t *count = spiral_allocate(dataset->classes, sizeof *count);
    if (count == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to count %zu classes", dataset->classes);
    for (size_t i = 0; i < dataset->rows; i++)
        count[dataset->y[i]]++;
    judge_balance(dataset, count, result);
    free(count);
    return SPIRAL_OK;
}

/* ---- features ---------------------------------------------------------------------------------------------------- */

/* What one pass over the columns collects. */
typedef struct Extremes {
    size_t constants, first_constant;
    double constant;              /* its value */
    size_t narrow, wide, shifted; /* columns that vary: smallest deviation, largest deviation, farthest mean */
    double least, most, shift;    /* those deviations, and |mean| / deviation */
} Extremes;

static void measure_column(Extremes *extremes, const SpiralNetwork *network, const SpiralDataset *dataset, size_t d)
{
    double mean, deviation;
    spiral_moments(dataset->rows, 1, dataset->features, dataset->X + d, &mean, &deviation);
    if (deviation == 0.0) {
        if (extremes->constants++ == 0) {
            extremes->first_constant = d;
            extremes->constant = mean;
        }
        return;
    }
    double centred = mean;
    if (network->mean != NULL) {
        centred = mean - network->mean[d];
        centred = fabs(centred) <= 1e-12 * fabs(mean) ? 0.0 : centred; /* the same mean, rounded differently */
    }
    double shift = fabs(centred) / deviation;
    deviation = network->scale != NULL ? deviation / network->scale[d] : deviation;
    if (!(deviation >= extremes->least)) {
        extremes->least = deviation;
        extremes->narrow = d;
    }
    if (!(deviation <= extremes->most)) {
        extremes->most = deviation;
        extremes->wide = d;
    }
    if (!(shift <= extremes->shift)) {
        extremes->shift = shift;
        extremes->shifted = d;
    }
}

static void judge_constants(const SpiralDataset *dataset, const Extremes *extremes, SpiralSanityResult *result)
{
    if (extremes->constants == 0) {
        snprintf(result->found, sizeof result->found, "none of the %zu features", dataset->features);
        return;
    }
    char name[SPIRAL_SANITY_NAME + 1];
    spiral_sanity_copy_name(dataset->feature_names, extremes->first_constant, name);
    result->outcome = SPIRAL_SANITY_FAILED;
    snprintf(result->found, sizeof result->found, "%zu of the %zu features: %s is %g in every row%s",
             extremes->constants, dataset->features, name, extremes->constant,
             extremes->constants > 1 ? ", and so on" : "");
    spiral_sanity_advise(result,
                         "Drop these columns: they tell no row from another, and their weights do what the biases do.",
                         SPIRAL_SANITY_REMEDY_NONE, SPIRAL_SANITY_REMEDY_NONE);
}

static void judge_scales(const SpiralDataset *dataset, const Extremes *extremes, SpiralSanityResult *result)
{
    char narrow[SPIRAL_SANITY_NAME + 1], wide[SPIRAL_SANITY_NAME + 1];
    spiral_sanity_copy_name(dataset->feature_names, extremes->narrow, narrow);
    spiral_sanity_copy_name(dataset->feature_names, extremes->wide, wide);
    double ratio = extremes->most / extremes->least;
    result->outcome = spiral_sanity_judge(ratio, SPIRAL_SANITY_SCALE_WARNING, SPIRAL_SANITY_SCALE_FAILED);
    char number[SPIRAL_SANITY_NUMBER];
    snprintf(result->found, sizeof result->found, "deviations %.3g (%s) to %.3g (%s), a ratio %s %s", extremes->least,
             narrow, extremes->most, wide, isfinite(ratio) ? "of" : "above",
             spiral_sanity_number(fmin(ratio, DBL_MAX), 3, number));
    if (result->outcome != SPIRAL_SANITY_OK)
        spiral_sanity_advise(
            result,
            "Standardise the features: a learning rate that suits the wide ones hardly moves the weights of the "
            "narrow ones.",
            SPIRAL_SANITY_REMEDY_STANDARDIZE, SPIRAL_SANITY_REMEDY_NONE);
}

static void judge_means(const SpiralDataset *dataset, const Extremes *extremes, SpiralSanityResult *result)
{
    char name[SPIRAL_SANITY_NAME + 1];
    spiral_sanity_copy_name(dataset->feature_names, extremes->shifted, name);
    result->outcome = spiral_sanity_judge(extremes->shift, SPIRAL_SANITY_MEAN_WARNING, SPIRAL_SANITY_MEAN_FAILED);
    char number[SPIRAL_SANITY_NUMBER];
    snprintf(result->found, sizeof result->found, "at most %s deviations from 0 (%s)",
             spiral_sanity_number(fmin(extremes->shift, DBL_MAX), 3, number), name);
    if (result->outcome != SPIRAL_SANITY_OK)
        spiral_sanity_advise(result,
                             "Centre the features: far from 0 all their weights pull one way, against the biases.",
                             SPIRAL_SANITY_REMEDY_STANDARDIZE, SPIRAL_SANITY_REMEDY_NONE);
}

void spiral_sanity_features(const SpiralNetwork *network, const SpiralDataset *dataset, SpiralSanityResult *constants,
                            SpiralSanityResult *scales, SpiralSanityResult *means)
{
    Extremes extremes = {.least = INFINITY, .most = 0.0, .shift = -1.0};
    for (size_t d = 0; d < dataset->features; d++)
        measure_column(&extremes, network, dataset, d);
    judge_constants(dataset, &extremes, constants);
    if (extremes.constants < dataset->features) {
        judge_scales(dataset, &extremes, scales);
        judge_means(dataset, &extremes, means);
        return;
    }
    snprintf(scales->found, sizeof scales->found, "no feature varies");
    snprintf(means->found, sizeof means->found, "no feature varies");
}
