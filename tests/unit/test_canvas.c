/* The canvas, its markers and the palette, against geometry. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "figure/canvas.h"
#include "figure/raster.h"
#include "figure/colours.h"

static const SpiralColour black = {0, 0, 0};

static SpiralCanvas *blank(size_t width, size_t height)
{
    SpiralCanvas *canvas = NULL;
    assert_int_equal(spiral_canvas_create(SPIRAL_CANVAS_PIXELS, width, height, &canvas, NULL), SPIRAL_OK);
    return canvas;
}

/* How much of the white canvas has been made black, in pixels. */
static double area(const SpiralCanvas *canvas)
{
    double sum = 0.0;
    for (size_t y = 0; y < canvas->height; y++)
        for (size_t x = 0; x < canvas->width; x++)
            sum += (255.0 - spiral_raster_pixel(canvas->raster, x, y).red) / 255.0;
    return sum;
}

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("%.9g is not within %g of %.9g", found, tolerance, expected);
}

static void a_half_covered_pixel_is_blended_by_a_half(void **state)
{
    (void)state;
    SpiralCanvas *canvas = blank(8, 8);
    spiral_canvas_rectangle(canvas, (SpiralRectangle){2.5, 3.0, 4.0, 4.25}, black, 1.0);
    assert_int_equal(spiral_raster_pixel(canvas->raster, 2, 3).red, 128); /* a half */
    assert_int_equal(spiral_raster_pixel(canvas->raster, 3, 3).red, 0);
    assert_int_equal(spiral_raster_pixel(canvas->raster, 2, 4).red, 223); /* 255 * 7/8 = 223.1 */
    assert_int_equal(spiral_raster_pixel(canvas->raster, 3, 4).red, 191); /* 255 * 3/4 = 191.25 */
    assert_int_equal(spiral_raster_pixel(canvas->raster, 4, 3).red, 255);
    assert_near(area(canvas), 1.5 * 1.25, 0.01);
    spiral_canvas_free(canvas);
}

static void markers_have_the_area_of_a_disc_of_their_radius(void **state)
{
    (void)state;
    static const SpiralMarker markers[] = {SPIRAL_MARKER_DISC, SPIRAL_MARKER_SQUARE, SPIRAL_MARKER_DIAMOND,
                                           SPIRAL_MARKER_TRIANGLE, SPIRAL_MARKER_TRIANGLE_DOWN};
    for (size_t i = 0; i < sizeof markers / sizeof markers[0]; i++) {
        SpiralCanvas *canvas = blank(100, 100);
        spiral_marker_draw(canvas, markers[i], 49.3, 50.8, 20.0, 0.0, black, black);
        assert_near(area(canvas) / (3.14159265358979 * 400.0), 1.0, 0.01);
        spiral_canvas_free(canvas);
    }
}

static void a_disc_has_its_colour_inside_and_its_outline_outside(void **state)
{
    (void)state;
    const SpiralColour red = {200, 10, 20}, blue = {1, 2, 250};
    SpiralCanvas *canvas = blank(40, 40);
    spiral_marker_draw(canvas, SPIRAL_MARKER_DISC, 20.5, 20.5, 10.0, 3.0, blue, red);
    SpiralColour centre = spiral_raster_pixel(canvas->raster, 20, 20),
                 edge = spiral_raster_pixel(canvas->raster, 29, 20);
    assert_memory_equal(&centre, &red, sizeof red);
    assert_memory_equal(&edge, &blue, sizeof blue);
    assert_int_equal(spiral_raster_pixel(canvas->raster, 31, 20).red, 255);
    spiral_canvas_free(canvas);
}

static void a_horizontal_line_covers_its_width_and_round_ends(void **state)
{
    (void)state;
    SpiralCanvas *canvas = blank(60, 20);
    const double points[] = {10.0, 10.0, 50.0, 10.0};
    SpiralStroke stroke = {.width = 4.0, .colour = black, .opacity = 1.0};
    spiral_canvas_polyline(canvas, 2, points, &stroke);
    assert_near(area(canvas), 40.0 * 4.0 + 3.14159265358979 * 4.0, 0.5);
    assert_int_equal(spiral_raster_pixel(canvas->raster, 30, 8).red, 0);
    assert_int_equal(spiral_raster_pixel(canvas->raster, 30, 11).red, 0);
    assert_int_equal(spiral_raster_pixel(canvas->raster, 30, 7).red, 255);
    assert_int_equal(spiral_raster_pixel(canvas->raster, 30, 12).red, 255);
    spiral_canvas_free(canvas);
}

