/* Writes plain text for a terminal. */
#include <string.h>

#include "cli/explain/document.h"

enum { GAP = 4, CELL_SIZE = 32 };

static void add_name(DocumentText *text, const char *bytes, size_t length)
{
    document_add(text, bytes, length);
}

static void add_maths(DocumentText *text, const char *plain, size_t plain_length, const char *latex,
                      size_t latex_length)
{
    (void)latex;
    (void)latex_length;
    document_add(text, plain, plain_length);
}

static void begin_or_end(Document *document)
{
    (void)document;
}

static void underlined(Document *document, const DocumentText *text, char line)
{
    document_print_text(document, text);
    document_print(document, "\n");
    for (size_t i = document_width(text->bytes, text->length); i > 0; i--)
        document_print(document, "%c", line);
    document_print(document, "\n\n");
}

static void title(Document *document, const DocumentText *text)
{
    underlined(document, text, '=');
}

static void heading(Document *document, const DocumentText *text)
{
    document_print(document, "\n");
    underlined(document, text, '-');
}

static void formula(Document *document, const char *plain, const char *latex, int number)
{
    (void)latex;
    document_print(document, "    %-70s (%d)\n\n", plain, number);
}

/* ---- grids ------------------------------------------------------------------------------------------------------- */

/* Widths in characters; the caption may be wider than the columns under it. */
typedef struct Layout {
    size_t label, columns[GRID_COLUMNS], whole;
} Layout;

static size_t label_width(const Label *label)
{
    return document_width(label->plain, strlen(label->plain));
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* A cell without a sign leaves room for one, so that grids of the same kind have the same widths. */
static size_t cell_width(const char *cell)
{
    return strlen(cell) + (cell[0] != '-');
}

static Layout lay_out(const Grid *grid)
{
    Layout layout = {0};
    for (size_t r = 0; r < grid->rows; r++)
        layout.label = larger(layout.label, label_width(&grid->row[r]));
    layout.whole = layout.label;
    for (size_t c = 0; c < grid->columns; c++) {
        layout.columns[c] = label_width(&grid->column[c]);
        for (size_t r = 0; r < grid->rows; r++) {
            char cell[CELL_SIZE];
            grid_print_cell(grid, r, c, cell, sizeof cell);
            layout.columns[c] = larger(layout.columns[c], cell_width(cell));
        }
        layout.whole += 2 + layout.columns[c];
    }
    layout.whole = larger(layout.whole, label_width(&grid->caption));
    return layout;
}

/* Prints the string padded to width characters, on the left (for columns) or on the right; returns width. */
static size_t print_padded(Document *document, const char *string, size_t width, bool right)
{
    size_t own = document_width(string, strlen(string));
    int padding = (int)(width > own ? width - own : 0);
    if (right)
        document_print(document, "%*s%s", padding, "", string);
    else
        document_print(document, "%s%*s", string, padding, "");
    return width;
}

/* Line 0 is the caption, line 1 the column names, then come the rows. Prints nothing after the last row. */
static void print_line(Document *document, const Grid *grid, const Layout *layout, size_t line, bool last)
{
    size_t used = 0;
    if (line == 0) {
        used = print_padded(document, grid->caption.plain, label_width(&grid->caption), false);
    } else if (line < grid->rows + 2) {
        used = print_padded(document, line == 1 ? "" : grid->row[line - 2].plain, layout->label, false);
        for (size_t c = 0; c < grid->columns; c++) {
            char cell[CELL_SIZE];
            if (line > 1)
                grid_print_cell(grid, line - 2, c, cell, sizeof cell);
            document_print(document, "  ");
            used += 2 + print_padded(document, line == 1 ? grid->column[c].plain : cell, layout->columns[c], true);
        }
    }
    if (last)
        document_print(document, "\n");
    else
        document_print(document, "%*s", (int)(layout->whole - used + GAP), "");
}

static void print_beside(Document *document, size_t count, const Grid *grids, const Layout *layouts)
{
    size_t lines = 0;
    for (size_t g = 0; g < count; g++)
        lines = larger(lines, grids[g].rows + 2);
    for (size_t line = 0; line < lines; line++) {
        document_print(document, "  ");
        for (size_t g = 0; g < count; g++)
            print_line(document, &grids[g], &layouts[g], line, g + 1 == count);
    }
    document_print(document, "\n");
}

static void grids(Document *document, size_t count, const Grid *all)
{
    enum { MOST_BESIDE = 4 };
    size_t first = 0;
    while (first < count) {
        Layout layouts[MOST_BESIDE];
        size_t width = 2, fitting = 0;
        while (first + fitting < count && fitting < MOST_BESIDE) {
            layouts[fitting] = lay_out(&all[first + fitting]);
            width += layouts[fitting].whole + (fitting > 0 ? GAP : 0);
            if (fitting > 0 && width > GRIDS_WIDTH)
                break;
            fitting++;
        }
        print_beside(document, fitting, all + first, layouts);
        first += fitting;
    }
}

const DocumentWriter document_text_writer = {
    .begin = begin_or_end,
    .title = title,
    .heading = heading,
    .formula = formula,
    .grids = grids,
    .end = begin_or_end,
    .add_name = add_name,
    .add_maths = add_maths,
};
