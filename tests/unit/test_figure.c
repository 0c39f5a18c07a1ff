/* Whole figures: what is in the file is decoded and compared with what the numbers say must be there.
 * `test_figure FOLDER` leaves one figure of every kind in the folder instead, for pngcheck. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "figure/colours.h"
#include "figure/png.h"
#include "figure_support.h"

char *stbi_zlib_decode_malloc(const char *bytes, int size, int *decoded);

static Image boundary(const SpiralNetwork *network, const SpiralDataset *data, const SpiralFigureOptions *options)
{
    SpiralError error = {0};
    if (spiral_figure_boundary(network, data, options, path, &error) != SPIRAL_OK)
        fail_msg("%s", error.reason);
    return read_image();
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static uint32_t big_endian(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint32_t crc32_of(const unsigned char *bytes, size_t size)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (UINT32_C(0xedb88320) & (0 - (crc & 1)));
    }
    return ~crc;
}

static void a_figure_is_a_png_of_the_size_asked_for(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    SpiralFigureOptions options = options_of(311, 257);
    assert_int_equal(spiral_figure_data(&data, &options, path, NULL), SPIRAL_OK);
    File file = read_file();
    assert_memory_equal(file.bytes, "\x89PNG\r\n\x1a\n", 8);
    assert_memory_equal(file.bytes + 12, "IHDR", 4);
    assert_int_equal(big_endian(file.bytes + 16), 311);
    assert_int_equal(big_endian(file.bytes + 20), 257);
    size_t next = 8;
    while (next < file.size) {
        uint32_t length = big_endian(file.bytes + next);
        assert_true(length <= file.size - next - 12);
        assert_int_equal(big_endian(file.bytes + next + 8 + length), crc32_of(file.bytes + next + 4, length + 4));
        next += 12 + length;
    }
    assert_int_equal(next, file.size);
    assert_memory_equal(file.bytes + file.size - 8, "IEND", 4);
    free(file.bytes);
}

/* Areas of one colour, gradients, and noise. */
static void pixels_come_back_as_they_were_encoded(void **state)
{
    (void)state;
    enum { WIDTH = 37, HEIGHT = 23 };
    static unsigned char pixels[WIDTH * HEIGHT * 3];
    for (int kind = 0; kind < 4; kind++) {
        for (size_t i = 0; i < sizeof pixels; i++) {
            size_t x = i / 3 % WIDTH, y = i / 3 / WIDTH, channel = i % 3;
            const size_t values[] = {x > y ? 200 : 30 + channel, 5 * x + channel, 9 * y + x % 2, i * i * 37 + i / 3};
            pixels[i] = (unsigned char)values[kind];
        }
        unsigned char *bytes = NULL;
        size_t size;
        assert_int_equal(spiral_png_encode(WIDTH, HEIGHT, pixels, 5906, &bytes, &size, NULL), SPIRAL_OK);
        int width, height, channels;
        unsigned char *decoded = stbi_load_from_memory(bytes, (int)size, &width, &height, &channels, 3);
        assert_non_null(decoded);
        assert_int_equal(width, WIDTH);
        assert_int_equal(height, HEIGHT);
        assert_memory_equal(decoded, pixels, sizeof pixels);
        free(decoded);
        free(bytes);
    }
}

/* 150 pixels an inch on the sheet of 800, and as many more as a larger one has. */
static void a_png_says_how_large_it_is_printed(void **state)
{
    (void)state;
    static const size_t sides[][2] = {{800, 5906}, {1600, 11811}};
    SpiralDataset data = cross();
    for (size_t i = 0; i < 2; i++) {
        SpiralFigureOptions options = options_of(sides[i][0] + 100, sides[i][0]);
        assert_int_equal(spiral_figure_data(&data, &options, path, NULL), SPIRAL_OK);
        File file = read_file();
        assert_memory_equal(file.bytes + 37, "pHYs", 4);
        assert_int_equal(big_endian(file.bytes + 41), sides[i][1]);
        assert_int_equal(big_endian(file.bytes + 45), sides[i][1]);
        assert_int_equal(file.bytes[49], 1);
        free(file.bytes);
    }
}

/* The data is zlib's of its default level, 6 (RFC 1950), and every row is left as it is: its first byte is 0. */
static void rows_are_not_filtered(void **state)
{
    (void)state;
    enum { WIDTH = 300, HEIGHT = 200, ROW = 1 + 3 * WIDTH, SIGNATURE = 8, HEAD = 25, RESOLUTION = 21 };
    SpiralDataset data = cross();
    SpiralFigureOptions options = options_of(WIDTH, HEIGHT);
    assert_int_equal(spiral_figure_data(&data, &options, path, NULL), SPIRAL_OK);
    File file = read_file();
    const unsigned char *chunk = file.bytes + SIGNATURE + HEAD + RESOLUTION;
    assert_memory_equal(chunk + 4, "IDAT", 4);
    assert_memory_equal(chunk + 8, "\x78\x9c", 2);
    int size;
    char *rows = stbi_zlib_decode_malloc((const char *)chunk + 8, (int)big_endian(chunk), &size);
    assert_non_null(rows);
    assert_int_equal(size, ROW * HEIGHT);
    for (size_t y = 0; y < HEIGHT; y++)
        assert_int_equal(rows[y * ROW], 0);
    free(rows);
    free(file.bytes);
}

