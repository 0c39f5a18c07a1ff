/* plane.h: the plane through the space of the features that a figure shows. A place (a, b) on it is the observation
 * origin + a along[0] + b along[1]. */
#ifndef SPIRAL_FIGURE_PLANE_H
#define SPIRAL_FIGURE_PLANE_H

#include <stddef.h>

#include "spiral/dataset.h"
#include "spiral/figure.h"
#include "spiral/network.h"

struct SpiralPlane {
    size_t features;  /* D */
    double *origin;   /* (D) */
    double *along;    /* (2, D) */
    double *loadings; /* (2, D) of the principal components: a = loadings[0] . (x - origin); NULL: a slice */
    double share[2];  /* of the variance, in a and in b; NaN when there is no variance. For principal components */
};

/* The plane of two features, a and b, with the others at their means. Errors: LIMIT. */
SpiralStatus spiral_plane_slice(const SpiralDataset *dataset, const size_t axes[2], SpiralPlane **plane,
                                SpiralError *error);

/* Where the observation x (D) lies on a plane of principal components. */
void spiral_plane_project(const SpiralPlane *plane, const double *x, double place[2]);

/* The network of a and b that computes on the plane what `network` computes. Errors: LIMIT. */
SpiralStatus spiral_plane_network(const SpiralPlane *plane, const SpiralNetwork *network, SpiralNetwork **reduced,
                                  SpiralError *error);

#endif
