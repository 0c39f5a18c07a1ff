/* canvas.h: pixels, and antialiased shapes drawn on them.
 *
 * Coordinates are in pixels from the top left corner: pixel (i, j) is the square [i, i+1] x [j, j+1]. A shape is
 * blended into each pixel in proportion to the area of the pixel that it covers. Nothing outside the clip changes.
 * Drawing cannot fail. */
#ifndef SPIRAL_FIGURE_CANVAS_H
#define SPIRAL_FIGURE_CANVAS_H

#include <stddef.h>
#include <stdint.h>

#include "spiral/status.h"

typedef struct SpiralColour {
    uint8_t red, green, blue;
} SpiralColour;

/* a + part (b - a), rounded */
SpiralColour spiral_colour_mix(SpiralColour a, SpiralColour b, double part);

typedef struct SpiralRectangle {
    double left, top, right, bottom;
} SpiralRectangle;

typedef struct SpiralCanvas {
    size_t width, height;
    uint8_t *pixels;               /* (height, width, 3) */
    uint8_t *mask;                 /* (height, width): the coverage of the line being drawn; all 0 between calls */
    long left, top, right, bottom; /* the clip: whole pixels, right and bottom excluded */
} SpiralCanvas;

/* A white canvas. Errors: LIMIT (size, memory). */
SpiralStatus spiral_canvas_create(size_t width, size_t height, SpiralCanvas **canvas, SpiralError *error);
void spiral_canvas_free(SpiralCanvas *canvas); /* accepts NULL */

/* Restricts drawing to area (rounded to whole pixels); NULL lifts the restriction. */
void spiral_canvas_clip(SpiralCanvas *canvas, const SpiralRectangle *area);

/* One pixel, blended by coverage 0..1. */
void spiral_canvas_blend(SpiralCanvas *canvas, long x, long y, SpiralColour colour, double coverage);
SpiralColour spiral_canvas_pixel(const SpiralCanvas *canvas, size_t x, size_t y);

void spiral_canvas_rectangle(SpiralCanvas *canvas, SpiralRectangle area, SpiralColour colour, double opacity);

/* A border of the given width just inside area. */
void spiral_canvas_frame(SpiralCanvas *canvas, SpiralRectangle area, double width, SpiralColour colour);

typedef struct SpiralStroke {
    double width; /* pixels, above 0 */
    SpiralColour colour;
    double opacity;   /* 0..1; a line that crosses itself is not darker there */
    double dash, gap; /* pixels; dash 0: solid */
} SpiralStroke;

/* Connects the points by straight segments with round ends and joins. A single point is a dot. points (count, 2): x, y.
 * */
void spiral_canvas_polyline(SpiralCanvas *canvas, size_t count, const double *points, const SpiralStroke *stroke);

/* Fills the area between two lines over the same x. points (count, 3): x, which must not decrease, and both y. */
void spiral_canvas_band(SpiralCanvas *canvas, size_t count, const double *points, SpiralColour colour, double opacity);

/* floor(value) clamped to low..high, also when value does not fit a long. */
long spiral_canvas_pixel_at(double value, long low, long high);

/* ---- markers for observations ------------------------------------------------------------------------------------ */

typedef enum SpiralMarker {
    SPIRAL_MARKER_DISC,
    SPIRAL_MARKER_SQUARE,
    SPIRAL_MARKER_TRIANGLE,
    SPIRAL_MARKER_DIAMOND,
    SPIRAL_MARKER_TRIANGLE_DOWN,
    SPIRAL_MARKER_PLUS,
    SPIRAL_MARKER_CROSS,
    SPIRAL_MARKER_COUNT
} SpiralMarker;

/* A marker with about the area of a disc of that radius, with an outline of that many pixels in edge (0: none). */
void spiral_marker_draw(SpiralCanvas *canvas, SpiralMarker marker, double x, double y, double radius, double outline,
                        SpiralColour edge, SpiralColour fill);

#endif
