/* A value for every point of two settings: cells of a grid, or discs. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "figure/axes.h"
#include "figure/canvas.h"
#include "figure/colour_bar.h"
#include "figure/colours.h"
#include "figure/grid.h"
#include "figure/sheet.h"
#include "spiral/figure.h"

enum { VALUE_BYTES = 32 };

static const double GOLDEN = 0.6180339887498949;

/* What is drawn, and where. */
typedef struct Picture {
    const SpiralHeatMap *map;
    const SpiralSheet *sheet;
    SpiralGrid grid;
    SpiralAxes axes;
    SpiralColourBar bar;
} Picture;

/* ---- checks ------------------------------------------------------------------------------------------------------ */

static SpiralStatus check_place(const SpiralScale *scale, const char *axis, size_t point, double value,
                                SpiralError *error)
{
    if (scale->name_count > 0 && !(value >= 0.0 && value < (double)scale->name_count && value == floor(value)))
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                "point %zu has %s = %g; a whole number below %zu, that of a name, is needed", point,
                                axis, value, scale->name_count);
    if (!(fabs(value) <= SPIRAL_AXIS_LARGEST))
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                "point %zu has %s = %g; numbers up to %g can be drawn", point, axis, value,
                                SPIRAL_AXIS_LARGEST);
    if (scale->name_count == 0 && scale->logarithmic && value < 0.0)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                "point %zu has %s = %g; a logarithmic axis needs positive numbers or 0", point, axis,
                                value);
    return SPIRAL_OK;
}

static SpiralStatus check(const SpiralHeatMap *map, const SpiralFigureOptions *options, SpiralError *error)
{
    SpiralStatus status = spiral_figure_validate(options, error);
    if (status == SPIRAL_OK && map->count == 0)
        status = spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0, "there are no points to draw (0)");
    if (status == SPIRAL_OK && map->best >= map->count && map->best != SIZE_MAX)
        status = spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "the best point is to be %zu of %zu", map->best,
                                  map->count);
    if (status == SPIRAL_OK &&
        ((map->x.name_count > 0 && map->x.names == NULL) || (map->y.name_count > 0 && map->y.names == NULL)))
        status = spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "names on an axis, but none is given");
    for (size_t i = 0; status == SPIRAL_OK && i < map->count; i++) {
        status = check_place(&map->x, "x", i, map->xs[i], error);
        if (status == SPIRAL_OK)
            status = check_place(&map->y, "y", i, map->ys[i], error);
        if (status == SPIRAL_OK && fabs(map->values[i]) > SPIRAL_AXIS_LARGEST)
            status = spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                      "point %zu has the value %g; NaN and numbers up to %g can be drawn", i,
                                      map->values[i], SPIRAL_AXIS_LARGEST);
    }
    return status;
}

/* ---- axes and colours -------------------------------------------------------------------------------------------- */

/* A logarithmic scale needs a number above 0. */
static SpiralAxis axis_of(const SpiralScale *scale, const double *values, size_t count)
{
    bool positive = false;
    for (size_t i = 0; i < count; i++)
        positive = positive || values[i] > 0.0;
    return (SpiralAxis){.label = scale->label,
                        .logarithmic = scale->logarithmic && scale->name_count == 0 && positive,
                        .name_count = scale->name_count,
                        .names = scale->names};
}

/* Limits around the points, with a margin; each name takes one unit. */
static void set_limits(SpiralAxis *axis, const double *values, size_t count)
{
    if (axis->name_count > 0) {
        axis->low = -0.5;
        axis->high = (double)axis->name_count - 0.5;
        return;
    }
    double low = INFINITY, high = -INFINITY;
    bool zero = false;
    for (size_t i = 0; i < count; i++) {
        bool apart = axis->logarithmic && values[i] == 0.0;
        low = apart ? low : fmin(low, values[i]);
        high = apart ? high : fmax(high, values[i]);
        zero = zero || apart;
    }
    spiral_axis_limits(axis, low, high);
    spiral_axis_widen(axis, 0.04);
    if (zero)
        spiral_axis_break(axis);
}

