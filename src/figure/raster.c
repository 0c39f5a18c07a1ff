#include "figure/raster.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "figure/png.h"

enum { CHANNELS = 3 };

/* ---- the raster -------------------------------------------------------------------------------------------------- */

SpiralRaster *spiral_raster_create(size_t width, size_t height)
{
    SpiralRaster *raster = spiral_allocate(1, sizeof *raster);
    if (raster == NULL)
        return NULL;
    raster->width = width;
    raster->height = height;
    raster->pixels = spiral_allocate(width * height, CHANNELS);
    raster->mask = spiral_allocate(width * height, 1);
    if (raster->pixels == NULL || raster->mask == NULL) {
        spiral_raster_free(raster);
        return NULL;
    }
    memset(raster->pixels, 255, width * height * CHANNELS);
    spiral_raster_clip(raster, NULL);
    return raster;
}

void spiral_raster_free(SpiralRaster *raster)
{
    if (raster == NULL)
        return;
    free(raster->pixels);
    free(raster->mask);
    free(raster);
}

SpiralStatus spiral_raster_encode(const SpiralRaster *raster, unsigned per_metre, unsigned char **bytes, size_t *size,
                                  SpiralError *error)
{
    return spiral_png_encode(raster->width, raster->height, raster->pixels, per_metre, bytes, size, error);
}

/* floor(value) clamped to low..high, also when value does not fit a long. */
static long pixel_at(double value, long low, long high)
{
    if (!(value > (double)low))
        return low;
    return value >= (double)high ? high : (long)floor(value);
}

void spiral_raster_clip(SpiralRaster *raster, const SpiralRectangle *area)
{
    long width = (long)raster->width, height = (long)raster->height;
    raster->left = area != NULL ? pixel_at(area->left + 0.5, 0, width) : 0;
    raster->top = area != NULL ? pixel_at(area->top + 0.5, 0, height) : 0;
    raster->right = area != NULL ? pixel_at(area->right + 0.5, 0, width) : width;
    raster->bottom = area != NULL ? pixel_at(area->bottom + 0.5, 0, height) : height;
}

/* ---- pixels ------------------------------------------------------------------------------------------------------ */

void spiral_raster_blend(SpiralRaster *raster, long x, long y, SpiralColour colour, double coverage)
{
    if (x < raster->left || x >= raster->right || y < raster->top || y >= raster->bottom || !(coverage > 0.0))
        return;
    uint8_t *pixel = raster->pixels + ((size_t)y * raster->width + (size_t)x) * CHANNELS;
    double part = coverage < 1.0 ? coverage : 1.0;
    SpiralColour mixed = spiral_colour_mix((SpiralColour){pixel[0], pixel[1], pixel[2]}, colour, part);
    pixel[0] = mixed.red;
    pixel[1] = mixed.green;
    pixel[2] = mixed.blue;
}

SpiralColour spiral_raster_pixel(const SpiralRaster *raster, size_t x, size_t y)
{
    const uint8_t *pixel = raster->pixels + (y * raster->width + x) * CHANNELS;
    return (SpiralColour){pixel[0], pixel[1], pixel[2]};
}

/* The length of the overlap of [low, high] and [i, i+1]. */
static double overlap(double low, double high, long i)
{
    double shared = fmin(high, (double)i + 1.0) - fmax(low, (double)i);
    return shared > 0.0 ? shared : 0.0;
}

void spiral_raster_rectangle(SpiralRaster *raster, SpiralRectangle area, SpiralColour colour, double opacity)
{
    long left = pixel_at(area.left, raster->left, raster->right);
    long right = pixel_at(area.right + 1.0, raster->left, raster->right);
    long top = pixel_at(area.top, raster->top, raster->bottom);
    long bottom = pixel_at(area.bottom + 1.0, raster->top, raster->bottom);
    for (long y = top; y < bottom; y++) {
        double tall = overlap(area.top, area.bottom, y) * opacity;
        for (long x = left; x < right; x++)
            spiral_raster_blend(raster, x, y, colour, tall * overlap(area.left, area.right, x));
    }
}

