/* The hidden units of a network's first layer, each with the half-plane where it is active. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "figure/colours.h"
#include "figure/legend.h"
#include "figure/multiples.h"
#include "figure/plane.h"
#include "figure/sampler.h"
#include "figure/scatter.h"
#include "figure/sheet.h"
#include "net/units.h"
#include "spiral/figure.h"

enum { MOST_UNITS = 24, CAPTION_BYTES = 64 };

/* Distances, as multiples of the sheet's unit. */
static const double MARGIN = 12.0, GAP = 10.0, LEAST_SIDE = 60.0;

static const double RADIUS = 0.011; /* of an observation, beside the picture's shorter side */

static const double SMALL = 0.85; /* of the text's size */

static const SpiralColour neutral = {0xcc, 0xcc, 0xcc}, dead = {0xee, 0xee, 0xee}, outline = {0x99, 0x99, 0x99};

typedef struct Picture {
    const SpiralNetwork *network, *drawn; /* drawn: of the coordinates of the plot */
    const SpiralScatter *scatter;
    const SpiralFigureOptions *options;
    const SpiralSheet *sheet;
    SpiralUnit *units;      /* (H1) */
    size_t count;           /* those that are drawn */
    double total;           /* the weight of all */
    SpiralMultiples places; /* in what title, legend and note leave */
    SpiralLines title, note;
} Picture;

/* ---- words ------------------------------------------------------------------------------------------------------- */

/* Has the activation an output of 0, or almost, below 0? */
static bool can_die(const SpiralNetwork *network)
{
    return network->activation == SPIRAL_ACTIVATION_RELU || network->activation == SPIRAL_ACTIVATION_LEAKY_RELU;
}

static bool is_dead(const Picture *picture, const SpiralUnit *unit)
{
    return can_die(picture->network) && unit->active == 0;
}

static void make_heading(const Picture *picture, char *text, size_t size)
{
    const SpiralNetwork *network = picture->network;
    size_t all = network->sizes[1], dead_count = 0;
    char count[80], tail[40] = "";
    for (size_t j = 0; j < all; j++)
        dead_count += is_dead(picture, &picture->units[j]);
    snprintf(count, sizeof count, picture->count < all ? "The %zu heaviest of %zu" : "%zu", picture->count, all);
    if (dead_count > 0)
        snprintf(tail, sizeof tail, ", %zu dead", dead_count);
    snprintf(text, size, "%s hidden unit%s%s (%s)%s", count, all == 1 ? "" : "s",
             network->layers > 2 ? " of the first layer" : "", spiral_activation_title(network->activation), tail);
}

/* Principal components are named by the title. */
static void make_note(const Picture *picture, char *text, size_t size)
{
    SpiralAxes axes;
    spiral_scatter_limits(picture->scatter, picture->options->margin, picture->options->limits, &axes);
    const char *x = axes.x.label != NULL ? axes.x.label : "", *y = axes.y.label != NULL ? axes.y.label : "";
    int length = snprintf(text, size,
                          "Coloured: where the unit\xe2\x80\x99s input sum is positive%s. Percent: its share in the "
                          "decision, by the mean of |output| times the length of the outgoing weights.",
                          picture->network->layers == 2 ? ", by the class that it favours" : "");
    if (!picture->scatter->components && !picture->scatter->strip && x[0] != '\0' && y[0] != '\0')
        snprintf(text + length, size - (size_t)length, " Across: %.*s. Up: %.*s.", SPIRAL_TEXT_CUT(x, 60),
                 SPIRAL_TEXT_CUT(y, 60));
}

static void make_caption(const Picture *picture, const SpiralUnit *unit, char text[CAPTION_BYTES])
{
    double share = picture->total > 0.0 ? 100.0 * (unit->weight / picture->total) : 0.0;
    if (is_dead(picture, unit))
        snprintf(text, CAPTION_BYTES, "unit %zu: dead", unit->index);
    else if (share > 0.0 && share < 0.1)
        snprintf(text, CAPTION_BYTES, "unit %zu: <0.1 %%", unit->index);
    else
        snprintf(text, CAPTION_BYTES, "unit %zu: %.*f %%", unit->index, share < 10.0 ? 1 : 0, share);
}

/* ---- the half-plane ---------------------------------------------------------------------------------------------- */

/* A unit's input sum at the pixel (x, y): across x + down y + rest. */
typedef struct Sum {
    double across, down, rest;
} Sum;

