/* Outlines of the areas of a grid, against counting its cells. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "figure/outlines.h"

enum { LABELS = 4 };

static uint32_t seed = 1;

static uint32_t drawn(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 16) % below;
}

static SpiralOutlines grid(size_t columns, size_t rows, uint32_t labels)
{
    SpiralOutlines outlines;
    assert_true(spiral_outlines_create(&outlines, columns, rows));
    for (size_t i = 0; i < columns * rows; i++)
        outlines.labels[i] = (int32_t)drawn(labels);
    spiral_outlines_place(&outlines, (SpiralRectangle){0.0, 0.0, (double)columns, (double)rows});
    return outlines;
}

/* The area inside a loop, positive when it is on the right, by the shoelace formula. */
static double loop_area(SpiralOutlines *outlines, const SpiralOutline *loop)
{
    size_t count = spiral_outlines_loop(outlines, loop);
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        const float *from = outlines->corners + 2 * outlines->path[i];
        const float *to = outlines->corners + 2 * outlines->path[(i + 1) % count];
        sum += ((double)from[0] * (double)to[1] - (double)to[0] * (double)from[1]) / 2.0;
    }
    return sum;
}

static void measure(SpiralOutlines *outlines, double areas[LABELS])
{
    for (size_t i = 0; i < LABELS; i++)
        areas[i] = 0.0;
    for (size_t i = 0; i < outlines->loops.count; i++)
        areas[outlines->loops.items[i].label] += loop_area(outlines, &outlines->loops.items[i]);
}

static void an_outline_holds_as_much_as_its_cells(void **state)
{
    (void)state;
    for (uint32_t trial = 0; trial < 300; trial++) {
        size_t columns = 1 + drawn(9), rows = 1 + drawn(9);
        SpiralOutlines outlines = grid(columns, rows, 1 + trial % LABELS);
        double areas[LABELS], cells[LABELS] = {0.0};
        for (size_t i = 0; i < columns * rows; i++)
            cells[outlines.labels[i]] += 1.0;
        assert_true(spiral_outlines_trace(&outlines, 0.0));
        measure(&outlines, areas);
        for (size_t i = 0; i < LABELS; i++)
            assert_true(fabs(areas[i] - cells[i]) < 1e-9);
        spiral_outlines_release(&outlines);
    }
}

static void straight_lines_have_no_corners_between_their_ends(void **state)
{
    (void)state;
    SpiralOutlines outlines = grid(7, 5, 1);
    assert_true(spiral_outlines_trace(&outlines, 0.0));
    assert_int_equal(outlines.loops.count, 1);
    assert_int_equal(spiral_outlines_loop(&outlines, &outlines.loops.items[0]), 4);
    spiral_outlines_release(&outlines);
}

/* What is cut off one area goes to its neighbour. All round the grid the label is the same, so that its own corners
 * remain. */
static void simplified_outlines_leave_no_gap(void **state)
{
    (void)state;
    for (uint32_t trial = 0; trial < 300; trial++) {
        size_t columns = 3 + drawn(30), rows = 3 + drawn(30);
        SpiralOutlines outlines = grid(columns, rows, 2 + trial % (LABELS - 1));
        for (size_t i = 0; i < columns * rows; i++) {
            size_t x = i % columns, y = i / columns;
            if (x == 0 || y == 0 || x + 1 == columns || y + 1 == rows)
                outlines.labels[i] = 0;
            else if (drawn(4) != 0) /* larger areas: stripes with a random edge */
                outlines.labels[i] = (int32_t)(x * 2 / columns);
        }
        assert_true(spiral_outlines_trace(&outlines, 0.9));
        double areas[LABELS], sum = 0.0;
        measure(&outlines, areas);
        for (size_t i = 0; i < LABELS; i++)
            sum += areas[i];
        assert_true(fabs(sum - (double)(columns * rows)) < 1e-6);
        spiral_outlines_release(&outlines);
    }
}

/* Two halves with a jagged border: every corner of it that is dropped is near the line that remains. */
static void a_dropped_corner_is_within_the_tolerance(void **state)
{
    (void)state;
    enum { SIDE = 40 };
    SpiralOutlines outlines = grid(SIDE, SIDE, 1);
    for (size_t y = 0; y < SIDE; y++) {
        size_t edge = 15 + y / 4 + drawn(2);
        for (size_t x = 0; x < SIDE; x++)
            outlines.labels[y * SIDE + x] = x >= edge;
    }
    assert_true(spiral_outlines_trace(&outlines, 0.75));
    size_t inner = 0;
    for (size_t i = 0; i < outlines.chains.count; i++) {
        if (!outlines.chains.items[i].inner)
            continue;
        inner++;
        size_t count = spiral_outlines_chain(&outlines, &outlines.chains.items[i]);
        assert_true(count >= 2 && count < SIDE);
        for (size_t y = 0; y < SIDE; y++) { /* the border's own corners, of which the simplified line has but few */
            size_t x = 0;
            while (outlines.labels[y * SIDE + x] == 0)
                x++;
            double nearest = INFINITY;
            for (size_t j = 0; j + 1 < count; j++) {
                const float *a = outlines.corners + 2 * outlines.path[j],
                            *b = outlines.corners + 2 * outlines.path[j + 1];
                double dx = (double)(b[0] - a[0]), dy = (double)(b[1] - a[1]);
                double px = (double)x - (double)a[0], py = (double)y - (double)a[1];
                double t = fmax(0.0, fmin(1.0, (px * dx + py * dy) / (dx * dx + dy * dy)));
                nearest = fmin(nearest, hypot(px - t * dx, py - t * dy));
            }
            assert_true(nearest <= 0.75 + 1e-6);
        }
    }
    assert_int_equal(inner, 1);
    spiral_outlines_release(&outlines);
}

/* A low arch that stands on the edge, from one junction with it to another: its corners are within the tolerance of the
 * line between these, also the first of them in the order of the corners. */
static void a_chain_between_junctions_keeps_only_its_ends(void **state)
{
    (void)state;
    enum { COLUMNS = 9, ROWS = 5 };
    SpiralOutlines outlines = grid(COLUMNS, ROWS, 1);
    for (size_t x = 3; x < 6; x++)
        outlines.labels[(ROWS - 1) * COLUMNS + x] = 1;
    assert_true(spiral_outlines_trace(&outlines, 1.5));
    size_t inner = 0;
    for (size_t i = 0; i < outlines.chains.count; i++) {
        if (!outlines.chains.items[i].inner)
            continue;
        inner++;
        assert_int_equal(spiral_outlines_chain(&outlines, &outlines.chains.items[i]), 2);
        const float *from = outlines.corners + 2 * outlines.path[0], *to = outlines.corners + 2 * outlines.path[1];
        assert_true(fabsf(from[0] - to[0]) == 3.0f && from[1] == (float)ROWS && to[1] == (float)ROWS);
    }
    assert_int_equal(inner, 1);
    spiral_outlines_release(&outlines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_outline_holds_as_much_as_its_cells),
        cmocka_unit_test(straight_lines_have_no_corners_between_their_ends),
        cmocka_unit_test(simplified_outlines_leave_no_gap),
        cmocka_unit_test(a_dropped_corner_is_within_the_tolerance),
        cmocka_unit_test(a_chain_between_junctions_keeps_only_its_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
