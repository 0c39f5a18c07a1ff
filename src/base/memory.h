/* memory.h: checked allocation, the only one in the library (stb, the code of others, aside). */
#ifndef SPIRAL_BASE_MEMORY_H
#define SPIRAL_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* count * size bytes set to zero; NULL when there is no memory or the product overflows. At least one byte is given, so
 * NULL always means failure. Freed by free(). */
void *spiral_allocate(size_t count, size_t size);

/* The same, not set to zero and aligned to 64 bytes (a cache line, a vector register). */
double *spiral_allocate_doubles(size_t count);

/* Grows or shrinks to count * size bytes; on failure NULL, and the old block is still there. */
void *spiral_reallocate(void *block, size_t count, size_t size);

/* A copy of the string, or of its first length bytes and a NUL; NULL when there is no memory. */
char *spiral_copy_string(const char *string);
char *spiral_copy_bytes(const char *bytes, size_t length);

/* *product = a * b; false when that overflows. */
bool spiral_multiply(size_t a, size_t b, size_t *product);

#endif
