/* The decision boundary as text: whole pictures, whose characters and colours follow from the numbers by hand. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "figure/colours.h"
#include "figure/scatter.h"
#include "figure/terminal_text.h"
#include "spiral/figure.h"

static const char *const feature_names[] = {"x0", "x1"};
static const char *const class_names[] = {"0", "1"};
static const double cross_X[] = {-1, -1, -1, 1, 0, 0, 1, -1, 1, 1};
static const int64_t cross_y[] = {0, 0, 1, 1, 1};

static SpiralDataset dataset(size_t rows, const double *X, const int64_t *y)
{
    return (SpiralDataset){.rows = rows,
                           .features = 2,
                           .classes = y != NULL ? 2 : 0,
                           .X = X,
                           .y = y,
                           .feature_names = feature_names,
                           .class_names = y != NULL ? class_names : NULL};
}

/* Class 1 where the feature is above the threshold. */
static SpiralNetwork *divider(size_t feature, double threshold)
{
    SpiralNetwork *network = NULL;
    assert_int_equal(spiral_network_create(2, 0, NULL, 2, &network, NULL), SPIRAL_OK);
    spiral_network_weights(network, 0)[2 * feature + 1] = 1.0;
    spiral_network_biases(network, 0)[1] = -threshold;
    return network;
}

static SpiralTerminalOptions options_of(size_t columns, size_t rows, SpiralTerminalColours colours)
{
    SpiralTerminalOptions options = spiral_terminal_defaults();
    options.columns = columns;
    options.rows = rows;
    options.colours = colours;
    options.title = "";
    options.margin = 0.25;
    return options;
}

