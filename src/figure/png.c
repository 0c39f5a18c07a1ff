#include "figure/png.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/memory.h"
#include "figure/stb.h"

enum { CHANNELS = 3, OVERHEAD = 1 << 16 };

/* Defined in stb_image_write.h, but declared only for its own implementation. */
unsigned char *stbi_write_png_to_mem(const unsigned char *pixels, int stride, int width, int height, int channels,
                                     int *length);

/* stb counts bytes in ints: the filtered image, a byte a row more, and what deflate may add must fit one. */
static bool fits(size_t width, size_t height)
{
    size_t row, bytes;
    if (width == 0 || height == 0 || !spiral_multiply(width, CHANNELS, &row) || row > INT_MAX - 1)
        return false;
    return spiral_multiply(row + 1, height, &bytes) && bytes <= INT_MAX - OVERHEAD - bytes / 1000;
}

static void put_number(unsigned char *place, unsigned long number)
{
    for (int i = 0; i < 4; i++)
        place[i] = (unsigned char)(number >> (24 - 8 * i) & 0xff);
}

/* PNG's signature and the chunk IHDR, which every file begins with; the chunk pHYs with its length, type, content and
 * checksum. */
enum { HEAD = 33, RESOLUTION = 9, CHUNK = 4 + 4 + RESOLUTION + 4 };

/* The same file with the resolution in it, or NULL. */
static unsigned char *with_resolution(const unsigned char *encoded, size_t length, unsigned per_metre)
{
    unsigned char *file = spiral_allocate(length + CHUNK, 1);
    if (file == NULL)
        return NULL;
    memcpy(file, encoded, HEAD);
    unsigned char *chunk = file + HEAD, *content = chunk + 8;
    put_number(chunk, RESOLUTION);
    memcpy(chunk + 4, "pHYs", 4);
    put_number(content, per_metre);
    put_number(content + 4, per_metre);
    content[8] = 1; /* the unit is a metre */
    put_number(content + RESOLUTION, crc32(0, chunk + 4, 4 + RESOLUTION));
    memcpy(chunk + CHUNK, encoded + HEAD, length - HEAD);
    return file;
}

SpiralStatus spiral_png_encode(size_t width, size_t height, const unsigned char *pixels, unsigned per_metre,
                               unsigned char **bytes, size_t *size, SpiralError *error)
{
    *bytes = NULL;
    *size = 0;
    if (!fits(width, height))
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "an image of %zux%zu pixels is too large", width,
                                height);
    int length = 0;
    unsigned char *encoded =
        stbi_write_png_to_mem(pixels, (int)(width * CHANNELS), (int)width, (int)height, CHANNELS, &length);
    if (encoded == NULL)
        spiral_stb_release();
    else
        *bytes = with_resolution(encoded, (size_t)length, per_metre);
    free(encoded);
    if (*bytes == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to encode an image of %zux%zu pixels",
                                width, height);
    *size = (size_t)length + CHUNK;
    return SPIRAL_OK;
}
