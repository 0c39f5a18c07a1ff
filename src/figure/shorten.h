/* shorten.h: names shortened to fit, so that no two become the same. */
#ifndef SPIRAL_FIGURE_SHORTEN_H
#define SPIRAL_FIGURE_SHORTEN_H

#include <stddef.h>

#include "figure/sheet.h"

enum { SPIRAL_NAME_BYTES = 160, SPIRAL_SHORTEN_LIMIT = 128 /* names at a time */ };

/* Copies the names, those that are too wide with an ellipsis in place of their middle. Names that differ still do:
 * where it is their middles that differ, more of the end or of the beginning is kept, or they begin where they differ,
 * and if that does not help either they are numbered. count is at most SPIRAL_SHORTEN_LIMIT. A shortened name has at
 * most `bytes` bytes, 64 to SPIRAL_NAME_BYTES, with its NUL. */
void spiral_shorten_names(const SpiralSheet *sheet, double text_size, size_t count, const char *const *names,
                          double widest, size_t bytes, char (*shortened)[SPIRAL_NAME_BYTES]);

#endif
