/* terminal_text.h: lines of text for a terminal, with an escape sequence only where a colour changes. */
#ifndef SPIRAL_FIGURE_TERMINAL_TEXT_H
#define SPIRAL_FIGURE_TERMINAL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "figure/canvas.h"
#include "spiral/figure.h"

/* Zeroed but for colours at the start. */
typedef struct SpiralTerminalText {
    SpiralTerminalColours colours;
    SpiralBuffer buffer;
    long foreground, background; /* as set: 1 + the colour's number, 0 the terminal's own */
} SpiralTerminalText;

/* For what follows on the line; NULL is the terminal's own. Without colours nothing happens. */
void spiral_terminal_text_colour(SpiralTerminalText *text, const SpiralColour *foreground,
                                 const SpiralColour *background);

/* Adds a string as it is. */
void spiral_terminal_text_add(SpiralTerminalText *text, const char *string);

/* Adds somebody's text as it is shown (see base/text.h), but a line feed as a comma; cut to `widest` columns, with an
 * ellipsis. Returns the columns that it takes; a NULL text only measures. */
size_t spiral_terminal_text_name(SpiralTerminalText *text, const char *name, size_t widest);

/* Goes back to the terminal's own colours and starts the next line. */
void spiral_terminal_text_end_line(SpiralTerminalText *text);

/* The number of the nearest colour of xterm's 256, of those that are the same everywhere: 16..255. */
unsigned spiral_terminal_nearest(SpiralColour colour);

#endif
