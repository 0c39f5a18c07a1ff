/* crc32.h: the CRC-32 of zip and PNG (polynomial 0x04C11DB7, reflected), eight bytes a step. */
#ifndef SPIRAL_BASE_CRC32_H
#define SPIRAL_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

enum { SPIRAL_CRC32_STEP = 8, SPIRAL_CRC32_BYTE_VALUES = 256 };

/* Of the bytes so far. Large: the tables are made anew each time, so that there is nothing to share. */
typedef struct SpiralCrc32 {
    /* table[s][b]: what byte b adds when s more bytes follow it */
    uint32_t table[SPIRAL_CRC32_STEP][SPIRAL_CRC32_BYTE_VALUES];
    uint32_t state;
} SpiralCrc32;

/* Of no bytes. */
void spiral_crc32_start(SpiralCrc32 *crc);

void spiral_crc32_add(SpiralCrc32 *crc, const void *bytes, size_t size);

/* A 64-bit word, its lowest byte first. */
void spiral_crc32_add_word(SpiralCrc32 *crc, uint64_t word);

uint32_t spiral_crc32_value(const SpiralCrc32 *crc);

#endif
