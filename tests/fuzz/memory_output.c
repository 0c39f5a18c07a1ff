/* memory_output.c: outputs that become files in memory (memory_files.h) when they are committed, so that what was
 * written can be read back without a system call. */
#define _POSIX_C_SOURCE 200809L
#include <stdarg.h>
#include <string.h>

#include "memory_files.h"
#include "spiral/output.h"

struct SpiralOutput {
    char *path;
    uint8_t *bytes;
    size_t size, capacity;
};

enum { MOST_OUTPUTS = 16 };

static SpiralOutput *committed[MOST_OUTPUTS]; /* NULL behind the last */

static void free_output(SpiralOutput *output)
{
    free(output->path);
    free(output->bytes);
    free(output);
}

void memory_outputs_forget(void)
{
    for (size_t i = 0; i < MOST_OUTPUTS && committed[i] != NULL; i++) {
        memory_file_remove(committed[i]->path);
        free_output(committed[i]);
        committed[i] = NULL;
    }
}

__typeof__(spiral_output_create) __wrap_spiral_output_create;
SpiralStatus __wrap_spiral_output_create(const char *path, SpiralOutput **output, SpiralError *error)
{
    (void)error;
    *output = calloc(1, sizeof **output);
    MUST(path[0] != '\0' && *output != NULL);
    (*output)->path = strdup(path);
    MUST((*output)->path != NULL);
    return SPIRAL_OK;
}

__typeof__(spiral_output_write) __wrap_spiral_output_write;
SpiralStatus __wrap_spiral_output_write(SpiralOutput *output, const void *bytes, size_t size, SpiralError *error)
{
    (void)error;
    if (size > output->capacity - output->size) {
        output->capacity = 2 * (output->size + size);
        output->bytes = realloc(output->bytes, output->capacity);
        MUST(output->bytes != NULL);
    }
    if (size > 0)
        memcpy(output->bytes + output->size, bytes, size);
    output->size += size;
    return SPIRAL_OK;
}

__typeof__(spiral_output_print) __wrap_spiral_output_print;
SpiralStatus __wrap_spiral_output_print(SpiralOutput *output, SpiralError *error, const char *format, ...)
{
    char text[1 << 12];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    MUST(length >= 0 && (size_t)length < sizeof text);
    return __wrap_spiral_output_write(output, text, (size_t)length, error);
}

__typeof__(spiral_output_flush) __wrap_spiral_output_flush;
SpiralStatus __wrap_spiral_output_flush(SpiralOutput *output, SpiralError *error)
{
    (void)output;
    (void)error;
    return SPIRAL_OK;
}

/* A later file of the same name takes the place of the earlier one. */
__typeof__(spiral_output_commit) __wrap_spiral_output_commit;
SpiralStatus __wrap_spiral_output_commit(SpiralOutput *output, SpiralError *error)
{
    (void)error;
    size_t i = 0;
    while (i < MOST_OUTPUTS && committed[i] != NULL && strcmp(committed[i]->path, output->path) != 0)
        i++;
    MUST(i < MOST_OUTPUTS);
    memory_file_set(output->path, output->bytes, output->size);
    if (committed[i] != NULL)
        free_output(committed[i]);
    committed[i] = output;
    return SPIRAL_OK;
}

__typeof__(spiral_output_discard) __wrap_spiral_output_discard;
void __wrap_spiral_output_discard(SpiralOutput *output)
{
    if (output != NULL)
        free_output(output);
}

__typeof__(spiral_output_save) __wrap_spiral_output_save;
SpiralStatus __wrap_spiral_output_save(const char *path, const void *bytes, size_t size, SpiralError *error)
{
    SpiralOutput *output;
    MUST(__wrap_spiral_output_create(path, &output, error) == SPIRAL_OK);
    MUST(__wrap_spiral_output_write(output, bytes, size, error) == SPIRAL_OK);
    return __wrap_spiral_output_commit(output, error);
}
