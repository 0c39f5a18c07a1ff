#include "figure/matrix.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"
#include "figure/colours.h"

static const double SMALLEST = 4.0;   /* side of a cell, as a multiple of the sheet's unit */
static const double SEPARATED = 12.0; /* pixels from which on there is a white line between cells */

enum { WRITTEN_CELLS = 2500 }; /* in more there is no room for text */

static const double SMALLEST_TEXT = 8.0; /* pixels */

static const SpiralColour none = {0xe4, 0xe4, 0xe4}, white = {255, 255, 255};

double spiral_matrix_value(const SpiralMatrix *matrix, size_t row, size_t column)
{
    return matrix->values[row * matrix->rows.step + column * matrix->columns.step];
}

/* ---- layout ------------------------------------------------------------------------------------------------------ */

/* Numbers get at most that many ticks, at every 1, 2, 5, 10 ... of them; names get as many as have room. */
static void set_axis(SpiralAxis *axis, const SpiralMatrixSide *side, double most, double marks[SPIRAL_MATRIX_MARKS])
{
    size_t limit = (size_t)fmin(SPIRAL_MATRIX_MARKS, fmax(2.0, most));
    *axis = (SpiralAxis){.label = side->label, .low = -0.5, .high = (double)side->count - 0.5};
    if (side->names != NULL) {
        axis->name_count = side->count;
        axis->names = side->names;
        return;
    }
    size_t step = 1;
    for (size_t i = 0; (side->count - 1) / step + 1 > limit; i++)
        step = i % 3 == 1 ? step / 2 * 5 : 2 * step;
    axis->mark_count = (side->count - 1) / step + 1;
    axis->marks = marks;
    for (size_t i = 0; i < axis->mark_count; i++)
        marks[i] = (double)(i * step);
}

void spiral_matrix_layout(SpiralMatrix *matrix, const SpiralSheet *sheet, SpiralRectangle area, SpiralAxes *axes)
{
    double width = 0.7 * (area.right - area.left), height = 0.6 * (area.bottom - area.top), text = sheet->text_size;
    set_axis(&axes->x, &matrix->columns, width / (2.5 * text), matrix->marks[0]);
    set_axis(&axes->y, &matrix->rows, height / (1.3 * text), matrix->marks[1]);
    axes->y.downwards = true;
    axes->beside = fmax(axes->beside, spiral_colour_bar_measure(&matrix->bar, sheet, height));
    spiral_axes_layout(axes, sheet, area, false);
}

/* As many cells along a side as can be told apart. */
static size_t cells_along(size_t count, double length, const SpiralSheet *sheet)
{
    return (size_t)fmax(1.0, fmin((double)count, floor(length / (SMALLEST * sheet->unit))));
}

static size_t columns_of(const SpiralMatrix *matrix, const SpiralSheet *sheet, const SpiralAxes *axes)
{
    return cells_along(matrix->columns.count, axes->plot.right - axes->plot.left, sheet);
}

static size_t rows_of(const SpiralMatrix *matrix, const SpiralSheet *sheet, const SpiralAxes *axes)
{
    return cells_along(matrix->rows.count, axes->plot.bottom - axes->plot.top, sheet);
}

size_t spiral_matrix_crowd(const SpiralMatrix *matrix, const SpiralSheet *sheet, const SpiralAxes *axes)
{
    size_t columns = columns_of(matrix, sheet, axes), rows = rows_of(matrix, sheet, axes);
    return ((matrix->columns.count + columns - 1) / columns) * ((matrix->rows.count + rows - 1) / rows);
}

/* ---- colours ----------------------------------------------------------------------------------------------------- */

/* Which of count things lie in cell i of that many cells: from *first to before *end, at least one. */
static void share_of(size_t count, size_t cells, size_t i, size_t *first, size_t *end)
{
    *first = count / cells * i + count % cells * i / cells;
    *end = count / cells * (i + 1) + count % cells * (i + 1) / cells;
}

static SpiralColour cell_colour(const SpiralMatrix *matrix, size_t columns, size_t rows, size_t column, size_t row)
{
    size_t left, right, top, bottom;
    share_of(matrix->columns.count, columns, column, &left, &right);
    share_of(matrix->rows.count, rows, row, &top, &bottom);
    double farthest = NAN;
    for (size_t i = top; i < bottom; i++)
        for (size_t j = left; j < right; j++) {
            double value = spiral_matrix_value(matrix, i, j);
            if (!(fabs(value) <= fabs(farthest)) && !isnan(value))
                farthest = value;
        }
    return isnan(farthest) ? none : spiral_colour_bar_colour(&matrix->bar, farthest);
}

