/* Curves in one pair of axes. */
#include "spiral/figure.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "figure/axes.h"
#include "figure/legend.h"
#include "figure/palette.h"

/* Curves of no more points than this have a marker at each. */
enum { MARKED_POINTS = 25 };

/* All that is drawn: the points of curve i are those from first[i] up to first[i+1]. */
typedef struct Chart {
    size_t count;
    size_t *first;      /* (count + 1) */
    double *points;     /* (first[count], 2) as given */
    double *placed;     /* the same, in pixels */
    const char **names; /* (count) */
} Chart;

static void chart_release(Chart *chart)
{
    free(chart->first);
    free(chart->points);
    free(chart->placed);
    free(chart->names);
}

/* ---- the points -------------------------------------------------------------------------------------------------- */

static bool drawable(double x, double y, const SpiralFigureOptions *options)
{
    return !(options->log_x && x <= 0.0) && !(options->log_y && y <= 0.0);
}

static SpiralStatus check_curves(size_t count, const SpiralCurve *curves, SpiralError *error)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < curves[i].count; j++) {
            double largest = fmax(fabs(curves[i].x[j]), fabs(curves[i].y[j]));
            if (!(largest <= SPIRAL_AXIS_LARGEST) || isnan(curves[i].x[j]) || isnan(curves[i].y[j]))
                return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                        "point %zu of curve %zu is (%g, %g); numbers up to %g can be drawn", j, i,
                                        curves[i].x[j], curves[i].y[j], SPIRAL_AXIS_LARGEST);
        }
    return SPIRAL_OK;
}

/* Takes the points that the axes can show. */
static SpiralStatus chart_create(Chart *chart, size_t count, const SpiralCurve *curves,
                                 const SpiralFigureOptions *options, SpiralError *error)
{
    SpiralStatus status = check_curves(count, curves, error);
    if (status != SPIRAL_OK)
        return status;
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += curves[i].count;
    chart->count = count;
    chart->first = spiral_allocate(count + 1, sizeof *chart->first);
    chart->points = spiral_allocate(total, 2 * sizeof *chart->points);
    chart->placed = spiral_allocate(total, 2 * sizeof *chart->placed);
    chart->names = spiral_allocate(count, sizeof *chart->names);
    if (chart->first == NULL || chart->points == NULL || chart->placed == NULL || chart->names == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the points of %zu curves", count);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        chart->first[i] = kept;
        chart->names[i] = curves[i].name != NULL ? curves[i].name : "";
        for (size_t j = 0; j < curves[i].count; j++)
            if (drawable(curves[i].x[j], curves[i].y[j], options)) {
                chart->points[2 * kept] = curves[i].x[j];
                chart->points[2 * kept + 1] = curves[i].y[j];
                kept++;
            }
    }
    chart->first[count] = kept;
    if (kept > 0)
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                            total > 0 ? "none of the %zu points is positive, as a logarithmic axis needs"
                                      : "there are no points to draw (%zu)",
                            total);
}

/* ---- layout ------------------------------------------------------------------------------------------------------ */

/* Limits round coordinate `which` of all points, with some room; a linear axis starts at 0 where that is near. */
static void set_limits(SpiralAxis *axis, const Chart *chart, size_t which, double room)
{
    double low = chart->points[which], high = low;
    for (size_t i = 1; i < chart->first[chart->count]; i++) {
        low = fmin(low, chart->points[2 * i + which]);
        high = fmax(high, chart->points[2 * i + which]);
    }
    spiral_axis_limits(axis, low, high);
    if (axis->logarithmic) {
        double factor = pow(axis->high / axis->low, room);
        axis->low /= factor;
        axis->high *= factor;
        return;
    }
    double range = axis->high - axis->low;
    bool from_zero = which == 1 && low >= 0.0 && low <= 0.4 * high;
    axis->high += room * range;
    axis->low = from_zero ? 0.0 : axis->low - room * range;
}

static void place_points(Chart *chart, const SpiralAxes *axes)
{
    for (size_t i = 0; i < chart->first[chart->count]; i++) {
        chart->placed[2 * i] = spiral_axes_x(axes, chart->points[2 * i]);
        chart->placed[2 * i + 1] = spiral_axes_y(axes, chart->points[2 * i + 1]);
    }
}

/* ---- the legend's place ------------------------------------------------------------------------------------------ */

/* Whether a piece of a curve passes through the box (Liang and Barsky's clipping). */
static bool crosses(const double *from, const double *to, const SpiralRectangle *box)
{
    double dx = to[0] - from[0], dy = to[1] - from[1], first = 0.0, last = 1.0;
    const double moves[] = {-dx, dx, -dy, dy};
    const double rooms[] = {from[0] - box->left, box->right - from[0], from[1] - box->top, box->bottom - from[1]};
    for (size_t i = 0; i < 4; i++) {
        if (moves[i] == 0.0 && rooms[i] < 0.0)
            return false;
        if (moves[i] < 0.0)
            first = fmax(first, rooms[i] / moves[i]);
        else if (moves[i] > 0.0)
            last = fmin(last, rooms[i] / moves[i]);
    }
    return first <= last;
}

