/* load_npy.c: a data set from one or two .npy files, used where they lie when they can be. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/arrays.h"
#include "data/load.h"
#include "data/npy_file.h"
#include "data/storage.h"

/* Are they classes already: 0..K-1, each of them there, K at least 2? */
static bool are_classes(const int64_t *labels, size_t count, size_t *classes)
{
    bool seen[SPIRAL_CLASSES_LIMIT] = {false};
    size_t different = 0;
    int64_t largest = 0;
    bool small = true;
    for (size_t i = 0; i < count && small; i++) {
        small = labels[i] >= 0 && labels[i] < SPIRAL_CLASSES_LIMIT;
        if (small && !seen[labels[i]]) {
            seen[labels[i]] = true;
            different++;
            largest = labels[i] > largest ? labels[i] : largest;
        }
    }
    *classes = different;
    return small && different >= 2 && (size_t)largest == different - 1;
}

/* X stays in the file when it lies there as it is used; otherwise it is decoded, and the file is closed. */
static SpiralStatus take_npy_X(const char *path, const SpiralLoadOptions *options, SpiralDataset *dataset,
                               SpiralError *error)
{
    const SpiralNpySource source = {.path = path};
    SpiralNpyFile *file = &dataset->storage->X_file;
    SpiralStatus status = spiral_npy_file_open(path, file, error);
    if (status == SPIRAL_OK)
        status = spiral_npy_expect_numbers(&file->header, &source, error);
    if (status == SPIRAL_OK)
        status = spiral_arrays_take_shape(&file->header.shape, options, &source, dataset, error);
    if (status != SPIRAL_OK)
        return status;
    dataset->X = spiral_npy_file_doubles(file);
    if (dataset->X == NULL) {
        size_t count = file->header.shape.count;
        dataset->X = dataset->storage->X = spiral_allocate_doubles(count);
        if (dataset->X == NULL)
            return spiral_arrays_no_memory(path, error);
        spiral_npy_decode_doubles(&file->header, file->bytes + file->header.data_offset, 0, count, dataset->storage->X);
        spiral_npy_file_close(file);
    }
    return spiral_arrays_check_finite(dataset, dataset->X, &source, error);
}

/* Labels that are classes as they lie stay in the file; all others are numbered. */
static SpiralStatus take_npy_integers(const SpiralLabelArray *array, const SpiralLoadOptions *options,
                                      const SpiralNpySource *source, bool mapped, SpiralDataset *dataset,
                                      SpiralError *error)
{
    size_t classes;
    if (!mapped || options->class_count > 0 || !are_classes(array->integers, array->shape.count, &classes))
        return spiral_arrays_take_labels(array, options, source, dataset, error);
    dataset->storage->class_names = spiral_names_create("", classes);
    if (dataset->storage->class_names == NULL)
        return spiral_arrays_no_memory(source->path, error);
    dataset->classes = classes;
    dataset->y = array->integers;
    return SPIRAL_OK;
}

static SpiralStatus take_npy_y(const char *path, const SpiralLoadOptions *options, SpiralDataset *dataset,
                               SpiralError *error)
{
    const SpiralNpySource source = {.path = path};
    SpiralNpyFile *file = &dataset->storage->y_file;
    SpiralStatus status = spiral_npy_file_open(path, file, error);
    if (status == SPIRAL_OK)
        status = spiral_arrays_check_labels(&file->header.shape, dataset, &source, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralLabelArray array = {.shape = file->header.shape};
    const unsigned char *raw = file->bytes + file->header.data_offset;
    size_t count = array.shape.count;
    void *decoded = NULL;
    char **texts = NULL;
    array.integers = spiral_npy_file_integers(file);
    bool mapped = array.integers != NULL, text = strchr("US", file->header.kind) != NULL;
    if (text) {
        status = spiral_npy_decode_strings(&file->header, raw, &source, &texts, error);
        array.texts = texts;
    } else if (!mapped) {
        decoded = spiral_allocate_doubles(count); /* int64_t has a double's size */
        if (decoded == NULL)
            return spiral_arrays_no_memory(path, error);
        if (file->header.kind == 'f')
            spiral_npy_decode_doubles(&file->header, raw, 0, count, decoded);
        else
            status = spiral_npy_decode_integers(&file->header, raw, 0, count, &source, decoded, error);
        array.numbers = file->header.kind == 'f' ? decoded : NULL;
        array.integers = file->header.kind == 'f' ? NULL : decoded;
    }
    if (status == SPIRAL_OK)
        status = take_npy_integers(&array, options, &source, mapped, dataset, error);
    free(decoded);
    spiral_strings_free(texts, count);
    return status;
}

SpiralStatus spiral_npy_load(const char *X_path, const char *y_path, const SpiralLoadOptions *options,
                             SpiralDataset *dataset, SpiralError *error)
{
    bool unlabelled = options->label != NULL && strcmp(options->label, "none") == 0;
    SpiralStatus status = take_npy_X(X_path, options, dataset, error);
    if (status == SPIRAL_OK && y_path != NULL && !unlabelled)
        status = take_npy_y(y_path, options, dataset, error);
    return status;
}
