#include "figure/canvas.h"

#include <stdlib.h>

#include "base/memory.h"
#include "figure/raster.h"

enum { LARGEST = 1 << 15 };

SpiralStatus spiral_canvas_create(SpiralCanvasKind kind, size_t width, size_t height, SpiralCanvas **canvas,
                                  SpiralError *error)
{
    (void)kind;
    *canvas = NULL;
    if (width == 0 || height == 0 || width > LARGEST || height > LARGEST)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "a canvas of %zux%zu pixels; 1..%d are possible",
                                width, height, LARGEST);
    SpiralCanvas *made = spiral_allocate(1, sizeof *made);
    if (made != NULL) {
        made->width = width;
        made->height = height;
        made->raster = spiral_raster_create(width, height);
    }
    if (made == NULL || made->raster == NULL) {
        spiral_canvas_free(made);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for a canvas of %zux%zu pixels", width,
                                height);
    }
    *canvas = made;
    return SPIRAL_OK;
}

void spiral_canvas_free(SpiralCanvas *canvas)
{
    if (canvas == NULL)
        return;
    spiral_raster_free(canvas->raster);
    free(canvas);
}

SpiralStatus spiral_canvas_encode(const SpiralCanvas *canvas, unsigned char **bytes, size_t *size, SpiralError *error)
{
    return spiral_raster_encode(canvas->raster, bytes, size, error);
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

void spiral_canvas_clip(SpiralCanvas *canvas, const SpiralRectangle *area)
{
    spiral_raster_clip(canvas->raster, area);
}

void spiral_canvas_rectangle(SpiralCanvas *canvas, SpiralRectangle area, SpiralColour colour, double opacity)
{
    spiral_raster_rectangle(canvas->raster, area, colour, opacity);
}

void spiral_canvas_frame(SpiralCanvas *canvas, SpiralRectangle area, double width, SpiralColour colour)
{
    spiral_raster_frame(canvas->raster, area, width, colour);
}

void spiral_canvas_polyline(SpiralCanvas *canvas, size_t count, const double *points, const SpiralStroke *stroke)
{
    spiral_raster_polyline(canvas->raster, count, points, stroke);
}

void spiral_canvas_band(SpiralCanvas *canvas, size_t count, const double *points, SpiralColour colour, double opacity)
{
    spiral_raster_band(canvas->raster, count, points, colour, opacity);
}

void spiral_marker_draw(SpiralCanvas *canvas, SpiralMarker marker, double x, double y, double radius, double outline,
                        SpiralColour edge, SpiralColour fill)
{
    spiral_raster_marker(canvas->raster, marker, x, y, radius, outline, edge, fill);
}

void spiral_canvas_cells(SpiralCanvas *canvas, SpiralRectangle area, size_t columns, size_t rows,
                         const SpiralColour *colours)
{
    spiral_raster_cells(canvas->raster, area, columns, rows, colours);
}
