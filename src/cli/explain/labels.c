/* labels.c: names and numbers as they are shown. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/explain/document.h"

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

/* ---- labels ------------------------------------------------------------------------------------------------------ */

Label label_maths(const char *format, ...)
{
    Label label = {.maths = true};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(label.text, sizeof label.text, format, arguments);
    va_end(arguments);
    return label;
}

Label label_words(const char *format, ...)
{
    Label label = {.maths = false};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(label.text, sizeof label.text, format, arguments);
    va_end(arguments);
    return label;
}

/* The bytes of the text's end that take at most so many columns and bytes. */
static size_t fit_end(const char *text, size_t length, size_t columns, size_t bytes)
{
    size_t start = 0, used;
    while (start < length && (length - start > bytes || spiral_text_columns(text + start, length - start) > columns)) {
        spiral_text_shown(text + start, length - start, &used);
        start += used;
    }
    return length - start;
}

/* Writes the name, cut in the middle to width columns; ending, if it is not "", stands for the part behind the cut. */
static void cut_name(const char *name, size_t width, const char *ending, char label[LABEL_SIZE])
{
    enum { SHOWN_SIZE = 4096, MOST_BYTES = (LABEL_SIZE - 8) / 2 };
    char shown[SHOWN_SIZE];
    size_t length = spiral_text_show(name, shown, sizeof shown);
    bool whole = length < LABEL_SIZE && spiral_text_columns(shown, length) <= width;
    if (whole && *ending == '\0') {
        memcpy(label, shown, length + 1);
        return;
    }
    size_t room = width > 4 ? width - 3 : 1;
    size_t behind = *ending == '\0' ? room / 2 : strlen(ending);
    size_t kept = spiral_text_fit(shown, room > behind ? room - behind : 1);
    kept = (size_t)spiral_text_cut(shown, kept, MOST_BYTES);
    size_t end = *ending == '\0' ? fit_end(shown, length, behind, MOST_BYTES) : 0;
    snprintf(label, LABEL_SIZE, "%.*s...%.*s%s", (int)kept, shown, (int)end, shown + length - end, ending);
}

static bool is_among(const char *text, size_t count, const Label *labels)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, labels[i].text) == 0)
            return true;
    return false;
}

void label_names(size_t count, const char *const *names, const size_t *number, size_t width, Label *labels)
{
    for (size_t i = 0; i < count; i++) {
        labels[i].maths = false;
        cut_name(names[i], width, "", labels[i].text);
        char ending[24] = "";
        for (size_t more = 0; more < count && is_among(labels[i].text, i, labels); more++) {
            snprintf(ending, sizeof ending, "%.*s%zu", (int)(more < 3 ? more + 1 : 3), "###", number[i] + more / 3);
            cut_name(names[i], width, ending, labels[i].text);
        }
    }
}

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

/* Are all values whole multiples of 10^-decimals? */
static bool fits(size_t count, const double *values, int decimals)
{
    double scale = pow(10.0, decimals);
    for (size_t i = 0; i < count; i++) {
        double scaled = values[i] * scale;
        if (!isnan(scaled) && !(fabs(scaled - nearbyint(scaled)) <= 1e-9 * fmax(1.0, fabs(scaled)) * 1e-3))
            return false;
    }
    return true;
}

NumberForm number_form(size_t count, const double *values, int most, bool exactly)
{
    static const double smallest = 1e-4, largest_plain = 1e6, noise = 1e-12;
    double largest = 0.0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i]))
            largest = fmax(largest, fabs(values[i]));
    if (largest >= largest_plain || (largest > 0.0 && largest < smallest))
        return (NumberForm){.decimals = most, .scientific = true, .least = noise * largest};
    for (int decimals = 0; decimals < most; decimals++)
        if (fits(count, values, decimals))
            return (NumberForm){.decimals = decimals};
    if (exactly || largest == 0.0)
        return (NumberForm){.decimals = most};
    int power = (int)floor(log10(largest)); /* -4 to 5 */
    int more = power < -1 ? -1 - power : power > 2 ? 2 - power : 0;
    return (NumberForm){.decimals = most + more > 0 ? most + more : 0};
}

/* Zero has no sign: turns -0.000 into 0.000. */
static void drop_sign_of_zero(char *text)
{
    size_t length = strlen(text);
    if (text[0] == '-' && strspn(text + 1, "0.") == length - 1)
        memmove(text, text + 1, length);
}

const char *number_print(double value, NumberForm form, char text[NUMBER_SIZE])
{
    if (form.scientific && fabs(value) < form.least)
        value = 0.0;
    if (!form.scientific || value == 0.0) {
        snprintf(text, NUMBER_SIZE, "%.*f", form.scientific ? 0 : form.decimals, value);
        drop_sign_of_zero(text);
        return text;
    }
    char digits[NUMBER_SIZE];
    snprintf(digits, sizeof digits, "%.*e", form.decimals, value);
    char *e = strchr(digits, 'e');
    int power = 0;
    if (e != NULL) {
        power = (int)strtol(e + 1, NULL, 10);
        *e = '\0';
    }
    snprintf(text, NUMBER_SIZE, "%.40s{\\cdot}10^{%d}", digits, power);
    return text;
}

const DocumentText *document_cell(Document *document, const Grid *grid, size_t row, size_t column)
{
    char number[NUMBER_SIZE];
    double value = grid->value[row][column];
    DocumentText *text = &document->label;
    text->length = 0;
    if (isnan(value))
        return text;
    number_print(value, grid->form[row], number);
    document->writer->add_number(document, text, number, strlen(number));
    if (grid->marked[row][column])
        document->writer->add_name(text, "*", 1);
    return text;
}
