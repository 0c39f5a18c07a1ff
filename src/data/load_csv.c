/* load_csv.c: reads a data set from CSV in one pass, whole or in blocks of rows. */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "base/regular.h"
#include "data/columns.h"
#include "data/csv_dialect.h"
#include "data/csv_gaps.h"
#include "data/csv_reader.h"
#include "base/csv_value.h"
#include "data/labels.h"
#include "data/load.h"
#include "base/number.h"
#include "data/storage.h"
#include "base/text.h"

enum { FIRST_BYTES = 4096, SHOWN_BYTES = 40 };

typedef struct SpiralCsvRows {
    SpiralCsvReader reader;
    bool found_header; /* by its first lines, or as options say */
    const SpiralLoadOptions *options;
    char point; /* of the numbers: '.' or ',' */
    SpiralLabels labels;
    const char *path; /* for messages */
    size_t columns, first_line;
    SpiralColumns chosen; /* what the columns hold */
    char **header;        /* (columns) names, or NULL */
    size_t last_id;
    SpiralCsvGaps gaps;
    size_t empty_line;  /* the first line of the empty ones that were read last, or 0 */
    size_t rows_before; /* the current block */
    /* The current block. */
    SpiralDataset *dataset;
    size_t most_rows;
    size_t capacity; /* rows that X and y have room for */
    SpiralError *error;
} Csv;

static SpiralStatus no_memory(const Csv *csv)
{
    return spiral_error_set(csv->error, SPIRAL_ERROR_LIMIT, csv->path, csv->reader.line, "no memory for the data");
}

static SpiralStatus refuse_line(const Csv *csv, size_t line, const char *reason)
{
    return spiral_error_set(csv->error, SPIRAL_ERROR_INPUT, csv->path, line, "%s", reason);
}

/* ---- the first line ---------------------------------------------------------------------------------------------- */

static SpiralStatus refuse_columns(const Csv *csv)
{
    const SpiralLoadOptions *options = csv->options;
    const char *plural = csv->columns == 1 ? "" : "s";
    if (options->features > 0 && options->label == NULL) {
        SpiralStatus status = spiral_error_set(csv->error, SPIRAL_ERROR_INPUT, csv->path, csv->reader.line,
                                               "%zu column%s, expected %zu features, or %zu and a label", csv->columns,
                                               plural, options->features, options->features);
        return spiral_columns_suggest_ignored(csv->columns, options, csv->error, status);
    }
    if (options->features > 0)
        return spiral_error_set(csv->error, SPIRAL_ERROR_INPUT, csv->path, csv->reader.line,
                                "%zu column%s, expected %zu features%s", csv->columns, plural, options->features,
                                spiral_columns_are_unlabelled(options) ? "" : " and a label");
    return spiral_error_set(csv->error, SPIRAL_ERROR_INPUT, csv->path, csv->reader.line,
                            "%zu column%s, expected at least one feature and a label", csv->columns, plural);
}

/* May the line with the model's names be a row, of numbers and a class? texts: (columns) its fields. */
static bool may_be_row(const Csv *csv, const char *const *texts)
{
    const SpiralLoadOptions *options = csv->options;
    for (size_t c = 0; c < csv->columns; c++) {
        SpiralCsvKind kind = spiral_csv_kind(texts[c], strlen(texts[c]));
        bool possible = kind == SPIRAL_CSV_WHOLE || kind == SPIRAL_CSV_DECIMAL;
        bool label = options->label_name != NULL && strcmp(texts[c], options->label_name) == 0;
        for (size_t k = 0; k < options->class_count && !possible && !label; k++)
            possible = strcmp(texts[c], options->class_names[k]) == 0;
        if (!possible)
            return false;
    }
    return options->features > 0;
}

/* Is the first line a header? texts: (columns) its fields. */
static SpiralStatus judge_header(Csv *csv, const SpiralTable *table, const char *const *texts, bool *header)
{
    SpiralTable named = *table;
    named.names = texts;
    *header = csv->found_header;
    if (csv->options->header != SPIRAL_HEADER_AUTO || *header)
        return SPIRAL_OK;
    SpiralStatus status = spiral_columns_are_named(&named, csv->options, header, csv->error);
    csv->reader.number_header = status == SPIRAL_OK && *header && may_be_row(csv, texts);
    return status;
}

