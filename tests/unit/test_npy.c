#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/names.h"
#include "data/npy_file.h"
#include "data_support.h"

/* The matrices of fixtures/make_numpy_files.py. */
static const double M[6] = {1, 2, 3, 4, 5, 100};
static const double F[6] = {0.5, -0.25, 1e-3, 3.0, -7.0, 1e3};

static void open_fixture(const char *name, SpiralNpyFile *file)
{
    char path[128];
    SpiralError error;
    snprintf(path, sizeof path, "fixtures/numpy/%s.npy", name);
    SpiralStatus status = spiral_npy_file_open(path, file, &error);
    assert_ok(status, error);
}

static void check_doubles(const char *name, const double *expected, bool single)
{
    SpiralNpyFile file;
    double values[6];
    open_fixture(name, &file);
    assert_int_equal(file.header.shape.dimensions, 2);
    assert_int_equal(file.header.shape.extent[0], 3);
    assert_int_equal(file.header.shape.extent[1], 2);
    assert_int_equal(file.header.shape.count, 6);
    spiral_npy_decode_doubles(&file.header, file.bytes + file.header.data_offset, 0, 6, values);
    for (size_t i = 0; i < 6; i++)
        if (values[i] != (single ? (double)(float)expected[i] : expected[i]))
            fail_msg("%s[%zu]: %.17g, expected %.17g", name, i, values[i], expected[i]);
    spiral_npy_file_close(&file);
}

static void every_number_type_and_byte_order_is_read(void **state)
{
    (void)state;
    static const char *const names[] = {"little_f4", "big_f4", "little_f8", "big_f8",    "i1",     "u1",
                                        "little_i2", "big_i2", "little_u2", "little_i4", "big_i4", "little_u4",
                                        "little_i8", "big_i8", "little_u8", "big_u8"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        check_doubles(names[i], M, false);
    static const double truth[6] = {1, 0, 0, 0, 1, 1};
    check_doubles("bool", truth, false);
}

/* IEEE 754: 1 bit of sign, 5 of exponent, 10 of fraction. */
static void numbers_of_16_bits_are_exact(void **state)
{
    (void)state;
    static const struct {
        unsigned char bytes[2]; /* little end first */
        double value;
    } halves[] = {
        {{0x00, 0x3c}, 1.0},     {{0x00, 0xc0}, -2.0},      {{0xff, 0x7b}, 65504.0},        {{0x00, 0x04}, 0x1p-14},
        {{0x01, 0x00}, 0x1p-24}, {{0xff, 0x03}, 0x3ffp-24}, {{0x55, 0x35}, 0.333251953125}, {{0x00, 0x80}, -0.0},
    };
    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
        SpiralNpyHeader header = {.kind = 'f', .item_bytes = 2, .shape = {.dimensions = 1, .extent = {1}, .count = 1}};
        unsigned char big[2] = {halves[i].bytes[1], halves[i].bytes[0]};
        double value;
        spiral_npy_decode_doubles(&header, halves[i].bytes, 0, 1, &value);
        assert_true(value == halves[i].value && signbit(value) == signbit(halves[i].value));
        header.big_endian = true;
        spiral_npy_decode_doubles(&header, big, 0, 1, &value);
        assert_true(value == halves[i].value);
    }
    static const unsigned char infinite[2] = {0x00, 0xfc}, nan[2] = {0x01, 0x7c};
    const SpiralNpyHeader header = {
        .kind = 'f', .item_bytes = 2, .shape = {.dimensions = 1, .extent = {1}, .count = 1}};
    double value;
    spiral_npy_decode_doubles(&header, infinite, 0, 1, &value);
    assert_true(isinf(value) && value < 0.0);
    spiral_npy_decode_doubles(&header, nan, 0, 1, &value);
    assert_true(isnan(value));
}

