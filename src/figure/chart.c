#include "figure/chart.h"

#include <math.h>
#include <stdint.h>

#include "figure/colours.h"
#include "figure/legend.h"

/* Curves with at most this many points get a marker at each. */
enum { MARKED_POINTS = 25 };

/* More curves than these are told apart by markers, too; as far apart, in parts of the width, where there are many
 * points, and never in the same places. */
enum { UNMARKED_NAMES = 2 };
static const double MARKER_DISTANCE = 0.125, GOLDEN = 0.6180339887498949;

static const double BAND_OPACITY = 0.2;

/* ---- layout ------------------------------------------------------------------------------------------------------ */

static void place_points(SpiralChart *chart)
{
    for (size_t p = 0; p < chart->panel_count; p++) {
        const SpiralChartPanel *panel = &chart->panels[p];
        const SpiralAxis *y = &panel->axes.y;
        for (size_t i = chart->lines[panel->first].first; i < chart->lines[panel->end - 1].end; i++) {
            chart->placed[2 * i] = spiral_axes_x(&panel->axes, chart->points[2 * i]);
            chart->placed[2 * i + 1] = spiral_axes_y(&panel->axes, chart->points[2 * i + 1]);
            chart->placed_bands[3 * i] = chart->placed[2 * i];
            for (size_t j = 0; j < 2; j++) /* a logarithmic axis shows only positive values */
                chart->placed_bands[3 * i + 1 + j] = spiral_axes_y(&panel->axes, fmax(chart->bands[2 * i + j], y->low));
        }
    }
}

/* Stacks the panels with those heights; returns the most room that one has on the left of its plot, at least indent. */
static double stack(SpiralChart *chart, const SpiralSheet *sheet, const double *heights, double indent, double beside)
{
    SpiralRectangle area = spiral_sheet_area(sheet);
    double bottom = area.bottom, left = indent;
    for (size_t p = 0; p < chart->panel_count; p++) {
        SpiralAxes *axes = &chart->panels[p].axes;
        axes->above = p + 1 < chart->panel_count;
        axes->indent = indent;
        axes->beside = beside;
        area.bottom = axes->above ? area.top + floor(heights[p] + 0.5) : bottom;
        spiral_axes_layout(axes, sheet, area, false);
        left = fmax(left, axes->plot.left - area.left);
        area.top = area.bottom;
    }
    return left;
}

/* The shares divide the height of the plots alone, so the height of titles and labels must be known first; and the
 * plots line up on the left, beside the widest labels. Another height may have other ticks, with wider labels. */
static void layout(SpiralChart *chart, const SpiralSheet *sheet, double beside)
{
    double heights[SPIRAL_CHART_PANELS], shares = 0.0, room = 0.0;
    double whole = spiral_sheet_area(sheet).bottom;
    for (size_t p = 0; p < chart->panel_count; p++)
        shares += chart->panels[p].share;
    for (size_t p = 0; p < chart->panel_count; p++)
        heights[p] = whole * (chart->panels[p].share / shares);
    double indent = 0.0, left = stack(chart, sheet, heights, indent, beside);
    for (size_t p = 0; p < chart->panel_count; p++) {
        const SpiralAxes *axes = &chart->panels[p].axes;
        heights[p] = axes->area.bottom - axes->area.top - (axes->plot.bottom - axes->plot.top);
        room += axes->plot.bottom - axes->plot.top;
    }
    for (size_t p = 0; p < chart->panel_count; p++)
        heights[p] += room * (chart->panels[p].share / shares);
    while (left > indent) {
        indent = left;
        left = stack(chart, sheet, heights, indent, beside);
    }
    place_points(chart);
}

/* ---- the legend's place ------------------------------------------------------------------------------------------ */

/* Whether a segment of a curve passes through the box (Liang-Barsky clipping). */
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

/* Whether a piece of a band, from one point (3) to the next, lies under the box: an edge of it passes through, or it is
 * on both sides of the box's left edge. */
