/* Curves as a chart: the points that the axes can show, their limits and colours. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "figure/chart.h"
#include "spiral/figure.h"

/* What was asked for. */
typedef struct Request {
    size_t count;
    const SpiralPanel *panels;
    const char *x_label;
    const SpiralFigureOptions *options;
} Request;

/* ---- checks ------------------------------------------------------------------------------------------------------ */

static bool drawable(double value)
{
    return fabs(value) <= SPIRAL_AXIS_LARGEST;
}

static SpiralStatus check_band(const SpiralCurve *curve, size_t number, SpiralError *error)
{
    for (size_t i = 0; i < curve->count; i++) {
        double low = curve->low[i], high = curve->high[i];
        if (drawable(curve->y[i]) && !(drawable(low) && drawable(high) && low <= high))
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                    "the band of curve %zu is from %g to %g at point %zu; numbers up to %g, the lower "
                                    "one first, can be drawn",
                                    number, low, high, i, SPIRAL_AXIS_LARGEST);
        if (i > 0 && curve->x[i] < curve->x[i - 1])
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                    "curve %zu has a band, but its x falls from %g to %g at point %zu", number,
                                    curve->x[i - 1], curve->x[i], i);
    }
    return SPIRAL_OK;
}

static SpiralStatus check_curve(const Request *request, const SpiralCurve *curve, size_t number, SpiralError *error)
{
    double names = (double)request->options->x_name_count;
    for (size_t i = 0; i < curve->count; i++) {
        double x = curve->x[i], y = curve->y[i];
        if (!drawable(x))
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                    "point %zu of curve %zu is (%g, %g); an x up to %g can be drawn", i, number, x, y,
                                    SPIRAL_AXIS_LARGEST);
        if (names > 0.0 && !(x >= 0.0 && x < names && x == floor(x)))
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                    "point %zu of curve %zu has x = %g; a whole number below %g, that of a name, is "
                                    "needed",
                                    i, number, x, names);
    }
    if ((curve->low == NULL) != (curve->high == NULL))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "the band of curve %zu has only one edge", number);
    return curve->low != NULL ? check_band(curve, number, error) : SPIRAL_OK;
}

static SpiralStatus check(const Request *request, SpiralError *error)
{
    SpiralStatus status = spiral_figure_validate(request->options, error);
    if (status == SPIRAL_OK && (request->count == 0 || request->count > SPIRAL_CHART_PANELS))
        status = spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%zu panels; 1..%d are possible", request->count,
                                  SPIRAL_CHART_PANELS);
    size_t number = 0;
    for (size_t p = 0; status == SPIRAL_OK && p < request->count; p++) {
        const SpiralPanel *panel = &request->panels[p];
        if (!(panel->share > 0.0 && panel->share <= 1e6))
            status = spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                      "a panel's share of %g; a number above 0 is needed", panel->share);
        for (size_t i = 0; status == SPIRAL_OK && i < panel->count; i++)
            status = check_curve(request, &panel->curves[i], number++, error);
    }
    return status;
}

/* ---- the chart --------------------------------------------------------------------------------------------------- */

static void release(SpiralChart *chart)
{
    free(chart->panels);
    free(chart->lines);
    free(chart->points);
    free(chart->bands);
    free(chart->placed);
    free(chart->placed_bands);
    free(chart->marks);
    free(chart->names);
}

