/* data_support.h: files for the tests of the data room. Include after cmocka.h. */
#ifndef SPIRAL_TESTS_DATA_SUPPORT_H
#define SPIRAL_TESTS_DATA_SUPPORT_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spiral/status.h"

/* Fails with the error's own words. */
#define assert_ok(status, error)                                                                                       \
    do {                                                                                                               \
        if ((status) != SPIRAL_OK)                                                                                     \
            fail_msg("%s:%zu: %s", (error).path, (error).line, (error).reason);                                        \
    } while (0)

/* The reason must hold the words. */
#define assert_reason(error, words)                                                                                    \
    do {                                                                                                               \
        if (strstr((error).reason, (words)) == NULL)                                                                   \
            fail_msg("'%s' is not in: %s:%zu: %s", (words), (error).path, (error).line, (error).reason);               \
    } while (0)

/* A cmocka setup and teardown: *state is the path of a new folder, later removed with the files in it. */
static inline int make_scratch(void **state)
{
    char *folder = malloc(64);
    if (folder == NULL)
        return -1;
    strcpy(folder, "/tmp/spiral-test-XXXXXX");
    *state = folder;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static inline int remove_scratch(void **state)
{
    char *folder = *state;
    DIR *files = opendir(folder);
    if (files == NULL)
        return -1;
    for (struct dirent *file; (file = readdir(files)) != NULL;) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, file->d_name);
        if (strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0)
            unlink(path);
    }
    closedir(files);
    int result = rmdir(folder);
    free(folder);
    return result;
}

/* FOLDER/name, in path (of 512). */
static inline const char *scratch_path(void **state, const char *name, char path[512])
{
    snprintf(path, 512, "%s/%s", (const char *)*state, name);
    return path;
}

static inline void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        fail_msg("%s could not be written", path);
}

/* The file's bytes, freed by free(). */
static inline unsigned char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        fail_msg("%s could not be read", path);
    long length = ftell(file);
    rewind(file);
    unsigned char *bytes = malloc((size_t)length + 1);
    if (bytes == NULL || fread(bytes, 1, (size_t)length, file) != (size_t)length)
        fail_msg("%s could not be read", path);
    fclose(file);
    bytes[length] = '\0';
    *size = (size_t)length;
    return bytes;
}

/* How many files and folders are in the folder. */
static inline size_t files_in(const char *folder)
{
    size_t count = 0;
    DIR *files = opendir(folder);
    for (struct dirent *file; (file = readdir(files)) != NULL;)
        count += strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0;
    closedir(files);
    return count;
}

#endif
