/* What a network has learnt, in figures: hidden units, weights, the confusion matrix, looked at in the file. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "figure/colours.h"
#include "figure_support.h"
#include "net/units.h"
#include "net_support.h"

static const SpiralColour none = {0xe4, 0xe4, 0xe4}, dead = {0xee, 0xee, 0xee}, white = {255, 255, 255};

/* ---- colours ----------------------------------------------------------------------------------------------------- */

/* CIE 1976 L* */
static double lightness(SpiralColour colour)
{
    const uint8_t bytes[] = {colour.red, colour.green, colour.blue};
    double light[3];
    for (size_t i = 0; i < 3; i++) {
        double value = bytes[i] / 255.0;
        light[i] = value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
    }
    return 116.0 * cbrt(0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]) - 16.0;
}

static void what_is_farther_from_0_is_darker_on_either_side(void **state)
{
    (void)state;
    assert_true(lightness(spiral_ramp_diverging(0.5)) > 94.0);
    for (int i = 0; i < 20; i++) {
        double below = lightness(spiral_ramp_diverging(0.5 - i / 40.0)),
               above = lightness(spiral_ramp_diverging(0.5 + i / 40.0));
        assert_true(fabs(below - above) < 4.0);
        assert_true(lightness(spiral_ramp_diverging(0.5 - (i + 1) / 40.0)) < below - 1.0);
        assert_true(lightness(spiral_ramp_diverging(0.5 + (i + 1) / 40.0)) < above - 1.0);
    }
    SpiralColour low = spiral_ramp_diverging(0.0), high = spiral_ramp_diverging(1.0);
    assert_true(low.blue > low.red + 60 && high.red > high.blue + 60);
    assert_true(same(spiral_ramp_share(0.0), spiral_ramp_diverging(0.5)));
    assert_true(same(spiral_ramp_share(1.0), low));
}

/* ---- weights ----------------------------------------------------------------------------------------------------- */

static Image weights_of(const SpiralNetwork *network, size_t width, size_t height)
{
    SpiralError error = {0};
    SpiralFigureOptions options = options_of(width, height);
    if (spiral_figure_weights(network, &options, path, &error) != SPIRAL_OK)
        fail_msg("%s", error.reason);
    return read_plot();
}

/* The matrix fills the plot: the colour near a corner of cell (row, column), off its number. */
static void assert_cell(const Image *image, int rows, int columns, int row, int column, SpiralColour expected)
{
    int x = image->left + (image->right - image->left) * column / columns + 4;
    int y = image->top + (image->bottom - image->top) * row / rows + 4;
    assert_colour(image, x, y, expected);
}

static void a_weight_has_its_place_and_the_colour_of_its_size_and_sign(void **state)
{
    (void)state;
    static const double W[] = {1.0, -2.0, 0.0, 0.5, 4.0, -4.0}; /* (2, 3): features down, classes across */
    SpiralNetwork *network;
    assert_int_equal(spiral_network_create(2, 0, NULL, 3, &network, NULL), SPIRAL_OK);
    memcpy(spiral_network_weights(network, 0), W, sizeof W);
    Image image = weights_of(network, 700, 600);
    for (int row = 0; row < 2; row++)
        for (int column = 0; column < 3; column++)
            assert_cell(&image, 2, 3, row, column, spiral_ramp_diverging(0.5 + W[3 * row + column] / 8.0));
    free(image.pixels);
    spiral_network_free(network);
}

static void the_longer_side_of_a_matrix_lies_across(void **state)
{
    (void)state;
    SpiralNetwork *network;
    assert_int_equal(spiral_network_create(4, 0, NULL, 2, &network, NULL), SPIRAL_OK);
    for (size_t i = 0; i < 8; i++)
        spiral_network_weights(network, 0)[i] = (double)i;
    Image image = weights_of(network, 700, 600);
    for (int feature = 0; feature < 4; feature++)
        for (int class = 0; class < 2; class ++)
            assert_cell(&image, 2, 4, class, feature, spiral_ramp_diverging(0.5 + (2 * feature + class) / 14.0));
    free(image.pixels);
    spiral_network_free(network);
}

