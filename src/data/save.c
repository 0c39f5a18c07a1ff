#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/npy.h"
#include "data/npz.h"
#include "data/number.h"
#include "spiral/dataset.h"
#include "spiral/output.h"

enum { CHUNK_VALUES = 4096 };

/* ---- CSV --------------------------------------------------------------------------------------------------------- */

/* Does the name have to be quoted to be read back as it is? (A bare nan or inf is refused there.) */
static bool needs_quotes(const char *name)
{
    size_t length = strlen(name);
    return length == 0 || spiral_number_is_not_finite(name, length) || strpbrk(name, ",\"\r\n") != NULL ||
           strchr(" \t", name[0]) != NULL || strchr(" \t", name[length - 1]) != NULL;
}

static SpiralStatus write_name(SpiralOutput *output, const char *name, SpiralError *error)
{
    if (!needs_quotes(name))
        return spiral_output_write(output, name, strlen(name), error);
    SpiralStatus status = spiral_output_write(output, "\"", 1, error);
    for (const char *c = name; *c != '\0' && status == SPIRAL_OK; c++)
        status = spiral_output_write(output, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1, error);
    return status == SPIRAL_OK ? spiral_output_write(output, "\"", 1, error) : status;
}

static SpiralStatus write_header(const SpiralDataset *dataset, SpiralOutput *output, SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    for (size_t d = 0; d < dataset->features && status == SPIRAL_OK; d++) {
        if (d > 0)
            status = spiral_output_write(output, ",", 1, error);
        if (status == SPIRAL_OK)
            status = write_name(output, dataset->feature_names[d], error);
    }
    if (status != SPIRAL_OK)
        return status;
    return spiral_output_print(output, error, "%s", dataset->y != NULL ? ",label\n" : "\n");
}

static SpiralStatus write_row(const SpiralDataset *dataset, size_t row, SpiralOutput *output, SpiralError *error)
{
    const double *x = dataset->X + row * dataset->features;
    SpiralStatus status = SPIRAL_OK;
    for (size_t d = 0; d < dataset->features && status == SPIRAL_OK; d++)
        status = spiral_output_print(output, error, d > 0 ? ",%.17g" : "%.17g", x[d]);
    if (status == SPIRAL_OK && dataset->y != NULL) {
        status = spiral_output_write(output, ",", 1, error);
        if (status == SPIRAL_OK)
            status = write_name(output, dataset->class_names[dataset->y[row]], error);
    }
    return status == SPIRAL_OK ? spiral_output_write(output, "\n", 1, error) : status;
}

static SpiralStatus write_csv(const SpiralDataset *dataset, SpiralOutput *output, SpiralError *error)
{
    SpiralStatus status = write_header(dataset, output, error);
    for (size_t row = 0; row < dataset->rows && status == SPIRAL_OK; row++)
        status = write_row(dataset, row, output, error);
    return status;
}

static SpiralStatus save_csv(const SpiralDataset *dataset, const char *path, SpiralError *error)
{
    SpiralOutput *output;
    SpiralStatus status = spiral_output_create(path, &output, error);
    if (status != SPIRAL_OK)
        return status;
    status = write_csv(dataset, output, error);
    if (status != SPIRAL_OK) {
        spiral_output_discard(output);
        return status;
    }
    return spiral_output_commit(output, error);
}

/* ---- .npz -------------------------------------------------------------------------------------------------------- */

static SpiralStatus add_arrays(const SpiralDataset *dataset, SpiralNpzWriter *writer, SpiralError *error)
{
    const SpiralShape X_shape = {.dimensions = 2, .extent = {dataset->rows, dataset->features}};
    const SpiralShape y_shape = {.dimensions = 1, .extent = {dataset->rows}};
    const SpiralShape features_shape = {.dimensions = 1, .extent = {dataset->features}};
    const SpiralShape classes_shape = {.dimensions = 1, .extent = {dataset->classes}};
    SpiralStatus status = spiral_npz_add_doubles(writer, "X", &X_shape, dataset->X, error);
    if (status == SPIRAL_OK && dataset->y != NULL)
        status = spiral_npz_add_integers(writer, "y", &y_shape, dataset->y, error);
    if (status == SPIRAL_OK && dataset->y != NULL)
        status = spiral_npz_add_strings(writer, "classes", &classes_shape, dataset->class_names, error);
    if (status == SPIRAL_OK)
        status = spiral_npz_add_strings(writer, "features", &features_shape, dataset->feature_names, error);
    return status;
}