static bool covers(const double *from, const double *to, const SpiralRectangle *box)
{
    for (size_t edge = 1; edge < 3; edge++) {
        const double start[] = {from[0], from[edge]}, end[] = {to[0], to[edge]};
        if (crosses(start, end, box))
            return true;
    }
    if (!(from[0] <= box->left && box->left < to[0]))
        return false;
    double t = (box->left - from[0]) / (to[0] - from[0]);
    double first = from[1] + t * (to[1] - from[1]), second = from[2] + t * (to[2] - from[2]);
    return fmin(first, second) <= box->bottom && fmax(first, second) >= box->top;
}

/* Where a mark is drawn: at the plot's edge. */
static void place_mark(const SpiralChartPanel *panel, const SpiralChartMark *mark, double radius, double place[2])
{
    const SpiralRectangle *plot = &panel->axes.plot;
    double x = spiral_axes_x(&panel->axes, mark->x);
    place[0] = fmin(fmax(x, plot->left + 1.5 * radius), plot->right - 1.5 * radius);
    place[1] = mark->above ? plot->top + 1.5 * radius : plot->bottom - 1.5 * radius;
}

static bool is_free(const SpiralChart *chart, const SpiralChartPanel *panel, const SpiralRectangle *box, double gap)
{
    for (size_t i = panel->first_mark; i < panel->end_mark; i++) {
        double place[2];
        place_mark(panel, &chart->marks[i], gap / 2.0, place);
        if (crosses(place, place, box))
            return false;
    }
    for (size_t i = panel->first; i < panel->end; i++)
        for (size_t j = chart->lines[i].first; chart->lines[i].banded && j + 1 < chart->lines[i].end; j++)
            if (covers(chart->placed_bands + 3 * j, chart->placed_bands + 3 * (j + 1), box))
                return false;
    for (size_t i = panel->first; i < panel->end; i++)
        for (size_t j = chart->lines[i].first; j < chart->lines[i].end; j++) {
            const double *from = chart->placed + 2 * j;
            if (crosses(from, j + 1 < chart->lines[i].end ? from + 2 : from, box))
                return false;
        }
    return true;
}