static bool is_free(const Chart *chart, const SpiralRectangle *box)
{
    for (size_t i = 0; i < chart->count; i++)
        for (size_t j = chart->first[i]; j < chart->first[i + 1]; j++) {
            const double *from = chart->placed + 2 * j;
            if (crosses(from, j + 1 < chart->first[i + 1] ? from + 2 : from, box))
                return false;
        }
    return true;
}

/* A corner of the plot where no curve passes under the legend; false when there is none. */
static bool find_corner(const Chart *chart, const SpiralRectangle *plot, double width, double height, double gap,
                        double *left, double *top)
{
    if (width + 2.0 * gap > 0.6 * (plot->right - plot->left) || height + 2.0 * gap > 0.6 * (plot->bottom - plot->top))
        return false;
    for (size_t corner = 0; corner < 4; corner++) { /* top right first */
        *left = corner % 2 == 0 ? plot->right - gap - width : plot->left + gap;
        *top = corner < 2 ? plot->top + gap : plot->bottom - gap - height;
        SpiralRectangle box = {*left - gap / 2.0, *top - gap / 2.0, *left + width + gap / 2.0,
                               *top + height + gap / 2.0};
        if (is_free(chart, &box))
            return true;
    }
    return false;
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

static void draw_curves(const Chart *chart, const SpiralSheet *sheet, const SpiralAxes *axes)
{
    spiral_canvas_clip(sheet->canvas, &axes->plot);
    for (size_t i = 0; i < chart->count; i++) {
        size_t count = chart->first[i + 1] - chart->first[i];
        const double *points = chart->placed + 2 * chart->first[i];
        SpiralStroke stroke = {.width = 2.0 * sheet->unit, .colour = spiral_palette_colour(i), .opacity = 1.0};
        spiral_canvas_polyline(sheet->canvas, count, points, &stroke);
        for (size_t j = 0; count <= MARKED_POINTS && j < count; j++)
            spiral_marker_draw(sheet->canvas, spiral_palette_marker(i), points[2 * j], points[2 * j + 1],
                               4.0 * sheet->unit, 0.0, stroke.colour, stroke.colour);
    }
    spiral_canvas_clip(sheet->canvas, NULL);
}

/* The legend lies in a corner of the plot that the curves leave free, else beside the plot. */
static void draw_chart(Chart *chart, SpiralAxes *axes, const SpiralSheet *sheet)
{
    SpiralRectangle area = spiral_sheet_area(sheet);
    SpiralLegend legend = {.count = chart->count > 1 ? chart->count : 0,
                           .names = chart->names,
                           .lines = true,
                           .widest = 0.4 * area.right,
                           .tallest = 0.9 * area.bottom};
    double width, height, left = 0.0, top = 0.0;
    spiral_legend_measure(sheet, &legend, &width, &height);
    spiral_axes_layout(axes, sheet, area, false);
    place_points(chart, axes);
    bool inside = width == 0.0 || find_corner(chart, &axes->plot, width, height, 10.0 * sheet->unit, &left, &top);
    if (!inside) {
        axes->beside = width;
        spiral_axes_layout(axes, sheet, area, false);
        place_points(chart, axes);
        left = axes->plot.right;
        top = axes->plot.top - 8.0 * sheet->unit;
    }
    spiral_axes_draw_grid(axes, sheet);
    draw_curves(chart, sheet, axes);
    spiral_axes_draw_frame(axes, sheet);
    spiral_legend_draw(sheet, &legend, left, top, inside);
}

/* "loss by iteration" */
static void make_title(const char *x_label, const char *y_label, char *title, size_t size)
{
    title[0] = '\0';
    if (x_label != NULL && y_label != NULL)
        snprintf(title, size, "%.100s by %.100s", y_label, x_label);
}

SpiralStatus spiral_figure_curves(size_t count, const SpiralCurve *curves, const char *x_label, const char *y_label,
                                  const SpiralFigureOptions *options, const char *path, SpiralError *error)
{
    SpiralStatus status = spiral_figure_validate(options, error);
    if (status != SPIRAL_OK)
        return status;
    Chart chart = {0};
    SpiralSheet *sheet = NULL;
    status = chart_create(&chart, count, curves, options, error);
    if (status == SPIRAL_OK)
        status = spiral_sheet_create(options, &sheet, error);
    if (status == SPIRAL_OK) {
        char title[256];
        make_title(x_label, y_label, title, sizeof title);
        SpiralAxes axes = {.title = options->title != NULL ? options->title : title};
        axes.x = (SpiralAxis){.logarithmic = options->log_x, .label = x_label};
        axes.y = (SpiralAxis){.logarithmic = options->log_y, .label = y_label};
        set_limits(&axes.x, &chart, 0, 0.02);
        set_limits(&axes.y, &chart, 1, 0.05);
        draw_chart(&chart, &axes, sheet);
        status = spiral_sheet_save(sheet, path, error);
    }
    spiral_sheet_free(sheet);
    chart_release(&chart);
    return status;
}
