/* Bands, faint and strong curves, and names in place of numbers, looked at in the file. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "figure/colours.h"
#include "figure_support.h"

enum { POINTS = 50 }; /* more than have markers */

static const SpiralColour white = {255, 255, 255};

/* x = 0..1, and constants. */
static double xs[POINTS], zero[POINTS], quarter[POINTS], half[POINTS], most[POINTS], one[POINTS], falling[POINTS];

static void fill(void)
{
    for (size_t i = 0; i < POINTS; i++) {
        xs[i] = (double)i / (POINTS - 1);
        zero[i] = 0.0;
        quarter[i] = 0.25;
        half[i] = 0.5;
        most[i] = 0.75;
        one[i] = 1.0;
        falling[i] = 1.0 - xs[i];
    }
}

static Image curves(size_t count, const SpiralCurve *given, const SpiralFigureOptions *options)
{
    SpiralError error = {0};
    if (spiral_figure_curves(count, given, "x", "y", options, path, &error) != SPIRAL_OK)
        fail_msg("%s", error.reason);
    return read_image();
}

/* On axes from -0.02 to 1.02 and from 0 to 1.05. */
static int column_at(const Image *image, double x)
{
    return (int)(image->left + (image->right - image->left) * (x + 0.02) / 1.04);
}

static int row_at(const Image *image, double y)
{
    return (int)(image->bottom - (image->bottom - image->top) * y / 1.05);
}

/* A curve along the top and one along the bottom keep the limits. */
static void a_band_is_translucent_in_the_curves_colour(void **state)
{
    (void)state;
    const SpiralCurve given[] = {
        {.name = "a", .count = POINTS, .x = xs, .y = one},
        {.name = "a", .count = POINTS, .x = xs, .y = zero},
        {.name = "b", .count = POINTS, .x = xs, .y = half, .low = quarter, .high = most},
    };
    SpiralFigureOptions options = options_of(1000, 1000);
    Image image = curves(3, given, &options);
    SpiralColour line = spiral_palette_line(1), band = spiral_colour_mix(white, line, 0.2);
    int x = column_at(&image, 0.47); /* off the grid */
    assert_colour(&image, x, row_at(&image, 0.5), line);
    const double within[] = {0.27, 0.33, 0.45, 0.55, 0.73}, without[] = {0.13, 0.23, 0.77, 0.87};
    for (size_t i = 0; i < 5; i++)
        assert_colour(&image, x, row_at(&image, within[i]), band);
    for (size_t i = 0; i < 4; i++)
        assert_colour(&image, x, row_at(&image, without[i]), white);
    assert_colour(&image, image.left + 2, row_at(&image, 0.33), white); /* before its first point */
    free(image.pixels);
}

/* From 0 at the left to 0..1 at the right: its upper edge is the diagonal. */
static void a_bands_edge_is_straight_between_points(void **state)
{
    (void)state;
    const double ends[] = {0, 1}, nothing[] = {0, 0};
    const SpiralCurve given = {.name = "a", .count = 2, .x = ends, .y = nothing, .low = nothing, .high = ends};
    SpiralFigureOptions options = options_of(1000, 1000);
    Image image = curves(1, &given, &options);
    SpiralColour band = spiral_colour_mix(white, spiral_palette_line(0), 0.2);
    for (double x = 0.15; x < 0.95; x += 0.1) {
        assert_colour(&image, column_at(&image, x), row_at(&image, x - 0.02), band);
        assert_colour(&image, column_at(&image, x), row_at(&image, x + 0.02), white);
    }
    free(image.pixels);
}

/* y = 1 with a band from nothing to 10: the axis goes down to a tenth, and the band to its end. */
static void a_band_down_to_nothing_ends_with_a_logarithmic_axis(void **state)
{
    (void)state;
    double ten[POINTS];
    for (size_t i = 0; i < POINTS; i++)
        ten[i] = 10.0;
    double minus[POINTS] = {-1.0};
    const SpiralCurve given = {.name = "a", .count = POINTS, .x = xs, .y = one, .low = minus, .high = ten};
    SpiralFigureOptions options = options_of(600, 600);
    options.log_y = true;
    Image image = curves(1, &given, &options);
    SpiralColour band = spiral_colour_mix(white, spiral_palette_line(0), 0.2);
    int x = column_at(&image, 0.47);
    double height = image.bottom - image.top; /* 0.1..10 are 2 decades, with 5 % of them more on both sides */
    assert_colour(&image, x, image.bottom - 1, band);
    assert_colour(&image, x, (int)(image.bottom - height * 2.05 / 2.2), band);
    assert_colour(&image, x, (int)(image.bottom - height * 2.15 / 2.2), white);
    assert_colour(&image, x, (int)(image.bottom - height * 1.1 / 2.2), spiral_palette_line(0));
    free(image.pixels);
}

