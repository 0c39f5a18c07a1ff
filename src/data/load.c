/* load.c: a data set by the ending of its path; .npz and .npy. CSV is in csv.c. */
#include "data/load.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/labels.h"
#include "data/npz.h"
#include "data/number.h"
#include "data/storage.h"

SpiralLoadOptions spiral_load_defaults(void)
{
    return (SpiralLoadOptions){.header = SPIRAL_HEADER_AUTO, .delimiter = ','};
}

/* ---- what .npz and .npy share ------------------------------------------------------------------------------------ */

/* Labels as they were read: whole numbers, other numbers or texts; one of the three. */
typedef struct LabelArray {
    SpiralShape shape;
    const int64_t *integers;
    const double *numbers;
    char *const *texts;
} LabelArray;

static SpiralStatus no_memory(const char *path, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory for the data");
}

/* Takes (N, D) over into the dataset, when it is a matrix that the options accept. */
static SpiralStatus take_shape(const SpiralShape *shape, const SpiralLoadOptions *options,
                               const SpiralNpySource *source, SpiralDataset *dataset, SpiralError *error)
{
    char text[96];
    spiral_shape_format(shape, text, sizeof text);
    if (shape->dimensions != 2)
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "shape %s, expected (N, D)", text);
    if (shape->count == 0)
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "shape %s, expected at least one row and one feature",
                                text);
    if (options->features > 0 && shape->extent[1] != options->features)
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "shape %s, expected %zu features", text,
                                options->features);
    dataset->rows = shape->extent[0];
    dataset->features = shape->extent[1];
    return SPIRAL_OK;
}

static SpiralStatus check_finite(const SpiralDataset *dataset, const double *X, const SpiralNpySource *source,
                                 SpiralError *error)
{
    size_t count = dataset->rows * dataset->features, i = 0;
    while (i < count && isfinite(X[i]))
        i++;
    if (i == count)
        return SPIRAL_OK;
    return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "X[%zu, %zu] is %g, expected a finite number",
                            i / dataset->features, i % dataset->features, X[i]);
}

/* Are they classes already: 0..K-1, each of them there, K at least 2? */
static bool are_classes(const int64_t *labels, size_t count, size_t *classes)
{
    bool *seen = spiral_allocate(SPIRAL_CLASSES_MAX, sizeof *seen);
    size_t different = 0;
    int64_t largest = 0;
    bool small = seen != NULL;
    for (size_t i = 0; i < count && small; i++) {
        small = labels[i] >= 0 && labels[i] < SPIRAL_CLASSES_MAX;
        if (small && !seen[labels[i]]) {
            seen[labels[i]] = true;
            different++;
            largest = labels[i] > largest ? labels[i] : largest;
        }
    }
    free(seen);
    *classes = different;
    return small && different >= 2 && (size_t)largest == different - 1;
}

/* The text of label i: itself, or its number's. */
static const char *label_text(const LabelArray *array, size_t i, char buffer[SPIRAL_NUMBER_TEXT])
{
    if (array->texts != NULL)
        return array->texts[i];
    if (array->integers != NULL)
        snprintf(buffer, SPIRAL_NUMBER_TEXT, "%" PRId64, array->integers[i]);
    else
        spiral_number_format(array->numbers[i], buffer);
    return buffer;
}

static SpiralStatus number_labels(const LabelArray *array, const SpiralNpySource *source, SpiralLabels *labels,
                                  int64_t *y, SpiralError *error)
{
    size_t last_id = 0;
    for (size_t i = 0; i < array->shape.count; i++) {
        if (i > 0 && array->integers != NULL && array->integers[i] == array->integers[i - 1]) {
            y[i] = (int64_t)last_id;
            continue;
        }
        if (array->numbers != NULL && !isfinite(array->numbers[i]))
            return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "y[%zu] is %g, expected a class", i,
                                    array->numbers[i]);
        char buffer[SPIRAL_NUMBER_TEXT];
        const char *text = label_text(array, i, buffer);
        if (*text == '\0')
            return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "y[%zu] is empty, expected a class", i);
        SpiralStatus status = spiral_labels_add(labels, text, strlen(text), i + 1, source->path, &last_id, error);
        if (status != SPIRAL_OK)
            return status;
        y[i] = (int64_t)last_id;
    }
    return SPIRAL_OK;
}

static SpiralStatus check_label_shape(const SpiralShape *shape, const SpiralDataset *dataset,
                                      const SpiralNpySource *source, SpiralError *error)
{
    bool column = shape->dimensions == 2 && shape->extent[1] == 1;
    if ((shape->dimensions == 1 || column) && shape->count == dataset->rows)
        return SPIRAL_OK;
    char text[96];
    spiral_shape_format(shape, text, sizeof text);
    return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "shape %s, expected (%zu,): a label for each row of X",
                            text, dataset->rows);
}

