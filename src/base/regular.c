#define _DEFAULT_SOURCE /* flock */
#include "base/regular.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_written(int flags)
{
    return (flags & O_ACCMODE) != O_RDONLY;
}

/* Preserves errno. */
static SpiralStatus fail(const char *path, int flags, SpiralError *error)
{
    int failure = errno;
    SpiralStatus kind = is_written(flags) ? SPIRAL_ERROR_OUTPUT : SPIRAL_ERROR_INPUT;
    SpiralStatus status = failure == ELOOP && (flags & O_NOFOLLOW) != 0
                              ? spiral_error_set(error, kind, path, 0, "is a symbolic link, expected a regular file")
                          : is_written(flags)
                              ? spiral_error_set(error, kind, path, 0, "could not be written: %s", strerror(failure))
                              : spiral_error_set(error, kind, path, 0, "could not be opened: %s", strerror(failure));
    errno = failure;
    return status;
}

/* What is let through here is left to open(), whose error says what it is. */
SpiralStatus spiral_regular_expect(const char *path, mode_t mode, bool written, SpiralError *error)
{
    if (S_ISREG(mode) || (written && (S_ISDIR(mode) || S_ISLNK(mode))))
        return SPIRAL_OK;
    const char *found = S_ISDIR(mode)    ? "a folder"
                        : S_ISLNK(mode)  ? "a symbolic link"
                        : S_ISFIFO(mode) ? "a pipe"
                        : S_ISSOCK(mode) ? "a socket"
                                         : "a device";
    errno = EINVAL;
    return spiral_error_set(error, written ? SPIRAL_ERROR_OUTPUT : SPIRAL_ERROR_INPUT, path, 0,
                            "is %s, expected a regular file", found);
}

static int open_at(int folder, const char *name, int flags)
{
    int opened;
    do
        opened = openat(folder, name, flags, 0666);
    while (opened < 0 && errno == EINTR);
    return opened;
}

/* Opens the file that was checked and checks it again, because it may have been replaced in between. With O_NONBLOCK,
 * opening a pipe does not block either. */
static SpiralStatus open_looked_at(int folder, const char *name, const char *path, int flags, int *descriptor,
                                   SpiralError *error)
{
    struct stat status;
    int opened = open_at(folder, name, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (opened < 0)
        return fail(path, flags, error);
    SpiralStatus result = fstat(opened, &status) != 0
                              ? fail(path, flags, error)
                              : spiral_regular_expect(path, status.st_mode, is_written(flags), error);
    if (result == SPIRAL_OK) {
        *descriptor = opened;
        return SPIRAL_OK;
    }
    int failure = errno;
    close(opened);
    errno = failure;
    return result;
}

static SpiralStatus open_followed(const char *path, int flags, int *descriptor, SpiralError *error)
{
    struct stat status;
    bool there = ((flags & O_NOFOLLOW) != 0 ? lstat(path, &status) : stat(path, &status)) == 0;
    SpiralStatus result = there ? spiral_regular_expect(path, status.st_mode, is_written(flags), error) : SPIRAL_OK;
    return result == SPIRAL_OK ? open_looked_at(AT_FDCWD, path, path, flags, descriptor, error) : result;
}

/* Opens the folder at path. The last length bytes of path are its name in the folder that is already open. */
static SpiralStatus open_component(int folder, const char *path, size_t length, int *opened, SpiralError *error)
{
    struct stat status;
    const char *name = path + strlen(path) - length;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return fail(path, O_RDONLY, error);
    if (S_ISLNK(status.st_mode))
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "is a symbolic link, expected a folder");
    *opened = open_at(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return *opened < 0 ? fail(path, O_RDONLY, error) : SPIRAL_OK;
}

/* Opens the folder of path one component at a time, starting at within. *name is set to the rest of path. */
static SpiralStatus open_folder_below(const char *within, const char *path, int *folder, const char **name,
                                      SpiralError *error)
{
    *name = path + strlen(within);
    *folder = open_at(AT_FDCWD, within, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*folder < 0)
        return fail(within, O_RDONLY, error);
    for (;;) {
        char part[PATH_MAX];
        *name += strspn(*name, "/");
        size_t length = strcspn(*name, "/"), used = (size_t)(*name - path) + length;
        if ((*name)[length] == '\0')
            return SPIRAL_OK;
        int next = -1;
        snprintf(part, sizeof part, "%.*s", (int)used, path);
        errno = ENAMETOOLONG;
        SpiralStatus status =
            used < sizeof part ? open_component(*folder, part, length, &next, error) : fail(path, O_RDONLY, error);
        int failure = errno;
        close(*folder);
        errno = failure;
        if (status != SPIRAL_OK)
            return status;
        *folder = next;
        *name += length;
    }
}

static SpiralStatus open_below(const char *within, const char *path, int flags, int *descriptor, SpiralError *error)
{
    int folder;
    const char *name;
    SpiralStatus result = open_folder_below(within, path, &folder, &name, error);
    if (result != SPIRAL_OK)
        return result;
    struct stat status;
    bool there = fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    result = there ? spiral_regular_expect(path, status.st_mode, is_written(flags), error) : SPIRAL_OK;
    if (result == SPIRAL_OK)
        result = open_looked_at(folder, name, path, flags | O_NOFOLLOW, descriptor, error);
    int failure = errno;
    close(folder);
    errno = failure;
    return result;
}

SpiralStatus spiral_regular_open(const char *within, const char *path, int flags, int *descriptor, SpiralError *error)
{
    *descriptor = -1;
    return within == NULL ? open_followed(path, flags, descriptor, error)
                          : open_below(within, path, flags, descriptor, error);
}

SpiralStatus spiral_regular_read(const char *within, const char *path, FILE **file, SpiralError *error)
{
    int descriptor;
    *file = NULL;
    SpiralStatus status = spiral_regular_open(within, path, O_RDONLY, &descriptor, error);
    if (status != SPIRAL_OK)
        return status;
    *file = fdopen(descriptor, "rb");
    if (*file != NULL)
        return SPIRAL_OK;
    status = fail(path, O_RDONLY, error);
    close(descriptor);
    return status;
}

bool spiral_regular_take(int descriptor, SpiralHold hold)
{
    int operation = hold == SPIRAL_HOLD_SHARED ? LOCK_SH : LOCK_EX;
    return flock(descriptor, operation | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

bool spiral_regular_is(int descriptor, const char *path)
{
    struct stat opened, there;
    return fstat(descriptor, &opened) == 0 && stat(path, &there) == 0 && opened.st_dev == there.st_dev &&
           opened.st_ino == there.st_ino;
}

/* On a network file system a file can be locked only by who may write it. */
SpiralStatus spiral_regular_hold(const char *path, int flags, SpiralHold hold, int *descriptor, SpiralError *error)
{
    SpiralStatus status = spiral_regular_open(NULL, path, O_RDWR | O_NOFOLLOW | flags, descriptor, error);
    if (status != SPIRAL_OK && errno == EACCES &&
        spiral_regular_open(NULL, path, O_RDONLY | O_NOFOLLOW, descriptor, NULL) == SPIRAL_OK)
        status = SPIRAL_OK;
    if (status != SPIRAL_OK || spiral_regular_take(*descriptor, hold))
        return status;
    close(*descriptor);
    *descriptor = -1;
    errno = EWOULDBLOCK;
    return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0,
                            "is being written by another run, expected a folder for each");
}
