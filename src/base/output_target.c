#define _XOPEN_SOURCE 700 /* realpath */
#include "base/output_target.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_LINKS = 40 }; /* the same limit as in Linux */

static bool begins_with(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* Is this folder, whose path has no links, one that the system manages? /dev/shm is not: it holds everyone's files. */
static bool is_systems(const char *folder)
{
    return begins_with(folder, "/proc") || (begins_with(folder, "/dev") && !begins_with(folder, "/dev/shm"));
}

/* Does the folder hold this process's descriptors? Its usual names count even when /proc is not mounted. */
static bool is_descriptors(const char *folder)
{
    struct stat a, b;
    if (strcmp(folder, "/dev/fd") == 0 || strcmp(folder, "/proc/self/fd") == 0)
        return true;
    return begins_with(folder, "/proc") && stat(folder, &a) == 0 && stat("/proc/self/fd", &b) == 0 &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static bool read_descriptor(const char *name, int *descriptor)
{
    size_t digits = strspn(name, "0123456789");
    if (digits == 0 || digits > 9 || name[digits] != '\0')
        return false;
    *descriptor = atoi(name);
    return true;
}

/* Splits path into its folder, with links resolved if it exists, and the name in it. Returns 0 or errno. */
static int split(const char *path, char folder[PATH_MAX], const char **name)
{
    char written[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
    *name = slash != NULL ? slash + 1 : path;
    snprintf(written, sizeof written, "%.*s", length > 0 ? (int)length : 1, length > 0 ? path : ".");
    if (is_descriptors(written) || realpath(written, folder) == NULL)
        memcpy(folder, written, sizeof written);
    return **name == '\0' ? EISDIR : 0;
}

/* Replaces the link at target->path, which is in folder, with the path it points to. Returns 0 or errno. */
static int follow(SpiralTarget *target, const char *folder)
{
    char text[PATH_MAX];
    ssize_t length = readlink(target->path, text, sizeof text - 1);
    if (length < 0)
        return errno;
    text[length] = '\0';
    bool absolute = text[0] == '/';
    size_t needed = (size_t)length + (absolute ? 0 : strlen(folder) + 1);
    if (needed >= sizeof target->path)
        return ENAMETOOLONG;
    size_t used = 0;
    if (!absolute) {
        used = strlen(folder);
        memcpy(target->path, folder, used);
        target->path[used++] = '/';
    }
    memcpy(target->path + used, text, (size_t)length + 1);
    return 0;
}

int spiral_output_target(const char *path, SpiralTarget *target)
{
    *target = (SpiralTarget){.kind = SPIRAL_TARGET_DESCRIPTOR, .descriptor = STDOUT_FILENO};
    if (strlen(path) >= sizeof target->path)
        return ENAMETOOLONG;
    memcpy(target->path, path, strlen(path) + 1);
    if (strcmp(path, "-") == 0)
        return 0;
    for (int links = 0; links <= MOST_LINKS; links++) {
        char folder[PATH_MAX];
        const char *name;
        struct stat status;
        int failure = split(target->path, folder, &name);
        if (failure != 0)
            return failure;
        if (is_descriptors(folder) && read_descriptor(name, &target->descriptor))
            return 0;
        bool there = lstat(target->path, &status) == 0;
        if (!there && errno != ENOENT)
            return errno;
        if (there && S_ISDIR(status.st_mode))
            return EISDIR;
        if (!there || !S_ISLNK(status.st_mode)) {
            bool regular = !there || S_ISREG(status.st_mode);
            target->kind = regular && !is_systems(folder) ? SPIRAL_TARGET_FILE : SPIRAL_TARGET_STREAM;
            return 0;
        }
        failure = follow(target, folder);
        if (failure != 0)
            return failure;
    }
    return ELOOP;
}
