#include "data/csv_dialect.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "base/csv_value.h"
#include "data/columns.h"
#include "data/csv_delimiter.h"
#include "data/file_kind.h"

enum {
    SAMPLE_LINES = 100,
    LEAST_LINES = 3,           /* that are looked at, however long: the header and two rows */
    SAMPLE_BYTES = 1 << 16,    /* of more than that many lines */
    DELIMITER_BYTES = 1 << 14, /* that the delimiter is found from */
    SHOWN_BYTES = 40,
    FAR = 10 /* from other values, in their range */
};

/* ---- the first lines --------------------------------------------------------------------------------------------- */

static const char *find_line_end(const char *text, const char *end)
{
    const char *line_end = memchr(text, '\n', (size_t)(end - text));
    return line_end != NULL ? line_end : end;
}

/* Excel's line "sep=;", also in quotes. Returns the delimiter that it names, or 0. */
static char read_sep(const char *line, const char *end)
{
    if (end > line && end[-1] == '\r')
        end--;
    bool quoted = end - line >= 2 && *line == '"' && end[-1] == '"';
    line += quoted;
    end -= quoted;
    return end - line == 5 && strncasecmp(line, "sep=", 4) == 0 ? line[4] : '\0';
}

/* A line that begins with #. A name that is # alone, as some write over row numbers, is none. */
static bool is_comment(const char *line, const char *end, char delimiter)
{
    if (line == end || *line != '#')
        return false;
    if (line + 1 == end || line[1] == ' ')
        return true;
    return delimiter != '\0' ? line[1] != delimiter : strchr(",;\t|", line[1]) == NULL;
}

typedef struct Start {
    const char *bytes, *end; /* what is in the reader's buffer */
    const char *first;       /* the first line that is no comment */
    const char *comment;     /* the last comment before it, or NULL */
    size_t lines;            /* before first */
    char sep;                /* of Excel's line, or 0 */
} Start;

static Start find_start(const char *bytes, size_t length, char delimiter)
{
    Start start = {.bytes = bytes, .end = bytes + length, .first = bytes};
    const char *line_end = find_line_end(bytes, start.end);
    start.sep = read_sep(bytes, line_end);
    if (start.sep != '\0' && line_end < start.end) {
        start.first = line_end + 1;
        start.lines = 1;
    }
    while (is_comment(start.first, start.end, delimiter)) {
        line_end = find_line_end(start.first, start.end);
        if (line_end == start.end)
            break;
        start.comment = start.first;
        start.first = line_end + 1;
        start.lines++;
    }
    return start;
}

/* Fills the reader's buffer with comments and at least LEAST_LINES lines after them. */
static SpiralStatus look_at_start(SpiralCsvReader *reader, char delimiter, Start *start, SpiralError *error)
{
    for (size_t lines = LEAST_LINES;; lines = start->lines + LEAST_LINES) {
        const char *bytes;
        size_t length;
        SpiralStatus status = spiral_csv_reader_peek(reader, lines, &bytes, &length, error);
        if (status != SPIRAL_OK)
            return status;
        *start = find_start(bytes, length, delimiter);
        if (start->lines + LEAST_LINES <= lines || reader->ended)
            return SPIRAL_OK;
    }
}

/* The bytes from the first line on that are looked at: whole lines, unless the line is longer than what is held. */
static size_t sample_length(const SpiralCsvReader *reader, const Start *start, size_t most_bytes, size_t least_lines)
{
    const char *end = start->first;
    for (size_t lines = 0; end < start->end && lines < SAMPLE_LINES; lines++) {
        const char *line_end = find_line_end(end, start->end);
        if (line_end == start->end && !reader->ended)
            break;
        if (lines >= least_lines && (size_t)(line_end - start->first) > most_bytes)
            break;
        end = line_end < start->end ? line_end + 1 : line_end;
    }
    return (size_t)(end - start->first);
}

/* The bytes that the delimiter is found from; of a long line a piece. */
static size_t delimiter_length(const SpiralCsvReader *reader, const Start *start)
{
    size_t length = sample_length(reader, start, DELIMITER_BYTES, 1), all = (size_t)(start->end - start->first);
    if (length > 0 && length <= SAMPLE_BYTES)
        return length;
    return all < SAMPLE_BYTES ? all : SAMPLE_BYTES;
}

/* ---- the columns of the sample ----------------------------------------------------------------------------------- */

/* What the first line has in a column, and what the lines after it have there. */
typedef struct Column {
    SpiralCsvKind first;
    double value;                             /* of the first, when it is a number */
    size_t wholes, decimals, booleans, texts; /* in the rows */
    double least, most;
    bool recurs; /* the first line's text is in a row, too */
} Column;

