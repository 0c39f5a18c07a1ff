/* load_npy.c: a data set from .npy files: X, and y in a file of its own or in a column of X. X is used in place if
 * possible, or copied a block of rows at a time. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "data/arrays.h"
#include "data/load.h"
#include "data/npy_file.h"
#include "data/storage.h"

static SpiralStatus no_memory(const char *path, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory for the data");
}

/* Are the labels already classes: 0..K-1, each of them present, K at least 2? seen: (SPIRAL_CLASSES_LIMIT) zeroed. */
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

/* Labels that are already classes become the dataset's; all others are numbered. raw: the elements of the array. */
static SpiralStatus take_npy_integers(const SpiralNpyHeader *header, const unsigned char *raw, SpiralLabelArray *array,
                                      const SpiralLoadOptions *options, const SpiralNpySource *source,
                                      SpiralDataset *dataset, SpiralError *error)
{
    size_t count = array->shape.count, classes = 0;
    int64_t *decoded = spiral_allocate(count, sizeof *decoded);
    bool *seen = spiral_allocate(SPIRAL_CLASSES_LIMIT, sizeof *seen);
    SpiralStatus status = SPIRAL_OK;
    if (decoded == NULL || seen == NULL)
        status = no_memory(source->path, error);
    if (status == SPIRAL_OK)
        status = spiral_npy_decode_integers(header, raw, 0, count, source, decoded, error);
    array->integers = decoded;
    if (status == SPIRAL_OK && options->class_count == 0 && are_classes(decoded, count, seen, &classes)) {
        dataset->storage->y = decoded;
        decoded = NULL;
        dataset->storage->class_names = spiral_names_create("", classes);
        if (dataset->storage->class_names == NULL)
            status = no_memory(source->path, error);
        else
            dataset->classes = classes;
    } else if (status == SPIRAL_OK) {
        status = spiral_arrays_take_labels(array, options, source, dataset, error);
    }
    free(decoded);
    free(seen);
    return status;
}

/* Takes the labels first .. first + dataset's rows - 1 of the file. They are copied before they are examined, because
 * they may change in the file at any time. */
static SpiralStatus take_npy_labels(const SpiralNpyFile *file, size_t first, const SpiralLoadOptions *options,
                                    const SpiralNpySource *source, SpiralDataset *dataset, SpiralError *error)
{
    size_t count = dataset->rows;
    SpiralNpyHeader header = file->header;
    header.shape = (SpiralExtents){.dimensions = 1, .extent = {count}, .count = count};
    SpiralLabelArray array = {.shape = header.shape, .first = first};
    const unsigned char *raw = file->bytes + header.data_offset + first * header.item_bytes;
    double *numbers = NULL;
    char **texts = NULL;
    SpiralStatus status = SPIRAL_OK;
    if (strchr("iub", header.kind) != NULL)
        return take_npy_integers(&header, raw, &array, options, source, dataset, error);
    if (header.kind == 'f') {
        numbers = spiral_allocate_doubles(count);
        if (numbers == NULL)
            return no_memory(source->path, error);
        spiral_npy_decode_doubles(&header, raw, 0, count, numbers);
    } else {
        status = spiral_npy_decode_strings(&header, raw, first, source, &texts, error);
    }
    array.numbers = numbers;
    array.texts = texts;
    if (status == SPIRAL_OK)
        status = spiral_arrays_take_labels(&array, options, source, dataset, error);
    free(numbers);
    spiral_names_free(texts, count);
    return status;
}

/* Opens the file of labels for that many rows. Close it also after a failure. */
static SpiralStatus open_npy_y(const char *path, size_t rows, SpiralNpyFile *file, SpiralError *error)
{
    const SpiralNpySource source = {.path = path};
    SpiralStatus status = spiral_npy_file_open(path, file, error);
    return status == SPIRAL_OK ? spiral_arrays_check_labels(&file->header.shape, rows, &source, error) : status;
}

struct SpiralNpyRows {
    const SpiralLoadOptions *options;
    const char *X_path, *y_path; /* y_path NULL: no labels */
    bool label_inside;           /* a column of X may hold the labels */
    SpiralNpyFile X, y;
    SpiralColumns columns;
    size_t rows, next; /* of the array; the next row */
};

SpiralStatus spiral_npy_rows_open(const char *X_path, const char *y_path, const SpiralLoadOptions *options,
                                  SpiralNpyRows **rows, SpiralError *error)
{
    *rows = NULL;
    SpiralNpyRows *made = spiral_allocate(1, sizeof *made);
    if (made == NULL)
        return no_memory(X_path, error);
    made->options = options;
    made->X_path = X_path;
    made->y_path = spiral_columns_are_unlabelled(options) ? NULL : y_path;
    made->label_inside = y_path == NULL && (options->label != NULL || options->features > 0);
    const SpiralNpySource source = {.path = X_path};
    SpiralStatus status = spiral_npy_file_open(X_path, &made->X, error);
    if (status == SPIRAL_OK)
        status = spiral_npy_expect_numbers(&made->X.header, &source, error);
    if (status == SPIRAL_OK)
        status = spiral_arrays_choose(&made->X.header.shape, NULL, made->label_inside, options, &source, &made->columns,
                                      error);
    made->rows = made->X.header.shape.extent[0];
    if (status == SPIRAL_OK && made->y_path != NULL)
        status = open_npy_y(made->y_path, made->rows, &made->y, error);
    if (status != SPIRAL_OK) {
        spiral_npy_rows_close(made);
        return status;
    }
    *rows = made;
    return SPIRAL_OK;
}

