#include "figure/order.h"

static const double GOLDEN = 0.6180339887498949;

static size_t common_divisor(size_t a, size_t b)
{
    while (b != 0) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* About the golden section of the rows, which spreads the first of them over all. */
size_t spiral_order_step(size_t rows)
{
    size_t step = (size_t)((double)rows * GOLDEN) + 1;
    while (common_divisor(rows, step) != 1)
        step++;
    return step;
}
