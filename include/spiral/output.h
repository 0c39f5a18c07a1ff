/* output.h: atomic output files: complete, or not there at all.
 *
 * An output is written next to its target under a temporary name, flushed to the disk and renamed over the target once
 * it is complete; a failure before that leaves the old file as it was. Standard output (the path "-") is streamed
 * instead, and so is anything that is not a regular file or lies in /dev or /proc (except /dev/shm), also through a
 * link: nothing is created or renamed there. On a terminal, control characters other than line feed and tab, and bytes
 * that are not UTF-8, are escaped (\x1b). A log is renamed when it has its first lines, and then grows in place, by
 * whole lines. */
#ifndef SPIRAL_OUTPUT_H
#define SPIRAL_OUTPUT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "spiral/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct SpiralOutput SpiralOutput;

/* Opens a temporary file in the folder of path. Errors: OUTPUT (the folder is missing or read-only, the target is a
 * folder), LIMIT (memory). On failure *output is NULL. */
SpiralStatus spiral_output_create(const char *path, SpiralOutput **output, SpiralError *error);

/* Opens a log: a new file that begins with the first keep bytes of the log at path (a keep past its end is refused) and
 * takes its place at the first flush. What is written reaches the file in whole lines only. A log that another process
 * has open is an OUTPUT error. */
SpiralStatus spiral_output_create_log(const char *path, uint64_t keep, SpiralOutput **output, SpiralError *error);

/* Appends size bytes, or formatted text. After a failure every later call on the output fails, too. */
SpiralStatus spiral_output_write(SpiralOutput *output, const void *bytes, size_t size, SpiralError *error);
SpiralStatus spiral_output_print(SpiralOutput *output, SpiralError *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Writes out the buffer (of a log, its whole lines). A log that is no longer at its path, because it was removed or
 * replaced, is an OUTPUT error, and so is one that holds less than was written. */
SpiralStatus spiral_output_flush(SpiralOutput *output, SpiralError *error);

/* Flushes a log and waits until it is on the disk. */
SpiralStatus spiral_output_sync(SpiralOutput *output, SpiralError *error);

/* Puts the complete file at its path and frees the output. On failure the output is freed, too, and the old file is
 * still there (or the new one, when it could not be made sure that its name is on the disk). */
SpiralStatus spiral_output_commit(SpiralOutput *output, SpiralError *error);

/* Lets commit return before the file is on the disk, for many small files that spiral_output_settle then syncs
 * together. They are still complete if the program is killed, but may be empty if the machine crashes. */
void spiral_output_defer(SpiralOutput *output);

/* Removes from the new file all permissions that are not in mode (st_mode of stat()), so that a copy is accessible to
 * no more people than the original. */
SpiralStatus spiral_output_narrow(SpiralOutput *output, mode_t mode, SpiralError *error);

/* Waits until everything written to the folder's file system is on the disk. Errors: OUTPUT. */
SpiralStatus spiral_output_settle(const char *folder, SpiralError *error);

/* Abandons the output: removes the temporary file and leaves the target untouched (a log in its place keeps its whole
 * lines). Accepts NULL. */
void spiral_output_discard(SpiralOutput *output);

/* Creates the folder at path unless it exists, and checks that files can be created in it. A symbolic link to a folder
 * is accepted. */
SpiralStatus spiral_output_folder(const char *path, SpiralError *error);

/* The same for a folder inside an output folder: here a symbolic link is refused, so that nothing is written elsewhere.
 * */
SpiralStatus spiral_output_subfolder(const char *path, SpiralError *error);

/* Removes from the folder the temporary files of outputs whose names match one of the patterns (of fnmatch()), which
 * end with NULL: killed processes have left them. A file that a process is writing stays. Errors: OUTPUT, LIMIT. */
SpiralStatus spiral_output_clear(const char *folder, const char *const *patterns, SpiralError *error);

/* Keeps other processes from writing into the same folder, from the first file to the last; a folder that is already
 * locked is an OUTPUT error. The lock is on the empty file .lock in the folder, which unlocking removes. A .lock left
 * behind by a killed process does not count. When another folder, or none, has the path of one that is locked, outputs
 * there are OUTPUT errors, and none takes its place. So is an output in a locked folder whose path is that of a pipe or
 * a device, or of a link to one, or leads through a symbolic link below that folder. */
typedef struct SpiralFolderLock SpiralFolderLock;
SpiralStatus spiral_folder_lock(const char *folder, SpiralFolderLock **lock, SpiralError *error);
void spiral_folder_unlock(SpiralFolderLock *lock); /* accepts NULL */

/* The same, shared with the processes that call this for the folder too, each of which writes into a folder of its own
 * in it. Whoever calls spiral_folder_lock is refused. It waits for a second before it is refused itself. */
SpiralStatus spiral_folder_share(const char *folder, SpiralFolderLock **lock, SpiralError *error);

/* Writes size bytes to path: create, write, commit. */
SpiralStatus spiral_output_save(const char *path, const void *bytes, size_t size, SpiralError *error);

#ifdef __cplusplus
}
#endif

#endif
