/* Writes Markdown: pipe tables, and mathematics as GitHub wants it, $`...`$ and fenced math, or between dollars. */
#define _POSIX_C_SOURCE 200809L
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "cli/explain/document.h"
#include "cli/explain/maths.h"

/* Would GitHub turn the text into a link because of the character at this place: the : of http://, the . of www.? */
static bool makes_a_link(const char *bytes, size_t length, size_t place)
{
    return (bytes[place] == ':' && place + 1 < length && bytes[place + 1] == '/') ||
           (bytes[place] == '.' && place >= 3 && strncasecmp(bytes + place - 3, "www", 3) == 0);
}

/* Puts a backslash before possible markup, and writes & and < as entities. An @ could start a mention or an e-mail
 * address even after a backslash, so an empty HTML comment follows it. */
static void add_name(DocumentText *text, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '&')
            document_add_string(text, "&amp;");
        else if (bytes[i] == '<')
            document_add_string(text, "&lt;");
        else if (bytes[i] == '@')
            document_add_string(text, "@<!-- -->");
        else {
            if (strchr("\\`*_[]{}#$|~>", bytes[i]) != NULL || makes_a_link(bytes, length, i))
                document_add_string(text, "\\");
            document_add(text, bytes + i, 1);
        }
    }
}

static void add_code(DocumentText *text, const char *bytes, size_t length)
{
    document_add_string(text, "`");
    document_add(text, bytes, length);
    document_add_string(text, "`");
}

/* In GitHub's form $`...`$ Markdown does not interpret _ and *. */
static void add_maths(const Document *document, DocumentText *text, const char *tex, size_t length)
{
    document_add_string(text, document->single_dollars ? "$" : "$`");
    maths_add_latex(text, tex, length);
    document_add_string(text, document->single_dollars ? "$" : "`$");
}

static void add_number(const Document *document, DocumentText *text, const char *tex, size_t length)
{
    if (memchr(tex, '{', length) != NULL)
        add_maths(document, text, tex, length);
    else
        document_add(text, tex, length);
}

static void begin_or_end(Document *document)
{
    (void)document;
}

static void title(Document *document)
{
    document_print(document, "# ");
    document_print_text(document, &document->text);
    document_print(document, "\n\n");
}

static void heading(Document *document)
{
    document_print(document, "#");
    title(document);
}

/* Keeps "1." on the line of the word before it: at the beginning of a line it would begin a list. */
static void keep_numbers(DocumentText *text)
{
    for (size_t i = 0; i < text->length; i++) {
        size_t end = i + 1;
        while (end < text->length && isdigit((unsigned char)text->bytes[end]))
            end++;
        if (text->bytes[i] == ' ' && end > i + 1 && end < text->length && text->bytes[end] == '.')
            text->bytes[i] = KEPT_SPACE;
    }
}

static void paragraph(Document *document)
{
    keep_numbers(&document->text);
    document_print_wrapped(document, &document->text, 0);
    document_print(document, "\n");
}

static void begin_display(Document *document)
{
    document_print(document, document->single_dollars ? "$$\n" : "```math\n");
}

static void end_display(Document *document)
{
    document_print(document, document->single_dollars ? "\n$$\n\n" : "\n```\n\n");
}

static void formula(Document *document, const char *tex, int number)
{
    document->text.length = 0;
    maths_add_latex(&document->text, tex, strlen(tex));
    begin_display(document);
    document_print_text(document, &document->text);
    if (number > 0)
        document_print(document, " \\qquad (%d)", number);
    end_display(document);
}

static void print_label(Document *document, const Label *label)
{
    document_print_text(document, document_label(document, label));
}

static void print_grid(Document *document, const Grid *grid)
{
    print_label(document, &grid->caption);
    document_print(document, ":\n\n| |");
    for (size_t c = 0; c < grid->columns; c++) {
        document_print(document, " ");
        print_label(document, &grid->column[c]);
        document_print(document, " |");
    }
    document_print(document, "\n|:--|");
    for (size_t c = 0; c < grid->columns; c++)
        document_print(document, "--:|");
    document_print(document, "\n");
    for (size_t r = 0; r < grid->rows; r++) {
        document_print(document, "| ");
        print_label(document, &grid->row[r]);
        document_print(document, " |");
        for (size_t c = 0; c < grid->columns; c++) {
            document_print(document, " ");
            document_print_text(document, document_cell(document, grid, r, c));
            document_print(document, " |");
        }
        document_print(document, "\n");
    }
    document_print(document, "\n");
}

static void grids(Document *document, size_t count, const Grid *all)
{
    for (size_t g = 0; g < count; g++)
        print_grid(document, &all[g]);
}

static void product(Document *document, size_t count, const Grid *factors, const char *const *operators)
{
    begin_display(document);
    for (size_t g = 0; g < count; g++) {
        document_print(document, "%s\\underset{", g > 0 ? operators[g] : "");
        document->text.length = 0;
        maths_add_latex(&document->text, factors[g].caption.text, strlen(factors[g].caption.text));
        document_print_text(document, &document->text);
        document_print(document, "}{");
        document_print_matrix(document, &factors[g]);
        document_print(document, "}%s", g + 1 < count ? "\n" : "");
    }
    end_display(document);
}

static void legend(Document *document, BlockPart part, size_t columns, const char *const *cells)
{
    if (part != BLOCK_END) {
        document_print(document, "|");
        for (size_t c = 0; c < columns; c++) {
            document_print(document, " ");
            document_print_text(document, document_words(document, cells[c]));
            document_print(document, " |");
        }
    }
    document_print(document, "\n");
    if (part != BLOCK_BEGIN)
        return;
    document_print(document, "|");
    for (size_t c = 0; c < columns; c++)
        document_print(document, ":--|");
    document_print(document, "\n");
}

static void code(Document *document, BlockPart part, const char *line)
{
    document_print(document, "%s\n", part == BLOCK_BEGIN ? "```python" : part == BLOCK_LINE ? line : "```\n");
}

static void fold(Document *document, bool opening)
{
    document_print(document, opening ? "<details><summary>Answer</summary>\n\n" : "</details>\n\n");
}

const DocumentWriter document_markdown_writer = {
    .begin = begin_or_end,
    .title = title,
    .heading = heading,
    .paragraph = paragraph,
    .formula = formula,
    .grids = grids,
    .product = product,
    .legend = legend,
    .code = code,
    .fold = fold,
    .end = begin_or_end,
    .add_name = add_name,
    .add_code = add_code,
    .add_maths = add_maths,
    .add_number = add_number,
};
