/* terminal.h: what a terminal can show, and a picture that is drawn again and again in one place of it. */
#ifndef SPIRAL_CLI_TERMINAL_H
#define SPIRAL_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "spiral/figure.h"

/* Sets the options' size to that of the terminal at descriptor, less the row that the cursor keeps, and their colours
 * to what it can show. No terminal: 80x24 without colours, and false. */
bool terminal_fit(int descriptor, SpiralTerminalOptions *options);

/* By TERM and COLORTERM; none when NO_COLOR is set, or when the locale (LC_ALL, LC_CTYPE, LANG) is not one of UTF-8,
 * whose half blocks colours come with. */
SpiralTerminalColours terminal_colours(void);

/* A picture of several lines. While it is open the cursor is hidden. */
typedef struct TerminalView {
    FILE *stream;         /* a terminal */
    size_t lines;         /* that are on the screen, the cursor under the last */
    size_t columns, rows; /* of the terminal when they were drawn */
} TerminalView;

TerminalView terminal_view_open(FILE *stream);

/* Draws whole lines over those drawn before; they must fit the terminal (terminal_fit before each drawing: it may have
 * another size now). */
void terminal_view_draw(TerminalView *view, const char *text);

/* Removes the picture, so that a line can be printed. */
void terminal_view_clear(TerminalView *view);

/* Leaves the picture where it is and shows the cursor. May be called twice. */
void terminal_view_close(TerminalView *view);

/* Shows the cursor if a view has hidden it. For signal handlers that are about to end the program. */
void terminal_restore(void);

#endif
