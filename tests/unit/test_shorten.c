/* Names that are too wide are cut in their middle, fit, and stay different. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "figure/shorten.h"
#include "spiral/rng.h"

#define JAPANESE "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"

enum { NAMES = 12, SIZE = 16 };

typedef struct Sheets {
    SpiralSheet *sheet;
    char names[NAMES][1200];
    const char *given[NAMES];
    char shortened[NAMES][SPIRAL_NAME_BYTES];
} Sheets;

static int set_up(void **state)
{
    Sheets *made = calloc(1, sizeof *made);
    SpiralFigureOptions options = spiral_figure_defaults();
    if (made == NULL || spiral_sheet_create(&options, "x.png", &made->sheet, NULL) != SPIRAL_OK)
        return -1;
    for (size_t i = 0; i < NAMES; i++)
        made->given[i] = made->names[i];
    *state = made;
    return 0;
}

static int tear_down(void **state)
{
    Sheets *made = *state;
    spiral_sheet_free(made->sheet);
    free(made);
    return 0;
}

static void assert_fitting(const Sheets *made, size_t count, double widest)
{
    for (size_t i = 0; i < count; i++) {
        size_t position;
        assert_true(spiral_font_width(made->sheet->font, SIZE, made->shortened[i]) <= widest);
        assert_true(spiral_text_check(made->shortened[i], strlen(made->shortened[i]), &position));
        for (size_t j = 0; j < i; j++)
            assert_true(strcmp(made->given[i], made->given[j]) == 0 ||
                        strcmp(made->shortened[i], made->shortened[j]) != 0);
    }
}

static void the_middle_is_left_out(void **state)
{
    Sheets *made = *state;
    snprintf(made->names[0], sizeof made->names[0], "short");
    snprintf(made->names[1], sizeof made->names[1], "experiment with a long name and seed 1");
    snprintf(made->names[2], sizeof made->names[2], "experiment with a long name and seed 2");
    spiral_shorten_names(made->sheet, SIZE, 3, made->given, 130.0, SPIRAL_NAME_BYTES, made->shortened);
    assert_fitting(made, 3, 130.0);
    assert_string_equal(made->shortened[0], "short");
    assert_memory_equal(made->shortened[1], "exper", 5);
    assert_non_null(strstr(made->shortened[1], "\xe2\x80\xa6"));
    assert_string_equal(made->shortened[1] + strlen(made->shortened[1]) - 6, "seed 1");
}

/* Only those that would look the same, and no other name, begin there. */
static void names_that_differ_in_their_middles_begin_where_they_differ(void **state)
{
    Sheets *made = *state;
    snprintf(made->names[0], sizeof made->names[0], "Lathyrus odoratus var. alba of the southern slopes, in flower");
    snprintf(made->names[1], sizeof made->names[1], "Lathyrus odoratus var. rosea of the southern slopes, in flower");
    snprintf(made->names[2], sizeof made->names[2], "short");
    spiral_shorten_names(made->sheet, SIZE, 3, made->given, 130.0, SPIRAL_NAME_BYTES, made->shortened);
    assert_fitting(made, 3, 130.0);
    assert_memory_equal(made->shortened[0],
                        "\xe2\x80\xa6"
                        "alba of",
                        10);
    assert_memory_equal(made->shortened[1],
                        "\xe2\x80\xa6"
                        "rosea of",
                        11);
    assert_string_equal(made->shortened[2], "short");
}

