/* powers_of_five.h: powers of five to 128 bits, by which number.c scales. */
#ifndef SPIRAL_BASE_POWERS_OF_FIVE_H
#define SPIRAL_BASE_POWERS_OF_FIVE_H

#include <stdint.h>

enum { SPIRAL_POWERS_LIMIT = 55 }; /* 5^55 is the largest power of five in 128 bits */

/* [p + SPIRAL_POWERS_LIMIT]: the leading 128 bits of 5^p, normalised so that the highest is set, upper half first.
 * Exact for p >= 0, truncated below. */
extern const uint64_t spiral_powers_of_five[2 * SPIRAL_POWERS_LIMIT + 1][2];

/* floor(log2(5^power)) for the powers of a double: the multiplier is log2(5) * 2^19, and what is shifted positive. */
static inline int spiral_powers_exponent(int power)
{
    return (int)((unsigned)(power * 1217359 + (1024 << 19)) >> 19) - 1024;
}

#endif
