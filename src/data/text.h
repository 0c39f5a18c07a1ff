/* text.h: UTF-8, checked. */
#ifndef SPIRAL_DATA_TEXT_H
#define SPIRAL_DATA_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The code point at bytes, of which there are length (at least 1); *size becomes the bytes it takes, 0 when they are
 * not UTF-8 (too long a form, a surrogate, above U+10FFFF, cut off). */
uint32_t spiral_text_decode(const char *bytes, size_t length, size_t *size);

/* Writes the code point's UTF-8 and returns its bytes, 1 to 4; 0 when it is none (a surrogate, above U+10FFFF). */
size_t spiral_text_encode(uint32_t code, char bytes[4]);

/* Is all of it UTF-8? If not, *position is the first byte that is not. */
bool spiral_text_check(const char *bytes, size_t length, size_t *position);

/* The length of text cut to at most limit bytes, between two characters. For messages. */
int spiral_text_cut(const char *text, size_t length, size_t limit);

#endif
