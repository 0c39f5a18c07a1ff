#include "figure/shorten.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char ELLIPSIS[] = "\xe2\x80\xa6";

enum { MOST_BYTES = (SPIRAL_NAME_BYTES - (int)sizeof ELLIPSIS) / 2 }; /* of a beginning and of an end */

/* Where the names are measured. */
typedef struct Measure {
    const SpiralSheet *sheet;
    double text_size;
} Measure;

static double width_of(const Measure *measure, const char *text)
{
    return spiral_font_width(measure->sheet->font, measure->text_size, text);
}

/* The bytes of the text's first character. */
static size_t first_bytes(const char *text)
{
    size_t size;
    spiral_text_decode(text, strnlen(text, 4), &size);
    return size > 0 ? size : 1;
}

/* Where the character begins that ends before `end`. */
static size_t before(const char *text, size_t end)
{
    for (size_t back = end < 4 ? end : 4; back > 1; back--)
        if (first_bytes(text + end - back) == back)
            return end - back;
    return end - 1;
}

/* Copies the beginning of the text that fits together with an ellipsis behind it, without blanks at its end. */
static void take_head(const Measure *measure, const char *text, double room, char shortened[SPIRAL_NAME_BYTES])
{
    size_t taken = 0;
    for (size_t next = 0; text[next] != '\0';) {
        size_t size = first_bytes(text + next);
        if (next + size > MOST_BYTES)
            break;
        memcpy(shortened + next, text + next, size);
        next += size;
        memcpy(shortened + next, ELLIPSIS, sizeof ELLIPSIS);
        if (width_of(measure, shortened) > room)
            break;
        taken = next;
    }
    while (taken > 0 && shortened[taken - 1] == ' ')
        taken--;
    memcpy(shortened + taken, ELLIPSIS, sizeof ELLIPSIS);
}

/* Appends the end of the text that fits, without blanks at its beginning. */
static void append_tail(const Measure *measure, const char *text, double widest, char shortened[SPIRAL_NAME_BYTES])
{
    size_t end = strlen(text), from = end;
    char *tail = shortened + strlen(shortened);
    while (from > 0) {
        size_t next = before(text, from);
        if (end - next > MOST_BYTES)
            break;
        memcpy(tail, text + next, end - next + 1);
        if (width_of(measure, shortened) > widest)
            break;
        from = next;
    }
    from += strspn(text + from, " ");
    memcpy(tail, text + from, end - from + 1);
}

/* A text that is too wide becomes its beginning, within that share of the room, an ellipsis, and its end. */
static void cut(const Measure *measure, const char *text, double widest, double share,
                char shortened[SPIRAL_NAME_BYTES])
{
    size_t length = strlen(text);
    if (length < SPIRAL_NAME_BYTES && width_of(measure, text) <= widest) {
        memcpy(shortened, text, length + 1);
        return;
    }
    double ellipsis = width_of(measure, ELLIPSIS);
    take_head(measure, text, ellipsis + share * (widest - ellipsis), shortened);
    append_tail(measure, text, widest, shortened);
}

static bool are_distinct(size_t count, const char *const *names, char (*shortened)[SPIRAL_NAME_BYTES])
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(shortened[i], shortened[j]) == 0 && strcmp(names[i], names[j]) != 0)
                return false;
    return true;
}

void spiral_shorten_names(const SpiralSheet *sheet, double text_size, size_t count, const char *const *names,
                          double widest, char (*shortened)[SPIRAL_NAME_BYTES])
{
    static const double shares[] = {0.5, 0.0, 1.0, 0.25, 0.75};
    const Measure measure = {sheet, text_size};
    for (size_t s = 0; s < sizeof shares / sizeof shares[0]; s++) {
        for (size_t i = 0; i < count; i++)
            cut(&measure, names[i], widest, shares[s], shortened[i]);
        if (are_distinct(count, names, shortened))
            return;
    }
    for (size_t i = 0; i < count; i++) {
        char number[32];
        snprintf(number, sizeof number, " (%zu)", i + 1);
        cut(&measure, names[i], widest - width_of(&measure, number) - text_size / 4.0, 0.5, shortened[i]);
        size_t end = strlen(shortened[i]);
        if (end + strlen(number) >= SPIRAL_NAME_BYTES)
            end = (size_t)spiral_text_cut(shortened[i], end, SPIRAL_NAME_BYTES - sizeof number);
        memcpy(shortened[i] + end, number, strlen(number) + 1);
    }
}
