/* sheet.h: a canvas with what is drawn on all figures in the same way: the font, the sizes, the greys,
 * titles of two lines. */
#ifndef SPIRAL_FIGURE_SHEET_H
#define SPIRAL_FIGURE_SHEET_H

#include <stddef.h>

#include "figure/canvas.h"
#include "figure/font.h"
#include "spiral/figure.h"
#include "spiral/status.h"

typedef struct SpiralSheet {
    SpiralCanvas *canvas;
    SpiralFont *font;
    double unit; /* 1 on a canvas of 800 pixels; all sizes are multiples of it */
    double text_size, title_size;
    SpiralColour ink, grey, pale; /* text and frame; ticks and small print; the grid */
} SpiralSheet;

/* A sheet for a figure that will be saved to path, whose ending decides how the canvas is kept. */
SpiralStatus spiral_sheet_create(const SpiralFigureOptions *options, const char *path, SpiralSheet **sheet,
                                 SpiralError *error);
void spiral_sheet_free(SpiralSheet *sheet); /* accepts NULL */

SpiralRectangle spiral_sheet_area(const SpiralSheet *sheet);

/* The width of thin lines: whole pixels, so that they are crisp. */
double spiral_sheet_line_width(const SpiralSheet *sheet);

/* Encodes the canvas and writes it to path, whole or not at all. */
SpiralStatus spiral_sheet_save(const SpiralSheet *sheet, const char *path, SpiralError *error);

/* ---- titles ------------------------------------------------------------------------------------------------------ */

/* A text of at most two lines. */
enum { SPIRAL_LINES = 2, SPIRAL_LINE_BYTES = 1024 };

typedef struct SpiralLines {
    size_t count;
    char line[SPIRAL_LINES][SPIRAL_LINE_BYTES];
} SpiralLines;

/* Broken at a line feed, or at the last space before which all fits; what is too wide still is cut with an ellipsis. No
 * line of a text that is NULL or empty. */
void spiral_lines_break(SpiralLines *lines, const SpiralSheet *sheet, double text_size, const char *text,
                        double widest);

/* The height of so many lines. */
double spiral_lines_height(size_t count, double text_size);

/* Draws the lines about the centre but between left and right, the last with its baseline there. */
void spiral_lines_draw(const SpiralLines *lines, const SpiralSheet *sheet, double text_size, double left, double right,
                       double centre, double baseline);

#endif
