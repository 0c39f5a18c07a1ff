/* finite_difference.h: the derivative of the loss by one parameter, from differences of losses alone: no backward pass.
 *
 * The loss is piecewise smooth: where the pre-activation of a hidden unit passes 0 for some row, the ReLU (leaky or
 * not) has a kink, and a difference across it says nothing; tanh and the sigmoid have none. Between the ReLU's kinks
 * every pre-activation is linear in the parameter, so the distance to the nearest kink on either side is known, row
 * by row, before a step is taken. The loss is a sum over rows, so each row has a step and a side of its own: a row
 * whose kink is near is differenced with a shorter step or on its free side, while the others keep theirs. The
 * penalties of the parameter itself are terms of their own in that sum. */
#ifndef SPIRAL_CHECK_FINITE_DIFFERENCE_H
#define SPIRAL_CHECK_FINITE_DIFFERENCE_H

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
    SPIRAL_DIFFERENCE_KINK, /* every centred step of a useful size crosses a kink: the rows concerned were differenced
                               on their free side; or l1 |w| at w = 0 */
    SPIRAL_DIFFERENCE_NONE  /* some row has kinks near on both sides: there is no value (NAN) */
} SpiralDifferenceKind;

typedef struct SpiralDerivative {
    SpiralDifferenceKind kind;
    double value;
    double step;    /* the h of the rows far from kinks; others have a shorter one */
    bool one_sided; /* some row was differenced on its free side of a kink */
    /* the most by which rounding of the losses and the remainder of the formula put the value off: what differs from
     * it by less can't be told from it */
    double uncertainty;
} SpiralDerivative;

/* step: how far a step moves a pre-activation or a score, at most; so one step suits weights of large and of small
 * inputs. The network, the data and the objective are borrowed until the difference is freed, and stay as they are.
 * Errors: USAGE (the objective), INPUT (no labels, other D or K), LIMIT. */
SpiralStatus spiral_difference_create(const SpiralNetwork *network, const SpiralDataset *dataset,
                                      const SpiralObjective *objective, double step, size_t threads,
                                      SpiralDifference **difference, SpiralError *error);
void spiral_difference_free(SpiralDifference *difference); /* accepts NULL */

/* The derivative of the data loss, and of the regularisation. */
void spiral_difference_compute(SpiralDifference *difference, const SpiralCoordinate *at, SpiralDerivative *data,
                               SpiralDerivative *regularization);

/* Index into network->parameters, and into a gradient. */
size_t spiral_coordinate_index(const SpiralNetwork *network, const SpiralCoordinate *at);

#endif
