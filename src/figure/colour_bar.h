/* colour_bar.h: the colour bar of a heat map. */
#ifndef SPIRAL_FIGURE_COLOUR_BAR_H
#define SPIRAL_FIGURE_COLOUR_BAR_H

#include <stdbool.h>

#include "figure/axis.h"
#include "figure/sheet.h"

typedef struct SpiralColourBar {
    SpiralAxis axis;                   /* the caller sets limits and label; spiral_colour_bar_measure sets the ticks */
    SpiralColour (*ramp)(double part); /* the colours from 0 to 1, of colours.h */
    bool blank;                        /* no values: draw only the notes below the bar */
    bool failed;                       /* explain the cross below the bar */
    bool best;                         /* explain the outline below the bar */
} SpiralColourBar;

/* The colour of a value. */
SpiralColour spiral_colour_bar_colour(const SpiralColourBar *bar, double value);

/* Its width in pixels, including margins, to the right of a plot of about that height. */
double spiral_colour_bar_measure(SpiralColourBar *bar, const SpiralSheet *sheet, double height);

/* Draws it beside the plot, with the same height. */
void spiral_colour_bar_draw(const SpiralColourBar *bar, const SpiralSheet *sheet, const SpiralRectangle *plot);

/* The marks for a failed point and for the best one. */
void spiral_colour_bar_failed(const SpiralSheet *sheet, SpiralRectangle square);
void spiral_colour_bar_outline(const SpiralSheet *sheet, SpiralRectangle area);

#endif
