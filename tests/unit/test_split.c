#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data_support.h"
#include "spiral/dataset.h"
#include "spiral/generate.h"
#include "spiral/split.h"

enum { MOST_ROWS = 512, MOST_CLASSES = 8 };

/* A data set whose row i is (i, -i), so that a row is known again. */
typedef struct Table {
    SpiralDataset dataset;
    double X[2 * MOST_ROWS];
    int64_t y[MOST_ROWS];
} Table;

static const char *const feature_names[] = {"place", "minus, place"};
static const char *const class_names[MOST_CLASSES] = {"a", "b", "c", "d", "e", "f", "g", "h"};

static void fill_table(Table *table, size_t rows, size_t classes)
{
    for (size_t i = 0; i < rows; i++) {
        table->X[2 * i] = (double)i;
        table->X[2 * i + 1] = -(double)i;
    }
    table->dataset = (SpiralDataset){.rows = rows,
                                     .features = 2,
                                     .classes = classes,
                                     .X = table->X,
                                     .y = table->y,
                                     .feature_names = feature_names,
                                     .class_names = class_names};
}

/* The labels that NumPy made. */
static FILE *open_fixture(Table *table)
{
    FILE *file = fopen("fixtures/split.txt", "r");
    assert_non_null(file);
    size_t rows, classes;
    assert_int_equal(fscanf(file, "%zu %zu", &rows, &classes), 2);
    assert_in_range(rows, 1, MOST_ROWS);
    assert_in_range(classes, 1, MOST_CLASSES);
    for (size_t i = 0; i < rows; i++)
        assert_int_equal(fscanf(file, "%" SCNd64, &table->y[i]), 1);
    fill_table(table, rows, classes);
    return file;
}

/* The part holds the rows whose flag is set, in order, whole, with all names. */
static void assert_part(const Table *table, const SpiralDataset *part, const bool *in)
{
    size_t filled = 0;
    for (size_t i = 0; i < table->dataset.rows; i++) {
        if (!in[i])
            continue;
        assert_true(filled < part->rows);
        assert_true(part->X[2 * filled] == (double)i);
        assert_true(part->X[2 * filled + 1] == -(double)i);
        assert_int_equal(part->y[filled], table->y[i]);
        filled++;
    }
    assert_int_equal(part->rows, filled);
    assert_int_equal(part->features, 2);
    assert_int_equal(part->classes, table->dataset.classes);
    assert_string_equal(part->feature_names[1], "minus, place");
    for (size_t k = 0; k < part->classes; k++) {
        assert_string_equal(part->class_names[k], class_names[k]);
        assert_ptr_not_equal(part->class_names[k], class_names[k]);
    }
}

static void assert_parts(const Table *table, const SpiralDataset *train, const SpiralDataset *validation,
                         const bool *chosen)
{
    bool others[MOST_ROWS];
    for (size_t i = 0; i < table->dataset.rows; i++)
        others[i] = !chosen[i];
    assert_part(table, validation, chosen);
    assert_part(table, train, others);
}

static void parts_are_those_that_numpy_deals(void **state)
{
    (void)state;
    static Table table;
    FILE *file = open_fixture(&table);
    char word[8];
    double number;
    size_t index, count, splits = 0, folds = 0;
    uint32_t seed;
    while (fscanf(file, "%7s %lf %zu %" SCNu32 " %zu", word, &number, &index, &seed, &count) == 5) {
        bool chosen[MOST_ROWS] = {false};
        for (size_t i = 0; i < count; i++) {
            size_t row;
            assert_int_equal(fscanf(file, "%zu", &row), 1);
            chosen[row] = true;
        }
        bool split = strcmp(word, "split") == 0;
        SpiralDataset *train, *validation;
        SpiralError error;
        SpiralStatus status =
            split ? spiral_dataset_split(&table.dataset, number, seed, &train, &validation, &error)
                  : spiral_dataset_fold(&table.dataset, (size_t)number, index, seed, &train, &validation, &error);
        assert_ok(status, error);
        assert_parts(&table, train, validation, chosen);
        spiral_dataset_free(train);
        spiral_dataset_free(validation);
        splits += split;
        folds += !split;
    }
    fclose(file);
    assert_int_equal(splits, 5);
    assert_int_equal(folds, 8);
}

/* Classes 0 1 2 1 0 1 2 1 ..., so that class 1 is half of the rows. */
static void fill_regular(Table *table, size_t rows)
{
    static const int64_t pattern[] = {0, 1, 2, 1};
    for (size_t i = 0; i < rows; i++)
        table->y[i] = pattern[i % 4];
    fill_table(table, rows, 3);
}

static void count_classes(const SpiralDataset *dataset, size_t counts[3])
{
    counts[0] = counts[1] = counts[2] = 0;
    for (size_t i = 0; i < dataset->rows; i++)
        counts[dataset->y[i]]++;
}

