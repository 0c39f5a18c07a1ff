#include "figure/png.h"

#include <limits.h>
#include <stdbool.h>

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

SpiralStatus spiral_png_encode(size_t width, size_t height, const unsigned char *pixels, unsigned char **bytes,
                               size_t *size, SpiralError *error)
{
    *bytes = NULL;
    *size = 0;
    if (!fits(width, height))
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "an image of %zux%zu pixels is too large", width,
                                height);
    int length = 0;
    unsigned char *encoded =
        stbi_write_png_to_mem(pixels, (int)(width * CHANNELS), (int)width, (int)height, CHANNELS, &length);
    if (encoded == NULL) {
        spiral_stb_release();
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to encode an image of %zux%zu pixels",
                                width, height);
    }
    *bytes = encoded;
    *size = (size_t)length;
    return SPIRAL_OK;
}
