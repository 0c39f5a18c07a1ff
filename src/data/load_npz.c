/* load_npz.c: a data set from an .npz: arrays X and y, and names in classes and features. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "data/arrays.h"
#include "data/load.h"
#include "data/npz.h"
#include "data/storage.h"

static SpiralStatus no_memory(const char *path, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory for the data");
}

/* ---- the arrays of an .npz --------------------------------------------------------------------------------------- */

/* What the arrays of observations and labels are called. */
typedef struct NpzNames {
    const char *X, *y;
} NpzNames;

/* As they are saved here, by np.savez without names, in scikit-learn's terms, and by Keras. */
static const NpzNames known_names[] = {
    {"X", "y"}, {"x", "y"}, {"arr_0", "arr_1"}, {"data", "target"}, {"x_train", "y_train"}, {"X_train", "y_train"},
};

/* X and y, or else the only other pair that is there. Errors: INPUT, naming the arrays that are there. */
static SpiralStatus find_arrays(SpiralNpz *npz, const char *path, bool with_y, NpzNames *names, SpiralError *error)
{
    size_t found = 0, count = sizeof known_names / sizeof *known_names;
    for (size_t i = 0; i < count && (i == 0 || found == 0 || names->X != known_names[0].X); i++) {
        bool numbered = strcmp(known_names[i].X, "arr_0") == 0 && spiral_npz_has(npz, "arr_2");
        if (!spiral_npz_has(npz, known_names[i].X) || numbered || (with_y && !spiral_npz_has(npz, known_names[i].y)))
            continue;
        *names = known_names[i];
        found++;
    }
    if (found == 1)
        return SPIRAL_OK;
    char there[600];
    spiral_npz_describe(npz, there, sizeof there);
    const char *lacking = spiral_npz_has(npz, "X") ? "has no array 'y'" : "has no array 'X'";
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "%s, expected X%s; it has %s",
                            found > 1 ? "has several pairs of arrays that may be meant" : lacking,
                            with_y ? " and y" : "", there[0] != '\0' ? there : "no arrays");
}

/* Reads the features' names. *names is NULL when there is no such array, when it is not text, or when it does not have
 * count names. */
static SpiralStatus read_features(SpiralNpz *npz, size_t count, char ***names, SpiralError *error)
{
    *names = NULL;
    char kind;
    SpiralExtents shape;
    if (!spiral_npz_has(npz, "features"))
        return SPIRAL_OK;
    SpiralStatus status = spiral_npz_look(npz, "features", &shape, &kind, error);
    if (status != SPIRAL_OK || (kind != 'U' && kind != 'S') || shape.dimensions != 1 || shape.count != count)
        return status;
    char **read;
    status = spiral_npz_read_strings(npz, "features", &shape, &read, error);
    if (status != SPIRAL_OK)
        return status;
    bool usable = true;
    for (size_t i = 0; i < count; i++)
        usable = usable && *read[i] != '\0';
    if (usable)
        *names = read;
    else
        spiral_names_free(read, count);
    return SPIRAL_OK;
}

/* Reads the classes' names, at least two. *names is NULL when there is no such array, or when it can't be used, which
 * the dataset's form says then. Errors: INPUT, LIMIT. */
static SpiralStatus read_classes(SpiralNpz *npz, const char *path, SpiralDataset *dataset, size_t *count, char ***names,
                                 SpiralError *error)
{
    *names = NULL;
    *count = 0;
    char kind, **read;
    SpiralExtents shape;
    const SpiralNpySource source = {.path = path, .array = "classes"};
    if (!spiral_npz_has(npz, source.array))
        return SPIRAL_OK;
    SpiralStatus status = spiral_npz_look(npz, source.array, &shape, &kind, error);
    if (status != SPIRAL_OK)
        return status;
    if (kind != 'U' && kind != 'S')
        dataset->form.unused_classes = "is not text";
    else if (shape.dimensions != 1 || shape.count > SPIRAL_CLASSES_LIMIT)
        dataset->form.unused_classes = "is no list of names";
    else if (shape.count < 2)
        dataset->form.unused_classes = "has fewer than two names";
    if (dataset->form.unused_classes != NULL)
        return SPIRAL_OK;
    size_t twice;
    status = spiral_npz_read_strings(npz, source.array, &shape, &read, error);
    if (status != SPIRAL_OK)
        return status;
    if (!spiral_names_find_twice((const char *const *)read, shape.count, &twice))
        status = no_memory(path, error);
    else if (twice == SPIRAL_NAME_MISSING) {
        *count = shape.count;
        *names = read;
        return SPIRAL_OK;
    }
    dataset->form.unused_classes = "has the same name twice";
    spiral_names_free(read, shape.count);
    return status;
}

/* When y indexes `classes`, each label is the name that its number stands for. */
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
        return no_memory(source->path, error);
    }
    for (size_t i = 0; i < dataset->rows; i++)
        texts[i] = names[(*y)[i]];
    SpiralLabelArray array = {.shape = {.count = dataset->rows}, .texts = (char *const *)texts, .are_names = true};
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
    SpiralStatus status = spiral_npz_read_integers(npz, source->array, &array.shape, &y, error);
    if (status != SPIRAL_OK)
        return status;
    char **names;
    size_t count;
    array.integers = y;
    status = read_classes(npz, source->path, dataset, &count, &names, error);
    bool named = names != NULL;
    for (size_t i = 0; i < array.shape.count && named; i++)
        named = y[i] >= 0 && (uint64_t)y[i] < count;
    if (names != NULL && !named)
        dataset->form.unused_classes = "has no name for some numbers in y";
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

