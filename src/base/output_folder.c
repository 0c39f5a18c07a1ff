#define _GNU_SOURCE /* syncfs */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

SpiralStatus spiral_output_folder(const char *path, SpiralError *error)
{
    return make_folder(path, true, error);
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