/* Given first, it is drawn last: where the two cross, on its own line, is its colour. */
static void a_strong_curve_is_over_all_others(void **state)
{
    (void)state;
    const SpiralCurve given[] = {
        {.name = "best", .count = POINTS, .x = xs, .y = falling, .style = SPIRAL_CURVE_STRONG},
        {.name = "other", .count = POINTS, .x = xs, .y = xs},
        {.name = "run", .count = POINTS, .x = xs, .y = half, .style = SPIRAL_CURVE_FAINT},
    };
    SpiralFigureOptions options = options_of(1200, 1200);
    Image image = curves(3, given, &options);
    assert_colour(&image, column_at(&image, 0.5), row_at(&image, 0.5), spiral_palette_line(0));
    size_t thick = 0, plain = 0;
    for (int x = column_at(&image, 0.25) - 30; x < column_at(&image, 0.25) + 30; x++) {
        SpiralColour strong = at(&image, x, row_at(&image, 0.75)), other = at(&image, x, row_at(&image, 0.25));
        thick += memcmp(&strong, &(SpiralColour){0x0f, 0x5a, 0xa6}, 3) == 0;
        SpiralColour second = spiral_palette_line(1);
        plain += memcmp(&other, &second, 3) == 0;
    }
    assert_true(plain >= 2 && thick > plain + 1);
    free(image.pixels);
}

/* A faint curve has no place in the legend: with another name, or none, the figure is the same. */
static void faint_curves_are_pale_and_not_in_the_legend(void **state)
{
    (void)state;
    SpiralCurve given[] = {
        {.name = "run", .count = POINTS, .x = xs, .y = half, .style = SPIRAL_CURVE_FAINT},
        {.name = "a", .count = POINTS, .x = xs, .y = one},
        {.name = "b", .count = POINTS, .x = xs, .y = zero},
    };
    SpiralFigureOptions options = options_of(1000, 1000);
    Image image = curves(3, given, &options);
    int x = column_at(&image, 0.53), darkest = 255;
    for (int y = row_at(&image, 0.5) - 4; y < row_at(&image, 0.5) + 5; y++) {
        SpiralColour found = at(&image, x, y);
        assert_true(found.red == found.green && found.green == found.blue); /* grey: no other curve has its name */
        darkest = found.red < darkest ? found.red : darkest;
    }
    assert_true(darkest > 0x90 && darkest < 0xe0);
    free(image.pixels);
    File files[2];
    files[0] = read_file();
    given[0].name = NULL;
    free(curves(3, given, &options).pixels);
    files[1] = read_file();
    assert_same_file(&files[0], &files[1]);
    given[0].name = "b"; /* whose colour it takes */
    image = curves(3, given, &options);
    SpiralColour found = at(&image, x, row_at(&image, 0.5));
    assert_true(found.red > found.blue + 20);
    free(image.pixels);
}

/* 13 straight lines of many points: each has markers, and no two have both the colour and the markers' shape. */
static void many_curves_differ_in_colours_and_markers(void **state)
{
    (void)state;
    enum { CURVES = 13 };
    static const char *const names[CURVES] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"};
    double y[CURVES][POINTS];
    SpiralCurve given[CURVES];
    for (size_t c = 0; c < CURVES; c++) {
        for (size_t i = 0; i < POINTS; i++)
            y[c][i] = (double)c / (CURVES - 1);
        given[c] = (SpiralCurve){.name = names[c], .count = POINTS, .x = xs, .y = y[c]};
    }
    SpiralFigureOptions options = options_of(1600, 1200);
    Image image = curves(CURVES, given, &options);
    char shapes[CURVES][21 * 21];             /* the first whole marker of each line: which pixels it covers */
    for (size_t c = 1; c + 1 < CURVES; c++) { /* those on the edges are clipped */
        int row = row_at(&image, y[c][0]), from = image.left + 25;
        while (memcmp(&(SpiralColour){255, 255, 255}, &image.pixels[3 * ((row - 4) * image.width + from)], 3) == 0 ||
               memcmp(&(SpiralColour){0xe4, 0xe4, 0xe4}, &image.pixels[3 * ((row - 4) * image.width + from)], 3) == 0)
            assert_true(++from < image.right - 25);
        for (int j = 0; j < 21; j++)
            for (int i = 0; i < 21; i++)
                shapes[c][21 * j + i] = at(&image, from + i - 10, row + j - 10).blue < 0xc0;
        for (size_t d = 1; d < c; d++) {
            SpiralColour a = spiral_palette_line(c), b = spiral_palette_line(d);
            assert_true(memcmp(&a, &b, sizeof a) != 0 || memcmp(shapes[c], shapes[d], sizeof shapes[c]) != 0);
        }
    }
    free(image.pixels);
    for (size_t c = 0; c < 70; c++)
        for (size_t d = 0; d < c; d++) {
            SpiralColour a = spiral_palette_line(c), b = spiral_palette_line(d);
            assert_true(memcmp(&a, &b, sizeof a) != 0 ||
                        spiral_palette_line_marker(c) != spiral_palette_line_marker(d));
        }
}

