/* The decision boundary as text: a cell is two pixels, one above the other, or without colours one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "figure/colours.h"
#include "figure/order.h"
#include "figure/sampler.h"
#include "figure/scatter.h"
#include "figure/terminal_text.h"

enum { LEAST_COLUMNS = 20, LEAST_ROWS = 4, NAME_COLUMNS = 30 };

static const char UPPER_HALF[] = "\xe2\x96\x80";

/* Without colours: regions, and points by the number of their class. */
static const char REGIONS[] = ".:-+~=,;*^'\"`_|/\\!<>(){}";
static const char POINTS[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* The content of a pixel. point is the class of the majority of its observations, if there is one. */
typedef struct Pixel {
    int64_t region; /* the class, or SPIRAL_NO_CLASS */
    double strength;
    size_t point;
    size_t lead; /* of the point's class over all others, as far as the vote below knows */
    bool observed;
} Pixel;

typedef struct Picture {
    const SpiralScatter *scatter;
    SpiralAxes axes;
    size_t width, height; /* pixels */
    double tall;          /* a pixel's height, of its width */
    Pixel *pixels;        /* (height, width) */
} Picture;

/* ---- options ----------------------------------------------------------------------------------------------------- */

SpiralTerminalOptions spiral_terminal_defaults(void)
{
    return (SpiralTerminalOptions){.columns = 80, .rows = 24, .margin = (double)NAN};
}

static SpiralStatus check_cells(const char *what, size_t cells, size_t least, SpiralError *error)
{
    if (cells >= least && cells <= SPIRAL_TERMINAL_CELLS_LIMIT)
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "a picture of %zu %s; %zu..%d are possible", cells,
                            what, least, SPIRAL_TERMINAL_CELLS_LIMIT);
}

SpiralStatus spiral_terminal_validate(const SpiralTerminalOptions *options, SpiralError *error)
{
    SpiralStatus status = check_cells("columns", options->columns, LEAST_COLUMNS, error);
    if (status == SPIRAL_OK)
        status = check_cells("rows", options->rows, LEAST_ROWS, error);
    return status == SPIRAL_OK ? spiral_scatter_validate(options->margin, options->limits, options->axes, error)
                               : status;
}

/* ---- pixels ------------------------------------------------------------------------------------------------------ */

static SpiralStatus set_regions(Picture *picture, SpiralSampler *sampler, SpiralError *error)
{
    size_t total = picture->width * picture->height;
    for (size_t done = 0; done < total;) {
        size_t count = total - done < sampler->batch ? total - done : sampler->batch;
        for (size_t i = 0; i < count; i++)
            spiral_sampler_put(sampler, i, (double)((done + i) % picture->width) + 0.5,
                               picture->tall * ((double)((done + i) / picture->width) + 0.5));
        SpiralStatus status = spiral_sampler_classify(sampler, count, error);
        if (status != SPIRAL_OK)
            return status;
        for (size_t i = 0; i < count; i++) {
            picture->pixels[done + i].region = sampler->labels[i];
            picture->pixels[done + i].strength = spiral_sampler_strength(sampler, i);
        }
        done += count;
    }
    return SPIRAL_OK;
}

/* Boyer-Moore majority vote: if there is a majority, it is the class that leads at the end. */
static void vote(Pixel *pixel, size_t class)
{
    pixel->observed = true;
    if (pixel->lead == 0)
        pixel->point = class;
    if (pixel->point == class)
        pixel->lead++;
    else
        pixel->lead--;
}

static void set_points(Picture *picture)
{
    const SpiralDataset *dataset = picture->scatter->dataset;
    size_t step = spiral_order_step(dataset->rows);
    for (size_t i = 0, row = 0; i < dataset->rows; i++, row = (row + step) % dataset->rows) {
        double x, y;
        spiral_scatter_place(picture->scatter, &picture->axes, row, &x, &y);
        y /= picture->tall;
        if (x >= 0.0 && x < (double)picture->width && y >= 0.0 && y < (double)picture->height)
            vote(&picture->pixels[(size_t)y * picture->width + (size_t)x],
                 dataset->y != NULL ? (size_t)dataset->y[row] : 0);
    }
}

/* ---- text -------------------------------------------------------------------------------------------------------- */