static void fortran_order_comes_out_in_c_order(void **state)
{
    (void)state;
    check_doubles("fractions", F, false);
    check_doubles("fortran", F, false);
    check_doubles("fortran_big_f4", F, true);
    SpiralNpyFile file;
    double values[24];
    open_fixture("cube_fortran", &file);
    const unsigned char *raw = file.bytes + file.header.data_offset;
    spiral_npy_decode_doubles(&file.header, raw, 0, 7, values); /* in two pieces, as from an archive */
    spiral_npy_decode_doubles(&file.header, raw + 7 * 8, 7, 17, values);
    for (size_t i = 0; i < 24; i++)
        assert_true(values[i] == (double)i);
    spiral_npy_file_close(&file);
}

static void all_three_format_versions_are_read(void **state)
{
    (void)state;
    check_doubles("version_1", F, false);
    check_doubles("version_2", F, false);
    check_doubles("version_3", F, false);
}

static void integers_keep_their_sign_and_refuse_what_does_not_fit(void **state)
{
    (void)state;
    SpiralNpyFile file;
    SpiralError error;
    int64_t values[3];
    const SpiralNpySource source = {.path = "y.npy"};
    open_fixture("y_sparse", &file);
    const unsigned char *raw = file.bytes + file.header.data_offset;
    SpiralStatus status = spiral_npy_decode_integers(&file.header, raw, 0, 3, &source, values, &error);
    assert_ok(status, error);
    assert_int_equal(values[0], 7);
    assert_int_equal(values[1], -3);
    assert_int_equal(spiral_npy_decode_integers(&file.header, raw, 3, 0, &source, NULL, &error), SPIRAL_OK);
    spiral_npy_file_close(&file);
    open_fixture("y_huge", &file);
    status =
        spiral_npy_decode_integers(&file.header, file.bytes + file.header.data_offset, 0, 3, &source, values, &error);
    assert_int_equal(status, SPIRAL_ERROR_INPUT);
    assert_reason(error, "9223372036854775808");
    spiral_npy_file_close(&file);
}

static void check_strings(const char *name, const char *second)
{
    SpiralNpyFile file;
    SpiralError error;
    char **strings;
    const SpiralNpySource source = {.path = name};
    open_fixture(name, &file);
    SpiralStatus status =
        spiral_npy_decode_strings(&file.header, file.bytes + file.header.data_offset, 0, &source, &strings, &error);
    assert_ok(status, error);
    assert_string_equal(strings[0], "no");
    assert_string_equal(strings[1], second);
    assert_string_equal(strings[2], "no");
    spiral_names_free(strings, 3);
    spiral_npy_file_close(&file);
}

static void text_becomes_utf8(void **state)
{
    (void)state;
    check_strings("y_text", "ja\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x8e");
    check_strings("y_text_big", "ja\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x8e");
    check_strings("y_bytes", "yes");
}

static void bytes_that_are_not_utf8_are_refused(void **state)
{
    (void)state;
    SpiralNpyFile file;
    SpiralError error;
    char **strings = (char **)&file;
    const SpiralNpySource source = {.path = "y.npy"};
    open_fixture("y_latin", &file);
    assert_int_equal(
        spiral_npy_decode_strings(&file.header, file.bytes + file.header.data_offset, 0, &source, &strings, &error),
        SPIRAL_ERROR_INPUT);
    assert_null(strings);
    assert_reason(error, "UTF-8");
    spiral_npy_file_close(&file);
}

static void native_arrays_are_used_where_they_lie(void **state)
{
    (void)state;
    SpiralNpyFile file;
    open_fixture("little_f8", &file);
    const uint16_t one = 1;
    if (*(const unsigned char *)&one == 1) {
        assert_ptr_equal(spiral_npy_file_doubles(&file), file.bytes + file.header.data_offset);
        assert_true(spiral_npy_file_doubles(&file)[5] == 100.0);
    }
    spiral_npy_file_close(&file);
    open_fixture("fortran", &file);
    assert_null(spiral_npy_file_doubles(&file));
    spiral_npy_file_close(&file);
}

