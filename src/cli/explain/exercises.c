/* exercises.c: the last section, exercises on the reader's own numbers. The answers are folded where the format can do
 * that, and stand at the end where it can't. */
#include <stdio.h>

#include "cli/explain/activation.h"
#include "cli/explain/explanation.h"

typedef void WriteQuestion(Document *document, ExplanationView *view, const LayerView *last, int number);

/* An entry other than the one that section 4 has written out. */
static void other_entry(const LayerView *last, size_t *d, size_t *k)
{
    view_weight(last, d, k);
    size_t column = last->outputs->index[0] == *k && last->outputs->count > 1 ? 1 : 0;
    *k = last->outputs->index[column];
    *d = last->inputs->index[last->inputs->count - 1];
}

/* The class next to that of the first observation. */
static size_t other_class(const ExplanationView *view)
{
    const SpiralExplanation *explanation = view->explanation;
    return explanation->y[0] + 1 < explanation->classes ? explanation->y[0] + 1 : 0;
}

static void ask_entry(Document *document, ExplanationView *view, const LayerView *last, int number)
{
    size_t d, k;
    char index[LABEL_SIZE], name[LABEL_SIZE];
    other_entry(last, &d, &k);
    (void)view;
    snprintf(index, sizeof index, "%zu,%zu", d, k);
    document_paragraph(document, "Exercise %d. Compute <%s> from the tables <%s> and <dF> by hand.", number,
                       indexed(last->dW, index, name), last->X);
}

static void answer_entry(Document *document, ExplanationView *view, const LayerView *last, int number)
{
    const SpiralExplainLayer *layer = last->layer;
    size_t d, k;
    char index[LABEL_SIZE], name[LABEL_SIZE], result[NUMBER_SIZE];
    Calculation digits = {0};
    other_entry(last, &d, &k);
    (void)number;
    snprintf(index, sizeof index, "%zu,%zu", d, k);
    document_paragraph(document, "It is row %zu of <%s^\\T> times column %zu of <dF>.", d, last->X, k);
    calculate_products(&digits, view->explanation->rows, layer->A + d, layer->inputs, last->X_form, layer->dZ + k,
                       layer->outputs, last->dZ_form);
    document_calculation(document, "%s = %s = %s", indexed(last->dW, index, name), digits.text,
                         number_print(layer->dW_sum[d * layer->outputs + k], last->dW_form, result));
}

static void ask_class(Document *document, ExplanationView *view, const LayerView *last, int number)
{
    (void)last;
    document_paragraph(
        document,
        "Exercise %d. Suppose observation %zu were of class number %zu, not %zu. What would its row of <dF> be?",
        number, view_row(view, 0), other_class(view), view->explanation->y[0]);
}

static void answer_class(Document *document, ExplanationView *view, const LayerView *last, int number)
{
    const SpiralExplanation *explanation = view->explanation;
    Grid *grid = grid_start(&view->grids[0], "exercise/class",
                            label_maths("dF_{%zu}\\text{ with the other class}", view_row(view, 0)), last->outputs);
    (void)number;
    document_paragraph(document,
                       "Its features are the same, so its probabilities are, too. Only the 1 is subtracted elsewhere: "
                       "<p_k - 1(k = %zu)>.",
                       other_class(view));
    grid_add(grid, label_maths("dF_{%zu}", view_row(view, 0)), last->outputs, explanation->probs,
             view_probability_form(view, last), REST_SUM);
    size_t column = 0; /* of the class, or the last: that of the rest */
    while (column < last->outputs->count && last->outputs->index[column] != other_class(view))
        column++;
    grid->value[0][column] -= 1.0;
    document_grids(document, 1, view->grids);
}

static void ask_twice(Document *document, ExplanationView *view, const LayerView *last, int number)
{
    (void)view;
    document_paragraph(document,
                       "Exercise %d. Every observation is given twice. What becomes of <%s> for the sum of the losses, "
                       "and for their mean?",
                       number, last->dW);
}

static void answer_twice(Document *document, ExplanationView *view, const LayerView *last, int number)
{
    const SpiralExplainLayer *layer = last->layer;
    size_t d = 0, k = 0;
    char index[LABEL_SIZE], name[LABEL_SIZE], once[NUMBER_SIZE], twice[NUMBER_SIZE];
    view_weight(last, &d, &k);
    (void)view;
    (void)number;
    double value = layer->dW_sum[d * layer->outputs + k];
    snprintf(index, sizeof index, "%zu,%zu", d, k);
    document_paragraph(document,
                       "The sum has every term twice, so it doubles: <%s> goes from <%s> to <%s>. The mean is divided "
                       "by twice as many, so it stays.",
                       indexed(last->dW, index, name), number_print(value, last->dW_form, once),
                       number_print(2.0 * value, last->dW_form, twice));
}

