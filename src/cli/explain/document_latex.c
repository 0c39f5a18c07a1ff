/* Writes a complete LaTeX document that compiles with pdflatex and amsmath. */
#include <stdint.h>
#include <stdio.h>

#include "base/text.h"
#include "cli/explain/document.h"

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* The escape of a character that TeX treats specially; NULL for an ordinary character. */
static const char *escaped(char c)
{
    switch (c) {
    case '\\':
        return "\\textbackslash{}";
    case '~':
        return "\\textasciitilde{}";
    case '^':
        return "\\textasciicircum{}";
    case '<':
        return "\\textless{}";
    case '>':
        return "\\textgreater{}";
    case '|':
        return "\\textbar{}";
    case '"':
        return "\\textquotedblright{}";
    case '-':
        return "{-}"; /* two in a row would become a dash */
    case '`':
        return "{`}";
    case '[':
        return "{[}"; /* after \\ it would start an optional argument: extra height */
    case ']':
        return "{]}";
    case '{':
        return "\\{";
    case '}':
        return "\\}";
    case '#':
        return "\\#";
    case '$':
        return "$\\mathdollar$";
    case '%':
        return "\\%";
    case '&':
        return "\\&";
    case '_':
        return "\\_";
    default:
        return NULL;
    }
}

/* Of the characters beyond ASCII, every TeX installation has fonts for the letters of Latin-1, except Eth, Thorn and
 * the signs between the letters. All others are written as their code point, because a character without a font stops
 * the compilation. */
static bool has_letter(uint32_t point)
{
    return point >= 0xC0 && point <= 0xFF && point != 0xD0 && point != 0xD7 && point != 0xDE && point != 0xF0 &&
           point != 0xF7 && point != 0xFE;
}

static void add_name(DocumentText *text, const char *bytes, size_t length)
{
    for (size_t i = 0, used; i < length; i += used) {
        uint32_t point = spiral_text_decode(bytes + i, length - i, &used);
        if (used == 0) /* names are UTF-8 */
            return;
        const char *command = point < 0x80 ? escaped(bytes[i]) : NULL;
        if (command != NULL) {
            document_add_string(text, command);
        } else if ((point >= 0x20 && point < 0x7F) || has_letter(point)) {
            document_add(text, bytes + i, used);
        } else {
            char number[24];
            snprintf(number, sizeof number, "U+%04lX", (unsigned long)point);
            document_add_string(text, number);
        }
    }
}

static void add_maths(DocumentText *text, const char *plain, size_t plain_length, const char *latex,
                      size_t latex_length)
{
    (void)plain;
    (void)plain_length;
    document_add_string(text, "$");
    document_add(text, latex, latex_length);
    document_add_string(text, "$");
}

/* ---- the document ------------------------------------------------------------------------------------------------ */

static void begin(Document *document)
{
    document_print(document, "\\documentclass[a4paper,11pt]{article}\n"
                             "\\usepackage[utf8]{inputenc}\n"
                             "\\usepackage{amsmath,graphicx}\n"
                             "\\usepackage[margin=22mm]{geometry}\n"
                             "\\setlength{\\parindent}{0pt}\n"
                             "\\setlength{\\parskip}{6pt}\n"
                             "\\sloppy\n"
                             "\\newsavebox{\\gridbox}\n" /* \fitted: shrunk to the width of the page when it is wider */
                             "\\newcommand{\\fitted}[1]{\\sbox{\\gridbox}{#1}\\ifdim\\wd\\gridbox>\\linewidth\n"
                             "  \\resizebox{\\linewidth}{!}{\\usebox{\\gridbox}}\\else\\usebox{\\gridbox}\\fi}\n"
                             "\\begin{document}\n\n");
}

static void title(Document *document, const DocumentText *text)
{
    document_print(document, "\\begin{center}\\Large\\bfseries\\boldmath ");
    document_print_text(document, text);
    document_print(document, "\\end{center}\n\n");
}

static void heading(Document *document, const DocumentText *text)
{
    document_print(document, "\\section*{\\boldmath ");
    document_print_text(document, text);
    document_print(document, "}\n\n");
}

static void formula(Document *document, const char *plain, const char *latex, int number)
{
    (void)plain;
    document_print(document, "\\[ %s \\tag{%d} \\]\n\n", latex, number);
}

static void print_label(Document *document, const Label *label)
{
    DocumentText text = {.length = 0};
    document_add_label(document, &text, label);
    document_print_text(document, &text);
}

/* Puts caption and table into one box, so that boxes flow side by side like words. */
static void print_grid(Document *document, const Grid *grid)
{
    document_print(document, "\\fitted{\\begin{tabular}[t]{@{}c@{}}\n");
    print_label(document, &grid->caption);
    document_print(document, " \\\\[3pt]\n\\begin{tabular}{l|");
    for (size_t c = 0; c < grid->columns; c++)
        document_print(document, "r");
    document_print(document, "}\n");
    for (size_t c = 0; c < grid->columns; c++) {
        document_print(document, " & ");
        print_label(document, &grid->column[c]);
    }
    document_print(document, " \\\\ \\hline\\rule{0pt}{2.4ex}%%\n");
    for (size_t r = 0; r < grid->rows; r++) {
        print_label(document, &grid->row[r]);
        for (size_t c = 0; c < grid->columns; c++) {
            char cell[32];
            grid_print_cell(grid, r, c, cell, sizeof cell);
            document_print(document, cell[0] == 'k' ? " & %s" : " & $%s$", cell);
        }
        document_print(document, " \\\\\n");
    }
    document_print(document, "\\end{tabular}\n\\end{tabular}}");
}

static void grids(Document *document, size_t count, const Grid *all)
{
    document_print(document, "\\begin{center}\\small\n");
    for (size_t g = 0; g < count; g++) {
        print_grid(document, &all[g]);
        document_print(document, g + 1 < count ? "\\hspace{8mm plus 1fil}\n" : "\n");
    }
    document_print(document, "\\end{center}\n\n");
}

static void end(Document *document)
{
    document_print(document, "\\end{document}\n");
}

const DocumentWriter document_latex_writer = {
    .begin = begin,
    .title = title,
    .heading = heading,
    .formula = formula,
    .grids = grids,
    .end = end,
    .add_name = add_name,
    .add_maths = add_maths,
};
