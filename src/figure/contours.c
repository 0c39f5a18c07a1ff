#include "figure/contours.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

/* A change of the class between two neighbours is found by halving so many times. */
enum { HALVINGS = 6 };

/* Pixels by which a simplified border may be off. */
static const double TOLERANCE = 0.05;

/* The lattice: a point is a cell of the outlines' grid. One row and column more on every side reach beyond the plot. */
typedef struct Lattice {
    SpiralSampler *sampler;
    double left, top, step; /* the first point */
    int32_t levels;         /* of each class */
    SpiralOutlines outlines;
    uint8_t *counts; /* (rows + 1, columns + 1) the crossings whose sum is at the corner */
} Lattice;

/* Two neighbours of different classes. */
typedef struct Edge {
    size_t column, row; /* of the first */
    bool down;          /* the second is below it, not to its right */
    double low, high;   /* the change lies between these parts of the way */
} Edge;

static SpiralStatus no_memory(SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to draw a decision boundary");
}

static int32_t label_at(const Lattice *lattice, size_t column, size_t row)
{
    return lattice->outlines.labels[row * lattice->outlines.columns + column];
}

/* Of row i of the sampler's batch. */
static int32_t label_of(const Lattice *lattice, size_t i)
{
    const SpiralSampler *sampler = lattice->sampler;
    if (sampler->labels[i] == SPIRAL_NO_CLASS)
        return SPIRAL_NO_CLASS;
    int32_t level = lattice->levels > 1 ? (int32_t)(spiral_sampler_strength(sampler, i) * lattice->levels) : 0;
    return (int32_t)sampler->labels[i] * lattice->levels + (level < lattice->levels ? level : lattice->levels - 1);
}

static double x_of(const Lattice *lattice, double column)
{
    return lattice->left + column * lattice->step;
}

static double y_of(const Lattice *lattice, double row)
{
    return lattice->top + row * lattice->step;
}

static SpiralStatus classify(Lattice *lattice, SpiralError *error)
{
    SpiralSampler *sampler = lattice->sampler;
    size_t columns = lattice->outlines.columns, total = columns * lattice->outlines.rows;
    for (size_t done = 0; done < total;) {
        size_t count = total - done < sampler->batch ? total - done : sampler->batch;
        for (size_t i = 0; i < count; i++)
            spiral_sampler_put(sampler, i, x_of(lattice, (double)((done + i) % columns)),
                               y_of(lattice, (double)((done + i) / columns)));
        SpiralStatus status = spiral_sampler_classify(sampler, count, error);
        if (status != SPIRAL_OK)
            return status;
        for (size_t i = 0; i < count; i++)
            lattice->outlines.labels[done + i] = label_of(lattice, i);
        done += count;
    }
    return SPIRAL_OK;
}

/* ---- crossings --------------------------------------------------------------------------------------------------- */

static void middle_of(const Lattice *lattice, const Edge *edge, double *x, double *y)
{
    double part = (edge->low + edge->high) / 2.0;
    *x = x_of(lattice, (double)edge->column + (edge->down ? 0.0 : part));
    *y = y_of(lattice, (double)edge->row + (edge->down ? part : 0.0));
}

static void add_crossing(Lattice *lattice, size_t x, size_t y, double place_x, double place_y)
{
    size_t corner = y * (lattice->outlines.columns + 1) + x;
    uint8_t *count = &lattice->counts[corner];
    float *sum = lattice->outlines.corners + 2 * corner;
    sum[0] = (*count == 0 ? 0.0f : sum[0]) + (float)place_x;
    sum[1] = (*count == 0 ? 0.0f : sum[1]) + (float)place_y;
    (*count)++;
}

/* Finds where the class changes on edges (count), and adds the places to the corners at both ends of the side between
 * the two cells. */
