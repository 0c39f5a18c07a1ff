#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "spiral/status.h"

static void an_error_keeps_status_path_line_and_reason(void **state)
{
    (void)state;
    SpiralError error = {0};
    SpiralStatus status = spiral_error_set(&error, SPIRAL_ERROR_INPUT, "a.csv", 3, "found %d, expected %s", 2, "3");
    assert_int_equal(status, SPIRAL_ERROR_INPUT);
    assert_int_equal(error.status, SPIRAL_ERROR_INPUT);
    assert_int_equal(error.line, 3);
    assert_string_equal(error.path, "a.csv");
    assert_string_equal(error.reason, "found 2, expected 3");
}

static void control_characters_cannot_break_the_line(void **state)
{
    (void)state;
    SpiralError error;
    (void)spiral_error_set(&error, SPIRAL_ERROR_INPUT, "a\nb", 0, "found '%s'", "x\r\x1b[2J");
    assert_string_equal(error.path, "a\\x0ab");
    assert_string_equal(error.reason, "found 'x\\x0d\\x1b[2J'");
    (void)spiral_error_set(&error, SPIRAL_ERROR_INPUT, "a\xff", 0, "found '%s'",
                           "\xc2\x9b"
                           "2J\xe2\x80\xae"
                           "b");
    assert_string_equal(error.path, "a\\xff");
    assert_string_equal(error.reason, "found '\\u009b2J\\u202eb'");
}

static void a_long_reason_is_cut_between_characters(void **state)
{
    (void)state;
    char text[3001];
    for (size_t i = 0; i < 3000; i += 3)
        memcpy(text + i, "\xe2\x82\xac", 3);
    text[3000] = '\0';
    SpiralError error;
    (void)spiral_error_set(&error, SPIRAL_ERROR_INPUT, NULL, 0, "%s", text);
    size_t length = strlen(error.reason);
    assert_in_range(length, 1000, sizeof error.reason - 1);
    assert_int_equal(length % 3, 0);
}

static void a_null_error_is_accepted(void **state)
{
    (void)state;
    assert_int_equal(spiral_error_set(NULL, SPIRAL_ERROR_LIMIT, NULL, 0, "x"), SPIRAL_ERROR_LIMIT);
    assert_int_equal(spiral_error_suggest(NULL, SPIRAL_ERROR_INPUT, SPIRAL_REMEDY_LABEL, "x"), SPIRAL_ERROR_INPUT);
}

/* A remedy is an option's value: cut, it would be another one. */
static void a_remedy_is_kept_whole_or_not_at_all(void **state)
{
    (void)state;
    SpiralError error;
    char value[sizeof error.remedy.value + 1];
    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    (void)spiral_error_set(&error, SPIRAL_ERROR_INPUT, NULL, 0, "x");
    assert_int_equal(spiral_error_suggest(&error, SPIRAL_ERROR_INPUT, SPIRAL_REMEDY_LABEL, value), SPIRAL_ERROR_INPUT);
    assert_int_equal(error.remedy.kind, SPIRAL_REMEDY_NONE);
    value[sizeof value - 2] = '\0';
    assert_int_equal(spiral_error_suggest(&error, SPIRAL_ERROR_INPUT, SPIRAL_REMEDY_LABEL, value), SPIRAL_ERROR_INPUT);
    assert_int_equal(error.remedy.kind, SPIRAL_REMEDY_LABEL);
    assert_string_equal(error.remedy.value, value);
}

static void every_status_has_its_published_number_and_name(void **state)
{
    (void)state;
    static const char *const names[] = {"ok", "check", "usage", "input", "output", "limit", "diverged"};
    for (int i = 0; i < 7; i++)
        assert_string_equal(spiral_status_name((SpiralStatus)i), names[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_keeps_status_path_line_and_reason),
        cmocka_unit_test(control_characters_cannot_break_the_line),
        cmocka_unit_test(a_long_reason_is_cut_between_characters),
        cmocka_unit_test(a_null_error_is_accepted),
        cmocka_unit_test(a_remedy_is_kept_whole_or_not_at_all),
        cmocka_unit_test(every_status_has_its_published_number_and_name),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
