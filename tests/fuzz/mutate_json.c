/* mutate_json.c: values of a JSON text are replaced, nested and emptied, members are dropped, doubled and renamed. The
 * text is changed where the value stands, so that everything else keeps its form. Several values after one another, as
 * in JSON lines, are one text. */
#include <string.h>

#include "mutate.h"

enum { MOST_VALUES = 1024, MOST_DEPTH = 64 };

typedef struct Span {
    size_t from, to;
} Span;

typedef struct Value {
    Span key; /* with its quotes; empty in an array, and at the top */
    Span value;
    bool inner; /* is it within an object or an array? */
} Value;

typedef struct Json {
    const uint8_t *bytes;
    size_t size, count;
    Value values[MOST_VALUES];
} Json;

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static size_t skip_blanks(const Json *json, size_t at)
{
    while (at < json->size && memchr(" \t\r\n", json->bytes[at], 4) != NULL)
        at++;
    return at;
}

static bool is_at(const Json *json, size_t at, char c)
{
    return at < json->size && json->bytes[at] == (uint8_t)c;
}

/* Each sets *at behind what it reads; false when the text is not JSON. */
static bool read_string(const Json *json, size_t *at)
{
    if (!is_at(json, *at, '"'))
        return false;
    for (size_t i = *at + 1; i < json->size; i++) {
        if (json->bytes[i] == '"') {
            *at = i + 1;
            return true;
        }
        i += json->bytes[i] == '\\';
    }
    return false;
}

