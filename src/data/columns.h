/* columns.h: what each column of a table holds: a feature, the label, or nothing that is used. The columns are matched
 * with the features of a model, or of other data, by their names. */
#ifndef SPIRAL_DATA_COLUMNS_H
#define SPIRAL_DATA_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spiral/dataset.h"

/* The table, as far as it is known before its rows are read. */
typedef struct SpiralTable {
    const char *path; /* for messages, with the line */
    size_t line;
    size_t count;             /* columns */
    const char *const *names; /* (count), or NULL without a header */
    bool has_label;           /* may a column be the label? */
} SpiralTable;

/* In place of a feature. */
#define SPIRAL_COLUMN_LABEL SIZE_MAX
#define SPIRAL_COLUMN_IGNORED (SIZE_MAX - 1) /* by the caller's wish */
#define SPIRAL_COLUMN_UNUSED (SIZE_MAX - 2)  /* no feature of the model */

/* In place of a column. */
#define SPIRAL_NO_COLUMN SIZE_MAX

typedef struct SpiralColumns {
    size_t count;
    size_t *feature;                                  /* (count) 0..features-1 or one of the above */
    size_t features, label;                           /* D; the label's column, or SPIRAL_NO_COLUMN */
    size_t features_after_label;                      /* columns of features that stand behind the label's */
    size_t unused;                                    /* columns that are SPIRAL_COLUMN_UNUSED */
    bool reordered;                                   /* the features stand in another order in the table */
    SpiralNumberAndName by_number, ignored_by_number; /* the label's and the first ignored column's that is in doubt */
} SpiralColumns;

/* Do the options ask for no label? */
bool spiral_columns_are_unlabelled(const SpiralLoadOptions *options);

/* Is the text, of that length, the number of a column, from 0 or, negative, from the end? False when it is a name. */
bool spiral_columns_read_index(const char *text, size_t length, int64_t *index);

/* The place of that number among count columns; SPIRAL_NO_COLUMN when there are not so many. */
size_t spiral_columns_at(size_t count, int64_t index);

/* Suggests the column, a name or a number, as the label, or to be ignored with those that options ignore: "id,3". The
 * remedy is none when that is too long. */
void spiral_columns_suggest(const SpiralLoadOptions *options, SpiralRemedyKind kind, const char *column,
                            SpiralRemedy *remedy);

/* A table without names, of that many columns, is refused with status: suggests to ignore the columns that are no
 * features where the features are x1, x3 ..., the numbers of columns. */
SpiralStatus spiral_columns_suggest_ignored(size_t count, const SpiralLoadOptions *options, SpiralError *error,
                                            SpiralStatus status);

/* Decides by options: its label and ignore, and the names and the number of features that are expected. Without names
 * on either side it goes by position; then features may differ from options->features, which is for the caller to
 * refuse. *columns must be zeroed or chosen before; free it also after a failure. Errors: INPUT (no such column, a
 * feature that the table does not have), LIMIT. */
SpiralStatus spiral_columns_choose(const SpiralTable *table, const SpiralLoadOptions *options, SpiralColumns *columns,
                                   SpiralError *error);
void spiral_columns_free(SpiralColumns *columns);

/* Does the line hold the names that options ask for, so that it is a header whatever else stands in it?
 * Errors: LIMIT. */
SpiralStatus spiral_columns_are_named(const SpiralTable *table, const SpiralLoadOptions *options, bool *named,
                                      SpiralError *error);

/* Gives the dataset what was chosen: features, their names (numbers, if the table has none), and what was left out or
 * moved. Errors: LIMIT. */
SpiralStatus spiral_columns_describe(const SpiralColumns *columns, const SpiralTable *table, SpiralDataset *dataset,
                                     SpiralError *error);

#endif
