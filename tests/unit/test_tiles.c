/* Contact sheets of decision boundaries, looked at in the file. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "figure/colours.h"
#include "figure_support.h"

/* The file's pixels; the sheet has no frame. */
static Image tiles(size_t count, const SpiralTile *given, const SpiralFigureOptions *options)
{
    SpiralError error = {0};
    if (spiral_figure_tiles(count, given, options, path, &error) != SPIRAL_OK)
        fail_msg("%s", error.reason);
    return read_pixels();
}

static const SpiralColour ink = {0x22, 0x22, 0x22}, empty = {0xf2, 0xf2, 0xf2}, white = {255, 255, 255};

/* Networks that have but one class within the limits, so that a tile's tint tells which it is. */
static void four_tiles_lie_in_reading_order(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    SpiralNetwork *first = divider(2, 0, 50.0), *second = divider(2, 0, -50.0);
    const SpiralTile given[] = {
        {first, &data, "a", false}, {second, &data, "b", true}, {NULL, NULL, "c", false}, {first, &data, NULL, false}};
    SpiralFigureOptions options = options_of(600, 600);
    options.title = "";
    Image image = tiles(4, given, &options);
    const SpiralColour expected[] = {spiral_palette_tint(0), spiral_palette_tint(1), empty, spiral_palette_tint(0)};
    for (int i = 0; i < 4; i++) {
        int left = i % 2 * 300, top = i / 2 * 300;
        for (int j = 0; j < 4; j++) {
            size_t found = count_of(&image, left, top, left + 300, top + 300, expected[j]);
            if (same(expected[j], expected[i]))
                assert_true(found > 60000);
            else
                assert_true(found < 100); /* the edges of letters may have any grey */
        }
        size_t outline = count_of(&image, left, top, left + 300, top + 300, ink);
        assert_true(i == 1 ? outline > 2000 : outline < 200);
    }
    free(image.pixels);
    spiral_network_free(first);
    spiral_network_free(second);
}

/* The class changes at x = 0.5; the limits -2..2 are widened on x by the tile's shape, about 0. */
static void a_tile_has_the_regions_and_the_points(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    SpiralNetwork *network = divider(2, 0, 0.0);
    const SpiralTile tile = {network, &data, NULL, false};
    SpiralFigureOptions options = options_of(600, 600);
    options.title = "";
    Image image = tiles(1, &tile, &options);
    for (int y = 30; y < 570; y += 9) {
        if (abs(y - 300) < 20 || abs(abs(y - 300) - 144) < 20)
            continue;
        assert_colour(&image, 290, y, spiral_palette_tint(0));
        assert_colour(&image, 310, y, spiral_palette_tint(1));
    }
    for (size_t i = 0; i < 5; i++) { /* a unit is a quarter of the picture, which is within margins of 12 * 0.75 */
        int x = (int)(300 + cross_X[2 * i] * 145.5), y = (int)(300 - cross_X[2 * i + 1] * 145.5);
        assert_colour(&image, x, y, spiral_palette_colour((size_t)cross_y[i]));
    }
    free(image.pixels);
    spiral_network_free(network);
}

/* Two tiles side by side: whatever their captions are, between them is a white gap from top to bottom. */
static void captions_stay_over_their_tiles(void **state)
{
    (void)state;
    char unbroken[1500], words[1500];
    memset(unbroken, 'm', sizeof unbroken);
    for (size_t i = 0; i < sizeof words; i++)
        words[i] = i % 6 == 5 ? ' ' : 'w';
    unbroken[sizeof unbroken - 1] = words[sizeof words - 1] = '\0';
    const char *const captions[] = {unbroken, words, "\xff\xfe\n\xe2\x82", "one\ntwo\nthree", ""};
    SpiralDataset data = cross();
    SpiralNetwork *network = divider(2, 0, 0.0);
    for (size_t i = 0; i < 5; i++) {
        const SpiralTile given[] = {{network, &data, captions[i], false},
                                    {network, &data, captions[(i + 1) % 5], false}};
        SpiralFigureOptions options = options_of(600, 300);
        options.title = "";
        Image image = tiles(2, given, &options);
        size_t gaps = 0;
        for (int x = 290; x < 310; x++)
            gaps += count_of(&image, x, 0, x + 1, 300, white) == 300;
        assert_true(gaps >= 2);
        free(image.pixels);
    }
    spiral_network_free(network);
}