/* With cells, the axis ends at the outer edges, and the ticks are at the centres. */
static void set_cell_axis(SpiralAxis *axis, const double *edges, const double *values, size_t count)
{
    spiral_axis_limits(axis, edges[0], edges[count]);
    if (axis->name_count > 0)
        return;
    axis->mark_count = count;
    axis->marks = values;
    if (axis->logarithmic && values[0] == 0.0)
        axis->broken = edges[1];
}

static void set_axes(Picture *picture)
{
    const SpiralHeatMap *map = picture->map;
    const SpiralGrid *grid = &picture->grid;
    SpiralAxes *axes = &picture->axes;
    axes->x = axis_of(&map->x, map->xs, map->count);
    axes->y = axis_of(&map->y, map->ys, map->count);
    if (grid->columns > 0) {
        set_cell_axis(&axes->x, grid->x_edges, grid->xs, grid->columns);
        set_cell_axis(&axes->y, grid->y_edges, grid->ys, grid->rows);
    } else {
        set_limits(&axes->x, map->xs, map->count);
        set_limits(&axes->y, map->ys, map->count);
    }
}

static double cell_value(const SpiralGridCell *cell)
{
    return cell->sum / (double)cell->valued; /* NaN when there is none */
}

/* The colours range from the smallest to the largest value drawn. */
static void set_bar(Picture *picture)
{
    const SpiralHeatMap *map = picture->map;
    const SpiralGrid *grid = &picture->grid;
    size_t cells = grid->columns * grid->rows;
    double low = NAN, high = NAN;
    SpiralColourBar *bar = &picture->bar;
    *bar = (SpiralColourBar){
        .axis = {.label = map->value_label}, .ramp = spiral_ramp_colour, .best = map->best != SIZE_MAX};
    for (size_t i = 0; i < (cells > 0 ? cells : map->count); i++) {
        double value = cells > 0 ? cell_value(&grid->cells[i]) : map->values[i];
        bar->failed = bar->failed || (isnan(value) && (cells == 0 || grid->cells[i].points > 0));
        if (!(map->log_values && value <= 0.0))
            low = fmin(low, value); /* the number, when the other is none */
        high = fmax(high, value);
    }
    bar->blank = isnan(high);
    bar->axis.logarithmic = map->log_values && !isnan(low);
    if (!bar->blank)
        spiral_axis_limits(&bar->axis, isnan(low) ? high : low, high);
}

/* ---- cells ------------------------------------------------------------------------------------------------------- */

/* The whole pixels of a cell. */
static SpiralRectangle cell_area(const Picture *picture, size_t column, size_t row)
{
    const SpiralGrid *grid = &picture->grid;
    const SpiralAxes *axes = &picture->axes;
    return (SpiralRectangle){floor(spiral_axes_x(axes, grid->x_edges[column]) + 0.5),
                             floor(spiral_axes_y(axes, grid->y_edges[row + 1]) + 0.5),
                             floor(spiral_axes_x(axes, grid->x_edges[column + 1]) + 0.5),
                             floor(spiral_axes_y(axes, grid->y_edges[row]) + 0.5)};
}

/* How values are written. */
typedef struct Writing {
    double size;  /* of the text; 0: not at all */
    int decimals; /* negative: three significant digits */
} Writing;

static void write_value(double value, const Writing *writing, char text[VALUE_BYTES])
{
    char number[VALUE_BYTES - 4];
    if (writing->decimals < 0)
        snprintf(number, sizeof number, "%.3g", value);
    else
        snprintf(number, sizeof number, "%.*f", writing->decimals, value);
    bool minus = number[0] == '-';
    snprintf(text, VALUE_BYTES, "%s%s", minus ? "\xe2\x88\x92" : "", number + (minus ? 1 : 0));
}

static bool fits(const Picture *picture, const Writing *writing, const SpiralRectangle *area, const char *text)
{
    double width = spiral_font_width(picture->sheet->font, writing->size, text);
    return width + 0.5 * writing->size <= area->right - area->left && 1.25 * writing->size <= area->bottom - area->top;
}

