/* derivation.c: sections 2 and 3, from the loss to the scores and on to the weights of one layer. */
#include <math.h>
#include <stdio.h>

#include "cli/explain/explanation.h"

/* ---- 2. from the loss to the scores ------------------------------------------------------------------------------ */

/* p, 1(y = k) and dF of every observation, with the sums of their rows. */
static void write_scores_in_numbers(Document *document, ExplanationView *view, const LayerView *last)
{
    const SpiralExplanation *explanation = view->explanation;
    const Axis *classes = last->outputs;
    size_t K = explanation->classes;
    for (size_t i = 0; i < explanation->rows; i++) {
        char key[KEY_SIZE], name[LABEL_SIZE], number[NUMBER_SIZE];
        snprintf(key, sizeof key, "scores/%zu", view_row(view, i));
        number_print(explanation->losses[i], view_form(view, explanation->rows, explanation->losses), number);
        Grid *grid = &view->grids[i % 2];
        grid_start(grid, key, label_maths("i = %zu,\\;L_{%zu} = %s", view_row(view, i), view_row(view, i), number),
                   classes);
        grid_add(grid, label_maths("%s", indexed_by("p", view_row(view, i), name)), classes, explanation->probs + i * K,
                 view_probability_form(view, last), REST_SUM);
        grid_add(grid, label_maths("1(y = k)"), classes, explanation->onehot + i * K, (NumberForm){0}, REST_SUM);
        grid_add(grid, label_maths("%s", indexed_by("dF", view_row(view, i), name)), classes, last->layer->dZ + i * K,
                 last->dZ_form, REST_SUM);
        grid_add_sums(grid, "sum");
        if (i % 2 == 1 || i + 1 == explanation->rows)
            document_grids(document, i % 2 + 1, view->grids);
    }
}

void explanation_write_scores(Document *document, ExplanationView *view)
{
    LayerView last = view_layer(view, view->network->layers - 1);
    document_heading(document, "2. From the loss to the scores");
    document_paragraph(document,
                       "Take one observation <i>, and write <f_k> for its score <F_{ik}>. The logarithm of a fraction "
                       "is a difference, so the "
                       "loss of (%d) is",
                       view->loss);
    int loss = document_formula(document, "L_i = -f_{y_i} + \\log \\sum_j e^{f_j}");
    document_paragraph(document, "The first term has slope -1 in the score of the observation's own class, and 0 in "
                                 "the others. The second is the logarithm of a "
                                 "sum: its derivative is one over the sum, times the derivative of the sum. In the sum "
                                 "only the term <j = k> contains "
                                 "<f_k>, and <e^{f_k}> is its own derivative:");
    document_formula(
        document, "\\frac{\\partial}{\\partial f_k} \\log \\sum_j e^{f_j} = \\frac{e^{f_k}}{\\sum_j e^{f_j}} = p_{ik}");
    document_paragraph(document, "Both terms of (%d) together:", loss);
    view->scores_gradient =
        document_formula(document, "dF_{ik} = \\frac{\\partial L_i}{\\partial f_k} = p_{ik} - 1(y_i = k)");
    document_paragraph(document, "This makes sense. For the own class, <p - 1> is negative: raise that score, and the "
                                 "loss falls. For the other classes, <p> is "
                                 "positive: raise one of those, and the loss rises, the more the more probable the "
                                 "class is. And there is a check: the "
                                 "probabilities add up to 1, so each row of <dF> adds up to 0. Raise all scores by the "
                                 "same amount, and nothing changes.");
    write_scores_in_numbers(document, view, &last);
}

/* ---- 3. from the scores to the weights --------------------------------------------------------------------------- */

/* The chain rule over all paths, for column j of W. */
static void write_chain_rule(Document *document, ExplanationView *view, const LayerView *last)
{
    char X[LABEL_SIZE], W[LABEL_SIZE], row[LABEL_SIZE], bias[LABEL_SIZE];
    bool linear = last->number == 0;
    const char *x = linear ? "x_i" : indexed(last->X, "i", row);
    document_paragraph(document,
                       "Let <w_j> be column <j> of <%s>: the weights of class <j>. If they change, <L_i> can only "
                       "change through the scores of "
                       "the observation. There are <K> of these, so there are <K> paths from <w_j> to <L_i>. What "
                       "arrives on the paths is added "
                       "up. That is the chain rule for several variables:",
                       last->W_name);
    int paths = document_formula(document,
                                 "\\frac{\\partial L_i}{\\partial w_j} = \\sum_k \\frac{\\partial L_i}{\\partial f_k} "
                                 "\\frac{\\partial f_k}{\\partial w_j}");
    document_paragraph(document,
                       "The first factor is <dF_{ik}> of (%d). For the second, look at what a score is made of, (%d): "
                       "<f_k = %s w_k + b_k>. It "
                       "contains the weights of its own class <k>, and no others. So if <j> is another class than <k>, "
                       "nothing happens to "
                       "<f_k>; if it is the same, <f_k> is the sum of products <%s> times weight, and the derivative "
                       "is <%s>, written as the "
                       "column that <w_j> is:",
                       view->scores_gradient, view->score, x, indexed(last->X, "id", X), x);
    int only =
        document_formula(document, "\\frac{\\partial f_k}{\\partial w_j} = %s^\\T \\; 1(j = k)", linear ? "x_i" : x);
    document_paragraph(document, "Of the sum over <k>, only the term <k = j> is left. For the whole column, and for "
                                 "the one weight in row <d> of it:");
    indexed(last->W_name, "dj", W);
    view->weight_gradient = document_formula(
        document,
        "\\frac{\\partial L_i}{\\partial w_j} = %s^\\T \\; dF_{ij}, \\qquad \\frac{\\partial L_i}{\\partial %s} = "
        "%s \\; dF_{ij}",
        x, W, X);
    document_paragraph(document,
                       "For a bias, <\\partial f_k/\\partial %s = 1(j = k)>: it enters the score of its own class with "
                       "the factor 1. So "
                       "<\\partial L_i/\\partial %s = dF_{ij}>.",
                       indexed(last->b_name, "j", bias), bias);
    document_paragraph(
        document,
        "Two slips are often seen in answers to this question. In (%d) the factor is <%s>, %s of the "
        "observation, and not <x_j>: <j> is a class. And the sum in (%d) runs over <k>, the classes, for one "
        "observation. The sum over <i>, the observations, is another one, and comes next.",
        only, x, linear ? "the features" : "the activations", paths);
}

