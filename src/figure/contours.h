/* contours.h: the regions of a decision boundary as outlines, for an SVG. */
#ifndef SPIRAL_FIGURE_CONTOURS_H
#define SPIRAL_FIGURE_CONTOURS_H

#include "figure/sampler.h"
#include "figure/svg.h"

/* Classifies points that are `step` pixels apart over the plot of the sampler's axes, finds the places between them
 * where the class changes, and draws the areas of the classes, and borders where two of them meet. describe says how
 * the area of a class is filled. Errors: LIMIT, and those of a prediction. */
SpiralStatus spiral_contours_draw(SpiralSampler *sampler, SpiralSvg *svg, double step,
                                  SpiralArea (*describe)(const void *context, int32_t label),
                                  const SpiralStroke *border, SpiralError *error);

#endif
