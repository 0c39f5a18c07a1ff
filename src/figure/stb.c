/* The one file with stb's code in it. Its asserts are on states that its callers rule out. */
#include "figure/stb.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

#include <zlib.h>

#include "base/memory.h"

void *spiral_arena_take(SpiralArena *arena, size_t size)
{
    size_t rounded = (size + 15) / 16 * 16;
    if (rounded < size || rounded > arena->size - arena->used)
        return NULL;
    void *taken = arena->bytes + arena->used;
    arena->used += rounded;
    return taken;
}

/* Of zlib, in place of what stb asks for. The next one takes twice as long and saves a fiftieth. */
enum { LEVEL = 6 };

/* The compressed image, until stb has freed it; stb forgets it when there is no memory for the file made of it. Its
 * hooks can't be given a context. */
static _Thread_local unsigned char *held;

unsigned char *spiral_stb_compress(unsigned char *bytes, int size, int *compressed_size, int level)
{
    (void)level;
    uLong bound = compressBound((uLong)size);
    if (bound > INT_MAX)
        return NULL;
    unsigned char *compressed = spiral_allocate(bound, 1);
    if (compressed == NULL)
        return NULL;
    if (compress2(compressed, &bound, bytes, (uLong)size, LEVEL) != Z_OK) {
        free(compressed);
        return NULL;
    }
    *compressed_size = (int)bound;
    held = compressed;
    return compressed;
}

static void release(void *block)
{
    if (block == held)
        held = NULL;
    free(block);
}

void spiral_stb_release(void)
{
    release(held);
}

#define STBTT_malloc(size, arena) spiral_arena_take(arena, size)
#define STBTT_free(block, arena) ((void)(block), (void)(arena))
#define STB_TRUETYPE_IMPLEMENTATION
#include <stb/stb_truetype.h>

#define STBIW_MALLOC(size) spiral_allocate(size, 1)
#define STBIW_REALLOC(block, size) spiral_reallocate(block, size, 1)
#define STBIW_FREE(block) release(block)
#define STBIW_ZLIB_COMPRESS spiral_stb_compress
#define STBI_WRITE_NO_STDIO
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>

/* Rows as they are: a figure of areas of one colour, also with shades, is a fifth smaller than with any other filter.
 * Set once, before there are threads. */
__attribute__((constructor)) static void filter_nothing(void)
{
    stbi_write_force_png_filter = 0;
}
