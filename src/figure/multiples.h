/* multiples.h: small multiples: pictures of one size in rows, each below its caption. */
#ifndef SPIRAL_FIGURE_MULTIPLES_H
#define SPIRAL_FIGURE_MULTIPLES_H

#include <stddef.h>

#include "figure/canvas.h"

typedef struct SpiralMultiples {
    SpiralRectangle area; /* for all of them */
    double gap;           /* between two */
    double caption;       /* the height of a caption, set once the pictures' size is known */
    size_t columns;
    double width, height; /* of a picture with its caption and a gap */
} SpiralMultiples;

/* Divides the area for so many pictures into so many columns. */
void spiral_multiples_divide(SpiralMultiples *multiples, size_t count, size_t columns);

/* The shorter side of a picture. */
double spiral_multiples_side(const SpiralMultiples *multiples);

/* The picture at that place in reading order: whole pixels, at least one each way. */
SpiralRectangle spiral_multiples_picture(const SpiralMultiples *multiples, size_t place);

#endif