/* The highest of a noisy line's many points is seen, however many of them share a pixel. */
static void a_faint_curve_of_many_points_keeps_its_extremes(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    static double x[MANY], y[MANY];
    for (size_t i = 0; i < MANY; i++) {
        x[i] = (double)i / (MANY - 1);
        y[i] = i == 13001 ? 1.0 : 0.0;
    }
    const SpiralCurve given = {.count = MANY, .x = x, .y = y, .style = SPIRAL_CURVE_FAINT};
    SpiralFigureOptions options = options_of(400, 400);
    Image image = curves(1, &given, &options);
    int column = column_at(&image, 0.65), darkest = 255;
    for (int i = column - 3; i < column + 4; i++)
        darkest = at(&image, i, row_at(&image, 0.93)).red < darkest ? at(&image, i, row_at(&image, 0.93)).red : darkest;
    assert_true(darkest < 0xf0);
    free(image.pixels);
}

/* x = 0, 1, 10, 100: the point at 0 is drawn, apart from the line. Where y is not finite, the band need not be. */
static void a_0_on_a_logarithmic_x_axis_is_drawn_before_a_break(void **state)
{
    (void)state;
    const double x[] = {0, 1, 10, 100}, y[] = {1, 1, INFINITY, 1}, low[] = {0.5, 0.5, NAN, 0.5};
    const SpiralCurve given = {.name = "a", .count = 4, .x = x, .y = y, .low = low, .high = y};
    SpiralFigureOptions options = options_of(1000, 1000);
    options.log_x = true;
    Image image = curves(1, &given, &options);
    double size = 1.12 * 1.04; /* two decades with 2 % at both ends, and 12 % of all that for the 0 */
    const double places[] = {0.06 * 1.04 / size, (0.12 * 1.04 + 0.02) / size, 0.1 * 1.04 / size};
    for (size_t i = 0; i < 3; i++) {
        size_t blue = 0;
        for (int row = image.top; row < image.bottom; row++) {
            SpiralColour found = at(&image, (int)(image.left + places[i] * (image.right - image.left)), row);
            blue += memcmp(&found, &(SpiralColour){0x0f, 0x5a, 0xa6}, 3) == 0;
        }
        assert_true(i < 2 ? blue > 5 : blue == 0);
    }
    free(image.pixels);
    const double zeros[] = {0, 0, 0, 0}; /* nothing a logarithm could show */
    const SpiralCurve apart = {.name = "a", .count = 4, .x = zeros, .y = y};
    free(curves(1, &apart, &options).pixels);
}

