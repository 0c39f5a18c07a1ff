#include "spiral/rng.h"

#include <math.h>

enum { SHIFT = 397 };

void spiral_rng_seed(SpiralRng *rng, uint32_t seed)
{
    for (uint32_t i = 0; i < SPIRAL_RNG_WORDS; i++) {
        rng->state[i] = seed;
        seed = UINT32_C(1812433253) * (seed ^ (seed >> 30)) + i + 1;
    }
    rng->position = SPIRAL_RNG_WORDS;
    rng->has_normal = false;
    rng->normal = 0.0;
}

static uint32_t twist(uint32_t upper, uint32_t lower)
{
    uint32_t mixed = (upper & UINT32_C(0x80000000)) | (lower & UINT32_C(0x7fffffff));
    return (mixed >> 1) ^ ((mixed & 1) != 0 ? UINT32_C(0x9908b0df) : 0);
}

/* Word i is made of words i, i + 1 and i + SHIFT, modulo the number of words. Three loops avoid the division. */
static void refill(SpiralRng *rng)
{
    uint32_t *state = rng->state;
    const size_t words = SPIRAL_RNG_WORDS;
    for (size_t i = 0; i < words - SHIFT; i++)
        state[i] = state[i + SHIFT] ^ twist(state[i], state[i + 1]);
    for (size_t i = words - SHIFT; i < words - 1; i++)
        state[i] = state[i + SHIFT - words] ^ twist(state[i], state[i + 1]);
    state[words - 1] = state[SHIFT - 1] ^ twist(state[words - 1], state[0]);
    rng->position = 0;
}

static inline uint32_t next_word(SpiralRng *rng)
{
    if (rng->position >= SPIRAL_RNG_WORDS)
        refill(rng);
    uint32_t word = rng->state[rng->position++];
    word ^= word >> 11;
    word ^= (word << 7) & UINT32_C(0x9d2c5680);
    word ^= (word << 15) & UINT32_C(0xefc60000);
    return word ^ (word >> 18);
}

uint32_t spiral_rng_uint32(SpiralRng *rng)
{
    return next_word(rng);
}

static inline double next_uniform(SpiralRng *rng)
{
    uint32_t high = next_word(rng) >> 5;
    uint32_t low = next_word(rng) >> 6;
    return (high * 67108864.0 + low) * 0x1p-53;
}

double spiral_rng_uniform(SpiralRng *rng)
{
    return next_uniform(rng);
}

double spiral_rng_normal(SpiralRng *rng)
{
    if (rng->has_normal) {
        rng->has_normal = false;
        return rng->normal;
    }
    double first, second, squared;
    do {
        first = 2.0 * next_uniform(rng) - 1.0;
        second = 2.0 * next_uniform(rng) - 1.0;
        squared = first * first + second * second;
    } while (squared >= 1.0 || squared == 0.0);
    double factor = sqrt(-2.0 * log(squared) / squared);
    rng->normal = factor * first;
    rng->has_normal = true;
    return factor * second;
}

uint64_t spiral_rng_interval(SpiralRng *rng, uint64_t max)
{
    if (max == 0)
        return 0; /* NumPy draws nothing in this case */
    uint64_t mask = max;
    for (unsigned shift = 1; shift <= 32; shift *= 2)
        mask |= mask >> shift;
    uint64_t value;
    do {
        value = spiral_rng_uint32(rng);
        if (max > UINT32_MAX)
            value = value << 32 | spiral_rng_uint32(rng);
        value &= mask;
    } while (value > max);
    return value;
}

void spiral_rng_shuffle(SpiralRng *rng, size_t count, size_t *indices)
{
    for (size_t i = count; i-- > 1;) {
        size_t j = (size_t)spiral_rng_interval(rng, i);
        size_t kept = indices[i];
        indices[i] = indices[j];
        indices[j] = kept;
    }
}

void spiral_rng_permutation(SpiralRng *rng, size_t count, size_t *indices)
{
    for (size_t i = 0; i < count; i++)
        indices[i] = i;
    spiral_rng_shuffle(rng, count, indices);
}