typedef struct Sample {
    SpiralCsvReader first; /* its fields are those of the first line */
    size_t count;          /* of them */
    size_t rows;
    size_t fields;   /* of a row, when all have as many; else 0 */
    bool last_empty; /* nothing after the last delimiter of any row */
    size_t shift;    /* 1 when the first field of a row has no name in the first line */
    bool measured;   /* that field is a number with a fraction in some row */
    size_t recurs;   /* the line of the sample, from 1, whose first field an earlier row has too; 0: none has */
    SpiralDecimal decimal;
    Column *columns; /* (count) */
} Sample;

static bool is_empty_field(const SpiralCsvField *field)
{
    return field->length == 0 && !field->quoted;
}

static void count_value(Column *column, const SpiralCsvField *first, const SpiralCsvField *field)
{
    SpiralCsvKind kind = spiral_csv_kind(field->text, field->length);
    bool number = spiral_csv_is_number(kind), boolean = kind == SPIRAL_CSV_BOOLEAN;
    double value;
    column->wholes += kind == SPIRAL_CSV_WHOLE;
    column->decimals += kind == SPIRAL_CSV_DECIMAL;
    column->booleans += boolean;
    column->texts += !number && !boolean && kind != SPIRAL_CSV_MISSING;
    if (number && spiral_number_read(field->text, field->length, &value)) {
        column->least = fmin(column->least, value);
        column->most = fmax(column->most, value);
    }
    column->recurs = column->recurs || (field->length == first->length && strcmp(field->text, first->text) == 0);
}

/* Turns decimal commas into points, by which columns are judged. */
static void take_decimal_commas(const SpiralCsvReader *copy, SpiralDecimal decimal)
{
    for (size_t i = 0; i < copy->field_count && decimal == SPIRAL_DECIMAL_COMMA; i++) {
        const SpiralCsvField *field = &copy->fields[i];
        if (spiral_csv_is_decimal_comma(field->text, field->length))
            *(char *)memchr(field->text, ',', field->length) = '.';
    }
}

/* Does the row begin as an earlier one does? firsts has room for a hash of each row's first field. */
static bool begins_again(uint64_t *firsts, size_t rows, const SpiralCsvField *first)
{
    static const SpiralHashKey key;
    firsts[rows] = spiral_hash(&key, first->text, first->length);
    for (size_t row = 0; row < rows; row++)
        if (firsts[row] == firsts[rows])
            return true;
    return false;
}

/* Reads the rows of the sample. */
static SpiralStatus count_rows(const char *bytes, size_t length, char delimiter, Sample *sample, SpiralError *error)
{
    SpiralCsvReader rows;
    bool found, alike = true;
    uint64_t firsts[SAMPLE_LINES];
    SpiralStatus status = spiral_csv_reader_copy(bytes, length, "", delimiter, &rows, error);
    sample->rows = sample->recurs = 0;
    sample->last_empty = true;
    sample->measured = false;
    if (status == SPIRAL_OK)
        status = spiral_csv_reader_try_next(&rows, &found, error); /* the first line is no row */
    while (status == SPIRAL_OK) {
        status = spiral_csv_reader_next_fields(&rows, &found, error);
        if (status != SPIRAL_OK || !found)
            break;
        take_decimal_commas(&rows, sample->decimal);
        alike = alike && (sample->rows == 0 || rows.field_count == sample->fields);
        sample->fields = rows.field_count;
        sample->last_empty = sample->last_empty && is_empty_field(&rows.fields[rows.field_count - 1]);
        for (size_t c = 0; c < sample->count && c + sample->shift < rows.field_count; c++)
            count_value(&sample->columns[c], &sample->first.fields[c], &rows.fields[c + sample->shift]);
        sample->measured =
            sample->measured || spiral_csv_kind(rows.fields[0].text, rows.fields[0].length) == SPIRAL_CSV_DECIMAL;
        if (begins_again(firsts, sample->rows, &rows.fields[0]) && sample->recurs == 0)
            sample->recurs = rows.line;
        sample->rows++;
    }
    if (!alike)
        sample->fields = 0;
    spiral_csv_reader_close(&rows);
    return status;
}

