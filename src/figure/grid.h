/* grid.h: points of two settings as the cells of a grid. */
#ifndef SPIRAL_FIGURE_GRID_H
#define SPIRAL_FIGURE_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/figure.h"

typedef struct SpiralGridCell {
    size_t points, valued; /* that lie in it, and those of them whose value is a number */
    double sum;            /* of these */
} SpiralGridCell;

typedef struct SpiralGrid {
    size_t columns, rows;         /* 0: the points do not fill a grid */
    double *xs, *ys;              /* (columns), (rows) the values, ascending */
    double *x_edges;              /* (columns + 1) ascending, midway between the values */
    double *y_edges;              /* (rows + 1) */
    SpiralGridCell *cells;        /* (rows, columns) */
    size_t best_column, best_row; /* the cell of the best point; SIZE_MAX: none */
} SpiralGrid;

/* Release it in any case, also when this fails or there is no grid. Errors: LIMIT. */
SpiralStatus spiral_grid_create(SpiralGrid *grid, const SpiralHeatMap *map, SpiralError *error);
void spiral_grid_release(SpiralGrid *grid);

#endif
