#include "figure/canvas.h"

#include <stdlib.h>

#include "base/memory.h"
#include "figure/raster.h"
#include "figure/svg.h"

enum { LARGEST = 1 << 15 };

SpiralStatus spiral_canvas_create(SpiralCanvasKind kind, size_t width, size_t height, SpiralCanvas **canvas,
                                  SpiralError *error)
{
    *canvas = NULL;
    if (width == 0 || height == 0 || width > LARGEST || height > LARGEST)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "a canvas of %zux%zu pixels; 1..%d are possible",
                                width, height, LARGEST);
    SpiralCanvas *made = spiral_allocate(1, sizeof *made);
    if (made != NULL) {
        made->width = width;
        made->height = height;
        if (kind == SPIRAL_CANVAS_SVG)
            made->svg = spiral_svg_create(width, height);
        else
            made->raster = spiral_raster_create(width, height);
    }
    if (made == NULL || (made->raster == NULL && made->svg == NULL)) {
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
    spiral_svg_free(canvas->svg);
    free(canvas);
}

SpiralStatus spiral_canvas_encode(const SpiralCanvas *canvas, unsigned per_metre, unsigned char **bytes, size_t *size,
                                  SpiralError *error)
{
    if (canvas->svg != NULL)
        return spiral_svg_encode(canvas->svg, bytes, size, error);
    return spiral_raster_encode(canvas->raster, per_metre, bytes, size, error);
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

void spiral_canvas_name(SpiralCanvas *canvas, const char *name)
{
    if (canvas->svg != NULL)
        spiral_svg_name(canvas->svg, name);
}

void spiral_canvas_clip(SpiralCanvas *canvas, const SpiralRectangle *area)
{
    if (canvas->svg != NULL)
        spiral_svg_clip(canvas->svg, area);
    else
        spiral_raster_clip(canvas->raster, area);
}

void spiral_canvas_rectangle(SpiralCanvas *canvas, SpiralRectangle area, SpiralColour colour, double opacity)
{
    if (canvas->svg != NULL)
        spiral_svg_rectangle(canvas->svg, area, colour, opacity);
    else
        spiral_raster_rectangle(canvas->raster, area, colour, opacity);
}

void spiral_canvas_frame(SpiralCanvas *canvas, SpiralRectangle area, double width, SpiralColour colour)
{
    if (canvas->svg != NULL)
        spiral_svg_frame(canvas->svg, area, width, colour);
    else
        spiral_raster_frame(canvas->raster, area, width, colour);
}

void spiral_canvas_polyline(SpiralCanvas *canvas, size_t count, const double *points, const SpiralStroke *stroke)
{
    if (canvas->svg != NULL)
        spiral_svg_polyline(canvas->svg, count, points, stroke);
    else
        spiral_raster_polyline(canvas->raster, count, points, stroke);
}

void spiral_canvas_ring(SpiralCanvas *canvas, double x, double y, double radius, const SpiralStroke *stroke)
{
    if (canvas->svg != NULL)
        spiral_svg_ring(canvas->svg, x, y, radius, stroke);
    else
        spiral_raster_ring(canvas->raster, x, y, radius, stroke);
}

void spiral_canvas_band(SpiralCanvas *canvas, size_t count, const double *points, SpiralColour colour, double opacity)
{
    if (canvas->svg != NULL)
        spiral_svg_band(canvas->svg, count, points, colour, opacity);
    else
        spiral_raster_band(canvas->raster, count, points, colour, opacity);
}

void spiral_marker_draw(SpiralCanvas *canvas, SpiralMarker marker, double x, double y, double radius, double outline,
                        SpiralColour edge, SpiralColour fill)
{
    if (canvas->svg != NULL)
        spiral_svg_marker(canvas->svg, marker, x, y, radius, outline, edge, fill);
    else
        spiral_raster_marker(canvas->raster, marker, x, y, radius, outline, edge, fill);
}

void spiral_canvas_cells(SpiralCanvas *canvas, SpiralRectangle area, size_t columns, size_t rows,
                         const SpiralColour *colours)
{
    if (canvas->svg != NULL)
        spiral_svg_cells(canvas->svg, area, columns, rows, colours);
    else
        spiral_raster_cells(canvas->raster, area, columns, rows, colours);
}
