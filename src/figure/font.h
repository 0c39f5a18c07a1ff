/* font.h: UTF-8 text in the embedded font. */
#ifndef SPIRAL_FIGURE_FONT_H
#define SPIRAL_FIGURE_FONT_H

#include <stdbool.h>
#include <stddef.h>

#include "figure/canvas.h"
#include "spiral/status.h"

typedef struct SpiralFont SpiralFont;

/* A font for texts of at most `largest` pixels in size (larger ones are drawn at that size). A character that it lacks
 * is spelled, "U+4E2D"; without `spells` it keeps about the room that it takes in the reader's fonts. Errors: LIMIT
 * (memory). */
SpiralStatus spiral_font_create(double largest, bool spells, SpiralFont **font, SpiralError *error);
void spiral_font_free(SpiralFont *font); /* accepts NULL */

/* Pixels from the start of the text to its end, kerning included. */
double spiral_font_width(SpiralFont *font, double size, const char *text);

/* The height of capitals and digits above the baseline. */
double spiral_font_height(double size);

/* Draws one line with its baseline through (x, y). Control characters and bytes that are not UTF-8 are escaped (see
 * base/text.h). */
void spiral_font_draw(SpiralFont *font, SpiralCanvas *canvas, double x, double y, const char *text,
                      const SpiralTextStyle *style);

/* Copies the text, if it is too wide cut between characters and ended with an ellipsis; at most size bytes with the
 * final NUL. */
void spiral_font_cut(SpiralFont *font, double text_size, const char *text, double widest, char *cut, size_t size);

#endif
