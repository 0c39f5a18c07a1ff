/* document.h: a text with headings, formulas, tables and matrices of numbers, written as plain text, Markdown, LaTeX or
 * HTML.
 *
 * In paragraphs, headings and cells, mathematics stands between angle brackets, "<dW = X^\T dF>", and code between
 * backquotes. Mathematics is written in the part of TeX that maths.h converts. Names that come from the user stand in
 * labels only.
 * A failed write is kept by the output and reported when it is committed. */
#ifndef SPIRAL_CLI_DOCUMENT_H
#define SPIRAL_CLI_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/output.h"

enum { GRID_ROWS = 32, GRID_COLUMNS = 24, LABEL_SIZE = 160, KEY_SIZE = 40, PARAGRAPH_SIZE = 2048, PAGE_WIDTH = 80 };

/* Mathematics in TeX, or a name, which is escaped as the format requires. */
typedef struct Label {
    char text[LABEL_SIZE];
    bool maths;
} Label;

/* How the numbers of a quantity are printed. */
typedef struct NumberForm {
    int decimals;
    bool scientific; /* as 1.2346 times a power of ten */
    double least;    /* of these: what is smaller is rounding, and is printed as 0 */
} NumberForm;

/* A matrix: with named rows and columns as a table, bare as a factor of a product. */
typedef struct Grid {
    Label caption;
    char key[KEY_SIZE]; /* names the numbers in HTML: "dW2", "outer2/50" */
    size_t rows, columns;
    Label row[GRID_ROWS], column[GRID_COLUMNS];
    double value[GRID_ROWS][GRID_COLUMNS]; /* NAN: an empty cell */
    bool marked[GRID_ROWS][GRID_COLUMNS];  /* an asterisk follows the number */
    NumberForm form[GRID_ROWS];
} Grid;

enum { KEPT_SPACE = '\x1f' }; /* in a text: a space at which no line is broken */

/* A text buffer, large enough for every paragraph of this program in every format; what doesn't fit is dropped. */
typedef struct DocumentText {
    size_t length;
    char bytes[64 * 1024];
} DocumentText;

typedef struct Document {
    const struct DocumentWriter *writer;
    SpiralOutput *output;
    const char *page_data;    /* HTML: what the page's script shows, as JSON; borrowed */
    bool single_dollars;      /* Markdown: mathematics between single dollars, for sites other than GitHub */
    int formulas;             /* numbered so far */
    size_t spaces;            /* to be written before what follows on the line */
    DocumentText text, label; /* scratch space: of a paragraph, and of a label or a cell */
} Document;

/* Of a table of texts or a program. */
typedef enum BlockPart { BLOCK_BEGIN, BLOCK_LINE, BLOCK_END } BlockPart;

/* The functions of an output format. */
typedef struct DocumentWriter {
    void (*begin)(Document *document);
    void (*title)(Document *document); /* this and the next two: of document->text */
    void (*heading)(Document *document);
    void (*paragraph)(Document *document);
    void (*formula)(Document *document, const char *tex, int number); /* number 0: without one */
    void (*grids)(Document *document, size_t count, const Grid *grids);
    void (*product)(Document *document, size_t count, const Grid *factors, const char *const *operators);
    void (*legend)(Document *document, BlockPart part, size_t columns,
                   const char *const *cells); /* begins with the head */
    void (*code)(Document *document, BlockPart part, const char *line);
    void (*fold)(Document *document, bool begin); /* around an answer; NULL: answers go to the end */
    void (*play)(Document *document);             /* where the reader can try out the sum; NULL: nowhere */
    void (*end)(Document *document);
    void (*add_name)(DocumentText *text, const char *bytes, size_t length); /* escaped */
    void (*add_code)(DocumentText *text, const char *bytes, size_t length);
    void (*add_maths)(const Document *document, DocumentText *text, const char *tex, size_t length);
    void (*add_number)(const Document *document, DocumentText *text, const char *tex, size_t length); /* of a cell */
} DocumentWriter;

extern const DocumentWriter document_text_writer, document_markdown_writer, document_latex_writer, document_html_writer;

void document_begin(Document *document, const DocumentWriter *writer, SpiralOutput *output);
void document_end(Document *document);

void document_title(Document *document, const char *text);
void document_heading(Document *document, const char *format, ...) __attribute__((format(printf, 2, 3)));
void document_paragraph(Document *document, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes a formula on its own numbered line; returns the number. */
int document_formula(Document *document, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same without a number: a calculation. */
void document_calculation(Document *document, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes tables side by side where there is room. */
void document_grids(Document *document, size_t count, const Grid *grids);

/* Writes bare matrices in a row with operators between them ("\cdot", "=", "+"): operators[i] precedes factor i. Their
 * captions stand above them. */
void document_product(Document *document, size_t count, const Grid *factors, const char *const *operators);

/* A table of texts; the first row is the head. */
void document_legend_begin(Document *document, size_t columns, const char *const *head);
void document_legend_row(Document *document, size_t columns, const char *const *cells);
void document_legend_end(Document *document);

/* A program; a line has at most 76 columns. */
void document_code_begin(Document *document);
void document_code_line(Document *document, const char *line);
void document_code_end(Document *document);

/* Marks the place for what answers to the reader, in a format that can. */
void document_play(Document *document);

/* Can an answer be hidden until the reader asks for it? */
bool document_folds(const Document *document);

/* ---- labels and numbers ------------------------------------------------------------------------------------------ */

Label label_maths(const char *format, ...) __attribute__((format(printf, 1, 2)));
Label label_words(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Labels of names, escaped for display (see base/text.h). A long name is cut in the middle to at most width columns. No
 * two of the labels are equal; number (count) tells apart what would be. */
void label_names(size_t count, const char *const *names, const size_t *number, size_t width, Label *labels);

/* The form of a quantity with these values: decimals are as many as it takes, at most `most`; more or fewer for small
 * or large numbers unless exactly is set. */
NumberForm number_form(size_t count, const double *values, int most, bool exactly);

enum { NUMBER_SIZE = 64 };

/* Writes the number as TeX. Zero has no sign. */
const char *number_print(double value, NumberForm form, char text[NUMBER_SIZE]);

/* ---- for the writers --------------------------------------------------------------------------------------------- */

void document_add(DocumentText *text, const char *bytes, size_t length);
void document_add_string(DocumentText *text, const char *string);

/* Writes a label, a cell ("" for an empty one) or words with mathematics into document->label. */
const DocumentText *document_label(Document *document, const Label *label);
const DocumentText *document_cell(Document *document, const Grid *grid, size_t row, size_t column);
const DocumentText *document_words(Document *document, const char *words);

/* Prints a grid's numbers, none empty or marked, as a matrix in TeX. */
void document_print_matrix(Document *document, const Grid *grid);

void document_print(Document *document, const char *format, ...) __attribute__((format(printf, 2, 3)));
void document_print_text(Document *document, const DocumentText *text);                   /* on one line */
void document_print_wrapped(Document *document, const DocumentText *text, size_t indent); /* at PAGE_WIDTH */
size_t document_width(const char *bytes, size_t length);                                  /* in terminal columns */

#endif