static void types_that_are_not_numbers_or_text_are_refused_by_name(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"object", "never unpickled"},
                                           {"structured", "structured"},
                                           {"complex", "complex"},
                                           {"date", "dates"},
                                           {"five_dimensions", "more than 4"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[128];
        SpiralError error;
        SpiralNpyFile file;
        snprintf(path, sizeof path, "fixtures/numpy/%s.npy", cases[i][0]);
        assert_int_equal(spiral_npy_file_open(path, &file, &error), SPIRAL_ERROR_INPUT);
        assert_string_equal(error.path, path);
        assert_reason(error, cases[i][1]);
        assert_null(file.bytes);
    }
}

/* ---- headers written by hand ------------------------------------------------------------------------------------- */

/* Parses "magic, version 1, dict" followed by data bytes of elements. */
static SpiralStatus parse_dict(const char *dict, size_t data, SpiralNpyHeader *header, SpiralError *error)
{
    unsigned char bytes[1024] = "\x93NUMPY\x01";
    size_t length = strlen(dict);
    bytes[8] = (unsigned char)(length & 0xff);
    bytes[9] = (unsigned char)(length >> 8);
    memcpy(bytes + 10, dict, length);
    const SpiralNpySource source = {.path = "a.npz", .array = "X"};
    return spiral_npy_parse(bytes, 10 + length, 10 + length + data, &source, header, error);
}

static void the_dict_may_be_written_in_any_way_python_reads(void **state)
{
    (void)state;
    static const struct {
        const char *dict;
        size_t dimensions, count;
    } cases[] = {
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }       \n", 2, 6},
        {"{'shape': (3, 2), 'fortran_order': False, 'descr': '<f8'}", 2, 6},
        {"{\"descr\":\"<f8\",\"fortran_order\":True,\"shape\":(3,2,)}\n", 2, 6},
        {" { 'descr' : '<f8' , 'fortran_order' : False , 'shape' : ( 6 , ) , } ", 1, 6},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (3L, 2L), }\n", 2, 6},
        {"{'descr': '=f8', 'fortran_order': False, 'shape': (6,)}", 1, 6},
        {"{'descr': 'f8', 'fortran_order': False, 'shape': (6,)}", 1, 6},
        {"{'descr': '|S8', 'fortran_order': False, 'shape': (6,)}", 1, 6},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': ()}", 0, 1},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (0, 5)}", 2, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralNpyHeader header;
        SpiralError error;
        SpiralStatus status = parse_dict(cases[i].dict, cases[i].count * 8, &header, &error);
        assert_ok(status, error);
        assert_int_equal(header.shape.dimensions, cases[i].dimensions);
        assert_int_equal(header.shape.count, cases[i].count);
    }
}

/* The dictionary alone ends there: the file goes on with elements, so that only the parser can see it. */
static void a_dict_that_ends_anywhere_is_refused(void **state)
{
    (void)state;
    static const char *const dicts[] = {
        "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2)}",
        "{ \"shape\" : ( 12L , ) , \"descr\" : \"=i4\" , \"fortran_order\" : True , }",
        "{'fortran_order': True, 'shape': (), 'descr': '|S48'}",
    };
    for (size_t i = 0; i < sizeof dicts / sizeof *dicts; i++)
        for (size_t length = 0; length <= strlen(dicts[i]); length++) {
            char dict[128];
            SpiralNpyHeader header;
            SpiralError error;
            snprintf(dict, sizeof dict, "%.*s", (int)length, dicts[i]);
            SpiralStatus status = parse_dict(dict, 48, &header, &error);
            if (status != (length < strlen(dicts[i]) ? SPIRAL_ERROR_INPUT : SPIRAL_OK))
                fail_msg("%s: %d", dict, (int)status);
        }
}

