#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

/* ---- UTF-8 ------------------------------------------------------------------------------------------------------- */

/* Table 3-7 of the Unicode standard: well-formed sequences, by their first byte and the range of the second. */
static size_t well_formed(const unsigned char *c, size_t length)
{
    size_t size = c[0] < 0x80                    ? 1
                  : c[0] >= 0xc2 && c[0] <= 0xdf ? 2
                  : c[0] >= 0xe0 && c[0] <= 0xef ? 3
                  : c[0] >= 0xf0 && c[0] <= 0xf4 ? 4
                                                 : 0;
    if (size > length)
        return 0;
    unsigned char first = 0x80, last = 0xbf;
    if (c[0] == 0xe0)
        first = 0xa0;
    if (c[0] == 0xed)
        last = 0x9f;
    if (c[0] == 0xf0)
        first = 0x90;
    if (c[0] == 0xf4)
        last = 0x8f;
    if (size > 1 && (c[1] < first || c[1] > last))
        return 0;
    for (size_t i = 2; i < size; i++)
        if (c[i] < 0x80 || c[i] > 0xbf)
            return 0;
    return size;
}

static void every_first_pair_of_bytes_is_judged_as_the_standard_does(void **state)
{
    (void)state;
    static const unsigned char last[] = {0x00, 0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xff};
    for (unsigned first = 0; first < 256; first++)
        for (unsigned second = 0; second < 256; second++)
            for (size_t i = 0; i < sizeof last; i++)
                for (size_t length = 1; length <= 4; length++) {
                    const unsigned char bytes[] = {(unsigned char)first, (unsigned char)second, 0x80, last[i]};
                    size_t size;
                    spiral_text_decode((const char *)bytes, length, &size);
                    assert_int_equal(size, well_formed(bytes, length));
                }
}

static void every_code_point_comes_back(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 0x110010; code++) {
        char bytes[4];
        size_t size = spiral_text_encode(code, bytes), back = 0;
        bool surrogate = code >= 0xd800 && code < 0xe000;
        assert_int_equal(size == 0, surrogate || code > 0x10ffff);
        if (size > 0)
            assert_int_equal(spiral_text_decode(bytes, size, &back), code);
        assert_int_equal(back, size);
    }
}

static void text_is_cut_between_characters(void **state)
{
    (void)state;
    static const char text[] = "a\xc3\xa4\xe4\xb8\xad\xf0\x9f\x8c\x80z"; /* ends of characters: 1 3 6 10 11 */
    static const int expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    for (size_t limit = 0; limit < sizeof expected / sizeof expected[0]; limit++)
        assert_int_equal(spiral_text_cut(text, strlen(text), limit), expected[limit]);
    assert_int_equal(spiral_text_cut("\x80\x80\x80\x80", 4, 3), 3); /* each is one of its own */
}

/* ---- as it is shown ---------------------------------------------------------------------------------------------- */

static void letters_are_those_of_any_script(void **state)
{
    static const char *const with[] = {"a", "(Z)", "\u00e9", "\u00b5", "\u4e2d", "1\u03b1", "\xe9"};
    static const char *const without[] = {"",        "-",       "(5)",    "\u00a35", "\u00bd",
                                          "\u20ac5", "\u22125", "\u00d7", "\u0665",  "\uff15"};
    (void)state;
    for (size_t i = 0; i < sizeof with / sizeof *with; i++)
        assert_true(spiral_text_has_letter(with[i], strlen(with[i])));
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        assert_false(spiral_text_has_letter(without[i], strlen(without[i])));
}

static void assert_shown(const char *text, const char *expected)
{
    char shown[256];
    assert_int_equal(spiral_text_show(text, shown, sizeof shown), strlen(expected));
    assert_string_equal(shown, expected);
    char again[256];
    spiral_text_show(shown, again, sizeof again); /* what is shown can be shown */
    assert_string_equal(again, shown);
}

