/* lines.h: a text of at most two lines, broken to a width. */
#ifndef SPIRAL_FIGURE_LINES_H
#define SPIRAL_FIGURE_LINES_H

#include <stddef.h>

#include "figure/sheet.h"

enum { SPIRAL_LINES = 2, SPIRAL_LINE_BYTES = 1024 };

typedef struct SpiralLines {
    size_t count;
    char line[SPIRAL_LINES][SPIRAL_LINE_BYTES];
} SpiralLines;

/* Broken at a line feed, or at the last space before which all fits; what is too wide still is cut with an ellipsis. No
 * line of a text that is NULL or empty. */
void spiral_lines_break(SpiralLines *lines, const SpiralSheet *sheet, double text_size, const char *text,
                        double widest);

/* Draws the lines about the centre but between left and right, the last with its baseline there. */
void spiral_lines_draw(const SpiralLines *lines, const SpiralSheet *sheet, double text_size, double left, double right,
                       double centre, double baseline);

#endif
