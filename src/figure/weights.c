/* The weights of a network as matrices. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "figure/colours.h"
#include "figure/matrix.h"
#include "spiral/figure.h"

/* On one sheet: what has room for its labels. */
enum { MOST_MATRICES = 6, STACKED = 3 };

/* Distances, as multiples of the sheet's unit. */
static const double MARGIN = 12.0;

typedef struct Panel {
    SpiralMatrix matrix;
    SpiralAxes axes;
    char title[64], input[48], output[48]; /* the labels of both sides */
    double share;                          /* of the height of the plots */
} Panel;

typedef struct Picture {
    const SpiralNetwork *network;
    const SpiralSheet *sheet;
    size_t count, rows; /* the panels, in columns of at most so many */
    Panel *panels;      /* (count) */
    SpiralRectangle area;
    SpiralLines title;
} Picture;

/* ---- what is drawn ----------------------------------------------------------------------------------------------- */

/* Two decimals, or a power of ten where these say little. */
static void write_weight(const SpiralMatrix *matrix, size_t row, size_t column, SpiralCellText *text)
{
    double weight = spiral_matrix_value(matrix, row, column), largest = matrix->bar.axis.high;
    char number[SPIRAL_CELL_BYTES - 4];
    snprintf(number, sizeof number, largest >= 0.1 && largest < 1e4 ? "%.2f" : "%.2g", weight);
    bool minus = number[0] == '-' && strtod(number, NULL) < 0.0; /* not the one of a rounded 0 */
    snprintf(text->line[0], sizeof text->line[0], "%s%s", minus ? "\xe2\x88\x92" : "",
             number + (number[0] == '-' ? 1 : 0));
}

static double largest_weight(const double *weights, size_t count)
{
    double largest = 0.0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(weights[i]));
    return largest;
}

static void name_units(const SpiralNetwork *network, size_t layer, char name[48])
{
    if (network->layers == 2)
        snprintf(name, 48, "hidden unit");
    else
        snprintf(name, 48, "unit of layer %zu", layer);
}

/* The inputs are down and the outputs across, as in W; the other way round when there are more inputs, so that the
 * longer side is across. */
static void set_panel(Panel *panel, const SpiralNetwork *network, size_t layer)
{
    size_t inputs = network->sizes[layer], outputs = network->sizes[layer + 1];
    const double *weights = spiral_network_weights(network, layer);
    bool first = layer == 0, last = layer + 1 == network->layers;
    char name[32];
    spiral_network_parameter_name(network, 'W', layer, name, sizeof name);
    snprintf(panel->title, sizeof panel->title, "%s (%zu \xc3\x97 %zu)", name, inputs, outputs);
    snprintf(panel->input, sizeof panel->input, "feature");
    snprintf(panel->output, sizeof panel->output, "class");
    if (!first)
        name_units(network, layer, panel->input);
    if (!last)
        name_units(network, layer + 1, panel->output);
    SpiralMatrixSide in = {inputs, outputs, panel->input, first ? (const char *const *)network->feature_names : NULL};
    SpiralMatrixSide out = {outputs, 1, panel->output, last ? (const char *const *)network->class_names : NULL};
    double largest = largest_weight(weights, inputs * outputs);
    panel->matrix = (SpiralMatrix){.rows = outputs >= inputs ? in : out,
                                   .columns = outputs >= inputs ? out : in,
                                   .values = weights,
                                   .bar = {.ramp = spiral_ramp_diverging, .axis = {.label = "weight"}},
                                   .write = write_weight};
    spiral_axis_limits(&panel->matrix.bar.axis, -largest, largest);
    panel->axes = (SpiralAxes){.title = panel->title};
    panel->share = fmax(3.0, fmin(6.0, (double)panel->matrix.rows.count));
}

/* ---- layout ------------------------------------------------------------------------------------------------------ */

/* Lays out the panels from first to before end below one another, with those heights, and widens *left and *right to
 * the most room that one has beside its plot. */
static void lay_out_panels(const Picture *picture, size_t first, size_t end, SpiralRectangle area,
                           const double *heights, double *left, double *right)
{
    double indent = *left, beside = *right, top = area.top;
    for (size_t p = first; p < end; p++) {
        Panel *panel = &picture->panels[p];
        SpiralRectangle part = {area.left, floor(top), area.right, floor(top + heights[p - first])};
        panel->axes.indent = indent;
        panel->axes.beside = beside;
        spiral_matrix_layout(&panel->matrix, picture->sheet, part, &panel->axes);
        *left = fmax(*left, panel->axes.plot.left - part.left);
        *right = fmax(*right, panel->axes.beside);
        top = part.bottom;
    }
}

/* The shares divide the height of the plots alone, and the plots line up on both sides. Another height may have other
 * ticks, with wider labels. */
static void stack(const Picture *picture, size_t first, size_t end, SpiralRectangle area)
{
    double heights[STACKED], shares = 0.0, room = 0.0, left = 0.0, right = 0.0, indent, beside;
    for (size_t p = first; p < end; p++)
        shares += picture->panels[p].share;
    for (size_t p = first; p < end; p++)
        heights[p - first] = (area.bottom - area.top) * (picture->panels[p].share / shares);
    lay_out_panels(picture, first, end, area, heights, &left, &right);
    for (size_t p = first; p < end; p++) {
        const SpiralAxes *axes = &picture->panels[p].axes;
        heights[p - first] = axes->area.bottom - axes->area.top - (axes->plot.bottom - axes->plot.top);
        room += axes->plot.bottom - axes->plot.top;
    }
    for (size_t p = first; p < end; p++)
        heights[p - first] += room * (picture->panels[p].share / shares);
    do {
        indent = left;
        beside = right;
        lay_out_panels(picture, first, end, area, heights, &left, &right);
    } while (left > indent || right > beside);
}

