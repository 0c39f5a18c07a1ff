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

/* Checks what the options of every figure of observations say of them. Errors: USAGE. */
SpiralStatus spiral_scatter_validate(double margin, const double *limits, const size_t axes[2], SpiralError *error);

/* Checks that the two axes are features of the dataset and that its numbers can be drawn.
 * Errors: USAGE (axes), INPUT (numbers). */
SpiralStatus spiral_scatter_set(SpiralScatter *scatter, const SpiralDataset *dataset, size_t classes,
                                const char *const *names, const size_t axes[2], SpiralError *error);

/* Sets the axes' limits: the given ones (4), or when they are NULL the data's with the margin. Should one unit be as
 * long on both axes? */
bool spiral_scatter_limits(const SpiralScatter *scatter, double margin, const double *limits, SpiralAxes *axes);

/* Lays out axes with those limits on the whole sheet beside a legend of the classes. */
void spiral_scatter_layout(const SpiralScatter *scatter, const SpiralSheet *sheet, const SpiralFigureOptions *options,
                           const char *title, SpiralAxes *axes);

/* Where an observation lies on the canvas. */
void spiral_scatter_place(const SpiralScatter *scatter, const SpiralAxes *axes, size_t row, double *x, double *y);

/* An order of the rows that mixes them, so that no class lies over all others only because its rows come last: the
 * row after each is so many further, modulo their number. */
size_t spiral_scatter_step(const SpiralScatter *scatter);

/* At most that many observations, evenly from all, within the plot. Few of them have a radius of that share of the
 * plot's shorter side, many a smaller one. */
void spiral_scatter_draw_points(const SpiralScatter *scatter, const SpiralSheet *sheet, const SpiralAxes *axes,
                                size_t most, double share);

/* The observations within the plot, then frame and legend. */
void spiral_scatter_draw(const SpiralScatter *scatter, const SpiralSheet *sheet, const SpiralAxes *axes);

#endif
