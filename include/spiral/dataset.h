/* dataset.h: N observations of D features with a class each; made, loaded, saved. */
#ifndef SPIRAL_DATASET_H
#define SPIRAL_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spiral/rng.h"
#include "spiral/status.h"

/* Read-only to everyone but its maker. Freed by spiral_dataset_free. */
typedef struct SpiralDataset {
    size_t rows;     /* N, at least 1 */
    size_t features; /* D, at least 1 */
    size_t classes;  /* K; 0 when there are no labels */
    const double *X; /* (N, D) row-major, finite */
    const int64_t *y;                 /* (N) in 0..K-1, or NULL without labels */
    const char *const *feature_names; /* (D) UTF-8 */
    const char *const *class_names;   /* (K) UTF-8, or NULL without labels */
    struct SpiralStorage *storage;    /* what holds all of it; private to data/ */
} SpiralDataset;

void spiral_dataset_free(SpiralDataset *dataset); /* accepts NULL */

/* ---- generate ---------------------------------------------------------------------------------------------------- */

typedef struct SpiralGenerateOptions {
    size_t classes;          /* K, at least 2 */
    size_t points_per_class; /* n, at least 1 */
    double noise;            /* standard deviation of the angle, radians, at least 0 */
} SpiralGenerateOptions;

SpiralGenerateOptions spiral_generate_defaults(void); /* the notes': 3, 100, 0.2 */
SpiralStatus spiral_generate_validate(const SpiralGenerateOptions *options, SpiralError *error);

/* The spiral of the CS231n notes: for class j and point i of n, r = linspace(0, 1, n)[i],
 * t = linspace(4j, 4(j+1), n)[i] + noise * randn, x = (r sin t, r cos t); the classes in order, drawn from rng.
 * Features are named x0, x1; classes 0..K-1. */
SpiralStatus spiral_dataset_generate(const SpiralGenerateOptions *options, SpiralRng *rng, SpiralDataset **dataset,
                                     SpiralError *error);

/* The same data, byte for byte what spiral_dataset_save would write to path, drawn and written some points at a time, in
 * memory that does not grow with them. Only .npz is made in memory. */
SpiralStatus spiral_generate_save(const SpiralGenerateOptions *options, SpiralRng *rng, const char *path,
                                  SpiralError *error);

/* ---- load -------------------------------------------------------------------------------------------------------- */

typedef enum SpiralHeader { SPIRAL_HEADER_AUTO, SPIRAL_HEADER_YES, SPIRAL_HEADER_NO } SpiralHeader;

typedef struct SpiralLoadOptions {
    SpiralHeader header; /* CSV: is the first line a header; AUTO: it is when no field of it that should be a number is one */
    const char *label;   /* CSV: the label column's name or 0-based index (negative: from the end); "none": no labels;
                            NULL: the last column, or by `features` below. NumPy files: "none" ignores y */
    char delimiter;      /* CSV; ',' */
    size_t features;     /* D that a model expects, 0 when there is none: with label NULL, D columns are X alone and
                            D+1 columns are X and the label; anything else is refused */
    size_t class_count;             /* classes of a model, 0 when there is none: labels are numbered by these names, */
    const char *const *class_names; /* (class_count), and a label that is not among them is refused */
} SpiralLoadOptions;

SpiralLoadOptions spiral_load_defaults(void);

/* path: FILE.npz (arrays X and y), "X.npy,y.npy", "X.npy" (no labels), "-" (CSV on standard input), or a CSV file.
 * A .npy of float64 X or int64 y (0..K-1, all of them there) in C order is mapped, not read: it takes no memory of its own,
 * and may be larger than there is. Such a file must not be cut or changed in place while the dataset lives (reading past
 * its new end is the signal SIGBUS); to replace it by a rename, as everything here writes, is safe.
 * Classes are the distinct labels in sorted order: numbers by value when all are numbers, else strings by bytes.
 * Errors: INPUT with file and line (and column, in the reason); LIMIT. Nothing is ever unpickled. */
SpiralStatus spiral_dataset_load(const char *path, const SpiralLoadOptions *options, SpiralDataset **dataset,
                                 SpiralError *error);

/* ---- use --------------------------------------------------------------------------------------------------------- */

/* By the ending of path: .csv (header, %.17g, class names), .npz (X float64 (N,D), y int64 (N), classes and features
 * as unicode arrays), "X.npy,y.npy"; "-" is CSV on standard output. Two .npy files are both written before either is renamed. */
SpiralStatus spiral_dataset_save(const SpiralDataset *dataset, const char *path, SpiralError *error);

/* CRC-32 (zip's) of shape, X, y as little-endian bytes: tells whether two runs saw the same data. */
uint32_t spiral_dataset_checksum(const SpiralDataset *dataset);

/* Mean and population standard deviation (NumPy's std, ddof 0) of every feature; a constant feature's scale is 1,
 * as in scikit-learn's StandardScaler. */
void spiral_dataset_moments(const SpiralDataset *dataset, double *mean /* (D) */, double *scale /* (D) */);

#endif
