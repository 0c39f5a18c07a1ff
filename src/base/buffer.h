/* buffer.h: bytes that grow. */
#ifndef SPIRAL_BASE_BUFFER_H
#define SPIRAL_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed at the start. bytes are ended by NUL, which size does not count, and freed by free(). */
typedef struct SpiralBuffer {
    char *bytes;
    size_t size, capacity;
    bool failed; /* there was no memory: nothing is added any more */
} SpiralBuffer;

void spiral_buffer_add(SpiralBuffer *buffer, const char *bytes, size_t size);

#endif
