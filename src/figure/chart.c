#include "figure/chart.h"

#include <math.h>
#include <stdint.h>

#include "figure/legend.h"
#include "figure/palette.h"

/* Curves of no more points than this have a marker at each. */
enum { MARKED_POINTS = 25 };

/* ---- layout ------------------------------------------------------------------------------------------------------ */

static void place_points(SpiralChart *chart)
{
    for (size_t p = 0; p < chart->panel_count; p++) {
        const SpiralChartPanel *panel = &chart->panels[p];
        for (size_t i = chart->lines[panel->first].first; i < chart->lines[panel->end - 1].end; i++) {
            chart->placed[2 * i] = spiral_axes_x(&panel->axes, chart->points[2 * i]);
            chart->placed[2 * i + 1] = spiral_axes_y(&panel->axes, chart->points[2 * i + 1]);
        }
    }
}

/* Lays the panels out one under another, of those heights. */
static void stack(SpiralChart *chart, const SpiralSheet *sheet, const double *heights, double indent, double beside)
{
    SpiralRectangle area = spiral_sheet_area(sheet);
    double bottom = area.bottom;
    for (size_t p = 0; p < chart->panel_count; p++) {
        SpiralAxes *axes = &chart->panels[p].axes;
        axes->above = p + 1 < chart->panel_count;
        axes->indent = indent;
        axes->beside = beside;
        area.bottom = axes->above ? area.top + floor(heights[p] + 0.5) : bottom;
        spiral_axes_layout(axes, sheet, area, false);
        area.top = area.bottom;
    }
}

/* The plots' heights are in the panels' shares, so what titles and labels take must be known first; and the plots are
 * in line on the left, behind the widest labels. */
static void layout(SpiralChart *chart, const SpiralSheet *sheet, double beside)
{
    double heights[SPIRAL_CHART_PANELS], shares = 0.0, left = 0.0, room = 0.0;
    double whole = spiral_sheet_area(sheet).bottom;
    for (size_t p = 0; p < chart->panel_count; p++)
        shares += chart->panels[p].share;
    for (size_t p = 0; p < chart->panel_count; p++)
        heights[p] = whole * (chart->panels[p].share / shares);
    stack(chart, sheet, heights, 0.0, beside);
    for (size_t p = 0; p < chart->panel_count; p++) {
        const SpiralAxes *axes = &chart->panels[p].axes;
        left = fmax(left, axes->plot.left - axes->area.left);
        heights[p] = axes->area.bottom - axes->area.top - (axes->plot.bottom - axes->plot.top);
        room += axes->plot.bottom - axes->plot.top;
    }
    for (size_t p = 0; p < chart->panel_count; p++)
        heights[p] += room * (chart->panels[p].share / shares);
    stack(chart, sheet, heights, left, beside);
    place_points(chart);
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

static bool is_free(const SpiralChart *chart, const SpiralChartPanel *panel, const SpiralRectangle *box)
{
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
        if (is_free(chart, panel, &box))
            return true;
    }
    return false;
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

static void draw_line(const SpiralChart *chart, const SpiralChartLine *line, const SpiralSheet *sheet)
{
    size_t count = line->end - line->first;
    const double *points = chart->placed + 2 * line->first;
    bool grey = line->name == SIZE_MAX;
    SpiralStroke stroke = {.width = 2.0 * sheet->unit, .opacity = 1.0};
    stroke.colour = grey ? sheet->grey : spiral_palette_line(line->name);
    if (line->dashed) {
        stroke.dash = 5.0 * sheet->unit;
        stroke.gap = 4.0 * sheet->unit;
    }
    spiral_canvas_polyline(sheet->canvas, count, points, &stroke);
    for (size_t j = 0; count <= MARKED_POINTS && j < count; j++)
        spiral_marker_draw(sheet->canvas, spiral_palette_marker(grey ? 0 : line->name), points[2 * j],
                           points[2 * j + 1], 4.0 * sheet->unit, 0.0, stroke.colour, stroke.colour);
}

static void draw_panel(const SpiralChart *chart, const SpiralChartPanel *panel, const SpiralSheet *sheet)
{
    spiral_axes_draw_grid(&panel->axes, sheet);
    spiral_canvas_clip(sheet->canvas, &panel->axes.plot);
    for (size_t i = panel->first; i < panel->end; i++)
        draw_line(chart, &chart->lines[i], sheet);
    spiral_canvas_clip(sheet->canvas, NULL);
    spiral_axes_draw_frame(&panel->axes, sheet);
}

/* The legend lies in a corner of a plot that the curves leave free, else beside the plots. */
void spiral_chart_draw(SpiralChart *chart, const SpiralSheet *sheet)
{
    SpiralRectangle area = spiral_sheet_area(sheet);
    size_t entries = chart->name_count + chart->dashed_count;
    SpiralLegend legend = {.count = entries > 1 ? entries : 0,
                           .names = chart->names,
                           .lines = true,
                           .dashed = chart->dashed_count,
                           .widest = 0.4 * area.right,
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
