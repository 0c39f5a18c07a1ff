/* loss_figure.h: a figure of one or more loss logs. */
#ifndef SPIRAL_CLI_LOSS_FIGURE_H
#define SPIRAL_CLI_LOSS_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/figure.h"
#include "spiral/limits.h"

/* What the x axis counts. A log without epochs is that of whole batches, in which an epoch is an iteration. */
typedef enum LossFigureX { LOSS_FIGURE_ITERATIONS, LOSS_FIGURE_EPOCHS, LOSS_FIGURE_SECONDS } LossFigureX;

/* What is drawn of which logs. */
typedef struct LossCurves {
    size_t count;             /* 1..SPIRAL_FIGURE_LOGS_LIMIT */
    const char *const *paths; /* (count) */
    const char *names;        /* what they are called in the legend, with commas between; NULL: by their paths */
    /* This column alone; NULL: the loss, below it the accuracy, and below that the learning rate when it varies, each
     * with its validation curve where a log has one. */
    const char *column;
    LossFigureX x;
    /* below all these the update ratios and the dead units; of one log all that it has of each layer */
    bool layers;
    bool grows; /* is the figure higher than usual, and the higher the more panels it has? */
} LossCurves;

/* figure's log_y applies to the loss, or to the column. Errors: USAGE (names), INPUT with file and line, OUTPUT,
 * LIMIT. */
SpiralStatus loss_figure_draw(const LossCurves *curves, const SpiralFigureOptions *figure, const char *output,
                              SpiralError *error);

#endif
