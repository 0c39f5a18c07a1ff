#include "spiral/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/names.h"
#include "base/regular.h"
#include "data/moments.h"
#include "data/storage.h"

SpiralDataset *spiral_dataset_create(void)
{
    SpiralDataset *dataset = spiral_allocate(1, sizeof *dataset);
    if (dataset == NULL)
        return NULL;
    dataset->storage = spiral_allocate(1, sizeof *dataset->storage);
    if (dataset->storage == NULL) {
        free(dataset);
        return NULL;
    }
    return dataset;
}

void spiral_dataset_free(SpiralDataset *dataset)
{
    if (dataset == NULL)
        return;
    struct SpiralStorage *storage = dataset->storage;
    free(storage->X);
    free(storage->feature_columns);
    free(storage->y);
    spiral_names_free(storage->feature_names, dataset->features);
    spiral_names_free(storage->class_names, dataset->classes);
    spiral_names_free(storage->unused_names, dataset->unused);
    free(storage->label_name);
    spiral_npy_file_close(&storage->X_file);
    free(storage);
    free(dataset);
}

SpiralStatus spiral_dataset_publish(SpiralDataset *dataset, const char *path, SpiralError *error)
{
    struct SpiralStorage *storage = dataset->storage;
    if (storage->feature_names == NULL)
        storage->feature_names = spiral_names_create("x", dataset->features);
    if (storage->feature_names == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory for the names of %zu features",
                                dataset->features);
    if (dataset->X == NULL)
        dataset->X = storage->X;
    dataset->y = storage->y;
    dataset->feature_columns = storage->feature_columns;
    dataset->feature_names = (const char *const *)storage->feature_names;
    dataset->class_names = (const char *const *)storage->class_names;
    dataset->label_name = storage->label_name;
    dataset->unused_names = (const char *const *)storage->unused_names;
    return SPIRAL_OK;
}

void spiral_dataset_moments(const SpiralDataset *dataset, double *mean, double *scale)
{
    spiral_moments(dataset->rows, dataset->features, dataset->features, dataset->X, mean, scale);
    for (size_t d = 0; d < dataset->features; d++)
        scale[d] = scale[d] > 0.0 ? scale[d] : 1.0;
}

/* ---- checksums --------------------------------------------------------------------------------------------------- */

/* Extends the CRC-32 `crc` by these 8-byte words, as little-endian bytes. */
static uLong add_words(uLong crc, const void *words, size_t count)
{
    enum { CHUNK = 1024 };
    unsigned char bytes[8 * CHUNK];
    const unsigned char *next = words;
    for (size_t piece; count > 0; count -= piece, next += 8 * piece) {
        piece = count < CHUNK ? count : CHUNK;
        spiral_npy_encode_values(next, piece, bytes);
        crc = crc32_z(crc, bytes, 8 * piece);
    }
    return crc;
}

uint32_t spiral_dataset_checksum(const SpiralDataset *dataset)
{
    const uint64_t shape[] = {dataset->rows, dataset->features};
    uLong crc = add_words(0, shape, 2);
    crc = add_words(crc, dataset->X, dataset->rows * dataset->features);
    if (dataset->y != NULL)
        crc = add_words(crc, dataset->y, dataset->rows);
    return (uint32_t)crc;
}

SpiralStatus spiral_file_checksum(const char *path, uint32_t *checksum, SpiralError *error)
{
    FILE *file;
    SpiralStatus status = spiral_regular_read(NULL, path, &file, error);
    if (status != SPIRAL_OK)
        return status;
    uLong crc = 0;
    unsigned char bytes[1 << 13];
    size_t count;
    while ((count = fread(bytes, 1, sizeof bytes, file)) > 0)
        crc = crc32_z(crc, bytes, count);
    bool failed = ferror(file) != 0;
    fclose(file);
    if (failed)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "could not be read");
    *checksum = (uint32_t)crc;
    return SPIRAL_OK;
}
