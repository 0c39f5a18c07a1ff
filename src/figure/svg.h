/* svg.h: a canvas that keeps what is drawn as the text of an SVG. The drawing functions are those of canvas.h, and what
 * is said of them there is not said again. Lengths are pixels in hundredths. */
#ifndef SPIRAL_FIGURE_SVG_H
#define SPIRAL_FIGURE_SVG_H

#include "figure/canvas.h"
#include "figure/outlines.h"

typedef struct SpiralSvg SpiralSvg;

SpiralSvg *spiral_svg_create(size_t width, size_t height); /* white; NULL when there is no memory */
void spiral_svg_free(SpiralSvg *svg);                      /* accepts NULL */
SpiralStatus spiral_svg_encode(const SpiralSvg *svg, unsigned char **bytes, size_t *size, SpiralError *error);

void spiral_svg_name(SpiralSvg *svg, const char *name);
void spiral_svg_clip(SpiralSvg *svg, const SpiralRectangle *area);
void spiral_svg_rectangle(SpiralSvg *svg, SpiralRectangle area, SpiralColour colour, double opacity);
void spiral_svg_frame(SpiralSvg *svg, SpiralRectangle area, double width, SpiralColour colour);
void spiral_svg_polyline(SpiralSvg *svg, size_t count, const double *points, const SpiralStroke *stroke);
void spiral_svg_ring(SpiralSvg *svg, double x, double y, double radius, const SpiralStroke *stroke);
void spiral_svg_band(SpiralSvg *svg, size_t count, const double *points, SpiralColour colour, double opacity);
void spiral_svg_marker(SpiralSvg *svg, SpiralMarker marker, double x, double y, double radius, double outline,
                       SpiralColour edge, SpiralColour fill);
void spiral_svg_cells(SpiralSvg *svg, SpiralRectangle area, size_t columns, size_t rows, const SpiralColour *colours);

/* A line of text: as it is shown (see base/text.h), in the reader's fonts. */
void spiral_svg_text(SpiralSvg *svg, double x, double y, const char *text, const SpiralTextStyle *style);

/* ---- outlines ---------------------------------------------------------------------------------------------------- */

typedef struct SpiralArea {
    SpiralColour colour;
    const char *name; /* NULL: none */
} SpiralArea;

/* Areas that touch are widened by half of this, so that no light shows between them. */
#define SPIRAL_SEAM 0.6

/* Fills the traced areas, one path for every label, widened by half of seam. describe says how one is filled. */
void spiral_svg_areas(SpiralSvg *svg, SpiralOutlines *outlines,
                      SpiralArea (*describe)(const void *context, int32_t label), const void *context, double seam);

/* Draws the chains between areas. */
void spiral_svg_borders(SpiralSvg *svg, SpiralOutlines *outlines, const SpiralStroke *stroke);

#endif
