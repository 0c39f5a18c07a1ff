/* hash.h: SipHash-1-3 (Aumasson and Bernstein, 2012), for tables whose keys come from a file: without knowing the
 * secret key, nobody can craft a file whose keys collide. */
#ifndef SPIRAL_BASE_HASH_H
#define SPIRAL_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct SpiralHashKey {
    uint64_t words[2];
} SpiralHashKey;

/* Draws a key from the system's random numbers; false, with errno, if there are none. No output may depend on it. */
bool spiral_hash_draw_key(SpiralHashKey *key);

uint64_t spiral_hash(const SpiralHashKey *key, const void *bytes, size_t length);

#endif
