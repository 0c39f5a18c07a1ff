#include "figure/scatter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "figure/colours.h"
#include "figure/legend.h"
#include "figure/order.h"

static const double GOLDEN = 0.6180339887498949;

static const double SHARE = 0.1; /* of the data's range, the margin when none is given */

static const double LEGEND = 0.2;         /* of the sheet's width, at most */
static const double LEGEND_PADDING = 8.0; /* around its names, as a multiple of the sheet's unit */

static const double RADIUS = 0.0071; /* of an observation, beside the plot's shorter side */

SpiralStatus spiral_scatter_validate(double margin, const double *limits, const size_t *axes, SpiralError *error)
{
    if (margin < 0.0 || margin > SPIRAL_AXIS_LARGEST)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "a margin of %g; a number of at least 0 is needed",
                                margin);
    if (axes != NULL && axes[0] == axes[1])
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "axes %zu,%zu; two different features are needed",
                                axes[0], axes[1]);
    for (size_t i = 0; limits != NULL && i < 4; i += 2)
        if (!(limits[i] < limits[i + 1] && limits[i] >= -SPIRAL_AXIS_LARGEST && limits[i + 1] <= SPIRAL_AXIS_LARGEST))
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                    "limits from %g to %g; a number and a larger one are needed", limits[i],
                                    limits[i + 1]);
    return SPIRAL_OK;
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

/* The coordinate of an observation on an axis: 0 across, 1 up. */
static double coordinate(const SpiralScatter *scatter, size_t row, size_t axis)
{
    if (scatter->places != NULL)
        return scatter->places[2 * row + axis];
    return scatter->dataset->X[row * scatter->dataset->features + scatter->features[axis]];
}

static SpiralStatus check_numbers(const SpiralScatter *scatter, SpiralError *error)
{
    for (size_t i = 0; i < scatter->dataset->rows; i++) {
        double largest = fmax(fabs(coordinate(scatter, i, 0)), fabs(coordinate(scatter, i, 1)));
        if (!(largest <= SPIRAL_AXIS_LARGEST))
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                    "observation %zu has the value %g; values up to "
                                    "%g can be drawn",
                                    i, largest, SPIRAL_AXIS_LARGEST);
    }
    return SPIRAL_OK;
}

static SpiralStatus set_features(SpiralScatter *scatter, const size_t axes[2], SpiralError *error)
{
    size_t features = scatter->dataset->features;
    for (size_t i = 0; i < 2; i++)
        if (axes[i] >= features)
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                    "axis %zu was asked for; the data have the features 0..%zu", axes[i], features - 1);
    memcpy(scatter->features, axes, sizeof scatter->features);
    if (features == 2 && axes[0] == 0)
        return SPIRAL_OK;
    SpiralStatus status = spiral_plane_slice(scatter->dataset, axes, &scatter->made, error);
    scatter->plane = scatter->made;
    return status;
}

static void print_share(double share, char *text, size_t size)
{
    text[0] = '\0';
    if (!isnan(share))
        snprintf(text, size, " (%.3g %% of the variance)", 100.0 * share);
}

static SpiralStatus set_components(SpiralScatter *scatter, const SpiralNetwork *network, const SpiralPlane *plane,
                                   SpiralError *error)
{
    static const char *const ordinals[] = {"first", "second"};
    const SpiralDataset *dataset = scatter->dataset;
    SpiralStatus status = SPIRAL_OK;
    if (plane == NULL)
        status = spiral_plane_create(dataset, network, &scatter->made, error);
    if (status != SPIRAL_OK)
        return status;
    scatter->plane = plane != NULL ? plane : scatter->made;
    if (scatter->plane->features != dataset->features)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "a plane of %zu features; the data have %zu",
                                scatter->plane->features, dataset->features);
    scatter->places = spiral_allocate(dataset->rows, 2 * sizeof *scatter->places);
    if (scatter->places == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the places of %zu observations",
                                dataset->rows);
    for (size_t i = 0; i < dataset->rows; i++)
        spiral_plane_project(scatter->plane, dataset->X + i * dataset->features, scatter->places + 2 * i);
    for (size_t i = 0; i < 2; i++) {
        char share[40];
        print_share(scatter->plane->share[i], share, sizeof share);
        snprintf(scatter->labels[i], sizeof scatter->labels[i], "%s principal component%s", ordinals[i], share);
    }
    return SPIRAL_OK;
}

SpiralStatus spiral_scatter_set(SpiralScatter *scatter, const SpiralDataset *dataset, const SpiralNetwork *network,
                                const size_t *axes, const SpiralPlane *plane, SpiralError *error)
{
    static const size_t first_two[] = {0, 1};
    *scatter = (SpiralScatter){.dataset = dataset, .strip = dataset->features == 1};
    scatter->classes = network != NULL ? network->sizes[network->layers] : dataset->classes;
    scatter->names = network != NULL ? (const char *const *)network->class_names : dataset->class_names;
    SpiralStatus status = SPIRAL_OK;
    if (axes == NULL && dataset->features > 2)
        status = set_components(scatter, network, plane, error);
    else if (!scatter->strip)
        status = set_features(scatter, axes != NULL ? axes : first_two, error);
    return status == SPIRAL_OK ? check_numbers(scatter, error) : status;
}

void spiral_scatter_release(SpiralScatter *scatter)
{
    spiral_plane_free(scatter->made);
    free(scatter->places);
}