/* The tints; of the 256 colours, where some of them would fall together, some like them that differ. */
static SpiralColour region_colour(SpiralTerminalColours colours, size_t class)
{
    static const SpiralColour of_256[SPIRAL_PALETTE_COUNT] = {
        {0xaf, 0xd7, 0xff}, {0xff, 0xff, 0xaf}, {0xff, 0xaf, 0xaf}, {0xaf, 0xff, 0xd7},
        {0xb2, 0xb2, 0xb2}, {0xd7, 0xaf, 0xff}, {0x87, 0x87, 0xaf}, {0xd7, 0xd7, 0x87},
        {0xd7, 0xff, 0xff}, {0xaf, 0x87, 0x87}, {0xaf, 0x87, 0xff}, {0xff, 0xff, 0xd7},
    };
    return colours == SPIRAL_TERMINAL_256 ? of_256[class % SPIRAL_PALETTE_COUNT] : spiral_palette_tint(class);
}

static SpiralColour colour_of(const Picture *picture, SpiralTerminalColours colours, const Pixel *pixel)
{
    if (!pixel->observed)
        return pixel->region == SPIRAL_NO_CLASS
                   ? (SpiralColour){0x87, 0x87, 0x87}
                   : spiral_colour_mix((SpiralColour){255, 255, 255}, region_colour(colours, (size_t)pixel->region),
                                       pixel->strength);
    return picture->scatter->dataset->y != NULL ? spiral_palette_colour(pixel->point)
                                                : (SpiralColour){0x22, 0x22, 0x22};
}

static char region_character(size_t class)
{
    return REGIONS[class % (sizeof REGIONS - 1)];
}

static char point_character(size_t class)
{
    return POINTS[class % (sizeof POINTS - 1)];
}

static void write_cell(SpiralTerminalText *text, const Picture *picture, const Pixel *pixel)
{
    if (text->colours == SPIRAL_TERMINAL_PLAIN) {
        bool labelled = picture->scatter->dataset->y != NULL;
        char point = labelled ? point_character(pixel->point) : 'o';
        char region = pixel->region == SPIRAL_NO_CLASS ? '?' : region_character((size_t)pixel->region);
        spiral_terminal_text_add(text, (char[]){pixel->observed ? point : region, '\0'});
        return;
    }
    SpiralColour upper = colour_of(picture, text->colours, pixel);
    SpiralColour lower = colour_of(picture, text->colours, pixel + picture->width);
    if (memcmp(&upper, &lower, sizeof upper) == 0) {
        spiral_terminal_text_colour(text, NULL, &lower);
        spiral_terminal_text_add(text, " ");
    } else {
        spiral_terminal_text_colour(text, &upper, &lower);
        spiral_terminal_text_add(text, UPPER_HALF);
    }
}

static void write_picture(SpiralTerminalText *text, const Picture *picture)
{
    size_t step = text->colours == SPIRAL_TERMINAL_PLAIN ? 1 : 2;
    for (size_t y = 0; y < picture->height; y += step) {
        for (size_t x = 0; x < picture->width; x++)
            write_cell(text, picture, &picture->pixels[y * picture->width + x]);
        spiral_terminal_text_end_line(text);
    }
}

/* Two cells in the colours of the class's points and region, or its two characters, and a space. */
static size_t write_key(SpiralTerminalText *text, size_t class)
{
    if (text->colours == SPIRAL_TERMINAL_PLAIN) {
        const char key[] = {'[', point_character(class), region_character(class), ']', ' ', '\0'};
        spiral_terminal_text_add(text, key);
        return sizeof key - 1;
    }
    SpiralColour colour = spiral_palette_colour(class), tint = region_colour(text->colours, class);
    spiral_terminal_text_colour(text, NULL, &colour);
    spiral_terminal_text_add(text, " ");
    spiral_terminal_text_colour(text, NULL, &tint);
    spiral_terminal_text_add(text, " ");
    spiral_terminal_text_colour(text, NULL, NULL);
    spiral_terminal_text_add(text, " ");
    return 3;
}

/* As many classes as have room on one line, then how many more there are. */
static void write_legend(SpiralTerminalText *text, const SpiralScatter *scatter, size_t columns)
{
    size_t key = text->colours == SPIRAL_TERMINAL_PLAIN ? 5 : 3, used = 0;
    for (size_t i = 0; i < scatter->classes; i++) {
        char more[40] = "", gap[] = "  ";
        size_t left = scatter->classes - i - 1;
        if (left > 0)
            snprintf(more, sizeof more, "  +%zu", left);
        if (i == 0)
            gap[0] = '\0';
        size_t room = columns - used, taken = strlen(gap) + key + strlen(more);
        size_t name = spiral_terminal_text_name(NULL, scatter->names[i], NAME_COLUMNS);
        if (i > 0 && taken + name > room) {
            snprintf(more, sizeof more, "  +%zu", left + 1);
            spiral_terminal_text_add(text, more);
            break;
        }
        spiral_terminal_text_add(text, gap);
        used += strlen(gap) + write_key(text, i);
        size_t widest = taken >= room ? 0 : room - taken < NAME_COLUMNS ? room - taken : NAME_COLUMNS;
        used += spiral_terminal_text_name(text, scatter->names[i], widest);
    }
    spiral_terminal_text_end_line(text);
}

