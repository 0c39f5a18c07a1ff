/* program.c: a NumPy program with the numbers of the document and the lines of the notes, which checks the tables. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/explain/explanation.h"

enum { CODE_WIDTH = 76, MOST_NUMBERS = 2000 };

static void __attribute__((format(printf, 2, 3))) code(Document *document, const char *format, ...)
{
    char line[2 * LABEL_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    document_code_line(document, line);
}

/* ---- lists of numbers -------------------------------------------------------------------------------------------- */

/* A list that is broken into lines. */
typedef struct List {
    Document *document;
    size_t indent;
    char line[2 * LABEL_SIZE];
} List;

static void list_add(List *list, const char *item)
{
    size_t used = strlen(list->line);
    if (used + 1 + strlen(item) > CODE_WIDTH && used > list->indent) {
        document_code_line(list->document, list->line);
        used = (size_t)snprintf(list->line, sizeof list->line, "%*s", (int)list->indent, "");
    }
    bool space = used > 0 && list->line[used - 1] == ',';
    snprintf(list->line + used, sizeof list->line - used, "%s%s", space ? " " : "", item);
}

static void write_values(Document *document, const char *begin, size_t count, const double *values, int digits,
                         const char *end)
{
    List list = {.document = document, .indent = strlen(begin)};
    snprintf(list.line, sizeof list.line, "%s", begin);
    for (size_t i = 0; i < count; i++) {
        char item[NUMBER_SIZE];
        snprintf(item, sizeof item, "%.*g%s", digits, values[i], i + 1 < count ? "," : end);
        list_add(&list, item);
    }
    document_code_line(document, list.line);
}

/* digits: enough for the decimals of the tables. */
static void write_array(Document *document, const char *name, size_t rows, size_t columns, const double *values,
                        int digits)
{
    code(document, "%s = np.array([", name);
    for (size_t r = 0; r < rows; r++)
        write_values(document, "    [", columns, values + r * columns, digits, "],");
    code(document, "], dtype=float)");
}

static void write_indices(Document *document, const char *name, size_t count, const size_t *values)
{
    char begin[LABEL_SIZE];
    List list = {.document = document};
    list.indent = (size_t)snprintf(begin, sizeof begin, "%s = [", name);
    snprintf(list.line, sizeof list.line, "%s", begin);
    for (size_t i = 0; i < count; i++) {
        char item[32];
        snprintf(item, sizeof item, "%zu%s", values[i], i + 1 < count ? "," : "]");
        list_add(&list, item);
    }
    document_code_line(document, list.line);
}

/* ---- the program ------------------------------------------------------------------------------------------------- */

static int digits_of(const ExplanationView *view)
{
    enum { FEWEST = 9, MORE = 6 };
    return view->decimals + MORE > FEWEST ? view->decimals + MORE : FEWEST;
}

static void write_parameters(Document *document, const ExplanationView *view)
{
    const SpiralNetwork *network = view->network;
    bool printed = network->parameter_count <= MOST_NUMBERS;
    if (!printed)
        code(document, "model = np.load(\"model.npz\")  # too large to print; spiral train saves it");
    for (size_t l = 0; l < network->layers; l++) {
        LayerView layer = view_layer(view, l);
        char W[NAME_SIZE], b[NAME_SIZE];
        plain_name(layer.W_name, W);
        plain_name(layer.b_name, b);
        if (printed) {
            write_array(document, W, layer.inputs->total, layer.outputs->total, layer.W, digits_of(view));
            write_array(document, b, 1, layer.outputs->total, layer.b, digits_of(view));
        } else {
            code(document, "%s, %s = model[\"%s\"], model[\"%s\"].reshape(1, -1)", W, b, W, b);
        }
    }
}