/* Classes from the labels' own values. */
static SpiralStatus take_labels(const LabelArray *array, const SpiralLoadOptions *options,
                                const SpiralNpySource *source, SpiralDataset *dataset, SpiralError *error)
{
    dataset->storage->y = spiral_allocate(dataset->rows, sizeof *dataset->storage->y);
    if (dataset->storage->y == NULL)
        return no_memory(source->path, error);
    SpiralLabels labels = {0};
    SpiralStatus status = number_labels(array, source, &labels, dataset->storage->y, error);
    if (status == SPIRAL_OK)
        status = spiral_labels_finish(&labels, options, false, source->path, dataset, error);
    spiral_labels_free(&labels);
    return status;
}

/* ---- .npz -------------------------------------------------------------------------------------------------------- */

/* The names in the array, or NULL in *names when there is no such array, or it isn't text, or not count different ones (any
 * number when count is 0). */
static SpiralStatus read_names(SpiralNpz *npz, const char *array, size_t *count, bool must_differ, char ***names,
                               SpiralError *error)
{
    *names = NULL;
    char kind;
    if (!spiral_npz_has(npz, array))
        return SPIRAL_OK;
    SpiralStatus status = spiral_npz_kind(npz, array, &kind, error);
    if (status != SPIRAL_OK || (kind != 'U' && kind != 'S'))
        return status;
    SpiralShape shape;
    char **read;
    status = spiral_npz_read_strings(npz, array, &shape, &read, error);
    if (status != SPIRAL_OK)
        return status;
    bool usable = shape.dimensions == 1 && shape.count > 0 && (*count == 0 || shape.count == *count) &&
                  shape.count <= SIZE_MAX / sizeof *read;
    SpiralLabels different = {0};
    size_t id;
    for (size_t i = 0; i < shape.count && usable; i++)
        usable = *read[i] != '\0' &&
                 (!must_differ || (spiral_labels_add(&different, read[i], strlen(read[i]), 0, "", &id, NULL) ==
                                       SPIRAL_OK &&
                                   id == i));
    spiral_labels_free(&different);
    if (!usable) {
        spiral_strings_free(read, shape.count);
        return SPIRAL_OK;
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
        spiral_strings_free(names, count);
        return no_memory(source->path, error);
    }
    for (size_t i = 0; i < dataset->rows; i++)
        texts[i] = names[(*y)[i]];
    LabelArray array = {.shape = {.count = dataset->rows}, .texts = (char *const *)texts};
    SpiralStatus status = take_labels(&array, options, source, dataset, error);
    free(texts);
    spiral_strings_free(names, count);
    return status;
}

static SpiralStatus take_npz_integers(SpiralNpz *npz, const SpiralLoadOptions *options, const SpiralNpySource *source,
                                      SpiralDataset *dataset, SpiralError *error)
{
    LabelArray array = {0};
    int64_t *y;
    SpiralStatus status = spiral_npz_read_integers(npz, "y", &array.shape, &y, error);
    if (status != SPIRAL_OK)
        return status;
    char **names = NULL;
    size_t count = 0;
    array.integers = y;
    status = check_label_shape(&array.shape, dataset, source, error);
    if (status == SPIRAL_OK)
        status = read_names(npz, "classes", &count, true, &names, error);
    bool named = names != NULL && count >= 2;
    for (size_t i = 0; i < array.shape.count && named; i++)
        named = y[i] >= 0 && (uint64_t)y[i] < count;
    if (status == SPIRAL_OK && named) {
        status = take_named_labels(&y, names, count, options, source, dataset, error);
    } else {
        spiral_strings_free(names, count);
        if (status == SPIRAL_OK)
            status = take_labels(&array, options, source, dataset, error);
    }
    free(y);
    return status;
}

static SpiralStatus take_npz_labels(SpiralNpz *npz, const SpiralLoadOptions *options, const SpiralNpySource *source,
                                    SpiralDataset *dataset, SpiralError *error)
{
    char kind;
    SpiralStatus status = spiral_npz_kind(npz, "y", &kind, error);
    if (status != SPIRAL_OK)
        return status;
    if (strchr("iub", kind) != NULL)
        return take_npz_integers(npz, options, source, dataset, error);
    LabelArray array = {0};
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
    status = check_label_shape(&array.shape, dataset, source, error);
    if (status == SPIRAL_OK)
        status = take_labels(&array, options, source, dataset, error);
    free(numbers);
    spiral_strings_free(texts, array.shape.count);
    return status;
}