/* Captions that differ only where they would be cut, at their end, in their middle, or in a line without room for two,
 * are not the same in the picture. */
static void captions_that_differ_look_different(void **state)
{
    (void)state;
    static const char *const captions[][2] = {
        {"0.5\nmomentum; 100,100,100,100,100,100; 0.03", "0.5\nmomentum; 100,100,100,100,100,100; 0.1"},
        {"0.5\nmomentum momentum; 0.03; 100,100,100,100", "0.5\nmomentum momentum; 0.1; 100,100,100,100"},
        {"0.525 accuracy of a very long caption indeed", "0.524 accuracy of a very long caption indeed"},
    };
    SpiralDataset data = cross();
    SpiralNetwork *network = divider(2, 0, 0.0);
    for (size_t i = 0; i < sizeof captions / sizeof captions[0]; i++)
        for (size_t width = 300; width <= 500; width += 50) {
            const SpiralTile given[] = {{network, &data, captions[i][0], false},
                                        {network, &data, captions[i][1], false}};
            SpiralFigureOptions options = options_of(width, 250);
            options.title = "";
            Image image = tiles(2, given, &options);
            size_t differing = 0, apart = 0;
            while (count_of(&image, (int)apart, 0, (int)apart + 1, 250, white) == 250) /* to the first tile */
                apart++;
            int left = (int)apart, right = left; /* and on to the second */
            while (count_of(&image, right, 0, right + 1, 250, white) < 250)
                right++;
            int tile = right - left;
            while (count_of(&image, right, 0, right + 1, 250, white) == 250)
                right++;
            for (int y = 0; y < 60; y++)
                for (int x = 0; x < tile; x++)
                    differing += abs(at(&image, left + x, y).red - at(&image, right + x, y).red) > 0x60;
            assert_true(differing > 5);
            free(image.pixels);
        }
    spiral_network_free(network);
}

/* Three times as large: captions, points, borders and outlines. */
static void tiles_scale_with_their_size(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    SpiralNetwork *network = divider(2, 0, 0.0);
    const SpiralTile given[] = {{network, &data, "0.5 accuracy\n0.1; 10", true}, {network, &data, "another", false}};
    SpiralFigureOptions options = options_of(900, 800), large = options_of(2700, 2400);
    Image images[] = {tiles(2, given, &options), tiles(2, given, &large)};
    assert_true(scaled_difference(&images[0], &images[1], 3) < 1.5);
    free(images[0].pixels);
    free(images[1].pixels);
    spiral_network_free(network);
}

/* A lattice of 64 x 64 observations, so far apart that each can be told. */
static void a_tile_has_at_most_a_thousand_observations(void **state)
{
    (void)state;
    enum { SIDE = 64 };
    static double X[SIDE * SIDE * 2];
    static int64_t y[SIDE * SIDE];
    for (size_t i = 0; i < SIDE * SIDE; i++) {
        X[2 * i] = (double)(i % SIDE);
        X[2 * i + 1] = (double)(i / SIDE);
        y[i] = 0;
    }
    SpiralDataset data = dataset(SIDE * SIDE, 2, X, y);
    SpiralNetwork *network = divider(2, 0, 1000.0);
    const SpiralTile tile = {network, &data, NULL, false};
    SpiralFigureOptions options = options_of(1000, 1000);
    options.title = "";
    Image image = tiles(1, &tile, &options);
    double margin = 12.0 * 1000.0 / 800.0, unit = (1000.0 - 2.0 * margin) / 65.0; /* -1..64 */
    size_t drawn = 0;
    for (size_t i = 0; i < SIDE * SIDE; i++)
        drawn += !same(
            at(&image, (int)(margin + (X[2 * i] + 1.0) * unit), (int)(1000.0 - margin - (X[2 * i + 1] + 1.0) * unit)),
            spiral_palette_tint(0));
    assert_int_equal(drawn, 1000);
    free(image.pixels);
    spiral_network_free(network);
}

