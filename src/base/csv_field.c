#include "base/csv_field.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

static bool needs_quotes(const char *text)
{
    size_t length = strlen(text);
    return length == 0 || strncmp(text, "\xef\xbb\xbf", 3) == 0 || spiral_number_is_not_finite(text, length) ||
           strpbrk(text, ",\"\r\n") != NULL || strchr(" \t", text[0]) != NULL ||
           strchr(" \t", text[length - 1]) != NULL;
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
    char *field = spiral_csv_field(text);
    if (field == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to write a field of CSV");
    SpiralStatus status = spiral_output_write(output, field, strlen(field), error);
    free(field);
    return status;
}
