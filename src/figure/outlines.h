/* outlines.h: the outlines of the areas of a grid whose cells have the same label.
 *
 * A side between two cells of different labels, or at the grid's edge, belongs to an outline. Sides form chains: from a
 * corner where more than two of them meet to the next, or closed. Each chain is simplified once, so that the outlines
 * on both sides of it have the same points and leave no gap. */
#ifndef SPIRAL_FIGURE_OUTLINES_H
#define SPIRAL_FIGURE_OUTLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "figure/canvas.h"

/* The label beyond the grid's edge. */
#define SPIRAL_OUTSIDE INT32_MIN

/* Where a chain, or the outline of a label, begins. */
typedef struct SpiralOutline {
    int32_t label;     /* of an outline: what is on its right */
    bool inner;        /* of a chain: between two cells, not at the grid's edge */
    uint8_t direction; /* of its first side */
    size_t x, y;       /* its first corner */
} SpiralOutline;

typedef struct SpiralOutlineList {
    SpiralOutline *items; /* (count) */
    size_t count, capacity;
} SpiralOutlineList;

typedef struct SpiralOutlines {
    size_t columns, rows;
    int32_t *labels;                 /* (rows, columns) set by the caller */
    float *corners;                  /* (rows + 1, columns + 1, 2) set by the caller: where the corners are, x and y */
    uint8_t *marks;                  /* (rows + 1, columns + 1) */
    SpiralOutlineList chains, loops; /* found by spiral_outlines_trace; the loops are ordered by label */
    size_t *path;                    /* (path_capacity) corners, as indices */
    size_t path_capacity;
} SpiralOutlines;

/* false when there is no memory. Release it in any case. */
bool spiral_outlines_create(SpiralOutlines *outlines, size_t columns, size_t rows);
void spiral_outlines_release(SpiralOutlines *outlines);

/* Places the corners so that the cells fill the area evenly. */
void spiral_outlines_place(SpiralOutlines *outlines, SpiralRectangle area);

/* Finds the chains and the outlines of all labels, and drops corners that are within tolerance of the lines between
 * those that remain. false when there is no memory. */
bool spiral_outlines_trace(SpiralOutlines *outlines, double tolerance);

/* Puts the remaining corners of a chain, both ends included, or of an outline, each once, into path; returns how many
 * there are. */
size_t spiral_outlines_chain(SpiralOutlines *outlines, const SpiralOutline *chain);
size_t spiral_outlines_loop(SpiralOutlines *outlines, const SpiralOutline *loop);

#endif
