/* The text of figures. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "figure/font.h"
#include "figure/raster.h"

static const SpiralColour black = {0, 0, 0};

static int set_up(void **state)
{
    SpiralFont *font = NULL;
    assert_int_equal(spiral_font_create(40.0, true, &font, NULL), SPIRAL_OK);
    *state = font;
    return 0;
}

static int tear_down(void **state)
{
    spiral_font_free(*state);
    return 0;
}

static SpiralCanvas *drawn(SpiralFont *font, const char *text, double x, double y, SpiralAlign align, bool upwards)
{
    SpiralCanvas *canvas = NULL;
    assert_int_equal(spiral_canvas_create(SPIRAL_CANVAS_PIXELS, 300, 300, &canvas, NULL), SPIRAL_OK);
    SpiralTextStyle style = {.size = 30.0, .colour = black, .align = align, .upwards = upwards};
    spiral_font_draw(font, canvas, x, y, text, &style);
    return canvas;
}

/* The box of the pixels that are not white: left, top, right, bottom (excluded). */
static void ink(const SpiralCanvas *canvas, long box[4])
{
    long found[4] = {300, 300, 0, 0};
    for (long y = 0; y < 300; y++)
        for (long x = 0; x < 300; x++)
            if (spiral_raster_pixel(canvas->raster, (size_t)x, (size_t)y).red < 128) {
                found[0] = x < found[0] ? x : found[0];
                found[1] = y < found[1] ? y : found[1];
                found[2] = x + 1 > found[2] ? x + 1 : found[2];
                found[3] = y + 1 > found[3] ? y + 1 : found[3];
            }
    memcpy(box, found, sizeof found);
}

static void widths_are_the_fonts_own_numbers(void **state)
{
    /* DejaVu Sans has 2048 units an em; its digits are 1303 wide, its H 1540, its minus sign 1716 */
    assert_true(fabs(spiral_font_width(*state, 20.48, "0") - 13.03) < 1e-3);
    assert_true(fabs(spiral_font_width(*state, 20.48, "2016") - 52.12) < 1e-3);
    assert_true(fabs(spiral_font_width(*state, 20.48, "H") - 15.40) < 1e-3);
    assert_true(fabs(spiral_font_width(*state, 20.48, "\xe2\x88\x92") - 17.16) < 1e-3);
    assert_true(spiral_font_width(*state, 20.0, "") == 0.0);
}

static void pairs_are_kerned(void **state)
{
    double apart = spiral_font_width(*state, 30.0, "A") + spiral_font_width(*state, 30.0, "V");
    assert_true(spiral_font_width(*state, 30.0, "AV") < apart - 0.5);
}

static void text_stands_on_its_baseline_where_it_is_aligned(void **state)
{
    long box[4];
    SpiralCanvas *left = drawn(*state, "HHH", 100.0, 150.0, SPIRAL_ALIGN_LEFT, false);
    ink(left, box);
    assert_in_range(box[0], 100, 104);
    assert_in_range(box[3], 149, 150);
    assert_in_range(box[3] - box[1], (long)spiral_font_height(30.0) - 1, (long)spiral_font_height(30.0) + 2);
    spiral_canvas_free(left);
    SpiralCanvas *right = drawn(*state, "HHH", 200.0, 150.0, SPIRAL_ALIGN_RIGHT, false);
    ink(right, box);
    assert_in_range(box[2], 196, 200);
    spiral_canvas_free(right);
    SpiralCanvas *centre = drawn(*state, "HHH", 150.0, 150.0, SPIRAL_ALIGN_CENTRE, false);
    ink(centre, box);
    assert_in_range(box[0] + box[2], 298, 302);
    spiral_canvas_free(centre);
}

static void upwards_text_is_the_same_text_turned(void **state)
{
    SpiralCanvas *flat = drawn(*state, "loss (\xc3\x97)", 40.0, 150.0, SPIRAL_ALIGN_LEFT, false);
    SpiralCanvas *turned = drawn(*state, "loss (\xc3\x97)", 150.0, 260.0, SPIRAL_ALIGN_LEFT, true);
    for (size_t y = 0; y < 300; y++)
        for (size_t x = 0; x < 300; x++) /* (40, 150) goes to (150, 260): x right becomes y up */
            assert_int_equal(spiral_raster_pixel(flat->raster, x, y).red,
                             spiral_raster_pixel(turned->raster, y, 299 - x).red);
    spiral_canvas_free(flat);
    spiral_canvas_free(turned);
}

static bool same(SpiralFont *font, const char *a, const char *b)
{
    SpiralCanvas *first = drawn(font, a, 10.0, 100.0, SPIRAL_ALIGN_LEFT, false);
    SpiralCanvas *second = drawn(font, b, 10.0, 100.0, SPIRAL_ALIGN_LEFT, false);
    bool equal = memcmp(first->raster->pixels, second->raster->pixels, 300 * 300 * 3) == 0;
    spiral_canvas_free(first);
    spiral_canvas_free(second);
    return equal;
}

static void what_is_not_text_is_drawn_spelled(void **state)
{
    assert_true(same(*state, "\xff", "\\xff"));
    assert_true(same(*state, "\xc3", "\\xc3"));          /* cut off */
    assert_true(same(*state, "\xc0\x80", "\\xc0\\x80")); /* overlong */
    assert_true(same(*state, "\x80\x80", "\\x80\\x80")); /* continuation alone */
    assert_true(same(*state,
                     "a\tb\x7f"
                     "c",
                     "a\\x09b\\x7fc"));                   /* control characters */
    assert_true(same(*state, "\xe2\x80\xae", "\\u202e")); /* right to left from here on */
}

