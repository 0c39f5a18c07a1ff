#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdalign.h>

#include "net/kernels.h"
#include "spiral/rng.h"

/* |value - exact| in units in the last place of exact. */
static double ulps(double value, long double exact)
{
    double rounded = (double)exact;
    double unit = nextafter(fabs(rounded), INFINITY) - fabs(rounded);
    return (double)(fabsl((long double)value - exact) / unit);
}

/* Skips what is compared with long double where that is computed as double, as valgrind does. */
static void need_long_double(void)
{
    volatile long double one = 1.0L;
    if (one + LDBL_EPSILON == 1.0L) {
        print_message("skipped: long double is computed as double\n");
        skip();
    }
}

static void exp_is_within_one_ulp_over_its_range(void **state)
{
    (void)state;
    need_long_double();
    SpiralRng rng;
    spiral_rng_seed(&rng, 3);
    double worst = 0.0;
    for (size_t round = 0; round < 200000; round++) {
        alignas(64) double x[8], y[8];
        for (size_t i = 0; i < 8; i++)
            y[i] = x[i] = round % 2 == 0 ? -708.0 * spiral_rng_uniform(&rng) : -2.0 * spiral_rng_uniform(&rng);
        spiral_kernel_exp(8, y);
        for (size_t i = 0; i < 8; i++)
            worst = fmax(worst, ulps(y[i], expl((long double)x[i])));
    }
    if (worst > 1.0)
        fail_msg("exp is off by %g ulp", worst);
}

static void exp_at_its_ends(void **state)
{
    (void)state;
    alignas(64) double x[8] = {0.0, -0.0, -708.0, -709.0, -INFINITY, NAN, -1e-300, -1e308};
    spiral_kernel_exp(8, x);
    assert_true(x[0] == 1.0 && x[1] == 1.0 && x[6] == 1.0);
    assert_true(x[2] > 3.3e-308 && x[2] < 3.4e-308);
    assert_true(x[3] == 0.0 && x[4] == 0.0 && x[7] == 0.0);
    assert_true(isnan(x[5]));
}

static void log_is_within_one_ulp_over_its_range(void **state)
{
    (void)state;
    need_long_double();
    SpiralRng rng;
    spiral_rng_seed(&rng, 4);
    double worst = 0.0;
    for (size_t round = 0; round < 200000; round++) {
        alignas(64) double x[8], y[8];
        for (size_t i = 0; i < 8; i++)
            y[i] = x[i] = round % 2 == 0 ? 1.0 + 9.0 * spiral_rng_uniform(&rng)
                                         : exp(1400.0 * spiral_rng_uniform(&rng) - 700.0);
        spiral_kernel_log(8, y);
        for (size_t i = 0; i < 8; i++)
            worst = fmax(worst, ulps(y[i], logl((long double)x[i])));
    }
    if (worst > 1.0)
        fail_msg("log is off by %g ulp", worst);
}

static void tanh_and_sigmoid_are_within_two_and_a_half_ulp(void **state)
{
    (void)state;
    need_long_double();
    SpiralRng rng;
    spiral_rng_seed(&rng, 5);
    double worst = 0.0;
    for (size_t round = 0; round < 100000; round++) {
        alignas(64) double x[8], y[8], z[8];
        for (size_t i = 0; i < 8; i++)
            y[i] = z[i] = x[i] = (round % 2 == 0 ? 20.0 : 0.5) * (2.0 * spiral_rng_uniform(&rng) - 1.0);
        spiral_kernel_activate(1, 8, NULL, SPIRAL_ACTIVATION_TANH, y);
        spiral_kernel_activate(1, 8, NULL, SPIRAL_ACTIVATION_SIGMOID, z);
        for (size_t i = 0; i < 8; i++) {
            worst = fmax(worst, ulps(y[i], tanhl((long double)x[i])));
            worst = fmax(worst, ulps(z[i], 1.0L / (1.0L + expl(-(long double)x[i]))));
        }
    }
    if (worst > 2.5)
        fail_msg("tanh or sigmoid is off by %g ulp", worst);
}

