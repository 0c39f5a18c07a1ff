#include "cli/network_name.h"

#include <stdio.h>

#include "cli/cli.h"

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

void network_title(const SpiralNetwork *network, char *text, size_t size)
{
    if (network->layers == 1) {
        snprintf(text, size, "Linear classifier");
        return;
    }
    snprintf(text, size, "%s-layer network (", network->layers == 2 ? "Two" : network->layers == 3 ? "Three" : "Many");
    for (size_t i = 1; i < network->layers; i++)
        cli_append(text, size, "%zu%s", network->sizes[i], i + 1 < network->layers ? ", " : " ");
    cli_append(text, size, "%s)", activation_title(network->activation));
}

void network_shape(const SpiralNetwork *network, char *text, size_t size)
{
    snprintf(text, size, "%s %zu", network->layers == 1 ? "linear" : "mlp", network->sizes[0]);
    for (size_t l = 1; l <= network->layers; l++)
        cli_append(text, size, "-%zu", network->sizes[l]);
}
