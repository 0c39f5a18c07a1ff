/* inputs.c: where the data files of an existing sweep are now. Its sweep.json names them as the command line did, with
 * their checksums, and the folder that the command was started in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/sweep/internal.h"

static const char *checksum_there(const cJSON *definition, const char *path)
{
    const cJSON *inputs = cJSON_GetObjectItemCaseSensitive(definition, "inputs_crc32");
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(inputs, path));
}

static const char *folder_there(const cJSON *definition)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(definition, "directory"));
}

static bool has_checksum(const char *path, const char *expected)
{
    uint32_t checksum;
    char text[16];
    if (spiral_file_checksum(path, &checksum, NULL) != SPIRAL_OK)
        return false;
    snprintf(text, sizeof text, "%08lx", (unsigned long)checksum);
    return strcmp(text, expected) == 0;
}

/* Sets *found to the file of that name that has the sweep's checksum, looked for here and in the folder that the sweep
 * was started in; NULL when there is none. */
static SpiralStatus find_file(const cJSON *definition, const char *path, char **found, SpiralError *error)
{
    const char *folder = folder_there(definition), *expected = checksum_there(definition, path);
    bool here = has_checksum(path, expected);
    *found = here ? cli_copy_string(path) : NULL;
    if (!here && (folder == NULL || path[0] == '/'))
        return SPIRAL_OK;
    if (!here)
        *found = cli_join(folder, path);
    if (*found == NULL)
        return cli_no_memory(error);
    if (!here && !has_checksum(*found, expected)) {
        free(*found);
        *found = NULL;
    }
    return SPIRAL_OK;
}

/* X.npy,y.npy, whose names have a checksum each. */
static SpiralStatus find_pair(const cJSON *definition, const char *path, char **found, SpiralError *error)
{
    *found = NULL;
    char *first = cli_copy_string(path), *X = NULL, *y = NULL;
    if (first == NULL)
        return cli_no_memory(error);
    SpiralStatus status = SPIRAL_OK;
    for (char *comma = first; status == SPIRAL_OK && y == NULL && (comma = strchr(comma, ',')) != NULL; comma++) {
        *comma = '\0';
        if (checksum_there(definition, first) != NULL && checksum_there(definition, comma + 1) != NULL) {
            status = find_file(definition, first, &X, error);
            if (status == SPIRAL_OK && X != NULL)
                status = find_file(definition, comma + 1, &y, error);
            break;
        }
        *comma = ',';
    }
    if (y != NULL) {
        *found = cli_grow(X, ",%s", y);
        X = NULL;
        status = *found == NULL ? cli_no_memory(error) : SPIRAL_OK;
    }
    free(first);
    free(X);
    free(y);
    return status;
}

typedef struct Search {
    Sweep *sweep;
    const cJSON *definition;
} Search;

static SpiralStatus find_input(const char *option, const char *path, void *context, SpiralError *error)
{
    const Search *search = context;
    Sweep *sweep = search->sweep;
    if (strcmp(option, "--init-from") == 0) /* nothing reads it again */
        return SPIRAL_OK;
    SweepInputPlace *grown = realloc(sweep->places, (sweep->place_count + 1) * sizeof *grown);
    if (grown == NULL)
        return cli_no_memory(error);
    sweep->places = grown;
    SweepInputPlace place = {.given = path};
    SpiralStatus status = checksum_there(search->definition, path) != NULL
                              ? find_file(search->definition, path, &place.found, error)
                              : find_pair(search->definition, path, &place.found, error);
    if (status == SPIRAL_OK)
        sweep->places[sweep->place_count++] = place;
    return status;
}

SpiralStatus sweep_find_inputs(Sweep *sweep, const cJSON *definition, SpiralError *error)
{
    Search search = {sweep, definition};
    return sweep_visit_inputs(sweep->settings, find_input, &search, error);
}

SpiralStatus sweep_check_inputs(const Sweep *sweep, SpiralError *error)
{
    for (size_t i = 0; i < sweep->place_count; i++)
        if (sweep->places[i].found == NULL)
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                    "%s, from which the sweep was made, is not found here or has changed",
                                    sweep->places[i].given);
    return SPIRAL_OK;
}

const char *sweep_input_path(const Sweep *sweep, const char *given)
{
    for (size_t i = 0; given != NULL && i < sweep->place_count; i++)
        if (sweep->places[i].found != NULL && strcmp(sweep->places[i].given, given) == 0)
            return sweep->places[i].found;
    return given;
}

void sweep_free_inputs(Sweep *sweep)
{
    for (size_t i = 0; i < sweep->place_count; i++)
        free(sweep->places[i].found);
    free(sweep->places);
}
