#define _DEFAULT_SOURCE /* madvise */
#include "data/npy_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/regular.h"
#include "data/file_kind.h"

static SpiralStatus map(const char *path, int descriptor, SpiralNpyFile *file, SpiralError *error)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "could not be read: %s", strerror(errno));
    if (status.st_size == 0)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "is empty, expected a .npy array");
    if ((uintmax_t)status.st_size > SIZE_MAX)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "is larger than the address space");
    void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (bytes == MAP_FAILED)
        return spiral_error_set(error, errno == ENOMEM ? SPIRAL_ERROR_LIMIT : SPIRAL_ERROR_INPUT, path, 0,
                                "could not be mapped: %s", strerror(errno));
    file->bytes = bytes;
    file->size = (size_t)status.st_size;
    return SPIRAL_OK;
}

/* The header is parsed from a copy, because the mapping may change between two reads. */
static SpiralStatus parse(const char *path, SpiralNpyFile *file, SpiralError *error)
{
    const SpiralNpySource source = {.path = path};
    size_t size = file->size < SPIRAL_NPY_HEADER_MOST ? file->size : SPIRAL_NPY_HEADER_MOST;
    unsigned char *head = spiral_allocate(size, 1);
    if (head == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory to read it");
    memcpy(head, file->bytes, size);
    SpiralStatus status = spiral_file_kind_refuse((const char *)head, size, SPIRAL_FILE_NPY, path, error);
    if (status == SPIRAL_OK)
        status = spiral_npy_parse(head, size, file->size, &source, &file->header, error);
    free(head);
    return status;
}

SpiralStatus spiral_npy_file_open(const char *path, SpiralNpyFile *file, SpiralError *error)
{
    *file = (SpiralNpyFile){0};
    int descriptor;
    SpiralStatus status = spiral_regular_open(NULL, path, O_RDONLY, &descriptor, error);
    if (status != SPIRAL_OK)
        return status;
    status = map(path, descriptor, file, error);
    close(descriptor); /* the mapping stays */
    if (status == SPIRAL_OK)
        status = parse(path, file, error);
    if (status != SPIRAL_OK)
        spiral_npy_file_close(file);
    return status;
}

void spiral_npy_file_close(SpiralNpyFile *file)
{
    if (file->bytes != NULL)
        munmap(file->bytes, file->size);
    *file = (SpiralNpyFile){0};
}

void spiral_npy_file_forget(const SpiralNpyFile *file)
{
    if (file->bytes != NULL)
        madvise(file->bytes, file->size, MADV_DONTNEED); /* failing, it costs memory alone */
}

const double *spiral_npy_file_doubles(const SpiralNpyFile *file)
{
    bool usable = spiral_npy_is_native(&file->header, 'f', 8) && file->header.data_offset % 8 == 0;
    return usable ? (const void *)(file->bytes + file->header.data_offset) : NULL;
}