static void activations_at_their_ends(void **state)
{
    (void)state;
    alignas(64) double t[8] = {0.0, -0.0, 1e308, -1e308, INFINITY, -INFINITY, NAN, 1e-300};
    alignas(64) double s[8] = {0.0, -0.0, 1e308, -1e308, INFINITY, -INFINITY, NAN, 1e-300};
    spiral_kernel_activate(1, 8, NULL, SPIRAL_ACTIVATION_TANH, t);
    assert_true(t[0] == 0.0 && t[1] == 0.0 && signbit(t[1]) && t[2] == 1.0 && t[3] == -1.0);
    assert_true(t[4] == 1.0 && t[5] == -1.0 && isnan(t[6]) && t[7] == 1e-300);
    spiral_kernel_activate(1, 8, NULL, SPIRAL_ACTIVATION_SIGMOID, s);
    assert_true(s[0] == 0.5 && s[1] == 0.5 && s[2] == 1.0 && s[3] == 0.0);
    assert_true(s[4] == 1.0 && s[5] == 0.0 && isnan(s[6]) && s[7] == 0.5);
}

static void log_of_one_is_zero(void **state)
{
    (void)state;
    alignas(64) double x[8] = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
    spiral_kernel_log(8, x);
    for (size_t i = 0; i < 8; i++)
        assert_true(x[i] == 0.0);
}

static void a_number_that_is_not_finite_is_found_wherever_it_stands(void **state)
{
    (void)state;
    double values[37];
    for (size_t i = 0; i < 37; i++)
        values[i] = 1e308;
    assert_true(spiral_kernel_all_finite(37, values));
    for (size_t i = 0; i < 37; i++) {
        static const double bad[] = {NAN, INFINITY, -INFINITY};
        for (size_t k = 0; k < 3; k++) {
            values[i] = bad[k];
            assert_false(spiral_kernel_all_finite(37, values));
        }
        values[i] = 0.0;
    }
}

static void relu_lets_nan_through(void **state)
{
    (void)state;
    alignas(64) double z[8] = {-1.0, 2.0, NAN, 0.0, -0.0, INFINITY, -INFINITY, 1e-300};
    spiral_kernel_activate(1, 8, NULL, SPIRAL_ACTIVATION_RELU, z);
    assert_true(z[0] == 0.0 && z[1] == 2.0 && isnan(z[2]) && z[3] == 0.0 && z[5] == INFINITY && z[6] == 0.0 && z[7] == 1e-300);
}

static void pack_transposes_standardizes_and_pads(void **state)
{
    (void)state;
    static const double X[] = {1, 2, 3, 4, 5, 6}, mean[] = {1, 2}, scale[] = {2, 4};
    alignas(64) double A[16];
    spiral_kernel_pack(3, 2, 8, X, NULL, mean, scale, A);
    static const double expected[16] = {0, 1, 2, 0, 0, 0, 0, 0, 0, 0.5, 1, 0, 0, 0, 0, 0};
    assert_memory_equal(A, expected, sizeof expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp_is_within_one_ulp_over_its_range),
        cmocka_unit_test(exp_at_its_ends),
        cmocka_unit_test(log_is_within_one_ulp_over_its_range),
        cmocka_unit_test(tanh_and_sigmoid_are_within_two_and_a_half_ulp),
        cmocka_unit_test(activations_at_their_ends),
        cmocka_unit_test(log_of_one_is_zero),
        cmocka_unit_test(a_number_that_is_not_finite_is_found_wherever_it_stands),
        cmocka_unit_test(relu_lets_nan_through),
        cmocka_unit_test(pack_transposes_standardizes_and_pads),
    };
    return cmocka_run_group_tests_name("kernels", tests, NULL, NULL);
}
