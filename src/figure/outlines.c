#include "figure/outlines.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

/* Directions along the sides, clockwise. The cell to the right of the side that leaves a corner in direction d is the
 * d-th of the cells around the corner, the one to its left is the one before. */
enum { EAST, SOUTH, WEST, NORTH, DIRECTIONS };

/* Marks of a corner: outlines that have passed in each direction (the first four bits), chains that have passed the
 * sides to the east and to the south, and whether the corner remains. */
enum { EAST_SEEN = 1 << 4, SOUTH_SEEN = 1 << 5, KEPT = 1 << 6 };

/* ---- memory ------------------------------------------------------------------------------------------------------ */

bool spiral_outlines_create(SpiralOutlines *outlines, size_t columns, size_t rows)
{
    size_t corners = (columns + 1) * (rows + 1);
    *outlines = (SpiralOutlines){.columns = columns, .rows = rows};
    outlines->labels = spiral_allocate(columns * rows, sizeof *outlines->labels);
    outlines->corners = spiral_allocate(corners, 2 * sizeof *outlines->corners);
    outlines->marks = spiral_allocate(corners, sizeof *outlines->marks);
    return outlines->labels != NULL && outlines->corners != NULL && outlines->marks != NULL;
}

void spiral_outlines_release(SpiralOutlines *outlines)
{
    free(outlines->labels);
    free(outlines->corners);
    free(outlines->marks);
    free(outlines->chains.items);
    free(outlines->loops.items);
    free(outlines->path);
}

void spiral_outlines_place(SpiralOutlines *outlines, SpiralRectangle area)
{
    double width = (area.right - area.left) / (double)outlines->columns;
    double height = (area.bottom - area.top) / (double)outlines->rows;
    float *corner = outlines->corners;
    for (size_t y = 0; y <= outlines->rows; y++)
        for (size_t x = 0; x <= outlines->columns; x++) {
            *corner++ = (float)(area.left + (double)x * width);
            *corner++ = (float)(area.top + (double)y * height);
        }
}

static bool append(SpiralOutlineList *list, SpiralOutline item)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 64 : 2 * list->capacity;
        SpiralOutline *grown = spiral_reallocate(list->items, capacity, sizeof *grown);
        if (grown == NULL)
            return false;
        list->items = grown;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
    return true;
}

static bool reserve(SpiralOutlines *outlines, size_t count)
{
    if (count <= outlines->path_capacity)
        return true;
    size_t capacity = 2 * count;
    size_t *grown = spiral_reallocate(outlines->path, capacity, sizeof *grown);
    if (grown == NULL)
        return false;
    outlines->path = grown;
    outlines->path_capacity = capacity;
    return true;
}

/* ---- corners and sides ------------------------------------------------------------------------------------------- */

static size_t corner_at(const SpiralOutlines *outlines, size_t x, size_t y)
{
    return y * (outlines->columns + 1) + x;
}

static void move(size_t *x, size_t *y, uint8_t direction)
{
    *x += direction == EAST ? 1 : 0;
    *x -= direction == WEST ? 1 : 0;
    *y += direction == SOUTH ? 1 : 0;
    *y -= direction == NORTH ? 1 : 0;
}

/* The label of a cell; beyond the left and upper edges the numbers have wrapped around. */
static int32_t label_at(const SpiralOutlines *outlines, size_t column, size_t row)
{
    bool inside = column < outlines->columns && row < outlines->rows;
    return inside ? outlines->labels[row * outlines->columns + column] : SPIRAL_OUTSIDE;
}

/* The labels of the cells around a corner, clockwise from the one to the south-east. */
static void look_around(const SpiralOutlines *outlines, size_t x, size_t y, int32_t around[DIRECTIONS])
{
    around[EAST] = label_at(outlines, x, y);
    around[SOUTH] = label_at(outlines, x - 1, y);
    around[WEST] = label_at(outlines, x - 1, y - 1);
    around[NORTH] = label_at(outlines, x, y - 1);
}

static int32_t left_of(const int32_t around[DIRECTIONS], unsigned direction)
{
    return around[(direction + 3) % DIRECTIONS];
}

/* Does a side leave the corner in that direction? */
static bool is_side(const int32_t around[DIRECTIONS], unsigned direction)
{
    return around[direction] != left_of(around, direction);
}