static void write_numbers(Document *document, const ExplanationView *view)
{
    const SpiralExplanation *explanation = view->explanation;
    code(document, "import numpy as np");
    code(document, "%s", "");
    code(document, "# The numbers of the document.");
    write_array(document, "X", explanation->rows, explanation->layer[0].inputs, explanation->layer[0].A,
                digits_of(view));
    write_indices(document, "y", explanation->rows, explanation->y);
    write_parameters(document, view);
    code(document, "reg, l1 = %.12g, %.12g", explanation->objective.reg, explanation->objective.l1);
    code(document, "num_examples = X.shape[0]");
}

/* The names of a layer's matrices in the program: "X", "A1"; "scores", "Z1". */
typedef struct CodeNames {
    char X[NAME_SIZE], Z[NAME_SIZE], W[NAME_SIZE], b[NAME_SIZE], dZ[NAME_SIZE];
} CodeNames;

static CodeNames names_of(const ExplanationView *view, size_t l)
{
    LayerView layer = view_layer(view, l);
    CodeNames names;
    bool last = l + 1 == view->network->layers;
    plain_name(layer.X, names.X);
    plain_name(layer.W_name, names.W);
    plain_name(layer.b_name, names.b);
    plain_name(last ? "scores" : layer.Z, names.Z);
    plain_name(last ? "dscores" : layer.dZ, names.dZ);
    return names;
}

static void write_activation(Document *document, SpiralActivation activation, const char *a, const char *z)
{
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        code(document, "    %s = np.maximum(0, %s)", a, z);
        break;
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        code(document, "    %s = np.maximum(%g * %s, %s)", a, SPIRAL_LEAKY_SLOPE, z, z);
        break;
    case SPIRAL_ACTIVATION_TANH:
        code(document, "    %s = np.tanh(%s)", a, z);
        break;
    case SPIRAL_ACTIVATION_SIGMOID:
        code(document, "    %s = 1 / (1 + np.exp(-%s))", a, z);
        break;
    }
}

static void write_slope(Document *document, SpiralActivation activation, const char *dz, const char *da, const char *a,
                        const char *z)
{
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        code(document, "%s = %s.copy()", dz, da);
        code(document, "%s[%s <= 0] = 0", dz, a);
        break;
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        code(document, "%s = %s * np.where(%s > 0, 1, %g)", dz, da, z, SPIRAL_LEAKY_SLOPE);
        break;
    case SPIRAL_ACTIVATION_TANH:
        code(document, "%s = %s * (1 - %s ** 2)", dz, da, a);
        break;
    case SPIRAL_ACTIVATION_SIGMOID:
        code(document, "%s = %s * %s * (1 - %s)", dz, da, a, a);
        break;
    }
}

/* Writes what the forward pass gives back, "(Z1, A1, scores)", between begin and end. */
static void write_results(Document *document, const ExplanationView *view, const char *begin, const char *end)
{
    size_t layers = view->network->layers;
    List list = {.document = document, .indent = strlen(begin) + (layers > 1 ? 1 : 0)};
    snprintf(list.line, sizeof list.line, "%s%s", begin, layers > 1 ? "(" : "");
    for (size_t l = 0; l < layers; l++) {
        char item[2 * NAME_SIZE];
        CodeNames names = names_of(view, l);
        snprintf(item, sizeof item, "%s%s%s", names.Z,
                 l + 1 < layers ? ","
                 : layers > 1   ? ")"
                                : "",
                 l + 1 < layers ? "" : end);
        list_add(&list, item);
        if (l + 1 < layers) {
            CodeNames next = names_of(view, l + 1);
            snprintf(item, sizeof item, "%s,", next.X);
            list_add(&list, item);
        }
    }
    document_code_line(document, list.line);
}

