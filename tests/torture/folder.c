#define _XOPEN_SOURCE 700 /* nftw */
#include "folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static Folder *reading; /* nftw has no context */

static void give_up(const char *what, const char *path)
{
    fprintf(stderr, "torture: %s: %s\n", path, what);
    abort();
}

static void read_file(const char *path, FolderFile *file)
{
    file->bytes = malloc(file->size + 1);
    FILE *stream = fopen(path, "rb");
    if (file->bytes == NULL || stream == NULL || fread(file->bytes, 1, file->size, stream) != file->size)
        give_up("can't be read", path);
    fclose(stream);
}

static FolderFile *add_file(Folder *folder, const char *name, const struct stat *status)
{
    if (folder->count == FOLDER_FILES || strlen(name) >= FOLDER_PATH)
        give_up("more files than are kept", name);
    FolderFile *file = &folder->file[folder->count++];
    *file = (FolderFile){.is_folder = S_ISDIR(status->st_mode), .size = (size_t)status->st_size};
    strcpy(file->path, name);
    return file;
}

static int add(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)kind;
    if (place->level == 0)
        return 0;
    FolderFile *file = add_file(reading, path + strlen("./"), status);
    if (!file->is_folder)
        read_file(path, file);
    return 0;
}

void folder_add(Folder *folder, const char *path, const char *name)
{
    struct stat status;
    if (stat(path, &status) != 0)
        give_up("can't be read", path);
    read_file(path, add_file(folder, name, &status));
}

void folder_read(Folder *folder)
{
    folder->count = 0;
    reading = folder;
    nftw(".", add, 8, FTW_PHYS);
}

void folder_free(Folder *folder)
{
    for (size_t i = 0; i < folder->count; i++)
        free(folder->file[i].bytes);
    folder->count = 0;
}

static void write_file(const FolderFile *file)
{
    if (file->is_folder) {
        mkdir(file->path, 0777);
        return;
    }
    FILE *stream = fopen(file->path, "wb");
    if (stream == NULL || fwrite(file->bytes, 1, file->size, stream) != file->size || fclose(stream) != 0)
        give_up("can't be written", file->path);
}

void folder_restore(const Folder *found, const Folder *wanted)
{
    for (size_t i = found->count; i-- > 0;) /* what is in a folder stands behind it */
        if (folder_find(wanted, found->file[i].path) == NULL && remove(found->file[i].path) != 0)
            give_up("can't be removed", found->file[i].path);
    for (size_t i = 0; i < wanted->count; i++)
        if (!folder_same(folder_find(found, wanted->file[i].path), &wanted->file[i]))
            write_file(&wanted->file[i]);
}

const FolderFile *folder_find(const Folder *folder, const char *path)
{
    for (size_t i = 0; i < folder->count; i++)
        if (strcmp(folder->file[i].path, path) == 0)
            return &folder->file[i];
    return NULL;
}

bool folder_same(const FolderFile *a, const FolderFile *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return a->is_folder == b->is_folder &&
           (a->is_folder || (a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0));
}
