#include "check/finite_difference.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "check/activation.h"
#include "check/rounding.h"
#include "check/trace.h"
#include "net/dropout.h"
#include "net/gradient.h"
#include "net/pass.h"

/* The fraction of the distance to a kink that the outermost point of a stencil may use. The rest allows for
 * rounding. */
static const double KINK_MARGIN = 0.9;
/* A coordinate is counted as a kink when its centred step would have to be shortened to less than this fraction. */
static const double SMALLEST_CENTRED = 0.05;
/* Movements that are smaller than this in all rows do not make the step any longer. */
static const double SMALLEST_MOVEMENT = 1e-3;

/* The steps that a row can have: the step asked for, a quarter of it, and so on, down to 6e-5 of it. */
enum { LEVELS = 8 };
static const double LEVEL_RATIO = 4.0;

/* The stencils: with D(h) = (L(w + h) - L(w - h)) / 2h = L' + h^2/6 L''' + O(h^4),
 *     (4 D(h) - D(2h)) / 3 = L' - h^4/30 L''''' + ...,
 * and from one side, with Q(h) = (L(w + h) - L(w)) / h and h of either sign,
 *     4 Q(h) - 6 Q(2h) + 4 Q(3h) - Q(4h) = L' - h^4/5 L''''' + ... */
#define CENTRED_POINTS 2
#define ONE_SIDED_POINTS 4
static const double CENTRED_WEIGHTS[CENTRED_POINTS] = {4.0 / 3.0, -1.0 / 3.0};
static const double ONE_SIDED_WEIGHTS[ONE_SIDED_POINTS] = {4.0, -6.0, 4.0, -1.0};
/* The deviation of a row's stencil, when each of its differences of two losses has a deviation of h. */
static const double CENTRED_DEVIATION = 0.68;   /* of (4 e_1 / 2 - e_2 / 4) / 3 */
static const double ONE_SIDED_DEVIATION = 5.18; /* of 4 e_1 - 6 e_2 / 2 + 4 e_3 / 3 - e_4 / 4 */
/* An estimate of |L'''''| of a row in which a unit of the parameter moves scores against each other by r: so many times
 * r^5 sum_{k != y} p_k. Where the activation is curved, what it contributes is larger. */
static const double FIFTH_DERIVATIVE = 4.0, FIFTH_DERIVATIVE_CURVED = 30.0;
static const double CENTRED_REMAINDER = 1.0 / 30.0, ONE_SIDED_REMAINDER = 1.0 / 5.0;
/* How many deviations the rounding of all rows may take, and how many units in the last place each term. */
static const double DEVIATIONS = 4.0, TERM_UNITS = 16.0, UNIT = 0.5 * DBL_EPSILON;

/* The scores and probabilities of some rows, each (rows, K). */
typedef struct Point {
    double value; /* of the parameter */
    double *scores, *probs;
} Point;

/* How one row is differenced: with the step of a level, centred or on its free side. */
typedef struct Stencil {
    int level; /* LEVELS: none fits */
    bool one_sided;
} Stencil;

struct SpiralDifference {
    const SpiralNetwork *network;
    const SpiralDataset *dataset;
    const SpiralObjective *objective;
    double step;
    SpiralPass *pass;
    SpiralDropout *dropout; /* the mask of the rows that are evaluated; NULL without dropout */
    double *parameters;     /* a copy of the network's, of which one at a time is changed */
    SpiralTrace *trace;     /* of the unchanged network */
    SpiralRounding *rounding;
    Point here, low, high;  /* unchanged, and at the two ends of a difference */
    double *others;         /* (N) sum_{k != y} p_k */
    double *slope, *behind; /* (N, widest layer but the first) */
    double *below, *above;  /* (N) how far the parameter may fall and rise before the row meets a kink */
    double *spread;         /* (N) how far a unit of the parameter moves a score against that of y, at most */
    double *movement;       /* (N) how far it moves any score or pre-activation, at most */
    bool *still;            /* (N) it moves no score */
    Stencil *stencil;       /* (N) */
    size_t *row;            /* (N) the rows of a level */
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
    void *arrays[] = {difference->here.scores, difference->here.probs, difference->low.scores, difference->low.probs,
                      difference->high.scores, difference->high.probs, difference->others,     difference->slope,
                      difference->behind,      difference->below,      difference->above,      difference->spread,
                      difference->movement,    difference->still,      difference->stencil,    difference->row,
                      difference->parameters};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free(arrays[i]);
    spiral_rounding_free(difference->rounding);
    spiral_trace_free(difference->trace);
    spiral_dropout_free(difference->dropout);
    spiral_pass_free(difference->pass);
    free(difference);
}

