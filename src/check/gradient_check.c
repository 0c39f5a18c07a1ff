#include "spiral/gradient_check.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "check/finite_difference.h"

/* Where the rows' terms cancel to less than this fraction of their size, only rounding error is left. */
static const double CANCELLED = 1e-6;

SpiralGradientCheckOptions spiral_gradient_check_defaults(void)
{
    return (SpiralGradientCheckOptions){.step = 1e-3, .tolerance = 1e-7, .samples = 0, .threads = 0};
}

SpiralStatus spiral_gradient_check_validate(const SpiralGradientCheckOptions *options, SpiralError *error)
{
    if (!(isfinite(options->step) && options->step >= 1e-8 && options->step <= 1.0))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "the step is %g, expected 1e-8 to 1",
                                options->step);
    if (!(isfinite(options->tolerance) && options->tolerance >= 0.0))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "the tolerance is %g, expected at least 0",
                                options->tolerance);
    return SPIRAL_OK;
}

void spiral_gradient_check_free(SpiralGradientCheck *check)
{
    if (check == NULL)
        return;
    free(check->groups);
    *check = (SpiralGradientCheck){0};
}

/* |fa - fn| / max(|fa|, |fn|, least); 0 where all are 0, infinity where one is not a number. */
static double relative_error(double analytic, double numeric, double least)
{
    double largest = fmax(fmax(fabs(analytic), fabs(numeric)), least);
    if (!isfinite(analytic) || !isfinite(numeric))
        return INFINITY;
    return largest > 0.0 ? fabs(analytic - numeric) / largest : 0.0;
}

/* Compares one coordinate, and records it if it is the worst so far. */
static void compare(SpiralDifference *difference, const SpiralCoordinate *at, double analytic,
                    SpiralGradientCheckGroup *group)
{
    double numeric, size;
    SpiralDifferenceKind kind = spiral_difference_compute(difference, at, &numeric, &size);
    if (kind == SPIRAL_DIFFERENCE_CENTRED)
        group->count++;
    else
        group->kinks++;
    if (kind == SPIRAL_DIFFERENCE_NONE)
        return;
    if (kind == SPIRAL_DIFFERENCE_KINK)
        group->kinks_compared++;
    double relative = relative_error(analytic, numeric, CANCELLED * size);
    bool first = group->count + group->kinks_compared == 1;
    if (first || relative > group->worst) {
        group->worst = relative;
        group->worst_row = at->row;
        group->worst_column = at->column;
        group->analytic = analytic;
        group->numeric = numeric;
    }
}

/* The weights or the biases of a layer: all coordinates in order, or the first samples of a permutation of them. */
static SpiralStatus check_group(SpiralDifference *difference, const SpiralNetwork *network, size_t layer, bool bias,
                                size_t samples, const double *analytic, SpiralRng *rng, SpiralGradientCheckGroup *group,
                                SpiralError *error)
{
    size_t columns = network->sizes[layer + 1];
    size_t total = bias ? columns : network->sizes[layer] * columns;
    size_t *order = NULL;
    if (samples > 0 && samples < total) {
        order = spiral_allocate(total, sizeof *order);
        if (order == NULL)
            return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to draw %zu coordinates", samples);
        spiral_rng_permutation(rng, total, order);
        total = samples;
    }
    *group = (SpiralGradientCheckGroup){0};
    spiral_network_parameter_name(network, bias ? 'b' : 'W', layer, group->name, sizeof group->name);
    for (size_t i = 0; i < total; i++) {
        size_t index = order != NULL ? order[i] : i;
        SpiralCoordinate at = {.layer = layer, .bias = bias, .row = index / columns, .column = index % columns};
        compare(difference, &at, analytic[spiral_coordinate_index(network, &at)], group);
    }
    free(order);
    return SPIRAL_OK;
}

static bool all_pass(const SpiralGradientCheck *check, double tolerance)
{
    size_t compared = 0;
    for (size_t g = 0; g < check->group_count; g++) {
        if (!(check->groups[g].worst <= tolerance))
            return false;
        compared += check->groups[g].count + check->groups[g].kinks_compared;
    }
    return compared > 0;
}

SpiralStatus spiral_gradient_check(const SpiralNetwork *network, const SpiralDataset *dataset,
                                   const SpiralObjective *objective, const SpiralGradientCheckOptions *options,
                                   const double *analytic, SpiralRng *rng, SpiralGradientCheck *check,
                                   SpiralError *error)
{
    *check = (SpiralGradientCheck){0};
    SpiralDifference *difference = NULL;
    SpiralGradientCheck made = {.group_count = 2 * network->layers};
    SpiralStatus status = spiral_gradient_check_validate(options, error);
    if (status == SPIRAL_OK)
        status =
            spiral_difference_create(network, dataset, objective, options->step, options->threads, &difference, error);
    if (status == SPIRAL_OK) {
        made.groups = spiral_allocate(made.group_count, sizeof *made.groups);
        if (made.groups == NULL)
            status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the gradient check");
    }
    for (size_t g = 0; g < made.group_count && status == SPIRAL_OK; g++)
        status = check_group(difference, network, g / 2, g % 2 == 1, options->samples, analytic, rng, &made.groups[g],
                             error);
    spiral_difference_free(difference);
    if (status != SPIRAL_OK) {
        spiral_gradient_check_free(&made);
        return status;
    }
    made.passed = all_pass(&made, options->tolerance);
    *check = made;
    return SPIRAL_OK;
}
