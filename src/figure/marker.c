#include "figure/marker.h"

#include <math.h>

/* What encloses every marker of radius 1: the triangles' corners are the farthest. */
static const double REACH = 1.6;

/* The largest of the signed distances to the lines that bound a regular polygon with a corner at the top. */
static double triangle_distance(double x, double y)
{
    const double inner = 0.7776; /* the inscribed radius of the triangle with the area of the unit disc */
    return fmax(y, fmax(0.8660254037844386 * x - 0.5 * y, -0.8660254037844386 * x - 0.5 * y)) - inner;
}

static double plus_distance(double x, double y)
{
    const double arm = 1.1, half = 0.42;
    double across = fmax(fabs(x) - arm, fabs(y) - half);
    return fmin(across, fmax(fabs(x) - half, fabs(y) - arm));
}

/* The signed distance of (x, y) from the edge of the marker of radius 1, negative inside; exact along straight edges.
 */
static double edge_distance(SpiralMarker marker, double x, double y)
{
    const double turn = 0.7071067811865476, side = 0.8862269254527580; /* half the side of a square of area pi */
    switch (marker) {
    case SPIRAL_MARKER_SQUARE:
        return fmax(fabs(x), fabs(y)) - side;
    case SPIRAL_MARKER_TRIANGLE:
        return triangle_distance(x, y);
    case SPIRAL_MARKER_TRIANGLE_DOWN:
        return triangle_distance(x, -y);
    case SPIRAL_MARKER_DIAMOND:
        return fmax(fabs(turn * (x + y)), fabs(turn * (x - y))) - side;
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

void spiral_marker_draw(SpiralCanvas *canvas, SpiralMarker marker, double x, double y, double radius, double outline,
                        SpiralColour edge, SpiralColour fill)
{
    double reach = REACH * radius + 1.0;
    long left = spiral_canvas_pixel_at(x - reach, canvas->left, canvas->right);
    long right = spiral_canvas_pixel_at(x + reach + 1.0, canvas->left, canvas->right);
    long top = spiral_canvas_pixel_at(y - reach, canvas->top, canvas->bottom);
    long bottom = spiral_canvas_pixel_at(y + reach + 1.0, canvas->top, canvas->bottom);
    for (long j = top; j < bottom; j++)
        for (long i = left; i < right; i++) {
            double across = ((double)i + 0.5 - x) / radius, down = ((double)j + 0.5 - y) / radius;
            double distance = radius * edge_distance(marker, across, down);
            double whole = covered(distance);
            if (whole <= 0.0)
                continue;
            /* within the marker, the part of the pixel that is past the outline has the fill's colour */
            double inside = covered(distance + outline);
            spiral_canvas_blend(canvas, i, j, spiral_colour_mix(edge, fill, inside / whole), whole);
        }
}
