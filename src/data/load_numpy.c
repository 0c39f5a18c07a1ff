/* load_numpy.c: a data set from NumPy's files. An .npz has the arrays X and y, and names in classes and features. X and
 * y may also be one .npy each. X of a .npy is used in place if possible, or copied a block of rows at a time. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv_value.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/number.h"
#include "data/columns.h"
#include "data/labels.h"
#include "data/load.h"
#include "data/npy_file.h"
#include "data/npz.h"
#include "data/storage.h"

/* Labels as they were read: integers, other numbers or texts; one of the three. */
typedef struct LabelArray {
    SpiralExtents shape;
    size_t first; /* the row of the first of them */
    const int64_t *integers;
    const double *numbers;
    char *const *texts;
} LabelArray;

static SpiralStatus no_memory(const char *path, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory for the data");
}

/* Checks that X is a matrix and chooses its columns. names: (columns), or NULL; has_label: one of them may be the
 * label. Errors: INPUT, LIMIT. */
static SpiralStatus choose_columns(const SpiralExtents *shape, const char *const *names, bool has_label,
                                   const SpiralLoadOptions *options, const SpiralNpySource *source,
                                   SpiralColumns *columns, SpiralError *error)
{
    char text[96];
    spiral_extents_format(shape, text, sizeof text);
    if (shape->dimensions != 2)
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "shape %s, expected (N, D)", text);
    if (shape->count == 0)
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source,
                                "shape %s, expected at least one row and one feature", text);
    const SpiralTable table = {.path = source->path, .count = shape->extent[1], .names = names, .has_label = has_label};
    SpiralStatus status = spiral_columns_choose(&table, options, columns, error);
    if (status != SPIRAL_OK)
        return status;
    if (columns->features == 0)
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "shape %s, expected a column that is not ignored",
                                text);
    if (options->features > 0 && columns->features != options->features)
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "shape %s, expected %zu features", text,
                                options->features);
    return SPIRAL_OK;
}

/* Are all columns features, in their order? */
static bool are_all(const SpiralColumns *columns)
{
    return columns->features == columns->count && !columns->reordered;
}

/* Turns X (rows, columns) into (rows, features), in place. */
static SpiralStatus select_columns(const SpiralColumns *columns, size_t rows, double *X, const SpiralNpySource *source,
                                   SpiralError *error)
{
    if (are_all(columns))
        return SPIRAL_OK;
    size_t D = columns->features, count = columns->count;
    double *row = spiral_allocate_doubles(D);
    if (row == NULL)
        return no_memory(source->path, error);
    for (size_t i = 0; i < rows; i++) {
        for (size_t c = 0; c < count; c++)
            if (columns->feature[c] < D)
                row[columns->feature[c]] = X[i * count + c];
        memcpy(X + i * D, row, D * sizeof *row); /* no row ends behind where it was */
    }
    free(row);
    return SPIRAL_OK;
}

/* Checks that all of X (dataset's rows, features) is finite. first: its first row in the array. Errors: INPUT. */
static SpiralStatus check_finite(const SpiralDataset *dataset, const double *X, size_t first,
                                 const SpiralColumns *columns, const SpiralNpySource *source, SpiralError *error)
{
    size_t count = dataset->rows * dataset->features, i = 0, column = 0;
    while (i < count && isfinite(X[i]))
        i++;
    if (i == count)
        return SPIRAL_OK;
    while (columns->feature[column] != i % dataset->features)
        column++;
    return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "X[%zu, %zu] is %g, expected a finite number",
                            first + i / dataset->features, column, X[i]);
}

/* The text of label i: the label itself, or its number as text. */
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

/* Is label i a missing value, and may it be? A word for one may also be the name of a class. */
static bool is_missing(const LabelArray *array, const SpiralLoadOptions *options, size_t i)
{
    if (options->labelling != SPIRAL_LABELS_PARTIAL || array->integers != NULL)
        return false;
    if (array->numbers != NULL)
        return isnan(array->numbers[i]);
    const char *text = array->texts[i];
    bool missing = spiral_csv_is_missing_label(text, strlen(text));
    for (size_t k = 0; missing && k < options->class_count; k++)
        missing = strcmp(text, options->class_names[k]) != 0;
    return missing;
}

