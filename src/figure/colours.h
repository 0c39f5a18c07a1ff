/* colours.h: the colours of classes and curves (the palette), and of values (the ramp). */
#ifndef SPIRAL_FIGURE_COLOURS_H
#define SPIRAL_FIGURE_COLOURS_H

#include <stddef.h>

#include "figure/canvas.h"

/* Twelve colours, chosen to make the smallest CIELAB distance between two of them large, and between two of their
 * tints, for people with normal colour vision, protanopia, deuteranopia and tritanopia; the first ones are the farthest
 * apart. */
enum { SPIRAL_PALETTE_COUNT = 12 };

SpiralColour spiral_palette_colour(size_t index); /* the thirteenth is the first again */
SpiralColour spiral_palette_tint(size_t index);   /* the same, light: for regions */
SpiralColour spiral_palette_line(size_t index);   /* the same, darker where it is too pale for a thin line on white */
SpiralColour spiral_palette_edge(size_t index);   /* the same, dark: for outlines */
SpiralColour spiral_palette_hollow(size_t index); /* the same, a little darker: for hollow markers */

/* The markers of lines. 84 lines differ from one another in colour or marker, the first seven in the marker alone. */
SpiralMarker spiral_palette_line_marker(size_t index);

/* Discs for the first twelve classes, then another shape for each twelve. */
SpiralMarker spiral_palette_marker(size_t index);

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* Dark blue at 0, green in the middle, yellow at 1. The lightness grows evenly, so that the order is visible without
 * the hues: to colour-blind people, and in black-and-white print. */
SpiralColour spiral_ramp_colour(double part);

/* Values beside 0: blue at 0, nearly white at 0.5, orange at 1, and as light so far from the middle on either side. */
SpiralColour spiral_ramp_diverging(double part);

/* Shares: nearly white at 0, blue at 1; the one half of the ramp above. */
SpiralColour spiral_ramp_share(double part);

/* Black or white, whichever is more legible on that background. */
SpiralColour spiral_ramp_text(SpiralColour ground);

#endif