static void ask_rows(Document *document, ExplanationView *view, const LayerView *last, int number)
{
    (void)view;
    document_paragraph(document, "Exercise %d. What does each row of <%s> add up to, before regularisation, and why?",
                       number, last->dW);
}

static void answer_rows(Document *document, ExplanationView *view, const LayerView *last, int number)
{
    const Axis *classes = last->outputs;
    size_t d = last->inputs->index[0];
    double sum = 0.0;
    char index[LABEL_SIZE], name[LABEL_SIZE], result[NUMBER_SIZE];
    Calculation digits = {0};
    (void)number;
    document_paragraph(
        document, "To 0. Row <d> is the sum over <i> of a feature times the row <dF_i>, and each <dF_i> adds up to "
                  "0. So a step of gradient descent never changes the sum of a feature's weights, until "
                  "regularisation does. The first row:");
    Grid *grid = grid_start(&view->grids[0], "", label_words(" "), classes);
    grid_add(grid, label_words(" "), classes, last->layer->dW_sum + d * classes->total, last->dW_form, REST_SUM);
    for (size_t c = 0; c < grid->columns; c++) {
        calculate(&digits, "%s", c > 0 ? " + " : "");
        calculate_number(&digits, grid->value[0][c], last->dW_form);
        sum += grid->value[0][c];
    }
    snprintf(index, sizeof index, "%zu,k", d);
    NumberForm plain = {.decimals = last->dW_form.decimals};
    document_calculation(document, "\\sum_k %s = %s = %s", indexed(last->dW, index, name), digits.text,
                         number_print(last->dW_form.scientific ? 0.0 : sum, plain, result));
}

static void ask_unit(Document *document, ExplanationView *view, const LayerView *last, int number)
{
    LayerView hidden = view_layer(view, last->number - 1);
    document_paragraph(document, "Exercise %d. Which observations add something to the column of %s in <%s>?", number,
                       hidden.outputs->label[0].text, hidden.dW);
}

static void answer_unit(Document *document, ExplanationView *view, const LayerView *last, int number)
{
    LayerView hidden = view_layer(view, last->number - 1);
    size_t j = hidden.outputs->index[0], units = hidden.outputs->total, count = 0, used = 0;
    char list[256] = "none";
    (void)number;
    for (size_t i = 0; i < view->explanation->rows; i++)
        if (hidden.layer->dZ[i * units + j] != 0.0)
            used +=
                (size_t)snprintf(list + used, sizeof list - used, "%s%zu", count++ > 0 ? ", " : "", view_row(view, i));
    document_paragraph(document, "Those whose <%s> is not 0 there: %s.%s", hidden.dZ, list,
                       activation_is_mask(view->network->activation) ? " For the others the unit is off: its mask is 0."
                                                                     : "");
}

typedef struct Exercise {
    WriteQuestion *ask, *answer;
} Exercise;

/* The last is about a hidden layer. */
static const Exercise exercises[] = {
    {ask_entry, answer_entry}, {ask_class, answer_class}, {ask_twice, answer_twice},
    {ask_rows, answer_rows},   {ask_unit, answer_unit},
};

void explanation_write_exercises(Document *document, ExplanationView *view)
{
    LayerView last = view_layer(view, view->network->layers - 1);
    size_t count = sizeof exercises / sizeof exercises[0] - (last.number == 0 ? 1 : 0);
    bool folds = document_folds(document);
    document_heading(document, "%d. Your turn", view->checks + 1);
    for (size_t i = 0; i < count; i++) {
        exercises[i].ask(document, view, &last, (int)i + 1);
        if (!folds)
            continue;
        document->writer->fold(document, true);
        exercises[i].answer(document, view, &last, (int)i + 1);
        document->writer->fold(document, false);
    }
    document_paragraph(document, "And a program. It computes all of the above from the numbers of this page with the "
                                 "lines of the notes, and stops if a table is "
                                 "wrong. Save it as why.py, and run `python3 why.py`.");
    explanation_write_program(document, view);
    if (folds)
        return;
    document_heading(document, "Answers");
    for (size_t i = 0; i < count; i++) {
        document_paragraph(document, "Exercise %d.", (int)i + 1);
        exercises[i].answer(document, view, &last, (int)i + 1);
    }
}
