/* Heat maps: cells and discs, looked at in the file. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "figure/colours.h"
#include "figure_support.h"

static const SpiralColour white = {255, 255, 255}, failed = {0xd0, 0xd0, 0xd0}, ink = {0x22, 0x22, 0x22};

static Image heat_map(const SpiralHeatMap *map, const SpiralFigureOptions *options)
{
    SpiralError error = {0};
    if (spiral_figure_heat_map(map, options, path, &error) != SPIRAL_OK)
        fail_msg("%s", error.reason);
    return read_plot();
}

/* The pixel at that part of the plot, from its bottom left corner. */
static int column_at(const Image *image, double part)
{
    return (int)(image->left + part * (image->right - image->left));
}

static int row_at(const Image *image, double part)
{
    return (int)(image->bottom - part * (image->bottom - image->top));
}

static void assert_at(const Image *image, double x, double y, SpiralColour expected)
{
    assert_colour(image, column_at(image, x), row_at(image, y), expected);
}

/* ---- colours ----------------------------------------------------------------------------------------------------- */

static double linear(uint8_t byte)
{
    double value = byte / 255.0;
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static double luminance(SpiralColour colour)
{
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
}

/* CIE 1976 L* */
static double lightness(SpiralColour colour)
{
    return 116.0 * cbrt(luminance(colour)) - 16.0;
}

static void the_ramp_grows_lighter_evenly(void **state)
{
    (void)state;
    double first = lightness(spiral_ramp_colour(0.0)), last = lightness(spiral_ramp_colour(1.0));
    assert_true(first < 15.0 && last > 85.0);
    for (int i = 0; i < 20; i++) {
        double step = lightness(spiral_ramp_colour((i + 1) / 20.0)) - lightness(spiral_ramp_colour(i / 20.0));
        assert_true(step > 0.5 * (last - first) / 20.0 && step < 1.6 * (last - first) / 20.0);
    }
    assert_true(same(spiral_ramp_colour(-1.0), spiral_ramp_colour(0.0)));
    assert_true(same(spiral_ramp_colour(7.0), spiral_ramp_colour(1.0)));
}

/* WCAG's contrast for text: 4.5 : 1 */
static void text_can_be_read_on_every_colour(void **state)
{
    (void)state;
    for (int i = 0; i <= 100; i++) {
        SpiralColour ground = spiral_ramp_colour(i / 100.0);
        double a = luminance(ground) + 0.05, b = luminance(spiral_ramp_text(ground)) + 0.05;
        assert_true(fmax(a, b) / fmin(a, b) >= 4.5);
    }
}

/* ---- cells ------------------------------------------------------------------------------------------------------- */

/* x at 0, 2 and 10 has edges at -1, 1, 6 and 14; y at 1, 10 and 1000 on a logarithmic scale has them at 10^-0.5,
 * 10^0.5, 10^2 and 10^4. The value of row r and column c is 3 r + c, but the fourth failed and the eighth is missing.
 */
static const double grid_xs[] = {0, 2, 10, 0, 2, 10, 0, 10}, grid_ys[] = {1, 1, 1, 10, 10, 10, 1000, 1000};
static const double grid_values[] = {0, 1, 2, NAN, 4, 5, 6, 8};

static SpiralHeatMap grid(void)
{
    return (SpiralHeatMap){.x = {.label = "x"},
                           .y = {.label = "y", .logarithmic = true},
                           .value_label = "value",
                           .count = 8,
                           .xs = grid_xs,
                           .ys = grid_ys,
                           .values = grid_values,
                           .best = SIZE_MAX};
}

static void cells_meet_midway_and_have_their_values_colours(void **state)
{
    (void)state;
    SpiralHeatMap map = grid();
    SpiralFigureOptions options = options_of(900, 700);
    Image image = heat_map(&map, &options);
    const double x_edges[] = {0, 2.0 / 15, 7.0 / 15, 1}, y_edges[] = {0, 1 / 4.5, 2.5 / 4.5, 1};
    for (size_t row = 0; row < 3; row++)
        for (size_t column = 0; column < 3; column++) {
            size_t value = 3 * row + column;
            SpiralColour expected = value == 3 ? failed : value == 7 ? white : spiral_ramp_colour((double)value / 8.0);
            for (size_t corner = 0; corner < 4; corner++) { /* just within the cell, off its number */
                double x = x_edges[column + corner % 2] + (corner % 2 == 0 ? 0.006 : -0.006);
                double y = y_edges[row + corner / 2] + (corner / 2 == 0 ? 0.006 : -0.006);
                assert_at(&image, x, y, expected);
            }
        }
    assert_false(same(at(&image, column_at(&image, 1.0 / 15), row_at(&image, 1.75 / 4.5)), failed)); /* the cross */
    free(image.pixels);
}

/* Rows of the cell's middle that have a pixel which is not of its colour. */
static size_t written_rows(const Image *image, double x, double y, double half)
{
    SpiralColour ground = at(image, column_at(image, x - half), row_at(image, y));
    size_t rows = 0;
    for (int j = row_at(image, y) - 20; j < row_at(image, y) + 20; j++) {
        bool other = false;
        for (int i = column_at(image, x - half); i < column_at(image, x + half); i++)
            other = other || !same(at(image, i, j), ground);
        rows += other;
    }
    return rows;
}

#define SIDE 60 /* points each way of a map whose cells have no room for a value */

static void values_are_written_where_they_fit(void **state)
{
    (void)state;
    const double xs[] = {0, 1, 0, 1}, ys[] = {0, 0, 1, 1}, values[] = {1, 2, 3, 4};
    SpiralHeatMap map = {.count = 4, .xs = xs, .ys = ys, .values = values, .best = SIZE_MAX};
    SpiralFigureOptions options = options_of(800, 600);
    Image image = heat_map(&map, &options);
    for (size_t i = 0; i < 4; i++) { /* digits at least 8 pixels high */
        size_t rows = written_rows(&image, 0.25 + 0.5 * xs[i], 0.25 + 0.5 * ys[i], 0.1);
        assert_true(rows >= 8 && rows <= 20);
    }
    free(image.pixels);
    static double many_x[SIDE * SIDE], many_y[SIDE * SIDE], ones[SIDE * SIDE];
    for (size_t i = 0; i < SIDE * SIDE; i++) {
        many_x[i] = (double)(i % SIDE);
        many_y[i] = (double)(i / SIDE);
        ones[i] = i == 0 ? 0.0 : 1.0;
    }
    map = (SpiralHeatMap){.count = SIDE * SIDE, .xs = many_x, .ys = many_y, .values = ones, .best = SIZE_MAX};
    options = options_of(400, 400);
    image = heat_map(&map, &options);
    for (int y = image.top; y < row_at(&image, 2.0 / SIDE); y++)
        for (int x = image.left; x < image.right; x++)
            assert_colour(&image, x, y, spiral_ramp_colour(1.0));
    free(image.pixels);
}

static void a_cell_of_many_points_has_their_mean(void **state)
{
    (void)state;
    const double xs[] = {0, 0, 0, 1, 2}, ys[] = {0, 0, 0, 0, 0}, values[] = {1, 5, NAN, 0, 12};
    SpiralHeatMap map = {.count = 5, .xs = xs, .ys = ys, .values = values, .best = SIZE_MAX};
    SpiralFigureOptions options = options_of(500, 400);
    Image image = heat_map(&map, &options);
    assert_at(&image, 0.02, 0.1, spiral_ramp_colour(3.0 / 12.0));
    assert_at(&image, 0.5, 0.1, spiral_ramp_colour(0.0));
    assert_at(&image, 0.98, 0.1, spiral_ramp_colour(1.0));
    free(image.pixels);
}

static void names_have_a_column_each(void **state)
{
    (void)state;
    static const char *const names[] = {"sgd", "a name that is far too long for the room that it has here", "", "adam"};
    const double xs[] = {0, 1, 3}, ys[] = {1e-3, 1e-3, 1e-3}, values[] = {0, 1, 2};
    SpiralHeatMap map = {.x = {.name_count = 4, .names = names, .logarithmic = true},
                         .count = 3,
                         .xs = xs,
                         .ys = ys,
                         .values = values,
                         .best = SIZE_MAX};
    SpiralFigureOptions options = options_of(400, 300);
    Image image = heat_map(&map, &options);
    for (size_t i = 0; i < 4; i++)
        assert_at(&image, ((double)i + 0.1) / 4.0, 0.1,
                  i == 2 ? white : spiral_ramp_colour((i == 3 ? 2.0 : (double)i) / 2.0));
    free(image.pixels);
}

static void the_best_is_outlined(void **state)
{
    (void)state;
    SpiralHeatMap map = grid();
    map.best = 4; /* in the middle */
    SpiralFigureOptions options = options_of(900, 700);
    Image image = heat_map(&map, &options);
    int left = column_at(&image, 2.0 / 15), right = column_at(&image, 7.0 / 15);
    for (double y = 1.2 / 4.5; y < 2.4 / 4.5; y += 0.01) {
        assert_colour(&image, left + 1, row_at(&image, y), ink);
        assert_colour(&image, right - 1, row_at(&image, y), ink);
    }
    free(image.pixels);
    map.best = SIZE_MAX;
    image = heat_map(&map, &options);
    assert_colour(&image, left + 1, row_at(&image, 1.75 / 4.5), spiral_ramp_colour(0.5));
    free(image.pixels);
}

/* ---- discs ------------------------------------------------------------------------------------------------------- */

/* Six points of which no two share a value. The axes leave 4 % of their length on both sides; x is logarithmic. */
static void scattered_points_are_discs(void **state)
{
    (void)state;
    const double xs[] = {1e-3, 1e-2, 1e-1, 1, 10, 100}, ys[] = {0, 5, 1, 4, 2, 3}, values[] = {0, 1, 2, NAN, 4, 5};
    SpiralHeatMap map = {.x = {.logarithmic = true}, .count = 6, .xs = xs, .ys = ys, .values = values, .best = 5};
    SpiralFigureOptions options = options_of(800, 800);
    Image image = heat_map(&map, &options);
    for (size_t i = 0; i < 6; i++) {
        int x = column_at(&image, (0.04 + (double)i / 5.0) / 1.08), y = row_at(&image, (0.04 + ys[i] / 5.0) / 1.08);
        if (i != 3) {
            assert_colour(&image, x, y, spiral_ramp_colour(values[i] / 5.0));
            assert_colour(&image, x + 3, y - 3, spiral_ramp_colour(values[i] / 5.0));
            continue;
        }
        SpiralColour cross = at(&image, x, y);
        assert_true(cross.red == cross.green && cross.green == cross.blue && cross.red < 0xc0);
        assert_colour(&image, x + 9, y - 9, white);
    }
    int x = column_at(&image, 1.04 / 1.08), y = row_at(&image, (0.04 + 3.0 / 5.0) / 1.08);
    bool ring = false;
    for (int away = 8; away < 14; away++)
        ring = ring || same(at(&image, x - away, y), ink);
    assert_true(ring);
    free(image.pixels);
}

/* 200 points of one category lie within its band, at different places. */
static void discs_of_a_name_lie_beside_one_another(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c"};
    double xs[200], ys[200], values[200];
    for (size_t i = 0; i < 200; i++) {
        xs[i] = 1.0;
        ys[i] = (double)i;
        values[i] = 1.0;
    }
    SpiralHeatMap map = {.x = {.name_count = 3, .names = names}, .count = 200, .xs = xs, .ys = ys, .values = values};
    map.best = SIZE_MAX;
    SpiralFigureOptions options = options_of(600, 600);
    Image image = heat_map(&map, &options);
    int least = image.right, most = image.left;
    for (int y = image.top; y < image.bottom; y++)
        for (int x = image.left; x < image.right; x++)
            if (same(at(&image, x, y), spiral_ramp_colour(0.5))) {
                least = x < least ? x : least;
                most = x > most ? x : most;
            }
    assert_true(least > column_at(&image, 1.0 / 3) && least < column_at(&image, 1.3 / 3));
    assert_true(most < column_at(&image, 2.0 / 3) && most > column_at(&image, 1.7 / 3));
    free(image.pixels);
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static void the_same_map_gives_the_same_bytes(void **state)
{
    (void)state;
    SpiralHeatMap map = grid();
    SpiralFigureOptions options = options_of(300, 300);
    File files[2];
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(spiral_figure_heat_map(&map, &options, path, NULL), SPIRAL_OK);
        files[i] = read_file();
    }
    assert_same_file(&files[0], &files[1]);
}

static void maps_that_cannot_be_drawn_are_refused(void **state)
{
    (void)state;
    unlink(path);
    SpiralError error;
    const SpiralHeatMap good = grid();
    SpiralFigureOptions options = options_of(300, 300);
    double numbers[8];
    const double bad[] = {INFINITY, -INFINITY, NAN, 1e291};
    for (size_t i = 0; i < 4; i++) {
        memcpy(numbers, grid_xs, sizeof numbers);
        numbers[6] = bad[i];
        SpiralHeatMap map = good;
        map.xs = numbers;
        assert_refused(spiral_figure_heat_map(&map, &options, path, &error), SPIRAL_ERROR_INPUT, &error, "point 6");
        map = good;
        map.ys = numbers;
        assert_refused(spiral_figure_heat_map(&map, &options, path, &error), SPIRAL_ERROR_INPUT, &error, "point");
        map = good;
        map.values = numbers;
        if (!isnan(bad[i]))
            assert_refused(spiral_figure_heat_map(&map, &options, path, &error), SPIRAL_ERROR_INPUT, &error, "point 6");
    }
    SpiralHeatMap map = good;
    memcpy(numbers, grid_xs, sizeof numbers);
    numbers[6] = -1.0;
    map.xs = numbers;
    map.x.logarithmic = true;
    assert_refused(spiral_figure_heat_map(&map, &options, path, &error), SPIRAL_ERROR_INPUT, &error, "positive");
    static const char *const names[] = {"a", "b"};
    map = good;
    map.x = (SpiralScale){.name_count = 2, .names = names};
    assert_refused(spiral_figure_heat_map(&map, &options, path, &error), SPIRAL_ERROR_INPUT, &error, "point 1");
    map.x.names = NULL;
    assert_refused(spiral_figure_heat_map(&map, &options, path, &error), SPIRAL_ERROR_USAGE, &error, "names");
    map = good;
    map.best = 8;
    assert_refused(spiral_figure_heat_map(&map, &options, path, &error), SPIRAL_ERROR_USAGE, &error, "8 of 8");
    map = good;
    map.count = 0;
    assert_refused(spiral_figure_heat_map(&map, &options, path, &error), SPIRAL_ERROR_INPUT, &error, "no points");
    options.width = 10;
    assert_refused(spiral_figure_heat_map(&good, &options, path, &error), SPIRAL_ERROR_USAGE, &error, "width");
    options.width = 300;
    assert_int_equal(spiral_figure_heat_map(&good, &options, folder, &error), SPIRAL_ERROR_OUTPUT);
}

/* Three times as large, also the white line between two cells. */
static void a_map_scales_with_its_size(void **state)
{
    (void)state;
    SpiralHeatMap map = grid();
    SpiralFigureOptions options = options_of(900, 800), large = options_of(2700, 2400);
    Image images[] = {heat_map(&map, &options), heat_map(&map, &large)};
    assert_true(scaled_difference(&images[0], &images[1], 3) < 4.0); /* edges of dark cells are at whole pixels */
    int border = column_at(&images[1], 2.0 / 15), lines = 0;
    for (int x = border - 8; x < border + 8; x++)
        lines += same(at(&images[1], x, row_at(&images[1], 0.05)), white);
    assert_int_equal(lines, 3);
    free(images[0].pixels);
    free(images[1].pixels);
}

/* 0, 1, 10, 100 in logarithms: four cells of one width, the break after the first, or discs at the same places. */
static void a_0_has_a_column_of_its_own_among_logarithms(void **state)
{
    (void)state;
    const double xs[] = {0, 1, 10, 100}, ys[] = {0, 0, 0, 0}, values[] = {0, 1, 2, 3};
    SpiralHeatMap map = {
        .x = {.logarithmic = true}, .count = 4, .xs = xs, .ys = ys, .values = values, .best = SIZE_MAX};
    SpiralFigureOptions options = options_of(900, 700);
    Image image = heat_map(&map, &options);
    for (int column = 0; column < 4; column++)
        for (int end = 0; end < 2; end++)
            assert_at(&image, (column + (end == 0 ? 0.03 : 0.97)) / 4.0, 0.3, spiral_ramp_colour(column / 3.0));
    free(image.pixels);
    const double nothing[] = {0, 0, 0, 0}; /* all in one place: the scale is not logarithmic */
    map.xs = nothing;
    free(heat_map(&map, &options).pixels);
}

/* 0, 1e-2, 1 and 1e4: by their logarithms 1 lies at a third of the ramp, and what has no logarithm at its beginning. */
static void values_may_be_coloured_by_their_logarithms(void **state)
{
    (void)state;
    const double xs[] = {0, 1, 2, 3}, ys[] = {0, 0, 0, 0}, values[] = {0, 1e-2, 1, 1e4};
    const double parts[] = {0, 0, 1.0 / 3.0, 1};
    SpiralHeatMap map = {.log_values = true, .count = 4, .xs = xs, .ys = ys, .values = values, .best = SIZE_MAX};
    SpiralFigureOptions options = options_of(900, 700);
    Image image = heat_map(&map, &options);
    for (int column = 0; column < 4; column++)
        assert_at(&image, (column + 0.1) / 4.0, 0.3, spiral_ramp_colour(parts[column]));
    free(image.pixels);
    const double none[] = {0, -1, 0, NAN};
    map.values = none;
    free(heat_map(&map, &options).pixels);
}

/* Numbers at the edge of what may come, few points, no value at all: nothing may crash, and the file is there. */
static void odd_maps_are_drawn(void **state)
{
    (void)state;
    static const double places[][3] = {
        {0, 0, 0}, {1e290, -1e290, 0}, {1e-300, 2e-300, 1e290}, {1e15, 1e15 + 1, 1e15 + 2}, {-5, -5, 3}};
    static const double values[][3] = {{NAN, NAN, NAN}, {0, 0, NAN}, {-1e290, 1e290, 0}, {1e-300, 0, NAN}, {7, 8, 9}};
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 5; j++)
            for (size_t count = 1; count <= 3; count++) {
                SpiralHeatMap map = {.x = {.logarithmic = i == 2, .label = "\xff long \xe2\x82"},
                                     .value_label = "a label that is far longer than the bar which it stands beside",
                                     .count = count,
                                     .xs = places[i],
                                     .ys = places[(i + j) % 5],
                                     .values = values[j],
                                     .best = count - 1};
                SpiralFigureOptions options = options_of(200, 200 + 100 * j);
                Image image = heat_map(&map, &options);
                assert_int_equal(image.width, 200);
                free(image.pixels);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ramp_grows_lighter_evenly),
        cmocka_unit_test(text_can_be_read_on_every_colour),
        cmocka_unit_test(cells_meet_midway_and_have_their_values_colours),
        cmocka_unit_test(values_are_written_where_they_fit),
        cmocka_unit_test(a_cell_of_many_points_has_their_mean),
        cmocka_unit_test(names_have_a_column_each),
        cmocka_unit_test(the_best_is_outlined),
        cmocka_unit_test(scattered_points_are_discs),
        cmocka_unit_test(discs_of_a_name_lie_beside_one_another),
        cmocka_unit_test(the_same_map_gives_the_same_bytes),
        cmocka_unit_test(maps_that_cannot_be_drawn_are_refused),
        cmocka_unit_test(a_map_scales_with_its_size),
        cmocka_unit_test(a_0_has_a_column_of_its_own_among_logarithms),
        cmocka_unit_test(values_may_be_coloured_by_their_logarithms),
        cmocka_unit_test(odd_maps_are_drawn),
    };
    return cmocka_run_group_tests_name("heat map", tests, make_folder, remove_folder);
}
