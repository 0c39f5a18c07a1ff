/* png.h: pixels as a PNG in memory. */
#ifndef SPIRAL_FIGURE_PNG_H
#define SPIRAL_FIGURE_PNG_H

#include <stddef.h>

#include "spiral/status.h"

/* RGB, 8 bits a channel; pixels is (height, width, 3), per_metre how many of them are a metre. *bytes is freed by
 * free(). The same pixels give the same bytes. Errors: LIMIT (an image that stb's numbers can't carry, memory). */
SpiralStatus spiral_png_encode(size_t width, size_t height, const unsigned char *pixels, unsigned per_metre,
                               unsigned char **bytes, size_t *size, SpiralError *error);

#endif
