/* What is doubtful about a table, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data_support.h"
#include "spiral/dataset.h"

/* A table whose rows are made by `print` from their number; header may be "". */
static SpiralDataset *make_table(void **state, const char *header, size_t rows, const SpiralLoadOptions *options,
                                 int (*print)(char *line, size_t size, size_t row))
{
    char path[512], *text = calloc(rows + 1, 128);
    assert_non_null(text);
    size_t used = (size_t)sprintf(text, "%s", header);
    for (size_t i = 0; i < rows; i++)
        used += (size_t)print(text + used, 128, i);
    write_file(scratch_path(state, "a.csv", path), text, used);
    free(text);
    SpiralDataset *dataset;
    SpiralError error;
    SpiralStatus status = spiral_dataset_load(path, options, &dataset, &error);
    assert_ok(status, error);
    return dataset;
}

/* The doubts must be exactly those whose words these are (up to NULL). */
static void check_doubts(void **state, const char *header, size_t rows, const char *label,
                         int (*print)(char *line, size_t size, size_t row), const char *const words[3],
                         const char *first_remedy)
{
    SpiralLoadOptions options = spiral_load_defaults();
    options.label = label;
    SpiralDataset *dataset = make_table(state, header, rows, &options, print);
    SpiralDoubt doubts[SPIRAL_DOUBTS_LIMIT];
    size_t count;
    SpiralError error;
    SpiralStatus status = spiral_dataset_doubt(dataset, &options, doubts, &count, &error);
    assert_ok(status, error);
    for (size_t i = 0; i < 3 && (words[i] != NULL || i < count); i++) {
        if (i >= count)
            fail_msg("no doubt '%s'", words[i]);
        else if (words[i] == NULL || strstr(doubts[i].text, words[i]) == NULL)
            fail_msg("doubt '%s', expected '%s'", doubts[i].text, words[i] != NULL ? words[i] : "none");
    }
    if (first_remedy != NULL)
        assert_string_equal(doubts[0].remedy.value, first_remedy);
    spiral_dataset_free(dataset);
}

static int print_plain(char *line, size_t size, size_t row)
{
    return snprintf(line, size, "%zu.5,%zu,%s\n", row, row % 5, row % 3 == 0 ? "a" : "b");
}

static int print_counted(char *line, size_t size, size_t row)
{
    return snprintf(line, size, "%zu,%zu,%s\n", row + 1, row % 5, row % 3 == 0 ? "a" : "b");
}

static int print_patients(char *line, size_t size, size_t row)
{
    return snprintf(line, size, "%zu,%zu,%s\n", 842302 + row * row * 7919 % 100003, row % 5, row % 3 == 0 ? "a" : "b");
}

static int print_measured(char *line, size_t size, size_t row)
{
    return snprintf(line, size, "0.5,%zu,%zu.25\n", row % 5, row % 4);
}

static int print_prices(char *line, size_t size, size_t row)
{
    return snprintf(line, size, "0.5,%zu,%zu\n", row % 5, 100 + row * 3);
}

static int print_names(char *line, size_t size, size_t row)
{
    return snprintf(line, size, "0.5,%zu,row %zu\n", row % 5, row);
}

static int print_class_first(char *line, size_t size, size_t row)
{
    return snprintf(line, size, "%zu,%zu.5,%zu\n", row % 3, row % 5, row % 7);
}

static int print_one_hot(char *line, size_t size, size_t row)
{
    return snprintf(line, size, "%zu.5,%d,%d,%d\n", row, row % 3 == 0, row % 3 == 1, row % 3 == 2);
}

static int print_dummies(char *line, size_t size, size_t row)
{
    return snprintf(line, size, "%zu.5,%d,%d,%d\n", row, row % 3 == 0, row % 3 == 1, row % 2 == 0);
}

static int print_years(char *line, size_t size, size_t row)
{
    return row == 0 ? snprintf(line, size, "2,3,kind\n")
                    : snprintf(line, size, "%zu,%zu,a%zu\n", row % 7, row % 5, row % 2);
}

