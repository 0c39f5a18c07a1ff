#define _POSIX_C_SOURCE 200809L
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

bool spiral_multiply(size_t a, size_t b, size_t *product)
{
    if (b != 0 && a > SIZE_MAX / b)
        return false;
    *product = a * b;
    return true;
}

void *spiral_allocate(size_t count, size_t size)
{
    size_t bytes;
    if (!spiral_multiply(count, size, &bytes))
        return NULL;
    return calloc(1, bytes > 0 ? bytes : 1);
}

double *spiral_allocate_doubles(size_t count)
{
    size_t bytes;
    if (!spiral_multiply(count, sizeof(double), &bytes) || bytes > SIZE_MAX - ALIGNMENT)
        return NULL;
    void *block = NULL;
    return posix_memalign(&block, ALIGNMENT, bytes > 0 ? bytes : ALIGNMENT) == 0 ? block : NULL;
}

void *spiral_reallocate(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (!spiral_multiply(count, size, &bytes))
        return NULL;
    return realloc(block, bytes > 0 ? bytes : 1);
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
