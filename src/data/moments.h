/* moments.h: mean and standard deviation of columns. */
#ifndef SPIRAL_DATA_MOMENTS_H
#define SPIRAL_DATA_MOMENTS_H

#include <stddef.h>

/* Mean and population deviation of each of the first columns of X (rows, stride); rows and columns are at least 1.
 * Accurate from the smallest numbers to the largest: intermediate results do not overflow. A constant column's
 * deviation is exactly 0. */
void spiral_moments(size_t rows, size_t columns, size_t stride, const double *X, double *mean /* (columns) */,
                    double *deviation /* (columns) */);

#endif
