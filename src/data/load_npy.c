/* load_npy.c: a data set from one or two .npy files; X is used where it lies when it can be. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "data/arrays.h"
#include "data/load.h"
#include "data/npy_file.h"
#include "data/storage.h"

/* Are they classes already: 0..K-1, each of them there, K at least 2? seen: (SPIRAL_CLASSES_LIMIT) zeroed. */
static bool are_classes(const int64_t *labels, size_t count, bool *seen, size_t *classes)
{
    size_t different = 0;
    int64_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        if (labels[i] < 0 || labels[i] >= SPIRAL_CLASSES_LIMIT)
            return false;
        if (!seen[labels[i]]) {
            seen[labels[i]] = true;
            different++;
            largest = labels[i] > largest ? labels[i] : largest;
        }
    }
    *classes = different;
    return different >= 2 && (size_t)largest == different - 1;
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
    return SPIRAL_OK;
}

/* Labels that are classes as they are become the dataset's; all others are numbered. */
static SpiralStatus take_npy_integers(const SpiralNpyFile *file, SpiralLabelArray *array,
                                      const SpiralLoadOptions *options, const SpiralNpySource *source,
                                      SpiralDataset *dataset, SpiralError *error)
{
    size_t count = array->shape.count, classes = 0;
    int64_t *decoded = spiral_allocate(count, sizeof *decoded);
    bool *seen = spiral_allocate(SPIRAL_CLASSES_LIMIT, sizeof *seen);
    SpiralStatus status = SPIRAL_OK;
    if (decoded == NULL || seen == NULL)
        status = spiral_arrays_no_memory(source->path, error);
    if (status == SPIRAL_OK)
        status = spiral_npy_decode_integers(&file->header, file->bytes + file->header.data_offset, 0, count, source,
                                            decoded, error);
    array->integers = decoded;
    if (status == SPIRAL_OK && options->class_count == 0 && are_classes(decoded, count, seen, &classes)) {
        dataset->storage->y = decoded;
        decoded = NULL;
        dataset->storage->class_names = spiral_names_create("", classes);
        if (dataset->storage->class_names == NULL)
            status = spiral_arrays_no_memory(source->path, error);
        else
            dataset->classes = classes;
    } else if (status == SPIRAL_OK) {
        status = spiral_arrays_take_labels(array, options, source, dataset, error);
    }
    free(decoded);
    free(seen);
    return status;
}

static SpiralStatus take_npy_labels(const SpiralNpyFile *file, const SpiralLoadOptions *options,
                                    const SpiralNpySource *source, SpiralDataset *dataset, SpiralError *error)
{
    SpiralLabelArray array = {.shape = file->header.shape};
    const unsigned char *raw = file->bytes + file->header.data_offset;
    size_t count = array.shape.count;
    double *numbers = NULL;
    char **texts = NULL;
    SpiralStatus status = SPIRAL_OK;
    if (strchr("iub", file->header.kind) != NULL)
        return take_npy_integers(file, &array, options, source, dataset, error);
    if (file->header.kind == 'f') {
        numbers = spiral_allocate_doubles(count);
        if (numbers == NULL)
            return spiral_arrays_no_memory(source->path, error);
        spiral_npy_decode_doubles(&file->header, raw, 0, count, numbers);
    } else {
        status = spiral_npy_decode_strings(&file->header, raw, source, &texts, error);
    }
    array.numbers = numbers;
    array.texts = texts;
    if (status == SPIRAL_OK)
        status = spiral_arrays_take_labels(&array, options, source, dataset, error);
    free(numbers);
    spiral_names_free(texts, count);
    return status;
}

/* The labels are copied before anything is known of them: in the file they may change at any time. */
static SpiralStatus take_npy_y(const char *path, const SpiralLoadOptions *options, SpiralDataset *dataset,
                               SpiralError *error)
{
    const SpiralNpySource source = {.path = path};
    SpiralNpyFile file;
    SpiralStatus status = spiral_npy_file_open(path, &file, error);
    if (status == SPIRAL_OK)
        status = spiral_arrays_check_labels(&file.header.shape, dataset, &source, error);
    if (status == SPIRAL_OK)
        status = take_npy_labels(&file, options, &source, dataset, error);
    spiral_npy_file_close(&file);
    return status;
}

SpiralStatus spiral_npy_load(const char *X_path, const char *y_path, const SpiralLoadOptions *options,
                             SpiralDataset *dataset, SpiralError *error)
{
    bool unlabelled = options->label != NULL && strcmp(options->label, "none") == 0;
    SpiralStatus status = take_npy_X(X_path, options, dataset, error);
    if (status == SPIRAL_OK && y_path != NULL && !unlabelled)
        status = take_npy_y(y_path, options, dataset, error);
    /* Last: before it, none of X is in memory beside the file of y and its copy. */
    const SpiralNpySource X_source = {.path = X_path};
    return status == SPIRAL_OK ? spiral_arrays_check_finite(dataset, dataset->X, &X_source, error) : status;
}