/* Copies the next count rows to X (count, columns). In Fortran order the elements of a column are neighbours: then
 * column (count) holds one of them. */
static void copy_rows(const SpiralNpyRows *rows, size_t count, double *column, double *X)
{
    SpiralNpyHeader header = rows->X.header;
    size_t D = rows->columns.count, item = header.item_bytes;
    const unsigned char *raw = rows->X.bytes + header.data_offset;
    header.shape.dimensions = 1;
    if (!header.fortran) {
        spiral_npy_decode_doubles(&header, raw + rows->next * D * item, 0, count * D, X);
        return;
    }
    for (size_t d = 0; d < D; d++) {
        spiral_npy_decode_doubles(&header, raw + (d * rows->rows + rows->next) * item, 0, count, column);
        for (size_t r = 0; r < count; r++)
            X[r * D + d] = column[r];
        spiral_npy_file_forget(&rows->X); /* the system may map megabytes around each column */
    }
}

/* Takes the labels from their column of X (rows, columns). */
static SpiralStatus take_label_column(const SpiralNpyRows *rows, SpiralDataset *dataset, SpiralError *error)
{
    const SpiralNpySource source = {.path = rows->X_path};
    const double *X = dataset->storage->X + rows->columns.label;
    double *numbers = spiral_allocate_doubles(dataset->rows);
    if (numbers == NULL)
        return no_memory(rows->X_path, error);
    for (size_t i = 0; i < dataset->rows; i++)
        numbers[i] = X[i * rows->columns.count];
    SpiralLabelArray array = {.shape = {.count = dataset->rows}, .first = rows->next, .numbers = numbers};
    SpiralStatus status = spiral_arrays_take_labels(&array, rows->options, &source, dataset, error);
    free(numbers);
    return status;
}

/* Sets the dataset's X. All rows at once stay in the file if their layout there is the one needed. */
static SpiralStatus take_npy_X(SpiralNpyRows *rows, SpiralDataset *dataset, SpiralError *error)
{
    const SpiralNpySource source = {.path = rows->X_path};
    if (dataset->rows == rows->rows && spiral_arrays_take_all(&rows->columns) &&
        (dataset->X = spiral_npy_file_doubles(&rows->X)) != NULL) {
        dataset->storage->X_file = rows->X;
        rows->X = (SpiralNpyFile){0};
        return SPIRAL_OK;
    }
    double *column = rows->X.header.fortran ? spiral_allocate_doubles(dataset->rows) : NULL;
    dataset->X = dataset->storage->X = spiral_allocate_doubles(dataset->rows * rows->columns.count);
    if (dataset->X == NULL || (rows->X.header.fortran && column == NULL)) {
        free(column);
        return no_memory(rows->X_path, error);
    }
    copy_rows(rows, dataset->rows, column, dataset->storage->X);
    free(column);
    if (rows->columns.label != SPIRAL_NO_COLUMN) {
        SpiralStatus status = take_label_column(rows, dataset, error);
        if (status != SPIRAL_OK)
            return status;
    }
    return spiral_arrays_select(&rows->columns, dataset->rows, dataset->storage->X, &source, error);
}

SpiralStatus spiral_npy_rows_next(SpiralNpyRows *rows, size_t most_rows, SpiralDataset *dataset, SpiralError *error)
{
    const SpiralNpySource X_source = {.path = rows->X_path}, y_source = {.path = rows->y_path};
    size_t left = rows->rows - rows->next;
    dataset->rows = left < most_rows ? left : most_rows;
    if (dataset->rows == 0)
        return SPIRAL_OK;
    const SpiralTable table = {.path = rows->X_path, .count = rows->columns.count};
    SpiralStatus status = spiral_columns_describe(&rows->columns, &table, dataset, error);
    if (status == SPIRAL_OK && rows->y_path != NULL)
        status = take_npy_labels(&rows->y, rows->next, rows->options, &y_source, dataset, error);
    spiral_npy_file_forget(&rows->y);
    if (status == SPIRAL_OK)
        status = take_npy_X(rows, dataset, error);
    spiral_npy_file_forget(&rows->X);
    if (status == SPIRAL_OK)
        status = spiral_arrays_check_finite(dataset, dataset->X, rows->next, &rows->columns, &X_source, error);
    rows->next += dataset->rows;
    return status;
}

void spiral_npy_rows_close(SpiralNpyRows *rows)
{
    if (rows == NULL)
        return;
    spiral_npy_file_close(&rows->X);
    spiral_npy_file_close(&rows->y);
    spiral_columns_free(&rows->columns);
    free(rows);
}
