#include "base/shorten.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Room for an ellipsis with its NUL. */
enum { ELLIPSIS_BYTES = 8 };

static double width_of(const SpiralShortening *how, const char *text)
{
    return how->width(how->context, text);
}

/* Of a beginning, and of an end. */
static size_t most_bytes(const SpiralShortening *how)
{
    return (how->bytes - ELLIPSIS_BYTES) / 2;
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
static void take_head(const SpiralShortening *how, const char *text, double room, char shortened[SPIRAL_NAME_BYTES])
{
    size_t taken = 0;
    for (size_t next = 0; text[next] != '\0';) {
        size_t size = first_bytes(text + next);
        if (next + size > most_bytes(how))
            break;
        memcpy(shortened + next, text + next, size);
        next += size;
        strcpy(shortened + next, how->ellipsis);
        if (width_of(how, shortened) > room)
            break;
        taken = next;
    }
    while (taken > 0 && shortened[taken - 1] == ' ')
        taken--;
    strcpy(shortened + taken, how->ellipsis);
}

/* Appends the end of the text that fits, without blanks at its beginning. */
static void append_tail(const SpiralShortening *how, const char *text, double widest, char shortened[SPIRAL_NAME_BYTES])
{
    size_t end = strlen(text), from = end;
    char *tail = shortened + strlen(shortened);
    while (from > 0) {
        size_t next = before(text, from);
        if (end - next > most_bytes(how))
            break;
        memcpy(tail, text + next, end - next + 1);
        if (width_of(how, shortened) > widest)
            break;
        from = next;
    }
    from += strspn(text + from, " ");
    memcpy(tail, text + from, end - from + 1);
}

/* A text that is too wide becomes its beginning, within that share of the room, an ellipsis, and its end. */
static void cut(const SpiralShortening *how, const char *text, double widest, double share,
                char shortened[SPIRAL_NAME_BYTES])
{
    size_t length = strlen(text);
    if (length < how->bytes && width_of(how, text) <= widest) {
        memcpy(shortened, text, length + 1);
        return;
    }
    double ellipsis = width_of(how, how->ellipsis);
    take_head(how, text, ellipsis + share * (widest - ellipsis), shortened);
    append_tail(how, text, widest, shortened);
}

/* ---- names that have become the same ----------------------------------------------------------------------------- */

typedef struct Names {
    const SpiralShortening *how;
    size_t count;
    const char *const *given;             /* (count) */
    char (*shortened)[SPIRAL_NAME_BYTES]; /* (count) */
} Names;

/* Does another name look the same? */
static bool collides(const Names *names, size_t i, size_t j)
{
    return strcmp(names->shortened[i], names->shortened[j]) == 0 && strcmp(names->given[i], names->given[j]) != 0;
}

static bool are_distinct(const Names *names)
{
    for (size_t i = 1; i < names->count; i++)
        for (size_t j = 0; j < i; j++)
            if (collides(names, i, j))
                return false;
    return true;
}

/* Where the name differs from the most similar one that looks the same: there, or where that word begins if it begins
 * not far before; 0 when none looks the same. */
static size_t find_difference(const Names *names, size_t i)
{
    enum { NOT_FAR = 12 };
    const char *name = names->given[i];
    size_t place = 0;
    for (size_t j = 0; j < names->count; j++) {
        size_t common = 0;
        if (!collides(names, i, j))
            continue;
        while (name[common] != '\0' && name[common] == names->given[j][common])
            common++;
        place = common > place ? common : place;
    }
    while (place > 0 && ((unsigned char)name[place] & 0xc0) == 0x80) /* within a character */
        place--;
    for (size_t back = place; back > 0 && place - back < NOT_FAR; back--)
        if (strchr(" _-./", name[back - 1]) != NULL)
            return back;
    return place;
}

/* Begins the names that look the same where they differ. */
static void show_differences(const Names *names)
{
    size_t places[SPIRAL_SHORTEN_LIMIT];
    for (size_t i = 0; i < names->count; i++)
        places[i] = find_difference(names, i);
    for (size_t i = 0; i < names->count; i++) {
        char rest[SPIRAL_NAME_BYTES];
        const char *from = names->given[i] + places[i];
        if (places[i] == 0)
            continue;
        snprintf(rest, sizeof rest, "%s%.*s", names->how->ellipsis,
                 SPIRAL_TEXT_CUT(from, SPIRAL_NAME_BYTES - ELLIPSIS_BYTES));
        cut(names->how, rest, names->how->widest, 1.0, names->shortened[i]);
    }
}

static void number_name(const Names *names, size_t i)
{
    char number[32], *shortened = names->shortened[i];
    snprintf(number, sizeof number, " (%zu)", i + 1);
    double room = names->how->widest - width_of(names->how, number) - names->how->gap;
    cut(names->how, names->given[i], room, 0.5, shortened);
    size_t end = strlen(shortened);
    if (end + strlen(number) >= names->how->bytes)
        end = (size_t)spiral_text_cut(shortened, end, names->how->bytes - sizeof number);
    memcpy(shortened + end, number, strlen(number) + 1);
}

/* Numbers those that still look the same, or else all. */
static void number_names(const Names *names)
{
    bool same[SPIRAL_SHORTEN_LIMIT] = {false};
    for (size_t i = 0; i < names->count; i++)
        for (size_t j = 0; j < names->count; j++)
            same[i] = same[i] || collides(names, i, j);
    for (size_t i = 0; i < names->count; i++)
        if (same[i])
            number_name(names, i);
    for (size_t i = 0; i < names->count && !are_distinct(names); i++)
        number_name(names, i);
}

void spiral_shorten(const SpiralShortening *how, size_t count, const char *const *names,
                    char (*shortened)[SPIRAL_NAME_BYTES])
{
    static const double shares[] = {0.0, 1.0, 0.25, 0.75, 0.5};
    const Names all = {how, count, names, shortened};
    for (size_t i = 0; i < count; i++)
        cut(how, names[i], how->widest, how->share, shortened[i]);
    for (size_t s = 0; s < sizeof shares / sizeof shares[0] && !are_distinct(&all); s++)
        for (size_t i = 0; i < count; i++)
            cut(how, names[i], how->widest, shares[s], shortened[i]);
    if (!are_distinct(&all))
        show_differences(&all);
    if (!are_distinct(&all))
        number_names(&all);
}

/* ---- on a terminal ----------------------------------------------------------------------------------------------- */

static double columns_of(const void *context, const char *text)
{
    (void)context;
    char shown[4 * SPIRAL_NAME_BYTES]; /* a byte takes up to four columns, "\\x1b" */
    return (double)spiral_text_columns(shown, spiral_text_show(text, shown, sizeof shown));
}

void spiral_shorten_to_columns(size_t count, const char *const *names, size_t columns,
                               char (*shortened)[SPIRAL_NAME_BYTES])
{
    const SpiralShortening how = {
        .width = columns_of, .ellipsis = "~", .share = 1.0, .widest = (double)columns, .bytes = SPIRAL_NAME_BYTES};
    spiral_shorten(&how, count, names, shortened);
    for (size_t i = 0; i < count; i++) {
        char name[SPIRAL_NAME_BYTES];
        memcpy(name, shortened[i], strlen(shortened[i]) + 1);
        spiral_text_show(name, shortened[i], SPIRAL_NAME_BYTES);
    }
}
