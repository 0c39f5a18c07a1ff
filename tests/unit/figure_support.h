/* figure_support.h: figures written and read again, small data and networks to draw. Include after cmocka.h. */
#ifndef SPIRAL_TESTS_FIGURE_SUPPORT_H
#define SPIRAL_TESTS_FIGURE_SUPPORT_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "figure/canvas.h"
#include "spiral/figure.h"

unsigned char *stbi_load_from_memory(const unsigned char *bytes, int size, int *width, int *height, int *channels,
                                     int wanted);

/* ---- files ------------------------------------------------------------------------------------------------------- */

typedef struct File {
    unsigned char *bytes;
    size_t size;
} File;

typedef struct Image {
    unsigned char *pixels;
    int width, height;
    int left, top, right, bottom; /* the pixels of the plot, within its frame; right and bottom excluded */
} Image;

static char folder[] = "/tmp/spiral-figure-XXXXXX";
static char path[64];

static inline int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/figure.png", folder);
    return 0;
}

static inline int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder); /* fails when anything else was left in it */
}

static inline File read_file(void)
{
    FILE *stream = fopen(path, "rb");
    assert_non_null(stream);
    File file = {.bytes = malloc(1 << 24)};
    assert_non_null(file.bytes);
    file.size = fread(file.bytes, 1, 1 << 24, stream);
    fclose(stream);
    return file;
}

static inline SpiralColour at(const Image *image, int x, int y)
{
    const unsigned char *pixel = image->pixels + ((size_t)y * (size_t)image->width + (size_t)x) * 3;
    return (SpiralColour){pixel[0], pixel[1], pixel[2]};
}

static inline bool same(SpiralColour a, SpiralColour b)
{
    return a.red == b.red && a.green == b.green && a.blue == b.blue;
}

/* How many pixels from (left, top) up to (right, bottom) have that colour. */
static inline size_t count_of(const Image *image, int left, int top, int right, int bottom, SpiralColour colour)
{
    size_t count = 0;
    for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++)
            count += same(at(image, x, y), colour);
    return count;
}

static inline bool is_dark(const Image *image, int x, int y)
{
    SpiralColour colour = at(image, x, y);
    return colour.red < 0x40 && colour.green < 0x40 && colour.blue < 0x40;
}

/* Reads the figure at path. */
static inline Image read_pixels(void)
{
    File file = read_file();
    Image image = {0};
    int channels;
    image.pixels = stbi_load_from_memory(file.bytes, (int)file.size, &image.width, &image.height, &channels, 3);
    free(file.bytes);
    assert_non_null(image.pixels);
    return image;
}

/* Reads it and finds its frame: the first and last columns and rows that are dark for their most part. */
static inline Image read_image(void)
{
    Image image = read_pixels();
    int first = -1, last = -1;
    for (int x = 0; x < image.width; x++) {
        int dark = 0;
        for (int y = 0; y < image.height; y++)
            dark += is_dark(&image, x, y);
        if (dark * 2 > image.height) {
            first = first < 0 ? x : first;
            last = x;
        }
    }
    assert_true(first >= 0 && last > first);
    image.left = first + 1;
    image.right = last;
    first = -1;
    for (int y = 0; y < image.height; y++) {
        int dark = 0;
        for (int x = image.left; x < image.right; x++)
            dark += is_dark(&image, x, y);
        if (dark * 10 > (image.right - image.left) * 9) {
            first = first < 0 ? y : first;
            last = y;
        }
    }
    image.top = first + 1;
    image.bottom = last;
    return image;
}

/* Reads the figure at path and follows the frame of the plot from its left side: a colour bar has a frame as well, and
 * what is drawn in the plot can be dark. */