/* ---- the drawing ------------------------------------------------------------------------------------------------- */

static SpiralStatus make_picture(Picture *picture, const SpiralTerminalOptions *options, size_t rows,
                                 SpiralSampler *sampler, SpiralError *error)
{
    bool plain = options->colours == SPIRAL_TERMINAL_PLAIN;
    picture->width = options->columns;
    picture->height = plain ? rows : 2 * rows;
    picture->tall = plain ? 2.0 : 1.0; /* a cell is about twice as tall as it is wide */
    picture->pixels = spiral_allocate(picture->width * picture->height, sizeof *picture->pixels);
    if (picture->pixels == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for a picture of %zux%zu cells",
                                options->columns, options->rows);
    picture->axes.plot = (SpiralRectangle){0.0, 0.0, (double)options->columns, 2.0 * (double)rows};
    if (spiral_scatter_limits(picture->scatter, options->margin, options->limits, &picture->axes))
        spiral_axes_equalize(&picture->axes);
    set_points(picture);
    return set_regions(picture, sampler, error);
}

/* The title, or when its first line is too wide, what follows the last comma there: the accuracy, which matters more
 * than what the network is. */
static const char *fitting_part(const char *title, size_t columns)
{
    char first[SPIRAL_TITLE_BYTES];
    const char *end = strchr(title, '\n'), *part = title;
    size_t length = end != NULL ? (size_t)(end - title) : strlen(title);
    snprintf(first, sizeof first, "%.*s", (int)length, title);
    if (spiral_terminal_text_name(NULL, first, columns + 1) <= columns)
        return title;
    for (size_t i = 0; i + 2 < length; i++)
        if (memcmp(title + i, ", ", 2) == 0)
            part = title + i + 2;
    return part;
}

static SpiralStatus draw(Picture *picture, const SpiralTerminalOptions *options, SpiralSampler *sampler,
                         SpiralTerminalText *text, SpiralError *error)
{
    char made[SPIRAL_TITLE_BYTES];
    const char *title = options->title;
    SpiralStatus status = spiral_sampler_create(sampler, error);
    if (status == SPIRAL_OK && title == NULL) {
        title = made;
        status = spiral_sampler_title(sampler, options->heading, made, error);
    }
    if (status != SPIRAL_OK)
        return status;
    if (title == made)
        title = fitting_part(made, options->columns);
    status = make_picture(picture, options, options->rows - 1 - (title[0] != '\0'), sampler, error);
    if (status != SPIRAL_OK)
        return status;
    if (title[0] != '\0') {
        spiral_terminal_text_name(text, title, options->columns);
        spiral_terminal_text_end_line(text);
    }
    write_picture(text, picture);
    write_legend(text, picture->scatter, options->columns);
    return text->buffer.failed
               ? spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the text of a picture")
               : SPIRAL_OK;
}

SpiralStatus spiral_figure_terminal(const SpiralNetwork *network, const SpiralDataset *dataset,
                                    const SpiralTerminalOptions *options, char **text, SpiralError *error)
{
    *text = NULL;
    SpiralStatus status = spiral_terminal_validate(options, error);
    if (status == SPIRAL_OK)
        status = spiral_sampler_check(network, dataset, error);
    SpiralScatter scatter = {0};
    if (status == SPIRAL_OK)
        status = spiral_scatter_set(&scatter, dataset, network, options->axes, options->plane, error);
    scatter.brief = true;
    Picture picture = {.scatter = &scatter};
    SpiralSampler sampler = {.network = network,
                             .scatter = &scatter,
                             .axes = &picture.axes,
                             .threads = options->threads,
                             .shade = options->shade};
    SpiralTerminalText written = {.colours = options->colours};
    if (status == SPIRAL_OK)
        status = draw(&picture, options, &sampler, &written, error);
    spiral_sampler_release(&sampler);
    spiral_scatter_release(&scatter);
    free(picture.pixels);
    if (status == SPIRAL_OK)
        *text = written.buffer.bytes;
    else
        free(written.buffer.bytes);
    return status;
}