static char *picture(const SpiralNetwork *network, const SpiralDataset *data, const SpiralTerminalOptions *options)
{
    SpiralError error = {0};
    char *text = NULL;
    if (spiral_figure_terminal(network, data, options, &text, &error) != SPIRAL_OK)
        fail_msg("%s", error.reason);
    return text;
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

/* 20 cells by 5, twice as tall as wide: y from -2 to 2, so that x is from -4 to 4, 0.4 a cell, and 0.5 lies in the
 * cell with the number 11 (its middle is 0.6). The point (-1, 1) is in cell 3 / 0.4 = 7.5 of line 1 / 0.8 = 1.25,
 * and so on. */
static void without_colours_regions_and_points_are_characters(void **state)
{
    (void)state;
    SpiralDataset data = dataset(5, cross_X, cross_y);
    SpiralNetwork *network = divider(0, 0.5);
    SpiralTerminalOptions options = options_of(20, 6, SPIRAL_TERMINAL_PLAIN);
    options.margin = 1.0;
    char *text = picture(network, &data, &options);
    assert_string_equal(text, "...........:::::::::\n"
                              ".......0...:1:::::::\n"
                              "..........1:::::::::\n"
                              ".......0...:1:::::::\n"
                              "...........:::::::::\n"
                              "[0.] 0  [1:] 1\n");
    free(text);
    data.y = NULL;
    text = picture(network, &data, &options);
    assert_non_null(strstr(text, ".......o...:o:::::::\n..........o:::::::::\n"));
    free(text);
    spiral_network_free(network);
}

/* The cells as above, but 0.4 of x wide. A product of 0.6e308 and x, and a bias of -0.3e308, are a double together up
 * to |x| = 2.495, whatever y is. */
static void where_scores_overflow_there_is_no_class(void **state)
{
    (void)state;
    SpiralDataset data = dataset(5, cross_X, cross_y);
    SpiralNetwork *network = divider(0, 0.5);
    for (size_t i = 0; i < network->parameter_count; i++)
        network->parameters[i] *= 0.6e308;
    SpiralTerminalOptions options = options_of(20, 6, SPIRAL_TERMINAL_PLAIN);
    options.margin = 1.0;
    char *text = picture(network, &data, &options);
    assert_string_equal(text, "????.......:::::????\n"
                              "????...0...:1:::????\n"
                              "????......1:::::????\n"
                              "????...0...:1:::????\n"
                              "????.......:::::????\n"
                              "[0.] 0  [1:] 1\n");
    free(text);
    options.colours = SPIRAL_TERMINAL_24_BIT;
    text = picture(network, &data, &options);
    assert_memory_equal(text, "\033[48;2;135;135;135m ", 20);
    free(text);
    spiral_network_free(network);
}

/* 20 cells by 3 are 20 pixels by 6, a unit each; the classes part at y = 3, in the middle of the second line. */
static void half_blocks_show_two_pixels_a_cell(void **state)
{
    (void)state;
    SpiralDataset data = dataset(5, cross_X, cross_y);
    SpiralNetwork *network = divider(1, 3.0);
    SpiralTerminalOptions options = options_of(20, 4, SPIRAL_TERMINAL_24_BIT);
    static const double limits[] = {30, 50, 0, 6}; /* without points */
    options.limits = limits;
    char *text = picture(network, &data, &options), expected[1024], halves[80] = "";
    SpiralColour low = spiral_palette_tint(0), high = spiral_palette_tint(1);
    SpiralColour first = spiral_palette_colour(0), second = spiral_palette_colour(1);
    for (size_t i = 0; i < 20; i++)
        strcat(halves, "\xe2\x96\x80");
    snprintf(expected, sizeof expected,
             "\033[48;2;%u;%u;%um%20s\033[0m\n"
             "\033[38;2;%u;%u;%u;48;2;%u;%u;%um%s\033[0m\n"
             "\033[48;2;%u;%u;%um%20s\033[0m\n"
             "\033[48;2;%u;%u;%um \033[48;2;%u;%u;%um \033[0m 0  \033[48;2;%u;%u;%um \033[48;2;%u;%u;%um \033[0m 1\n",
             high.red, high.green, high.blue, "", high.red, high.green, high.blue, low.red, low.green, low.blue, halves,
             low.red, low.green, low.blue, "", first.red, first.green, first.blue, low.red, low.green, low.blue,
             second.red, second.green, second.blue, high.red, high.green, high.blue);
    assert_string_equal(text, expected);
    free(text);
    spiral_network_free(network);
}

static void points_have_the_strong_colours_of_their_classes(void **state)
{
    (void)state;
    static const double X[] = {35.5, 2.5};
    static const int64_t y[] = {1};
    SpiralDataset data = dataset(1, X, y);
    SpiralNetwork *network = divider(1, 9.0);
    SpiralTerminalOptions options = options_of(20, 4, SPIRAL_TERMINAL_256);
    static const double limits[] = {30, 50, 0, 6};
    options.limits = limits;
    char *text = picture(network, &data, &options), expected[200];
    /* xterm's 153 is afd7ff, 214 is ffaf00: y = 2.5 is the lower pixel of the second line */
    snprintf(expected, sizeof expected,
             "\033[48;5;153m%20s\033[0m\n\033[48;5;153m     \033[38;5;153;48;5;214m\xe2\x96\x80\033[39;48;5;153m%14s"
             "\033[0m\n\033[48;5;153m%20s\033[0m\n",
             "", "", "");
    assert_memory_equal(text, expected, strlen(expected));
    free(text);
    spiral_network_free(network);
}

static void where_several_points_share_a_pixel_most_of_them_decide(void **state)
{
    (void)state;
    double X[14];
    int64_t y[7];
    SpiralNetwork *network = divider(1, 9.0);
    SpiralTerminalOptions options = options_of(20, 4, SPIRAL_TERMINAL_PLAIN);
    static const double limits[] = {-10, 10, -3, 3};
    options.limits = limits;
    for (int64_t of_one = 0; of_one <= 7; of_one++) {
        for (int64_t i = 0; i < 7; i++) {
            X[2 * i] = X[2 * i + 1] = 0.5;
            y[i] = i < of_one;
        }
        SpiralDataset data = dataset(7, X, y);
        char *text = picture(network, &data, &options);
        assert_non_null(strstr(text, of_one > 3 ? "..........1.........\n" : "..........0.........\n"));
        free(text);
    }
    spiral_network_free(network);
}

static void a_title_takes_the_first_line(void **state)
{
    (void)state;
    SpiralDataset data = dataset(5, cross_X, cross_y);
    SpiralNetwork *network = divider(0, 0.5);
    SpiralTerminalOptions options = options_of(60, 6, SPIRAL_TERMINAL_PLAIN);
    options.title = NULL; /* (0, 0) of class 1 is on the side of class 0 */
    char *text = picture(network, &data, &options);
    static const char made[] = "Linear classifier, accuracy 0.80\n";
    assert_memory_equal(text, made, sizeof made - 1);
    free(text);
    options.columns = 32; /* it just fits */
    text = picture(network, &data, &options);
    assert_memory_equal(text, made, sizeof made - 1);
    free(text);
    for (options.columns = 31; options.columns >= 20; options.columns--) { /* the accuracy is kept */
        text = picture(network, &data, &options);
        assert_memory_equal(text, "accuracy 0.80\n", 14);
        free(text);
    }
    options.columns = 60;
    options.title = "iteration 1200";
    text = picture(network, &data, &options);
    assert_memory_equal(text, "iteration 1200\n....", 19);
    free(text);
    spiral_network_free(network);
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

static void assert_name(SpiralTerminalColours colours, const char *name, size_t widest, size_t columns,
                        const char *expected)
{
    SpiralTerminalText text = {.colours = colours};
    assert_int_equal(spiral_terminal_text_name(&text, name, widest), columns);
    assert_int_equal(spiral_terminal_text_name(NULL, name, widest), columns);
    spiral_terminal_text_add(&text, "");
    assert_string_equal(text.buffer.bytes, expected);
    free(text.buffer.bytes);
}

static void names_are_cut_and_pass_no_control_characters_on(void **state)
{
    (void)state;
    assert_name(SPIRAL_TERMINAL_PLAIN, "setosa", 6, 6, "setosa");
    assert_name(SPIRAL_TERMINAL_PLAIN, "setosa", 5, 5, "seto~");
    assert_name(SPIRAL_TERMINAL_256, "setosa", 5, 5, "seto\xe2\x80\xa6");
    assert_name(SPIRAL_TERMINAL_256, "setosa", 0, 0, "");
    assert_name(SPIRAL_TERMINAL_256, "a\033[2Jb\r\tc\x7f", 22, 22, "a\\x1b[2Jb\\x0d\\x09c\\x7f");
    assert_name(SPIRAL_TERMINAL_256, "a\nb", 20, 4, "a, b");
    assert_name(SPIRAL_TERMINAL_256,
                "\xc2\x9b"
                "31m",
                20, 9, "\\u009b31m"); /* CSI in one character */
    assert_name(SPIRAL_TERMINAL_256,
                "\xe2\x80\xae"
                "abc",
                20, 9, "\\u202eabc"); /* right to left from here on */
    assert_name(SPIRAL_TERMINAL_256, "\xff", 20, 4, "\\xff");
    assert_name(SPIRAL_TERMINAL_256, "\xff", 3, 1, "\xe2\x80\xa6"); /* spelled whole or not at all */
    assert_name(SPIRAL_TERMINAL_PLAIN, "\xff\xe2\x80\x94", 20, 5, "\\xff-");
    assert_name(SPIRAL_TERMINAL_256,
                "e\xcc\x81"
                "a",
                2, 2,
                "e\xcc\x81"
                "a"); /* an accent takes no column */
    assert_name(SPIRAL_TERMINAL_256, "\xe8\x99\xb9\xe8\x86\x9c", 4, 4,
                "\xe8\x99\xb9\xe8\x86\x9c"); /* two columns each */
    assert_name(SPIRAL_TERMINAL_256, "\xe8\x99\xb9\xe8\x86\x9c", 3, 3, "\xe8\x99\xb9\xe2\x80\xa6");
    assert_name(SPIRAL_TERMINAL_256, "\xe8\x99\xb9\xe8\x86\x9c", 2, 1, "\xe2\x80\xa6");
}

static void a_legend_without_room_counts_the_rest(void **state)
{
    (void)state;
    static const char *const names[] = {"left", "right"};
    SpiralDataset data = dataset(5, cross_X, cross_y);
    SpiralNetwork *network = divider(0, 0.5);
    assert_int_equal(spiral_network_set_names(network, NULL, names, NULL), SPIRAL_OK);
    SpiralTerminalOptions options = options_of(20, 4, SPIRAL_TERMINAL_PLAIN);
    char *text = picture(network, &data, &options);
    assert_string_equal(strchr(text, '['), "[0.] left  +1\n");
    free(text);
    options.columns = 21;
    text = picture(network, &data, &options);
    assert_string_equal(strchr(text, '['), "[0.] left  [1:] right\n");
    free(text);
    spiral_network_free(network);
}

/* ---- the form ---------------------------------------------------------------------------------------------------- */

/* Characters up to the line feed, escape sequences aside. */
static size_t width_of(const char *line)
{
    size_t width = 0;
    for (; *line != '\n'; line++) {
        assert_int_not_equal(*line, '\0');
        if (*line == '\033')
            line += strcspn(line, "m");
        else
            width += ((unsigned char)*line & 0xc0) != 0x80;
    }
    return width;
}

static void every_picture_has_the_lines_and_columns_asked_for(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{20, 4}, {21, 5}, {80, 24}, {200, 50}, {1000, 7}, {33, 200}};
    static const char *const names[] = {"a name that is a good deal longer than any line has room for, whatever it is",
                                        ""};
    static const char *const titles[] = {NULL, "", "a title that is much too long for a line of twenty columns"};
    SpiralDataset data = dataset(5, cross_X, cross_y);
    SpiralNetwork *network = divider(0, 0.5);
    assert_int_equal(spiral_network_set_names(network, NULL, names, NULL), SPIRAL_OK);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int colours = SPIRAL_TERMINAL_PLAIN; colours <= SPIRAL_TERMINAL_24_BIT; colours++)
            for (size_t t = 0; t < 3; t++) {
                SpiralTerminalOptions options = options_of(sizes[i][0], sizes[i][1], (SpiralTerminalColours)colours);
                options.title = titles[t];
                char *text = picture(network, &data, &options);
                size_t lines = 0, full = 0;
                for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1, lines++) {
                    size_t width = width_of(line);
                    assert_true(width <= options.columns);
                    full += width == options.columns;
                }
                assert_int_equal(lines, options.rows);
                assert_true(full >= options.rows - 2);
                free(text);
            }
    spiral_network_free(network);
}

