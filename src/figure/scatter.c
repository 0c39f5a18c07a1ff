#include "figure/scatter.h"

#include <math.h>

#include "figure/colours.h"
#include "figure/legend.h"

static const double GOLDEN = 0.6180339887498949;

static const double RADIUS = 0.0071; /* of an observation, beside the plot's shorter side */

SpiralStatus spiral_scatter_validate(double margin, const double *limits, const size_t axes[2], SpiralError *error)
{
    if (!(margin >= 0.0 && margin <= SPIRAL_AXIS_LARGEST))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "a margin of %g; a number of at least 0 is needed",
                                margin);
    if (axes[0] == axes[1])
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "axes %zu,%zu; two different features are needed",
                                axes[0], axes[1]);
    for (size_t i = 0; limits != NULL && i < 4; i += 2)
        if (!(limits[i] < limits[i + 1] && limits[i] >= -SPIRAL_AXIS_LARGEST && limits[i + 1] <= SPIRAL_AXIS_LARGEST))
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                    "limits from %g to %g; a number and a larger one are needed", limits[i],
                                    limits[i + 1]);
    return SPIRAL_OK;
}

SpiralStatus spiral_scatter_set(SpiralScatter *scatter, const SpiralDataset *dataset, size_t classes,
                                const char *const *names, const size_t axes[2], SpiralError *error)
{
    size_t features = dataset->features;
    *scatter = (SpiralScatter){.dataset = dataset, .classes = classes, .names = names, .strip = features == 1};
    if (!scatter->strip) {
        for (size_t i = 0; i < 2; i++)
            if (axes[i] >= features)
                return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                        "axis %zu was asked for; the data have the features 0..%zu", axes[i],
                                        features - 1);
        scatter->across = axes[0];
        scatter->up = axes[1];
    }
    for (size_t i = 0; i < dataset->rows; i++) {
        const double *x = dataset->X + i * features;
        double largest = fmax(fabs(x[scatter->across]), fabs(x[scatter->up]));
        if (!(largest <= SPIRAL_AXIS_LARGEST))
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                    "observation %zu has the value %g; values up to "
                                    "%g can be drawn",
                                    i, largest, SPIRAL_AXIS_LARGEST);
    }
    return SPIRAL_OK;
}

/* ---- layout ------------------------------------------------------------------------------------------------------ */

static void set_limits(SpiralAxis *axis, const SpiralDataset *dataset, size_t feature, double margin,
                       const double *limits)
{
    *axis = (SpiralAxis){.label = dataset->feature_names != NULL ? dataset->feature_names[feature] : NULL};
    if (limits != NULL) {
        spiral_axis_limits(axis, limits[0], limits[1]);
        return;
    }
    double low = dataset->X[feature], high = low;
    for (size_t i = 1; i < dataset->rows; i++) {
        low = fmin(low, dataset->X[i * dataset->features + feature]);
        high = fmax(high, dataset->X[i * dataset->features + feature]);
    }
    /* spiral_scatter_set has looked, but X may lie in a file that has changed since */
    if (!(low >= -SPIRAL_AXIS_LARGEST && high <= SPIRAL_AXIS_LARGEST))
        low = high = 0.0;
    spiral_axis_limits(axis, low - margin, high + margin);
}

static SpiralLegend legend_of(const SpiralScatter *scatter, const SpiralSheet *sheet)
{
    return (SpiralLegend){
        .count = scatter->classes,
        .names = scatter->names,
        .widest = 0.3 * (double)sheet->canvas->width,
        .tallest = 0.9 * (double)sheet->canvas->height,
    };
}

bool spiral_scatter_limits(const SpiralScatter *scatter, double margin, const double *limits, SpiralAxes *axes)
{
    set_limits(&axes->x, scatter->dataset, scatter->across, margin, limits);
    if (scatter->strip) {
        axes->y = (SpiralAxis){.low = 0.0, .high = 1.0, .bare = true};
        return false;
    }
    set_limits(&axes->y, scatter->dataset, scatter->up, margin, limits != NULL ? limits + 2 : NULL);
    /* features of quite different ranges are not lengths in one space */
    double ratio = (axes->x.high - axes->x.low) / (axes->y.high - axes->y.low);
    return ratio > 0.25 && ratio < 4.0;
}

