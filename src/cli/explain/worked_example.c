/* worked_example.c: the derivation with the numbers of a few observations. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/explain/explanation.h"
#include "cli/network_name.h"

/* ---- the shown part of an axis ----------------------------------------------------------------------------------- */

/* The features, hidden units or classes that are shown, in order, and their names. */
typedef struct Axis {
    size_t total, count;
    size_t index[GRID_COLUMNS];
    Label label[GRID_COLUMNS];
} Axis;

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

static Axis feature_axis(const ExplanationView *view)
{
    Axis axis = {.total = view->network->sizes[0]};
    while (axis.count < axis.total && axis.count < GRID_COLUMNS)
        show(&axis, axis.count);
    for (size_t i = 0; i < axis.count; i++)
        axis.label[i] = label_name(view->network->feature_names[axis.index[i]]);
    return axis;
}

/* The classes of the observations come first. */
static Axis class_axis(const ExplanationView *view)
{
    const SpiralExplanation *explanation = view->explanation;
    Axis axis = {.total = explanation->classes};
    for (size_t i = 0; i < explanation->rows && axis.count < GRID_COLUMNS; i++)
        if (!is_shown(&axis, explanation->y[i]))
            show(&axis, explanation->y[i]);
    for (size_t k = 0; k < axis.total && axis.count < GRID_COLUMNS; k++)
        if (!is_shown(&axis, k))
            show(&axis, k);
    for (size_t i = 0; i < axis.count; i++)
        axis.label[i] = label_name(view->network->class_names[axis.index[i]]);
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
    Axis axis = {.total = view->explanation->layer[layer].outputs};
    while (axis.count < axis.total && axis.count < view->units) {
        size_t best = axis.total;
        for (size_t j = 0; j < axis.total; j++)
            if (!is_shown(&axis, j) && (best == axis.total || activity_changes(view->explanation, layer, j) >
                                                                  activity_changes(view->explanation, layer, best)))
                best = j;
        show(&axis, best);
    }
    for (size_t i = 0; i < axis.count; i++) {
        char name[LABEL_SIZE];
        snprintf(name, sizeof name, "unit %zu", axis.index[i]);
        axis.label[i] = label_name(name);
    }
    return axis;
}

/* The axis of a layer's inputs (the features for layer 0), or of the classes, as the inputs of the layer after the
 * last. */
static Axis axis_before(const ExplanationView *view, size_t layer)
{
    if (layer == 0)
        return feature_axis(view);
    return layer == view->network->layers ? class_axis(view) : unit_axis(view, layer - 1);
}

static void write_left_out(Document *document, const Axis *axis, const char *what, const char *which)
{
    if (axis->count < axis->total)
        document_paragraph(document,
                           "Shown are %zu of the %zu %s%s. The other %zu are left out of the tables, not of what is "
                           "computed.",
                           axis->count, axis->total, what, which, axis->total - axis->count);
}

/* ---- grids ------------------------------------------------------------------------------------------------------- */

static Grid *start_grid(Grid *grid, Label caption, const Axis *columns, int decimals)
{
    memset(grid, 0, sizeof *grid);
    grid->caption = caption;
    grid->columns = columns->count;
    memcpy(grid->column, columns->label, sizeof columns->label);
    grid->decimals = decimals;
    return grid;
}

/* values has the length of the whole axis. */
static void add_row(Grid *grid, Label label, const Axis *columns, const double *values)
{
    if (grid->rows == GRID_ROWS)
        return;
    grid->row[grid->rows] = label;
    for (size_t c = 0; c < columns->count; c++)
        grid->value[grid->rows][c] = values[columns->index[c]];
    grid->rows++;
}

static void add_whole_row(Grid *grid, Label label, const Axis *columns, const double *values)
{
    add_row(grid, label, columns, values);
    grid->whole[grid->rows - 1] = true;
}

/* Fills the grid with the shown part of a matrix, whose rows are as long as the whole axis of columns. */
static void fill_grid(Grid *grid, Label caption, const Axis *rows, const Axis *columns, const double *values,
                      int decimals)
{
    start_grid(grid, caption, columns, decimals);
    for (size_t r = 0; r < rows->count; r++)
        add_row(grid, rows->label[r], columns, values + rows->index[r] * columns->total);
}

/* Adds the row's number to a name, such as "dF_50" and "dF_{50}". A name with a layer, "dZ1", becomes "dZ1_50" and
 * "(dZ_{1})_{50}". */
static Label row_of(Label name, size_t number)
{
    Label label;
    bool indexed = strchr(name.latex, '_') != NULL;
    snprintf(label.plain, sizeof label.plain, "%.40s_%zu", name.plain, number);
    snprintf(label.latex, sizeof label.latex, indexed ? "(%.80s)_{%zu}" : "%.80s_{%zu}", name.latex, number);
    return label;
}

