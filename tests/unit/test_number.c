#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/number.h"
#include "data_support.h"
#include "spiral/rng.h"

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* The C library's strtod is the judge: it rounds exactly. */
static void assert_like_strtod(const char *text)
{
    double found, expected = strtod(text, NULL);
    const char *end = spiral_number_parse(text, text + strlen(text), &found);
    if (end != text + strlen(text) || !same_bits(found, expected))
        fail_msg("'%s': %.17g, expected %.17g", text, found, expected);
}

/* With its point as a comma the text is the same number, and as it stands it ends at the point. */
static void assert_with_comma(const char *text)
{
    char commas[1300];
    double found, expected = strtod(text, NULL);
    strcpy(commas, text);
    char *point = strchr(commas, '.');
    if (point != NULL)
        *point = ',';
    const char *end = spiral_number_parse_point(commas, commas + strlen(commas), ',', &found);
    if (end != commas + strlen(commas) || !same_bits(found, expected))
        fail_msg("'%s': %.17g, expected %.17g", commas, found, expected);
    if (point == NULL)
        return;
    end = spiral_number_parse_point(text, text + strlen(text), ',', &found);
    assert_ptr_equal(end, point == commas ? NULL : text + (point - commas));
}

static void hard_numbers_are_rounded_like_strtod(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0",
        "0.0",
        "-0.000",
        "1",
        "+1",
        "1.",
        ".5",
        "1e0",
        "1E+2",
        "1e-2",
        "00012",
        "0.1",
        "0.3",
        "123456789012345678",
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "9007199254740994",
        "9007199254740995",
        "9007199254740993.0000000000000000000000000000000001",
        "900719925474099.3e1",
        "18446744073709551615",
        "18446744073709551616",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999999999",
        "1e22",
        "1e23",
        "1e-22",
        "1e-23",
        "8.5e22",
        "9007199254740993e22",
        "9007199254740993e27",
        "9007199254740993e-27",
        "1e27",
        "1e28",
        "1e-27",
        "1e-28",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "1e308",
        "1e309",
        "-1e309",
        "1e999",
        "2.2250738585072014e-308",
        "2.2250738585072011e-308",
        "2.2250738585072012e-308",
        "4.9406564584124654e-324",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1e-400",
        "1e99999999999999999999",
        "1e-99999999999999999999",
        "0e99999999999",
        "0.000000000000000000000000000000000000000001",
        "6929495644600919.5",
        "3.7455744005952583e15",
        "1.448997445238699",
        "0.500000000000000166533453693773481063544750213623046875",
        "89255e-22",
        "7.2057594037927933e16",
        "5e-324",
        "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203126",
        "10000000000000000000000000000000e-31",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_like_strtod(texts[i]);
        assert_with_comma(texts[i]);
    }
}

static void a_tie_decided_by_the_thousandth_digit_is_rounded_right(void **state)
{
    (void)state;
    char text[1300];
    /* 1 + 2^-53 exactly, then zeros, then a one: above the tie, so up; without the one, to even: down. */
    strcpy(text, "1.00000000000000011102230246251565404236316680908203125");
    size_t length = strlen(text);
    memset(text + length, '0', 1200 - length);
    text[1200] = '\0';
    double value;
    spiral_number_parse(text, text + strlen(text), &value);
    assert_true(value == 1.0);
    strcpy(text + 1200, "1");
    spiral_number_parse(text, text + strlen(text), &value);
    assert_true(value == nextafter(1.0, 2.0));
    assert_like_strtod(text);
    assert_with_comma(text);
}

static void random_doubles_come_back_from_seventeen_digits(void **state)
{
    (void)state;
    SpiralRng rng;
    spiral_rng_seed(&rng, 5);
    for (size_t i = 0; i < 100000; i++) {
        uint64_t bits = (uint64_t)spiral_rng_uint32(&rng) << 32 | spiral_rng_uint32(&rng);
        double value, read;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        char text[64];
        snprintf(text, sizeof text, "%.17g", value);
        spiral_number_parse(text, text + strlen(text), &read);
        if (!same_bits(read, value))
            fail_msg("%s: %.17g", text, read);
    }
}

/* What data are mostly: 17 digits of numbers that are neither huge nor tiny. Every double has such a text, and it reads
 * back as that double only when it is rounded right. */
