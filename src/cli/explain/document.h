/* document.h: a text with headings, formulas and tables of numbers, written as plain text, Markdown or LaTeX.
 *
 * In paragraphs and headings, mathematics stands between angle brackets, once for plain text and once for TeX:
 * "<dW = X^T dF|dW = X^\mathsf{T} dF>"; "<W>" stands for both. What comes from the user (names) goes into labels only.
 * A failed write is kept by the output and reported when it is committed. */
#ifndef SPIRAL_CLI_DOCUMENT_H
#define SPIRAL_CLI_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/output.h"

enum { GRID_ROWS = 32, GRID_COLUMNS = 8, LABEL_SIZE = 64, PARAGRAPH_SIZE = 2048, PAGE_WIDTH = 80, GRIDS_WIDTH = 100 };

/* Mathematics for plain text and for TeX. When latex is empty, plain is a name, which is escaped as the format
 * requires. */
typedef struct Label {
    char plain[LABEL_SIZE], latex[2 * LABEL_SIZE];
} Label;

/* A matrix with named rows and columns. */
typedef struct Grid {
    Label caption;
    size_t rows, columns;
    Label row[GRID_ROWS], column[GRID_COLUMNS];
    double value[GRID_ROWS][GRID_COLUMNS]; /* NAN: an empty cell */
    bool whole[GRID_ROWS];                 /* the row contains only 0 and 1 */
    int decimals;
} Grid;

/* A text buffer; what doesn't fit is dropped. '\x1f' is a non-breaking space. */
typedef struct DocumentText {
    size_t length;
    char bytes[2 * PARAGRAPH_SIZE];
} DocumentText;

typedef struct Document {
    const struct DocumentWriter *writer;
    SpiralOutput *output;
    int formulas; /* numbered so far */
} Document;

/* The functions of an output format. */
typedef struct DocumentWriter {
    void (*begin)(Document *document);
    void (*title)(Document *document, const DocumentText *text);
    void (*heading)(Document *document, const DocumentText *text);
    void (*formula)(Document *document, const char *plain, const char *latex, int number);
    void (*grids)(Document *document, size_t count, const Grid *grids);
    void (*end)(Document *document);
    void (*add_name)(DocumentText *text, const char *bytes, size_t length); /* escaped */
    void (*add_maths)(DocumentText *text, const char *plain, size_t plain_length, const char *latex,
                      size_t latex_length);
} DocumentWriter;

extern const DocumentWriter document_text_writer, document_markdown_writer, document_latex_writer;

Document document_begin(const DocumentWriter *writer, SpiralOutput *output);
void document_end(Document *document);

void document_title(Document *document, const char *text);
void document_heading(Document *document, const char *format, ...) __attribute__((format(printf, 2, 3)));
void document_paragraph(Document *document, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes a formula on its own numbered line; returns the number. */
int document_formula(Document *document, const char *plain, const char *latex);

/* Writes grids side by side where there is room. */
void document_grids(Document *document, size_t count, const Grid *grids);

/* ---- labels and cells -------------------------------------------------------------------------------------------- */

Label label_name(const char *name); /* escaped for display (see base/text.h); a long name is cut between characters */
Label label_maths(const char *plain, const char *latex);

/* The number of decimals that gives the largest of count numbers six significant digits. */
int decimals_for(size_t count, const double *values);

/* Writes a cell's text. */
void grid_print_cell(const Grid *grid, size_t row, size_t column, char *text, size_t size);

/* ---- for the writers --------------------------------------------------------------------------------------------- */

void document_add(DocumentText *text, const char *bytes, size_t length);
void document_add_string(DocumentText *text, const char *string);
void document_add_label(const Document *document, DocumentText *text, const Label *label);
void document_print(Document *document, const char *format, ...) __attribute__((format(printf, 2, 3)));
void document_print_text(Document *document, const DocumentText *text);    /* on one line */
void document_print_wrapped(Document *document, const DocumentText *text); /* wrapped at PAGE_WIDTH */
size_t document_width(const char *bytes, size_t length);                   /* in terminal columns */

#endif