/* Of each pair the beginnings, the ends or both are the same for longer than there is room. */
static void names_that_differ_stay_different(void **state)
{
    static const char *const pairs[][2] = {
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2"},
        {"1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "2aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
        {"aaaaaaaaaaaaaaaaaaaa1aaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaa2aaaaaaaaaaaaaaaaaaa"},
        {JAPANESE JAPANESE JAPANESE, JAPANESE JAPANESE "\xe6\x9c\xac\xe6\x9c\xac\xe8\xaa\x9e"},
        {"same", "same"},
    };
    Sheets *made = *state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        for (double widest = 60.0; widest < 140.0; widest += 7.0) {
            snprintf(made->names[0], sizeof made->names[0], "%s", pairs[i][0]);
            snprintf(made->names[1], sizeof made->names[1], "%s", pairs[i][1]);
            spiral_shorten_names(made->sheet, SIZE, 2, made->given, widest, SPIRAL_NAME_BYTES, made->shortened);
            assert_fitting(made, 2, widest);
        }
}

static void random_names_fit_and_stay_different(void **state)
{
    static const char *const letters[] = {"a", "a", "b", " ", "-", "\xc3\xa9", "\xe8\xaa\x9e", "\xf0\x9f\x98\x80"};
    Sheets *made = *state;
    SpiralRng rng;
    spiral_rng_seed(&rng, 5);
    for (int trial = 0; trial < 300; trial++) {
        char root[400] = "";
        size_t length = (size_t)(spiral_rng_uniform(&rng) * 60.0);
        for (size_t i = 0; i < length; i++)
            strcat(root, letters[(size_t)(spiral_rng_uniform(&rng) * 8.0)]);
        for (size_t i = 0; i < NAMES; i++) {
            size_t place = spiral_rng_uniform(&rng) < 0.5 ? 0 : strlen(root);
            snprintf(made->names[i], sizeof made->names[i], "%.*s%zu%s%s", (int)place, root, i, root + place,
                     spiral_rng_uniform(&rng) < 0.5 ? "" : root);
        }
        double widest = 80.0 + 200.0 * spiral_rng_uniform(&rng);
        spiral_shorten_names(made->sheet, SIZE, NAMES, made->given, widest, SPIRAL_NAME_BYTES, made->shortened);
        assert_fitting(made, NAMES, widest);
    }
}

static double width_by_letter(const void *letter, const char *text)
{
    double width = 0.0;
    for (const char *c = text; *c != '\0'; c++)
        width += letter == NULL || *c == *(const char *)letter;
    return width;
}

/* What differs is too far from where the words begin to be shown. */
static void a_number_that_makes_another_name_has_all_numbered(void **state)
{
    static const SpiralShortening how = {
        .width = width_by_letter, .ellipsis = "~", .share = 0.5, .widest = 12.0, .bytes = 64};
    static const char *const names[] = {"pppppppppppppppppppp-abcdefghijk1qqqqqqqqqqqqqqqqqqqq",
                                        "pppppppppppppppppppp-abcdefghijk2qqqqqqqqqqqqqqqqqqqq", "ppp~qqqq (1)"};
    char shortened[3][SPIRAL_NAME_BYTES];
    (void)state;
    spiral_shorten(&how, 3, names, shortened);
    assert_string_equal(shortened[0], "ppp~qqqq (1)");
    assert_string_equal(shortened[1], "ppp~qqqq (2)");
    assert_string_equal(shortened[2], "ppp~(1) (3)");
}

static void a_number_has_room_in_the_buffer(void **state)
{
    static const SpiralShortening how = {
        .width = width_by_letter, .context = "w", .ellipsis = "~~~~~~~", .share = 0.5, .widest = 4.0, .bytes = 64};
    Sheets *made = *state;
    char ends[81] = "";
    memset(ends, 'p', sizeof ends - 1);
    for (size_t i = 0; i < 2; i++)
        snprintf(made->names[i], sizeof made->names[i], "%s-wwwwwwwwwww%zu%s", ends, i, ends);
    spiral_shorten(&how, 2, made->given, made->shortened);
    for (size_t i = 0; i < 2; i++) {
        const char *name = made->shortened[i];
        assert_true(strlen(name) < 64);
        assert_string_equal(name + strlen(name) - 4, i == 0 ? " (1)" : " (2)");
    }
}

/* Far longer than the buffer, also where a wide sheet would have room for all of it. */
static void very_long_names_are_cut_to_the_buffer(void **state)
{
    Sheets *made = *state;
    for (size_t i = 0; i < 2; i++) {
        memset(made->names[i], 'x', 1100);
        snprintf(made->names[i] + 1100, 100, "%zu", i);
    }
    for (size_t bytes = 64; bytes <= SPIRAL_NAME_BYTES; bytes += 8)
        for (double widest = 100.0; widest < 1e6; widest *= 3.0) {
            spiral_shorten_names(made->sheet, SIZE, 2, made->given, widest, bytes, made->shortened);
            assert_fitting(made, 2, widest);
            assert_true(strlen(made->shortened[0]) < bytes && strlen(made->shortened[1]) < bytes);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_middle_is_left_out),
        cmocka_unit_test(names_that_differ_in_their_middles_begin_where_they_differ),
        cmocka_unit_test(names_that_differ_stay_different),
        cmocka_unit_test(random_names_fit_and_stay_different),
        cmocka_unit_test(a_number_that_makes_another_name_has_all_numbered),
        cmocka_unit_test(a_number_has_room_in_the_buffer),
        cmocka_unit_test(very_long_names_are_cut_to_the_buffer),
    };
    return cmocka_run_group_tests_name("shorten", tests, set_up, tear_down);
}
