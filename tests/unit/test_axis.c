/* Ticks and scales, against what one would write by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "figure/axis.h"

/* The labels of an axis, a space between; minor ticks are dots. */
static const char *labels(double low, double high, bool logarithmic, size_t most, SpiralAxis *axis)
{
    static char text[SPIRAL_TICKS * SPIRAL_TICK_BYTES];
    *axis = (SpiralAxis){.logarithmic = logarithmic};
    spiral_axis_limits(axis, low, high);
    spiral_axis_ticks(axis, most);
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < axis->tick_count; i++) {
        const char *label = axis->ticks[i].label;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 && label[0] != '\0' ? " " : "",
                                 label[0] != '\0' ? label : ".");
    }
    return text;
}

static void ticks_are_at_round_numbers_with_no_needless_digit(void **state)
{
    (void)state;
    SpiralAxis axis;
    assert_string_equal(labels(0.0, 1.0, false, 6, &axis), "0.0 0.2 0.4 0.6 0.8 1.0");
    assert_string_equal(labels(0.0, 10000.0, false, 6, &axis), "0 2000 4000 6000 8000 10000");
    assert_string_equal(labels(-2.0, 2.0, false, 5, &axis), "\xe2\x88\x92"
                                                            "2 \xe2\x88\x92"
                                                            "1 0 1 2");
    assert_string_equal(labels(0.0013, 0.0047, false, 9, &axis), "0.0015 0.0020 0.0025 0.0030 0.0035 0.0040 0.0045");
    assert_string_equal(labels(93.0, 161.0, false, 4, &axis), "100 120 140 160");
    assert_string_equal(labels(0.1, 0.7, false, 7, &axis), "0.1 0.2 0.3 0.4 0.5 0.6 0.7");
    assert_int_equal(axis.exponent, 0);
    assert_true(axis.ticks[2].value == 0.3); /* the double nearest to 0.3, not 3 * 0.1 */
}

