/* split.h: parts of a data set: two of them, for validation and cross-validation, or chosen rows. */
#ifndef SPIRAL_SPLIT_H
#define SPIRAL_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "spiral/dataset.h"
#include "spiral/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A stratified split of a labelled data set into two parts: the rows of each class, in class order, are dealt out by
 * permutation(n_k), all drawn from RandomState(seed + 3) (modulo 2^32). A part keeps the order of its rows, the
 * numbering of the classes and all names. The parts are copies, together as large as the data set, which may then be
 * freed; splitting also needs a byte a row and the indices of the largest class. On failure both are NULL. */

/* Validation gets the first round(fraction n_k) rows of each class's permutation (halves to even, as in Python's
 * round), but at least 1 and at most n_k - 1 of a class of two or more rows, and none of a class of one row.
 * 0 < fraction < 1. Errors: USAGE; INPUT when there are no labels, or no class has two rows; LIMIT. */
SpiralStatus spiral_dataset_split(const SpiralDataset *dataset, double fraction, uint32_t seed, SpiralDataset **train,
                                  SpiralDataset **validation, SpiralError *error);

/* Fold `index` of `folds` of a cross-validation: validation gets the rows at places i of each class's permutation with
 * i mod folds = index, train the others. For a given seed every row is in the validation part of exactly one fold.
 * folds is at least 2 and at most the number of rows of the largest class. Errors as above. */
SpiralStatus spiral_dataset_fold(const SpiralDataset *dataset, size_t folds, size_t index, uint32_t seed,
                                 SpiralDataset **train, SpiralDataset **validation, SpiralError *error);

/* A copy of the rows with these indices, in this order, of a labelled data set, with the numbering of the classes and
 * all names. Errors: USAGE (an index past the end), LIMIT. */
SpiralStatus spiral_dataset_take(const SpiralDataset *dataset, size_t count, const size_t *row /* (count) */,
                                 SpiralDataset **part, SpiralError *error);

/* Checks that the data can be split into that many folds, without copying any row. Errors as above. */
SpiralStatus spiral_dataset_check_folds(const SpiralDataset *dataset, size_t folds, SpiralError *error);

#ifdef __cplusplus
}
#endif

#endif
