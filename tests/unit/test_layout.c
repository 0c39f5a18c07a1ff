/* Random figures: no ink in the outermost pixels, so that nothing is cut by the edge, no text over another, and plots
 * that line up. The texts are seen on their way to the font, the plots when they are framed, the pixels on their way to
 * the file. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "figure/axes.h"
#include "figure/raster.h"
#include "figure/sheet.h"
#include "spiral/figure.h"
#include "spiral/rng.h"

enum { FIGURES = 2000, STACKS = 250, TEXTS = 1000, PLOTS = 8, ROWS = 20, FEATURES = 4, CLASSES = 24 };

typedef struct Box {
    double left, top, right, bottom, size;
    char text[80];
} Box;

static Box boxes[TEXTS];
static size_t box_count;
static SpiralRectangle plots[PLOTS];
static size_t plot_count;
static char broken[400]; /* what is wrong with the figure; empty: nothing */

/* ---- what is drawn ----------------------------------------------------------------------------------------------- */

void __real_spiral_font_draw(SpiralFont *font, SpiralCanvas *canvas, double x, double y, const char *text,
                             const SpiralTextStyle *style);
void __wrap_spiral_font_draw(SpiralFont *font, SpiralCanvas *canvas, double x, double y, const char *text,
                             const SpiralTextStyle *style);
void __real_spiral_axes_draw_frame(const SpiralAxes *axes, const SpiralSheet *sheet);
void __wrap_spiral_axes_draw_frame(const SpiralAxes *axes, const SpiralSheet *sheet);
SpiralStatus __wrap_spiral_sheet_save(const SpiralSheet *sheet, const char *path, SpiralError *error);

void __wrap_spiral_font_draw(SpiralFont *font, SpiralCanvas *canvas, double x, double y, const char *text,
                             const SpiralTextStyle *style)
{
    double width = spiral_font_width(font, style->size, text);
    double start = style->align == SPIRAL_ALIGN_LEFT     ? 0.0
                   : style->align == SPIRAL_ALIGN_CENTRE ? -width / 2.0
                                                         : -width;
    double above = spiral_font_height(style->size), below = 0.15 * style->size;
    if (text[0] != '\0' && box_count < TEXTS) {
        Box *box = &boxes[box_count++];
        if (style->upwards)
            *box = (Box){x - above, y - start - width, x + below, y - start, style->size, ""};
        else
            *box = (Box){x + start, y - above, x + start + width, y + below, style->size, ""};
        snprintf(box->text, sizeof box->text, "%.70s", text);
    }
    __real_spiral_font_draw(font, canvas, x, y, text, style);
}

void __wrap_spiral_axes_draw_frame(const SpiralAxes *axes, const SpiralSheet *sheet)
{
    assert_true(plot_count < PLOTS);
    plots[plot_count++] = axes->plot;
    __real_spiral_axes_draw_frame(axes, sheet);
}

static void check_texts(const SpiralSheet *sheet)
{
    double width = (double)sheet->canvas->width, height = (double)sheet->canvas->height;
    for (size_t i = 0; i < box_count; i++) {
        const Box *a = &boxes[i];
        if (a->left < 0.0 || a->top < 0.0 || a->right > width || a->bottom > height)
            snprintf(broken, sizeof broken, "\"%s\" is cut by the edge", a->text);
        for (size_t j = 0; j < i; j++) {
            const Box *b = &boxes[j];
            if (fmin(a->right, b->right) - fmax(a->left, b->left) > 0.5 &&
                fmin(a->bottom, b->bottom) - fmax(a->top, b->top) > 0.5)
                snprintf(broken, sizeof broken, "\"%s\" lies over \"%s\"", a->text, b->text);
        }
    }
}

SpiralStatus __wrap_spiral_sheet_save(const SpiralSheet *sheet, const char *path, SpiralError *error)
{
    (void)path;
    (void)error;
    size_t width = sheet->canvas->width, height = sheet->canvas->height;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x += y == 0 || y == height - 1 || x == width - 1 ? 1 : width - 1) {
            SpiralColour pixel = spiral_raster_pixel(sheet->canvas->raster, x, y);
            if (pixel.red != 255 || pixel.green != 255 || pixel.blue != 255)
                snprintf(broken, sizeof broken, "ink at (%zu, %zu) of %zux%zu", x, y, width, height);
        }
    check_texts(sheet);
    return SPIRAL_OK;
}

