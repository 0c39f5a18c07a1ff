/* contours.h: the regions of a decision boundary as outlines, for an SVG. */
#ifndef SPIRAL_FIGURE_CONTOURS_H
#define SPIRAL_FIGURE_CONTOURS_H

#include "figure/sampler.h"
#include "figure/svg.h"

/* Classifies points that are `step` pixels apart over the plot of the sampler's axes, finds the places between them
 * where the class changes, and draws the areas of the classes, and borders where two of them meet. describe says how
 * the area of a class is filled; no areas, or no borders, are drawn when it is NULL. Of several levels, an area is a
 * part of a class in which the network is about as sure, and its label is class * levels + level, 0 the least sure.
 * Errors: LIMIT, and those of a prediction. */
SpiralStatus spiral_contours_draw(SpiralSampler *sampler, SpiralSvg *svg, double step, int32_t levels,
                                  SpiralArea (*describe)(const void *context, int32_t label),
                                  const SpiralStroke *border, SpiralError *error);

#endif