static Sum sum_of(const Picture *picture, size_t unit, const SpiralAxes *axes)
{
    const SpiralNetwork *network = picture->drawn;
    const SpiralRectangle *plot = &axes->plot;
    size_t inputs = network->sizes[0], units = network->sizes[1];
    double slope[2] = {0.0, 0.0}, sum = spiral_network_biases(network, 0)[unit];
    for (size_t d = 0; d < inputs; d++) {
        slope[d] = spiral_network_weights(network, 0)[d * units + unit];
        if (network->mean != NULL) {
            slope[d] /= network->scale[d];
            sum -= slope[d] * network->mean[d];
        }
    }
    Sum made = {.across = slope[0] * (axes->x.high - axes->x.low) / (plot->right - plot->left),
                .down = -slope[1] * (axes->y.high - axes->y.low) / (plot->bottom - plot->top)};
    made.rest =
        sum + slope[0] * axes->x.low + slope[1] * axes->y.high - made.across * plot->left - made.down * plot->top;
    return made;
}

static double within(double value, double low, double high)
{
    return fmin(fmax(value, low), high);
}

/* Where the sum is 0 in the column x. */
static double zero_at(const Sum *sum, double x)
{
    return -(sum->across * x + sum->rest) / sum->down;
}

/* A positive sum above or below the line of 0, or on one side of it when it is upright. */
static void draw_half_plane(const SpiralSheet *sheet, const Sum *sum, const SpiralRectangle *plot, SpiralColour colour)
{
    if (sum->down == 0.0) {
        double zero = sum->across != 0.0 ? within(-sum->rest / sum->across, plot->left, plot->right) : plot->left;
        SpiralRectangle side = *plot;
        if (sum->across > 0.0)
            side.left = zero;
        else if (sum->across < 0.0)
            side.right = zero;
        else if (!(sum->rest > 0.0))
            return;
        spiral_canvas_rectangle(sheet->canvas, side, colour, 1.0);
        return;
    }
    /* the line may leave the plot at the top and at the bottom */
    double first = within(-(sum->down * plot->top + sum->rest) / sum->across, plot->left, plot->right);
    double second = within(-(sum->down * plot->bottom + sum->rest) / sum->across, plot->left, plot->right);
    if (sum->across == 0.0)
        first = second = plot->left;
    const double xs[] = {plot->left, fmin(first, second), fmax(first, second), plot->right};
    double band[12];
    for (size_t i = 0; i < 4; i++) {
        band[3 * i] = xs[i];
        band[3 * i + 1] = within(zero_at(sum, xs[i]), plot->top, plot->bottom);
        band[3 * i + 2] = sum->down > 0.0 ? plot->bottom : plot->top;
    }
    spiral_canvas_band(sheet->canvas, 4, band, colour, 1.0);
}

static void draw_border(const SpiralSheet *sheet, const Sum *sum, const SpiralRectangle *plot)
{
    SpiralStroke stroke = {.width = fmax(1.0, 1.2 * sheet->unit), .colour = sheet->ink, .opacity = 0.7};
    double line[] = {plot->left, 0.0, plot->right, 0.0};
    if (fabs(sum->down) > fabs(sum->across)) {
        line[1] = zero_at(sum, plot->left);
        line[3] = zero_at(sum, plot->right);
    } else {
        line[0] = -(sum->down * plot->top + sum->rest) / sum->across;
        line[1] = plot->top;
        line[2] = -(sum->down * plot->bottom + sum->rest) / sum->across;
        line[3] = plot->bottom;
    }
    for (size_t i = 0; i < 4; i++)
        if (!(fabs(line[i]) < 1e6)) /* far away, or nowhere */
            return;
    spiral_canvas_polyline(sheet->canvas, 2, line, &stroke);
}

/* The class whose score the unit raises most, in a network of two layers. */
static size_t favoured_class(const SpiralNetwork *network, const SpiralUnit *unit)
{
    size_t classes = network->sizes[2], favoured = 0;
    const double *row = spiral_network_weights(network, 1) + unit->index * classes;
    for (size_t k = 1; k < classes; k++)
        favoured = row[k] > row[favoured] ? k : favoured;
    return favoured;
}

static void draw_active(const Picture *picture, const SpiralUnit *unit, const Sum *sum, const SpiralRectangle *plot)
{
    const SpiralNetwork *network = picture->network;
    if (network->layers != 2) {
        draw_half_plane(picture->sheet, sum, plot, neutral);
        return;
    }
    size_t favoured = favoured_class(network, unit);
    spiral_canvas_name(picture->sheet->canvas, network->class_names[favoured]);
    draw_half_plane(picture->sheet, sum, plot, spiral_palette_tint(favoured));
    spiral_canvas_name(picture->sheet->canvas, NULL);
}

