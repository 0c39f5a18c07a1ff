/* Names that are matched: lists of names, the columns of a table, the inputs and outputs of a network. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/names.h"
#include "data/columns.h"
#include "data_support.h"
#include "net_support.h"

enum { MOST = 8 };

/* While this is set there is no memory for numbers, by the linker's --wrap. */
static bool has_no_memory;

int __real_posix_memalign(void **block, size_t alignment, size_t size);
int __wrap_posix_memalign(void **block, size_t alignment, size_t size);
int __wrap_posix_memalign(void **block, size_t alignment, size_t size)
{
    return has_no_memory ? ENOMEM : __real_posix_memalign(block, alignment, size);
}

static size_t below(SpiralRng *rng, size_t limit)
{
    return (size_t)spiral_rng_interval(rng, limit - 1);
}

/* The k-th place of the name, counted from 0; MISSING when there is none. */
static size_t place_of(const char *name, const char *const *found, size_t count, size_t k)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(found[i], name) == 0 && k-- == 0)
            return i;
    return SPIRAL_NAME_MISSING;
}

static size_t count_of(const char *name, const char *const *names, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += strcmp(names[i], name) == 0;
    return found;
}

static void random_lists_are_matched_as_the_definition_says(void **state)
{
    (void)state;
    static const char *const pool[] = {"", "a", "ab", "b", "\xc3\xa9", "x0"};
    SpiralRng rng;
    spiral_rng_seed(&rng, 15);
    for (size_t round = 0; round < 3000; round++) {
        const char *wanted[MOST], *found[MOST];
        size_t where[MOST], wanted_count = 1 + below(&rng, MOST), found_count = 1 + below(&rng, MOST);
        for (size_t i = 0; i < wanted_count; i++)
            wanted[i] = pool[below(&rng, sizeof pool / sizeof *pool)];
        for (size_t i = 0; i < found_count; i++)
            found[i] = pool[below(&rng, sizeof pool / sizeof *pool)];
        size_t twice, expected = 0;
        while (expected < wanted_count && count_of(wanted[expected], wanted, expected) == 0)
            expected++;
        assert_true(spiral_names_find_twice(wanted, wanted_count, &twice));
        assert_int_equal(twice, expected < wanted_count ? expected : SPIRAL_NAME_MISSING);
        assert_true(spiral_names_match(wanted, wanted_count, found, found_count, where));
        for (size_t i = 0; i < wanted_count; i++) {
            bool too_many = count_of(wanted[i], found, found_count) > count_of(wanted[i], wanted, wanted_count);
            size_t before = count_of(wanted[i], wanted, i);
            assert_int_equal(where[i], too_many ? SPIRAL_NAME_TWICE : place_of(wanted[i], found, found_count, before));
        }
    }
}

static void names_that_nobody_chose_are_known(void **state)
{
    (void)state;
    static const char *const features[] = {"x0", "x1", "x3"}, *const classes[] = {"0", "1"};
    assert_true(spiral_names_are_default(features, 2, "x"));
    assert_false(spiral_names_are_default(features, 3, "x"));
    assert_true(spiral_names_are_default(classes, 2, ""));
}

static void numbers_of_columns_are_known(void **state)
{
    (void)state;
    static const char *const rising[] = {"x1", "x2", "x10", "x3"}, *const others[] = {"x", "x01", "y1", "x1a", "x-1"};
    static const char *const same[] = {"x0", "x0"}, *const zero[] = {"x0"};
    static const char *const large[] = {"x99999999999999999999999", "x18446744073709551615"}; /* SIZE_MAX has no next */
    assert_true(spiral_names_are_numbers(rising, 3, "x"));
    assert_false(spiral_names_are_numbers(rising, 4, "x"));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(spiral_names_are_numbers(others + i, 1, "x"));
    assert_false(spiral_names_are_numbers(same, 2, "x"));
    assert_true(spiral_names_are_numbers(zero, 1, "x"));
    assert_false(spiral_names_are_numbers(large, 1, "x"));
    assert_false(spiral_names_are_numbers(large + 1, 1, "x"));
}

static void a_long_list_is_shown_by_its_ends(void **state)
{
    (void)state;
    static const char *const few[] = {"a", "b", "c"};
    char text[300], *const *names = spiral_names_create("feature", 1000);
    spiral_names_list(few, 3, text, sizeof text);
    assert_string_equal(text, "a, b, c");
    spiral_names_list((const char *const *)names, 1000, text, sizeof text);
    assert_true(strlen(text) < sizeof text - 1);
    assert_memory_equal(text, "feature0, feature1, ", 20);
    assert_string_equal(strstr(text, "... "), "... feature999");
    spiral_names_free((char **)(uintptr_t)names, 1000);
}

