/* activation.h: the activations of spiral/network.h one number at a time, for what is traced and differenced; training
 * has them as kernels. */
#ifndef SPIRAL_NET_ACTIVATION_H
#define SPIRAL_NET_ACTIVATION_H

#include <stdbool.h>

#include "spiral/network.h"

double spiral_activation_value(SpiralActivation activation, double z);

/* The derivative at z; at the kink of one that has it, the slope of the side of z < 0. */
double spiral_activation_slope(SpiralActivation activation, double z);

/* Does the slope jump at z = 0? Then it is constant on either side. */
bool spiral_activation_has_kink(SpiralActivation activation);

#endif
