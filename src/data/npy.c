/* npy.c: elements from and to the bytes of a .npy. */
#include "data/npy.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "base/text.h"

bool spiral_npy_is_native(const SpiralNpyHeader *header, char kind, size_t item_bytes)
{
    const uint16_t one = 1;
    bool native_is_big = *(const unsigned char *)&one == 0;
    bool c_order = !header->fortran || header->shape.dimensions < 2;
    return header->kind == kind && header->item_bytes == item_bytes && header->big_endian == native_is_big && c_order;
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

/* The two's complement number of size bytes. */
static int64_t to_signed(uint64_t bits, size_t size)
{
    uint64_t sign = UINT64_C(1) << (8 * size - 1);
    uint64_t extended = (bits ^ sign) - sign;
    int64_t value;
    memcpy(&value, &extended, sizeof value);
    return value;
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

/* Where in C order element number `element` of the file belongs. */
static size_t c_index(const SpiralNpyHeader *header, size_t element)
{
    const SpiralShape *shape = &header->shape;
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

/* One element of a text array as UTF-8 in text, which has room for 4 bytes a character and a NUL; NumPy pads with NULs.
 */
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

SpiralStatus spiral_npy_decode_strings(const SpiralNpyHeader *header, const unsigned char *raw,
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
            status = spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "element %zu is not text, expected %s", place,
                                      header->kind == 'U' ? "Unicode without NULs" : "UTF-8 without NULs");
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
    const unsigned char *next = values;
    for (size_t i = 0; i < count; i++, next += 8, bytes += 8) {
        uint64_t bits;
        memcpy(&bits, next, sizeof bits);
        for (size_t b = 0; b < 8; b++)
            bytes[b] = (unsigned char)(bits >> (8 * b));
    }
}
