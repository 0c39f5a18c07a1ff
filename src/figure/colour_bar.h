/* colour_bar.h: which colour stands for which value. */
#ifndef SPIRAL_FIGURE_COLOUR_BAR_H
#define SPIRAL_FIGURE_COLOUR_BAR_H

#include <stdbool.h>

#include "figure/axis.h"
#include "figure/sheet.h"

typedef struct SpiralColourBar {
    SpiralAxis axis; /* limits and label set; the ticks are made by the measuring */
    bool blank;      /* no values: no bar, only what is below it */
    bool failed;     /* says below the bar what a cross stands for */
    bool best;       /* and an outline */
} SpiralColourBar;

/* The colour of a value. */
SpiralColour spiral_colour_bar_colour(const SpiralColourBar *bar, double value);

/* The pixels that it takes on the right of a plot, margins included. */
double spiral_colour_bar_measure(SpiralColourBar *bar, const SpiralSheet *sheet);

/* Draws it beside the plot, and as high. */
void spiral_colour_bar_draw(const SpiralColourBar *bar, const SpiralSheet *sheet, const SpiralRectangle *plot);

/* What stands for a failure, and for the best: in the square that is given. */
void spiral_colour_bar_failed(const SpiralSheet *sheet, SpiralRectangle square);
void spiral_colour_bar_outline(const SpiralSheet *sheet, SpiralRectangle area);

#endif