/* Of 3000 weights in a row no more than 200 have a cell of their own, and one that is large is not lost. */
static void the_largest_of_a_crowd_is_seen(void **state)
{
    (void)state;
    SpiralNetwork *network;
    assert_int_equal(spiral_network_create(3000, 0, NULL, 2, &network, NULL), SPIRAL_OK);
    double *W = spiral_network_weights(network, 0);
    for (size_t i = 0; i < 6000; i++)
        W[i] = i % 2 == 0 ? 0.25 : -0.25;
    W[2 * 2000] = -1.0;
    W[2 * 2000 + 1] = 1.0;
    Image image = weights_of(network, 900, 600);
    int height = image.bottom - image.top, place = image.left + (image.right - image.left) * 2 / 3;
    for (int class = 0; class < 2; class ++) {
        int top = image.top + class * height / 2 + 4, bottom = top + height / 2 - 8;
        SpiralColour large = spiral_ramp_diverging(class == 0 ? 0.0 : 1.0);
        assert_true(count_of(&image, place - 8, top, place + 8, bottom, large) > 500);
        assert_int_equal(count_of(&image, image.left, top, place - 20, bottom, large), 0);
    }
    free(image.pixels);
    spiral_network_free(network);
}

static void weights_that_cannot_be_drawn_are_refused(void **state)
{
    (void)state;
    SpiralError error = {0};
    SpiralFigureOptions options = options_of(700, 600);
    SpiralNetwork *network = divider(2, 0, 0.0);
    spiral_network_weights(network, 0)[2] = -1e300;
    assert_refused(spiral_figure_weights(network, &options, path, &error), SPIRAL_ERROR_INPUT, &error,
                   "the weight 1e+300; weights up to 1e+290 can be drawn");
    options.width = 1;
    assert_refused(spiral_figure_weights(network, &options, path, &error), SPIRAL_ERROR_USAGE, &error, "width");
    spiral_network_free(network);
}

/* ---- the confusion matrix ---------------------------------------------------------------------------------------- */

static void a_cell_has_the_colour_of_its_share_of_the_row(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c"};
    static const size_t counts[] = {3, 1, 0, 50, 50, 100, 0, 0, 0};
    const double shares[] = {0.75, 0.25, 0.0, 0.25, 0.25, 0.5, NAN, NAN, NAN};
    SpiralConfusion confusion = {3, names, counts};
    SpiralFigureOptions options = options_of(700, 600);
    SpiralError error = {0};
    assert_int_equal(spiral_figure_confusion(&confusion, &options, path, &error), SPIRAL_OK);
    Image image = read_plot();
    for (int row = 0; row < 3; row++)
        for (int column = 0; column < 3; column++) {
            double share = shares[3 * row + column];
            assert_cell(&image, 3, 3, row, column, isnan(share) ? none : spiral_ramp_share(share));
        }
    free(image.pixels);
    confusion.classes = SPIRAL_CONFUSION_LIMIT + 1;
    unlink(path);
    assert_refused(spiral_figure_confusion(&confusion, &options, path, &error), SPIRAL_ERROR_USAGE, &error,
                   "a confusion matrix of 1001 classes; 1..1000 are possible");
}

/* ---- hidden units ------------------------------------------------------------------------------------------------ */

static const SpiralActivation activations[] = {SPIRAL_ACTIVATION_RELU, SPIRAL_ACTIVATION_LEAKY_RELU,
                                               SPIRAL_ACTIVATION_TANH, SPIRAL_ACTIVATION_SIGMOID};