/* Beside numbers, "-" or "(5)" is no name: a header has letters. */
static void look_for_names(Sample *sample)
{
    size_t numbers = 0;
    for (size_t c = 0; c < sample->count; c++)
        numbers += spiral_csv_is_number(sample->columns[c].first);
    for (size_t c = 0; c < sample->count && numbers > 0; c++) {
        const SpiralCsvField *field = &sample->first.fields[c];
        if (sample->columns[c].first == SPIRAL_CSV_TEXT && !spiral_text_has_letter(field->text, field->length))
            sample->columns[c].first = SPIRAL_CSV_LIKE_NUMBER;
    }
}

static void clear_columns(Sample *sample)
{
    for (size_t c = 0; c < sample->count; c++) {
        const SpiralCsvField *field = &sample->first.fields[c];
        Column *column = &sample->columns[c];
        *column = (Column){.first = spiral_csv_kind(field->text, field->length), .least = INFINITY, .most = -INFINITY};
        if (spiral_csv_is_number(column->first))
            (void)spiral_number_read(field->text, field->length, &column->value);
    }
    look_for_names(sample);
}

static void free_sample(Sample *sample)
{
    spiral_csv_reader_close(&sample->first);
    free(sample->columns);
}

/* sample->count is 0 when the first line is malformed or not there. */
static SpiralStatus take_sample(const char *bytes, size_t length, char delimiter, SpiralDecimal decimal, Sample *sample,
                                SpiralError *error)
{
    *sample = (Sample){.decimal = decimal};
    bool found = false, split = false;
    SpiralStatus status = spiral_csv_reader_copy(bytes, length, "", delimiter, &sample->first, error);
    if (status == SPIRAL_OK)
        status = spiral_csv_reader_try_next(&sample->first, &found, error);
    if (status == SPIRAL_OK && found)
        status = spiral_csv_reader_try_split(&sample->first, &split, error);
    if (status != SPIRAL_OK || !split)
        return status;
    take_decimal_commas(&sample->first, decimal);
    sample->columns = spiral_allocate(sample->first.field_count, sizeof *sample->columns);
    if (sample->columns == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the data");
    sample->count = sample->first.field_count;
    clear_columns(sample);
    status = count_rows(bytes, length, delimiter, sample, error);
    if (status != SPIRAL_OK || sample->rows == 0 || sample->fields != sample->count + 1 || sample->last_empty)
        return status;
    sample->shift = 1;
    clear_columns(sample);
    return count_rows(bytes, length, delimiter, sample, error);
}

/* ---- the header -------------------------------------------------------------------------------------------------- */

/* Is the column the label's? It may hold text in every row. */
static bool is_label(const Sample *sample, const SpiralLoadOptions *options, size_t c)
{
    if (options->label == NULL)
        return c + 1 == sample->count;
    int64_t index;
    return spiral_columns_read_index(options->label, strlen(options->label), &index) &&
           spiral_columns_at(sample->count, index) == c;
}

/* A name over numbers. */
static bool is_name_over_numbers(const Column *column)
{
    size_t numbers = column->wholes + column->decimals + column->booleans;
    return column->first == SPIRAL_CSV_TEXT && numbers > 0 && numbers >= column->texts;
}

/* A number over words alone, as the name of a label is. */
static bool is_number_over_words(const Column *column)
{
    return spiral_csv_is_number(column->first) && column->texts > 0 &&
           column->wholes + column->decimals + column->booleans == 0;
}

/* Names that are numbers, as pandas gives columns: 0,1,2,...; at most the first is empty and the last a text. */
static bool is_counted(const Sample *sample)
{
    size_t begin = sample->columns[0].first == SPIRAL_CSV_MISSING, end = sample->count;
    const Column *last = &sample->columns[end - 1]; /* a word over numbers alone is no class */
    bool named_label = last->first == SPIRAL_CSV_TEXT, no_class = is_name_over_numbers(last) && last->texts == 0;
    end -= named_label;
    bool other_form = false;
    for (size_t c = begin; c < end; c++) {
        const Column *column = &sample->columns[c];
        if (column->first != SPIRAL_CSV_WHOLE || column->value != (double)(c - begin))
            return false;
        other_form = other_form || (column->decimals > 0 && column->wholes == 0) || is_number_over_words(column);
    }
    size_t counted = end - begin;
    return counted >= 4 || (counted >= 2 && (other_form || begin > 0)) ||
           (counted >= (no_class ? 1 : 3) && named_label && sample->rows > 0);
}

/* Names that are ascending whole numbers, as years or wavelengths, beside a label's name: each of another form than the
 * numbers under it, or far out of their range. */
static bool is_ascending(const Sample *sample, const SpiralLoadOptions *options)
{
    double before = -INFINITY;
    bool named_label = false;
    for (size_t c = 0; c < sample->count; c++) {
        const Column *column = &sample->columns[c];
        if (is_label(sample, options, c)) {
            named_label = column->first == SPIRAL_CSV_TEXT;
            continue;
        }
        bool other_form = column->decimals > 0 && column->wholes == 0;
        double distance = fmax(column->least - column->value, column->value - column->most);
        bool out_of_range = distance > FAR * (1.0 + column->most - column->least);
        if (column->first != SPIRAL_CSV_WHOLE || column->value <= before || !(other_form || out_of_range))
            return false;
        before = column->value;
    }
    return named_label && sample->rows >= LEAST_LINES && sample->count > 2;
}

typedef enum Header { HEADER_NONE, HEADER_NAMES, HEADER_NUMBERS /* its names are numbers */ } Header;

/* Is the first line a header? Compares it with the lines after it, column by column. In data for a model, numbers are
 * names only when they are the model's, which is found out elsewhere. */
static Header judge_header(const Sample *sample, const SpiralLoadOptions *options)
{
    size_t names = 0, decimals = 0, texts = 0, numbers = 0;
    bool recurs = false;
    for (size_t c = 0; c < sample->count; c++) {
        const Column *column = &sample->columns[c];
        SpiralCsvKind kind = column->first;
        decimals += kind == SPIRAL_CSV_DECIMAL && column->wholes + column->decimals > 0;
        recurs = recurs || (kind == SPIRAL_CSV_TEXT && column->recurs);
        if (is_label(sample, options, c))
            continue;
        names += is_name_over_numbers(column);
        texts += kind == SPIRAL_CSV_TEXT;
        numbers += spiral_csv_is_number(kind) || kind == SPIRAL_CSV_BOOLEAN || kind == SPIRAL_CSV_LIKE_NUMBER;
    }
    if (recurs) /* a class or a value, not a name */
        return HEADER_NONE;
    if (names > 0)
        return decimals == 0 ? HEADER_NAMES : HEADER_NONE;
    if (texts > 0 && numbers == 0)
        return HEADER_NAMES;
    bool counted = options->features == 0 && (is_counted(sample) || is_ascending(sample, options));
    return counted ? HEADER_NUMBERS : HEADER_NONE;
}

/* A whole number without a sign. */
static bool is_count(const Sample *sample, size_t c)
{
    return sample->columns[c].first == SPIRAL_CSV_WHOLE && isdigit((unsigned char)sample->first.fields[c].text[0]);
}

/* scikit-learn's files begin with the numbers of rows and features and the classes: "150,4,setosa,versicolor". */
static bool is_count_line(const Sample *sample)
{
    const Column *columns = sample->columns;
    if (sample->count < 3 || sample->rows == 0 || !is_count(sample, 0) || !is_count(sample, 1) ||
        columns[1].value + 1 != (double)sample->fields)
        return false;
    size_t names = 0;
    for (size_t c = 2; c < sample->count; c++) {
        names += is_name_over_numbers(&columns[c]);
        if (columns[c].first != SPIRAL_CSV_MISSING && !is_name_over_numbers(&columns[c]))
            return false;
    }
    return names > 1 || (names == 0 && sample->count > 3);
}

static SpiralStatus refuse_count_line(const SpiralCsvReader *reader, const Sample *sample, size_t line,
                                      SpiralError *error)
{
    const SpiralCsvField *fields = sample->first.fields;
    char filter[64];
    snprintf(filter, sizeof filter, "tail -n +%zu", line + 1);
    SpiralStatus status = spiral_error_set(
        error, SPIRAL_ERROR_INPUT, spiral_csv_reader_name(reader), line,
        "'%s,%s,%.*s' counts the rows and features and names the classes, as scikit-learn's own files "
        "do, expected a header or a row",
        fields[0].text, fields[1].text, spiral_text_cut(fields[2].text, fields[2].length, SHOWN_BYTES), fields[2].text);
    return spiral_error_suggest(error, status, SPIRAL_REMEDY_FILTER, filter);
}

/* R's write.table gives the rows names that all differ, and the column of them none. */
static SpiralStatus refuse_short_header(const SpiralCsvReader *reader, const Sample *sample, size_t line,
                                        SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, spiral_csv_reader_name(reader), line,
                            "names %zu columns, but every row has %zu fields, and line %zu begins as a line before it "
                            "does, so that these are no rows' names; expected a name for each column",
                            sample->count, sample->fields, line + sample->recurs - 1);
}

