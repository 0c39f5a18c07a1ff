#define _POSIX_C_SOURCE 200809L
#include "data/csv_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "spiral/limits.h"

/* Tests make it small, to exercise refilling and doubling. */
#ifndef SPIRAL_CSV_FIRST_BYTES
#define SPIRAL_CSV_FIRST_BYTES (1 << 18)
#endif

enum { FIRST_CAPACITY = SPIRAL_CSV_FIRST_BYTES, FIRST_FIELDS = 16 };

const char *spiral_csv_reader_name(const SpiralCsvReader *reader)
{
    return strcmp(reader->path, "-") == 0 ? "standard input" : reader->path;
}

static SpiralStatus no_memory(const SpiralCsvReader *reader, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, spiral_csv_reader_name(reader), reader->line,
                            "no memory to read it");
}

SpiralStatus spiral_csv_reader_refuse(const SpiralCsvReader *reader, size_t column, SpiralError *error,
                                      const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, spiral_csv_reader_name(reader), reader->line,
                            "column %zu (from 0): %s", column, text);
}

SpiralStatus spiral_csv_reader_open(const char *path, char delimiter, SpiralCsvReader *reader, SpiralError *error)
{
    *reader = (SpiralCsvReader){0};
    int descriptor = STDIN_FILENO;
    if (strcmp(path, "-") != 0) {
        do
            descriptor = open(path, O_RDONLY | O_CLOEXEC);
        while (descriptor < 0 && errno == EINTR);
        if (descriptor < 0)
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "could not be opened: %s", strerror(errno));
    }
    return spiral_csv_reader_take(descriptor, path, delimiter, reader, error);
}

SpiralStatus spiral_csv_reader_take(int descriptor, const char *path, char delimiter, SpiralCsvReader *reader,
                                    SpiralError *error)
{
    *reader = (SpiralCsvReader){.path = path,
                                .delimiter = delimiter,
                                .descriptor = descriptor,
                                .owns_descriptor = descriptor != STDIN_FILENO,
                                .next_line = 1};
    reader->buffer = spiral_allocate(FIRST_CAPACITY + 1, 1);
    if (reader->buffer == NULL)
        return no_memory(reader, error);
    reader->capacity = FIRST_CAPACITY;
    return SPIRAL_OK;
}

SpiralStatus spiral_csv_reader_copy(const char *bytes, size_t length, const char *path, char delimiter,
                                    SpiralCsvReader *reader, SpiralError *error)
{
    *reader = (SpiralCsvReader){.path = path,
                                .delimiter = delimiter,
                                .descriptor = -1,
                                .ended = true,
                                .started = true,
                                .capacity = length,
                                .used = length,
                                .next_line = 1};
    reader->buffer = spiral_allocate(length + 1, 1);
    if (reader->buffer == NULL)
        return no_memory(reader, error);
    if (length > 0)
        memcpy(reader->buffer, bytes, length);
    return SPIRAL_OK;
}

void spiral_csv_reader_close(SpiralCsvReader *reader)
{
    if (reader->owns_descriptor)
        close(reader->descriptor);
    free(reader->buffer);
    free(reader->fields);
    *reader = (SpiralCsvReader){.descriptor = -1};
}

static void skip_byte_order_mark(SpiralCsvReader *reader)
{
    reader->started = true;
    while (reader->used - reader->next >= 3 && memcmp(reader->buffer + reader->next, "\xef\xbb\xbf", 3) == 0)
        reader->next += 3; /* programs that join or convert files write it twice */
}

/* Moves the unread bytes to the front and fills the rest of the buffer; doubles a buffer that is full. */
static SpiralStatus refill(SpiralCsvReader *reader, SpiralError *error)
{
    memmove(reader->buffer, reader->buffer + reader->next, reader->used - reader->next);
    reader->used -= reader->next;
    reader->next = 0;
    if (reader->used == reader->capacity) {
        if (reader->capacity >= SPIRAL_CSV_LINE_LIMIT)
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, spiral_csv_reader_name(reader), reader->next_line,
                                    "longer than %d bytes, expected a shorter line (is a quote left open, or the file "
                                    "no CSV?)",
                                    SPIRAL_CSV_LINE_LIMIT);
        char *grown = spiral_reallocate(reader->buffer, 2 * reader->capacity + 1, 1);
        if (grown == NULL)
            return no_memory(reader, error);
        reader->buffer = grown;
        reader->capacity *= 2;
    }
    while (reader->used < reader->capacity && !reader->ended) {
        ssize_t got = read(reader->descriptor, reader->buffer + reader->used, reader->capacity - reader->used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, spiral_csv_reader_name(reader), 0,
                                    "could not be read: %s", strerror(errno));
        reader->ended = got == 0;
        reader->used += (size_t)got;
    }
    reader->buffer[reader->used] = '\0';
    if (!reader->started)
        skip_byte_order_mark(reader);
    return SPIRAL_OK;
}

