#include "base/crc32.h"

void spiral_crc32_start(SpiralCrc32 *crc)
{
    for (uint32_t byte = 0; byte < SPIRAL_CRC32_BYTE_VALUES; byte++) {
        uint32_t rest = byte;
        for (int bit = 0; bit < 8; bit++)
            rest = (rest >> 1) ^ ((rest & 1) != 0 ? UINT32_C(0xedb88320) : 0);
        crc->table[0][byte] = rest;
    }
    for (size_t s = 1; s < SPIRAL_CRC32_STEP; s++)
        for (size_t byte = 0; byte < SPIRAL_CRC32_BYTE_VALUES; byte++) {
            uint32_t shorter = crc->table[s - 1][byte];
            crc->table[s][byte] = (shorter >> 8) ^ crc->table[0][shorter & 0xff];
        }
    crc->state = UINT32_C(0xffffffff);
}

void spiral_crc32_add_word(SpiralCrc32 *crc, uint64_t word)
{
    word ^= crc->state;
    uint32_t state = 0;
    for (unsigned i = 0; i < SPIRAL_CRC32_STEP; i++)
        state ^= crc->table[SPIRAL_CRC32_STEP - 1 - i][(word >> (8 * i)) & 0xff];
    crc->state = state;
}

void spiral_crc32_add(SpiralCrc32 *crc, const void *bytes, size_t size)
{
    const unsigned char *next = bytes;
    for (; size >= sizeof(uint64_t); size -= sizeof(uint64_t), next += sizeof(uint64_t)) {
        uint64_t word = 0;
        for (unsigned i = 0; i < SPIRAL_CRC32_STEP; i++)
            word |= (uint64_t)next[i] << (8 * i);
        spiral_crc32_add_word(crc, word);
    }
    for (; size > 0; size--, next++)
        crc->state = (crc->state >> 8) ^ crc->table[0][(crc->state ^ *next) & 0xff];
}

uint32_t spiral_crc32_value(const SpiralCrc32 *crc)
{
    return crc->state ^ UINT32_C(0xffffffff);
}
