/* regular.h: opens the files that a folder or another file names. They are regular files: a pipe would be waited for
 * without an end, and a device may be anything. What the user names on the command line is another matter. */
#ifndef SPIRAL_BASE_REGULAR_H
#define SPIRAL_BASE_REGULAR_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "spiral/status.h"

/* Opens path with the flags of open(). Where within is not NULL, path begins with it, and below within no symbolic link
 * is followed, in no component. On failure *descriptor is -1, and errno is ENOENT when there is no such file. Errors:
 * INPUT, or OUTPUT when it was to be written. */
SpiralStatus spiral_regular_open(const char *within, const char *path, int flags, int *descriptor, SpiralError *error);

/* The same, to be read by stdio. On failure *file is NULL. */
SpiralStatus spiral_regular_read(const char *within, const char *path, FILE **file, SpiralError *error);

/* Refuses what is no regular file, in the words of the two above. A folder or a link that is to be written is passed
 * over. */
SpiralStatus spiral_regular_expect(const char *path, mode_t mode, bool written, SpiralError *error);

/* Locks the file that is open for writing until this process closes it, by any of its descriptors. False when another
 * process has it; a file system without locks is taken for free. */
bool spiral_regular_take(int descriptor);

#endif
