/* The text of an SVG: numbers, names, texts, shapes. */
#define _POSIX_C_SOURCE 200809L
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "figure/canvas.h"
#include "figure/font.h"

static const SpiralColour black = {0, 0, 0}, red = {255, 0, 0}, blue = {0, 0, 255};

static SpiralCanvas *blank(void)
{
    SpiralCanvas *canvas = NULL;
    assert_int_equal(spiral_canvas_create(SPIRAL_CANVAS_SVG, 200, 100, &canvas, NULL), SPIRAL_OK);
    return canvas;
}

/* The picture's text, which the caller frees, and no canvas any more. */
static char *finished(SpiralCanvas *canvas)
{
    static unsigned char *bytes;
    size_t size;
    assert_int_equal(spiral_canvas_encode(canvas, 0, &bytes, &size, NULL), SPIRAL_OK);
    assert_int_equal(strlen((char *)bytes), size);
    spiral_canvas_free(canvas);
    return (char *)bytes;
}

static void assert_has(SpiralCanvas *canvas, const char *expected)
{
    char *text = finished(canvas);
    if (strstr(text, expected) == NULL)
        fail_msg("%s\n is not in\n%s", expected, text);
    free(text);
}

static void numbers_have_at_most_two_decimals(void **state)
{
    (void)state;
    SpiralCanvas *canvas = blank();
    spiral_canvas_rectangle(canvas, (SpiralRectangle){1.0, -0.25, 3.506, 100.0 / 3.0}, red, 0.5);
    assert_has(canvas, "<rect x=\"1\" y=\"-0.25\" width=\"2.51\" height=\"33.58\" fill=\"#ff0000\" "
                       "fill-opacity=\"0.5\"/>\n");
}

/* Made by localedef, since it is rarely installed. */
static void a_locale_with_decimal_commas_changes_no_number(void **state)
{
    char folder[] = "/tmp/spiral-locale-XXXXXX", command[200];
    assert_non_null(mkdtemp(folder));
    snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1", folder);
    bool made = system(command) == 0 && setenv("LOCPATH", folder, 1) == 0 && setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
    if (!made)
        skip(); /* package locales */
    assert_string_equal(localeconv()->decimal_point, ",");
    numbers_have_at_most_two_decimals(state);
    setlocale(LC_ALL, "C");
}

static void a_line_starts_each_step_at_the_rounded_point(void **state)
{
    (void)state;
    double points[2 * 101];
    for (size_t i = 0; i <= 100; i++) {
        points[2 * i] = 0.004 * (double)i; /* each step alone would be rounded to 0 */
        points[2 * i + 1] = 10.0 - (double)i;
    }
    SpiralCanvas *canvas = blank();
    SpiralStroke stroke = {.width = 2.0, .colour = blue, .opacity = 1.0};
    spiral_canvas_polyline(canvas, 101, points, &stroke);
    char *text = finished(canvas);
    double x = 0.0, y = 10.0, right, down;
    int size;
    assert_non_null(strstr(text, "M0 10l"));
    for (const char *at = strstr(text, "M0 10l") + 5; sscanf(at, "l%lf%lf%n", &right, &down, &size) == 2; at += size) {
        x += right;
        y += down;
    }
    assert_true(fabs(x - 0.4) < 0.0051 && fabs(y + 90.0) < 1e-9);
    free(text);
}

static void dashes_are_shortened_by_their_round_ends(void **state)
{
    (void)state;
    const double points[] = {0.0, 0.0, 10.0, 0.0};
    SpiralCanvas *canvas = blank();
    SpiralStroke stroke = {.width = 2.0, .colour = blue, .opacity = 1.0, .dash = 5.0, .gap = 4.0};
    spiral_canvas_polyline(canvas, 2, points, &stroke);
    assert_has(canvas, "stroke-linecap=\"round\" stroke-linejoin=\"round\" stroke=\"#0000ff\" stroke-width=\"2\" "
                       "stroke-dasharray=\"3 6\"");
    canvas = blank();
    spiral_canvas_polyline(canvas, 1, points, &stroke); /* a dot */
    assert_has(canvas, "<path d=\"M0 0h0\"");
    canvas = blank();
    stroke.dash = 0.0;
    spiral_canvas_ring(canvas, 20.0, 30.0, 8.5, &stroke);
    assert_has(canvas, "<circle cx=\"20\" cy=\"30\" r=\"8.5\" fill=\"none\"");
}

