/* mutate_npy.c: the values, type, order and shape of a .npy array, whose header is written anew: magic, version, length
 * and padding are right. Most changes of the shape keep as many values as there are bytes for. */
#include <stdio.h>
#include <string.h>

#include "mutate.h"

enum { PREFIX = 10, ALIGNMENT = 64, TYPE_BYTES = 32, SHAPE_BYTES = 96, MOST_DIMENSIONS = 5 };

typedef struct Array {
    char type[TYPE_BYTES]; /* "<f8" */
    bool fortran;
    char shape[SHAPE_BYTES]; /* "(4, 2)" */
    unsigned version;
    size_t size; /* of the data */
    uint8_t data[MUTATE_MOST];
} Array;

/* ---- reading and writing ----------------------------------------------------------------------------------------- */

/* Copies the bytes between the two texts behind the key; false when they are not there, or too many. */
static bool find_between(const char *header, const char *key, const char *before, const char *after, char *found,
                         size_t room)
{
    const char *at = strstr(header, key);
    const char *from = at != NULL ? strstr(at, before) : NULL;
    const char *to = from != NULL ? strstr(from + strlen(before), after) : NULL;
    if (to == NULL || (size_t)(to - from) >= room)
        return false;
    size_t length = (size_t)(to - from) - strlen(before);
    memcpy(found, from + strlen(before), length);
    found[length] = '\0';
    return true;
}

static bool read_array(const uint8_t *bytes, size_t size, Array *array)
{
    char header[512], shape[SHAPE_BYTES - 2];
    if (size < PREFIX + 2 || memcmp(bytes, "\x93NUMPY", 6) != 0)
        return false;
    array->version = bytes[6];
    size_t start = array->version == 1 ? PREFIX : PREFIX + 2;
    size_t length = bytes[8] + ((size_t)bytes[9] << 8);
    if (array->version != 1)
        length += ((size_t)bytes[10] << 16) + ((size_t)bytes[11] << 24);
    if (length >= sizeof header || start + length > size || size - start - length > sizeof array->data)
        return false;
    memcpy(header, bytes + start, length);
    header[length] = '\0';
    if (!find_between(header, "descr", ": '", "'", array->type, sizeof array->type) ||
        !find_between(header, "shape", "(", ")", shape, sizeof shape))
        return false;
    snprintf(array->shape, sizeof array->shape, "(%s)", shape);
    array->fortran = strstr(header, "'fortran_order': True") != NULL;
    array->size = size - start - length;
    memcpy(array->data, bytes + start + length, array->size);
    return true;
}

/* Writes the array; 0 when it has no room. */
static size_t write_array(const Array *array, uint8_t *bytes, size_t most)
{
    char header[512];
    size_t prefix = array->version == 1 ? PREFIX : PREFIX + 2;
    size_t length = (size_t)snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }",
                                     array->type, array->fortran ? "True" : "False", array->shape);
    size_t start = (prefix + length + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (start > most || array->size > most - start)
        return 0;
    memcpy(bytes, "\x93NUMPY", 6);
    bytes[6] = (uint8_t)array->version;
    bytes[7] = 0;
    for (size_t i = 8; i < prefix; i++)
        bytes[i] = (uint8_t)((start - prefix) >> (8 * (i - 8)));
    memcpy(bytes + prefix, header, length);
    memset(bytes + prefix + length, ' ', start - prefix - length);
    bytes[start - 1] = '\n';
    memcpy(bytes + start, array->data, array->size);
    return start + array->size;
}

/* ---- types ------------------------------------------------------------------------------------------------------- */

/* The bytes of an element; 0 when they are not known. */
static size_t item_size(const char *type)
{
    size_t digits = strlen(type) < 2 ? strlen(type) : 2, count = 0;
    for (const char *c = type + digits; *c >= '0' && *c <= '9' && count < 1000; c++)
        count = 10 * count + (size_t)(*c - '0');
    return digits == 2 && type[1] == 'U' ? 4 * count : count;
}

/* An element's `size` bytes, little-endian unless swapped. */
static void put_value(uint8_t *to, uint64_t value, size_t size, bool swapped)
{
    for (size_t i = 0; i < size; i++)
        to[swapped ? size - 1 - i : i] = (uint8_t)(i < 8 ? value >> (8 * i) : 0);
}

static void put_real(uint8_t *to, double value, size_t size, bool swapped)
{
    uint64_t bits;
    float narrow = (float)value;
    uint32_t narrow_bits;
    memcpy(&bits, &value, sizeof bits);
    memcpy(&narrow_bits, &narrow, sizeof narrow_bits);
    put_value(to, size == 4 ? narrow_bits : size == 2 ? bits >> 48 : bits, size, swapped);
}

/* ---- changes ----------------------------------------------------------------------------------------------------- */

static void change_value(Array *array, Random *random)
{
    size_t item = item_size(array->type), count = item > 0 ? array->size / item : 0;
    if (count == 0)
        return;
    size_t at = random_below(random, count), kind = random_below(random, 4);
    uint8_t *to = array->data + at * item;
    bool swapped = array->type[0] == '>';
    if (kind == 0) {
        memcpy(to, array->data + random_below(random, count) * item, item);
    } else if (array->type[1] == 'f' && kind < 3) {
        put_real(to, random_real(random), item, swapped);
    } else if (array->type[1] == 'U' || array->type[1] == 'S') { /* one character */
        static const uint32_t characters[] = {'0',  '1', '2', '5',  '9',  'a',    '=',     '-',      '.',    ' ', ',',
                                              '\n', '"', 0,   0x7f, 0xe9, 0xd800, 0x1f600, 0x110000, 0xfeff, 0x1b};
        size_t width = array->type[1] == 'U' ? 4 : 1;
        put_value(to + random_below(random, item / width) * width, RANDOM_OF(random, characters), width, swapped);
    } else if (kind < 3) {
        put_value(to, (uint64_t)random_integer(random), item, swapped);
    } else {
        LLVMFuzzerMutate(to, item, item);
    }
}