static void an_image_beyond_ints_is_refused_before_it_is_touched(void **state)
{
    (void)state;
    unsigned char none = 0, *bytes = &none;
    size_t size;
    SpiralError error;
    assert_int_equal(spiral_png_encode(40000, 40000, &none, 1, &bytes, &size, &error), SPIRAL_ERROR_LIMIT);
    assert_null(bytes);
    assert_int_equal(spiral_png_encode(SIZE_MAX / 2, 3, &none, 1, &bytes, &size, &error), SPIRAL_ERROR_LIMIT);
    assert_int_equal(spiral_png_encode(0, 3, &none, 1, &bytes, &size, &error), SPIRAL_ERROR_LIMIT);
}

static void the_same_input_gives_the_same_bytes(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    SpiralNetwork *network = divider(2, 0, 0.1);
    SpiralFigureOptions options = options_of(300, 300);
    File files[2];
    for (size_t i = 0; i < 2; i++) {
        options.threads = i + 1;
        assert_int_equal(spiral_figure_boundary(network, &data, &options, path, NULL), SPIRAL_OK);
        files[i] = read_file();
    }
    assert_int_equal(files[0].size, files[1].size);
    assert_memory_equal(files[0].bytes, files[1].bytes, files[0].size);
    free(files[0].bytes);
    free(files[1].bytes);
    spiral_network_free(network);
}

/* ---- what is drawn ----------------------------------------------------------------------------------------------- */

static void regions_have_the_tint_of_the_class_predicted_there(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    SpiralNetwork *network = divider(2, 0, 0.5);
    SpiralFigureOptions options = options_of(500, 400);
    Image image = boundary(network, &data, &options);
    double width = image.right - image.left, height = image.bottom - image.top;
    double unit = fmin(width, height) / 4.0; /* -2..2: the data with the margin of 1 */
    int middle = (image.left + image.right) / 2, border = (int)(middle + 0.5 * unit);
    for (int y = image.top; y < image.bottom; y += 7) {
        int near = abs(y - (image.top + image.bottom) / 2);
        if (fabs(near - unit) < 0.2 * unit || near < 0.2 * unit) /* the points are there */
            continue;
        for (int x = image.left; x < border - 3; x += 5)
            assert_colour(&image, x, y, spiral_palette_tint(0));
        for (int x = border + 4; x < image.right; x += 5)
            assert_colour(&image, x, y, spiral_palette_tint(1));
    }
    free(image.pixels);
    spiral_network_free(network);
}

/* Dark pixels above the lower border of the plot, in its middle half. */
static size_t count_dark(const Image *image)
{
    size_t count = 0;
    int quarter = (image->right - image->left) / 4;
    for (int y = image->bottom - 30; y < image->bottom - 2; y++)
        for (int x = image->left + quarter; x < image->right - quarter; x++)
            count += is_dark(image, x, y);
    return count;
}

static void where_scores_overflow_there_is_grey(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    SpiralNetwork *network = divider(2, 0, 0.5);
    SpiralFigureOptions options = options_of(500, 400);
    options.margin = 3.0;
    Image without = boundary(network, &data, &options);
    assert_int_equal(count_dark(&without), 0);
    free(without.pixels);
    double *W = network->parameters, largest = 0.0;
    for (size_t i = 0; i < 4; i++)
        largest = fmax(largest, fabs(W[i]));
    for (size_t i = 0; i < network->parameter_count; i++)
        W[i] *= 0.6e308 / largest; /* and x reaches 4, where a score would be 2.4e308 */
    Image image = boundary(network, &data, &options);
    int y = image.top + (image.bottom - image.top) / 5;
    assert_colour(&image, image.left + 3, y, (SpiralColour){0x99, 0x99, 0x99});
    assert_colour(&image, image.right - 4, y, (SpiralColour){0x99, 0x99, 0x99});
    assert_colour(&image, (image.left + image.right) / 2 - 20, (image.top + image.bottom) / 2 + 10,
                  spiral_palette_tint(0));
    assert_true(count_dark(&image) > 0); /* "grey: the scores overflow" */
    free(image.pixels);
    spiral_network_free(network);
}

static void points_have_their_classes_colours_where_they_lie(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    SpiralNetwork *network = divider(2, 1, 5.0);
    SpiralFigureOptions options = options_of(400, 700);
    Image image = boundary(network, &data, &options);
    double unit = fmin(image.right - image.left, image.bottom - image.top) / 4.0;
    double x = (image.left + image.right) / 2.0, y = (image.top + image.bottom) / 2.0;
    for (size_t i = 0; i < 5; i++)
        assert_colour(&image, (int)(x + unit * cross_X[2 * i]), (int)(y - unit * cross_X[2 * i + 1]),
                      spiral_palette_colour((size_t)cross_y[i]));
    free(image.pixels);
    spiral_network_free(network);
}

