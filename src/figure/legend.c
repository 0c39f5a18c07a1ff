#include "figure/legend.h"

#include <math.h>
#include <stdio.h>

#include "figure/colours.h"
#include "figure/shorten.h"

/* The texts of all rows. */
typedef char Texts[SPIRAL_LEGEND_ROWS + 1][SPIRAL_NAME_BYTES];

/* What a legend looks like, worked out from the sheet's unit. */
typedef struct Shape {
    double padding, row, key; /* round all; the height of a row; the width of its marker or line */
    size_t rows;              /* entries that are listed */
    size_t more;              /* entries that are not, counted in one more row */
} Shape;

static size_t entries_of(const SpiralLegend *legend)
{
    return legend->count + (legend->hollow != NULL) + (legend->ringed != NULL);
}

static Shape shape_of(const SpiralSheet *sheet, const SpiralLegend *legend)
{
    Shape shape = {.padding = 8.0 * sheet->unit, .row = 1.45 * sheet->text_size};
    shape.key = (legend->lines ? 34.0 : 20.0) * sheet->unit;
    double room = floor((legend->tallest - 2.0 * shape.padding) / shape.row);
    size_t fitting = room >= SPIRAL_LEGEND_ROWS + 1.0 ? SPIRAL_LEGEND_ROWS + 1 : room >= 1.0 ? (size_t)room : 0;
    size_t entries = entries_of(legend);
    bool all = entries <= fitting && entries <= SPIRAL_LEGEND_ROWS;
    shape.rows = all || fitting == 0 ? (fitting == 0 ? 0 : entries) : fitting - 1;
    shape.more = fitting == 0 ? 0 : entries - shape.rows;
    return shape;
}

static const char *name_of(const SpiralLegend *legend, size_t entry)
{
    if (entry < legend->count)
        return legend->names[entry];
    return entry == legend->count && legend->hollow != NULL ? legend->hollow : legend->ringed;
}

/* The entry in that row. What dashes and marks mean, the last entries, is listed even if not all names are. */
static size_t entry_of(const SpiralLegend *legend, const Shape *shape, size_t row)
{
    size_t entries = entries_of(legend), last = legend->dashed + (legend->off_axis ? 1 : 0) + entries - legend->count;
    return shape->rows > last && row >= shape->rows - last ? entries - (shape->rows - row) : row;
}

/* Fills in the texts: the entries' names, and how many more there are; shortened to the room. Returns their number. */
static size_t make_texts(const SpiralSheet *sheet, const SpiralLegend *legend, const Shape *shape, Texts texts)
{
    const char *names[SPIRAL_LEGEND_ROWS];
    double room = legend->widest - 2.0 * shape->padding;
    for (size_t row = 0; row < shape->rows; row++)
        names[row] = name_of(legend, entry_of(legend, shape, row));
    spiral_shorten_names(sheet, sheet->text_size, shape->rows, names, room - shape->key, SPIRAL_NAME_BYTES, texts);
    if (shape->more == 0)
        return shape->rows;
    char more[64];
    snprintf(more, sizeof more, "and %zu more", shape->more);
    spiral_font_cut(sheet->font, sheet->text_size, more, room, texts[shape->rows], SPIRAL_NAME_BYTES);
    return shape->rows + 1;
}

void spiral_legend_measure(const SpiralSheet *sheet, const SpiralLegend *legend, double *width, double *height)
{
    Texts texts;
    Shape shape = shape_of(sheet, legend);
    size_t rows = make_texts(sheet, legend, &shape, texts);
    double widest = 0.0;
    for (size_t row = 0; row < rows; row++) {
        double key = row < shape.rows ? shape.key : 0.0;
        widest = fmax(widest, key + spiral_font_width(sheet->font, sheet->text_size, texts[row]));
    }
    *width = rows > 0 ? ceil(widest + 2.0 * shape.padding) : 0.0;
    *height = rows > 0 ? ceil((double)rows * shape.row + 2.0 * shape.padding) : 0.0;
}