/* As the header says, in long double. */
static void plain_unit(const SpiralNetwork *network, const SpiralDataset *data, size_t unit, double *weight,
                       size_t *active)
{
    size_t width = network->sizes[1], outputs = network->sizes[2];
    long double sum = 0, length = 0;
    *active = 0;
    for (size_t i = 0; i < data->rows; i++) {
        long double z = spiral_network_biases(network, 0)[unit];
        for (size_t d = 0; d < data->features; d++) {
            long double x = data->X[i * data->features + d];
            if (network->mean != NULL)
                x = (x - network->mean[d]) / network->scale[d];
            z += x * spiral_network_weights(network, 0)[d * width + unit];
        }
        *active += z > 0;
        sum += fabsl(plain_activation(network->activation, z));
    }
    for (size_t k = 0; k < outputs; k++)
        length += powl(spiral_network_weights(network, 1)[unit * outputs + k], 2);
    *weight = (double)(sum / (long double)data->rows * sqrtl(length));
}

static void check_units(const SpiralNetwork *network, const SpiralDataset *data)
{
    size_t width = network->sizes[1];
    SpiralUnit *units = calloc(width, sizeof *units);
    assert_non_null(units);
    assert_int_equal(spiral_units_measure(network, data, 1, units, NULL), SPIRAL_OK);
    for (size_t j = 0; j < width; j++) {
        double weight;
        size_t active;
        plain_unit(network, data, units[j].index, &weight, &active);
        assert_true(fabs(units[j].weight - weight) <= 1e-12 * (1.0 + weight));
        assert_int_equal(units[j].active, active);
        assert_true(j == 0 || units[j].weight <= units[j - 1].weight);
    }
    free(units);
}

static void units_are_weighed_by_their_outputs_and_outgoing_weights(void **state)
{
    (void)state;
    static const double mean[] = {1.0, -2.0, 0.5}, scale[] = {2.0, 0.5, 1.0};
    SpiralDataset data = make_data(101, 3, 3, 5);
    for (size_t a = 0; a < 8; a++) {
        SpiralNetwork *network = make_network(3, 2, (const size_t[]){13, 4}, 3, 1.0, 7);
        network->activation = activations[a % 4];
        if (a >= 4)
            assert_int_equal(spiral_network_set_standardization(network, mean, scale, NULL), SPIRAL_OK);
        check_units(network, &data);
        spiral_network_free(network);
    }
    free_data(&data);
}

/* The rows of so wide a layer are taken one at a time. */
static void a_wide_layer_is_measured_in_blocks(void **state)
{
    (void)state;
    SpiralDataset data = make_data(3, 1, 2, 5);
    SpiralNetwork *network = make_network(1, 1, (const size_t[]){700000}, 2, 1.0, 7);
    check_units(network, &data);
    spiral_network_free(network);
    free_data(&data);
}

/* Unit 0 is never positive, unit 1 is where x1 > 0 and speaks for the first class, unit 2, the heaviest, where x0 < 0,
 * for the second. */
static SpiralNetwork *three_units(void)
{
    SpiralNetwork *network;
    assert_int_equal(spiral_network_create(2, 1, (const size_t[]){3}, 2, &network, NULL), SPIRAL_OK);
    memcpy(spiral_network_weights(network, 0), (const double[]){0, 0, -1, 0, 1, 0}, 6 * sizeof(double));
    memcpy(spiral_network_weights(network, 1), (const double[]){9, 9, 2, 1, 0, 5}, 6 * sizeof(double));
    spiral_network_biases(network, 0)[0] = -1.0;
    return network;
}

static Image units_of(const SpiralNetwork *network, const SpiralDataset *data, const SpiralFigureOptions *options)
{
    SpiralError error = {0};
    if (spiral_figure_hidden_units(network, data, options, path, &error) != SPIRAL_OK)
        fail_msg("%s", error.reason);
    return read_pixels();
}

