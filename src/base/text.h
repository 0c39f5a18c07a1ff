/* text.h: UTF-8, and how text from files and arguments is shown.
 *
 * Names, paths and pieces of files are anybody's bytes. Whatever prints or draws them shows them by spiral_text_shown:
 * a control character is spelled, "\x1b" when it is ASCII and "\u202e" otherwise, and so is a byte that is not UTF-8,
 * "\xff". So they can't move the cursor, colour what follows, turn its direction, or start a line. */
#ifndef SPIRAL_BASE_TEXT_H
#define SPIRAL_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- UTF-8 ------------------------------------------------------------------------------------------------------- */

/* The code point at bytes, of which there are length (at least 1); *size becomes the bytes it takes, 0 when they are
 * not UTF-8 (too long a form, a surrogate, above U+10FFFF, cut off). */
uint32_t spiral_text_decode(const char *bytes, size_t length, size_t *size);

/* Writes the code point's UTF-8 and returns its bytes, 1 to 4; 0 when it is none (a surrogate, above U+10FFFF). */
size_t spiral_text_encode(uint32_t code, char bytes[4]);

/* Is all of it UTF-8? If not, *position is the first byte that is not. */
bool spiral_text_check(const char *bytes, size_t length, size_t *position);

/* Does it hold a letter of any script? Bytes that are not UTF-8 count as letters. */
bool spiral_text_has_letter(const char *text, size_t length);

/* Does the path end so, with a name before the ending (".npz")? */
bool spiral_text_ends_with(const char *path, const char *ending);

/* The length of text cut to at most limit bytes, between two characters. */
int spiral_text_cut(const char *text, size_t length, size_t limit);

/* The two arguments of "%.*s" that print text cut to at most limit bytes, between two characters. */
#define SPIRAL_TEXT_CUT(text, limit) spiral_text_cut((text), strlen(text), (limit)), (text)

/* ---- as it is shown ---------------------------------------------------------------------------------------------- */

/* Does the code point control a terminal, change the direction of text, or show nothing? Unicode's categories Cc (C0,
 * DEL, C1), Cf (marks of direction, the soft hyphen, signs that begin a number), Zl and Zp, and what no text may
 * contain; not the joiners, which belong to words. */
bool spiral_text_is_control(uint32_t code);

enum { SPIRAL_SHOWN_BYTES = 10 };

/* A character as it is shown, with the columns that it takes on a terminal: 0 when it combines with the one before, 2
 * when it is wide. */
typedef struct SpiralShown {
    char bytes[SPIRAL_SHOWN_BYTES];
    size_t size, columns;
} SpiralShown;

/* The first character of bytes, of which there are length (at least 1); *used becomes the bytes it takes there. */
SpiralShown spiral_text_shown(const char *bytes, size_t length, size_t *used);

/* Fills shown, which has size bytes, with the string as it is shown, cut between characters and ended by NUL; returns
 * its length. May be called by signal handlers. */
size_t spiral_text_show(const char *string, char *shown, size_t size);

/* The columns of a terminal that the first length bytes of text take. */
size_t spiral_text_columns(const char *text, size_t length);

/* The bytes of the longest beginning of the string that takes at most that many columns. */
size_t spiral_text_fit(const char *string, size_t columns);

#endif
