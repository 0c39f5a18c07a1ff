/* sha256.h: the hash of FIPS 180-4, by which a page's policy names the style and the script that it allows. */
#ifndef SPIRAL_CLI_SHA256_H
#define SPIRAL_CLI_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32 };

/* A text that is hashed piece by piece: start, add, add ..., end. */
typedef struct Sha256 {
    uint32_t state[8];
    uint64_t length; /* in bytes, of all that was added */
    unsigned char block[64];
} Sha256;

void sha256_start(Sha256 *hash);
void sha256_add(Sha256 *hash, const void *bytes, size_t size);
void sha256_end(Sha256 *hash, unsigned char digest[SHA256_BYTES]);

#endif