/* Sets the insides of the frames in reading order, and returns how many there are. */
static size_t find_frames(const Image *image, Image *frames, size_t most)
{
    static const SpiralColour grey = {0x99, 0x99, 0x99};
    size_t count = 0;
    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++) {
            Image frame = *image;
            if (!same(at(image, x, y), grey) || (x > 0 && same(at(image, x - 1, y), grey)) ||
                (y > 0 && same(at(image, x, y - 1), grey)))
                continue;
            for (frame.right = x; frame.right < image->width && same(at(image, frame.right, y), grey); frame.right++)
                continue;
            for (frame.bottom = y; frame.bottom < image->height && same(at(image, x, frame.bottom), grey);)
                frame.bottom++;
            if (frame.right - x < 20 || frame.bottom - y < 20)
                continue;
            frame.left = x + 1;
            frame.top = y + 1;
            frame.right--;
            frame.bottom--;
            assert_true(count < most);
            frames[count++] = frame;
        }
    return count;
}

static SpiralColour part_of(const Image *frame, double x, double y)
{
    return at(frame, frame->left + (int)(x * (frame->right - frame->left)),
              frame->top + (int)(y * (frame->bottom - frame->top)));
}

static void a_half_plane_is_where_the_unit_is_active_in_the_colour_of_its_class(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    SpiralNetwork *network = three_units();
    SpiralFigureOptions options = options_of(900, 500);
    Image image = units_of(network, &data, &options), frames[3];
    assert_int_equal(find_frames(&image, frames, 3), 3);
    assert_true(same(part_of(&frames[0], 0.1, 0.1), spiral_palette_tint(1))); /* unit 2 */
    assert_true(same(part_of(&frames[0], 0.45, 0.9), spiral_palette_tint(1)));
    assert_true(same(part_of(&frames[0], 0.55, 0.1), white));
    assert_true(same(part_of(&frames[1], 0.1, 0.1), spiral_palette_tint(0))); /* unit 1 */
    assert_true(same(part_of(&frames[1], 0.9, 0.45), spiral_palette_tint(0)));
    assert_true(same(part_of(&frames[1], 0.9, 0.55), white));
    for (int i = 1; i < 10; i += 8)
        assert_true(same(part_of(&frames[2], i / 10.0, 0.1), dead));
    free(image.pixels);
    spiral_network_free(network);
}

/* By hand: unit 2 has the outputs 1, 1, 0, 0, 0 and outgoing weights of length 5, unit 1 the outputs 0, 1, 0, 0, 1 and
 * outgoing weights of length sqrt(5): 2 and 0.8944, which are 69 and 31 %. */
static void captions_are_in_the_order_of_the_weights(void **state)
{
    (void)state;
    static const char *const texts[] = {">3 hidden units (ReLU), 1 dead<", "Across: x0. Up: x1.", ">unit 2: 69 %<",
                                        ">unit 1: 31 %<", ">unit 0: dead<"};
    SpiralDataset data = cross();
    SpiralNetwork *network = three_units();
    SpiralFigureOptions options = options_of(900, 500);
    options.format = SPIRAL_FIGURE_SVG;
    path[strlen(path) - strlen(".png")] = '\0'; /* the format decides */
    SpiralError error = {0};
    if (spiral_figure_hidden_units(network, &data, &options, path, &error) != SPIRAL_OK)
        fail_msg("%s", error.reason);
    File file = read_file();
    unlink(path);
    strcat(path, ".png");
    file.bytes[file.size] = '\0';
    const char *last = (const char *)file.bytes;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        last = strstr(last, texts[i]);
        assert_non_null(last);
    }
    size_t borders = 0; /* of units 2 and 1: a unit without weights has none */
    for (const char *at = (const char *)file.bytes; (at = strstr(at, "stroke-opacity=\"0.7\"")) != NULL; at++)
        borders++;
    assert_int_equal(borders, 2);
    free(file.bytes);
    spiral_network_free(network);
}

