/* Writes a complete LaTeX document that compiles with pdflatex and amsmath. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/explain/document.h"
#include "cli/explain/maths.h"

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

static void add_code(DocumentText *text, const char *bytes, size_t length)
{
    document_add_string(text, "\\texttt{");
    add_name(text, bytes, length);
    document_add_string(text, "}");
}

static void add_maths(const Document *document, DocumentText *text, const char *tex, size_t length)
{
    (void)document;
    document_add_string(text, "$");
    maths_add_latex(text, tex, length);
    document_add_string(text, "$");
}

/* ---- the document ------------------------------------------------------------------------------------------------ */

/* \fitted shrinks what is wider than the line; \fittedmaths leaves room for the number of the formula. */
static const char *const head[] = {
    "\\documentclass[a4paper,11pt]{article}\n"
    "\\usepackage[utf8]{inputenc}\n"
    "\\usepackage{amsmath,graphicx}\n"
    "\\usepackage[margin=22mm]{geometry}\n"
    "\\setlength{\\parindent}{0pt}\n"
    "\\setlength{\\parskip}{6pt}\n"
    "\\providecommand{\\lt}{<}\\providecommand{\\gt}{>}\n",
    "\\sloppy\n"
    "\\newsavebox{\\gridbox}\n"
    "\\newcommand{\\shrunk}[2]{\\sbox{\\gridbox}{#2}\\ifdim\\wd\\gridbox>#1\n"
    "  \\resizebox{#1}{!}{\\usebox{\\gridbox}}\\else\\usebox{\\gridbox}\\fi}\n"
    "\\newcommand{\\fitted}[1]{\\shrunk{\\linewidth}{#1}}\n"
    "\\newcommand{\\fittedmaths}[1]{\\shrunk{\\dimexpr\\linewidth-3em\\relax}{$\\displaystyle #1$}}\n"
    "\\begin{document}\n\n",
};

static void begin(Document *document)
{
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
        document_print(document, "%s", head[i]);
}

static void title(Document *document)
{
    document_print(document, "\\begin{center}\\Large\\bfseries\\boldmath ");
    document_print_text(document, &document->text);
    document_print(document, "\\end{center}\n\n");
}

static void heading(Document *document)
{
    document_print(document, "\\section*{\\boldmath ");
    document_print_text(document, &document->text);
    document_print(document, "}\n\n");
}

static void paragraph(Document *document)
{
    document_print_wrapped(document, &document->text, 0);
    document_print(document, "\n");
}

static void print_maths(Document *document, const char *tex)
{
    document->text.length = 0;
    maths_add_latex(&document->text, tex, strlen(tex));
    document_print_text(document, &document->text);
}

static void formula(Document *document, const char *tex, int number)
{
    if (number == 0) { /* a calculation is broken into lines */
        document_print(document, "\\begin{center}\n$");
        print_maths(document, tex);
        document_print(document, "$\n\\end{center}\n\n");
        return;
    }
    document_print(document, "\\[ \\fittedmaths{");
    print_maths(document, tex);
    document_print(document, "} \\tag{%d} \\]\n\n", number);
}

static void print_label(Document *document, const Label *label)
{
    document_print_text(document, document_label(document, label));
}

/* Puts caption and table into one box, so that boxes flow side by side like words. */
static void print_grid(Document *document, const Grid *grid)
{
    document_print(document, "\\fitted{\\begin{tabular}[t]{@{}c@{}}\n");
    print_label(document, &grid->caption);
    document_print(document, " \\\\[6pt]\n\\begin{tabular}{l|");
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
            document_print(document, " & ");
            document_print_text(document, document_cell(document, grid, r, c));
        }
        document_print(document, " \\\\\n");
    }
    document_print(document, "\\end{tabular}\n\\end{tabular}}");
}

static void grids(Document *document, size_t count, const Grid *all)
{
    document_print(document, "\\begin{center}\\small\\lineskiplimit=9pt\\lineskip=9pt\n");
    for (size_t g = 0; g < count; g++) {
        print_grid(document, &all[g]);
        document_print(document, g + 1 < count ? "\\hspace{8mm plus 1fil}\n" : "\n");
    }
    document_print(document, "\\end{center}\n\n");
}

/* Each factor is a box of its own, so that a long product is broken into lines. */
static void product(Document *document, size_t count, const Grid *factors, const char *const *operators)
{
    document_print(document, "\\begin{center}\\small\\lineskiplimit=9pt\\lineskip=9pt\n");
    for (size_t g = 0; g < count; g++) {
        if (g > 0)
            document_print(document, "$%s$ ", operators[g]);
        document_print(document, "\\fitted{$\\displaystyle\\underset{\\rule{0pt}{2.2ex}");
        print_maths(document, factors[g].caption.text);
        document_print(document, "}{");
        document_print_matrix(document, &factors[g]);
        document_print(document, "}$}\n");
    }
    document_print(document, "\\end{center}\n\n");
}

static void legend(Document *document, BlockPart part, size_t columns, const char *const *cells)
{
    if (part == BLOCK_BEGIN)
        document_print(document, "\\begin{center}\\small\n\\begin{tabular}{@{}lllp{58mm}@{}}\n");
    for (size_t c = 0; c < columns; c++) {
        document_print(document, "%s", c > 0 ? " & " : "");
        document_print_text(document, document_words(document, cells[c]));
    }
    if (part == BLOCK_END)
        document_print(document, "\\end{tabular}\n\\end{center}\n\n");
    else
        document_print(document, " \\\\%s\n", part == BLOCK_BEGIN ? " \\hline\\rule{0pt}{2.4ex}%" : "");
}

static void code(Document *document, BlockPart part, const char *line)
{
    static const char begin_code[] = "{\\footnotesize\n\\begin{verbatim}", end_code[] = "\\end{verbatim}\n}\n";
    document_print(document, "%s\n", part == BLOCK_BEGIN ? begin_code : part == BLOCK_LINE ? line : end_code);
}

static void end(Document *document)
{
    document_print(document, "\\end{document}\n");
}

const DocumentWriter document_latex_writer = {
    .begin = begin,
    .title = title,
    .heading = heading,
    .paragraph = paragraph,
    .formula = formula,
    .grids = grids,
    .product = product,
    .legend = legend,
    .code = code,
    .end = end,
    .add_name = add_name,
    .add_code = add_code,
    .add_maths = add_maths,
    .add_number = add_maths,
};