static void a_border_is_a_dark_line_of_even_strength(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    SpiralNetwork *network = divider(2, 0, 0.0);
    spiral_network_weights(network, 0)[3] = 0.13; /* leaning, so that it meets the pixels in every way */
    SpiralFigureOptions options = options_of(600, 600);
    Image image = boundary(network, &data, &options);
    double unit = fmin(image.right - image.left, image.bottom - image.top) / 4.0;
    double middle_x = (image.left + image.right) / 2.0, middle_y = (image.top + image.bottom) / 2.0;
    double least = 1e9, most = 0.0;
    for (int y = image.top + 5; y < image.bottom - 5; y++) {
        if (fabs(y - middle_y) < 0.3 * unit)
            continue;
        int centre = (int)(middle_x + 0.13 * (y + 0.5 - middle_y));
        double darkness = 0.0; /* against the lighter tint's and the darker's green, in pixels */
        for (int x = centre - 4; x <= centre + 4; x++) {
            double light = fmin(spiral_palette_tint(0).green, spiral_palette_tint(1).green);
            darkness += fmax(0.0, light - at(&image, x, y).green);
        }
        least = fmin(least, darkness);
        most = fmax(most, darkness);
    }
    assert_true(least > 40.0);
    assert_true(most < 1.8 * least);
    free(image.pixels);
    spiral_network_free(network);
}

/* With the scores 0 and x - 0.5, the probability of the class at x is 1 / (1 + exp(-|x - 0.5|)), and its excess over a
 * half, doubled, is tanh(|x - 0.5| / 2). */
static void shaded_regions_are_as_pale_as_their_class_is_unsure(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    SpiralNetwork *network = divider(2, 0, 0.5);
    SpiralFigureOptions options = options_of(500, 400);
    options.margin = 4.0;
    options.shade = true;
    Image image = boundary(network, &data, &options);
    double unit = fmin(image.right - image.left, image.bottom - image.top) / 10.0;
    double middle = (image.left + image.right) / 2.0;
    for (int x = image.left + 2; x < image.right - 2; x += 3) {
        double place = (x + 0.5 - middle) / unit - 0.5;
        if (fabs(place) < 0.1)
            continue;
        SpiralColour tint = spiral_palette_tint(place > 0.0), found = at(&image, x, image.top + 10);
        double strength = tanh(fabs(place) / 2.0);
        assert_true(fabs(255.0 + strength * (tint.red - 255.0) - found.red) <= 2.0);
        assert_true(fabs(255.0 + strength * (tint.green - 255.0) - found.green) <= 2.0);
        assert_true(fabs(255.0 + strength * (tint.blue - 255.0) - found.blue) <= 2.0);
    }
    free(image.pixels);
    spiral_network_free(network);
}

/* Dark pixels in the ring between 1.4 and 2 radii of a marker, around a point of the cross. */
static size_t count_ring(const Image *image, const double *point)
{
    double side = fmin(image->right - image->left, image->bottom - image->top), radius = 0.0071 * side;
    double x = (image->left + image->right) / 2.0 + side / 4.0 * point[0];
    double y = (image->top + image->bottom) / 2.0 - side / 4.0 * point[1];
    size_t count = 0;
    for (int j = (int)(y - 3.0 * radius); j < (int)(y + 3.0 * radius); j++)
        for (int i = (int)(x - 3.0 * radius); i < (int)(x + 3.0 * radius); i++) {
            double away = hypot(i + 0.5 - x, j + 0.5 - y);
            count += away > 1.4 * radius && away < 2.0 * radius && is_dark(image, i, j);
        }
    return count;
}

static void misclassified_observations_have_rings(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    SpiralNetwork *network = divider(2, 0, 0.5); /* says 0 of the third, at the origin, which is 1 */
    SpiralFigureOptions options = options_of(900, 900);
    options.errors = true;
    Image image = boundary(network, &data, &options);
    for (size_t i = 0; i < 5; i++)
        assert_true(i == 2 ? count_ring(&image, cross_X + 2 * i) > 25 : count_ring(&image, cross_X + 2 * i) == 0);
    free(image.pixels);
    spiral_network_free(network);
}