static SpiralStatus allocate(SpiralChart *chart, const Request *request, SpiralError *error)
{
    size_t lines = 0, points = 0;
    for (size_t p = 0; p < request->count; p++) {
        lines += request->panels[p].count;
        for (size_t i = 0; i < request->panels[p].count; i++)
            points += request->panels[p].curves[i].count;
    }
    chart->panels = spiral_allocate(request->count, sizeof *chart->panels);
    chart->lines = spiral_allocate(lines + points, sizeof *chart->lines); /* a point may break its curve */
    chart->marks = spiral_allocate(points, sizeof *chart->marks);
    chart->points = spiral_allocate(points, 2 * sizeof *chart->points);
    chart->bands = spiral_allocate(points, 2 * sizeof *chart->bands);
    chart->placed = spiral_allocate(points, 2 * sizeof *chart->placed);
    chart->placed_bands = spiral_allocate(points, 3 * sizeof *chart->placed_bands);
    chart->names = spiral_allocate(2 * lines + 1, sizeof *chart->names);
    if (chart->panels == NULL || chart->lines == NULL || chart->points == NULL || chart->bands == NULL ||
        chart->marks == NULL || chart->placed == NULL || chart->placed_bands == NULL || chart->names == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the points of %zu curves", lines);
    return SPIRAL_OK;
}

/* The place of name among names; count when it is none of them. */
static size_t find(const char *const *names, size_t count, const char *name)
{
    size_t i = 0;
    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i;
}

static void add(const char **names, size_t *count, const char *name)
{
    if (name != NULL && find(names, *count, name) == *count)
        names[(*count)++] = name;
}

/* All names are found first, since what dashes stand for comes behind them in the legend; a faint curve adds none. */
static void collect_names(SpiralChart *chart, const Request *request)
{
    for (size_t p = 0; p < request->count; p++)
        for (size_t i = 0; i < request->panels[p].count; i++)
            if (request->panels[p].curves[i].style != SPIRAL_CURVE_FAINT)
                add(chart->names, &chart->name_count, request->panels[p].curves[i].name);
    for (size_t p = 0; p < request->count; p++)
        for (size_t i = 0; i < request->panels[p].count; i++)
            add(chart->names + chart->name_count, &chart->dashed_count, request->panels[p].curves[i].dashed);
}

static size_t name_of(const SpiralChart *chart, const SpiralCurve *curve)
{
    size_t name = curve->name != NULL ? find(chart->names, chart->name_count, curve->name) : SIZE_MAX;
    return name < chart->name_count ? name : SIZE_MAX;
}

/* Widens low..high to hold the value, unless it is a 0 that a logarithmic axis gives its own place. */
static void hold(SpiralAxis *axis, double value, double *low, double *high)
{
    axis->whole = axis->whole && value == floor(value);
    if (axis->logarithmic && value == 0.0)
        return;
    *low = fmin(*low, value);
    *high = fmax(*high, value);
}

/* The x axis: all points and marks with some room; a logarithmic one is broken when there is a 0. */
static void set_x_limits(SpiralAxis *axis, const SpiralChart *chart)
{
    double low = INFINITY, high = -INFINITY;
    bool zero = false;
    axis->whole = true;
    for (size_t i = 0; i < chart->point_count; i++) {
        hold(axis, chart->points[2 * i], &low, &high);
        zero = zero || chart->points[2 * i] == 0.0;
    }
    for (size_t i = 0; i < chart->mark_count; i++) {
        hold(axis, chart->marks[i].x, &low, &high);
        zero = zero || chart->marks[i].x == 0.0;
    }
    if (low > high) { /* nothing but 0 */
        axis->logarithmic = false;
        low = high = 0.0;
    }
    spiral_axis_limits(axis, low, high);
    spiral_axis_widen(axis, 0.02);
    if (axis->logarithmic && zero)
        spiral_axis_break(axis);
}

/* The y axis: the points from first up to `end` with some room; a linear one starts at 0 where that is near. A
 * logarithmic one follows a band, which may reach down to nothing, for a factor of ten. */
static void set_y_limits(SpiralAxis *axis, const SpiralChart *chart, size_t first, size_t end)
{
    double low = INFINITY, high = -INFINITY;
    axis->whole = true;
    for (size_t i = first; i < end; i++)
        hold(axis, chart->points[2 * i + 1], &low, &high);
    axis->whole = axis->whole && high - low >= 1.0 && high > 1.0; /* shares may all be 0 or 1 */
    double least = axis->logarithmic ? low / 10.0 : -SPIRAL_AXIS_LARGEST;
    for (size_t i = first; i < end; i++) {
        low = fmin(low, fmax(least, chart->bands[2 * i]));
        high = fmax(high, chart->bands[2 * i + 1]);
    }
    spiral_axis_limits(axis, low, high);
    spiral_axis_widen(axis, 0.05);
    if (!axis->logarithmic && low >= 0.0 && low <= 0.4 * high)
        axis->low = 0.0;
}

static SpiralChartLine *start_line(SpiralChart *chart, const SpiralCurve *curve)
{
    SpiralChartLine *line = &chart->lines[chart->line_count++];
    *line = (SpiralChartLine){.first = chart->point_count,
                              .end = chart->point_count,
                              .name = name_of(chart, curve),
                              .dashed = curve->dashed != NULL,
                              .banded = curve->low != NULL,
                              .style = curve->style};
    return line;
}

static void add_point(SpiralChart *chart, const SpiralCurve *curve, size_t i)
{
    chart->points[2 * chart->point_count] = curve->x[i];
    chart->points[2 * chart->point_count + 1] = curve->y[i];
    chart->bands[2 * chart->point_count] = curve->low != NULL ? curve->low[i] : curve->y[i];
    chart->bands[2 * chart->point_count + 1] = curve->high != NULL ? curve->high[i] : curve->y[i];
    chart->point_count++;
}

/* The points that the axes can show. Others break the curve, and the first of a run of them leaves a mark: below the
 * plot what is too low for it, above it all else, NaN too. A logarithmic x axis is broken behind a 0, and leaves out
 * what is below. */
static void fill_curve(SpiralChart *chart, const SpiralCurve *curve, bool log_x, bool log_y)
{
    SpiralChartLine *line = start_line(chart, curve);
    bool broken = false;
    for (size_t i = 0; i < curve->count; i++) {
        double y = curve->y[i];
        if (log_x && curve->x[i] < 0.0)
            continue;
        bool low = y < -SPIRAL_AXIS_LARGEST || (log_y && y <= 0.0);
        if (!low && drawable(y)) {
            bool across = log_x && i > 0 && (curve->x[i - 1] == 0.0) != (curve->x[i] == 0.0); /* the break */
            if ((broken || across) && line->end > line->first)
                line = start_line(chart, curve);
            add_point(chart, curve, i);
            line->end = chart->point_count;
        } else if (!broken) {
            chart->marks[chart->mark_count++] =
                (SpiralChartMark){curve->x[i], !low, curve->style == SPIRAL_CURVE_FAINT, line->name};
        }
        broken = low || !drawable(y);
    }
}

/* A panel of which no point can be shown has an axis without numbers, for its marks. */
static SpiralStatus fill_panel(SpiralChart *chart, const SpiralPanel *panel, bool log_x, SpiralError *error)
{
    SpiralChartPanel *made = &chart->panels[chart->panel_count++];
    size_t given = 0, first = chart->point_count;
    made->first = chart->line_count;
    made->first_mark = chart->mark_count;
    for (size_t i = 0; i < panel->count; i++) {
        given += panel->curves[i].count;
        fill_curve(chart, &panel->curves[i], log_x, panel->log_y);
    }
    made->end = chart->line_count;
    made->end_mark = chart->mark_count;
    made->share = panel->share;
    made->axes.y = (SpiralAxis){.low = 0.0, .high = 1.0, .logarithmic = panel->log_y, .label = panel->y_label};
    if (chart->point_count > first) {
        set_y_limits(&made->axes.y, chart, first, chart->point_count);
        return SPIRAL_OK;
    }
    made->axes.y.logarithmic = false;
    made->axes.y.bare = true;
    if (chart->mark_count > made->first_mark)
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                            given > 0 ? "none of the %zu points is positive, as a logarithmic axis needs"
                                      : "there are no points to draw (%zu)",
                            given);
}

