/* activation.h: the activations of spiral/network.h for single numbers, for the trace and the finite differences;
 * training uses kernels. */
#ifndef SPIRAL_NET_ACTIVATION_H
#define SPIRAL_NET_ACTIVATION_H

#include <stdbool.h>

#include "spiral/network.h"

double spiral_activation_value(SpiralActivation activation, double z);

/* The derivative at z; at a kink, the slope on the side z < 0. */
double spiral_activation_slope(SpiralActivation activation, double z);

/* Does the slope jump at z = 0? Then it is constant on either side. */
bool spiral_activation_has_kink(SpiralActivation activation);

#endif
