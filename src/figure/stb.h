/* stb.h: what the project gives stb in place of the C library. */
#ifndef SPIRAL_FIGURE_STB_H
#define SPIRAL_FIGURE_STB_H

#include <stddef.h>

/* Memory for one glyph at a time: handed out from the front, taken back all at once, so that drawing text can't fail
 * half way. stb gets the arena through the font's userdata. */
typedef struct SpiralArena {
    unsigned char *bytes;
    size_t size, used;
} SpiralArena;

void *spiral_arena_take(SpiralArena *arena, size_t size); /* NULL when it is used up */

/* zlib's deflate in place of stb's own, which asserts that every allocation succeeds. The result is allocated, NULL
 * when there is no memory or it would not fit an int. */
unsigned char *spiral_stb_compress(unsigned char *bytes, int size, int *compressed_size, int level);

/* To be called when encoding a PNG has failed: frees what stb does not. */
void spiral_stb_release(void);

#endif
