#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data_support.h"
#include "spiral/dataset.h"
#include "spiral/generate.h"
#include "spiral/limits.h"

/* NumPy's points are those of x86-64. The C library of i386 has another logarithm, and where the two round otherwise, a
 * normal and with it an angle, below 32, is the next double: a point turns by that. */
#ifdef __i386__
static const double TURNED = 0x1p-48;
#else
static const double TURNED = 0.0;
#endif

static void assert_within_two_ulp(double found, double expected)
{
    double ulp = nextafter(fabs(expected), INFINITY) - fabs(expected);
    if (!(fabs(found - expected) <= 2 * ulp + TURNED))
        fail_msg("%.17g, expected %.17g", found, expected);
}

static SpiralGenerateOptions spiral_of(size_t classes, size_t points, double noise)
{
    SpiralGenerateOptions options = spiral_generate_defaults();
    options.classes = classes;
    options.points_per_class = points;
    options.noise = noise;
    return options;
}

/* fixture: fixtures/spiral_K_n_noise_seed.txt, made by NumPy. */
static void check_spiral(SpiralGenerateOptions options, uint32_t seed, const char *fixture)
{
    SpiralRng rng;
    SpiralError error;
    SpiralDataset *dataset;
    spiral_rng_seed(&rng, seed);
    SpiralStatus status = spiral_dataset_generate(&options, &rng, &dataset, &error);
    assert_ok(status, error);
    assert_int_equal(dataset->rows, options.classes * options.points_per_class);
    assert_int_equal(dataset->features, 2);
    assert_int_equal(dataset->classes, options.classes);
    FILE *file = fopen(fixture, "r");
    assert_non_null(file);
    for (size_t i = 0; i < dataset->rows; i++) {
        double x[2];
        long long y;
        assert_int_equal(fscanf(file, "%lf %lf %lld", &x[0], &x[1], &y), 3);
        assert_within_two_ulp(dataset->X[2 * i], x[0]);
        assert_within_two_ulp(dataset->X[2 * i + 1], x[1]);
        assert_int_equal(dataset->y[i], y);
    }
    fclose(file);
    spiral_dataset_free(dataset);
}

static void the_notes_spiral_agrees_with_numpy(void **state)
{
    (void)state;
    check_spiral(spiral_generate_defaults(), 0, "fixtures/spiral_3_100_0.2_0.txt");
}

static void other_sizes_and_noises_agree_with_numpys_stream(void **state)
{
    (void)state;
    check_spiral(spiral_of(5, 37, 0.35), 42, "fixtures/spiral_5_37_0.35_42.txt");
}

static void one_or_two_points_a_class_agree_with_numpy(void **state)
{
    (void)state;
    check_spiral(spiral_of(2, 1, 0.2), 1, "fixtures/spiral_2_1_0.2_1.txt");
    check_spiral(spiral_of(2, 2, 0.0), 7, "fixtures/spiral_2_2_0.0_7.txt");
}

static void the_stream_goes_on_behind_the_data(void **state)
{
    (void)state;
    SpiralRng rng, other;
    SpiralDataset *dataset;
    SpiralGenerateOptions options = spiral_generate_defaults();
    spiral_rng_seed(&rng, 0);
    spiral_rng_seed(&other, 0);
    assert_int_equal(spiral_dataset_generate(&options, &rng, &dataset, NULL), SPIRAL_OK);
    for (size_t i = 0; i < 300; i++)
        spiral_rng_normal(&other);
    assert_true(spiral_rng_normal(&rng) == spiral_rng_normal(&other));
    spiral_dataset_free(dataset);
}

static void features_and_classes_have_their_names(void **state)
{
    (void)state;
    SpiralRng rng;
    SpiralDataset *dataset;
    SpiralGenerateOptions options = spiral_generate_defaults();
    spiral_rng_seed(&rng, 0);
    assert_int_equal(spiral_dataset_generate(&options, &rng, &dataset, NULL), SPIRAL_OK);
    assert_string_equal(dataset->feature_names[0], "x0");
    assert_string_equal(dataset->feature_names[1], "x1");
    assert_string_equal(dataset->class_names[0], "0");
    assert_string_equal(dataset->class_names[2], "2");
    spiral_dataset_free(dataset);
}

static void assert_refused(SpiralGenerateOptions options, SpiralStatus status, const char *words)
{
    SpiralRng rng;
    SpiralError error;
    SpiralDataset *dataset = (SpiralDataset *)&rng;
    spiral_rng_seed(&rng, 0);
    assert_int_equal(spiral_dataset_generate(&options, &rng, &dataset, &error), status);
    assert_int_equal(error.status, status);
    assert_reason(error, words);
    assert_null(dataset);
}

