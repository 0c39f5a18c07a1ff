#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "net/kernels.h"
#include "spiral/rng.h"
#include "spiral/version.h"

static const SpiralKernels *kernels; /* the level that is tested */

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
        kernels->exp(8, y);
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
    kernels->exp(8, x);
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
            y[i] = x[i] =
                round % 2 == 0 ? 1.0 + 9.0 * spiral_rng_uniform(&rng) : exp(1400.0 * spiral_rng_uniform(&rng) - 700.0);
        kernels->log(8, y);
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
        kernels->activate(1, 8, NULL, SPIRAL_ACTIVATION_TANH, y);
        kernels->activate(1, 8, NULL, SPIRAL_ACTIVATION_SIGMOID, z);
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
    kernels->activate(1, 8, NULL, SPIRAL_ACTIVATION_TANH, t);
    assert_true(t[0] == 0.0 && t[1] == 0.0 && signbit(t[1]) && t[2] == 1.0 && t[3] == -1.0);
    assert_true(t[4] == 1.0 && t[5] == -1.0 && isnan(t[6]) && t[7] == 1e-300);
    kernels->activate(1, 8, NULL, SPIRAL_ACTIVATION_SIGMOID, s);
    assert_true(s[0] == 0.5 && s[1] == 0.5 && s[2] == 1.0 && s[3] == 0.0);
    assert_true(s[4] == 1.0 && s[5] == 0.0 && isnan(s[6]) && s[7] == 0.5);
}

static void log_of_one_is_zero(void **state)
{
    (void)state;
    alignas(64) double x[8] = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
    kernels->log(8, x);
    for (size_t i = 0; i < 8; i++)
        assert_true(x[i] == 0.0);
}

static void a_number_that_is_not_finite_is_found_wherever_it_stands(void **state)
{
    (void)state;
    double values[37];
    for (size_t i = 0; i < 37; i++)
        values[i] = 1e308;
    assert_true(kernels->all_finite(37, values));
    for (size_t i = 0; i < 37; i++) {
        static const double bad[] = {NAN, INFINITY, -INFINITY};
        for (size_t k = 0; k < 3; k++) {
            values[i] = bad[k];
            assert_false(kernels->all_finite(37, values));
        }
        values[i] = 0.0;
    }
}

static void a_positive_number_is_found_wherever_it_stands(void **state)
{
    (void)state;
    alignas(64) double values[40];
    static const double others[] = {-1e308, -0.0, 0.0, NAN, -INFINITY};
    for (size_t i = 0; i < 40; i++)
        values[i] = i < 37 ? others[i % 5] : 1.0; /* what follows is not looked at */
    assert_false(kernels->any_positive(37, values));
    assert_false(kernels->any_positive(0, values + 8));
    for (size_t i = 0; i < 37; i++) {
        double other = values[i];
        values[i] = i % 2 == 0 ? 5e-324 : INFINITY;
        assert_true(kernels->any_positive(37, values));
        values[i] = other;
    }
}

static void relu_lets_nan_through(void **state)
{
    (void)state;
    alignas(64) double z[8] = {-1.0, 2.0, NAN, 0.0, -0.0, INFINITY, -INFINITY, 1e-300};
    kernels->activate(1, 8, NULL, SPIRAL_ACTIVATION_RELU, z);
    assert_true(z[0] == 0.0 && z[1] == 2.0 && isnan(z[2]) && z[3] == 0.0 && z[5] == INFINITY && z[6] == 0.0 &&
                z[7] == 1e-300);
}

static void pack_transposes_standardizes_and_pads(void **state)
{
    (void)state;
    static const double X[] = {1, 2, 3, 4, 5, 6}, mean[] = {1, 2}, scale[] = {2, 4};
    alignas(64) double A[16];
    kernels->pack(3, 2, 8, X, NULL, mean, scale, A);
    static const double expected[16] = {0, 1, 2, 0, 0, 0, 0, 0, 0, 0.5, 1, 0, 0, 0, 0, 0};
    assert_memory_equal(A, expected, sizeof expected);
}

/* Rows in an order and all in turn, for many features and for those that have a loop of their own. */
static void unpack_undoes_pack(void **state)
{
    (void)state;
    enum { ROWS = 69, MOST_FEATURES = 139, STRIDE = 72 };
    alignas(64) static double A[MOST_FEATURES * STRIDE];
    static double X[ROWS * MOST_FEATURES], out[ROWS * MOST_FEATURES];
    size_t order[ROWS];
    for (size_t i = 0; i < ROWS * MOST_FEATURES; i++)
        X[i] = (double)i;
    for (size_t r = 0; r < ROWS; r++)
        order[r] = (r * 5) % ROWS;
    for (size_t features = 1; features <= MOST_FEATURES; features++) {
        kernels->pack(ROWS, features, STRIDE, X, order, NULL, NULL, A);
        kernels->unpack(ROWS, features, STRIDE, A, out);
        for (size_t r = 0; r < ROWS; r++)
            assert_memory_equal(out + r * features, X + order[r] * features, features * sizeof *X);
        kernels->pack(ROWS, features, STRIDE, X, NULL, NULL, NULL, A);
        kernels->unpack(ROWS, features, STRIDE, A, out);
        assert_memory_equal(out, X, ROWS * features * sizeof *X);
        for (size_t i = 0; i < features * STRIDE; i++)
            assert_true(i % STRIDE < ROWS || A[i] == 0.0);
    }
}

