/* sums.c: sections 4 and 5, from one observation to all, and what the mean and regularisation change. */
#include <math.h>
#include <stdio.h>

#include "cli/explain/explanation.h"

/* ---- 4. the sum over the observations ---------------------------------------------------------------------------- */

/* The column x_i^T as a bare matrix. */
static void start_column(Grid *grid, const char *key, Label caption, const Axis *rows, const double *values,
                         NumberForm form)
{
    const Axis one = {.total = 1, .count = 1};
    grid_start(grid, key, caption, &one);
    for (size_t r = 0; r < rows->count; r++)
        grid_add(grid, rows->label[r], &one, values + rows->index[r], form, REST_EMPTY);
}

static void add_grid(Grid *sum, const Grid *term)
{
    for (size_t r = 0; r < sum->rows; r++)
        for (size_t c = 0; c < sum->columns; c++)
            sum->value[r][c] += term->value[r][c];
}

/* Each observation's column times row, and the sum so far. */
static void write_outer_products(Document *document, ExplanationView *view, const LayerView *look)
{
    static const char *const operators[] = {"", "\\cdot", "="};
    const SpiralExplainLayer *layer = look->layer;
    size_t rows = view->explanation->rows;
    char key[KEY_SIZE], name[NAME_SIZE], x[LABEL_SIZE], dz[LABEL_SIZE];
    plain_name(look->dW, name);
    Grid *sum = &view->grids[3];
    for (size_t i = 0; i < rows; i++) {
        size_t number = view_row(view, i);
        input_row(view, look, i, x);
        indexed_by(look->dZ, number, dz);
        snprintf(key, sizeof key, "%.8s/x/%zu", name, number);
        start_column(&view->grids[0], key, label_maths("%s^\\T\\;(%zu \\times 1)", x, look->inputs->total),
                     look->inputs, layer->A + i * layer->inputs, look->X_form);
        snprintf(key, sizeof key, "%.8s/dF/%zu", name, number);
        grid_start(&view->grids[1], key, label_maths("%s\\;(1 \\times %zu)", dz, look->outputs->total), look->outputs);
        grid_add(&view->grids[1], label_words(" "), look->outputs, layer->dZ + i * layer->outputs, look->dZ_form,
                 REST_SUM);
        snprintf(key, sizeof key, "%.8s/outer/%zu", name, number);
        grid_start(&view->grids[2], key,
                   label_maths("%s^\\T %s\\;(%zu \\times %zu)", x, dz, look->inputs->total, look->outputs->total),
                   look->outputs);
        grid_add_matrix(&view->grids[2], look->inputs, look->outputs, layer->outer + i * layer->inputs * layer->outputs,
                        look->dW_form, REST_SUM);
        document_product(document, 3, view->grids, operators);
        if (i == 0) {
            *sum = view->grids[2];
            continue;
        }
        add_grid(sum, &view->grids[2]);
        snprintf(sum->key, sizeof sum->key, "%.8s/sum/%zu", name, number);
        sum->caption = i + 1 == rows ? label_maths("\\text{the whole sum, }%s", look->dW)
                                     : label_maths("\\text{the sum of the first %zu}", i + 1);
        document_product(document, 1, sum, operators);
    }
}

/* X^T dF = dW, side by side. */
void write_matrix_product(Document *document, ExplanationView *view, const LayerView *look)
{
    static const char *const operators[] = {"", "\\cdot", "="};
    const SpiralExplainLayer *layer = look->layer;
    size_t rows = view->explanation->rows;
    char key[KEY_SIZE], name[NAME_SIZE];
    plain_name(look->X, name);
    snprintf(key, sizeof key, "%.8s^T", name);
    grid_transposed(&view->grids[0], key, label_maths("%s^\\T\\;(%zu \\times %zu)", look->X, look->inputs->total, rows),
                    view, look->inputs, layer->A, look->X_form);
    plain_name(look->dZ, name);
    grid_start(&view->grids[1], name, label_maths("%s\\;(%zu \\times %zu)", look->dZ, rows, look->outputs->total),
               look->outputs);
    grid_add_observations(&view->grids[1], view, look->dZ, look->outputs, layer->dZ, look->dZ_form, REST_SUM);
    plain_name(look->dW, name);
    grid_start(&view->grids[2], name,
               label_maths("%s\\;(%zu \\times %zu)", look->dW, look->inputs->total, look->outputs->total),
               look->outputs);
    grid_add_matrix(&view->grids[2], look->inputs, look->outputs, layer->dW_blas, look->dW_form, REST_SUM);
    document_product(document, 3, view->grids, operators);
}

