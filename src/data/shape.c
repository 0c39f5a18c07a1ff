#include "data/shape.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

size_t spiral_shape_rows_before(const SpiralGenerateOptions *options, size_t class)
{
    if (options->balance_count == 0)
        return options->points_per_class * class;
    size_t before = 0, all = 0;
    for (size_t j = 0; j < options->balance_count; j++) {
        before += j < class ? options->balance[j] : 0;
        all += options->balance[j];
    }
    return options->classes * options->points_per_class * before / all;
}

/* The share of the rows that are to be in this class and those after it. */
static double share_from(const SpiralGenerateOptions *options, size_t class)
{
    if (options->balance_count == 0)
        return (double)(options->classes - class) / (double)options->classes;
    size_t from = 0, all = 0;
    for (size_t j = 0; j < options->balance_count; j++) {
        from += j >= class ? options->balance[j] : 0;
        all += options->balance[j];
    }
    return (double)from / (double)all;
}

/* numpy.linspace(start, stop, count)[i], rounding for rounding. */
static double linspace(double start, double stop, size_t count, size_t i)
{
    if (count == 1)
        return start;
    if (i == count - 1)
        return stop;
    double step = (stop - start) / (double)(count - 1);
    return (double)i * step + start;
}

/* ---- the shapes, without the noise of coordinates ---------------------------------------------------------------- */

static void spiral_point(const SpiralPlane *plane, double x[2])
{
    const SpiralGenerateOptions *options = plane->options;
    double start = 4.0 * (double)plane->class;
    double r = linspace(0.0, options->radius, plane->rows, plane->i);
    double t = linspace(start, start + 2.0 * PI * options->turns, plane->rows, plane->i) +
               spiral_rng_normal(plane->rng) * options->noise;
    x[0] = r * sin(t);
    x[1] = r * cos(t);
}

static void circles_point(const SpiralPlane *plane, double x[2])
{
    const SpiralGenerateOptions *options = plane->options;
    double r = options->radius * (double)(options->classes - plane->class) / (double)options->classes;
    double t = (double)plane->i * (2.0 * PI / (double)plane->rows);
    x[0] = r * cos(t);
    x[1] = r * sin(t);
}

static void moons_point(const SpiralPlane *plane, double x[2])
{
    double r = plane->options->radius;
    double t = linspace(0.0, PI, plane->rows, plane->i);
    x[0] = plane->class == 0 ? r * cos(t) : r * (1.0 - cos(t));
    x[1] = plane->class == 0 ? r * sin(t) : r * (1.0 - sin(t) - 0.5);
}

static void xor_point(const SpiralPlane *plane, double x[2])
{
    double r = plane->options->radius;
    x[0] = r * (2.0 * spiral_rng_uniform(plane->rng) - 1.0);
    double height = r * spiral_rng_uniform(plane->rng);
    x[1] = (x[0] < 0.0) == (plane->class == 0) ? -height : height;
}

/* Never log(0): what is taken from b_j is less than all of it. */
static void quantiles_point(const SpiralPlane *plane, double x[2])
{
    double from = share_from(plane->options, plane->class), after = share_from(plane->options, plane->class + 1);
    double q = after + (from - after) * (1.0 - spiral_rng_uniform(plane->rng));
    double r = plane->options->radius * sqrt(-2.0 * log(q));
    double t = 2.0 * PI * spiral_rng_uniform(plane->rng);
    x[0] = r * cos(t);
    x[1] = r * sin(t);
}

/* ---- the plane --------------------------------------------------------------------------------------------------- */

/* RandomState.uniform(-radius, radius). */
static double draw_in_box(const SpiralGenerateOptions *options, SpiralRng *rng)
{
    return -options->radius + 2.0 * options->radius * spiral_rng_uniform(rng);
}

static void enter_class(SpiralPlane *plane, size_t class)
{
    plane->class = class;
    plane->rows = spiral_shape_rows_before(plane->options, class + 1) - spiral_shape_rows_before(plane->options, class);
    plane->i = 0;
    if (plane->options->shape != SPIRAL_SHAPE_BLOBS)
        return;
    plane->centre[0] = draw_in_box(plane->options, &plane->centres);
    plane->centre[1] = draw_in_box(plane->options, &plane->centres);
}

void spiral_plane_begin(SpiralPlane *plane, const SpiralGenerateOptions *options, SpiralRng *rng)
{
    *plane = (SpiralPlane){.options = options, .rng = rng};
    if (options->shape == SPIRAL_SHAPE_BLOBS) { /* the centres come first; they are drawn again, class by class */
        plane->centres = *rng;
        for (size_t i = 0; i < 2 * options->classes; i++)
            spiral_rng_uniform(rng);
    }
    enter_class(plane, 0);
}

size_t spiral_plane_next(SpiralPlane *plane, double x[2])
{
    if (plane->i == plane->rows)
        enter_class(plane, plane->class + 1);
    switch (plane->options->shape) {
    case SPIRAL_SHAPE_SPIRAL:
        spiral_point(plane, x);
        break;
    case SPIRAL_SHAPE_CIRCLES:
        circles_point(plane, x);
        break;
    case SPIRAL_SHAPE_MOONS:
        moons_point(plane, x);
        break;
    case SPIRAL_SHAPE_BLOBS:
        x[0] = plane->centre[0];
        x[1] = plane->centre[1];
        break;
    case SPIRAL_SHAPE_XOR:
        xor_point(plane, x);
        break;
    case SPIRAL_SHAPE_GAUSSIAN_QUANTILES:
        quantiles_point(plane, x);
        break;
    }
    if (plane->options->shape != SPIRAL_SHAPE_SPIRAL) { /* whose noise is in the angle */
        x[0] += plane->options->noise * spiral_rng_normal(plane->rng);
        x[1] += plane->options->noise * spiral_rng_normal(plane->rng);
    }
    plane->i++;
    return plane->class;
}
