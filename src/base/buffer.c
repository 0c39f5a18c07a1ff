#include "base/buffer.h"

#include <string.h>

#include "base/memory.h"

enum { FIRST_CAPACITY = 4096 };

void spiral_buffer_add(SpiralBuffer *buffer, const char *bytes, size_t size)
{
    while (!buffer->failed && size + 1 > buffer->capacity - buffer->size) {
        size_t capacity = buffer->capacity == 0 ? FIRST_CAPACITY : 2 * buffer->capacity;
        char *grown = spiral_reallocate(buffer->bytes, capacity, 1);
        buffer->failed = grown == NULL;
        if (grown != NULL) {
            buffer->bytes = grown;
            buffer->capacity = capacity;
        }
    }
    if (buffer->failed)
        return;
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
    buffer->bytes[buffer->size] = '\0';
}
