/* regular.h: opens files whose names come from a folder or another file, and insists on regular files: opening a pipe
 * could block forever, and a device could be anything. Files named on the command line are not restricted in this
 * way. */
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

/* Refuses anything but a regular file, with the same messages as the two above. A folder or link that is to be written
 * is let pass. */
SpiralStatus spiral_regular_expect(const char *path, mode_t mode, bool written, SpiralError *error);

/* Locks the file until the descriptor is closed, alone or shared with others. False if another process holds a lock
 * that does not allow it; on a file system without locks it always succeeds. */
typedef enum SpiralHold { SPIRAL_HOLD_ALONE, SPIRAL_HOLD_SHARED } SpiralHold;
bool spiral_regular_take(int descriptor, SpiralHold hold);

/* Is the file or folder that is open the one at path? False as well when there is none, or none that can be reached. */
bool spiral_regular_is(int descriptor, const char *path);

/* Opens the file at path, but no link, and locks it: for reading and writing, or for reading alone when it may not be
 * written. flags: 0, or O_CREAT. On failure *descriptor is -1, and errno is ENOENT when there is no such file, and
 * EWOULDBLOCK when another process holds the lock. Errors: OUTPUT. */
SpiralStatus spiral_regular_hold(const char *path, int flags, SpiralHold hold, int *descriptor, SpiralError *error);

#endif
