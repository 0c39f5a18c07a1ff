#include "spiral/gradient_check.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "check/finite_difference.h"

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

static bool is_worse(SpiralGradientVerdict verdict, double relative, const SpiralGradientComparison *than)
{
    return verdict > than->verdict || (verdict == than->verdict && relative > than->worst);
}

/* Sizes of 0 stand for none. */
static double smaller_size(double a, double b)
{
    return a == 0.0 ? b : b == 0.0 ? a : fmin(a, b);
}

static void count_size(SpiralGradientComparison *comparison, double size)
{
    comparison->zero += size == 0.0;
    comparison->small += size > 0.0 && size <= SPIRAL_GRADIENT_SMALL;
    comparison->smallest = smaller_size(comparison->smallest, size);
    comparison->largest = fmax(comparison->largest, size);
}

static void judge(SpiralGradientComparison *comparison, const SpiralCoordinate *at, double analytic,
                  const SpiralDerivative *numeric, double tolerance)
{
    double size = fmax(fabs(analytic), fabs(numeric->value)), distance = fabs(analytic - numeric->value);
    double relative = size > 0.0 ? distance / size : 0.0;
    double resolved = size > 0.0 ? 2.0 * numeric->uncertainty / size : 0.0;
    bool hard = !(resolved <= tolerance);
    bool wrong = hard ? !(distance <= numeric->uncertainty) : !(relative <= tolerance);
    if (!isfinite(analytic) || !isfinite(numeric->value)) {
        relative = INFINITY;
        wrong = true;
    }
    SpiralGradientVerdict verdict = wrong  ? SPIRAL_GRADIENT_WRONG
                                    : hard ? SPIRAL_GRADIENT_HARD
                                           : SPIRAL_GRADIENT_RESOLVED;
    if (is_worse(verdict, relative, comparison)) {
        comparison->verdict = verdict;
        comparison->worst = relative;
        comparison->resolved = resolved;
        comparison->worst_row = at->row;
        comparison->worst_column = at->column;
        comparison->analytic = analytic;
        comparison->numeric = numeric->value;
    }
    comparison->wrong += wrong;
    if (verdict == SPIRAL_GRADIENT_HARD) {
        comparison->hard++;
        comparison->lost += !(resolved < 1.0);
        comparison->least_resolved = fmax(comparison->least_resolved, resolved);
    }
    count_size(comparison, size);
}

/* Compares one coordinate of one part. */
static void compare(SpiralGradientComparison *comparison, const SpiralCoordinate *at, double analytic,
                    const SpiralDerivative *numeric, double tolerance)
{
    comparison->count += numeric->kind == SPIRAL_DIFFERENCE_CENTRED;
    comparison->kinks += numeric->kind != SPIRAL_DIFFERENCE_CENTRED;
    comparison->kinks_compared += numeric->kind == SPIRAL_DIFFERENCE_KINK;
    if (numeric->kind != SPIRAL_DIFFERENCE_NONE)
        judge(comparison, at, analytic, numeric, tolerance);
}

/* The gradients to check; data may be NULL. */
typedef struct Analytic {
    const double *loss, *data;
} Analytic;

static void compare_parts(SpiralDifference *difference, const SpiralNetwork *network, const SpiralCoordinate *at,
                          const Analytic *analytic, double tolerance, SpiralGradientCheckGroup *group)
{
    size_t index = spiral_coordinate_index(network, at);
    SpiralDerivative data, regularization;
    spiral_difference_compute(difference, at, &data, &regularization);
    SpiralDerivative loss = {.kind = data.kind > regularization.kind ? data.kind : regularization.kind,
                             .value = data.value + regularization.value,
                             .uncertainty = data.uncertainty + regularization.uncertainty};
    compare(&group->part[SPIRAL_GRADIENT_LOSS], at, analytic->loss[index], &loss, tolerance);
    if (analytic->data == NULL)
        return;
    compare(&group->part[SPIRAL_GRADIENT_DATA], at, analytic->data[index], &data, tolerance);
    if (at->bias) /* which is not regularised */
        return;
    /* What the sum of both was rounded by is missing from the rest, or too much. */
    regularization.uncertainty += DBL_EPSILON * (fabs(analytic->loss[index]) + fabs(analytic->data[index]));
    compare(&group->part[SPIRAL_GRADIENT_REGULARIZATION], at, analytic->loss[index] - analytic->data[index],
            &regularization, tolerance);
}

