/* The header is read by a strict parser of the one dict that numpy.lib.format writes: keys may come in any order, and
 * nothing is evaluated. */
#define _POSIX_C_SOURCE 200809L
#include "data/npy.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
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

void spiral_extents_format(const SpiralExtents *shape, char *text, size_t size)
{
    char whole[16 + SPIRAL_DIMENSIONS_LIMIT * 24] = "(";
    size_t used = 1;
    for (size_t i = 0; i < shape->dimensions; i++)
        used += (size_t)snprintf(whole + used, sizeof whole - used, "%s%zu", i > 0 ? ", " : "", shape->extent[i]);
    snprintf(whole + used, sizeof whole - used, shape->dimensions == 1 ? ",)" : ")");
    snprintf(text, size, "%s", whole);
}

bool spiral_extents_count(SpiralExtents *shape)
{
    shape->count = 1;
    for (size_t i = 0; i < shape->dimensions; i++)
        if (!spiral_multiply(shape->count, shape->extent[i], &shape->count))
            return false;
    return true;
}

/* ---- the header -------------------------------------------------------------------------------------------------- */

/* A position in the dict's text. */
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

/* Consumes the character, and any blanks before it, if it comes next. */
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

/* A string in single or double quotes, without escapes, of fewer than size bytes. */
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

static SpiralStatus read_shape(Cursor *cursor, SpiralExtents *shape)
{
    if (!take(cursor, '('))
        return refuse(cursor, "the shape as a tuple, such as (300, 2)");
    *shape = (SpiralExtents){0};
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
    if (!spiral_extents_count(shape))
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
                            "elements of type '%s'%s, expected f2, f4, f8, i1 to i8, u1 to u8, b1, U or S", descr,
                            what);
}

static bool native_is_big(void)
{
    const uint16_t one = 1;
    return *(const unsigned char *)&one == 0;
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
    const char *c = descr;
    char order = *c == '<' || *c == '>' || *c == '=' || *c == '|' ? *c++ : '=';
    char kind = *c != '\0' ? *c++ : '\0';
    size_t size = 0, length = strlen(c);
    if (length == 0 || length > 9 || strspn(c, "0123456789") != length)
        return refuse_type(cursor, descr);
    for (; *c != '\0'; c++)
        size = size * 10 + (size_t)(*c - '0');
    bool known = (kind == 'f' && (size == 2 || size == 4 || size == 8)) || (kind == 'b' && size == 1) || kind == 'U' ||
                 kind == 'S' || ((kind == 'i' || kind == 'u') && (size == 1 || size == 2 || size == 4 || size == 8));
    bool needs_order = kind != 'S' && kind != 'b' && size > 1;
    if (!known || (order == '|' && needs_order))
        return refuse_type(cursor, descr);
    header->kind = kind;
    header->item_bytes = kind == 'U' ? 4 * size : size;
    header->big_endian = order == '>' || (order == '=' && native_is_big());
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
    spiral_extents_format(&header->shape, shape, sizeof shape);
    if (header->item_bytes == 0 && header->shape.count > 0) /* any number of them would fit in any file */
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
    if (available > total) /* an archive that holds more than it claims */
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

size_t spiral_npy_encode_header(char kind, size_t item_bytes, const SpiralExtents *shape,
                                unsigned char header[SPIRAL_NPY_HEADER_WRITTEN])
{
    char extents[96], dict[SPIRAL_NPY_HEADER_WRITTEN];
    spiral_extents_format(shape, extents, sizeof extents);
    size_t prefix = MAGIC_BYTES + 4;
    size_t length = (size_t)snprintf(dict, sizeof dict, "{'descr': '<%c%zu', 'fortran_order': False, 'shape': %s, }",
                                     kind, kind == 'U' ? item_bytes / 4 : item_bytes, extents);
    size_t total = (prefix + length + 1 + 63) / 64 * 64; /* with a newline at the end; this aligns the elements */
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

/* ---- elements ---------------------------------------------------------------------------------------------------- */

bool spiral_npy_is_native(const SpiralNpyHeader *header, char kind, size_t item_bytes)
{
    bool c_order = !header->fortran || header->shape.dimensions < 2;
    return header->kind == kind && header->item_bytes == item_bytes && header->big_endian == native_is_big() && c_order;
}

static const char *kind_name(char kind)
{
    switch (kind) {
    case 'f':
        return "floating-point numbers";
    case 'i':
        return "integers";
    case 'u':
        return "unsigned integers";
    case 'b':
        return "truth values";
    default:
        return "text";
    }
}

static SpiralStatus expect(const SpiralNpyHeader *header, const char *kinds, const char *expected,
                           const SpiralNpySource *source, SpiralError *error)
{
    if (strchr(kinds, header->kind) != NULL)
        return SPIRAL_OK;
    return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "holds %s, expected %s", kind_name(header->kind),
                            expected);
}

SpiralStatus spiral_npy_expect_numbers(const SpiralNpyHeader *header, const SpiralNpySource *source, SpiralError *error)
{
    return expect(header, "fiub", "numbers", source, error);
}

SpiralStatus spiral_npy_expect_integers(const SpiralNpyHeader *header, const SpiralNpySource *source,
                                        SpiralError *error)
{
    return expect(header, "iub", "integers", source, error);
}

SpiralStatus spiral_npy_expect_text(const SpiralNpyHeader *header, const SpiralNpySource *source, SpiralError *error)
{
    return expect(header, "US", "text", source, error);
}

/* The element's bits as an unsigned number. */
static uint64_t load(const unsigned char *raw, size_t size, bool big_endian)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits |= (uint64_t)raw[i] << (8 * (big_endian ? size - 1 - i : i));
    return bits;
}

