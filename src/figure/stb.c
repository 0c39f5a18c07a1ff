/* The one file with stb's code in it. Its asserts are on states that its callers rule out. */
#include "figure/stb.h"

void *spiral_arena_take(SpiralArena *arena, size_t size)
{
    size_t rounded = (size + 15) / 16 * 16;
    if (rounded < size || rounded > arena->size - arena->used)
        return NULL;
    void *taken = arena->bytes + arena->used;
    arena->used += rounded;
    return taken;
}

#define STBTT_malloc(size, arena) spiral_arena_take(arena, size)
#define STBTT_free(block, arena) ((void)(block), (void)(arena))
#define STB_TRUETYPE_IMPLEMENTATION
#include <stb/stb_truetype.h>
