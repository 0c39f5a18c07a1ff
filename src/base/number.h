/* number.h: converts between decimal text and doubles, independently of the locale. */
#ifndef SPIRAL_BASE_NUMBER_H
#define SPIRAL_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for a number's text, and more: words of several digits are written at once. */
enum { SPIRAL_NUMBER_TEXT = 40 };

/* Reads [+-] digits [. digits] [e [+-] digits] as far as it goes before end, and returns where it stops, or NULL when
 * text does not start with a number. The value is the nearest double, ties to even; infinity when it is too large for
 * one. */
const char *spiral_number_parse(const char *text, const char *end, double *value);

/* The same with another character for the decimal point, a comma: then a point is no part of a number. */
const char *spiral_number_parse_point(const char *text, const char *end, char point, double *value);

/* Reads text that is a finite number, possibly between blanks; false if it is anything else. */
bool spiral_number_read(const char *text, size_t length, double *value);
bool spiral_number_read_point(const char *text, size_t length, char point, double *value);

/* The same as it is read of options and ranges: nothing before or after the number, no plus sign, and no number that is
 * too small for a double but 0. */
bool spiral_number_read_strictly(const char *text, size_t length, double *value);

/* Reads text that is decimal digits alone, up to SIZE_MAX. */
bool spiral_number_read_whole(const char *text, size_t length, size_t *value);

/* Is it a spelling of NaN or infinity, which other programs accept as a number? */
bool spiral_number_is_not_finite(const char *text, size_t length);

/* Writes the shortest decimal that reads back as the finite value, the nearest of these, in the form of printf's
 * "%.17g", and returns the length. */
size_t spiral_number_print(double value, char text[SPIRAL_NUMBER_TEXT]);

/* The shortest text that reads back as the finite value: "1", "1.5", "-0.1", "1e+20". */
void spiral_number_format(double value, char text[SPIRAL_NUMBER_TEXT]);

/* Writes an accuracy, from 0 to 1, with that many decimals. One below 1 is never rounded up to 1. Returns text. */
const char *spiral_accuracy_print(double accuracy, int decimals, char text[SPIRAL_NUMBER_TEXT]);

#endif
