/* load.c: loads a data set in the format given by the ending of its path. */
#include "data/load.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "data/storage.h"

SpiralLoadOptions spiral_load_defaults(void)
{
    return (SpiralLoadOptions){.header = SPIRAL_HEADER_AUTO, .delimiter = ','};
}

static SpiralStatus no_memory(const char *path, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory for the data");
}

static SpiralStatus load_pair(const char *path, size_t first_length, const SpiralLoadOptions *options,
                              SpiralDataset *dataset, SpiralError *error)
{
    char *X_path = spiral_copy_bytes(path, first_length);
    if (X_path == NULL)
        return no_memory(path, error);
    SpiralStatus status = spiral_load_npy(X_path, path + first_length + 1, options, dataset, error);
    free(X_path);
    return status;
}

static SpiralStatus load_by_ending(const char *path, const SpiralLoadOptions *options, SpiralDataset *dataset,
                                   SpiralError *error)
{
    const char *pair = strstr(path, ".npy,");
    if (pair != NULL && spiral_text_ends_with(path, ".npy"))
        return load_pair(path, (size_t)(pair - path) + strlen(".npy"), options, dataset, error);
    if (spiral_text_ends_with(path, ".npy"))
        return spiral_load_npy(path, NULL, options, dataset, error);
    if (spiral_text_ends_with(path, ".npz"))
        return spiral_load_npz(path, options, dataset, error);
    return spiral_load_csv(path, options, dataset, error);
}

static SpiralStatus check_options(const SpiralLoadOptions *options, SpiralError *error)
{
    unsigned char delimiter = (unsigned char)options->delimiter;
    if (delimiter == '\t' ||
        (delimiter < 0x7f && delimiter >= ' ' && !isalnum(delimiter) && strchr("\"+-._", delimiter) == NULL))
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
