/* npy_header.c: the text before the elements. A strict parser of the one dict that numpy.lib.format writes; keys may
 * come in any order, and nothing is evaluated. */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "data/npy.h"
#include "base/text.h"

enum { MAGIC_BYTES = 6, SHOWN_BYTES = 60 };

static const char magic[MAGIC_BYTES + 1] = "\x93NUMPY";

SpiralStatus spiral_npy_error(SpiralError *error, SpiralStatus status, const SpiralNpySource *source,
                              const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (source->array == NULL)
        return spiral_error_set(error, status, source->path, 0, "%s", text);
    return spiral_error_set(error, status, source->path, 0, "array '%s': %s", source->array, text);
}

void spiral_shape_format(const SpiralShape *shape, char *text, size_t size)
{
    char whole[16 + SPIRAL_DIMENSIONS_LIMIT * 24] = "(";
    size_t used = 1;
    for (size_t i = 0; i < shape->dimensions; i++)
        used += (size_t)snprintf(whole + used, sizeof whole - used, "%s%zu", i > 0 ? ", " : "", shape->extent[i]);
    snprintf(whole + used, sizeof whole - used, shape->dimensions == 1 ? ",)" : ")");
    snprintf(text, size, "%s", whole);
}

bool spiral_shape_count(SpiralShape *shape)
{
    shape->count = 1;
    for (size_t i = 0; i < shape->dimensions; i++)
        if (!spiral_multiply(shape->count, shape->extent[i], &shape->count))
            return false;
    return true;
}

/* A place in the dict's text. */
typedef struct Cursor {
    const char *next, *end;
    const SpiralNpySource *source;
    SpiralError *error;
} Cursor;

static SpiralStatus refuse(const Cursor *cursor, const char *expected)
{
    size_t left = (size_t)(cursor->end - cursor->next);
    return spiral_npy_error(cursor->error, SPIRAL_ERROR_INPUT, cursor->source,
                            "malformed .npy header: '%.*s', expected %s",
                            spiral_text_cut(cursor->next, left, SHOWN_BYTES), cursor->next, expected);
}

static void skip_blanks(Cursor *cursor)
{
    while (cursor->next < cursor->end && (*cursor->next == ' ' || *cursor->next == '\t' || *cursor->next == '\n'))
        cursor->next++;
}

/* Takes the character, with blanks before it, if it comes next. */
static bool take(Cursor *cursor, char wanted)
{
    skip_blanks(cursor);
    if (cursor->next == cursor->end || *cursor->next != wanted)
        return false;
    cursor->next++;
    return true;
}

static bool take_word(Cursor *cursor, const char *word)
{
    size_t length = strlen(word);
    skip_blanks(cursor);
    if ((size_t)(cursor->end - cursor->next) < length || memcmp(cursor->next, word, length) != 0)
        return false;
    cursor->next += length;
    return true;
}

