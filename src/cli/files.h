/* files.h: collects all files that a command reads, writes and removes. No output may replace an input
 * or another output, or be a folder. A file that already exists in an output folder must be a regular file, which is
 * replaced: opening a pipe would block. */
#ifndef SPIRAL_CLI_FILES_H
#define SPIRAL_CLI_FILES_H

#include <stddef.h>

#include "spiral/status.h"

#include "cli/options/options.h"

/* ---- lists of files ---------------------------------------------------------------------------------------------- */

/* The files of an option that takes several. Zeroed when there are none. */
typedef struct FileList {
    size_t count;
    char **paths;       /* (count) */
    const char **lists; /* (count) the argument that the file is a piece of, or NULL; points into the command line */
} FileList;

/* The files that the arguments name, in order: an argument that is an existing file is that file, whatever its name
 * holds; any other is a list with commas between. flag names the option. On failure the list is zeroed. Errors: USAGE
 * (an empty name, more files than an option takes), LIMIT. */
SpiralStatus files_list(const char *flag, const OptionFiles *given, FileList *list, SpiralError *error);

/* Refuses a piece of a list that is not there: the list may be a misspelt name with commas. Call it after files_check.
 * Errors: INPUT. */
SpiralStatus files_list_check(const FileList *list, SpiralError *error);

void files_list_free(FileList *list);

/* ---- all files of a command -------------------------------------------------------------------------------------- */

typedef struct NamedFile NamedFile;

/* Zeroed, except for error. A command names its inputs, then its outputs, then the files in folders: those that it
 * reads, writes and removes. files_check reports what is refused. */
typedef struct Files {
    SpiralError *error;
    SpiralStatus status; /* of the first refused file */
    size_t count;
    NamedFile *named; /* (count) inputs and outputs, but those in folders */
} Files;

/* Names an input and its flag. "-" is standard input. path may be NULL. */
void files_read(Files *files, const char *flag, const char *path);
void files_read_data(Files *files, const char *flag, const char *path); /* X.npy,y.npy are two files */
void files_read_list(Files *files, const char *flag, const FileList *list);

/* The length in bytes of the first file name in X.npy,y.npy; 0 when the data is a single file, as an existing file is
 * whatever its name holds. */
size_t files_first_of_pair(const char *data);

/* Names an output given by the user. "-" is standard output. path may be NULL. */
void files_write(Files *files, const char *flag, const char *path);
void files_write_data(Files *files, const char *flag, const char *path); /* X.npy,y.npy are two files */

/* These name a file in a folder, which flag names. It is compared with the files named before, none of which is in a
 * folder. */
void files_read_in(Files *files, const char *flag, const char *folder, const char *name);
void files_write_in(Files *files, const char *flag, const char *folder, const char *name);
void files_remove_in(Files *files, const char *flag, const char *folder, const char *name); /* if it is there */

/* These name all that may be read or written in folder/name: the existing files that match the fnmatch() pattern, or
 * "SUBFOLDERS/FILES" for files in subfolders. */
void files_read_any_in(Files *files, const char *flag, const char *folder, const char *name, const char *pattern);
void files_write_any_in(Files *files, const char *flag, const char *folder, const char *name, const char *pattern);

/* As above, of the temporary files: those of killed runs are removed, so none may be an input by another name. One in
 * a folder that can't be listed is not removed. An empty name is the folder itself. */
void files_remove_temporaries_in(Files *files, const char *flag, const char *folder, const char *name,
                                 const char *pattern);

/* Always frees what it holds. Errors: USAGE (an output replaces a file), OUTPUT (an output can't be written),
 * LIMIT. */
SpiralStatus files_check(Files *files);

/* What is done with each file of a list of those that a run removes. */
typedef SpiralStatus FilesVisit(const char *folder, const char *name, void *context, SpiralError *error);

/* Names the file in the folder of --out as one that is removed if it is there; the context is a Files. */
FilesVisit files_name_removed;

/* Removes the file if it is a regular file; there is no context. Errors: OUTPUT, LIMIT. */
FilesVisit files_remove;

/* Removes folder/name, or folder if name is NULL, if it is a folder without anything in it. Errors: OUTPUT, LIMIT. */
SpiralStatus files_remove_folder(const char *folder, const char *name, SpiralError *error);

#endif