/* The two's complement number of size bytes, from its bits. */
static int64_t to_signed(uint64_t bits, size_t size)
{
    uint64_t sign = UINT64_C(1) << (8 * size - 1);
    uint64_t extended = (bits ^ sign) - sign;
    int64_t value;
    memcpy(&value, &extended, sizeof value);
    return value;
}

/* A number of 16 bits: 1 of sign, 5 of exponent, 10 of fraction. All of them are doubles. */
static double half_to_double(uint64_t bits)
{
    int exponent = (int)(bits >> 10 & 31);
    double fraction = (double)(bits & 1023), magnitude;
    if (exponent == 31)
        magnitude = fraction > 0.0 ? NAN : INFINITY;
    else
        magnitude = exponent > 0 ? ldexp(1024.0 + fraction, exponent - 25) : ldexp(fraction, -24);
    return (bits >> 15 & 1) != 0 ? -magnitude : magnitude;
}

static double to_double(const SpiralNpyHeader *header, uint64_t bits)
{
    switch (header->kind) {
    case 'i':
        return (double)to_signed(bits, header->item_bytes);
    case 'u':
        return (double)bits;
    case 'b':
        return bits != 0;
    default:
        break;
    }
    if (header->item_bytes == 2)
        return half_to_double(bits);
    if (header->item_bytes == 4) {
        uint32_t low = (uint32_t)bits;
        float value;
        memcpy(&value, &low, sizeof value);
        return value;
    }
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The index in C order of element number `element` of the file. */
static size_t c_index(const SpiralNpyHeader *header, size_t element)
{
    const SpiralExtents *shape = &header->shape;
    if (!header->fortran || shape->dimensions < 2)
        return element;
    size_t index = 0, stride = shape->count; /* from the first extent, which varies fastest in the file */
    for (size_t i = 0; i < shape->dimensions; i++) {
        stride /= shape->extent[i];
        index += element % shape->extent[i] * stride;
        element /= shape->extent[i];
    }
    return index;
}

void spiral_npy_decode_doubles(const SpiralNpyHeader *header, const unsigned char *raw, size_t first, size_t count,
                               double *values)
{
    if (spiral_npy_is_native(header, 'f', sizeof *values)) {
        if (count > 0)
            memcpy(values + first, raw, count * sizeof *values);
        return;
    }
    size_t size = header->item_bytes;
    for (size_t i = 0; i < count; i++)
        values[c_index(header, first + i)] = to_double(header, load(raw + i * size, size, header->big_endian));
}

SpiralStatus spiral_npy_decode_integers(const SpiralNpyHeader *header, const unsigned char *raw, size_t first,
                                        size_t count, const SpiralNpySource *source, int64_t *values,
                                        SpiralError *error)
{
    if (spiral_npy_is_native(header, 'i', sizeof *values)) {
        if (count > 0)
            memcpy(values + first, raw, count * sizeof *values);
        return SPIRAL_OK;
    }
    size_t size = header->item_bytes;
    for (size_t i = 0; i < count; i++) {
        uint64_t bits = load(raw + i * size, size, header->big_endian);
        int64_t *value = &values[c_index(header, first + i)];
        if (header->kind == 'b')
            *value = bits != 0;
        else if (header->kind == 'i')
            *value = to_signed(bits, size);
        else if (bits <= INT64_MAX)
            *value = (int64_t)bits;
        else
            return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "holds %llu, expected at most %lld",
                                    (unsigned long long)bits, (long long)INT64_MAX);
    }
    return SPIRAL_OK;
}

