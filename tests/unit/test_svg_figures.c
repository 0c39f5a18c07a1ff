/* Whole figures as SVG, read as text: what is drawn, how often, and in which order. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "figure_support.h"

enum { POINTS = 50 }; /* more than have markers */

static double xs[POINTS], rising[POINTS], falling[POINTS];

/* The text of the figure at path, which the caller frees. */
static char *read_text(void)
{
    File file = read_file();
    file.bytes[file.size] = '\0';
    return (char *)file.bytes;
}

static size_t count_in(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

static char *curves(size_t count, const SpiralCurve *given)
{
    SpiralError error = {0};
    SpiralFigureOptions options = options_of(600, 400);
    if (spiral_figure_curves(count, given, "x", "y", &options, path, &error) != SPIRAL_OK)
        fail_msg("%s", error.reason);
    return read_text();
}

/* A strong curve, over its halo, comes after the others. */
static void each_curve_is_drawn_once_and_the_strong_one_last(void **state)
{
    (void)state;
    const SpiralCurve given[] = {
        {.name = "best", .count = POINTS, .x = xs, .y = falling, .style = SPIRAL_CURVE_STRONG},
        {.name = "other", .count = POINTS, .x = xs, .y = rising},
    };
    char *text = curves(2, given);
    const char *strong = strstr(text, "<title>best</title>"), *plain = strstr(text, "<title>other</title>");
    assert_non_null(strong);
    assert_non_null(plain);
    assert_true(plain < strong);
    assert_int_equal(count_in(text, "<title>other</title>"), 1);
    free(text);
}

/* The width of the only frame that is not quite opaque. */
static double legend_width(const char *text)
{
    double width = NAN;
    assert_int_equal(count_in(text, "fill-opacity=\"0.9\""), 1);
    const char *at = strstr(text, "fill-opacity=\"0.9\"");
    while (strncmp(at, "<rect", 5) != 0)
        at--;
    at = strstr(at, " width=\"");
    assert_int_equal(sscanf(at, " width=\"%lf\"", &width), 1);
    return width;
}

static void a_legend_is_as_wide_as_its_widest_name_whichever_that_is(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "the widest of all"};
    double widths[3];
    for (size_t first = 0; first < 3; first++) {
        SpiralCurve given[3];
        for (size_t i = 0; i < 3; i++)
            given[i] = (SpiralCurve){.name = names[(first + i) % 3], .count = POINTS, .x = xs, .y = falling};
        char *text = curves(3, given);
        widths[first] = legend_width(text);
        free(text);
    }
    assert_true(widths[0] == widths[1] && widths[1] == widths[2]);
}

/* In the key beside the colour bar: where a value of a cell or of a disc is none, but not for a cell without points. */
static void what_failed_is_explained_only_where_something_did(void **state)
{
    (void)state;
    static const struct {
        size_t count;
        double xs[6], ys[6], values[6];
        size_t keys;
    } maps[] = {
        {4, {0, 1, 0, 1}, {0, 0, 1, 1}, {1, 2, 3, 4}, 0},
        {4, {0, 1, 0, 1}, {0, 0, 1, 1}, {1, 2, NAN, 4}, 1},
        {5, {0, 1, 2, 0, 1}, {0, 0, 0, 1, 1}, {1, 2, 3, 4, 5}, 0}, /* no point at (2, 1) */
        {6, {1, 2, 3, 4, 5, 6}, {1, 6, 2, 5, 3, 4}, {1, 2, 3, 4, 5, 6}, 0},
        {6, {1, 2, 3, 4, 5, 6}, {1, 6, 2, 5, 3, 4}, {1, 2, NAN, 4, 5, 6}, 1},
    };
    SpiralFigureOptions options = options_of(600, 400);
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        SpiralHeatMap map = {
            .count = maps[i].count, .xs = maps[i].xs, .ys = maps[i].ys, .values = maps[i].values, .best = SIZE_MAX};
        assert_int_equal(spiral_figure_heat_map(&map, &options, path, NULL), SPIRAL_OK);
        char *text = read_text();
        assert_int_equal(count_in(text, ">no result<"), maps[i].keys);
        free(text);
    }
}

static int set_up(void **state)
{
    for (size_t i = 0; i < POINTS; i++) {
        xs[i] = rising[i] = (double)i;
        falling[i] = (double)(POINTS - i);
    }
    if (make_folder(state) != 0)
        return -1;
    snprintf(path, sizeof path, "%s/figure.svg", folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_curve_is_drawn_once_and_the_strong_one_last),
        cmocka_unit_test(a_legend_is_as_wide_as_its_widest_name_whichever_that_is),
        cmocka_unit_test(what_failed_is_explained_only_where_something_did),
    };
    return cmocka_run_group_tests_name("svg figures", tests, set_up, remove_folder);
}
