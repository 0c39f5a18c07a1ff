/* load.h: the loaders behind spiral/dataset.h. Each fills in a dataset from spiral_dataset_create, which the caller
 * publishes or frees. Paths and options are borrowed until the loader is closed. */
#ifndef SPIRAL_DATA_LOAD_H
#define SPIRAL_DATA_LOAD_H

#include "spiral/dataset.h"

/* CSV: the rows of a file, in order. */
typedef struct SpiralCsvRows SpiralCsvRows;

SpiralStatus spiral_csv_rows_open(const char *path, const SpiralLoadOptions *options, SpiralCsvRows **rows,
                                  SpiralError *error);

/* The next rows, at most most_rows of them; none at the end of the file. */
SpiralStatus spiral_csv_rows_next(SpiralCsvRows *rows, size_t most_rows, SpiralDataset *dataset, SpiralError *error);
size_t spiral_csv_rows_dropped(const SpiralCsvRows *rows); /* left out so far because they lack a value */
void spiral_csv_rows_close(SpiralCsvRows *rows);           /* accepts NULL */

/* .npy: the same. When all rows are asked for at once, X stays mapped if its layout is the one needed. */
typedef struct SpiralNpyRows SpiralNpyRows;

/* y_path may be NULL: no labels. */
SpiralStatus spiral_npy_rows_open(const char *X_path, const char *y_path, const SpiralLoadOptions *options,
                                  SpiralNpyRows **rows, SpiralError *error);
SpiralStatus spiral_npy_rows_next(SpiralNpyRows *rows, size_t most_rows, SpiralDataset *dataset, SpiralError *error);
void spiral_npy_rows_close(SpiralNpyRows *rows); /* accepts NULL */

SpiralStatus spiral_load_npz(const char *path, const SpiralLoadOptions *options, SpiralDataset *dataset,
                             SpiralError *error);

#endif