/* Losses, hits and dscores of one row after the other, straight from the formulas. */
static void the_softmax_follows_its_formulas(void **state)
{
    (void)state;
    need_long_double();
    enum { MOST_ROWS = 45, MOST_CLASSES = 12, STRIDE = 48 };
    alignas(64) double scores[MOST_CLASSES * STRIDE], scratch[3 * STRIDE], made[MOST_CLASSES * STRIDE];
    const double weight = 0.25;
    SpiralRng rng;
    spiral_rng_seed(&rng, 11);
    for (size_t classes = 1; classes <= MOST_CLASSES; classes++) {
        size_t rows = MOST_ROWS - 3 * classes, correct = 5, expected_correct = 5;
        double loss = 2.0;
        long double expected_loss = 2.0L;
        int64_t y[MOST_ROWS];
        for (size_t i = 0; i < classes * STRIDE; i++)
            made[i] = scores[i] = (i % 7 == 0 ? 300.0 : 3.0) * spiral_rng_normal(&rng);
        for (size_t r = 0; r < rows; r++)
            y[r] = (int64_t)((r * r) % classes);
        kernels->softmax(rows, classes, STRIDE, y, weight, made, scratch, &loss, &correct);
        for (size_t r = 0; r < STRIDE; r++) {
            size_t own = r < rows ? (size_t)y[r] : 0, best = 0;
            long double sum = 0.0L;
            for (size_t k = 1; k < classes; k++)
                best = scores[k * STRIDE + r] > scores[best * STRIDE + r] ? k : best;
            for (size_t k = 0; k < classes; k++)
                sum += expl((long double)scores[k * STRIDE + r] - scores[best * STRIDE + r]);
            for (size_t k = 0; k < classes; k++) {
                long double p = expl((long double)scores[k * STRIDE + r] - scores[best * STRIDE + r]) / sum;
                long double expected = r < rows ? weight * (p - (k == own ? 1.0L : 0.0L)) : 0.0L;
                assert_true(fabsl((long double)made[k * STRIDE + r] - expected) < 1e-14L);
            }
            if (r < rows) {
                expected_loss += logl(sum) - ((long double)scores[own * STRIDE + r] - scores[best * STRIDE + r]);
                expected_correct += best == own;
            }
        }
        assert_true(fabsl((long double)loss - expected_loss) < 1e-14L * fabsl(expected_loss) * MOST_ROWS);
        assert_int_equal(correct, expected_correct);
    }
}

static void sums_hold_every_column_once(void **state)
{
    (void)state;
    alignas(64) double Z[3 * 24];
    for (size_t i = 0; i < 3 * 24; i++)
        Z[i] = (double)(i * i); /* exact, whatever the order */
    double sums[3] = {1, 2, 3};
    kernels->row_sums(3, 24, Z, sums);
    for (size_t u = 0; u < 3; u++) {
        double expected = (double)u + 1.0;
        for (size_t r = 0; r < 24; r++)
            expected += (double)((u * 24 + r) * (u * 24 + r));
        assert_true(sums[u] == expected);
    }
    for (size_t count = 0; count <= 40; count++) {
        double expected = 0.0;
        for (size_t i = 0; i < count; i++)
            expected += Z[i + 1] * Z[i];
        assert_true(kernels->dot(count, Z + 1, Z) == expected);
    }
}

static void argmax_takes_the_lower_class_on_a_tie(void **state)
{
    (void)state;
    alignas(64) double scores[3 * 16];
    for (size_t r = 0; r < 16; r++)
        for (size_t k = 0; k < 3; k++)
            scores[k * 16 + r] = (k == r % 3 || (r > 8 && k == 2)) ? 1.0 : 0.5;
    int64_t labels[16];
    labels[13] = labels[14] = -5;
    kernels->argmax(13, 3, 16, scores, labels);
    for (size_t r = 0; r < 13; r++)
        assert_int_equal(labels[r], r % 3);
    assert_int_equal(labels[13], -5); /* past the rows nothing is written */
}

/* ---- the levels beside each other -------------------------------------------------------------------------------- */

enum { UNITS = 7, STRIDE = 56, ROWS = 51, VALUES = UNITS * STRIDE };

/* What every kernel makes of one set of random numbers, one after the other; layers are in test_layer.c. */
typedef struct Outputs {
    alignas(64) double values[24][VALUES];
} Outputs;

static double *copy(const double *from, double *to)
{
    return memcpy(to, from, VALUES * sizeof *from);
}

