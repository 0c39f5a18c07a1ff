#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/options/options.h"
#include "cli/options/suggestions.h"
#include "cli/options/values.h"

typedef struct Settings {
    double rate;
    size_t count, size[2];
    bool flag;
    const char *text;
    int choice;
    OptionSizes sizes;
    OptionFiles files;
} Settings;

static const char *const choices[] = {"first", "second", NULL};

static const Option options[] = {
    {.name = "learning-rate",
     .alias = "lr",
     .kind = OPTION_REAL,
     .argument = "R",
     .above = true,
     .offset = offsetof(Settings, rate),
     .help = "."},
    {.name = "count",
     .kind = OPTION_SIZE,
     .argument = "N",
     .offset = offsetof(Settings, count),
     .maximum = 10,
     .help = "."},
    {.name = "size",
     .kind = OPTION_PIXELS,
     .argument = "WxH",
     .offset = offsetof(Settings, size),
     .minimum = 1,
     .maximum = 99,
     .help = "."},
    {.name = "flag", .letter = 'f', .kind = OPTION_FLAG, .offset = offsetof(Settings, flag), .help = "."},
    {.name = "text",
     .letter = 't',
     .kind = OPTION_TEXT,
     .argument = "T",
     .offset = offsetof(Settings, text),
     .help = "."},
    {.name = "choice",
     .kind = OPTION_CHOICE,
     .argument = "C",
     .offset = offsetof(Settings, choice),
     .choices = choices,
     .help = "."},
    {.name = "sizes", .kind = OPTION_SIZES, .argument = "N[,N]", .offset = offsetof(Settings, sizes), .help = "."},
    {.name = "files",
     .letter = 'm',
     .kind = OPTION_FILES,
     .argument = "F",
     .offset = offsetof(Settings, files),
     .help = "."},
};

static Settings settings;
static OptionGroup group;

static OptionTable fresh_table(void)
{
    settings = (Settings){.rate = 1, .count = 3};
    group = (OptionGroup)OPTION_GROUP("Options", options, &settings);
    return (OptionTable){.command = "test", .synopsis = "", .purpose = "", .groups = &group, .group_count = 1};
}

static void an_option_is_set_by_its_name_from_a_text(void **state)
{
    (void)state;
    OptionTable table = fresh_table();
    SpiralError error;
    assert_int_equal(options_set(&table, "learning_rate", "0.25", &error), SPIRAL_OK);
    assert_true(settings.rate == 0.25);
    assert_int_equal(options_set(&table, "lr", "0.5", &error), SPIRAL_OK);
    assert_true(settings.rate == 0.5);
    assert_int_equal(options_set(&table, "flag", "true", &error), SPIRAL_OK);
    assert_true(settings.flag);
    assert_int_equal(options_set(&table, "flag", "false", &error), SPIRAL_OK);
    assert_false(settings.flag);
    assert_true(options_given(&table, "learning-rate"));
    assert_false(options_given(&table, "count"));
}

static void a_value_that_is_refused_changes_nothing(void **state)
{
    (void)state;
    OptionTable table = fresh_table();
    SpiralError error;
    assert_int_equal(options_set(&table, "count", "11", &error), SPIRAL_ERROR_USAGE);
    assert_string_equal(error.reason, "--count: found \"11\", expected a whole number from 0 to 10");
    assert_int_equal(settings.count, 3);
    assert_int_equal(options_set(&table, "learning-rate", "0", &error), SPIRAL_ERROR_USAGE);
    assert_true(settings.rate == 1);
    assert_int_equal(options_set(&table, "flag", "yes", &error), SPIRAL_ERROR_USAGE);
    assert_false(options_given(&table, "count"));
}

static void an_unknown_name_is_answered_with_the_nearest(void **state)
{
    (void)state;
    OptionTable table = fresh_table();
    SpiralError error;
    assert_int_equal(options_set(&table, "cuont", "1", &error), SPIRAL_ERROR_USAGE);
    assert_string_equal(error.reason, "unknown option --cuont, did you mean --count?");
}

