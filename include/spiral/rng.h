/* rng.h: NumPy's legacy RandomState, number for number.
 *
 * MT19937 (Matsumoto and Nishimura, 1998) seeded by init_genrand, as numpy.random.RandomState(seed) does for an
 * integer; doubles of 53 bits from two draws; normals by Marsaglia's polar method, whose second value is kept for the
 * next call. NumPy has frozen this stream (NEP 19), so a notebook can reproduce everything drawn here. */
#ifndef SPIRAL_RNG_H
#define SPIRAL_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { SPIRAL_RNG_WORDS = 624 };

/* The complete state of a stream; copying the struct copies the stream. */
typedef struct SpiralRng {
    uint32_t state[SPIRAL_RNG_WORDS];
    uint32_t position; /* the next word to use; SPIRAL_RNG_WORDS: all are used */
    bool has_normal;   /* the polar method's second value is waiting */
    double normal;
} SpiralRng;

/* RandomState(seed). */
void spiral_rng_seed(SpiralRng *rng, uint32_t seed);

/* 32 random bits. */
uint32_t spiral_rng_uint32(SpiralRng *rng);

/* RandomState.random_sample(): uniform in [0, 1). */
double spiral_rng_uniform(SpiralRng *rng);

/* RandomState.randn(): standard normal. */
double spiral_rng_normal(SpiralRng *rng);

/* The legacy random_interval: uniform in 0..max (max included), by masked rejection. */
uint64_t spiral_rng_interval(SpiralRng *rng, uint64_t max);

/* RandomState.shuffle of a one-dimensional array of indices. */
void spiral_rng_shuffle(SpiralRng *rng, size_t count, size_t *indices /* (count) */);

/* RandomState.permutation(count). */
void spiral_rng_permutation(SpiralRng *rng, size_t count, size_t *indices /* (count) */);

#ifdef __cplusplus
}
#endif

#endif
