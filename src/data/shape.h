/* shape.h: the generator's observations, one after another, so that data can be made in memory or in a stream. */
#ifndef SPIRAL_DATA_SHAPE_H
#define SPIRAL_DATA_SHAPE_H

#include <stddef.h>
#include <stdint.h>

#include "spiral/dataset.h"

/* The plane of a shape, whose formulas stand in spiral/dataset.h. Private to shape.c and observations.c. */
typedef struct SpiralPlane {
    const SpiralGenerateOptions *options;
    SpiralRng *rng;
    SpiralRng centres; /* blobs: where the next class's centre is drawn from */
    double centre[2];
    size_t class, rows, i; /* the class, its rows n_j, the next of them */
} SpiralPlane;

/* All rows before class j. */
size_t spiral_shape_rows_before(const SpiralGenerateOptions *options, size_t class);

/* The options are valid; they and rng must live as long as the plane is used. */
void spiral_plane_begin(SpiralPlane *plane, const SpiralGenerateOptions *options, SpiralRng *rng);

/* The next row's coordinates and, returned, its class. */
size_t spiral_plane_next(SpiralPlane *plane, double x[2]);

/* Plane, further features, labels. It points into itself: not to be copied. */
typedef struct SpiralObservations {
    SpiralPlane plane;
    SpiralRng kept_plane, kept_features;
    SpiralRng *features, *labels;
} SpiralObservations;

/* The rows there will be. Errors: USAGE as in spiral_generate_validate; LIMIT when that many in that
 * many dimensions are more than an address can tell apart. */
SpiralStatus spiral_observations_count(const SpiralGenerateOptions *options, size_t *rows, SpiralError *error);

/* The options can be counted; they and rng must live as long as the observations are taken. When all rows are, rng
 * is behind every draw. With more than two dimensions or label noise the plane is drawn twice, the first time here. */
void spiral_observations_begin(SpiralObservations *observations, const SpiralGenerateOptions *options, SpiralRng *rng);

/* The next row's features, and its class. To be called once a row. */
int64_t spiral_observations_next(SpiralObservations *observations, double *x /* (dimensions) */);

#endif