static void validation_data_are_hollow_and_within_the_limits(void **state)
{
    (void)state;
    SpiralDataset data = cross(), validation = dataset(1, 2, (const double[]){3.0, 3.0}, (const int64_t[]){1});
    SpiralNetwork *network = divider(2, 0, 5.0);
    SpiralFigureOptions options = options_of(900, 900);
    options.validation = &validation;
    Image image = boundary(network, &data, &options); /* -2..4 on the shorter side */
    double side = fmin(image.right - image.left, image.bottom - image.top), radius = 0.0071 * side;
    double x = (image.left + image.right) / 2.0 + side / 6.0 * 2.0;
    double y = (image.top + image.bottom) / 2.0 - side / 6.0 * 2.0;
    assert_colour(&image, (int)x, (int)y, (SpiralColour){255, 255, 255});
    assert_colour(&image, (int)(x + 0.8 * radius), (int)y, spiral_palette_hollow(1));
    free(image.pixels);
    validation.features = 1;
    SpiralError error;
    assert_int_equal(spiral_figure_boundary(network, &data, &options, path, &error), SPIRAL_ERROR_INPUT);
    spiral_network_free(network);
}

/* The thirteenth class has the first one's tint, and marks of its own in its region. */
static void the_regions_of_many_classes_have_marks(void **state)
{
    (void)state;
    enum { CLASSES = 13 };
    size_t marked[2];
    for (size_t last = 0; last < 2; last++) { /* the class right of 0.4 */
        SpiralNetwork *network = NULL;
        assert_int_equal(spiral_network_create(2, 0, NULL, CLASSES, &network, NULL), SPIRAL_OK);
        for (size_t k = 0; k < CLASSES; k++)
            spiral_network_biases(network, 0)[k] = k == 1 ? 0.0 : -100.0;
        spiral_network_weights(network, 0)[last == 0 ? 0 : CLASSES - 1] = 1.0;
        spiral_network_biases(network, 0)[last == 0 ? 0 : CLASSES - 1] = -0.4;
        static const int64_t y[] = {1, 1, 1, 1, 1};
        SpiralDataset data = cross();
        data.y = y;
        SpiralFigureOptions options = options_of(500, 400);
        Image image = boundary(network, &data, &options);
        marked[last] = 0;
        int border = (image.left + image.right) / 2 + (image.bottom - image.top) / 4;
        for (int y_ = image.top + 4; y_ < image.bottom - 4; y_++)
            for (int x = border; x < image.right - 4; x++) {
                SpiralColour found = at(&image, x, y_), tint = spiral_palette_tint(0);
                marked[last] += memcmp(&found, &tint, sizeof tint) != 0;
            }
        free(image.pixels);
        spiral_network_free(network);
    }
    assert_true(marked[1] > marked[0] + 100);
}

/* How far a column is from the border's darkest one, where the line has half of its strength, is a length on the
 * figure: three times as many pixels when this is three times as large. */
static void a_border_is_as_wide_as_the_figure_is_large(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    SpiralNetwork *network = divider(2, 0, 0.4);
    double widths[2];
    for (size_t i = 0; i < 2; i++) {
        size_t side = i == 0 ? 800 : 2400;
        SpiralFigureOptions options = options_of(side, side);
        Image image = boundary(network, &data, &options);
        int y = image.top + 20;
        double light = fmin(spiral_palette_tint(0).green, spiral_palette_tint(1).green);
        widths[i] = 0.0; /* darkness, in pixels */
        for (int x = image.left + 5; x < image.right - 5; x++)
            widths[i] += fmax(0.0, light - at(&image, x, y).green) / light;
        free(image.pixels);
    }
    assert_true(widths[1] > 2.7 * widths[0] && widths[1] < 3.3 * widths[0]);
    spiral_network_free(network);
}

/* Features 0 and 1 are drawn; the class depends on feature 2 alone, whose mean decides for the whole plot. */
static void a_slice_holds_the_other_features_at_their_means(void **state)
{
    (void)state;
    static const double X[] = {-1, -1, 4, 0, 1, 1, 8, 0}; /* the mean of feature 2 is 6 */
    static const int64_t y[] = {0, 1};
    SpiralDataset data = dataset(2, 4, X, y);
    SpiralFigureOptions options = options_of(300, 300);
    static const size_t axes[] = {0, 1};
    options.axes = axes;
    for (size_t expected = 0; expected < 2; expected++) {
        SpiralNetwork *network = divider(4, 2, expected == 1 ? 5.9 : 6.1);
        Image image = boundary(network, &data, &options);
        assert_colour(&image, image.left + 3, image.top + 3, spiral_palette_tint(expected));
        assert_colour(&image, image.right - 4, image.bottom - 4, spiral_palette_tint(expected));
        free(image.pixels);
        spiral_network_free(network);
    }
}

static void the_axes_asked_for_are_drawn(void **state)
{
    (void)state;
    static const double X[] = {-1, -1, -1, 0, 1, 1, 1, 0};
    static const int64_t y[] = {0, 1};
    SpiralDataset data = dataset(2, 4, X, y);
    SpiralNetwork *network = divider(4, 2, 0.0);
    SpiralFigureOptions options = options_of(300, 300);
    static const size_t axes[] = {1, 2}; /* upwards: class 1 above, class 0 below */
    options.axes = axes;
    Image image = boundary(network, &data, &options);
    assert_colour(&image, image.left + 3, image.top + 3, spiral_palette_tint(1));
    assert_colour(&image, image.left + 3, image.bottom - 4, spiral_palette_tint(0));
    free(image.pixels);
    spiral_network_free(network);
}

