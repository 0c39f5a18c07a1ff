/* dataset.h: N observations of D features with a class each; loaded, saved, looked at. */
#ifndef SPIRAL_DATASET_H
#define SPIRAL_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spiral/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A number that options gave for a column, which has the place of that number, while another column has it as its name.
 * Where the first has no name, there is no doubt. */
typedef struct SpiralNumberAndName {
    char text[24];        /* the number as it was given; "": there is no doubt */
    size_t column, named; /* which is meant by the number, and which has the name */
} SpiralNumberAndName;

/* How a table is written: what was found out about it, or asked for. */
typedef struct SpiralTableForm {
    char delimiter;                /* of CSV; ' ' is a run of blanks and tabs */
    size_t header_line;            /* of the columns' names, from 1; 0: there is none */
    bool number_header;            /* these names are numbers, found out by the lines after them */
    bool row_names;                /* each row began with a name that had no column, and was left out */
    bool measured_names;           /* such names were numbers with fractions */
    bool empty_last;               /* each line ended in a delimiter, which was left out */
    const char *X_array, *y_array; /* of an .npz, when they are not called X and y */
    const char *unused_classes;    /* of an .npz: why its array `classes` does not name the classes; NULL: it does */
    SpiralNumberAndName label;     /* how options->label was understood */
    SpiralNumberAndName ignored;   /* and the first such number among options->ignore */
} SpiralTableForm;

/* Read-only once created. Free it with spiral_dataset_free. */
typedef struct SpiralDataset {
    size_t rows;                      /* N, at least 1 */
    size_t features;                  /* D, at least 1 */
    size_t classes;                   /* K; 0 when there are no labels */
    const double *X;                  /* (N, D) row-major, finite */
    const int64_t *y;                 /* (N) in 0..K-1, or NULL without labels; -1: see SPIRAL_LABELS_PARTIAL */
    const char *const *feature_names; /* (D) UTF-8; without names x and the column's number, the label's not counted */
    const char *const *class_names;   /* (K) UTF-8, or NULL without labels */
    const char *label_name;           /* the name of the label's column, or NULL */
    size_t features_after_label;      /* columns of features behind the label's; 0 when it is the last */
    /* What loading did with the columns of a file to match them with the expected features. */
    bool reordered;                  /* they stand in another order in the file */
    size_t unused;                   /* named columns that are neither a feature nor the label nor ignored */
    const char *const *unused_names; /* (unused) */
    /* How a file was read; zero for data from elsewhere. */
    size_t dropped; /* rows that were left out because they lack a value */
    SpiralTableForm form;
    size_t columns;                /* of the table; 0 for data that is no table */
    const size_t *feature_columns; /* (D) where the features stand in the table; NULL for data that is no table */
    size_t label_column;           /* where the label stands in the table; SIZE_MAX: in an array of its own */
    struct SpiralStorage *storage; /* the memory behind all of the above; private to data/ */
} SpiralDataset;

void spiral_dataset_free(SpiralDataset *dataset); /* accepts NULL */

/* ---- load -------------------------------------------------------------------------------------------------------- */

typedef enum SpiralHeader { SPIRAL_HEADER_AUTO, SPIRAL_HEADER_YES, SPIRAL_HEADER_NO } SpiralHeader;

typedef enum SpiralDecimal { SPIRAL_DECIMAL_POINT, SPIRAL_DECIMAL_COMMA } SpiralDecimal;

typedef enum SpiralMissing { SPIRAL_MISSING_REFUSE, SPIRAL_MISSING_DROP } SpiralMissing;

/* ALL: without labels there is nothing to do; OPTIONAL: the caller has a use for data without; PARTIAL: a row may lack
 * its label, and then has y -1. */
typedef enum SpiralLabelling { SPIRAL_LABELS_ALL, SPIRAL_LABELS_OPTIONAL, SPIRAL_LABELS_PARTIAL } SpiralLabelling;

typedef struct SpiralLoadOptions {
    /* CSV: is the first line a header? AUTO: found out by comparing it with the lines after it */
    SpiralHeader header;
    const char *label;     /* CSV: the label column's 0-based index (negative: from the end) or, of other texts and of
                            numbers that no column has, its name; "none": no labels; NULL: the last column, or as
                            `features` below says. NumPy files: "none" ignores y */
    const char *ignore;    /* columns that are not used, "id,3": by name or by index, as label; or NULL */
    char delimiter;        /* CSV; ' ' is any run of blanks and tabs; 0: found out from the first lines */
    SpiralDecimal decimal; /* CSV: the decimal point */
    SpiralMissing missing; /* CSV: what is done about rows that lack a feature or the label: DROP leaves them out */
    /* What the data is for, a model or other data. When both have names, the file's columns are matched with the
     * features by name, in any order and among any others; a feature without a column is refused. With label NULL, the
     * label is then the column named label_name, and there are no labels without it; when label_name is NULL, it is the
     * last column if that is another. When one side has no names (or those that this library
     * gives, x0, x1 ...), the columns count: D of them are X alone, D+1 are X and the label; any other number is
     * refused, and so are columns of which the names x1, x3 ... say that they are others. */
    size_t features;                  /* D, or 0 when it is for nothing yet */
    const char *const *feature_names; /* (features), or NULL */
    const char *label_name;           /* or NULL */
    size_t features_after_label;      /* where the label stands among D+1 columns */
    const SpiralDataset *alike; /* or NULL; a table without names that is as wide as the one that this came from has the
                                   features and the label in the same columns, or its labels elsewhere */
    SpiralLabelling labelling;  /* must there be labels? */
    size_t class_count;         /* K, or 0: labels are numbered in the order of class_names */
    const char *const *class_names; /* (class_count); a label that is not among them is refused */
    bool regular; /* CSV: accept only a regular file, for a path taken from an untrusted file; NumPy files must always
                     be regular */
} SpiralLoadOptions;

