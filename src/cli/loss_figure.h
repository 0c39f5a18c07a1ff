/* loss_figure.h: a figure of one or more loss logs. */
#ifndef SPIRAL_CLI_LOSS_FIGURE_H
#define SPIRAL_CLI_LOSS_FIGURE_H

#include <stddef.h>

#include "spiral/figure.h"
#include "spiral/limits.h"

/* Draws the logs at paths (1..SPIRAL_FIGURE_LOGS_LIMIT). With column NULL: the loss, below it the accuracy, and below
 * that the learning rate when it varies, each with its validation curve where a log has one. Otherwise only that
 * column. figure's log_y applies to the loss, or to the column. Errors: INPUT with file and line, OUTPUT, LIMIT. */
SpiralStatus loss_figure_draw(size_t count, const char *const *paths, const char *column,
                              const SpiralFigureOptions *figure, const char *output, SpiralError *error);

#endif
