/* save.c: writes a data set to files: .npz all at once, the others row by row. */
#include "data/save.h"

#include <stdlib.h>
#include <string.h>

#include "base/csv_field.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/number.h"
#include "base/output_target.h"
#include "base/text.h"
#include "data/npy.h"
#include "data/npz_writer.h"
#include "spiral/output.h"

enum { BUFFER_BYTES = 1 << 15 };

struct SpiralWriter {
    const SpiralDataset *dataset;
    SpiralOutput *output, *y_output; /* y_output: for a pair of .npy files */
    bool csv;
    char **labels; /* CSV with labels, (classes): the classes as fields */
    size_t used;
    char buffer[BUFFER_BYTES]; /* bytes that have not been passed to output yet */
};

static SpiralStatus no_memory(const char *path, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory to write it");
}

/* ---- CSV --------------------------------------------------------------------------------------------------------- */

static SpiralStatus empty_buffer(SpiralWriter *writer, SpiralError *error)
{
    size_t used = writer->used;
    writer->used = 0;
    return spiral_output_write(writer->output, writer->buffer, used, error);
}

static SpiralStatus add_text(SpiralWriter *writer, const char *text, SpiralError *error)
{
    size_t length = strlen(text);
    if (length <= BUFFER_BYTES - writer->used) {
        memcpy(writer->buffer + writer->used, text, length);
        writer->used += length;
        return SPIRAL_OK;
    }
    SpiralStatus status = empty_buffer(writer, error);
    return status == SPIRAL_OK ? spiral_output_write(writer->output, text, length, error) : status;
}

static SpiralStatus begin_csv(SpiralWriter *writer, const char *path, SpiralError *error)
{
    const SpiralDataset *dataset = writer->dataset;
    if (dataset->classes > 0) {
        writer->labels = spiral_allocate(dataset->classes, sizeof *writer->labels);
        for (size_t k = 0; writer->labels != NULL && k < dataset->classes; k++)
            if ((writer->labels[k] = spiral_csv_field(dataset->class_names[k])) == NULL)
                return no_memory(path, error);
        if (writer->labels == NULL)
            return no_memory(path, error);
    }
    SpiralStatus status = spiral_output_create(path, &writer->output, error);
    for (size_t d = 0; d < dataset->features && status == SPIRAL_OK; d++) {
        char *name = spiral_csv_field(dataset->feature_names[d]);
        status = d > 0 ? add_text(writer, ",", error) : SPIRAL_OK;
        if (status == SPIRAL_OK)
            status = name != NULL ? add_text(writer, name, error) : no_memory(path, error);
        free(name);
    }
    return status == SPIRAL_OK ? add_text(writer, dataset->classes > 0 ? ",label\n" : "\n", error) : status;
}

static SpiralStatus add_csv(SpiralWriter *writer, size_t rows, const double *X, const int64_t *y, SpiralError *error)
{
    size_t features = writer->dataset->features;
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 0; i < rows && status == SPIRAL_OK; i++) {
        for (size_t d = 0; d < features && status == SPIRAL_OK; d++) {
            if (BUFFER_BYTES - writer->used <= SPIRAL_NUMBER_TEXT)
                status = empty_buffer(writer, error);
            if (d > 0)
                writer->buffer[writer->used++] = ',';
            writer->used += spiral_number_print(X[i * features + d], writer->buffer + writer->used);
        }
        if (status == SPIRAL_OK && writer->labels != NULL) {
            status = add_text(writer, ",", error);
            if (status == SPIRAL_OK)
                status = add_text(writer, writer->labels[y[i]], error);
        }
        if (status == SPIRAL_OK)
            status = add_text(writer, "\n", error);
    }
    return status;
}

/* ---- .npy -------------------------------------------------------------------------------------------------------- */

static SpiralStatus begin_npy(const char *path, char kind, const SpiralExtents *shape, SpiralOutput **output,
                              SpiralError *error)
{
    unsigned char header[SPIRAL_NPY_HEADER_WRITTEN];
    SpiralStatus status = spiral_output_create(path, output, error);
    if (status != SPIRAL_OK)
        return status;
    return spiral_output_write(*output, header, spiral_npy_encode_header(kind, 8, shape, header), error);
}

/* y_path is NULL when there are no labels. */
static SpiralStatus begin_pair(SpiralWriter *writer, const char *X_path, const char *y_path, SpiralError *error)
{
    const SpiralDataset *dataset = writer->dataset;
    const SpiralExtents X_shape = {.dimensions = 2, .extent = {dataset->rows, dataset->features}};
    const SpiralExtents y_shape = {.dimensions = 1, .extent = {dataset->rows}};
    SpiralStatus status = begin_npy(X_path, 'f', &X_shape, &writer->output, error);
    if (status == SPIRAL_OK && y_path != NULL)
        status = begin_npy(y_path, 'i', &y_shape, &writer->y_output, error);
    return status;
}

/* values: count items of 8 bytes each. */
static SpiralStatus add_values(SpiralWriter *writer, SpiralOutput *output, size_t count, const void *values,
                               SpiralError *error)
{
    const unsigned char *next = values;
    SpiralStatus status = SPIRAL_OK;
    for (size_t piece; count > 0 && status == SPIRAL_OK; count -= piece, next += 8 * piece) {
        piece = count < BUFFER_BYTES / 8 ? count : BUFFER_BYTES / 8;
        spiral_npy_encode_values(next, piece, (unsigned char *)writer->buffer);
        status = spiral_output_write(output, writer->buffer, 8 * piece, error);
    }
    return status;
}

