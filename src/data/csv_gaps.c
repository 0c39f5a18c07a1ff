#include "data/csv_gaps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum { SHOWN_BYTES = 40, MOST_COLUMNS = 8 };

SpiralStatus spiral_csv_gaps_note(SpiralCsvGaps *gaps, size_t column, size_t columns, bool first_in_row, size_t line,
                                  const char *name, const char *text, bool label, const char *path, SpiralError *error)
{
    if (gaps->columns == NULL) {
        gaps->columns = spiral_allocate(columns, sizeof *gaps->columns);
        if (gaps->columns == NULL)
            return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, line, "no memory for the data");
        char found[SHOWN_BYTES + 16] = "is empty";
        if (*text != '\0')
            snprintf(found, sizeof found, "is '%.*s'", SPIRAL_TEXT_CUT(text, SHOWN_BYTES));
        (void)spiral_error_set(&gaps->first, SPIRAL_ERROR_INPUT, path, line, "column %zu (%.*s): %s%s, expected a %s",
                               column, SPIRAL_TEXT_CUT(name != NULL ? name : "from 0", SHOWN_BYTES),
                               label ? "the label " : "", found, label ? "class" : "number");
    }
    gaps->columns[column]++;
    gaps->lacking += first_in_row;
    return SPIRAL_OK;
}

/* Writes "0 (x), 3 (age) and 2 more", and returns how many columns there are. */
static size_t list_columns(const SpiralCsvGaps *gaps, size_t columns, const char *const *names, char *text, size_t size)
{
    size_t listed = 0, left = 0, used = 0;
    for (size_t c = 0; c < columns; c++) {
        if (gaps->columns[c] == 0)
            continue;
        if (listed == MOST_COLUMNS) {
            left++;
            continue;
        }
        used += (size_t)snprintf(text + used, size - used, "%s%zu", listed++ > 0 ? ", " : "", c);
        if (names != NULL)
            used += (size_t)snprintf(text + used, size - used, " (%.*s)", SPIRAL_TEXT_CUT(names[c], SHOWN_BYTES));
    }
    if (left > 0)
        snprintf(text + used, size - used, " and %zu more", left);
    return listed + left;
}

SpiralStatus spiral_csv_gaps_refuse(const SpiralCsvGaps *gaps, size_t columns, const char *const *names,
                                    SpiralError *error)
{
    char list[MOST_COLUMNS * (SHOWN_BYTES + 24) + 64] = "";
    size_t count = list_columns(gaps, columns, names, list, sizeof list);
    SpiralStatus status = spiral_error_set(
        error, SPIRAL_ERROR_INPUT, NULL, gaps->first.line, "%s; values are missing in %zu of %zu rows, in %s %s",
        gaps->first.reason, gaps->lacking, gaps->lacking + gaps->rows, count > 1 ? "columns" : "column", list);
    if (error != NULL)
        memcpy(error->path, gaps->first.path, sizeof error->path);
    return spiral_error_suggest(error, status, SPIRAL_REMEDY_MISSING, "drop");
}

void spiral_csv_gaps_free(SpiralCsvGaps *gaps)
{
    free(gaps->columns);
    *gaps = (SpiralCsvGaps){0};
}
