/* powers.h: powers of five to 128 bits. */
#ifndef SPIRAL_DATA_POWERS_H
#define SPIRAL_DATA_POWERS_H

#include <stdint.h>

enum { SPIRAL_POWERS_LIMIT = 55 }; /* 5^55 is the largest power of five in 128 bits */

/* [p + LIMIT]: the 128 leading bits of 5^p, the highest set, the upper half first. Exact for p >= 0, cut off below. */
extern const uint64_t spiral_powers_of_five[2 * SPIRAL_POWERS_LIMIT + 1][2];

/* floor(log2(5^power)): the multiplier is log2(5) * 2^19. */
static inline int spiral_powers_exponent(int power)
{
    return power >= 0 ? power * 1217359 / 524288 : -((-power * 1217359 + 524287) / 524288);
}

#endif