static void one_feature_is_a_strip(void **state)
{
    (void)state;
    static const double X[] = {-1, 0.5, 1};
    static const int64_t y[] = {0, 1, 1};
    SpiralDataset data = dataset(3, 1, X, y);
    SpiralNetwork *network = divider(1, 0, 0.0);
    SpiralFigureOptions options = options_of(300, 300);
    Image image = boundary(network, &data, &options);
    for (int row = image.top; row < image.bottom; row += 10) {
        assert_colour(&image, image.left + 2, row, spiral_palette_tint(0));
        assert_colour(&image, image.right - 3, row, spiral_palette_tint(1));
    }
    free(image.pixels);
    spiral_network_free(network);
}

/* y = x from 0 to 1 is the diagonal, less the room that the axes leave. */
static void a_curve_passes_through_its_points(void **state)
{
    (void)state;
    double x[101], y[101];
    for (size_t i = 0; i < 101; i++)
        x[i] = y[i] = (double)i / 100.0;
    SpiralCurve curve = {.name = "y = x", .count = 101, .x = x, .y = y};
    SpiralFigureOptions options =
        options_of(1200, 1200); /* lines wide enough to cover the pixel that they pass through */
    assert_int_equal(spiral_figure_curves(1, &curve, "x", "y", &options, path, NULL), SPIRAL_OK);
    Image image = read_image();
    double width = image.right - image.left, height = image.bottom - image.top;
    for (size_t i = 1; i < 100; i += 7) { /* x: -0.02..1.02, y: 0..1.05 */
        int column = (int)(image.left + width * (x[i] + 0.02) / 1.04);
        int row = (int)(image.bottom - height * y[i] / 1.05);
        assert_colour(&image, column, row, spiral_palette_colour(0));
    }
    free(image.pixels);
}

static size_t dark_rows(const Image *image, int *rows, size_t most)
{
    size_t count = 0;
    for (int y = 0; y < image->height; y++) {
        int dark = 0;
        for (int x = image->left; x < image->right; x++)
            dark += is_dark(image, x, y);
        if (dark * 10 > (image->right - image->left) * 9 && count < most)
            rows[count++] = y;
    }
    return count;
}

/* Two panels of heights 2 : 1 have four lines of frame. Constant curves: 0 and 1 in the upper, whose axis is from 0 to
 * 1.05, and 1 and 10000 in the lower, logarithmic with 5 % of its length more on both sides. */
static void panels_share_the_x_axis_and_the_colours_of_names(void **state)
{
    (void)state;
    const double x[] = {0, 1}, zero[] = {0, 0}, one[] = {1, 1}, many[] = {1e4, 1e4};
    const SpiralCurve upper[] = {{.name = "a", .count = 2, .x = x, .y = one},
                                 {.name = "b", .count = 2, .x = x, .y = zero}};
    const SpiralCurve lower[] = {{.name = "b", .count = 2, .x = x, .y = many},
                                 {.name = "c", .count = 2, .x = x, .y = one},
                                 {.name = NULL, .count = 2, .x = x, .y = one}};
    const SpiralPanel panels[] = {{"first", false, 2.0, 2, upper}, {"second", true, 1.0, 2, lower}};
    SpiralFigureOptions options = options_of(900, 900);
    SpiralError error = {0};
    if (spiral_figure_panels(2, panels, "x", &options, path, &error) != SPIRAL_OK)
        fail_msg("%s", error.reason);
    Image image = read_image();
    int rows[5] = {0};
    assert_int_equal(dark_rows(&image, rows, 5), 4);
    double heights[] = {rows[1] - rows[0] - 1, rows[3] - rows[2] - 1};
    assert_true(fabs(heights[0] - 2.0 * heights[1]) < 4.0);
    assert_true(rows[2] - rows[1] < 40);     /* no labels between them */
    for (int y = rows[0]; y <= rows[3]; y++) /* in line, though the labels of the lower one are wider */
        if (y <= rows[1] || y >= rows[2])
            assert_true(is_dark(&image, image.left - 1, y) && is_dark(&image, image.right, y));
    int middle = (image.left + image.right) / 2;
    assert_colour(&image, middle, (int)(rows[1] - heights[0] / 1.05), spiral_palette_line(0));
    assert_colour(&image, middle, (int)(rows[2] + 1 + heights[1] * 0.05 / 1.1), spiral_palette_line(1));
    assert_colour(&image, middle, (int)(rows[3] - heights[1] * 0.05 / 1.1), spiral_palette_line(2));
    free(image.pixels);
}

