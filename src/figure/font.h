/* font.h: UTF-8 text in the embedded font. */
#ifndef SPIRAL_FIGURE_FONT_H
#define SPIRAL_FIGURE_FONT_H

#include <stdbool.h>
#include <stddef.h>

#include "figure/canvas.h"
#include "spiral/status.h"

typedef struct SpiralFont SpiralFont;

/* A font for texts of at most `largest` pixels in size (larger ones are drawn at that size). Errors: LIMIT (memory). */
SpiralStatus spiral_font_create(double largest, SpiralFont **font, SpiralError *error);
void spiral_font_free(SpiralFont *font); /* accepts NULL */

typedef enum SpiralAlign { SPIRAL_ALIGN_LEFT, SPIRAL_ALIGN_CENTRE, SPIRAL_ALIGN_RIGHT } SpiralAlign;

typedef struct SpiralTextStyle {
    double size; /* the height of a line, pixels */
    SpiralColour colour;
    SpiralAlign align; /* which point of the text is at the given position */
    bool upwards;      /* rotated by 90 degrees, reading upwards */
} SpiralTextStyle;

/* Pixels from the start of the text to its end, kerning included. */
double spiral_font_width(SpiralFont *font, double size, const char *text);

/* The height of capitals and digits above the baseline. */
double spiral_font_height(double size);

/* Draws one line with its baseline through (x, y). Control characters and bytes that are not UTF-8 are escaped (see
 * base/text.h), and characters missing from the font are drawn as a box. */
void spiral_font_draw(SpiralFont *font, SpiralCanvas *canvas, double x, double y, const char *text,
                      const SpiralTextStyle *style);

/* Copies the text, if it is too wide cut between characters and ended with an ellipsis; at most size bytes with the
 * final NUL. */
void spiral_font_cut(SpiralFont *font, double text_size, const char *text, double widest, char *cut, size_t size);

#endif
