/* figure.h: the decision boundary, the data and the loss curves, as PNG. The same input gives the same bytes. */
#ifndef SPIRAL_FIGURE_H
#define SPIRAL_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/dataset.h"
#include "spiral/network.h"
#include "spiral/status.h"

typedef struct SpiralFigureOptions {
    size_t width, height; /* pixels, 200..8000 each */
    const char *title;    /* NULL: made from what is drawn */
    double margin;        /* data units left free round the data (the notes: 1) */
    size_t axes[2];       /* the features drawn, for D > 2: the others are held at the data's means */
    bool log_x, log_y;    /* curves: logarithmic axes */
    size_t threads;
} SpiralFigureOptions;

SpiralFigureOptions spiral_figure_defaults(void);
SpiralStatus spiral_figure_validate(const SpiralFigureOptions *options, SpiralError *error);

/* Regions of the predicted class in light tints, the observations as outlined discs in the classes' colours. D = 1 is
 * drawn as a strip. The dataset must have the network's D; its labels, where it has them, must be numbered as the
 * network's classes. Of more than 20,000 observations so many are drawn, taken evenly from all; axes, accuracy and numbers
 * in titles are those of all. */
SpiralStatus spiral_figure_boundary(const SpiralNetwork *network, const SpiralDataset *dataset,
                                    const SpiralFigureOptions *options, const char *path, SpiralError *error);

/* The observations alone, so many as above. */
SpiralStatus spiral_figure_data(const SpiralDataset *dataset, const SpiralFigureOptions *options, const char *path,
                                SpiralError *error);

/* One line of a chart. Borrowed for the call. */
typedef struct SpiralCurve {
    const char *name; /* in the legend, when there are several */
    size_t count;
    const double *x, *y; /* (count) finite */
} SpiralCurve;

SpiralStatus spiral_figure_curves(size_t count, const SpiralCurve *curves, const char *x_label, const char *y_label,
                                  const SpiralFigureOptions *options, const char *path, SpiralError *error);

#endif