static void the_limits_number_of_tiles_can_be_drawn(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    SpiralNetwork *network = divider(2, 0, 0.1);
    SpiralTile given[SPIRAL_TILES_LIMIT];
    for (size_t i = 0; i < SPIRAL_TILES_LIMIT; i++)
        given[i] = (SpiralTile){i % 5 == 0 ? NULL : network, &data, "learning rate 0.1", i == 7};
    static const size_t sizes[][2] = {{200, 200}, {200, 3000}, {3000, 200}, {500, 400}};
    for (size_t i = 0; i < 4; i++) {
        SpiralFigureOptions options = options_of(sizes[i][0], sizes[i][1]);
        for (size_t count = 1; count <= SPIRAL_TILES_LIMIT; count += 9) {
            Image image = tiles(count, given, &options);
            assert_int_equal(image.width, sizes[i][0]);
            assert_int_equal(image.height, sizes[i][1]);
            free(image.pixels);
        }
    }
    spiral_network_free(network);
}

static void the_same_tiles_give_the_same_bytes(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    SpiralNetwork *network = divider(2, 0, 0.1);
    const SpiralTile given[] = {{network, &data, "a", false}, {network, &data, "b", true}, {NULL, NULL, NULL, false}};
    SpiralFigureOptions options = options_of(300, 300);
    File files[2];
    for (size_t i = 0; i < 2; i++) {
        options.threads = i + 1;
        assert_int_equal(spiral_figure_tiles(3, given, &options, path, NULL), SPIRAL_OK);
        files[i] = read_file();
    }
    assert_same_file(&files[0], &files[1]);
    spiral_network_free(network);
}

static void tiles_that_cannot_be_drawn_are_refused(void **state)
{
    (void)state;
    unlink(path);
    SpiralError error;
    SpiralDataset data = cross();
    SpiralNetwork *good = divider(2, 0, 0.0), *other = divider(3, 0, 0.0);
    SpiralTile given[SPIRAL_TILES_LIMIT + 1];
    for (size_t i = 0; i <= SPIRAL_TILES_LIMIT; i++)
        given[i] = (SpiralTile){good, &data, "a", false};
    SpiralFigureOptions options = options_of(300, 300);
    assert_refused(spiral_figure_tiles(0, given, &options, path, &error), SPIRAL_ERROR_USAGE, &error, "0 tiles");
    assert_refused(spiral_figure_tiles(65, given, &options, path, &error), SPIRAL_ERROR_USAGE, &error, "65 tiles");
    given[3].network = other;
    assert_refused(spiral_figure_tiles(4, given, &options, path, &error), SPIRAL_ERROR_INPUT, &error,
                   "2 features, the model expects 3");
    static const size_t axes[] = {0, 2};
    options.axes = axes;
    assert_refused(spiral_figure_tiles(1, given, &options, path, &error), SPIRAL_ERROR_USAGE, &error, "axis 2");
    options.height = 0;
    assert_refused(spiral_figure_tiles(1, given, &options, path, &error), SPIRAL_ERROR_USAGE, &error, "height");
    options = options_of(300, 300);
    assert_int_equal(spiral_figure_tiles(1, given, &options, folder, &error), SPIRAL_ERROR_OUTPUT);
    spiral_network_free(good);
    spiral_network_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_tiles_lie_in_reading_order),
        cmocka_unit_test(a_tile_has_the_regions_and_the_points),
        cmocka_unit_test(captions_stay_over_their_tiles),
        cmocka_unit_test(captions_that_differ_look_different),
        cmocka_unit_test(tiles_scale_with_their_size),
        cmocka_unit_test(a_tile_has_at_most_a_thousand_observations),
        cmocka_unit_test(the_limits_number_of_tiles_can_be_drawn),
        cmocka_unit_test(the_same_tiles_give_the_same_bytes),
        cmocka_unit_test(tiles_that_cannot_be_drawn_are_refused),
    };
    return cmocka_run_group_tests_name("tiles", tests, make_folder, remove_folder);
}
