/* save.h: writes a data set to .csv or .npy files some rows at a time, so that it need not be in memory. */
#ifndef SPIRAL_DATA_SAVE_H
#define SPIRAL_DATA_SAVE_H

#include "spiral/dataset.h"

typedef struct SpiralWriter SpiralWriter;

/* Does path name an .npz, which can't be written row by row? */
bool spiral_writer_is_archive(const char *path);

/* Begins the files of path. Of the data set only the sizes and names are looked at, here and until the commit. Errors:
 * USAGE (an ending that is unknown, or not for data with or without labels), OUTPUT, LIMIT. */
SpiralStatus spiral_writer_open(const SpiralDataset *dataset, const char *path, SpiralWriter **writer,
                                SpiralError *error);

/* Is it CSV? */
bool spiral_writer_is_text(const SpiralWriter *writer);

/* Adds rows: X (rows, D) and, with labels, y (rows). */
SpiralStatus spiral_writer_add(SpiralWriter *writer, size_t rows, const double *X, const int64_t *y,
                               SpiralError *error);

/* All rows are there: makes the files whole and frees the writer, also when that fails. Two files are both written
 * before either replaces its target. */
SpiralStatus spiral_writer_commit(SpiralWriter *writer, SpiralError *error);
void spiral_writer_discard(SpiralWriter *writer); /* accepts NULL */

#endif
