/* gradient.h: the loss and gradient as the trainer uses them, with a pass that is made once. */
#ifndef SPIRAL_NET_GRADIENT_H
#define SPIRAL_NET_GRADIENT_H

#include "net/kernels.h"
#include "net/pass.h"
#include "spiral/gradient.h"

/* Labels there, D and K of the network? Errors: INPUT. */
SpiralStatus spiral_objective_check_data(const SpiralNetwork *network, const SpiralDataset *dataset,
                                         SpiralError *error);

/* All rows of the data, nothing left out. */
SpiralPassInput spiral_objective_input(const SpiralDataset *dataset);

/* Loss at `parameters` (not the network's own), and the gradient unless it is NULL; with decoupled, reg counts in
 * the loss and stays out of the gradient. No allocation. */
void spiral_objective_evaluate(SpiralPass *pass, const SpiralNetwork *network, const double *parameters,
                               const SpiralPassInput *input, const SpiralObjective *objective, bool decoupled,
                               SpiralLoss *loss, double *gradient);

#endif