static void impossible_sizes_and_noises_are_refused(void **state)
{
    (void)state;
    assert_refused(spiral_of(1, 100, 0.2), SPIRAL_ERROR_USAGE, "1 classes, expected 2");
    assert_refused(spiral_of(0, 100, 0.2), SPIRAL_ERROR_USAGE, "0 classes");
    assert_refused(spiral_of(3, 0, 0.2), SPIRAL_ERROR_USAGE, "0 points per class");
    assert_refused(spiral_of(3, 100, -0.1), SPIRAL_ERROR_USAGE, "noise of -0.1");
    assert_refused(spiral_of(3, 100, (double)NAN), SPIRAL_ERROR_USAGE, "noise of nan");
    assert_refused(spiral_of(3, 100, (double)INFINITY), SPIRAL_ERROR_USAGE, "noise of inf");
    assert_refused(spiral_of(3, 100, 1e101), SPIRAL_ERROR_USAGE, "noise of 1e+101");
    assert_refused(spiral_of(3, SIZE_MAX / 3, 0.2), SPIRAL_ERROR_LIMIT, "too many");
    assert_refused(spiral_of(3, SIZE_MAX, 0.2), SPIRAL_ERROR_LIMIT, "too many");
}

static void impossible_shapes_are_refused(void **state)
{
    (void)state;
    SpiralGenerateOptions options = spiral_generate_defaults_of(SPIRAL_SHAPE_MOONS);
    options.classes = 3;
    assert_refused(options, SPIRAL_ERROR_USAGE, "3 classes, and the shape moons has 2");
    options.shape = SPIRAL_SHAPE_XOR;
    assert_refused(options, SPIRAL_ERROR_USAGE, "3 classes, and the shape xor has 2");
    const struct {
        double radius, turns, label_noise, arm_offset;
        const char *words;
    } reals[] = {{1, 1, 0, -1, "an arm offset of -1"},
                 {1, 1, 0, (double)NAN, "an arm offset of nan"},
                 {0, 1, 0, 4, "a radius of 0"},
                 {-1, 1, 0, 4, "a radius of -1"},
                 {(double)NAN, 1, 0, 4, "a radius of nan"},
                 {1e101, 1, 0, 4, "a radius of 1e+101"},
                 {1, -1, 0, 4, "turns of -1"},
                 {1, (double)INFINITY, 0, 4, "turns of inf"},
                 {1, 1, -0.1, 4, "label noise of -0.1"},
                 {1, 1, 1.5, 4, "label noise of 1.5"},
                 {1, 1, (double)NAN, 4, "label noise of nan"}};
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        options = spiral_generate_defaults();
        options.radius = reals[i].radius;
        options.turns = reals[i].turns;
        options.label_noise = reals[i].label_noise;
        options.arm_offset = reals[i].arm_offset;
        assert_refused(options, SPIRAL_ERROR_USAGE, reals[i].words);
    }
    options = spiral_generate_defaults();
    options.dimensions = 1;
    assert_refused(options, SPIRAL_ERROR_USAGE, "1 dimensions");
    options.dimensions = 2147483648; /* BLAS counts in int: the largest is 2^31 - 1 */
    assert_refused(options, SPIRAL_ERROR_LIMIT, "2147483648 dimensions, at most 2147483647 are possible");
    options.dimensions = SIZE_MAX;
    assert_refused(options, SPIRAL_ERROR_LIMIT, "at most 2147483647 are possible");
    options.dimensions = 2147483647;
    options.points_per_class = SIZE_MAX / 64;
    assert_refused(options, SPIRAL_ERROR_LIMIT, "2147483647 dimensions are too many for ");
    options.points_per_class = 715827883; /* about 2^62 numbers: it is their bytes that are too many */
    assert_refused(options, SPIRAL_ERROR_LIMIT,
                   SIZE_MAX > UINT32_MAX ? "2147483647 dimensions are too many for 2147483649 points"
                                         : "3 classes of 715827883 points are too many");
}