static void the_nearest_of_256_colours_are_xterms(void **state)
{
    (void)state;
    assert_int_equal(spiral_terminal_nearest((SpiralColour){0, 0, 0}), 16);
    assert_int_equal(spiral_terminal_nearest((SpiralColour){255, 255, 255}), 231);
    assert_int_equal(spiral_terminal_nearest((SpiralColour){255, 0, 0}), 196);
    assert_int_equal(spiral_terminal_nearest((SpiralColour){0x5f, 0x87, 0xaf}), 67);
    assert_int_equal(spiral_terminal_nearest((SpiralColour){128, 128, 128}), 244);
    for (size_t i = 0; i < SPIRAL_PALETTE_COUNT; i++) /* no two classes fall together */
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(spiral_terminal_nearest(spiral_palette_colour(i)),
                                 spiral_terminal_nearest(spiral_palette_colour(j)));
}

/* The scores are 0 and x - 0.5: a cell's colour is white there, and as good as the tint far away. */
static void shaded_cells_are_paler_where_the_class_is_unsure(void **state)
{
    (void)state;
    SpiralDataset data = dataset(5, cross_X, cross_y);
    SpiralNetwork *network = divider(0, 0.5);
    SpiralTerminalOptions options = options_of(20, 6, SPIRAL_TERMINAL_PLAIN);
    char *plain = picture(network, &data, &options);
    options.shade = true;
    char *text = picture(network, &data, &options);
    assert_string_equal(text, plain);
    free(plain);
    free(text);
    options.colours = SPIRAL_TERMINAL_24_BIT;
    options.margin = 100.0;
    text = picture(network, &data, &options);
    char tint[32];
    SpiralColour left = spiral_palette_tint(0);
    snprintf(tint, sizeof tint, "48;2;%d;%d;%dm", left.red, left.green, left.blue);
    assert_non_null(strstr(text, tint));
    free(text);
    options.margin = 0.25;
    text = picture(network, &data, &options);
    size_t tints = 0;
    for (const char *found = text; (found = strstr(found, tint)) != NULL; found++)
        tints++;
    assert_int_equal(tints, 1); /* in the legend */
    free(text);
    spiral_network_free(network);
}