static void millions_of_numbers_of_every_day_come_back(void **state)
{
    (void)state;
    SpiralRng rng;
    spiral_rng_seed(&rng, 8);
    for (size_t i = 0; i < 2000000; i++) {
        int range = i % 2 == 0 ? 4 : 100; /* powers of two */
        uint64_t mantissa = (uint64_t)spiral_rng_uint32(&rng) << 21 | spiral_rng_uint32(&rng) >> 11;
        double read, value = ldexp((double)(mantissa | UINT64_C(1) << 52),
                                   -52 - range + (int)(mantissa % (2 * (unsigned)range)));
        char text[SPIRAL_NUMBER_TEXT];
        size_t length = spiral_number_print(value, text);
        const char *end = spiral_number_parse(text, text + length, &read);
        if (end != text + length || !same_bits(read, value))
            fail_msg("%s: %.17g", text, read);
    }
}

/* The digits before the exponent, without point, sign, and zeros at either end. */
static void significant_digits(const char *text, char digits[SPIRAL_NUMBER_TEXT])
{
    size_t count = 0;
    for (; *text != '\0' && *text != 'e'; text++)
        if (*text >= '0' && *text <= '9' && (count > 0 || *text != '0'))
            digits[count++] = *text;
    while (count > 0 && digits[count - 1] == '0')
        count--;
    digits[count] = '\0';
}

/* printf and strtod are the judges: the first precision that reads back is the shortest, but above a power of two,
 * where a shorter number may read back that is not the nearest of its length. */
static void assert_shortest(double value)
{
    char found[SPIRAL_NUMBER_TEXT], form[64], expected[64], digits[SPIRAL_NUMBER_TEXT], fewest[SPIRAL_NUMBER_TEXT];
    size_t length = spiral_number_print(value, found);
    int precision = 1, exponent;
    do
        snprintf(expected, sizeof expected, "%.*e", precision++ - 1, value);
    while (!same_bits(strtod(expected, NULL), value));
    significant_digits(found, digits);
    significant_digits(expected, fewest);
    bool power = frexp(fabs(value), &exponent) == 0.5;
    if (!same_bits(strtod(found, NULL), value) || length != strlen(found) ||
        (power ? strlen(digits) > strlen(fewest) : strcmp(digits, fewest) != 0))
        fail_msg("'%s', expected the digits of '%s'", found, expected);
    snprintf(form, sizeof form, "%.17g", value); /* with an exponent where printf has one */
    if ((strchr(form, 'e') != NULL) != (strchr(found, 'e') != NULL))
        fail_msg("%s has another form than %s", found, form);
}

static void the_fewest_digits_are_printed_that_read_back(void **state)
{
    (void)state;
    static const double values[] = {
        0,
        -0.0,
        1,
        -1,
        0.1,
        0.5,
        10,
        100,
        1e15,
        1e16,
        1e17,
        1e18,
        123456789,
        0.0001,
        0.00001,
        1.5e-5,
        9.9999999999999999e-5,
        0.99999999999999989,
        9.9999999999999982,
        99999999999999984.0,
        99999999999999999.0,
        9007199254740993.0,
        1e22,
        1e23,
        1e-22,
        5e-324,
        2.2250738585072014e-308,
        1.7976931348623157e308,
        1e39,
        1e-39,
        1e40,
        1e-40,
        1e71,
        1e72,
        4503599627370496.5,
        2251799813685248.25,
        562949953421312.0625,
        0x1p-20,
        0x1.8p-55,
        0x1p60,
        0x1p120,
        0x1p-120,
        3e-5,
        1000000000000000.125, /* its 18th digit is a 5, with nothing after it: ties go to even */
        1000000000000000.375,
        1000000000000000.625,
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        assert_shortest(values[i]);
        assert_shortest(-values[i]);
        assert_shortest(nextafter(values[i], INFINITY) < INFINITY ? nextafter(values[i], INFINITY) : 0);
        assert_shortest(nextafter(values[i], 0));
    }
    SpiralRng rng;
    spiral_rng_seed(&rng, 9);
    for (size_t i = 0; i < 600000; i++) {
        uint64_t bits = (uint64_t)spiral_rng_uint32(&rng) << 32 | spiral_rng_uint32(&rng);
        double value;
        if (i % 3 == 0) /* any */
            memcpy(&value, &bits, sizeof value);
        else if (i % 3 == 1) /* of few binary digits: often ties, or digits that end early */
            value = ldexp((double)(bits >> 40), (int)(bits % 120) - 60);
        else /* of few decimal digits */
            value = (double)(bits >> 44) / (double)(i % 2 == 0 ? 1000 : 1000000);
        if (isfinite(value))
            assert_shortest(value);
    }
}

