/* shorten.h: names shortened to fit, so that no two become the same. */
#ifndef SPIRAL_BASE_SHORTEN_H
#define SPIRAL_BASE_SHORTEN_H

#include <stddef.h>

enum { SPIRAL_NAME_BYTES = 160, SPIRAL_SHORTEN_LIMIT = 128 /* names at a time */ };

typedef struct SpiralShortening {
    double (*width)(const void *context, const char *text);
    const void *context;
    const char *ellipsis; /* of at most 7 bytes */
    double share;         /* of the room, that the beginning of a name gets at first; its end has the rest */
    double gap;           /* left free before a number */
    double widest;
    size_t bytes; /* of a shortened name at most, with its NUL: 64 to SPIRAL_NAME_BYTES */
} SpiralShortening;

/* Copies the names, those that are too wide with an ellipsis in place of their middle. Names that differ still do:
 * where it is their middles that differ, more of the end or of the beginning is kept, or they begin where they differ,
 * and if that does not help either they are numbered. count is at most SPIRAL_SHORTEN_LIMIT. */
void spiral_shorten(const SpiralShortening *how, size_t count, const char *const *names,
                    char (*shortened)[SPIRAL_NAME_BYTES]);

/* The same for a terminal: as the names are shown, in that many columns, cut at their ends with ~ where they still
 * differ. */
void spiral_shorten_to_columns(size_t count, const char *const *names, size_t columns,
                               char (*shortened)[SPIRAL_NAME_BYTES]);

#endif