static void whole_numbers_have_none_between_them(void **state)
{
    (void)state;
    SpiralAxis axis = {.low = -0.06, .high = 3.06, .whole = true};
    spiral_axis_ticks(&axis, 12);
    assert_int_equal(axis.tick_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_true(axis.ticks[i].value == (double)i);
    assert_string_equal(axis.ticks[3].label, "3");
    axis.whole = false;
    spiral_axis_ticks(&axis, 12);
    assert_int_equal(axis.tick_count, 7);
}

static void large_and_small_numbers_share_a_power_of_ten(void **state)
{
    (void)state;
    SpiralAxis axis;
    assert_string_equal(labels(0.0, 2e6, false, 5, &axis), "0.0 0.5 1.0 1.5 2.0");
    assert_int_equal(axis.exponent, 6);
    assert_string_equal(labels(0.0, 4e-7, false, 5, &axis), "0 1 2 3 4");
    assert_int_equal(axis.exponent, -7);
    char text[32];
    spiral_axis_power(-12, text, sizeof text);
    assert_string_equal(text, "10\xe2\x81\xbb\xc2\xb9\xc2\xb2"); /* 10⁻¹² */
}

static void logarithmic_ticks_are_at_powers_of_ten(void **state)
{
    (void)state;
    SpiralAxis axis;
    assert_string_equal(labels(0.01, 1e3, true, 8, &axis),
                        "0.01........ 0.1........ 1........ 10........ 100........ 1000");
    assert_string_equal(labels(1e-8, 1e4, true, 6, &axis),
                        "10\xe2\x81\xbb\xe2\x81\xb6 10\xe2\x81\xbb\xc2\xb3 10\xe2\x81\xb0 10\xc2\xb3");
}

static void a_short_logarithmic_axis_has_round_numbers_between(void **state)
{
    (void)state;
    SpiralAxis axis;
    assert_string_equal(labels(1.0, 100.0, true, 8, &axis), "1 2.. 5.... 10 20.. 50.... 100");
    assert_string_equal(labels(0.25, 1.1, true, 6, &axis), "0.4 0.6 0.8 1.0");
}

static void there_are_at_most_as_many_ticks_as_asked_for(void **state)
{
    (void)state;
    for (size_t most = 2; most <= 12; most++)
        for (int i = 0; i < 300; i++) {
            SpiralAxis axis = {0};
            double low = 1000.0 * sin(7.0 * i), high = low + exp(20.0 * sin(13.0 * i));
            spiral_axis_limits(&axis, low, high);
            spiral_axis_ticks(&axis, most);
            assert_in_range(axis.tick_count, 1, most);
            double step = axis.tick_count > 1 ? axis.ticks[1].value - axis.ticks[0].value : 1.0;
            double mantissa = step / pow(10.0, floor(log10(step) + 1e-4));
            assert_true(fabs(mantissa - 1.0) < 1e-3 || fabs(mantissa - 2.0) < 1e-3 || fabs(mantissa - 5.0) < 1e-3);
            for (size_t t = 0; t < axis.tick_count; t++)
                assert_true(axis.ticks[t].value >= axis.low - 1e-6 * step &&
                            axis.ticks[t].value <= axis.high + 1e-6 * step);
        }
}

static void places_are_fractions_of_the_axis(void **state)
{
    (void)state;
    SpiralAxis axis = {.low = -1.0, .high = 3.0};
    assert_true(spiral_axis_place(&axis, -1.0) == 0.0);
    assert_true(spiral_axis_place(&axis, 0.0) == 0.25);
    assert_true(spiral_axis_place(&axis, 3.0) == 1.0);
    SpiralAxis log_axis = {.low = 0.01, .high = 100.0, .logarithmic = true};
    assert_true(fabs(spiral_axis_place(&log_axis, 0.1) - 0.25) < 1e-12);
    assert_true(fabs(spiral_axis_place(&log_axis, 1.0) - 0.5) < 1e-12);
}

static void equal_limits_are_parted_whatever_their_size(void **state)
{
    (void)state;
    static const double values[] = {0.0, 1.0, -3.0, 1e290, -1e290, 1e-300, 5e-324};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        for (int apart = 0; apart < 2; apart++) {
            SpiralAxis axis = {0};
            double high = apart == 0 ? values[i] : nextafter(values[i], INFINITY);
            spiral_axis_limits(&axis, values[i], high);
            assert_true(axis.low < values[i] && high < axis.high);
            assert_true(isfinite(axis.high - axis.low));
            spiral_axis_ticks(&axis, 8);
            assert_in_range(axis.tick_count, 1, 8);
        }
}

/* The rest of the axis keeps its ticks, and none of them lies in the part of the 0. */
static void a_0_stands_before_a_break_of_a_logarithmic_axis(void **state)
{
    (void)state;
    static const double limits[][2] = {{1.0, 1000.0}, {0.9, 1.1}, {3e-5, 2e-4}, {1e40, 1e290}, {1e-290, 1e-280}};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        SpiralAxis axis = {.low = limits[i][0], .high = limits[i][1], .logarithmic = true};
        spiral_axis_break(&axis);
        double zero = spiral_axis_place(&axis, 0.0), first = spiral_axis_place(&axis, limits[i][0]);
        assert_true(first > 0.0 && first < 0.2 && fabs(zero - first / 2.0) < 1e-9);
        assert_true(fabs(spiral_axis_place(&axis, limits[i][1]) - 1.0) < 1e-9);
        spiral_axis_ticks(&axis, 5);
        assert_true(axis.tick_count > 1);
        assert_true(axis.ticks[0].value == 0.0);
        assert_string_equal(axis.ticks[0].label, "0");
        for (size_t t = 1; t < axis.tick_count; t++)
            assert_true(spiral_axis_place(&axis, axis.ticks[t].value) >= first - 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_at_round_numbers_with_no_needless_digit),
        cmocka_unit_test(whole_numbers_have_none_between_them),
        cmocka_unit_test(large_and_small_numbers_share_a_power_of_ten),
        cmocka_unit_test(logarithmic_ticks_are_at_powers_of_ten),
        cmocka_unit_test(a_short_logarithmic_axis_has_round_numbers_between),
        cmocka_unit_test(there_are_at_most_as_many_ticks_as_asked_for),
        cmocka_unit_test(places_are_fractions_of_the_axis),
        cmocka_unit_test(a_0_stands_before_a_break_of_a_logarithmic_axis),
        cmocka_unit_test(equal_limits_are_parted_whatever_their_size),
    };
    return cmocka_run_group_tests_name("axis", tests, NULL, NULL);
}