/* ---- random figures ---------------------------------------------------------------------------------------------- */

typedef struct Figure {
    SpiralDataset dataset;
    double X[ROWS * FEATURES];
    int64_t y[ROWS];
    const char *features[FEATURES], *classes[CLASSES];
    SpiralFigureOptions options;
} Figure;

static size_t below(SpiralRng *rng, size_t count)
{
    return (size_t)spiral_rng_interval(rng, count - 1);
}

static const char *a_name(SpiralRng *rng)
{
#define FOUR "\xe8\x8a\xb1\xe5\xbc\x81\xe9\x95\xbf\xe5\xba\xa6" /* four characters of three bytes each */
    static const char *const names[] = {"",
                                        "x0",
                                        "petal_length",
                                        "mean radius of the worst nucleus in micrometres, measured twice by hand",
                                        FOUR,
                                        FOUR FOUR FOUR,
                                        "W",
                                        "1.5"};
    return names[below(rng, sizeof names / sizeof names[0])];
}

static void make_figure(SpiralRng *rng, Figure *figure)
{
    size_t features = 1 + below(rng, FEATURES), rows = 1 + below(rng, ROWS), classes = below(rng, CLASSES + 1);
    for (size_t d = 0; d < features; d++) {
        double unit = pow(10.0, spiral_rng_uniform(rng) * 14.0 - 7.0);
        double offset = spiral_rng_uniform(rng) < 0.5 ? 0.0 : spiral_rng_normal(rng) * 30.0;
        for (size_t i = 0; i < rows; i++)
            figure->X[i * features + d] = unit * (offset + spiral_rng_normal(rng));
        figure->features[d] = a_name(rng);
    }
    for (size_t i = 0; i < rows; i++)
        figure->y[i] = classes > 0 ? (int64_t)below(rng, classes) : 0;
    for (size_t k = 0; k < classes; k++)
        figure->classes[k] = a_name(rng);
    figure->dataset = (SpiralDataset){.rows = rows,
                                      .features = features,
                                      .classes = classes,
                                      .X = figure->X,
                                      .y = classes > 0 ? figure->y : NULL,
                                      .feature_names = below(rng, 4) > 0 ? figure->features : NULL,
                                      .class_names = classes > 0 ? figure->classes : NULL};
    figure->options = spiral_figure_defaults();
    figure->options.width = 200 + below(rng, 500);
    figure->options.height = 200 + below(rng, 400);
    if (below(rng, 3) == 0)
        figure->options.margin = pow(10.0, spiral_rng_uniform(rng) * 4.0 - 2.0);
    if (below(rng, 3) == 0)
        figure->options.title = a_name(rng);
}

static SpiralStatus draw_curves(SpiralRng *rng, const Figure *figure, SpiralError *error)
{
    double x[ROWS], y[ROWS];
    double unit = pow(10.0, spiral_rng_uniform(rng) * 14.0 - 7.0);
    SpiralFigureOptions options = figure->options;
    options.log_x = below(rng, 2) == 0;
    options.log_y = below(rng, 2) == 0;
    for (size_t i = 0; i < ROWS; i++) {
        x[i] = 1.0 + (double)i * unit;
        y[i] = exp(spiral_rng_normal(rng) * 3.0);
    }
    SpiralCurve curves[2];
    for (size_t i = 0; i < 2; i++)
        curves[i] = (SpiralCurve){.name = a_name(rng), .count = ROWS, .x = x, .y = y};
    return spiral_figure_curves(1 + below(rng, 2), curves, a_name(rng), a_name(rng), &options, "figure.png", error);
}