static bool is_junction(const int32_t around[DIRECTIONS])
{
    return is_side(around, EAST) + is_side(around, SOUTH) + is_side(around, WEST) + is_side(around, NORTH) > 2;
}

/* ---- chains ------------------------------------------------------------------------------------------------------ */

/* The marks that hold whether a chain has passed the side, and the bit. */
static uint8_t *seen(SpiralOutlines *outlines, size_t x, size_t y, uint8_t direction, uint8_t *bit)
{
    *bit = direction == EAST || direction == WEST ? EAST_SEEN : SOUTH_SEEN;
    if (direction == WEST || direction == NORTH)
        move(&x, &y, direction);
    return &outlines->marks[corner_at(outlines, x, y)];
}

static bool is_seen(SpiralOutlines *outlines, size_t x, size_t y, uint8_t direction)
{
    uint8_t bit;
    return (*seen(outlines, x, y, direction, &bit) & bit) != 0;
}

/* The direction in which a chain that has come in `direction` goes on from a corner of two sides. */
static uint8_t next_of_chain(const int32_t around[DIRECTIONS], uint8_t direction)
{
    for (uint8_t turn = 3; turn < 6; turn++) { /* left, straight on, right */
        uint8_t next = (uint8_t)((direction + turn) % DIRECTIONS);
        if (is_side(around, next))
            return next;
    }
    return direction;
}

/* Walks along a chain; all: puts every corner into path and marks the sides, else only the corners that remain. Returns
 * how many it has put there, 0 when there is no memory. */
static size_t walk_chain(SpiralOutlines *outlines, const SpiralOutline *chain, bool all)
{
    size_t x = chain->x, y = chain->y, count = 0;
    uint8_t direction = chain->direction;
    for (bool first = true, end = false; !end; first = false) {
        if (!first)
            move(&x, &y, direction);
        size_t corner = corner_at(outlines, x, y);
        if (all && !reserve(outlines, count + 1))
            return 0;
        if (all || (outlines->marks[corner] & KEPT) != 0)
            outlines->path[count++] = corner;
        int32_t around[DIRECTIONS];
        look_around(outlines, x, y, around);
        end = !first && (is_junction(around) || (x == chain->x && y == chain->y));
        if (!first && !end)
            direction = next_of_chain(around, direction);
        if (all && !end) {
            uint8_t bit, *marks = seen(outlines, x, y, direction, &bit);
            *marks |= bit;
        }
    }
    return count;
}

static double distance(const float *point, const float *from, const float *to)
{
    double dx = (double)to[0] - (double)from[0], dy = (double)to[1] - (double)from[1];
    double px = (double)point[0] - (double)from[0], py = (double)point[1] - (double)from[1];
    double squared = dx * dx + dy * dy;
    double t = squared > 0.0 ? fmax(0.0, fmin(1.0, (px * dx + py * dy) / squared)) : 0.0;
    return hypot(px - t * dx, py - t * dy);
}

/* Marks the corners of path[first..last] that remain, by Douglas and Peucker's rule: the farthest from the line between
 * the ends, if it is not within tolerance, and those of both halves. The shorter half is done by a call, the longer one
 * by the loop, so that the calls don't pile up. */
static void simplify(SpiralOutlines *outlines, size_t first, size_t last, double tolerance)
{
    while (last > first + 1) {
        const float *from = outlines->corners + 2 * outlines->path[first];
        const float *to = outlines->corners + 2 * outlines->path[last];
        size_t farthest = first;
        double most = tolerance;
        for (size_t i = first + 1; i < last; i++) {
            double found = distance(outlines->corners + 2 * outlines->path[i], from, to);
            if (found > most) {
                most = found;
                farthest = i;
            }
        }
        if (farthest == first)
            return;
        outlines->marks[outlines->path[farthest]] |= KEPT;
        bool left_is_longer = farthest - first > last - farthest;
        simplify(outlines, left_is_longer ? farthest : first, left_is_longer ? last : farthest, tolerance);
        if (left_is_longer)
            last = farthest;
        else
            first = farthest;
    }
}

