#include "check/finite_difference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "check/activation.h"
#include "net/gradient.h"
#include "net/pass.h"
#include "check/trace.h"

/* The fraction of the distance to a kink that the outermost point of a stencil may use. The rest allows for
 * rounding. */
static const double KINK_MARGIN = 0.9;
/* A centred step is shortened to no less than this fraction of the requested step, to stay before a kink. Shorter ones
 * would lose too many digits to rounding, while the rows' free sides are available. */
static const double SMALLEST_CENTRED = 0.05;
/* The same for a stencil that takes each row's free side. Below this there is no value. */
static const double SMALLEST_PART = 1e-4;
/* Inputs that are smaller than this in all rows do not make the step any longer. */
static const double SMALLEST_INPUT = 1e-3;

/* The stencils: with D(h) = (L(w + h) - L(w - h)) / 2h = L' + h^2/6 L''' + O(h^4),
 *     (4 D(h) - D(2h)) / 3 = L' + O(h^4),
 * and from one side, with Q(h) = (L(w + h) - L(w)) / h and h of either sign,
 *     4 Q(h) - 6 Q(2h) + 4 Q(3h) - Q(4h) = L' + O(h^4). */
#define CENTRED_POINTS 2
#define ONE_SIDED_POINTS 4
static const double CENTRED_WEIGHTS[CENTRED_POINTS] = {4.0 / 3.0, -1.0 / 3.0};
static const double ONE_SIDED_WEIGHTS[ONE_SIDED_POINTS] = {4.0, -6.0, 4.0, -1.0};

/* The scores and probabilities of all rows, each (N, K). */
typedef struct Point {
    double value; /* of the parameter */
    double *scores, *probs;
} Point;

struct SpiralDifference {
    const SpiralNetwork *network;
    const SpiralDataset *dataset;
    const SpiralObjective *objective;
    double step;
    SpiralPass *pass;
    double *parameters;     /* a copy of the network's, of which one at a time is changed */
    SpiralTrace *trace;     /* of the unchanged network */
    Point here, low, high;  /* unchanged, and at the two ends of a difference */
    double *slope, *behind; /* (N, widest hidden layer) */
    double *below, *above;  /* (N) how far the parameter may fall and rise before the row meets a kink */
};

size_t spiral_coordinate_index(const SpiralNetwork *network, const SpiralCoordinate *at)
{
    if (at->bias)
        return spiral_network_biases_offset(network, at->layer) + at->column;
    return spiral_network_weights_offset(network, at->layer) + at->row * network->sizes[at->layer + 1] + at->column;
}

/* ---- making ------------------------------------------------------------------------------------------------------ */

void spiral_difference_free(SpiralDifference *difference)
{
    if (difference == NULL)
        return;
    Point *points[] = {&difference->here, &difference->low, &difference->high};
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        free(points[i]->scores);
        free(points[i]->probs);
    }
    free(difference->slope);
    free(difference->behind);
    free(difference->below);
    free(difference->above);
    free(difference->parameters);
    spiral_trace_free(difference->trace);
    spiral_pass_free(difference->pass);
    free(difference);
}

static SpiralStatus allocate_buffers(SpiralDifference *difference, SpiralError *error)
{
    const SpiralNetwork *network = difference->network;
    size_t rows = difference->dataset->rows, widest = 1, outputs, hidden;
    for (size_t l = 1; l < network->layers; l++)
        widest = network->sizes[l] > widest ? network->sizes[l] : widest;
    if (spiral_multiply(rows, network->sizes[network->layers], &outputs) && spiral_multiply(rows, widest, &hidden)) {
        double **buffers[] = {&difference->here.scores, &difference->low.scores, &difference->high.scores,
                              &difference->here.probs,  &difference->low.probs,  &difference->high.probs,
                              &difference->slope,       &difference->behind,     &difference->below,
                              &difference->above,       &difference->parameters};
        size_t sizes[] = {
            outputs, outputs, outputs, outputs, outputs, outputs, hidden, hidden, rows, rows, network->parameter_count};
        size_t count = sizeof buffers / sizeof buffers[0], made = 0;
        while (made < count && (*buffers[made] = spiral_allocate_doubles(sizes[made])) != NULL)
            made++;
        if (made == count)
            return SPIRAL_OK;
    }
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the differences over %zu observations",
                            rows);
}