static void a_word_that_is_far_from_all_names_has_no_nearest(void **state)
{
    (void)state;
    static const char *const names[] = {"count", "rate", "learning-rate"};
    char word[256];
    assert_null(nearest_name("xyzzy", names, COUNT(names)));
    for (size_t length = 20; length < sizeof word; length++) {
        memset(word, 'x', length);
        word[length] = '\0';
        assert_null(nearest_name(word, names, COUNT(names)));
    }
    assert_string_equal(nearest_name("learnin-rate", names, COUNT(names)), "learning-rate");
    assert_string_equal(nearest_name("rat", names, COUNT(names)), "rate");
}

static void numbers_are_whole_texts_in_decimal(void **state)
{
    (void)state;
    static const char *const refused[] = {"",     " 1",    "1 ", "1,5",     "0x10", "nan",   "inf",
                                          "-inf", "1e",    "e5", ".",       "--1",  "1e999", "1e-999",
                                          "1.0f", "1_000", "+2", "-1e-400", "1\n",  "\t1",   "1p3"};
    static const struct {
        const char *text;
        double value;
    } taken[] = {{"1", 1},    {"-0.5", -0.5}, {"0e-999", 0}, {"-0.0", 0},
                 {".5", 0.5}, {"5.", 5},      {"1E3", 1000}, {"1e-320", 1e-320}};
    double value = 7;
    for (size_t i = 0; i < COUNT(refused); i++)
        assert_false(text_to_real(refused[i], &value));
    assert_true(value == 7);
    for (size_t i = 0; i < COUNT(taken); i++) {
        assert_true(text_to_real(taken[i].text, &value));
        assert_true(value == taken[i].value);
    }
    size_t size;
    char largest[32];
    snprintf(largest, sizeof largest, "%zu", SIZE_MAX);
    assert_true(text_to_size(largest, &size));
    assert_true(size == SIZE_MAX);
    assert_false(text_to_size("18446744073709551616", &size));
    assert_false(text_to_size("+1", &size));
}

static void a_value_is_printed_as_the_text_that_would_set_it(void **state)
{
    (void)state;
    static const struct {
        size_t place;
        const char *text;
    } cases[] = {{0, "0.1"},        {0, "1e-07"},  {0, "0.30000000000000004"}, {1, "0"}, {2, "80x60"}, {3, "true"},
                 {4, "some words"}, {5, "second"}, {6, "100,50,2000"}};
    OptionTable table = fresh_table();
    SpiralError error;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const Option *option = &options[cases[i].place];
        assert_int_equal(options_set(&table, option->name, cases[i].text, &error), SPIRAL_OK);
        char *text = option_value(option, &settings);
        assert_string_equal(text, cases[i].text);
        free(text);
    }
}

/* More than a command has, each with two names and a letter; the last of 64 in a group is its last bit. */
static void there_is_room_for_any_number_of_options(void **state)
{
    (void)state;
    enum { GROUPS = 7, MEMBERS = 64 };
    static char names[GROUPS][MEMBERS][2][16];
    static Option many[GROUPS][MEMBERS];
    static OptionGroup groups[GROUPS];
    static double values[GROUPS][MEMBERS];
    OptionTable table = {.command = "test", .synopsis = "", .purpose = "", .groups = groups, .group_count = GROUPS};
    for (size_t g = 0; g < GROUPS; g++) {
        groups[g] = (OptionGroup)OPTION_GROUP("Options", many[g], values[g]);
        for (size_t i = 0; i < MEMBERS; i++) {
            snprintf(names[g][i][0], sizeof names[g][i][0], "name-%zu-%zu", g, i);
            snprintf(names[g][i][1], sizeof names[g][i][1], "alias-%zu-%zu", g, i);
            many[g][i] = (Option){.name = names[g][i][0],
                                  .alias = names[g][i][1],
                                  .letter = g == 0 && i < 26 ? (char)('A' + i) : '\0',
                                  .kind = OPTION_REAL,
                                  .argument = "R",
                                  .offset = i * sizeof(double),
                                  .help = "."};
        }
    }
    SpiralError error;
    bool help = false;
    char program[] = "test", first[] = "-A1", last[] = "--alias-6-63=3", unknown[] = "--nam-6-63=3",
         again[] = "--name-6-63=4";
    char *arguments[] = {program, first, last, NULL};
    assert_int_equal(options_parse(&table, 3, arguments, &help, &error), SPIRAL_OK);
    assert_true(values[0][0] == 1 && values[6][63] == 3);
    assert_true(options_given(&table, "name-0-0") && options_given(&table, "name-6-63"));
    assert_false(options_given(&table, "name-0-1") || options_given(&table, "name-6-62") ||
                 options_given(&table, "name-5-63"));
    assert_int_equal(options_parse(&table, 2, (char *[]){program, unknown, NULL}, &help, &error), SPIRAL_ERROR_USAGE);
    assert_string_equal(error.reason, "unknown option --nam-6-63, did you mean --name-6-63?");
    assert_int_equal(options_parse(&table, 2, (char *[]){program, again, NULL}, &help, &error), SPIRAL_ERROR_USAGE);
    assert_string_equal(error.reason, "--name-6-63 is given twice");
}