/* Labels that are no whole numbers have no use for names, unless these are the same. */
static SpiralStatus compare_classes(SpiralNpz *npz, const char *path, SpiralDataset *dataset, SpiralError *error)
{
    char **names;
    size_t count, *where;
    SpiralStatus status = read_classes(npz, path, dataset, &count, &names, error);
    if (names == NULL)
        return status;
    where = spiral_allocate(count, sizeof *where);
    bool same = count == dataset->classes, matched = where != NULL;
    if (same && matched)
        matched = spiral_names_match((const char *const *)names, count,
                                     (const char *const *)dataset->storage->class_names, dataset->classes, where);
    for (size_t k = 0; k < count && same && matched; k++)
        same = where[k] < SPIRAL_NAME_TWICE;
    if (!same)
        dataset->form.unused_classes = "has other names than y";
    free(where);
    spiral_names_free(names, count);
    return matched ? SPIRAL_OK : no_memory(path, error);
}

static SpiralStatus take_npz_labels(SpiralNpz *npz, const SpiralLoadOptions *options, const SpiralNpySource *source,
                                    SpiralDataset *dataset, SpiralError *error)
{
    char kind;
    SpiralLabelArray array = {0};
    SpiralStatus status = spiral_npz_look(npz, source->array, &array.shape, &kind, error);
    if (status == SPIRAL_OK)
        status = spiral_arrays_check_labels(&array.shape, dataset->rows, source, error);
    if (status != SPIRAL_OK)
        return status;
    if (strchr("iub", kind) != NULL)
        return take_npz_integers(npz, options, source, dataset, error);
    double *numbers = NULL;
    char **texts = NULL;
    if (kind == 'f')
        status = spiral_npz_read_doubles(npz, source->array, &array.shape, &numbers, error);
    else
        status = spiral_npz_read_strings(npz, source->array, &array.shape, &texts, error);
    if (status != SPIRAL_OK)
        return status;
    array.numbers = numbers;
    array.texts = texts;
    status = spiral_arrays_take_labels(&array, options, source, dataset, error);
    if (status == SPIRAL_OK && options->class_count == 0)
        status = compare_classes(npz, source->path, dataset, error);
    free(numbers);
    spiral_names_free(texts, array.shape.count);
    return status;
}

/* X and its names. *columns must be zeroed; free it also after a failure. */
static SpiralStatus take_npz_X(SpiralNpz *npz, const SpiralNpySource *source, const SpiralLoadOptions *options,
                               SpiralColumns *columns, SpiralDataset *dataset, SpiralError *error)
{
    const char *path = source->path;
    SpiralExtents shape = {0};
    char kind, **names = NULL;
    SpiralStatus status = spiral_npz_look(npz, source->array, &shape, &kind, error);
    size_t count = shape.extent[1];
    if (status == SPIRAL_OK && shape.dimensions == 2 && count > 0)
        status = read_features(npz, count, &names, error);
    const SpiralTable table = {.path = path, .count = count, .names = (const char *const *)names};
    if (status == SPIRAL_OK)
        status = spiral_arrays_choose(&shape, table.names, false, options, source, columns, error);
    if (status == SPIRAL_OK)
        status = spiral_columns_describe(columns, &table, dataset, error);
    if (status == SPIRAL_OK)
        status = spiral_npz_read_doubles(npz, source->array, &shape, &dataset->storage->X, error);
    dataset->rows = shape.extent[0];
    if (status == SPIRAL_OK)
        status = spiral_arrays_select(columns, dataset->rows, dataset->storage->X, source, error);
    if (status == SPIRAL_OK)
        status = spiral_arrays_check_finite(dataset, dataset->storage->X, 0, columns, source, error);
    spiral_names_free(names, count);
    return status;
}

static SpiralStatus take_npz(SpiralNpz *npz, const char *path, const SpiralLoadOptions *options, SpiralDataset *dataset,
                             SpiralError *error)
{
    NpzNames names = {0};
    bool labelled = !spiral_columns_are_unlabelled(options);
    /* For a model, X alone is enough; for training, only when no labels are requested. */
    SpiralStatus status = find_arrays(npz, path, labelled && options->features == 0, &names, error);
    const SpiralNpySource X_source = {.path = path, .array = names.X}, y_source = {.path = path, .array = names.y};
    SpiralColumns columns = {0};
    if (status == SPIRAL_OK && names.X != known_names[0].X)
        dataset->form = (SpiralTableForm){.X_array = names.X, .y_array = names.y};
    if (status == SPIRAL_OK)
        status = take_npz_X(npz, &X_source, options, &columns, dataset, error);
    spiral_columns_free(&columns);
    if (status == SPIRAL_OK && labelled && (options->features == 0 || spiral_npz_has(npz, names.y)))
        status = take_npz_labels(npz, options, &y_source, dataset, error);
    return status;
}

SpiralStatus spiral_load_npz(const char *path, const SpiralLoadOptions *options, SpiralDataset *dataset,
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
