#include "data/moments.h"

#include <float.h>
#include <math.h>

#include "base/scale.h"

/* Columns that are processed together: their values are adjacent in memory. */
enum { TILE = 16 };

/* Works in units close to each column's largest value. The units are powers of two, so the moments of ordinary numbers
 * have the same bits as without them. Distances are taken from the first row, so those of a constant column are exactly
 * zero. */
static void tile_moments(size_t rows, size_t columns, size_t stride, const double *X, double *mean, double *deviation)
{
    double scale[TILE];
    for (size_t d = 0; d < columns; d++)
        mean[d] = deviation[d] = 0.0;
    for (size_t i = 0; i < rows; i++)
        for (size_t d = 0; d < columns; d++)
            deviation[d] = fmax(deviation[d], fabs(X[i * stride + d]));
    for (size_t d = 0; d < columns; d++) {
        scale[d] = spiral_scale_for(deviation[d]);
        deviation[d] = 0.0;
    }
    for (size_t i = 1; i < rows; i++)
        for (size_t d = 0; d < columns; d++)
            mean[d] += scale[d] * X[i * stride + d] - scale[d] * X[d];
    for (size_t d = 0; d < columns; d++)
        mean[d] = scale[d] * X[d] + mean[d] / (double)rows;
    for (size_t i = 0; i < rows; i++)
        for (size_t d = 0; d < columns; d++) {
            double distance = scale[d] * X[i * stride + d] - mean[d];
            deviation[d] += distance * distance;
        }
    for (size_t d = 0; d < columns; d++) {
        mean[d] /= scale[d];
        if (deviation[d] > 0.0) /* stays positive even where only a denormal number is left */
            deviation[d] = fmax(sqrt(deviation[d] / (double)rows) / scale[d], DBL_TRUE_MIN);
    }
}

void spiral_moments(size_t rows, size_t columns, size_t stride, const double *X, double *mean, double *deviation)
{
    for (size_t first = 0; first < columns; first += TILE)
        tile_moments(rows, columns - first < TILE ? columns - first : TILE, stride, X + first, mean + first,
                     deviation + first);
}