/* Of a linear network, with the data as its validation data, too. */
static SpiralStatus draw_boundary(SpiralRng *rng, Figure *figure, SpiralError *error)
{
    SpiralNetwork *network = NULL;
    SpiralFigureOptions options = figure->options;
    size_t classes = figure->dataset.classes > 0 ? figure->dataset.classes : 1;
    SpiralStatus status = spiral_network_create(figure->dataset.features, 0, NULL, classes, &network, error);
    if (status == SPIRAL_OK)
        status = spiral_network_set_names(network, NULL, figure->dataset.class_names, error);
    if (status != SPIRAL_OK)
        return status;
    spiral_network_init(network, SPIRAL_INIT_GAUSSIAN, 1.0, rng);
    options.shade = below(rng, 2) == 0;
    options.errors = below(rng, 2) == 0;
    options.validation = below(rng, 2) == 0 ? &figure->dataset : NULL;
    status = spiral_figure_boundary(network, &figure->dataset, &options, "figure.png", error);
    spiral_network_free(network);
    return status;
}

static void nothing_is_cut_by_the_edge_and_no_text_lies_over_another(void **state)
{
    (void)state;
    size_t failed = 0;
    for (uint32_t seed = 0; seed < FIGURES; seed++) {
        SpiralRng rng;
        Figure figure;
        SpiralError error = {0};
        spiral_rng_seed(&rng, seed);
        make_figure(&rng, &figure);
        box_count = plot_count = 0;
        broken[0] = '\0';
        size_t kind = below(&rng, 5);
        SpiralStatus status = kind == 0   ? draw_curves(&rng, &figure, &error)
                              : kind == 1 ? draw_boundary(&rng, &figure, &error)
                                          : spiral_figure_data(&figure.dataset, &figure.options, "figure.png", &error);
        if (status != SPIRAL_OK)
            fail_msg("figure %u: %s", seed, error.reason);
        if (broken[0] != '\0' && failed++ < 10)
            print_message("figure %u (kind %zu, %zux%zu): %s\n", seed, kind, figure.options.width,
                          figure.options.height, broken);
    }
    assert_int_equal(failed, 0);
}

/* Names that differ in their middles, of features and of classes, among them some that the font lacks. The texts are
 * all different, and the classes' take no more than a fifth of the width. */
static void long_names_stay_apart(void **state)
{
    (void)state;
    static const char *const features[] = {"mean radius of the nucleus, measured twice by hand, in micrometres, right",
                                           "mean radius of the nucleus, measured once by hand, in micrometres, right"};
    static const char *const classes[] = {
        "Lathyrus odoratus var. alba of the southern slopes, in flower in late summer",
        "Lathyrus odoratus var. rosea of the southern slopes, in flower in late summer",
        "\xe5\xb1\xb1\xe9\xb3\xb6\xe5\xb0\xbe\xe8\x8a\xb1\xe5\xbc\x81\xe7\x94\xb2\xe9\x95\xbf\xe5\xba\xa6\xe8"
        "\x8a\xb1\xe5\xbc\x81",
        "\xe5\xb1\xb1\xe9\xb3\xb6\xe5\xb0\xbe\xe8\x8a\xb1\xe5\xbc\x81\xe4\xb9\x99\xe9\x95\xbf\xe5\xba\xa6\xe8"
        "\x8a\xb1\xe5\xbc\x81"};
    const double X[] = {1, 1, 2, 1, 1, 2, 2, 2};
    const int64_t y[] = {0, 1, 2, 3};
    SpiralDataset dataset = {
        .rows = 4, .features = 2, .classes = 4, .X = X, .y = y, .feature_names = features, .class_names = classes};
    for (size_t side = 200; side <= 900; side += 100) {
        SpiralFigureOptions options = spiral_figure_defaults();
        options.width = options.height = side;
        box_count = plot_count = 0;
        broken[0] = '\0';
        assert_int_equal(spiral_figure_data(&dataset, &options, "figure.png", NULL), SPIRAL_OK);
        assert_string_equal(broken, "");
        size_t names = 0;
        for (size_t i = 0; i < box_count; i++) {
            const Box *box = &boxes[i];
            bool number = strspn(box->text, "0123456789.") == strlen(box->text);
            for (size_t j = 0; !number && j < i; j++)
                if (strcmp(box->text, boxes[j].text) == 0)
                    fail_msg("%s twice", box->text);
            if (box->right > 0.85 * (double)side && !number && box->top > 0.05 * (double)side) {
                assert_true(box->left >= 0.8 * (double)side);
                names++;
            }
        }
        assert_true(names >= 4);
    }
}

