/* chart.h: curves in plots above one another, on one x axis, with one legend. */
#ifndef SPIRAL_FIGURE_CHART_H
#define SPIRAL_FIGURE_CHART_H

#include <stdbool.h>
#include <stddef.h>

#include "figure/axes.h"
#include "figure/sheet.h"
#include "spiral/figure.h"

enum { SPIRAL_CHART_PANELS = 16 };

/* The points from first up to `end`, of all the chart's. A curve is several lines where it is broken. */
typedef struct SpiralChartLine {
    size_t first, end;
    size_t name; /* its place in the legend, which gives the colour; SIZE_MAX: none, grey */
    bool dashed, banded;
    SpiralCurveStyle style;
} SpiralChartLine;

/* Where a curve is broken: a run of points from x on that the axes can't show, above the plot or below it. */
typedef struct SpiralChartMark {
    double x;
    bool above;
    size_t name; /* as a line's */
} SpiralChartMark;

/* The lines from first up to `end`, of all the chart's, at least one, each with points of its own. */
typedef struct SpiralChartPanel {
    SpiralAxes axes; /* labels, scales and limits set; the layout is the chart's */
    double share;    /* of the height */
    size_t first, end;
    size_t first_mark, end_mark;
} SpiralChartPanel;

/* Whoever makes it fills in all but what is placed, and owns the arrays. */
typedef struct SpiralChart {
    size_t panel_count; /* 1..SPIRAL_CHART_PANELS */
    size_t line_count, point_count;
    SpiralChartPanel *panels; /* (panel_count) from the top */
    SpiralChartLine *lines;   /* (line_count) in the order of their panels */
    double *points;           /* (point_count, 2) as given */
    double *bands;            /* (point_count, 2) from, to: y itself where there is no band */
    double *placed;           /* (point_count, 2) room for the points in pixels */
    double *placed_bands;     /* (point_count, 3) and for the bands: x, from, to */
    size_t mark_count;
    SpiralChartMark *marks; /* (mark_count) in the order of their panels */
    const char **names;     /* (name_count + dashed_count) of the legend: colours, then what dashes stand for */
    size_t name_count, dashed_count;
} SpiralChart;

void spiral_chart_draw(SpiralChart *chart, const SpiralSheet *sheet);

#endif