static inline Image read_plot(void)
{
    static const SpiralColour frame = {0x22, 0x22, 0x22};
    Image image = read_pixels();
    int x = -1, y = 0;
    for (int drawn = 0; drawn * 4 < image.height; x++) {
        assert_true(x + 1 < image.width);
        drawn = 0;
        for (y = 0; y < image.height; y++)
            drawn += same(at(&image, x + 1, y), frame);
    }
    for (y = 0; !same(at(&image, x, y), frame) || !same(at(&image, x, y + 1), frame); y++)
        continue;
    image.left = x + 1;
    image.top = y + 1;
    for (image.bottom = y; same(at(&image, x, image.bottom + 1), frame); image.bottom++)
        continue;
    for (image.right = x; same(at(&image, image.right + 1, y), frame); image.right++)
        continue;
    return image;
}

static inline void assert_colour(const Image *image, int x, int y, SpiralColour expected)
{
    SpiralColour found = at(image, x, y);
    if (found.red != expected.red || found.green != expected.green || found.blue != expected.blue)
        fail_msg("(%d, %d) is %02x%02x%02x, not %02x%02x%02x", x, y, found.red, found.green, found.blue, expected.red,
                 expected.green, expected.blue);
}

/* ---- data and networks ------------------------------------------------------------------------------------------- */

static const char *const feature_names[] = {"x0", "x1", "x2", "x3"};
static const char *const class_names[] = {"left", "right"};

static inline SpiralDataset dataset(size_t rows, size_t features, const double *X, const int64_t *y)
{
    return (SpiralDataset){.rows = rows,
                           .features = features,
                           .classes = y != NULL ? 2 : 0,
                           .X = X,
                           .y = y,
                           .feature_names = feature_names,
                           .class_names = y != NULL ? class_names : NULL};
}

/* Five points, symmetric about the origin: the plot's middle is the origin, and 1 is a quarter of its shorter side. */
static const double cross_X[] = {-1, -1, -1, 1, 0, 0, 1, -1, 1, 1};
static const int64_t cross_y[] = {0, 0, 1, 1, 1};

static inline SpiralDataset cross(void)
{
    return dataset(5, 2, cross_X, cross_y);
}

/* Class 1 where feature `which` is above the threshold. */
static inline SpiralNetwork *divider(size_t features, size_t which, double threshold)
{
    SpiralNetwork *network = NULL;
    assert_int_equal(spiral_network_create(features, 0, NULL, 2, &network, NULL), SPIRAL_OK);
    spiral_network_weights(network, 0)[2 * which + 1] = 1.0;
    spiral_network_biases(network, 0)[1] = -threshold;
    return network;
}

static inline SpiralFigureOptions options_of(size_t width, size_t height)
{
    SpiralFigureOptions options = spiral_figure_defaults();
    options.width = width;
    options.height = height;
    options.margin = 1.0;
    return options;
}

/* ---- what is refused --------------------------------------------------------------------------------------------- */

static inline void assert_refused(SpiralStatus found, SpiralStatus expected, const SpiralError *error, const char *part)
{
    assert_int_equal(found, expected);
    assert_non_null(strstr(error->reason, part));
    assert_int_not_equal(access(path, F_OK), 0);
}

static inline void assert_same_file(File *one, File *two)
{
    assert_int_equal(one->size, two->size);
    assert_memory_equal(one->bytes, two->bytes, one->size);
    free(one->bytes);
    free(two->bytes);
}

/* The mean difference, 0..255, between a figure and one so many times as large, each of whose squares is averaged. */
static inline double scaled_difference(const Image *small, const Image *large, int factor)
{
    double sum = 0.0;
    assert_int_equal(large->width, factor * small->width);
    assert_int_equal(large->height, factor * small->height);
    for (int y = 0; y < small->height; y++)
        for (int x = 0; x < small->width; x++)
            for (int channel = 0; channel < 3; channel++) {
                double mean = 0.0;
                for (int i = 0; i < factor * factor; i++)
                    mean += large->pixels[3 * ((y * factor + i / factor) * large->width + x * factor + i % factor) +
                                          channel];
                sum += fabs(mean / (factor * factor) - small->pixels[3 * (y * small->width + x) + channel]);
            }
    return sum / (3.0 * small->width * small->height);
}

#endif
