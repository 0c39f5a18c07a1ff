/* How tables are written: what is found out from their first lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data_support.h"
#include "spiral/dataset.h"

static SpiralStatus load(void **state, const char *text, const SpiralLoadOptions *options, SpiralDataset **dataset,
                         SpiralError *error)
{
    char path[512];
    write_file(scratch_path(state, "a.csv", path), text, strlen(text));
    return spiral_dataset_load(path, options, dataset, error);
}

/* What a table is read as. */
typedef struct Table {
    const char *text;
    size_t rows;
    const char *names[4];   /* of the features; NULL: x0 ... */
    double first, last;     /* of X */
    const char *classes[4]; /* the first ones */
} Table;

static void check_table(void **state, const Table *table, const char *text, const SpiralLoadOptions *options)
{
    SpiralDataset *dataset;
    SpiralError error;
    if (load(state, text, options, &dataset, &error) != SPIRAL_OK)
        fail_msg("%zu: %s\n%s", error.line, error.reason, text);
    if (dataset->rows != table->rows)
        fail_msg("%zu rows, expected %zu:\n%s", dataset->rows, table->rows, text);
    for (size_t d = 0; d < 4 && table->names[d] != NULL; d++) {
        if (d >= dataset->features || strcmp(dataset->feature_names[d], table->names[d]) != 0)
            fail_msg("%zu features, the first %s; expected %s:\n%s", dataset->features, dataset->feature_names[0],
                     table->names[d], text);
    }
    assert_true(dataset->X[0] == table->first);
    assert_true(dataset->X[dataset->rows * dataset->features - 1] == table->last);
    for (size_t k = 0; k < 4 && table->classes[k] != NULL && k < dataset->classes; k++)
        assert_string_equal(dataset->class_names[k], table->classes[k]);
    spiral_dataset_free(dataset);
}

/* A copy of the text with CRLF at the end of each line. The caller frees it. */
static char *end_with_crlf(const char *text)
{
    char *copy = malloc(2 * strlen(text) + 1), *next = copy;
    assert_non_null(copy);
    for (char before = '\0'; *text != '\0'; before = *text++) {
        if (*text == '\n' && before != '\r')
            *next++ = '\r';
        *next++ = *text;
    }
    *next = '\0';
    return copy;
}

/* Each table is read with LF, with CRLF, and without the last of them. */
static void check_tables(void **state, const Table *tables, size_t count, SpiralLoadOptions options)
{
    for (size_t i = 0; i < count; i++) {
        char *text = end_with_crlf(tables[i].text);
        check_table(state, &tables[i], tables[i].text, &options);
        check_table(state, &tables[i], text, &options);
        char *last = text + strlen(text) - 2;
        if (*last == '\r')
            *last = '\0';
        check_table(state, &tables[i], text, &options);
        free(text);
    }
}

#define CHECK_TABLES(state, tables, options) check_tables(state, tables, sizeof(tables) / sizeof *(tables), options)