static bool is_run(const SpiralCsvReader *reader)
{
    return reader->delimiter == ' ';
}

static bool is_delimiter(const SpiralCsvReader *reader, char c)
{
    return c == reader->delimiter || (c == '\t' && is_run(reader));
}

/* A blank that is no part of a field: at its ends, where it is not quoted. */
static bool is_blank(const SpiralCsvReader *reader, char c)
{
    return (c == ' ' || c == '\t') && (is_run(reader) || c != reader->delimiter);
}

static char *skip_blanks(const SpiralCsvReader *reader, char *c, const char *end)
{
    while (c < end && is_blank(reader, *c))
        c++;
    return c;
}

/* Finds the end of a record with quotes in it, or returns NULL when the end is not in the buffer. *lines is set to the
 * number of LFs in it. *open is set when a quote is still open at the end, and *open_line to the number of LFs before
 * that quote. */
static char *find_quoted_end(const SpiralCsvReader *reader, char *c, char *end, size_t *lines, bool *open,
                             size_t *open_line)
{
    *lines = 0;
    *open = false;
    for (bool at_start = true; c < end; c++) {
        if (*open) {
            *lines += *c == '\n';
            *open = *c != '"'; /* "" closes and opens again, below */
            if (!*open && c + 1 < end && c[1] == '"') {
                *open = true;
                c++;
            }
        } else if (*c == '\n') {
            return c;
        } else if (is_delimiter(reader, *c)) {
            at_start = true;
        } else if (*c == '"' && at_start) {
            *open = true;
            *open_line = *lines;
            at_start = false;
        } else if (!is_blank(reader, *c)) {
            at_start = false;
        }
    }
    return NULL;
}

/* The last blank of a run that stands at c; the record's end when the run reaches it. */
static char *end_run(const SpiralCsvReader *reader, char *c)
{
    char *next = skip_blanks(reader, c, reader->record_end);
    return next == reader->record_end || next == c ? next : next - 1;
}

/* Leaves out what is no column of the table: an empty last field, the row's name. */
static void trim_record(SpiralCsvReader *reader)
{
    char *end = reader->record_end, *c = reader->record;
    while (reader->empty_last && end > c && is_blank(reader, end[-1]))
        end--;
    if (reader->empty_last && end > c && end[-1] == reader->delimiter)
        reader->record_end = end - 1;
    if (reader->row_names_after == 0 || reader->line <= reader->row_names_after)
        return;
    end = reader->record_end;
    c = skip_blanks(reader, c, end);
    if (c < end && *c == '"')
        for (c++; c < end && (*c != '"' || (c + 1 < end && c[1] == '"')); c++)
            c += *c == '"';
    while (c < end && !is_delimiter(reader, *c))
        c++;
    if (is_run(reader))
        c = end_run(reader, c);
    reader->record = c < end ? c + 1 : end;
}

SpiralStatus spiral_csv_reader_peek(SpiralCsvReader *reader, size_t lines, const char **bytes, size_t *length,
                                    SpiralError *error)
{
    for (;;) {
        char *begin = reader->buffer + reader->next, *end = reader->buffer + reader->used;
        size_t ends = 0;
        for (const char *c = begin; c < end && ends < lines && (c = memchr(c, '\n', (size_t)(end - c))) != NULL; c++)
            ends++;
        *bytes = begin;
        *length = (size_t)(end - begin);
        bool full = reader->next == 0 && reader->used >= SPIRAL_CSV_LINE_LIMIT;
        if (reader->ended || ends == lines || full)
            return SPIRAL_OK;
        SpiralStatus status = refill(reader, error);
        if (status != SPIRAL_OK)
            return status;
    }
}