/* Decodes one element of a text array to UTF-8. text has room for 4 bytes per character and a NUL. NumPy pads with
 * NULs. */
static bool decode_text(const SpiralNpyHeader *header, const unsigned char *raw, char *text)
{
    size_t unit = header->kind == 'U' ? 4 : 1, count = header->item_bytes / unit, used = 0;
    while (count > 0 && load(raw + (count - 1) * unit, unit, header->big_endian) == 0)
        count--;
    for (size_t i = 0; i < count; i++) {
        uint64_t code = load(raw + i * unit, unit, header->big_endian);
        if (code == 0)
            return false;
        if (unit == 1) {
            text[used++] = (char)code;
            continue;
        }
        size_t bytes = spiral_text_encode((uint32_t)code, text + used);
        if (bytes == 0)
            return false;
        used += bytes;
    }
    text[used] = '\0';
    size_t position;
    return unit == 4 || spiral_text_check(text, used, &position);
}

SpiralStatus spiral_npy_decode_strings(const SpiralNpyHeader *header, const unsigned char *raw, size_t first,
                                       const SpiralNpySource *source, char ***strings, SpiralError *error)
{
    *strings = NULL;
    size_t count = header->shape.count, made = 0;
    char **texts = spiral_allocate(count, sizeof *texts);
    char *text = spiral_allocate(header->item_bytes + 4, 1); /* 4 bytes of U give at most 4 of UTF-8, 1 of S gives 1 */
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 0; i < count && status == SPIRAL_OK && texts != NULL && text != NULL; i++) {
        size_t place = c_index(header, i);
        if (!decode_text(header, raw + i * header->item_bytes, text))
            status =
                spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "element %zu is not text, expected %s",
                                 first + place, header->kind == 'U' ? "Unicode without NULs" : "UTF-8 without NULs");
        else if ((texts[place] = spiral_copy_string(text)) != NULL)
            made++;
        else
            break;
    }
    free(text);
    if (status == SPIRAL_OK && made == count && texts != NULL) {
        *strings = texts;
        return SPIRAL_OK;
    }
    if (texts != NULL)
        spiral_names_free(texts, count);
    return status != SPIRAL_OK ? status
                               : spiral_npy_error(error, SPIRAL_ERROR_LIMIT, source, "no memory for %zu texts", count);
}

void spiral_npy_encode_values(const void *values, size_t count, unsigned char *bytes)
{
    memcpy(bytes, values, 8 * count);
    for (size_t i = 0; native_is_big() && i < count; i++) {
        uint64_t bits;
        memcpy(&bits, bytes + 8 * i, sizeof bits);
        for (size_t b = 0; b < 8; b++)
            bytes[8 * i + b] = (unsigned char)(bits >> (8 * b));
    }
}