static Label numbered_observation(size_t number)
{
    char text[LABEL_SIZE];
    snprintf(text, sizeof text, "i = %zu", number);
    return label_maths(text, text);
}

static double largest_difference(size_t count, const double *a, const double *b)
{
    double largest = 0.0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(a[i]) && !isnan(b[i]))
            largest = fmax(largest, fabs(a[i] - b[i]));
    return largest;
}

/* ---- the observations and their scores --------------------------------------------------------------------------- */

static void write_observations(Document *document, const ExplanationView *view, int *section)
{
    const SpiralExplanation *explanation = view->explanation;
    const SpiralExplainLayer *first = &explanation->layer[0];
    Axis features = feature_axis(view);
    Grid *grid = view->grids;
    document_heading(document, "%d. In numbers: the observations", (*section)++);
    document_paragraph(
        document,
        "The rows of the data are counted from 0. These were picked from the middle of the classes "
        "in turn%s",
        view->network->mean != NULL ? "; their features are shown as the network takes them in, standardised." : ".");
    write_left_out(document, &features, "features", "");
    start_grid(grid, label_maths("X", "X"), &features, decimals_for(explanation->rows * first->inputs, first->A));
    for (size_t i = 0; i < explanation->rows; i++) {
        char name[128];
        snprintf(name, sizeof name, "%zu, class %s", explanation->row[i],
                 view->network->class_names[explanation->y[i]]);
        add_row(grid, label_name(name), &features, first->A + i * first->inputs);
    }
    document_grids(document, 1, grid);
}

static void write_scores(Document *document, const ExplanationView *view, int *section)
{
    const SpiralExplanation *explanation = view->explanation;
    const SpiralExplainLayer *last = &explanation->layer[explanation->layers - 1];
    size_t classes = explanation->classes;
    Axis axis = class_axis(view);
    Label f = label_maths("f", "f"), p = label_maths("p", "p"), dF = label_maths("dF", "dF");
    int decimals = decimals_for(explanation->rows * classes, last->dZ);
    document_heading(document, "%d. Scores, probabilities and <dF>", (*section)++);
    document_paragraph(document,
                       "The scores <f_i> are those of the network as it stands. Below them (2) and (3), line by line: "
                       "<p_i> minus the line under it is <dF_i>.");
    write_left_out(document, &axis, "classes", "");
    Grid *grids = view->grids;
    for (size_t i = 0; i < explanation->rows; i++) {
        size_t number = explanation->row[i];
        Grid *grid = &grids[i % 2];
        char plain[LABEL_SIZE], latex[LABEL_SIZE];
        snprintf(plain, sizeof plain, "i = %zu, L_i = %.6f", number, explanation->losses[i]);
        snprintf(latex, sizeof latex, "i = %zu, \\; L_i = %.6f", number, explanation->losses[i]);
        start_grid(grid, label_maths(plain, latex), &axis, decimals);
        add_row(grid, row_of(f, number), &axis, last->Z + i * classes);
        add_row(grid, row_of(p, number), &axis, explanation->probs + i * classes);
        add_whole_row(grid, label_maths("1(y_i = k)", "1(y_i = k)"), &axis, explanation->onehot + i * classes);
        add_row(grid, row_of(dF, number), &axis, last->dZ + i * classes);
        if (i % 2 + 1 == 2 || i + 1 == explanation->rows)
            document_grids(document, i % 2 + 1, grids);
    }
}

/* ---- dW and db of a layer ---------------------------------------------------------------------------------------- */

/* What the sections about a layer share. */
typedef struct LayerView {
    const ExplanationView *view;
    const SpiralExplainLayer *layer;
    Label A, dZ, dW, db; /* names */
    Label a;             /* of a row of A: x, A1 */
    Axis inputs, outputs;
    int decimals; /* of dW and its terms */
} LayerView;

static LayerView look_at(const ExplanationView *view, size_t l)
{
    const SpiralNetwork *network = view->network;
    const SpiralExplainLayer *layer = &view->explanation->layer[l];
    LayerView look = {
        .view = view, .layer = layer, .inputs = axis_before(view, l), .outputs = axis_before(view, l + 1)};
    look.A = name_input("", l);
    look.a = l == 0 ? label_maths("x", "x") : look.A;
    look.dZ = name_output(network, "d", l);
    look.dW = name_parameter(network, "d", 'W', l);
    look.db = name_parameter(network, "d", 'b', l);
    look.decimals = decimals_for(view->explanation->rows * layer->inputs * layer->outputs, layer->outer);
    return look;
}

