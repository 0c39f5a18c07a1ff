#include "figure/terminal_text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "data/text.h"

enum { FIRST_CAPACITY = 4096, REPLACEMENT = 0xfffd };

/* ---- bytes ------------------------------------------------------------------------------------------------------- */

static void add_bytes(SpiralTerminalText *text, const char *bytes, size_t size)
{
    while (!text->failed && size + 1 > text->capacity - text->size) {
        size_t capacity = text->capacity == 0 ? FIRST_CAPACITY : 2 * text->capacity;
        char *grown = spiral_reallocate(text->bytes, capacity, 1);
        text->failed = grown == NULL;
        if (grown != NULL) {
            text->bytes = grown;
            text->capacity = capacity;
        }
    }
    if (text->failed)
        return;
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
    text->bytes[text->size] = '\0';
}

void spiral_terminal_text_add(SpiralTerminalText *text, const char *string)
{
    add_bytes(text, string, strlen(string));
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

typedef struct Range {
    uint32_t first, last;
} Range;

static bool is_in(uint32_t code, const Range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

/* Scripts and pictures whose characters take two columns. */
static bool is_wide(uint32_t code)
{
    static const Range wide[] = {{0x1100, 0x115f}, {0x2e80, 0x303e},   {0x3041, 0xa4cf},  {0xa960, 0xa97f},
                                 {0xac00, 0xd7a3}, {0xf900, 0xfaff},   {0xfe30, 0xfe6f},  {0xff00, 0xff60},
                                 {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
    return is_in(code, wide, sizeof wide / sizeof wide[0]);
}

/* What would move the cursor, or turn the direction of what follows. */
static bool is_control(uint32_t code)
{
    static const Range controls[] = {{0, 0x1f},        {0x7f, 0x9f},     {0x200b, 0x200f},
                                     {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}};
    return is_in(code, controls, sizeof controls / sizeof controls[0]);
}

/* A character of a name, as it is shown. */
typedef struct Shown {
    char bytes[4];
    size_t size, columns;
} Shown;

static Shown show(uint32_t code, bool plain)
{
    Shown shown = {.columns = is_wide(code) ? 2 : 1};
    if (is_control(code) || code == 0xa0)
        code = ' ';
    else if (plain && code == 0x2014) /* the titles' own dash; names are left as they are */
        code = '-';
    else if (plain && code == REPLACEMENT)
        code = '?';
    shown.size = spiral_text_encode(code, shown.bytes);
    return shown;
}

/* The character at *name, which moves on; a line feed is two: a comma, and then a space. */
static Shown next_shown(const char **name, bool plain)
{
    if (**name == '\n') {
        ++*name;
        return (Shown){.bytes = ", ", .size = 2, .columns = 2};
    }
    size_t size;
    uint32_t code = spiral_text_decode(*name, strlen(*name), &size);
    *name += size > 0 ? size : 1;
    return show(size > 0 ? code : REPLACEMENT, plain);
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
        Shown shown = next_shown(&next, plain);
        if (used + shown.columns > room)
            break;
        used += shown.columns;
        if (text != NULL)
            add_bytes(text, shown.bytes, shown.size);
    }
    if (whole <= widest || widest == 0)
        return used;
    if (text != NULL)
        spiral_terminal_text_add(text, ellipsis);
    return used + 1;
}
