/* output_clear.c: removes the temporary files of outputs that killed processes have left. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/regular.h"
#include "base/temporary.h"
#include "spiral/output.h"

/* Is it the name of a temporary file, of an output whose own name matches one of the patterns? */
static bool is_temporary(const char *entry, const char *const *patterns)
{
    char name[NAME_MAX + 1];
    const char *target;
    size_t length;
    if (!spiral_temporary_is(entry, &target, &length) || length >= sizeof name)
        return false;
    snprintf(name, sizeof name, "%.*s", (int)length, target);
    while (*patterns != NULL && fnmatch(*patterns, name, 0) != 0)
        patterns++;
    return *patterns != NULL;
}

/* Removes the file unless a process has it open. What can't be opened or removed stays, and so does another file that
 * has the name by now. */
static void remove_unlocked(const char *path)
{
    int descriptor;
    if (spiral_regular_hold(path, 0, SPIRAL_HOLD_ALONE, &descriptor, NULL) != SPIRAL_OK)
        return;
    if (spiral_regular_is(descriptor, path))
        unlink(path);
    close(descriptor);
}

SpiralStatus spiral_output_clear(const char *folder, const char *const *patterns, SpiralError *error)
{
    DIR *opened = opendir(folder);
    if (opened == NULL && (errno == EACCES || errno == ENOENT))
        return SPIRAL_OK;
    if (opened == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, folder, 0, "could not be opened: %s", strerror(errno));
    SpiralStatus status = SPIRAL_OK;
    for (struct dirent *entry; status == SPIRAL_OK && (entry = readdir(opened)) != NULL;) {
        if (!is_temporary(entry->d_name, patterns))
            continue;
        size_t size = strlen(folder) + strlen(entry->d_name) + 2;
        char *path = spiral_allocate(size, 1);
        if (path == NULL) {
            status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, folder, 0, "no memory to clear it");
            break;
        }
        snprintf(path, size, "%s/%s", folder, entry->d_name);
        remove_unlocked(path);
        free(path);
    }
    closedir(opened);
    return status;
}
