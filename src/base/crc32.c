#include "base/crc32.h"

#include <zlib.h>

void spiral_crc32_start(SpiralCrc32 *crc)
{
    crc->value = 0;
}

void spiral_crc32_add(SpiralCrc32 *crc, const void *bytes, size_t size)
{
    crc->value = (uint32_t)crc32_z(crc->value, bytes, size);
}

uint32_t spiral_crc32_value(const SpiralCrc32 *crc)
{
    return crc->value;
}