static void malformed_dicts_are_refused_with_what_was_expected(void **state)
{
    (void)state;
    static const struct {
        const char *dict, *words;
    } cases[] = {
        {"", "'{'"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), ", "string"},
        {"{'descr': '<f8', 'fortran_order': False}", "with descr, fortran_order and shape"},
        {"{'descr': '<f8', 'shape': (6,)}", "with descr, fortran_order and shape"},
        {"{'fortran_order': False, 'shape': (6,)}", "with descr, fortran_order and shape"},
        {"{'descr': '<f1234567890', 'fortran_order': False, 'shape': (6,)}", "'<f1234567890'"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (18446744073709551616,)}", "fits in memory"},
        {"{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (6,)}", "once each"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (6,), 'x': 1}", "once each"},
        {"{'descr': '<f8', 'fortran_order': 0, 'shape': (6,)}", "True or False"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (6)}", "comma in a shape"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': [6]}", "tuple"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (-6,)}", "at least 0"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (3 2)}", "comma or ')'"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (3, x)}", "whole number"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (6.0,)}", "comma or ')'"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999,)}", "fits in memory"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (4294967295, 4294967295, 4294967295)}", "overflows"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952,)}",
         SIZE_MAX > UINT32_MAX ? "overflows" : "fits in memory"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (6,)} x", "nothing after"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (7,)}", "48 bytes of elements, expected 56"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (5,)}", "48 bytes of elements, expected 40"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (100000000,)}", "cut off"},
        {"{'descr': '|f8', 'fortran_order': False, 'shape': (6,)}", "|f8"},
        {"{'descr': '<f16', 'fortran_order': False, 'shape': (3,)}", "<f16"},
        {"{'descr': '<i3', 'fortran_order': False, 'shape': (16,)}", "<i3"},
        {"{'descr': '<f', 'fortran_order': False, 'shape': (6,)}", "'<f'"},
        {"{'descr': '', 'fortran_order': False, 'shape': (6,)}", "''"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (6,)}", "never unpickled"},
        {"{'descr': '|O8', 'fortran_order': False, 'shape': (6,)}", "never unpickled"},
        {"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (6,)}", "structured"},
        {"{'descr': '|V8', 'fortran_order': False, 'shape': (6,)}", "raw bytes"},
        {"{'descr': '<U0', 'fortran_order': False, 'shape': (100000000,)}", "no characters"},
        {"{'descr': '<f8\\'', 'fortran_order': False, 'shape': (6,)}", "short string"},
        {"__import__('os')", "'{'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralNpyHeader header;
        SpiralError error;
        if (parse_dict(cases[i].dict, 48, &header, &error) != SPIRAL_ERROR_INPUT)
            fail_msg("not refused: %s", cases[i].dict);
        assert_string_equal(error.path, "a.npz");
        assert_reason(error, "array 'X': ");
        assert_reason(error, cases[i].words);
    }
}

static void every_cut_of_a_file_is_refused(void **state)
{
    size_t size;
    unsigned char *bytes = read_file("fixtures/numpy/fractions.npy", &size);
    for (size_t kept = 0; kept < size; kept++) {
        char path[512];
        SpiralNpyFile file;
        SpiralError error;
        write_file(scratch_path(state, "cut.npy", path), bytes, kept);
        assert_int_equal(spiral_npy_file_open(path, &file, &error), SPIRAL_ERROR_INPUT);
        assert_string_equal(error.path, path);
    }
    free(bytes);
}

/* What is missing is told, to the byte; and in a block of just that size, AddressSanitizer sees a byte read behind
 * it. */
static void every_cut_says_where_the_bytes_end(void **state)
{
    (void)state;
    size_t size;
    unsigned char *bytes = read_file("fixtures/numpy/fractions.npy", &size);
    size_t elements = 10 + (size_t)bytes[8] + 256 * (size_t)bytes[9]; /* where they begin */
    assert_int_equal(size - elements, 6 * 8);
    for (size_t kept = 1; kept < size; kept++) {
        const SpiralNpySource source = {.path = "cut.npy"};
        SpiralNpyHeader header;
        SpiralError error;
        unsigned char *block = malloc(kept);
        assert_non_null(block);
        memcpy(block, bytes, kept);
        assert_int_equal(spiral_npy_parse(block, kept, kept, &source, &header, &error), SPIRAL_ERROR_INPUT);
        assert_reason(error, kept < 10         ? "does not begin with"
                             : kept < elements ? "ends within the .npy header"
                                               : "bytes of elements");
        free(block);
    }
    free(bytes);
}