/* A string in single or double quotes, without escapes, of less than size bytes. */
static SpiralStatus read_string(Cursor *cursor, char *text, size_t size)
{
    skip_blanks(cursor);
    if (cursor->next == cursor->end || (*cursor->next != '\'' && *cursor->next != '"'))
        return refuse(cursor, "a string");
    const char *begin = cursor->next + 1;
    const char *end = memchr(begin, *cursor->next, (size_t)(cursor->end - begin));
    if (end == NULL || (size_t)(end - begin) >= size || memchr(begin, '\\', (size_t)(end - begin)) != NULL)
        return refuse(cursor, "a short string");
    memcpy(text, begin, (size_t)(end - begin));
    text[end - begin] = '\0';
    cursor->next = end + 1;
    return SPIRAL_OK;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A count without a sign; Python 2 wrote an L after it. */
static SpiralStatus read_size(Cursor *cursor, size_t *value)
{
    skip_blanks(cursor);
    if (cursor->next < cursor->end && *cursor->next == '-')
        return refuse(cursor, "an extent of at least 0");
    if (cursor->next == cursor->end || !is_digit(*cursor->next))
        return refuse(cursor, "a whole number");
    size_t read = 0;
    for (; cursor->next < cursor->end && is_digit(*cursor->next); cursor->next++) {
        size_t digit = (size_t)(*cursor->next - '0');
        if (!spiral_multiply(read, 10, &read) || read > SIZE_MAX - digit)
            return refuse(cursor, "an extent that fits in memory");
        read += digit;
    }
    if (cursor->next < cursor->end && *cursor->next == 'L')
        cursor->next++;
    *value = read;
    return SPIRAL_OK;
}

static SpiralStatus read_shape(Cursor *cursor, SpiralShape *shape)
{
    if (!take(cursor, '('))
        return refuse(cursor, "the shape as a tuple, such as (300, 2)");
    *shape = (SpiralShape){0};
    bool comma = true;
    while (!take(cursor, ')')) {
        if (!comma)
            return refuse(cursor, "a comma or ')' in the shape");
        if (shape->dimensions == SPIRAL_DIMENSIONS_LIMIT)
            return spiral_npy_error(cursor->error, SPIRAL_ERROR_INPUT, cursor->source,
                                    "more than %d dimensions, expected at most that many", SPIRAL_DIMENSIONS_LIMIT);
        SpiralStatus status = read_size(cursor, &shape->extent[shape->dimensions++]);
        if (status != SPIRAL_OK)
            return status;
        comma = take(cursor, ',');
    }
    if (shape->dimensions == 1 && !comma)
        return refuse(cursor, "a comma in a shape of one extent, such as (300,)");
    if (!spiral_shape_count(shape))
        return spiral_npy_error(cursor->error, SPIRAL_ERROR_INPUT, cursor->source,
                                "a shape whose product overflows, expected one that fits in memory");
    return SPIRAL_OK;
}

static SpiralStatus refuse_type(const Cursor *cursor, const char *descr)
{
    const char *what = "";
    switch (descr[strspn(descr, "<>|=")]) {
    case 'O':
        return spiral_npy_error(cursor->error, SPIRAL_ERROR_INPUT, cursor->source,
                                "holds Python objects ('%s'), which are never unpickled; expected numbers or text",
                                descr);
    case 'c':
        what = " (complex numbers)";
        break;
    case 'M':
    case 'm':
        what = " (dates or times)";
        break;
    case 'V':
        what = " (raw bytes)";
        break;
    default:
        break;
    }
    return spiral_npy_error(cursor->error, SPIRAL_ERROR_INPUT, cursor->source,
                            "elements of type '%s'%s, expected f4, f8, i1 to i8, u1 to u8, b1, U or S", descr, what);
}

static SpiralStatus read_type(Cursor *cursor, SpiralNpyHeader *header)
{
    skip_blanks(cursor);
    if (cursor->next < cursor->end && *cursor->next == '[')
        return spiral_npy_error(cursor->error, SPIRAL_ERROR_INPUT, cursor->source,
                                "a structured array (with named fields), expected plain numbers or text");
    char descr[32];
    SpiralStatus status = read_string(cursor, descr, sizeof descr);
    if (status != SPIRAL_OK)
        return status;
    const uint16_t one = 1;
    bool native_is_big = *(const unsigned char *)&one == 0;
    const char *c = descr;
    char order = *c == '<' || *c == '>' || *c == '=' || *c == '|' ? *c++ : '=';
    char kind = *c != '\0' ? *c++ : '\0';
    size_t size = 0, length = strlen(c);
    if (length == 0 || length > 9 || strspn(c, "0123456789") != length)
        return refuse_type(cursor, descr);
    for (; *c != '\0'; c++)
        size = size * 10 + (size_t)(*c - '0');
    bool known = (kind == 'f' && (size == 4 || size == 8)) || (kind == 'b' && size == 1) || kind == 'U' ||
                 kind == 'S' || ((kind == 'i' || kind == 'u') && (size == 1 || size == 2 || size == 4 || size == 8));
    bool needs_order = kind != 'S' && kind != 'b' && size > 1;
    if (!known || (order == '|' && needs_order))
        return refuse_type(cursor, descr);
    header->kind = kind;
    header->item_bytes = kind == 'U' ? 4 * size : size;
    header->big_endian = order == '>' || (order == '=' && native_is_big);
    return SPIRAL_OK;
}

static SpiralStatus read_order(Cursor *cursor, SpiralNpyHeader *header)
{
    header->fortran = take_word(cursor, "True");
    return header->fortran || take_word(cursor, "False") ? SPIRAL_OK : refuse(cursor, "True or False");
}

static SpiralStatus read_dict(Cursor *cursor, SpiralNpyHeader *header)
{
    bool has_type = false, has_order = false, has_shape = false;
    if (!take(cursor, '{'))
        return refuse(cursor, "'{'");
    bool comma = true;
    while (!take(cursor, '}')) {
        char key[16];
        Cursor before = *cursor;
        SpiralStatus status = comma ? read_string(cursor, key, sizeof key) : refuse(cursor, "a comma or '}'");
        if (status != SPIRAL_OK)
            return status;
        if (!take(cursor, ':'))
            return refuse(cursor, "':'");
        bool *seen = strcmp(key, "descr") == 0           ? &has_type
                     : strcmp(key, "fortran_order") == 0 ? &has_order
                     : strcmp(key, "shape") == 0         ? &has_shape
                                                         : NULL;
        if (seen == NULL || *seen)
            return refuse(&before, "descr, fortran_order and shape, once each");
        *seen = true;
        status = seen == &has_type    ? read_type(cursor, header)
                 : seen == &has_order ? read_order(cursor, header)
                                      : read_shape(cursor, &header->shape);
        if (status != SPIRAL_OK)
            return status;
        comma = take(cursor, ',');
    }
    skip_blanks(cursor);
    if (cursor->next != cursor->end)
        return refuse(cursor, "nothing after '}'");
    if (!has_type || !has_order || !has_shape)
        return refuse(cursor, "a header with descr, fortran_order and shape");
    return SPIRAL_OK;
}

static SpiralStatus check_size(uint64_t total, const SpiralNpySource *source, SpiralNpyHeader *header,
                               SpiralError *error)
{
    char shape[96];
    spiral_shape_format(&header->shape, shape, sizeof shape);
    if (header->item_bytes == 0 && header->shape.count > 0) /* any count of them would fit in any file */
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "text of no characters, expected at least one");
    uint64_t there = total - header->data_offset;
    if (!spiral_multiply(header->shape.count, header->item_bytes, &header->data_bytes))
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source,
                                "shape %s of %zu-byte elements overflows, expected an array that fits in memory", shape,
                                header->item_bytes);
    if (there != header->data_bytes)
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source,
                                "%" PRIu64 " bytes of elements, expected %zu for shape %s of %zu-byte elements%s",
                                there, header->data_bytes, shape, header->item_bytes,
                                there < header->data_bytes ? " (is the file cut off?)" : "");
    return SPIRAL_OK;
}

