#define _POSIX_C_SOURCE 200809L
#include "cli/loss_log.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/options/values.h"
#include "spiral/limits.h"

enum { FIRST_CAPACITY = 1024 };

/* ---- reading ----------------------------------------------------------------------------------------------------- */

typedef struct LogReader {
    const char *path;
    FILE *file;
    size_t line;
    char text[SPIRAL_LOG_LINE_LIMIT + 1]; /* the line, without its end */
    char kept[SPIRAL_LOG_LINE_LIMIT +
              1];  /* of a JSON log, the first line, while it is to be read again: a pipe can't go back */
    bool json;     /* an object a line, {"iteration":0,...}: as spiral train --log-format jsonl writes it */
    size_t fields; /* of a row */
    size_t places[LOSS_LOG_COLUMNS]; /* among them of the columns wanted; SIZE_MAX: it is not there */
    size_t capacity;
    LossLog log;
} LogReader;

static SpiralStatus wrong(const LogReader *reader, const char *found, const char *expected, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, reader->path, reader->line, "found %s, expected %s", found,
                            expected);
}

/* Reads the next line into text; *end at the end of the file. */
static SpiralStatus read_line(LogReader *reader, bool *end, SpiralError *error)
{
    errno = 0;
    *end = false;
    reader->text[0] = '\0';
    if (reader->kept[0] != '\0') {
        memcpy(reader->text, reader->kept, sizeof reader->text);
        reader->kept[0] = '\0';
        return SPIRAL_OK;
    }
    *end = fgets(reader->text, sizeof reader->text, reader->file) == NULL;
    if (ferror(reader->file))
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, reader->path, 0, "could not be read: %s", strerror(errno));
    if (*end)
        return SPIRAL_OK;
    reader->line++;
    size_t length = strlen(reader->text);
    if (length > 0 && reader->text[length - 1] == '\n')
        reader->text[--length] = '\0';
    else if (!feof(reader->file))
        return wrong(reader, "a line that is too long or holds a NUL byte", "the row of a loss log", error);
    if (length > 0 && reader->text[length - 1] == '\r')
        reader->text[--length] = '\0';
    return SPIRAL_OK;
}

/* Cuts "name":value of a JSON log, with the braces at the ends of its line, into name and value; CSV's field is
 * both. */
static void split_field(const LogReader *reader, char *field, char **name, char **value)
{
    *name = *value = field;
    char *colon = reader->json ? strstr(field, "\":") : NULL;
    if (colon == NULL)
        return;
    *colon = '\0';
    *value = colon + 2;
    *name += field[0] == '{';
    *name += **name == '"';
    size_t length = strlen(*value);
    if (length > 0 && (*value)[length - 1] == '}')
        (*value)[length - 1] = '\0';
}

static SpiralStatus read_header(LogReader *reader, const char *const *names, size_t needed, SpiralError *error)
{
    bool end;
    SpiralStatus status = read_line(reader, &end, error);
    if (status != SPIRAL_OK)
        return status;
    if (end) {
        reader->line = 1;
        return wrong(reader, "an empty file", "a loss log as spiral train writes it", error);
    }
    for (size_t i = 0; i < LOSS_LOG_COLUMNS; i++)
        reader->places[i] = SIZE_MAX;
    reader->json = reader->text[0] == '{';
    if (reader->json) /* there is no header: its first row names the columns, and is then read as a row */
        memcpy(reader->kept, reader->text, sizeof reader->kept);
    char *next = reader->text;
    for (; next != NULL; reader->fields++) {
        char *field = next, *name, *value;
        char *comma = strchr(field, ',');
        next = comma != NULL ? comma + 1 : NULL;
        if (comma != NULL)
            *comma = '\0';
        split_field(reader, field, &name, &value);
        for (size_t i = 0; names[i] != NULL; i++)
            if (strcmp(name, names[i]) == 0)
                reader->places[i] = reader->fields;
    }
    for (size_t i = 0; i < needed; i++)
        if (reader->places[i] == SIZE_MAX)
            return spiral_error_set(
                error, SPIRAL_ERROR_INPUT, reader->path, reader->line,
                "found a header without the column %s, expected a loss log as spiral train writes it", names[i]);
    return SPIRAL_OK;
}