void spiral_scatter_title(const SpiralScatter *scatter, const char *heading, char title[SPIRAL_TITLE_BYTES])
{
    char second[128] = "";
    size_t others = scatter->dataset->features > 2 ? scatter->dataset->features - 2 : 0;
    if (scatter->places != NULL) {
        char share[40];
        print_share(scatter->plane->share[0] + scatter->plane->share[1], share, sizeof share);
        snprintf(second, sizeof second, "\nplane of the first two principal components%s", share);
    } else if (others > 0) {
        snprintf(second, sizeof second, "\nslice through the mean%s of the other %s", others == 1 ? "" : "s",
                 others == 1 ? "feature" : "features");
    }
    snprintf(title, SPIRAL_TITLE_BYTES, "%.*s%s", SPIRAL_TEXT_CUT(heading, SPIRAL_TITLE_BYTES - sizeof second), second);
}

/* ---- layout ------------------------------------------------------------------------------------------------------ */

static void set_limits(SpiralAxis *axis, const SpiralScatter *scatter, size_t which, double margin,
                       const double *limits)
{
    const SpiralDataset *dataset = scatter->dataset;
    const char *const *names = dataset->feature_names;
    *axis = (SpiralAxis){.label = names != NULL ? names[scatter->features[which]] : NULL};
    if (scatter->places != NULL)
        axis->label = scatter->labels[which];
    if (limits != NULL) {
        spiral_axis_limits(axis, limits[0], limits[1]);
        return;
    }
    double low = coordinate(scatter, 0, which), high = low;
    for (size_t i = 1; i < dataset->rows; i++) {
        low = fmin(low, coordinate(scatter, i, which));
        high = fmax(high, coordinate(scatter, i, which));
    }
    /* spiral_scatter_set has looked, but X may lie in a file that has changed since */
    if (!(low >= -SPIRAL_AXIS_LARGEST && high <= SPIRAL_AXIS_LARGEST))
        low = high = 0.0;
    double room = isnan(margin) ? SHARE * (high - low) : margin;
    spiral_axis_limits(axis, low - room, high + room);
}

static SpiralLegend legend_of(const SpiralScatter *scatter, const SpiralSheet *sheet, double tallest)
{
    return (SpiralLegend){
        .count = scatter->classes,
        .names = scatter->names,
        .widest = LEGEND * (double)sheet->canvas->width,
        .tallest = tallest,
    };
}

/* The room beside the plot: the legend's names begin and end level with its frame. */
static double legend_height(const SpiralAxes *axes, const SpiralSheet *sheet)
{
    return axes->plot.bottom - axes->plot.top + 2.0 * LEGEND_PADDING * sheet->unit;
}

bool spiral_scatter_limits(const SpiralScatter *scatter, double margin, const double *limits, SpiralAxes *axes)
{
    set_limits(&axes->x, scatter, 0, margin, limits);
    if (scatter->strip) {
        axes->y = (SpiralAxis){.low = 0.0, .high = 1.0, .bare = true};
        return false;
    }
    set_limits(&axes->y, scatter, 1, margin, limits != NULL ? limits + 2 : NULL);
    /* features of quite different ranges are not lengths in one space */
    double ratio = (axes->x.high - axes->x.low) / (axes->y.high - axes->y.low);
    return ratio > 0.25 && ratio < 4.0;
}

void spiral_scatter_layout(const SpiralScatter *scatter, const SpiralSheet *sheet, const SpiralFigureOptions *options,
                           const char *title, SpiralAxes *axes)
{
    double tallest = (double)sheet->canvas->height, width, height, beside = -1.0;
    for (;;) { /* beside a lower plot fewer names are listed, and the row that counts the others may be the widest */
        SpiralLegend legend = legend_of(scatter, sheet, tallest);
        spiral_legend_measure(sheet, &legend, &width, &height);
        if (width <= beside)
            return;
        beside = width;
        *axes = (SpiralAxes){.title = title, .beside = beside};
        bool equal = spiral_scatter_limits(scatter, options->margin, options->limits, axes);
        spiral_axes_layout(axes, sheet, spiral_sheet_area(sheet), equal);
        tallest = legend_height(axes, sheet);
    }
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

/* Few observations are drawn large; many are drawn smaller, so that they don't hide each other. */
static double radius_of(const SpiralRectangle *plot, size_t rows, double share)
{
    double full = share * fmin(plot->right - plot->left, plot->bottom - plot->top);
    return fmax(1.2, full * fmin(1.0, pow(400.0 / (double)rows, 0.3)));
}

void spiral_scatter_place(const SpiralScatter *scatter, const SpiralAxes *axes, size_t row, double *x, double *y)
{
    const SpiralDataset *dataset = scatter->dataset;
    *x = spiral_axes_x(axes, coordinate(scatter, row, 0));
    if (scatter->strip) {
        double bands = dataset->y != NULL ? (double)scatter->classes : 1.0;
        double class = dataset->y != NULL ? (double)dataset->y[row] : 0.0;
        double spread = fmod((double)row * GOLDEN, 1.0) - 0.5;
        *y = spiral_axes_y(axes, 1.0 - (class + 0.5 + 0.7 * spread) / bands);
    } else {
        *y = spiral_axes_y(axes, coordinate(scatter, row, 1));
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

/* In a mixed order, so that no class lies over all others only because its rows come last. */
void spiral_scatter_draw_points(const SpiralScatter *scatter, const SpiralSheet *sheet, const SpiralAxes *axes,
                                size_t most, double share)
{
    size_t rows = scatter->dataset->rows, step = spiral_order_step(rows);
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
    SpiralLegend legend = legend_of(scatter, sheet, legend_height(axes, sheet));
    spiral_legend_draw(sheet, &legend, axes->plot.right, axes->plot.top - LEGEND_PADDING * sheet->unit, false);
}
