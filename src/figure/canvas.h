/* canvas.h: what figures are drawn on: the drawing calls, and their two back ends, pixels (raster.h) and SVG (svg.h).
 *
 * Coordinates are in pixels from the top left corner: pixel (i, j) is the square [i, i+1] x [j, j+1]. A shape covers
 * what lies below it in proportion to its opacity. Nothing outside the clip changes. Drawing cannot fail; a canvas that
 * has run out of memory says so when it is encoded. */
#ifndef SPIRAL_FIGURE_CANVAS_H
#define SPIRAL_FIGURE_CANVAS_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spiral/status.h"

typedef struct SpiralColour {
    uint8_t red, green, blue;
} SpiralColour;

static inline uint8_t spiral_channel_mix(uint8_t a, uint8_t b, double part)
{
    return (uint8_t)((double)a + part * ((double)b - (double)a) + 0.5);
}

/* a + part (b - a), rounded */
static inline SpiralColour spiral_colour_mix(SpiralColour a, SpiralColour b, double part)
{
    return (SpiralColour){spiral_channel_mix(a.red, b.red, part), spiral_channel_mix(a.green, b.green, part),
                          spiral_channel_mix(a.blue, b.blue, part)};
}

typedef struct SpiralRectangle {
    double left, top, right, bottom;
} SpiralRectangle;

typedef struct SpiralStroke {
    double width; /* pixels, above 0 */
    SpiralColour colour;
    double opacity;   /* 0..1; a line that crosses itself is not darker there */
    double dash, gap; /* pixels; dash 0: solid */
} SpiralStroke;

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

/* The shapes of markers of radius 1: half the side of a square of the disc's area, the radius of the circle in a
 * triangle of that area, and how far the arms of a plus reach and half how thick they are. */
#define SPIRAL_SQUARE_SIDE 0.8862269254527580
#define SPIRAL_TRIANGLE_INNER 0.7776
#define SPIRAL_PLUS_ARM 1.1
#define SPIRAL_PLUS_HALF 0.42

typedef enum SpiralAlign { SPIRAL_ALIGN_LEFT, SPIRAL_ALIGN_CENTRE, SPIRAL_ALIGN_RIGHT } SpiralAlign;

typedef struct SpiralTextStyle {
    double size; /* the height of a line, pixels */
    SpiralColour colour;
    SpiralAlign align; /* which point of the text is at the given position */
    bool upwards;      /* rotated by 90 degrees, reading upwards */
} SpiralTextStyle;

/* ---- the canvas -------------------------------------------------------------------------------------------------- */

typedef enum SpiralCanvasKind { SPIRAL_CANVAS_PIXELS, SPIRAL_CANVAS_SVG } SpiralCanvasKind;

typedef struct SpiralCanvas {
    size_t width, height;
    struct SpiralRaster *raster; /* NULL when it is an SVG */
    struct SpiralSvg *svg;       /* NULL when it has pixels */
} SpiralCanvas;

/* A white canvas. Errors: LIMIT (size, memory). */
SpiralStatus spiral_canvas_create(SpiralCanvasKind kind, size_t width, size_t height, SpiralCanvas **canvas,
                                  SpiralError *error);
void spiral_canvas_free(SpiralCanvas *canvas); /* accepts NULL */

/* The file of the picture, a PNG or an SVG; per_metre is how many pixels of a PNG are a metre. *bytes is freed by
 * free(). The same drawing calls give the same bytes. Errors: LIMIT. */
SpiralStatus spiral_canvas_encode(const SpiralCanvas *canvas, unsigned per_metre, unsigned char **bytes, size_t *size,
                                  SpiralError *error);

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

/* What the shapes that follow stand for, a class or a curve: an SVG shows it to those who point at them. NULL: nothing.
 * Borrowed until the next name. */
void spiral_canvas_name(SpiralCanvas *canvas, const char *name);

/* Restricts drawing to area (rounded to whole pixels); NULL lifts the restriction. */
void spiral_canvas_clip(SpiralCanvas *canvas, const SpiralRectangle *area);

void spiral_canvas_rectangle(SpiralCanvas *canvas, SpiralRectangle area, SpiralColour colour, double opacity);

/* A border of the given width just inside area. */
void spiral_canvas_frame(SpiralCanvas *canvas, SpiralRectangle area, double width, SpiralColour colour);

/* Connects the points by straight segments with round ends and joins. A single point is a dot. points (count, 2): x, y.
 * */
void spiral_canvas_polyline(SpiralCanvas *canvas, size_t count, const double *points, const SpiralStroke *stroke);

/* A circle drawn by a line, whose middle is that far from the centre. */
void spiral_canvas_ring(SpiralCanvas *canvas, double x, double y, double radius, const SpiralStroke *stroke);

/* Fills the area between two lines over the same x. points (count, 3): x, which must not decrease, and both y. */
void spiral_canvas_band(SpiralCanvas *canvas, size_t count, const double *points, SpiralColour colour, double opacity);

/* A marker with about the area of a disc of that radius, with an outline of that many pixels in edge (0: none). */
void spiral_marker_draw(SpiralCanvas *canvas, SpiralMarker marker, double x, double y, double radius, double outline,
                        SpiralColour edge, SpiralColour fill);

/* Edge i of the cells along a side, at whole pixels: between two cells that share a pixel the ground would show. */
static inline double spiral_cell_edge(double from, double to, size_t cells, size_t i)
{
    return floor(from + (to - from) * ((double)i / (double)cells) + 0.5);
}

/* Fills area with cells of equal size but for that, a colour each; colours (rows, columns), the first row on top. */
void spiral_canvas_cells(SpiralCanvas *canvas, SpiralRectangle area, size_t columns, size_t rows,
                         const SpiralColour *colours);

#endif