/* Do the values fit in most of their cells? */
static bool fit_mostly(const Picture *picture, const Writing *writing)
{
    const SpiralGrid *grid = &picture->grid;
    size_t fitting = 0, total = 0;
    for (size_t row = 0; row < grid->rows; row++)
        for (size_t column = 0; column < grid->columns; column++) {
            const SpiralGridCell *cell = &grid->cells[row * grid->columns + column];
            if (cell->valued == 0)
                continue;
            char text[VALUE_BYTES];
            write_value(cell_value(cell), writing, text);
            SpiralRectangle area = cell_area(picture, column, row);
            fitting += fits(picture, writing, &area, text);
            total++;
        }
    return 2 * fitting > total;
}

/* Enough digits to resolve a hundredth of the range, or one fewer; in large or somewhat smaller text. */
static Writing choose_writing(const Picture *picture)
{
    const SpiralAxis *axis = &picture->bar.axis;
    double range = axis->high - axis->low, largest = fmax(fabs(axis->low), fabs(axis->high));
    bool plain = largest < 1e5 && range > 1e-4 && !axis->logarithmic;
    int most = plain ? (int)fmax(0.0, 2.0 - floor(log10(range))) : -1;
    int least = plain ? (most > 0 ? most - 1 : 0) : -1;
    for (double size = 0.95; size > 0.65; size -= 0.1)
        for (int decimals = most; decimals >= least; decimals--) {
            Writing writing = {size * picture->sheet->text_size, decimals};
            if (writing.size >= 8.0 && fit_mostly(picture, &writing))
                return writing;
        }
    return (Writing){0.0, 0};
}

static void draw_cell(const Picture *picture, const SpiralGridCell *cell, SpiralRectangle area, const Writing *writing)
{
    const SpiralSheet *sheet = picture->sheet;
    double line = spiral_sheet_line_width(sheet); /* white, between large cells */
    if (area.right - area.left >= 12.0 * line && area.bottom - area.top >= 12.0 * line) {
        area.right -= line;
        area.top += line;
    }
    if (cell->valued == 0) {
        spiral_colour_bar_failed(sheet, area);
        return;
    }
    SpiralColour ground = spiral_colour_bar_colour(&picture->bar, cell_value(cell));
    spiral_canvas_rectangle(sheet->canvas, area, ground, 1.0);
    char text[VALUE_BYTES];
    if (writing->size == 0.0)
        return;
    write_value(cell_value(cell), writing, text);
    if (!fits(picture, writing, &area, text))
        return;
    SpiralTextStyle style = {.size = writing->size, .colour = spiral_ramp_text(ground), .align = SPIRAL_ALIGN_CENTRE};
    spiral_font_draw(sheet->font, sheet->canvas, (area.left + area.right) / 2.0,
                     (area.top + area.bottom) / 2.0 + spiral_font_height(style.size) / 2.0, text, &style);
}

static void draw_cells(const Picture *picture)
{
    const SpiralGrid *grid = &picture->grid;
    Writing writing = picture->bar.blank ? (Writing){0.0, 0} : choose_writing(picture);
    for (size_t row = 0; row < grid->rows; row++)
        for (size_t column = 0; column < grid->columns; column++) {
            const SpiralGridCell *cell = &grid->cells[row * grid->columns + column];
            if (cell->points > 0)
                draw_cell(picture, cell, cell_area(picture, column, row), &writing);
        }
    if (grid->best_column != SIZE_MAX)
        spiral_colour_bar_outline(picture->sheet, cell_area(picture, grid->best_column, grid->best_row));
}

/* ---- discs ------------------------------------------------------------------------------------------------------- */

/* Points of the same name lie side by side. */
static double spread(const SpiralScale *scale, double value, size_t point)
{
    return scale->name_count > 0 ? value + 0.6 * (fmod((double)point * GOLDEN, 1.0) - 0.5) : value;
}

static double disc_radius(const Picture *picture)
{
    double size = 7.0 * picture->sheet->unit;
    return fmax(2.0, size * fmin(1.0, pow(300.0 / (double)picture->map->count, 0.3)));
}

