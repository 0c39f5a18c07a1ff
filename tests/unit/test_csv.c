#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/csv_field.h"
#include "base/csv_value.h"
#include "data/csv_reader.h"
#include "data_support.h"
#include "spiral/dataset.h"
#include "spiral/limits.h"

static SpiralStatus load_bytes(void **state, const char *text, size_t size, const SpiralLoadOptions *options,
                               SpiralDataset **dataset, SpiralError *error)
{
    char path[512];
    write_file(scratch_path(state, "a.csv", path), text, size);
    return spiral_dataset_load(path, options, dataset, error);
}

static SpiralDataset *load_text(void **state, const char *text, SpiralLoadOptions options)
{
    SpiralDataset *dataset;
    SpiralError error;
    SpiralStatus status = load_bytes(state, text, strlen(text), &options, &dataset, &error);
    if (status != SPIRAL_OK)
        fail_msg("%zu: %s\n%s", error.line, error.reason, text);
    return dataset;
}

/* ---- what is read ------------------------------------------------------------------------------------------------ */

static void the_same_table_is_read_however_it_is_written(void **state)
{
    static const char *const texts[] = {
        "a,b,c\n1,2,no\n3,4.5,yes\n",
        "a,b,c\r\n1,2,no\r\n3,4.5,yes\r\n",
        "a,b,c\n1,2,no\n3,4.5,yes",
        "a,b,c\r\n1,2,no\r\n3,4.5,yes",
        "a,b,c\n1,2,no\n3,4.5,yes\n\n\n",
        "\xef\xbb\xbf\x61,b,c\n1,2,no\n3,4.5,yes\n",
        "\"a\",\"b\",\"c\"\n\"1\",\"2\",\"no\"\n\"3\",\"4.5\",\"yes\"\n",
        "a, b ,c\n 1,\t2 , no\n3 ,4.5, yes \n",
        "a,b,c\n1, \"2\" ,no\n3,4.5, \"yes\" \n",
        "a,b,c\n+1e0,2.0,no\n0.3e1,45E-1,yes\n",
        "a,b,c\n1.,02,no\n3,4.500000000000000000000000000,yes\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        SpiralDataset *dataset = load_text(state, texts[i], spiral_load_defaults());
        static const double X[4] = {1, 2, 3, 4.5};
        assert_int_equal(dataset->rows, 2);
        assert_int_equal(dataset->features, 2);
        assert_int_equal(dataset->classes, 2);
        assert_memory_equal(dataset->X, X, sizeof X);
        assert_int_equal(dataset->y[0], 0);
        assert_int_equal(dataset->y[1], 1);
        assert_string_equal(dataset->feature_names[0], "a");
        assert_string_equal(dataset->feature_names[1], "b");
        assert_string_equal(dataset->class_names[0], "no");
        assert_string_equal(dataset->class_names[1], "yes");
        spiral_dataset_free(dataset);
    }
}

static void quoted_names_keep_delimiters_quotes_line_ends_and_blanks(void **state)
{
    SpiralDataset *dataset = load_text(state,
                                       "\"a,b\",\"c \"\"d\"\"\",label\n"
                                       "1,2,\"two\nlines\"\n"
                                       "3,4,\" blank \"\n"
                                       "5,6,\"\"\"\"\n",
                                       spiral_load_defaults());
    assert_string_equal(dataset->feature_names[0], "a,b");
    assert_string_equal(dataset->feature_names[1], "c \"d\"");
    assert_string_equal(dataset->class_names[0], " blank ");
    assert_string_equal(dataset->class_names[1], "\"");
    assert_string_equal(dataset->class_names[2], "two\nlines");
    assert_int_equal(dataset->y[0], 2);
    assert_int_equal(dataset->y[1], 0);
    assert_int_equal(dataset->y[2], 1);
    spiral_dataset_free(dataset);
}

/* Quotes tell a name from a value that is missing. */
static void quoted_labels_may_be_empty_or_nan(void **state)
{
    SpiralDataset *dataset = load_text(state, "1,\"\"\n2,\"nan\"\n3,a\n", spiral_load_defaults());
    assert_int_equal(dataset->classes, 3);
    assert_string_equal(dataset->class_names[0], "");
    assert_string_equal(dataset->class_names[1], "a");
    assert_string_equal(dataset->class_names[2], "nan");
    assert_int_equal(dataset->y[0], 0);
    assert_int_equal(dataset->y[1], 2);
    spiral_dataset_free(dataset);
}

