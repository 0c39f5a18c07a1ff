/* explanation_activation.c: what is said of each activation: its name, its formula, its slope. */
#include <stdio.h>

#include "cli/explain/explanation.h"

const char *activation_title(SpiralActivation activation)
{
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        return "ReLU";
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        return "leaky ReLU";
    case SPIRAL_ACTIVATION_TANH:
        return "tanh";
    case SPIRAL_ACTIVATION_SIGMOID:
        break;
    }
    return "sigmoid";
}

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
