/* figure.h: figures of decision boundaries, data, loss curves and sweeps as PNG or SVG, and of the boundary as text for
 * a terminal. The same input gives the same bytes. */
#ifndef SPIRAL_FIGURE_H
#define SPIRAL_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/dataset.h"
#include "spiral/limits.h"
#include "spiral/network.h"
#include "spiral/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The format of the file. */
typedef enum SpiralFigureFormat {
    SPIRAL_FIGURE_BY_ENDING, /* SVG when the path ends in .svg, in any case, else PNG */
    SPIRAL_FIGURE_PNG,
    SPIRAL_FIGURE_SVG
} SpiralFigureFormat;

/* ---- planes ------------------------------------------------------------------------------------------------------ */

/* The plane through the data's mean along their first two principal components. */
typedef struct SpiralPlane SpiralPlane;

/* The components of the data with D > 1, in the space of the network's standardisation when it has one; network may be
 * NULL. Of more than 2^24 values in all, an even selection of the rows is used. Errors: USAGE (D), INPUT (numbers that
 * are too large), LIMIT. */
SpiralStatus spiral_plane_create(const SpiralDataset *dataset, const SpiralNetwork *network, SpiralPlane **plane,
                                 SpiralError *error);
void spiral_plane_free(SpiralPlane *plane); /* accepts NULL */

/* ---- data and boundaries ----------------------------------------------------------------------------------------- */

typedef struct SpiralFigureOptions {
    SpiralFigureFormat format;
    size_t width, height; /* pixels, 200..8000 each */
    const char *title;    /* NULL: the heading, and below it which plane is drawn */
    const char *heading;  /* NULL: made from what is drawn */
    double margin;        /* space left around the data, in the axes' units (the notes: 1); NaN: a tenth of the range */
    const double *limits; /* (4) x from, to, y from, to; NULL: the range of the data with the margin. Where a unit has
                             the same length on both axes, one range is widened to fit. Borrowed */
    const size_t *axes;   /* (2) the features drawn, the others being held at the data's means; NULL: the first two of
                             D = 2, and for D > 2 the plane of the first two principal components. Borrowed */
    const SpiralPlane *plane;        /* for D > 2 without axes, so that many figures share one; NULL: made. Borrowed */
    bool shade;                      /* boundaries: the paler a place, the less sure the network is of its class */
    bool errors;                     /* boundaries: rings around misclassified observations */
    const SpiralDataset *validation; /* boundaries: drawn, too, as hollow markers; or NULL. Borrowed */
    bool log_x, log_y;               /* curves: logarithmic axes (for y, panels use their own log_y instead) */
    size_t threads;
    size_t x_name_count;        /* curves: if above 0, x = i stands for the i-th name, and log_x is ignored */
    const char *const *x_names; /* (x_name_count) borrowed */
} SpiralFigureOptions;

SpiralFigureOptions spiral_figure_defaults(void);
SpiralStatus spiral_figure_validate(const SpiralFigureOptions *options, SpiralError *error);

/* Regions of the predicted class in light tints, and the observations as outlined discs in the colours of their
 * classes. D = 1 is drawn as a strip. The dataset must have the network's D; its labels, if it has any, must be
 * numbered as the network's classes. With the same dataset, options and one-line titles, every network is drawn in the
 * same place, so that figures can be the frames of an animation. At most 20,000 observations are drawn, an even
 * selection; axes, accuracy and numbers in titles are those of all observations. */
SpiralStatus spiral_figure_boundary(const SpiralNetwork *network, const SpiralDataset *dataset,
                                    const SpiralFigureOptions *options, const char *path, SpiralError *error);

/* The observations alone, at most as many as above. */
SpiralStatus spiral_figure_data(const SpiralDataset *dataset, const SpiralFigureOptions *options, const char *path,
                                SpiralError *error);

/* ---- what a network has learnt ----------------------------------------------------------------------------------- */

/* The units of the first hidden layer over the observations, each with the half-plane where its input sum is positive,
 * in the colour of the class that it favours, when the network has two layers. They are in the order of their weight in
 * the decision, which is the mean of |output| over the data times the length of the outgoing weights; of more than 24,
 * or than there is room for, the first are drawn, and the title says so. Units of the ReLU that are positive for no
 * observation are marked as dead. Dataset, plane and axes as for spiral_figure_boundary. Errors: also INPUT (a network
 * without a hidden layer). */
SpiralStatus spiral_figure_hidden_units(const SpiralNetwork *network, const SpiralDataset *dataset,
                                        const SpiralFigureOptions *options, const char *path, SpiralError *error);

/* The weight matrices as cells, blue below 0 and orange above, each with a colour bar of its own. More than six are
 * not drawn, and where there is no room for every weight the largest of several stands for them; both are said in the
 * title. Errors: USAGE (options), INPUT (a weight that is too large), OUTPUT, LIMIT. */
SpiralStatus spiral_figure_weights(const SpiralNetwork *network, const SpiralFigureOptions *options, const char *path,
                                   SpiralError *error);

/* How many observations of each class were predicted as each. Borrowed for the call. */
typedef struct SpiralConfusion {
    size_t classes;           /* at most SPIRAL_CONFUSION_LIMIT */
    const char *const *names; /* (K) */
    const size_t *counts;     /* (K, K): a row for each class of the data, a column for each predicted one */
} SpiralConfusion;

/* The counts, and the shares of their row in colours. Errors: USAGE (options, classes), OUTPUT, LIMIT. */
SpiralStatus spiral_figure_confusion(const SpiralConfusion *confusion, const SpiralFigureOptions *options,
                                     const char *path, SpiralError *error);