static void classes_are_sorted_by_value_when_all_are_numbers_else_by_bytes(void **state)
{
    static const struct {
        const char *labels[4], *classes[4];
        int64_t y[4];
    } cases[] = {
        {{"10", "9", "-1", "9"}, {"-1", "9", "10"}, {2, 1, 0, 1}},
        {{"10", "9", "-1", "x"}, {"-1", "10", "9", "x"}, {1, 2, 0, 3}},
        {{"1", "1.0", "2", "+1"}, {"1", "2"}, {0, 0, 1, 0}},
        {{"1.50", "1", "1.5", "0.1"}, {"0.1", "1", "1.5"}, {2, 1, 2, 0}},
        {{"007", "7", "12", "7.0"}, {"007", "12", "7", "7.0"}, {0, 2, 1, 3}},
        {{"1E2", "100", "2", "100.0"}, {"100", "100.0", "1E2", "2"}, {2, 0, 3, 1}},
        {{"b", "B", "a", "\xc3\xa4"}, {"B", "a", "b", "\xc3\xa4"}, {2, 0, 1, 3}},
        {{"9007199254740993", "9007199254740992", "-0", "0"},
         {"0", "9007199254740992", "9007199254740993"},
         {2, 1, 0, 0}},
        {{"0x10", "1", "2", "1"}, {"0x10", "1", "2"}, {0, 1, 2, 1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        snprintf(text, sizeof text, "0,%s\n0,%s\n0,%s\n0,%s\n", cases[i].labels[0], cases[i].labels[1],
                 cases[i].labels[2], cases[i].labels[3]);
        SpiralDataset *dataset = load_text(state, text, spiral_load_defaults());
        size_t classes = 0;
        while (classes < 4 && cases[i].classes[classes] != NULL)
            classes++;
        assert_int_equal(dataset->classes, classes);
        for (size_t k = 0; k < classes; k++)
            assert_string_equal(dataset->class_names[k], cases[i].classes[k]);
        assert_memory_equal(dataset->y, cases[i].y, sizeof cases[i].y);
        spiral_dataset_free(dataset);
    }
}

static void a_header_is_found_out_or_forced(void **state)
{
    static const struct {
        const char *text;
        SpiralHeader header;
        size_t rows;
        const char *first_name;
    } cases[] = {
        {"a,b,label\n1,2,x\n3,4,y\n", SPIRAL_HEADER_AUTO, 2, "a"},
        {"1,2,x\n3,4,y\n", SPIRAL_HEADER_AUTO, 2, "x0"},
        {"1,2,0\n3,4,1\n", SPIRAL_HEADER_AUTO, 2, "x0"},
        {"a,b,0\n1,2,0\n3,4,1\n", SPIRAL_HEADER_AUTO, 2, "a"},
        {"1,2,x\n3,4,y\n5,6,z\n", SPIRAL_HEADER_YES, 2, "1"},
        {"1,2,x\n3,4,y\n", SPIRAL_HEADER_NO, 2, "x0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralLoadOptions options = spiral_load_defaults();
        options.header = cases[i].header;
        SpiralDataset *dataset = load_text(state, cases[i].text, options);
        assert_int_equal(dataset->rows, cases[i].rows);
        assert_string_equal(dataset->feature_names[0], cases[i].first_name);
        spiral_dataset_free(dataset);
    }
}

static void the_label_column_is_chosen_by_name_or_index_or_left_out(void **state)
{
    static const struct {
        const char *label;
        size_t features;
        double first;
        const char *first_class, *first_name;
    } cases[] = {
        {NULL, 2, 1, "7", "kind"},     {"size", 2, 1, "7", "kind"}, {"kind", 2, 4, "1", "weight"},
        {"weight", 2, 1, "4", "kind"}, {"0", 2, 4, "1", "weight"},  {"1", 2, 1, "4", "kind"},
        {"-1", 2, 1, "7", "kind"},     {"-3", 2, 4, "1", "weight"}, {"none", 3, 1, NULL, "kind"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralLoadOptions options = spiral_load_defaults();
        options.label = cases[i].label;
        SpiralDataset *dataset = load_text(state, "kind,weight,size\n1,4,7\n2,5,8\n", options);
        assert_int_equal(dataset->features, cases[i].features);
        assert_true(dataset->X[0] == cases[i].first);
        assert_string_equal(dataset->feature_names[0], cases[i].first_name);
        if (cases[i].first_class != NULL) {
            assert_string_equal(dataset->class_names[dataset->y[0]], cases[i].first_class);
        } else {
            assert_null(dataset->y);
            assert_null(dataset->class_names);
            assert_int_equal(dataset->classes, 0);
        }
        spiral_dataset_free(dataset);
    }
}

static void a_label_name_may_stand_over_a_column_of_text(void **state)
{
    SpiralLoadOptions options = spiral_load_defaults();
    options.label = "species";
    SpiralDataset *dataset = load_text(state, "species,x\nsetosa,1\nvirginica,2\n", options);
    assert_int_equal(dataset->features, 1);
    assert_string_equal(dataset->class_names[1], "virginica");
    spiral_dataset_free(dataset);
}

static void other_delimiters_are_taken(void **state)
{
    static const struct {
        char delimiter;
        const char *text;
    } cases[] = {{';', "a;b;c\n1;2;x\n3;4;y\n"},
                 {'\t', "a\tb\tc\n1\t2\tx\n3\t4\ty\n"},
                 {' ', "a b c\n1 2 x\n3 4 y\n"},
                 {'|', "a|b|c\n1|2|x\n3|4|y\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralLoadOptions options = spiral_load_defaults();
        options.delimiter = cases[i].delimiter;
        SpiralDataset *dataset = load_text(state, cases[i].text, options);
        assert_int_equal(dataset->features, 2);
        assert_true(dataset->X[3] == 4.0);
        spiral_dataset_free(dataset);
    }
}

static void a_models_features_tell_data_with_and_without_labels_apart(void **state)
{
    SpiralLoadOptions options = spiral_load_defaults();
    options.features = 2;
    SpiralDataset *dataset = load_text(state, "1,2\n3,4\n", options);
    assert_null(dataset->y);
    assert_int_equal(dataset->features, 2);
    spiral_dataset_free(dataset);
    dataset = load_text(state, "1,2,0\n3,4,1\n", options);
    assert_int_equal(dataset->classes, 2);
    spiral_dataset_free(dataset);
    SpiralError error;
    assert_int_equal(load_bytes(state, "1,2,3,4\n", 8, &options, &dataset, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "4 columns, expected 2 features, or 2 and a label");
}

static void a_wrong_number_of_columns_is_refused_with_the_right_one(void **state)
{
    static const struct {
        const char *text, *label, *reason;
    } cases[] = {
        {"1\n2\n", NULL, "1 column, expected 2 features, or 2 and a label"},
        {"1\n2\n", "0", "1 column, expected 2 features and a label"},
        {"1\n2\n", "none", "1 column, expected 2 features"},
        {"1,2,3,a\n4,5,6,b\n", NULL, "4 columns, expected 2 features, or 2 and a label"},
        {"1,2,3,a\n4,5,6,b\n", "3", "4 columns, expected 2 features and a label"},
        {"1,2,3,4\n4,5,6,7\n", "none", "4 columns, expected 2 features"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralLoadOptions options = spiral_load_defaults();
        options.features = 2;
        options.label = cases[i].label;
        SpiralDataset *dataset;
        SpiralError error;
        assert_int_equal(load_bytes(state, cases[i].text, strlen(cases[i].text), &options, &dataset, &error),
                         SPIRAL_ERROR_INPUT);
        assert_string_equal(error.reason, cases[i].reason);
    }
}

static void labels_are_numbered_by_a_models_classes(void **state)
{
    static const char *const classes[] = {"2", "b", "1", "a"};
    SpiralLoadOptions options = spiral_load_defaults();
    options.class_count = 4;
    options.class_names = classes;
    SpiralDataset *dataset = load_text(state, "0,a\n0,1.0\n0,b\n0,2\n0,1\n", options);
    static const int64_t y[] = {3, 2, 1, 0, 2};
    assert_int_equal(dataset->classes, 4);
    assert_memory_equal(dataset->y, y, sizeof y);
    assert_string_equal(dataset->class_names[3], "a");
    spiral_dataset_free(dataset);
    dataset = load_text(state, "0,a\n", options); /* one class will do */
    assert_int_equal(dataset->y[0], 3);
    spiral_dataset_free(dataset);
    SpiralError error;
    assert_int_equal(load_bytes(state, "0,a\n0,zebra\n", 12, &options, &dataset, &error), SPIRAL_ERROR_INPUT);
    assert_int_equal(error.line, 2);
    assert_reason(error, "label 'zebra' is no class of the model, expected one of 2, b, 1, a");
}

/* 007 is text, and so are the other labels beside it. */
static void codes_are_matched_as_text(void **state)
{
    static const char *const classes[] = {"007", "7", "12"};
    SpiralLoadOptions options = spiral_load_defaults();
    options.class_count = 3;
    options.class_names = classes;
    SpiralDataset *dataset = load_text(state, "0,7\n0,007\n0,12\n", options);
    static const int64_t y[] = {1, 0, 2};
    assert_memory_equal(dataset->y, y, sizeof y);
    spiral_dataset_free(dataset);
    SpiralError error;
    assert_int_equal(load_bytes(state, "0,7.0\n", 6, &options, &dataset, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "label '7.0' is no class of the model");
}

static void no_break_spaces_end_names(void **state)
{
    SpiralDataset *dataset =
        load_text(state, "x\xc2\xa0,\xc2\xa0 z,kind\n1,\xc2\xa0\x32,a \xc2\xa0\n3,4,a\n5,6,b\xc2\xa0\xc2\xa0\n",
                  spiral_load_defaults());
    assert_string_equal(dataset->feature_names[0], "x");
    assert_string_equal(dataset->feature_names[1], "z");
    assert_int_equal(dataset->classes, 2);
    assert_string_equal(dataset->class_names[0], "a");
    assert_string_equal(dataset->class_names[1], "b");
    spiral_dataset_free(dataset);
}

/* ---- missing values ---------------------------------------------------------------------------------------------- */

/* Of each the reader would take away the quoted character. */
static void what_would_be_cut_off_is_quoted(void **state)
{
    (void)state;
    static const char *const texts[][2] = {{"\xc2\xa0z", "\"\xc2\xa0z\""},
                                           {"z\xc2\xa0", "\"z\xc2\xa0\""},
                                           {"\xef\xbb\xbfz", "\"\xef\xbb\xbfz\""},
                                           {"y\xc2\xa0z", "y\xc2\xa0z"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *field = spiral_csv_field(texts[i][0]);
        assert_string_equal(field, texts[i][1]);
        free(field);
    }
}

static void nothing_is_wrong_with_a_number(void **state)
{
    (void)state;
    assert_null(spiral_csv_explain("1.5", 3, '.'));
    assert_null(spiral_csv_explain("1,5", 3, ','));
    assert_string_equal(spiral_csv_explain("5%", 2, '.'), "without a percent sign");
}

static void missing_values_are_counted_and_refused(void **state)
{
    static const struct {
        const char *text;
        size_t line;
        const char *words;
    } cases[] = {
        {"a,b,kind\n1,NA,x\n?,,y\n3,4,x\n", 2,
         "column 1 (b): is 'NA', expected a number; values are missing in 2 of 3 rows, in columns 0 (a), 1 (b)"},
        {"NA,NA,a\n1,2,b\n3,4,a\n", 1,
         "column 0 (from 0): is 'NA', expected a number; values are missing in 1 of 3 rows, in columns 0, 1"},
        {"1,Null,a\n3,n/a,b\n3,NaN,b\n", 1, "missing in 3 of 3 rows, in column 1"},
        {"1,2,a\n3,4,N/A\n5,6,NULL\n7,8,b\n", 2,
         "column 2 (from 0): the label is 'N/A', expected a class; values are missing in 2 of 4 rows, in column 2"},
        {"1,2,a\n3,4,None\n5,6,b\n", 2, "the label is 'None', expected a class"},
        {"1,2,?\n3,4,a\n5,6,b\n", 1, "the label is '?', expected a class"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralLoadOptions options = spiral_load_defaults();
        SpiralDataset *dataset;
        SpiralError error;
        assert_int_equal(load_bytes(state, cases[i].text, strlen(cases[i].text), &options, &dataset, &error),
                         SPIRAL_ERROR_INPUT);
        assert_int_equal(error.line, cases[i].line);
        assert_reason(error, cases[i].words);
        assert_int_equal(error.remedy.kind, SPIRAL_REMEDY_MISSING);
        assert_int_equal(load_bytes(state, cases[i].text, strlen(cases[i].text), &options, &dataset, NULL),
                         SPIRAL_ERROR_INPUT);
    }
}

static void rows_without_a_value_are_dropped_when_asked_for(void **state)
{
    SpiralLoadOptions options = spiral_load_defaults();
    options.missing = SPIRAL_MISSING_DROP;
    SpiralDataset *dataset =
        load_text(state, "a,b,kind\n1,2,x\nNA,5,only here\n3,4,y\n5,,x\n7,8,\n9,10,\"NA\"\n", options);
    static const double X[] = {1, 2, 3, 4, 9, 10};
    static const char *const names[] = {"NA", "x", "y"};
    assert_int_equal(dataset->rows, 3);
    assert_int_equal(dataset->dropped, 3);
    assert_memory_equal(dataset->X, X, sizeof X);
    assert_int_equal(dataset->classes, 3); /* a class of dropped rows alone is none */
    for (size_t k = 0; k < 3; k++)
        assert_string_equal(dataset->class_names[k], names[k]);
    spiral_dataset_free(dataset);
    SpiralError error;
    assert_int_equal(load_bytes(state, "a,b\n?,x\nNA,y\n", 13, &options, &dataset, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "all of its 2 rows lack a value");
}

static void words_that_may_be_classes_are(void **state)
{
    SpiralDataset *dataset = load_text(state, "1,none\n2,na\n3,\"NA\"\n4,\"?\"\n", spiral_load_defaults());
    assert_int_equal(dataset->classes, 4);
    spiral_dataset_free(dataset);
}

/* Rows longer than the reader's buffer, and rows that lie across its end. */
static void rows_across_the_buffers_end_are_read(void **state)
{
    enum { COLUMNS = 40000, ROWS = 5 };
    size_t size = COLUMNS * 8 * ROWS + 64, used = 0;
    char *text = malloc(size);
    assert_non_null(text);
    for (size_t i = 0; i < ROWS; i++)
        for (size_t c = 0; c <= COLUMNS; c++)
            used += (size_t)snprintf(text + used, size - used, c < COLUMNS ? "%zu," : "\"%zu\"\n",
                                     c < COLUMNS ? i + c : i % 2);
    SpiralLoadOptions options = spiral_load_defaults();
    SpiralDataset *dataset;
    SpiralError error;
    SpiralStatus status = load_bytes(state, text, used, &options, &dataset, &error);
    assert_ok(status, error);
    assert_int_equal(dataset->rows, ROWS);
    for (size_t i = 0; i < ROWS; i++)
        for (size_t c = 0; c < COLUMNS; c++)
            assert_true(dataset->X[i * COLUMNS + c] == (double)(i + c));
    spiral_dataset_free(dataset);
    free(text);
}

static void many_rows_are_read(void **state)
{
    enum { ROWS = 50000 };
    size_t size = ROWS * 32, used = 0;
    char *text = malloc(size);
    assert_non_null(text);
    for (size_t i = 0; i < ROWS; i++)
        used += (size_t)snprintf(text + used, size - used, "%zu,%.17g,%zu\n", i, 1.0 / (double)(i + 1), i % 3);
    SpiralLoadOptions options = spiral_load_defaults();
    SpiralDataset *dataset;
    SpiralError error;
    SpiralStatus status = load_bytes(state, text, used, &options, &dataset, &error);
    assert_ok(status, error);
    assert_int_equal(dataset->rows, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        assert_true(dataset->X[2 * i] == (double)i);
        assert_true(dataset->X[2 * i + 1] == 1.0 / (double)(i + 1));
        assert_int_equal(dataset->y[i], i % 3);
    }
    spiral_dataset_free(dataset);
    free(text);
}

/* ---- what is refused --------------------------------------------------------------------------------------------- */

typedef struct Refusal {
    const char *text;
    size_t line;
    const char *words;
} Refusal;

static void check_refusals(void **state, const Refusal *cases, size_t count, SpiralLoadOptions options)
{
    for (size_t i = 0; i < count; i++) {
        SpiralDataset *dataset = (SpiralDataset *)state;
        SpiralError error;
        SpiralStatus status = load_bytes(state, cases[i].text, strlen(cases[i].text), &options, &dataset, &error);
        if (status != SPIRAL_ERROR_INPUT)
            fail_msg("status %d for:\n%s", (int)status, cases[i].text);
        assert_null(dataset);
        if (error.line != cases[i].line)
            fail_msg("line %zu, expected %zu: %s\n%s", error.line, cases[i].line, error.reason, cases[i].text);
        assert_reason(error, cases[i].words);
        assert_non_null(strstr(error.path, "a.csv"));
    }
}

static void malformed_files_are_refused_with_line_and_column(void **state)
{
    static const Refusal cases[] = {
        {"", 0, "is empty"},
        {"\n\n", 0, "is empty"},
        {"\xef\xbb\xbf", 0, "is empty"},
        {"a,b,c\n", 1, "a header and no rows"},
        {"a,b,c\n\n", 1, "a header and no rows"},
        {"1,2,a\n3,b\n", 2, "2 fields in the row, expected 3 as in line 1"},
        {"x,y,c\n1,2,a\n3,4,b,5\n", 3, "4 fields in the row, expected 3 as in line 1"},
        {"1,2,a\n3,4,b\n5\n", 3, "1 field in the row, expected 3"},
        {"1,2,a\n3,4,b,\n", 2, "4 fields"},
        {"1,2,a\n\n3,4,b\n", 2, "empty line"},
        {"\n1,2,a\n3,4,b\n", 1, "empty line"},
        {"1,2,a\n3,,b\n", 2, "column 1 (from 0): is empty, expected a number"},
        {"p,q,c\n1,2,a\n3, ,b\n", 3, "column 1 (q): is empty, expected a number"},
        {"1,2,a\n3,\"\",b\n", 2, "column 1 (from 0): is empty"},
        {"1,2,a\n3,4,\n", 2, "column 2 (from 0): the label is empty"},
        {"1,2,a\n3,4, \n", 2, "column 2 (from 0): the label is empty"},
        {"1,2,a\n3,4,\"\"\n5,6,\n", 3, "column 2 (from 0): the label is empty"},
        {"1,2,a\n3,4,\"nan\"\n5,6,nan\n", 3, "column 2 (from 0): the label is 'nan'"},
        {"1,2,a\nnan,4,b\n", 2, "column 0 (from 0): is 'nan', expected a number"},
        {"1,2,a\n3,NaN,b\n", 2, "column 1 (from 0): is 'NaN', expected a number"},
        {"1,2,a\n3,-inf,b\n", 2, "expected a finite number"},
        {"1,2,a\n3,Infinity,b\n", 2, "expected a finite number"},
        {"nan,nan,a\n3,4,b\n", 1, "column 0 (from 0): is 'nan'"},
        {"1,2,a\n3,1e999,b\n", 2, "column 1 (from 0): is '1e999', expected a number that a double can hold"},
        {"1,2,a\n3,-1e999,b\n", 2, "a double can hold"},
        {"1,2,a\n3,1.0abc,b\n", 2, "column 1 (from 0): is '1.0abc', expected a number"},
        {"1,2,a\n3,0x1p3,b\n", 2, "is '0x1p3', expected a number"},
        {"1,2,a\n3,1_000,b\n", 2, "is '1_000'"},
        {"1,2,a\n3,1 2,b\n", 2, "is '1 2'"},
        {"1,2,a\n3,--4,b\n", 2, "is '--4'"},
        {"1,2,a\n3,4e,b\n", 2, "is '4e'"},
        {"1,2,a\n3,\"1,5\",b\n", 2, "expected a number with a decimal point"},
        {"1,2,a\n3,4,nan\n", 2, "column 2 (from 0): the label is 'nan'"},
        {"1,2,a\n3,4,a\n", 0, "all labels are 'a', expected at least two classes"},
        {"1,2,1\n3,4,1.0\n", 0, "all labels are '1'"},
        {"1,2,a\n3,\"4,b\n5,6,c\n", 2, "never closed"},
        {"1,2,a\n3,4,\"x\ny\n", 2, "never closed"},
        {"1,2,a\n3,4,\"b\"c\n", 2, "column 2 (from 0): text after a closing quote"},
        {"1,2,a\n3,4,b\"c\n", 2, "column 2 (from 0): a quote within a field that is not quoted"},
        {"1,2,a\n3,4\"\",b\n", 2, "column 1 (from 0): a quote within"},
        {"1,2,a\r3,4,b\r", 1, "carriage return"},
        {"1,2,a\n3,4,b\rc\n", 2, "column 2 (from 0): a carriage return"},
        {"1,2,\"a\nb\"\n3,x,b\n", 3, "column 1 (from 0): is 'x'"},
        {"a,,c\n1,2,x\n", 1, "column 1 (from 0): the header has no name here"},
        {"1,5;2,5;a\n3,5;4,5;b\n", 1, "column 0 (from 0): is '1,5', expected a number with a decimal point"},
        {"1\n2\n", 1, "1 column, expected at least one feature and a label"},
        {"\xff\xfe\x31,2", 0, "UTF-16"},
        {"\xfe\xff\x31,2", 0, "UTF-16"},
        {"PK\x03\x04xx", 0, "zip archive"},
        {"\x93NUMPY1", 0, ".npy"},
        {"\x1f\x8b\x08", 0, "gzip"},
        {"1,2,caf\xe9\n3,4,b\n", 1, "column 2 (from 0): byte 0xe9 is not UTF-8"},
        {"a,\xff,c\n3,4,b\n", 1, "column 1 (from 0): byte 0xff is not UTF-8"},
    };
    check_refusals(state, cases, sizeof cases / sizeof *cases, spiral_load_defaults());
}

static void a_nul_byte_is_refused(void **state)
{
    static const struct {
        const char text[20];
        size_t size, line;
    } cases[] = {{"1,2,a\n3,\0"
                  "4,b\n",
                  13, 2},
                 {"1,2,a\n3,4,b\0c\n", 14, 2},
                 {"1,2,a\n3,4,\"b\0c\"\n", 16, 2},
                 {"1,2,a\n3,4\0,b\n", 13, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralLoadOptions options = spiral_load_defaults();
        SpiralDataset *dataset;
        SpiralError error;
        assert_int_equal(load_bytes(state, cases[i].text, cases[i].size, &options, &dataset, &error),
                         SPIRAL_ERROR_INPUT);
        assert_int_equal(error.line, cases[i].line);
        assert_reason(error, "NUL");
    }
}

static void a_label_that_is_not_there_is_refused(void **state)
{
    static const struct {
        const char *label, *text, *words;
        SpiralHeader header;
    } cases[] = {
        {"species", "a,b,c\n1,2,x\n3,4,y\n", "no header with a column 'species'", SPIRAL_HEADER_AUTO},
        {"species", "1,2,x\n3,4,y\n", "no header with a column 'species'", SPIRAL_HEADER_AUTO},
        {"c", "a,b,c\n1,2,x\n3,4,y\n", "no header with a column 'c'", SPIRAL_HEADER_NO},
        {"a", "a,a,c\n1,2,x\n3,4,y\n", "two columns are named 'a'", SPIRAL_HEADER_AUTO},
        {"3", "1,2,x\n3,4,y\n", "has 3 columns, expected a label column 3", SPIRAL_HEADER_AUTO},
        {"-4", "1,2,x\n3,4,y\n", "has 3 columns, expected a label column -4", SPIRAL_HEADER_AUTO},
        {"-9223372036854775808", "1,2,x\n3,4,y\n", "has 3 columns, expected a label column -9223372036854775808",
         SPIRAL_HEADER_AUTO},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralLoadOptions options = spiral_load_defaults();
        options.label = cases[i].label;
        options.header = cases[i].header;
        const Refusal refusal = {cases[i].text, 1, cases[i].words};
        check_refusals(state, &refusal, 1, options);
    }
}

static void a_line_without_an_end_costs_bounded_memory(void **state)
{
    size_t size = (size_t)SPIRAL_CSV_LINE_LIMIT + 100000;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, '1', size);
    SpiralLoadOptions options = spiral_load_defaults();
    SpiralDataset *dataset;
    SpiralError error;
    assert_int_equal(load_bytes(state, text, size, &options, &dataset, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "longer than 16777216 bytes");
    free(text);
}

static void a_column_of_measurements_is_no_label(void **state)
{
    size_t size = 70000 * 16, used = 0;
    char *text = malloc(size);
    assert_non_null(text);
    for (size_t i = 0; i < 70000; i++)
        used += (size_t)snprintf(text + used, size - used, "0,%zu\n", i);
    SpiralLoadOptions options = spiral_load_defaults();
    SpiralDataset *dataset;
    SpiralError error;
    assert_int_equal(load_bytes(state, text, used, &options, &dataset, &error), SPIRAL_ERROR_LIMIT);
    assert_reason(error, "more than 65536 different labels");
    free(text);
}

static void delimiters_that_are_parts_of_numbers_are_a_usage_error(void **state)
{
    for (const char *c = "1.-+e\"\n"; *c != '\0'; c++) {
        SpiralLoadOptions options = spiral_load_defaults();
        SpiralDataset *dataset;
        SpiralError error;
        options.delimiter = *c;
        assert_int_equal(load_bytes(state, "1,2,a\n", 6, &options, &dataset, &error), SPIRAL_ERROR_USAGE);
    }
}

static void a_missing_file_and_a_folder_are_refused(void **state)
{
    (void)state;
    SpiralLoadOptions options = spiral_load_defaults();
    SpiralDataset *dataset;
    SpiralError error;
    assert_int_equal(spiral_dataset_load("fixtures/missing.csv", &options, &dataset, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "No such file");
    assert_int_equal(spiral_dataset_load("fixtures", &options, &dataset, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "directory");
}

#define with_scratch(test) cmocka_unit_test_setup_teardown(test, make_scratch, remove_scratch)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_scratch(the_same_table_is_read_however_it_is_written),
        with_scratch(quoted_labels_may_be_empty_or_nan),
        with_scratch(quoted_names_keep_delimiters_quotes_line_ends_and_blanks),
        with_scratch(classes_are_sorted_by_value_when_all_are_numbers_else_by_bytes),
        with_scratch(a_header_is_found_out_or_forced),
        with_scratch(the_label_column_is_chosen_by_name_or_index_or_left_out),
        with_scratch(a_label_name_may_stand_over_a_column_of_text),
        with_scratch(other_delimiters_are_taken),
        with_scratch(a_models_features_tell_data_with_and_without_labels_apart),
        with_scratch(a_wrong_number_of_columns_is_refused_with_the_right_one),
        with_scratch(labels_are_numbered_by_a_models_classes),
        with_scratch(codes_are_matched_as_text),
        with_scratch(no_break_spaces_end_names),
        cmocka_unit_test(what_would_be_cut_off_is_quoted),
        cmocka_unit_test(nothing_is_wrong_with_a_number),
        with_scratch(missing_values_are_counted_and_refused),
        with_scratch(rows_without_a_value_are_dropped_when_asked_for),
        with_scratch(words_that_may_be_classes_are),
        with_scratch(rows_across_the_buffers_end_are_read),
        with_scratch(many_rows_are_read),
        with_scratch(malformed_files_are_refused_with_line_and_column),
        with_scratch(a_nul_byte_is_refused),
        with_scratch(a_label_that_is_not_there_is_refused),
        with_scratch(a_line_without_an_end_costs_bounded_memory),
        with_scratch(a_column_of_measurements_is_no_label),
        with_scratch(delimiters_that_are_parts_of_numbers_are_a_usage_error),
        cmocka_unit_test(a_missing_file_and_a_folder_are_refused),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
