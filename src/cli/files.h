/* files.h: all files that a command reads and writes, known before it writes the first. No output may replace an input
 * or another output, and a file in an output folder that is there already is a regular one, which is replaced: a pipe
 * would be waited for. */
#ifndef SPIRAL_CLI_FILES_H
#define SPIRAL_CLI_FILES_H

#include <stddef.h>

#include "spiral/status.h"

typedef struct NamedFile NamedFile;

/* Zeroed, but for error. A command names all that it reads, then what it writes; files_check tells what is refused. */
typedef struct Files {
    SpiralError *error;
    SpiralStatus status; /* of the first refusal */
    size_t count;
    NamedFile *named; /* (count) inputs, and outputs that are not in a folder of outputs */
} Files;

/* An input and the flag that names it; "-" is standard input; path may be NULL. */
void files_read(Files *files, const char *flag, const char *path);
void files_read_data(Files *files, const char *flag, const char *path);  /* X.npy,y.npy are two */
void files_read_list(Files *files, const char *flag, const char *paths); /* FILE,FILE,... */

/* How many bytes of X.npy,y.npy name its first file; 0 when data is one file. */
size_t files_first_of_pair(const char *data);

/* An output that the user names; "-" is standard output; path may be NULL. */
void files_write(Files *files, const char *flag, const char *path);
void files_write_data(Files *files, const char *flag, const char *path); /* X.npy,y.npy are two */

/* The file name in a folder of outputs, which flag names; and all that may be written in folder/name: the files
 * there that match the pattern of fnmatch(), or in subfolders with "SUBFOLDERS/FILES". */
void files_write_in(Files *files, const char *flag, const char *folder, const char *name);
void files_write_any_in(Files *files, const char *flag, const char *folder, const char *name, const char *pattern);

/* Frees what it holds, in any case. Errors: USAGE (an output replaces a file), OUTPUT (its target is not a regular
 * file), LIMIT. */
SpiralStatus files_check(Files *files);

#endif
