#include "data/arrays.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "data/labels.h"
#include "base/number.h"
#include "data/storage.h"

SpiralStatus spiral_arrays_no_memory(const char *path, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory for the data");
}

SpiralStatus spiral_arrays_take_shape(const SpiralShape *shape, const SpiralLoadOptions *options,
                                      const SpiralNpySource *source, SpiralDataset *dataset, SpiralError *error)
{
    char text[96];
    spiral_shape_format(shape, text, sizeof text);
    if (shape->dimensions != 2)
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "shape %s, expected (N, D)", text);
    if (shape->count == 0)
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source,
                                "shape %s, expected at least one row and one feature", text);
    if (options->features > 0 && shape->extent[1] != options->features)
        return spiral_npy_error(error, SPIRAL_ERROR_INPUT, source, "shape %s, expected %zu features", text,
                                options->features);
    dataset->rows = shape->extent[0];
    dataset->features = shape->extent[1];
    return SPIRAL_OK;
}

SpiralStatus spiral_arrays_check_finite(const SpiralDataset *dataset, const double *X, const SpiralNpySource *source,
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

/* The text of label i: itself, or its number's. */
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

static SpiralStatus number_labels(const SpiralLabelArray *array, const SpiralNpySource *source, SpiralLabels *labels,
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

SpiralStatus spiral_arrays_check_labels(const SpiralShape *shape, const SpiralDataset *dataset,
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

SpiralStatus spiral_arrays_take_labels(const SpiralLabelArray *array, const SpiralLoadOptions *options,
                                       const SpiralNpySource *source, SpiralDataset *dataset, SpiralError *error)
{
    dataset->storage->y = spiral_allocate(dataset->rows, sizeof *dataset->storage->y);
    if (dataset->storage->y == NULL)
        return spiral_arrays_no_memory(source->path, error);
    SpiralLabels labels = {0};
    SpiralStatus status = number_labels(array, source, &labels, dataset->storage->y, error);
    if (status == SPIRAL_OK)
        status = spiral_labels_finish(&labels, options, false, source->path, dataset, error);
    spiral_labels_free(&labels);
    return status;
}