static void a_slanted_line_covers_length_times_width(void **state)
{
    (void)state;
    SpiralCanvas *canvas = blank(120, 120);
    const double points[] = {10.0, 20.0, 100.0, 93.0};
    SpiralStroke stroke = {.width = 3.0, .colour = black, .opacity = 1.0};
    spiral_canvas_polyline(canvas, 2, points, &stroke);
    double expected = hypot(90.0, 73.0) * 3.0 + 3.14159265358979 * 2.25;
    assert_near(area(canvas) / expected, 1.0, 0.02);
    spiral_canvas_free(canvas);
}

static void a_translucent_line_is_no_darker_where_it_joins_or_crosses(void **state)
{
    (void)state;
    SpiralCanvas *canvas = blank(60, 60);
    const double points[] = {5.0, 30.5, 55.0, 30.5, 55.0, 5.0, 30.5, 5.0, 30.5, 55.0};
    SpiralStroke stroke = {.width = 5.0, .colour = black, .opacity = 0.5};
    spiral_canvas_polyline(canvas, 5, points, &stroke);
    assert_int_equal(spiral_raster_pixel(canvas->raster, 30, 30).red, 128); /* the crossing */
    assert_int_equal(spiral_raster_pixel(canvas->raster, 54, 30).red, 128); /* the join */
    assert_int_equal(spiral_raster_pixel(canvas->raster, 15, 30).red, 128);
    for (size_t i = 0; i < canvas->width * canvas->height; i++)
        assert_int_equal(canvas->raster->mask[i], 0);
    spiral_canvas_free(canvas);
}

static void dashes_take_their_part_of_the_line_also_over_joins(void **state)
{
    (void)state;
    SpiralCanvas *canvas = blank(640, 20);
    double points[2 * 91];
    for (size_t i = 0; i < 91; i++) { /* many short pieces: the pattern goes on over them */
        points[2 * i] = 20.0 + 600.0 * (double)i / 90.0;
        points[2 * i + 1] = 10.0;
    }
    SpiralStroke stroke = {.width = 2.0, .colour = black, .opacity = 1.0, .dash = 9.0, .gap = 6.0};
    spiral_canvas_polyline(canvas, 91, points, &stroke);
    assert_near(area(canvas), 40.0 * (7.0 * 2.0 + 3.14159265358979), 6.0); /* 40 periods of 15 pixels */
    spiral_canvas_free(canvas);
}

static void a_single_point_is_a_dot(void **state)
{
    (void)state;
    SpiralCanvas *canvas = blank(40, 40);
    const double point[] = {20.0, 20.0};
    SpiralStroke stroke = {.width = 20.0, .colour = black, .opacity = 1.0};
    spiral_canvas_polyline(canvas, 1, point, &stroke);
    assert_near(area(canvas) / (3.14159265358979 * 100.0), 1.0, 0.01);
    spiral_canvas_free(canvas);
}

static void nothing_is_drawn_outside_the_clip(void **state)
{
    (void)state;
    SpiralCanvas *canvas = blank(30, 30);
    const SpiralRectangle clip = {10.0, 10.0, 20.0, 20.0};
    spiral_canvas_clip(canvas, &clip);
    const double points[] = {-1e12, 15.0, 1e12, 15.0};
    SpiralStroke stroke = {.width = 100.0, .colour = black, .opacity = 1.0};
    spiral_canvas_polyline(canvas, 2, points, &stroke);
    spiral_marker_draw(canvas, SPIRAL_MARKER_DISC, 15.0, 15.0, 200.0, 1.0, black, black);
    spiral_canvas_rectangle(canvas, (SpiralRectangle){-1e300, -1e300, 1e300, 1e300}, black, 1.0);
    assert_near(area(canvas), 100.0, 1e-9);
    spiral_canvas_free(canvas);
}

static void a_canvas_without_pixels_or_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    SpiralError error;
    SpiralCanvas *canvas = (SpiralCanvas *)1;
    assert_int_equal(spiral_canvas_create(SPIRAL_CANVAS_PIXELS, 0, 5, &canvas, &error), SPIRAL_ERROR_LIMIT);
    assert_null(canvas);
    assert_int_equal(spiral_canvas_create(SPIRAL_CANVAS_PIXELS, 5, SIZE_MAX, &canvas, &error), SPIRAL_ERROR_LIMIT);
    assert_null(canvas);
}

/* ---- the palette ------------------------------------------------------------------------------------------------- */