static void delimiters_are_found_out(void **state)
{
    static const Table tables[] = {
        {"a,b,c\n1,2,x\n3,4,y\n", 2, {"a", "b"}, 1, 4, {"x", "y"}},
        {"a;b;c\n1;2;x\n3;4;y\n", 2, {"a", "b"}, 1, 4, {"x", "y"}},
        {"a\tb\tc\n1\t2\tx\n3\t4\ty\n", 2, {"a", "b"}, 1, 4, {"x", "y"}},
        {"a|b|c\n1|2|x\n3|4|y\n", 2, {"a", "b"}, 1, 4, {"x", "y"}},
        {"a b c\n1 2 x\n3 4 y\n", 2, {"a", "b"}, 1, 4, {"x", "y"}},
        {"  a   b c\n  1   2 x\n 33   4 y\n", 2, {"a", "b"}, 1, 4, {"x", "y"}},
        {"1 \t 2  x\t\n3\t4  y  \n", 2, {"x0", "x1"}, 1, 4, {"x", "y"}},
        {"\"fixed acidity\";\"pH\";\"quality\"\n7.4;3.51;5\n7.8;3.2;6\n", 2, {"fixed acidity", "pH"}, 7.4, 3.2, {"5"}},
        {"\"a, b\";c;d\n1;2;\"x, y\"\n3;4;\"z, w\"\n", 2, {"a, b", "c"}, 1, 4, {"x, y", "z, w"}},
        {"a\tb\tc\n1\t2\tIris setosa\n3\t4\tIris virginica\n", 2, {"a", "b"}, 1, 4, {"Iris setosa"}},
        {"a,b,c\n1,2,Iris setosa\n3,4,Iris virginica\n", 2, {"a", "b"}, 1, 4, {"Iris setosa"}},
        {"1,2,a;b\n3,4,c;d\n", 2, {"x0"}, 1, 4, {"a;b"}},
        {"1, 2, x\n3, 4, y\n", 2, {"x0"}, 1, 4, {"x"}},
        {"1;a\n2;b\n", 2, {"x0"}, 1, 2, {"a"}},
        {"1.5 0\n2.5 1\n", 2, {"x0"}, 1.5, 2.5, {"0", "1"}},
        {"\"1\" \"a b\"\n\"2\" \"c d\"\n", 2, {"x0"}, 1, 2, {"a b", "c d"}},
        {"15.26\t14.84\t1\n14.88\t14.57\t\t1\n14.29\t14.09\t2\n13.84\t13.94\t2\n",
         4,
         {"x0", "x1"},
         15.26,
         13.94,
         {"1"}},
        {"sep=;\na;b;c\n1;2;x\n3;4;y\n", 2, {"a", "b"}, 1, 4, {"x", "y"}},
        {"\xef\xbb\xbfsep=\t\r\na\tb\tc\r\n1\t2\tx\r\n3\t4\ty\r\n", 2, {"a", "b"}, 1, 4, {"x", "y"}},
        {"\"sep=|\"\n1|2|x\n3|4|y\n", 2, {"x0"}, 1, 4, {"x", "y"}},
    };
    CHECK_TABLES(state, tables, spiral_load_defaults());
}

static void a_header_is_told_by_the_lines_after_it(void **state)
{
    static const Table tables[] = {
        {"0,1,2\n4.3,1.3,0\n4.7,1.7,1\n", 2, {"0", "1"}, 4.3, 1.7, {"0", "1"}},
        {"0,1,2,species\n4,1,0,a\n5,2,0,b\n4,2,1,a\n", 3, {"0", "1", "2"}, 4, 1, {"a", "b"}},
        {"0,1,2,3,4\n4,1,0,5,1\n5,2,0,6,0\n", 2, {"0", "1", "2", "3"}, 4, 6, {"0", "1"}},
        {"len,2020,species\n4.3,1.3,a\n4.7,1.7,b\n", 2, {"len", "2020"}, 4.3, 1.7, {"a", "b"}},
        {"1999,2000,2001,label\n5,7,8,a\n6,8,9,b\n5,5,5,a\n", 3, {"1999", "2000"}, 5, 5, {"a", "b"}},
        {"1100,1102,class\n0.5,0.25,a\n0.75,0.5,b\n0.5,0.5,b\n", 3, {"1100", "1102"}, 0.5, 0.5, {"a"}},
        {"year,inf,unem,trend\n1948,3.2,6.5,up\n1949,3.8,4.8,down\n", 2, {"year", "inf", "unem"}, 1948, 4.8, {"down"}},
        {"x,NA,kind\n1,2,a\n3,4,b\n", 2, {"x", "NA"}, 1, 4, {"a"}},
        {"a,b,0\n1,2,0\n3,4,1\n", 2, {"a", "b"}, 1, 4, {"0"}},
        {"\u00e9,1\n5,1\n6,0\n", 2, {"\u00e9"}, 5, 6, {"0"}},
        {"-0,3,width,kind\n1,2,3,0\n4,5,6,1\n", 2, {"-0", "3", "width"}, 1, 6, {"0", "1"}},
        {"2,+3,width,kind\n1,2,3,0\n4,5,6,1\n", 2, {"2", "+3", "width"}, 1, 6, {"0", "1"}},
        {"#,$,kind\n1,2,x\n3,4,y\n", 2, {"#", "$"}, 1, 4, {"x"}},
        {"1,2,x\n3,4,y\n", 2, {"x0"}, 1, 4, {"x"}},
        {"0,1,a\n1,0,b\n1,1,a\n", 3, {"x0"}, 0, 1, {"a"}},
        {"5,3,1,a\n4.9,3.1,1.4,b\n4.5,3.5,1.5,a\n", 3, {"x0"}, 5, 1.5, {"a"}},
        {"0,0,0\n0,1,1\n1,0,1\n", 3, {"x0"}, 0, 0, {"0"}},
        {"1,2,a\n3,4,b\n5,6,c\n7,8,d\n", 4, {"x0"}, 1, 8, {"a"}},
        {"0,1\n1,0\n", 2, {"x0"}, 0, 1, {"0"}},
        {"True,1,a\nFalse,2,b\n", 2, {"x0"}, 1, 2, {"a"}},
        {"0,1,2\n4,1,0\n5,2,1\n", 3, {"x0"}, 0, 2, {"0", "1", "2"}}, /* too few numbers to be told from a row */
        {"0,1\n5,2\n6,3\n", 3, {"x0"}, 0, 6, {"1", "2", "3"}},
        {"0,grade\n5,2\n6,3\n", 2, {"0"}, 5, 6, {"2", "3"}},
        {"0,1,a\n5,2,0\n6,3,1\n", 2, {"0", "1"}, 5, 3, {"0", "1"}},
        {"0,1,a\n5,2,0\n6,3,b\n", 3, {"x0"}, 0, 3, {"0", "a", "b"}},
        {"2001,1999,label\n5,7,a\n6,8,b\n5,5,a\n", 4, {"x0"}, 2001, 5, {"a", "b", "label"}}, /* do not ascend */
    };
    CHECK_TABLES(state, tables, spiral_load_defaults());
}