static void write_outer_products(Document *document, const LayerView *look)
{
    const SpiralExplanation *explanation = look->view->explanation;
    const SpiralExplainLayer *layer = look->layer;
    Grid *grids = look->view->grids; /* one observation's term, and the sum so far */
    for (size_t i = 0; i < explanation->rows; i++) {
        const double *outer = layer->outer + i * layer->inputs * layer->outputs;
        Label a = row_of(look->a, explanation->row[i]), dz = row_of(look->dZ, explanation->row[i]);
        Label caption;
        snprintf(caption.plain, sizeof caption.plain, "%.28s %.28s^T", a.plain, dz.plain);
        snprintf(caption.latex, sizeof caption.latex, "%.50s\\, %.50s^\\mathsf{T}", a.latex, dz.latex);
        fill_grid(&grids[0], caption, &look->inputs, &look->outputs, outer, look->decimals);
        if (i == 0)
            grids[1] = grids[0];
        else
            for (size_t r = 0; r < grids[1].rows; r++)
                for (size_t c = 0; c < grids[1].columns; c++)
                    grids[1].value[r][c] += grids[0].value[r][c];
        grids[1].caption = label_name(i + 1 == explanation->rows ? "the whole sum" : "the sum so far");
        document_grids(document, 2, grids);
    }
}

/* Writes out one entry of the sum: the first that is shown. */
static void write_one_entry(Document *document, const LayerView *look)
{
    enum { MOST_TERMS = 4 };
    const SpiralExplanation *explanation = look->view->explanation;
    const SpiralExplainLayer *layer = look->layer;
    size_t d = look->inputs.index[0], k = look->outputs.index[0], rows = explanation->rows;
    if (rows > MOST_TERMS)
        return;
    char plain[256], latex[256];
    size_t used = 0, written = 0;
    for (size_t i = 0; i < rows; i++) {
        double a = layer->A[i * layer->inputs + d], dz = layer->dZ[i * layer->outputs + k];
        used += (size_t)snprintf(plain + used, sizeof plain - used, "%s(%.6g)(%.6g)", i > 0 ? " + " : "", a, dz);
        written +=
            (size_t)snprintf(latex + written, sizeof latex - written, "%s(%.6g)(%.6g)", i > 0 ? " + " : "", a, dz);
    }
    document_paragraph(document, "The entry at the top left, for instance, is <%s|%s> <= %.*f>.", plain, latex,
                       look->decimals, layer->dW_sum[d * layer->outputs + k]);
}

static void write_weights(Document *document, const LayerView *look, int *section)
{
    const SpiralExplainLayer *layer = look->layer;
    size_t count = layer->inputs * layer->outputs, kinks = 0;
    document_heading(document, "%d. <%s|%s>: the outer products, and their sum", (*section)++, look->dW.plain,
                     look->dW.latex);
    if (look->layer != look->view->explanation->layer) /* the features left out are named above */
        write_left_out(
            document, &look->inputs, "units of the layer before",
            ", first those whose pre-activation is positive for some of these observations and not for others");
    write_outer_products(document, look);
    write_one_entry(document, look);
    document_paragraph(document,
                       "The same from one matrix product, <%s^T %s|%s^\\mathsf{T} %s>, computed by BLAS "
                       "(cblas_dgemm); and, knowing nothing of any formula above, from the losses alone: each "
                       "weight is moved a little up and down, and the change of the loss is divided by that of the "
                       "weight.",
                       look->A.plain, look->dZ.plain, look->A.latex, look->dZ.latex);
    Grid *grids = look->view->grids;
    Label product;
    snprintf(product.plain, sizeof product.plain, "%.28s^T %.28s", look->A.plain, look->dZ.plain);
    snprintf(product.latex, sizeof product.latex, "%.50s^\\mathsf{T} %.50s", look->A.latex, look->dZ.latex);
    fill_grid(&grids[0], product, &look->inputs, &look->outputs, layer->dW_blas, look->decimals);
    fill_grid(&grids[1], label_name("centred differences"), &look->inputs, &look->outputs, layer->dW_numeric,
              look->decimals);
    document_grids(document, 2, grids);
    for (size_t i = 0; i < count; i++)
        kinks += isnan(layer->dW_numeric[i]) ? 1 : 0;
    document_paragraph(document,
                       "Over all %zu entries, the sum of the outer products and the matrix product differ by %.2g "
                       "at most, the sum and the differences by %.2g.",
                       count, largest_difference(count, layer->dW_sum, layer->dW_blas),
                       largest_difference(count, layer->dW_sum, layer->dW_numeric));
    if (kinks > 0)
        document_paragraph(document, "%zu weights have kinks of the %s too near on both sides to take a difference.",
                           kinks, spiral_activation_title(look->view->network->activation));
}

