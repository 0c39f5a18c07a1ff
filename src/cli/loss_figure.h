/* loss_figure.h: one or more loss logs as a figure. */
#ifndef SPIRAL_CLI_LOSS_FIGURE_H
#define SPIRAL_CLI_LOSS_FIGURE_H

#include <stddef.h>

#include "spiral/figure.h"
#include "spiral/limits.h"

/* Draws the logs at paths (1..SPIRAL_FIGURE_LOGS_LIMIT). column NULL: the loss, below it the accuracy, and below that
 * the learning rate when it varies; each with the validation data's where a log has them. Else that column alone.
 * figure's log_y is the loss's, or the column's. Errors: INPUT with file and line, OUTPUT, LIMIT. */
SpiralStatus loss_figure_draw(size_t count, const char *const *paths, const char *column,
                              const SpiralFigureOptions *figure, const char *output, SpiralError *error);

#endif
