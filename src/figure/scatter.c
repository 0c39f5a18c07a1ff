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

/* The coordinates of an observation, across and up. */
static void locate(const SpiralScatter *scatter, const SpiralPoints *points, size_t row, double place[2])
{
    const double *x = points->dataset->X + row * points->dataset->features;
    if (scatter->components) {
        spiral_plane_project(scatter->plane, x, place);
    } else {
        place[0] = x[scatter->features[0]];
        place[1] = x[scatter->features[1]];
    }
}

/* Adds the observations to the others, and finds their range. */
static SpiralStatus add_points(SpiralScatter *scatter, const SpiralDataset *dataset, SpiralError *error)
{
    SpiralPoints *points = &scatter->points[scatter->point_sets++];
    points->dataset = dataset;
    for (size_t i = 0; i < dataset->rows; i++) {
        double place[2];
        locate(scatter, points, i, place);
        double largest = fmax(fabs(place[0]), fabs(place[1]));
        if (!(largest <= SPIRAL_AXIS_LARGEST))
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                    "observation %zu has the value %g; values up to %g can be drawn", i, largest,
                                    SPIRAL_AXIS_LARGEST);
        for (size_t axis = 0; axis < 2; axis++) {
            points->low[axis] = i == 0 ? place[axis] : fmin(points->low[axis], place[axis]);
            points->high[axis] = i == 0 ? place[axis] : fmax(points->high[axis], place[axis]);
        }
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
    scatter->components = true;
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
    return status == SPIRAL_OK ? add_points(scatter, dataset, error) : status;
}

SpiralStatus spiral_scatter_add_validation(SpiralScatter *scatter, const SpiralDataset *validation, SpiralError *error)
{
    return add_points(scatter, validation, error);
}

/* An observation without a label is neither right nor wrong. */
static SpiralStatus find_errors(SpiralScatter *scatter, SpiralPoints *points, const SpiralNetwork *network,
                                size_t threads, SpiralError *error)
{
    const SpiralDataset *dataset = points->dataset;
    int64_t *labels = spiral_allocate(dataset->rows, sizeof *labels);
    points->wrong = spiral_allocate(dataset->rows, sizeof *points->wrong);
    SpiralStatus status = SPIRAL_OK;
    if (labels == NULL || points->wrong == NULL)
        status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the predictions of %zu rows",
                                  dataset->rows);
    else
        status = spiral_network_predict(network, 0, dataset->rows, dataset->X, threads, NULL, NULL, labels, error);
    if (status == SPIRAL_ERROR_INPUT) /* where scores overflow there is no class */
        status = SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && dataset->y != NULL && i < dataset->rows; i++) {
        points->wrong[i] = labels[i] != dataset->y[i];
        scatter->error_count += points->wrong[i];
    }
    free(labels);
    return status;
}

SpiralStatus spiral_scatter_find_errors(SpiralScatter *scatter, const SpiralNetwork *network, size_t threads,
                                        SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < scatter->point_sets; i++)
        status = find_errors(scatter, &scatter->points[i], network, threads, error);
    scatter->errors = true;
    snprintf(scatter->error_name, sizeof scatter->error_name, "wrong: %zu", scatter->error_count);
    return status;
}

void spiral_scatter_release(SpiralScatter *scatter)
{
    spiral_plane_free(scatter->made);
    for (size_t i = 0; i < scatter->point_sets; i++)
        free(scatter->points[i].wrong);
}

void spiral_scatter_title(const SpiralScatter *scatter, const char *heading, char title[SPIRAL_TITLE_BYTES])
{
    char second[128] = "";
    size_t others = scatter->dataset->features > 2 ? scatter->dataset->features - 2 : 0;
    double share = scatter->components ? scatter->plane->share[0] + scatter->plane->share[1] : (double)NAN;
    if (scatter->components && scatter->brief && !isnan(share)) {
        snprintf(second, sizeof second, "\nprincipal components 1, 2 (%.3g %%)", 100.0 * share);
    } else if (scatter->components) {
        char text[40];
        print_share(share, text, sizeof text);
        snprintf(second, sizeof second, "\nplane of the first two principal components%s", text);
    } else if (others > 0) {
        snprintf(second, sizeof second, "\nslice %s the mean%s of the other%s%s", scatter->brief ? "at" : "through",
                 others == 1 ? "" : "s", scatter->brief && others > 1 ? "s" : "",
                 scatter->brief ? ""
                 : others == 1  ? " feature"
                                : " features");
    }
    snprintf(title, SPIRAL_TITLE_BYTES, "%.*s%s", SPIRAL_TEXT_CUT(heading, SPIRAL_TITLE_BYTES - sizeof second), second);
}

/* ---- layout ------------------------------------------------------------------------------------------------------ */

static void set_limits(SpiralAxis *axis, const SpiralScatter *scatter, size_t which, double margin,
                       const double *limits)
{
    const char *const *names = scatter->dataset->feature_names;
    *axis = (SpiralAxis){.label = names != NULL ? names[scatter->features[which]] : NULL};
    if (scatter->components)
        axis->label = scatter->labels[which];
    if (limits != NULL) {
        spiral_axis_limits(axis, limits[0], limits[1]);
        return;
    }
    double low = scatter->points[0].low[which], high = scatter->points[0].high[which];
    for (size_t p = 1; p < scatter->point_sets; p++) {
        low = fmin(low, scatter->points[p].low[which]);
        high = fmax(high, scatter->points[p].high[which]);
    }
    double room = isnan(margin) ? SHARE * (high - low) : margin;
    spiral_axis_limits(axis, low - room, high + room);
}