/* ---- curves ------------------------------------------------------------------------------------------------------ */

typedef enum SpiralCurveStyle {
    SPIRAL_CURVE_PLAIN,
    SPIRAL_CURVE_FAINT, /* thin and pale, one of many: not in the legend, and grey unless another curve has its name */
    SPIRAL_CURVE_STRONG /* thick, drawn over all others */
} SpiralCurveStyle;

/* One line of a chart. Borrowed for the call. */
typedef struct SpiralCurve {
    const char *name; /* for the legend, which is drawn when there are several names. Curves of the same name share a
                         colour across the panels. NULL: grey, and not in the legend */
    size_t count;
    const double *x, *y; /* (count) x is finite; a y that is not finite, or not positive on a logarithmic axis, breaks
                            the curve and leaves a mark at the plot's edge. On a logarithmic x axis 0 has a place of its
                            own, and what is below is left out */
    const char *dashed;  /* NULL: a solid line; else a dashed one, and the legend says that dashes mean this */
    const double *low, *high; /* (count) finite where y is, low <= high: a band around the curve, which needs x not to
                                 decrease; NULL: none */
    SpiralCurveStyle style;
} SpiralCurve;

/* One of several plots stacked on each other. Borrowed for the call. */
typedef struct SpiralPanel {
    const char *y_label;
    bool log_y;
    double share; /* of the height, relative to the other panels; above 0 */
    size_t count;
    const SpiralCurve *curves;
} SpiralPanel;

/* Panels that share one x axis and one legend, the first on top. What a logarithmic axis can't show is left out.
 * Errors: USAGE (options, shares), INPUT (a number that can't be drawn, a panel without points), OUTPUT, LIMIT. */
SpiralStatus spiral_figure_panels(size_t count, const SpiralPanel *panels, const char *x_label,
                                  const SpiralFigureOptions *options, const char *path, SpiralError *error);

/* One panel. */
SpiralStatus spiral_figure_curves(size_t count, const SpiralCurve *curves, const char *x_label, const char *y_label,
                                  const SpiralFigureOptions *options, const char *path, SpiralError *error);

/* ---- sweeps ------------------------------------------------------------------------------------------------------ */

/* How the values of a setting are shown on an axis. Borrowed for the call. */
typedef struct SpiralScale {
    const char *label; /* NULL: none */
    bool logarithmic;
    size_t name_count; /* if above 0, value i stands for the i-th name, and `logarithmic` is ignored */
    const char *const *names;
} SpiralScale;

/* A value at each point of a plane of two settings. Borrowed for the call. */
typedef struct SpiralHeatMap {
    SpiralScale x, y;
    const char *value_label; /* NULL: none */
    bool log_values;         /* colours by the values' logarithms; those not above 0 have the lowest one's */
    size_t count;
    const double *xs, *ys; /* (count) finite; on a logarithmic scale positive or 0, which has a place of its own */
    const double *values;  /* (count) finite, or NaN where the run failed */
    size_t best;           /* the point to outline; SIZE_MAX: none */
} SpiralHeatMap;

/* Points that fill most of a grid are drawn as cells, each with the mean value of its points; other points are drawn as
 * discs, those of the same category side by side. Errors: USAGE (options, best), INPUT (a number that can't be drawn,
 * no points), OUTPUT, LIMIT. */
SpiralStatus spiral_figure_heat_map(const SpiralHeatMap *map, const SpiralFigureOptions *options, const char *path,
                                    SpiralError *error);

/* One of many decision boundaries. Borrowed for the call. */
typedef struct SpiralTile {
    const SpiralNetwork *network; /* NULL: only the caption */
    const SpiralDataset *dataset; /* as for spiral_figure_boundary */
    const char *caption;          /* at most two lines, shortened to fit; NULL: none */
    bool marked;                  /* outlined */
} SpiralTile;

/* Decision boundaries in rows and columns. Errors: USAGE (options, the number of tiles), INPUT (a dataset that does not
 * fit its network), OUTPUT, LIMIT. */
SpiralStatus spiral_figure_tiles(size_t count, const SpiralTile *tiles, const SpiralFigureOptions *options,
                                 const char *path, SpiralError *error);

/* ---- in a terminal ----------------------------------------------------------------------------------------------- */

typedef enum SpiralTerminalColours {
    SPIRAL_TERMINAL_PLAIN, /* no escape sequences: a character for every region and class */
    SPIRAL_TERMINAL_256,   /* half blocks in xterm's 256 colours */
    SPIRAL_TERMINAL_24_BIT
} SpiralTerminalColours;

typedef struct SpiralTerminalOptions {
    size_t columns, rows; /* character cells, title and legend included; 20..1000 by 4..1000 */
    SpiralTerminalColours colours;
    const char *title; /* this and the following as for the PNG; "": no title line */
    const char *heading;
    double margin;
    const double *limits;
    const size_t *axes;
    const SpiralPlane *plane;
    bool shade; /* needs colours */
    size_t threads;
} SpiralTerminalOptions;

SpiralTerminalOptions spiral_terminal_defaults(void); /* 80x24, plain */
SpiralStatus spiral_terminal_validate(const SpiralTerminalOptions *options, SpiralError *error);

/* The decision boundary as `rows` lines of text, each ended by a line feed and at most `columns` wide: a title, the
 * picture, a legend. Free *text with free(); it is NULL on failure. Control characters in names are escaped. */
SpiralStatus spiral_figure_terminal(const SpiralNetwork *network, const SpiralDataset *dataset,
                                    const SpiralTerminalOptions *options, char **text, SpiralError *error);

#ifdef __cplusplus
}
#endif

#endif
