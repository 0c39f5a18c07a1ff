/* figure.h: the decision boundary, the data and the loss curves, as PNG, and the boundary as text for a terminal. The
 * same input gives the same bytes. */
#ifndef SPIRAL_FIGURE_H
#define SPIRAL_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/dataset.h"
#include "spiral/limits.h"
#include "spiral/network.h"
#include "spiral/status.h"

typedef struct SpiralFigureOptions {
    size_t width, height; /* pixels, 200..8000 each */
    const char *title;    /* NULL: made from what is drawn */
    double margin;        /* data units left free round the data (the notes: 1) */
    const double *limits; /* x from, to, y from, to (4), in place of the data's with the margin; NULL: those. Widened on
                             one axis where a unit is drawn as long on both. Borrowed */
    size_t axes[2];       /* the features drawn, for D > 2: the others are held at the data's means */
    bool log_x, log_y;    /* curves: logarithmic axes (in panels, y has each panel's own) */
    size_t threads;
    size_t x_name_count;        /* curves: above 0, x = i stands for the i-th name, and log_x for nothing */
    const char *const *x_names; /* (x_name_count) borrowed */
} SpiralFigureOptions;

SpiralFigureOptions spiral_figure_defaults(void);
SpiralStatus spiral_figure_validate(const SpiralFigureOptions *options, SpiralError *error);

/* Regions of the predicted class in light tints, the observations as outlined discs in the classes' colours. D = 1
 * is drawn as a strip. The dataset must have the network's D; its labels, where it has them, must be numbered as the
 * network's classes. For one dataset and the same options, with titles of one line, every network is drawn in the
 * same place: frames of an animation. Of more than 20,000 observations so many are drawn, taken evenly from all;
 * axes, accuracy and numbers in titles are those of all. */
SpiralStatus spiral_figure_boundary(const SpiralNetwork *network, const SpiralDataset *dataset,
                                    const SpiralFigureOptions *options, const char *path, SpiralError *error);

/* The observations alone, so many as above. */
SpiralStatus spiral_figure_data(const SpiralDataset *dataset, const SpiralFigureOptions *options, const char *path,
                                SpiralError *error);

typedef enum SpiralCurveStyle {
    SPIRAL_CURVE_PLAIN,
    SPIRAL_CURVE_FAINT, /* thin and pale, one of many: not in the legend, and grey unless another curve has its name */
    SPIRAL_CURVE_STRONG /* thick, over all others */
} SpiralCurveStyle;

/* One line of a chart. Borrowed for the call. */
typedef struct SpiralCurve {
    const char *name; /* in the legend, when there are several: curves of one name have one colour, in all panels. NULL:
                         grey, and not in the legend */
    size_t count;
    const double *x, *y; /* (count) x finite; a y that is not, or that a logarithmic axis can't show, breaks the curve
                            and leaves a mark at the plot's edge */
    const char *dashed;  /* NULL: unbroken; else dashed, and the legend says that dashes stand for this */
    const double *low, *high; /* (count) finite, low <= high: a band about the curve, for which x must not fall; NULL:
                                 none */
    SpiralCurveStyle style;
} SpiralCurve;

/* One of several plots above one another. Borrowed for the call. */
typedef struct SpiralPanel {
    const char *y_label;
    bool log_y;
    double share; /* of the height, beside those of the other panels; above 0 */
    size_t count;
    const SpiralCurve *curves;
} SpiralPanel;

/* Panels on one x axis, the first on top; the legend is drawn once. What a logarithmic axis can't show is left out.
 * Errors: USAGE (options, shares), INPUT (a number that can't be drawn, a panel without points), OUTPUT, LIMIT. */
SpiralStatus spiral_figure_panels(size_t count, const SpiralPanel *panels, const char *x_label,
                                  const SpiralFigureOptions *options, const char *path, SpiralError *error);

/* One panel. */
SpiralStatus spiral_figure_curves(size_t count, const SpiralCurve *curves, const char *x_label, const char *y_label,
                                  const SpiralFigureOptions *options, const char *path, SpiralError *error);

/* ---- of many trainings ------------------------------------------------------------------------------------------- */

/* What a setting's values are on an axis. Borrowed for the call. */
typedef struct SpiralScale {
    const char *label; /* NULL: none */
    bool logarithmic;
    size_t name_count; /* above 0: a value i is the i-th name, and `logarithmic` stands for nothing */
    const char *const *names;
} SpiralScale;

/* A value for every point of two settings. Borrowed for the call. */
typedef struct SpiralHeatMap {
    SpiralScale x, y;
    const char *value_label; /* NULL: none */
    size_t count;
    const double *xs, *ys; /* (count) finite; positive on a logarithmic scale */
    const double *values;  /* (count) finite, or NaN: what was tried there failed */
    size_t best;           /* the point that is outlined; SIZE_MAX: none */
} SpiralHeatMap;

/* Points that fill most of a grid are drawn as its cells, each with the mean value of its points; others as discs,
 * those of a category beside one another. Errors: USAGE (options, best), INPUT (a number that can't be drawn, no
 * points), OUTPUT, LIMIT. */
SpiralStatus spiral_figure_heat_map(const SpiralHeatMap *map, const SpiralFigureOptions *options, const char *path,
                                    SpiralError *error);

/* One of many decision boundaries. Borrowed for the call. */
typedef struct SpiralTile {
    const SpiralNetwork *network; /* NULL: nothing but the caption */
    const SpiralDataset *dataset; /* as for the figure of one boundary */
    const char *caption;          /* at most two lines, cut where it is too long; NULL: none */
    bool marked;                  /* outlined */
} SpiralTile;

/* Decision boundaries in rows and columns. Errors: USAGE (options, the number of
 * tiles), INPUT (a dataset that does not fit its network), OUTPUT, LIMIT. */
SpiralStatus spiral_figure_tiles(size_t count, const SpiralTile *tiles, const SpiralFigureOptions *options,
                                 const char *path, SpiralError *error);

/* ---- in a terminal ----------------------------------------------------------------------------------------------- */

typedef enum SpiralTerminalColours {
    SPIRAL_TERMINAL_PLAIN, /* no escape sequences: a character for every region and class */
    SPIRAL_TERMINAL_256,   /* half blocks, in the colours of xterm's palette of 256 */
    SPIRAL_TERMINAL_24_BIT
} SpiralTerminalColours;

typedef struct SpiralTerminalOptions {
    size_t columns, rows; /* character cells, title and legend included; 20..1000 by 4..1000 */
    SpiralTerminalColours colours;
    const char *title;    /* NULL: made from what is drawn; "": no line for it */
    double margin;        /* as for the PNG; less of it, since cells are few */
    const double *limits; /* these as for the PNG */
    size_t axes[2];
    size_t threads;
} SpiralTerminalOptions;

SpiralTerminalOptions spiral_terminal_defaults(void); /* 80x24, plain */
SpiralStatus spiral_terminal_validate(const SpiralTerminalOptions *options, SpiralError *error);

/* The decision boundary as `rows` lines of text, each ended by a line feed and at most `columns` wide: a title, the
 * picture, a legend. *text is freed by free(); NULL on failure. Control characters of names are not passed on. */
SpiralStatus spiral_figure_terminal(const SpiralNetwork *network, const SpiralDataset *dataset,
                                    const SpiralTerminalOptions *options, char **text, SpiralError *error);

#endif