static SpiralStatus fill(SpiralChart *chart, const Request *request, SpiralError *error)
{
    const SpiralFigureOptions *options = request->options;
    bool log_x = options->log_x && options->x_name_count == 0;
    SpiralStatus status = allocate(chart, request, error);
    if (status == SPIRAL_OK)
        collect_names(chart, request);
    for (size_t p = 0; status == SPIRAL_OK && p < request->count; p++)
        status = fill_panel(chart, &request->panels[p], log_x, error);
    if (status != SPIRAL_OK)
        return status;
    if (chart->point_count == 0)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                "none of the points can be drawn: numbers from %g to %g can%s",
                                request->panels[0].log_y ? 0.0 : -SPIRAL_AXIS_LARGEST, SPIRAL_AXIS_LARGEST,
                                request->panels[0].log_y ? ", but for 0, on a logarithmic axis" : "");
    if (chart->mark_count > 0)
        chart->names[chart->name_count + chart->dashed_count] = "off the axis";
    SpiralAxis x = {.logarithmic = log_x,
                    .label = request->x_label,
                    .name_count = options->x_name_count,
                    .names = options->x_names};
    if (x.name_count > 0)
        spiral_axis_limits(&x, -0.5, (double)x.name_count - 0.5);
    else
        set_x_limits(&x, chart);
    for (size_t p = 0; p < chart->panel_count; p++)
        chart->panels[p].axes.x = x;
    return SPIRAL_OK;
}

/* ---- the figure -------------------------------------------------------------------------------------------------- */

/* "loss, accuracy and learning rate by iteration" */
static void make_title(const Request *request, char *title, size_t size)
{
    size_t used = 0;
    for (size_t p = 0; p < request->count; p++)
        if (request->panels[p].y_label == NULL || request->x_label == NULL)
            return;
    for (size_t p = 0; p < request->count && used < size; p++) {
        const char *between = p == 0 ? "" : p + 1 == request->count ? " and " : ", ";
        used += (size_t)snprintf(title + used, size - used, "%s%.*s", between,
                                 SPIRAL_TEXT_CUT(request->panels[p].y_label, 100));
    }
    if (used < size)
        snprintf(title + used, size - used, " by %.*s", SPIRAL_TEXT_CUT(request->x_label, 100));
}

SpiralStatus spiral_figure_panels(size_t count, const SpiralPanel *panels, const char *x_label,
                                  const SpiralFigureOptions *options, const char *path, SpiralError *error)
{
    const Request request = {count, panels, x_label, options};
    SpiralChart chart = {0};
    SpiralSheet *sheet = NULL;
    char title[512] = "";
    SpiralStatus status = check(&request, error);
    if (status == SPIRAL_OK)
        status = fill(&chart, &request, error);
    if (status == SPIRAL_OK)
        status = spiral_sheet_create(options, path, &sheet, error);
    if (status == SPIRAL_OK) {
        make_title(&request, title, sizeof title);
        chart.panels[0].axes.title = options->title != NULL ? options->title : title;
        spiral_chart_draw(&chart, sheet);
        status = spiral_sheet_save(sheet, path, error);
    }
    spiral_sheet_free(sheet);
    release(&chart);
    return status;
}

SpiralStatus spiral_figure_curves(size_t count, const SpiralCurve *curves, const char *x_label, const char *y_label,
                                  const SpiralFigureOptions *options, const char *path, SpiralError *error)
{
    const SpiralPanel panel = {y_label, options->log_y, 1.0, count, curves};
    return spiral_figure_panels(1, &panel, x_label, options, path, error);
}