static void set_title(Picture *picture, const SpiralFigureOptions *options, size_t crowd)
{
    const SpiralSheet *sheet = picture->sheet;
    char made[512] = "Weights of the ", note[200] = "";
    size_t layers = picture->network->layers, used = strlen(made);
    spiral_network_title(picture->network, made + used, sizeof made - used - sizeof note);
    made[used] = (char)(made[used] | 0x20); /* the small letter */
    if (picture->count < layers)
        snprintf(note, sizeof note, "the first %zu of %zu matrices", picture->count, layers);
    if (crowd > 1) {
        size_t length = strlen(note);
        snprintf(note + length, sizeof note - length, "%sa cell shows the largest of up to %zu weights",
                 length > 0 ? "; " : "", crowd);
    }
    used = strlen(made);
    snprintf(made + used, sizeof made - used, "%s%s", note[0] != '\0' ? "\n" : "", note);
    double margin = MARGIN * sheet->unit, width = (double)sheet->canvas->width - 2.0 * margin;
    spiral_lines_break(&picture->title, sheet, sheet->title_size, options->title != NULL ? options->title : made,
                       width);
    picture->area = spiral_sheet_area(sheet);
    picture->area.top = ceil(margin + spiral_lines_height(picture->title.count, sheet->title_size));
}

static void layout(const Picture *picture)
{
    size_t columns = (picture->count + STACKED - 1) / STACKED, rows = (picture->count + columns - 1) / columns;
    double width = floor((picture->area.right - picture->area.left) / (double)columns);
    for (size_t c = 0; c < columns; c++) {
        size_t first = c * rows, end = first + rows < picture->count ? first + rows : picture->count;
        SpiralRectangle area = picture->area;
        area.left += width * (double)c;
        area.right = area.left + width;
        stack(picture, first, end, area);
    }
}

static size_t most_crowded(const Picture *picture)
{
    size_t most = 1;
    for (size_t p = 0; p < picture->count; p++) {
        const Panel *panel = &picture->panels[p];
        size_t crowd = spiral_matrix_crowd(&panel->matrix, picture->sheet, &panel->axes);
        most = crowd > most ? crowd : most;
    }
    return most;
}

/* ---- the figure -------------------------------------------------------------------------------------------------- */

static SpiralStatus draw(Picture *picture, const SpiralFigureOptions *options, SpiralError *error)
{
    const SpiralSheet *sheet = picture->sheet;
    for (size_t p = 0; p < picture->count; p++)
        set_panel(&picture->panels[p], picture->network, p);
    set_title(picture, options, 1);
    layout(picture);
    size_t crowd = most_crowded(picture);
    if (crowd > 1) { /* the title says so, in a line of its own */
        set_title(picture, options, crowd);
        layout(picture);
    }
    double margin = MARGIN * sheet->unit, width = (double)sheet->canvas->width;
    spiral_lines_draw(&picture->title, sheet, sheet->title_size, margin, width - margin, width / 2.0,
                      picture->area.top - 0.35 * sheet->title_size);
    SpiralStatus status = SPIRAL_OK;
    for (size_t p = 0; status == SPIRAL_OK && p < picture->count; p++)
        status = spiral_matrix_draw(&picture->panels[p].matrix, sheet, &picture->panels[p].axes, error);
    return status;
}

static SpiralStatus check_weights(const SpiralNetwork *network, SpiralError *error)
{
    for (size_t l = 0; l < network->layers; l++) {
        double largest = largest_weight(spiral_network_weights(network, l), network->sizes[l] * network->sizes[l + 1]);
        if (!(largest <= SPIRAL_AXIS_LARGEST))
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0, "the weight %g; weights up to %g can be drawn",
                                    largest, SPIRAL_AXIS_LARGEST);
    }
    return SPIRAL_OK;
}

SpiralStatus spiral_figure_weights(const SpiralNetwork *network, const SpiralFigureOptions *options, const char *path,
                                   SpiralError *error)
{
    SpiralStatus status = spiral_figure_validate(options, error);
    if (status == SPIRAL_OK)
        status = check_weights(network, error);
    if (status != SPIRAL_OK)
        return status;
    Picture picture = {.network = network, .count = network->layers < MOST_MATRICES ? network->layers : MOST_MATRICES};
    SpiralSheet *sheet = NULL;
    picture.panels = spiral_allocate(picture.count, sizeof *picture.panels);
    if (picture.panels == NULL)
        status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to draw a network's weights");
    if (status == SPIRAL_OK)
        status = spiral_sheet_create(options, path, &sheet, error);
    if (status == SPIRAL_OK) {
        picture.sheet = sheet;
        status = draw(&picture, options, error);
    }
    if (status == SPIRAL_OK)
        status = spiral_sheet_save(sheet, path, error);
    spiral_sheet_free(sheet);
    free(picture.panels);
    return status;
}
