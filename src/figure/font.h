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
    SpiralAlign align; /* what of the text is at the given point */
    bool upwards;      /* turned by 90 degrees, to be read from below */
} SpiralTextStyle;

/* Pixels from the start of the text to its end, kerning included. */
double spiral_font_width(SpiralFont *font, double size, const char *text);

/* How far capitals and digits stand above the baseline. */
double spiral_font_height(double size);

/* Draws one line with its baseline through (x, y). Control characters and what is not UTF-8 are spelled (see
 * base/text.h), and what the font does not have is drawn as its box. */
void spiral_font_draw(SpiralFont *font, SpiralCanvas *canvas, double x, double y, const char *text,
                      const SpiralTextStyle *style);

/* The text as it is when it is no wider than that, else cut between characters and ended with an ellipsis; at most
 * size bytes with the final NUL. */
void spiral_font_cut(SpiralFont *font, double text_size, const char *text, double widest, char *cut, size_t size);

#endif
