/* view.c: what the sections of the explanation share. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/explain/explanation.h"

/* What p - 1 may be off by: p is rounded. */
static const double PROBABILITY_NOISE = 1e-15;

/* ---- the shown part of an axis ----------------------------------------------------------------------------------- */

static bool is_shown(const Axis *axis, size_t index)
{
    for (size_t i = 0; i < axis->count; i++)
        if (axis->index[i] == index)
            return true;
    return false;
}

static void show(Axis *axis, size_t index)
{
    size_t place = axis->count++;
    for (; place > 0 && axis->index[place - 1] > index; place--)
        axis->index[place] = axis->index[place - 1];
    axis->index[place] = index;
}

static void name_entries(Axis *axis, char *const *names, size_t width)
{
    const char *shown[AXIS_LIMIT];
    for (size_t i = 0; i < axis->count; i++)
        shown[i] = names[axis->index[i]];
    label_names(axis->count, shown, axis->index, width, axis->label);
}

static Axis feature_axis(const ExplanationView *view)
{
    enum { WIDTH = 20 };
    Axis axis = {.total = view->network->sizes[0], .what = "features"};
    while (axis.count < axis.total && axis.count < AXIS_LIMIT)
        show(&axis, axis.count);
    name_entries(&axis, view->network->feature_names, WIDTH);
    return axis;
}

/* The classes of the observations come first. One column is kept for the sum of the rest. */
static Axis class_axis(const ExplanationView *view)
{
    const SpiralExplanation *explanation = view->explanation;
    Axis axis = {.total = explanation->classes, .rest = explanation->classes > AXIS_LIMIT, .what = "classes"};
    size_t most = axis.rest ? AXIS_LIMIT - 1 : AXIS_LIMIT;
    for (size_t i = 0; i < explanation->rows && axis.count < most; i++)
        if (!is_shown(&axis, explanation->y[i]))
            show(&axis, explanation->y[i]);
    for (size_t k = 0; k < axis.total && axis.count < most; k++)
        if (!is_shown(&axis, k))
            show(&axis, k);
    name_entries(&axis, view->network->class_names, CLASS_WIDTH);
    return axis;
}

/* The number of pairs of observations in which the unit is active for one and not for the other. */
static size_t activity_changes(const SpiralExplanation *explanation, size_t layer, size_t unit)
{
    size_t active = 0, units = explanation->layer[layer].outputs;
    for (size_t i = 0; i < explanation->rows; i++)
        active += explanation->layer[layer].Z[i * units + unit] > 0.0;
    return active * (explanation->rows - active);
}

/* Prefers units that are active for some observations and not for others: they show best what the activation does. */
static Axis unit_axis(const ExplanationView *view, size_t layer)
{
    Axis axis = {.total = view->explanation->layer[layer].outputs, .what = "units"};
    while (axis.count < axis.total && axis.count < view->units) {
        size_t best = axis.total;
        for (size_t j = 0; j < axis.total; j++)
            if (!is_shown(&axis, j) && (best == axis.total || activity_changes(view->explanation, layer, j) >
                                                                  activity_changes(view->explanation, layer, best)))
                best = j;
        show(&axis, best);
    }
    for (size_t i = 0; i < axis.count; i++)
        axis.label[i] = label_words("unit %zu", axis.index[i]);
    return axis;
}