/* At (1, 1) of 0..1.05 in both directions of a figure without other marks, a long way from the dashed line. */
static void dashes_leave_gaps_and_unnamed_curves_are_grey(void **state)
{
    (void)state;
    double x[30], flat[30], high[30];
    for (size_t i = 0; i < 30; i++) {
        x[i] = (double)i / 29.0;
        flat[i] = 0.5;
        high[i] = 1.0;
    }
    const SpiralCurve curves[] = {{.name = "a", .count = 30, .x = x, .y = flat, .dashed = "validation"},
                                  {.name = NULL, .count = 30, .x = x, .y = high}};
    SpiralFigureOptions options = options_of(1200, 1200);
    assert_int_equal(spiral_figure_curves(2, curves, "x", "y", &options, path, NULL), SPIRAL_OK);
    Image image = read_image();
    double height = image.bottom - image.top, range = 0.5 * 1.1; /* 0.475..1.025 */
    int dashed = (int)(image.bottom - height * 0.025 / range), solid = (int)(image.bottom - height * 0.525 / range);
    size_t drawn = 0, white = 0, total = 0;
    for (int column = image.left + 100; column < image.right - 400; column++, total++) {
        SpiralColour found = at(&image, column, dashed), line = spiral_palette_line(0);
        drawn += found.red == line.red && found.green == line.green && found.blue == line.blue;
        white += found.red > 0xe0 && found.green > 0xe0;
        assert_colour(&image, column, solid, (SpiralColour){0x66, 0x66, 0x66});
    }
    assert_true(drawn > total / 3 && white > total / 5);
    free(image.pixels);
}

/* The class changes at x = 5, the middle of the limits, wherever the data lie. */
static void limits_that_are_given_hold(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    SpiralNetwork *network = divider(2, 0, 5.0);
    SpiralFigureOptions options = options_of(400, 400);
    static const double limits[] = {3, 7, 10, 14};
    options.limits = limits;
    Image image = boundary(network, &data, &options);
    int middle = (image.left + image.right) / 2;
    for (int y = image.top; y < image.bottom; y += 9) {
        assert_colour(&image, image.left, y, spiral_palette_tint(0));
        assert_colour(&image, middle - 4, y, spiral_palette_tint(0));
        assert_colour(&image, middle + 4, y, spiral_palette_tint(1));
        assert_colour(&image, image.right - 1, y, spiral_palette_tint(1));
    }
    free(image.pixels);
    spiral_network_free(network);
}

/* ---- what is refused --------------------------------------------------------------------------------------------- */

static void sizes_margins_and_axes_are_checked(void **state)
{
    (void)state;
    SpiralError error;
    SpiralFigureOptions options = spiral_figure_defaults();
    assert_int_equal(spiral_figure_validate(&options, &error), SPIRAL_OK);
    options.width = 199;
    assert_int_equal(spiral_figure_validate(&options, &error), SPIRAL_ERROR_USAGE);
    options.width = 8001;
    assert_int_equal(spiral_figure_validate(&options, &error), SPIRAL_ERROR_USAGE);
    options.width = 8000;
    options.height = 200;
    assert_int_equal(spiral_figure_validate(&options, &error), SPIRAL_OK);
    options.height = 0;
    assert_int_equal(spiral_figure_validate(&options, &error), SPIRAL_ERROR_USAGE);
    options = spiral_figure_defaults();
    options.margin = -0.5;
    assert_int_equal(spiral_figure_validate(&options, &error), SPIRAL_ERROR_USAGE);
    options.margin = INFINITY;
    assert_int_equal(spiral_figure_validate(&options, &error), SPIRAL_ERROR_USAGE);
    static const size_t twice[] = {1, 1};
    static const double turned[] = {0, 1, 5, 5}, endless[] = {-INFINITY, 1, 0, 1};
    options = spiral_figure_defaults();
    options.limits = turned;
    assert_int_equal(spiral_figure_validate(&options, &error), SPIRAL_ERROR_USAGE);
    options.limits = endless;
    assert_int_equal(spiral_figure_validate(&options, &error), SPIRAL_ERROR_USAGE);
    options = spiral_figure_defaults();
    options.axes = twice;
    assert_int_equal(spiral_figure_validate(&options, &error), SPIRAL_ERROR_USAGE);
}

static void a_dataset_that_does_not_fit_the_network_is_refused(void **state)
{
    (void)state;
    unlink(path);
    SpiralError error;
    SpiralDataset data = cross();
    SpiralFigureOptions options = options_of(300, 300);
    SpiralNetwork *network = divider(3, 0, 0.0);
    assert_refused(spiral_figure_boundary(network, &data, &options, path, &error), SPIRAL_ERROR_INPUT, &error,
                   "2 features, the model expects 3");
    spiral_network_free(network);
    network = divider(2, 0, 0.0);
    static const int64_t labels[] = {0, 1, 2, 0, 0};
    data.y = labels;
    assert_refused(spiral_figure_boundary(network, &data, &options, path, &error), SPIRAL_ERROR_INPUT, &error,
                   "observation 2 has the class 2");
    data = cross();
    static const size_t axes[] = {0, 2};
    options.axes = axes;
    assert_refused(spiral_figure_boundary(network, &data, &options, path, &error), SPIRAL_ERROR_USAGE, &error,
                   "axis 2");
    spiral_network_free(network);
}