static void comments_come_before_the_first_row(void **state)
{
    static const Table tables[] = {
        {"# a,b,c\n1,2,x\n3,4,y\n", 2, {"a", "b"}, 1, 4, {"x"}},
        {"#a,b,c\n1,2,x\n3,4,y\n", 2, {"a", "b"}, 1, 4, {"x"}},
        {"# a b c\n1 2 0\n3 4 1\n", 2, {"a", "b"}, 1, 4, {"0"}},
        {"# made by hand, in May\n#\n1,2,x\n3,4,y\n", 2, {"x0"}, 1, 4, {"x"}},
        {"# made, by, hand\n# a,b,c\n1,2,x\n3,4,y\n", 2, {"a", "b"}, 1, 4, {"x"}},
        {"# made, by, hand\na,b,c\n1,2,x\n3,4,y\n", 2, {"a", "b"}, 1, 4, {"x"}},
        {"#,b,c\n1,2,x\n3,4,y\n", 2, {"#", "b"}, 1, 4, {"x"}},
        {"sep=,\n# a,b,c\n1,2,x\n3,4,y\n", 2, {"a", "b"}, 1, 4, {"x"}},
        {"#\n1,2,x\n3,4,y\n", 2, {"x0"}, 1, 4, {"x"}},
        {"# a,,c\n1,2,x\n3,4,y\n", 2, {"x0"}, 1, 4, {"x"}},
        {"# a,b\n1,2,x\n3,4,y\n", 2, {"x0"}, 1, 4, {"x"}},
        {"# \"a\"b,c,d\n1,2,x\n3,4,y\n", 2, {"x0"}, 1, 4, {"x"}},
        {"# \"a,b,c\n1,2,x\n3,4,y\n", 2, {"x0"}, 1, 4, {"x"}},
    };
    CHECK_TABLES(state, tables, spiral_load_defaults());
    static const Table given[] = {
        {"#made by hand\na;b;c\n1;2;x\n3;4;y\n", 2, {"a", "b"}, 1, 4, {"x"}},
        {"#;b;c\n1;2;x\n3;4;y\n", 2, {"#", "b"}, 1, 4, {"x"}},
    };
    SpiralLoadOptions semicolons = spiral_load_defaults();
    semicolons.delimiter = ';';
    CHECK_TABLES(state, given, semicolons);
    SpiralLoadOptions options = spiral_load_defaults();
    options.header = SPIRAL_HEADER_NO;
    static const Table bare = {"# a,b,c\n1,2,x\n3,4,y\n", 2, {"x0", "x1"}, 1, 4, {"x"}};
    check_tables(state, &bare, 1, options);
}

