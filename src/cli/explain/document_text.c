/* Writes plain text of at most 80 columns for a terminal. */
#include <stdio.h>
#include <string.h>

#include "cli/explain/document.h"
#include "cli/explain/maths.h"

enum { GAP = 4, INDENT = 2, MOST_BESIDE = 4 };

static void add_name(DocumentText *text, const char *bytes, size_t length)
{
    document_add(text, bytes, length);
}

static void add_maths(const Document *document, DocumentText *text, const char *tex, size_t length)
{
    (void)document;
    maths_add_plain(text, tex, length);
}

static void begin_or_end(Document *document)
{
    (void)document;
}

static void underlined(Document *document, char line)
{
    const DocumentText *text = &document->text;
    document_print_wrapped(document, text, 0);
    size_t width = document_width(text->bytes, text->length);
    for (size_t i = width < PAGE_WIDTH ? width : PAGE_WIDTH; i > 0; i--)
        document_print(document, "%c", line);
    document_print(document, "\n\n");
}

static void title(Document *document)
{
    underlined(document, '=');
}

static void heading(Document *document)
{
    document_print(document, "\n");
    underlined(document, '-');
}

static void paragraph(Document *document)
{
    document_print_wrapped(document, &document->text, 0);
    document_print(document, "\n");
}

/* Where a line of the formula ends that begins at start and has room for so many bytes: before a gap or, where there is
 * none, before a sign with spaces around it; where there is neither, anywhere. */
static size_t end_of_line(const DocumentText *text, size_t start, size_t room)
{
    size_t sign = start;
    for (size_t end = start + room; end > start + 1; end--) {
        const char *at = text->bytes + end;
        if (at[0] != ' ')
            continue;
        if (at[1] == ' ' && at[-1] != ' ')
            return end;
        if (sign == start && strchr("+-=", at[1]) != NULL && at[2] == ' ')
            sign = end;
    }
    return sign > start ? sign : start + room;
}