static bool read_word(const Json *json, size_t *at)
{
    size_t from = *at;
    while (*at < json->size && json->bytes[*at] != '\0' &&
           strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", json->bytes[*at]) != NULL)
        ++*at;
    return *at > from;
}

static bool read_value(Json *json, size_t *at, size_t depth, Span key);

static bool read_members(Json *json, size_t *at, size_t depth, bool object)
{
    char end = object ? '}' : ']';
    for (*at = skip_blanks(json, *at + 1); !is_at(json, *at, end); *at = skip_blanks(json, *at)) {
        Span key = {*at, *at};
        if (object) {
            if (!read_string(json, at))
                return false;
            key.to = *at;
            *at = skip_blanks(json, *at);
            if (!is_at(json, *at, ':'))
                return false;
            *at = skip_blanks(json, *at + 1);
        }
        if (!read_value(json, at, depth + 1, key))
            return false;
        *at = skip_blanks(json, *at);
        if (is_at(json, *at, ','))
            ++*at;
        else if (!is_at(json, *at, end))
            return false;
    }
    ++*at;
    return true;
}

static bool read_value(Json *json, size_t *at, size_t depth, Span key)
{
    if (depth == MOST_DEPTH || json->count == MOST_VALUES)
        return false;
    Value *value = &json->values[json->count++];
    *value = (Value){key, {*at, *at}, depth > 0};
    bool object = is_at(json, *at, '{');
    bool read = object || is_at(json, *at, '[') ? read_members(json, at, depth, object)
                : is_at(json, *at, '"')         ? read_string(json, at)
                                                : read_word(json, at);
    value->value.to = *at;
    return read;
}

static bool read_json(const uint8_t *bytes, size_t size, Json *json)
{
    *json = (Json){.bytes = bytes, .size = size};
    for (size_t at = skip_blanks(json, 0); at < size; at = skip_blanks(json, at))
        if (!read_value(json, &at, 0, (Span){at, at}))
            return false;
    return json->count > 0;
}

/* ---- changes ----------------------------------------------------------------------------------------------------- */

/* A text that is put together, at most MUTATE_MOST bytes. */
typedef struct Text {
    size_t size;
    bool full;
    uint8_t bytes[MUTATE_MOST];
} Text;

static void add(Text *text, const void *bytes, size_t size)
{
    text->full = text->full || size > sizeof text->bytes - text->size;
    if (text->full || size == 0)
        return;
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
}

static void add_text(Text *text, const char *added)
{
    add(text, added, strlen(added));
}

static void add_span(Text *text, const Json *json, Span span)
{
    add(text, json->bytes + span.from, span.to - span.from);
}

/* The bytes of the character at a place within a string; an escape is one. */
static size_t character_size(const Json *json, size_t at)
{
    if (json->bytes[at] != '\\')
        return 1;
    return json->bytes[at + 1] == 'u' ? 6 : 2;
}

/* The string with something put in front of one of its characters, in its place, or at its end. */
static void add_changed_string(Text *text, const Json *json, Span span, Random *random)
{
    static const char *const put[] = {"\\n",     "\\\"",    "\\\\", "\\u0000", "\\ud800", "\\udcff", "\\ud83d\\ude00",
                                      "\\u001b", "\\/",     "0",    "1",       "9",       "-",       ".",
                                      ",",       ";",       ":",    "e",       "a",       "/",       "lin:",
                                      "log:",    "\xc3\xa9"};
    size_t at = span.from + 1, end = span.to - 1;
    for (size_t steps = random_below(random, end - at + 1); steps > 0 && at < end; steps--)
        at += character_size(json, at);
    size_t replaced = at < end && one_in(random, 2) ? character_size(json, at) : 0;
    if (at + replaced > end) /* an escape that is cut off */
        at = end, replaced = 0;
    add_span(text, json, (Span){span.from, at});
    add_text(text, RANDOM_OF(random, put));
    add_span(text, json, (Span){at + replaced, span.to});
}

static void add_new_value(Text *text, const Json *json, const Value *value, Random *random)
{
    static const char *const others[] = {"null",
                                         "true",
                                         "false",
                                         "\"\"",
                                         "{}",
                                         "[]",
                                         "\"0\"",
                                         "\"true\"",
                                         "\"1/1\"",
                                         "\"a\"",
                                         "[1,2]",
                                         "[[[[[[[[]]]]]]]]",
                                         "{\"a\":{\"a\":{\"a\":1}}}",
                                         "\"00000000\""};
    Span span = value->value;
    size_t kind = random_below(random, 10);
    bool string = json->bytes[span.from] == '"';
    if (string && kind < 4) {
        add_changed_string(text, json, span, random);
    } else if (kind < 5) {
        add_text(text, random_number(random));
    } else if (string && kind == 5) {
        add_text(text, "\"");
        add_text(text, random_number(random));
        add_text(text, "\"");
    } else if (kind < 7) {
        add_text(text, RANDOM_OF(random, others));
    } else if (kind == 7) {
        add_text(text, "[");
        add_span(text, json, span);
        add_text(text, "]");
    } else {
        add_span(text, json, json->values[random_below(random, json->count)].value);
    }
}

/* The place of a member with the comma that is no longer needed without it: the one behind it, or that before the last.
 */
static Span with_comma(const Json *json, const Value *value)
{
    Span span = {value->key.from, skip_blanks(json, value->value.to)};
    if (is_at(json, span.to, ',')) {
        span.to++;
        return span;
    }
    span.to = value->value.to;
    size_t before = span.from;
    while (before > 0 && memchr(" \t\r\n", json->bytes[before - 1], 4) != NULL)
        before--;
    if (before > 0 && json->bytes[before - 1] == ',')
        span.from = before - 1;
    return span;
}

static void add_key(Text *text, const Json *json, Span own, Random *random)
{
    static const char *const keys[] = {
        "iteration",     "loss",       "accuracy", "version",   "shard",      "options",  "inputs_crc32",
        "directory",     "settings",   "data",     "crc32",     "iterations", "seeds",    "learning-rate",
        "hidden",        "prune",      "refine",   "random",    "keep",       "momentum", "batch-size",
        "learning_rate", "batch_size", "schedule", "optimizer", "folds",      "reg",      "validation",
        "standardize",   "patience",   "by"};
    Span other = json->values[random_below(random, json->count)].key;
    if (one_in(random, 2) || other.to == other.from) {
        add_text(text, "\"");
        add_text(text, RANDOM_OF(random, keys));
        add_text(text, "\"");
    } else {
        add_span(text, json, one_in(random, 8) ? own : other);
    }
}

/* The text with one change. */
static void change(const Json *json, Text *text, Random *random)
{
    enum { DROP = 6, ADD, RENAME, CHANGES = 10 };
    const Value *value = &json->values[random_below(random, json->count)];
    bool member = value->key.to > value->key.from;
    size_t kind = random_below(random, CHANGES);
    if (kind == DROP) {
        Span span = value->inner ? with_comma(json, value) : value->value;
        add_span(text, json, (Span){0, span.from});
        add_span(text, json, (Span){span.to, json->size});
    } else if (kind == ADD) { /* once more, perhaps with another key or value */
        add_span(text, json, (Span){0, value->key.from});
        if (member && one_in(random, 2))
            add_key(text, json, value->key, random);
        else
            add_span(text, json, value->key);
        add_text(text, member ? ":" : "");
        if (one_in(random, 2))
            add_new_value(text, json, value, random);
        else
            add_span(text, json, value->value);
        add_text(text, value->inner ? "," : "\n");
        add_span(text, json, (Span){value->key.from, json->size});
    } else if (kind == RENAME && member) {
        add_span(text, json, (Span){0, value->key.from});
        add_key(text, json, value->key, random);
        add_span(text, json, (Span){value->key.to, json->size});
    } else {
        add_span(text, json, (Span){0, value->value.from});
        add_new_value(text, json, value, random);
        add_span(text, json, (Span){value->value.to, json->size});
    }
}

size_t mutate_json(uint8_t *bytes, size_t size, size_t most, Random *random)
{
    static Json json; /* both are large, and no execution needs two */
    static Text text;
    if (!read_json(bytes, size, &json))
        return 0;
    text.size = 0;
    text.full = false;
    change(&json, &text, random);
    if (text.full || text.size > most)
        return 0;
    memcpy(bytes, text.bytes, text.size);
    return text.size;
}