/* 1^T dF = db. */
void write_bias_sum(Document *document, ExplanationView *view, const LayerView *look)
{
    static const char *const operators[] = {"", "\\cdot", "="};
    const double one = 1.0;
    const SpiralExplainLayer *layer = look->layer;
    size_t rows = view->explanation->rows;
    const Axis single = {.total = 1, .count = 1};
    char name[NAME_SIZE];
    grid_start(&view->grids[0], "1^T", label_maths("\\mathbf{1}^\\T\\;(1 \\times %zu)", rows), &single);
    grid_add(&view->grids[0], label_words(" "), &single, &one, (NumberForm){0}, REST_EMPTY);
    view->grids[0].columns = rows;
    for (size_t i = 0; i < rows; i++)
        view->grids[0].value[0][i] = 1.0;
    plain_name(look->dZ, name);
    grid_start(&view->grids[1], name, label_maths("%s\\;(%zu \\times %zu)", look->dZ, rows, look->outputs->total),
               look->outputs);
    grid_add_observations(&view->grids[1], view, look->dZ, look->outputs, layer->dZ, look->dZ_form, REST_SUM);
    plain_name(look->db, name);
    grid_start(&view->grids[2], name, label_maths("%s\\;(1 \\times %zu)", look->db, look->outputs->total),
               look->outputs);
    grid_add(&view->grids[2], label_words(" "), look->outputs, layer->db_sum, look->db_form, REST_SUM);
    document_product(document, 3, view->grids, operators);
}

/* One entry, as row d times column k. */
void write_one_entry(Document *document, const ExplanationView *view, const LayerView *look)
{
    const SpiralExplainLayer *layer = look->layer;
    size_t d = 0, k = 0;
    view_weight(look, &d, &k);
    char index[LABEL_SIZE], name[LABEL_SIZE], number[NUMBER_SIZE];
    snprintf(index, sizeof index, "%zu,%zu", d, k);
    Calculation digits = {0};
    calculate_products(&digits, view->explanation->rows, layer->A + d, layer->inputs, look->X_form, layer->dZ + k,
                       layer->outputs, look->dZ_form);
    document_calculation(document, "%s = %s = %s", indexed(look->dW, index, name), digits.text,
                         number_print(layer->dW_sum[d * layer->outputs + k], look->dW_form, number));
}

