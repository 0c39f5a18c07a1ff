/* results_read.c: reads results.csv, checking each row against the plan. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/regular.h"
#include "base/text.h"
#include "data/csv_reader.h"
#include "sweep/results.h"

SpiralStatus spiral_sweep_count_lines(int descriptor, const char *path, size_t *lines, SpiralError *error)
{
    char piece[1 << 12];
    ssize_t count;
    *lines = 0;
    while ((count = read(descriptor, piece, sizeof piece)) > 0 || (count < 0 && errno == EINTR))
        for (ssize_t i = 0; i < count; i++)
            *lines += piece[i] == '\n';
    if (count < 0 || lseek(descriptor, 0, SEEK_SET) != 0)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "could not be read: %s", strerror(errno));
    return SPIRAL_OK;
}

static SpiralStatus check_field(const SpiralCsvReader *reader, size_t column, const char *expected, SpiralError *error)
{
    const char *found = column < reader->field_count ? reader->fields[column].text : "";
    if (strcmp(found, expected) == 0)
        return SPIRAL_OK;
    return spiral_csv_reader_refuse(reader, column, error, "found \"%.*s\", this sweep has \"%.*s\" there",
                                    SPIRAL_TEXT_CUT(found, 100), SPIRAL_TEXT_CUT(expected, 100));
}

enum {
#define COUNT_COLUMN(name) +1
    NUMBER_COLUMNS = 0 SPIRAL_SWEEP_NUMBER_COLUMNS(COUNT_COLUMN)
#undef COUNT_COLUMN
};

/* Is there a column for the reason in this header? Tables of older builds have none. */
static bool has_reason(const SpiralSweepPlan *plan, const SpiralCsvReader *header)
{
    size_t column = plan->options.axis_count + 4 + NUMBER_COLUMNS;
    return column < header->field_count && strcmp(header->fields[column].text, "reason") == 0;
}

static SpiralStatus check_header(const SpiralSweepPlan *plan, const SpiralCsvReader *reader, SpiralError *error)
{
    size_t column = 0;
    SpiralStatus status = check_field(reader, column++, "run", error);
    for (size_t a = 0; status == SPIRAL_OK && a < plan->options.axis_count; a++) {
        char name[64];
        spiral_sweep_column_name(&plan->options.axes[a], name, sizeof name);
        status = check_field(reader, column++, name, error);
    }
    const char *const names[] = {"seed", "status", "iterations",
#define COLUMN_NAME(name) #name,
                                 SPIRAL_SWEEP_NUMBER_COLUMNS(COLUMN_NAME)
#undef COLUMN_NAME
    };
    for (size_t i = 0; status == SPIRAL_OK && i < sizeof names / sizeof names[0]; i++)
        status = check_field(reader, column++, names[i], error);
    if (status == SPIRAL_OK && has_reason(plan, reader))
        column++;
    if (status == SPIRAL_OK)
        status = check_field(reader, column++, "seconds", error);
    if (status == SPIRAL_OK && reader->field_count != column)
        status = spiral_csv_reader_refuse(reader, column, error, "found %zu columns, this sweep has %zu",
                                          reader->field_count, column);
    return status;
}

SpiralStatus spiral_sweep_read_size(const SpiralCsvReader *reader, size_t column, size_t *value, SpiralError *error)
{
    const SpiralCsvField *field = &reader->fields[column];
    double number;
    if (!spiral_number_read(field->text, field->length, &number) || !(number >= 0.0 && number < 1e15) ||
        number != floor(number))
        return spiral_csv_reader_refuse(reader, column, error, "found \"%.*s\", expected a whole number",
                                        SPIRAL_TEXT_CUT(field->text, 100));
    *value = (size_t)number;
    return SPIRAL_OK;
}

/* What a column may hold. */
typedef struct Range {
    double most;  /* from 0 */
    bool unknown; /* nan or inf, after a divergence */
    const char *words;
} Range;

