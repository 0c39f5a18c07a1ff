/* checksum.c: the CRC-32 of data and of files. */
#include <stdio.h>
#include <string.h>

#include "base/crc32.h"
#include "base/regular.h"
#include "spiral/dataset.h"

static void add_words(SpiralCrc32 *crc, const void *words, size_t count)
{
    const unsigned char *bytes = words;
    for (size_t i = 0; i < count; i++) {
        uint64_t word;
        memcpy(&word, bytes + i * sizeof word, sizeof word);
        spiral_crc32_add_word(crc, word);
    }
}

uint32_t spiral_dataset_checksum(const SpiralDataset *dataset)
{
    SpiralCrc32 crc;
    spiral_crc32_start(&crc);
    spiral_crc32_add_word(&crc, dataset->rows);
    spiral_crc32_add_word(&crc, dataset->features);
    add_words(&crc, dataset->X, dataset->rows * dataset->features);
    if (dataset->y != NULL)
        add_words(&crc, dataset->y, dataset->rows);
    return spiral_crc32_value(&crc);
}

SpiralStatus spiral_file_checksum(const char *path, uint32_t *checksum, SpiralError *error)
{
    FILE *file;
    SpiralStatus status = spiral_regular_read(NULL, path, &file, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralCrc32 crc;
    unsigned char bytes[1 << 11];
    size_t count;
    spiral_crc32_start(&crc);
    while ((count = fread(bytes, 1, sizeof bytes, file)) > 0)
        spiral_crc32_add(&crc, bytes, count);
    bool failed = ferror(file) != 0;
    fclose(file);
    if (failed)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "could not be read");
    *checksum = spiral_crc32_value(&crc);
    return SPIRAL_OK;
}
