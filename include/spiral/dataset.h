/* dataset.h: N observations of D features with a class each; made, loaded, saved, split. */
#ifndef SPIRAL_DATASET_H
#define SPIRAL_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spiral/limits.h"
#include "spiral/rng.h"
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

/* ---- generate ---------------------------------------------------------------------------------------------------- */

/* A shape's classes lie in a plane. K classes, class j of n_j rows, i = 0.. within it; R is the radius, noise and
 * turns as below; z, z' are randn() and u, v random_sample(), drawn in this order from one RandomState, row by row,
 * the classes in order. Where scikit-learn has the shape, it is named: the numbers are its own, for shuffle=False,
 * random_state=seed.
 *
 *   spiral   r = linspace(0, R, n_j)[i], t = linspace(4j, 4j + 2 pi turns, n_j)[i] + noise z, x = (r sin t, r cos t)
 *            (the CS231n notes; their arms wind 4 radians, turns = 2/pi)
 *   circles  t = linspace(0, 2 pi, n_j, endpoint=False)[i], x = R (K - j) / K (cos t, sin t) + noise (z, z')
 *            (make_circles with factor=0.5 has K = 2)
 *   moons    t = linspace(0, pi, n_j)[i], x = R (cos t, sin t) in class 0, R (1 - cos t, 1 - sin t - 0.5) in class 1,
 *            + noise (z, z'); K = 2 (make_moons)
 *   blobs    before all else the centres c = uniform(-R, R, (K, 2)); x = c_j + noise (z, z')
 *            (make_blobs with center_box=(-R, R), cluster_std=noise)
 *   xor      a = R (2u - 1), b = R v, x = (a, b with the sign of a in class 0, the other sign in class 1)
 *            + noise (z, z'): two opposite quadrants of a square are a class; K = 2
 *   gaussian-quantiles
 *            a normal distribution of standard deviation R, cut into rings, the innermost class 0: with b_j the share
 *            of the rows in class j and those after it, q = b_{j+1} + (b_j - b_{j+1}) (1 - u), r = R sqrt(-2 log q),
 *            x = r (cos 2 pi v, sin 2 pi v) + noise (z, z')
 *            (make_gaussian_quantiles cuts at the sample's own quantiles, which needs all rows at once, so that its
 *            stream and its numbers are others; the distribution is the same, with R^2 its cov)
 *
 * Then, behind the draws of all rows' planes, so that the plane is the same with and without them:
 *
 *   dimensions   features x2.. are standard normals: randn(N, dimensions - 2)
 *   label_noise  P > 0: (u, v) = random_sample((N, 2)), a row each; when u < P, y = (y + 1 + floor(v (K - 1))) mod K */
#define SPIRAL_SHAPE_LIST(X)                                                                                           \
    X(SPIRAL_SHAPE_SPIRAL, "spiral")                                                                                   \
    X(SPIRAL_SHAPE_CIRCLES, "circles")                                                                                 \
    X(SPIRAL_SHAPE_MOONS, "moons")                                                                                     \
    X(SPIRAL_SHAPE_BLOBS, "blobs")                                                                                     \
    X(SPIRAL_SHAPE_XOR, "xor")                                                                                         \
    X(SPIRAL_SHAPE_GAUSSIAN_QUANTILES, "gaussian-quantiles")

typedef enum SpiralGenerateShape {
#define SPIRAL_SHAPE_ENUM(code, name) code,
    SPIRAL_SHAPE_LIST(SPIRAL_SHAPE_ENUM)
#undef SPIRAL_SHAPE_ENUM
} SpiralGenerateShape;

const char *spiral_generate_shape_name(SpiralGenerateShape shape); /* "spiral", "circles", ...; a static string */

typedef struct SpiralGenerateOptions {
    SpiralGenerateShape shape;
    size_t classes;          /* K, at least 2; moons and xor have 2 */
    size_t points_per_class; /* n, at least 1 */
    /* standard deviation, at least 0: of the angle in radians (spiral), of each coordinate (others) */
    double noise;
    double turns;  /* spiral: full turns that an arm winds, at least 0 */
    double radius; /* R, positive */
    /* P, 0..1: the chance of a label to be replaced by another, all others being equally likely */
    double label_noise;
    size_t dimensions;    /* D, at least 2 */
    size_t balance_count; /* 0: every class has n rows; else K, at most SPIRAL_BALANCE_LIMIT, and */
    /* b, relative sizes of at least 1: of the K n rows, the classes before j have floor(K n (b_0 + ... + b_{j-1}) /
     * (b_0 + ... + b_{K-1})); no class may be empty */
    size_t balance[SPIRAL_BALANCE_LIMIT];
} SpiralGenerateOptions;

/* the notes': the spiral of 3, 100, 0.2; turns 2/pi, radius 1, D 2 */
SpiralGenerateOptions spiral_generate_defaults(void);

/* The same of another shape: moons and xor have 2 classes; the noise is 0.05 (circles), 0.1 (moons, blobs) or 0 (xor,
 * gaussian-quantiles). */
SpiralGenerateOptions spiral_generate_defaults_of(SpiralGenerateShape shape);
SpiralStatus spiral_generate_validate(const SpiralGenerateOptions *options, SpiralError *error);

/* The rows of the classes in order; features are named x0, x1..; classes 0..K-1. */
SpiralStatus spiral_dataset_generate(const SpiralGenerateOptions *options, SpiralRng *rng, SpiralDataset **dataset,
                                     SpiralError *error);

/* The same data, byte for byte what spiral_dataset_save would write to path, drawn and written some points at a
 * time, in memory that does not grow with them. Only .npz is made in memory. */
SpiralStatus spiral_generate_save(const SpiralGenerateOptions *options, SpiralRng *rng, const char *path,
                                  SpiralError *error);

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

/* ---- split ------------------------------------------------------------------------------------------------------- */

/* Two parts of a labelled data set, stratified: of each class, in class order, the rows are dealt out by
 * permutation(n_k), all drawn from RandomState(seed + 3) (modulo 2^32). A part keeps the order of its rows, the
 * numbers of the classes and all names. It owns copies: both parts together take as much memory as the data set
 * again, which may be freed; in between, a byte a row and the largest class's indices are needed. On failure both
 * are NULL. */

/* Validation has round(fraction n_k) rows of a class (halves to even, as Python's round), those that come first in the
 * permutation; of a class of two or more rows at least 1 and at most n_k - 1, of a class of one row none.
 * 0 < fraction < 1. Errors: USAGE; INPUT when there are no labels, or no class of two rows; LIMIT. */
SpiralStatus spiral_dataset_split(const SpiralDataset *dataset, double fraction, uint32_t seed, SpiralDataset **train,
                                  SpiralDataset **validation, SpiralError *error);

/* Fold `index` of `folds`, cross-validation: validation has the rows at i, i mod folds = index, of each class's
 * permutation, train the others; with one seed every row is in the validation part of exactly one fold. 2 <= folds, at
 * most the rows of the largest class. Errors as above. */
SpiralStatus spiral_dataset_fold(const SpiralDataset *dataset, size_t folds, size_t index, uint32_t seed,
                                 SpiralDataset **train, SpiralDataset **validation, SpiralError *error);

/* Can the data be dealt into so many folds? No row is copied. Errors as above. */
SpiralStatus spiral_dataset_check_folds(const SpiralDataset *dataset, size_t folds, SpiralError *error);

#endif
