/* split.h: a data set in two parts, for validation and cross-validation. */
#ifndef SPIRAL_SPLIT_H
#define SPIRAL_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "spiral/dataset.h"
#include "spiral/status.h"

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