static int print_two_identifiers(char *line, size_t size, size_t row)
{
    return snprintf(line, size, "%zu,%zu,%zu.5,%s\n", row + 1, row + 1, row % 5, row % 3 == 0 ? "a" : "b");
}

static int print_measurements(char *line, size_t size, size_t row)
{
    return snprintf(line, size, "100%zu.5,2.%zu,%s\n", row % 3, row % 5, row % 3 == 0 ? "a" : "b");
}

static int print_named_by_measurements(char *line, size_t size, size_t row)
{
    return snprintf(line, size, "%zu.5,1,%zu,%s\n", row, row % 5, row % 3 == 0 ? "a" : "b");
}

static int print_named(char *line, size_t size, size_t row)
{
    return snprintf(line, size, "%zu,1,%zu,%s\n", row, row % 5, row % 3 == 0 ? "a" : "b");
}

static void doubtful_tables_are_doubted(void **state)
{
    static const struct {
        const char *header;
        size_t rows;
        const char *label;
        int (*print)(char *line, size_t size, size_t row);
        const char *words[3], *remedy;
    } tables[] = {
        {"", 30, NULL, print_plain, {NULL}, NULL},
        {"len,wid,kind\n", 30, NULL, print_plain, {NULL}, NULL},
        {"Id,wid,kind\n", 30, NULL, print_counted, {"feature Id, column 0, counts the rows"}, "Id"},
        {"", 30, NULL, print_counted, {"feature x0, column 0, counts the rows"}, "0"},
        {"number,wid,kind\n", 30, NULL, print_patients, {"another whole number in every row"}, "number"},
        {"number,wid,kind\n", 5, NULL, print_patients, {NULL}, NULL}, /* too few rows to say */
        {"rownames,wid,kind\n", 30, NULL, print_plain, {"has the name of an identifier"}, "rownames"},
        {"Unnamed: 0,wid,kind\n", 30, NULL, print_counted, {"counts the rows"}, "0"},
        {"a,b,c\n", 30, NULL, print_measured, {"numbers with fractions: they look like measurements"}, "COLUMN"},
        {"a,b,c\n", 30, NULL, print_prices, {"30 classes of 30 rows: they look like measurements"}, "COLUMN"},
        {"a,b,c\n", 30, NULL, print_names, {"30 classes of 30 rows: they look like names of the rows"}, "COLUMN"},
        {"Class,x,z\n", 30, NULL, print_class_first, {"column 0 is called 'Class', and is a feature"}, "Class"},
        {"Class,x,z\n", 30, "z", print_class_first, {NULL}, NULL},
        {"y,x,species\n", 30, NULL, print_class_first, {NULL}, NULL},
        {"", 30, NULL, print_one_hot, {"the last 3 columns are 0 or 1 and add to 1"}, NULL},
        {"", 30, NULL, print_dummies, {NULL}, NULL},
        {"3,7,c\n", 30, NULL, print_measurements, {"the numbers in line 1 are taken for the columns' names"}, "no"},
        {"1999,2000,label\n", 30, NULL, print_measurements, {NULL}, NULL},
        {"b,wid,kind\n", 30, NULL, print_named_by_measurements, {"the first field of each row, a number with"}, NULL},
        {"b,wid,kind\n", 30, NULL, print_named, {NULL}, NULL},
        {"", 30, NULL, print_years, {"class 'kind' is in the first line alone"}, "yes"},
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        check_doubts(state, tables[i].header, tables[i].rows, tables[i].label, tables[i].print, tables[i].words,
                     tables[i].remedy);
}

static int print_many_identifiers(char *line, size_t size, size_t row)
{
    return snprintf(line, size, "%zu,%zu,%zu,%zu,%zu,%zu,%zu,%zu,%zu,%zu,%s\n", row + 7, row + 8, row + 9, row + 10,
                    row + 11, row + 12, row + 13, row + 14, row + 15, row + 16, row % 3 == 0 ? "a" : "b");
}

static void the_first_doubts_are_kept_when_there_are_too_many(void **state)
{
    SpiralLoadOptions options = spiral_load_defaults();
    SpiralDataset *dataset = make_table(state, "", 30, &options, print_many_identifiers);
    SpiralDoubt doubts[SPIRAL_DOUBTS_LIMIT];
    size_t count;
    SpiralError error;
    SpiralStatus status = spiral_dataset_doubt(dataset, &options, doubts, &count, &error);
    assert_ok(status, error);
    assert_int_equal(count, SPIRAL_DOUBTS_LIMIT);
    for (size_t i = 0; i < count; i++) {
        char number[32];
        snprintf(number, sizeof number, "%zu", i);
        assert_string_equal(doubts[i].remedy.value, number);
    }
    spiral_dataset_free(dataset);
}

static int print_number_and_feature(char *line, size_t size, size_t row)
{
    return snprintf(line, size, "%zu,%zu.5\n", row + 1, row * row % 7);
}

static void features_are_doubted_without_labels_too(void **state)
{
    static const char *const words[3] = {"feature id, column 0, counts the rows"};
    check_doubts(state, "id,x\n", 40, "none", print_number_and_feature, words, "id");
}

/* Following a remedy must not take back what is ignored already. */
static void a_remedy_keeps_what_is_ignored(void **state)
{
    SpiralLoadOptions options = spiral_load_defaults();
    options.ignore = "wid";
    SpiralDataset *dataset = make_table(state, "Id,wid,len,kind\n", 30, &options, print_two_identifiers);
    SpiralDoubt doubts[SPIRAL_DOUBTS_LIMIT];
    size_t count;
    SpiralError error;
    SpiralStatus status = spiral_dataset_doubt(dataset, &options, doubts, &count, &error);
    assert_ok(status, error);
    assert_int_equal(count, 1);
    assert_int_equal(doubts[0].remedy.kind, SPIRAL_REMEDY_IGNORE);
    assert_string_equal(doubts[0].remedy.value, "wid,Id");
    spiral_dataset_free(dataset);
}

/* The longest name that a remedy has room for, and one that is longer by a byte: its column's number. */
static void a_column_whose_name_has_no_room_is_suggested_by_its_number(void **state)
{
    enum { MOST = sizeof((SpiralRemedy *)NULL)->value - 1 };
    for (size_t length = MOST; length <= MOST + 1; length++) {
        char name[MOST + 2], header[MOST + 20];
        memset(name, 'a', length);
        name[length] = '\0';
        snprintf(header, sizeof header, "%s,wid,kind\n", name);
        check_doubts(state, header, 30, NULL, print_counted, (const char *const[3]){"counts the rows"},
                     length == MOST ? name : "0");
    }
}

#define with_scratch(test) cmocka_unit_test_setup_teardown(test, make_scratch, remove_scratch)

/* Which column of a table to take instead can be said only where there are columns. */
static void fractions_among_the_labels_of_an_array_are_doubted_without_a_remedy(void **state)
{
    (void)state;
    const SpiralLoadOptions options = spiral_load_defaults();
    SpiralDataset *dataset;
    SpiralDoubt doubts[SPIRAL_DOUBTS_LIMIT];
    size_t count;
    SpiralError error;
    SpiralStatus status =
        spiral_dataset_load("fixtures/numpy/fractions.npy,fixtures/numpy/y_float.npy", &options, &dataset, &error);
    assert_ok(status, error);
    status = spiral_dataset_doubt(dataset, &options, doubts, &count, &error);
    assert_ok(status, error);
    assert_int_equal(count, 1);
    assert_string_equal(doubts[0].text,
                        "the labels are numbers with fractions: they look like measurements, not like classes");
    assert_int_equal(doubts[0].remedy.kind, SPIRAL_REMEDY_NONE);
    assert_false(doubts[0].regression);
    spiral_dataset_free(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_scratch(doubtful_tables_are_doubted),
        with_scratch(the_first_doubts_are_kept_when_there_are_too_many),
        with_scratch(features_are_doubted_without_labels_too),
        with_scratch(a_remedy_keeps_what_is_ignored),
        with_scratch(a_column_whose_name_has_no_room_is_suggested_by_its_number),
        cmocka_unit_test(fractions_among_the_labels_of_an_array_are_doubted_without_a_remedy)};
    return cmocka_run_group_tests_name("doubts", tests, NULL, NULL);
}
