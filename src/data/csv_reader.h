/* csv_reader.h: records and fields of delimited text (RFC 4180), read in one pass through one buffer.
 *
 * A field may be quoted; within quotes the delimiter and line ends are text and "" is a quote. Lines end in LF or CRLF,
 * the last line may lack it. Blanks around a field are not part of it unless it is quoted. The delimiter ' ' stands for
 * a run of blanks and tabs, of which those at a line's ends are no delimiters. */
#ifndef SPIRAL_DATA_CSV_READER_H
#define SPIRAL_DATA_CSV_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/status.h"

typedef struct SpiralCsvField {
    char *text; /* followed by a NUL */
    size_t length;
    bool quoted;
} SpiralCsvField;

/* Records and fields point into the buffer, and are valid until the next record is read. */
typedef struct SpiralCsvReader {
    const char *path; /* for messages; "-" is read as standard input */
    char delimiter;
    bool empty_last;                    /* a delimiter at a record's end is left out of it */
    size_t row_names_after;             /* the first field of the records after this line is left out; 0: of none */
    bool number_header, measured_names; /* as in SpiralTableForm */
    int descriptor;
    bool owns_descriptor, ended, started;
    char *buffer; /* (capacity + 1): a NUL always follows what is used, and may follow a last field */
    size_t capacity, used, next;
    size_t next_line;

    size_t line;                 /* of the record, from 1 */
    char *record, *record_end;   /* without its line end, a CR, LF or NUL */
    bool has_quotes, terminated; /* terminated: by a line end, not by the end of the file */

    SpiralCsvField *fields; /* (field_count), after a split */
    size_t field_count, field_capacity;
} SpiralCsvReader;

/* Errors: INPUT, LIMIT. Close the reader also after a failure. */
SpiralStatus spiral_csv_reader_open(const char *path, char delimiter, SpiralCsvReader *reader, SpiralError *error);

/* The same for an open file, of which the reader takes ownership, also when this fails. */
SpiralStatus spiral_csv_reader_take(int descriptor, const char *path, char delimiter, SpiralCsvReader *reader,
                                    SpiralError *error);
void spiral_csv_reader_close(SpiralCsvReader *reader);

/* The same for a copy of these bytes. */
SpiralStatus spiral_csv_reader_copy(const char *bytes, size_t length, const char *path, char delimiter,
                                    SpiralCsvReader *reader, SpiralError *error);

/* Fills the buffer, until that many line ends are in it if it can, and points at what is in it and not yet read. */
SpiralStatus spiral_csv_reader_peek(SpiralCsvReader *reader, size_t lines, const char **bytes, size_t *length,
                                    SpiralError *error);

/* Finds the next record; *found is false at the end of the file. */
SpiralStatus spiral_csv_reader_next(SpiralCsvReader *reader, bool *found, SpiralError *error);

/* Is the record nothing but blanks and delimiters (and the Ctrl-Z that DOS ends a file with)? */
bool spiral_csv_reader_is_empty(const SpiralCsvReader *reader);

/* The path as messages show it. */
const char *spiral_csv_reader_name(const SpiralCsvReader *reader);

/* Splits the record into its fields, in place; can't be repeated. */
SpiralStatus spiral_csv_reader_split(SpiralCsvReader *reader, SpiralError *error);

/* For looking ahead in a copy, which may be cut in the midst of a record. Errors: LIMIT.
 *
 * The next record; *found is false at the end, and where the record is malformed (as when it is cut within quotes). */
SpiralStatus spiral_csv_reader_try_next(SpiralCsvReader *copy, bool *found, SpiralError *error);

/* *split is false when the record is malformed. */
SpiralStatus spiral_csv_reader_try_split(SpiralCsvReader *copy, bool *split, SpiralError *error);

/* The next record that is neither empty nor malformed, as fields; *found is false when there is none. */
SpiralStatus spiral_csv_reader_next_fields(SpiralCsvReader *copy, bool *found, SpiralError *error);

/* spiral_error_set INPUT for the record's line, with "column N (from 0): " before the reason. */
SpiralStatus spiral_csv_reader_refuse(const SpiralCsvReader *reader, size_t column, SpiralError *error,
                                      const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