/* ---- layout ------------------------------------------------------------------------------------------------------ */

static double small_text(const Picture *picture)
{
    return SMALL * picture->sheet->text_size;
}

static double caption_height(const Picture *picture)
{
    return ceil(spiral_lines_height(1, small_text(picture)) + 3.0 * picture->sheet->unit);
}

static double widest_caption(const Picture *picture)
{
    double widest = 0.0;
    for (size_t i = 0; i < picture->count; i++) {
        char caption[CAPTION_BYTES];
        make_caption(picture, &picture->units[i], caption);
        widest = fmax(widest, spiral_font_width(picture->sheet->font, small_text(picture), caption));
    }
    return widest;
}

/* As many columns as make the pictures' shorter side the longest, which it returns; but not so many that captions have
 * no room. */
static double place_units(Picture *picture)
{
    double longest = -1.0, widest = widest_caption(picture);
    SpiralMultiples places = picture->places;
    for (size_t columns = 1; columns <= picture->count; columns++) {
        spiral_multiples_divide(&places, picture->count, columns);
        double side = spiral_multiples_side(&places);
        if (columns > 1 && (side <= longest + 0.5 || places.width - places.gap < widest))
            continue;
        longest = side;
        picture->places = places;
    }
    return longest;
}

static SpiralLegend legend_of(const Picture *picture)
{
    return (SpiralLegend){.count = picture->scatter->classes,
                          .names = picture->scatter->names,
                          .widest = 0.2 * (double)picture->sheet->canvas->width,
                          .tallest = picture->places.area.bottom - picture->places.area.top};
}

/* The title above, the note below, the legend beside, and what they leave. */
static void lay_out_around(Picture *picture)
{
    const SpiralSheet *sheet = picture->sheet;
    const SpiralFigureOptions *options = picture->options;
    double margin = ceil(MARGIN * sheet->unit), beside, height;
    char heading[200], title[SPIRAL_TITLE_BYTES], note[400];
    SpiralRectangle area = spiral_sheet_area(sheet);
    area.left += margin;
    double width = area.right - margin - area.left;
    make_heading(picture, heading, sizeof heading);
    spiral_scatter_title(picture->scatter, options->heading != NULL ? options->heading : heading, title);
    spiral_lines_break(&picture->title, sheet, sheet->title_size, options->title != NULL ? options->title : title,
                       width);
    make_note(picture, note, sizeof note);
    spiral_lines_break(&picture->note, sheet, small_text(picture), note, width);
    area.top += ceil(margin + spiral_lines_height(picture->title.count, sheet->title_size));
    area.bottom -=
        margin + ceil(spiral_lines_height(picture->note.count, small_text(picture)) + 0.5 * small_text(picture));
    picture->places = (SpiralMultiples){.area = area, .gap = GAP * sheet->unit, .caption = caption_height(picture)};
    SpiralLegend legend = legend_of(picture);
    spiral_legend_measure(sheet, &legend, &beside, &height);
    picture->places.area.right -= fmax(beside, margin);
}

