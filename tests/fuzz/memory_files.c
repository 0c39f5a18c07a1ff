#define _POSIX_C_SOURCE 200809L
#include "memory_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

/* Descriptors above all that the system hands out, MOST_OPEN of them. */
enum { MOST_FILES = 32, MOST_OPEN = 8, FIRST_DESCRIPTOR = 1 << 20 };

typedef struct MemoryFile {
    const char *path;
    const uint8_t *bytes;
    size_t size;
} MemoryFile;

typedef struct OpenFile {
    const MemoryFile *file; /* NULL: this descriptor is free */
    size_t position;
} OpenFile;

static MemoryFile files[MOST_FILES];
static OpenFile open_files[MOST_OPEN];
static void *mapped[MOST_OPEN]; /* NULL where none is */

/* The place in mapped of a block, or of NULL: a free place. */
static size_t find_mapped(const void *block)
{
    size_t i = 0;
    while (i < MOST_OPEN && mapped[i] != block)
        i++;
    return i;
}

void memory_file_set(const char *path, const uint8_t *bytes, size_t size)
{
    size_t i = 0;
    while (i < MOST_FILES && files[i].path != NULL && strcmp(files[i].path, path) != 0)
        i++;
    MUST(i < MOST_FILES);
    files[i] = (MemoryFile){.path = path, .bytes = bytes, .size = size};
}

void memory_file_remove(const char *path)
{
    size_t last = 0, i = 0;
    while (last < MOST_FILES && files[last].path != NULL)
        last++;
    while (i < last && strcmp(files[i].path, path) != 0)
        i++;
    MUST(i < last);
    files[i] = files[last - 1];
    files[last - 1] = (MemoryFile){0};
}

static bool is_memory(const char *path)
{
    return strncmp(path, MEMORY_FOLDER, strlen(MEMORY_FOLDER)) == 0;
}

/* The counts that a program writes at its end where it is built for coverage. */
static bool is_coverage(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot != NULL && strcmp(dot, ".gcda") == 0;
}

/* NULL, and errno, when there is none. */
static const MemoryFile *find_file(const char *path)
{
    for (size_t i = 0; i < MOST_FILES && files[i].path != NULL; i++)
        if (strcmp(files[i].path, path) == 0)
            return &files[i];
    errno = ENOENT;
    return NULL;
}

static OpenFile *find_open(int descriptor)
{
    if (descriptor < FIRST_DESCRIPTOR || descriptor >= FIRST_DESCRIPTOR + MOST_OPEN)
        return NULL;
    OpenFile *found = &open_files[descriptor - FIRST_DESCRIPTOR];
    MUST(found->file != NULL);
    return found;
}

static void describe(const MemoryFile *file, struct stat *status)
{
    memset(status, 0, sizeof *status);
    status->st_mode = S_IFREG | 0644;
    status->st_ino = (ino_t)(file - files) + 1; /* no two are the same file */
    status->st_size = (off_t)file->size;
}

/* ---- what the linker puts in the place of the system's ----------------------------------------------------------- */

#define REPLACE(result, name, ...)                                                                                     \
    result __real_##name(__VA_ARGS__);                                                                                 \
    result __wrap_##name(__VA_ARGS__);

REPLACE(int, open, const char *path, int flags, ...)
REPLACE(ssize_t, read, int descriptor, void *target, size_t size)
REPLACE(ssize_t, pread, int descriptor, void *target, size_t size, off_t offset)
REPLACE(int, close, int descriptor)
REPLACE(int, fstat, int descriptor, struct stat *status)
REPLACE(int, stat, const char *path, struct stat *status)
REPLACE(void *, mmap, void *address, size_t size, int protection, int flags, int descriptor, off_t offset)
REPLACE(int, munmap, void *address, size_t size)
REPLACE(int, madvise, void *address, size_t size, int advice)
REPLACE(int, openat, int folder, const char *path, int flags, ...)
REPLACE(zip_t *, zip_fdopen, int descriptor, int flags, int *code)
REPLACE(FILE *, fopen, const char *path, const char *mode)
REPLACE(FILE *, fdopen, int descriptor, const char *mode)

int __wrap_open(const char *path, int flags, ...)
{
    if (!is_memory(path)) {
        MUST((flags & O_CREAT) == 0 || is_coverage(path)); /* an input that makes files could make any */
        return __real_open(path, flags, 0666);
    }
    const MemoryFile *file = find_file(path);
    size_t i = 0;
    while (i < MOST_OPEN && open_files[i].file != NULL)
        i++;
    MUST(i < MOST_OPEN); /* otherwise some file is never closed */
    open_files[i] = (OpenFile){.file = file};
    return file != NULL ? FIRST_DESCRIPTOR + (int)i : -1;
}