/* Prints a formula, with its number at the right. */
static void formula(Document *document, const char *tex, int number)
{
    enum { INDENT_FORMULA = 4, INDENT_REST = 8 };
    DocumentText *text = &document->text;
    text->length = 0;
    maths_add_plain(text, tex, strlen(tex));
    char label[16] = "";
    size_t start = 0, indent = INDENT_FORMULA;
    int width = number > 0 ? snprintf(label, sizeof label, " (%d)", number) : 0; /* at least 5, so that they line up */
    size_t room = width == 0 ? 0 : width < 5 ? 5 : (size_t)width;
    while (text->length - start > PAGE_WIDTH - indent - room) {
        size_t left = text->length - start, whole = PAGE_WIDTH - indent;
        size_t end = end_of_line(text, start, left > whole ? whole : left - 1);
        document_print(document, "%*s%.*s\n", (int)indent, "", (int)(end - start), text->bytes + start);
        for (start = end; text->bytes[start] == ' '; start++)
            ;
        indent = INDENT_REST;
    }
    int rest = (int)(text->length - start);
    document_print(document, "%*s%.*s", (int)indent, "", rest, text->bytes + start);
    if (number > 0)
        document_print(document, "%*s%s", (int)(PAGE_WIDTH - room - indent) - rest, "", label);
    document_print(document, "\n\n");
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

/* Widths in columns of the terminal, of a run of a grid's columns. */
typedef struct Layout {
    size_t first, count; /* the columns */
    size_t caption, label, column[GRID_COLUMNS], whole;
} Layout;

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t label_width(Document *document, const Label *label)
{
    const DocumentText *text = document_label(document, label);
    return document_width(text->bytes, text->length);
}

/* Does an asterisk follow a number of the column? */
static bool has_marks(const Grid *grid, size_t column)
{
    for (size_t r = 0; r < grid->rows; r++)
        if (grid->marked[r][column])
            return true;
    return false;
}

/* A cell without a sign leaves room for one, so that grids of the same kind have the same widths; a cell without a mark
 * leaves room for that when the column has one. */
static size_t cell_width(Document *document, const Grid *grid, size_t row, size_t column)
{
    const DocumentText *cell = document_cell(document, grid, row, column);
    return cell->length + (cell->length > 0 && cell->bytes[0] != '-') +
           (has_marks(grid, column) && !grid->marked[row][column]);
}

static size_t column_width(Document *document, const Grid *grid, size_t column)
{
    size_t width = label_width(document, &grid->column[column]);
    for (size_t r = 0; r < grid->rows; r++)
        width = larger(width, cell_width(document, grid, r, column));
    return width;
}

/* Lays out as many columns as fit into room, from first on: at least one. */
static Layout lay_out(Document *document, const Grid *grid, size_t first, size_t room)
{
    Layout layout = {.first = first, .caption = label_width(document, &grid->caption)};
    for (size_t r = 0; r < grid->rows; r++)
        layout.label = larger(layout.label, label_width(document, &grid->row[r]));
    layout.whole = layout.label;
    for (size_t c = first; c < grid->columns; c++) {
        size_t width = column_width(document, grid, c);
        if (layout.count > 0 && layout.whole + 2 + width > room)
            break;
        layout.column[c] = width;
        layout.whole += 2 + width;
        layout.count++;
    }
    layout.whole = larger(layout.whole, layout.caption);
    return layout;
}

static void print_spaces(Document *document, size_t count)
{
    document->spaces += count;
}

/* Prints what is in document->label, padded to width on the left or on the right. */
static void print_padded(Document *document, size_t width, bool right)
{
    const DocumentText *text = &document->label;
    size_t own = document_width(text->bytes, text->length), padding = width > own ? width - own : 0;
    if (right)
        print_spaces(document, padding);
    document_print_text(document, text);
    if (!right)
        print_spaces(document, padding);
}

/* Prints a cell so that the points stand below each other when only some cells of the column are marked. */
static void print_cell(Document *document, const Grid *grid, size_t row, size_t column, size_t width)
{
    bool shorter = has_marks(grid, column) && !grid->marked[row][column];
    document_cell(document, grid, row, column);
    print_padded(document, width - shorter, true);
    print_spaces(document, shorter);
}

/* Line 0 is the caption, line 1 the column names, then come the rows. Prints nothing after the last row. */
static void print_line(Document *document, const Grid *grid, const Layout *layout, size_t line)
{
    size_t used = 0;
    if (line == 0) {
        document_label(document, &grid->caption);
        print_padded(document, layout->whole, false);
        return;
    }
    if (line < grid->rows + 2) {
        if (line == 1)
            print_spaces(document, layout->label);
        else {
            document_label(document, &grid->row[line - 2]);
            print_padded(document, layout->label, false);
        }
        used = layout->label;
        for (size_t c = layout->first; c < layout->first + layout->count; c++) {
            print_spaces(document, 2);
            if (line == 1) {
                document_label(document, &grid->column[c]);
                print_padded(document, layout->column[c], true);
            } else {
                print_cell(document, grid, line - 2, c, layout->column[c]);
            }
            used += 2 + layout->column[c];
        }
    }
    print_spaces(document, layout->whole - used);
}

static void print_beside(Document *document, size_t count, const Grid *grids, const Layout *layouts)
{
    size_t lines = 0;
    for (size_t g = 0; g < count; g++)
        lines = larger(lines, grids[g].rows + 2);
    for (size_t line = 0; line < lines; line++) {
        print_spaces(document, INDENT);
        for (size_t g = 0; g < count; g++) {
            print_line(document, &grids[g], &layouts[g], line);
            if (g + 1 < count)
                print_spaces(document, GAP);
        }
        document_print(document, "\n");
    }
    document_print(document, "\n");
}

static void grids(Document *document, size_t count, const Grid *all)
{
    size_t first = 0;
    while (first < count) {
        Layout layouts[MOST_BESIDE];
        size_t width = INDENT, fitting = 0;
        while (first + fitting < count && fitting < MOST_BESIDE) {
            layouts[fitting] = lay_out(document, &all[first + fitting], 0, PAGE_WIDTH - INDENT);
            width += layouts[fitting].whole + (fitting > 0 ? GAP : 0);
            bool whole = layouts[fitting].count == all[first + fitting].columns;
            if (fitting > 0 && (width > PAGE_WIDTH || !whole))
                break;
            fitting++;
            if (!whole)
                break;
        }
        print_beside(document, fitting, all + first, layouts);
        for (size_t done = layouts[0].count; fitting == 1 && done < all[first].columns; done += layouts[0].count) {
            layouts[0] = lay_out(document, &all[first], done, PAGE_WIDTH - INDENT);
            print_beside(document, 1, &all[first], layouts);
        }
        first += fitting;
    }
}

/* ---- products ---------------------------------------------------------------------------------------------------- */

/* A bare matrix in square brackets, "[ 1.5 -2.0]"; its caption may be wider. */
static Layout lay_out_bare(Document *document, const Grid *grid, size_t first, size_t room)
{
    Layout layout = {.first = first, .caption = label_width(document, &grid->caption), .whole = 1};
    for (size_t c = first; c < grid->columns; c++) {
        size_t width = 0;
        for (size_t r = 0; r < grid->rows; r++)
            width = larger(width, document_cell(document, grid, r, c)->length);
        if (layout.count > 0 && layout.whole + width + 1 > room)
            break;
        layout.column[c] = width;
        layout.whole += width + 1;
        layout.count++;
    }
    layout.whole = larger(layout.whole, layout.caption);
    return layout;
}

/* Line 0 is the caption. */
static void print_bare_line(Document *document, const Grid *grid, const Layout *layout, size_t line)
{
    size_t used = 0;
    if (line == 0) {
        document_label(document, &grid->caption);
        print_padded(document, layout->whole, false);
        return;
    }
    if (line <= grid->rows) {
        used = 1;
        document_print(document, "[");
        for (size_t c = layout->first; c < layout->first + layout->count; c++) {
            document_cell(document, grid, line - 1, c);
            print_padded(document, layout->column[c], true);
            document_print(document, c + 1 < layout->first + layout->count ? " " : "]");
            used += layout->column[c] + 1;
        }
    }
    print_spaces(document, layout->whole - used);
}

/* Prints the word, padded to width. */
static void print_word(Document *document, const char *word, size_t width)
{
    document_print(document, "%s", word);
    print_spaces(document, width - strlen(word));
}

static const char *sign_of(const char *operator)
{
    return strcmp(operator, "\\cdot") == 0 ? "" : operator;
}

static void product_below(Document *document, size_t count, const Grid *factors, const char *const *operators)
{
    for (size_t g = 0; g < count; g++) {
        const char *sign = strcmp(operators[g], "\\cdot") == 0 ? "times" : operators[g];
        for (size_t done = 0; done < factors[g].columns;) {
            Layout layout = lay_out_bare(document, &factors[g], done, PAGE_WIDTH - INDENT - 6);
            for (size_t line = 0; line <= factors[g].rows; line++) {
                print_spaces(document, INDENT);
                print_word(document, line == 1 && done == 0 ? sign : "", strlen("times "));
                print_bare_line(document, &factors[g], &layout, line);
                document_print(document, "\n");
            }
            done += layout.count;
        }
    }
    document_print(document, "\n");
}

static void product(Document *document, size_t count, const Grid *factors, const char *const *operators)
{
    Layout layouts[MOST_BESIDE];
    size_t width = INDENT, lines = 0;
    bool whole = true;
    for (size_t g = 0; g < count; g++) {
        layouts[g] = lay_out_bare(document, &factors[g], 0, PAGE_WIDTH - INDENT);
        whole = whole && layouts[g].count == factors[g].columns;
        width += layouts[g].whole + (g > 0 ? 2 + strlen(sign_of(operators[g])) : 0);
        lines = larger(lines, factors[g].rows + 1);
    }
    if (width > PAGE_WIDTH || !whole) {
        product_below(document, count, factors, operators);
        return;
    }
    for (size_t line = 0; line < lines; line++) {
        print_spaces(document, INDENT);
        for (size_t g = 0; g < count; g++) {
            const char *sign = sign_of(operators[g]);
            if (g > 0) {
                print_spaces(document, 1);
                print_word(document, line == 1 ? sign : "", strlen(sign));
                print_spaces(document, 1);
            }
            print_bare_line(document, &factors[g], &layouts[g], line);
        }
        document_print(document, "\n");
    }
    document_print(document, "\n");
}

/* ---- other blocks ------------------------------------------------------------------------------------------------ */

/* The last column is wrapped; the others have fixed widths. */
static void legend(Document *document, BlockPart part, size_t columns, const char *const *cells)
{
    static const size_t widths[] = {7, 9, 27};
    DocumentText *text = &document->text;
    if (part == BLOCK_END) {
        document_print(document, "\n");
        return;
    }
    text->length = 0;
    size_t indent = INDENT;
    for (size_t c = 0; c < columns; c++) {
        const DocumentText *cell = document_words(document, cells[c]);
        for (size_t i = 0; c == 0 && i < INDENT; i++)
            document_add_string(text, "\x1f");
        for (size_t i = 0; i < cell->length; i++)
            document_add(text, cell->bytes[i] == ' ' && c + 1 < columns ? "\x1f" : cell->bytes + i, 1);
        if (c + 1 < columns) {
            indent += widths[c] + 1;
            while (document_width(text->bytes, text->length) < indent)
                document_add_string(text, "\x1f");
        }
    }
    document_print_wrapped(document, text, indent);
}

static void code(Document *document, BlockPart part, const char *line)
{
    if (part == BLOCK_BEGIN)
        return;
    print_spaces(document, 4);
    document_print(document, "%s\n", line);
}

const DocumentWriter document_text_writer = {
    .begin = begin_or_end,
    .title = title,
    .heading = heading,
    .paragraph = paragraph,
    .formula = formula,
    .grids = grids,
    .product = product,
    .legend = legend,
    .code = code,
    .end = begin_or_end,
    .add_name = add_name,
    .add_code = add_name,
    .add_maths = add_maths,
    .add_number = add_maths,
};