static void curves_without_a_point_to_draw_are_refused(void **state)
{
    (void)state;
    unlink(path);
    SpiralError error;
    const double x[] = {0, 1}, y[] = {0, -1};
    SpiralCurve curve = {.count = 2, .x = x, .y = y};
    SpiralFigureOptions options = options_of(300, 300);
    options.log_y = true;
    assert_refused(spiral_figure_curves(1, &curve, "x", "y", &options, path, &error), SPIRAL_ERROR_INPUT, &error,
                   "logarithmic");
    options.log_y = false;
    curve.count = 0;
    assert_refused(spiral_figure_curves(1, &curve, "x", "y", &options, path, &error), SPIRAL_ERROR_INPUT, &error,
                   "no points");
    assert_refused(spiral_figure_curves(0, NULL, "x", "y", &options, path, &error), SPIRAL_ERROR_INPUT, &error,
                   "no points");
    SpiralPanel panel = {.share = 1.0};
    assert_refused(spiral_figure_panels(0, &panel, "x", &options, path, &error), SPIRAL_ERROR_USAGE, &error,
                   "0 panels");
    assert_refused(spiral_figure_panels(1, &panel, "x", &options, path, &error), SPIRAL_ERROR_INPUT, &error,
                   "no points");
    panel.share = 0.0;
    assert_refused(spiral_figure_panels(1, &panel, "x", &options, path, &error), SPIRAL_ERROR_USAGE, &error, "share");
    const double infinite[] = {NAN, INFINITY};
    curve = (SpiralCurve){.count = 2, .x = x, .y = infinite};
    assert_refused(spiral_figure_curves(1, &curve, "x", "y", &options, path, &error), SPIRAL_ERROR_INPUT, &error,
                   "none of the points can be drawn");
    curve = (SpiralCurve){.count = 2, .x = infinite, .y = x};
    assert_refused(spiral_figure_curves(1, &curve, "x", "y", &options, path, &error), SPIRAL_ERROR_INPUT, &error,
                   "point 0 of curve 0");
}

/* y = 1 at 0..4, but not at 2: the line ends at 1 and begins again at 3, and there is a mark at 2, above where y is
 * infinite, no number or too large, below where it is -infinite or, on a logarithmic axis, 0. */