void view_choose_axes(ExplanationView *view)
{
    size_t layers = view->network->layers;
    view->axis[0] = feature_axis(view);
    for (size_t l = 1; l < layers; l++)
        view->axis[l] = unit_axis(view, l - 1);
    view->axis[layers] = class_axis(view);
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

const char *indexed(const char *name, const char *index, char text[LABEL_SIZE])
{
    snprintf(text, LABEL_SIZE, strchr(name, '_') != NULL ? "(%.40s)_{%.60s}" : "%.40s_{%.60s}", name, index);
    return text;
}

const char *indexed_by(const char *name, size_t index, char text[LABEL_SIZE])
{
    char number[24];
    snprintf(number, sizeof number, "%zu", index);
    return indexed(name, number, text);
}

const char *input_row(const ExplanationView *view, const LayerView *layer, size_t i, char text[LABEL_SIZE])
{
    return indexed_by(layer->number == 0 ? "x" : layer->X, view_row(view, i), text);
}

void plain_name(const char *name, char text[NAME_SIZE])
{
    size_t length = 0;
    for (; *name != '\0' && length + 1 < NAME_SIZE; name++)
        if (strchr("_{}()\\", *name) == NULL)
            text[length++] = *name;
    text[length] = '\0';
}

/* "A_1", "dZ_2": the letter with the layer's number, which is left out when number is 0. */
static void set_name(char name[NAME_SIZE], const char *letters, size_t number)
{
    if (number == 0)
        snprintf(name, NAME_SIZE, "%s", letters);
    else
        snprintf(name, NAME_SIZE, number < 10 ? "%s_%zu" : "%s_{%zu}", letters, number);
}

size_t view_row(const ExplanationView *view, size_t i)
{
    return view->explanation->row[i];
}

NumberForm view_form(const ExplanationView *view, size_t count, const double *values)
{
    return number_form(count, values, view->decimals, view->exactly);
}

/* The form of sums and of their terms together: that of the terms, with more decimals when the sums need them. */
static NumberForm form_with_sums(NumberForm terms, NumberForm sums)
{
    if (!terms.scientific && !sums.scientific && sums.decimals > terms.decimals)
        return sums;
    return terms;
}

NumberForm view_probability_form(const ExplanationView *view, const LayerView *last)
{
    size_t count = view->explanation->rows * view->explanation->classes;
    return form_with_sums(view_form(view, count, view->explanation->probs), last->dZ_form);
}

LayerView view_layer(const ExplanationView *view, size_t l)
{
    const SpiralNetwork *network = view->network;
    const SpiralExplainLayer *layer = &view->explanation->layer[l];
    size_t rows = view->explanation->rows, weights = layer->inputs * layer->outputs;
    bool last = l + 1 == network->layers;
    LayerView look = {.number = l,
                      .layer = layer,
                      .W = spiral_network_weights(network, l),
                      .b = spiral_network_biases(network, l),
                      .inputs = &view->axis[l],
                      .outputs = &view->axis[l + 1]};
    size_t number = network->layers == 1 ? 0 : l + 1;
    set_name(look.X, l == 0 ? "X" : "A", l);
    set_name(look.dX, l == 0 ? "dX" : "dA", l);
    set_name(look.Z, last ? "F" : "Z", last ? 0 : l + 1);
    set_name(look.dZ, last ? "dF" : "dZ", last ? 0 : l + 1);
    set_name(look.W_name, "W", number);
    set_name(look.dW, "dW", number);
    set_name(look.b_name, "b", number);
    set_name(look.db, "db", number);
    look.X_form = view_form(view, rows * layer->inputs, layer->A);
    look.Z_form = view_form(view, rows * layer->outputs, layer->Z);
    look.W_form = view_form(view, weights, look.W);
    look.b_form = view_form(view, layer->outputs, look.b);
    look.dZ_form = view_form(view, rows * layer->outputs, layer->dZ);
    look.dZ_form.least = fmax(look.dZ_form.least, last ? PROBABILITY_NOISE : 0.0);
    look.dW_form =
        form_with_sums(view_form(view, rows * weights, layer->outer), view_form(view, weights, layer->dW_sum));
    look.db_form = form_with_sums(look.dZ_form, view_form(view, layer->outputs, layer->db_sum));
    return look;
}

void view_weight(const LayerView *layer, size_t *d, size_t *k)
{
    const double tie = 1.0 + 1e-9; /* two classes have the same derivatives but for rounding: the first is taken */
    double largest = -1.0;
    for (size_t r = 0; r < layer->inputs->count; r++)
        for (size_t c = 0; c < layer->outputs->count; c++) {
            size_t row = layer->inputs->index[r], column = layer->outputs->index[c];
            double size = fabs(layer->layer->dW_sum[row * layer->outputs->total + column]);
            if (size > tie * largest) {
                largest = size;
                *d = row;
                *k = column;
            }
        }
}

/* ---- grids ------------------------------------------------------------------------------------------------------- */

Grid *grid_start(Grid *grid, const char *key, Label caption, const Axis *columns)
{
    memset(grid, 0, sizeof *grid);
    grid->caption = caption;
    snprintf(grid->key, sizeof grid->key, "%s", key);
    grid->columns = columns->count + columns->rest;
    memcpy(grid->column, columns->label, columns->count * sizeof grid->column[0]);
    if (columns->rest)
        grid->column[columns->count] = label_words("rest (%zu)", columns->total - columns->count);
    return grid;
}

void grid_add(Grid *grid, Label label, const Axis *columns, const double *values, NumberForm form, RestOf rest)
{
    if (grid->rows == GRID_ROWS)
        return;
    double *row = grid->value[grid->rows], others = 0.0;
    for (size_t c = 0; c < columns->count; c++)
        row[c] = values[columns->index[c]];
    for (size_t c = 0; columns->rest && c < columns->total; c++)
        others += is_shown(columns, c) ? 0.0 : values[c];
    if (columns->rest)
        row[columns->count] = rest == REST_SUM ? others : NAN;
    grid->row[grid->rows] = label;
    grid->form[grid->rows] = form;
    grid->rows++;
}

void grid_add_matrix(Grid *grid, const Axis *rows, const Axis *columns, const double *values, NumberForm form,
                     RestOf rest)
{
    for (size_t r = 0; r < rows->count; r++)
        grid_add(grid, rows->label[r], columns, values + rows->index[r] * columns->total, form, rest);
}

void grid_add_observations(Grid *grid, const ExplanationView *view, const char *name, const Axis *columns,
                           const double *values, NumberForm form, RestOf rest)
{
    char text[LABEL_SIZE];
    for (size_t i = 0; i < view->explanation->rows; i++)
        grid_add(grid, label_maths("%s", indexed_by(name, view_row(view, i), text)), columns,
                 values + i * columns->total, form, rest);
}

void grid_transposed(Grid *grid, const char *key, Label caption, const ExplanationView *view, const Axis *rows,
                     const double *values, NumberForm form)
{
    memset(grid, 0, sizeof *grid);
    grid->caption = caption;
    snprintf(grid->key, sizeof grid->key, "%s", key);
    grid->columns = view->explanation->rows;
    grid->rows = rows->count;
    for (size_t r = 0; r < rows->count; r++) {
        grid->form[r] = form;
        for (size_t i = 0; i < grid->columns; i++)
            grid->value[r][i] = values[i * rows->total + rows->index[r]];
    }
}

void grid_add_sums(Grid *grid, const char *label)
{
    for (size_t r = 0; r < grid->rows; r++) {
        double sum = 0.0;
        for (size_t c = 0; c < grid->columns; c++)
            sum += grid->value[r][c];
        grid->value[r][grid->columns] = sum;
    }
    grid->column[grid->columns++] = label_words("%s", label);
}

/* ---- calculations ------------------------------------------------------------------------------------------------ */

void calculate(Calculation *calculation, const char *format, ...)
{
    size_t room = sizeof calculation->text - calculation->length;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(calculation->text + calculation->length, room, format, arguments);
    va_end(arguments);
    if (length > 0)
        calculation->length += (size_t)length < room ? (size_t)length : room - 1;
}

void calculate_number(Calculation *calculation, double value, NumberForm form)
{
    char number[NUMBER_SIZE];
    number_print(value, form, number);
    bool brackets = calculation->length > 0 && (number[0] == '-' || strchr(number, '{') != NULL);
    calculate(calculation, "%s%s%s", brackets ? "(" : "", number, brackets ? ")" : "");
}

void calculate_products(Calculation *calculation, size_t count, const double *a, size_t a_stride, NumberForm a_form,
                        const double *b, size_t b_stride, NumberForm b_form)
{
    enum { MOST_TERMS = 4 };
    double rest = 0.0;
    for (size_t i = 0; i < count; i++) {
        double left = a[i * a_stride], right = b[i * b_stride];
        if (i >= MOST_TERMS) {
            rest += left * right;
            continue;
        }
        calculate(calculation, "%s", i > 0 ? " + " : "");
        calculate_number(calculation, left, a_form);
        calculate(calculation, " \\cdot ");
        calculate_number(calculation, right, b_form);
    }
    if (count > MOST_TERMS) {
        calculate(calculation, " + ");
        calculate_number(calculation, rest, number_form(1, &rest, a_form.decimals > 4 ? a_form.decimals : 4, false));
        calculate(calculation, "\\,\\text{(%zu more)}", count - MOST_TERMS);
    }
}