/* White lines of one pixel, right of the columns or below the rows. */
static void separate(const SpiralSheet *sheet, const SpiralRectangle *plot, size_t count, bool upright)
{
    double length = upright ? plot->right - plot->left : plot->bottom - plot->top;
    for (size_t i = 1; i < count && length / (double)count >= SEPARATED; i++) {
        double place = floor((upright ? plot->left : plot->top) + length * (double)i / (double)count + 0.5);
        SpiralRectangle line = upright ? (SpiralRectangle){place - 1.0, plot->top, place, plot->bottom}
                                       : (SpiralRectangle){plot->left, place - 1.0, plot->right, place};
        spiral_canvas_rectangle(sheet->canvas, line, white, 1.0);
    }
}

/* ---- text -------------------------------------------------------------------------------------------------------- */

/* How the cells are written: with so many lines of that size; 0: not at all. */
typedef struct Writing {
    size_t lines;
    double size;
} Writing;

static const double LINE = 1.25; /* of the text's size */

static double widest_line(const SpiralMatrix *matrix, const SpiralSheet *sheet, size_t lines)
{
    double widest = 0.0;
    for (size_t i = 0; i < matrix->rows.count; i++)
        for (size_t j = 0; j < matrix->columns.count; j++) {
            SpiralCellText text = {0};
            matrix->write(matrix, i, j, &text);
            for (size_t l = 0; l < lines; l++)
                widest = fmax(widest, spiral_font_width(sheet->font, sheet->text_size, text.line[l]));
        }
    return widest;
}

/* As large as fits into every cell, two lines rather than one. */
static Writing choose_writing(const SpiralMatrix *matrix, const SpiralSheet *sheet, const SpiralRectangle *plot)
{
    double width = (plot->right - plot->left) / (double)matrix->columns.count;
    double height = (plot->bottom - plot->top) / (double)matrix->rows.count;
    if (matrix->rows.count > WRITTEN_CELLS / matrix->columns.count)
        return (Writing){0, 0.0};
    for (size_t lines = 2; lines > 0; lines--) {
        double text = sheet->text_size, widest = widest_line(matrix, sheet, lines) + 0.6 * text;
        double size = text * fmin(0.95, fmin(width / widest, height / (((double)lines + 0.4) * LINE * text)));
        if (size >= fmax(SMALLEST_TEXT, 0.6 * text))
            return (Writing){lines, size};
    }
    return (Writing){0, 0.0};
}

static void draw_text(const SpiralMatrix *matrix, const SpiralSheet *sheet, const SpiralAxes *axes,
                      const Writing *writing, size_t row, size_t column)
{
    SpiralCellText text = {0};
    matrix->write(matrix, row, column, &text);
    double value = spiral_matrix_value(matrix, row, column);
    SpiralColour ground = isnan(value) ? none : spiral_colour_bar_colour(&matrix->bar, value);
    SpiralTextStyle style = {.size = writing->size, .colour = spiral_ramp_text(ground), .align = SPIRAL_ALIGN_CENTRE};
    size_t lines = text.line[1][0] != '\0' ? writing->lines : 1;
    double middle = spiral_axes_y(axes, (double)row) + spiral_font_height(style.size) / 2.0;
    for (size_t l = 0; l < lines; l++)
        spiral_font_draw(sheet->font, sheet->canvas, spiral_axes_x(axes, (double)column),
                         middle + ((double)l - 0.5 * (double)(lines - 1)) * LINE * style.size, text.line[l], &style);
}

static void draw_texts(const SpiralMatrix *matrix, const SpiralSheet *sheet, const SpiralAxes *axes)
{
    Writing writing = choose_writing(matrix, sheet, &axes->plot);
    if (writing.lines == 0)
        return;
    for (size_t i = 0; i < matrix->rows.count; i++)
        for (size_t j = 0; j < matrix->columns.count; j++)
            draw_text(matrix, sheet, axes, &writing, i, j);
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

SpiralStatus spiral_matrix_draw(const SpiralMatrix *matrix, const SpiralSheet *sheet, const SpiralAxes *axes,
                                SpiralError *error)
{
    size_t columns = columns_of(matrix, sheet, axes), rows = rows_of(matrix, sheet, axes);
    SpiralColour *colours = spiral_allocate(rows * columns, sizeof *colours);
    if (colours == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to draw a matrix");
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            colours[i * columns + j] = cell_colour(matrix, columns, rows, j, i);
    spiral_canvas_cells(sheet->canvas, axes->plot, columns, rows, colours);
    free(colours);
    separate(sheet, &axes->plot, columns, true);
    separate(sheet, &axes->plot, rows, false);
    draw_texts(matrix, sheet, axes);
    spiral_axes_draw_frame(axes, sheet);
    spiral_colour_bar_draw(&matrix->bar, sheet, &axes->plot);
    return SPIRAL_OK;
}
