#define _POSIX_C_SOURCE 200809L
#include "figure/terminal_text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

void spiral_terminal_text_add(SpiralTerminalText *text, const char *string)
{
    spiral_buffer_add(&text->buffer, string, strlen(string));
}

/* ---- colours ----------------------------------------------------------------------------------------------------- */

static int squared_distance(SpiralColour a, SpiralColour b)
{
    int red = a.red - b.red, green = a.green - b.green, blue = a.blue - b.blue;
    return red * red + green * green + blue * blue;
}

/* The palette: a cube of six levels a channel from 16 on, and 24 greys behind it. */
static SpiralColour palette_of_256(unsigned number)
{
    static const uint8_t levels[] = {0, 95, 135, 175, 215, 255};
    if (number >= 232) {
        uint8_t grey = (uint8_t)(8 + 10 * (number - 232));
        return (SpiralColour){grey, grey, grey};
    }
    unsigned place = number - 16;
    return (SpiralColour){levels[place / 36], levels[place / 6 % 6], levels[place % 6]};
}

unsigned spiral_terminal_nearest(SpiralColour colour)
{
    unsigned nearest = 16;
    for (unsigned number = 17; number < 256; number++)
        if (squared_distance(palette_of_256(number), colour) < squared_distance(palette_of_256(nearest), colour))
            nearest = number;
    return nearest;
}

static long number_of(const SpiralTerminalText *text, const SpiralColour *colour)
{
    if (colour == NULL)
        return 0;
    if (text->colours == SPIRAL_TERMINAL_256)
        return 1 + (long)spiral_terminal_nearest(*colour);
    return 1 + ((long)colour->red << 16 | (long)colour->green << 8 | (long)colour->blue);
}

/* What selects the colour: layer is 3 for the foreground, 4 for the background. */
static int write_selection(const SpiralTerminalText *text, long number, int layer, char *selection, size_t size)
{
    long colour = number - 1;
    if (number == 0)
        return snprintf(selection, size, "%d9", layer);
    if (text->colours == SPIRAL_TERMINAL_256)
        return snprintf(selection, size, "%d8;5;%ld", layer, colour);
    return snprintf(selection, size, "%d8;2;%ld;%ld;%ld", layer, colour >> 16, colour >> 8 & 0xff, colour & 0xff);
}

void spiral_terminal_text_colour(SpiralTerminalText *text, const SpiralColour *foreground,
                                 const SpiralColour *background)
{
    if (text->colours == SPIRAL_TERMINAL_PLAIN)
        return;
    long fore = number_of(text, foreground), back = number_of(text, background);
    if (fore == text->foreground && back == text->background)
        return;
    char fore_selection[32] = "", back_selection[32] = "", sequence[80];
    if (fore != text->foreground)
        write_selection(text, fore, 3, fore_selection, sizeof fore_selection);
    if (back != text->background)
        write_selection(text, back, 4, back_selection, sizeof back_selection);
    const char *between = fore_selection[0] != '\0' && back_selection[0] != '\0' ? ";" : "";
    if (fore == 0 && back == 0)
        snprintf(sequence, sizeof sequence, "\033[0m");
    else
        snprintf(sequence, sizeof sequence, "\033[%s%s%sm", fore_selection, between, back_selection);
    spiral_terminal_text_add(text, sequence);
    text->foreground = fore;
    text->background = back;
}

void spiral_terminal_text_end_line(SpiralTerminalText *text)
{
    spiral_terminal_text_colour(text, NULL, NULL);
    spiral_terminal_text_add(text, "\n");
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

static SpiralShown shown_as(const char *bytes, size_t size)
{
    SpiralShown shown = {.size = size, .columns = size};
    memcpy(shown.bytes, bytes, size);
    return shown;
}

/* The character at *name, which moves on. A line feed, as a title may have, is a comma and a space. */
static SpiralShown next_shown(const char **name, bool plain)
{
    static const char no_break_space[] = "\xc2\xa0", dash[] = "\xe2\x80\x94";
    size_t used;
    SpiralShown shown = spiral_text_shown(*name, strnlen(*name, 4), &used);
    if (**name == '\n')
        shown = shown_as(", ", 2);
    else if (strncmp(*name, no_break_space, 2) == 0)
        shown = shown_as(" ", 1);
    else if (plain && strncmp(*name, dash, 3) == 0) /* the titles' own; names are left as they are */
        shown = shown_as("-", 1);
    *name += used;
    return shown;
}

size_t spiral_terminal_text_name(SpiralTerminalText *text, const char *name, size_t widest)
{
    bool plain = text != NULL && text->colours == SPIRAL_TERMINAL_PLAIN;
    const char *ellipsis = plain ? "~" : "\xe2\x80\xa6";
    size_t whole = 0, used = 0;
    for (const char *next = name; *next != '\0';)
        whole += next_shown(&next, plain).columns;
    size_t room = whole <= widest ? widest : widest > 0 ? widest - 1 : 0;
    for (const char *next = name; *next != '\0';) {
        SpiralShown shown = next_shown(&next, plain);
        if (used + shown.columns > room)
            break;
        used += shown.columns;
        if (text != NULL)
            spiral_buffer_add(&text->buffer, shown.bytes, shown.size);
    }
    if (whole <= widest || widest == 0)
        return used;
    if (text != NULL)
        spiral_terminal_text_add(text, ellipsis);
    return used + 1;
}
