/* csv_dialect.h: how a table is written, found out from its first lines: delimiter, comments, header, row names. */
#ifndef SPIRAL_DATA_CSV_DIALECT_H
#define SPIRAL_DATA_CSV_DIALECT_H

#include "data/csv_reader.h"
#include "spiral/dataset.h"

/* Looks at the first lines of a reader that has just been opened. Sets the reader's delimiter, what it leaves out of
 * each record (an empty last field; the name of a row, as R writes it), and its place: before the header or the first
 * row. *header: does the first record hold the columns' names? A header in a comment becomes the first record. Errors:
 * INPUT (also for files of other kinds), LIMIT. */
SpiralStatus spiral_csv_dialect_find(SpiralCsvReader *reader, const SpiralLoadOptions *options, bool *header,
                                     SpiralError *error);

#endif
