/* load.c: loads a data set in the format given by the ending of its path, whole or in blocks of rows. */
#define _POSIX_C_SOURCE 200809L
#include "data/load.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "data/storage.h"

SpiralLoadOptions spiral_load_defaults(void)
{
    return (SpiralLoadOptions){.header = SPIRAL_HEADER_AUTO};
}

static SpiralStatus no_memory(const char *path, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory for the data");
}

static SpiralStatus check_options(const SpiralLoadOptions *options, SpiralError *error)
{
    unsigned char delimiter = (unsigned char)options->delimiter;
    if (delimiter == ',' && options->decimal == SPIRAL_DECIMAL_COMMA)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "a comma as both the delimiter and the decimal point, expected two characters");
    if (delimiter == '\0' || delimiter == '\t' ||
        (delimiter < 0x7f && delimiter >= ' ' && !isalnum(delimiter) && strchr("\"+-._", delimiter) == NULL))
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                            "byte 0x%02x as the delimiter, expected a character that is no part of numbers or names, "
                            "such as ',' or ';'",
                            delimiter);
}

struct SpiralReader {
    char *path, *y_path; /* y_path: of "X.npy,y.npy", whose comma is a NUL then */
    SpiralLoadOptions options;
    SpiralCsvRows *csv; /* the rows of CSV */
    SpiralNpyRows *npy; /* the rows of .npy files */
    bool ended;         /* an .npz, which is one block, has been read */
};

/* Is one part of the path the name of an array, the other none, and the whole no file? */
static bool is_half_a_pair(const char *path)
{
    bool X = strstr(path, ".npy,") != NULL, y = strchr(path, ',') != NULL && spiral_text_ends_with(path, ".npy");
    return X != y && access(path, F_OK) != 0;
}

static SpiralStatus open_by_ending(SpiralReader *reader, SpiralError *error)
{
    if (is_half_a_pair(reader->path))
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, reader->path, 0,
                                "could not be opened: %s; of a pair such as X.npy,y.npy both names end in .npy",
                                strerror(errno));
    char *pair = strstr(reader->path, ".npy,");
    if (spiral_text_ends_with(reader->path, ".npy")) {
        if (pair != NULL && access(reader->path, F_OK) != 0) { /* an existing file is one, whatever its name */
            reader->y_path = pair + strlen(".npy,");
            reader->y_path[-1] = '\0';
        }
        return spiral_npy_rows_open(reader->path, reader->y_path, &reader->options, &reader->npy, error);
    }
    if (spiral_text_ends_with(reader->path, ".npz"))
        return SPIRAL_OK;
    return spiral_csv_rows_open(reader->path, &reader->options, &reader->csv, error);
}

SpiralStatus spiral_reader_open(const char *path, const SpiralLoadOptions *options, SpiralReader **reader,
                                SpiralError *error)
{
    *reader = NULL;
    SpiralStatus status = check_options(options, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralReader *made = spiral_allocate(1, sizeof *made);
    if (made == NULL)
        return no_memory(path, error);
    made->options = *options;
    made->path = spiral_copy_string(path);
    status = made->path != NULL ? open_by_ending(made, error) : no_memory(path, error);
    if (status != SPIRAL_OK) {
        spiral_reader_close(made);
        return status;
    }
    *reader = made;
    return SPIRAL_OK;
}

static SpiralStatus next_rows(SpiralReader *reader, size_t most_rows, SpiralDataset *dataset, SpiralError *error)
{
    if (reader->csv != NULL)
        return spiral_csv_rows_next(reader->csv, most_rows, dataset, error);
    if (reader->npy != NULL)
        return spiral_npy_rows_next(reader->npy, most_rows, dataset, error);
    if (reader->ended)
        return SPIRAL_OK;
    reader->ended = true;
    return spiral_load_npz(reader->path, &reader->options, dataset, error);
}

SpiralStatus spiral_reader_next(SpiralReader *reader, size_t most_rows, SpiralDataset **block, SpiralError *error)
{
    *block = NULL;
    SpiralDataset *made = spiral_dataset_create();
    if (made == NULL)
        return no_memory(reader->path, error);
    SpiralStatus status = next_rows(reader, most_rows, made, error);
    if (status == SPIRAL_OK && made->rows > 0)
        status = spiral_dataset_publish(made, reader->path, error);
    if (status != SPIRAL_OK || made->rows == 0) {
        spiral_dataset_free(made);
        return status;
    }
    *block = made;
    return SPIRAL_OK;
}

size_t spiral_reader_dropped(const SpiralReader *reader)
{
    return reader->csv != NULL ? spiral_csv_rows_dropped(reader->csv) : 0;
}

void spiral_reader_close(SpiralReader *reader)
{
    if (reader == NULL)
        return;
    spiral_csv_rows_close(reader->csv);
    spiral_npy_rows_close(reader->npy);
    free(reader->path);
    free(reader);
}

SpiralStatus spiral_dataset_load(const char *path, const SpiralLoadOptions *options, SpiralDataset **dataset,
                                 SpiralError *error)
{
    *dataset = NULL;
    SpiralReader *reader;
    SpiralStatus status = spiral_reader_open(path, options, &reader, error);
    if (status == SPIRAL_OK)
        status = spiral_reader_next(reader, SIZE_MAX, dataset, error);
    spiral_reader_close(reader);
    return status;
}
