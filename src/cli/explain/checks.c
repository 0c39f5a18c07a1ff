/* checks.c: the section that compares the gradient with differences of the loss. */
#include <math.h>
#include <stdio.h>

#include "cli/explain/explanation.h"

/* How far the ways of computing the gradient are apart, and how many numbers were compared. */
typedef struct Comparison {
    size_t numbers, one_sided, none;
    size_t shown; /* one-sided differences in the tables */
    double product, difference, trained;
} Comparison;

static void widen(double *largest, double a, double b)
{
    if (!isnan(a) && !isnan(b))
        *largest = fmax(*largest, fabs(a - b));
}

static void compare_differences(Comparison *comparison, size_t count, const double *sums,
                                const SpiralExplainDifference *found)
{
    for (size_t i = 0; i < count; i++) {
        comparison->one_sided += found[i].one_sided && !isnan(found[i].value);
        comparison->none += isnan(found[i].value) ? 1 : 0;
        widen(&comparison->difference, sums[i], found[i].value);
    }
}

static Comparison compare(const SpiralExplanation *explanation)
{
    Comparison comparison = {0};
    for (size_t l = 0; l < explanation->layers; l++) {
        const SpiralExplainLayer *layer = &explanation->layer[l];
        size_t weights = layer->inputs * layer->outputs;
        comparison.numbers += weights + layer->outputs;
        compare_differences(&comparison, weights, layer->dW_sum, layer->dW_numeric);
        compare_differences(&comparison, layer->outputs, layer->db_sum, layer->db_numeric);
        for (size_t i = 0; i < weights; i++) {
            widen(&comparison.product, layer->dW_sum[i], layer->dW_blas[i]);
            widen(&comparison.trained, layer->dW[i], layer->dW_trained[i]);
        }
        for (size_t i = 0; i < layer->outputs; i++)
            widen(&comparison.trained, layer->db[i], layer->db_trained[i]);
    }
    return comparison;
}

/* The differences of a layer's weights and biases, the one-sided ones marked. */
static void write_differences(Document *document, ExplanationView *view, const LayerView *look, size_t *shown)
{
    const SpiralExplainLayer *layer = look->layer;
    char key[KEY_SIZE], name[NAME_SIZE];
    plain_name(look->dW, name);
    snprintf(key, sizeof key, "sums/%.12s", name);
    Grid *sums = grid_start(&view->grids[0], key, label_maths("%s\\text{ by the formulas}", look->dW), look->outputs);
    grid_add_matrix(sums, look->inputs, look->outputs, layer->dW_sum, look->dW_form, REST_SUM);
    grid_add(sums, label_maths("%s", look->db), look->outputs, layer->db_sum, look->db_form, REST_SUM);
    Grid *grid = &view->grids[1];
    *grid = *sums;
    grid->caption = label_maths("%s\\text{ from differences}", look->dW);
    snprintf(grid->key, sizeof grid->key, "differences/%.12s", name);
    for (size_t r = 0; r < grid->rows; r++)
        for (size_t c = 0; c < look->outputs->count; c++) {
            size_t column = look->outputs->index[c];
            const SpiralExplainDifference *found =
                r < look->inputs->count ? &layer->dW_numeric[look->inputs->index[r] * layer->outputs + column]
                                        : &layer->db_numeric[column];
            grid->value[r][c] = found->value;
            grid->marked[r][c] = found->one_sided && !isnan(found->value);
            *shown += grid->marked[r][c];
        }
    if (look->outputs->rest)
        for (size_t r = 0; r < grid->rows; r++)
            grid->value[r][look->outputs->count] = NAN;
    document_grids(document, 2, view->grids);
}

static const char *print_small(double value, char text[NUMBER_SIZE])
{
    return number_print(value, (NumberForm){.decimals = 0, .scientific = true}, text);
}

static void write_kinks(Document *document, const ExplanationView *view, const Comparison *comparison)
{
    const char *title = spiral_activation_title(view->network->activation);
    if (comparison->one_sided > 0) {
        document_paragraph(
            document,
            "Of all %zu differences %zu %s not centred: those are marked with an asterisk, and %zu of them "
            "%s shown. There a hidden unit is so near <z = 0> for some observation that the step would "
            "cross the kink of the %s, where the loss has no derivative. The loss of that observation is "
            "differenced on the side without the kink, with <Q(h) = (L(w + h) - L(w))/h>:",
            comparison->numbers, comparison->one_sided, comparison->one_sided == 1 ? "is" : "are", comparison->shown,
            comparison->shown == 1 ? "is" : "are", title);
        document_formula(document, "4 Q(h) - 6 Q(2h) + 4 Q(3h) - Q(4h)");
        document_paragraph(document, "Where the kinks are is known from the forward pass. So such a difference is not "
                                     "ignorant of the activation, but it uses "
                                     "nothing of the backward pass.");
    }
    if (comparison->none > 0)
        document_paragraph(
            document,
            "%zu number%s no difference, because kinks of the %s are too near on both sides. Their cells are empty.",
            comparison->none, comparison->none == 1 ? " has" : "s have", title);
}

void explanation_write_checks(Document *document, ExplanationView *view)
{
    LayerView last = view_layer(view, view->network->layers - 1);
    size_t d = 0, k = 0;
    view_weight(&last, &d, &k);
    char index[LABEL_SIZE], weight[LABEL_SIZE], h[NUMBER_SIZE], a[NUMBER_SIZE], b[NUMBER_SIZE], c[NUMBER_SIZE];
    double step = last.layer->dW_numeric[d * last.layer->outputs + k].step;
    Comparison comparison = compare(view->explanation);
    document_heading(document, "%d. Checked", view->checks);
    document_paragraph(document, "A derivative is the limit of a difference. So every entry can be found without the "
                                 "formulas above, from the loss alone: move one "
                                 "weight up and down by <h>, compute the loss anew, and divide.");
    document_formula(document, "D(h) = \\frac{L(w + h) - L(w - h)}{2h}, \\qquad \\frac{4 D(h) - D(2h)}{3}");
    snprintf(index, sizeof index, "%zu,%zu", d, k);
    document_paragraph(document,
                       "The first is the centred difference, wrong by a multiple of <h^2>. In the second that error "
                       "cancels; it is the one in the "
                       "tables. <h> is chosen for each weight so that no score and no pre-activation moves by more "
                       "than 0.001. For <%s> it is "
                       "<h = %s>.",
                       indexed(last.W_name, index, weight), number_print(step, number_form(1, &step, 6, false), h));
    for (size_t l = view->network->layers; l-- > 0;) {
        LayerView look = view_layer(view, l);
        write_differences(document, view, &look, &comparison.shown);
    }
    write_kinks(document, view, &comparison);
    document_paragraph(
        document,
        "In all, %zu numbers were computed in two ways and more. The sums of tables and the matrix products differ by "
        "<%s> at most, the sums and "
        "the differences of the loss by <%s>, and the gradient of section 5 and that of `spiral train` by <%s>.",
        comparison.numbers, print_small(comparison.product, a), print_small(comparison.difference, b),
        print_small(comparison.trained, c));
}