/* The weights or the biases of a layer: all coordinates in order, or the first samples of a permutation of them. */
static SpiralStatus check_group(SpiralDifference *difference, const SpiralNetwork *network, size_t layer, bool bias,
                                const SpiralGradientCheckOptions *options, const Analytic *analytic, SpiralRng *rng,
                                SpiralGradientCheckGroup *group, SpiralError *error)
{
    size_t columns = network->sizes[layer + 1];
    size_t total = bias ? columns : network->sizes[layer] * columns;
    size_t *order = NULL;
    if (options->samples > 0 && options->samples < total) {
        order = spiral_allocate(total, sizeof *order);
        if (order == NULL)
            return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to draw %zu coordinates",
                                    options->samples);
        spiral_rng_permutation(rng, total, order);
        total = options->samples;
    }
    *group = (SpiralGradientCheckGroup){0};
    spiral_network_parameter_name(network, bias ? 'b' : 'W', layer, group->name, sizeof group->name);
    for (size_t i = 0; i < total; i++) {
        size_t index = order != NULL ? order[i] : i;
        SpiralCoordinate at = {.layer = layer, .bias = bias, .row = index / columns, .column = index % columns};
        compare_parts(difference, network, &at, analytic, options->tolerance, group);
    }
    free(order);
    return SPIRAL_OK;
}

/* Adds a group to what is known of all. */
static void add_group(const SpiralGradientComparison *group, size_t index, SpiralGradientComparison *total,
                      size_t *worst_group)
{
    SpiralGradientComparison sum = *total;
    if (is_worse(group->verdict, group->worst, total)) {
        sum = *group;
        *worst_group = index;
    }
    sum.count = total->count + group->count;
    sum.kinks = total->kinks + group->kinks;
    sum.kinks_compared = total->kinks_compared + group->kinks_compared;
    sum.wrong = total->wrong + group->wrong;
    sum.hard = total->hard + group->hard;
    sum.lost = total->lost + group->lost;
    sum.zero = total->zero + group->zero;
    sum.small = total->small + group->small;
    sum.smallest = smaller_size(total->smallest, group->smallest);
    sum.largest = fmax(total->largest, group->largest);
    sum.least_resolved = fmax(total->least_resolved, group->least_resolved);
    *total = sum;
}

static void judge_groups(SpiralGradientCheck *check)
{
    size_t wrong = 0;
    for (size_t p = 0; p < SPIRAL_GRADIENT_PARTS; p++) {
        for (size_t g = 0; g < check->group_count; g++)
            add_group(&check->groups[g].part[p], g, &check->total[p], &check->worst_group[p]);
        wrong += check->total[p].wrong;
    }
    const SpiralGradientComparison *loss = &check->total[SPIRAL_GRADIENT_LOSS];
    check->compared = loss->count + loss->kinks_compared;
    check->passed = wrong == 0 && loss->lost <= check->compared / 2;
}

const char *spiral_gradient_grade(double relative_error, bool kinks)
{
    if (relative_error <= 1e-7)
        return "happy";
    if (relative_error <= 1e-4)
        return kinks ? "okay" : "too high";
    return relative_error <= 1e-2 ? "uncomfortable" : "probably wrong";
}

SpiralStatus spiral_gradient_check(const SpiralNetwork *network, const SpiralDataset *dataset,
                                   const SpiralObjective *objective, const SpiralGradientCheckOptions *options,
                                   const double *analytic, const double *analytic_data, SpiralRng *rng,
                                   SpiralGradientCheck *check, SpiralError *error)
{
    *check = (SpiralGradientCheck){0};
    const Analytic gradients = {.loss = analytic, .data = analytic_data};
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
        status = check_group(difference, network, g / 2, g % 2 == 1, options, &gradients, rng, &made.groups[g], error);
    spiral_difference_free(difference);
    if (status != SPIRAL_OK) {
        spiral_gradient_check_free(&made);
        return status;
    }
    judge_groups(&made);
    *check = made;
    return SPIRAL_OK;
}
