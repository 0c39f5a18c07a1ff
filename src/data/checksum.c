/* checksum.c: the CRC-32 of zip and PNG (polynomial 0x04C11DB7, reflected), eight bytes a step. */
#include <stdio.h>
#include <string.h>

#include "base/regular.h"
#include "spiral/dataset.h"

enum { STEP = 8, BYTE_VALUES = 256 };

typedef struct Crc {
    uint32_t table[STEP][BYTE_VALUES]; /* table[s][b]: what byte b adds when s more bytes follow it */
    uint32_t value;
} Crc;

static void start(Crc *crc)
{
    for (uint32_t byte = 0; byte < BYTE_VALUES; byte++) {
        uint32_t rest = byte;
        for (int bit = 0; bit < 8; bit++)
            rest = (rest >> 1) ^ ((rest & 1) != 0 ? UINT32_C(0xedb88320) : 0);
        crc->table[0][byte] = rest;
    }
    for (size_t s = 1; s < STEP; s++)
        for (size_t byte = 0; byte < BYTE_VALUES; byte++) {
            uint32_t shorter = crc->table[s - 1][byte];
            crc->table[s][byte] = (shorter >> 8) ^ crc->table[0][shorter & 0xff];
        }
    crc->value = UINT32_C(0xffffffff);
}

/* The bytes of a 64-bit word, the lowest first. */
static void add_word(Crc *crc, uint64_t word)
{
    word ^= crc->value;
    uint32_t value = 0;
    for (unsigned i = 0; i < STEP; i++)
        value ^= crc->table[STEP - 1 - i][(word >> (8 * i)) & 0xff];
    crc->value = value;
}

static void add_words(Crc *crc, const void *words, size_t count)
{
    const unsigned char *bytes = words;
    for (size_t i = 0; i < count; i++) {
        uint64_t word;
        memcpy(&word, bytes + i * sizeof word, sizeof word);
        add_word(crc, word);
    }
}

uint32_t spiral_dataset_checksum(const SpiralDataset *dataset)
{
    Crc crc;
    start(&crc);
    add_word(&crc, dataset->rows);
    add_word(&crc, dataset->features);
    add_words(&crc, dataset->X, dataset->rows * dataset->features);
    if (dataset->y != NULL)
        add_words(&crc, dataset->y, dataset->rows);
    return crc.value ^ UINT32_C(0xffffffff);
}

static void add_bytes(Crc *crc, const unsigned char *bytes, size_t count)
{
    size_t words = count / sizeof(uint64_t);
    add_words(crc, bytes, words);
    for (size_t i = words * sizeof(uint64_t); i < count; i++)
        crc->value = (crc->value >> 8) ^ crc->table[0][(crc->value ^ bytes[i]) & 0xff];
}

SpiralStatus spiral_file_checksum(const char *path, uint32_t *checksum, SpiralError *error)
{
    FILE *file;
    SpiralStatus status = spiral_regular_read(NULL, path, &file, error);
    if (status != SPIRAL_OK)
        return status;
    Crc crc;
    unsigned char bytes[1 << 15]; /* whole words, but for the last piece */
    size_t count;
    start(&crc);
    while ((count = fread(bytes, 1, sizeof bytes, file)) > 0)
        add_bytes(&crc, bytes, count);
    bool failed = ferror(file) != 0;
    fclose(file);
    if (failed)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "could not be read");
    *checksum = crc.value ^ UINT32_C(0xffffffff);
    return SPIRAL_OK;
}
