/* page.h: writes a self-contained HTML page: its markup, style and script from the folder assets, which are embedded in
 * the program, and the data that the script shows. The page loads nothing: its policy allows its own style and script
 * alone, by their hashes, so that nothing in the data can become script. */
#ifndef SPIRAL_CLI_PAGE_H
#define SPIRAL_CLI_PAGE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "spiral/output.h"

typedef enum PageKind { PAGE_RUN, PAGE_EXPLANATION } PageKind;

/* Write the page up to the body's own markup, and from there to its end, with the data as JSON. title is plain text; it
 * may hold any characters, and so may the data. A failed write is kept by the output and reported when it is
 * committed. */
void page_begin(PageKind kind, const char *title, SpiralOutput *output);
void page_end(PageKind kind, const char *json, SpiralOutput *output);

/* Each adds numbers in base64, as the bytes of float64 or float32 with the low byte first. False when out of memory. */
bool page_add_doubles(cJSON *object, const char *key, const double *values, size_t count);
bool page_add_floats(cJSON *object, const char *key, const float *values, size_t count);

#endif
