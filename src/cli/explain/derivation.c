/* derivation.c: dW = X^T dF in words and formulas, and the names and formulas that the document uses. */
#include <stdio.h>

#include "cli/explain/explanation.h"

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* The letter with the layer's number, such as "dA1" and "dA_{1}". */
static Label numbered(const char *prefix, char letter, size_t number)
{
    char plain[LABEL_SIZE], latex[LABEL_SIZE];
    snprintf(plain, sizeof plain, "%s%c%zu", prefix, letter, number);
    snprintf(latex, sizeof latex, "%s%c_{%zu}", prefix, letter, number);
    return label_maths(plain, latex);
}

static Label lettered(const char *prefix, char letter)
{
    char text[LABEL_SIZE];
    snprintf(text, sizeof text, "%s%c", prefix, letter);
    return label_maths(text, text);
}

Label name_input(const char *prefix, size_t layer)
{
    return layer == 0 ? lettered(prefix, 'X') : numbered(prefix, 'A', layer);
}

Label name_output(const SpiralNetwork *network, const char *prefix, size_t layer)
{
    return layer + 1 == network->layers ? lettered(prefix, 'F') : numbered(prefix, 'Z', layer + 1);
}

Label name_parameter(const SpiralNetwork *network, const char *prefix, char kind, size_t layer)
{
    return network->layers == 1 ? lettered(prefix, kind) : numbered(prefix, kind, layer + 1);
}

/* ---- the activation: its formula and its slope ------------------------------------------------------------------- */

bool activation_is_mask(SpiralActivation activation)
{
    return activation == SPIRAL_ACTIVATION_RELU;
}

Label activation_of(SpiralActivation activation, Label z)
{
    char plain[LABEL_SIZE], latex[2 * LABEL_SIZE];
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        snprintf(plain, sizeof plain, "max(0, %.16s)", z.plain);
        snprintf(latex, sizeof latex, "\\max(0, %.32s)", z.latex);
        break;
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        snprintf(plain, sizeof plain, "max(%g %.16s, %.16s)", SPIRAL_LEAKY_SLOPE, z.plain, z.plain);
        snprintf(latex, sizeof latex, "\\max(%g\\, %.32s, %.32s)", SPIRAL_LEAKY_SLOPE, z.latex, z.latex);
        break;
    case SPIRAL_ACTIVATION_TANH:
        snprintf(plain, sizeof plain, "tanh(%.16s)", z.plain);
        snprintf(latex, sizeof latex, "\\tanh(%.32s)", z.latex);
        break;
    case SPIRAL_ACTIVATION_SIGMOID:
        snprintf(plain, sizeof plain, "1 / (1 + exp(-%.16s))", z.plain);
        snprintf(latex, sizeof latex, "1 / (1 + e^{-%.32s})", z.latex);
        break;
    }
    return label_maths(plain, latex);
}

Label activation_slope_of(SpiralActivation activation, Label z, Label a)
{
    char plain[LABEL_SIZE], latex[2 * LABEL_SIZE];
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        snprintf(plain, sizeof plain, "1(%.16s_ij > 0)", z.plain);
        snprintf(latex, sizeof latex, "1\\bigl((%.32s)_{ij} > 0\\bigr)", z.latex);
        break;
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        snprintf(plain, sizeof plain, "(1 if %.16s_ij > 0, else %g)", z.plain, SPIRAL_LEAKY_SLOPE);
        snprintf(latex, sizeof latex, "(1 \\text{ if } (%.32s)_{ij} > 0, \\text{ else } %g)", z.latex,
                 SPIRAL_LEAKY_SLOPE);
        break;
    case SPIRAL_ACTIVATION_TANH:
        snprintf(plain, sizeof plain, "(1 - %.16s_ij^2)", a.plain);
        snprintf(latex, sizeof latex, "\\bigl(1 - (%.32s)_{ij}^2\\bigr)", a.latex);
        break;
    case SPIRAL_ACTIVATION_SIGMOID:
        snprintf(plain, sizeof plain, "%.16s_ij (1 - %.16s_ij)", a.plain, a.plain);
        snprintf(latex, sizeof latex, "(%.32s)_{ij} \\bigl(1 - (%.32s)_{ij}\\bigr)", a.latex, a.latex);
        break;
    }
    return label_maths(plain, latex);
}

