#define _DEFAULT_SOURCE /* madvise */
#define _POSIX_C_SOURCE 200809L
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 64, LARGE_BYTES = 1 << 22 };

bool spiral_multiply(size_t a, size_t b, size_t *product)
{
    if (b != 0 && a > SIZE_MAX / b)
        return false;
    *product = a * b;
    return true;
}

/* Requests huge pages for a large block. Zeroing it in small pages, each at its first use, takes as long as filling it.
 * Memory that is not used still costs nothing, beyond the next 2 MB boundary. */
static void *advise(void *block, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    if (block != NULL && bytes >= LARGE_BYTES) {
        const uintptr_t page = 4096;
        uintptr_t begin = (uintptr_t)block / page * page, end = ((uintptr_t)block + bytes + page - 1) / page * page;
        madvise((void *)begin, end - begin, MADV_HUGEPAGE);
    }
#endif
    return block;
}

void *spiral_allocate(size_t count, size_t size)
{
    size_t bytes;
    if (!spiral_multiply(count, size, &bytes))
        return NULL;
    return advise(calloc(1, bytes > 0 ? bytes : 1), bytes);
}

double *spiral_allocate_doubles(size_t count)
{
    return spiral_allocate_matrix(count, 1);
}

double *spiral_allocate_matrix(size_t rows, size_t columns)
{
    size_t count, bytes;
    if (!spiral_multiply(rows, columns, &count) || !spiral_multiply(count, sizeof(double), &bytes) ||
        bytes > SIZE_MAX - ALIGNMENT)
        return NULL;
    void *block = NULL;
    return posix_memalign(&block, ALIGNMENT, bytes > 0 ? bytes : ALIGNMENT) == 0 ? advise(block, bytes) : NULL;
}

void *spiral_reallocate(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (!spiral_multiply(count, size, &bytes))
        return NULL;
    return advise(realloc(block, bytes > 0 ? bytes : 1), bytes);
}

char *spiral_copy_string(const char *string)
{
    return spiral_copy_bytes(string, strlen(string));
}

char *spiral_copy_bytes(const char *bytes, size_t length)
{
    if (length == SIZE_MAX)
        return NULL;
    char *copy = malloc(length + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}
