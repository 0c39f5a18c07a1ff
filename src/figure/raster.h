/* raster.h: a canvas of pixels. A shape is blended into each pixel in proportion to the area of the pixel that it
 * covers. The drawing functions are those of canvas.h, and what is said of them there is not said again. */
#ifndef SPIRAL_FIGURE_RASTER_H
#define SPIRAL_FIGURE_RASTER_H

#include "figure/canvas.h"

typedef struct SpiralRaster {
    size_t width, height;
    uint8_t *pixels;               /* (height, width, 3) */
    uint8_t *mask;                 /* (height, width): the coverage of the line being drawn; all 0 between calls */
    long left, top, right, bottom; /* the clip: whole pixels, right and bottom excluded */
} SpiralRaster;

SpiralRaster *spiral_raster_create(size_t width, size_t height); /* white; NULL when there is no memory */
void spiral_raster_free(SpiralRaster *raster);                   /* accepts NULL */
SpiralStatus spiral_raster_encode(const SpiralRaster *raster, unsigned per_metre, unsigned char **bytes, size_t *size,
                                  SpiralError *error);

/* One pixel, blended by coverage 0..1. */
void spiral_raster_blend(SpiralRaster *raster, long x, long y, SpiralColour colour, double coverage);
SpiralColour spiral_raster_pixel(const SpiralRaster *raster, size_t x, size_t y);

void spiral_raster_clip(SpiralRaster *raster, const SpiralRectangle *area);
void spiral_raster_rectangle(SpiralRaster *raster, SpiralRectangle area, SpiralColour colour, double opacity);
void spiral_raster_frame(SpiralRaster *raster, SpiralRectangle area, double width, SpiralColour colour);
void spiral_raster_polyline(SpiralRaster *raster, size_t count, const double *points, const SpiralStroke *stroke);
void spiral_raster_ring(SpiralRaster *raster, double x, double y, double radius, const SpiralStroke *stroke);
void spiral_raster_band(SpiralRaster *raster, size_t count, const double *points, SpiralColour colour, double opacity);
void spiral_raster_marker(SpiralRaster *raster, SpiralMarker marker, double x, double y, double radius, double outline,
                          SpiralColour edge, SpiralColour fill);
void spiral_raster_cells(SpiralRaster *raster, SpiralRectangle area, size_t columns, size_t rows,
                         const SpiralColour *colours);

#endif
