#include "net/norm.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "net/kernels.h"

/* Sums of squares within these limits have lost nothing to underflow, and can be added without overflow. */
static const double SMALLEST = 1e-280, LARGEST = 1e280;

/* value * 2^exponent. For ordinary numbers the exponent is 0. */
static double scale(double value, int exponent)
{
    return exponent == 0 ? value : scalbn(value, exponent);
}

static bool is_plain(double squares)
{
    return squares >= SMALLEST && squares <= LARGEST;
}

/* part * (to - from), or part * to if from is NULL. part is 1, or 1/2 where the full difference would overflow. */
static double component(const double *from, const double *to, size_t i, double part)
{
    return part * to[i] - (from != NULL ? part * from[i] : 0.0);
}

static double largest_component(size_t count, const double *from, const double *to, double part)
{
    double largest = 0.0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(component(from, to, i, part)));
    return largest;
}

/* Computes the norm in units of a power of two near the largest component. */
static SpiralNorm scaled(size_t count, const double *from, const double *to)
{
    double part = 1.0, largest = largest_component(count, from, to, part);
    if (isinf(largest)) {
        part = 0.5;
        largest = largest_component(count, from, to, part);
    }
    if (isinf(largest) || largest == 0.0)
        return (SpiralNorm){largest, 0};
    SpiralNorm norm = {0.0, ilogb(largest)};
    for (size_t i = 0; i < count; i++) {
        double value = scalbn(component(from, to, i, part), -norm.exponent);
        norm.squares += value * value;
    }
    norm.exponent += part < 1.0;
    return norm;
}

SpiralNorm spiral_norm(size_t count, const double *values)
{
    double squares = spiral_kernels()->dot(count, values, values);
    return is_plain(squares) || isnan(squares) ? (SpiralNorm){squares, 0} : scaled(count, NULL, values);
}

/* sum (to - from)^2, in four sums that the processor adds up side by side. */
static double distance_squared(size_t count, const double *from, const double *to)
{
    double sum0 = 0.0, sum1 = 0.0, sum2 = 0.0, sum3 = 0.0;
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        double step0 = to[i] - from[i], step1 = to[i + 1] - from[i + 1];
        double step2 = to[i + 2] - from[i + 2], step3 = to[i + 3] - from[i + 3];
        sum0 += step0 * step0;
        sum1 += step1 * step1;
        sum2 += step2 * step2;
        sum3 += step3 * step3;
    }
    for (; i < count; i++)
        sum0 += (to[i] - from[i]) * (to[i] - from[i]);
    return (sum0 + sum1) + (sum2 + sum3);
}

SpiralNorm spiral_norm_step(size_t count, const double *from, const double *to)
{
    double squares = distance_squared(count, from, to);
    return is_plain(squares) || isnan(squares) ? (SpiralNorm){squares, 0} : scaled(count, from, to);
}

SpiralNorm spiral_norm_add(SpiralNorm a, SpiralNorm b)
{
    if (a.squares == 0.0 || b.squares == 0.0)
        return a.squares == 0.0 ? b : a;
    SpiralNorm large = a.exponent >= b.exponent ? a : b, small = a.exponent >= b.exponent ? b : a;
    large.squares += scale(small.squares, 2 * (small.exponent - large.exponent));
    return large;
}

double spiral_norm_value(SpiralNorm norm)
{
    return scale(sqrt(norm.squares), norm.exponent);
}

double spiral_norm_ratio(SpiralNorm a, SpiralNorm b)
{
    if (!(b.squares > 0.0))
        return 0.0;
    double quotient = a.squares / b.squares;
    double root = quotient >= DBL_MIN && quotient <= DBL_MAX ? sqrt(quotient) : sqrt(a.squares) / sqrt(b.squares);
    return scale(root, a.exponent - b.exponent);
}

double spiral_norm_penalty(SpiralNorm norm, double reg)
{
    return reg > 0.0 ? scale(0.5 * reg * norm.squares, 2 * norm.exponent) : 0.0;
}

void spiral_norm_clip(size_t count, double *values, SpiralNorm norm, double most)
{
    double value = spiral_norm_value(norm), factor = most / value;
    if (!(value > most))
        return;
    if (factor >= DBL_MIN) {
        for (size_t i = 0; i < count; i++)
            values[i] *= factor;
        return;
    }
    double root = sqrt(norm.squares); /* normalize first: the factor would underflow */
    for (size_t i = 0; i < count; i++)
        values[i] = scalbn(values[i], -norm.exponent) / root * most;
}
