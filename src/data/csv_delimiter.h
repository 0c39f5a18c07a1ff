/* csv_delimiter.h: the character between the fields of a table, found out from its first lines. */
#ifndef SPIRAL_DATA_CSV_DELIMITER_H
#define SPIRAL_DATA_CSV_DELIMITER_H

#include <stddef.h>

#include "spiral/dataset.h"

/* The delimiter that explains most of the (length) bytes of these lines, of which the last may be cut; a comma when
 * none does, and with decimal commas a semicolon. Errors: LIMIT. */
SpiralStatus spiral_csv_delimiter_find(const char *bytes, size_t length, SpiralDecimal decimal, char *delimiter,
                                       SpiralError *error);

#endif