static void what_has_a_meaning_in_xml_is_escaped(void **state)
{
    (void)state;
    SpiralFont *font;
    SpiralTextStyle style = {.size = 12.0, .colour = black, .align = SPIRAL_ALIGN_RIGHT};
    assert_int_equal(spiral_font_create(12.0, false, &font, NULL), SPIRAL_OK);
    SpiralCanvas *canvas = blank();
    spiral_font_draw(font, canvas, 5.0, 6.0, "<a href=\"&\">\x1b]\xff\xef\xbf\xbf \xe4\xb8\xad", &style);
    assert_has(canvas, "<text x=\"5\" y=\"6\" font-size=\"12\" fill=\"#000000\" text-anchor=\"end\">"
                       "&lt;a href=\"&amp;\"&gt;\\x1b]\\xff\\uffff \xe4\xb8\xad</text>\n");
    canvas = blank();
    spiral_font_draw(font, canvas, 5.0, 6.0, "a  b", &style);
    assert_has(canvas, " xml:space=\"preserve\">a  b</text>\n");
    canvas = blank();
    style.upwards = true;
    spiral_font_draw(font, canvas, 5.5, 6.0, "up", &style);
    assert_has(canvas, "<text transform=\"translate(5.5 6) rotate(-90)\" font-size=\"12\"");
    spiral_font_free(font);
}

static void a_shape_has_the_name_of_what_it_stands_for(void **state)
{
    (void)state;
    SpiralCanvas *canvas = blank();
    spiral_canvas_name(canvas, "]]> & co");
    spiral_marker_draw(canvas, SPIRAL_MARKER_DISC, 20.0, 30.0, 5.0, 1.0, black, red);
    spiral_canvas_name(canvas, NULL);
    spiral_marker_draw(canvas, SPIRAL_MARKER_DISC, 21.0, 30.0, 5.0, 0.0, black, red);
    assert_has(canvas, "<circle cx=\"20\" cy=\"30\" r=\"4.5\" fill=\"#ff0000\" stroke=\"#000000\" stroke-width=\"1\">"
                       "<title>]]&gt; &amp; co</title></circle>\n"
                       "<circle cx=\"21\" cy=\"30\" r=\"5\" fill=\"#ff0000\"/>\n");
}

static void what_is_outside_the_clip_is_left_out(void **state)
{
    (void)state;
    const SpiralRectangle plot = {10.0, 20.0, 60.0, 70.0};
    SpiralCanvas *canvas = blank();
    spiral_canvas_clip(canvas, &plot);
    spiral_marker_draw(canvas, SPIRAL_MARKER_DISC, 90.0, 30.0, 5.0, 0.0, black, red);
    spiral_marker_draw(canvas, SPIRAL_MARKER_DISC, 62.0, 30.0, 5.0, 0.0, black, red);
    spiral_canvas_clip(canvas, NULL);
    char *text = finished(canvas);
    assert_non_null(strstr(text, "<clipPath id=\"clip-1-10-20-50-50\"><rect x=\"10\" y=\"20\" width=\"50\" "
                                 "height=\"50\"/></clipPath>\n<g clip-path=\"url(#clip-1-10-20-50-50)\">\n<circle"));
    assert_non_null(strstr(text, "/>\n</g>\n</svg>\n"));
    assert_null(strstr(text, "cx=\"90\""));
    free(text);
}

/* A red square of four cells in a blue field: two paths, each with a seam and without. */
static void cells_of_one_colour_are_one_area(void **state)
{
    (void)state;
    SpiralColour colours[16];
    for (size_t i = 0; i < 16; i++)
        colours[i] = i / 4 % 3 != 0 && i % 4 % 3 != 0 ? red : blue;
    SpiralCanvas *canvas = blank();
    spiral_canvas_cells(canvas, (SpiralRectangle){0.0, 0.0, 40.0, 40.0}, 4, 4, colours);
    char *text = finished(canvas);
    assert_non_null(strstr(text, "<path d=\"M0 0l40 0l0 40l-40 0zM10 10l0 20l20 0l0-20z\" fill=\"#0000ff\"/>\n"));
    assert_non_null(strstr(text, "<path d=\"M10 10l20 0l0 20l-20 0z\" fill=\"#ff0000\"/>\n"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_at_most_two_decimals),
        cmocka_unit_test(a_locale_with_decimal_commas_changes_no_number),
        cmocka_unit_test(a_line_starts_each_step_at_the_rounded_point),
        cmocka_unit_test(dashes_are_shortened_by_their_round_ends),
        cmocka_unit_test(what_has_a_meaning_in_xml_is_escaped),
        cmocka_unit_test(a_shape_has_the_name_of_what_it_stands_for),
        cmocka_unit_test(what_is_outside_the_clip_is_left_out),
        cmocka_unit_test(cells_of_one_colour_are_one_area),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
