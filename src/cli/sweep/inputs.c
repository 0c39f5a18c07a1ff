/* inputs.c: where the data files of an existing sweep are now. Its sweep.json names them as the command line did, with
 * their checksums, and the folder that the command was started in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/files.h"
#include "cli/sweep/internal.h"

const char *sweep_input_checksum(const cJSON *definition, const char *path, size_t length)
{
    const cJSON *inputs = cJSON_GetObjectItemCaseSensitive(definition, "inputs_crc32"), *member;
    cJSON_ArrayForEach(member, inputs)
    {
        if (strlen(member->string) == length && memcmp(member->string, path, length) == 0)
            return cJSON_GetStringValue(member);
    }
    return NULL;
}

size_t sweep_input_first_of_pair(const cJSON *definition, const char *path)
{
    if (sweep_input_checksum(definition, path, strlen(path)) != NULL)
        return 0;
    for (const char *comma = strchr(path, ','); comma != NULL; comma = strchr(comma + 1, ',')) {
        size_t first = (size_t)(comma - path);
        if (sweep_input_checksum(definition, path, first) != NULL &&
            sweep_input_checksum(definition, comma + 1, strlen(comma + 1)) != NULL)
            return first;
    }
    return 0;
}

static const char *folder_there(const cJSON *definition)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(definition, "directory"));
}

/* Sets *has to whether there is a file of that checksum. Errors: INPUT (it could not be read). */
static SpiralStatus has_checksum(const char *path, const char *expected, bool *has, SpiralError *error)
{
    struct stat file;
    uint32_t checksum;
    char text[16];
    *has = false;
    if (stat(path, &file) != 0 || !S_ISREG(file.st_mode))
        return SPIRAL_OK;
    SpiralStatus status = spiral_file_checksum(path, &checksum, error);
    if (status != SPIRAL_OK)
        return status;
    snprintf(text, sizeof text, "%08lx", (unsigned long)checksum);
    *has = strcmp(text, expected) == 0;
    return SPIRAL_OK;
}

/* Sets *found to the file of that name that has the sweep's checksum, looked for here and in the folder that the sweep
 * was started in; NULL when there is none. */
static SpiralStatus find_file(const cJSON *definition, const char *path, char **found, SpiralError *error)
{
    const char *folder = folder_there(definition), *expected = sweep_input_checksum(definition, path, strlen(path));
    *found = NULL;
    if (expected == NULL)
        return SPIRAL_OK;
    bool here, there = false;
    SpiralStatus status = has_checksum(path, expected, &here, error);
    if (status != SPIRAL_OK)
        return status;
    *found = here ? cli_copy_string(path) : NULL;
    if (!here && (folder == NULL || path[0] == '/'))
        return SPIRAL_OK;
    if (!here)
        *found = cli_join(folder, path);
    if (*found == NULL)
        return cli_no_memory(error);
    if (!here)
        status = has_checksum(*found, expected, &there, error);
    if (!here && !there) {
        free(*found);
        *found = NULL;
    }
    return status;
}

/* Looks for the two files of X.npy,y.npy, the first of which has a name of that length. */
static SpiralStatus find_pair(const cJSON *definition, const char *path, size_t length, char **found,
                              SpiralError *error)
{
    *found = NULL;
    char *first = cli_copy_string(path), *X = NULL, *y = NULL;
    if (first == NULL)
        return cli_no_memory(error);
    first[length] = '\0';
    SpiralStatus status = find_file(definition, first, &X, error);
    if (status == SPIRAL_OK && X != NULL)
        status = find_file(definition, path + length + 1, &y, error);
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

static SpiralStatus find_input(const char *option, const char *path, void *context, SpiralError *error)
{
    Sweep *sweep = context;
    if (strcmp(option, "--init-from") == 0) /* nothing reads it again */
        return SPIRAL_OK;
    SweepInputPlace *grown = realloc(sweep->places, (sweep->place_count + 1) * sizeof *grown);
    if (grown == NULL)
        return cli_no_memory(error);
    sweep->places = grown;
    SweepInputPlace place = {.given = path};
    size_t first = sweep_input_first_of_pair(sweep->definition, path);
    SpiralStatus status = first == 0 ? find_file(sweep->definition, path, &place.found, error)
                                     : find_pair(sweep->definition, path, first, &place.found, error);
    if (status == SPIRAL_OK)
        sweep->places[sweep->place_count++] = place;
    return status;
}

SpiralStatus sweep_find_inputs(Sweep *sweep, SpiralError *error)
{
    SpiralStatus status = sweep->definition == NULL || sweep->place_count > 0 /* looked for before */
                              ? SPIRAL_OK
                              : sweep_visit_inputs(sweep->settings, find_input, sweep, error);
    if (status != SPIRAL_OK)
        return status;
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

/* ---- inputs that no output may replace --------------------------------------------------------------------------- */

typedef struct Naming {
    const cJSON *definition;
    Files *files;
} Naming;

/* Names the file whose name is the first length bytes of path, in the folder that the sweep was started in. */
static void name_there(const Naming *naming, const char *option, const char *path, size_t length)
{
    Files *files = naming->files;
    const char *folder = folder_there(naming->definition);
    if (files->status != SPIRAL_OK || folder == NULL || path[0] == '/')
        return;
    char *there = cli_join(folder, path);
    if (there == NULL) {
        files->status = cli_no_memory(files->error);
        return;
    }
    there[strlen(there) - strlen(path) + length] = '\0';
    files_read(files, option, there);
    free(there);
}

static SpiralStatus name_input(const char *option, const char *path, void *context, SpiralError *error)
{
    const Naming *naming = context;
    (void)error; /* which is that of the files */
    bool weights = strcmp(option, "--init-from") == 0;
    if (weights)
        files_read(naming->files, option, path);
    else
        files_read_data(naming->files, option, path);
    if (naming->definition == NULL)
        return SPIRAL_OK;
    size_t first = weights ? 0 : sweep_input_first_of_pair(naming->definition, path);
    if (first > 0)
        name_there(naming, option, path, first++);
    name_there(naming, option, path + first, strlen(path + first));
    return SPIRAL_OK;
}

void sweep_name_inputs(const Sweep *sweep, Files *files)
{
    Naming naming = {sweep->definition, files};
    (void)sweep_visit_inputs(sweep->settings, name_input, &naming, files->error); /* name_input never fails */
}

void sweep_free_inputs(Sweep *sweep)
{
    for (size_t i = 0; i < sweep->place_count; i++)
        free(sweep->places[i].found);
    free(sweep->places);
}