/* The features of a mapped file may change while they are drawn. */
static void a_feature_that_changes_while_it_is_drawn_leaves_limits_that_can_be_drawn(void **state)
{
    (void)state;
    static const double after[] = {NAN, INFINITY, -INFINITY, 1e300, -1e300};
    for (size_t i = 0; i < sizeof after / sizeof after[0]; i++) {
        double X[] = {-1, -1, 1, 1};
        static const int64_t y[] = {0, 1};
        SpiralDataset data = dataset(2, X, y);
        SpiralScatter scatter;
        SpiralAxes drawn = {0};
        SpiralError error;
        assert_int_equal(spiral_scatter_set(&scatter, &data, NULL, NULL, NULL, &error), SPIRAL_OK);
        X[0] = X[2] = after[i];
        X[1] = after[i];
        spiral_scatter_limits(&scatter, 0.25, NULL, &drawn);
        assert_true(isfinite(drawn.x.low) && drawn.x.low < drawn.x.high && isfinite(drawn.x.high));
        assert_true(isfinite(drawn.y.low) && drawn.y.low < drawn.y.high && isfinite(drawn.y.high));
    }
}

static void sizes_and_limits_are_checked(void **state)
{
    (void)state;
    SpiralError error;
    char *text = (char *)&error;
    SpiralDataset data = dataset(5, cross_X, cross_y);
    SpiralNetwork *network = divider(0, 0.5);
    SpiralTerminalOptions options = options_of(19, 24, SPIRAL_TERMINAL_PLAIN);
    assert_int_equal(spiral_figure_terminal(network, &data, &options, &text, &error), SPIRAL_ERROR_USAGE);
    assert_null(text);
    assert_non_null(strstr(error.reason, "19 columns"));
    options = options_of(80, 3, SPIRAL_TERMINAL_PLAIN);
    assert_int_equal(spiral_terminal_validate(&options, &error), SPIRAL_ERROR_USAGE);
    assert_non_null(strstr(error.reason, "3 rows"));
    options = options_of(1001, 24, SPIRAL_TERMINAL_PLAIN);
    assert_int_equal(spiral_terminal_validate(&options, &error), SPIRAL_ERROR_USAGE);
    options = options_of(80, 24, SPIRAL_TERMINAL_PLAIN);
    static const double turned[] = {0, 1, 3, 2};
    options.limits = turned;
    assert_int_equal(spiral_terminal_validate(&options, &error), SPIRAL_ERROR_USAGE);
    assert_non_null(strstr(error.reason, "from 3 to 2"));
    options.limits = NULL;
    data.features = 1;
    assert_int_equal(spiral_figure_terminal(network, &data, &options, &text, &error), SPIRAL_ERROR_INPUT);
    assert_null(text);
    spiral_network_free(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_colours_regions_and_points_are_characters),
        cmocka_unit_test(where_scores_overflow_there_is_no_class),
        cmocka_unit_test(half_blocks_show_two_pixels_a_cell),
        cmocka_unit_test(points_have_the_strong_colours_of_their_classes),
        cmocka_unit_test(where_several_points_share_a_pixel_most_of_them_decide),
        cmocka_unit_test(a_title_takes_the_first_line),
        cmocka_unit_test(names_are_cut_and_pass_no_control_characters_on),
        cmocka_unit_test(a_legend_without_room_counts_the_rest),
        cmocka_unit_test(every_picture_has_the_lines_and_columns_asked_for),
        cmocka_unit_test(the_nearest_of_256_colours_are_xterms),
        cmocka_unit_test(shaded_cells_are_paler_where_the_class_is_unsure),
        cmocka_unit_test(a_feature_that_changes_while_it_is_drawn_leaves_limits_that_can_be_drawn),
        cmocka_unit_test(sizes_and_limits_are_checked),
    };
    return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
