#include "figure/png.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/memory.h"

/* The bytes of a chunk's length and type, and of its checksum; of the signature; of two chunks' contents. */
enum { CHANNELS = 3, CHUNK_HEAD = 8, CHUNK_END = 4, SIGNATURE = 8, HEADER = 13, RESOLUTION = 9 };

enum { BEFORE_PIXELS = SIGNATURE + HEADER + RESOLUTION + 2 * (CHUNK_HEAD + CHUNK_END) };

/* Of zlib. The next one takes twice as long and saves a fiftieth. */
enum { LEVEL = 6 };

/* The filters of rows: the bytes as they are, or less those of the pixel before or of the row above. */
enum { FILTER_NONE, FILTER_SUB, FILTER_UP };

/* ---- chunks ------------------------------------------------------------------------------------------------------ */

static void put_number(unsigned char *place, size_t number)
{
    for (int i = 0; i < 4; i++)
        place[i] = (unsigned char)(number >> (24 - 8 * i) & 0xff);
}

/* Ends a chunk whose content is there already; returns where the next begins. */
static unsigned char *end_chunk(unsigned char *chunk, const char type[4], size_t size)
{
    put_number(chunk, size);
    memcpy(chunk + 4, type, 4);
    unsigned char *end = chunk + CHUNK_HEAD + size;
    put_number(end, crc32(0, chunk + 4, (uInt)(4 + size)));
    return end + CHUNK_END;
}

static unsigned char *put_head(unsigned char *place, size_t width, size_t height, unsigned per_metre)
{
    static const unsigned char signature[SIGNATURE] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const unsigned char rgb[] = {8, 2, 0, 0, 0}; /* bits, colours, compression, filters, no interlacing */
    memcpy(place, signature, SIGNATURE);
    unsigned char *chunk = place + SIGNATURE, *content = chunk + CHUNK_HEAD;
    put_number(content, width);
    put_number(content + 4, height);
    memcpy(content + 8, rgb, sizeof rgb);
    chunk = end_chunk(chunk, "IHDR", HEADER);
    content = chunk + CHUNK_HEAD;
    put_number(content, per_metre);
    put_number(content + 4, per_metre);
    content[8] = 1; /* the unit is a metre */
    return end_chunk(chunk, "pHYs", RESOLUTION);
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

/* Is the picture made of areas of one colour? These are the smallest as they are, gradients are not. */
static bool is_flat(size_t width, size_t height, const unsigned char *pixels)
{
    size_t changes = 0;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 1; x < width; x++) {
            const unsigned char *pixel = pixels + (y * width + x) * CHANNELS;
            changes += memcmp(pixel, pixel - CHANNELS, CHANNELS) != 0;
        }
    return changes < width * height / 4;
}

/* Filters a row of size bytes; above is NULL for the first. Returns the sum of the differences. */
static size_t filter_row(int filter, size_t size, const unsigned char *row, const unsigned char *above,
                         unsigned char *filtered)
{
    size_t sum = 0;
    filtered[0] = (unsigned char)filter;
    for (size_t i = 0; i < size; i++) {
        unsigned char before = i >= CHANNELS ? row[i - CHANNELS] : 0, up = above != NULL ? above[i] : 0;
        unsigned char difference = (unsigned char)(row[i] - (filter == FILTER_SUB ? before : up));
        filtered[1 + i] = difference;
        sum += difference < 128 ? difference : 256u - difference;
    }
    return sum;
}

/* The row as it is compressed, in one of the two buffers. */
static const unsigned char *filtered_row(bool flat, size_t size, const unsigned char *row, const unsigned char *above,
                                         unsigned char *buffers[2])
{
    if (flat) {
        buffers[0][0] = FILTER_NONE;
        memcpy(buffers[0] + 1, row, size);
        return buffers[0];
    }
    size_t sub = filter_row(FILTER_SUB, size, row, above, buffers[0]);
    return filter_row(FILTER_UP, size, row, above, buffers[1]) < sub ? buffers[1] : buffers[0];
}

/* Compresses the rows into *out, of *room bytes, which becomes those that were written. false: no memory. */
static bool compress_rows(size_t width, size_t height, const unsigned char *pixels, unsigned char *out, size_t *room)
{
    size_t size = width * CHANNELS;
    bool flat = is_flat(width, height, pixels);
    unsigned char *buffers[2] = {spiral_allocate(size + 1, 2), NULL};
    if (buffers[0] == NULL)
        return false;
    buffers[1] = buffers[0] + size + 1;
    z_stream stream = {.next_out = out, .avail_out = (uInt)*room};
    if (deflateInit(&stream, LEVEL) != Z_OK) {
        free(buffers[0]);
        return false;
    }
    bool ended = false;
    for (size_t y = 0; y < height; y++) {
        const unsigned char *row = pixels + y * size;
        const unsigned char *filtered = filtered_row(flat, size, row, y > 0 ? row - size : NULL, buffers);
        stream.next_in = (z_const Bytef *)filtered;
        stream.avail_in = (uInt)(size + 1);
        ended = deflate(&stream, y + 1 < height ? Z_NO_FLUSH : Z_FINISH) == Z_STREAM_END;
    }
    *room = (size_t)stream.total_out;
    free(buffers[0]);
    return deflateEnd(&stream) == Z_OK && ended;
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

/* The sizes are counted in ints and longs: the filtered rows, and what deflate may add, must fit an int. */
static bool fits(size_t width, size_t height)
{
    size_t row, bytes;
    if (width == 0 || height == 0 || !spiral_multiply(width, CHANNELS, &row) || row > INT_MAX - 1)
        return false;
    return spiral_multiply(row + 1, height, &bytes) && bytes <= INT_MAX - (1 << 16) - bytes / 1000;
}

SpiralStatus spiral_png_encode(size_t width, size_t height, const unsigned char *pixels, unsigned per_metre,
                               unsigned char **bytes, size_t *size, SpiralError *error)
{
    *bytes = NULL;
    *size = 0;
    if (!fits(width, height))
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "an image of %zux%zu pixels is too large", width,
                                height);
    size_t room = compressBound((uLong)((width * CHANNELS + 1) * height));
    unsigned char *file = spiral_allocate(BEFORE_PIXELS + room + 2 * (CHUNK_HEAD + CHUNK_END), 1);
    unsigned char *chunk = file != NULL ? put_head(file, width, height, per_metre) : NULL;
    if (file == NULL || !compress_rows(width, height, pixels, chunk + CHUNK_HEAD, &room)) {
        free(file);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to encode an image of %zux%zu pixels",
                                width, height);
    }
    chunk = end_chunk(chunk, "IDAT", room);
    *size = (size_t)(end_chunk(chunk, "IEND", 0) - file);
    *bytes = file;
    return SPIRAL_OK;
}
