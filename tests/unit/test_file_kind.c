/* Files of other kinds, by the first bytes that their own formats prescribe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "data/file_kind.h"

typedef struct Start {
    const char *bytes;
    size_t length;
    const char *name, *filter; /* NULL: no filter */
} Start;

/* The members of a Start, between braces. */
#define START(bytes, name, filter) (bytes), sizeof(bytes) - 1, (name), (filter)

static void other_kinds_are_called_by_their_name(void **state)
{
    (void)state;
    static const Start starts[] = {
        {START("\x1f\x8b\x08\0\0\0\0\0", "gzip", "zcat")},
        {START("\xfd"
               "7zXZ\0\0\4",
               "xz", "xzcat")},
        {START("\x28\xb5\x2f\xfd\x04\x00", "zstd", "zstdcat")},
        {START("\x04\x22\x4d\x18\x64\x40", "lz4", "lz4cat")},
        {START("\x1f\x9d\x90\x75", "compress", "zcat")},
        {START("BZh91AY&SY\x12", "bzip2", "bzcat")},
        {START("7z\xbc\xaf\x27\x1c\0\4", "7z", NULL)},
        {START("PK\x03\x04\x14\0\0\0\0\0......[Content_Types].xml", "Excel", "read_excel")},
        {START("PK\x03\x04\x14\0\0\0\0\0......docProps/app.xml", "Excel", "read_excel")},
        {START("PK\x03\x04\x14\0\0\0\0\0......mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "OpenDocument",
               "read_excel")},
        {START("PK\x03\x04\x14\0\0\0\0\0......X.npy", ".npz", NULL)},
        {START("PK\x03\x04\x14\0\0\0\0\0......iris.csv", "zip", "unzip -p")},
        {START("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "Excel", "read_excel")},
        {START("\x93NUMPY\x01\0", ".npy", NULL)},
        {START("\x89HDF\r\n\x1a\n\0", "HDF5", NULL)},
        {START("MATLAB 5.0 MAT-file, Platform: GLNXA64", "MATLAB", NULL)},
        {START("MATLAB 7.3 MAT-file, Platform: GLNXA64", "MATLAB", NULL)},
        {START("PAR1\x15\x04", "Parquet", "read_parquet")},
        {START("ARROW1\0\0\xff", "Arrow", "read_feather")},
        {START("SQLite format 3\0", "SQLite", NULL)},
        {START("RDX3\nX\n", "R data", NULL)},
        {START("%PDF-1.4\n", "PDF", NULL)},
        {START("\x80\x04\x95\x00", "pickle", NULL)},
        {START("(dp0\nS'data'\n", "pickle", NULL)},
        {START("version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "git lfs pull", NULL)},
        {START("% a comment\n\n@RELATION iris\n@ATTRIBUTE x NUMERIC\n", "ARFF", "grep")},
        {START("-1 1:-0.32 2:-0.15 \n+1 1:0.87\n", "svmlight", NULL)},
        {START("# file\n3 qid:1 1:1 2:1\n", "svmlight", NULL)},
        {START("\n<!DOCTYPE html>\n<html>", "web page", NULL)},
        {START("<html lang=\"en\">", "web page", NULL)},
        {START("<?xml version=\"1.0\"?>", "web page", NULL)},
        {START("<HEAD>", "web page", NULL)},
        {START("<table><tr>", "web page", NULL)},
        {START("[\n {\"x\": 1}]", "JSON", "read_json")},
        {START("{\"x\": [1]}", "JSON", "read_json(sys.argv[1])")},
        {START("{\"x\": [1], \"y\": 2}\n", "JSON", "read_json(sys.argv[1])")},
        {START("{\"x\": {\"0\": 1}}\n", "JSON", "read_json(sys.argv[1])")},
        {START("[{\"x\": 1},\n{\"x\": 2}]", "JSON", "read_json(sys.argv[1])")},
        {START("{\"x\":1}\n", "JSON", "lines=True")},
        {START("{\"x\\\"\": \"a\", \"y", "JSON", "lines=True")},
        {START("{[1], \"x\": 2}", "JSON", "read_json(sys.argv[1])")}, /* a member without a name, or its end or colon */
        {START("{\"x: 1", "JSON", "read_json(sys.argv[1])")},
        {START("{\"x\" 1, \"y\": 2}", "JSON", "read_json(sys.argv[1])")},
        {START("{\"x\": [1]}\r\n\n{\"x\": [2]}\r\n", "JSON", "lines=True")},
        {START("1 1:1 2:1 3:1 4:", "svmlight", NULL)}, /* as far as the line is there */
        {START("\xff\xfe\x31\0,\0", "UTF-16", "iconv -f UTF-16")},
        {START("\xfe\xff\0\x31", "UTF-16", "iconv -f UTF-16")},
        {START("1\0,\0a\0\n\0", "UTF-16", "iconv -f UTF-16LE")},
        {START("\0001\0,\0a\0\n", "UTF-16", "iconv -f UTF-16BE")},
    };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        const Start *start = &starts[i];
        SpiralError error;
        SpiralStatus status = spiral_file_kind_refuse(start->bytes, start->length, SPIRAL_FILE_CSV, "x.csv", &error);
        if (status != SPIRAL_ERROR_INPUT)
            fail_msg("%zu, %s, is not refused", i, start->name);
        if (strstr(error.reason, start->name) == NULL)
            fail_msg("'%s' does not name %s", error.reason, start->name);
        assert_int_equal(error.remedy.kind, start->filter != NULL ? SPIRAL_REMEDY_FILTER : SPIRAL_REMEDY_NONE);
        if (start->filter != NULL)
            assert_non_null(strstr(error.remedy.value, start->filter));
    }
}

static void tables_are_let_pass(void **state)
{
    (void)state;
    static const char *const starts[] = {"",
                                         "1",
                                         "a,b\n1,2\n",
                                         "\xef\xbb\xbf\x61,b\n",
                                         "BZh9,x\n1,2\n",
                                         "PAR1,PAR2\n1,2\n",
                                         "RDX2,x\n1",
                                         "MATLAB,x\n",
                                         "1 2:30 a\n3 4:x",
                                         "version,x\n1,2\n",
                                         "# a b\n1 2\n",
                                         "PK,x\n1,2\n",
                                         "-1 1\n1 2",
                                         "<5,6\n",
                                         "{",
                                         "[ ",
                                         "{\"x\"",
                                         "1 2",
                                         "1 2:",
                                         "1 2:3 4",
                                         "1 2:3 4:5 6:7 x\n",
                                         "1 qid:x",
                                         "\x80\x01\x95",
                                         "\x80\x06\x95",
                                         "\x80\x04",
                                         "#",
                                         "# ",
                                         "[x],y\n1,2\n",
                                         "% done,x\n1,2\n"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        SpiralError error;
        if (spiral_file_kind_refuse(starts[i], strlen(starts[i]), SPIRAL_FILE_CSV, "x.csv", &error) != SPIRAL_OK)
            fail_msg("%s: %s", starts[i], error.reason);
    }
}

/* A filter makes CSV, which is of no use under the name of an array. */
static void what_an_array_should_be_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        SpiralFileExpected expected;
        const char *reason; /* NULL: let pass */
    } cases[] = {
        {"\x93NUMPY\x01", 7, SPIRAL_FILE_NPY, NULL},
        {"PK\x03\x04....X.npy", 13, SPIRAL_FILE_NPZ, NULL},
        {"PK\x03\x04....X.npy", 13, SPIRAL_FILE_NPY,
         "is an .npz archive, expected a .npy array: its name must end in .npz"},
        {"\x93NUMPY\x01", 7, SPIRAL_FILE_NPZ, "is a .npy array, expected an .npz archive: its name must end in .npy"},
        {"\x1f\x8b\x08\x04", 4, SPIRAL_FILE_NPY, "is gzip data, expected a .npy array"},
        {"\x1f\x8b\x08\x04", 4, SPIRAL_FILE_NPZ, "is gzip data, expected an .npz archive"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralError error = {.reason = ""};
        SpiralStatus status = spiral_file_kind_refuse(cases[i].bytes, cases[i].length, cases[i].expected, "x", &error);
        assert_int_equal(status, cases[i].reason != NULL ? SPIRAL_ERROR_INPUT : SPIRAL_OK);
        assert_string_equal(error.reason, cases[i].reason != NULL ? cases[i].reason : "");
        assert_int_equal(error.remedy.kind, SPIRAL_REMEDY_NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_kinds_are_called_by_their_name),
        cmocka_unit_test(tables_are_let_pass),
        cmocka_unit_test(what_an_array_should_be_is_named),
    };
    return cmocka_run_group_tests_name("file_kind", tests, NULL, NULL);
}