static SpiralStatus take_npz(SpiralNpz *npz, const char *path, const SpiralLoadOptions *options,
                             SpiralDataset *dataset, SpiralError *error)
{
    const SpiralNpySource X_source = {.path = path, .array = "X"}, y_source = {.path = path, .array = "y"};
    bool unlabelled = options->label != NULL && strcmp(options->label, "none") == 0;
    SpiralShape shape;
    double *X;
    SpiralStatus status = spiral_npz_read_doubles(npz, "X", &shape, &X, error);
    if (status != SPIRAL_OK)
        return status;
    dataset->storage->X = X;
    status = take_shape(&shape, options, &X_source, dataset, error);
    if (status == SPIRAL_OK)
        status = check_finite(dataset, X, &X_source, error);
    size_t features = dataset->features;
    if (status == SPIRAL_OK)
        status = read_names(npz, "features", &features, false, &dataset->storage->feature_names, error);
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

/* ---- .npy -------------------------------------------------------------------------------------------------------- */

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
        status = take_shape(&file->header.shape, options, &source, dataset, error);
    if (status != SPIRAL_OK)
        return status;
    dataset->X = spiral_npy_file_doubles(file);
    if (dataset->X == NULL) {
        size_t count = file->header.shape.count;
        dataset->X = dataset->storage->X = spiral_allocate_doubles(count);
        if (dataset->X == NULL)
            return no_memory(path, error);
        spiral_npy_decode_doubles(&file->header, file->bytes + file->header.data_offset, 0, count, dataset->storage->X);
        spiral_npy_file_close(file);
    }
    return check_finite(dataset, dataset->X, &source, error);
}

/* Labels that are classes as they lie stay in the file; all others are numbered. */
static SpiralStatus take_npy_integers(const LabelArray *array, const SpiralLoadOptions *options,
                                      const SpiralNpySource *source, bool mapped, SpiralDataset *dataset,
                                      SpiralError *error)
{
    size_t classes;
    if (!mapped || options->class_count > 0 || !are_classes(array->integers, array->shape.count, &classes))
        return take_labels(array, options, source, dataset, error);
    dataset->storage->class_names = spiral_names_create("", classes);
    if (dataset->storage->class_names == NULL)
        return no_memory(source->path, error);
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
        status = check_label_shape(&file->header.shape, dataset, &source, error);
    if (status != SPIRAL_OK)
        return status;
    LabelArray array = {.shape = file->header.shape};
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
            return no_memory(path, error);
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

/* ---- by the ending ----------------------------------------------------------------------------------------------- */

static bool ends_with(const char *path, const char *ending)
{
    size_t length = strlen(path), ending_length = strlen(ending);
    return length > ending_length && strcmp(path + length - ending_length, ending) == 0;
}

static SpiralStatus load_pair(const char *path, size_t first_length, const SpiralLoadOptions *options,
                              SpiralDataset *dataset, SpiralError *error)
{
    char *X_path = spiral_copy_bytes(path, first_length);
    if (X_path == NULL)
        return no_memory(path, error);
    SpiralStatus status = spiral_npy_load(X_path, path + first_length + 1, options, dataset, error);
    free(X_path);
    return status;
}

static SpiralStatus load_by_ending(const char *path, const SpiralLoadOptions *options, SpiralDataset *dataset,
                                   SpiralError *error)
{
    const char *pair = strstr(path, ".npy,");
    if (pair != NULL && ends_with(path, ".npy"))
        return load_pair(path, (size_t)(pair - path) + strlen(".npy"), options, dataset, error);
    if (ends_with(path, ".npy"))
        return spiral_npy_load(path, NULL, options, dataset, error);
    if (ends_with(path, ".npz"))
        return spiral_npz_load(path, options, dataset, error);
    return spiral_csv_load(path, options, dataset, error);
}

static SpiralStatus check_options(const SpiralLoadOptions *options, SpiralError *error)
{
    unsigned char delimiter = (unsigned char)options->delimiter;
    if (delimiter == '\t' || (delimiter < 0x7f && delimiter >= ' ' && !isalnum(delimiter) &&
                              strchr("\"+-._", delimiter) == NULL))
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                            "byte 0x%02x as the delimiter, expected a character that is no part of numbers or names, "
                            "such as ',' or ';'",
                            delimiter);
}

SpiralStatus spiral_dataset_load(const char *path, const SpiralLoadOptions *options, SpiralDataset **dataset,
                                 SpiralError *error)
{
    *dataset = NULL;
    SpiralStatus status = check_options(options, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralDataset *made = spiral_dataset_create();
    if (made == NULL)
        return no_memory(path, error);
    status = load_by_ending(path, options, made, error);
    if (status == SPIRAL_OK)
        status = spiral_dataset_publish(made, path, error);
    if (status != SPIRAL_OK) {
        spiral_dataset_free(made);
        return status;
    }
    *dataset = made;
    return SPIRAL_OK;
}