static void damaged_beginnings_and_bytes_behind_the_end_are_refused(void **state)
{
    size_t size;
    char path[512];
    SpiralNpyFile file;
    SpiralError error;
    unsigned char *bytes = read_file("fixtures/numpy/fractions.npy", &size);
    static const struct {
        size_t place;
        unsigned char byte;
        const char *words;
    } cases[] = {{0, 0x92, "NUMPY"},
                 {6, 0, "version 0.0"},
                 {6, 4, "version 4.0"},
                 {7, 1, "version 1.1"},
                 {9, 0xff, "within the"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned char kept = bytes[cases[i].place];
        bytes[cases[i].place] = cases[i].byte;
        write_file(scratch_path(state, "bad.npy", path), bytes, size);
        assert_int_equal(spiral_npy_file_open(path, &file, &error), SPIRAL_ERROR_INPUT);
        assert_reason(error, cases[i].words);
        bytes[cases[i].place] = kept;
    }
    write_file(path, bytes, size + 1); /* read_file's NUL is the byte too many */
    assert_int_equal(spiral_npy_file_open(path, &file, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "49 bytes of elements, expected 48");
    free(bytes);
}

static void a_missing_file_and_a_folder_are_refused(void **state)
{
    (void)state;
    SpiralNpyFile file;
    SpiralError error;
    assert_int_equal(spiral_npy_file_open("fixtures/missing.npy", &file, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "No such file");
    assert_int_equal(spiral_npy_file_open("fixtures", &file, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "regular file");
}

static void a_written_header_is_numpys_byte_for_byte(void **state)
{
    (void)state;
    size_t size;
    unsigned char *bytes = read_file("fixtures/numpy/fractions.npy", &size), header[SPIRAL_NPY_HEADER_WRITTEN];
    const SpiralExtents shape = {.dimensions = 2, .extent = {3, 2}};
    assert_int_equal(spiral_npy_encode_header('f', 8, &shape, header), size - 48);
    assert_memory_equal(header, bytes, size - 48);
    free(bytes);
    bytes = read_file("fixtures/numpy/y_text.npy", &size);
    const SpiralExtents names = {.dimensions = 1, .extent = {3}};
    assert_int_equal(spiral_npy_encode_header('U', 20, &names, header), size - 60);
    assert_memory_equal(header, bytes, size - 60);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_type_and_byte_order_is_read),
        cmocka_unit_test(numbers_of_16_bits_are_exact),
        cmocka_unit_test(fortran_order_comes_out_in_c_order),
        cmocka_unit_test(all_three_format_versions_are_read),
        cmocka_unit_test(integers_keep_their_sign_and_refuse_what_does_not_fit),
        cmocka_unit_test(text_becomes_utf8),
        cmocka_unit_test(bytes_that_are_not_utf8_are_refused),
        cmocka_unit_test(native_arrays_are_used_where_they_lie),
        cmocka_unit_test(types_that_are_not_numbers_or_text_are_refused_by_name),
        cmocka_unit_test(the_dict_may_be_written_in_any_way_python_reads),
        cmocka_unit_test(a_dict_that_ends_anywhere_is_refused),
        cmocka_unit_test(malformed_dicts_are_refused_with_what_was_expected),
        cmocka_unit_test_setup_teardown(every_cut_of_a_file_is_refused, make_scratch, remove_scratch),
        cmocka_unit_test(every_cut_says_where_the_bytes_end),
        cmocka_unit_test_setup_teardown(damaged_beginnings_and_bytes_behind_the_end_are_refused, make_scratch,
                                        remove_scratch),
        cmocka_unit_test(a_missing_file_and_a_folder_are_refused),
        cmocka_unit_test(a_written_header_is_numpys_byte_for_byte),
    };
    return cmocka_run_group_tests_name("npy", tests, NULL, NULL);
}