const char *activation_slope_reason(SpiralActivation activation)
{
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        return "The ReLU <max(0, z)|\\max(0, z)> has slope 1 where <z> is positive and 0 elsewhere: it lets the "
               "gradient of an "
               "active unit through and stops all the others.";
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        return "The leaky ReLU has slope 1 where <z> is positive and 0.01 elsewhere: it lets the gradient of an active "
               "unit "
               "through, and of all the others a hundredth.";
    case SPIRAL_ACTIVATION_TANH:
        return "The slope of <a = tanh(z)|a = \\tanh(z)> is <1 - a^2>. So the gradient is multiplied by the "
               "activation's slope, "
               "which is 1 at <z = 0> and falls to 0 as the unit saturates on either side.";
    case SPIRAL_ACTIVATION_SIGMOID:
        break;
    }
    return "The slope of the sigmoid <a = 1 / (1 + exp(-z))|a = 1 / (1 + e^{-z})> is <a (1 - a)>. So the gradient is "
           "multiplied by the activation's slope, which is 1/4 at <z = 0> and falls to 0 as the unit saturates on "
           "either "
           "side.";
}

const char *activation_slope_effect(SpiralActivation activation)
{
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        return "the mask is then 1 and the gradient goes on, and otherwise it ends there";
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        return "the slope is then 1 and the gradient goes on whole, and otherwise a hundredth of it";
    case SPIRAL_ACTIVATION_TANH:
    case SPIRAL_ACTIVATION_SIGMOID:
        break;
    }
    return NULL;
}

/* ---- the derivation ---------------------------------------------------------------------------------------------- */

static void write_one_observation(Document *document, int *section)
{
    document_heading(document, "%d. One observation: from the loss to the scores", (*section)++);
    document_paragraph(document, "Row <i> of <X> is the observation <x_i>. Its score for class <k> is");
    document_formula(document, "f_ik = sum_d x_id W_dk + b_k", "f_{ik} = \\sum_d x_{id} W_{dk} + b_k");
    document_paragraph(document,
                       "Softmax turns the scores into probabilities, and the loss is minus the logarithm of the "
                       "probability of the observation's own class <y_i>:");
    document_formula(document, "p_ik = exp(f_ik) / sum_j exp(f_ij),   L_i = -log p_(i,y_i)",
                     "p_{ik} = \\frac{e^{f_{ik}}}{\\sum_j e^{f_{ij}}}, \\qquad L_i = -\\log p_{i,y_i}");
    document_paragraph(
        document, "Written out, <L_i = -f_(i,y_i) + log sum_j exp(f_ij)|L_i = -f_{i,y_i} + \\log \\sum_j e^{f_{ij}}>. "
                  "The first term has slope -1 in the score of the own class and 0 in the others. The second has slope "
                  "<exp(f_ik) / sum_j exp(f_ij)|e^{f_{ik}} / \\sum_j e^{f_{ij}}> in score <k>, and that is "
                  "<p_ik|p_{ik}>. Together they are the gradient of the loss by the scores, <dF>:");
    document_formula(document, "dF_ik = dL_i/df_ik = p_ik - 1(y_i = k)",
                     "dF_{ik} = \\frac{\\partial L_i}{\\partial f_{ik}} = p_{ik} - 1(y_i = k)");
}

