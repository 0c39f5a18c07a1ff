/* The program with a gradient that is wrong, in the way that the environment variable WRONG names: what gradcheck says
 * of it. Linked with --wrap=spiral_gradient_compute. */
#include <stdlib.h>
#include <string.h>

#include "spiral/gradient.h"

SpiralStatus __real_spiral_gradient_compute(const SpiralNetwork *network, const SpiralDataset *dataset,
                                            const SpiralObjective *objective, size_t threads, SpiralLoss *loss,
                                            double *gradient, SpiralError *error);
SpiralStatus __wrap_spiral_gradient_compute(const SpiralNetwork *network, const SpiralDataset *dataset,
                                            const SpiralObjective *objective, size_t threads, SpiralLoss *loss,
                                            double *gradient, SpiralError *error);

SpiralStatus __wrap_spiral_gradient_compute(const SpiralNetwork *network, const SpiralDataset *dataset,
                                            const SpiralObjective *objective, size_t threads, SpiralLoss *loss,
                                            double *gradient, SpiralError *error)
{
    SpiralObjective computed = *objective;
    const char *wrong = getenv("WRONG");
    if (strcmp(wrong, "regularization") == 0)
        computed.reg *= 2.0;
    if (strcmp(wrong, "data") == 0 && computed.reg == 0.0)
        computed.reg = 1e-3;
    SpiralStatus status = __real_spiral_gradient_compute(network, dataset, &computed, threads, loss, gradient, error);
    size_t last = spiral_network_biases_offset(network, network->layers - 1);
    for (size_t i = last; status == SPIRAL_OK && strcmp(wrong, "sign") == 0 && i < network->parameter_count; i++)
        gradient[i] = -gradient[i];
    if (status == SPIRAL_OK && strcmp(wrong, "little") == 0)
        gradient[last] *= 1.0 + 1e-5;
    return status;
}