static void write_forward(Document *document, const ExplanationView *view)
{
    size_t layers = view->network->layers;
    code(document, "%s", "");
    code(document, "def forward():");
    for (size_t l = 0; l < layers; l++) {
        CodeNames names = names_of(view, l);
        code(document, "    %s = np.dot(%s, %s) + %s", names.Z, names.X, names.W, names.b);
        if (l + 1 < layers) {
            CodeNames next = names_of(view, l + 1);
            write_activation(document, view->network->activation, next.X, names.Z);
        }
    }
    write_results(document, view, "    return ", "");
    code(document, "%s", "");
    code(document, "def losses():");
    code(document, "    scores = forward()%s", layers > 1 ? "[-1]" : "");
    code(document, "    scores = scores - np.max(scores, axis=1, keepdims=True)");
    code(document, "    own = scores[range(num_examples), y]");
    code(document, "    return np.log(np.sum(np.exp(scores), axis=1)) - own");
    code(document, "%s", "");
    write_results(document, view, "", " = forward()");
    code(document, "exp_scores = np.exp(scores - np.max(scores, axis=1, keepdims=True))");
    code(document, "probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)");
}

static void write_backward(Document *document, const ExplanationView *view)
{
    size_t layers = view->network->layers;
    code(document, "%s", "");
    code(document, "dscores = probs.copy()");
    code(document, "dscores[range(num_examples), y] -= 1");
    for (size_t l = layers; l-- > 0;) {
        CodeNames names = names_of(view, l);
        code(document, "d%s = np.dot(%s.T, %s)", names.W, names.X, names.dZ);
        code(document, "d%s = np.sum(%s, axis=0, keepdims=True)", names.b, names.dZ);
        code(document, "outer = [np.outer(%s[i], %s[i]) for i in range(num_examples)]", names.X, names.dZ);
        code(document, "assert np.allclose(d%s, np.sum(outer, axis=0))", names.W);
        if (l == 0)
            break;
        CodeNames before = names_of(view, l - 1);
        char dA[NAME_SIZE + 1];
        snprintf(dA, sizeof dA, "d%s", names.X);
        code(document, "%s = np.dot(%s, %s.T)", dA, names.dZ, names.W);
        write_slope(document, view->network->activation, before.dZ, dA, names.X, before.Z);
    }
}

/* ---- the tables -------------------------------------------------------------------------------------------------- */

static void print_code_number(double value, NumberForm form, const char *end, char item[NUMBER_SIZE])
{
    char number[NUMBER_SIZE];
    if (form.scientific)
        snprintf(item, NUMBER_SIZE, "%.*e%s", form.decimals, value, end);
    else
        snprintf(item, NUMBER_SIZE, "%.50s%s", number_print(value, form, number), end);
}

/* Is the shown part of a matrix what was printed? rows NULL: all. */
static void check_table(Document *document, const char *name, const Axis *rows, size_t all_rows, const Axis *columns,
                        const double *values, NumberForm form)
{
    char end[LABEL_SIZE];
    size_t count = rows != NULL ? rows->count : all_rows;
    code(document, "check(%s, [", name);
    for (size_t r = 0; r < count; r++) {
        const double *row = values + (rows != NULL ? rows->index[r] : r) * columns->total;
        List list = {.document = document, .indent = 5};
        snprintf(list.line, sizeof list.line, "    [");
        for (size_t c = 0; c < columns->count; c++) {
            char item[NUMBER_SIZE];
            print_code_number(row[columns->index[c]], form, c + 1 < columns->count ? "," : "],", item);
            list_add(&list, item);
        }
        document_code_line(document, list.line);
    }
    List list = {.document = document, .indent = 3};
    snprintf(list.line, sizeof list.line, "], 1e-%d, [", form.decimals);
    for (size_t r = 0; r < count; r++) {
        snprintf(end, sizeof end, "%zu%s", rows != NULL ? rows->index[r] : r, r + 1 < count ? "," : "],");
        list_add(&list, end);
    }
    for (size_t c = 0; c < columns->count; c++) {
        snprintf(end, sizeof end, "%s%zu%s", c == 0 ? "[" : "", columns->index[c],
                 c + 1 < columns->count ? ","
                 : form.scientific      ? "], True)"
                                        : "])");
        list_add(&list, end);
    }
    document_code_line(document, list.line);
}