/* ---- columns ----------------------------------------------------------------------------------------------------- */

static SpiralStatus choose(const char *const *names, size_t count, SpiralLoadOptions options, SpiralColumns *columns,
                           SpiralError *error)
{
    const SpiralTable table = {.path = "t.csv", .line = 1, .count = count, .names = names, .has_label = true};
    *columns = (SpiralColumns){0};
    return spiral_columns_choose(&table, &options, columns, error);
}

static void ignored_columns_are_named_or_counted(void **state)
{
    (void)state;
    static const char *const names[] = {"id", "u", "a,b", "v", "w", "kind"}; /* a comma within a name */
    static const char *const lists[] = {"id,a,b", "0,2", "-6,a,b", "a,b,id", "2,id"};
    SpiralColumns columns;
    SpiralError error;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        SpiralLoadOptions options = spiral_load_defaults();
        options.ignore = lists[i];
        assert_ok(choose(names, 6, options, &columns, &error), error);
        const size_t expected[] = {SPIRAL_COLUMN_IGNORED, 0, SPIRAL_COLUMN_IGNORED, 1, 2, SPIRAL_COLUMN_LABEL};
        assert_memory_equal(columns.feature, expected, sizeof expected);
        spiral_columns_free(&columns);
    }
}

static void what_cannot_be_ignored_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"id", "u", "u", "kind"};
    static const struct {
        const char *ignore, *label, *reason;
    } cases[] = {
        {"x", NULL, "no header with a column 'x', expected one to be ignored"},
        {"4", NULL, "has 4 columns, expected an ignored column 4 (counted from 0)"},
        {"u", NULL, "two columns are named 'u', expected one: a number says which is ignored"},
        {"kind", "kind", "column 3 is the label and ignored, expected one of the two"},
        {"id,", NULL, "no header with a column '', expected one to be ignored"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralLoadOptions options = spiral_load_defaults();
        SpiralColumns columns;
        SpiralError error;
        options.ignore = cases[i].ignore;
        options.label = cases[i].label;
        assert_int_equal(choose(names, 4, options, &columns, &error), SPIRAL_ERROR_INPUT);
        assert_reason(error, cases[i].reason);
        spiral_columns_free(&columns);
    }
}