static SpiralStatus check_utf8(const Csv *csv, const char *text, size_t length, size_t column)
{
    size_t position;
    if (spiral_text_check(text, length, &position))
        return SPIRAL_OK;
    return spiral_csv_reader_refuse(&csv->reader, column, csv->error,
                                    "byte 0x%02x is not UTF-8, expected names in UTF-8 (is it Latin-1?)",
                                    (unsigned char)text[position]);
}

/* Suggests the column as the label, or to be ignored with those that are. */
static SpiralStatus suggest_column(const Csv *csv, SpiralRemedyKind kind, size_t column, SpiralStatus status)
{
    SpiralRemedy remedy;
    char number[32];
    snprintf(number, sizeof number, "%zu", column);
    spiral_columns_suggest(csv->options, kind, number, &remedy);
    return spiral_error_suggest(csv->error, status, remedy.kind, remedy.value);
}

static SpiralStatus refuse_no_name(const Csv *csv, size_t column)
{
    SpiralStatus status = spiral_csv_reader_refuse(
        &csv->reader, column, csv->error, "the header has no name here, expected one (is it a column of row numbers?)");
    return suggest_column(csv, SPIRAL_REMEDY_IGNORE, column, status);
}

/* Keeps the names of the first line. Columns that are not used need none. */
static SpiralStatus take_header(Csv *csv)
{
    csv->header = spiral_allocate(csv->columns, sizeof *csv->header);
    if (csv->header == NULL)
        return no_memory(csv);
    for (size_t c = 0; c < csv->columns; c++) {
        const SpiralCsvField *field = &csv->reader.fields[c];
        size_t feature = csv->chosen.feature[c];
        if (field->length == 0 && (feature < csv->chosen.features || feature == SPIRAL_COLUMN_LABEL))
            return refuse_no_name(csv, c);
        SpiralStatus status = check_utf8(csv, field->text, field->length, c);
        if (status != SPIRAL_OK)
            return status;
        csv->header[c] = spiral_copy_bytes(field->text, field->length);
        if (csv->header[c] == NULL)
            return no_memory(csv);
    }
    return SPIRAL_OK;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

static bool read_number(const Csv *csv, const SpiralCsvField *field, double *value)
{
    return spiral_number_read_point(field->text, field->length, csv->point, value) ||
           spiral_csv_read_boolean(field->text, field->length, value);
}

static bool is_text(const SpiralCsvField *field)
{
    return spiral_csv_kind(field->text, field->length) == SPIRAL_CSV_TEXT;
}

/* The field of the first line, which has no header, is no number. With a number below it the line may be a header after
 * all. With text below it the column is the label, unless that is known or text itself; a table for a model has as many
 * columns as it needs. The next row can be read for this because the table is refused. */
static SpiralStatus suggest_for_first_line(Csv *csv, const SpiralCsvField *field, size_t column, SpiralStatus status)
{
    SpiralCsvReader *reader = &csv->reader;
    const SpiralLoadOptions *options = csv->options;
    size_t label = csv->chosen.label;
    bool text = is_text(field), name = spiral_text_has_letter(field->text, field->length), found;
    bool unlabelled = options->label == NULL && label != SPIRAL_NO_COLUMN && !is_text(&reader->fields[label]);
    if (spiral_csv_reader_next(reader, &found, NULL) != SPIRAL_OK || !found ||
        spiral_csv_reader_split(reader, NULL) != SPIRAL_OK || column >= reader->field_count)
        return status;
    const SpiralCsvField *below = &reader->fields[column];
    double value;
    if (name && (read_number(csv, below, &value) || spiral_csv_is_missing(below->text, below->length)))
        return spiral_error_suggest(csv->error, status, SPIRAL_REMEDY_HEADER, "yes");
    if (!text || !is_text(below))
        return status;
    if (unlabelled)
        return suggest_column(csv, SPIRAL_REMEDY_LABEL, column, status);
    return options->features == 0 ? suggest_column(csv, SPIRAL_REMEDY_IGNORE, column, status) : status;
}

/* Decimal commas, or what the first line may be. */
static SpiralStatus suggest_for_number(Csv *csv, const SpiralCsvField *field, size_t column, bool explained,
                                       SpiralStatus status)
{
    if (csv->options->decimal != SPIRAL_DECIMAL_COMMA && csv->reader.delimiter != ',' &&
        spiral_csv_is_decimal_comma(field->text, field->length) && !spiral_csv_is_grouped(field->text, field->length))
        return spiral_error_suggest(csv->error, status, SPIRAL_REMEDY_DECIMAL, ",");
    if (csv->reader.line != csv->first_line || csv->header != NULL || explained)
        return status;
    return suggest_for_first_line(csv, field, column, status);
}

static SpiralStatus refuse_number(Csv *csv, const SpiralCsvField *field, size_t column)
{
    const char *name = csv->header != NULL ? csv->header[column] : "from 0"; /* the count where there is no name */
    const char *expected = "expected a number";
    double value;
    const char *end = field->text + field->length;
    const char *wrong = NULL;
    if (spiral_number_is_not_finite(field->text, field->length))
        expected = "expected a finite number";
    else if (spiral_number_parse_point(field->text, end, csv->point, &value) == end)
        expected = "expected a number that a double can hold";
    else
        wrong = spiral_csv_explain(field->text, field->length, csv->point);
    SpiralStatus status = spiral_error_set(
        csv->error, SPIRAL_ERROR_INPUT, csv->path, csv->reader.line, "column %zu (%.*s): is '%.*s', %s%s%s", column,
        SPIRAL_TEXT_CUT(name, SHOWN_BYTES), spiral_text_cut(field->text, field->length, SHOWN_BYTES), field->text,
        expected, wrong != NULL ? " " : "", wrong != NULL ? wrong : "");
    return suggest_for_number(csv, field, column, wrong != NULL, status);
}

/* Room for the first rows: for a whole block, or for few rows of a file whose number of rows is not known. */
static size_t first_capacity(const Csv *csv, size_t row_bytes)
{
    size_t few = row_bytes < FIRST_BYTES ? FIRST_BYTES / row_bytes : 1;
    return csv->most_rows < SIZE_MAX ? csv->most_rows : few;
}

static SpiralStatus make_room(Csv *csv)
{
    SpiralDataset *dataset = csv->dataset;
    if (dataset->rows < csv->capacity)
        return SPIRAL_OK;
    /* no overflow: such a line, and half as many rows, are in memory */
    size_t row_bytes = csv->chosen.features * sizeof(double);
    size_t rows = csv->capacity == 0 ? first_capacity(csv, row_bytes) : 2 * csv->capacity;
    double *X = spiral_reallocate(dataset->storage->X, rows, row_bytes);
    if (X == NULL)
        return no_memory(csv);
    dataset->storage->X = X;
    if (csv->chosen.label != SPIRAL_NO_COLUMN) {
        int64_t *y = spiral_reallocate(dataset->storage->y, rows, sizeof *y);
        if (y == NULL)
            return no_memory(csv);
        dataset->storage->y = y;
    }
    csv->capacity = rows;
    return SPIRAL_OK;
}

static SpiralStatus take_label(Csv *csv, const char *text, size_t length, bool quoted)
{
    size_t column = csv->chosen.label;
    int64_t *y = &csv->dataset->storage->y[csv->dataset->rows];
    if (!quoted && spiral_number_is_not_finite(text, length))
        return spiral_csv_reader_refuse(&csv->reader, column, csv->error, "the label is '%.*s', expected a class",
                                        (int)length, text);
    if (csv->last_id < csv->labels.count) { /* labels often come in runs */
        const char *last = csv->labels.labels[csv->last_id].text;
        if (strncmp(last, text, length) == 0 && last[length] == '\0') {
            *y = (int64_t)csv->last_id;
            return SPIRAL_OK;
        }
    }
    size_t known = csv->labels.count;
    SpiralStatus status =
        spiral_labels_add(&csv->labels, text, length, csv->reader.line, csv->path, &csv->last_id, csv->error);
    *y = (int64_t)csv->last_id;
    if (status == SPIRAL_OK && csv->labels.count > known)
        status = check_utf8(csv, text, length, column);
    return status;
}

/* The row lacks a value in this column. */
static SpiralStatus note_gap(Csv *csv, size_t column, bool *whole)
{
    const SpiralCsvField *field = &csv->reader.fields[column];
    const char *name = csv->header != NULL ? csv->header[column] : NULL;
    bool first_in_row = *whole;
    *whole = false;
    return spiral_csv_gaps_note(&csv->gaps, column, csv->columns, first_in_row, csv->reader.line, name, field->text,
                                column == csv->chosen.label, csv->path, csv->error);
}

/* The row's numbers are in X. It counts unless the table is to be refused anyway. label is NULL when it has none. */
static SpiralStatus keep_row(Csv *csv, const char *label, size_t length, bool quoted)
{
    csv->gaps.rows++;
    if (csv->gaps.lacking > 0 && csv->options->missing == SPIRAL_MISSING_REFUSE)
        return SPIRAL_OK;
    SpiralStatus status = label != NULL ? take_label(csv, label, length, quoted) : SPIRAL_OK;
    if (label == NULL && csv->chosen.label != SPIRAL_NO_COLUMN)
        csv->dataset->storage->y[csv->dataset->rows] = -1;
    csv->dataset->rows += status == SPIRAL_OK;
    return status;
}

/* Slow path: a row with quotes or blanks, or a malformed one. */
static SpiralStatus take_fields(Csv *csv)
{
    SpiralDataset *dataset = csv->dataset;
    const SpiralCsvReader *reader = &csv->reader;
    if (reader->field_count != csv->columns)
        return spiral_error_set(csv->error, SPIRAL_ERROR_INPUT, csv->path, reader->line,
                                "%zu field%s in the row, expected %zu as in line %zu", reader->field_count,
                                reader->field_count == 1 ? "" : "s", csv->columns, csv->first_line);
    SpiralStatus status = make_room(csv);
    if (status != SPIRAL_OK)
        return status;
    double *x = dataset->storage->X + dataset->rows * csv->chosen.features;
    const SpiralCsvField *label = csv->chosen.label != SPIRAL_NO_COLUMN ? &reader->fields[csv->chosen.label] : NULL;
    bool whole = true, labelled = label != NULL;
    for (size_t c = 0; c < csv->columns && status == SPIRAL_OK; c++) {
        const SpiralCsvField *field = &reader->fields[c];
        size_t feature = csv->chosen.feature[c];
        /* A class may be named "nan" or even "": quotes tell such a name from a value that is missing. */
        bool missing = false;
        if (field == label)
            missing = !field->quoted && spiral_csv_is_missing_label(field->text, field->length);
        else if (feature < SPIRAL_COLUMN_UNUSED && !read_number(csv, field, &x[feature]))
            missing = spiral_csv_is_missing(field->text, field->length);
        else
            continue;
        if (missing && field == label && csv->options->labelling == SPIRAL_LABELS_PARTIAL)
            labelled = false;
        else if (missing)
            status = note_gap(csv, c, &whole);
        else if (field != label)
            status = refuse_number(csv, field, c);
    }
    if (status != SPIRAL_OK || !whole)
        return status;
    return keep_row(csv, labelled ? label->text : NULL, labelled ? label->length : 0, labelled && label->quoted);
}

/* The end of the blanks at text, and the first blank from text on; or end. */
static const char *skip_run(const char *text, const char *end)
{
    while (text < end && (*text == ' ' || *text == '\t'))
        text++;
    return text;
}

static const char *find_run(const char *text, const char *end)
{
    while (text < end && *text != ' ' && *text != '\t')
        text++;
    return text;
}

/* Fast path: reads numbers in place. Returns false if the row is not that simple; then take_fields reads it. */
static bool take_numbers(Csv *csv, const char **label, size_t *label_length)
{
    const SpiralCsvReader *reader = &csv->reader;
    const char *next = reader->record, *end = reader->record_end;
    char delimiter = reader->delimiter, point = csv->point;
    bool run = delimiter == ' ';
    if (run)
        next = skip_run(next, end);
    double *x = csv->dataset->storage->X + csv->dataset->rows * csv->chosen.features;
    for (size_t c = 0;; c++) {
        const char *stop;
        size_t feature = csv->chosen.feature[c];
        if (feature < SPIRAL_COLUMN_UNUSED) {
            stop = spiral_number_parse_point(next, end, point, &x[feature]);
            if (stop == NULL || !isfinite(x[feature]))
                return false;
        } else {
            stop = run ? find_run(next, end) : memchr(next, delimiter, (size_t)(end - next));
            stop = stop != NULL ? stop : end;
            if (feature == SPIRAL_COLUMN_LABEL) {
                *label = next;
                *label_length = (size_t)(stop - next);
            }
        }
        const char *after = run ? skip_run(stop, end) : stop;
        if (c + 1 == csv->columns)
            return after == end;
        if (run ? after == stop : stop == end || *stop != delimiter)
            return false;
        next = run ? after : stop + 1;
    }
}

/* Would splitting leave the label unchanged? */
static bool is_plain_label(const char *label, size_t length)
{
    return length > 0 && *label != ' ' && *label != '\t' && label[length - 1] != ' ' && label[length - 1] != '\t' &&
           memchr(label, '\r', length) == NULL && memchr(label, '\0', length) == NULL && *label != '\xc2' &&
           label[length - 1] != '\xa0' && !spiral_csv_is_missing_label(label, length);
}

static SpiralStatus take_row(Csv *csv)
{
    const char *label = NULL;
    size_t label_length = 0;
    SpiralStatus status = make_room(csv);
    if (status != SPIRAL_OK)
        return status;
    bool labelled = csv->chosen.label != SPIRAL_NO_COLUMN;
    if (!csv->reader.has_quotes && take_numbers(csv, &label, &label_length) &&
        (!labelled || is_plain_label(label, label_length))) {
        return keep_row(csv, label, label_length, false);
    }
    status = spiral_csv_reader_split(&csv->reader, csv->error);
    return status == SPIRAL_OK ? take_fields(csv) : status;
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

/* Decides what each column is; *header says whether the line has their names. texts: (columns) the fields. */
static SpiralStatus choose_columns(Csv *csv, const char *const *texts, bool *header)
{
    SpiralTable table = {.path = csv->path, .line = csv->first_line, .count = csv->columns, .has_label = true};
    SpiralStatus status = judge_header(csv, &table, texts, header);
    if (status != SPIRAL_OK)
        return status;
    table.names = *header ? texts : NULL;
    /* A line of one field most likely has another delimiter. */
    if (csv->columns == 1 && csv->options->features > 1)
        return refuse_columns(csv);
    status = spiral_columns_choose(&table, csv->options, &csv->chosen, csv->error);
    if (status != SPIRAL_OK)
        return status;
    size_t features = csv->chosen.features;
    if (features == 0 || (csv->options->features > 0 && features != csv->options->features))
        return refuse_columns(csv);
    return *header ? take_header(csv) : SPIRAL_OK;
}

static SpiralStatus take_first_line(Csv *csv)
{
    SpiralStatus status = spiral_csv_reader_split(&csv->reader, csv->error);
    if (status != SPIRAL_OK)
        return status;
    csv->columns = csv->reader.field_count;
    csv->first_line = csv->reader.line;
    const char **texts = spiral_allocate(csv->columns, sizeof *texts);
    if (texts == NULL)
        return no_memory(csv);
    for (size_t c = 0; c < csv->columns; c++)
        texts[c] = csv->reader.fields[c].text;
    bool header = false;
    status = choose_columns(csv, texts, &header);
    free(texts);
    return status == SPIRAL_OK && !header ? take_fields(csv) : status;
}

/* Takes one line. Empty lines are allowed only at the end. */
static SpiralStatus take_line(Csv *csv)
{
    if (spiral_csv_reader_is_empty(&csv->reader)) {
        csv->empty_line = csv->empty_line == 0 ? csv->reader.line : csv->empty_line;
        return SPIRAL_OK;
    }
    if (csv->empty_line != 0)
        return refuse_line(csv, csv->empty_line, "an empty line before the end, expected a row");
    return csv->columns == 0 ? take_first_line(csv) : take_row(csv);
}

/* Reads lines until the block is full or the file ends. */
static SpiralStatus take_lines(Csv *csv)
{
    bool found = true;
    SpiralStatus status = SPIRAL_OK;
    while (status == SPIRAL_OK && found && csv->dataset->rows < csv->most_rows) {
        status = spiral_csv_reader_next(&csv->reader, &found, csv->error);
        if (status == SPIRAL_OK && found)
            status = take_line(csv);
    }
    if (status == SPIRAL_OK && csv->columns == 0)
        return refuse_line(csv, 0, "is empty, expected rows of numbers and a label");
    if (status == SPIRAL_OK && csv->gaps.lacking > 0 && csv->options->missing == SPIRAL_MISSING_REFUSE)
        return spiral_csv_gaps_refuse(&csv->gaps, csv->columns, (const char *const *)csv->header, csv->error);
    if (status == SPIRAL_OK && csv->gaps.lacking > 0 && csv->gaps.rows == 0 && !found)
        return spiral_error_set(csv->error, SPIRAL_ERROR_INPUT, csv->path, csv->first_line,
                                "all of its %zu rows lack a value, expected some that are whole", csv->gaps.lacking);
    if (status == SPIRAL_OK && csv->rows_before + csv->dataset->rows == 0)
        return refuse_line(csv, csv->first_line, "a header and no rows, expected rows after it");
    return status;
}

/* Frees the unused capacity. */
static void trim(SpiralDataset *dataset)
{
    double *X = spiral_reallocate(dataset->storage->X, dataset->rows * dataset->features, sizeof *X);
    if (X != NULL)
        dataset->storage->X = X;
    if (dataset->storage->y != NULL) {
        int64_t *y = spiral_reallocate(dataset->storage->y, dataset->rows, sizeof *y);
        if (y != NULL)
            dataset->storage->y = y;
    }
}

SpiralStatus spiral_csv_rows_open(const char *path, const SpiralLoadOptions *options, SpiralCsvRows **rows,
                                  SpiralError *error)
{
    *rows = NULL;
    Csv *csv = spiral_allocate(1, sizeof *csv);
    if (csv == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory for the data");
    csv->options = options;
    csv->labels.decimal_comma = options->decimal == SPIRAL_DECIMAL_COMMA;
    csv->point = csv->labels.decimal_comma ? ',' : '.';
    csv->error = error;
    csv->path = strcmp(path, "-") == 0 ? "standard input" : path;
    int descriptor;
    SpiralStatus status = options->regular ? spiral_regular_open(NULL, path, O_RDONLY, &descriptor, error) : SPIRAL_OK;
    if (status == SPIRAL_OK)
        status = options->regular ? spiral_csv_reader_take(descriptor, path, options->delimiter, &csv->reader, error)
                                  : spiral_csv_reader_open(path, options->delimiter, &csv->reader, error);
    if (status == SPIRAL_OK)
        status = spiral_csv_dialect_find(&csv->reader, options, &csv->found_header, error);
    if (status != SPIRAL_OK) {
        spiral_csv_rows_close(csv);
        return status;
    }
    *rows = csv;
    return SPIRAL_OK;
}

SpiralStatus spiral_csv_rows_next(SpiralCsvRows *csv, size_t most_rows, SpiralDataset *dataset, SpiralError *error)
{
    csv->dataset = dataset;
    csv->most_rows = most_rows;
    csv->capacity = 0;
    csv->error = error;
    SpiralStatus status = take_lines(csv);
    if (status != SPIRAL_OK || dataset->rows == 0)
        return status;
    csv->rows_before += dataset->rows;
    dataset->dropped = csv->gaps.lacking;
    dataset->form = (SpiralTableForm){.delimiter = csv->reader.delimiter,
                                      .header_line = csv->header != NULL ? csv->first_line : 0,
                                      .number_header = csv->reader.number_header,
                                      .row_names = csv->reader.row_names_after > 0,
                                      .measured_names = csv->reader.measured_names,
                                      .empty_last = csv->reader.empty_last};
    const SpiralTable table = {
        .path = csv->path, .count = csv->columns, .names = (const char *const *)csv->header, .has_label = true};
    status = spiral_columns_describe(&csv->chosen, &table, dataset, error);
    trim(dataset);
    if (status == SPIRAL_OK && csv->chosen.label != SPIRAL_NO_COLUMN)
        status = spiral_labels_finish(&csv->labels, csv->options, true, csv->path, dataset, error);
    return status;
}

size_t spiral_csv_rows_dropped(const SpiralCsvRows *csv)
{
    return csv->gaps.lacking;
}

void spiral_csv_rows_close(SpiralCsvRows *csv)
{
    if (csv == NULL)
        return;
    spiral_csv_reader_close(&csv->reader);
    spiral_labels_free(&csv->labels);
    spiral_csv_gaps_free(&csv->gaps);
    spiral_names_free(csv->header, csv->columns);
    spiral_columns_free(&csv->chosen);
    free(csv);
}