static bool add_chain(SpiralOutlines *outlines, size_t x, size_t y, uint8_t direction, const int32_t around[DIRECTIONS],
                      double tolerance)
{
    SpiralOutline chain = {.x = x, .y = y, .direction = direction};
    chain.inner = around[direction] != SPIRAL_OUTSIDE && left_of(around, direction) != SPIRAL_OUTSIDE;
    size_t count = walk_chain(outlines, &chain, true);
    if (count == 0 || !append(&outlines->chains, chain))
        return false;
    outlines->marks[outlines->path[0]] |= KEPT;
    outlines->marks[outlines->path[count - 1]] |= KEPT;
    simplify(outlines, 0, count - 1, tolerance);
    return true;
}

/* The chains that begin at junctions, or those that are left: closed ones. */
static bool find_chains(SpiralOutlines *outlines, bool closed, double tolerance)
{
    for (size_t y = 0; y <= outlines->rows; y++)
        for (size_t x = 0; x <= outlines->columns; x++) {
            int32_t around[DIRECTIONS];
            look_around(outlines, x, y, around);
            if (!closed && !is_junction(around))
                continue;
            for (uint8_t direction = EAST; direction < DIRECTIONS; direction++)
                if (is_side(around, direction) && !is_seen(outlines, x, y, direction) &&
                    !add_chain(outlines, x, y, direction, around, tolerance))
                    return false;
        }
    return true;
}

/* ---- loops ------------------------------------------------------------------------------------------------------- */

/* Walks round an area with it on the right, turning right where it can. all: marks the sides, and returns how many
 * there are; else puts the corners that remain into path. */
static size_t walk_loop(SpiralOutlines *outlines, const SpiralOutline *loop, bool all)
{
    size_t x = loop->x, y = loop->y, count = 0;
    uint8_t direction = loop->direction;
    do {
        size_t corner = corner_at(outlines, x, y);
        if (all)
            outlines->marks[corner] |= (uint8_t)(1u << direction);
        if (all)
            count++;
        else if ((outlines->marks[corner] & KEPT) != 0)
            outlines->path[count++] = corner;
        move(&x, &y, direction);
        int32_t around[DIRECTIONS];
        look_around(outlines, x, y, around);
        for (uint8_t turn = 5; turn > 2; turn--) { /* right, straight on, left */
            uint8_t next = (uint8_t)((direction + turn) % DIRECTIONS);
            if (around[next] == loop->label && is_side(around, next)) {
                direction = next;
                break;
            }
        }
    } while (x != loop->x || y != loop->y || direction != loop->direction);
    return count;
}

static bool find_loops(SpiralOutlines *outlines)
{
    for (size_t y = 0; y <= outlines->rows; y++)
        for (size_t x = 0; x <= outlines->columns; x++) {
            int32_t around[DIRECTIONS];
            look_around(outlines, x, y, around);
            for (uint8_t direction = EAST; direction < DIRECTIONS; direction++) {
                SpiralOutline loop = {.label = around[direction], .x = x, .y = y, .direction = direction};
                if (loop.label == SPIRAL_OUTSIDE || !is_side(around, direction) ||
                    (outlines->marks[corner_at(outlines, x, y)] & 1u << direction) != 0)
                    continue;
                if (!reserve(outlines, walk_loop(outlines, &loop, true)) || !append(&outlines->loops, loop))
                    return false;
            }
        }
    return true;
}

static int compare(const void *first, const void *second)
{
    const SpiralOutline *a = first, *b = second;
    if (a->label != b->label)
        return a->label < b->label ? -1 : 1;
    if (a->y != b->y)
        return a->y < b->y ? -1 : 1;
    if (a->x != b->x)
        return a->x < b->x ? -1 : 1;
    return (a->direction > b->direction) - (a->direction < b->direction);
}

bool spiral_outlines_trace(SpiralOutlines *outlines, double tolerance)
{
    if (!find_chains(outlines, false, tolerance) || !find_chains(outlines, true, tolerance) || !find_loops(outlines))
        return false;
    qsort(outlines->loops.items, outlines->loops.count, sizeof *outlines->loops.items, compare);
    return true;
}

size_t spiral_outlines_chain(SpiralOutlines *outlines, const SpiralOutline *chain)
{
    return walk_chain(outlines, chain, false);
}

size_t spiral_outlines_loop(SpiralOutlines *outlines, const SpiralOutline *loop)
{
    return walk_loop(outlines, loop, false);
}