static void every_row_is_validated_once_and_classes_keep_their_shares(void **state)
{
    (void)state;
    static Table table;
    fill_regular(&table, 400);
    for (size_t folds = 2; folds <= 200; folds += 33) {
        size_t seen[MOST_ROWS] = {0};
        for (size_t index = 0; index < folds; index++) {
            SpiralDataset *train, *validation;
            assert_int_equal(spiral_dataset_check_folds(&table.dataset, folds, NULL), SPIRAL_OK);
            assert_int_equal(spiral_dataset_fold(&table.dataset, folds, index, 8, &train, &validation, NULL),
                             SPIRAL_OK);
            assert_int_equal(train->rows + validation->rows, 400);
            for (size_t i = 0; i < validation->rows; i++)
                seen[(size_t)validation->X[2 * i]]++;
            size_t counts[3];
            count_classes(validation, counts);
            assert_in_range(counts[0], 100 / folds, 100 / folds + 1);
            assert_in_range(counts[1], 200 / folds, 200 / folds + 1);
            spiral_dataset_free(train);
            spiral_dataset_free(validation);
        }
        for (size_t i = 0; i < 400; i++)
            assert_int_equal(seen[i], 1);
    }
}

static void a_split_takes_its_share_of_every_class(void **state)
{
    (void)state;
    static Table table;
    fill_regular(&table, 400);
    SpiralDataset *train, *validation, *again, *other;
    assert_int_equal(spiral_dataset_split(&table.dataset, 0.2, 1, &train, &validation, NULL), SPIRAL_OK);
    size_t counts[3];
    count_classes(validation, counts);
    assert_int_equal(counts[0], 20);
    assert_int_equal(counts[1], 40);
    assert_int_equal(counts[2], 20);
    spiral_dataset_free(train);
    assert_int_equal(spiral_dataset_split(&table.dataset, 0.2, 1, &train, &again, NULL), SPIRAL_OK);
    assert_memory_equal(again->X, validation->X, 80 * 2 * sizeof(double));
    spiral_dataset_free(train);
    assert_int_equal(spiral_dataset_split(&table.dataset, 0.2, 2, &train, &other, NULL), SPIRAL_OK);
    assert_memory_not_equal(other->X, validation->X, 80 * 2 * sizeof(double));
    spiral_dataset_free(train);
    spiral_dataset_free(other);
    spiral_dataset_free(again);
    spiral_dataset_free(validation);
}

static void parts_outlive_the_whole(void **state)
{
    (void)state;
    SpiralRng rng;
    SpiralDataset *whole, *train, *validation;
    SpiralGenerateOptions options = spiral_generate_defaults();
    spiral_rng_seed(&rng, 0);
    assert_int_equal(spiral_dataset_generate(&options, &rng, &whole, NULL), SPIRAL_OK);
    assert_int_equal(spiral_dataset_split(whole, 0.1, 0, &train, &validation, NULL), SPIRAL_OK);
    spiral_dataset_free(whole);
    assert_int_equal(validation->rows, 30);
    assert_string_equal(validation->class_names[2], "2");
    assert_true(isfinite(train->X[2 * 269 + 1]));
    spiral_dataset_free(train);
    spiral_dataset_free(validation);
}

static void assert_split_refused(const SpiralDataset *dataset, double fraction, SpiralStatus status, const char *words)
{
    SpiralDataset *train = (SpiralDataset *)&status, *validation = train;
    SpiralError error;
    assert_int_equal(spiral_dataset_split(dataset, fraction, 0, &train, &validation, &error), status);
    assert_reason(error, words);
    assert_null(train);
    assert_null(validation);
}

static void assert_fold_refused(const SpiralDataset *dataset, size_t folds, size_t index, SpiralStatus status,
                                const char *words)
{
    SpiralDataset *train = (SpiralDataset *)&status, *validation = train;
    SpiralError error;
    assert_int_equal(spiral_dataset_fold(dataset, folds, index, 0, &train, &validation, &error), status);
    assert_reason(error, words);
    if (index == 0) {
        assert_int_equal(spiral_dataset_check_folds(dataset, folds, &error), status);
        assert_reason(error, words);
    }
    assert_null(train);
    assert_null(validation);
}

static void what_cannot_be_split_is_refused(void **state)
{
    (void)state;
    static Table table;
    fill_regular(&table, 40);
    assert_split_refused(&table.dataset, 0.0, SPIRAL_ERROR_USAGE, "a fraction of 0 ");
    assert_split_refused(&table.dataset, 1.0, SPIRAL_ERROR_USAGE, "a fraction of 1 ");
    assert_split_refused(&table.dataset, (double)NAN, SPIRAL_ERROR_USAGE, "a fraction of nan");
    assert_fold_refused(&table.dataset, 1, 0, SPIRAL_ERROR_USAGE, "fold 0 of 1");
    assert_fold_refused(&table.dataset, 3, 3, SPIRAL_ERROR_USAGE, "fold 3 of 3");
    assert_fold_refused(&table.dataset, 21, 0, SPIRAL_ERROR_USAGE, "as the largest class has rows, 20");
    table.dataset.rows = 3;
    assert_fold_refused(&table.dataset, 2, 0, SPIRAL_ERROR_USAGE, "as the largest class has rows, 1");
    assert_split_refused(&table.dataset, 0.5, SPIRAL_ERROR_INPUT, "no class has two rows");
    table.dataset.y = NULL;
    assert_split_refused(&table.dataset, 0.5, SPIRAL_ERROR_INPUT, "no labels");
    assert_fold_refused(&table.dataset, 2, 0, SPIRAL_ERROR_INPUT, "no labels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_those_that_numpy_deals),
        cmocka_unit_test(every_row_is_validated_once_and_classes_keep_their_shares),
        cmocka_unit_test(a_split_takes_its_share_of_every_class),
        cmocka_unit_test(parts_outlive_the_whole),
        cmocka_unit_test(what_cannot_be_split_is_refused),
    };
    return cmocka_run_group_tests_name("split", tests, NULL, NULL);
}