static void write_biases(Document *document, const LayerView *look, int *section)
{
    const SpiralExplanation *explanation = look->view->explanation;
    const SpiralExplainLayer *layer = look->layer;
    Grid *grid = look->view->grids;
    document_heading(document, "%d. <%s|%s>: the sum of the rows of <%s|%s>", (*section)++, look->db.plain,
                     look->db.latex, look->dZ.plain, look->dZ.latex);
    start_grid(grid, look->db, &look->outputs, decimals_for(explanation->rows * layer->outputs, layer->dZ));
    for (size_t i = 0; i < explanation->rows; i++)
        add_row(grid, row_of(look->dZ, explanation->row[i]), &look->outputs, layer->dZ + i * layer->outputs);
    add_row(grid, label_name("sum"), &look->outputs, layer->db_sum);
    add_row(grid, label_name("centred differences"), &look->outputs, layer->db_numeric);
    document_grids(document, 1, grid);
    document_paragraph(document, "The sum and the differences are at most %.2g apart.",
                       largest_difference(layer->outputs, layer->db_sum, layer->db_numeric));
}

/* ---- back through a hidden layer --------------------------------------------------------------------------------- */

static void write_activation(Document *document, const ExplanationView *view, size_t l, int *section)
{
    const SpiralExplanation *explanation = view->explanation;
    const SpiralNetwork *network = view->network;
    const SpiralExplainLayer *layer = &explanation->layer[l], *next = &explanation->layer[l + 1];
    LayerView look = look_at(view, l);
    Axis behind = axis_before(view, l + 2);
    Label a = name_input("", l + 1), z = name_output(network, "", l), W = name_parameter(network, "", 'W', l + 1);
    Label dA = name_input("d", l + 1), dz = name_output(network, "d", l + 1);
    const char *effect = activation_slope_effect(network->activation);
    bool mask = activation_is_mask(network->activation);
    document_heading(document, "%d. Back through the %s: <%s|%s>", (*section)++,
                     spiral_activation_title(network->activation), look.dZ.plain, look.dZ.latex);
    document_paragraph(document,
                       "<%s = %s %s^T|%s = %s %s^\\mathsf{T}>: what an activation did to the loss is what it did to "
                       "everything it was multiplied into, with these weights.",
                       dA.plain, dz.plain, W.plain, dA.latex, dz.latex, W.latex);
    Grid *grids = view->grids;
    fill_grid(&grids[0], W, &look.outputs, &behind, spiral_network_weights(network, l + 1),
              decimals_for(next->inputs * next->outputs, spiral_network_weights(network, l + 1)));
    document_grids(document, 1, grids);
    if (effect != NULL)
        document_paragraph(document, "A unit is active for an observation when <%s|%s> is positive there; %s.", z.plain,
                           z.latex, effect);
    else
        document_paragraph(document, "<%s|%s> is <%s|%s> times the activation's slope, unit by unit.", look.dZ.plain,
                           look.dZ.latex, dA.plain, dA.latex);
    int decimals = decimals_for(explanation->rows * layer->outputs, layer->dA);
    int others = decimals_for(explanation->rows * layer->outputs, layer->Z);
    for (size_t i = 0; i < explanation->rows; i++) {
        size_t number = explanation->row[i];
        Grid *grid = start_grid(&grids[i % 2], numbered_observation(number), &look.outputs,
                                decimals > others ? decimals : others);
        add_row(grid, row_of(z, number), &look.outputs, layer->Z + i * layer->outputs);
        if (mask)
            add_whole_row(grid, label_name("mask"), &look.outputs, layer->mask + i * layer->outputs);
        add_row(grid, row_of(a, number), &look.outputs, next->A + i * next->inputs);
        if (!mask)
            add_row(grid, label_name("slope"), &look.outputs, layer->mask + i * layer->outputs);
        add_row(grid, row_of(dA, number), &look.outputs, layer->dA + i * layer->outputs);
        add_row(grid, row_of(look.dZ, number), &look.outputs, layer->dZ + i * layer->outputs);
        if (i % 2 == 1 || i + 1 == explanation->rows)
            document_grids(document, i % 2 + 1, grids);
    }
}

void explanation_write_example(Document *document, const ExplanationView *view, int *section)
{
    write_observations(document, view, section);
    write_scores(document, view, section);
    for (size_t l = view->network->layers; l-- > 0;) {
        if (l + 1 < view->network->layers)
            write_activation(document, view, l, section);
        LayerView look = look_at(view, l);
        write_weights(document, &look, section);
        write_biases(document, &look, section);
    }
}
