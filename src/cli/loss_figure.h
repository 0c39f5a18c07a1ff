/* loss_figure.h: a figure of one or more loss logs. */
#ifndef SPIRAL_CLI_LOSS_FIGURE_H
#define SPIRAL_CLI_LOSS_FIGURE_H

#include <stddef.h>

#include "spiral/figure.h"
#include "spiral/limits.h"

/* What is drawn of which logs. */
typedef struct LossCurves {
    size_t count;             /* 1..SPIRAL_FIGURE_LOGS_LIMIT */
    const char *const *paths; /* (count) */
    const char *names;        /* what they are called in the legend, with commas between; NULL: by their paths */
    /* This column alone; NULL: the loss, below it the accuracy, and below that the learning rate when it varies, each
     * with its validation curve where a log has one. */
    const char *column;
} LossCurves;

/* figure's log_y applies to the loss, or to the column. Errors: USAGE (names), INPUT with file and line, OUTPUT,
 * LIMIT. */
SpiralStatus loss_figure_draw(const LossCurves *curves, const SpiralFigureOptions *figure, const char *output,
                              SpiralError *error);

#endif
