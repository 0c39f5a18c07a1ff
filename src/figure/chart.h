/* chart.h: curves in stacked plots that share an x axis and a legend. */
#ifndef SPIRAL_FIGURE_CHART_H
#define SPIRAL_FIGURE_CHART_H

#include <stdbool.h>
#include <stddef.h>

#include "figure/axes.h"
#include "figure/sheet.h"
#include "spiral/figure.h"

enum { SPIRAL_CHART_PANELS = 16 };

/* The points first..end-1 of the chart. A broken curve consists of several lines. */
typedef struct SpiralChartLine {
    size_t first, end;
    size_t name; /* index in the legend, which determines the colour; SIZE_MAX: grey, not in the legend */
    bool dashed, banded;
    SpiralCurveStyle style;
} SpiralChartLine;

/* A gap in a curve: from x on, points that the axes can't show, above or below the plot. */
typedef struct SpiralChartMark {
    double x;
    bool above, faint;
    size_t name; /* as a line's */
} SpiralChartMark;

/* The lines first..end-1 of the chart, at least one; no two lines share points. */
typedef struct SpiralChartPanel {
    SpiralAxes axes; /* labels, scales and limits set; the layout is the chart's */
    double share;    /* of the height */
    size_t first, end;
    size_t first_mark, end_mark;
} SpiralChartPanel;

/* The caller fills in everything but placed and placed_bands, and owns the arrays. */
typedef struct SpiralChart {
    size_t panel_count; /* 1..SPIRAL_CHART_PANELS */
    size_t line_count, point_count;
    SpiralChartPanel *panels; /* (panel_count) from the top */
    SpiralChartLine *lines;   /* (line_count) in the order of their panels */
    double *points;           /* (point_count, 2) as given */
    double *bands;            /* (point_count, 2) from, to: y itself where there is no band */
    double *placed;           /* (point_count, 2) scratch space: the points in pixels */
    double *placed_bands;     /* (point_count, 3) scratch space: the bands in pixels: x, from, to */
    size_t mark_count;
    SpiralChartMark *marks; /* (mark_count) in the order of their panels */
    const char **names;     /* (name_count + dashed_count) the legend: first the coloured curves, then the meanings of
                           dashes; behind them that of the marks, if there are any */
    size_t name_count, dashed_count;
} SpiralChart;

void spiral_chart_draw(SpiralChart *chart, const SpiralSheet *sheet);

#endif
