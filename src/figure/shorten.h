/* shorten.h: names shortened to fit into a figure. */
#ifndef SPIRAL_FIGURE_SHORTEN_H
#define SPIRAL_FIGURE_SHORTEN_H

#include <stddef.h>

#include "base/shorten.h"
#include "figure/sheet.h"

/* Shortens the names to that width in the sheet's font; see base/shorten.h. */
void spiral_shorten_names(const SpiralSheet *sheet, double text_size, size_t count, const char *const *names,
                          double widest, size_t bytes, char (*shortened)[SPIRAL_NAME_BYTES]);

#endif
