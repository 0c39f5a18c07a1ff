/* ramp.h: colours for values, from dark to light. */
#ifndef SPIRAL_FIGURE_RAMP_H
#define SPIRAL_FIGURE_RAMP_H

#include "figure/canvas.h"

/* Dark blue at 0, green in the middle, yellow at 1. The lightness grows evenly, so that the order is seen also by who
 * does not see the hues, and in print without colours. */
SpiralColour spiral_ramp_colour(double part);

/* Black or white, whichever can be read better on that ground. */
SpiralColour spiral_ramp_text(SpiralColour ground);

#endif