/* y (N) becomes the labels' numbers, -1 where one is missing. */
static SpiralStatus number_labels(const LabelArray *array, const SpiralLoadOptions *options,
                                  const SpiralNpySource *source, SpiralLabels *labels, int64_t *y, SpiralError *error)
{
    size_t last_id = 0;
    for (size_t i = 0; i < array->shape.count; i++) {
        if (i > 0 && array->integers != NULL && array->integers[i] == array->integers[i - 1]) {
            y[i] = (int64_t)last_id;
            continue;
        }
        if (is_missing(array, options, i)) {
            y[i] = -1;
            continue;
        }
        if (array->numbers != NULL && !isfinite(array->numbers[i]))
            return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "y[%zu] is %g, expected a class",
                                    array->first + i, array->numbers[i]);
        char buffer[SPIRAL_NUMBER_TEXT];
        const char *text = label_text(array, i, buffer);
        if (*text == '\0')
            return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "y[%zu] is empty, expected a class",
                                    array->first + i);
        SpiralStatus status =
            spiral_labels_add(labels, text, strlen(text), array->first + i + 1, source->path, &last_id, error);
        if (status != SPIRAL_OK)
            return status;
        y[i] = (int64_t)last_id;
    }
    return SPIRAL_OK;
}

/* Checks that the shape is (N,) or (N, 1), for N rows. Errors: INPUT. */
static SpiralStatus check_labels(const SpiralExtents *shape, size_t rows, const SpiralNpySource *source,
                                 SpiralError *error)
{
    bool column = shape->dimensions == 2 && shape->extent[1] == 1;
    if ((shape->dimensions == 1 || column) && shape->count == rows)
        return SPIRAL_OK;
    char text[96];
    spiral_extents_format(shape, text, sizeof text);
    return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "shape %s, expected (%zu,): a label for each row of X",
                            text, rows);
}

/* Sets the dataset's classes, and y in its storage, from the values of the labels. Errors: INPUT, LIMIT. */
static SpiralStatus take_labels(const LabelArray *array, const SpiralLoadOptions *options,
                                const SpiralNpySource *source, SpiralDataset *dataset, SpiralError *error)
{
    dataset->storage->y = spiral_allocate(dataset->rows, sizeof *dataset->storage->y);
    if (dataset->storage->y == NULL)
        return no_memory(source->path, error);
    SpiralLabels labels = {0};
    SpiralStatus status = number_labels(array, options, source, &labels, dataset->storage->y, error);
    if (status == SPIRAL_OK)
        status = spiral_labels_finish(&labels, options, false, source->path, dataset, error);
    spiral_labels_free(&labels);
    return status;
}

/* ---- .npy -------------------------------------------------------------------------------------------------------- */

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
static SpiralStatus take_npy_integers(const SpiralNpyHeader *header, const unsigned char *raw, LabelArray *array,
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
        status = take_labels(array, options, source, dataset, error);
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
    LabelArray array = {.shape = header.shape, .first = first};
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
        status = take_labels(&array, options, source, dataset, error);
    free(numbers);
    spiral_names_free(texts, count);
    return status;
}

/* Opens the file of labels for that many rows. Close it also after a failure. */
static SpiralStatus open_npy_y(const char *path, size_t rows, SpiralNpyFile *file, SpiralError *error)
{
    const SpiralNpySource source = {.path = path};
    SpiralStatus status = spiral_npy_file_open(path, file, error);
    return status == SPIRAL_OK ? check_labels(&file->header.shape, rows, &source, error) : status;
}

static bool is_unlabelled(const SpiralLoadOptions *options)
{
    return options->label != NULL && strcmp(options->label, "none") == 0;
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
    made->y_path = is_unlabelled(options) ? NULL : y_path;
    made->label_inside = y_path == NULL && (options->label != NULL || options->features > 0);
    const SpiralNpySource source = {.path = X_path};
    SpiralStatus status = spiral_npy_file_open(X_path, &made->X, error);
    if (status == SPIRAL_OK)
        status = spiral_npy_expect_numbers(&made->X.header, &source, error);
    if (status == SPIRAL_OK)
        status =
            choose_columns(&made->X.header.shape, NULL, made->label_inside, options, &source, &made->columns, error);
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
    LabelArray array = {.shape = {.count = dataset->rows}, .first = rows->next, .numbers = numbers};
    SpiralStatus status = take_labels(&array, rows->options, &source, dataset, error);
    free(numbers);
    return status;
}

