/* matrix.h: a matrix as coloured cells between two axes, the first row at the top, with a colour bar. */
#ifndef SPIRAL_FIGURE_MATRIX_H
#define SPIRAL_FIGURE_MATRIX_H

#include <stddef.h>

#include "figure/axes.h"
#include "figure/colour_bar.h"
#include "figure/sheet.h"

enum { SPIRAL_MATRIX_MARKS = 24, SPIRAL_CELL_BYTES = 48 };

/* The rows or the columns. */
typedef struct SpiralMatrixSide {
    size_t count;             /* at least 1 */
    size_t step;              /* from one to the next in the values */
    const char *label;        /* borrowed */
    const char *const *names; /* (count) borrowed; NULL: numbers from 0 */
} SpiralMatrixSide;

/* The text of a cell: one or two lines, the second without which the first will do. */
typedef struct SpiralCellText {
    char line[2][SPIRAL_CELL_BYTES];
} SpiralCellText;

typedef struct SpiralMatrix {
    SpiralMatrixSide rows, columns;
    const double *values; /* borrowed; NaN: none */
    SpiralColourBar bar;  /* limits, label and ramp are set by the caller */
    void (*write)(const struct SpiralMatrix *matrix, size_t row, size_t column, SpiralCellText *text);
    const void *context; /* for write */
    double marks[2][SPIRAL_MATRIX_MARKS];
} SpiralMatrix;

double spiral_matrix_value(const SpiralMatrix *matrix, size_t row, size_t column);

/* Lays out the axes in the area, with room for the colour bar, at least what axes->beside says. The matrix must stay
 * where it is until it is drawn. */
void spiral_matrix_layout(SpiralMatrix *matrix, const SpiralSheet *sheet, SpiralRectangle area, SpiralAxes *axes);

/* The most values that share a cell: 1, unless there are more than can be told apart in the plot. Such a cell shows the
 * one that is farthest from 0. */
size_t spiral_matrix_crowd(const SpiralMatrix *matrix, const SpiralSheet *sheet, const SpiralAxes *axes);

/* Errors: LIMIT. */
SpiralStatus spiral_matrix_draw(const SpiralMatrix *matrix, const SpiralSheet *sheet, const SpiralAxes *axes,
                                SpiralError *error);

#endif