static SpiralStatus add_npy(SpiralWriter *writer, size_t rows, const double *X, const int64_t *y, SpiralError *error)
{
    SpiralStatus status = add_values(writer, writer->output, rows * writer->dataset->features, X, error);
    if (status == SPIRAL_OK && writer->y_output != NULL)
        status = add_values(writer, writer->y_output, rows, y, error);
    return status;
}

/* ---- choosing the format ----------------------------------------------------------------------------------------- */

/* A pipe or a device is written like standard output, whatever its name. */
static bool is_stream(const char *path)
{
    SpiralTarget target;
    return spiral_output_target(path, &target) == 0 && target.kind != SPIRAL_TARGET_FILE;
}

bool spiral_writer_is_archive(const char *path)
{
    return spiral_text_ends_with(path, ".npz");
}

static SpiralStatus begin(SpiralWriter *writer, const char *path, SpiralError *error)
{
    bool labelled = writer->dataset->classes > 0;
    const char *pair = strstr(path, ".npy,");
    bool more = pair != NULL && strstr(pair + strlen(".npy,"), ".npy,") != NULL; /* than two names */
    if (pair != NULL && !more && spiral_text_ends_with(path, ".npy") && labelled) {
        size_t length = (size_t)(pair - path) + strlen(".npy");
        char *X_path = spiral_copy_bytes(path, length);
        SpiralStatus status =
            X_path != NULL ? begin_pair(writer, X_path, path + length + 1, error) : no_memory(path, error);
        free(X_path);
        return status;
    }
    if (spiral_text_ends_with(path, ".npy") && pair == NULL && !labelled)
        return begin_pair(writer, path, NULL, error);
    writer->csv = is_stream(path) || (spiral_text_ends_with(path, ".csv") && pair == NULL);
    if (writer->csv)
        return begin_csv(writer, path, error);
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, path, 0, "expected a name ending in .csv or .npz, or %s",
                            labelled ? "two such as X.npy,y.npy" : "one ending in .npy");
}

SpiralStatus spiral_writer_open(const SpiralDataset *dataset, const char *path, SpiralWriter **writer,
                                SpiralError *error)
{
    *writer = NULL;
    SpiralWriter *made = spiral_allocate(1, sizeof *made);
    if (made == NULL)
        return no_memory(path, error);
    made->dataset = dataset;
    SpiralStatus status = begin(made, path, error);
    if (status != SPIRAL_OK) {
        spiral_writer_discard(made);
        return status;
    }
    *writer = made;
    return SPIRAL_OK;
}

bool spiral_writer_is_text(const SpiralWriter *writer)
{
    return writer->csv;
}

SpiralStatus spiral_writer_add(SpiralWriter *writer, size_t rows, const double *X, const int64_t *y, SpiralError *error)
{
    return writer->csv ? add_csv(writer, rows, X, y, error) : add_npy(writer, rows, X, y, error);
}

/* Commits the output and sets it to NULL, unless something failed before. */
static SpiralStatus commit_output(SpiralOutput **output, SpiralStatus status, SpiralError *error)
{
    if (status != SPIRAL_OK || *output == NULL)
        return status;
    status = spiral_output_commit(*output, error);
    *output = NULL;
    return status;
}

SpiralStatus spiral_writer_commit(SpiralWriter *writer, SpiralError *error)
{
    SpiralStatus status = writer->csv ? empty_buffer(writer, error) : SPIRAL_OK;
    if (status == SPIRAL_OK && writer->y_output != NULL)
        status = spiral_output_flush(writer->output, error);
    if (status == SPIRAL_OK && writer->y_output != NULL)
        status = spiral_output_flush(writer->y_output, error);
    status = commit_output(&writer->output, status, error);
    status = commit_output(&writer->y_output, status, error);
    spiral_writer_discard(writer);
    return status;
}

void spiral_writer_discard(SpiralWriter *writer)
{
    if (writer == NULL)
        return;
    spiral_output_discard(writer->output);
    spiral_output_discard(writer->y_output);
    spiral_names_free(writer->labels, writer->dataset->classes);
    free(writer);
}

/* ---- all at once ------------------------------------------------------------------------------------------------- */

static SpiralStatus add_arrays(const SpiralDataset *dataset, SpiralNpzWriter *writer, SpiralError *error)
{
    const SpiralExtents X_shape = {.dimensions = 2, .extent = {dataset->rows, dataset->features}};
    const SpiralExtents y_shape = {.dimensions = 1, .extent = {dataset->rows}};
    const SpiralExtents features_shape = {.dimensions = 1, .extent = {dataset->features}};
    const SpiralExtents classes_shape = {.dimensions = 1, .extent = {dataset->classes}};
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

SpiralStatus spiral_dataset_save(const SpiralDataset *dataset, const char *path, SpiralError *error)
{
    if (spiral_writer_is_archive(path))
        return save_npz(dataset, path, error);
    SpiralWriter *writer;
    SpiralStatus status = spiral_writer_open(dataset, path, &writer, error);
    if (status == SPIRAL_OK)
        status = spiral_writer_add(writer, dataset->rows, dataset->X, dataset->y, error);
    if (status == SPIRAL_OK)
        return spiral_writer_commit(writer, error);
    spiral_writer_discard(writer);
    return status;
}