/* Sets the dataset's X. All rows at once stay in the file if their layout there is the one needed. */
static SpiralStatus take_npy_X(SpiralNpyRows *rows, SpiralDataset *dataset, SpiralError *error)
{
    const SpiralNpySource source = {.path = rows->X_path};
    if (dataset->rows == rows->rows && are_all(&rows->columns) &&
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
    return select_columns(&rows->columns, dataset->rows, dataset->storage->X, &source, error);
}

SpiralStatus spiral_npy_rows_next(SpiralNpyRows *rows, size_t most_rows, SpiralDataset *dataset, SpiralError *error)
{
    const SpiralNpySource X_source = {.path = rows->X_path}, y_source = {.path = rows->y_path};
    size_t left = rows->rows - rows->next;
    dataset->rows = left < most_rows ? left : most_rows;
    dataset->features = rows->columns.features;
    dataset->label_column = rows->columns.label;
    SpiralStatus status = SPIRAL_OK;
    if (dataset->rows == 0)
        return status;
    if (rows->y_path != NULL)
        status = take_npy_labels(&rows->y, rows->next, rows->options, &y_source, dataset, error);
    spiral_npy_file_forget(&rows->y);
    if (status == SPIRAL_OK)
        status = take_npy_X(rows, dataset, error);
    spiral_npy_file_forget(&rows->X);
    if (status == SPIRAL_OK)
        status = check_finite(dataset, dataset->X, rows->next, &rows->columns, &X_source, error);
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

/* ---- .npz -------------------------------------------------------------------------------------------------------- */

/* Reads the names in the array. *names is NULL when there is no such array, when it is not text, or when it does not
 * have count different names (any number of classes when count is 0). */
static SpiralStatus read_names(SpiralNpz *npz, const char *path, const char *array, size_t *count, bool must_differ,
                               char ***names, SpiralError *error)
{
    *names = NULL;
    char kind;
    SpiralExtents shape;
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
        usable = (must_differ || *read[i] != '\0') && id == i;
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
    LabelArray array = {.shape = {.count = dataset->rows}, .texts = (char *const *)texts};
    SpiralStatus status = take_labels(&array, options, source, dataset, error);
    free(texts);
    spiral_names_free(names, count);
    return status;
}

static SpiralStatus take_npz_integers(SpiralNpz *npz, const SpiralLoadOptions *options, const SpiralNpySource *source,
                                      SpiralDataset *dataset, SpiralError *error)
{
    LabelArray array = {0};
    int64_t *y;
    SpiralStatus status = spiral_npz_read_integers(npz, source->array, &array.shape, &y, error);
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
            status = take_labels(&array, options, source, dataset, error);
    }
    free(y);
    return status;
}

static SpiralStatus take_npz_labels(SpiralNpz *npz, const SpiralLoadOptions *options, const SpiralNpySource *source,
                                    SpiralDataset *dataset, SpiralError *error)
{
    char kind;
    LabelArray array = {0};
    SpiralStatus status = spiral_npz_look(npz, source->array, &array.shape, &kind, error);
    if (status == SPIRAL_OK)
        status = check_labels(&array.shape, dataset->rows, source, error);
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
    status = take_labels(&array, options, source, dataset, error);
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
        status = read_names(npz, path, "features", &count, false, &names, error);
    const SpiralTable table = {.path = path, .count = count, .names = (const char *const *)names};
    if (status == SPIRAL_OK)
        status = choose_columns(&shape, table.names, false, options, source, columns, error);
    if (status == SPIRAL_OK)
        status = spiral_columns_describe(columns, &table, dataset, error);
    if (status == SPIRAL_OK)
        status = spiral_npz_read_doubles(npz, source->array, &shape, &dataset->storage->X, error);
    dataset->rows = shape.extent[0];
    if (status == SPIRAL_OK)
        status = select_columns(columns, dataset->rows, dataset->storage->X, source, error);
    if (status == SPIRAL_OK)
        status = check_finite(dataset, dataset->storage->X, 0, columns, source, error);
    spiral_names_free(names, count);
    return status;
}

static SpiralStatus take_npz(SpiralNpz *npz, const char *path, const SpiralLoadOptions *options, SpiralDataset *dataset,
                             SpiralError *error)
{
    NpzNames names = {0};
    bool labelled = !is_unlabelled(options);
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
