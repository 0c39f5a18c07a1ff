/* arrays.h: what the loaders of .npz and .npy share: from arrays as NumPy keeps them to a dataset's X, y and classes.
 */
#ifndef SPIRAL_DATA_ARRAYS_H
#define SPIRAL_DATA_ARRAYS_H

#include "data/npy.h"
#include "spiral/dataset.h"

/* Labels as they were read: whole numbers, other numbers or texts; one of the three. */
typedef struct SpiralLabelArray {
    SpiralShape shape;
    const int64_t *integers;
    const double *numbers;
    char *const *texts;
} SpiralLabelArray;

SpiralStatus spiral_arrays_no_memory(const char *path, SpiralError *error);

/* Takes (N, D) over into the dataset, when it is a matrix that the options accept. Errors: INPUT. */
SpiralStatus spiral_arrays_take_shape(const SpiralShape *shape, const SpiralLoadOptions *options,
                                      const SpiralNpySource *source, SpiralDataset *dataset, SpiralError *error);

/* Are all of X (dataset's rows, features) finite? If not, INPUT. */
SpiralStatus spiral_arrays_check_finite(const SpiralDataset *dataset, const double *X, const SpiralNpySource *source,
                                        SpiralError *error);

/* Is it (N,) or (N, 1), for the dataset's N? If not, INPUT. */
SpiralStatus spiral_arrays_check_labels(const SpiralShape *shape, const SpiralDataset *dataset,
                                        const SpiralNpySource *source, SpiralError *error);

/* Sets the dataset's classes, and y in its storage, from the labels' own values. Errors: INPUT, LIMIT. */
SpiralStatus spiral_arrays_take_labels(const SpiralLabelArray *array, const SpiralLoadOptions *options,
                                       const SpiralNpySource *source, SpiralDataset *dataset, SpiralError *error);

#endif
