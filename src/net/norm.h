/* norm.h: 2-norms that overflow or vanish only where their value does. */
#ifndef SPIRAL_NET_NORM_H
#define SPIRAL_NET_NORM_H

#include <stddef.h>

/* The norm is sqrt(squares) * 2^exponent. Of ordinary numbers squares is their plain sum of squares, and the exponent
 * 0. Where a value is not finite, neither is squares. */
typedef struct SpiralNorm {
    double squares;
    int exponent;
} SpiralNorm;

SpiralNorm spiral_norm(size_t count, const double *values);

/* Of the step from one point to another, and of the point itself. */
void spiral_norm_step(size_t count, const double *from, const double *to, SpiralNorm *step, SpiralNorm *point);

/* Of both values' components together. */
SpiralNorm spiral_norm_add(SpiralNorm a, SpiralNorm b);

double spiral_norm_value(SpiralNorm norm);
double spiral_norm_ratio(SpiralNorm a, SpiralNorm b); /* 0 where b is 0 */

/* 1/2 reg norm^2 */
double spiral_norm_penalty(SpiralNorm norm, double reg);

/* Scales the values, whose norm that is, down to one of at most `most`. */
void spiral_norm_clip(size_t count, double *values, SpiralNorm norm, double most);

#endif