void spiral_raster_cells(SpiralRaster *raster, SpiralRectangle area, size_t columns, size_t rows,
                         const SpiralColour *colours)
{
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < columns; column++) {
            SpiralRectangle cell = {spiral_cell_edge(area.left, area.right, columns, column),
                                    spiral_cell_edge(area.top, area.bottom, rows, row),
                                    spiral_cell_edge(area.left, area.right, columns, column + 1),
                                    spiral_cell_edge(area.top, area.bottom, rows, row + 1)};
            spiral_raster_rectangle(raster, cell, colours[row * columns + column], 1.0);
        }
}

void spiral_raster_frame(SpiralRaster *raster, SpiralRectangle area, double width, SpiralColour colour)
{
    SpiralRectangle top = area, bottom = area, left = area, right = area;
    top.bottom = left.top = right.top = area.top + width;
    bottom.top = left.bottom = right.bottom = area.bottom - width;
    left.right = area.left + width;
    right.left = area.right - width;
    spiral_raster_rectangle(raster, top, colour, 1.0);
    spiral_raster_rectangle(raster, bottom, colour, 1.0);
    spiral_raster_rectangle(raster, left, colour, 1.0);
    spiral_raster_rectangle(raster, right, colour, 1.0);
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

typedef struct Segment {
    double x0, y0, x1, y1;
} Segment;

static double distance(const Segment *s, double x, double y)
{
    double dx = s->x1 - s->x0, dy = s->y1 - s->y0;
    double squared = dx * dx + dy * dy;
    double t = squared > 0.0 ? ((x - s->x0) * dx + (y - s->y0) * dy) / squared : 0.0;
    t = t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
    double ex = x - s->x0 - t * dx, ey = y - s->y0 - t * dy;
    return sqrt(ex * ex + ey * ey);
}

/* The range of x that the segment can touch in the rows y +- reach. */
static void reach_of_row(const Segment *s, double y, double reach, double *low, double *high)
{
    double dy = s->y1 - s->y0, t0 = 0.0, t1 = 1.0;
    if (fabs(dy) > 1e-9) {
        double a = (y - reach - s->y0) / dy, b = (y + reach - s->y0) / dy;
        t0 = fmax(0.0, fmin(a, b));
        t1 = fmin(1.0, fmax(a, b));
    }
    double first = s->x0 + t0 * (s->x1 - s->x0), second = s->x0 + t1 * (s->x1 - s->x0);
    *low = fmin(first, second) - reach;
    *high = fmax(first, second) + reach;
}

/* Raises the mask to the coverage of one segment. The segments of a polyline overlap at their joins, where the larger
 * coverage counts, not the sum. area grows to include the pixels touched. */
static void mask_segment(SpiralRaster *raster, const Segment *s, double width, long area[4])
{
    double half = width / 2.0, reach = half + 1.0;
    long top = pixel_at(fmin(s->y0, s->y1) - reach, raster->top, raster->bottom);
    long bottom = pixel_at(fmax(s->y0, s->y1) + reach + 1.0, raster->top, raster->bottom);
    for (long y = top; y < bottom; y++) {
        double low, high;
        reach_of_row(s, (double)y + 0.5, reach, &low, &high);
        long left = pixel_at(low, raster->left, raster->right);
        long right = pixel_at(high + 1.0, raster->left, raster->right);
        uint8_t *row = raster->mask + (size_t)y * raster->width;
        for (long x = left; x < right; x++) {
            double covered = fmin(half + 0.5 - distance(s, (double)x + 0.5, (double)y + 0.5), fmin(width, 1.0));
            if (covered * 255.0 > (double)row[x])
                row[x] = (uint8_t)(covered * 255.0 + 0.5);
        }
        area[0] = left < area[0] ? left : area[0];
        area[2] = right > area[2] ? right : area[2];
    }
    area[1] = top < area[1] ? top : area[1];
    area[3] = bottom > area[3] ? bottom : area[3];
}

/* Cuts one segment into dashes. position is the distance along the dash pattern, and carries over the joins. Round ends
 * lengthen each dash by the line's width, so each is shortened by as much. */
static void mask_dashes(SpiralRaster *raster, const Segment *s, const SpiralStroke *stroke, double *position,
                        long area[4])
{
    double length = hypot(s->x1 - s->x0, s->y1 - s->y0);
    double period = stroke->dash + stroke->gap, drawn = fmax(0.0, stroke->dash - stroke->width);
    for (double at = 0.0; at < length;) {
        double phase = fmod(*position, period);
        bool on = phase < drawn;
        double step = fmin(length - at, fmax(1e-3, (on ? drawn : period) - phase));
        if (on) {
            double a = at / length, b = (at + step) / length;
            Segment piece = {s->x0 + a * (s->x1 - s->x0), s->y0 + a * (s->y1 - s->y0), s->x0 + b * (s->x1 - s->x0),
                             s->y0 + b * (s->y1 - s->y0)};
            mask_segment(raster, &piece, stroke->width, area);
        }
        at += step;
        *position += step;
    }
}

void spiral_raster_polyline(SpiralRaster *raster, size_t count, const double *points, const SpiralStroke *stroke)
{
    long area[4] = {raster->right, raster->bottom, raster->left, raster->top};
    double position = 0.0;
    for (size_t i = 0; i == 0 ? count > 0 : i + 1 < count; i++) {
        const double *from = points + 2 * i, *to = i + 1 < count ? from + 2 : from;
        Segment segment = {from[0], from[1], to[0], to[1]};
        if (stroke->dash > 0.0)
            mask_dashes(raster, &segment, stroke, &position, area);
        else
            mask_segment(raster, &segment, stroke->width, area);
    }
    for (long y = area[1]; y < area[3]; y++) {
        uint8_t *row = raster->mask + (size_t)y * raster->width;
        for (long x = area[0]; x < area[2]; x++)
            if (row[x] > 0)
                spiral_raster_blend(raster, x, y, stroke->colour, (double)row[x] / 255.0 * stroke->opacity);
        if (area[0] < area[2])
            memset(row + area[0], 0, (size_t)(area[2] - area[0]));
    }
}

/* Sides of the polygon that a ring is. */
enum { RING_SIDES = 32 };

void spiral_raster_ring(SpiralRaster *raster, double x, double y, double radius, const SpiralStroke *stroke)
{
    const double turn = 6.283185307179586;
    double points[2 * (RING_SIDES + 1)];
    for (int i = 0; i <= RING_SIDES; i++) {
        points[2 * i] = x + radius * cos(turn * i / RING_SIDES);
        points[2 * i + 1] = y + radius * sin(turn * i / RING_SIDES);
    }
    spiral_raster_polyline(raster, RING_SIDES + 1, points, stroke);
}

/* ---- bands ------------------------------------------------------------------------------------------------------- */

/* Sample lines per column of pixels. */
#define COLUMN_PARTS 4

/* Adds the part of column x between two heights to the mask; rows grows to include the pixels touched. */
static void mask_column(SpiralRaster *raster, long x, double first, double second, long rows[2])
{
    double high = fmin(first, second), low = fmax(first, second);
    long top = pixel_at(high, raster->top, raster->bottom);
    long bottom = pixel_at(low + 1.0, raster->top, raster->bottom);
    for (long y = top; y < bottom; y++) {
        uint8_t *covered = raster->mask + (size_t)y * raster->width + (size_t)x;
        double sum = (double)*covered + overlap(high, low, y) * 255.0 / COLUMN_PARTS;
        *covered = (uint8_t)fmin(255.0, sum + 0.5);
    }
    rows[0] = top < rows[0] ? top : rows[0];
    rows[1] = bottom > rows[1] ? bottom : rows[1];
}

void spiral_raster_band(SpiralRaster *raster, size_t count, const double *points, SpiralColour colour, double opacity)
{
    if (count < 2)
        return;
    double start = points[0], end = points[3 * (count - 1)];
    long left = pixel_at(start, raster->left, raster->right);
    long right = pixel_at(end + 1.0, raster->left, raster->right);
    const double *from = points, *last = points + 3 * (count - 2);
    for (long x = left; x < right; x++) {
        long rows[2] = {raster->bottom, raster->top};
        for (int part = 0; part < COLUMN_PARTS; part++) {
            double place = (double)x + (part + 0.5) / COLUMN_PARTS;
            if (place < start || place > end)
                continue;
            while (from < last && from[3] < place)
                from += 3;
            double t = from[3] > from[0] ? (place - from[0]) / (from[3] - from[0]) : 0.0;
            mask_column(raster, x, from[1] + t * (from[4] - from[1]), from[2] + t * (from[5] - from[2]), rows);
        }
        for (long y = rows[0]; y < rows[1]; y++) {
            uint8_t *covered = raster->mask + (size_t)y * raster->width + (size_t)x;
            spiral_raster_blend(raster, x, y, colour, (double)*covered / 255.0 * opacity);
            *covered = 0;
        }
    }
}

/* ---- markers ----------------------------------------------------------------------------------------------------- */

/* The radius of a circle around every marker of radius 1: the corners of the triangles are the farthest points. */
static const double REACH = 1.6;

/* The largest of the signed distances to the lines that bound a regular polygon with a corner at the top. */
static double triangle_distance(double x, double y)
{
    return fmax(y, fmax(0.8660254037844386 * x - 0.5 * y, -0.8660254037844386 * x - 0.5 * y)) - SPIRAL_TRIANGLE_INNER;
}

static double plus_distance(double x, double y)
{
    double across = fmax(fabs(x) - SPIRAL_PLUS_ARM, fabs(y) - SPIRAL_PLUS_HALF);
    return fmin(across, fmax(fabs(x) - SPIRAL_PLUS_HALF, fabs(y) - SPIRAL_PLUS_ARM));
}

/* The signed distance of (x, y) from the edge of the marker of radius 1, negative inside; exact along straight edges.
 */
static double edge_distance(SpiralMarker marker, double x, double y)
{
    const double turn = 0.7071067811865476;
    switch (marker) {
    case SPIRAL_MARKER_SQUARE:
        return fmax(fabs(x), fabs(y)) - SPIRAL_SQUARE_SIDE;
    case SPIRAL_MARKER_TRIANGLE:
        return triangle_distance(x, y);
    case SPIRAL_MARKER_TRIANGLE_DOWN:
        return triangle_distance(x, -y);
    case SPIRAL_MARKER_DIAMOND:
        return fmax(fabs(turn * (x + y)), fabs(turn * (x - y))) - SPIRAL_SQUARE_SIDE;
    case SPIRAL_MARKER_PLUS:
        return plus_distance(x, y);
    case SPIRAL_MARKER_CROSS:
        return plus_distance(turn * (x + y), turn * (x - y));
    case SPIRAL_MARKER_DISC:
    case SPIRAL_MARKER_COUNT:
        break;
    }
    return hypot(x, y) - 1.0;
}

static double covered(double distance)
{
    return fmax(0.0, fmin(1.0, 0.5 - distance));
}

void spiral_raster_marker(SpiralRaster *raster, SpiralMarker marker, double x, double y, double radius, double outline,
                          SpiralColour edge, SpiralColour fill)
{
    double reach = REACH * radius + 1.0;
    long left = pixel_at(x - reach, raster->left, raster->right);
    long right = pixel_at(x + reach + 1.0, raster->left, raster->right);
    long top = pixel_at(y - reach, raster->top, raster->bottom);
    long bottom = pixel_at(y + reach + 1.0, raster->top, raster->bottom);
    for (long j = top; j < bottom; j++)
        for (long i = left; i < right; i++) {
            double across = ((double)i + 0.5 - x) / radius, down = ((double)j + 0.5 - y) / radius;
            double distance = radius * edge_distance(marker, across, down);
            double whole = covered(distance);
            if (whole <= 0.0)
                continue;
            /* inside the marker, the part of the pixel within the outline has the fill colour */
            double inside = covered(distance + outline);
            spiral_raster_blend(raster, i, j, spiral_colour_mix(edge, fill, inside / whole), whole);
        }
}
