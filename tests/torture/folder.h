/* folder.h: the files of a folder, kept in memory. */
#ifndef SPIRAL_TESTS_TORTURE_FOLDER_H
#define SPIRAL_TESTS_TORTURE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

enum { FOLDER_FILES = 64, FOLDER_PATH = 256 };

typedef struct FolderFile {
    char path[FOLDER_PATH]; /* below the folder */
    bool is_folder;
    unsigned char *bytes; /* (size) */
    size_t size;
} FolderFile;

typedef struct Folder {
    size_t count;
    FolderFile file[FOLDER_FILES];
} Folder;

/* Reads the current folder and those in it; ends the program when there is more than fits. */
void folder_read(Folder *folder);
/* Adds one file as it is now, under the name given. */
void folder_add(Folder *folder, const char *path, const char *name);
void folder_free(Folder *folder);

/* Leaves in the current folder, in which is what was found, what is wanted, and nothing else. */
void folder_restore(const Folder *found, const Folder *wanted);

/* NULL when there is none of this path. */
const FolderFile *folder_find(const Folder *folder, const char *path);

/* Are both there, or both not (NULL), and the same? */
bool folder_same(const FolderFile *a, const FolderFile *b);

#endif
