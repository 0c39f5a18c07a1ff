#include "base/csv_field.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv_value.h"
#include "base/memory.h"
#include "base/number.h"

static bool needs_quotes(const char *text)
{
    size_t length = strlen(text);
    return spiral_csv_is_missing_label(text, length) || spiral_number_is_not_finite(text, length) ||
           strncmp(text, "\xef\xbb\xbf", 3) == 0 || strncmp(text, "\xc2\xa0", 2) == 0 ||
           strpbrk(text, ",\"\r\n\x1a") != NULL || strchr(" \t#", text[0]) != NULL ||
           strchr(" \t\xa0", text[length - 1]) != NULL;
}

char *spiral_csv_field(const char *text)
{
    char *field = spiral_allocate(2 * strlen(text) + 3, 1);
    if (field == NULL || !needs_quotes(text))
        return field != NULL ? strcpy(field, text) : NULL;
    char *next = field;
    *next++ = '"';
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"')
            *next++ = '"';
        *next++ = *c;
    }
    *next++ = '"';
    *next = '\0';
    return field;
}

SpiralStatus spiral_csv_field_write(SpiralOutput *output, const char *text, SpiralError *error)
{
    if (!needs_quotes(text))
        return spiral_output_write(output, text, strlen(text), error);
    SpiralStatus status = spiral_output_write(output, "\"", 1, error);
    while (status == SPIRAL_OK && *text != '\0') { /* up to the next quote, which is doubled */
        size_t length = strcspn(text, "\"");
        status = spiral_output_write(output, text, length, error);
        text += length;
        if (status == SPIRAL_OK && *text == '"') {
            status = spiral_output_write(output, "\"\"", 2, error);
            text++;
        }
    }
    return status == SPIRAL_OK ? spiral_output_write(output, "\"", 1, error) : status;
}
