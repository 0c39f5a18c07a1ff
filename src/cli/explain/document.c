#include "cli/explain/document.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

/* Prevents line breaks within mathematics. */
static void add_unbroken(const Document *document, DocumentText *text, const char *tex, size_t length)
{
    size_t start = text->length;
    document->writer->add_maths(document, text, tex, length);
    for (size_t i = start; i < text->length; i++)
        if (text->bytes[i] == ' ')
            text->bytes[i] = KEPT_SPACE;
}

/* Copies words, and converts what stands between angle brackets and between backquotes. */
static void convert(const Document *document, const char *source, DocumentText *text)
{
    text->length = 0;
    while (*source != '\0') {
        size_t words = strcspn(source, "<`");
        document->writer->add_name(text, source, words);
        source += words;
        if (*source == '\0')
            break;
        bool maths = *source == '<';
        size_t length = strcspn(source + 1, maths ? ">" : "`");
        if (maths)
            add_unbroken(document, text, source + 1, length);
        else
            document->writer->add_code(text, source + 1, length);
        source += 1 + length + (source[1 + length] != '\0');
    }
}

const DocumentText *document_label(Document *document, const Label *label)
{
    DocumentText *text = &document->label;
    text->length = 0;
    if (label->maths)
        add_unbroken(document, text, label->text, strlen(label->text));
    else
        document->writer->add_name(text, label->text, strlen(label->text));
    return text;
}

const DocumentText *document_words(Document *document, const char *words)
{
    convert(document, words, &document->label);
    return &document->label;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Writes length bytes. A failure is reported when the output is committed. No line ends with spaces. */
static void write_bytes(Document *document, const char *bytes, size_t length)
{
    if (length == 0)
        return;
    for (; document->spaces > 0 && bytes[0] != '\n'; document->spaces--)
        (void)spiral_output_write(document->output, " ", 1, NULL);
    document->spaces = 0;
    (void)spiral_output_write(document->output, bytes, length, NULL);
}

void document_print(Document *document, const char *format, ...)
{
    char line[PARAGRAPH_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    write_bytes(document, line, strlen(line));
}

/* Writes length bytes, with '\x1f' as a space. */
static void print_word(Document *document, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        write_bytes(document, bytes[i] == KEPT_SPACE ? " " : bytes + i, 1);
}

void document_print_text(Document *document, const DocumentText *text)
{
    print_word(document, text->bytes, text->length);
}

void document_print_matrix(Document *document, const Grid *grid)
{
    char number[NUMBER_SIZE];
    document_print(document, "\\left[\\begin{array}{");
    for (size_t c = 0; c < grid->columns; c++)
        document_print(document, "r");
    document_print(document, "}");
    for (size_t r = 0; r < grid->rows; r++)
        for (size_t c = 0; c < grid->columns; c++)
            document_print(document, "%s%s",
                           c > 0   ? " & "
                           : r > 0 ? " \\\\ "
                                   : "",
                           number_print(grid->value[r][c], grid->form[r], number));
    document_print(document, "\\end{array}\\right]");
}

void document_print_wrapped(Document *document, const DocumentText *text, size_t indent)
{
    size_t column = 0, i = 0;
    while (i < text->length) {
        size_t end = i;
        while (end < text->length && text->bytes[end] != ' ')
            end++;
        size_t width = document_width(text->bytes + i, end - i);
        if (column > 0 && column + 1 + width > PAGE_WIDTH) {
            document_print(document, "\n%*s", (int)indent, "");
            column = indent;
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

void document_begin(Document *document, const DocumentWriter *writer, SpiralOutput *output)
{
    document->writer = writer;
    document->output = output;
    document->formulas = 0;
    writer->begin(document);
}

void document_end(Document *document)
{
    document->writer->end(document);
}

void document_title(Document *document, const char *text)
{
    convert(document, text, &document->text);
    document->writer->title(document);
}

static void convert_printed(Document *document, const char *format, va_list arguments)
{
    char source[PARAGRAPH_SIZE];
    vsnprintf(source, sizeof source, format, arguments);
    convert(document, source, &document->text);
}

void document_heading(Document *document, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    convert_printed(document, format, arguments);
    va_end(arguments);
    document->writer->heading(document);
}

void document_paragraph(Document *document, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    convert_printed(document, format, arguments);
    va_end(arguments);
    document->writer->paragraph(document);
}

static void print_formula(Document *document, int number, const char *format, va_list arguments)
{
    char tex[PARAGRAPH_SIZE];
    vsnprintf(tex, sizeof tex, format, arguments);
    document->writer->formula(document, tex, number);
}

int document_formula(Document *document, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_formula(document, ++document->formulas, format, arguments);
    va_end(arguments);
    return document->formulas;
}

void document_calculation(Document *document, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_formula(document, 0, format, arguments);
    va_end(arguments);
}

void document_grids(Document *document, size_t count, const Grid *grids)
{
    document->writer->grids(document, count, grids);
}

void document_product(Document *document, size_t count, const Grid *factors, const char *const *operators)
{
    document->writer->product(document, count, factors, operators);
}

void document_legend_begin(Document *document, size_t columns, const char *const *head)
{
    document->writer->legend(document, BLOCK_BEGIN, columns, head);
}

void document_legend_row(Document *document, size_t columns, const char *const *cells)
{
    document->writer->legend(document, BLOCK_LINE, columns, cells);
}

void document_legend_end(Document *document)
{
    document->writer->legend(document, BLOCK_END, 0, NULL);
}

void document_code_begin(Document *document)
{
    document->writer->code(document, BLOCK_BEGIN, "");
}

void document_code_line(Document *document, const char *line)
{
    document->writer->code(document, BLOCK_LINE, line);
}

void document_code_end(Document *document)
{
    document->writer->code(document, BLOCK_END, "");
}

void document_play(Document *document)
{
    if (document->writer->play != NULL)
        document->writer->play(document);
}

bool document_folds(const Document *document)
{
    return document->writer->fold != NULL && !document->single_dollars;
}