/* Comments do not count among the lines that are looked at, however many rows come after them. */
static void a_long_table_begins_after_its_comments(void **state)
{
    enum { ROWS = 20000 };
    static const char start[] = "# made\n# by\n# hand\n# long ago\na,b,kind\n", row[] = "1,2,x\n", last[] = "3,4,y\n";
    char *text = malloc(sizeof start + ROWS * (sizeof row - 1) + sizeof last), *next = text;
    assert_non_null(text);
    next += sprintf(next, "%s", start);
    for (size_t i = 0; i < ROWS - 1; i++)
        next += sprintf(next, "%s", row);
    sprintf(next, "%s", last);
    Table table = {text, ROWS, {"a", "b"}, 1, 4, {"x", "y"}};
    check_tables(state, &table, 1, spiral_load_defaults());
    free(text);
}

static void what_is_no_column_is_left_out(void **state)
{
    static const Table tables[] = {
        {"a,b,kind,\n1,2,x,\n3,4,y,\n", 2, {"a", "b"}, 1, 4, {"x", "y"}},
        {"a,b,kind\n1,2,x,\n3,4,y,\n", 2, {"a", "b"}, 1, 4, {"x", "y"}},
        {"1;2;x; \n3;4;y;\n", 2, {"x0", "x1"}, 1, 4, {"x", "y"}},
        {"\"a\" \"b\" \"kind\"\n\"1\" 1 2 \"x\"\n\"2\" 3 4 \"y\"\n", 2, {"a", "b"}, 1, 4, {"x", "y"}},
        {"\"a\",\"b\",\"kind\"\n\"r, 1\",1,2,\"x\"\n\"r \"\"2\"\"\",3,4,\"y\"\n", 2, {"a", "b"}, 1, 4, {"x", "y"}},
        {"a\tb\tkind\nrow 1\t1\t2\tx\nrow 2\t3\t4\ty\n", 2, {"a", "b"}, 1, 4, {"x", "y"}},
        {"a,b,kind\n1,2,x\n3,4,y\n,,\n , ,\n\n", 2, {"a", "b"}, 1, 4, {"x", "y"}},
        {"1,2,x\r\n3,4,y\r\n\x1a", 2, {"x0", "x1"}, 1, 4, {"x", "y"}},
        {"1,2,x\r\n3,4,y\r\n\x1a\r\n", 2, {"x0", "x1"}, 1, 4, {"x", "y"}},
        {"1,2,x\n3,4,y\n5,6,x\x1a", 3, {"x0", "x1"}, 1, 6, {"x", "y"}},
        {"1,2,x\n3,4,y\n5,6,x\x1a\r\n", 3, {"x0", "x1"}, 1, 6, {"x", "y"}},
        {"1,2,x\n3,4,y\n5,6,\"x\"\x1a", 3, {"x0", "x1"}, 1, 6, {"x", "y"}},
        {"a,b,kind\n1,TRUE,x\n0,false,y\n", 2, {"a", "b"}, 1, 0, {"x", "y"}},
    };
    CHECK_TABLES(state, tables, spiral_load_defaults());
}

static void decimal_commas_are_read_when_asked_for(void **state)
{
    SpiralLoadOptions options = spiral_load_defaults();
    options.decimal = SPIRAL_DECIMAL_COMMA;
    static const Table tables[] = {
        {"a;b;kind\n1,5;-2,25e1;x\n3;4,5;y, z\n", 2, {"a", "b"}, 1.5, 4.5, {"x", "y, z"}},
        {"1,5 2,5 0\n3,5 4,5 1\n", 2, {"x0"}, 1.5, 4.5, {"0", "1"}},
        {"a\tkind\n\"1,5\"\tx\n,5\ty\n", 2, {"a"}, 1.5, 0.5, {"x", "y"}},
        {",25;1\n5,5;2\n6,5;2\n", 3, {"x0"}, 0.25, 6.5, {"1", "2"}},
        {"-,25;4;1\n+,5;5,5;2\n6,5;2;2\n", 3, {"x0"}, -0.25, 2, {"1", "2"}},
        {"0;1;species\n4,5;1,5;a\n5,5;2,5;b\n4,5;2,5;a\n", 3, {"0", "1"}, 4.5, 2.5, {"a", "b"}},
    };
    CHECK_TABLES(state, tables, options);
}