static size_t read_shape(const Array *array, size_t shape[MOST_DIMENSIONS])
{
    size_t count = 0;
    for (const char *c = array->shape; *c != '\0'; c++) {
        bool digit = *c >= '0' && *c <= '9', first = digit && (c[-1] < '0' || c[-1] > '9');
        if (first && count == MOST_DIMENSIONS)
            break;
        if (first)
            shape[count++] = 0;
        if (digit)
            shape[count - 1] = 10 * shape[count - 1] + (size_t)(*c - '0');
    }
    return count;
}

static void write_shape(Array *array, const size_t *shape, size_t count)
{
    size_t used = (size_t)snprintf(array->shape, sizeof array->shape, "(");
    for (size_t i = 0; i < count && used < sizeof array->shape - 24; i++)
        used += (size_t)snprintf(array->shape + used, sizeof array->shape - used, "%zu%s", shape[i],
                                 count == 1      ? ","
                                 : i + 1 < count ? ", "
                                                 : "");
    snprintf(array->shape + used, sizeof array->shape - used, ")");
}

/* As many values as before, in other dimensions. */
static void fold(Array *array, Random *random)
{
    size_t shape[MOST_DIMENSIONS], count = read_shape(array, shape), kind = random_below(random, 4);
    size_t item = item_size(array->type), values = item > 0 ? array->size / item : 0;
    if (kind == 0 && count >= 2) {
        size_t first = shape[0];
        shape[0] = shape[count - 1];
        shape[count - 1] = first;
    } else if (kind == 1) {
        shape[0] = values;
        count = 1;
    } else {
        size_t columns = random_below(random, 4) + 1;
        shape[kind == 2] = columns;
        shape[kind != 2] = values / columns;
        count = 2;
        array->size = values / columns * columns * item;
    }
    write_shape(array, shape, count);
}

/* A row less, or one more, which is a copy of the one before. */
static void change_rows(Array *array, Random *random)
{
    size_t shape[MOST_DIMENSIONS], count = read_shape(array, shape);
    if (count == 0 || shape[0] == 0 || array->fortran)
        return;
    size_t row = array->size / shape[0], more = random_below(random, 3) + 1;
    if (one_in(random, 2)) {
        more = more < shape[0] ? more : shape[0];
        shape[0] -= more;
        array->size -= more * row;
    } else {
        for (size_t i = 0; i < more && row > 0 && array->size + row <= sizeof array->data; i++) {
            memcpy(array->data + array->size, array->data + array->size - row, row);
            array->size += row;
            shape[0]++;
        }
    }
    write_shape(array, shape, count);
}

/* Another type, with as many elements, of which each keeps its first bytes. */
static void change_type(Array *array, Random *random)
{
    static const char *const types[] = {"<f8", ">f8", "<f4", ">f4", "<f2",  "<i8", ">i8",     "<i4", ">i2",
                                        "|i1", "|u1", "<u8", "<u4", "<u2",  "|b1", "<U1",     "<U4", ">U2",
                                        "|S1", "|S3", "<U0", "|S0", "<c16", "|O",  "<M8[ns]", "|V4", "<f16"};
    static uint8_t made[MUTATE_MOST];
    size_t before = item_size(array->type), count = before > 0 ? array->size / before : 0;
    strcpy(array->type, RANDOM_OF(random, types));
    size_t after = item_size(array->type);
    if (count == 0 || after == 0 || count > sizeof made / after)
        return;
    memset(made, 0, count * after);
    for (size_t i = 0; i < count; i++)
        memcpy(made + i * after, array->data + i * before, before < after ? before : after);
    array->size = count * after;
    memcpy(array->data, made, array->size);
}

/* A shape for which there are not the values, or which no array has. */
static void change_shape(Array *array, Random *random)
{
    static const char *const shapes[] = {"()",
                                         "(0,)",
                                         "(0, 2)",
                                         "(2, 0)",
                                         "(1,)",
                                         "(1, 1)",
                                         "(2, 2)",
                                         "(6,)",
                                         "(-1, 2)",
                                         "(2, -1)",
                                         "(4294967296, 4294967296)",
                                         "(18446744073709551615, 2)",
                                         "(9223372036854775808,)",
                                         "(2305843009213693952, 8)",
                                         "(1, 1, 1, 1, 1)",
                                         "(2, 2, 2)",
                                         "(3037000500, 3037000500)",
                                         "(100000000, 2)",
                                         "(2147483648, 1)",
                                         "(1, 2147483648)",
                                         "(18446744073709551616,)",
                                         "(2,2)",
                                         "(+2,)"};
    strcpy(array->shape, RANDOM_OF(random, shapes));
}

static void change(Array *array, Random *random)
{
    size_t kind = random_below(random, 20);
    if (kind < 11)
        change_value(array, random);
    else if (kind < 13)
        fold(array, random);
    else if (kind < 15)
        change_rows(array, random);
    else if (kind < 17)
        change_type(array, random);
    else if (kind == 17)
        change_shape(array, random);
    else if (kind == 18)
        array->fortran = !array->fortran;
    else if (one_in(random, 2))
        array->version = array->version % 3 + 1;
    else
        array->size = random_below(random, array->size + 1); /* cut off */
}

size_t mutate_npy(uint8_t *bytes, size_t size, size_t most, Random *random)
{
    static Array array; /* large, and no execution needs two */
    if (!read_array(bytes, size, &array))
        return 0;
    change(&array, random);
    return write_array(&array, bytes, most);
}