static double linear(uint8_t channel)
{
    double c = channel / 255.0;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double lab_root(double t)
{
    return t > 216.0 / 24389.0 ? cbrt(t) : (24389.0 / 27.0 * t + 16.0) / 116.0;
}

/* CIELAB (D65) of a colour as somebody sees whose vision is the matrix. */
static void seen(SpiralColour colour, const double vision[3][3], double lab[3])
{
    static const double to_xyz[3][3] = {{0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}};
    const double rgb[3] = {linear(colour.red), linear(colour.green), linear(colour.blue)};
    double seen_rgb[3], root[3];
    for (size_t i = 0; i < 3; i++)
        seen_rgb[i] = fmin(1.0, fmax(0.0, vision[i][0] * rgb[0] + vision[i][1] * rgb[1] + vision[i][2] * rgb[2]));
    for (size_t i = 0; i < 3; i++) {
        double xyz = to_xyz[i][0] * seen_rgb[0] + to_xyz[i][1] * seen_rgb[1] + to_xyz[i][2] * seen_rgb[2];
        root[i] = lab_root(xyz / (to_xyz[i][0] + to_xyz[i][1] + to_xyz[i][2]));
    }
    lab[0] = 116.0 * root[1] - 16.0;
    lab[1] = 500.0 * (root[0] - root[1]);
    lab[2] = 200.0 * (root[1] - root[2]);
}

/* The matrices are those of Machado, Oliveira and Fernandes (2009) for the full deficiencies. */
static void colour_blind_readers_can_tell_the_palette_apart(void **state)
{
    (void)state;
    static const double vision[4][3][3] = {
        {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
        {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
        {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
        {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
    };
    for (size_t v = 0; v < 4; v++)
        for (size_t i = 0; i < SPIRAL_PALETTE_COUNT; i++)
            for (size_t j = 0; j < i; j++) {
                double a[3], b[3];
                seen(spiral_palette_colour(i), vision[v], a);
                seen(spiral_palette_colour(j), vision[v], b);
                double apart = sqrt(pow(a[0] - b[0], 2) + pow(a[1] - b[1], 2) + pow(a[2] - b[2], 2));
                if (apart < (i < 4 ? 30.0 : 8.0)) /* 2.3 is a just noticeable difference */
                    fail_msg("colours %zu and %zu are %.1f apart in vision %zu", i, j, apart, v);
                seen(spiral_palette_tint(i), vision[v], a);
                seen(spiral_palette_tint(j), vision[v], b);
                apart = sqrt(pow(a[0] - b[0], 2) + pow(a[1] - b[1], 2) + pow(a[2] - b[2], 2));
                if (apart < (i < 4 ? 9.0 : 6.0))
                    fail_msg("tints %zu and %zu are %.1f apart in vision %zu", i, j, apart, v);
            }
}

/* Also without their hues: the first three, those of the notes' figures. */
static void the_first_three_classes_differ_in_grey(void **state)
{
    (void)state;
    static const double grey[3][3] = {{0.2126, 0.7152, 0.0722}, {0.2126, 0.7152, 0.0722}, {0.2126, 0.7152, 0.0722}};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < i; j++) {
            double a[3], b[3];
            seen(spiral_palette_colour(i), grey, a);
            seen(spiral_palette_colour(j), grey, b);
            assert_true(fabs(a[0] - b[0]) > 7.0);
            seen(spiral_palette_tint(i), grey, a);
            seen(spiral_palette_tint(j), grey, b);
            assert_true(fabs(a[0] - b[0]) > 5.0);
        }
}

static void the_thirteenth_class_has_the_first_colour_and_another_marker(void **state)
{
    (void)state;
    assert_true(SPIRAL_PALETTE_COUNT >= 12);
    SpiralColour first = spiral_palette_colour(0), again = spiral_palette_colour(SPIRAL_PALETTE_COUNT);
    assert_memory_equal(&first, &again, sizeof first);
    assert_int_equal(spiral_palette_marker(SPIRAL_PALETTE_COUNT - 1), SPIRAL_MARKER_DISC);
    assert_int_not_equal(spiral_palette_marker(SPIRAL_PALETTE_COUNT), SPIRAL_MARKER_DISC);
    assert_int_not_equal(spiral_palette_marker(2 * SPIRAL_PALETTE_COUNT), spiral_palette_marker(SPIRAL_PALETTE_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_half_covered_pixel_is_blended_by_a_half),
        cmocka_unit_test(markers_have_the_area_of_a_disc_of_their_radius),
        cmocka_unit_test(a_disc_has_its_colour_inside_and_its_outline_outside),
        cmocka_unit_test(a_horizontal_line_covers_its_width_and_round_ends),
        cmocka_unit_test(a_slanted_line_covers_length_times_width),
        cmocka_unit_test(a_translucent_line_is_no_darker_where_it_joins_or_crosses),
        cmocka_unit_test(dashes_take_their_part_of_the_line_also_over_joins),
        cmocka_unit_test(a_single_point_is_a_dot),
        cmocka_unit_test(nothing_is_drawn_outside_the_clip),
        cmocka_unit_test(a_canvas_without_pixels_or_beyond_the_limit_is_refused),
        cmocka_unit_test(colour_blind_readers_can_tell_the_palette_apart),
        cmocka_unit_test(the_first_three_classes_differ_in_grey),
        cmocka_unit_test(the_thirteenth_class_has_the_first_colour_and_another_marker),
    };
    return cmocka_run_group_tests_name("canvas", tests, NULL, NULL);
}