/* On a wide figure, where a tick has room for more than it keeps of a name: each is once on either axis. */
static void long_names_on_an_axis_stay_apart(void **state)
{
    (void)state;
#define ROOT "Lathyrus odoratus var. alba of the southern slopes and valleys, in flower, "
    static const char *const seasons[] = {"spring", "summer", "autumn"};
    static const char *const classes[] = {ROOT "spring", ROOT "summer", ROOT "autumn"};
    static const size_t counts[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    const SpiralConfusion confusion = {3, classes, counts};
    SpiralFigureOptions options = spiral_figure_defaults();
    options.width = 3000;
    options.height = 500;
    box_count = plot_count = 0;
    broken[0] = '\0';
    assert_int_equal(spiral_figure_confusion(&confusion, &options, "figure.png", NULL), SPIRAL_OK);
    assert_string_equal(broken, "");
    for (size_t k = 0; k < 3; k++) {
        size_t found = 0;
        for (size_t i = 0; i < box_count; i++)
            found += strstr(boxes[i].text, seasons[k]) != NULL;
        assert_int_equal(found, 2);
    }
}

/* Turned names take their part, 0.28, of the height of the panel that they belong to, not of the figure's. */
static void names_below_the_lower_plot_are_shortened_to_its_height(void **state)
{
    (void)state;
    enum { COUNT = 16, SIDE = 500 };
    static char names[COUNT][80];
    const char *given[COUNT];
    double x[COUNT], y[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "%c, a name with far more words in it than there is room for below",
                 'a' + (int)i);
        given[i] = names[i];
        x[i] = (double)i;
        y[i] = 1.0 + (double)i;
    }
    const SpiralCurve curve = {.count = COUNT, .x = x, .y = y};
    const SpiralPanel panels[] = {{"upper", false, 1.0, 1, &curve}, {"lower", false, 1.0, 1, &curve}};
    SpiralFigureOptions options = spiral_figure_defaults();
    options.width = options.height = SIDE;
    options.x_name_count = COUNT;
    options.x_names = given;
    box_count = plot_count = 0;
    broken[0] = '\0';
    assert_int_equal(spiral_figure_panels(2, panels, "x", &options, "figure.png", NULL), SPIRAL_OK);
    assert_string_equal(broken, "");
    assert_int_equal(plot_count, 2);
    double lower = SIDE - plots[0].bottom;
    size_t found = 0;
    for (size_t i = 0; i < box_count; i++)
        if (boxes[i].text[1] == ',') {
            double length = boxes[i].bottom - boxes[i].top;
            assert_true(length > 0.2 * lower && length <= 0.28 * lower);
            found++;
        }
    assert_int_equal(found, COUNT);
}

/* ---- plots above one another ------------------------------------------------------------------------------------- */

static SpiralStatus draw_panels(SpiralRng *rng, const SpiralFigureOptions *options, SpiralError *error)
{
    enum { PANELS = 4 };
    double x[ROWS], y[PANELS][ROWS];
    SpiralCurve curves[PANELS];
    SpiralPanel panels[PANELS];
    size_t count = 2 + below(rng, PANELS - 1);
    for (size_t p = 0; p < count; p++) {
        double unit = pow(10.0, spiral_rng_uniform(rng) * 8.0 - 4.0), spread = spiral_rng_uniform(rng) * 3.0;
        for (size_t i = 0; i < ROWS; i++) {
            x[i] = (double)i;
            y[p][i] = unit * exp(spread * spiral_rng_normal(rng));
        }
        curves[p] = (SpiralCurve){.count = ROWS, .x = x, .y = y[p]};
        panels[p] = (SpiralPanel){"y", below(rng, 2) == 0, 0.4 + spiral_rng_uniform(rng), 1, &curves[p]};
    }
    return spiral_figure_panels(count, panels, "x", options, "figure.png", error);
}