/* Three times as large: lines, markers, dashes, bands, marks, legend and text. */
static void a_chart_scales_with_its_size(void **state)
{
    (void)state;
    double broken[POINTS];
    memcpy(broken, falling, sizeof broken);
    broken[20] = INFINITY;
    const SpiralCurve given[] = {{.name = "a", .count = POINTS, .x = xs, .y = broken, .low = zero, .high = one},
                                 {.name = "b", .count = POINTS, .x = xs, .y = half, .dashed = "other data"},
                                 {.name = "c", .count = POINTS, .x = xs, .y = quarter, .style = SPIRAL_CURVE_STRONG},
                                 {.count = POINTS, .x = xs, .y = most, .style = SPIRAL_CURVE_FAINT}};
    SpiralFigureOptions options = options_of(900, 800), large = options_of(2700, 2400);
    options.log_x = large.log_x = true;
    Image images[] = {curves(4, given, &options), curves(4, given, &large)};
    assert_true(scaled_difference(&images[0], &images[1], 3) < 1.5);
    free(images[0].pixels);
    free(images[1].pixels);
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

static void names_have_equal_parts_of_the_axis(void **state)
{
    (void)state;
    static const char *const names[] = {"sgd", "a long name, far too long for the part of the axis", "", "adam"};
    const double x[] = {0, 1, 2, 3}, y[] = {0, 1, 1, 0};
    const SpiralCurve given = {.name = "a", .count = 4, .x = x, .y = y};
    SpiralFigureOptions options = options_of(900, 600);
    options.x_name_count = 4;
    options.x_names = names;
    options.log_x = true; /* for nothing */
    Image image = curves(1, &given, &options);
    for (size_t i = 0; i < 4; i++) { /* in the middle of a marker, where the axis' 0 is not its end */
        int column = (int)(image.left + (image.right - image.left) * ((double)i + 0.5) / 4.0);
        assert_colour(&image, column, row_at(&image, y[i]) - (y[i] == 0.0 ? 2 : 0), spiral_palette_line(0));
    }
    free(image.pixels);
}

/* The labels of 3 and of 300 names: below the axis, between two of them is always a white column or none is left. */
static void many_names_are_drawn_apart(void **state)
{
    (void)state;
    static char text[300][40];
    static const char *names[300];
    static double x[300], y[300];
    for (size_t i = 0; i < 300; i++) {
        snprintf(text[i], sizeof text[i], "mmmmmmmmmmmmmmmmmmmmmmmmm%zu", i);
        names[i] = text[i];
        x[i] = (double)i;
        y[i] = 1.0;
    }
    for (size_t count = 1; count <= 300; count += 13) {
        const SpiralCurve given = {.count = count, .x = x, .y = y};
        SpiralFigureOptions options = options_of(400, 400);
        options.x_name_count = count;
        options.x_names = names;
        options.title = "";
        Image image = curves(1, &given, &options);
        int run = 0, longest = 0; /* of columns without a gap, two text sizes below the frame */
        for (int i = image.left; i < image.right; i++) {
            bool blank = true;
            for (int j = image.bottom + 9; j < image.bottom + 40 && j < image.height; j++)
                blank = blank && at(&image, i, j).red > 0xd0;
            run = blank ? 0 : run + 1;
            longest = run > longest ? run : longest;
        }
        double apart = (double)(image.right - image.left) / (double)count;
        assert_true(longest > 4);
        assert_true(longest < fmax(12.0, apart)); /* a turned line of text is 9.6 pixels high */
        free(image.pixels);
    }
}

/* ---- what is refused --------------------------------------------------------------------------------------------- */

static void bands_and_names_are_checked(void **state)
{
    (void)state;
    unlink(path);
    SpiralError error;
    SpiralFigureOptions options = options_of(300, 300);
    const SpiralCurve good = {.count = POINTS, .x = xs, .y = half, .low = quarter, .high = most};
    SpiralCurve curve = good;
    curve.low = NULL;
    assert_refused(spiral_figure_curves(1, &curve, "x", "y", &options, path, &error), SPIRAL_ERROR_USAGE, &error,
                   "one edge");
    curve = good;
    curve.low = one;
    assert_refused(spiral_figure_curves(1, &curve, "x", "y", &options, path, &error), SPIRAL_ERROR_INPUT, &error,
                   "from 1 to 0.75");
    curve = good;
    curve.x = falling;
    assert_refused(spiral_figure_curves(1, &curve, "x", "y", &options, path, &error), SPIRAL_ERROR_INPUT, &error,
                   "falls");
    double broken[POINTS];
    memcpy(broken, most, sizeof broken);
    broken[7] = NAN;
    curve = good;
    curve.high = broken;
    assert_refused(spiral_figure_curves(1, &curve, "x", "y", &options, path, &error), SPIRAL_ERROR_INPUT, &error,
                   "point 7");
    static const char *const names[] = {"a", "b"};
    options.x_name_count = 2;
    assert_refused(spiral_figure_curves(1, &good, "x", "y", &options, path, &error), SPIRAL_ERROR_USAGE, &error,
                   "names");
    options.x_names = names;
    assert_refused(spiral_figure_curves(1, &good, "x", "y", &options, path, &error), SPIRAL_ERROR_INPUT, &error,
                   "point 1 of curve 0");
}

static int set_up(void **state)
{
    fill();
    return make_folder(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_band_is_translucent_in_the_curves_colour),
        cmocka_unit_test(a_bands_edge_is_straight_between_points),
        cmocka_unit_test(a_band_down_to_nothing_ends_with_a_logarithmic_axis),
        cmocka_unit_test(a_strong_curve_is_over_all_others),
        cmocka_unit_test(faint_curves_are_pale_and_not_in_the_legend),
        cmocka_unit_test(many_curves_differ_in_colours_and_markers),
        cmocka_unit_test(a_faint_curve_of_many_points_keeps_its_extremes),
        cmocka_unit_test(a_0_on_a_logarithmic_x_axis_is_drawn_before_a_break),
        cmocka_unit_test(a_chart_scales_with_its_size),
        cmocka_unit_test(names_have_equal_parts_of_the_axis),
        cmocka_unit_test(many_names_are_drawn_apart),
        cmocka_unit_test(bands_and_names_are_checked),
    };
    return cmocka_run_group_tests_name("curve styles", tests, set_up, remove_folder);
}