void explanation_write_sum(Document *document, ExplanationView *view)
{
    LayerView last = view_layer(view, view->network->layers - 1);
    size_t D = last.inputs->total, K = last.outputs->total, N = view->explanation->rows;
    char X[LABEL_SIZE], W[LABEL_SIZE], T[LABEL_SIZE], product[LABEL_SIZE], whole[LABEL_SIZE], row[LABEL_SIZE];
    const char *x = last.number == 0 ? "x_i" : indexed(last.X, "i", row);
    document_heading(document, "4. The sum over the observations: a matrix product");
    document_paragraph(document,
                       "All entries of (%d) at once, for every <d> and <j>, are a table: the column <%s^\\T> times the "
                       "row <dF_i>. This is what one "
                       "observation adds to <%s>. The loss is the sum <L = \\sum_i L_i>, and the derivative of a sum "
                       "is the sum of the "
                       "derivatives. That is the whole reason for the sum over the observations:",
                       view->weight_gradient, x, last.dW);
    document_formula(document,
                     "%s = \\sum_i %s^\\T \\; dF_i, \\qquad (%zu \\times 1) (1 \\times %zu) = (%zu \\times %zu)",
                     last.dW, x, D, K, D, K);
    write_outer_products(document, view, &last);
    document_paragraph(document,
                       "Now one entry of that sum. In <%s> the first index is the observation, in <%s^\\T> the second:",
                       indexed(last.X, "id", X), last.X);
    snprintf(T, sizeof T, "%s^\\T", last.X);
    snprintf(product, sizeof product, "%s^\\T dF", last.X);
    snprintf(whole, sizeof whole, "(%.60s)_{dk}", product);
    document_formula(document, "%s = \\sum_i %s \\; dF_{ik} = \\sum_i (%s)_{di} \\; dF_{ik} = %s",
                     indexed(last.dW, "dk", W), X, T, whole);
    document_paragraph(document,
                       "A matrix product sums over the inner index: the last of the first factor and the first of the "
                       "second. The sum has to run "
                       "over the observations, and they are the rows of <%s>. Transposed, they are its columns, and "
                       "stand inside. That is why "
                       "<%s> is transposed. All together:",
                       last.X, last.X);
    document_formula(document, "%s = %s^\\T dF", last.dW, last.X);
    write_matrix_product(document, view, &last);
    document_paragraph(document,
                       "There are two ways to read this product. Row <d> of <%s^\\T> times column <k> of <dF> is the "
                       "entry <%s>, all observations at "
                       "once:",
                       last.X, W);
    write_one_entry(document, view, &last);
    document_paragraph(
        document,
        "Or columns times rows, added up: column <i> of <%s^\\T> times row <i> of <dF> is the table of observation "
        "<i>, as above. "
        "Column by column, <%s> is a stack of what the classes get, each of them a sum over the observations:",
        last.X, last.dW);
    document_formula(document,
                     "%s = \\left[ \\frac{\\partial L}{\\partial w_{0}} \\ldots \\frac{\\partial L}{\\partial w_{%zu}} "
                     "\\right], \\qquad "
                     "\\frac{\\partial L}{\\partial w_k} = \\sum_i %s^\\T \\; dF_{ik}",
                     last.dW, K - 1, x);
    document_paragraph(
        document,
        "The shapes agree: <%s> must have the shape of <%s>, <%zu \\times %zu>, and <(%zu \\times %zu) (%zu \\times "
        "%zu)> has it. That is a "
        "check, and helps to remember the formula. It is no proof: twice the product has the same shape.",
        last.dW, last.W_name, D, K, D, N, N, K);
    document_paragraph(
        document,
        "The biases are the same with a feature that is always 1. So <%s> adds up the rows of <dF>. It is a "
        "row, like <%s>, and its entry <k> is <\\sum_i dF_{ik}>, the sum of column <k>. (Not <\\sum_i "
        "dF_{ki}>, as one can read, too: the observation is the first index.) With a column "
        "<\\mathbf{1}> of <N> ones:",
        last.db, last.b_name);
    document_formula(document, "%s = \\sum_i dF_i = \\mathbf{1}^\\T dF", last.db);
    write_bias_sum(document, view, &last);
    document_play(document);
}

/* ---- 5. the mean and regularisation ------------------------------------------------------------------------------ */

/* The number as it was given, without an exponent that is no mathematics. */
static const char *print_setting(double value, char text[NUMBER_SIZE])
{
    return number_print(value, number_form(1, &value, 6, false), text);
}

/* One entry of the gradient in digits. */
static void write_objective_entry(Document *document, const ExplanationView *view, const LayerView *look)
{
    const SpiralExplainLayer *layer = look->layer;
    const SpiralObjective *objective = &view->explanation->objective;
    size_t d = 0, k = 0;
    view_weight(look, &d, &k);
    size_t j = d * layer->outputs + k;
    char index[LABEL_SIZE], name[LABEL_SIZE], number[NUMBER_SIZE];
    NumberForm result = number_form(1, &layer->dW[j], view->decimals, view->exactly);
    Calculation digits = {0};
    calculate_number(&digits, layer->dW_sum[j], look->dW_form);
    if (objective->reduction == SPIRAL_REDUCTION_MEAN)
        calculate(&digits, " / %zu", view->explanation->rows);
    if (objective->reg > 0.0) {
        calculate(&digits, " + %s \\cdot ", print_setting(objective->reg, number));
        calculate_number(&digits, look->W[j], look->W_form);
    }
    if (objective->l1 > 0.0)
        calculate(&digits, " + %s \\cdot (%d)", print_setting(objective->l1, number),
                  (look->W[j] > 0.0) - (look->W[j] < 0.0));
    snprintf(index, sizeof index, "%zu,%zu", d, k);
    document_calculation(document, "%s = %s = %s", indexed(look->dW, index, name), digits.text,
                         number_print(layer->dW[j], result, number));
}