SpiralStatus spiral_npy_parse(const unsigned char *bytes, size_t available, uint64_t total,
                              const SpiralNpySource *source, SpiralNpyHeader *header, SpiralError *error)
{
    if (available < MAGIC_BYTES + 4 || memcmp(bytes, magic, MAGIC_BYTES) != 0)
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source,
                                "does not begin with \\x93NUMPY, expected a .npy array");
    unsigned version = bytes[MAGIC_BYTES];
    if (version < 1 || version > 3 || bytes[MAGIC_BYTES + 1] != 0)
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source,
                                ".npy format version %u.%u, expected 1.0, 2.0 or 3.0", version, bytes[MAGIC_BYTES + 1]);
    if (available > total) /* an archive that holds more than it says */
        available = (size_t)total;
    size_t length_bytes = version == 1 ? 2 : 4, prefix = MAGIC_BYTES + 2 + length_bytes, length = 0;
    for (size_t i = 0; i < length_bytes && prefix <= available; i++)
        length |= (size_t)bytes[MAGIC_BYTES + 2 + i] << (8 * i);
    if (length > SPIRAL_NPY_HEADER_BYTES)
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "a .npy header of %zu bytes, expected at most %d",
                                length, SPIRAL_NPY_HEADER_BYTES);
    if (prefix > available || length > available - prefix)
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source,
                                "ends within the .npy header (is the file cut off?)");
    SpiralNpyHeader read = {.data_offset = prefix + length};
    const char *text = (const char *)bytes + prefix;
    Cursor cursor = {.next = text, .end = text + length, .source = source, .error = error};
    SpiralStatus status = read_dict(&cursor, &read);
    if (status == SPIRAL_OK)
        status = check_size(total, source, &read, error);
    if (status == SPIRAL_OK)
        *header = read;
    return status;
}

size_t spiral_npy_encode_header(char kind, size_t item_bytes, const SpiralShape *shape,
                                unsigned char header[SPIRAL_NPY_HEADER_WRITTEN])
{
    char extents[96], dict[SPIRAL_NPY_HEADER_WRITTEN];
    spiral_shape_format(shape, extents, sizeof extents);
    size_t prefix = MAGIC_BYTES + 4;
    size_t length = (size_t)snprintf(dict, sizeof dict, "{'descr': '<%c%zu', 'fortran_order': False, 'shape': %s, }",
                                     kind, kind == 'U' ? item_bytes / 4 : item_bytes, extents);
    size_t total = (prefix + length + 1 + 63) / 64 * 64; /* with a newline at the end; the elements are then aligned */
    memcpy(header, magic, MAGIC_BYTES);
    header[MAGIC_BYTES] = 1;
    header[MAGIC_BYTES + 1] = 0;
    header[MAGIC_BYTES + 2] = (unsigned char)((total - prefix) & 0xff);
    header[MAGIC_BYTES + 3] = (unsigned char)((total - prefix) >> 8);
    memcpy(header + prefix, dict, length);
    memset(header + prefix + length, ' ', total - prefix - length - 1);
    header[total - 1] = '\n';
    return total;
}