static void decimal_points_are_refused_then(void **state)
{
    static const char *const cases[][2] = {
        {"98.5;x\n1,5;y\n", "column 0 (from 0): is '98.5', expected a number with a decimal comma"},
        {"-1.5e3;x\n1,5;y\n", "column 0 (from 0): is '-1.5e3', expected a number with a decimal comma"},
        {"1.000;x\n1,5;y\n", "column 0 (from 0): is '1.000', expected a number without separators between thousands"},
        {"1e999;x\n1,5;y\n", "column 0 (from 0): is '1e999', expected a number that a double can hold"},
        {"1.5x;x\n1,5;y\n", "column 0 (from 0): is '1.5x', expected a number"},
    };
    SpiralLoadOptions options = spiral_load_defaults();
    options.decimal = SPIRAL_DECIMAL_COMMA;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralDataset *dataset;
        SpiralError error;
        assert_int_equal(load(state, cases[i][0], &options, &dataset, &error), SPIRAL_ERROR_INPUT);
        assert_string_equal(error.reason, cases[i][1]);
    }
}

/* In data for a model, numbers are names when they are the model's. */
static void numbers_are_a_header_when_a_model_has_these_names(void **state)
{
    static const char *const years[] = {"1999", "2000"}, *const numbers[] = {"x0", "x1"};
    static const Table named = {"1999,2000\n4.5,1.5\n4.75,1.75\n", 2, {"1999", "2000"}, 4.5, 1.75, {NULL}},
                       bare = {"0,1\n4.5,1.5\n4.75,1.75\n", 3, {"x0", "x1"}, 0, 1.75, {NULL}},
                       other = {"1,2\n4.5,1.5\n4.75,1.75\n", 3, {"x0"}, 1, 1.75, {NULL}};
    SpiralLoadOptions options = spiral_load_defaults();
    options.features = 2;
    options.feature_names = years;
    check_tables(state, &named, 1, options);
    check_tables(state, &other, 1, options);
    options.feature_names = numbers;
    check_tables(state, &bare, 1, options);
    options.feature_names = NULL;
    check_tables(state, &bare, 1, options);
}

typedef struct Refusal {
    const char *text;
    size_t line;
    const char *words;
    SpiralRemedyKind remedy;
    const char *value;
} Refusal;