/* An empty field, where it may be, is NAN. */
static SpiralStatus read_number(const SpiralCsvReader *reader, size_t column, bool optional, const Range *range,
                                double *value, SpiralError *error)
{
    const SpiralCsvField *field = &reader->fields[column];
    *value = NAN;
    if (optional && field->length == 0)
        return SPIRAL_OK;
    bool infinite = strcmp(field->text, "inf") == 0;
    if (range->unknown && (infinite || strcmp(field->text, "nan") == 0)) {
        *value = infinite ? INFINITY : NAN;
        return SPIRAL_OK;
    }
    double number;
    if (!spiral_number_read(field->text, field->length, &number) || !(number >= 0.0 && number <= range->most))
        return spiral_csv_reader_refuse(reader, column, error, "found \"%.*s\", expected %s",
                                        SPIRAL_TEXT_CUT(field->text, 100), range->words);
    *value = number;
    return SPIRAL_OK;
}

/* A loss or an accuracy; a failed run has none. */
static SpiralStatus read_measure(const SpiralSweepPlan *plan, const SpiralCsvReader *reader, size_t column,
                                 const char *name, SpiralSweepStatus status, double *value, SpiralError *error)
{
    const SpiralCsvField *field = &reader->fields[column];
    bool failed = status == SPIRAL_SWEEP_FAILED;
    bool empty = failed || (!plan->options.validated && spiral_sweep_column_is_optional(name));
    if (empty && field->length > 0)
        return spiral_csv_reader_refuse(reader, column, error, "found \"%.*s\", expected nothing: %s",
                                        SPIRAL_TEXT_CUT(field->text, 100),
                                        failed ? "the run failed" : "this sweep has no validation data");
    bool share = strstr(name, "accuracy") != NULL, unknown = status == SPIRAL_SWEEP_DIVERGED;
    const Range range = {.most = share ? 1.0 : DBL_MAX,
                         .unknown = unknown,
                         .words = share ? "a number from 0 to 1" : "a number from 0 on"};
    return read_number(reader, column, empty, &range, value, error);
}

static SpiralStatus read_status(const SpiralCsvReader *reader, size_t column, SpiralSweepStatus *found,
                                SpiralError *error)
{
    const char *text = reader->fields[column].text;
#define COMPARE(code, name)                                                                                            \
    if (code != SPIRAL_SWEEP_NONE && strcmp(text, name) == 0) {                                                        \
        *found = code;                                                                                                 \
        return SPIRAL_OK;                                                                                              \
    }
    SPIRAL_SWEEP_STATUS_LIST(COMPARE)
#undef COMPARE
    return spiral_csv_reader_refuse(reader, column, error,
                                    "found \"%.*s\", expected ok, stopped, pruned, diverged or failed",
                                    SPIRAL_TEXT_CUT(text, 100));
}

/* Do the row's setting and seed match those of its run? */
static SpiralStatus check_setting(const SpiralSweepPlan *plan, const SpiralCsvReader *reader, size_t run,
                                  SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    size_t axes = plan->options.axis_count;
    for (size_t a = 0; status == SPIRAL_OK && a < axes; a++)
        status = check_field(reader, 1 + a, spiral_sweep_plan_value(plan, run / plan->options.seeds, a), error);
    char seed[32];
    snprintf(seed, sizeof seed, "%lu", (unsigned long)spiral_sweep_plan_seed(plan, run));
    return status == SPIRAL_OK ? check_field(reader, 1 + axes, seed, error) : status;
}

/* Regularisation is never negative. The rounding is that of another program. */
static SpiralStatus check_losses(const SpiralSweepPlan *plan, const SpiralCsvReader *reader, const SpiralSweepRow *row,
                                 SpiralError *error)
{
    const SpiralCsvField *losses = &reader->fields[plan->options.axis_count + 4];
    if (!(row->loss < row->data_loss * (1.0 - 1e-9)))
        return SPIRAL_OK;
    return spiral_csv_reader_refuse(reader, plan->options.axis_count + 4, error,
                                    "found \"%.*s\", expected at least the data loss, %.*s",
                                    SPIRAL_TEXT_CUT(losses[0].text, 100), SPIRAL_TEXT_CUT(losses[1].text, 100));
}

/* Keeps the reason of a failed run; no other has one. Errors: INPUT, LIMIT. */
static SpiralStatus keep_reason(const SpiralCsvReader *reader, size_t column, SpiralSweepRow *row, SpiralError *error)
{
    const SpiralCsvField *field = &reader->fields[column];
    if (row->status != SPIRAL_SWEEP_FAILED && field->length > 0)
        return spiral_csv_reader_refuse(reader, column, error, "found \"%.*s\", expected nothing: the run is %s",
                                        SPIRAL_TEXT_CUT(field->text, 100), spiral_sweep_status_name(row->status));
    if (row->status != SPIRAL_SWEEP_FAILED)
        return SPIRAL_OK;
    row->reason = spiral_copy_bytes(field->text, field->length);
    return row->reason != NULL
               ? SPIRAL_OK
               : spiral_error_set(error, SPIRAL_ERROR_LIMIT, reader->path, reader->line, "no memory to read it");
}