static void check_observations(Document *document, const ExplanationView *view, const char *name, const Axis *columns,
                               const double *values)
{
    size_t rows = view->explanation->rows;
    check_table(document, name, NULL, rows, columns, values, view_form(view, rows * columns->total, values));
}

static void check_layer(Document *document, const ExplanationView *view, size_t l)
{
    const SpiralExplanation *explanation = view->explanation;
    LayerView layer = view_layer(view, l);
    CodeNames names = names_of(view, l);
    char name[4 * NAME_SIZE];
    check_observations(document, view, names.Z, layer.outputs, layer.layer->Z);
    if (l + 1 < view->network->layers) {
        CodeNames next = names_of(view, l + 1);
        check_observations(document, view, next.X, layer.outputs, explanation->layer[l + 1].A);
        snprintf(name, sizeof name, "d%s", next.X);
        check_observations(document, view, name, layer.outputs, layer.layer->dA);
    }
    check_observations(document, view, names.dZ, layer.outputs, layer.layer->dZ);
    for (size_t i = 0; i < explanation->rows && l + 1 == view->network->layers; i++) {
        snprintf(name, sizeof name, "np.outer(%s[%zu], %s[%zu])", names.X, i, names.dZ, i);
        check_table(document, name, layer.inputs, 0, layer.outputs,
                    layer.layer->outer + i * layer.inputs->total * layer.outputs->total, layer.dW_form);
    }
    snprintf(name, sizeof name, "d%s", names.W);
    check_table(document, name, layer.inputs, 0, layer.outputs, layer.layer->dW_sum, layer.dW_form);
    snprintf(name, sizeof name, "d%s", names.b);
    check_table(document, name, NULL, 1, layer.outputs, layer.layer->db_sum, layer.db_form);
    snprintf(name, sizeof name, "d%s%s + reg * %s + l1 * np.sign(%s)", names.W,
             explanation->objective.reduction == SPIRAL_REDUCTION_MEAN ? " / num_examples" : "", names.W, names.W);
    check_table(document, name, layer.inputs, 0, layer.outputs, layer.layer->dW_trained,
                view_form(view, layer.inputs->total * layer.outputs->total, layer.layer->dW_trained));
}

static void write_checks(Document *document, const ExplanationView *view)
{
    size_t layers = view->network->layers, d = 0, k = 0;
    LayerView last = view_layer(view, layers - 1);
    CodeNames names = names_of(view, layers - 1);
    view_weight(&last, &d, &k);
    code(document, "%s", "");
    code(document, "def check(found, printed, unit, rows, columns, relative=False):");
    code(document, "    \"\"\"Is the shown part of a matrix what the document has, rounded?\"\"\"");
    code(document, "    size = np.abs(printed) if relative else 1");
    code(document, "    error = np.abs(found[np.ix_(rows, columns)] - printed)");
    code(document, "    rounding = 1e-8 * np.max(np.abs(printed))");
    code(document, "    assert np.all(error <= 0.51 * unit * size + rounding), printed");
    code(document, "%s", "");
    check_observations(document, view, "probs", last.outputs, view->explanation->probs);
    for (size_t l = 0; l < layers; l++)
        check_layer(document, view, l);
    code(document, "%s", "");
    code(document, "# The derivative of the loss by one weight, by a difference.");
    code(document, "%s[%zu, %zu] += 1e-6", names.W, d, k);
    code(document, "above = np.sum(losses())");
    code(document, "%s[%zu, %zu] -= 2e-6", names.W, d, k);
    code(document, "below = np.sum(losses())");
    code(document, "assert np.isclose((above - below) / 2e-6, d%s[%zu, %zu], rtol=1e-4, atol=1e-6)", names.W, d, k);
    code(document, "print(\"all tables are right\")");
}

void explanation_write_program(Document *document, ExplanationView *view)
{
    document_code_begin(document);
    write_numbers(document, view);
    write_forward(document, view);
    write_backward(document, view);
    write_checks(document, view);
    document_code_end(document);
}