static SpiralLegend legend_of(const SpiralScatter *scatter, const SpiralSheet *sheet, double tallest)
{
    return (SpiralLegend){
        .count = scatter->classes,
        .names = scatter->names,
        .hollow = scatter->point_sets > 1 ? "validation" : NULL,
        .ringed = scatter->errors ? scatter->error_name : NULL,
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

static void place_of(const SpiralScatter *scatter, const SpiralPoints *points, const SpiralAxes *axes, size_t row,
                     double *x, double *y)
{
    const SpiralDataset *dataset = points->dataset;
    double place[2];
    locate(scatter, points, row, place);
    *x = spiral_axes_x(axes, place[0]);
    if (scatter->strip) {
        double bands = dataset->y != NULL ? (double)scatter->classes : 1.0;
        double class = dataset->y != NULL ? (double)dataset->y[row] : 0.0;
        double spread = fmod((double)row * GOLDEN, 1.0) - 0.5;
        *y = spiral_axes_y(axes, 1.0 - (class + 0.5 + 0.7 * spread) / bands);
    } else {
        *y = spiral_axes_y(axes, place[1]);
    }
}

void spiral_scatter_place(const SpiralScatter *scatter, const SpiralAxes *axes, size_t row, double *x, double *y)
{
    place_of(scatter, &scatter->points[0], axes, row, x, y);
}

/* Markers on a sheet, all of one size. */
typedef struct Markers {
    const SpiralScatter *scatter;
    const SpiralSheet *sheet;
    const SpiralAxes *axes;
    double radius;
} Markers;

/* The points after the first are the validation data. */
static void draw_point(const Markers *markers, const SpiralPoints *points, size_t row)
{
    const SpiralDataset *dataset = points->dataset;
    const SpiralColour white = {255, 255, 255};
    SpiralCanvas *canvas = markers->sheet->canvas;
    size_t class = dataset->y != NULL ? (size_t)dataset->y[row] : 0;
    double x, y, radius = markers->radius;
    place_of(markers->scatter, points, markers->axes, row, &x, &y);
    spiral_canvas_name(canvas, dataset->y != NULL ? markers->scatter->names[class] : NULL);
    double outline = radius < 2.0 ? 0.0 : fmin(fmax(1.0, markers->sheet->unit), 0.3 * radius);
    if (dataset->y == NULL)
        spiral_marker_draw(canvas, SPIRAL_MARKER_DISC, x, y, radius, outline, markers->sheet->ink, white);
    else if (points != markers->scatter->points)
        spiral_marker_draw(canvas, spiral_palette_marker(class), x, y, radius, SPIRAL_HOLLOW * radius,
                           spiral_palette_hollow(class), white);
    else
        spiral_marker_draw(canvas, spiral_palette_marker(class), x, y, radius, outline, spiral_palette_edge(class),
                           spiral_palette_colour(class));
}

static void draw_ring(const Markers *markers, const SpiralPoints *points, size_t row)
{
    double x, y;
    if (points->wrong == NULL || !points->wrong[row])
        return;
    place_of(markers->scatter, points, markers->axes, row, &x, &y);
    spiral_legend_ring(markers->sheet, x, y, markers->radius);
}

/* In a mixed order, so that no class lies over all others only because its rows come last. */
static void draw_all(const Markers *markers, const SpiralPoints *points, size_t most,
                     void (*draw)(const Markers *markers, const SpiralPoints *points, size_t row))
{
    size_t rows = points->dataset->rows, step = spiral_order_step(rows), count = rows < most ? rows : most;
    for (size_t i = 0, row = 0; i < count; i++, row = (row + step) % rows)
        draw(markers, points, row);
}

void spiral_scatter_draw_points(const SpiralScatter *scatter, const SpiralSheet *sheet, const SpiralAxes *axes,
                                size_t most, double share)
{
    size_t rows = scatter->dataset->rows;
    Markers markers = {scatter, sheet, axes, radius_of(&axes->plot, rows < most ? rows : most, share)};
    spiral_canvas_clip(sheet->canvas, &axes->plot);
    for (size_t i = 0; i < scatter->point_sets; i++)
        draw_all(&markers, &scatter->points[i], most, draw_point);
    spiral_canvas_name(sheet->canvas, NULL);
    for (size_t i = 0; scatter->errors && i < scatter->point_sets; i++)
        draw_all(&markers, &scatter->points[i], most, draw_ring);
    spiral_canvas_clip(sheet->canvas, NULL);
}

void spiral_scatter_draw(const SpiralScatter *scatter, const SpiralSheet *sheet, const SpiralAxes *axes)
{
    spiral_scatter_draw_points(scatter, sheet, axes, SPIRAL_FIGURE_POINTS_LIMIT, RADIUS);
    spiral_axes_draw_frame(axes, sheet);
    SpiralLegend legend = legend_of(scatter, sheet, legend_height(axes, sheet));
    spiral_legend_draw(sheet, &legend, axes->plot.right, axes->plot.top - LEGEND_PADDING * sheet->unit, false);
}
