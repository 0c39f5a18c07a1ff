/* scatter.h: observations as markers, on the two features that are drawn. */
#ifndef SPIRAL_FIGURE_SCATTER_H
#define SPIRAL_FIGURE_SCATTER_H

#include <stddef.h>

#include "figure/axes.h"
#include "figure/plane.h"
#include "figure/sheet.h"
#include "spiral/dataset.h"
#include "spiral/figure.h"

enum { SPIRAL_TITLE_BYTES = 512 };

/* Observations and what is known of each. */
typedef struct SpiralPoints {
    const SpiralDataset *dataset;
    double low[2], high[2]; /* of their coordinates */
    bool *wrong;            /* (N) misclassified; NULL: not looked for */
} SpiralPoints;

typedef struct SpiralScatter {
    const SpiralDataset *dataset;
    SpiralPoints points[2]; /* the dataset, and the validation data when there are two */
    size_t point_sets;
    bool errors; /* those that are misclassified have rings */
    size_t error_count;
    char error_name[48];      /* in the legend */
    size_t classes;           /* of the dataset, or of the network when there is one */
    const char *const *names; /* (classes) */
    size_t features[2];       /* those on x and y, unless these are principal components; a strip has none on y */
    bool strip;               /* D = 1: the second coordinate only keeps the points apart, a band for every class */
    const SpiralPlane *plane; /* NULL: the features are all there are, and in their order */
    SpiralPlane *made;        /* the plane, unless it was given */
    bool components;          /* x and y are principal components */
    char labels[2][80];       /* of those */
    bool brief;               /* the title says it in few words */
} SpiralScatter;

/* Checks what the options of every figure of observations say of them. Errors: USAGE. */
SpiralStatus spiral_scatter_validate(double margin, const double *limits, const size_t *axes, SpiralError *error);

/* Checks that the two axes are features of the dataset and that its numbers can be drawn.
 * network, axes and plane may be NULL: see SpiralFigureOptions. Release it, also after an error. Errors: USAGE (axes),
 * INPUT (numbers), LIMIT. */
SpiralStatus spiral_scatter_set(SpiralScatter *scatter, const SpiralDataset *dataset, const SpiralNetwork *network,
                                const size_t *axes, const SpiralPlane *plane, SpiralError *error);
void spiral_scatter_release(SpiralScatter *scatter);

/* Adds observations that are drawn with hollow markers. Errors: INPUT, LIMIT. */
SpiralStatus spiral_scatter_add_validation(SpiralScatter *scatter, const SpiralDataset *validation, SpiralError *error);

/* Finds the observations that the network misclassifies, which get rings. Errors: LIMIT. */
SpiralStatus spiral_scatter_find_errors(SpiralScatter *scatter, const SpiralNetwork *network, size_t threads,
                                        SpiralError *error);

/* The heading, and in a second line which plane is drawn, when the data have others. */
void spiral_scatter_title(const SpiralScatter *scatter, const char *heading, char title[SPIRAL_TITLE_BYTES]);

/* Sets the axes' limits: the given ones (4), or when they are NULL the data's with the margin (NaN: a tenth of their
 * range). Should one unit be as long on both axes? */
bool spiral_scatter_limits(const SpiralScatter *scatter, double margin, const double *limits, SpiralAxes *axes);

/* Lays out axes with those limits on the whole sheet beside a legend of the classes. */
void spiral_scatter_layout(const SpiralScatter *scatter, const SpiralSheet *sheet, const SpiralFigureOptions *options,
                           const char *title, SpiralAxes *axes);

/* Where an observation lies on the canvas. */
void spiral_scatter_place(const SpiralScatter *scatter, const SpiralAxes *axes, size_t row, double *x, double *y);

/* At most that many observations, evenly from all, within the plot. Few of them have a radius of that share of the
 * plot's shorter side, many a smaller one. */
void spiral_scatter_draw_points(const SpiralScatter *scatter, const SpiralSheet *sheet, const SpiralAxes *axes,
                                size_t most, double share);

/* The observations within the plot, then frame and legend. */
void spiral_scatter_draw(const SpiralScatter *scatter, const SpiralSheet *sheet, const SpiralAxes *axes);

#endif
