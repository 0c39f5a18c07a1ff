/* scatter.h: observations as markers, on the two features that are drawn. */
#ifndef SPIRAL_FIGURE_SCATTER_H
#define SPIRAL_FIGURE_SCATTER_H

#include <stddef.h>

#include "figure/axes.h"
#include "figure/sheet.h"
#include "spiral/dataset.h"
#include "spiral/figure.h"

typedef struct SpiralScatter {
    const SpiralDataset *dataset;
    size_t classes;           /* of the dataset, or of the network when there is one */
    const char *const *names; /* (classes) */
    size_t across, up;        /* the features on x and y; a strip has no `up` */
    bool strip;               /* D = 1: the second coordinate only keeps the points apart, a band for every class */
} SpiralScatter;

/* Checks that the options' axes are features of the dataset and that its numbers can be drawn.
 * Errors: USAGE (axes), INPUT (numbers). */
SpiralStatus spiral_scatter_set(SpiralScatter *scatter, const SpiralDataset *dataset, size_t classes,
                                const char *const *names, const SpiralFigureOptions *options, SpiralError *error);

/* Lays out axes round the observations, with the margin round them, on the whole sheet beside a legend of the classes.
 */
void spiral_scatter_layout(const SpiralScatter *scatter, const SpiralSheet *sheet, double margin, const char *title,
                           SpiralAxes *axes);

/* The observations within the plot, then frame and legend. */
void spiral_scatter_draw(const SpiralScatter *scatter, const SpiralSheet *sheet, const SpiralAxes *axes);

#endif