void spiral_scatter_layout(const SpiralScatter *scatter, const SpiralSheet *sheet, const SpiralFigureOptions *options,
                           const char *title, SpiralAxes *axes)
{
    *axes = (SpiralAxes){.title = title};
    bool equal = spiral_scatter_limits(scatter, options->margin, options->limits, axes);
    SpiralLegend legend = legend_of(scatter, sheet);
    double height;
    spiral_legend_measure(sheet, &legend, &axes->beside, &height);
    spiral_axes_layout(axes, sheet, spiral_sheet_area(sheet), equal);
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

static size_t common_divisor(size_t a, size_t b)
{
    while (b != 0) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Few observations are drawn large; many are drawn smaller, so that they don't hide each other. */
static double radius_of(const SpiralRectangle *plot, size_t rows, double share)
{
    double full = share * fmin(plot->right - plot->left, plot->bottom - plot->top);
    return fmax(1.2, full * fmin(1.0, pow(400.0 / (double)rows, 0.3)));
}

void spiral_scatter_place(const SpiralScatter *scatter, const SpiralAxes *axes, size_t row, double *x, double *y)
{
    const SpiralDataset *dataset = scatter->dataset;
    const double *features = dataset->X + row * dataset->features;
    *x = spiral_axes_x(axes, features[scatter->across]);
    if (scatter->strip) {
        double bands = dataset->y != NULL ? (double)scatter->classes : 1.0;
        double class = dataset->y != NULL ? (double)dataset->y[row] : 0.0;
        double spread = fmod((double)row * GOLDEN, 1.0) - 0.5;
        *y = spiral_axes_y(axes, 1.0 - (class + 0.5 + 0.7 * spread) / bands);
    } else {
        *y = spiral_axes_y(axes, features[scatter->up]);
    }
}

static void draw_point(const SpiralScatter *scatter, const SpiralSheet *sheet, const SpiralAxes *axes, size_t row,
                       double radius)
{
    const SpiralDataset *dataset = scatter->dataset;
    size_t class = dataset->y != NULL ? (size_t)dataset->y[row] : 0;
    double place_x, place_y;
    spiral_scatter_place(scatter, axes, row, &place_x, &place_y);
    spiral_canvas_name(sheet->canvas, dataset->y != NULL ? scatter->names[class] : NULL);
    double outline = radius < 2.0 ? 0.0 : fmin(fmax(1.0, sheet->unit), 0.3 * radius);
    if (dataset->y == NULL)
        spiral_marker_draw(sheet->canvas, SPIRAL_MARKER_DISC, place_x, place_y, radius, outline, sheet->ink,
                           (SpiralColour){255, 255, 255});
    else
        spiral_marker_draw(sheet->canvas, spiral_palette_marker(class), place_x, place_y, radius, outline,
                           spiral_palette_edge(class), spiral_palette_colour(class));
}

/* About the golden section of the rows. Steps of it mix them, so that no class lies over all others only because its
 * rows come last, and that the first so many, beyond which more would only hide each other, come evenly from all of
 * them. */
size_t spiral_scatter_step(const SpiralScatter *scatter)
{
    size_t rows = scatter->dataset->rows, step = (size_t)((double)rows * GOLDEN) + 1;
    while (common_divisor(rows, step) != 1)
        step++;
    return step;
}

void spiral_scatter_draw_points(const SpiralScatter *scatter, const SpiralSheet *sheet, const SpiralAxes *axes,
                                size_t most, double share)
{
    size_t rows = scatter->dataset->rows, step = spiral_scatter_step(scatter);
    size_t count = rows < most ? rows : most;
    double radius = radius_of(&axes->plot, count, share);
    spiral_canvas_clip(sheet->canvas, &axes->plot);
    for (size_t i = 0, row = 0; i < count; i++, row = (row + step) % rows)
        draw_point(scatter, sheet, axes, row, radius);
    spiral_canvas_name(sheet->canvas, NULL);
    spiral_canvas_clip(sheet->canvas, NULL);
}

void spiral_scatter_draw(const SpiralScatter *scatter, const SpiralSheet *sheet, const SpiralAxes *axes)
{
    spiral_scatter_draw_points(scatter, sheet, axes, SPIRAL_FIGURE_POINTS_LIMIT, RADIUS);
    spiral_axes_draw_frame(axes, sheet);
    SpiralLegend legend = legend_of(scatter, sheet);
    spiral_legend_draw(sheet, &legend, axes->plot.right, axes->plot.top - 8.0 * sheet->unit, false);
}
