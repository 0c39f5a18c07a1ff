/* arrays.h: what NumPy's two kinds of file have in common: the columns of X, and labels as numbers or texts. */
#ifndef SPIRAL_DATA_ARRAYS_H
#define SPIRAL_DATA_ARRAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/columns.h"
#include "data/npy.h"
#include "spiral/dataset.h"

/* Labels as they were read: integers, other numbers or texts; one of the three. */
typedef struct SpiralLabelArray {
    SpiralExtents shape;
    size_t first; /* the row of the first of them */
    const int64_t *integers;
    const double *numbers;
    char *const *texts;
    bool are_names; /* the texts come from a list of classes, and may be empty as such */
} SpiralLabelArray;

/* ---- X ----------------------------------------------------------------------------------------------------------- */

/* Checks that X is a matrix and chooses its columns. names: (columns), or NULL; has_label: one of them may be the
 * label. Errors: INPUT, LIMIT. */
SpiralStatus spiral_arrays_choose(const SpiralExtents *shape, const char *const *names, bool has_label,
                                  const SpiralLoadOptions *options, const SpiralNpySource *source,
                                  SpiralColumns *columns, SpiralError *error);

/* Are all columns features, in their order? */
bool spiral_arrays_take_all(const SpiralColumns *columns);

/* Turns X (rows, columns) into (rows, features), in place. */
SpiralStatus spiral_arrays_select(const SpiralColumns *columns, size_t rows, double *X, const SpiralNpySource *source,
                                  SpiralError *error);

/* Checks that all of X (dataset's rows, features) is finite. first: its first row in the array. Errors: INPUT. */
SpiralStatus spiral_arrays_check_finite(const SpiralDataset *dataset, const double *X, size_t first,
                                        const SpiralColumns *columns, const SpiralNpySource *source,
                                        SpiralError *error);

/* ---- labels ------------------------------------------------------------------------------------------------------ */

/* Checks that the shape is (N,) or (N, 1), for N rows. Errors: INPUT. */
SpiralStatus spiral_arrays_check_labels(const SpiralExtents *shape, size_t rows, const SpiralNpySource *source,
                                        SpiralError *error);

/* Sets the dataset's classes, and y in its storage, from the values of the labels. Errors: INPUT, LIMIT. */
SpiralStatus spiral_arrays_take_labels(const SpiralLabelArray *array, const SpiralLoadOptions *options,
                                       const SpiralNpySource *source, SpiralDataset *dataset, SpiralError *error);

#endif
