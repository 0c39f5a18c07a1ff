/* Writes GitHub's Markdown: $...$ and fenced math, pipe tables. */
#define _POSIX_C_SOURCE 200809L
#include <string.h>
#include <strings.h>

#include "cli/explain/document.h"

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

/* Uses the form $`...`$, in which Markdown does not interpret _ and *. */
static void add_maths(DocumentText *text, const char *plain, size_t plain_length, const char *latex,
                      size_t latex_length)
{
    (void)plain;
    (void)plain_length;
    document_add_string(text, "$`");
    document_add(text, latex, latex_length);
    document_add_string(text, "`$");
}

static void begin_or_end(Document *document)
{
    (void)document;
}

static void title(Document *document, const DocumentText *text)
{
    document_print(document, "# ");
    document_print_text(document, text);
    document_print(document, "\n\n");
}

static void heading(Document *document, const DocumentText *text)
{
    document_print(document, "## ");
    document_print_text(document, text);
    document_print(document, "\n\n");
}

static void formula(Document *document, const char *plain, const char *latex, int number)
{
    (void)plain;
    document_print(document, "```math\n%s \\qquad (%d)\n```\n\n", latex, number);
}

static void print_label(Document *document, const Label *label)
{
    DocumentText text = {.length = 0};
    document_add_label(document, &text, label);
    document_print_text(document, &text);
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
            char cell[32];
            grid_print_cell(grid, r, c, cell, sizeof cell);
            document_print(document, " %s |", cell);
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

const DocumentWriter document_markdown_writer = {
    .begin = begin_or_end,
    .title = title,
    .heading = heading,
    .formula = formula,
    .grids = grids,
    .end = begin_or_end,
    .add_name = add_name,
    .add_maths = add_maths,
};
