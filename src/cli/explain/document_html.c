/* Writes a page of HTML with MathML: one file that asks for nothing else, and is whole without its script. Numbers
 * stand in tables with data-key, the name of the matrix. */
#include <stdio.h>
#include <string.h>

#include "cli/explain/document.h"
#include "cli/explain/maths.h"
#include "cli/page/page.h"

static void add_name(DocumentText *text, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (bytes[i] == '&')
            document_add_string(text, "&amp;");
        else if (bytes[i] == '<')
            document_add_string(text, "&lt;");
        else if (bytes[i] == '>')
            document_add_string(text, "&gt;");
        else if (bytes[i] == '"')
            document_add_string(text, "&quot;");
        else if (bytes[i] == '\'')
            document_add_string(text, "&#39;");
        else
            document_add(text, bytes + i, 1);
}

static void add_code(DocumentText *text, const char *bytes, size_t length)
{
    document_add_string(text, "<code>");
    add_name(text, bytes, length);
    document_add_string(text, "</code>");
}

static void add_maths(const Document *document, DocumentText *text, const char *tex, size_t length)
{
    (void)document;
    document_add_string(text, "<math>");
    maths_add_mathml(text, tex, length);
    document_add_string(text, "</math>");
}

static void add_number(const Document *document, DocumentText *text, const char *tex, size_t length)
{
    if (memchr(tex, '{', length) != NULL) {
        add_maths(document, text, tex, length);
    } else {
        if (tex[0] == '-')
            document_add_string(text, "\u2212");
        document_add(text, tex + (tex[0] == '-'), length - (tex[0] == '-'));
    }
}

/* ---- the page ---------------------------------------------------------------------------------------------------- */

static void begin(Document *document)
{
    page_begin(PAGE_EXPLANATION, "Why dW = X\u1d40dF", document->output);
    document_print(document, "<main>\n");
}

static void play(Document *document)
{
    document_print(document, "<section id=\"play\" aria-label=\"Try it out\" hidden></section>\n");
}

static void end(Document *document)
{
    document_print(document, "</main>\n");
    page_end(PAGE_EXPLANATION, document->page_data, document->output);
}

static void print_element(Document *document, const char *element)
{
    document_print(document, "<%s>", element);
    document_print_text(document, &document->text);
    document_print(document, "</%s>\n", element);
}

static void title(Document *document)
{
    print_element(document, "h1");
}

static void heading(Document *document)
{
    print_element(document, "h2");
}

static void paragraph(Document *document)
{
    document_print(document, "<p>");
    document_print_wrapped(document, &document->text, 0);
    document_print(document, "</p>\n");
}

static void formula(Document *document, const char *tex, int number)
{
    document->text.length = 0;
    maths_add_mathml(&document->text, tex, strlen(tex));
    document_print(document, "<div class=\"formula\"><math display=\"block\">");
    document_print_text(document, &document->text);
    document_print(document, "</math>");
    if (number > 0)
        document_print(document, "<span class=\"number\">(%d)</span>", number);
    document_print(document, "</div>\n");
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

static void print_label(Document *document, const char *tag, const Label *label)
{
    document_print(document, "<%s>", tag);
    document_print_text(document, document_label(document, label));
    document_print(document, "</%.*s>", (int)strcspn(tag, " "), tag);
}

static void print_head(Document *document, const Grid *grid)
{
    document_print(document, "<thead><tr><td></td>");
    for (size_t c = 0; c < grid->columns; c++)
        print_label(document, "th scope=\"col\"", &grid->column[c]);
    document_print(document, "</tr></thead>\n");
}

static void print_grid(Document *document, const Grid *grid, bool bare)
{
    document_print(document, "<figure%s>", bare ? " class=\"matrix\"" : "");
    print_label(document, "figcaption", &grid->caption);
    document_print(document, "\n<table data-key=\"%s\">\n", grid->key);
    if (!bare)
        print_head(document, grid);
    document_print(document, "<tbody>\n");
    for (size_t r = 0; r < grid->rows; r++) {
        document_print(document, "<tr>");
        if (!bare)
            print_label(document, "th scope=\"row\"", &grid->row[r]);
        for (size_t c = 0; c < grid->columns; c++) {
            document_print(document, "<td>");
            document_print_text(document, document_cell(document, grid, r, c));
            document_print(document, "</td>");
        }
        document_print(document, "</tr>\n");
    }
    document_print(document, "</tbody></table></figure>\n");
}

static void grids(Document *document, size_t count, const Grid *all)
{
    document_print(document, "<div class=\"tables\">\n");
    for (size_t g = 0; g < count; g++)
        print_grid(document, &all[g], false);
    document_print(document, "</div>\n");
}

static void product(Document *document, size_t count, const Grid *factors, const char *const *operators)
{
    document_print(document, "<div class=\"product\">\n");
    for (size_t g = 0; g < count; g++) {
        if (g > 0) {
            document->text.length = 0;
            add_maths(document, &document->text, operators[g], strlen(operators[g]));
            print_element(document, "span");
        }
        print_grid(document, &factors[g], true);
    }
    document_print(document, "</div>\n");
}

/* ---- other blocks ------------------------------------------------------------------------------------------------ */

static void legend(Document *document, BlockPart part, size_t columns, const char *const *cells)
{
    if (part == BLOCK_END) {
        document_print(document, "</table></div>\n");
        return;
    }
    if (part == BLOCK_BEGIN)
        document_print(document, "<div class=\"legend\"><table>\n");
    document_print(document, "<tr>");
    for (size_t c = 0; c < columns; c++) {
        document_print(document, part == BLOCK_BEGIN ? "<th>" : "<td>");
        document_print_text(document, document_words(document, cells[c]));
    }
    document_print(document, "</tr>\n");
}

static void code(Document *document, BlockPart part, const char *line)
{
    if (part != BLOCK_LINE) {
        document_print(document, part == BLOCK_BEGIN ? "<pre><code>" : "</code></pre>\n");
        return;
    }
    document->text.length = 0;
    add_name(&document->text, line, strlen(line));
    document_print_text(document, &document->text);
    document_print(document, "\n");
}

static void fold(Document *document, bool opening)
{
    document_print(document, opening ? "<details><summary>Answer</summary>\n" : "</details>\n");
}

const DocumentWriter document_html_writer = {
    .begin = begin,
    .title = title,
    .heading = heading,
    .paragraph = paragraph,
    .formula = formula,
    .grids = grids,
    .product = product,
    .legend = legend,
    .code = code,
    .fold = fold,
    .play = play,
    .end = end,
    .add_name = add_name,
    .add_code = add_code,
    .add_maths = add_maths,
    .add_number = add_number,
};
