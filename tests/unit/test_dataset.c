#define _POSIX_C_SOURCE 200809L
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "data/arrays.h"
#include "data_support.h"
#include "spiral/dataset.h"
#include "spiral/generate.h"
#include "spiral/split.h"

static SpiralDataset *load(const char *path, const SpiralLoadOptions *options)
{
    SpiralDataset *dataset;
    SpiralError error;
    SpiralLoadOptions defaults = spiral_load_defaults();
    SpiralStatus status = spiral_dataset_load(path, options != NULL ? options : &defaults, &dataset, &error);
    assert_ok(status, error);
    return dataset;
}

static void assert_refused(const char *path, const SpiralLoadOptions *options, const char *words)
{
    SpiralDataset *dataset;
    SpiralError error;
    SpiralLoadOptions defaults = spiral_load_defaults();
    assert_int_equal(spiral_dataset_load(path, options != NULL ? options : &defaults, &dataset, &error),
                     SPIRAL_ERROR_INPUT);
    assert_null(dataset);
    assert_reason(error, words);
}

static void save(const SpiralDataset *dataset, const char *path)
{
    SpiralError error;
    SpiralStatus status = spiral_dataset_save(dataset, path, &error);
    assert_ok(status, error);
}

static void assert_same_data(const SpiralDataset *found, const SpiralDataset *expected, bool same_names)
{
    assert_int_equal(found->rows, expected->rows);
    assert_int_equal(found->features, expected->features);
    assert_int_equal(found->classes, expected->classes);
    assert_memory_equal(found->X, expected->X, expected->rows * expected->features * sizeof *expected->X);
    assert_memory_equal(found->y, expected->y, expected->rows * sizeof *expected->y);
    for (size_t d = 0; d < expected->features && same_names; d++)
        assert_string_equal(found->feature_names[d], expected->feature_names[d]);
    for (size_t k = 0; k < expected->classes && same_names; k++)
        assert_string_equal(found->class_names[k], expected->class_names[k]);
}

/* ---- round trips ------------------------------------------------------------------------------------------------- */

static void check_round_trips(void **state, const SpiralDataset *dataset)
{
    static const char *const endings[] = {"a.csv", "a.npz"};
    char path[512], other[512], pair[1100];
    for (size_t i = 0; i < 2; i++) {
        save(dataset, scratch_path(state, endings[i], path));
        SpiralDataset *read = load(path, NULL);
        assert_same_data(read, dataset, true);
        assert_int_equal(spiral_dataset_checksum(read), spiral_dataset_checksum(dataset));
        spiral_dataset_free(read);
    }
    snprintf(pair, sizeof pair, "%s,%s", scratch_path(state, "X.npy", path), scratch_path(state, "y.npy", other));
    save(dataset, pair);
    SpiralDataset *read = load(pair, NULL);
    assert_same_data(read, dataset, false); /* .npy has no room for names */
    assert_string_equal(read->class_names[1], "1");
    assert_string_equal(read->feature_names[1], "x1");
    spiral_dataset_free(read);
}

static void iris_comes_back_from_every_format(void **state)
{
    SpiralDataset *iris = load("../data/iris.csv", NULL);
    check_round_trips(state, iris);
    spiral_dataset_free(iris);
}

static void a_generated_spiral_comes_back_bit_for_bit_from_every_format(void **state)
{
    SpiralRng rng;
    SpiralDataset *spiral;
    SpiralGenerateOptions options = spiral_generate_defaults();
    options.classes = 12;
    options.points_per_class = 700;
    options.noise = 0.3;
    spiral_rng_seed(&rng, 11);
    assert_int_equal(spiral_dataset_generate(&options, &rng, &spiral, NULL), SPIRAL_OK);
    check_round_trips(state, spiral);
    spiral_dataset_free(spiral);
}

static void check_classes(const SpiralDataset *dataset, const char *first, const char *second, size_t rows,
                          const int64_t *y)
{
    assert_int_equal(dataset->classes, 2);
    assert_int_equal(dataset->rows, rows);
    assert_string_equal(dataset->class_names[0], first);
    assert_string_equal(dataset->class_names[1], second);
    assert_memory_equal(dataset->y, y, rows * sizeof *y);
}