static SpiralStatus read_row(SpiralSweepResults *results, const SpiralCsvReader *reader, bool reasons, bool more,
                             SpiralError *error)
{
    const SpiralSweepPlan *plan = results->plan;
    size_t run = 0, column = plan->options.axis_count + 2;
    SpiralSweepRow row = {0};
    static const Range seconds = {.most = DBL_MAX, .words = "seconds from 0 on"};
    SpiralStatus status = spiral_sweep_read_size(reader, 0, &run, error);
    if (status != SPIRAL_OK)
        return status;
    size_t runs = spiral_sweep_plan_runs(plan);
    if ((run >= runs && more) || run < plan->first * plan->options.seeds)
        return SPIRAL_OK;
    if (run >= runs || !spiral_sweep_plan_has(plan, run / plan->options.seeds))
        return spiral_csv_reader_refuse(reader, 0, error, "found run %zu, which this sweep does not have", run);
    status = check_setting(plan, reader, run, error);
    if (status == SPIRAL_OK)
        status = read_status(reader, column++, &row.status, error);
    if (status == SPIRAL_OK)
        status = spiral_sweep_read_size(reader, column++, &row.iterations, error);
#define READ_NUMBER(name)                                                                                              \
    if (status == SPIRAL_OK)                                                                                           \
        status = read_measure(plan, reader, column++, #name, row.status, &row.name, error);
    SPIRAL_SWEEP_NUMBER_COLUMNS(READ_NUMBER)
#undef READ_NUMBER
    if (status == SPIRAL_OK)
        status = check_losses(plan, reader, &row, error);
    if (status == SPIRAL_OK)
        status = read_number(reader, column + reasons, false, &seconds, &row.seconds, error);
    if (status == SPIRAL_OK && results->rows[run].status != SPIRAL_SWEEP_NONE)
        status = spiral_csv_reader_refuse(reader, 0, error, "found run %zu a second time", run);
    if (status == SPIRAL_OK && reasons)
        status = keep_reason(reader, column, &row, error);
    if (status == SPIRAL_OK)
        results->rows[run] = row;
    return status;
}

static SpiralStatus read_rows(SpiralSweepResults *results, SpiralCsvReader *reader, size_t lines, bool more,
                              SpiralError *error)
{
    size_t columns = 0;
    bool reasons = false;
    while (reader->next_line <= lines) {
        bool found;
        SpiralStatus status = spiral_csv_reader_next(reader, &found, error);
        if (status == SPIRAL_OK && !found)
            break;
        if (status == SPIRAL_OK)
            status = spiral_csv_reader_split(reader, error);
        if (status == SPIRAL_OK && columns == 0) {
            status = check_header(results->plan, reader, error);
            columns = reader->field_count;
            reasons = has_reason(results->plan, reader);
        } else if (status == SPIRAL_OK && reader->field_count != columns) {
            status = spiral_csv_reader_refuse(reader, 0, error, "found %zu columns, expected %zu", reader->field_count,
                                              columns);
        } else if (status == SPIRAL_OK) {
            status = read_row(results, reader, reasons, more, error);
        }
        if (status != SPIRAL_OK)
            return status;
    }
    return SPIRAL_OK;
}

SpiralStatus spiral_sweep_results_read(SpiralSweepResults *results, const char *within, const char *path, bool more,
                                       SpiralError *error)
{
    int descriptor;
    size_t lines;
    SpiralStatus status = spiral_regular_open(within, path, O_RDONLY, &descriptor, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralCsvReader reader;
    status = spiral_csv_reader_take(descriptor, path, ',', &reader, error);
    if (status == SPIRAL_OK)
        status = spiral_sweep_count_lines(descriptor, path, &lines, error);
    if (status == SPIRAL_OK)
        status = spiral_sweep_results_grow(results, error);
    if (status == SPIRAL_OK)
        status = read_rows(results, &reader, lines, more, error);
    spiral_csv_reader_close(&reader);
    return status;
}
