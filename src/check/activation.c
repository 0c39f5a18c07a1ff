#include "check/activation.h"

#include <math.h>

double spiral_activation_value(SpiralActivation activation, double z)
{
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        return z > 0.0 ? z : 0.0;
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        return z > 0.0 ? z : SPIRAL_LEAKY_SLOPE * z;
    case SPIRAL_ACTIVATION_TANH:
        return tanh(z);
    case SPIRAL_ACTIVATION_SIGMOID:
        break;
    }
    return 1.0 / (1.0 + exp(-z)); /* where the exponential overflows, the value is 0, as it should be */
}

double spiral_activation_slope(SpiralActivation activation, double z)
{
    double a = spiral_activation_value(activation, z);
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        return z > 0.0 ? 1.0 : 0.0;
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        return z > 0.0 ? 1.0 : SPIRAL_LEAKY_SLOPE;
    case SPIRAL_ACTIVATION_TANH:
        return (1.0 - a) * (1.0 + a);
    case SPIRAL_ACTIVATION_SIGMOID:
        break;
    }
    return a * (1.0 - a);
}

bool spiral_activation_has_kink(SpiralActivation activation)
{
    return activation == SPIRAL_ACTIVATION_RELU || activation == SPIRAL_ACTIVATION_LEAKY_RELU;
}
