/* network_name.h: the name of a network in figures and in text. */
#ifndef SPIRAL_CLI_NETWORK_NAME_H
#define SPIRAL_CLI_NETWORK_NAME_H

#include <stddef.h>

#include "spiral/network.h"

/* "linear 2-3", "mlp 2-100-3". */
void network_shape(const SpiralNetwork *network, char *text, size_t size);

#endif