static void draw_disc(const Picture *picture, size_t i, double radius)
{
    const SpiralHeatMap *map = picture->map;
    const SpiralSheet *sheet = picture->sheet;
    double x = spiral_axes_x(&picture->axes, spread(&map->x, map->xs[i], i));
    double y = spiral_axes_y(&picture->axes, spread(&map->y, map->ys[i], i));
    if (i == map->best) {
        spiral_marker_draw(sheet->canvas, SPIRAL_MARKER_DISC, x, y, radius + 5.0 * sheet->unit,
                           fmax(2.0, 2.5 * sheet->unit), sheet->ink, (SpiralColour){255, 255, 255});
    }
    if (isnan(map->values[i])) {
        spiral_marker_draw(sheet->canvas, SPIRAL_MARKER_CROSS, x, y, 0.7 * radius, 0.0, sheet->grey,
                           (SpiralColour){0x99, 0x99, 0x99});
        return;
    }
    SpiralColour colour = spiral_colour_bar_colour(&picture->bar, map->values[i]);
    spiral_marker_draw(sheet->canvas, SPIRAL_MARKER_DISC, x, y, radius, fmax(0.8, 0.8 * sheet->unit),
                       spiral_colour_mix(colour, (SpiralColour){0, 0, 0}, 0.5), colour);
}

/* Failed points are at the bottom, the best is on top. */
static void draw_discs(const Picture *picture)
{
    const SpiralHeatMap *map = picture->map;
    double radius = disc_radius(picture);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < map->count; i++)
            if (i != map->best && isnan(map->values[i]) == (pass == 0))
                draw_disc(picture, i, radius);
    if (map->best < map->count)
        draw_disc(picture, map->best, radius);
}

/* ---- the figure -------------------------------------------------------------------------------------------------- */

static void draw(Picture *picture)
{
    set_axes(picture);
    set_bar(picture);
    SpiralAxes *axes = &picture->axes;
    axes->beside =
        spiral_colour_bar_measure(&picture->bar, picture->sheet, 0.75 * (double)picture->sheet->canvas->height);
    spiral_axes_layout(axes, picture->sheet, spiral_sheet_area(picture->sheet), false);
    if (picture->grid.columns == 0)
        spiral_axes_draw_grid(axes, picture->sheet);
    spiral_canvas_clip(picture->sheet->canvas, &axes->plot);
    if (picture->grid.columns > 0)
        draw_cells(picture);
    else
        draw_discs(picture);
    spiral_canvas_clip(picture->sheet->canvas, NULL);
    spiral_axes_draw_frame(axes, picture->sheet);
    spiral_colour_bar_draw(&picture->bar, picture->sheet, &axes->plot);
}

SpiralStatus spiral_figure_heat_map(const SpiralHeatMap *map, const SpiralFigureOptions *options, const char *path,
                                    SpiralError *error)
{
    SpiralStatus status = check(map, options, error);
    if (status != SPIRAL_OK)
        return status;
    Picture *picture = spiral_allocate(1, sizeof *picture);
    if (picture == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for a heat map");
    picture->map = map;
    SpiralSheet *sheet = NULL;
    char title[512] = "";
    status = spiral_grid_create(&picture->grid, map, error);
    if (status == SPIRAL_OK)
        status = spiral_sheet_create(options, path, &sheet, error);
    if (status == SPIRAL_OK) {
        if (map->value_label != NULL && map->x.label != NULL && map->y.label != NULL)
            snprintf(title, sizeof title, "%.*s by %.*s and %.*s", SPIRAL_TEXT_CUT(map->value_label, 150),
                     SPIRAL_TEXT_CUT(map->x.label, 150), SPIRAL_TEXT_CUT(map->y.label, 150));
        picture->axes.title = options->title != NULL ? options->title : title;
        picture->sheet = sheet;
        draw(picture);
        status = spiral_sheet_save(sheet, path, error);
    }
    spiral_sheet_free(sheet);
    spiral_grid_release(&picture->grid);
    free(picture);
    return status;
}
