/* load_npz.c: a data set from the arrays of an .npz: X, y, and the names in classes and features. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "data/arrays.h"
#include "data/labels.h"
#include "data/load.h"
#include "data/storage.h"

/* The names in the array, or NULL in *names when there is no such array, or it isn't text, or not count different ones
 * (any number of classes when count is 0). */
static SpiralStatus read_names(SpiralNpz *npz, const char *path, const char *array, size_t *count, bool must_differ,
                               char ***names, SpiralError *error)
{
    *names = NULL;
    char kind;
    SpiralShape shape;
    if (!spiral_npz_has(npz, array))
        return SPIRAL_OK;
    SpiralStatus status = spiral_npz_look(npz, array, &shape, &kind, error);
    if (status != SPIRAL_OK)
        return status;
    bool usable = (kind == 'U' || kind == 'S') && shape.dimensions == 1 && shape.count > 0;
    usable = usable && (*count > 0 ? shape.count == *count : shape.count <= SPIRAL_CLASSES_LIMIT);
    if (!usable)
        return SPIRAL_OK;
    char **read;
    status = spiral_npz_read_strings(npz, array, &shape, &read, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralLabels different = {0};
    for (size_t i = 0, id = 0; i < shape.count && usable && status == SPIRAL_OK; i++, id = i) {
        if (must_differ)
            status = spiral_labels_add(&different, read[i], strlen(read[i]), 0, path, &id, error);
        usable = *read[i] != '\0' && id == i;
    }
    spiral_labels_free(&different);
    if (!usable || status != SPIRAL_OK) {
        spiral_names_free(read, shape.count);
        return status;
    }
    *count = shape.count;
    *names = read;
    return SPIRAL_OK;
}

/* When y counts in `classes`, those are the names: the labels are the names that y stands for. */
static SpiralStatus take_named_labels(int64_t **y, char **names, size_t count, const SpiralLoadOptions *options,
                                      const SpiralNpySource *source, SpiralDataset *dataset, SpiralError *error)
{
    if (options->class_count == 0) {
        dataset->storage->class_names = names;
        dataset->classes = count;
        dataset->storage->y = *y;
        *y = NULL;
        return SPIRAL_OK;
    }
    const char **texts = spiral_allocate(dataset->rows, sizeof *texts);
    if (texts == NULL) {
        spiral_names_free(names, count);
        return spiral_arrays_no_memory(source->path, error);
    }
    for (size_t i = 0; i < dataset->rows; i++)
        texts[i] = names[(*y)[i]];
    SpiralLabelArray array = {.shape = {.count = dataset->rows}, .texts = (char *const *)texts};
    SpiralStatus status = spiral_arrays_take_labels(&array, options, source, dataset, error);
    free(texts);
    spiral_names_free(names, count);
    return status;
}

static SpiralStatus take_npz_integers(SpiralNpz *npz, const SpiralLoadOptions *options, const SpiralNpySource *source,
                                      SpiralDataset *dataset, SpiralError *error)
{
    SpiralLabelArray array = {0};
    int64_t *y;
    SpiralStatus status = spiral_npz_read_integers(npz, "y", &array.shape, &y, error);
    if (status != SPIRAL_OK)
        return status;
    char **names = NULL;
    size_t count = 0;
    array.integers = y;
    status = read_names(npz, source->path, "classes", &count, true, &names, error);
    bool named = names != NULL && count >= 2;
    for (size_t i = 0; i < array.shape.count && named; i++)
        named = y[i] >= 0 && (uint64_t)y[i] < count;
    if (status == SPIRAL_OK && named) {
        status = take_named_labels(&y, names, count, options, source, dataset, error);
    } else {
        spiral_names_free(names, count);
        if (status == SPIRAL_OK)
            status = spiral_arrays_take_labels(&array, options, source, dataset, error);
    }
    free(y);
    return status;
}

static SpiralStatus take_npz_labels(SpiralNpz *npz, const SpiralLoadOptions *options, const SpiralNpySource *source,
                                    SpiralDataset *dataset, SpiralError *error)
{
    char kind;
    SpiralLabelArray array = {0};
    SpiralStatus status = spiral_npz_look(npz, "y", &array.shape, &kind, error);
    if (status == SPIRAL_OK)
        status = spiral_arrays_check_labels(&array.shape, dataset, source, error);
    if (status != SPIRAL_OK)
        return status;
    if (strchr("iub", kind) != NULL)
        return take_npz_integers(npz, options, source, dataset, error);
    double *numbers = NULL;
    char **texts = NULL;
    if (kind == 'f')
        status = spiral_npz_read_doubles(npz, "y", &array.shape, &numbers, error);
    else
        status = spiral_npz_read_strings(npz, "y", &array.shape, &texts, error);
    if (status != SPIRAL_OK)
        return status;
    array.numbers = numbers;
    array.texts = texts;
    status = spiral_arrays_take_labels(&array, options, source, dataset, error);
    free(numbers);
    spiral_names_free(texts, array.shape.count);
    return status;
}

static SpiralStatus take_npz(SpiralNpz *npz, const char *path, const SpiralLoadOptions *options, SpiralDataset *dataset,
                             SpiralError *error)
{
    const SpiralNpySource X_source = {.path = path, .array = "X"}, y_source = {.path = path, .array = "y"};
    bool unlabelled = options->label != NULL && strcmp(options->label, "none") == 0;
    SpiralShape shape;
    char kind;
    SpiralStatus status = spiral_npz_look(npz, "X", &shape, &kind, error);
    if (status == SPIRAL_OK)
        status = spiral_arrays_take_shape(&shape, options, &X_source, dataset, error);
    if (status == SPIRAL_OK)
        status = spiral_npz_read_doubles(npz, "X", &shape, &dataset->storage->X, error);
    if (status == SPIRAL_OK)
        status = spiral_arrays_check_finite(dataset, dataset->storage->X, &X_source, error);
    size_t features = dataset->features;
    if (status == SPIRAL_OK)
        status = read_names(npz, path, "features", &features, false, &dataset->storage->feature_names, error);
    /* For a model, X alone will do; for training, only when no labels are asked for. */
    if (status == SPIRAL_OK && !unlabelled && (options->features == 0 || spiral_npz_has(npz, "y")))
        status = take_npz_labels(npz, options, &y_source, dataset, error);
    return status;
}

SpiralStatus spiral_npz_load(const char *path, const SpiralLoadOptions *options, SpiralDataset *dataset,
                             SpiralError *error)
{
    SpiralNpz *npz;
    SpiralStatus status = spiral_npz_open(path, &npz, error);
    if (status != SPIRAL_OK)
        return status;
    status = take_npz(npz, path, options, dataset, error);
    spiral_npz_close(npz);
    return status;
}