static void impossible_balances_are_refused(void **state)
{
    (void)state;
    SpiralGenerateOptions options = spiral_generate_defaults();
    options.balance_count = 2;
    options.balance[0] = options.balance[1] = options.balance[2] = 1;
    assert_refused(options, SPIRAL_ERROR_USAGE, "a balance of 2 classes, expected 3");
    options.balance_count = 3;
    options.balance[1] = 0;
    assert_refused(options, SPIRAL_ERROR_USAGE, "a balance of 0");
    SpiralRng rng;
    SpiralDataset *dataset;
    spiral_rng_seed(&rng, 0);
    options.balance[1] = 298; /* of 300: one row is the least */
    assert_int_equal(spiral_dataset_generate(&options, &rng, &dataset, NULL), SPIRAL_OK);
    assert_int_equal(dataset->y[0], 0);
    assert_int_equal(dataset->y[1], 1);
    assert_int_equal(dataset->y[298], 1);
    assert_int_equal(dataset->y[299], 2);
    spiral_dataset_free(dataset);
    options.balance[1] = 700;
    assert_refused(options, SPIRAL_ERROR_USAGE, "class 0 is left without a row by its balance, 1 of 702, of 300 rows");
    options.balance[1] = SIZE_MAX / 2;
    assert_refused(options, SPIRAL_ERROR_LIMIT, "too many for a balance");
    options.balance[2] = SIZE_MAX / 2 + 1;
    assert_refused(options, SPIRAL_ERROR_USAGE, "expected at least 1, and a sum of at most");
    options.balance[1] = options.balance[2] = 1;
    options.points_per_class = SIZE_MAX / 2;
    assert_refused(options, SPIRAL_ERROR_LIMIT, "too many for a balance that adds up to 3");
    options.classes = options.balance_count = SPIRAL_BALANCE_LIMIT + 1;
    assert_refused(options, SPIRAL_ERROR_USAGE, "at most");
}

/* Whatever is drawn: the largest numbers that are accepted still give finite ones. */
static void coordinates_are_finite_at_the_limits(void **state)
{
    (void)state;
    for (int shape = SPIRAL_SHAPE_SPIRAL; shape <= SPIRAL_SHAPE_GAUSSIAN_QUANTILES; shape++) {
        SpiralGenerateOptions options = spiral_generate_defaults_of((SpiralGenerateShape)shape);
        options.noise = options.radius = options.turns = 1e100;
        SpiralRng rng;
        SpiralDataset *dataset;
        spiral_rng_seed(&rng, 1);
        assert_int_equal(spiral_dataset_generate(&options, &rng, &dataset, NULL), SPIRAL_OK);
        for (size_t i = 0; i < 2 * dataset->rows; i++)
            assert_true(isfinite(dataset->X[i]));
        spiral_dataset_free(dataset);
    }
}

/* With more features and noisy labels the stream ends behind the last label, wherever the plane was drawn from. */
static void the_stream_goes_on_behind_features_and_labels(void **state)
{
    (void)state;
    SpiralRng rng, other;
    SpiralDataset *dataset;
    SpiralGenerateOptions options = spiral_of(3, 5, 0.2);
    options.dimensions = 4;
    options.label_noise = 0.5;
    spiral_rng_seed(&rng, 0);
    spiral_rng_seed(&other, 0);
    assert_int_equal(spiral_dataset_generate(&options, &rng, &dataset, NULL), SPIRAL_OK);
    for (size_t i = 0; i < 15 + 2 * 15; i++)
        spiral_rng_normal(&other);
    for (size_t i = 0; i < 2 * 15; i++)
        spiral_rng_uniform(&other);
    assert_true(spiral_rng_normal(&rng) == spiral_rng_normal(&other));
    assert_string_equal(dataset->feature_names[3], "x3");
    spiral_dataset_free(dataset);
}

static void labels_that_are_all_replaced_are_all_others(void **state)
{
    (void)state;
    SpiralRng rng;
    SpiralDataset *dataset;
    SpiralGenerateOptions options = spiral_of(4, 250, 0.2);
    options.label_noise = 1.0;
    size_t seen[4][4] = {{0}};
    spiral_rng_seed(&rng, 3);
    assert_int_equal(spiral_dataset_generate(&options, &rng, &dataset, NULL), SPIRAL_OK);
    for (size_t i = 0; i < dataset->rows; i++)
        seen[i / 250][dataset->y[i]]++;
    for (size_t j = 0; j < 4; j++)
        for (size_t k = 0; k < 4; k++)
            assert_true(j == k ? seen[j][k] == 0 : seen[j][k] > 250 / 3 - 35 && seen[j][k] < 250 / 3 + 35);
    spiral_dataset_free(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_notes_spiral_agrees_with_numpy),
        cmocka_unit_test(other_sizes_and_noises_agree_with_numpys_stream),
        cmocka_unit_test(one_or_two_points_a_class_agree_with_numpy),
        cmocka_unit_test(the_stream_goes_on_behind_the_data),
        cmocka_unit_test(features_and_classes_have_their_names),
        cmocka_unit_test(impossible_sizes_and_noises_are_refused),
        cmocka_unit_test(impossible_shapes_are_refused),
        cmocka_unit_test(impossible_balances_are_refused),
        cmocka_unit_test(coordinates_are_finite_at_the_limits),
        cmocka_unit_test(the_stream_goes_on_behind_features_and_labels),
        cmocka_unit_test(labels_that_are_all_replaced_are_all_others),
    };
    return cmocka_run_group_tests_name("generate", tests, NULL, NULL);
}