/* A slanted half-plane has the share of the picture that its line cuts off, wherever the line leaves the plot. */
static void a_slanted_line_cuts_off_its_share(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    static const double limits[] = {-1.0, 1.0, -1.0, 1.0};
    SpiralFigureOptions options = options_of(700, 700);
    options.limits = limits;
    for (int i = 0; i < 24; i++) {
        double angle = 0.26 * i + 0.1, shift = 0.4 * (i % 5) - 0.8;
        SpiralNetwork *network;
        assert_int_equal(spiral_network_create(2, 1, (const size_t[]){1}, 2, &network, NULL), SPIRAL_OK);
        double *W = spiral_network_weights(network, 0);
        W[0] = cos(angle);
        W[1] = sin(angle);
        spiral_network_biases(network, 0)[0] = shift;
        network->activation = SPIRAL_ACTIVATION_TANH; /* which does not die */
        spiral_network_weights(network, 1)[1] = 1.0;
        Image image = units_of(network, &data, &options), frame;
        assert_int_equal(find_frames(&image, &frame, 1), 1);
        int width = frame.right - frame.left, height = frame.bottom - frame.top;
        double shorter = fmin(width, height), expected = 0.0, found = 0.0;
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                double u = (2 * x + 1 - width) / shorter, v = -(2 * y + 1 - height) / shorter;
                expected += W[0] * u + W[1] * v + shift > 0.0;
                found += same(at(&image, frame.left + x, frame.top + y), spiral_palette_tint(1));
            }
        /* the line and the observations cover some of it */
        assert_true(found <= expected + 3.0 * width && found >= expected - 12.0 * width - 0.02 * width * height);
        free(image.pixels);
        spiral_network_free(network);
    }
}

static void of_many_units_the_first_are_drawn(void **state)
{
    (void)state;
    SpiralDataset data = make_data(50, 2, 2, 3);
    data.feature_names = feature_names;
    data.class_names = class_names;
    SpiralNetwork *network = make_network(2, 1, (const size_t[]){60}, 2, 1.0, 4);
    SpiralFigureOptions options = options_of(900, 800);
    Image image = units_of(network, &data, &options), frames[24];
    assert_int_equal(find_frames(&image, frames, 24), 24);
    free(image.pixels);
    options.width = options.height = 250; /* with room for fewer */
    image = units_of(network, &data, &options);
    size_t fewer = find_frames(&image, frames, 24);
    assert_true(fewer >= 1 && fewer < 24);
    free(image.pixels);
    spiral_network_free(network);
    free_data(&data);
}

static void a_linear_classifier_has_no_hidden_units(void **state)
{
    (void)state;
    SpiralDataset data = cross();
    SpiralNetwork *network = divider(2, 0, 0.0);
    SpiralFigureOptions options = options_of(700, 600);
    SpiralError error = {0};
    unlink(path);
    assert_refused(spiral_figure_hidden_units(network, &data, &options, path, &error), SPIRAL_ERROR_INPUT, &error,
                   "a linear classifier has no hidden units");
    spiral_network_free(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_farther_from_0_is_darker_on_either_side),
        cmocka_unit_test(weights_that_cannot_be_drawn_are_refused),
        cmocka_unit_test(a_weight_has_its_place_and_the_colour_of_its_size_and_sign),
        cmocka_unit_test(the_longer_side_of_a_matrix_lies_across),
        cmocka_unit_test(the_largest_of_a_crowd_is_seen),
        cmocka_unit_test(a_cell_has_the_colour_of_its_share_of_the_row),
        cmocka_unit_test(units_are_weighed_by_their_outputs_and_outgoing_weights),
        cmocka_unit_test(a_wide_layer_is_measured_in_blocks),
        cmocka_unit_test(a_half_plane_is_where_the_unit_is_active_in_the_colour_of_its_class),
        cmocka_unit_test(captions_are_in_the_order_of_the_weights),
        cmocka_unit_test(a_slanted_line_cuts_off_its_share),
        cmocka_unit_test(of_many_units_the_first_are_drawn),
        cmocka_unit_test(a_linear_classifier_has_no_hidden_units),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