/* Adds a (N, K) matrix that is 0 but in column k, where it is values, a stride apart, or 1 if values is NULL. */
static void add_one_column(Grid *grid, const ExplanationView *view, const LayerView *last, size_t k,
                           const double *values, size_t stride, NumberForm form)
{
    const Axis *classes = last->outputs;
    for (size_t i = 0; i < view->explanation->rows; i++) {
        size_t r = grid->rows++;
        grid->row[r] = label_words("%zu", view_row(view, i));
        grid->form[r] = form;
        for (size_t c = 0; c < grid->columns; c++)
            grid->value[r][c] =
                c < classes->count && classes->index[c] == k ? (values != NULL ? values[i * stride] : 1.0) : 0.0;
    }
}

/* dF/dparameter (grid 0), dF (grid 1), and the products entry by entry (grid 2). */
static void write_entry_by_entry(Document *document, ExplanationView *view, const LayerView *last,
                                 const char *parameter, NumberForm form)
{
    Grid *slopes = &view->grids[0], *gradient = &view->grids[1], *products = &view->grids[2];
    grid_start(gradient, "dF", label_maths("dF"), last->outputs);
    grid_add_observations(gradient, view, "dF", last->outputs, last->layer->dZ, last->dZ_form, REST_SUM);
    *products = *gradient;
    products->caption = label_maths("\\partial F/\\partial %s \\odot dF\\text{, entry by entry}", parameter);
    snprintf(products->key, sizeof products->key, "%.20s/products", slopes->key);
    for (size_t r = 0; r < gradient->rows; r++) {
        gradient->row[r] = products->row[r] = slopes->row[r];
        products->form[r] = form;
        for (size_t c = 0; c < gradient->columns; c++)
            products->value[r][c] = slopes->value[r][c] * gradient->value[r][c];
    }
    document_grids(document, 3, view->grids);
}

/* The difference is centred: behind the last layer there is no kink. */
static void write_result(Document *document, const ExplanationView *view, const char *name, NumberForm form, double sum,
                         double difference)
{
    char number[NUMBER_SIZE], numeric[NUMBER_SIZE];
    document_paragraph(
        document,
        "All these entries added up are <%s = %s>. The difference of the loss by this parameter, without "
        "any of the formulas (section %d), is <%s>, centred.",
        name, number_print(sum, form, number), view->checks, number_print(difference, form, numeric));
}

static void write_weight_in_numbers(Document *document, ExplanationView *view, const LayerView *last)
{
    const SpiralExplainLayer *layer = last->layer;
    size_t d = 0, k = 0;
    view_weight(last, &d, &k);
    char index[LABEL_SIZE], parameter[LABEL_SIZE], gradient[LABEL_SIZE], number[NUMBER_SIZE], X[LABEL_SIZE],
        at[LABEL_SIZE];
    snprintf(index, sizeof index, "%zu,%zu", d, k);
    indexed(last->W_name, index, parameter);
    indexed(last->dW, index, gradient);
    snprintf(at, sizeof at, "i,%zu", d);
    document_paragraph(document,
                       "In numbers, for the weight <%s = %s>. The table on the left has the derivative of every score "
                       "by this weight. It "
                       "is 0 but for column %zu, where it is <%s>, because the other scores do not contain the weight. "
                       "Each entry times that of "
                       "<dF>:",
                       parameter, number_print(last->W[d * layer->outputs + k], last->W_form, number), k,
                       indexed(last->X, at, X));
    grid_start(&view->grids[0], "dF/dW", label_maths("\\partial F/\\partial %s", parameter), last->outputs);
    add_one_column(&view->grids[0], view, last, k, layer->A + d, layer->inputs, last->X_form);
    write_entry_by_entry(document, view, last, parameter, last->dW_form);
    write_result(document, view, gradient, last->dW_form, layer->dW_sum[d * layer->outputs + k],
                 layer->dW_numeric[d * layer->outputs + k].value);

    char column[24];
    snprintf(column, sizeof column, "%zu", k);
    indexed(last->b_name, column, parameter);
    indexed(last->db, column, gradient);
    document_paragraph(
        document,
        "The same for the bias <%s>. It is added to every row of the product, so it is used <N> times, once for each "
        "observation. Where a value is used several times, its gradients are added: that is why <%s> is a sum over the "
        "observations.",
        parameter, last->db);
    grid_start(&view->grids[0], "dF/db", label_maths("\\partial F/\\partial %s", parameter), last->outputs);
    add_one_column(&view->grids[0], view, last, k, NULL, 0, (NumberForm){0});
    write_entry_by_entry(document, view, last, parameter, last->db_form);
    write_result(document, view, gradient, last->db_form, layer->db_sum[k], layer->db_numeric[k].value);
}

void explanation_write_weights(Document *document, ExplanationView *view)
{
    LayerView last = view_layer(view, view->network->layers - 1);
    document_heading(document, "3. From the scores to the weights: the missing step");
    write_chain_rule(document, view, &last);
    write_weight_in_numbers(document, view, &last);
}
