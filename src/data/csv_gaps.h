/* csv_gaps.h: missing values of a table: how many rows have some, and in which columns. */
#ifndef SPIRAL_DATA_CSV_GAPS_H
#define SPIRAL_DATA_CSV_GAPS_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/status.h"

/* Zeroed, there are none. */
typedef struct SpiralCsvGaps {
    size_t rows;       /* without gaps, as the reader counts them */
    size_t lacking;    /* rows with gaps */
    size_t *columns;   /* (columns) gaps in each; NULL while there are none */
    SpiralError first; /* about the first gap */
} SpiralCsvGaps;

/* Counts a gap, the first of its row or a further one. name: of the column, or NULL; text: what stands there. Errors:
 * LIMIT. */
SpiralStatus spiral_csv_gaps_note(SpiralCsvGaps *gaps, size_t column, size_t columns, bool first_in_row, size_t line,
                                  const char *name, const char *text, bool label, const char *path, SpiralError *error);

/* Refuses the table: the first gap, the number of rows and their columns (names may be NULL). Returns INPUT. */
SpiralStatus spiral_csv_gaps_refuse(const SpiralCsvGaps *gaps, size_t columns, const char *const *names,
                                    SpiralError *error);
void spiral_csv_gaps_free(SpiralCsvGaps *gaps);

#endif