/* ---- all together ------------------------------------------------------------------------------------------------ */

/* Do the comment's fields fit the columns, so that it is the header? Are they numbers, all but the label's name? */
static SpiralStatus comment_fits(const Start *start, const Sample *sample, char delimiter, bool *fits, bool *numbers,
                                 SpiralError *error)
{
    const char *text = start->comment + 1, *end = find_line_end(text, start->end) + 1; /* of LF or CRLF, too */
    SpiralCsvReader comment;
    bool found = false, split = false;
    SpiralStatus status = spiral_csv_reader_copy(text, (size_t)(end - text), "", delimiter, &comment, error);
    if (status == SPIRAL_OK)
        status = spiral_csv_reader_try_next(&comment, &found, error);
    if (status == SPIRAL_OK && found)
        status = spiral_csv_reader_try_split(&comment, &split, error);
    *fits = split && comment.field_count == sample->count && sample->count > 1;
    size_t count = 0;
    for (size_t i = 0; i < comment.field_count && *fits; i++) {
        *fits = comment.fields[i].length > 0;
        count += spiral_csv_is_number(spiral_csv_kind(comment.fields[i].text, comment.fields[i].length));
    }
    *numbers = *fits && count + 1 >= comment.field_count;
    spiral_csv_reader_close(&comment);
    return status;
}

