#include "cli/explain/activation.h"

#include <stdio.h>

bool activation_is_mask(SpiralActivation activation)
{
    return activation == SPIRAL_ACTIVATION_RELU;
}

const char *activation_of(SpiralActivation activation, const char *z, char text[LABEL_SIZE])
{
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        snprintf(text, LABEL_SIZE, "\\max(0, %.40s)", z);
        break;
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        snprintf(text, LABEL_SIZE, "\\max(%g \\cdot %.40s, %.40s)", SPIRAL_LEAKY_SLOPE, z, z);
        break;
    case SPIRAL_ACTIVATION_TANH:
        snprintf(text, LABEL_SIZE, "\\tanh(%.40s)", z);
        break;
    case SPIRAL_ACTIVATION_SIGMOID:
        snprintf(text, LABEL_SIZE, "1 / (1 + e^{-%.40s})", z);
        break;
    }
    return text;
}

const char *activation_slope(SpiralActivation activation, const char *z, const char *a, char text[LABEL_SIZE])
{
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        snprintf(text, LABEL_SIZE, "1(%.40s \\gt 0)", z);
        break;
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        snprintf(text, LABEL_SIZE, "(1 \\text{ if } %.40s \\gt 0, \\text{ else } %g)", z, SPIRAL_LEAKY_SLOPE);
        break;
    case SPIRAL_ACTIVATION_TANH:
        snprintf(text, LABEL_SIZE, "(1 - %.40s^2)", a);
        break;
    case SPIRAL_ACTIVATION_SIGMOID:
        snprintf(text, LABEL_SIZE, "%.40s (1 - %.40s)", a, a);
        break;
    }
    return text;
}

void activation_write_slope(Document *document, SpiralActivation activation)
{
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        document_paragraph(
            document,
            "The ReLU is <a = \\max(0, z)>. Where <z> is positive, <a = z> and the slope is 1. Elsewhere <a> stays 0 "
            "and the slope "
            "is 0. So the slope is a mask: it lets the gradient of an active unit through, and stops all others.");
        return;
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        document_paragraph(document,
                           "The leaky ReLU is <a = z> where <z> is positive, with slope 1, and <a = %g \\cdot z> "
                           "elsewhere, with slope %g. So the "
                           "gradient of an active unit goes through whole, and of any other a hundredth of it.",
                           SPIRAL_LEAKY_SLOPE, SPIRAL_LEAKY_SLOPE);
        return;
    case SPIRAL_ACTIVATION_TANH:
        document_paragraph(document, "With <a = \\tanh(z) = s / c>, where <s = (e^{z} - e^{-z})/2> and <c = (e^{z} + "
                                     "e^{-z})/2>, the derivative of <s> is "
                                     "<c> and that of <c> is <s>. The rule for quotients gives the slope:");
        document_formula(document, "\\frac{\\partial a}{\\partial z} = \\frac{c \\cdot c - s \\cdot s}{c^2} = 1 - a^2");
        document_paragraph(document, "It is 1 at <z = 0>, and falls to 0 as the unit saturates on either side.");
        return;
    case SPIRAL_ACTIVATION_SIGMOID:
        break;
    }
    document_paragraph(document, "With <a = 1 / (1 + u)> and <u = e^{-z}>, the derivative of <a> by <u> is <-1 / (1 + "
                                 "u)^2>, and that of <u> by <z> is "
                                 "<-u>. They multiply:");
    document_formula(document, "\\frac{\\partial a}{\\partial z} = \\frac{u}{(1 + u)^2} = \\frac{1}{1 + u} \\cdot "
                               "\\frac{u}{1 + u} = a (1 - a)");
    document_paragraph(document, "It is 1/4 at <z = 0>, and falls to 0 as the unit saturates on either side.");
}