/* As many units as pictures of a sensible size have room for. */
static void lay_out(Picture *picture)
{
    size_t all = picture->network->sizes[1];
    picture->count = all < MOST_UNITS ? all : MOST_UNITS;
    for (;; picture->count--) {
        lay_out_around(picture);
        if (place_units(picture) >= LEAST_SIDE * picture->sheet->unit || picture->count == 1)
            break;
    }
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

static void draw_around(const Picture *picture)
{
    const SpiralSheet *sheet = picture->sheet;
    double margin = ceil(MARGIN * sheet->unit), small = small_text(picture);
    const SpiralRectangle *area = &picture->places.area;
    double left = area->left, right = (double)sheet->canvas->width - margin, middle = (left + right) / 2.0;
    spiral_lines_draw(&picture->title, sheet, sheet->title_size, left, right, middle,
                      area->top - 0.55 * sheet->title_size);
    spiral_lines_draw(&picture->note, sheet, small, left, right, middle,
                      (double)sheet->canvas->height - margin - 0.2 * small);
    SpiralLegend legend = legend_of(picture);
    spiral_legend_draw(sheet, &legend, area->right, area->top, false);
}

static void draw_caption(const Picture *picture, const SpiralUnit *unit, const SpiralRectangle *plot)
{
    const SpiralSheet *sheet = picture->sheet;
    char caption[CAPTION_BYTES], cut[CAPTION_BYTES];
    SpiralTextStyle style = {.size = small_text(picture), .colour = sheet->ink, .align = SPIRAL_ALIGN_CENTRE};
    make_caption(picture, unit, caption);
    spiral_font_cut(sheet->font, style.size, caption, plot->right - plot->left, cut, sizeof cut);
    spiral_font_draw(sheet->font, sheet->canvas, (plot->left + plot->right) / 2.0, plot->top - 0.45 * style.size, cut,
                     &style);
}

static void draw_unit(const Picture *picture, size_t place)
{
    const SpiralSheet *sheet = picture->sheet;
    const SpiralUnit *unit = &picture->units[place];
    double width = spiral_sheet_line_width(sheet);
    SpiralRectangle plot = spiral_multiples_picture(&picture->places, place);
    SpiralAxes axes = {.area = plot, .plot = plot};
    if (spiral_scatter_limits(picture->scatter, picture->options->margin, picture->options->limits, &axes))
        spiral_axes_equalize(&axes);
    Sum sum = sum_of(picture, unit->index, &axes);
    spiral_canvas_clip(sheet->canvas, &plot);
    if (is_dead(picture, unit))
        spiral_canvas_rectangle(sheet->canvas, plot, dead, 1.0);
    else
        draw_active(picture, unit, &sum, &plot);
    draw_border(sheet, &sum, &plot);
    spiral_canvas_clip(sheet->canvas, NULL);
    spiral_scatter_draw_points(picture->scatter, sheet, &axes, SPIRAL_TILE_POINTS_LIMIT, RADIUS);
    SpiralRectangle frame = {plot.left - width, plot.top - width, plot.right + width, plot.bottom + width};
    spiral_canvas_frame(sheet->canvas, frame, width, outline);
    draw_caption(picture, unit, &plot);
}

static SpiralStatus draw(Picture *picture, SpiralError *error)
{
    const SpiralScatter *scatter = picture->scatter;
    SpiralNetwork *reduced = NULL;
    SpiralStatus status =
        spiral_units_measure(picture->network, scatter->dataset, picture->options->threads, picture->units, error);
    if (status == SPIRAL_OK && scatter->plane != NULL)
        status = spiral_plane_network(scatter->plane, picture->network, &reduced, error);
    if (status != SPIRAL_OK)
        return status;
    picture->drawn = reduced != NULL ? reduced : picture->network;
    for (size_t j = 0; j < picture->network->sizes[1]; j++)
        picture->total += picture->units[j].weight;
    lay_out(picture);
    draw_around(picture);
    for (size_t place = 0; place < picture->count; place++)
        draw_unit(picture, place);
    spiral_network_free(reduced);
    return SPIRAL_OK;
}

static void free_picture(Picture *picture)
{
    if (picture == NULL)
        return;
    free(picture->units);
    free(picture);
}

static SpiralStatus make_picture(const SpiralNetwork *network, Picture **picture, SpiralError *error)
{
    Picture *made = spiral_allocate(1, sizeof *made);
    if (made != NULL)
        made->units = spiral_allocate(network->sizes[1], sizeof *made->units);
    if (made == NULL || made->units == NULL) {
        free_picture(made);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for a layer's units");
    }
    made->network = network;
    *picture = made;
    return SPIRAL_OK;
}

SpiralStatus spiral_figure_hidden_units(const SpiralNetwork *network, const SpiralDataset *dataset,
                                        const SpiralFigureOptions *options, const char *path, SpiralError *error)
{
    SpiralStatus status = spiral_figure_validate(options, error);
    if (status == SPIRAL_OK && network->layers < 2)
        status = spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0, "a linear classifier has no hidden units");
    if (status == SPIRAL_OK)
        status = spiral_sampler_check(network, dataset, error);
    SpiralScatter scatter = {0};
    if (status == SPIRAL_OK)
        status = spiral_scatter_set(&scatter, dataset, network, options->axes, options->plane, error);
    SpiralSheet *sheet = NULL;
    if (status == SPIRAL_OK)
        status = spiral_sheet_create(options, path, &sheet, error);
    Picture *picture = NULL;
    if (status == SPIRAL_OK)
        status = make_picture(network, &picture, error);
    if (status == SPIRAL_OK) {
        picture->scatter = &scatter;
        picture->options = options;
        picture->sheet = sheet;
        status = draw(picture, error);
    }
    if (status == SPIRAL_OK)
        status = spiral_sheet_save(sheet, path, error);
    free_picture(picture);
    spiral_sheet_free(sheet);
    spiral_scatter_release(&scatter);
    return status;
}