static void control_characters_are_spelled(void **state)
{
    (void)state;
    assert_shown("a\033]0;x\007b\r\n\t\x7f", "a\\x1b]0;x\\x07b\\x0d\\x0a\\x09\\x7f");
    assert_shown("\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", "\\u0080\\u009b\\u009f\xc2\xa0");
    assert_shown("\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f", "\\u061c\\u200e\\u200f");
    assert_shown("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa\xe2\x80\xae", "\\u2028\\u2029\\u202a\\u202e");
    assert_shown("\xe2\x81\xa6\xe2\x81\xa9\xef\xbb\xbf", "\\u2066\\u2069\\ufeff");
    assert_shown("x\xc2\xadx\xd8\x80\xdb\x9d", "x\\u00adx\\u0600\\u06dd"); /* soft hyphen, Arabic signs */
    assert_shown("\xf0\x9d\x85\xb3", "\\U0001d173");                       /* the beam of a score */
    assert_shown("\xf3\xa0\x81\x81", "\\U000e0041");                       /* a tag, which nobody sees */
}

static void bytes_that_are_not_utf8_are_spelled(void **state)
{
    (void)state;
    assert_shown("a\xff\x9b", "a\\xff\\x9b");
    assert_shown("\xc3", "\\xc3");
    assert_shown("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* a surrogate */
    assert_shown("\xc0\x9b", "\\xc0\\x9b");          /* ESC in too long a form */
}

static void words_stay_as_they_are(void **state)
{
    (void)state;
    static const char *const words[] = {"setosa",
                                        "\xc3\xa4\xc3\xb6",
                                        "\xe4\xb8\xad\xe6\x96\x87",
                                        "\xf0\x9f\x8c\x80",
                                        "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae", /* with a joiner, as Persian has it */
                                        "back\\slash",
                                        ""};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_shown(words[i], words[i]);
}

static void what_is_shown_is_cut_between_characters(void **state)
{
    (void)state;
    char shown[8];
    assert_int_equal(spiral_text_show("ab\033\033", shown, sizeof shown), 6);
    assert_string_equal(shown, "ab\\x1b");
    assert_int_equal(spiral_text_show("abcd\xe4\xb8\xad", shown, sizeof shown), 7);
    assert_int_equal(spiral_text_show("abcde\xe4\xb8\xad", shown, sizeof shown), 5);
    assert_string_equal(shown, "abcde");
}

static void columns_are_those_of_a_terminal(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t columns;
    } cases[] = {{"", 0},          {"abc", 3},
                 {"\xc3\xa4", 1},  {"\xe4\xb8\xad\xe6\x96\x87", 4},
                 {"e\xcc\x81", 1}, {"\xf0\x9f\x8c\x80", 2},
                 {"\033", 4},      {"\xe2\x80\xae", 6},
                 {"\xff", 4},      {"\xef\xbc\xa1", 2}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(spiral_text_columns(cases[i].text, strlen(cases[i].text)), cases[i].columns);
    assert_int_equal(spiral_text_columns("\xe4\xb8\xad", 2), 8); /* two bytes of three */
    assert_int_equal(spiral_text_fit("\xe4\xb8\xad\xe6\x96\x87", 3), 3);
    assert_int_equal(spiral_text_fit("ae\xcc\x81z", 2), 4); /* with its accent */
    assert_int_equal(spiral_text_fit("abc", 9), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_first_pair_of_bytes_is_judged_as_the_standard_does),
        cmocka_unit_test(every_code_point_comes_back),
        cmocka_unit_test(text_is_cut_between_characters),
        cmocka_unit_test(letters_are_those_of_any_script),
        cmocka_unit_test(control_characters_are_spelled),
        cmocka_unit_test(bytes_that_are_not_utf8_are_spelled),
        cmocka_unit_test(words_stay_as_they_are),
        cmocka_unit_test(what_is_shown_is_cut_between_characters),
        cmocka_unit_test(columns_are_those_of_a_terminal),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