void spiral_legend_ring(const SpiralSheet *sheet, double x, double y, double radius)
{
    const SpiralStroke stroke = {.width = fmax(1.0, 0.25 * radius), .colour = sheet->ink, .opacity = 1.0};
    spiral_canvas_ring(sheet->canvas, x, y, 1.7 * radius, &stroke);
}

static void draw_key(const SpiralSheet *sheet, const SpiralLegend *legend, size_t entry, double left, double middle,
                     const Shape *shape)
{
    double unit = sheet->unit;
    size_t lines = legend->count - (legend->off_axis ? 1 : 0);
    if (legend->lines && entry == lines) {
        spiral_marker_draw(sheet->canvas, SPIRAL_MARKER_TRIANGLE, left + shape->key / 2.0 - 5.0 * unit, middle,
                           5.0 * unit, 0.0, sheet->grey, sheet->grey);
    } else if (legend->lines) {
        const double line[] = {left, middle, left + shape->key - 10.0 * unit, middle};
        SpiralStroke stroke = {.width = 2.0 * unit, .colour = spiral_palette_line(entry), .opacity = 1.0};
        if (entry >= lines - legend->dashed) {
            stroke.colour = sheet->grey;
            stroke.dash = 5.0 * unit;
            stroke.gap = 4.0 * unit;
        }
        spiral_canvas_polyline(sheet->canvas, 2, line, &stroke);
        if (legend->marked && entry < lines - legend->dashed)
            spiral_marker_draw(sheet->canvas, spiral_palette_line_marker(entry), (line[0] + line[2]) / 2.0, middle,
                               4.5 * unit, 0.0, stroke.colour, stroke.colour);
    } else if (entry >= legend->count) {
        bool hollow = entry == legend->count && legend->hollow != NULL;
        double radius = (hollow ? 5.5 : 3.5) * unit;
        spiral_marker_draw(sheet->canvas, SPIRAL_MARKER_DISC, left + 6.0 * unit, middle, radius,
                           hollow ? SPIRAL_HOLLOW * radius : 0.0, sheet->grey,
                           hollow ? (SpiralColour){255, 255, 255} : sheet->grey);
        if (!hollow)
            spiral_legend_ring(sheet, left + 6.0 * unit, middle, radius);
    } else {
        spiral_marker_draw(sheet->canvas, spiral_palette_marker(entry), left + 6.0 * unit, middle, 5.5 * unit,
                           fmax(1.0, unit), spiral_palette_edge(entry), spiral_palette_colour(entry));
    }
}

void spiral_legend_draw(const SpiralSheet *sheet, const SpiralLegend *legend, double left, double top, bool framed)
{
    Texts texts;
    Shape shape = shape_of(sheet, legend);
    size_t rows = make_texts(sheet, legend, &shape, texts);
    if (framed) {
        double width, height;
        spiral_legend_measure(sheet, legend, &width, &height);
        SpiralRectangle box = {floor(left), floor(top), floor(left) + width, floor(top) + height};
        spiral_canvas_rectangle(sheet->canvas, box, (SpiralColour){255, 255, 255}, 0.9);
        spiral_canvas_frame(sheet->canvas, box, fmax(1.0, floor(sheet->unit)), sheet->pale);
    }
    for (size_t row = 0; row < rows; row++) {
        double middle = top + shape.padding + ((double)row + 0.5) * shape.row;
        double x = left + shape.padding;
        if (row < shape.rows) {
            draw_key(sheet, legend, entry_of(legend, &shape, row), x, middle, &shape);
            x += shape.key;
        }
        SpiralTextStyle style = {.size = sheet->text_size, .colour = row < shape.rows ? sheet->ink : sheet->grey};
        spiral_font_draw(sheet->font, sheet->canvas, x, middle + spiral_font_height(sheet->text_size) / 2.0, texts[row],
                         &style);
    }
}
