#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

#include <cmocka.h>

#include "data_support.h"
#include "spiral/dataset.h"

static void assert_within_two_ulp(double found, double expected)
{
    double ulp = nextafter(fabs(expected), INFINITY) - fabs(expected);
    if (!(fabs(found - expected) <= 2 * ulp))
        fail_msg("%.17g, expected %.17g", found, expected);
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
    check_spiral((SpiralGenerateOptions){5, 37, 0.35}, 42, "fixtures/spiral_5_37_0.35_42.txt");
}

static void one_or_two_points_a_class_agree_with_numpy(void **state)
{
    (void)state;
    check_spiral((SpiralGenerateOptions){2, 1, 0.2}, 1, "fixtures/spiral_2_1_0.2_1.txt");
    check_spiral((SpiralGenerateOptions){2, 2, 0.0}, 7, "fixtures/spiral_2_2_0.0_7.txt");
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

static void impossible_options_are_refused(void **state)
{
    (void)state;
    static const struct {
        SpiralGenerateOptions options;
        SpiralStatus status;
    } cases[] = {
        {{1, 100, 0.2}, SPIRAL_ERROR_USAGE},
        {{0, 100, 0.2}, SPIRAL_ERROR_USAGE},
        {{3, 0, 0.2}, SPIRAL_ERROR_USAGE},
        {{3, 100, -0.1}, SPIRAL_ERROR_USAGE},
        {{3, 100, NAN}, SPIRAL_ERROR_USAGE},
        {{3, 100, INFINITY}, SPIRAL_ERROR_USAGE},
        {{3, SIZE_MAX / 3, 0.2}, SPIRAL_ERROR_LIMIT},
        {{3, SIZE_MAX, 0.2}, SPIRAL_ERROR_LIMIT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralRng rng;
        SpiralError error;
        SpiralDataset *dataset = (SpiralDataset *)&rng;
        spiral_rng_seed(&rng, 0);
        assert_int_equal(spiral_dataset_generate(&cases[i].options, &rng, &dataset, &error), cases[i].status);
        assert_int_equal(error.status, cases[i].status);
        assert_null(dataset);
    }
}

static void assert_same_files(void **state, const char *left, const char *right)
{
    char path[512];
    size_t left_size, right_size;
    unsigned char *left_bytes = read_file(scratch_path(state, left, path), &left_size);
    unsigned char *right_bytes = read_file(scratch_path(state, right, path), &right_size);
    assert_int_equal(left_size, right_size);
    assert_memory_equal(left_bytes, right_bytes, left_size);
    free(left_bytes);
    free(right_bytes);
}

/* The format with every %s replaced by the folder, in path (of 512). */
static void spread(char *path, const char *format, const char *folder)
{
    for (const char *c = format; *c != '\0'; c++) {
        if (*c == '%') {
            path = strcpy(path, folder) + strlen(folder);
            c++;
        } else {
            *path++ = *c;
        }
    }
    *path = '\0';
}

/* 3 * 5003 points are several of the pieces that are drawn at once, and no whole number of them. */
static void what_is_written_in_a_stream_is_what_is_made_in_memory(void **state)
{
    const SpiralGenerateOptions options = {3, 5003, 0.2};
    SpiralRng rng, streamed;
    SpiralError error;
    SpiralDataset *dataset;
    spiral_rng_seed(&rng, 11);
    SpiralStatus status = spiral_dataset_generate(&options, &rng, &dataset, &error);
    assert_ok(status, error);
    static const char *const formats[] = {"%s/a.csv", "%s/a.npz", "%s/aX.npy,%s/ay.npy"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        char path[512];
        spread(path, formats[i], *state);
        status = spiral_dataset_save(dataset, path, &error);
        assert_ok(status, error);
        for (char *name = path; (name = strstr(name, "/a")) != NULL;)
            name[1] = 'b';
        spiral_rng_seed(&streamed, 11);
        status = spiral_generate_save(&options, &streamed, path, &error);
        assert_ok(status, error);
        SpiralRng left = rng; /* both have drawn as much */
        assert_true(spiral_rng_normal(&streamed) == spiral_rng_normal(&left));
    }
    spiral_dataset_free(dataset);
    assert_same_files(state, "a.csv", "b.csv");
    assert_same_files(state, "a.npz", "b.npz");
    assert_same_files(state, "aX.npy", "bX.npy");
    assert_same_files(state, "ay.npy", "by.npy");
}

static void a_stream_that_cannot_be_written_leaves_nothing(void **state)
{
    char path[512];
    SpiralRng rng;
    SpiralError error;
    SpiralGenerateOptions options = spiral_generate_defaults();
    spiral_rng_seed(&rng, 0);
    assert_int_equal(spiral_generate_save(&options, &rng, scratch_path(state, "a.txt", path), &error),
                     SPIRAL_ERROR_USAGE);
    snprintf(path, sizeof path, "%s/X.npy,%s/missing/y.npy", (char *)*state, (char *)*state);
    assert_int_equal(spiral_generate_save(&options, &rng, path, &error), SPIRAL_ERROR_OUTPUT);
    options.classes = 1;
    assert_int_equal(spiral_generate_save(&options, &rng, scratch_path(state, "a.csv", path), &error),
                     SPIRAL_ERROR_USAGE);
    DIR *files = opendir(*state);
    for (struct dirent *file; (file = readdir(files)) != NULL;)
        assert_true(file->d_name[0] == '.' && strlen(file->d_name) <= 2);
    closedir(files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_notes_spiral_agrees_with_numpy),
        cmocka_unit_test(other_sizes_and_noises_agree_with_numpys_stream),
        cmocka_unit_test(one_or_two_points_a_class_agree_with_numpy),
        cmocka_unit_test(the_stream_goes_on_behind_the_data),
        cmocka_unit_test(features_and_classes_have_their_names),
        cmocka_unit_test(impossible_options_are_refused),
        cmocka_unit_test_setup_teardown(what_is_written_in_a_stream_is_what_is_made_in_memory, make_scratch,
                                        remove_scratch),
        cmocka_unit_test_setup_teardown(a_stream_that_cannot_be_written_leaves_nothing, make_scratch, remove_scratch),
    };
    return cmocka_run_group_tests_name("generate", tests, NULL, NULL);
}