SpiralLoadOptions spiral_load_defaults(void);

/* path: FILE.npz (arrays X and y), "X.npy,y.npy", "X.npy" (no labels), "-" (CSV on standard input), or a CSV file. A
 * .npy of float64 X in C order is mapped into memory rather than read, so it may be larger than memory (y is read, 8
 * bytes a row). Such a file must not be truncated or changed in place while the dataset exists (reading past its new
 * end raises SIGBUS); replacing it by a rename, as this library does, is safe. Classes are the distinct labels in
 * sorted order: by value if all are numbers, else as strings by bytes. Errors: INPUT with file and line (and column, in
 * the reason); LIMIT. Nothing is ever unpickled. */
SpiralStatus spiral_dataset_load(const char *path, const SpiralLoadOptions *options, SpiralDataset **dataset,
                                 SpiralError *error);

/* Reads the same files in blocks of rows, with the memory of one block however many rows there are. An .npz is one
 * block, however large. Labels need options->class_names, since classes are numbered when all are known; without them
 * only a single block of all rows can have labels. path and options are copied; the texts that options point to must
 * outlive the reader. */
typedef struct SpiralReader SpiralReader;
SpiralStatus spiral_reader_open(const char *path, const SpiralLoadOptions *options, SpiralReader **reader,
                                SpiralError *error);

/* The next rows as a data set of their own: most_rows of them (SIZE_MAX: all), or those that are left. NULL after the
 * last. What is wrong further on in the file is found later. Errors: as spiral_dataset_load. */
SpiralStatus spiral_reader_next(SpiralReader *reader, size_t most_rows, SpiralDataset **block, SpiralError *error);
size_t spiral_reader_dropped(const SpiralReader *reader); /* rows left out so far because they lack a value */
void spiral_reader_close(SpiralReader *reader);           /* accepts NULL */

/* ---- doubts ------------------------------------------------------------------------------------------------------ */

/* Something in a table that is most likely not meant. */
typedef struct SpiralDoubt {
    char text[400];
    SpiralRemedy remedy; /* a setting that says what is meant */
    bool regression;     /* about labels that are measurements, not classes: nothing to train on */
} SpiralDoubt;

enum { SPIRAL_DOUBTS_LIMIT = 8, SPIRAL_DOUBT_ROWS = 20 /* fewer say too little about labels or row numbers */ };

/* Doubts about labels (measurements, another column of a label's name, one-hot columns, a class in the first line
 * alone) and, in tables from CSV, about features (row numbers, identifiers), most important first. options: those that
 * the data set was loaded with. Errors: LIMIT. */
SpiralStatus spiral_dataset_doubt(const SpiralDataset *dataset, const SpiralLoadOptions *options,
                                  SpiralDoubt doubts[SPIRAL_DOUBTS_LIMIT], size_t *count, SpiralError *error);

/* ---- use --------------------------------------------------------------------------------------------------------- */

/* The ending of path chooses the format: .csv (header, the shortest numbers that read back, class names), .npz (X
 * float64 (N,D), y int64 (N), classes and features as unicode arrays), "X.npy,y.npy"; "-" is CSV on standard output. Of
 * two .npy files, both are written before either is renamed. */
SpiralStatus spiral_dataset_save(const SpiralDataset *dataset, const char *path, SpiralError *error);

/* CRC-32 (as in zip) of shape, X and y as little-endian bytes, to tell whether two runs saw the same data. */
uint32_t spiral_dataset_checksum(const SpiralDataset *dataset);

/* CRC-32 of a file's bytes, the value that cksum -a crc32b and Python's zlib.crc32 give. Errors: INPUT. */
SpiralStatus spiral_file_checksum(const char *path, uint32_t *checksum, SpiralError *error);

/* Mean and population standard deviation (NumPy's std, ddof 0) of every feature; a constant feature's scale is 1,
 * as in scikit-learn's StandardScaler. */
void spiral_dataset_moments(const SpiralDataset *dataset, double *mean /* (D) */, double *scale /* (D) */);

#ifdef __cplusplus
}
#endif

#endif
