/* axes.h: two axes with their frame, labels and title, in a rectangle of a sheet. */
#ifndef SPIRAL_FIGURE_AXES_H
#define SPIRAL_FIGURE_AXES_H

#include <stdbool.h>

#include "figure/axis.h"
#include "figure/sheet.h"

typedef struct SpiralAxes {
    SpiralAxis x, y;      /* limits and labels are set before the layout, which makes the ticks */
    const char *title;    /* borrowed; NULL: none. At most two lines: broken at a line feed, or where it is too long */
    double beside;        /* pixels kept free on the right of the plot, for a legend */
    double indent;        /* pixels kept free at least on its left, so that plots above one another are in line */
    bool above;           /* other axes below have the x axis's labels */
    bool turned;          /* names on the x axis are read from below; set by the layout */
    SpiralRectangle area; /* all that the axes may use, set by the layout */
    SpiralRectangle plot; /* what it leaves for the data; whole pixels */
} SpiralAxes;

/* Divides area among title, labels and plot. equal: one unit is as long on both axes; the limits are widened to fill
 * the plot. */
void spiral_axes_layout(SpiralAxes *axes, const SpiralSheet *sheet, SpiralRectangle area, bool equal);

/* Widens the limits of one axis so that a unit is as long on both, on the plot that is set. */
void spiral_axes_equalize(SpiralAxes *axes);

/* The pixel place of a value. */
double spiral_axes_x(const SpiralAxes *axes, double value);
double spiral_axes_y(const SpiralAxes *axes, double value);

/* The grid goes under the data, the frame with ticks, labels and title over it. */
void spiral_axes_draw_grid(const SpiralAxes *axes, const SpiralSheet *sheet);
void spiral_axes_draw_frame(const SpiralAxes *axes, const SpiralSheet *sheet);

#endif