static SpiralStatus allocate_buffers(SpiralDifference *difference, SpiralError *error)
{
    const SpiralNetwork *network = difference->network;
    size_t rows = difference->dataset->rows, K = network->sizes[network->layers], widest = 1;
    for (size_t l = 1; l <= network->layers; l++)
        widest = network->sizes[l] > widest ? network->sizes[l] : widest;
    const struct {
        double **buffer;
        size_t columns;
    } buffers[] = {{&difference->here.scores, K}, {&difference->low.scores, K},  {&difference->high.scores, K},
                   {&difference->here.probs, K},  {&difference->low.probs, K},   {&difference->high.probs, K},
                   {&difference->slope, widest},  {&difference->behind, widest}, {&difference->below, 1},
                   {&difference->above, 1},       {&difference->others, 1},      {&difference->spread, 1},
                   {&difference->movement, 1}};
    size_t count = sizeof buffers / sizeof buffers[0], made = 0;
    while (made < count && (*buffers[made].buffer = spiral_allocate_matrix(rows, buffers[made].columns)) != NULL)
        made++;
    difference->parameters = spiral_allocate_doubles(network->parameter_count);
    difference->still = spiral_allocate(rows, sizeof *difference->still);
    difference->stencil = spiral_allocate(rows, sizeof *difference->stencil);
    difference->row = spiral_allocate(rows, sizeof *difference->row);
    if (made == count && difference->parameters != NULL && difference->still != NULL && difference->stencil != NULL &&
        difference->row != NULL)
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the differences over %zu observations",
                            rows);
}

static SpiralStatus make_pass(SpiralDifference *difference, size_t threads, SpiralError *error)
{
    const SpiralDropout *mask = difference->objective->dropout;
    size_t rows = difference->dataset->rows;
    SpiralStatus status = SPIRAL_OK;
    if (mask != NULL)
        status = spiral_dropout_create(difference->network, rows, 1.0 - mask->keep_probability, NULL,
                                       &difference->dropout, error);
    if (status == SPIRAL_OK)
        status = spiral_pass_create(difference->network, rows, threads,
                                    mask != NULL ? SPIRAL_PASS_DROPOUT : SPIRAL_PASS_FORWARD, &difference->pass, error);
    return status;
}

/* The rows of difference->row. */
static void evaluate(SpiralDifference *difference, size_t rows, Point *point)
{
    const SpiralDataset *dataset = difference->dataset;
    SpiralPassInput input = {.rows = rows, .X = dataset->X, .order = rows < dataset->rows ? difference->row : NULL};
    if (difference->dropout != NULL) {
        input.dropout_mask = (const uint8_t *const *)difference->dropout->mask;
        input.keep_probability = difference->dropout->keep_probability;
    }
    size_t row; /* not needed: where scores overflow, the differences are not finite, which shows it */
    spiral_pass_predict(difference->pass, difference->parameters, &input, point->scores, point->probs, NULL, &row);
}

/* Copies the rows' part of the mask, in their order. */
static void take_dropout(SpiralDifference *difference, size_t rows)
{
    for (size_t l = 0; difference->dropout != NULL && l + 1 < difference->network->layers; l++) {
        size_t units = difference->network->sizes[l + 1];
        for (size_t r = 0; r < rows; r++)
            memcpy(difference->dropout->mask[l] + r * units,
                   difference->objective->dropout->mask[l] + difference->row[r] * units, units);
    }
}

static SpiralStatus examine_network(SpiralDifference *difference, SpiralError *error)
{
    const SpiralNetwork *network = difference->network;
    const SpiralDataset *dataset = difference->dataset;
    SpiralStatus status = spiral_trace_create(network, dataset->rows, dataset->X, difference->objective->dropout,
                                              &difference->trace, error);
    if (status != SPIRAL_OK)
        return status;
    memcpy(difference->parameters, network->parameters, network->parameter_count * sizeof(double));
    for (size_t i = 0; i < dataset->rows; i++)
        difference->row[i] = i;
    take_dropout(difference, dataset->rows);
    evaluate(difference, dataset->rows, &difference->here);
    size_t classes = network->sizes[network->layers];
    for (size_t i = 0; i < dataset->rows; i++) {
        difference->others[i] = 0.0;
        for (size_t k = 0; k < classes; k++)
            if (k != (size_t)dataset->y[i])
                difference->others[i] += difference->here.probs[i * classes + k];
    }
    return spiral_rounding_create(network, dataset, difference->trace, difference->here.probs, &difference->rounding,
                                  error);
}

