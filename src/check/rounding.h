/* rounding.h: how much of a difference of two losses is rounding.
 *
 * A score is a sum of n products. What rounding adds to it is of the size u S, with u = 2^-53 and S the sum of the
 * products' absolute values, and passes through the layers above as any other change does. The errors of different sums
 * are independent, so their squares add up. */
#ifndef SPIRAL_CHECK_ROUNDING_H
#define SPIRAL_CHECK_ROUNDING_H

#include "check/trace.h"
#include "spiral/dataset.h"

typedef struct SpiralRounding {
    size_t rows;
    double *loss;   /* (layers, rows) for a parameter of the layer: the deviation of L_i(high) - L_i(low) by rounding */
    double *copies; /* (rows) rows of the data that are the same as this one, itself included: their errors are, too */
} SpiralRounding;

/* probs (N, K): at the traced parameters. Errors: LIMIT. */
SpiralStatus spiral_rounding_create(const SpiralNetwork *network, const SpiralDataset *dataset,
                                    const SpiralTrace *trace, const double *probs, SpiralRounding **rounding,
                                    SpiralError *error);
void spiral_rounding_free(SpiralRounding *rounding); /* accepts NULL */

#endif
