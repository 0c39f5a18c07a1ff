#include "cli/explain/document.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { KEPT_SPACE = '\x1f' };

/* ---- texts ------------------------------------------------------------------------------------------------------- */

void document_add(DocumentText *text, const char *bytes, size_t length)
{
    size_t room = sizeof text->bytes - text->length;
    if (length > room)
        length = room;
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
}

void document_add_string(DocumentText *text, const char *string)
{
    document_add(text, string, strlen(string));
}

size_t document_width(const char *bytes, size_t length)
{
    size_t width = 0;
    for (const char *space; length > 0 && (space = memchr(bytes, KEPT_SPACE, length)) != NULL; bytes = space + 1) {
        size_t before = (size_t)(space - bytes);
        width += spiral_text_columns(bytes, before) + 1;
        length -= before + 1;
    }
    return width + spiral_text_columns(bytes, length);
}

void document_add_label(const Document *document, DocumentText *text, const Label *label)
{
    if (label->latex[0] == '\0')
        document->writer->add_name(text, label->plain, strlen(label->plain));
    else
        document->writer->add_maths(text, label->plain, strlen(label->plain), label->latex, strlen(label->latex));
}

/* Prevents line breaks within mathematics. */
static void add_unbroken(const Document *document, DocumentText *text, const char *plain, size_t plain_length,
                         const char *latex, size_t latex_length)
{
    size_t start = text->length;
    document->writer->add_maths(text, plain, plain_length, latex, latex_length);
    for (size_t i = start; i < text->length; i++)
        if (text->bytes[i] == ' ')
            text->bytes[i] = KEPT_SPACE;
}

/* Copies words unchanged and converts <plain|latex> for the format. */
static void convert(const Document *document, const char *source, DocumentText *text)
{
    text->length = 0;
    while (*source != '\0') {
        size_t words = strcspn(source, "<");
        document->writer->add_name(text, source, words);
        source += words;
        if (*source == '\0')
            break;
        const char *plain = source + 1;
        size_t length = strcspn(plain, ">"), plain_length = strcspn(plain, "|>");
        bool both = plain_length < length;
        add_unbroken(document, text, plain, plain_length, both ? plain + plain_length + 1 : plain,
                     both ? length - plain_length - 1 : length);
        source = plain + length + (plain[length] == '>');
    }
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

void document_print(Document *document, const char *format, ...)
{
    char line[2 * PARAGRAPH_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    (void)spiral_output_write(document->output, line, strlen(line), NULL); /* reported when it is committed */
}

/* Writes length bytes, with '\x1f' as a space. */
static void print_word(Document *document, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        (void)spiral_output_write(document->output, bytes[i] == KEPT_SPACE ? " " : bytes + i, 1, NULL);
}

void document_print_text(Document *document, const DocumentText *text)
{
    print_word(document, text->bytes, text->length);
}

void document_print_wrapped(Document *document, const DocumentText *text)
{
    size_t column = 0, i = 0;
    while (i < text->length) {
        size_t end = i;
        while (end < text->length && text->bytes[end] != ' ')
            end++;
        size_t width = document_width(text->bytes + i, end - i);
        if (column > 0 && column + 1 + width > PAGE_WIDTH) {
            document_print(document, "\n");
            column = 0;
        } else if (column > 0) {
            document_print(document, " ");
            column++;
        }
        print_word(document, text->bytes + i, end - i);
        column += width;
        i = end + 1;
    }
    document_print(document, "\n");
}

Document document_begin(const DocumentWriter *writer, SpiralOutput *output)
{
    Document document = {.writer = writer, .output = output};
    document.writer->begin(&document);
    return document;
}

void document_end(Document *document)
{
    document->writer->end(document);
}

void document_title(Document *document, const char *text)
{
    DocumentText converted;
    convert(document, text, &converted);
    document->writer->title(document, &converted);
}

static void convert_printed(const Document *document, const char *format, va_list arguments, DocumentText *text)
{
    char source[PARAGRAPH_SIZE];
    vsnprintf(source, sizeof source, format, arguments);
    convert(document, source, text);
}

void document_heading(Document *document, const char *format, ...)
{
    DocumentText converted;
    va_list arguments;
    va_start(arguments, format);
    convert_printed(document, format, arguments, &converted);
    va_end(arguments);
    document->writer->heading(document, &converted);
}

void document_paragraph(Document *document, const char *format, ...)
{
    DocumentText converted;
    va_list arguments;
    va_start(arguments, format);
    convert_printed(document, format, arguments, &converted);
    va_end(arguments);
    document_print_wrapped(document, &converted);
    document_print(document, "\n");
}

int document_formula(Document *document, const char *plain, const char *latex)
{
    document->formulas++;
    document->writer->formula(document, plain, latex, document->formulas);
    return document->formulas;
}

void document_grids(Document *document, size_t count, const Grid *grids)
{
    document->writer->grids(document, count, grids);
}

/* ---- labels and cells -------------------------------------------------------------------------------------------- */

Label label_name(const char *name)
{
    enum { LONGEST = 20 };
    Label label = {.latex = ""};
    char shown[sizeof label.plain - 3]; /* leaves room for the dots */
    size_t length = spiral_text_show(name, shown, sizeof shown), kept = spiral_text_fit(shown, LONGEST);
    bool whole = kept == length && length >= strlen(name); /* escaping never shortens a name */
    snprintf(label.plain, sizeof label.plain, "%.*s%s", (int)kept, shown, whole ? "" : "...");
    return label;
}

Label label_maths(const char *plain, const char *latex)
{
    Label label;
    snprintf(label.plain, sizeof label.plain, "%s", plain);
    snprintf(label.latex, sizeof label.latex, "%s", latex);
    return label;
}

int decimals_for(size_t count, const double *values)
{
    static const double digits = 6.0, most = 15.0;
    double largest = 0.0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i]))
            largest = fmax(largest, fabs(values[i]));
    if (largest == 0.0)
        return 1;
    double decimals = digits - 1.0 - floor(log10(largest));
    return (int)fmin(fmax(decimals, 0.0), most);
}

void grid_print_cell(const Grid *grid, size_t row, size_t column, char *text, size_t size)
{
    double value = grid->value[row][column];
    if (isnan(value))
        snprintf(text, size, "kink");
    else if (fabs(value) >= 1e9)
        snprintf(text, size, "%.5e", value);
    else
        snprintf(text, size, "%.*f", grid->whole[row] ? 0 : grid->decimals, value);
    size_t length = strlen(text);
    if (text[0] == '-' && strspn(text + 1, "0.") == length - 1) /* turns -0.000 into 0.000 */
        memmove(text, text + 1, length);
}
