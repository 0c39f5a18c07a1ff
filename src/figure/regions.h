/* regions.h: the regions of a decision boundary: the plot's pixels, classified by a network. */
#ifndef SPIRAL_FIGURE_REGIONS_H
#define SPIRAL_FIGURE_REGIONS_H

#include "figure/canvas.h"
#include "figure/sampler.h"

/* Paints the plot of the sampler's axes: the classes' tints, and a dark line where two of them meet. Errors: LIMIT, and
 * those of a prediction. */
SpiralStatus spiral_regions_draw(SpiralSampler *sampler, SpiralCanvas *canvas, SpiralError *error);

#endif