SpiralStatus spiral_difference_create(const SpiralNetwork *network, const SpiralDataset *dataset,
                                      const SpiralObjective *objective, double step, size_t threads,
                                      SpiralDifference **difference, SpiralError *error)
{
    *difference = NULL;
    SpiralStatus status = spiral_objective_validate(objective, error);
    if (status == SPIRAL_OK)
        status = spiral_objective_check_data(network, dataset, error);
    if (status == SPIRAL_OK)
        status = spiral_objective_check_dropout(objective, network, dataset->rows, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralDifference *made = spiral_allocate(1, sizeof *made);
    if (made == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the differences");
    *made = (SpiralDifference){.network = network, .dataset = dataset, .objective = objective, .step = step};
    status = allocate_buffers(made, error);
    if (status == SPIRAL_OK)
        status = make_pass(made, threads, error);
    if (status == SPIRAL_OK)
        status = examine_network(made, error);
    if (status != SPIRAL_OK) {
        spiral_difference_free(made);
        return status;
    }
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

/* The units that a parameter moves in one layer, and how far: the derivative of each one's pre-activation. */
typedef struct Slopes {
    size_t first, width; /* one unit in the parameter's own layer, then all */
    double *value;       /* (N, width) */
} Slopes;

/* The slopes in the next layer: (slope * act'(Z)) W. */
static void pass_slopes(SpiralDifference *difference, size_t l, Slopes *slopes)
{
    const SpiralTrace *trace = difference->trace;
    size_t units = trace->layer[l].outputs, outputs = trace->layer[l + 1].outputs;
    double *next = slopes->value == difference->slope ? difference->behind : difference->slope;
    for (size_t i = 0; i < trace->rows; i++)
        for (size_t j = 0; j < slopes->width; j++)
            slopes->value[i * slopes->width + j] *=
                spiral_trace_slope(trace, difference->network->activation, l, i * units + slopes->first + j);
    spiral_linalg_multiply(false, false, trace->rows, outputs, slopes->width, slopes->value, slopes->width,
                           spiral_network_weights(difference->network, l + 1) + slopes->first * outputs, outputs, 0.0,
                           next, outputs);
    *slopes = (Slopes){.first = 0, .width = outputs, .value = next};
}

/* Narrows below and above of each row by the kinks of a hidden layer, and notes how far the layer moves. */
static void visit_hidden(SpiralDifference *difference, size_t l, const Slopes *slopes)
{
    const SpiralTraceLayer *layer = &difference->trace->layer[l];
    bool kinks = spiral_activation_has_kink(difference->network->activation);
    for (size_t i = 0; i < difference->trace->rows; i++)
        for (size_t j = 0; j < slopes->width; j++) {
            double slope = slopes->value[i * slopes->width + j];
            if (kinks)
                narrow(layer->Z[i * layer->outputs + slopes->first + j], slope, &difference->below[i],
                       &difference->above[i]);
            difference->movement[i] = fmax(difference->movement[i], fabs(slope));
        }
}

/* How far each row's scores move, alone and against that of y. */
static void visit_scores(SpiralDifference *difference, const Slopes *slopes)
{
    size_t classes = difference->network->sizes[difference->network->layers];
    for (size_t i = 0; i < difference->trace->rows; i++) {
        const double *slope = slopes->value + i * slopes->width;
        double own = slopes->width == classes ? slope[difference->dataset->y[i]] : 0.0;
        double spread = 0.0, largest = 0.0;
        for (size_t k = 0; k < slopes->width; k++) {
            spread = fmax(spread, fabs(slope[k] - own));
            largest = fmax(largest, fabs(slope[k]));
        }
        difference->spread[i] = spread;
        difference->still[i] = largest == 0.0;
        difference->movement[i] = fmax(difference->movement[i], largest);
    }
}

/* What a small step of the parameter does to each row, up to its first kink: there dZ/dparameter is constant. */
static void look_ahead(SpiralDifference *difference, const SpiralCoordinate *at)
{
    const SpiralTrace *trace = difference->trace;
    const SpiralTraceLayer *own = &trace->layer[at->layer];
    Slopes slopes = {.first = at->column, .width = 1, .value = difference->slope};
    for (size_t i = 0; i < trace->rows; i++) {
        difference->below[i] = difference->above[i] = INFINITY;
        difference->movement[i] = 0.0;
        slopes.value[i] = at->bias ? 1.0 : own->A[i * own->inputs + at->row];
    }
    for (size_t l = at->layer; l + 1 < trace->layers; l++) {
        visit_hidden(difference, l, &slopes);
        pass_slopes(difference, l, &slopes);
    }
    visit_scores(difference, &slopes);
}

/* ---- stencils ---------------------------------------------------------------------------------------------------- */

static double step_of(double asked, int level)
{
    return asked / pow(LEVEL_RATIO, level);
}

/* The longest centred step that stays before the row's kinks, or the longest on its free side: there rounding counts
 * eight times as much, so it has to be longer by two levels. */
static Stencil choose_stencil(const SpiralDifference *difference, size_t i, double asked)
{
    double nearest = KINK_MARGIN * fmin(difference->below[i], difference->above[i]);
    double farthest = KINK_MARGIN * fmax(difference->below[i], difference->above[i]);
    Stencil centred = {0, false}, one_sided = {0, true};
    while (centred.level < LEVELS && CENTRED_POINTS * step_of(asked, centred.level) > nearest)
        centred.level++;
    while (one_sided.level < LEVELS && ONE_SIDED_POINTS * step_of(asked, one_sided.level) > farthest)
        one_sided.level++;
    return centred.level < LEVELS && centred.level <= one_sided.level + 1 ? centred : one_sided;
}

/* Chooses every row's stencil. */
static SpiralDifferenceKind choose_stencils(SpiralDifference *difference, double asked)
{
    SpiralDifferenceKind kind = SPIRAL_DIFFERENCE_CENTRED;
    for (size_t i = 0; i < difference->dataset->rows; i++) {
        double nearest = KINK_MARGIN * fmin(difference->below[i], difference->above[i]);
        difference->stencil[i] = choose_stencil(difference, i, asked);
        if (difference->stencil[i].level == LEVELS)
            return SPIRAL_DIFFERENCE_NONE;
        if (nearest < CENTRED_POINTS * SMALLEST_CENTRED * asked)
            kind = SPIRAL_DIFFERENCE_KINK;
    }
    return kind;
}

/* ---- differences ------------------------------------------------------------------------------------------------- */

/* A sum of terms, by Neumaier, and what is known of its error. */
typedef struct Sum {
    double value, lost, absolute;
    double variance;  /* of the rounding */
    double remainder; /* of the formulas */
} Sum;

static void add(Sum *sum, double term)
{
    double next = sum->value + term;
    sum->absolute += fabs(term);
    sum->lost += fabs(sum->value) >= fabs(term) ? (sum->value - next) + term : (term - next) + sum->value;
    sum->value = next;
}

/* L_i(high) - L_i(low) for the row, i in the data and r among those evaluated. With delta = f(high) - f(low) and
 * p = softmax(f(low)),
 *
 *     L(high) - L(low) = log sum_k exp f_k(high) - log sum_k exp f_k(low) - delta_y
 *                      = log sum_k p_k exp(delta_k - delta_y)
 *                      = log1p(sum_{k != y} p_k expm1(delta_k - delta_y)),
 *
 * which does not subtract nearly equal losses, so that all of the step's digits are kept. */
static double row_difference(const SpiralDifference *difference, size_t i, size_t r, const Point *high,
                             const Point *low)
{
    size_t classes = difference->network->sizes[difference->network->layers];
    size_t y = (size_t)difference->dataset->y[i];
    const double *f_high = high->scores + r * classes, *f_low = low->scores + r * classes;
    const double *p = low->probs + r * classes;
    double delta_y = f_high[y] - f_low[y], sum = 0.0;
    for (size_t k = 0; k < classes; k++)
        if (k != y)
            sum += p[k] * expm1(f_high[k] - f_low[k] - delta_y);
    return log1p(sum);
}

/* What the points m steps up (high) and down (low) contribute to the row's stencil. */
static double row_term(const SpiralDifference *difference, size_t i, size_t r, int m)
{
    const Point *here = &difference->here, *high = &difference->high, *low = &difference->low;
    if (!difference->stencil[i].one_sided) {
        if (m > CENTRED_POINTS)
            return 0.0;
        return CENTRED_WEIGHTS[m - 1] * row_difference(difference, i, r, high, low) / (high->value - low->value);
    }
    const Point *end = difference->above[i] > difference->below[i] ? high : low;
    return ONE_SIDED_WEIGHTS[m - 1] * row_difference(difference, i, r, end, here) / (end->value - here->value);
}

/* Adds what is known of the error of the row's stencil. */
static void add_error(const SpiralDifference *difference, const SpiralCoordinate *at, size_t i, double h, Sum *sum)
{
    const SpiralRounding *rounding = difference->rounding;
    if (difference->still[i])
        return;
    bool one_sided = difference->stencil[i].one_sided;
    bool curved = !spiral_activation_has_kink(difference->network->activation);
    double deviation = rounding->loss[at->layer * rounding->rows + i] / h;
    deviation *= one_sided ? ONE_SIDED_DEVIATION : CENTRED_DEVIATION;
    sum->variance += rounding->copies[i] * deviation * deviation;
    double reach = h * (curved ? difference->movement[i] : difference->spread[i]);
    sum->remainder += (one_sided ? ONE_SIDED_REMAINDER : CENTRED_REMAINDER) *
                      (curved ? FIFTH_DERIVATIVE_CURVED : FIFTH_DERIVATIVE) * pow(reach, 4.0) * difference->spread[i] *
                      difference->others[i];
}

static void move_to(SpiralDifference *difference, size_t parameter, double value, size_t rows, Point *point)
{
    double kept = difference->parameters[parameter];
    difference->parameters[parameter] = point->value = value;
    evaluate(difference, rows, point);
    difference->parameters[parameter] = kept;
}

/* Adds the stencils of the rows that have a step of this level. */
static void add_level(SpiralDifference *difference, const SpiralCoordinate *at, int level, double h, Sum *sum)
{
    size_t parameter = spiral_coordinate_index(difference->network, at), rows = 0;
    double value = difference->parameters[parameter];
    bool one_sided = false;
    for (size_t i = 0; i < difference->dataset->rows; i++)
        if (difference->stencil[i].level == level) {
            difference->row[rows++] = i;
            one_sided = one_sided || difference->stencil[i].one_sided;
        }
    if (rows == 0)
        return;
    take_dropout(difference, rows);
    if (one_sided)
        move_to(difference, parameter, value, rows, &difference->here);
    for (int m = 1; m <= (one_sided ? ONE_SIDED_POINTS : CENTRED_POINTS); m++) {
        move_to(difference, parameter, value + m * h, rows, &difference->high);
        move_to(difference, parameter, value - m * h, rows, &difference->low);
        for (size_t r = 0; r < rows; r++)
            add(sum, row_term(difference, difference->row[r], r, m));
    }
    for (size_t r = 0; r < rows; r++)
        add_error(difference, at, difference->row[r], h, sum);
}

static SpiralDerivative differentiate_data(SpiralDifference *difference, const SpiralCoordinate *at)
{
    size_t rows = difference->dataset->rows;
    look_ahead(difference, at);
    double largest = SMALLEST_MOVEMENT;
    for (size_t i = 0; i < rows; i++)
        largest = fmax(largest, difference->movement[i]);
    double asked = difference->step / largest;
    SpiralDerivative made = {.kind = choose_stencils(difference, asked), .value = NAN, .step = asked};
    if (made.kind == SPIRAL_DIFFERENCE_NONE)
        return made;
    for (size_t i = 0; i < rows; i++)
        made.one_sided = made.one_sided || difference->stencil[i].one_sided;
    Sum sum = {0};
    for (int level = 0; level < LEVELS; level++)
        add_level(difference, at, level, step_of(asked, level), &sum);
    double count = difference->objective->reduction == SPIRAL_REDUCTION_MEAN ? (double)rows : 1.0;
    made.value = (sum.value + sum.lost) / count;
    made.uncertainty = (DEVIATIONS * sqrt(sum.variance) + sum.remainder + TERM_UNITS * UNIT * sum.absolute) / count;
    return made;
}

/* The centred difference of 1/2 reg w^2 + l1 |w|, for which it is exact. The step stays before w = 0. At 0 the value of
 * l1 |w| is the mean of both sides, 0, because sign(0) = 0 in the gradient. */
static SpiralDerivative differentiate_regularization(const SpiralDifference *difference, const SpiralCoordinate *at)
{
    SpiralDerivative made = {.kind = SPIRAL_DIFFERENCE_CENTRED};
    if (at->bias)
        return made;
    double w = difference->parameters[spiral_coordinate_index(difference->network, at)];
    double h = w != 0.0 ? 0.5 * fabs(w) : difference->step, high = w + h, low = w - h;
    double reg = 0.5 * difference->objective->reg * (high + low);
    double l1 = difference->objective->l1 * ((fabs(high) - fabs(low)) / (high - low));
    made.value = reg + l1;
    made.uncertainty = TERM_UNITS * UNIT * (fabs(reg) + fabs(l1));
    if (difference->objective->l1 > 0.0 && w == 0.0)
        made.kind = SPIRAL_DIFFERENCE_KINK;
    return made;
}

void spiral_difference_compute(SpiralDifference *difference, const SpiralCoordinate *at, SpiralDerivative *data,
                               SpiralDerivative *regularization)
{
    *data = differentiate_data(difference, at);
    *regularization = differentiate_regularization(difference, at);
}
