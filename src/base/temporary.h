/* temporary.h: the names of unfinished files, ".NAME.PID-TRY.tmp" beside the file NAME that they become. */
#ifndef SPIRAL_BASE_TEMPORARY_H
#define SPIRAL_BASE_TEMPORARY_H

#include <stdbool.h>
#include <stddef.h>

enum { SPIRAL_TEMPORARY_BYTES = 64 }; /* by how much the name is longer than the path, at most */

/* Sets name to the temporary name for the file at path. attempt counts from 0, in case the name is taken. */
void spiral_temporary_name(const char *path, int attempt, char *name, size_t size);

/* Is the last part of path such a name? If so, *target is set to where NAME begins in it, and *length to its bytes. */
bool spiral_temporary_is(const char *path, const char **target, size_t *length);

/* Removes the file that is open, wherever it is now, if it is an unfinished file of this process. */
void spiral_temporary_remove(int descriptor);

/* Removes the unfinished files of this process. For handlers of signals that end it: async-signal-safe. It looks for
 * them among the open descriptors, so a file stays open until it is renamed, or signals are blocked in between. Without
 * /proc nothing is found. */
void spiral_temporary_remove_all(void);

/* Returns at once, unless spiral_temporary_remove_all has been called, in another thread: then it removes the file that
 * is open, as spiral_temporary_remove does, and never returns. So a thread neither makes a file that would stay, nor
 * reports that one of its files is gone. */
void spiral_temporary_wait_at_end(int descriptor);

#endif
