/* confusion.h: how often each class was predicted as each. */
#ifndef SPIRAL_CLI_CONFUSION_H
#define SPIRAL_CLI_CONFUSION_H

#include "spiral/spiral.h"

/* Prints the accuracy and the matrix of the predicted labels (N) against the data's own on standard error. Errors:
 * LIMIT. */
SpiralStatus confusion_print(const SpiralNetwork *network, const SpiralDataset *dataset, const int64_t *labels,
                             SpiralError *error);

#endif
