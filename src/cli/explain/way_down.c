/* way_down.c: section 6, back through the hidden layers. */
#include <stdio.h>

#include "cli/explain/activation.h"
#include "cli/explain/explanation.h"

/* dA = dZ(next) W(next)^T, derived once and then in digits for one unit. */
static void write_activations_gradient(Document *document, const ExplanationView *view, const LayerView *look,
                                       const LayerView *next, bool first)
{
    char a[LABEL_SIZE], w[LABEL_SIZE], dz[LABEL_SIZE], da[LABEL_SIZE], number[NUMBER_SIZE], index[LABEL_SIZE];
    indexed(next->X, "ij", a);
    indexed(next->W_name, "jk", w);
    indexed(next->dZ, "ik", dz);
    indexed(next->dX, "ij", da);
    if (first)
        document_paragraph(
            document,
            "The activation <%s> of unit <j> is used in every score of observation <i>: in score <k> it is multiplied "
            "by the weight <%s>. "
            "So there are paths through all the scores, and this time all of them count. What arrives on them is added "
            "up, and "
            "that sum over <k> is a matrix product with <%s> transposed, because there <k> is the second index:",
            a, w, next->W_name);
    else
        document_paragraph(document,
                           "One layer further down it is the same, with <%s> in the place of <dF>:", next->dZ);
    document_formula(document, "%s = \\sum_k %s \\; %s, \\qquad %s = %s \\; %s^\\T", da, dz, w, next->dX, next->dZ,
                     next->W_name);
    size_t j = look->outputs->index[0], K = next->outputs->total;
    Calculation digits = {0};
    calculate_products(&digits, K, next->layer->dZ, 1, next->dZ_form, next->W + j * K, 1, next->W_form);
    NumberForm form = view_form(view, view->explanation->rows * look->outputs->total, look->layer->dA);
    snprintf(index, sizeof index, "%zu,%zu", view_row(view, 0), j);
    document_calculation(document, "%s = %s = %s", indexed(next->dX, index, da), digits.text,
                         number_print(look->layer->dA[j], form, number));
}

/* Z, the mask or slope, dA and dZ of every observation. */
static void write_activation_in_numbers(Document *document, ExplanationView *view, const LayerView *look,
                                        const LayerView *next)
{
    const SpiralExplanation *explanation = view->explanation;
    const SpiralExplainLayer *layer = look->layer;
    size_t units = layer->outputs, rows = explanation->rows;
    bool mask = activation_is_mask(view->network->activation);
    NumberForm dA_form = view_form(view, rows * units, layer->dA);
    NumberForm slope_form = mask ? (NumberForm){0} : view_form(view, rows * units, layer->mask);
    for (size_t i = 0; i < rows; i++) {
        char key[KEY_SIZE], name[LABEL_SIZE], plain[NAME_SIZE];
        size_t number = view_row(view, i);
        plain_name(look->dZ, plain);
        snprintf(key, sizeof key, "%.8s/%zu", plain, number);
        Grid *grid = grid_start(&view->grids[i % 2], key, label_maths("i = %zu", number), look->outputs);
        grid_add(grid, label_maths("%s", indexed_by(look->Z, number, name)), look->outputs, layer->Z + i * units,
                 look->Z_form, REST_EMPTY);
        grid_add(grid, label_maths("%s", indexed_by(next->X, number, name)), look->outputs, next->layer->A + i * units,
                 next->X_form, REST_EMPTY);
        grid_add(grid, label_words(mask ? "mask" : "slope"), look->outputs, layer->mask + i * units, slope_form,
                 REST_EMPTY);
        grid_add(grid, label_maths("%s", indexed_by(next->dX, number, name)), look->outputs, layer->dA + i * units,
                 dA_form, REST_EMPTY);
        grid_add(grid, label_maths("%s", indexed_by(look->dZ, number, name)), look->outputs, layer->dZ + i * units,
                 look->dZ_form, REST_EMPTY);
        if (i % 2 == 1 || i + 1 == rows)
            document_grids(document, i % 2 + 1, view->grids);
    }
}

static void write_layer(Document *document, ExplanationView *view, size_t l, bool first)
{
    LayerView look = view_layer(view, l), next = view_layer(view, l + 1);
    SpiralActivation activation = view->network->activation;
    char z[LABEL_SIZE], a[LABEL_SIZE], dz[LABEL_SIZE], da[LABEL_SIZE], slope[LABEL_SIZE];
    write_activations_gradient(document, view, &look, &next, first);
    indexed(look.Z, "ij", z);
    indexed(next.X, "ij", a);
    indexed(look.dZ, "ij", dz);
    indexed(next.dX, "ij", da);
    if (first) {
        document_paragraph(document,
                           "Each activation is made of one number, <%s>, by the %s. So the chain rule has a single "
                           "path here, and the gradient is "
                           "multiplied by the slope of the activation.",
                           z, spiral_activation_title(activation));
        activation_write_slope(document, activation);
    }
    document_formula(document, "%s = %s \\; %s", dz, da, activation_slope(activation, z, a, slope));
    write_activation_in_numbers(document, view, &look, &next);
    document_paragraph(document,
                       "<%s = %s %s + %s> is an affine layer as the last one is. Sections 3 and 4 hold for it as they "
                       "stand, with <%s> in the place of "
                       "<dF>: again a sum over the observations of columns times rows.",
                       look.Z, look.X, look.W_name, look.b_name, look.dZ);
    char row[LABEL_SIZE];
    const char *x = l == 0 ? "x_i" : indexed(look.X, "i", row);
    document_formula(document, "%s = \\sum_i %s^\\T \\; %s = %s^\\T %s, \\qquad %s = \\mathbf{1}^\\T %s", look.dW, x,
                     indexed(look.dZ, "i", dz), look.X, look.dZ, look.db, look.dZ);
    write_matrix_product(document, view, &look);
    write_one_entry(document, view, &look);
    write_bias_sum(document, view, &look);
    write_trained_gradient(document, view, &look);
}

void explanation_write_way_down(Document *document, ExplanationView *view)
{
    size_t layers = view->network->layers;
    document_heading(document, "6. The way down: the hidden layer%s", layers == 2 ? "" : "s");
    for (size_t l = layers - 1; l-- > 0;)
        write_layer(document, view, l, l + 2 == layers);
}