/* A corner of the panel's plot where no curve passes under the legend; false when there is none. */
static bool find_corner(const SpiralChart *chart, const SpiralChartPanel *panel, double width, double height,
                        double gap, double *left, double *top)
{
    const SpiralRectangle *plot = &panel->axes.plot;
    if (width + 2.0 * gap > 0.6 * (plot->right - plot->left) || height + 2.0 * gap > 0.6 * (plot->bottom - plot->top))
        return false;
    for (size_t corner = 0; corner < 4; corner++) { /* top right first */
        *left = corner % 2 == 0 ? plot->right - gap - width : plot->left + gap;
        *top = corner < 2 ? plot->top + gap : plot->bottom - gap - height;
        SpiralRectangle box = {*left - gap / 2.0, *top - gap / 2.0, *left + width + gap / 2.0,
                               *top + height + gap / 2.0};
        if (is_free(chart, panel, &box, gap))
            return true;
    }
    return false;
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

static SpiralColour colour_of(const SpiralChartLine *line, const SpiralSheet *sheet)
{
    return line->name == SIZE_MAX ? sheet->grey : spiral_palette_line(line->name);
}

/* A single point's band is an upright bar. */
static void draw_band(const SpiralChart *chart, const SpiralChartLine *line, const SpiralSheet *sheet)
{
    size_t count = line->end - line->first;
    const double *points = chart->placed_bands + 3 * line->first;
    double half = 3.0 * sheet->unit;
    if (count == 1) {
        const double bar[] = {points[0] - half, points[1], points[2], points[0] + half, points[1], points[2]};
        spiral_canvas_band(sheet->canvas, 2, bar, colour_of(line, sheet), BAND_OPACITY);
    } else {
        spiral_canvas_band(sheet->canvas, count, points, colour_of(line, sheet), BAND_OPACITY);
    }
}

/* The more faint lines there are, the fainter each of them. */
static double faintness(const SpiralChart *chart, const SpiralChartPanel *panel)
{
    size_t count = 0;
    for (size_t i = panel->first; i < panel->end; i++)
        count += chart->lines[i].style == SPIRAL_CURVE_FAINT;
    return fmax(0.12, fmin(0.5, 3.5 / sqrt((double)count + 1.0)));
}

/* Of consecutive points in a column two pixels wide, keeps only the highest and the lowest: a thin line looks the same.
 * Returns how many are left. */
static size_t thin(double *points, size_t count, double column)
{
    size_t kept = 0;
    for (size_t i = 0; i < count;) {
        size_t high = i, low = i, end = i;
        double place = floor(points[2 * i] / column);
        for (; end < count && floor(points[2 * end] / column) == place; end++) {
            high = points[2 * end + 1] < points[2 * high + 1] ? end : high;
            low = points[2 * end + 1] > points[2 * low + 1] ? end : low;
        }
        const size_t pair[] = {high < low ? high : low, high < low ? low : high};
        for (size_t j = 0; j < (high == low ? 1 : 2); j++, kept++) {
            points[2 * kept] = points[2 * pair[j]];
            points[2 * kept + 1] = points[2 * pair[j] + 1];
        }
        i = end;
    }
    return kept;
}

static bool has_markers(const SpiralChart *chart)
{
    return chart->name_count > UNMARKED_NAMES;
}

/* At every point where there are few, else at even distances along x. */
static void draw_markers(const SpiralChart *chart, const SpiralChartLine *line, const SpiralSheet *sheet, double radius,
                         SpiralColour colour)
{
    const SpiralRectangle *plot = &chart->panels[0].axes.plot;
    const double *points = chart->placed + 2 * line->first;
    size_t count = line->end - line->first, name = line->name;
    bool marked = has_markers(chart) && name != SIZE_MAX;
    SpiralMarker shape = marked ? spiral_palette_line_marker(name) : SPIRAL_MARKER_DISC;
    for (size_t j = 0; count <= MARKED_POINTS && j < count; j++)
        spiral_marker_draw(sheet->canvas, shape, points[2 * j], points[2 * j + 1], radius, 0.0, colour, colour);
    if (count <= MARKED_POINTS || !marked)
        return;
    double distance = MARKER_DISTANCE * (plot->right - plot->left);
    double first = plot->left + distance * fmod((double)name * GOLDEN, 1.0);
    for (size_t j = 1; j < count; j++) {
        const double *from = points + 2 * (j - 1), *to = from + 2;
        double next = first + distance * ceil((from[0] - first) / distance);
        for (; next < to[0]; next += distance) {
            double part = (next - from[0]) / (to[0] - from[0]);
            spiral_marker_draw(sheet->canvas, shape, next, from[1] + part * (to[1] - from[1]), radius, 0.0, colour,
                               colour);
        }
    }
}

/* What an SVG says of a line to those who point at it. */
static const char *name_of(const SpiralChart *chart, const SpiralChartLine *line)
{
    return line->name == SIZE_MAX ? NULL : chart->names[line->name];
}

static void draw_line(const SpiralChart *chart, const SpiralChartLine *line, const SpiralSheet *sheet, double faint)
{
    size_t count = line->end - line->first;
    double *points = chart->placed + 2 * line->first;
    SpiralStroke stroke = {.width = 2.0 * sheet->unit, .colour = colour_of(line, sheet), .opacity = 1.0};
    double marker = 4.0 * sheet->unit;
    if (line->dashed) {
        stroke.dash = 5.0 * sheet->unit;
        stroke.gap = 4.0 * sheet->unit;
    }
    if (line->style == SPIRAL_CURVE_FAINT) {
        stroke.width = 1.1 * sheet->unit;
        stroke.opacity = faint;
        count = thin(points, count, 2.0 * fmax(1.0, sheet->unit));
    } else if (line->style == SPIRAL_CURVE_STRONG) { /* over a white one, which sets it apart from the others */
        stroke.width = 3.5 * sheet->unit;
        marker = 5.5 * sheet->unit;
        SpiralStroke halo = {.width = 6.5 * sheet->unit, .colour = {255, 255, 255}, .opacity = 0.8};
        spiral_canvas_polyline(sheet->canvas, count, points, &halo);
    }
    spiral_canvas_polyline(sheet->canvas, count, points, &stroke);
    if (line->style != SPIRAL_CURVE_FAINT)
        draw_markers(chart, line, sheet, marker, stroke.colour);
}

/* A triangle at the edge, where the curve left the plot. */
static void draw_mark(const SpiralChartPanel *panel, const SpiralChartMark *mark, const SpiralSheet *sheet)
{
    double radius = (mark->faint ? 3.5 : 5.0) * sheet->unit, place[2];
    place_mark(panel, mark, radius, place);
    SpiralColour colour = mark->name == SIZE_MAX ? sheet->grey : spiral_palette_line(mark->name);
    spiral_marker_draw(sheet->canvas, mark->above ? SPIRAL_MARKER_TRIANGLE : SPIRAL_MARKER_TRIANGLE_DOWN, place[0],
                       place[1], radius, 0.0, colour, colour);
}

/* From bottom to top: bands, faint lines, plain lines, strong lines. */
static void draw_panel(const SpiralChart *chart, const SpiralChartPanel *panel, const SpiralSheet *sheet)
{
    static const SpiralCurveStyle order[] = {SPIRAL_CURVE_FAINT, SPIRAL_CURVE_PLAIN, SPIRAL_CURVE_STRONG};
    double faint = faintness(chart, panel);
    spiral_axes_draw_grid(&panel->axes, sheet);
    spiral_canvas_clip(sheet->canvas, &panel->axes.plot);
    for (size_t i = panel->first; i < panel->end; i++)
        if (chart->lines[i].banded)
            draw_band(chart, &chart->lines[i], sheet);
    for (size_t pass = 0; pass < sizeof order / sizeof order[0]; pass++)
        for (size_t i = panel->first; i < panel->end; i++)
            if (chart->lines[i].style == order[pass]) {
                spiral_canvas_name(sheet->canvas, name_of(chart, &chart->lines[i]));
                draw_line(chart, &chart->lines[i], sheet, faint);
            }
    spiral_canvas_name(sheet->canvas, NULL);
    for (size_t i = panel->first_mark; i < panel->end_mark; i++)
        draw_mark(panel, &chart->marks[i], sheet);
    spiral_canvas_clip(sheet->canvas, NULL);
    spiral_axes_draw_frame(&panel->axes, sheet);
}

/* The legend goes into a corner of a plot that is free of curves, else beside the plots. */
void spiral_chart_draw(SpiralChart *chart, const SpiralSheet *sheet)
{
    SpiralRectangle area = spiral_sheet_area(sheet);
    size_t entries = chart->name_count + chart->dashed_count + (chart->mark_count > 0);
    SpiralLegend legend = {.count = entries > 1 || chart->mark_count > 0 ? entries : 0,
                           .names = chart->names,
                           .lines = true,
                           .dashed = chart->dashed_count,
                           .off_axis = chart->mark_count > 0,
                           .marked = has_markers(chart),
                           .widest = 0.2 * area.right,
                           .tallest = 0.9 * area.bottom};
    double width, height, left = 0.0, top = 0.0;
    spiral_legend_measure(sheet, &legend, &width, &height);
    layout(chart, sheet, 0.0);
    bool inside = width == 0.0;
    for (size_t p = 0; p < chart->panel_count && !inside; p++)
        inside = find_corner(chart, &chart->panels[p], width, height, 10.0 * sheet->unit, &left, &top);
    if (!inside) {
        layout(chart, sheet, width);
        left = chart->panels[0].axes.plot.right;
        top = chart->panels[0].axes.plot.top - 8.0 * sheet->unit;
    }
    for (size_t p = 0; p < chart->panel_count; p++)
        draw_panel(chart, &chart->panels[p], sheet);
    spiral_legend_draw(sheet, &legend, left, top, inside);
}
