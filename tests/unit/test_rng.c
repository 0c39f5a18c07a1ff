#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data_support.h"
#include "spiral/rng.h"

static const uint32_t seeds[] = {0, 1, 42, UINT32_MAX};
enum { SEED_COUNT = 4, LARGEST_BLOCK = 1000 };

/* The values of a block of fixtures/rng_SEED.txt, as doubles, which hold all of them exactly. */
static size_t read_block(uint32_t seed, const char *wanted, double values[LARGEST_BLOCK])
{
    char path[64], name[32];
    size_t count;
    snprintf(path, sizeof path, "fixtures/rng_%" PRIu32 ".txt", seed);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fscanf(file, "%31s %zu", name, &count) == 2) {
        assert_true(count <= LARGEST_BLOCK);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(fscanf(file, "%lf", &values[i]), 1);
        if (strcmp(name, wanted) == 0) {
            fclose(file);
            return count;
        }
    }
    fail_msg("no block %s in %s", wanted, path);
    return 0;
}

/* A NumPy build may take its logarithm from another library than ours: 1 ulp. */
static void assert_normal(double found, double expected)
{
    if (!(found - expected <= 2.3e-16 * 4 && expected - found <= 2.3e-16 * 4))
        fail_msg("%.17g, expected %.17g", found, expected);
}

static void words_are_those_of_the_mersenne_twister(void **state)
{
    (void)state;
    for (size_t s = 0; s < SEED_COUNT; s++) {
        double expected[LARGEST_BLOCK];
        size_t count = read_block(seeds[s], "words", expected);
        SpiralRng rng;
        spiral_rng_seed(&rng, seeds[s]);
        for (size_t i = 0; i < count; i++) {
            assert_true((double)spiral_rng_uint32(&rng) == expected[i]);
            for (size_t skipped = 0; skipped < 12; skipped++)
                spiral_rng_uint32(&rng);
        }
    }
}

static void uniforms_equal_numpys_bit_for_bit(void **state)
{
    (void)state;
    for (size_t s = 0; s < SEED_COUNT; s++) {
        double expected[LARGEST_BLOCK];
        size_t count = read_block(seeds[s], "uniforms", expected);
        SpiralRng rng;
        spiral_rng_seed(&rng, seeds[s]);
        for (size_t i = 0; i < count; i++)
            assert_true(spiral_rng_uniform(&rng) == expected[i]);
    }
}

static void a_thousand_normals_equal_numpys(void **state)
{
    (void)state;
    for (size_t s = 0; s < SEED_COUNT; s++) {
        double expected[LARGEST_BLOCK];
        size_t count = read_block(seeds[s], "normals", expected);
        assert_int_equal(count, 1000);
        SpiralRng rng;
        spiral_rng_seed(&rng, seeds[s]);
        for (size_t i = 0; i < count; i++)
            assert_normal(spiral_rng_normal(&rng), expected[i]);
    }
}

static void the_published_first_normals_of_seed_zero_come_out(void **state)
{
    (void)state;
    SpiralRng rng;
    spiral_rng_seed(&rng, 0);
    assert_true(spiral_rng_normal(&rng) == 1.764052345967664);
    assert_true(spiral_rng_normal(&rng) == 0.4001572083672233);
    assert_true(spiral_rng_normal(&rng) == 0.9787379841057392);
}

static void check_interval(const char *block, uint64_t max)
{
    for (size_t s = 0; s < SEED_COUNT; s++) {
        double expected[LARGEST_BLOCK];
        size_t count = read_block(seeds[s], block, expected);
        SpiralRng rng;
        spiral_rng_seed(&rng, seeds[s]);
        for (size_t i = 0; i < count; i++)
            assert_true((double)spiral_rng_interval(&rng, max) == expected[i]);
    }
}

static void intervals_equal_numpys_with_one_word_and_with_two(void **state)
{
    (void)state;
    check_interval("interval_999", 999);
    check_interval("interval_wide", UINT64_C(1) << 40);
}

static void an_interval_of_one_value_draws_nothing(void **state)
{
    (void)state;
    SpiralRng rng, untouched;
    spiral_rng_seed(&rng, 3);
    untouched = rng;
    assert_int_equal(spiral_rng_interval(&rng, 0), 0);
    assert_int_equal(spiral_rng_uint32(&rng), spiral_rng_uint32(&untouched));
}

static void check_permutation(const char *block, size_t size)
{
    for (size_t s = 0; s < SEED_COUNT; s++) {
        double expected[LARGEST_BLOCK];
        size_t indices[LARGEST_BLOCK];
        assert_int_equal(read_block(seeds[s], block, expected), size);
        SpiralRng rng;
        spiral_rng_seed(&rng, seeds[s]);
        spiral_rng_permutation(&rng, size, indices);
        for (size_t i = 0; i < size; i++)
            assert_true((double)indices[i] == expected[i]);
    }
}

static void permutations_equal_numpys(void **state)
{
    (void)state;
    check_permutation("permutation_10", 10);
    check_permutation("permutation_1000", 1000);
}

static void one_stream_used_in_turn_stays_in_step_with_numpy(void **state)
{
    (void)state;
    for (size_t s = 0; s < SEED_COUNT; s++) {
        double expected[LARGEST_BLOCK];
        size_t indices[7], at = 0;
        assert_int_equal(read_block(seeds[s], "mixed", expected), 17);
        SpiralRng rng;
        spiral_rng_seed(&rng, seeds[s]);
        for (; at < 3; at++)
            assert_normal(spiral_rng_normal(&rng), expected[at]);
        spiral_rng_permutation(&rng, 7, indices);
        for (size_t i = 0; i < 7; i++)
            assert_true((double)indices[i] == expected[at++]);
        for (; at < 12; at++)
            assert_normal(spiral_rng_normal(&rng), expected[at]);
        for (; at < 14; at++)
            assert_true(spiral_rng_uniform(&rng) == expected[at]);
        for (; at < 17; at++)
            assert_normal(spiral_rng_normal(&rng), expected[at]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_those_of_the_mersenne_twister),
        cmocka_unit_test(uniforms_equal_numpys_bit_for_bit),
        cmocka_unit_test(a_thousand_normals_equal_numpys),
        cmocka_unit_test(the_published_first_normals_of_seed_zero_come_out),
        cmocka_unit_test(intervals_equal_numpys_with_one_word_and_with_two),
        cmocka_unit_test(an_interval_of_one_value_draws_nothing),
        cmocka_unit_test(permutations_equal_numpys),
        cmocka_unit_test(one_stream_used_in_turn_stays_in_step_with_numpy),
    };
    return cmocka_run_group_tests_name("rng", tests, NULL, NULL);
}