static SpiralStatus find_crossings(Lattice *lattice, Edge *edges, size_t count, SpiralError *error)
{
    SpiralSampler *sampler = lattice->sampler;
    double x, y;
    for (int halving = 0; halving < HALVINGS; halving++) {
        for (size_t i = 0; i < count; i++) {
            middle_of(lattice, &edges[i], &x, &y);
            spiral_sampler_put(sampler, i, x, y);
        }
        SpiralStatus status = spiral_sampler_classify(sampler, count, error);
        if (status != SPIRAL_OK)
            return status;
        for (size_t i = 0; i < count; i++) {
            double middle = (edges[i].low + edges[i].high) / 2.0;
            bool first = label_of(lattice, i) == label_at(lattice, edges[i].column, edges[i].row);
            *(first ? &edges[i].low : &edges[i].high) = middle;
        }
    }
    for (size_t i = 0; i < count; i++) {
        size_t column = edges[i].column + 1, row = edges[i].row + 1; /* the corner behind the cell */
        middle_of(lattice, &edges[i], &x, &y);
        add_crossing(lattice, column, row, x, y);
        add_crossing(lattice, edges[i].down ? column - 1 : column, edges[i].down ? row : row - 1, x, y);
    }
    return SPIRAL_OK;
}

/* Moves each corner of an outline to the mean of the crossings on the edges around it. */
static SpiralStatus place_corners(Lattice *lattice, SpiralError *error)
{
    size_t columns = lattice->outlines.columns, rows = lattice->outlines.rows, waiting = 0;
    size_t most = lattice->sampler->batch;
    Edge *edges = spiral_allocate(most, sizeof *edges);
    SpiralStatus status = edges != NULL ? SPIRAL_OK : no_memory(error);
    for (size_t i = 0; status == SPIRAL_OK && i < 2 * columns * rows; i++) {
        size_t column = i / 2 % columns, row = i / 2 / columns;
        bool down = i % 2 == 1;
        if (down ? row + 1 == rows : column + 1 == columns)
            continue;
        if (label_at(lattice, column, row) != label_at(lattice, column + !down, row + down))
            edges[waiting++] = (Edge){.column = column, .row = row, .down = down, .low = 0.0, .high = 1.0};
        if (waiting == most) {
            status = find_crossings(lattice, edges, waiting, error);
            waiting = 0;
        }
    }
    if (status == SPIRAL_OK && waiting > 0)
        status = find_crossings(lattice, edges, waiting, error);
    free(edges);
    for (size_t i = 0; status == SPIRAL_OK && i < (columns + 1) * (rows + 1); i++)
        for (size_t j = 0; j < 2 && lattice->counts[i] > 1; j++)
            lattice->outlines.corners[2 * i + j] /= (float)lattice->counts[i];
    return status;
}

/* ---- the picture ------------------------------------------------------------------------------------------------- */

static SpiralStatus trace(Lattice *lattice, SpiralError *error)
{
    SpiralOutlines *outlines = &lattice->outlines;
    SpiralStatus status = classify(lattice, error);
    if (status != SPIRAL_OK)
        return status;
    double left = x_of(lattice, -0.5), top = y_of(lattice, -0.5);
    spiral_outlines_place(outlines, (SpiralRectangle){left, top, left + (double)outlines->columns * lattice->step,
                                                      top + (double)outlines->rows * lattice->step});
    status = place_corners(lattice, error);
    return status == SPIRAL_OK && !spiral_outlines_trace(outlines, TOLERANCE) ? no_memory(error) : status;
}

SpiralStatus spiral_contours_draw(SpiralSampler *sampler, SpiralSvg *svg, double step, int32_t levels,
                                  SpiralArea (*describe)(const void *context, int32_t label),
                                  const SpiralStroke *border, SpiralError *error)
{
    const SpiralRectangle *plot = &sampler->axes->plot;
    size_t columns = (size_t)ceil((plot->right - plot->left) / step) + 2;
    size_t rows = (size_t)ceil((plot->bottom - plot->top) / step) + 2;
    Lattice lattice = {.sampler = sampler,
                       .left = plot->left - step / 2.0,
                       .top = plot->top - step / 2.0,
                       .step = step,
                       .levels = levels};
    bool made = spiral_outlines_create(&lattice.outlines, columns, rows);
    lattice.counts = spiral_allocate((columns + 1) * (rows + 1), 1);
    SpiralStatus status = made && lattice.counts != NULL ? trace(&lattice, error) : no_memory(error);
    if (status == SPIRAL_OK) {
        spiral_svg_clip(svg, plot);
        if (describe != NULL)
            spiral_svg_areas(svg, &lattice.outlines, describe, sampler, SPIRAL_SEAM);
        if (border != NULL)
            spiral_svg_borders(svg, &lattice.outlines, border);
        spiral_svg_clip(svg, NULL);
    }
    spiral_outlines_release(&lattice.outlines);
    free(lattice.counts);
    return status;
}
