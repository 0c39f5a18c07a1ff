/* units.h: what the units of the first hidden layer do on a data set. */
#ifndef SPIRAL_NET_UNITS_H
#define SPIRAL_NET_UNITS_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/dataset.h"
#include "spiral/network.h"
#include "spiral/status.h"

typedef struct SpiralUnit {
    size_t index;  /* in its layer */
    double weight; /* in the decision: the mean of |output| over the data, times the length of its outgoing weights */
    size_t active; /* the rows for which its input sum is positive */
} SpiralUnit;

/* Sets units (H1), those of the largest weight first. The network has a hidden layer, and the features of the data.
 * Errors: INPUT (a sum that overflows; the error names the observation), LIMIT. */
SpiralStatus spiral_units_measure(const SpiralNetwork *network, const SpiralDataset *dataset, size_t threads,
                                  SpiralUnit *units, SpiralError *error);

#endif