/* The place where the table begins: its first line, or the header in the comment before it. */
static void go_to(SpiralCsvReader *reader, const Start *start, bool commented)
{
    const char *to = commented ? start->comment + 1 : start->first;
    reader->next += (size_t)(to - start->bytes);
    reader->next_line += start->lines - commented;
}

static SpiralStatus judge(SpiralCsvReader *reader, const Start *start, const Sample *sample,
                          const SpiralLoadOptions *options, bool *header, SpiralError *error)
{
    *header = options->header == SPIRAL_HEADER_YES;
    if (sample->count == 0) {
        go_to(reader, start, false);
        return SPIRAL_OK;
    }
    if (options->header != SPIRAL_HEADER_NO && is_count_line(sample))
        return refuse_count_line(reader, sample, reader->next_line + start->lines, error);
    Header judged = judge_header(sample, options);
    bool commented = false, numbers = judged == HEADER_NUMBERS;
    if (judged == HEADER_NONE && start->comment != NULL && options->header != SPIRAL_HEADER_NO) {
        SpiralStatus status = comment_fits(start, sample, reader->delimiter, &commented, &numbers, error);
        if (status != SPIRAL_OK)
            return status;
    }
    if (options->header == SPIRAL_HEADER_AUTO)
        *header = judged != HEADER_NONE || commented;
    reader->number_header = options->header == SPIRAL_HEADER_AUTO && numbers;
    if (*header && !commented && sample->shift == 1 && sample->recurs > 0)
        return refuse_short_header(reader, sample, reader->next_line + start->lines, error);
    bool short_header = *header && sample->fields == sample->count + 1;
    bool first_empty = is_empty_field(&sample->first.fields[sample->count - 1]) && sample->count > 1;
    go_to(reader, start, commented);
    reader->empty_last = sample->last_empty && (first_empty || short_header) && reader->delimiter != ' ';
    reader->row_names_after = *header && !commented && sample->shift == 1 ? reader->next_line : 0;
    reader->measured_names = reader->row_names_after > 0 && sample->measured;
    return SPIRAL_OK;
}

SpiralStatus spiral_csv_dialect_find(SpiralCsvReader *reader, const SpiralLoadOptions *options, bool *header,
                                     SpiralError *error)
{
    *header = false;
    Start start;
    SpiralStatus status = look_at_start(reader, options->delimiter, &start, error);
    if (status == SPIRAL_OK)
        status = spiral_file_kind_refuse(start.bytes, (size_t)(start.end - start.bytes), SPIRAL_FILE_CSV,
                                         spiral_csv_reader_name(reader), error);
    char delimiter = options->delimiter != '\0' ? options->delimiter : start.sep;
    if (status == SPIRAL_OK && delimiter == '\0')
        status = spiral_csv_delimiter_find(start.first, delimiter_length(reader, &start), options->decimal, &delimiter,
                                           error);
    if (status != SPIRAL_OK)
        return status;
    reader->delimiter = delimiter;
    Sample sample;
    status = take_sample(start.first, sample_length(reader, &start, SAMPLE_BYTES, LEAST_LINES), delimiter,
                         options->decimal, &sample, error);
    if (status == SPIRAL_OK)
        status = judge(reader, &start, &sample, options, header, error);
    free_sample(&sample);
    return status;
}