/* dW and db as training uses them. */
void write_trained_gradient(Document *document, ExplanationView *view, const LayerView *look)
{
    const SpiralExplainLayer *layer = look->layer;
    NumberForm form = view_form(view, layer->inputs * layer->outputs, layer->dW_trained);
    char key[KEY_SIZE], name[NAME_SIZE];
    plain_name(look->dW, name);
    snprintf(key, sizeof key, "train/%.12s", name);
    grid_start(&view->grids[0], key, label_maths("%s\\text{ as train computes it}", look->dW), look->outputs);
    grid_add_matrix(&view->grids[0], look->inputs, look->outputs, layer->dW_trained, form, REST_SUM);
    NumberForm db_form = view_form(view, layer->outputs, layer->db_trained);
    if (!form.scientific && form.decimals > 0 && (db_form.scientific || db_form.decimals < form.decimals))
        db_form = form;
    grid_add(&view->grids[0], label_maths("%s", look->db), look->outputs, layer->db_trained, db_form, REST_SUM);
    document_grids(document, 1, view->grids);
}

void explanation_write_objective(Document *document, ExplanationView *view)
{
    LayerView last = view_layer(view, view->network->layers - 1);
    const SpiralObjective *objective = &view->explanation->objective;
    bool mean = objective->reduction == SPIRAL_REDUCTION_MEAN;
    char reg[NUMBER_SIZE], l1[NUMBER_SIZE];
    document_heading(document, "5. The mean, and regularisation");
    if (mean)
        document_paragraph(document, "So far the loss was the sum of the <L_i>. The notes take the mean, <L = "
                                     "\\frac{1}{N} \\sum_i L_i>. That divides the loss by "
                                     "<N>, so it divides every derivative by <N>, and nothing else changes. The notes "
                                     "divide <dF> once, `dscores /= "
                                     "num_examples`; all that is computed from it is then divided, too.");
    else
        document_paragraph(document, "The loss is the sum of the <L_i>, as --reduction sum asks for. With the mean of "
                                     "the notes, every derivative of the data "
                                     "loss would be divided by <N>, and nothing else would change.");
    if (objective->reg > 0.0)
        document_paragraph(document,
                           "Regularisation adds <\\frac{1}{2} \\mathrm{reg} \\sum W^2> to the loss, with "
                           "<\\mathrm{reg} = %s>. The derivative of "
                           "<\\frac{1}{2} \\mathrm{reg} \\; w^2> is <\\mathrm{reg} \\; w>: `dW += reg*W`. The biases "
                           "are not regularised.",
                           print_setting(objective->reg, reg));
    if (objective->l1 > 0.0)
        document_paragraph(document,
                           "L1 adds <l \\sum |W|> to the loss, with <l = %s>. The derivative of <l |w|> is <l> where "
                           "<w> is positive, <-l> where it is "
                           "negative; at 0 it is set to 0: <l \\; \\mathrm{sign}(w)>.",
                           print_setting(objective->l1, l1));
    if (objective->reg == 0.0 && objective->l1 == 0.0)
        document_paragraph(
            document,
            "There is no regularisation here. With it, <\\mathrm{reg} \\; W> is added to <%s>, and nothing to <%s>.",
            last.dW, last.db);
    char penalty[2 * LABEL_SIZE] = "";
    size_t used = 0;
    if (objective->reg > 0.0)
        used += (size_t)snprintf(penalty, sizeof penalty, " + \\mathrm{reg} \\; %s", last.W_name);
    if (objective->l1 > 0.0)
        snprintf(penalty + used, sizeof penalty - used, " + l \\; \\mathrm{sign}(%s)", last.W_name);
    const char *factor = mean ? "\\frac{1}{N} \\; " : "";
    document_formula(document, "%s = %s%s^\\T dF%s, \\qquad %s = %s\\mathbf{1}^\\T dF", last.dW, factor, last.X,
                     penalty, last.db, factor);
    write_objective_entry(document, view, &last);
    document_paragraph(
        document,
        "The whole gradient for these observations, from the function that `spiral train` calls for each update:");
    write_trained_gradient(document, view, &last);
}
