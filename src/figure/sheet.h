/* sheet.h: a canvas with what is drawn on all figures in the same way: the font, the sizes, the greys. */
#ifndef SPIRAL_FIGURE_SHEET_H
#define SPIRAL_FIGURE_SHEET_H

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

SpiralStatus spiral_sheet_create(const SpiralFigureOptions *options, SpiralSheet **sheet, SpiralError *error);
void spiral_sheet_free(SpiralSheet *sheet); /* accepts NULL */

SpiralRectangle spiral_sheet_area(const SpiralSheet *sheet);

/* Encodes the canvas and writes it to path, whole or not at all. */
SpiralStatus spiral_sheet_save(const SpiralSheet *sheet, const char *path, SpiralError *error);

#endif
