/* finite_difference.h: the derivative of the loss by one parameter, from differences of losses alone: no backward pass.
 *
 * The loss is piecewise smooth: where the pre-activation of a hidden unit passes 0 for some row, the ReLU (leaky or
 * not) has a kink, and a difference across it says nothing; tanh and the sigmoid have none. Between the ReLU's kinks
 * every pre-activation is linear in the parameter, so the distance to the nearest kink on either side is known, row
 * by row, before a step is taken. The loss is a sum over rows, so a row whose kink is too near can be differenced on
 * its free side while the others stay centred. The l1 |w| of the parameter itself, with a kink at w = 0, is a term
 * of its own in that sum. */
#ifndef SPIRAL_NET_DIFFERENCE_H
#define SPIRAL_NET_DIFFERENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/dataset.h"
#include "spiral/gradient.h"
#include "spiral/network.h"
#include "spiral/status.h"

typedef struct SpiralDifference SpiralDifference;

/* W[row, column] of a layer, or b[column] (row 0). */
typedef struct SpiralCoordinate {
    size_t layer;
    bool bias;
    size_t row, column;
} SpiralCoordinate;

typedef enum SpiralDifferenceKind {
    SPIRAL_DIFFERENCE_CENTRED,
    SPIRAL_DIFFERENCE_KINK, /* every centred step of a useful size crosses a kink: the rows (or l1 |w|) concerned were
                               differenced on their free side */
    SPIRAL_DIFFERENCE_NONE  /* some row has kinks near on both sides: there is no value (NAN) */
} SpiralDifferenceKind;

/* step: how far the parameter moves the pre-activation that it enters, at most, over the rows; so one step suits
 * weights of large and of small inputs. The network, the data and the objective are borrowed until the difference is
 * freed, and stay as they are. Errors: USAGE (the objective), INPUT (no labels, other D or K), LIMIT. */
SpiralStatus spiral_difference_create(const SpiralNetwork *network, const SpiralDataset *dataset,
                                      const SpiralObjective *objective, double step, size_t threads,
                                      SpiralDifference **difference, SpiralError *error);
void spiral_difference_free(SpiralDifference *difference); /* accepts NULL */

/* size, unless NULL: the terms whose sum the value is, in absolute values: where they cancel, the value is known to
 * some rounding errors of size, whatever its own. */
SpiralDifferenceKind spiral_difference_compute(SpiralDifference *difference, const SpiralCoordinate *at, double *value,
                                               double *size);

/* Index into network->parameters, and into a gradient. */
size_t spiral_coordinate_index(const SpiralNetwork *network, const SpiralCoordinate *at);

#endif