static void write_outer_product(Document *document, int *section)
{
    document_heading(document, "%d. From the scores to the weights: an outer product", (*section)++);
    document_paragraph(document,
                       "The weight <W_dk|W_{dk}> occurs in one score of the observation alone: in <f_ik|f_{ik}> of "
                       "(1), where it is multiplied by <x_id|x_{id}>. The bias <b_k> occurs there too, multiplied "
                       "by one. So");
    document_formula(document, "df_ik/dW_dk = x_id,   df_ik/db_k = 1",
                     "\\frac{\\partial f_{ik}}{\\partial W_{dk}} = x_{id}, \\qquad "
                     "\\frac{\\partial f_{ik}}{\\partial b_k} = 1");
    document_paragraph(document, "and by the chain rule the slopes (3) and (4) multiply:");
    document_formula(document, "dL_i/dW_dk = x_id dF_ik,   dL_i/db_k = dF_ik",
                     "\\frac{\\partial L_i}{\\partial W_{dk}} = x_{id}\\, dF_{ik}, \\qquad "
                     "\\frac{\\partial L_i}{\\partial b_k} = dF_{ik}");
    document_paragraph(document,
                       "All <d> and <k> at once make a table of every feature times every class's <dF>: the column "
                       "<x_i> times the row <dF_i^T|dF_i^\\mathsf{T}>, the outer product "
                       "<x_i dF_i^T|x_i\\,dF_i^\\mathsf{T}>. This is what one observation adds to <dW>; to <db> it "
                       "adds <dF_i>.");
}

static void write_sum(Document *document, int *section)
{
    document_heading(document, "%d. From one observation to all: a matrix product", (*section)++);
    document_paragraph(document, "The loss is the sum of the <L_i>, and the derivative of a sum is the sum of the "
                                 "derivatives. For one weight, with (5):");
    document_formula(document, "dW_dk = sum_i x_id dF_ik = sum_i (X^T)_di dF_ik = (X^T dF)_dk",
                     "dW_{dk} = \\sum_i x_{id}\\, dF_{ik} = \\sum_i (X^\\mathsf{T})_{di}\\, dF_{ik} = "
                     "(X^\\mathsf{T} dF)_{dk}");
    document_paragraph(document,
                       "Row <d> of <X^T|X^\\mathsf{T}> times column <k> of <dF>: that is how a matrix product is "
                       "defined. <X> is transposed because the product has to run over what the two have in "
                       "common, the observations. For the whole matrices:");
    document_formula(document, "dW = sum_i x_i dF_i^T = X^T dF",
                     "dW = \\sum_i x_i\\, dF_i^\\mathsf{T} = X^\\mathsf{T} dF");
    document_formula(document, "db = sum_i dF_i = 1^T dF   (1: a column of ones)",
                     "db = \\sum_i dF_i = \\mathbf{1}^\\mathsf{T} dF");
}

