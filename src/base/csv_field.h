/* csv_field.h: a text as one field of CSV, for every file that has texts in it. */
#ifndef SPIRAL_BASE_CSV_FIELD_H
#define SPIRAL_BASE_CSV_FIELD_H

#include "spiral/output.h"

/* The field, freed by free(); NULL when there is no memory. It is quoted where it would be read as something else
 * without: when it is empty or another word for a missing value, nan or infinity, holds a comma, a quote, a line end or
 * Ctrl-Z, begins or ends with a blank or a no-break space, or begins as a comment or with a byte order mark. */
char *spiral_csv_field(const char *text);

/* Writes the field. It needs no memory, so that a row is not left half-written. Errors: OUTPUT. */
SpiralStatus spiral_csv_field_write(SpiralOutput *output, const char *text, SpiralError *error);

#endif
