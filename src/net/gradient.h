/* gradient.h: the loss and gradient for the trainer, which creates the pass once and reuses it. */
#ifndef SPIRAL_NET_GRADIENT_H
#define SPIRAL_NET_GRADIENT_H

#include "net/kernels.h"
#include "net/norm.h"
#include "net/pass.h"
#include "spiral/gradient.h"

/* Checks that the data has labels, the network's D features and at most its K classes. Errors: INPUT. */
SpiralStatus spiral_objective_check_data(const SpiralNetwork *network, const SpiralDataset *dataset,
                                         SpiralError *error);

/* Checks that the objective's dropout, if it has any, is of so many rows and of the network's hidden layers. Errors:
 * USAGE. */
SpiralStatus spiral_objective_check_dropout(const SpiralObjective *objective, const SpiralNetwork *network, size_t rows,
                                            SpiralError *error);

/* All rows of the data, without dropout. */
SpiralPassInput spiral_objective_input(const SpiralDataset *dataset);

/* Computes the loss at `parameters` (not the network's own), and the gradient unless it is NULL. With decoupled, reg
 * is part of the loss but not of the gradient. weights (layers) becomes the norm of each layer's W, unless it is NULL.
 * Does not allocate. */
void spiral_objective_evaluate(SpiralPass *pass, const SpiralNetwork *network, const double *parameters,
                               const SpiralPassInput *input, const SpiralObjective *objective, bool decoupled,
                               SpiralLoss *loss, double *gradient, SpiralNorm *weights);

#endif
