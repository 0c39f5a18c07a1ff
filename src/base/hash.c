#define _DEFAULT_SOURCE /* getentropy */
#include "base/hash.h"

#include <string.h>
#include <unistd.h>

bool spiral_hash_draw_key(SpiralHashKey *key)
{
    return getentropy(key->words, sizeof key->words) == 0;
}

static uint64_t rotate(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static void mix(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

/* Up to 8 bytes as a little-endian number. */
static uint64_t load(const unsigned char *bytes, size_t count)
{
    uint64_t word = 0;
    for (size_t i = 0; i < count; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

uint64_t spiral_hash(const SpiralHashKey *key, const void *bytes, size_t length)
{
    const unsigned char *next = bytes;
    uint64_t v[4] = {key->words[0] ^ UINT64_C(0x736f6d6570736575), key->words[1] ^ UINT64_C(0x646f72616e646f6d),
                     key->words[0] ^ UINT64_C(0x6c7967656e657261), key->words[1] ^ UINT64_C(0x7465646279746573)};
    for (size_t left = length;; left -= 8, next += 8) {
        bool last = left < 8;
        uint64_t word = last ? load(next, left) | (uint64_t)length << 56 : load(next, 8);
        v[3] ^= word;
        mix(v);
        v[0] ^= word;
        if (last)
            break;
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        mix(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
