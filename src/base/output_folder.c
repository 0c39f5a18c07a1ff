/* output_folder.c: the folders of outputs: made, locked, brought to the disk. */
#define _GNU_SOURCE /* syncfs */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/output_folder.h"

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
    SpiralStatus status = spiral_output_folder_check(path, error);
    if (status == SPIRAL_OK && (status = make_folder(path, false, error)) != SPIRAL_OK)
        (void)spiral_output_folder_check(path, error); /* it says more when the folder above is gone just now */
    return status;
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

enum { SHARE_TRIES = 100, SHARE_WAIT = 10000000 /* nanoseconds */ };

struct SpiralFolderLock {
    int descriptor; /* of the file */
    int folder;     /* the descriptor of the folder: as long as it is open, no other one has its inode */
    bool own;       /* the file serves only as a lock */
    const char *folder_path;
    SpiralFolderLock *next;
    char path[]; /* of the file, and behind it that of the folder */
};

/* The locks that this process holds, from the last one on: whoever writes a file knows only its path. Folders are
 * locked and unlocked while no other thread writes. */
static SpiralFolderLock *held;

static size_t length_without_slashes(const char *folder)
{
    size_t length = strlen(folder);
    while (length > 0 && folder[length - 1] == '/')
        length--;
    return length;
}

/* Is path the folder, or something in it? */
static bool is_in(const char *path, const char *folder)
{
    size_t length = length_without_slashes(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* Refuses a symbolic link among the folders between the locked one and the last part of path. */
static SpiralStatus refuse_links(const char *path, const char *folder, SpiralError *error)
{
    struct stat status;
    char part[PATH_MAX];
    const char *end = path + length_without_slashes(folder);
    while (*end == '/' && (end = strchr(end + strspn(end, "/"), '/')) != NULL) {
        snprintf(part, sizeof part, "%.*s", (int)(end - path), path);
        if (lstat(part, &status) == 0 && S_ISLNK(status.st_mode))
            return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, part, 0, "is a symbolic link, expected a folder");
    }
    return SPIRAL_OK;
}

SpiralStatus spiral_output_folder_check(const char *path, SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    for (const SpiralFolderLock *lock = held; status == SPIRAL_OK && lock != NULL; lock = lock->next) {
        if (!is_in(path, lock->folder_path))
            continue;
        status = spiral_regular_is(lock->folder, lock->folder_path)
                     ? refuse_links(path, lock->folder_path, error)
                     : spiral_error_set(error, SPIRAL_ERROR_OUTPUT, lock->folder_path, 0,
                                        "the output folder was renamed or replaced while the program ran");
    }
    return status;
}

bool spiral_output_folder_is_locked(const char *path)
{
    const SpiralFolderLock *lock = held;
    while (lock != NULL && !is_in(path, lock->folder_path))
        lock = lock->next;
    return lock != NULL;
}

/* Locks the file. A process that has shared the lock has it alone for a moment at its end (see spiral_folder_unlock):
 * another one that is to share it tries again. */
static SpiralStatus hold_lock(SpiralFolderLock *lock, SpiralHold hold, SpiralError *error)
{
    static const struct timespec wait = {.tv_nsec = SHARE_WAIT};
    SpiralStatus status = spiral_regular_hold(lock->path, O_CREAT, hold, &lock->descriptor, error);
    for (int i = 1; status != SPIRAL_OK && errno == EWOULDBLOCK && hold == SPIRAL_HOLD_SHARED && i < SHARE_TRIES; i++) {
        nanosleep(&wait, NULL);
        status = spiral_regular_hold(lock->path, O_CREAT, hold, &lock->descriptor, error);
    }
    return status;
}

/* Opens and locks the file. Sets *gone when the process that held the lock removed the file in between. */
static SpiralStatus take_lock(SpiralFolderLock *lock, SpiralHold hold, bool *gone, SpiralError *error)
{
    struct stat opened, there;
    SpiralStatus status = hold_lock(lock, hold, error);
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

/* Opens the folder, which need not be readable. */
static SpiralStatus open_folder(SpiralFolderLock *lock, SpiralError *error)
{
    do
        lock->folder = open(lock->folder_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    while (lock->folder < 0 && errno == EINTR);
    return lock->folder >= 0 ? SPIRAL_OK
                             : spiral_error_set(error, SPIRAL_ERROR_OUTPUT, lock->folder_path, 0,
                                                "could not be opened: %s", strerror(errno));
}

static SpiralStatus lock_folder(const char *folder, SpiralHold hold, SpiralFolderLock **lock, SpiralError *error)
{
    *lock = NULL;
    size_t length = strlen(folder), size = length + sizeof "/.lock";
    SpiralFolderLock *made = spiral_allocate(1, sizeof *made + size + length + 1);
    if (made == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, folder, 0, "no memory to lock it");
    bool slash = length > 0 && folder[length - 1] == '/';
    snprintf(made->path, size, "%s%s.lock", folder, slash ? "" : "/");
    made->folder_path = strcpy(made->path + size, folder);
    SpiralStatus status = open_folder(made, error);
    for (bool gone = true; status == SPIRAL_OK && gone;)
        status = take_lock(made, hold, &gone, error);
    if (status != SPIRAL_OK) {
        if (made->folder >= 0)
            close(made->folder);
        free(made);
        return status;
    }
    made->next = held;
    *lock = held = made;
    return SPIRAL_OK;
}

SpiralStatus spiral_folder_lock(const char *folder, SpiralFolderLock **lock, SpiralError *error)
{
    return lock_folder(folder, SPIRAL_HOLD_ALONE, lock, error);
}

SpiralStatus spiral_folder_share(const char *folder, SpiralFolderLock **lock, SpiralError *error)
{
    return lock_folder(folder, SPIRAL_HOLD_SHARED, lock, error);
}

void spiral_folder_unlock(SpiralFolderLock *lock)
{
    if (lock == NULL)
        return;
    for (SpiralFolderLock **at = &held; *at != NULL; at = &(*at)->next)
        if (*at == lock) {
            *at = lock->next;
            break;
        }
    /* While the lock is held alone: a process that has the file open sees that it is gone. Others that share the lock
     * still need the file. */
    if (lock->own && spiral_regular_take(lock->descriptor, SPIRAL_HOLD_ALONE))
        unlinkat(lock->folder, ".lock", 0); /* of this folder, wherever it is now */
    close(lock->descriptor);
    close(lock->folder);
    free(lock);
}
