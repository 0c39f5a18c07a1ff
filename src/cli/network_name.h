/* network_name.h: what a network is called in figures and in words. */
#ifndef SPIRAL_CLI_NETWORK_NAME_H
#define SPIRAL_CLI_NETWORK_NAME_H

#include <stddef.h>

#include "spiral/network.h"

/* "ReLU"; "the" goes before it. */
const char *activation_title(SpiralActivation activation);

/* "Linear classifier", "Two-layer network (100 ReLU)". */
void network_title(const SpiralNetwork *network, char *text, size_t size);

/* "linear 2-3", "mlp 2-100-3". */
void network_shape(const SpiralNetwork *network, char *text, size_t size);

#endif
