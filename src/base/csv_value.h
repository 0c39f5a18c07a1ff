/* csv_value.h: what the text of a field may mean: a number, a truth value, a missing value, something like a number. */
#ifndef SPIRAL_BASE_CSV_VALUE_H
#define SPIRAL_BASE_CSV_VALUE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum SpiralCsvKind {
    SPIRAL_CSV_MISSING,     /* empty, NA, ?, nan ... */
    SPIRAL_CSV_WHOLE,       /* a number of digits alone */
    SPIRAL_CSV_DECIMAL,     /* any other number */
    SPIRAL_CSV_INFINITE,    /* inf, which may also be a name */
    SPIRAL_CSV_BOOLEAN,     /* true or false */
    SPIRAL_CSV_LIKE_NUMBER, /* begins as a number does: 1,000 or 40% or 1.0D+07 */
    SPIRAL_CSV_TEXT
} SpiralCsvKind;

SpiralCsvKind spiral_csv_kind(const char *text, size_t length);

/* Whole or decimal. */
bool spiral_csv_is_number(SpiralCsvKind kind);

/* A missing feature: empty, NA, N/A, ?, nan, null or None, in any case. */
bool spiral_csv_is_missing(const char *text, size_t length);

/* A missing label: the same, but for words that may be a class's name: as NumPy, pandas, R, SQL and Weka write them. */
bool spiral_csv_is_missing_label(const char *text, size_t length);

/* true or false, in any case. */
bool spiral_csv_read_boolean(const char *text, size_t length, double *value);

/* A number with a comma for the decimal point, and no other. */
bool spiral_csv_is_decimal_comma(const char *text, size_t length);

/* A number with separators between its thousands, which may also be a decimal comma or point: 1,000. */
bool spiral_csv_is_grouped(const char *text, size_t length);

/* What is wrong with a text that begins as a number does, as "without a percent sign"; NULL when nothing is known.
 * point: the decimal point of numbers, '.' or ','. */
const char *spiral_csv_explain(const char *text, size_t length, char point);

#endif
