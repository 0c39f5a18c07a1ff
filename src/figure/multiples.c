#include "figure/multiples.h"

#include <math.h>

void spiral_multiples_divide(SpiralMultiples *multiples, size_t count, size_t columns)
{
    const SpiralRectangle *area = &multiples->area;
    size_t rows = (count + columns - 1) / columns;
    multiples->columns = columns;
    multiples->width = floor((area->right - area->left + multiples->gap) / (double)columns);
    multiples->height = floor((area->bottom - area->top + multiples->gap) / (double)rows);
}

double spiral_multiples_side(const SpiralMultiples *multiples)
{
    return fmin(multiples->width, multiples->height - multiples->caption) - multiples->gap;
}

SpiralRectangle spiral_multiples_picture(const SpiralMultiples *multiples, size_t place)
{
    double left = floor(multiples->area.left + (double)(place % multiples->columns) * multiples->width);
    double top = floor(multiples->area.top + (double)(place / multiples->columns) * multiples->height);
    double gap = ceil(multiples->gap);
    SpiralRectangle picture = {left, top + multiples->caption, left + multiples->width - gap,
                               top + multiples->height - gap};
    picture.right = fmax(picture.right, picture.left + 1.0);
    picture.bottom = fmax(picture.bottom, picture.top + 1.0);
    return picture;
}
