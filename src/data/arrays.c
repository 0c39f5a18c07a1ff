#include "data/arrays.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv_value.h"
#include "base/memory.h"
#include "base/number.h"
#include "data/labels.h"
#include "data/storage.h"

static SpiralStatus no_memory(const char *path, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory for the data");
}

SpiralStatus spiral_arrays_choose(const SpiralExtents *shape, const char *const *names, bool has_label,
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
    if (shape->extent[1] > SPIRAL_UNITS_LIMIT)
        return spiral_npy_error(error, SPIRAL_ERROR_LIMIT, source, "shape %s, at most %d columns are possible", text,
                                SPIRAL_UNITS_LIMIT);
    const SpiralTable table = {.path = source->path, .count = shape->extent[1], .names = names, .has_label = has_label};
    SpiralStatus status = spiral_columns_choose(&table, options, columns, error);
    if (status != SPIRAL_OK)
        return status;
    if (columns->features == 0)
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "shape %s, expected a column that is not ignored",
                                text);
    if (options->features > 0 && columns->features != options->features)
        status = spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "shape %s, expected %zu features", text,
                                  options->features);
    return status == SPIRAL_OK || names != NULL ? status
                                                : spiral_columns_suggest_ignored(table.count, options, error, status);
}

bool spiral_arrays_take_all(const SpiralColumns *columns)
{
    return columns->features == columns->count && !columns->reordered;
}

SpiralStatus spiral_arrays_select(const SpiralColumns *columns, size_t rows, double *X, const SpiralNpySource *source,
                                  SpiralError *error)
{
    if (spiral_arrays_take_all(columns))
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

SpiralStatus spiral_arrays_check_finite(const SpiralDataset *dataset, const double *X, size_t first,
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
static const char *label_text(const SpiralLabelArray *array, size_t i, char buffer[SPIRAL_NUMBER_TEXT])
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
static bool is_missing(const SpiralLabelArray *array, const SpiralLoadOptions *options, size_t i)
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
static SpiralStatus number_labels(const SpiralLabelArray *array, const SpiralLoadOptions *options,
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
        if (*text == '\0' && !array->are_names)
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

SpiralStatus spiral_arrays_check_labels(const SpiralExtents *shape, size_t rows, const SpiralNpySource *source,
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

SpiralStatus spiral_arrays_take_labels(const SpiralLabelArray *array, const SpiralLoadOptions *options,
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