static void refusals_say_what_would_help(void **state)
{
    static const Refusal refusals[] = {
        {"NA,NA,a\n4.3,1.3,a\n4.7,1.7,b\n", 1, "is 'NA', expected a number", SPIRAL_REMEDY_MISSING, "drop"},
        {"150,4,setosa,virginica\n4.3,1.3,0.5,0.25,0\n4.3,1.3,0.5,0.25,1\n", 1, "'150,4,setosa' counts",
         SPIRAL_REMEDY_FILTER, "tail -n +2"},
        {"506,2,,,\n\"CRIM\",\"ZN\",\"MEDV\"\n0.5,1.5,0\n", 1, "'506,2,' counts", SPIRAL_REMEDY_FILTER, "tail -n +2"},
        {"1.5,two,a\n2.5,3,b\n3.5,4,a\n", 1, "is 'two', expected a number", SPIRAL_REMEDY_HEADER, "yes"},
        {"-,1\n5.5,2\n6.5,1\n", 1, "is '-', expected a number", SPIRAL_REMEDY_NONE, ""},
        {"\u22125,1,2,0\n5,1,2,0\n6,1,2,1\n", 1, "is '\u22125', expected a number", SPIRAL_REMEDY_NONE, ""},
        {"2,\u20ac5,1\n2,5,1\n3,6,0\n", 1, "is '\u20ac5', expected a number", SPIRAL_REMEDY_NONE, ""},
        {"$3,1\n5,1\n6,0\n", 1, "without a currency sign", SPIRAL_REMEDY_NONE, ""},
        {"(5),2,c\n5,1,a\n6,0,b\n", 1, "is '(5)', expected a number", SPIRAL_REMEDY_NONE, ""},
        {"\u00bd,1\n5,1\n6,0\n", 1, "is '\u00bd', expected a number", SPIRAL_REMEDY_NONE, ""},
        {"\u0665,1\n5,1\n6,0\n", 1, "is '\u0665', expected a number", SPIRAL_REMEDY_NONE, ""},
        {"1,2,a\n3,4,b\n# the end\n", 3, "1 field", SPIRAL_REMEDY_NONE, ""},
        {"1,5;2,5;a\n3,5;4,5;b\n", 1, "is '1,5', expected a number with a decimal point", SPIRAL_REMEDY_DECIMAL, ","},
        {"a;b\n1,000;x\n2,000;y\n", 2, "without separators between thousands", SPIRAL_REMEDY_NONE, ""},
        {"u,g,k\n\"1,000.5\",0,a\n\"2,007.5\",1,b\n", 2, "without separators between thousands", SPIRAL_REMEDY_NONE,
         ""},
        {"u;k\n1.000,5;a\n2.007,5;b\n", 2, "without separators between thousands", SPIRAL_REMEDY_NONE, ""},
        {"u;k\n1 000;a\n2 007;b\n", 2, "without separators between thousands", SPIRAL_REMEDY_NONE, ""},
        {"u;k\n1'000;a\n2'007;b\n", 2, "without separators between thousands", SPIRAL_REMEDY_NONE, ""},
        {"u,k\n$1.50,a\n$2,b\n", 2, "without a currency sign", SPIRAL_REMEDY_NONE, ""},
        {"u,k\n40%,a\n50%,b\n", 2, "without a percent sign", SPIRAL_REMEDY_NONE, ""},
        {"1.03D+00,a\n1.04D+00,b\n", 1, "with e in its exponent", SPIRAL_REMEDY_NONE, ""},
        {"0.5,a\n3.14-114,b\n", 2, "with e in its exponent", SPIRAL_REMEDY_NONE, ""},
        {"0.5,a\n1.5D,b\n", 2, "is '1.5D', expected a number", SPIRAL_REMEDY_NONE, ""},
        {"0.5,a\n1.5-,b\n", 2, "is '1.5-', expected a number", SPIRAL_REMEDY_NONE, ""},
        {"0.5,a\n1.5-12345,b\n", 2, "is '1.5-12345', expected a number", SPIRAL_REMEDY_NONE, ""},
        {"0.5,a\n1.5-2x,b\n", 2, "is '1.5-2x', expected a number", SPIRAL_REMEDY_NONE, ""},
        {"0.5,a\n-.x,b\n", 2, "is '-.x', expected a number", SPIRAL_REMEDY_NONE, ""},
        {"a,b,kind,\n1,2,x,\n3,4,y,5\n", 1, "no name", SPIRAL_REMEDY_IGNORE, "3"},
        {"a b c\n1 2 x\n3 4 y z\n", 3, "4 fields", SPIRAL_REMEDY_NONE, ""},
        {"a,b,k\n1,2,x\nu,3,y\nv,4,x\n", 3, "is 'u', expected a number", SPIRAL_REMEDY_NONE, ""},
        {"#", 1, "1 column, expected at least one feature and a label", SPIRAL_REMEDY_NONE, ""},
        {"sep=;", 1, "1 column, expected at least one feature and a label", SPIRAL_REMEDY_NONE, ""},
        {"name\tkind\nann\tx\nbob\ty\n", 2, "is 'ann', expected a number", SPIRAL_REMEDY_NONE, ""},
        {"3,2,\n1,2,a\n3,4,b\n5,6,a\n", 1, "the label is empty, expected a class", SPIRAL_REMEDY_MISSING, "drop"},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const Refusal *refusal = &refusals[i];
        SpiralLoadOptions options = spiral_load_defaults();
        SpiralDataset *dataset;
        SpiralError error;
        if (load(state, refusal->text, &options, &dataset, &error) != SPIRAL_ERROR_INPUT)
            fail_msg("is read:\n%s", refusal->text);
        if (error.line != refusal->line || error.remedy.kind != refusal->remedy ||
            strcmp(error.remedy.value, refusal->value) != 0)
            fail_msg("%zu: %s; %d %s:\n%s", error.line, error.reason, (int)error.remedy.kind, error.remedy.value,
                     refusal->text);
        assert_reason(error, refusal->words);
    }
}