/* Grows the columns by half when they are full. */
static SpiralStatus make_room(LogReader *reader, SpiralError *error)
{
    if (reader->log.count < reader->capacity)
        return SPIRAL_OK;
    size_t capacity = reader->capacity == 0 ? FIRST_CAPACITY : reader->capacity + reader->capacity / 2;
    if (capacity > PTRDIFF_MAX / sizeof(double))
        return cli_no_memory(error);
    for (size_t i = 0; i < LOSS_LOG_COLUMNS; i++) {
        if (reader->places[i] == SIZE_MAX)
            continue;
        double *grown = realloc(reader->log.columns[i], capacity * sizeof *grown);
        if (grown == NULL)
            return cli_no_memory(error);
        reader->log.columns[i] = grown;
    }
    reader->capacity = capacity;
    return SPIRAL_OK;
}

/* A number, or what the log has in place of one that is not finite. */
static bool read_number(const LogReader *reader, const char *text, double *value)
{
    static const struct {
        const char *text;
        double value;
    } words[] = {{"nan", NAN}, {"-nan", NAN}, {"inf", INFINITY}, {"-inf", -INFINITY}};
    if (text_to_real(text, value))
        return true;
    *value = NAN;
    if (reader->json)
        return strcmp(text, "null") == 0;
    for (size_t i = 0; i < COUNT(words); i++)
        if (strcmp(text, words[i].text) == 0) {
            *value = words[i].value;
            return true;
        }
    return false;
}

static SpiralStatus read_row(LogReader *reader, SpiralError *error)
{
    SpiralStatus status = make_room(reader, error);
    if (status != SPIRAL_OK)
        return status;
    size_t column = 0;
    for (char *next = reader->text; next != NULL; column++) {
        char *field = next, *name, *text;
        char *comma = strchr(field, ',');
        next = comma != NULL ? comma + 1 : NULL;
        if (comma != NULL)
            *comma = '\0';
        split_field(reader, field, &name, &text);
        double value;
        bool finite = column == reader->places[0]; /* where the row is drawn */
        if (!read_number(reader, text, &value) || (finite && !isfinite(value)))
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, reader->path, reader->line,
                                    "column %zu: found \"%.*s\", expected a number", column + 1,
                                    SPIRAL_TEXT_CUT(text, 100));
        for (size_t i = 0; i < LOSS_LOG_COLUMNS; i++)
            if (reader->places[i] == column)
                reader->log.columns[i][reader->log.count] = value;
    }
    if (column != reader->fields)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, reader->path, reader->line,
                                "found %zu fields, expected %zu as in the header", column, reader->fields);
    reader->log.count++;
    return SPIRAL_OK;
}

static SpiralStatus read_all(LogReader *reader, const char *const *names, size_t needed, SpiralError *error)
{
    SpiralStatus status = read_header(reader, names, needed, error);
    while (status == SPIRAL_OK) {
        bool end;
        status = read_line(reader, &end, error);
        if (status != SPIRAL_OK || end)
            break;
        status = read_row(reader, error);
    }
    if (status == SPIRAL_OK && reader->log.count == 0) {
        reader->line++;
        return wrong(reader, "no rows", "at least one", error);
    }
    return status;
}

SpiralStatus loss_log_read(const char *path, const char *const *names, size_t needed, LossLog *log, SpiralError *error)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "could not be opened: %s", strerror(errno));
    SpiralStatus status = loss_log_read_file(file, path, names, needed, log, error);
    fclose(file);
    return status;
}

SpiralStatus loss_log_read_file(FILE *file, const char *path, const char *const *names, size_t needed, LossLog *log,
                                SpiralError *error)
{
    LogReader reader = {.path = path, .file = file};
    SpiralStatus status = read_all(&reader, names, needed, error);
    if (status != SPIRAL_OK) {
        loss_log_free(&reader.log);
        return status;
    }
    *log = reader.log;
    return SPIRAL_OK;
}

void loss_log_free(LossLog *log)
{
    for (size_t i = 0; i < LOSS_LOG_COLUMNS; i++)
        free(log->columns[i]);
    *log = (LossLog){0};
}
