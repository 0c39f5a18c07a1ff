#include "figure/grid.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MOST_LINES = 200 };

static const double FILLED = 0.7; /* the fraction of the cells that must have points */

static const double FARTHEST = 1e3; /* what factor an outer cell of a logarithmic scale may reach outwards */

static int compare(const void *first, const void *second)
{
    double a = *(const double *)first, b = *(const double *)second;
    return (a > b) - (a < b);
}

/* Sorts the values and moves the distinct ones to the front. */
static size_t distinct(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || values[i] > values[kept - 1])
            values[kept++] = values[i];
    return kept;
}

static size_t place_of(const double *values, size_t count, double value)
{
    const double *found = bsearch(&value, values, count, sizeof *values, compare);
    return found != NULL ? (size_t)(found - values) : 0;
}

/* The outer cells extend as far outwards as inwards. A 0 on a logarithmic scale has a cell as wide as the next. */
static void set_edges(const double *values, size_t count, const SpiralScale *scale, double *edges)
{
    bool names = scale->name_count > 0, logarithmic = scale->logarithmic && !names && values[count - 1] > 0.0;
    if (logarithmic && values[0] == 0.0) {
        set_edges(values + 1, count - 1, scale, edges + 1);
        edges[0] = fmax(edges[1] / (edges[2] / edges[1]), DBL_MIN);
        return;
    }
    if (names || count == 1) {
        double room = names || values[0] == 0.0 ? 0.5 : fabs(values[0]) / 2.0;
        edges[0] = logarithmic ? values[0] / 2.0 : values[0] - room;
        edges[count] = logarithmic ? values[0] * 2.0 : values[count - 1] + room;
    } else if (logarithmic) {
        edges[0] = values[0] / fmin(FARTHEST, sqrt(values[1] / values[0]));
        edges[count] = values[count - 1] * fmin(FARTHEST, sqrt(values[count - 1] / values[count - 2]));
    } else {
        edges[0] = values[0] - (values[1] - values[0]) / 2.0;
        edges[count] = values[count - 1] + (values[count - 1] - values[count - 2]) / 2.0;
    }
    for (size_t i = 1; i < count; i++)
        edges[i] = logarithmic ? sqrt(values[i - 1]) * sqrt(values[i]) : values[i - 1] / 2.0 + values[i] / 2.0;
}

static void fill(SpiralGrid *grid, const SpiralHeatMap *map)
{
    for (size_t i = 0; i < map->count; i++) {
        size_t column = place_of(grid->xs, grid->columns, map->xs[i]);
        size_t row = place_of(grid->ys, grid->rows, map->ys[i]);
        SpiralGridCell *cell = &grid->cells[row * grid->columns + column];
        cell->points++;
        if (!isnan(map->values[i])) {
            cell->valued++;
            cell->sum += map->values[i];
        }
        if (i == map->best) {
            grid->best_column = column;
            grid->best_row = row;
        }
    }
}

/* Every name gets a column or row, even without points. */
static size_t lines_of(const SpiralScale *scale, const double *given, size_t count, double *values)
{
    if (scale->name_count == 0) {
        memcpy(values, given, count * sizeof *values);
        return distinct(values, count);
    }
    for (size_t i = 0; i < scale->name_count; i++)
        values[i] = (double)i;
    return scale->name_count;
}

static bool is_filled(const SpiralGrid *grid)
{
    size_t cells = grid->columns * grid->rows, filled = 0;
    for (size_t i = 0; i < cells; i++)
        filled += grid->cells[i].points > 0;
    return (double)filled >= FILLED * (double)cells;
}

static SpiralStatus no_memory(SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for a heat map");
}

/* The distinct values on both axes. */
static SpiralStatus find_lines(SpiralGrid *grid, const SpiralHeatMap *map, SpiralError *error)
{
    size_t most_x = map->x.name_count > 0 ? map->x.name_count : map->count;
    size_t most_y = map->y.name_count > 0 ? map->y.name_count : map->count;
    grid->xs = spiral_allocate(most_x, sizeof *grid->xs);
    grid->ys = spiral_allocate(most_y, sizeof *grid->ys);
    if (grid->xs == NULL || grid->ys == NULL)
        return no_memory(error);
    grid->columns = lines_of(&map->x, map->xs, map->count, grid->xs);
    grid->rows = lines_of(&map->y, map->ys, map->count, grid->ys);
    return SPIRAL_OK;
}

SpiralStatus spiral_grid_create(SpiralGrid *grid, const SpiralHeatMap *map, SpiralError *error)
{
    *grid = (SpiralGrid){.best_column = SIZE_MAX, .best_row = SIZE_MAX};
    SpiralStatus status = find_lines(grid, map, error);
    bool filled = status == SPIRAL_OK && grid->columns <= MOST_LINES && grid->rows <= MOST_LINES;
    if (filled) {
        grid->x_edges = spiral_allocate(grid->columns + 1, sizeof *grid->x_edges);
        grid->y_edges = spiral_allocate(grid->rows + 1, sizeof *grid->y_edges);
        grid->cells = spiral_allocate(grid->columns * grid->rows, sizeof *grid->cells);
        if (grid->x_edges == NULL || grid->y_edges == NULL || grid->cells == NULL)
            return no_memory(error);
        fill(grid, map);
        set_edges(grid->xs, grid->columns, &map->x, grid->x_edges);
        set_edges(grid->ys, grid->rows, &map->y, grid->y_edges);
        filled = is_filled(grid);
    }
    if (!filled)
        grid->columns = grid->rows = 0;
    return status;
}

void spiral_grid_release(SpiralGrid *grid)
{
    free(grid->xs);
    free(grid->ys);
    free(grid->x_edges);
    free(grid->y_edges);
    free(grid->cells);
}
