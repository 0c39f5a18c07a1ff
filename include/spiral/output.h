/* output.h: files that are whole or not there.
 *
 * An output is written beside its target under a temporary name, flushed to the disk and renamed over the target when
 * it is complete; whatever fails before that leaves the old file as it was. The path "-" is standard output, which can
 * only be streamed, and so is what is no regular file, or is in /dev or /proc (but /dev/shm), also through a link:
 * nothing is made or renamed there. A terminal gets control characters and what is not UTF-8 spelled (\x1b), line feeds
 * and tabs aside. A log is the exception: it grows in place, by whole lines, and is a regular file. */
#ifndef SPIRAL_OUTPUT_H
#define SPIRAL_OUTPUT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "spiral/status.h"

typedef struct SpiralOutput SpiralOutput;

/* Opens a temporary file in the folder of path. Errors: OUTPUT (the folder is missing or read-only, the target is a
 * folder), LIMIT (memory). On failure *output is NULL. */
SpiralStatus spiral_output_create(const char *path, SpiralOutput **output, SpiralError *error);

/* Opens the log at path itself, cut to its first keep bytes (0: emptied; a keep past its end is refused). What is
 * written reaches the file in whole lines only. One process at a time: to another it is an OUTPUT error. */
SpiralStatus spiral_output_create_log(const char *path, uint64_t keep, SpiralOutput **output, SpiralError *error);

/* Adds size bytes, or a formatted text. After a failure every later call on the output fails likewise. */
SpiralStatus spiral_output_write(SpiralOutput *output, const void *bytes, size_t size, SpiralError *error);
SpiralStatus spiral_output_print(SpiralOutput *output, SpiralError *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Hands what is buffered to the system (of a log: the whole lines). */
SpiralStatus spiral_output_flush(SpiralOutput *output, SpiralError *error);

/* The same of a log, and waits until it is on the disk. */
SpiralStatus spiral_output_sync(SpiralOutput *output, SpiralError *error);

/* Makes the file whole at its path and frees the output, also when it fails (then the old file is still there). */
SpiralStatus spiral_output_commit(SpiralOutput *output, SpiralError *error);

/* When it is committed, the output need not be on the disk: for many small files, which spiral_output_settle brings
 * there together. A program that is killed leaves them whole all the same; a machine that fails may leave them
 * empty. */
void spiral_output_defer(SpiralOutput *output);

/* Takes from the file that is made the permissions that mode, of stat(), has not: a copy is open to no more people than
 * what it is of. */
SpiralStatus spiral_output_narrow(SpiralOutput *output, mode_t mode, SpiralError *error);

/* Waits until all that was written to the folder's file system is on the disk. Errors: OUTPUT. */
SpiralStatus spiral_output_settle(const char *folder, SpiralError *error);

/* Gives the output up: the temporary file is removed, the target is untouched (a log keeps its whole lines).
 * Accepts NULL. */
void spiral_output_discard(SpiralOutput *output);

/* Creates the folder path unless it is there, and checks that files can be made in it. A symbolic link to a folder
 * is one. */
SpiralStatus spiral_output_folder(const char *path, SpiralError *error);

/* The same for a folder within that: a symbolic link is refused, so that nothing is written elsewhere. */
SpiralStatus spiral_output_subfolder(const char *path, SpiralError *error);

/* One process at a time writes into a folder, from its first file to its last: to another it is an OUTPUT error. The
 * lock is held on the file .lock in the folder, which is empty and removed with it; one that a kill left behind is no
 * lock. */
typedef struct SpiralFolderLock SpiralFolderLock;
SpiralStatus spiral_folder_lock(const char *folder, SpiralFolderLock **lock, SpiralError *error);
void spiral_folder_unlock(SpiralFolderLock *lock); /* accepts NULL */

/* Writes size bytes to path as one whole file: create, write, commit. */
SpiralStatus spiral_output_save(const char *path, const void *bytes, size_t size, SpiralError *error);

#endif
