/* setting.c: section 1, the observations, the parameters and the scores, and one of each in digits. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/explain/activation.h"
#include "cli/explain/explanation.h"

/* ---- the question ------------------------------------------------------------------------------------------------ */

static void write_question(Document *document, const ExplanationView *view)
{
    size_t rows = view->explanation->rows;
    document_title(document, "Why <dW = X^\\T dF>, and <db> is the sum of the rows of <dF>");
    document_paragraph(
        document, "The scores of all observations are <F = X W + b>. In the notes' program the gradient of the loss is "
                  "then `dW = np.dot(X.T, dscores)` and `db = np.sum(dscores, axis=0, keepdims=True)`. Why is that "
                  "so? Why is there a sum over the observations, why is <X> transposed, and why does a weight "
                  "only see the score of its own class?");
    document_paragraph(
        document,
        "In short: the loss is a sum over the observations, so its gradient is a sum over them, too. "
        "Observation <i> adds the table <x_i^\\T dF_i>, a column times a row. Such tables, added up over "
        "<i>, are what a matrix product is: <X^\\T dF>. Below is every step, first as a formula, then in "
        "the numbers of %zu observation%s.",
        rows, rows == 1 ? "" : "s");
    document_paragraph(document, "Printed numbers are rounded. They are computed with all digits, so the last digit "
                                 "of a sum done by hand may differ.");
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

static void write_left_out(Document *document, const Axis *axis, const char *where)
{
    if (axis->count == axis->total)
        return;
    document_paragraph(document,
                       "%zu of the %zu %s%s %s shown%s. The other%s left out of the tables, not of what is computed.",
                       axis->count, axis->total, axis->what, where, axis->count == 1 ? "is" : "are",
                       axis->rest ? ", and one column for the rest with its sum" : "",
                       axis->total - axis->count == 1 ? " is" : "s are");
}

static void write_choice(Document *document, const ExplanationView *view)
{
    static const char *const reasons[] = {"picked from the middle of each class", "as asked for",
                                          "made up of small whole numbers, so that all can be done by hand"};
    size_t rows = view->explanation->rows;
    char list[256];
    size_t length = 0;
    for (size_t i = 0; i < rows; i++)
        length += (size_t)snprintf(list + length, sizeof list - length, "%s%zu",
                                   i == 0          ? ""
                                   : i + 1 == rows ? " and "
                                                   : ", ",
                                   view_row(view, i));
    document_paragraph(
        document,
        "There %s <N = %zu> observation%s of <D = %zu> feature%s, in <K = %zu> classes. Rows are counted from 0; "
        "%s %s of the data, %s.%s",
        rows == 1 ? "is" : "are", rows, rows == 1 ? "" : "s", view->axis[0].total, view->axis[0].total == 1 ? "" : "s",
        view->explanation->classes, rows == 1 ? "this is row" : "these are rows", list, reasons[view->choice],
        view->network->mean != NULL ? " Their features are shown as the network takes them in, standardised." : "");
}

/* The class of each observation, named as in the other tables. The classes that these leave out have names of their
 * own, too. */
static void name_observations(const ExplanationView *view, Label names[GRID_ROWS])
{
    enum { MOST = AXIS_LIMIT + GRID_ROWS };
    const Axis *shown = &view->axis[view->network->layers];
    size_t count = shown->count, class[MOST], place[GRID_ROWS], rows = view->explanation->rows;
    const char *full[MOST];
    Label label[MOST];
    memcpy(class, shown->index, count * sizeof *class);
    for (size_t i = 0; i < rows; i++) {
        for (place[i] = 0; place[i] < count && class[place[i]] != view->explanation->y[i];)
            place[i]++;
        if (place[i] == count)
            class[count++] = view->explanation->y[i];
    }
    for (size_t c = 0; c < count; c++)
        full[c] = view->network->class_names[class[c]];
    label_names(count, full, class, CLASS_WIDTH, label);
    for (size_t i = 0; i < rows; i++)
        names[i] = label[place[i]];
}

static void write_observations(Document *document, ExplanationView *view)
{
    LayerView first = view_layer(view, 0);
    size_t rows = view->explanation->rows;
    Label names[GRID_ROWS];
    Grid *grid =
        grid_start(view->grids, "X", label_maths("X\\;(%zu \\times %zu)", rows, first.inputs->total), first.inputs);
    name_observations(view, names);
    for (size_t i = 0; i < rows; i++)
        grid_add(grid, label_words("%zu, class %.*s", view_row(view, i), SPIRAL_TEXT_CUT(names[i].text, 120)),
                 first.inputs, first.layer->A + i * first.inputs->total, first.X_form, REST_EMPTY);
    document_grids(document, 1, grid);
}

static void write_parameters(Document *document, ExplanationView *view, const LayerView *layer)
{
    char key[NAME_SIZE];
    plain_name(layer->W_name, key);
    grid_start(&view->grids[0], key,
               label_maths("%s\\;(%zu \\times %zu)", layer->W_name, layer->inputs->total, layer->outputs->total),
               layer->outputs);
    grid_add_matrix(&view->grids[0], layer->inputs, layer->outputs, layer->W, layer->W_form, REST_EMPTY);
    plain_name(layer->b_name, key);
    grid_start(&view->grids[1], key, label_maths("%s\\;(1 \\times %zu)", layer->b_name, layer->outputs->total),
               layer->outputs);
    grid_add(&view->grids[1], label_maths("%s", layer->b_name), layer->outputs, layer->b, layer->b_form, REST_EMPTY);
    document_grids(document, 2, view->grids);
}

static void write_outputs(Document *document, ExplanationView *view, const LayerView *layer)
{
    bool last = layer->number + 1 == view->network->layers;
    char key[NAME_SIZE];
    size_t rows = view->explanation->rows;
    plain_name(layer->Z, key);
    grid_start(&view->grids[0], key, label_maths("%s\\;(%zu \\times %zu)", layer->Z, rows, layer->outputs->total),
               layer->outputs);
    grid_add_observations(&view->grids[0], view, layer->Z, layer->outputs, layer->layer->Z, layer->Z_form, REST_EMPTY);
    if (last) {
        document_grids(document, 1, view->grids);
        return;
    }
    LayerView next = view_layer(view, layer->number + 1);
    plain_name(next.X, key);
    grid_start(&view->grids[1], key, label_maths("%s\\;(%zu \\times %zu)", next.X, rows, next.inputs->total),
               next.inputs);
    grid_add_observations(&view->grids[1], view, next.X, next.inputs, next.layer->A, next.X_form, REST_EMPTY);
    document_grids(document, 2, view->grids);
}

static void write_layers(Document *document, ExplanationView *view)
{
    size_t layers = view->network->layers;
    if (layers == 1)
        document_paragraph(
            document,
            "The model is <F = X W + b>. <W> has a row for each feature and a column for each class. <b> is a row; "
            "it is added to every row of <X W> (NumPy calls that broadcasting).");
    else
        document_paragraph(
            document,
            "The model is a network with %zu hidden layer%s. Each layer is <X W + b> again, with its own names. "
            "<b> is a row, added to every row of the product (NumPy calls that broadcasting).",
            layers - 1, layers == 2 ? "" : "s");
    for (size_t l = 0; l < layers; l++) {
        LayerView layer = view_layer(view, l);
        if (l + 1 < layers) {
            LayerView next = view_layer(view, l + 1);
            char activated[LABEL_SIZE];
            document_formula(document, "%s = %s %s + %s, \\qquad %s = %s", layer.Z, layer.X, layer.W_name, layer.b_name,
                             next.X, activation_of(view->network->activation, layer.Z, activated));
            write_left_out(document, layer.outputs, l == 0 ? " of the hidden layer" : " of this layer");
        } else if (layers > 1) {
            document_formula(document, "F = %s %s + %s", layer.X, layer.W_name, layer.b_name);
        }
        write_parameters(document, view, &layer);
        write_outputs(document, view, &layer);
    }
}

/* ---- the legend -------------------------------------------------------------------------------------------------- */

typedef struct LegendRow {
    const char *symbol;
    size_t rows, columns;
    const char *meaning, *code; /* meaning NULL: the derivative by what stands behind the d of the symbol */
} LegendRow;

static void write_legend_row(Document *document, const LegendRow *row)
{
    char symbol[LABEL_SIZE], shape[LABEL_SIZE], code[LABEL_SIZE], derivative[LABEL_SIZE];
    snprintf(symbol, sizeof symbol, "<%.100s>", row->symbol);
    snprintf(shape, sizeof shape, "<%zu \\times %zu>", row->rows, row->columns);
    snprintf(code, sizeof code, "`%.120s`", row->code);
    if (row->meaning == NULL)
        snprintf(derivative, sizeof derivative, "<\\partial L/\\partial %.100s>", row->symbol + 1);
    const char *const cells[] = {symbol, shape, row->meaning != NULL ? row->meaning : derivative, code};
    document_legend_row(document, 4, cells);
}

static void write_legend_rows(Document *document, size_t count, const LegendRow *rows)
{
    for (size_t i = 0; i < count; i++)
        write_legend_row(document, &rows[i]);
}

/* The linear classifier, as the notes' program has it. */
static void write_linear_legend(Document *document, size_t N, size_t D, size_t K)
{
    const LegendRow rows[] = {
        {"X", N, D, "observations, one a row", "X"},
        {"W", D, K, "weights", "W"},
        {"b", 1, K, "biases, a row", "b"},
        {"F", N, K, "scores", "scores = np.dot(X, W) + b"},
        {"p", N, K, "probabilities", "probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)"},
        {"L_i", 1, 1, "loss of observation <i>", "-np.log(probs[i,y[i]])"},
        {"dF", N, K, NULL, "dscores[range(num_examples),y] -= 1"},
        {"dW", D, K, NULL, "dW = np.dot(X.T, dscores)"},
        {"db", 1, K, NULL, "db = np.sum(dscores, axis=0, keepdims=True)"},
    };
    write_legend_rows(document, sizeof rows / sizeof rows[0], rows);
}

/* The network: its last two layers, as the notes' program has them. */
static void write_network_legend(Document *document, const ExplanationView *view, size_t N, size_t K)
{
    LayerView last = view_layer(view, view->network->layers - 1), hidden = view_layer(view, view->network->layers - 2);
    bool relu = view->network->activation == SPIRAL_ACTIVATION_RELU;
    size_t D = hidden.inputs->total, H = hidden.outputs->total;
    const LegendRow rows[] = {
        {hidden.X, N, D, hidden.number == 0 ? "observations, one a row" : "input of the hidden layer", "X"},
        {hidden.W_name, D, H, "weights of the hidden layer", "W"},
        {hidden.b_name, 1, H, "its biases, a row", "b"},
        {hidden.Z, N, H, "its pre-activations", "np.dot(X, W) + b"},
        {last.X, N, H, "hidden activations", relu ? "hidden_layer = np.maximum(0, np.dot(X, W) + b)" : "hidden_layer"},
        {last.W_name, H, K, "weights of the last layer", "W2"},
        {last.b_name, 1, K, "its biases, a row", "b2"},
        {"F", N, K, "scores", "scores = np.dot(hidden_layer, W2) + b2"},
        {"p", N, K, "probabilities", "probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)"},
        {"L_i", 1, 1, "loss of observation <i>", "-np.log(probs[i,y[i]])"},
        {"dF", N, K, NULL, "dscores[range(num_examples),y] -= 1"},
        {last.dW, H, K, NULL, "dW2 = np.dot(hidden_layer.T, dscores)"},
        {last.db, 1, K, NULL, "db2 = np.sum(dscores, axis=0, keepdims=True)"},
        {last.dX, N, H, NULL, "dhidden = np.dot(dscores, W2.T)"},
        {hidden.dZ, N, H, NULL, relu ? "dhidden[hidden_layer <= 0] = 0" : "dhidden"},
        {hidden.dW, D, H, NULL, "dW = np.dot(X.T, dhidden)"},
        {hidden.db, 1, H, NULL, "db = np.sum(dhidden, axis=0, keepdims=True)"},
    };
    write_legend_rows(document, sizeof rows / sizeof rows[0], rows);
}

static void write_legend(Document *document, const ExplanationView *view)
{
    static const char *const head[] = {"symbol", "shape", "meaning", "in the notes' program"};
    size_t layers = view->network->layers, N = view->explanation->rows, K = view->explanation->classes;
    document_paragraph(
        document,
        "A <d> before a name means the derivative of the loss by it: <dW> has the shape of <W>, and "
        "<dW_{dk}> says how fast the loss rises with <W_{dk}>. <x_i> is row <i> of <X>, and <x_i^\\T> the "
        "same as a column; <1(y_i = k)> is 1 if observation <i> is of class <k>, and 0 if not.%s",
        layers > 2 ? " These are the last two layers; the others have the same names with their own "
                     "numbers."
                   : "");
    document_legend_begin(document, 4, head);
    if (layers == 1)
        write_linear_legend(document, N, view->axis[0].total, K);
    else
        write_network_legend(document, view, N, K);
    document_legend_end(document);
}

/* ---- one of each in digits --------------------------------------------------------------------------------------- */

/* log sum_j exp(f_j - shift), as digits of the sum and its value. */
static double add_exponentials(Calculation *calculation, const double *f, size_t classes, double shift, NumberForm form)
{
    enum { MOST_TERMS = 4 };
    double sum = 0.0, rest = 0.0;
    for (size_t k = 0; k < classes; k++) {
        char number[NUMBER_SIZE];
        sum += exp(f[k] - shift);
        if (k >= MOST_TERMS)
            rest += exp(f[k] - shift);
        else
            calculate(calculation, "%se^{%s}", k > 0 ? " + " : "", number_print(f[k] - shift, form, number));
    }
    if (classes > MOST_TERMS) {
        calculate(calculation, " + ");
        calculate_number(calculation, rest, number_form(1, &rest, 4, false));
        calculate(calculation, "\\,\\text{(%zu more)}", classes - MOST_TERMS);
    }
    return sum;
}

static void write_score(Document *document, const ExplanationView *view, const LayerView *last, size_t k)
{
    const SpiralExplainLayer *layer = last->layer;
    char number[NUMBER_SIZE];
    Calculation digits = {0};
    calculate_products(&digits, layer->inputs, layer->A, 1, last->X_form, last->W + k, layer->outputs, last->W_form);
    calculate(&digits, " + ");
    calculate_number(&digits, last->b[k], last->b_form);
    document_calculation(document, "F_{%zu,%zu} = %s = %s", view_row(view, 0), k, digits.text,
                         number_print(layer->Z[k], last->Z_form, number));
}

static void write_digits(Document *document, ExplanationView *view)
{
    static const double overflow = 30.0;
    const SpiralExplanation *explanation = view->explanation;
    LayerView last = view_layer(view, view->network->layers - 1);
    char X[LABEL_SIZE], W[LABEL_SIZE], b[LABEL_SIZE], number[NUMBER_SIZE], sum_number[NUMBER_SIZE];
    size_t k = explanation->y[0], row = view_row(view, 0), classes = explanation->classes;
    document_paragraph(document, "One score is a row of <%s> times a column of <%s>, plus a bias:", last.X,
                       last.W_name);
    view->score = document_formula(document, "F_{ik} = \\sum_d %s %s + %s", indexed(last.X, "id", X),
                                   indexed(last.W_name, "dk", W), indexed(last.b_name, "k", b));
    document_paragraph(document, "For observation %zu and its own class, which is number %zu:", row, k);
    write_score(document, view, &last, k);
    document_paragraph(document, "Softmax makes probabilities of the scores of an observation, and the loss is minus "
                                 "the logarithm of the probability of "
                                 "its own class:");
    view->loss = document_formula(
        document,
        "p_{ik} = \\frac{e^{F_{ik}}}{\\sum_j e^{F_{ij}}}, \\qquad L_i = -\\log p_{i,y_i}, \\qquad L = \\sum_i L_i");
    const double *f = last.layer->Z;
    double largest = f[0];
    for (size_t j = 1; j < classes; j++)
        largest = fmax(largest, f[j]);
    double shift = fabs(largest) > overflow ? largest : 0.0;
    if (shift != 0.0)
        document_paragraph(document,
                           "The largest score, <%s>, is subtracted from all of them first; that changes no "
                           "probability, and nothing overflows.",
                           number_print(largest, last.Z_form, number));
    Calculation digits = {0};
    double p = explanation->probs[k], sum = add_exponentials(&digits, f, classes, shift, last.Z_form);
    char own[NUMBER_SIZE], loss[NUMBER_SIZE];
    NumberForm p_form = number_form(1, &p, view->decimals, false),
               sum_form = number_form(1, &sum, view->decimals, false);
    document_calculation(document, "p_{%zu,%zu} = e^{%s} / (%s) = %s", row, k,
                         number_print(f[k] - shift, last.Z_form, own), digits.text, number_print(p, p_form, number));
    number_print(explanation->losses[0], view_form(view, 1, explanation->losses), loss);
    bool negative = own[0] == '-';
    document_calculation(document, "L_{%zu} = \\log(%s) - %s%s%s = %s = -\\log p_{%zu,%zu}", row,
                         number_print(sum, sum_form, sum_number), negative ? "(" : "", own, negative ? ")" : "", loss,
                         row, k);
}

void explanation_write_setting(Document *document, ExplanationView *view)
{
    write_question(document, view);
    document_heading(document, "1. The setting");
    write_choice(document, view);
    write_left_out(document, &view->axis[0], "");
    write_left_out(document, &view->axis[view->network->layers], "");
    write_observations(document, view);
    write_layers(document, view);
    write_legend(document, view);
    write_digits(document, view);
}
