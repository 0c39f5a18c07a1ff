#include "figure/legend.h"

#include <math.h>
#include <stdio.h>

#include "figure/colours.h"

enum { NAME_BYTES = 512 };

/* What a legend looks like, worked out from the sheet's unit. */
typedef struct Shape {
    double padding, row, key; /* round all; the height of a row; the width of its marker or line */
    size_t rows;              /* entries that are listed */
    size_t more;              /* entries that are not, counted in one more row */
} Shape;

static Shape shape_of(const SpiralSheet *sheet, const SpiralLegend *legend)
{
    Shape shape = {.padding = 8.0 * sheet->unit, .row = 1.45 * sheet->text_size};
    shape.key = (legend->lines ? 34.0 : 20.0) * sheet->unit;
    double room = floor((legend->tallest - 2.0 * shape.padding) / shape.row);
    size_t fitting = room >= SPIRAL_LEGEND_ROWS + 1.0 ? SPIRAL_LEGEND_ROWS + 1 : room >= 1.0 ? (size_t)room : 0;
    bool all = legend->count <= fitting && legend->count <= SPIRAL_LEGEND_ROWS;
    shape.rows = all || fitting == 0 ? (fitting == 0 ? 0 : legend->count) : fitting - 1;
    shape.more = fitting == 0 ? 0 : legend->count - shape.rows;
    return shape;
}

/* The text of a row: the entry's name, or how many more there are; cut to the room. */
static void row_text(const SpiralSheet *sheet, const SpiralLegend *legend, const Shape *shape, size_t row, char *text)
{
    double room = legend->widest - 2.0 * shape->padding;
    char more[64];
    const char *name = more;
    if (row < shape->rows) {
        name = legend->names[row];
        room -= shape->key;
    } else {
        snprintf(more, sizeof more, "and %zu more", shape->more);
    }
    spiral_font_cut(sheet->font, sheet->text_size, name, room, text, NAME_BYTES);
}

void spiral_legend_measure(const SpiralSheet *sheet, const SpiralLegend *legend, double *width, double *height)
{
    Shape shape = shape_of(sheet, legend);
    size_t rows = shape.rows + (shape.more > 0);
    double widest = 0.0;
    for (size_t row = 0; row < rows; row++) {
        char text[NAME_BYTES];
        row_text(sheet, legend, &shape, row, text);
        double key = row < shape.rows ? shape.key : 0.0;
        widest = fmax(widest, key + spiral_font_width(sheet->font, sheet->text_size, text));
    }
    *width = rows > 0 ? ceil(widest + 2.0 * shape.padding) : 0.0;
    *height = rows > 0 ? ceil((double)rows * shape.row + 2.0 * shape.padding) : 0.0;
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
    } else {
        spiral_marker_draw(sheet->canvas, spiral_palette_marker(entry), left + 6.0 * unit, middle, 5.5 * unit,
                           fmax(1.0, unit), spiral_palette_edge(entry), spiral_palette_colour(entry));
    }
}

void spiral_legend_draw(const SpiralSheet *sheet, const SpiralLegend *legend, double left, double top, bool framed)
{
    Shape shape = shape_of(sheet, legend);
    double width, height;
    spiral_legend_measure(sheet, legend, &width, &height);
    if (framed) {
        SpiralRectangle box = {floor(left), floor(top), floor(left) + width, floor(top) + height};
        spiral_canvas_rectangle(sheet->canvas, box, (SpiralColour){255, 255, 255}, 0.9);
        spiral_canvas_frame(sheet->canvas, box, fmax(1.0, floor(sheet->unit)), sheet->pale);
    }
    for (size_t row = 0; row < shape.rows + (shape.more > 0); row++) {
        double middle = top + shape.padding + ((double)row + 0.5) * shape.row;
        double x = left + shape.padding;
        if (row < shape.rows) {
            draw_key(sheet, legend, row, x, middle, &shape);
            x += shape.key;
        }
        char text[NAME_BYTES];
        row_text(sheet, legend, &shape, row, text);
        SpiralTextStyle style = {.size = sheet->text_size, .colour = row < shape.rows ? sheet->ink : sheet->grey};
        spiral_font_draw(sheet->font, sheet->canvas, x, middle + spiral_font_height(sheet->text_size) / 2.0, text,
                         &style);
    }
}
