/* norm.h: 2-norms that overflow or underflow only if the value itself does. */
#ifndef SPIRAL_NET_NORM_H
#define SPIRAL_NET_NORM_H

#include <stddef.h>

/* The norm is sqrt(squares) * 2^exponent. For ordinary numbers, squares is their plain sum of squares and the exponent
 * is 0. If a value is not finite, neither is squares. */
typedef struct SpiralNorm {
    double squares;
    int exponent;
} SpiralNorm;

SpiralNorm spiral_norm(size_t count, const double *values);

/* The norm of the step between two points. */
SpiralNorm spiral_norm_step(size_t count, const double *from, const double *to);

/* The norm of the components of both together. */
SpiralNorm spiral_norm_add(SpiralNorm a, SpiralNorm b);

double spiral_norm_value(SpiralNorm norm);
double spiral_norm_ratio(SpiralNorm a, SpiralNorm b); /* 0 if b is 0 */

/* 1/2 reg norm^2 */
double spiral_norm_penalty(SpiralNorm norm, double reg);

/* Scales the values, whose norm is given, down to a norm of at most `most`. */
void spiral_norm_clip(size_t count, double *values, SpiralNorm norm, double most);

#endif
