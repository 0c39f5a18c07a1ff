/* crc32.h: the CRC-32 of zip and PNG, by zlib. */
#ifndef SPIRAL_BASE_CRC32_H
#define SPIRAL_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Of the bytes so far. */
typedef struct SpiralCrc32 {
    uint32_t value;
} SpiralCrc32;

/* Of no bytes. */
void spiral_crc32_start(SpiralCrc32 *crc);

void spiral_crc32_add(SpiralCrc32 *crc, const void *bytes, size_t size);

uint32_t spiral_crc32_value(const SpiralCrc32 *crc);

#endif