static void an_option_of_files_may_be_repeated(void **state)
{
    (void)state;
    OptionTable table = fresh_table();
    SpiralError error;
    bool help = false;
    char program[] = "test", letter[] = "-m", one[] = "a,b", two[] = "--files=c", three[] = "-md", empty[] = "--files=";
    char *arguments[] = {program, letter, one, two, three, NULL};
    assert_int_equal(options_parse(&table, 5, arguments, &help, &error), SPIRAL_OK);
    assert_int_equal(settings.files.count, 3);
    assert_string_equal(settings.files.arguments[0], "a,b");
    assert_string_equal(settings.files.arguments[1], "c");
    assert_string_equal(settings.files.arguments[2], "d");
    assert_int_equal(options_parse(&table, 2, (char *[]){program, empty, NULL}, &help, &error), SPIRAL_ERROR_USAGE);
    assert_int_equal(settings.files.count, 3);
}

/* The word after an option is its value, unless it is an option, too; after an equals sign anything is a value. */
static void a_forgotten_value_is_not_the_next_option(void **state)
{
    (void)state;
    OptionTable table = fresh_table();
    SpiralError error;
    bool help = false;
    char program[] = "test", text[] = "--text", attached[] = "--text=--count";
    char *const taken[] = {"-", "-5", "-x", "a-f"}, *const refused[] = {"--count", "--", "-f",
                                                                        "-lr",     "-h", "--nothing"};
    for (size_t i = 0; i < COUNT(taken); i++) {
        table = fresh_table();
        assert_int_equal(options_parse(&table, 3, (char *[]){program, text, taken[i], NULL}, &help, &error), SPIRAL_OK);
        assert_string_equal(settings.text, taken[i]);
    }
    for (size_t i = 0; i < COUNT(refused); i++) {
        table = fresh_table();
        assert_int_equal(options_parse(&table, 3, (char *[]){program, text, refused[i], NULL}, &help, &error),
                         SPIRAL_ERROR_USAGE);
        assert_non_null(strstr(error.reason, "--text needs a value: T; found the option "));
        assert_false(help);
    }
    table = fresh_table();
    assert_int_equal(options_parse(&table, 2, (char *[]){program, attached, NULL}, &help, &error), SPIRAL_OK);
    assert_string_equal(settings.text, "--count");
}

static void letters_and_long_names_are_parsed_together(void **state)
{
    (void)state;
    OptionTable table = fresh_table();
    SpiralError error;
    bool help = false;
    char program[] = "test", letters[] = "-ftvalue", equals[] = "--learning_rate=2", list[] = "--sizes",
         sizes[] = "4,5";
    char *arguments[] = {program, letters, equals, list, sizes, NULL};
    assert_int_equal(options_parse(&table, 5, arguments, &help, &error), SPIRAL_OK);
    assert_false(help);
    assert_true(settings.flag);
    assert_string_equal(settings.text, "value");
    assert_true(settings.rate == 2);
    assert_int_equal(settings.sizes.count, 2);
    assert_int_equal(settings.sizes.values[1], 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_option_is_set_by_its_name_from_a_text),
        cmocka_unit_test(a_value_that_is_refused_changes_nothing),
        cmocka_unit_test(an_unknown_name_is_answered_with_the_nearest),
        cmocka_unit_test(a_word_that_is_far_from_all_names_has_no_nearest),
        cmocka_unit_test(numbers_are_whole_texts_in_decimal),
        cmocka_unit_test(a_value_is_printed_as_the_text_that_would_set_it),
        cmocka_unit_test(there_is_room_for_any_number_of_options),
        cmocka_unit_test(an_option_of_files_may_be_repeated),
        cmocka_unit_test(a_forgotten_value_is_not_the_next_option),
        cmocka_unit_test(letters_and_long_names_are_parsed_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
