/* axes.h: two axes with their frame, labels and title, in a rectangle of a sheet. */
#ifndef SPIRAL_FIGURE_AXES_H
#define SPIRAL_FIGURE_AXES_H

#include <stdbool.h>

#include "figure/axis.h"
#include "figure/sheet.h"

typedef struct SpiralAxes {
    SpiralAxis x, y;      /* limits and labels are set before the layout, which makes the ticks */
    const char *title;    /* borrowed; NULL: none. At most two lines: broken at a line feed, or where it is too long */
    double beside;        /* pixels reserved to the right of the plot, for a legend */
    double indent;        /* least pixels to its left, so that stacked plots line up */
    bool above;           /* not the bottom plot of a stack: the x labels are drawn below another one */
    bool turned;          /* names on the x axis are rotated; set by the layout */
    SpiralRectangle area; /* the space for the axes; set by the layout */
    SpiralRectangle plot; /* the space inside the frame, for the data, in whole pixels; set by the layout */
} SpiralAxes;

/* Divides area among title, labels and plot. equal: a unit has the same length on both axes; the limits are widened to
 * fill the plot. */
void spiral_axes_layout(SpiralAxes *axes, const SpiralSheet *sheet, SpiralRectangle area, bool equal);

/* Widens the limits of one axis so that a unit has the same length on both, for the current plot. */
void spiral_axes_equalize(SpiralAxes *axes);

/* The pixel coordinate of a value. */
double spiral_axes_x(const SpiralAxes *axes, double value);
double spiral_axes_y(const SpiralAxes *axes, double value);

/* Draw the grid before the data, and the frame with ticks, labels and title after it. */
void spiral_axes_draw_grid(const SpiralAxes *axes, const SpiralSheet *sheet);
void spiral_axes_draw_frame(const SpiralAxes *axes, const SpiralSheet *sheet);

#endif