SpiralStatus spiral_difference_create(const SpiralNetwork *network, const SpiralDataset *dataset,
                                      const SpiralObjective *objective, double step, size_t threads,
                                      SpiralDifference **difference, SpiralError *error)
{
    *difference = NULL;
    SpiralStatus status = spiral_objective_validate(objective, error);
    if (status == SPIRAL_OK)
        status = spiral_objective_check_data(network, dataset, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralDifference *made = spiral_allocate(1, sizeof *made);
    if (made == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the differences");
    *made = (SpiralDifference){.network = network, .dataset = dataset, .objective = objective, .step = step};
    status = allocate_buffers(made, error);
    if (status == SPIRAL_OK)
        status = spiral_trace_create(network, dataset->rows, dataset->X, &made->trace, error);
    if (status == SPIRAL_OK)
        status = spiral_pass_create(network, dataset->rows, threads, SPIRAL_PASS_FORWARD, &made->pass, error);
    if (status != SPIRAL_OK) {
        spiral_difference_free(made);
        return status;
    }
    memcpy(made->parameters, network->parameters, network->parameter_count * sizeof(double));
    size_t row; /* not needed: where scores overflow, the differences are not finite, which shows it */
    spiral_pass_predict(made->pass, made->parameters, dataset->rows, dataset->X, made->here.scores, made->here.probs,
                        NULL, &row);
    *difference = made;
    return SPIRAL_OK;
}

/* ---- kinks ------------------------------------------------------------------------------------------------------- */

/* For one pre-activation z that changes by slope per unit of the parameter: limits how far the parameter may fall and
 * rise before 1(z > 0) changes. At z = 0 the unit is off, so only a step that raises z crosses the kink. */
static void narrow(double z, double slope, double *below, double *above)
{
    if (slope == 0.0)
        return;
    double distance = fabs(z / slope);
    bool kink_is_above = (z > 0.0) == (slope < 0.0);
    double *side = kink_is_above ? above : below;
    if (distance < *side)
        *side = distance;
}

/* For each row, the distance from the parameter's value to the nearest kink below and above it, over the hidden units
 * that it affects. Up to the first kink dZ/dparameter is constant: a_d in the parameter's own unit, and
 * (dZ * act'(Z)) W from layer to layer. */
static void find_kinks(SpiralDifference *difference, const SpiralCoordinate *at)
{
    const SpiralTrace *trace = difference->trace;
    SpiralActivation activation = difference->network->activation;
    for (size_t i = 0; i < trace->rows; i++)
        difference->below[i] = difference->above[i] = INFINITY;
    if (!spiral_activation_has_kink(activation))
        return;
    size_t first = at->column, width = 1; /* the units that change: one in its own layer, then all */
    double *slope = difference->slope, *behind = difference->behind;
    for (size_t l = at->layer; l + 1 < trace->layers; l++) {
        const SpiralTraceLayer *layer = &trace->layer[l];
        for (size_t i = 0; i < trace->rows; i++)
            for (size_t j = 0; j < width; j++) {
                double *s = &slope[i * width + j];
                double z = layer->Z[i * layer->outputs + first + j];
                if (l == at->layer)
                    *s = at->bias ? 1.0 : layer->A[i * layer->inputs + at->row];
                narrow(z, *s, &difference->below[i], &difference->above[i]);
                *s *= spiral_activation_slope(activation, z);
            }
        if (l + 2 < trace->layers) {
            size_t outputs = trace->layer[l + 1].outputs;
            spiral_linalg_multiply(false, false, trace->rows, outputs, width, slope, width,
                                   spiral_network_weights(difference->network, l + 1) + first * outputs, outputs, 0.0,
                                   behind, outputs);
            double *swap = slope;
            slope = behind;
            behind = swap;
            first = 0;
            width = outputs;
        }
    }
}

/* ---- differences ------------------------------------------------------------------------------------------------- */

/* L_i(high) - L_i(low) for one row. With delta = f(high) - f(low) and p = softmax(f(low)),
 *
 *     L(high) - L(low) = log sum_k exp f_k(high) - log sum_k exp f_k(low) - delta_y
 *                      = log sum_k p_k exp(delta_k - delta_y)
 *                      = log1p(sum_{k != y} p_k expm1(delta_k - delta_y)),
 *
 * which does not subtract nearly equal losses, so that all of the step's digits are kept. */
static double row_difference(const SpiralDifference *difference, size_t i, const Point *high, const Point *low)
{
    size_t classes = difference->network->sizes[difference->network->layers];
    size_t y = (size_t)difference->dataset->y[i];
    const double *f_high = high->scores + i * classes, *f_low = low->scores + i * classes;
    const double *p = low->probs + i * classes;
    double delta_y = f_high[y] - f_low[y], sum = 0.0;
    for (size_t k = 0; k < classes; k++)
        if (k != y)
            sum += p[k] * expm1(f_high[k] - f_low[k] - delta_y);
    return log1p(sum);
}

/* What the points m steps up (high) and down (low) contribute to the row's stencil: centred, or on its free side. */
static double row_term(const SpiralDifference *difference, size_t i, int m, double h)
{
    const Point *here = &difference->here, *high = &difference->high, *low = &difference->low;
    double below = difference->below[i], above = difference->above[i];
    if (CENTRED_POINTS * h <= KINK_MARGIN * fmin(below, above)) {
        if (m > CENTRED_POINTS)
            return 0.0;
        return CENTRED_WEIGHTS[m - 1] * row_difference(difference, i, high, low) / (high->value - low->value);
    }
    const Point *end = above > below ? high : low;
    return ONE_SIDED_WEIGHTS[m - 1] * row_difference(difference, i, end, here) / (end->value - here->value);
}

/* The scores of all rows with the parameter set to value, from the same forward pass as in training. */
static void evaluate(SpiralDifference *difference, size_t parameter, double value, Point *point)
{
    double kept = difference->parameters[parameter];
    difference->parameters[parameter] = point->value = value;
    size_t row;
    spiral_pass_predict(difference->pass, difference->parameters, difference->dataset->rows, difference->dataset->X,
                        point->scores, point->probs, NULL, &row);
    difference->parameters[parameter] = kept;
}

/* The derivative of l1 |w|, with a step of its own that is shortened to stay before w = 0. Sets *kink when the step
 * would become too short. The free side, which is the one away from 0, is taken then. At 0 itself, the value is the
 * mean of both sides, because sign(0) = 0 in the gradient. */
static double absolute_term(const SpiralDifference *difference, double w, double asked, bool *kink)
{
    double h = fmin(asked, KINK_MARGIN * fabs(w)), l1 = difference->objective->l1;
    *kink = l1 > 0.0 && h < SMALLEST_CENTRED * asked;
    if (!*kink)
        return l1 > 0.0 ? l1 * (fabs(w + h) - fabs(w - h)) / ((w + h) - (w - h)) : 0.0;
    if (w == 0.0)
        return 0.0; /* (|h| - |-h|) / 2h */
    double end = w + copysign(asked, w);
    return l1 * (fabs(end) - fabs(w)) / (end - w);
}

/* Sums the stencils of all rows, with Neumaier's compensation, and the stencil of 1/2 reg w^2 for a weight. *size is
 * set to the same sum of absolute values. */
static double differentiate(SpiralDifference *difference, size_t parameter, double h, int points, bool bias,
                            double *size)
{
    double sum = 0.0, lost = 0.0, regularization = 0.0, absolute = 0.0;
    double value = difference->here.value = difference->parameters[parameter];
    for (int m = 1; m <= points; m++) {
        evaluate(difference, parameter, value + m * h, &difference->high);
        evaluate(difference, parameter, value - m * h, &difference->low);
        for (size_t i = 0; i < difference->dataset->rows; i++) {
            double term = row_term(difference, i, m, h), next = sum + term;
            absolute += fabs(term);
            lost += fabs(sum) >= fabs(term) ? (sum - next) + term : (term - next) + sum;
            sum = next;
        }
        if (!bias && m <= CENTRED_POINTS) /* (high^2 - low^2) / (high - low) = high + low */
            regularization += CENTRED_WEIGHTS[m - 1] * 0.5 * difference->objective->reg *
                              (difference->high.value + difference->low.value);
    }
    double count = difference->objective->reduction == SPIRAL_REDUCTION_MEAN ? (double)difference->dataset->rows : 1.0;
    *size = absolute / count + fabs(regularization);
    return (sum + lost) / count + regularization;
}

/* The parameter's step that changes its pre-activation by at most difference->step. */
static double parameter_step(const SpiralDifference *difference, const SpiralCoordinate *at)
{
    if (at->bias)
        return difference->step;
    const SpiralTraceLayer *layer = &difference->trace->layer[at->layer];
    double largest = SMALLEST_INPUT;
    for (size_t i = 0; i < difference->trace->rows; i++)
        largest = fmax(largest, fabs(layer->A[i * layer->inputs + at->row]));
    return difference->step / largest;
}

SpiralDifferenceKind spiral_difference_compute(SpiralDifference *difference, const SpiralCoordinate *at, double *value,
                                               double *size)
{
    size_t parameter = spiral_coordinate_index(difference->network, at);
    double asked = parameter_step(difference, at);
    double centred = asked, free_side = asked; /* the largest steps that suit every row */
    bool kink = false;                         /* of l1 |w| */
    double absolute = at->bias ? 0.0 : absolute_term(difference, difference->parameters[parameter], asked, &kink);
    SpiralDifferenceKind kind = SPIRAL_DIFFERENCE_NONE;
    double summed = 0.0;
    find_kinks(difference, at);
    for (size_t i = 0; i < difference->dataset->rows; i++) {
        double nearest = fmin(difference->below[i], difference->above[i]);
        double farthest = fmax(difference->below[i], difference->above[i]);
        double row_centred = KINK_MARGIN * nearest / CENTRED_POINTS;
        centred = fmin(centred, row_centred);
        free_side = fmin(free_side, fmax(row_centred, KINK_MARGIN * farthest / ONE_SIDED_POINTS));
    }
    if (centred >= SMALLEST_CENTRED * asked) {
        *value = differentiate(difference, parameter, centred, CENTRED_POINTS, at->bias, &summed) + absolute;
        kind = kink ? SPIRAL_DIFFERENCE_KINK : SPIRAL_DIFFERENCE_CENTRED;
    } else if (free_side >= SMALLEST_PART * asked) {
        *value = differentiate(difference, parameter, free_side, ONE_SIDED_POINTS, at->bias, &summed) + absolute;
        kind = SPIRAL_DIFFERENCE_KINK;
    } else {
        *value = NAN;
    }
    if (size != NULL)
        *size = summed + fabs(absolute);
    return kind;
}
