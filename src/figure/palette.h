/* palette.h: the colours of classes and curves. */
#ifndef SPIRAL_FIGURE_PALETTE_H
#define SPIRAL_FIGURE_PALETTE_H

#include <stddef.h>

#include "figure/canvas.h"
#include "figure/marker.h"

/* Ten colours, chosen by the CIELAB distance of the closest two as people with normal colour vision, protanopia,
 * deuteranopia and tritanopia see them, the first ones the farthest apart. */
enum { SPIRAL_PALETTE_COUNT = 10 };

SpiralColour spiral_palette_colour(size_t index); /* the eleventh is the first again */
SpiralColour spiral_palette_tint(size_t index);   /* the same, light: for regions */
SpiralColour spiral_palette_line(size_t index);   /* the same, darker where it is too pale for a thin line on white */
SpiralColour spiral_palette_edge(size_t index);   /* the same, dark: for outlines */

/* Discs for the first ten classes, then another shape for every ten. */
SpiralMarker spiral_palette_marker(size_t index);

#endif
