/* legend.h: the legend: names with their colours and markers. */
#ifndef SPIRAL_FIGURE_LEGEND_H
#define SPIRAL_FIGURE_LEGEND_H

#include <stdbool.h>
#include <stddef.h>

#include "figure/canvas.h"
#include "figure/sheet.h"

#define SPIRAL_LEGEND_ROWS 40

#define SPIRAL_HOLLOW 0.45 /* of a hollow marker's radius, its outline */

typedef struct SpiralLegend {
    size_t count;             /* of all entries; at most SPIRAL_LEGEND_ROWS are listed, the others counted */
    const char *const *names; /* (count) borrowed; entry i has the palette's i-th colour and marker */
    bool lines;               /* the colours are those of lines, not of markers */
    bool marked;              /* lines have their markers, too */
    size_t dashed;            /* the last so many entries are grey dashed lines */
    bool off_axis;            /* the one after them is the mark of points that are off the axis */
    const char *hollow;       /* markers: what hollow ones stand for, and those with a ring, behind all others; */
    const char *ringed;       /* NULL: there are none. count and names leave them out */
    double widest;            /* the largest width and height, in pixels */
    double tallest;
} SpiralLegend;

/* The legend's size in pixels; 0 by 0 if not even one entry fits. */
void spiral_legend_measure(const SpiralSheet *sheet, const SpiralLegend *legend, double *width, double *height);

/* Draws it with its top left corner there; framed: on a white background. */
void spiral_legend_draw(const SpiralSheet *sheet, const SpiralLegend *legend, double left, double top, bool framed);

/* Draws a ring around a marker of that radius. */
void spiral_legend_ring(const SpiralSheet *sheet, double x, double y, double radius);

#endif
