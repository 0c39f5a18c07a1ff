/* output_folder.c: the folders of outputs: made, locked, brought to the disk. */
#define _GNU_SOURCE /* syncfs */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/regular.h"
#include "spiral/output.h"

static SpiralStatus make_folder(const char *path, bool follow, SpiralError *error)
{
    struct stat status;
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0, "the folder could not be made: %s",
                                strerror(errno));
    bool known = (follow ? stat(path, &status) : lstat(path, &status)) == 0;
    if (known && S_ISLNK(status.st_mode))
        return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0, "is a symbolic link, expected a folder");
    if (!known || !S_ISDIR(status.st_mode))
        return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0, "is not a folder, and a folder is needed");
    if (access(path, W_OK | X_OK) != 0)
        return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0, "files can't be made in this folder: %s",
                                strerror(errno));
    return SPIRAL_OK;
}

/* If a parent cannot be created, creating the folder itself reports it. */
static SpiralStatus make_parents(const char *path, SpiralError *error)
{
    char *parent = spiral_allocate(strlen(path) + 1, 1);
    if (parent == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory to make it");
    strcpy(parent, path);
    for (char *slash = parent; (slash = strchr(slash + 1, '/')) != NULL; *slash = '/') {
        *slash = '\0';
        (void)mkdir(parent, 0777);
    }
    free(parent);
    return SPIRAL_OK;
}

SpiralStatus spiral_output_folder(const char *path, SpiralError *error)
{
    SpiralStatus status = path[0] != '\0' ? make_parents(path, error) : SPIRAL_OK;
    return status == SPIRAL_OK ? make_folder(path, true, error) : status;
}

SpiralStatus spiral_output_subfolder(const char *path, SpiralError *error)
{
    return make_folder(path, false, error);
}

SpiralStatus spiral_output_settle(const char *folder, SpiralError *error)
{
    int descriptor, failure;
    do
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (descriptor < 0 && errno == EINTR);
    do
        failure = descriptor < 0 || syncfs(descriptor) != 0 ? errno : 0;
    while (descriptor >= 0 && failure == EINTR);
    if (descriptor >= 0)
        close(descriptor);
    if (failure != 0)
        return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, folder, 0, "could not be written: %s", strerror(failure));
    return SPIRAL_OK;
}

struct SpiralFolderLock {
    int descriptor;
    bool own;    /* the file serves only as a lock */
    char path[]; /* of the file */
};

/* Opens and locks the file. Sets *gone when the process that held the lock removed the file in between. */
static SpiralStatus take_lock(SpiralFolderLock *lock, bool *gone, SpiralError *error)
{
    struct stat opened, there;
    SpiralStatus status = spiral_regular_hold(lock->path, O_CREAT, &lock->descriptor, error);
    if (status != SPIRAL_OK)
        return status;
    if (fstat(lock->descriptor, &opened) != 0)
        status =
            spiral_error_set(error, SPIRAL_ERROR_OUTPUT, lock->path, 0, "could not be written: %s", strerror(errno));
    if (status == SPIRAL_OK) {
        lock->own = opened.st_size == 0;
        *gone = lstat(lock->path, &there) != 0 || there.st_dev != opened.st_dev || there.st_ino != opened.st_ino;
    }
    if (status != SPIRAL_OK || *gone)
        close(lock->descriptor);
    return status;
}

SpiralStatus spiral_folder_lock(const char *folder, SpiralFolderLock **lock, SpiralError *error)
{
    *lock = NULL;
    size_t size = strlen(folder) + sizeof "/.lock";
    SpiralFolderLock *made = spiral_allocate(1, sizeof *made + size);
    if (made == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, folder, 0, "no memory to lock it");
    bool slash = folder[0] != '\0' && folder[strlen(folder) - 1] == '/';
    snprintf(made->path, size, "%s%s.lock", folder, slash ? "" : "/");
    for (bool gone = true; gone;) {
        SpiralStatus status = take_lock(made, &gone, error);
        if (status != SPIRAL_OK) {
            free(made);
            return status;
        }
    }
    *lock = made;
    return SPIRAL_OK;
}

void spiral_folder_unlock(SpiralFolderLock *lock)
{
    if (lock == NULL)
        return;
    if (lock->own)
        unlink(lock->path); /* while the lock is held: a process that has the file open sees that it is gone */
    close(lock->descriptor);
    free(lock);
}