/* Of a network with one or two hidden layers. */
static SpiralStatus draw_weights(SpiralRng *rng, Figure *figure, SpiralError *error)
{
    SpiralNetwork *network = NULL;
    const size_t hidden[] = {1 + below(rng, 40), 1 + below(rng, 40)};
    double scale = pow(10.0, spiral_rng_uniform(rng) * 8.0 - 4.0);
    size_t classes = figure->dataset.classes > 0 ? figure->dataset.classes : 1;
    SpiralStatus status =
        spiral_network_create(figure->dataset.features, 1 + below(rng, 2), hidden, classes, &network, error);
    if (status == SPIRAL_OK)
        status = spiral_network_set_names(network, figure->dataset.feature_names, figure->dataset.class_names, error);
    if (status != SPIRAL_OK)
        return status;
    spiral_network_init(network, SPIRAL_INIT_GAUSSIAN, scale, rng);
    status = spiral_figure_weights(network, &figure->options, "figure.png", error);
    spiral_network_free(network);
    return status;
}

/* However many pixels the labels of one plot need, the same x is at the same place in all of them. */
static void plots_above_one_another_line_up(void **state)
{
    (void)state;
    for (uint32_t number = 0; number < 2 * STACKS; number++) {
        SpiralRng rng;
        Figure figure;
        SpiralError error = {0};
        uint32_t seed = number / 2;
        spiral_rng_seed(&rng, seed);
        make_figure(&rng, &figure);
        figure.options.width += 300;
        figure.options.height += 300;
        box_count = plot_count = 0;
        SpiralStatus status =
            number % 2 == 0 ? draw_panels(&rng, &figure.options, &error) : draw_weights(&rng, &figure, &error);
        if (status != SPIRAL_OK)
            fail_msg("figure %u: %s", seed, error.reason);
        assert_true(plot_count > 1);
        for (size_t p = 1; p < plot_count; p++)
            if (plots[p].left != plots[0].left || plots[p].right != plots[0].right)
                fail_msg("figure %u: a plot from %g to %g, and one from %g to %g", seed, plots[0].left, plots[0].right,
                         plots[p].left, plots[p].right);
    }
}

/* ---- captions ---------------------------------------------------------------------------------------------------- */

/* The size of the only caption, and whether it was shortened. */
static double draw_caption(const char *caption, size_t width, bool *shortened)
{
    const SpiralTile tile = {NULL, NULL, caption, false};
    SpiralFigureOptions options = spiral_figure_defaults();
    options.width = options.height = width;
    options.title = "";
    box_count = 0;
    assert_int_equal(spiral_figure_tiles(1, &tile, &options, "figure.png", NULL), SPIRAL_OK);
    assert_int_equal(box_count, 1);
    *shortened = strstr(boxes[0].text, "\xe2\x80\xa6") != NULL;
    return boxes[0].size;
}

/* It is written as small as three quarters of the usual size before anything of it is left out. */
static void a_caption_is_written_smaller_before_it_is_shortened(void **state)
{
    (void)state;
    size_t smaller = 0;
    for (size_t width = 200; width <= 600; width += 57) {
        char caption[80] = "";
        bool shortened;
        double usual = draw_caption("1", width, &shortened);
        for (size_t length = 0; length + 1 < sizeof caption; length++) {
            caption[length] = "momentum; 100,100; 0.01 "[length % 24];
            double size = draw_caption(caption, width, &shortened);
            smaller += size < usual && !shortened;
            if (shortened)
                assert_true(size < 0.7501 * usual);
        }
    }
    assert_true(smaller > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_names_stay_apart),
        cmocka_unit_test(long_names_on_an_axis_stay_apart),
        cmocka_unit_test(names_below_the_lower_plot_are_shortened_to_its_height),
        cmocka_unit_test(nothing_is_cut_by_the_edge_and_no_text_lies_over_another),
        cmocka_unit_test(plots_above_one_another_line_up),
        cmocka_unit_test(a_caption_is_written_smaller_before_it_is_shortened),
    };
    return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