/* Covers the last hidden layer, number l - 1 counted from 0, and the layer of the scores after it. */
static void write_hidden(Document *document, const SpiralNetwork *network, int *section)
{
    size_t l = network->layers - 2;
    Label x = name_input("", l), z = name_output(network, "", l), W = name_parameter(network, "", 'W', l);
    Label b = name_parameter(network, "", 'b', l), a = name_input("", l + 1);
    Label V = name_parameter(network, "", 'W', l + 1), c = name_parameter(network, "", 'b', l + 1);
    Label act = activation_of(network->activation, z), slope = activation_slope_of(network->activation, z, a);
    char plain[PARAGRAPH_SIZE], latex[PARAGRAPH_SIZE];
    document_heading(document, "%d. Back through a hidden layer", (*section)++);
    document_paragraph(document, "In the network the scores are made of hidden activations:");
    snprintf(plain, sizeof plain, "%s = %s %s + %s,   %s = %s,   F = %s %s + %s", z.plain, x.plain, W.plain, b.plain,
             a.plain, act.plain, a.plain, V.plain, c.plain);
    snprintf(latex, sizeof latex, "%s = %s %s + %s, \\qquad %s = %s, \\qquad F = %s %s + %s", z.latex, x.latex, W.latex,
             b.latex, a.latex, act.latex, a.latex, V.latex, c.latex);
    int model = document_formula(document, plain, latex);
    document_paragraph(document,
                       "The last equation is (1) with <%s|%s> in the place of <X>, so (7) and (8) hold for it as "
                       "they stand:",
                       a.plain, a.latex);
    snprintf(plain, sizeof plain, "d%s = %s^T dF,   d%s = 1^T dF", V.plain, a.plain, c.plain);
    snprintf(latex, sizeof latex, "d%s = %s^\\mathsf{T} dF, \\qquad d%s = \\mathbf{1}^\\mathsf{T} dF", V.latex, a.latex,
             c.latex);
    document_formula(document, plain, latex);
    document_paragraph(document,
                       "To go on backwards, the gradient by the activations is needed. The activation of unit "
                       "<j> occurs in every score of its observation: in score <k> it is multiplied by the weight "
                       "from <j> to <k>. So its parts are added over the classes, and this sum is a matrix product "
                       "too:");
    snprintf(plain, sizeof plain, "d%s_ij = sum_k dF_ik %s_jk,   d%s = dF %s^T", a.plain, V.plain, a.plain, V.plain);
    snprintf(latex, sizeof latex, "(d%s)_{ij} = \\sum_k dF_{ik} (%s)_{jk}, \\qquad d%s = dF\\, %s^\\mathsf{T}", a.latex,
             V.latex, a.latex, V.latex);
    document_formula(document, plain, latex);
    document_paragraph(document, "%s", activation_slope_reason(network->activation));
    snprintf(plain, sizeof plain, "d%s_ij = d%s_ij %s", z.plain, a.plain, slope.plain);
    snprintf(latex, sizeof latex, "(d%s)_{ij} = (d%s)_{ij}\\, %s", z.latex, a.latex, slope.latex);
    document_formula(document, plain, latex);
    document_paragraph(document,
                       "The first equation of (%d) is (1) once more, with <d%s|d%s> for <dF>. So it is the same "
                       "sum over the observations again:",
                       model, z.plain, z.latex);
    snprintf(plain, sizeof plain, "d%s = %s^T d%s,   d%s = 1^T d%s", W.plain, x.plain, z.plain, b.plain, z.plain);
    snprintf(latex, sizeof latex, "d%s = %s^\\mathsf{T} d%s, \\qquad d%s = \\mathbf{1}^\\mathsf{T} d%s", W.latex,
             x.latex, z.latex, b.latex, z.latex);
    document_formula(document, plain, latex);
    if (l > 0)
        document_paragraph(document,
                           "Each hidden layer before it repeats these steps, with the gradient just found in the "
                           "place of <dF>.");
}

void explanation_write_derivation(Document *document, const ExplanationView *view, int *section)
{
    size_t rows = view->explanation->rows;
    document_title(document,
                   "Where <dW = X^T dF|dW = X^\\mathsf{T} dF> and <db = 1^T dF|db = \\mathbf{1}^\\mathsf{T} dF> "
                   "come from");
    document_paragraph(document,
                       "The loss is a sum over the observations, so its gradient is a sum over them too: each adds "
                       "its own part. Written for all observations at once, that sum is a matrix product. First "
                       "comes the reasoning, then the same with the numbers of %zu observation%s, added up one by "
                       "one.",
                       rows, rows == 1 ? "" : "s");
    document_paragraph(document,
                       "Here the loss is the plain sum <L = sum_i L_i|L = \\sum_i L_i>. A mean would divide "
                       "everything by the number of observations, and regularisation would add <reg W|"
                       "\\mathrm{reg}\\, W> to <dW>; both are left out, so that each sum can be done by hand.");
    write_one_observation(document, section);
    write_outer_product(document, section);
    write_sum(document, section);
    if (view->network->layers > 1)
        write_hidden(document, view->network, section);
}