static SpiralStatus save_npz(const SpiralDataset *dataset, const char *path, SpiralError *error)
{
    SpiralNpzWriter *writer;
    SpiralStatus status = spiral_npz_writer_create(&writer, error);
    if (status == SPIRAL_OK)
        status = add_arrays(dataset, writer, error);
    if (status == SPIRAL_OK)
        status = spiral_npz_save(writer, path, error);
    spiral_npz_writer_free(writer);
    return status;
}

/* ---- .npy -------------------------------------------------------------------------------------------------------- */

/* values: shape.count of 8 bytes each. */
static SpiralStatus write_npy(const char *path, char kind, const SpiralShape *shape, const void *values,
                              SpiralOutput **output, SpiralError *error)
{
    unsigned char header[SPIRAL_NPY_HEADER_WRITTEN], bytes[8 * CHUNK_VALUES];
    SpiralStatus status = spiral_output_create(path, output, error);
    if (status != SPIRAL_OK)
        return status;
    status = spiral_output_write(*output, header, spiral_npy_encode_header(kind, 8, shape, header), error);
    for (size_t first = 0; first < shape->count && status == SPIRAL_OK; first += CHUNK_VALUES) {
        size_t count = shape->count - first < CHUNK_VALUES ? shape->count - first : CHUNK_VALUES;
        spiral_npy_encode_values((const unsigned char *)values + 8 * first, count, bytes);
        status = spiral_output_write(*output, bytes, 8 * count, error);
    }
    return status == SPIRAL_OK ? spiral_output_flush(*output, error) : status;
}

/* y_path is NULL when there are no labels. Both files are complete beside their targets before one replaces its target.
 */
static SpiralStatus save_npy(const SpiralDataset *dataset, const char *X_path, const char *y_path, SpiralError *error)
{
    const SpiralShape X_shape = {
        .dimensions = 2, .extent = {dataset->rows, dataset->features}, .count = dataset->rows * dataset->features};
    const SpiralShape y_shape = {.dimensions = 1, .extent = {dataset->rows}, .count = dataset->rows};
    SpiralOutput *X_output = NULL, *y_output = NULL;
    SpiralStatus status = write_npy(X_path, 'f', &X_shape, dataset->X, &X_output, error);
    if (status == SPIRAL_OK && y_path != NULL)
        status = write_npy(y_path, 'i', &y_shape, dataset->y, &y_output, error);
    if (status == SPIRAL_OK) {
        status = spiral_output_commit(X_output, error);
        X_output = NULL;
    }
    if (status == SPIRAL_OK && y_output != NULL) {
        status = spiral_output_commit(y_output, error);
        y_output = NULL;
    }
    spiral_output_discard(X_output);
    spiral_output_discard(y_output);
    return status;
}

static SpiralStatus save_pair(const SpiralDataset *dataset, const char *path, size_t first_length, SpiralError *error)
{
    char *X_path = spiral_copy_bytes(path, first_length);
    if (X_path == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory to write it");
    SpiralStatus status = save_npy(dataset, X_path, path + first_length + 1, error);
    free(X_path);
    return status;
}

/* ---- by the ending ----------------------------------------------------------------------------------------------- */

static bool ends_with(const char *path, const char *ending)
{
    size_t length = strlen(path), ending_length = strlen(ending);
    return length > ending_length && strcmp(path + length - ending_length, ending) == 0;
}

SpiralStatus spiral_dataset_save(const SpiralDataset *dataset, const char *path, SpiralError *error)
{
    const char *pair = strstr(path, ".npy,");
    if (pair != NULL && ends_with(path, ".npy") && dataset->y != NULL)
        return save_pair(dataset, path, (size_t)(pair - path) + strlen(".npy"), error);
    if (ends_with(path, ".npy") && pair == NULL && dataset->y == NULL)
        return save_npy(dataset, path, NULL, error);
    if (ends_with(path, ".npz"))
        return save_npz(dataset, path, error);
    if (strcmp(path, "-") == 0 || (ends_with(path, ".csv") && pair == NULL))
        return save_csv(dataset, path, error);
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, path, 0, "expected a name ending in .csv or .npz, or %s",
                            dataset->y != NULL ? "two such as X.npy,y.npy" : "one ending in .npy");
}
