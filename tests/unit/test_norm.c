#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/norm.h"

static const double units[] = {1e-300, 1e-200, 1e-140, 1.0, 1e140, 1e200, 1e307};
enum { UNITS = sizeof units / sizeof units[0] };

static void assert_close(double found, double expected)
{
    if (!(fabs(found - expected) <= 1e-14 * fabs(expected)))
        fail_msg("%.17g is not %.17g", found, expected);
}

/* 3, 4: the norm is 5; 3, 4, 6, 6: sqrt(97). */
static void norms_are_right_from_the_smallest_to_the_largest_numbers(void **state)
{
    (void)state;
    for (size_t u = 0; u < UNITS; u++) {
        const double values[] = {3.0 * units[u], -4.0 * units[u], 12.0 * units[u] / 2, 12.0 * units[u] / 2};
        assert_close(spiral_norm_value(spiral_norm(4, values)), sqrt(25.0 + 72.0) * units[u]);
        assert_close(spiral_norm_value(spiral_norm(2, values)), 5.0 * units[u]);
    }
    assert_true(spiral_norm_value(spiral_norm(2, (const double[]){0.0, 0.0})) == 0.0);
    assert_true(isinf(spiral_norm_value(spiral_norm(2, (const double[]){1.0, -INFINITY}))));
    assert_true(isnan(spiral_norm_value(spiral_norm(3, (const double[]){1.0, NAN, INFINITY}))));
}

/* From 3, 4 to 3, 3: a step of 1, a fifth of the point. All pairs of units for two layers: the larger decides. */
static void ratios_are_right_where_no_square_is(void **state)
{
    (void)state;
    for (size_t u = 0; u < UNITS; u++) {
        const double from[] = {3.0 * units[u], 4.0 * units[u]}, to[] = {3.0 * units[u], 3.0 * units[u]};
        SpiralNorm step = spiral_norm_step(2, from, to), point = spiral_norm(2, from);
        assert_close(spiral_norm_ratio(step, point), 0.2);
        for (size_t v = 0; v < UNITS; v++) {
            const double other[] = {units[v]};
            SpiralNorm sum = spiral_norm_add(point, spiral_norm(1, other));
            assert_close(spiral_norm_value(sum), hypot(5.0 * units[u], units[v]));
        }
    }
    /* Both norms overflow as numbers of their own. */
    const double from[] = {DBL_MAX, -DBL_MAX, DBL_MAX, DBL_MAX}, to[] = {-DBL_MAX, DBL_MAX, DBL_MAX, DBL_MAX};
    SpiralNorm step = spiral_norm_step(4, from, to), point = spiral_norm(4, from);
    assert_true(isinf(spiral_norm_value(point)));
    assert_close(spiral_norm_ratio(step, point), sqrt(2.0));
    assert_true(spiral_norm_ratio(step, (SpiralNorm){0}) == 0.0);
    const double nothing[] = {NAN, 1.0, 1.0, 1.0};
    assert_true(isnan(spiral_norm_value(spiral_norm_step(4, from, nothing))));
}

/* Ordinary numbers keep the bits of the plain sum. */
static void ordinary_numbers_have_the_bits_of_the_plain_sum(void **state)
{
    (void)state;
    const double from[] = {0.1, -0.7, 1e-3, 12.5}, to[] = {0.2, -0.71, 1.1e-3, 12.25};
    double updates = 0.0, squares = 0.0;
    for (size_t i = 0; i < 4; i++) {
        updates += (to[i] - from[i]) * (to[i] - from[i]);
        squares += from[i] * from[i];
    }
    SpiralNorm step = spiral_norm_step(4, from, to), point = spiral_norm(4, from);
    assert_true(spiral_norm_ratio(step, point) == sqrt(updates / squares));
    assert_true(spiral_norm_penalty(point, 1e-3) == 0.5 * 1e-3 * squares);
}

/* 3, 4 becomes 0.6, 0.8; four equal values a half each, though their norm is no double. */
static void clipping_keeps_the_direction(void **state)
{
    (void)state;
    for (size_t u = 0; u < UNITS; u++)
        for (size_t v = 0; v < UNITS; v++) {
            double values[] = {3.0 * units[u], -4.0 * units[u]}, most = units[v];
            spiral_norm_clip(2, values, spiral_norm(2, values), most);
            double factor = most < 5.0 * units[u] ? most / 5.0 : units[u];
            assert_close(values[0], 3.0 * factor);
            assert_close(values[1], -4.0 * factor);
        }
    double values[] = {DBL_MAX, -DBL_MAX, DBL_MAX, DBL_MAX};
    spiral_norm_clip(4, values, spiral_norm(4, values), 1.0);
    for (size_t i = 0; i < 4; i++)
        assert_close(values[i], i == 1 ? -0.5 : 0.5);
}

static void a_penalty_overflows_only_itself(void **state)
{
    (void)state;
    const double W[] = {3e200, 4e200}, small[] = {3e-200, 4e-200};
    assert_true(spiral_norm_penalty(spiral_norm(2, W), 0.0) == 0.0);
    assert_close(spiral_norm_penalty(spiral_norm(2, W), 1e-200), 12.5e200);
    assert_close(spiral_norm_penalty(spiral_norm(2, small), 1e200), 12.5e-200);
    assert_true(isinf(spiral_norm_penalty(spiral_norm(2, W), 1e-3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norms_are_right_from_the_smallest_to_the_largest_numbers),
        cmocka_unit_test(ratios_are_right_where_no_square_is),
        cmocka_unit_test(ordinary_numbers_have_the_bits_of_the_plain_sum),
        cmocka_unit_test(clipping_keeps_the_direction),
        cmocka_unit_test(a_penalty_overflows_only_itself),
    };
    return cmocka_run_group_tests_name("norm", tests, NULL, NULL);
}
