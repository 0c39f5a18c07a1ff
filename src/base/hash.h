/* hash.h: SipHash-1-3 (Aumasson and Bernstein, 2012), for tables whose keys come from a file. Without the key, nobody
 * can write a file whose keys fall together. */
#ifndef SPIRAL_BASE_HASH_H
#define SPIRAL_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct SpiralHashKey {
    uint64_t words[2];
} SpiralHashKey;

/* A key from the system's random numbers. Nothing that is written may depend on it. false, with errno, when there are
 * none. */
bool spiral_hash_draw_key(SpiralHashKey *key);

uint64_t spiral_hash(const SpiralHashKey *key, const void *bytes, size_t length);

#endif