bool spiral_csv_reader_is_empty(const SpiralCsvReader *reader)
{
    const char *c = reader->record;
    while (c < reader->record_end && (is_blank(reader, *c) || is_delimiter(reader, *c) || *c == '\x1a'))
        c++;
    return c == reader->record_end;
}

/* Does the line that ends at stop end in the Ctrl-Z that DOS ends a file with? Points at it then, else NULL. */
static char *find_end_mark(char *begin, char *stop)
{
    if (stop > begin && stop[-1] == '\r')
        stop--;
    return stop > begin && stop[-1] == '\x1a' ? stop - 1 : NULL;
}

SpiralStatus spiral_csv_reader_next(SpiralCsvReader *reader, bool *found, SpiralError *error)
{
    for (;;) {
        char *begin = reader->buffer + reader->next, *end = reader->buffer + reader->used;
        char *stop = begin < end ? memchr(begin, '\n', (size_t)(end - begin)) : NULL;
        bool complete = stop != NULL, open = false;
        size_t lines = 0, open_line = 0;
        if (!complete)
            stop = end;
        reader->has_quotes = begin < stop && memchr(begin, '"', (size_t)(stop - begin)) != NULL;
        if (reader->has_quotes && (complete || reader->ended)) {
            stop = find_quoted_end(reader, begin, end, &lines, &open, &open_line);
            complete = stop != NULL;
            if (!complete)
                stop = end;
        }
        char *mark = stop + complete == end ? find_end_mark(begin, stop) : NULL;
        if ((!complete || mark != NULL) && !reader->ended) {
            SpiralStatus status = refill(reader, error);
            if (status != SPIRAL_OK)
                return status;
            continue;
        }
        *found = complete || begin < end;
        reader->line = reader->next_line;
        reader->next_line += lines + 1;
        reader->next = (size_t)(stop - reader->buffer) + complete;
        reader->terminated = complete;
        reader->record = begin;
        reader->record_end = complete && stop > begin && stop[-1] == '\r' ? stop - 1 : stop;
        if (mark != NULL)
            reader->record_end = mark;
        reader->field_count = 0;
        if (reader->empty_last || reader->row_names_after > 0)
            trim_record(reader);
        if (open)
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, spiral_csv_reader_name(reader), reader->line + open_line,
                                    "a quote is opened and never closed, expected '\"'");
        return SPIRAL_OK;
    }
}

/* Refuses unquoted text that holds a quote, a lone CR or a NUL. */
static SpiralStatus check_text(const SpiralCsvReader *reader, const char *text, size_t length, size_t column,
                               SpiralError *error)
{
    if (memchr(text, '\0', length) != NULL)
        return spiral_csv_reader_refuse(reader, column, error, "a NUL byte, expected text (is it a binary file?)");
    if (memchr(text, '\r', length) != NULL)
        return spiral_csv_reader_refuse(reader, column, error,
                                        "a carriage return within a line, expected lines that end in LF or CRLF");
    if (memchr(text, '"', length) != NULL)
        return spiral_csv_reader_refuse(reader, column, error, "a quote within a field that is not quoted");
    return SPIRAL_OK;
}

/* Removes the quotes from the field at *c, which begins with one, and sets *c to what follows. */
static SpiralStatus unquote(const SpiralCsvReader *reader, char **c, SpiralCsvField *field, SpiralError *error)
{
    char *from = *c + 1, *to = *c;
    *field = (SpiralCsvField){.text = to, .quoted = true};
    for (;; from++, to++) { /* the closing quote exists: it was found with the end of the record */
        if (*from == '"' && *++from != '"')
            break;
        if (*from == '\0')
            return spiral_csv_reader_refuse(reader, reader->field_count, error, "a NUL byte, expected text");
        *to = *from;
    }
    field->length = (size_t)(to - field->text);
    *c = is_run(reader) ? from : skip_blanks(reader, from, reader->record_end);
    if (*c < reader->record_end && !is_delimiter(reader, **c))
        return spiral_csv_reader_refuse(reader, reader->field_count, error,
                                        "text after a closing quote, expected '%c' or the end of the line",
                                        reader->delimiter);
    return SPIRAL_OK;
}