static void names_that_need_quotes_come_back(void **state)
{
    enum { NAMES = 13 };
    static const char *const names[NAMES] = {"a,b",  "two\nlines", " blank", "q\"uote", "nan",    "ja\xc3\xa9", "",
                                             "\"\"", "-INF",       "NA",     "tab\t",   "cr\r\n", "z\x1a"};
    static const double X[NAMES] = {1, -0.0, 5e-324, 1.7976931348623157e308, 0.1, 1.0 / 3, 7, 8, 9, 10, 11, 12, 13};
    static const int64_t y[NAMES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    static const char *const sorted[NAMES] = {"",      " blank",     "\"\"",       "-INF", "NA",
                                              "a,b",   "cr\r\n",     "ja\xc3\xa9", "nan",  "q\"uote",
                                              "tab\t", "two\nlines", "z\x1a"};
    static const char *const feature[] = {"\xef\xbb\xbfwidth"}; /* the file's first bytes: no byte order mark */
    const SpiralDataset made = {
        .rows = NAMES, .features = 1, .classes = NAMES, .X = X, .y = y, .feature_names = feature, .class_names = names};
    static const char *const endings[] = {"a.csv", "a.npz"};
    for (size_t i = 0; i < 2; i++) {
        char path[512];
        save(&made, scratch_path(state, endings[i], path));
        SpiralDataset *read = load(path, NULL);
        assert_memory_equal(read->X, X, sizeof X);
        assert_string_equal(read->feature_names[0], feature[0]);
        for (size_t row = 0; row < NAMES; row++)
            assert_string_equal(read->class_names[read->y[row]], names[row]);
        for (size_t k = 0; k < NAMES; k++)
            assert_string_equal(read->class_names[k], i == 0 ? sorted[k] : names[k]); /* .npz keeps their numbers too */
        spiral_dataset_free(read);
    }
}

static void a_name_longer_than_the_buffer_comes_back(void **state)
{
    static char name[100001];
    static const double X[] = {1, 2};
    static const int64_t y[] = {0, 1};
    static const char *const features[] = {"x0"}, *const classes[] = {"b", name};
    const SpiralDataset made = {
        .rows = 2, .features = 1, .classes = 2, .X = X, .y = y, .feature_names = features, .class_names = classes};
    char path[512];
    memset(name, 'n', sizeof name - 1);
    save(&made, scratch_path(state, "a.csv", path));
    SpiralDataset *read = load(path, NULL);
    check_classes(read, "b", name, 2, y);
    spiral_dataset_free(read);
}

static void names_that_are_the_same_name_no_classes(void **state)
{
    static const double X[] = {1, 2, 3};
    static const int64_t y[] = {0, 1, 0};
    static const char *const features[] = {"x0"}, *const classes[] = {"a", "a"};
    const SpiralDataset made = {
        .rows = 3, .features = 1, .classes = 2, .X = X, .y = y, .feature_names = features, .class_names = classes};
    char path[512];
    save(&made, scratch_path(state, "a.npz", path));
    SpiralDataset *read = load(path, NULL);
    check_classes(read, "0", "1", 3, y);
    spiral_dataset_free(read);
}

static void data_without_labels_comes_back_without(void **state)
{
    SpiralLoadOptions options = spiral_load_defaults();
    options.label = "none";
    SpiralDataset *bare = load("fixtures/numpy/fractions.npy", NULL);
    assert_null(bare->y);
    assert_null(bare->class_names);
    static const char *const endings[] = {"a.csv", "a.npz", "a.npy"};
    for (size_t i = 0; i < 3; i++) {
        char path[512];
        save(bare, scratch_path(state, endings[i], path));
        SpiralDataset *read = load(path, &options);
        assert_int_equal(read->classes, 0);
        assert_null(read->y);
        assert_memory_equal(read->X, bare->X, 6 * sizeof(double));
        spiral_dataset_free(read);
    }
    spiral_dataset_free(bare);
}

static void a_csv_has_the_published_form(void **state)
{
    char path[512];
    size_t size;
    static const double X[] = {0.1, 2, -1.0 / 3, 4};
    static const int64_t y[] = {1, 0};
    static const char *const features[] = {"x0", "x1"}, *const classes[] = {"no", "yes"};
    const SpiralDataset made = {
        .rows = 2, .features = 2, .classes = 2, .X = X, .y = y, .feature_names = features, .class_names = classes};
    save(&made, scratch_path(state, "a.csv", path));
    unsigned char *bytes = read_file(path, &size);
    assert_string_equal((char *)bytes, "x0,x1,label\n0.1,2,yes\n-0.3333333333333333,4,no\n");
    free(bytes);
}

/* ---- saving that fails ------------------------------------------------------------------------------------------- */

static void a_failed_pair_replaces_neither_file(void **state)
{
    char path[512], pair[1100];
    size_t size;
    SpiralError error;
    SpiralDataset *iris = load("../data/iris.csv", NULL);
    write_file(scratch_path(state, "X.npy", path), "old", 3);
    snprintf(pair, sizeof pair, "%s,%s/missing/y.npy", path, (const char *)*state);
    assert_int_equal(spiral_dataset_save(iris, pair, &error), SPIRAL_ERROR_OUTPUT);
    assert_non_null(strstr(error.path, "missing/y.npy"));
    unsigned char *bytes = read_file(path, &size);
    assert_string_equal((char *)bytes, "old");
    free(bytes);
    spiral_dataset_free(iris);
}

/* Wherever in a table the disk is full: what the output can't hold is written when its buffer is full, and that is
 * somewhere else with each length of what came before. */
static void a_full_disk_is_told_wherever_it_strikes(void **state)
{
    enum { ROWS = 12000, LONGEST = 1 << 17 };
    char path[512], *name = malloc(LONGEST + 1), *label = malloc(LONGEST + 1);
    double *X = calloc(2 * ROWS, sizeof *X);
    int64_t *y = calloc(ROWS, sizeof *y);
    const char *const features[] = {name, "b"}, *const classes[] = {label};
    SpiralDataset made = {
        .features = 2, .classes = 1, .X = X, .y = y, .feature_names = features, .class_names = classes};
    assert_true(name != NULL && label != NULL && X != NULL && y != NULL);
    assert_int_equal(symlink("/dev/full", scratch_path(state, "a.csv", path)), 0);
    static const struct {
        size_t rows, name, label; /* the longest */
    } tables[] = {{ROWS, 12, 1}, {0, LONGEST, 1}, {1, 1, LONGEST}};
    memset(name, 'n', LONGEST);
    memset(label, 'l', LONGEST);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (size_t shorter = 0; shorter < 12; shorter++) {
            SpiralError error = {0};
            size_t name_length = tables[i].name > 1 ? tables[i].name - shorter : 1,
                   label_length = tables[i].label > 1 ? tables[i].label - shorter : 1;
            made.rows = tables[i].rows;
            name[name_length] = label[label_length] = '\0';
            assert_int_equal(spiral_dataset_save(&made, path, &error), SPIRAL_ERROR_OUTPUT);
            assert_reason(error, "No space left");
            name[name_length] = 'n';
            label[label_length] = 'l';
        }
    free(name);
    free(label);
    free(X);
    free(y);
}

static void an_unknown_ending_is_a_usage_error(void **state)
{
    SpiralDataset *iris = load("../data/iris.csv", NULL);
    static const char *const names[] = {"a.txt", "a", ".csv", "X.npy", "a.npy,b.csv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        SpiralError error;
        (void)state;
        assert_int_equal(spiral_dataset_save(iris, names[i], &error), SPIRAL_ERROR_USAGE);
        assert_reason(error, "ending in .csv or .npz, or two such as X.npy,y.npy");
    }
    spiral_dataset_free(iris);
}

static void what_can_not_hold_data_without_labels_is_named(void **state)
{
    (void)state;
    static const char *const names[] = {"a.txt", "X.npy,y.npy", "a.npy,b"};
    SpiralDataset *bare = load("fixtures/numpy/fractions.npy", NULL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        SpiralError error;
        assert_int_equal(spiral_dataset_save(bare, names[i], &error), SPIRAL_ERROR_USAGE);
        assert_reason(error, "expected a name ending in .csv or .npz, or one ending in .npy");
    }
    spiral_dataset_free(bare);
}

static void characters_that_can_not_delimit_are_refused(void **state)
{
    (void)state;
    static const char wrong[] = {'"', '.', '-', '_', '+', '5', 'e', '\n', 0x7f, (char)0xe9},
                      right[] = {';', '|', '\t', '/'};
    SpiralLoadOptions options = spiral_load_defaults();
    SpiralDataset *dataset;
    SpiralError error;
    for (size_t i = 0; i < sizeof wrong; i++) {
        options.delimiter = wrong[i];
        assert_int_equal(spiral_dataset_load("../data/iris.csv", &options, &dataset, &error), SPIRAL_ERROR_USAGE);
        assert_reason(error, "as the delimiter, expected a character that is no part of numbers or names");
    }
    for (size_t i = 0; i < sizeof right; i++) {
        options.delimiter = right[i];
        assert_int_equal(spiral_dataset_load("../data/iris.csv", &options, &dataset, &error), SPIRAL_ERROR_INPUT);
    }
    options.delimiter = ',';
    options.decimal = SPIRAL_DECIMAL_COMMA;
    assert_int_equal(spiral_dataset_load("../data/iris.csv", &options, &dataset, &error), SPIRAL_ERROR_USAGE);
    assert_reason(error, "a comma as both the delimiter and the decimal point");
}

/* ---- files from NumPy -------------------------------------------------------------------------------------------- */

static void labels_of_any_kind_become_classes(void **state)
{
    (void)state;
    static const struct {
        const char *path, *first, *second;
        int64_t y[3];
    } cases[] = {
        {"fixtures/numpy/fractions.npy,fixtures/numpy/y_int.npy", "0", "1", {0, 1, 0}},
        {"fixtures/numpy/fractions.npy,fixtures/numpy/y_sparse.npy", "-3", "7", {1, 0, 1}},
        {"fixtures/numpy/fractions.npy,fixtures/numpy/y_float.npy", "1", "1.5", {1, 0, 1}},
        {"fixtures/numpy/fractions.npy,fixtures/numpy/y_bytes.npy", "no", "yes", {0, 1, 0}},
        {"fixtures/numpy/fractions.npy,fixtures/numpy/y_text.npy",
         "ja\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x8e",
         "no",
         {1, 0, 1}},
        {"fixtures/numpy/fractions.npy,fixtures/numpy/y_column.npy", "0", "1", {1, 0, 1}},
        {"fixtures/numpy/stored.npz", "0", "1", {0, 1, 0}},
        {"fixtures/numpy/deflated.npz", "2", "5", {0, 1, 0}},
        {"fixtures/numpy/text_labels.npz", "no", "yes", {0, 1, 0}},
        {"fixtures/numpy/float_labels.npz", "9", "10", {1, 0, 1}},
        {"fixtures/numpy/inconsistent.npz", "0", "9", {0, 1, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralDataset *dataset = load(cases[i].path, NULL);
        assert_int_equal(dataset->rows, 3);
        assert_int_equal(dataset->features, 2);
        assert_true(dataset->X[5] == 1e3);
        check_classes(dataset, cases[i].first, cases[i].second, 3, cases[i].y);
        assert_string_equal(dataset->feature_names[1], "x1");
        spiral_dataset_free(dataset);
    }
}

static void labels_with_a_gap_are_not_taken_for_classes(void **state)
{
    static const double X[] = {1, 2, 3};
    static const int64_t y[] = {0, 2, 0}, renumbered[] = {0, 1, 0};
    static const char *const features[] = {"x0"}, *const classes[] = {"0", "1", "2"};
    const SpiralDataset made = {
        .rows = 3, .features = 1, .classes = 3, .X = X, .y = y, .feature_names = features, .class_names = classes};
    char path[512], other[512], pair[1100];
    snprintf(pair, sizeof pair, "%s,%s", scratch_path(state, "X.npy", path), scratch_path(state, "y.npy", other));
    save(&made, pair);
    SpiralDataset *read = load(pair, NULL);
    check_classes(read, "0", "2", 3, renumbered);
    spiral_dataset_free(read);
}

/* Labels are indices: what another process makes of the file later must not reach them. */
static void labels_do_not_change_with_their_file(void **state)
{
    enum { ROWS = 3 };
    static const double X[ROWS] = {1, 2, 3};
    static const int64_t y[ROWS] = {0, 1, 0}, huge = (int64_t)1 << 44;
    static const char *const features[] = {"x0"}, *const classes[] = {"0", "1"};
    const SpiralDataset made = {
        .rows = ROWS, .features = 1, .classes = 2, .X = X, .y = y, .feature_names = features, .class_names = classes};
    char path[512], other[512], pair[1100];
    snprintf(pair, sizeof pair, "%s,%s", scratch_path(state, "X.npy", path), scratch_path(state, "y.npy", other));
    save(&made, pair);
    SpiralDataset *read = load(pair, NULL);
    FILE *file = fopen(other, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, -(long)sizeof huge, SEEK_END), 0);
    assert_int_equal(fwrite(&huge, sizeof huge, 1, file), 1);
    assert_int_equal(fclose(file), 0);
    assert_memory_equal(read->y, y, sizeof y);
    spiral_dataset_free(read);
}

static void names_in_an_archive_name_classes_and_features(void **state)
{
    (void)state;
    SpiralDataset *dataset = load("fixtures/numpy/named.npz", NULL);
    assert_int_equal(dataset->classes, 3);
    assert_string_equal(dataset->class_names[0], "zebra");
    assert_string_equal(dataset->class_names[1], "\xc3\xa4hre");
    assert_string_equal(dataset->class_names[2], "unused");
    assert_string_equal(dataset->feature_names[0], "length");
    assert_string_equal(dataset->feature_names[1], "width");
    assert_int_equal(dataset->y[1], 1);
    spiral_dataset_free(dataset);
}

static void a_models_classes_number_the_labels_of_an_archive(void **state)
{
    (void)state;
    static const char *const classes[] = {"\xc3\xa4hre", "other", "zebra"};
    SpiralLoadOptions options = spiral_load_defaults();
    options.class_count = 3;
    options.class_names = classes;
    SpiralDataset *dataset = load("fixtures/numpy/named.npz", &options);
    static const int64_t y[] = {2, 0, 2};
    assert_int_equal(dataset->classes, 3);
    assert_memory_equal(dataset->y, y, sizeof y);
    assert_string_equal(dataset->class_names[1], "other");
    spiral_dataset_free(dataset);
    assert_refused("fixtures/numpy/stored.npz", &options, "label '0' of row 1 (from 1) is no class of the model");
    assert_refused("fixtures/numpy/fractions.npy,fixtures/numpy/y_int.npy", &options, "is no class of the model");
}

static void labels_can_be_left_out(void **state)
{
    (void)state;
    SpiralLoadOptions none = spiral_load_defaults(), model = spiral_load_defaults();
    none.label = "none";
    model.features = 2;
    static const struct {
        const char *path;
        bool with_none;
    } cases[] = {{"fixtures/numpy/no_y.npz", true},
                 {"fixtures/numpy/no_y.npz", false},
                 {"fixtures/numpy/stored.npz", true},
                 {"fixtures/numpy/fractions.npy", false},
                 {"fixtures/numpy/fractions.npy,fixtures/numpy/y_int.npy", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralDataset *dataset = load(cases[i].path, cases[i].with_none ? &none : &model);
        assert_null(dataset->y);
        assert_int_equal(dataset->classes, 0);
        spiral_dataset_free(dataset);
    }
    SpiralDataset *dataset = load("fixtures/numpy/stored.npz", &model);
    assert_int_equal(dataset->classes, 2);
    spiral_dataset_free(dataset);
}

static void arrays_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"fixtures/numpy/no_X.npz", "has no array 'X'"},
        {"fixtures/numpy/no_y.npz", "has no array 'y'"},
        {"fixtures/numpy/object.npz", "array 'y': holds Python objects"},
        {"fixtures/numpy/vector.npy", "shape (3,), expected (N, D)"},
        {"fixtures/numpy/scalar.npy", "shape (), expected (N, D)"},
        {"fixtures/numpy/empty.npy", "shape (0, 2), expected at least one row"},
        {"fixtures/numpy/nan.npy", "X[1, 1] is nan, expected a finite number"},
        {"fixtures/numpy/y_text.npy", "holds text, expected numbers"},
        {"fixtures/numpy/fractions.npy,fixtures/numpy/y_long.npy", "shape (4,), expected (3,): a label for each row"},
        {"fixtures/numpy/fractions.npy,fixtures/numpy/cube_fortran.npy", "shape (2, 3, 4), expected (3,)"},
        {"fixtures/numpy/fractions.npy,fixtures/numpy/y_huge.npy", "9223372036854775808"},
        {"fixtures/numpy/fractions.npy,fixtures/numpy/y_latin.npy", "UTF-8"},
        {"fixtures/numpy/fractions.npy,fixtures/numpy/missing.npy", "No such file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cases[i][0], NULL, cases[i][1]);
    SpiralLoadOptions options = spiral_load_defaults();
    options.features = 3;
    assert_refused("fixtures/numpy/fractions.npy", &options, "shape (3, 2), expected 3 features");
    assert_refused("fixtures/numpy/stored.npz", &options, "array 'X': shape (3, 2), expected 3 features");
}

static void arrays_of_too_many_columns_are_refused_before_memory_is_taken(void **state)
{
    (void)state;
    SpiralExtents shape = {.dimensions = 2, .extent = {1, 2147483648}, .count = 2147483648};
    const SpiralLoadOptions options = spiral_load_defaults();
    const SpiralNpySource source = {.path = "x.npy"};
    SpiralColumns columns = {0};
    SpiralError error;
    assert_int_equal(spiral_arrays_choose(&shape, NULL, false, &options, &source, &columns, &error),
                     SPIRAL_ERROR_LIMIT);
    assert_reason(error, "shape (1, 2147483648), at most 2147483647 columns are possible");
    assert_null(columns.feature);
}

/* ---- what is computed -------------------------------------------------------------------------------------------- */

static void iris_is_fishers_table(void **state)
{
    (void)state;
    SpiralDataset *iris = load("../data/iris.csv", NULL);
    assert_int_equal(iris->rows, 150);
    assert_int_equal(iris->features, 4);
    size_t counts[3] = {0};
    for (size_t i = 0; i < 150; i++)
        counts[iris->y[i]]++;
    assert_true(counts[0] == 50 && counts[1] == 50 && counts[2] == 50);
    assert_string_equal(iris->feature_names[2], "petal_length");
    assert_string_equal(iris->class_names[1], "versicolor");
    assert_true(iris->X[34 * 4 + 3] == 0.2 && iris->X[37 * 4 + 1] == 3.6 && iris->X[37 * 4 + 2] == 1.4);
    spiral_dataset_free(iris);
}

/* zlib.crc32(struct.pack("<QQ", 150, 4) + X.tobytes() + y.tobytes()) of scikit-learn's load_iris(). */
static void the_checksum_is_zlibs(void **state)
{
    (void)state;
    SpiralDataset *iris = load("../data/iris.csv", NULL);
    assert_int_equal(spiral_dataset_checksum(iris), 0x9a23f51a);
    spiral_dataset_free(iris);
}

/* X.mean(0) and X.std(0) by NumPy. */
static void iris_has_numpys_moments(void **state)
{
    (void)state;
    static const double means[] = {5.843333333333335, 3.057333333333334, 3.7580000000000027, 1.199333333333334};
    static const double scales[] = {0.8253012917851409, 0.43441096773549437, 1.7594040657753032, 0.7596926279021594};
    SpiralDataset *iris = load("../data/iris.csv", NULL);
    double mean[4], scale[4];
    spiral_dataset_moments(iris, mean, scale);
    for (size_t d = 0; d < 4; d++) {
        assert_true(fabs(mean[d] - means[d]) <= 1e-14 * means[d]);
        assert_true(fabs(scale[d] - scales[d]) <= 1e-13 * scales[d]);
    }
    spiral_dataset_free(iris);
}

static void a_constant_feature_has_scale_one(void **state)
{
    (void)state;
    const double X[] = {0.1, 1e9 + 0.25, 0.1, 1e9 + 0.75, 0.1, 1e9 + 0.25, 0.1, 1e9 + 0.75};
    const SpiralDataset made = {.rows = 4, .features = 2, .X = X};
    double mean[2], scale[2];
    spiral_dataset_moments(&made, mean, scale);
    assert_true(mean[0] == 0.1 && scale[0] == 1.0);
    assert_true(mean[1] == 1e9 + 0.5 && scale[1] == 0.25);
}

/* 1, 3, 5, 7 in each unit: mean 4, deviation sqrt(5). The bits of an ordinary unit are those of the plain sums. */
static void moments_are_right_from_the_smallest_to_the_largest_numbers(void **state)
{
    (void)state;
    enum { UNITS = 7 };
    const double units[UNITS] = {DBL_TRUE_MIN * 1024, 1e-200, 1e-160, 1.0, 1e154, 1e200, DBL_MAX / 8};
    double X[4 * UNITS], mean[UNITS], scale[UNITS];
    for (size_t i = 0; i < 4; i++)
        for (size_t u = 0; u < UNITS; u++)
            X[i * UNITS + u] = units[u] * (double)(2 * i + 1);
    const SpiralDataset made = {.rows = 4, .features = UNITS, .X = X};
    spiral_dataset_moments(&made, mean, scale);
    for (size_t u = 0; u < UNITS; u++)
        if (!(fabs(mean[u] / units[u] - 4.0) < 1e-3 && fabs(scale[u] / units[u] - sqrt(5.0)) < 1e-3))
            fail_msg("unit %g: mean %g, scale %g", units[u], mean[u], scale[u]);
    assert_true(mean[3] == 4.0 && scale[3] == sqrt(5.0));
    const double ends[] = {DBL_MAX, 0.0, -DBL_MAX, DBL_TRUE_MIN};
    const SpiralDataset far = {.rows = 2, .features = 2, .X = ends};
    spiral_dataset_moments(&far, mean, scale);
    assert_true(mean[0] == 0.0 && scale[0] == DBL_MAX);
    assert_true(mean[1] <= DBL_TRUE_MIN && scale[1] == DBL_TRUE_MIN);
}

static void free_accepts_null(void **state)
{
    (void)state;
    spiral_dataset_free(NULL);
}

#define with_scratch(test) cmocka_unit_test_setup_teardown(test, make_scratch, remove_scratch)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_scratch(iris_comes_back_from_every_format),
        with_scratch(a_generated_spiral_comes_back_bit_for_bit_from_every_format),
        with_scratch(names_that_need_quotes_come_back),
        with_scratch(a_name_longer_than_the_buffer_comes_back),
        with_scratch(names_that_are_the_same_name_no_classes),
        with_scratch(data_without_labels_comes_back_without),
        with_scratch(a_csv_has_the_published_form),
        with_scratch(a_failed_pair_replaces_neither_file),
        with_scratch(a_full_disk_is_told_wherever_it_strikes),
        cmocka_unit_test(an_unknown_ending_is_a_usage_error),
        cmocka_unit_test(what_can_not_hold_data_without_labels_is_named),
        cmocka_unit_test(characters_that_can_not_delimit_are_refused),
        cmocka_unit_test(labels_of_any_kind_become_classes),
        with_scratch(labels_with_a_gap_are_not_taken_for_classes),
        with_scratch(labels_do_not_change_with_their_file),
        cmocka_unit_test(names_in_an_archive_name_classes_and_features),
        cmocka_unit_test(a_models_classes_number_the_labels_of_an_archive),
        cmocka_unit_test(labels_can_be_left_out),
        cmocka_unit_test(arrays_that_do_not_fit_are_refused),
        cmocka_unit_test(arrays_of_too_many_columns_are_refused_before_memory_is_taken),
        cmocka_unit_test(iris_is_fishers_table),
        cmocka_unit_test(the_checksum_is_zlibs),
        cmocka_unit_test(iris_has_numpys_moments),
        cmocka_unit_test(a_constant_feature_has_scale_one),
        cmocka_unit_test(moments_are_right_from_the_smallest_to_the_largest_numbers),
        cmocka_unit_test(free_accepts_null),
    };
    return cmocka_run_group_tests_name("dataset", tests, NULL, NULL);
}
