/* memory.h: checked allocation, used everywhere in the library except in stb. */
#ifndef SPIRAL_BASE_MEMORY_H
#define SPIRAL_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Allocates count * size zeroed bytes, at least one; NULL when out of memory or when the product overflows. Free it
 * with free(). */
void *spiral_allocate(size_t count, size_t size);

/* The same, but not zeroed and aligned to 64 bytes (a cache line, a vector register). */
double *spiral_allocate_doubles(size_t count);
double *spiral_allocate_matrix(size_t rows, size_t columns);

/* Grows or shrinks to count * size bytes; on failure returns NULL, and the old block stays valid. */
void *spiral_reallocate(void *block, size_t count, size_t size);

/* A copy of the string, or of its first length bytes and a NUL; NULL when there is no memory. */
char *spiral_copy_string(const char *string);
char *spiral_copy_bytes(const char *bytes, size_t length);

/* *product = a * b; false when that overflows. */
bool spiral_multiply(size_t a, size_t b, size_t *product);

#endif