static char *find_delimiter(const SpiralCsvReader *reader, char *begin, char *end)
{
    char *stop = memchr(begin, reader->delimiter, (size_t)(end - begin));
    stop = stop != NULL ? stop : end;
    char *tab = is_run(reader) ? memchr(begin, '\t', (size_t)(stop - begin)) : NULL;
    return tab != NULL ? tab : stop;
}

/* Leaves out the blanks at both ends, and the no-break spaces that spreadsheets write. */
static void trim_field(const SpiralCsvReader *reader, char **begin, char **end)
{
    static const char no_break[] = "\xc2\xa0"; /* in UTF-8 */
    for (char *before = NULL; *end != before;) {
        before = *end;
        while (*end > *begin && is_blank(reader, (*end)[-1]))
            (*end)--;
        if (*end - *begin >= 2 && memcmp(*end - 2, no_break, 2) == 0)
            *end -= 2;
    }
    while (*end - *begin >= 2 && memcmp(*begin, no_break, 2) == 0)
        *begin = skip_blanks(reader, *begin + 2, *end);
}

static SpiralStatus split_field(const SpiralCsvReader *reader, char **c, SpiralCsvField *field, SpiralError *error)
{
    char *end = reader->record_end;
    *c = skip_blanks(reader, *c, end);
    if (*c < end && **c == '"')
        return unquote(reader, c, field, error);
    char *begin = *c;
    char *stop = find_delimiter(reader, begin, end);
    *c = stop;
    trim_field(reader, &begin, &stop);
    *field = (SpiralCsvField){.text = begin, .length = (size_t)(stop - begin)};
    return check_text(reader, begin, field->length, reader->field_count, error);
}

SpiralStatus spiral_csv_reader_split(SpiralCsvReader *reader, SpiralError *error)
{
    reader->field_count = 0;
    char *c = reader->record;
    for (bool more = true; more; c++) {
        if (reader->field_count == SPIRAL_CSV_COLUMNS_LIMIT)
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, spiral_csv_reader_name(reader), reader->line,
                                    "more than %d columns, expected fewer", SPIRAL_CSV_COLUMNS_LIMIT);
        if (reader->field_count == reader->field_capacity) {
            size_t capacity = reader->field_capacity > 0 ? 2 * reader->field_capacity : FIRST_FIELDS;
            SpiralCsvField *grown = spiral_reallocate(reader->fields, capacity, sizeof *grown);
            if (grown == NULL)
                return no_memory(reader, error);
            reader->fields = grown;
            reader->field_capacity = capacity;
        }
        SpiralCsvField *field = &reader->fields[reader->field_count];
        SpiralStatus status = split_field(reader, &c, field, error);
        if (status != SPIRAL_OK)
            return status;
        if (is_run(reader)) /* to the last blank of the run, which is the delimiter, or to the end */
            c = end_run(reader, c);
        more = c < reader->record_end;
        reader->field_count++;
        field->text[field->length] = '\0';
    }
    return SPIRAL_OK;
}

SpiralStatus spiral_csv_reader_try_next(SpiralCsvReader *copy, bool *found, SpiralError *error)
{
    SpiralStatus status = spiral_csv_reader_next(copy, found, error);
    *found = *found && status == SPIRAL_OK;
    return status == SPIRAL_ERROR_INPUT ? SPIRAL_OK : status;
}

SpiralStatus spiral_csv_reader_try_split(SpiralCsvReader *copy, bool *split, SpiralError *error)
{
    SpiralStatus status = spiral_csv_reader_split(copy, error);
    *split = status == SPIRAL_OK;
    return status == SPIRAL_ERROR_INPUT ? SPIRAL_OK : status;
}

SpiralStatus spiral_csv_reader_next_fields(SpiralCsvReader *copy, bool *found, SpiralError *error)
{
    SpiralStatus status = spiral_csv_reader_try_next(copy, found, error);
    for (bool split = false; status == SPIRAL_OK && *found; status = spiral_csv_reader_try_next(copy, found, error)) {
        if (!spiral_csv_reader_is_empty(copy))
            status = spiral_csv_reader_try_split(copy, &split, error);
        if (status != SPIRAL_OK || split)
            break;
    }
    return status;
}