/* U+4E2D, U+1F680 and U+10FFFD are not in DejaVu Sans. */
static void a_character_that_the_font_lacks_is_spelled(void **state)
{
    assert_true(same(*state, "\xe4\xb8\xad", "U+4E2D"));
    assert_true(same(*state, "a\xf0\x9f\x9a\x80", "aU+1F680"));
    assert_true(same(*state, "\xf4\x8f\xbf\xbd", "U+10FFFD"));
    assert_false(same(*state,
                      "\xe4\xb8\xad"
                      "A",
                      "U+4E2DA")); /* which is another character */
    char cut[64];
    double room = spiral_font_width(*state, 20.0, "aU+4E2\xe2\x80\xa6") + 0.01; /* it is not cut within */
    spiral_font_cut(*state, 20.0,
                    "a\xe4\xb8\xad"
                    "bcdef",
                    room, cut, sizeof cut);
    assert_string_equal(cut, "a\xe2\x80\xa6");
}

static void what_other_fonts_will_show_is_given_their_room(void **state)
{
    (void)state;
    SpiralFont *font = NULL;
    assert_int_equal(spiral_font_create(30.0, false, &font, NULL), SPIRAL_OK);
    double letter = spiral_font_width(font, 20.0, "a");
    assert_true(fabs(spiral_font_width(font, 20.0,
                                       "\xe4\xb8\xad"
                                       "a") -
                     20.0 - letter) < 1e-3); /* full width */
    assert_true(fabs(spiral_font_width(font, 20.0, "2016") - 52.12 / 20.48 * 20.0) < 1e-3);
    spiral_font_free(font);
}

static void a_long_text_is_cut_between_characters_with_an_ellipsis(void **state)
{
    static const char text[] = "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc";
    char cut[64];
    double whole = spiral_font_width(*state, 20.0, text);
    spiral_font_cut(*state, 20.0, text, whole + 0.01, cut, sizeof cut);
    assert_string_equal(cut, text);
    spiral_font_cut(*state, 20.0, text, whole * 0.6, cut, sizeof cut);
    assert_true(spiral_font_width(*state, 20.0, cut) <= whole * 0.6);
    size_t length = strlen(cut);
    assert_string_equal(cut + length - 3, "\xe2\x80\xa6");
    assert_int_equal((length - 3) % 2, 0);
    assert_memory_equal(cut, text, length - 3);
    spiral_font_cut(*state, 20.0, text, 1e9, cut, 8); /* 7 bytes: two letters and the ellipsis */
    assert_string_equal(cut, "\xc3\xa4\xc3\xb6\xe2\x80\xa6");
    spiral_font_cut(*state, 20.0, text, -5.0, cut, sizeof cut);
    assert_string_equal(cut, "\xe2\x80\xa6");
    double room = spiral_font_width(*state, 20.0, "a\\x\xe2\x80\xa6") + 0.01; /* what is spelled is not cut within */
    spiral_font_cut(*state, 20.0,
                    "a\xff"
                    "bcdef",
                    room, cut, sizeof cut);
    assert_string_equal(cut, "a\xe2\x80\xa6");
}

static void characters_of_all_scripts_can_be_drawn_at_the_largest_size(void **state)
{
    (void)state;
    SpiralFont *font = NULL;
    assert_int_equal(spiral_font_create(190.0, true, &font, NULL), SPIRAL_OK);
    SpiralCanvas *canvas = NULL;
    assert_int_equal(spiral_canvas_create(SPIRAL_CANVAS_PIXELS, 20, 20, &canvas, NULL), SPIRAL_OK);
    SpiralTextStyle style = {.size = 190.0, .colour = black};
    for (unsigned code = 0x80; code < 0x10000; code += 7) {
        char text[] = {(char)(0xe0 | code >> 12), (char)(0x80 | (code >> 6 & 63)), (char)(0x80 | (code & 63)), '\0'};
        char two[] = {(char)(0xc0 | code >> 6), (char)(0x80 | (code & 63)), '\0'};
        if (code > 0x3000 && code < 0xa000) /* not in the font: one box after another */
            continue;
        spiral_font_draw(font, canvas, 0.3, 10.7, code < 0x800 ? two : text, &style);
    }
    spiral_canvas_free(canvas);
    spiral_font_free(font);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_are_the_fonts_own_numbers),
        cmocka_unit_test(pairs_are_kerned),
        cmocka_unit_test(text_stands_on_its_baseline_where_it_is_aligned),
        cmocka_unit_test(upwards_text_is_the_same_text_turned),
        cmocka_unit_test(what_is_not_text_is_drawn_spelled),
        cmocka_unit_test(a_character_that_the_font_lacks_is_spelled),
        cmocka_unit_test(what_other_fonts_will_show_is_given_their_room),
        cmocka_unit_test(a_long_text_is_cut_between_characters_with_an_ellipsis),
        cmocka_unit_test(characters_of_all_scripts_can_be_drawn_at_the_largest_size),
    };
    return cmocka_run_group_tests_name("font", tests, set_up, tear_down);
}