static void run_kernels(const SpiralKernels *k, Outputs *out)
{
    SpiralRng rng;
    spiral_rng_seed(&rng, 9);
    alignas(64) static double Z[VALUES], mask[VALUES], scratch[3 * STRIDE];
    double b[UNITS], scale[UNITS];
    int64_t y[ROWS];
    for (size_t i = 0; i < VALUES; i++) {
        Z[i] = 3.0 * spiral_rng_normal(&rng);
        mask[i] = i % 3 == 0 ? 0.0 : 1.5;
    }
    for (size_t u = 0; u < UNITS; u++) {
        b[u] = spiral_rng_normal(&rng);
        scale[u] = 0.5 + spiral_rng_uniform(&rng);
    }
    for (size_t r = 0; r < ROWS; r++)
        y[r] = (int64_t)(r % UNITS);
    memset(out, 0, sizeof *out);
    size_t n = 0, correct = 0;
    k->pack(ROWS, UNITS, STRIDE, Z, NULL, b, scale, out->values[n++]);
    k->unpack(ROWS, UNITS, STRIDE, Z, out->values[n++]);
    k->row_sums(UNITS, STRIDE, Z, out->values[n++]);
    k->add_bias(UNITS, STRIDE, b, copy(Z, out->values[n++]));
    for (int activation = SPIRAL_ACTIVATION_RELU; activation <= SPIRAL_ACTIVATION_SIGMOID; activation++) {
        double *A = copy(Z, out->values[n++]);
        k->activate(UNITS, STRIDE, b, (SpiralActivation)activation, A);
        k->activate_backward(UNITS, STRIDE, (SpiralActivation)activation, A, NULL, 1.0, copy(Z, out->values[n++]));
        k->activate_backward(UNITS, STRIDE, (SpiralActivation)activation, A, mask, 2.0 / 3.0,
                             copy(Z, out->values[n++]));
    }
    k->multiply(VALUES, mask, copy(Z, out->values[n++]));
    double *dscores = copy(Z, out->values[n++]), *totals = out->values[n++];
    k->softmax(ROWS, UNITS, STRIDE, y, 1.0 / (double)ROWS, dscores, scratch, &totals[0], &correct);
    totals[1] = (double)correct;
    k->probabilities(UNITS, STRIDE, copy(Z, out->values[n++]));
    k->add(VALUES - 3, mask, copy(Z, out->values[n++]));
    totals[3] = k->largest(VALUES, Z);
    totals[2] = k->dot(VALUES - 3, Z, Z);
    k->descend(VALUES - 3, Z, 0.1, mask, out->values[n++]);
    assert_in_range(n, 1, sizeof out->values / sizeof out->values[0]);
}

static void levels_with_fused_multiply_add_give_the_same_bits(void **state)
{
    (void)state;
    if (spiral_kernels_of(2) == NULL) {
        print_message("skipped: this machine has no two such levels\n");
        skip();
    }
    Outputs *avx2 = aligned_alloc(64, sizeof *avx2), *avx512 = aligned_alloc(64, sizeof *avx512);
    run_kernels(spiral_kernels_of(1), avx2);
    run_kernels(spiral_kernels_of(2), avx512);
    for (size_t n = 0; n < sizeof avx2->values / sizeof avx2->values[0]; n++)
        assert_memory_equal(avx2->values[n], avx512->values[n], sizeof avx2->values[n]);
    free(avx2);
    free(avx512);
}

static void the_highest_level_runs(void **state)
{
    (void)state;
    size_t levels = 0;
    while (spiral_kernels_of(levels) != NULL)
        levels++;
    assert_in_range(levels, 1, 3);
    assert_ptr_equal(spiral_kernels(), spiral_kernels_of(levels - 1));
    assert_string_equal(spiral_kernels_level(), spiral_kernels()->level);
}

int main(void)
{
    const struct CMUnitTest each_level[] = {
        cmocka_unit_test(exp_is_within_one_ulp_over_its_range),
        cmocka_unit_test(exp_at_its_ends),
        cmocka_unit_test(log_is_within_one_ulp_over_its_range),
        cmocka_unit_test(tanh_and_sigmoid_are_within_two_and_a_half_ulp),
        cmocka_unit_test(activations_at_their_ends),
        cmocka_unit_test(log_of_one_is_zero),
        cmocka_unit_test(a_number_that_is_not_finite_is_found_wherever_it_stands),
        cmocka_unit_test(a_positive_number_is_found_wherever_it_stands),
        cmocka_unit_test(relu_lets_nan_through),
        cmocka_unit_test(pack_transposes_standardizes_and_pads),
        cmocka_unit_test(unpack_undoes_pack),
        cmocka_unit_test(the_softmax_follows_its_formulas),
        cmocka_unit_test(sums_hold_every_column_once),
        cmocka_unit_test(argmax_takes_the_lower_class_on_a_tie),
    };
    const struct CMUnitTest levels[] = {
        cmocka_unit_test(the_highest_level_runs),
        cmocka_unit_test(levels_with_fused_multiply_add_give_the_same_bits),
    };
    int failed = cmocka_run_group_tests_name("levels", levels, NULL, NULL);
    for (size_t level = 0; (kernels = spiral_kernels_of(level)) != NULL; level++)
        failed += cmocka_run_group_tests_name(kernels->level, each_level, NULL, NULL);
    return failed;
}