ssize_t __wrap_read(int descriptor, void *target, size_t size)
{
    OpenFile *from = find_open(descriptor);
    if (from == NULL)
        return __real_read(descriptor, target, size);
    size_t left = from->file->size - from->position, count = size < left ? size : left;
    if (count > 0)
        memcpy(target, from->file->bytes + from->position, count);
    from->position += count;
    return (ssize_t)count;
}

ssize_t __wrap_pread(int descriptor, void *target, size_t size, off_t offset)
{
    const OpenFile *from = find_open(descriptor);
    if (from == NULL)
        return __real_pread(descriptor, target, size, offset);
    size_t start = (size_t)offset < from->file->size ? (size_t)offset : from->file->size;
    size_t left = from->file->size - start, count = size < left ? size : left;
    if (count > 0)
        memcpy(target, from->file->bytes + start, count);
    return (ssize_t)count;
}

int __wrap_close(int descriptor)
{
    OpenFile *closed = find_open(descriptor);
    if (closed == NULL)
        return __real_close(descriptor);
    closed->file = NULL;
    return 0;
}

int __wrap_fstat(int descriptor, struct stat *status)
{
    const OpenFile *found = find_open(descriptor);
    if (found == NULL)
        return __real_fstat(descriptor, status);
    describe(found->file, status);
    return 0;
}

int __wrap_stat(const char *path, struct stat *status)
{
    if (!is_memory(path))
        return __real_stat(path, status);
    const MemoryFile *file = find_file(path);
    if (file == NULL)
        return -1;
    describe(file, status);
    return 0;
}

void *__wrap_mmap(void *address, size_t size, int protection, int flags, int descriptor, off_t offset)
{
    const OpenFile *from = find_open(descriptor);
    if (from == NULL)
        return __real_mmap(address, size, protection, flags, descriptor, offset);
    MUST(offset == 0 && size == from->file->size && protection == PROT_READ);
    size_t i = find_mapped(NULL);
    MUST(i < MOST_OPEN); /* otherwise some file stays mapped */
    mapped[i] = malloc(size);
    MUST(mapped[i] != NULL);
    memcpy(mapped[i], from->file->bytes, size);
    return mapped[i];
}

int __wrap_munmap(void *address, size_t size)
{
    size_t i = find_mapped(address);
    if (address == NULL || i == MOST_OPEN)
        return __real_munmap(address, size);
    free(mapped[i]);
    mapped[i] = NULL;
    return 0;
}

/* A block of malloc shares its pages with others, which MADV_DONTNEED would clear. */
int __wrap_madvise(void *address, size_t size, int advice)
{
    return address == NULL || find_mapped(address) == MOST_OPEN ? __real_madvise(address, size, advice) : 0;
}

int __wrap_openat(int folder, const char *path, int flags, ...)
{
    MUST((flags & O_CREAT) == 0);
    return is_memory(path) ? __wrap_open(path, flags) : __real_openat(folder, path, flags);
}

/* The descriptor becomes the archive's. */
zip_t *__wrap_zip_fdopen(int descriptor, int flags, int *code)
{
    OpenFile *opened = find_open(descriptor);
    if (opened == NULL)
        return __real_zip_fdopen(descriptor, flags, code);
    const MemoryFile *file = opened->file;
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(file->bytes, file->size, 0, &error);
    zip_t *zip = source != NULL ? zip_open_from_source(source, flags, &error) : NULL;
    if (zip == NULL) {
        zip_source_free(source);
        *code = zip_error_code_zip(&error);
    } else {
        opened->file = NULL;
    }
    zip_error_fini(&error);
    return zip;
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
    if (!is_memory(path))
        return __real_fopen(path, mode);
    const MemoryFile *file = find_file(path);
    if (file == NULL)
        return NULL;
    return fmemopen((void *)(uintptr_t)file->bytes, file->size, mode);
}

/* The descriptor becomes the stream's. */
FILE *__wrap_fdopen(int descriptor, const char *mode)
{
    OpenFile *opened = find_open(descriptor);
    if (opened == NULL)
        return __real_fdopen(descriptor, mode);
    FILE *file = fmemopen((void *)(uintptr_t)opened->file->bytes, opened->file->size, mode);
    if (file != NULL)
        opened->file = NULL;
    return file;
}
