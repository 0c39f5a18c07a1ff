/* dataset.h: N observations of D features with a class each; loaded, saved, looked at. */
#ifndef SPIRAL_DATASET_H
#define SPIRAL_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spiral/status.h"

/* Read-only to everyone but its maker. Freed by spiral_dataset_free. */
typedef struct SpiralDataset {
    size_t rows;                      /* N, at least 1 */
    size_t features;                  /* D, at least 1 */
    size_t classes;                   /* K; 0 when there are no labels */
    const double *X;                  /* (N, D) row-major, finite */
    const int64_t *y;                 /* (N) in 0..K-1, or NULL without labels */
    const char *const *feature_names; /* (D) UTF-8 */
    const char *const *class_names;   /* (K) UTF-8, or NULL without labels */
    struct SpiralStorage *storage;    /* what holds all of it; private to data/ */
} SpiralDataset;

void spiral_dataset_free(SpiralDataset *dataset); /* accepts NULL */

/* ---- load -------------------------------------------------------------------------------------------------------- */

typedef enum SpiralHeader { SPIRAL_HEADER_AUTO, SPIRAL_HEADER_YES, SPIRAL_HEADER_NO } SpiralHeader;

typedef struct SpiralLoadOptions {
    /* CSV: is the first line a header; AUTO: it is when no field of it that should be a number is one */
    SpiralHeader header;
    const char *label;  /* CSV: the label column's name or 0-based index (negative: from the end); "none": no labels;
                            NULL: the last column, or by `features` below. NumPy files: "none" ignores y */
    char delimiter;     /* CSV; ',' */
    size_t features;    /* D that a model expects, 0 when there is none: with label NULL, D columns are X alone and
                            D+1 columns are X and the label; anything else is refused */
    size_t class_count; /* classes of a model, 0 when there is none: labels are numbered by these names, */
    const char *const *class_names; /* (class_count), and a label that is not among them is refused */
    bool regular; /* CSV: refuse what is no regular file, when a file of someone else's names the path; NumPy files
                     always are */
} SpiralLoadOptions;

SpiralLoadOptions spiral_load_defaults(void);

/* path: FILE.npz (arrays X and y), "X.npy,y.npy", "X.npy" (no labels), "-" (CSV on standard input), or a CSV file. A
 * .npy of float64 X in C order is mapped, not read: it takes no memory of its own, and may be larger than there is
 * (y is read, 8 bytes a row). Such a file must not be cut or changed in place while the dataset lives (reading past
 * its new end is the signal SIGBUS); to replace it by a rename, as everything here writes, is safe. Classes are the
 * distinct labels in sorted order: numbers by value when all are numbers, else strings by bytes. Errors: INPUT with
 * file and line (and column, in the reason); LIMIT. Nothing is ever unpickled. */
SpiralStatus spiral_dataset_load(const char *path, const SpiralLoadOptions *options, SpiralDataset **dataset,
                                 SpiralError *error);

/* ---- use --------------------------------------------------------------------------------------------------------- */

/* By the ending of path: .csv (header, %.17g, class names), .npz (X float64 (N,D), y int64 (N), classes and features
 * as unicode arrays), "X.npy,y.npy"; "-" is CSV on standard output. Two .npy files are both written before either is
 * renamed. */
SpiralStatus spiral_dataset_save(const SpiralDataset *dataset, const char *path, SpiralError *error);

/* CRC-32 (zip's) of shape, X, y as little-endian bytes: tells whether two runs saw the same data. */
uint32_t spiral_dataset_checksum(const SpiralDataset *dataset);

/* The same of a file's bytes, as cksum -a crc32b and Python's zlib.crc32 have it. Errors: INPUT. */
SpiralStatus spiral_file_checksum(const char *path, uint32_t *checksum, SpiralError *error);

/* Mean and population standard deviation (NumPy's std, ddof 0) of every feature; a constant feature's scale is 1,
 * as in scikit-learn's StandardScaler. */
void spiral_dataset_moments(const SpiralDataset *dataset, double *mean /* (D) */, double *scale /* (D) */);

#endif