/* Each row: what a model of features u, v expects of its label, the table's columns, and what they are taken for. */
static void columns_are_matched_with_a_models(void **state)
{
    (void)state;
    static const char *const features[] = {"u", "v"};
    enum { L = 9, NOT = 8 }; /* the label, not used */
    static const struct {
        const char *label_name, *label;
        size_t count;
        const char *names[4];
        size_t expected[4];
        bool reordered;
    } cases[] = {
        {"kind", NULL, 3, {"u", "v", "kind"}, {0, 1, L}, false},
        {"kind", NULL, 3, {"kind", "v", "u"}, {L, 1, 0}, true},
        {"kind", NULL, 2, {"v", "u"}, {1, 0}, true},
        {"kind", NULL, 3, {"id", "u", "v"}, {NOT, 0, 1}, false}, /* an id is no label */
        {"kind", NULL, 3, {"u", "v", "id"}, {0, 1, NOT}, false}, /* nor is it one behind the features */
        {"kind", NULL, 4, {"id", "u", "v", "class"}, {NOT, 0, 1, NOT}, false},
        {"u", NULL, 3, {"u", "v", "class"}, {0, 1, NOT}, false},                /* a feature is no label */
        {"kind", NULL, 4, {"kind", "u", "v", "kind"}, {NOT, 0, 1, NOT}, false}, /* which of the two? */
        {NULL, NULL, 4, {"id", "u", "v", "class"}, {NOT, 0, 1, L}, false},
        {"kind", "none", 3, {"u", "v", "kind"}, {0, 1, NOT}, false},
        {"kind", "class", 4, {"kind", "class", "u", "v"}, {NOT, L, 0, 1}, false},
        {"kind", "-1", 4, {"u", "kind", "v", "class"}, {0, NOT, 1, L}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralLoadOptions options = spiral_load_defaults();
        SpiralColumns columns;
        SpiralError error;
        options.features = 2;
        options.feature_names = features;
        options.label_name = cases[i].label_name;
        options.label = cases[i].label;
        assert_ok(choose(cases[i].names, cases[i].count, options, &columns, &error), error);
        assert_int_equal(columns.features, 2);
        assert_int_equal(columns.reordered, cases[i].reordered);
        for (size_t c = 0; c < cases[i].count; c++) {
            size_t expected = cases[i].expected[c];
            expected = expected == L ? SPIRAL_COLUMN_LABEL : expected == NOT ? SPIRAL_COLUMN_UNUSED : expected;
            assert_int_equal(columns.feature[c], expected);
        }
        spiral_columns_free(&columns);
    }
}

/* Columns without names count, and the label is where it was. */
static void columns_without_names_count(void **state)
{
    (void)state;
    static const char *const features[] = {"u", "v"}, *const given[] = {"x0", "x1"};
    static const char *const names[] = {"p", "q", "r"};
    for (size_t after = 0; after <= 2; after++)
        for (size_t named = 0; named < 2; named++) {
            SpiralLoadOptions options = spiral_load_defaults();
            SpiralColumns columns;
            SpiralError error;
            options.features = 2;
            options.feature_names = named ? given : features;
            options.features_after_label = after;
            assert_ok(choose(named ? names : NULL, 3, options, &columns, &error), error);
            assert_int_equal(columns.label, 2 - after);
            assert_int_equal(columns.features_after_label, after);
            assert_int_equal(columns.features, 2);
            spiral_columns_free(&columns);
            assert_ok(choose(named ? names : NULL, 2, options, &columns, &error), error);
            assert_int_equal(columns.label, SPIRAL_NO_COLUMN);
            spiral_columns_free(&columns);
        }
}

/* ---- networks ---------------------------------------------------------------------------------------------------- */

/* Without names the columns count: feature 0 is in column 7 of the table, feature 1 in column 2, feature 2 in column 5.
 * Weights alone have no names, either. */
static void an_arranged_network_without_names_goes_by_the_columns(void **state)
{
    (void)state;
    static const char *const features[] = {"a", "b", "c"}, *const classes[] = {"0", "1"};
    static const size_t columns[] = {7, 2, 5}, first_weight_of[] = {2, 0, 1};
    for (int weights_only = 0; weights_only <= 1; weights_only++) {
        SpiralNetwork *network = make_network(3, 0, NULL, 2, 1.0, 7);
        network->weights_only = weights_only == 1;
        double before[6];
        bool reordered = true;
        SpiralError error;
        memcpy(before, network->parameters, sizeof before);
        assert_ok(spiral_network_arrange(network, 3, features, columns, 2, classes, &reordered, &error), error);
        assert_false(reordered);
        for (size_t d = 0; d < 3; d++)
            assert_memory_equal(network->parameters + 2 * d, before + 2 * first_weight_of[d], 2 * sizeof *before);
        spiral_network_free(network);
    }
}

/* The scores of a network whose inputs and outputs are permuted are those that it gave before, at their new places. */
static void an_arranged_network_computes_the_same(void **state)
{
    (void)state;
    enum { D = 3, K = 4, ROWS = 5 };
    static const char *const features[D] = {"a", "b", "c"}, *const moved_features[D] = {"c", "a", "b"};
    static const char *const classes[K] = {"p", "q", "r", "s"}, *const moved_classes[K] = {"s", "q", "p", "r"};
    static const size_t feature_at[D] = {2, 0, 1}, class_at[K] = {3, 1, 0, 2};
    static const size_t hidden[] = {6, 5};
    static const double mean[D] = {1.0, -2.0, 3.0}, scale[D] = {2.0, 0.5, 4.0};
    for (size_t layers = 0; layers <= 2; layers++) {
        SpiralNetwork *network = make_network(D, layers, hidden, K, 1.0, 7);
        SpiralDataset data = make_data(ROWS, D, K, 8);
        double moved_X[ROWS * D], scores[ROWS * K], moved[ROWS * K];
        SpiralError error;
        assert_ok(spiral_network_set_names(network, features, classes, &error), error);
        assert_ok(spiral_network_set_standardization(network, mean, scale, &error), error);
        for (size_t i = 0; i < ROWS; i++)
            for (size_t d = 0; d < D; d++)
                moved_X[i * D + d] = data.X[i * D + feature_at[d]];
        assert_ok(spiral_network_predict(network, 0, ROWS, data.X, 1, scores, NULL, NULL, &error), error);
        bool reordered;
        assert_ok(spiral_network_arrange(network, D, features, NULL, K, classes, &reordered, &error), error);
        assert_false(reordered);
        assert_ok(spiral_network_arrange(network, D, moved_features, NULL, K, moved_classes, &reordered, &error),
                  error);
        assert_true(reordered);
        assert_string_equal(network->feature_names[0], "c");
        assert_string_equal(network->class_names[3], "r");
        assert_ok(spiral_network_predict(network, 0, ROWS, moved_X, 1, moved, NULL, NULL, &error), error);
        for (size_t i = 0; i < ROWS; i++)
            for (size_t k = 0; k < K; k++)
                assert_true(fabs(moved[i * K + k] - scores[i * K + class_at[k]]) < 1e-13);
        spiral_network_free(network);
        free_data(&data);
    }
}

/* The rows and the columns of a matrix are moved with a copy of them at hand. */
static void without_memory_a_network_is_not_arranged(void **state)
{
    (void)state;
    static const char *const features[] = {"a", "b"}, *const classes[] = {"p", "q"};
    static const char *const moved_features[] = {"b", "a"}, *const moved_classes[] = {"q", "p"};
    SpiralNetwork *network = make_network(2, 0, NULL, 2, 1.0, 7);
    SpiralError error;
    bool reordered;
    assert_ok(spiral_network_set_names(network, features, classes, &error), error);
    for (int by_class = 0; by_class <= 1; by_class++) {
        has_no_memory = true;
        SpiralStatus status = spiral_network_arrange(network, 2, by_class ? features : moved_features, NULL, 2,
                                                     by_class ? moved_classes : classes, &reordered, &error);
        has_no_memory = false;
        assert_int_equal(status, SPIRAL_ERROR_LIMIT);
        assert_false(reordered);
        assert_string_equal(network->feature_names[0], "a");
        assert_string_equal(network->class_names[0], "p");
    }
    spiral_network_free(network);
}

static void a_network_of_other_names_is_refused_and_stays_as_it_is(void **state)
{
    (void)state;
    static const char *const features[] = {"a", "b"}, *const classes[] = {"p", "q"};
    static const char *const other[] = {"b", "c"}, *const swapped[] = {"b", "a"}, *const given[] = {"x0", "x1", "x2"};
    SpiralNetwork *network = make_network(2, 0, NULL, 2, 1.0, 7);
    SpiralError error;
    bool reordered;
    double before[6];
    assert_ok(spiral_network_set_names(network, features, classes, &error), error);
    memcpy(before, network->parameters, sizeof before);
    assert_int_equal(spiral_network_arrange(network, 2, other, NULL, 2, classes, &reordered, &error),
                     SPIRAL_ERROR_INPUT);
    assert_reason(error, "has the features a, b, expected b, c");
    assert_int_equal(spiral_network_arrange(network, 2, swapped, NULL, 2, other, &reordered, &error),
                     SPIRAL_ERROR_INPUT);
    assert_reason(error, "has the classes p, q, expected b, c");
    assert_int_equal(spiral_network_arrange(network, 3, given, NULL, 2, classes, &reordered, &error),
                     SPIRAL_ERROR_INPUT);
    assert_reason(error, "has 2 features, expected 3");
    assert_memory_equal(network->parameters, before, sizeof before);
    assert_ok(spiral_network_arrange(network, 2, given, NULL, 2, classes, &reordered, &error), error); /* no names */
    assert_memory_equal(network->parameters, before, sizeof before);
    network->weights_only = true;
    assert_ok(spiral_network_arrange(network, 2, other, NULL, 2, other, &reordered, &error), error);
    assert_memory_equal(network->parameters, before, sizeof before);
    assert_int_equal(spiral_network_arrange(network, 2, other, NULL, 3, given, &reordered, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "has 2 classes, expected 3");
    assert_int_equal(spiral_network_arrange(network, 3, given, NULL, 2, classes, &reordered, &error),
                     SPIRAL_ERROR_INPUT);
    assert_reason(error, "has 2 features, expected 3");
    spiral_network_free(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_lists_are_matched_as_the_definition_says),
        cmocka_unit_test(names_that_nobody_chose_are_known),
        cmocka_unit_test(numbers_of_columns_are_known),
        cmocka_unit_test(a_long_list_is_shown_by_its_ends),
        cmocka_unit_test(ignored_columns_are_named_or_counted),
        cmocka_unit_test(what_cannot_be_ignored_is_refused),
        cmocka_unit_test(columns_are_matched_with_a_models),
        cmocka_unit_test(columns_without_names_count),
        cmocka_unit_test(an_arranged_network_computes_the_same),
        cmocka_unit_test(without_memory_a_network_is_not_arranged),
        cmocka_unit_test(an_arranged_network_without_names_goes_by_the_columns),
        cmocka_unit_test(a_network_of_other_names_is_refused_and_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
