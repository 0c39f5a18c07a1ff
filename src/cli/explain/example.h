/* example.h: two observations and a linear classifier of small whole numbers. Both classes have the same scores, so
 * that all probabilities are 1/2. */
#ifndef SPIRAL_CLI_EXPLAIN_EXAMPLE_H
#define SPIRAL_CLI_EXPLAIN_EXAMPLE_H

#include "spiral/spiral.h"

extern const SpiralDataset example_data;

/* On failure *network is NULL. Errors: LIMIT. */
SpiralStatus example_network(SpiralNetwork **network, SpiralError *error);

#endif
