/* csv_dialect.h: how a table is written, found out from its first lines: delimiter, comments, header, row names. */
#ifndef SPIRAL_DATA_CSV_DIALECT_H
#define SPIRAL_DATA_CSV_DIALECT_H

#include "data/csv_reader.h"
#include "spiral/dataset.h"

typedef struct SpiralCsvDialect {
    bool header;     /* the first record holds the columns' names */
    bool row_names;  /* each row begins with a name that the header has no name for, as R writes them */
    bool empty_last; /* each record ends in a delimiter with nothing after it */
} SpiralCsvDialect;

/* Looks at the first lines of a reader that has just been opened. Sets the reader's delimiter, what it leaves out of
 * each record, and its place: before the header or the first row. A header in a comment becomes the first record.
 * Errors: INPUT (also for files of other kinds), LIMIT. */
SpiralStatus spiral_csv_dialect_find(SpiralCsvReader *reader, const SpiralLoadOptions *options,
                                     SpiralCsvDialect *dialect, SpiralError *error);

#endif