/* Python's repr is the judge: python3 -c 'print(repr(...))'. */
static void numbers_are_printed_as_python_does(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3.0, "0.3333333333333333"},
        {2.0 / 3.0, "0.6666666666666666"},
        {0.1, "0.1"},
        {-2.5, "-2.5"},
        {100, "100"},
        {3.141592653589793, "3.141592653589793"},
        {5e-324, "5e-324"},
        {0x1p-44, "5.684341886080802e-14"},
        {0x1p-24, "5.960464477539063e-08"},
        {0x1p-1074 * 3, "1.5e-323"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {9007199254740993e-10, "900719.9254740993"},
        {1e-50, "1e-50"},
        {1.2345678901234567e-100, "1.2345678901234567e-100"},
        {6.02214076e23, "6.02214076e+23"},
        {1e300, "1e+300"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char found[SPIRAL_NUMBER_TEXT];
        spiral_number_print(cases[i].value, found);
        assert_string_equal(found, cases[i].text);
    }
}

static void an_accuracy_below_1_is_never_shown_as_1(void **state)
{
    (void)state;
    static const struct {
        double accuracy;
        int decimals;
        const char *text;
    } cases[] = {
        {1.0, 2, "1.00"},       {299.0 / 300.0, 2, "0.99"},   {0.994, 2, "0.99"},  {0.996, 1, "0.9"},
        {0.99996, 4, "0.9999"}, {1.0 - 1e-16, 6, "0.999999"}, {0.985, 3, "0.985"}, {0.0, 2, "0.00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[SPIRAL_NUMBER_TEXT];
        assert_string_equal(spiral_accuracy_print(cases[i].accuracy, cases[i].decimals, text), cases[i].text);
    }
}

static void random_digits_and_exponents_are_rounded_like_strtod(void **state)
{
    (void)state;
    SpiralRng rng;
    spiral_rng_seed(&rng, 6);
    for (size_t i = 0; i < 200000; i++) {
        char text[64];
        size_t digits = 1 + (size_t)spiral_rng_interval(&rng, 24), point = (size_t)spiral_rng_interval(&rng, digits),
               used = 0;
        if (spiral_rng_interval(&rng, 1) == 1)
            text[used++] = '-';
        for (size_t d = 0; d < digits; d++) {
            if (d == point)
                text[used++] = '.';
            text[used++] = (char)('0' + spiral_rng_interval(&rng, 9));
        }
        int range = i % 4 == 0 ? 330 : 30;
        snprintf(text + used, sizeof text - used, "e%d", (int)spiral_rng_interval(&rng, (uint64_t)(2 * range)) - range);
        assert_like_strtod(text);
    }
}

/* The text halfway between two neighbouring doubles, and its own neighbours, where every bit of the rounding counts. */
static void ties_between_neighbours_are_rounded_like_strtod(void **state)
{
    (void)state;
    SpiralRng rng;
    spiral_rng_seed(&rng, 7);
    for (size_t i = 0; i < 20000; i++) {
        uint64_t whole = (UINT64_C(1) << 53) + (uint64_t)spiral_rng_interval(&rng, (UINT64_C(1) << 53) - 1);
        int exponent = (int)spiral_rng_interval(&rng, 60) - 50;
        double low = ldexp((double)whole, exponent), half = ldexp(1.0, exponent - 1);
        char text[128];
        long double tie = (long double)low + half; /* exact where long double has 64 bits; a random number elsewhere */
        snprintf(text, sizeof text, "%.60Lg", tie);
        assert_like_strtod(text);
        snprintf(text, sizeof text, "%.19Lg", tie);
        assert_like_strtod(text);
        snprintf(text, sizeof text, "%.18Lg", tie);
        assert_like_strtod(text);
    }
}

static void a_number_ends_where_it_stops_being_one(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        long length; /* -1: no number at all */
        double value;
    } cases[] = {
        {"1,2", 1, 1},
        {"1.5abc", 3, 1.5},
        {"1e", 1, 1},
        {"1e+", 1, 1},
        {"1e5e5", 3, 1e5},
        {"0x10", 1, 0},
        {"1.2.3", 3, 1.2},
        {"--1", -1, 0},
        {"+-1", -1, 0},
        {"", -1, 0},
        {".", -1, 0},
        {"-", -1, 0},
        {"e5", -1, 0},
        {"nan", -1, 0},
        {"inf", -1, 0},
        {" 1", -1, 0},
        {".e5", -1, 0},
        {"1_000", 1, 1},
        {"12345678", 8, 12345678},
        {"1234567:", 7, 1234567},
        {"1234567/", 7, 1234567},
        {"123456789012345678?", 18, 123456789012345678.0},
        {"1234567\xb1"
         "1",
         7, 1234567},
        {"0.12345678\xff", 10, 0.12345678},
        {"-.5;", 3, -0.5},
        {"5.;", 2, 5},
        {"1e-3\r", 4, 1e-3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = 0;
        const char *end = spiral_number_parse(cases[i].text, cases[i].text + strlen(cases[i].text), &value);
        assert_int_equal(end != NULL ? end - cases[i].text : -1, cases[i].length);
        assert_true(value == cases[i].value);
    }
}

/* The text is a heap block of just its length, so that a sanitizer sees a byte read too many. */
static void nothing_is_read_past_the_end(void **state)
{
    (void)state;
    static const char *const texts[] = {"-", "1", "1.", "1e", "1e-", "1.5e3", "12345678", "1234567890.12345678"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t length = strlen(texts[i]);
        char *block = malloc(length);
        double value = 0;
        assert_non_null(block);
        memcpy(block, texts[i], length);
        spiral_number_parse(block, block + length, &value);
        assert_true(value == (i == 0 ? 0 : strtod(texts[i], NULL)));
        assert_null(spiral_number_parse(block, block, &value));
        free(block);
    }
}

static void a_whole_text_is_a_number_or_not(void **state)
{
    (void)state;
    static const char *const good[] = {"1", " 1", "1 ", "\t-1.5e3  ", "0"};
    static const char *const bad[] = {"", " ", "1x", "1 2", "nan", "inf", "1e999", "0x1p3", "1,5", "1.0abc"};
    double value;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(spiral_number_read(good[i], strlen(good[i]), &value));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(spiral_number_read(bad[i], strlen(bad[i]), &value));
}

static void numbers_are_written_as_short_as_they_can_be_read_back(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {1, "1"},
        {1.5, "1.5"},
        {0.1, "0.1"},
        {-0.0, "0"},
        {0, "0"},
        {-3, "-3"},
        {1e20, "1e+20"},
        {123456789, "123456789"},
        {0.30000000000000004, "0.30000000000000004"},
        {1e-7, "1e-07"},
        {5e-324, "5e-324"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[SPIRAL_NUMBER_TEXT];
        spiral_number_format(cases[i].value, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void nothing_and_a_sign_alone_are_no_infinity(void **state)
{
    (void)state;
    assert_false(spiral_number_is_not_finite("", 0));
    assert_false(spiral_number_is_not_finite("-", 1));
    assert_true(spiral_number_is_not_finite("-Infinity", 9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hard_numbers_are_rounded_like_strtod),
        cmocka_unit_test(a_tie_decided_by_the_thousandth_digit_is_rounded_right),
        cmocka_unit_test(random_doubles_come_back_from_seventeen_digits),
        cmocka_unit_test(millions_of_numbers_of_every_day_come_back),
        cmocka_unit_test(numbers_are_printed_as_python_does),
        cmocka_unit_test(an_accuracy_below_1_is_never_shown_as_1),
        cmocka_unit_test(the_fewest_digits_are_printed_that_read_back),
        cmocka_unit_test(random_digits_and_exponents_are_rounded_like_strtod),
        cmocka_unit_test(ties_between_neighbours_are_rounded_like_strtod),
        cmocka_unit_test(a_number_ends_where_it_stops_being_one),
        cmocka_unit_test(nothing_is_read_past_the_end),
        cmocka_unit_test(a_whole_text_is_a_number_or_not),
        cmocka_unit_test(numbers_are_written_as_short_as_they_can_be_read_back),
        cmocka_unit_test(nothing_and_a_sign_alone_are_no_infinity),
    };
    return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