static void a_curve_is_broken_where_it_cannot_be_drawn_and_the_place_is_marked(void **state)
{
    (void)state;
    static const struct {
        double y;
        bool log_y, above;
    } cases[] = {{INFINITY, false, true},   {NAN, false, true},     {1e300, true, true},
                 {-INFINITY, false, false}, {-1e300, false, false}, {0.0, true, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const double x[] = {0, 1, 2, 3, 4}, y[] = {1, 1, cases[i].y, 1, 1};
        SpiralCurve curve = {.name = "y", .count = 5, .x = x, .y = y};
        SpiralFigureOptions options = options_of(1200, 1200);
        options.log_y = cases[i].log_y;
        assert_int_equal(spiral_figure_curves(1, &curve, "x", "y", &options, path, NULL), SPIRAL_OK);
        Image image = read_image();
        double width = image.right - image.left;
        int at_x[5], seen[5] = {0}, marks[2] = {0};
        for (int k = 0; k < 5; k++) /* x: -0.08..4.08 */
            at_x[k] = (int)(image.left + width * (k + 0.08) / 4.16);
        SpiralColour blue = spiral_palette_line(0);
        for (int row = image.top; row < image.bottom; row++) {
            for (int k = 0; k + 1 < 5; k++) { /* between the points */
                SpiralColour found = at(&image, (at_x[k] + at_x[k + 1]) / 2, row);
                seen[k] += memcmp(&found, &blue, sizeof blue) == 0;
            }
            SpiralColour found = at(&image, at_x[2], row);
            marks[row < (image.top + image.bottom) / 2] +=
                memcmp(&found, &blue, sizeof blue) == 0 && (row - image.top < 40 || image.bottom - row < 40);
        }
        assert_true(seen[0] > 0 && seen[3] > 0 && seen[1] == 0 && seen[2] == 0);
        assert_true(marks[cases[i].above] > 5 && marks[!cases[i].above] == 0);
        free(image.pixels);
    }
}

static void a_figure_that_cannot_be_written_leaves_nothing(void **state)
{
    (void)state;
    char missing[96];
    snprintf(missing, sizeof missing, "%s/missing/figure.png", folder);
    SpiralError error;
    SpiralDataset data = cross();
    SpiralFigureOptions options = options_of(300, 300);
    assert_int_equal(spiral_figure_data(&data, &options, missing, &error), SPIRAL_ERROR_OUTPUT);
    assert_string_equal(error.path, missing);
    assert_int_equal(spiral_figure_data(&data, &options, folder, &error), SPIRAL_ERROR_OUTPUT);
}

/* Names, counts and values at the edge of what may come: nothing may crash, and the file is there. */
static void odd_inputs_are_drawn(void **state)
{
    (void)state;
    static const double values[][2] = {{0, 0}, {1e289, -1e289}, {1e-300, 2e-300}, {1e15, 1e15 + 1}};
    static const char *const names[] = {"", "\xff\xfe a name that is much too long for any legend of this world \n"};
    static const int64_t y[] = {0, 1};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        for (size_t margin = 0; margin < 2; margin++) {
            const double X[] = {values[i][0], values[i][0], values[i][1], values[i][1]};
            SpiralDataset data = dataset(2, 2, X, y);
            data.class_names = names;
            SpiralFigureOptions options = options_of(200, 200 + 300 * margin);
            options.margin = (double)margin;
            options.title = names[margin];
            SpiralError error = {0};
            if (spiral_figure_data(&data, &options, path, &error) != SPIRAL_OK)
                fail_msg("%s", error.reason);
            SpiralCurve curves[] = {{.name = names[0], .count = 2, .x = X, .y = X + 1},
                                    {.name = names[1], .count = 1, .x = X + 1, .y = X, .dashed = names[1]},
                                    {.name = NULL, .count = 0, .x = NULL, .y = NULL}};
            if (spiral_figure_curves(3, curves, NULL, names[1], &options, path, &error) != SPIRAL_OK)
                fail_msg("%s", error.reason);
        }
}

/* ---- figures for pngcheck ---------------------------------------------------------------------------------------- */

static int leave_figures(const char *target)
{
    char name[1024];
    SpiralError error = {0};
    SpiralDataset data = cross();
    SpiralNetwork *network = divider(2, 0, 0.2);
    SpiralFigureOptions options = options_of(640, 480);
    const double x[] = {1, 10, 100}, y[] = {1, 0.1, 0.05};
    SpiralCurve curve = {.name = "loss", .count = 3, .x = x, .y = y};
    mkdir(target, 0777);
    snprintf(name, sizeof name, "%s/data.png", target);
    SpiralStatus status = spiral_figure_data(&data, &options, name, &error);
    snprintf(name, sizeof name, "%s/boundary.png", target);
    if (status == SPIRAL_OK)
        status = spiral_figure_boundary(network, &data, &options, name, &error);
    snprintf(name, sizeof name, "%s/curves.png", target);
    if (status == SPIRAL_OK)
        status = spiral_figure_curves(1, &curve, "iteration", "loss", &options, name, &error);
    spiral_network_free(network);
    if (status != SPIRAL_OK)
        fprintf(stderr, "%s\n", error.reason);
    return (int)status;
}

int main(int count, char **arguments)
{
    if (count == 2)
        return leave_figures(arguments[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_figure_is_a_png_of_the_size_asked_for),
        cmocka_unit_test(pixels_come_back_as_they_were_encoded),
        cmocka_unit_test(a_png_says_how_large_it_is_printed),
        cmocka_unit_test(rows_are_not_filtered),
        cmocka_unit_test(an_image_beyond_ints_is_refused_before_it_is_touched),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(regions_have_the_tint_of_the_class_predicted_there),
        cmocka_unit_test(where_scores_overflow_there_is_grey),
        cmocka_unit_test(points_have_their_classes_colours_where_they_lie),
        cmocka_unit_test(a_border_is_a_dark_line_of_even_strength),
        cmocka_unit_test(shaded_regions_are_as_pale_as_their_class_is_unsure),
        cmocka_unit_test(misclassified_observations_have_rings),
        cmocka_unit_test(validation_data_are_hollow_and_within_the_limits),
        cmocka_unit_test(the_regions_of_many_classes_have_marks),
        cmocka_unit_test(a_border_is_as_wide_as_the_figure_is_large),
        cmocka_unit_test(a_slice_holds_the_other_features_at_their_means),
        cmocka_unit_test(the_axes_asked_for_are_drawn),
        cmocka_unit_test(one_feature_is_a_strip),
        cmocka_unit_test(a_curve_passes_through_its_points),
        cmocka_unit_test(panels_share_the_x_axis_and_the_colours_of_names),
        cmocka_unit_test(dashes_leave_gaps_and_unnamed_curves_are_grey),
        cmocka_unit_test(limits_that_are_given_hold),
        cmocka_unit_test(sizes_margins_and_axes_are_checked),
        cmocka_unit_test(a_dataset_that_does_not_fit_the_network_is_refused),
        cmocka_unit_test(curves_without_a_point_to_draw_are_refused),
        cmocka_unit_test(a_curve_is_broken_where_it_cannot_be_drawn_and_the_place_is_marked),
        cmocka_unit_test(a_figure_that_cannot_be_written_leaves_nothing),
        cmocka_unit_test(odd_inputs_are_drawn),
    };
    return cmocka_run_group_tests_name("figure", tests, make_folder, remove_folder);
}
