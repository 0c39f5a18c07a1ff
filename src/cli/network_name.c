#include "cli/network_name.h"

#include <stdio.h>

#include "cli/cli.h"

void network_shape(const SpiralNetwork *network, char *text, size_t size)
{
    snprintf(text, size, "%s %zu", network->layers == 1 ? "linear" : "mlp", network->sizes[0]);
    for (size_t l = 1; l <= network->layers; l++)
        cli_append(text, size, "-%zu", network->sizes[l]);
}
