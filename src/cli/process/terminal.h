/* terminal.h: what a terminal can show, and a picture that is redrawn in place. */
#ifndef SPIRAL_CLI_TERMINAL_H
#define SPIRAL_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "spiral/figure.h"

/* Sets the options' size to that of the terminal at descriptor, minus one row for the cursor, and their colours to what
 * it supports. If it is not a terminal: 80x24 without colours, and returns false. */
bool terminal_fit(int descriptor, SpiralTerminalOptions *options);

/* Is it a terminal that can write over what is on its screen? Not if TERM is empty or dumb. */
bool terminal_can_redraw(int descriptor);

/* The width of the terminal at descriptor, at least 1; 80 if it is none. */
size_t terminal_columns(int descriptor);

/* Does a picture of that size fit on it, with the cursor's row? The smallest picture is larger than some terminals. */
bool terminal_has_room(int descriptor, const SpiralTerminalOptions *options);

/* Judged by TERM and COLORTERM. None when NO_COLOR is set, or when the locale (LC_ALL, LC_CTYPE, LANG) is not UTF-8,
 * since coloured pictures use half blocks. */
SpiralTerminalColours terminal_colours(void);

/* A picture of several lines, none at first. The cursor is never hidden: no signal could leave it so. */
typedef struct TerminalView {
    FILE *stream;         /* a terminal, set by the caller */
    size_t lines;         /* on the screen, with the cursor below the last */
    size_t columns, rows; /* of the terminal when they were drawn */
} TerminalView;

/* Draws whole lines over the previous ones. They must fit the terminal; call terminal_fit before each drawing, since
 * the terminal may have been resized. */
void terminal_view_draw(TerminalView *view, const char *text);

/* Removes the picture, so that a line can be printed. */
void terminal_view_clear(TerminalView *view);

#endif