/* A first line of numbers and a class is a row, unless one of them is asked for as a name. */
static void a_name_that_is_asked_for_makes_the_first_line_a_header(void **state)
{
    static const char text[] = "0.5,1.5,k\n1,2,a\n2,1,b\n";
    static const struct {
        const char *label, *ignore;
        size_t rows, features;
    } cases[] = {
        {NULL, NULL, 3, 2}, {"k", NULL, 2, 2}, {"2", NULL, 3, 2}, {NULL, "1.5", 2, 1}, {NULL, "1", 3, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralLoadOptions options = spiral_load_defaults();
        options.label = cases[i].label;
        options.ignore = cases[i].ignore;
        SpiralDataset *dataset;
        SpiralError error;
        SpiralStatus status = load(state, text, &options, &dataset, &error);
        assert_ok(status, error);
        assert_int_equal(dataset->rows, cases[i].rows);
        assert_int_equal(dataset->features, cases[i].features);
        assert_string_equal(dataset->feature_names[0], cases[i].rows == 2 ? "0.5" : "x0");
        spiral_dataset_free(dataset);
    }
}

static void a_column_of_text_is_the_label_or_ignored(void **state)
{
    static const char patients[] = "842302,M,17.99,0.3\n842517,M,20.57,0.2\n843009,B,19.69,0.3\n";
    static const char people[] = "39,civil,13,single,no\n50,self,13,married,no\n38,civil,9,single,yes\n";
    static const struct {
        const char *text, *label, *ignore;
        size_t features; /* of a model */
        SpiralRemedyKind remedy;
        const char *value;
    } cases[] = {
        {patients, NULL, NULL, 0, SPIRAL_REMEDY_LABEL, "1"},
        {patients, NULL, "0", 0, SPIRAL_REMEDY_LABEL, "1"},
        {patients, "3", NULL, 0, SPIRAL_REMEDY_IGNORE, "1"},
        {patients, NULL, NULL, 3, SPIRAL_REMEDY_LABEL, "1"},
        {patients, NULL, NULL, 4, SPIRAL_REMEDY_NONE, ""}, /* the model needs all columns */
        {patients, "none", NULL, 4, SPIRAL_REMEDY_NONE, ""},
        {people, NULL, NULL, 0, SPIRAL_REMEDY_IGNORE, "1"},
        {people, NULL, "1", 0, SPIRAL_REMEDY_IGNORE, "1,3"},
        {"1.5,two,a\n2.5,3,b\n", NULL, NULL, 0, SPIRAL_REMEDY_HEADER, "yes"},
        {"1.5,two,a\n2.5,NA,b\n", NULL, NULL, 0, SPIRAL_REMEDY_HEADER, "yes"},
        {"1.5,inf,a\n2.5,-inf,b\n", NULL, NULL, 0, SPIRAL_REMEDY_NONE, ""},
        {"1.5,two,a\n", NULL, NULL, 0, SPIRAL_REMEDY_NONE, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralLoadOptions options = spiral_load_defaults();
        options.label = cases[i].label;
        options.ignore = cases[i].ignore;
        options.features = cases[i].features;
        SpiralDataset *dataset;
        SpiralError error;
        assert_int_equal(load(state, cases[i].text, &options, &dataset, &error), SPIRAL_ERROR_INPUT);
        assert_int_equal(error.line, 1);
        if (error.remedy.kind != cases[i].remedy || strcmp(error.remedy.value, cases[i].value) != 0)
            fail_msg("%s; %d %s, expected %d %s:\n%s", error.reason, (int)error.remedy.kind, error.remedy.value,
                     (int)cases[i].remedy, cases[i].value, cases[i].text);
    }
}

static void a_column_without_a_name_is_ignored_with_the_others(void **state)
{
    SpiralLoadOptions options = spiral_load_defaults();
    options.ignore = "0";
    SpiralDataset *dataset;
    SpiralError error;
    assert_int_equal(load(state, "a,b,kind,\n1,2,x,\n3,4,y,5\n", &options, &dataset, &error), SPIRAL_ERROR_INPUT);
    assert_int_equal(error.remedy.kind, SPIRAL_REMEDY_IGNORE);
    assert_string_equal(error.remedy.value, "0,3");
}

#define with_scratch(test) cmocka_unit_test_setup_teardown(test, make_scratch, remove_scratch)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_scratch(delimiters_are_found_out),
        with_scratch(a_header_is_told_by_the_lines_after_it),
        with_scratch(comments_come_before_the_first_row),
        with_scratch(a_long_table_begins_after_its_comments),
        with_scratch(what_is_no_column_is_left_out),
        with_scratch(decimal_commas_are_read_when_asked_for),
        with_scratch(decimal_points_are_refused_then),
        with_scratch(numbers_are_a_header_when_a_model_has_these_names),
        with_scratch(refusals_say_what_would_help),
        with_scratch(a_name_that_is_asked_for_makes_the_first_line_a_header),
        with_scratch(a_column_of_text_is_the_label_or_ignored),
        with_scratch(a_column_without_a_name_is_ignored_with_the_others),
    };
    return cmocka_run_group_tests_name("csv_dialect", tests, NULL, NULL);
}
