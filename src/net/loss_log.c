#include "spiral/loss_log.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "data/csv_reader.h"

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* A line being built. Each column is added with its name, so that the header, CSV and JSON share one list. */
typedef struct Line {
    char *text; /* (SPIRAL_LOG_LINE_LIMIT) */
    size_t length;
    bool json, header, full;
} Line;

static void append(Line *line, const char *text, size_t length)
{
    if (length >= SPIRAL_LOG_LINE_LIMIT - line->length) {
        line->full = true;
        return;
    }
    memcpy(line->text + line->length, text, length);
    line->length += length;
}

static void append_string(Line *line, const char *text)
{
    append(line, text, strlen(text));
}

static void add_text(Line *line, const char *name, const char *value, size_t length)
{
    if (line->length > line->json) /* not the first column; a JSON line begins with a brace */
        append(line, ",", 1);
    if (line->json) {
        append(line, "\"", 1);
        append_string(line, name);
        append(line, "\":", 2);
    }
    if (line->header)
        append_string(line, name);
    else
        append(line, value, length);
}

/* JSON cannot represent a number that is not finite: it becomes null. */
static void add_real(Line *line, const char *name, double value)
{
    char text[SPIRAL_NUMBER_TEXT];
    size_t length;
    if (isfinite(value))
        length = spiral_number_print(value, text);
    else
        length = (size_t)snprintf(text, sizeof text, "%s%s", !line->json && value < 0.0 ? "-" : "",
                                  line->json     ? "null"
                                  : isnan(value) ? "nan"
                                                 : "inf");
    add_text(line, name, text, length);
}

/* Writes value, with zeros before it where it has fewer digits; returns the length. printf would take as long as all
 * the rest of a line. */
static size_t print_whole(uint64_t value, size_t digits, char text[24])
{
    char backwards[24];
    size_t count = 0;
    for (; value > 0 || count < digits; value /= 10)
        backwards[count++] = (char)('0' + value % 10);
    for (size_t i = 0; i < count; i++)
        text[i] = backwards[count - 1 - i];
    return count;
}

static void add_size(Line *line, const char *name, size_t value)
{
    char text[24];
    add_text(line, name, text, print_whole(value, 1, text));
}

static void add_layers(Line *line, const SpiralNetwork *network, const SpiralTrainRecord *record)
{
    size_t dead = 0;
    for (size_t l = 0; l < network->layers; l++) {
        char parameter[24], name[48] = "";
        if (line->json || line->header) {
            spiral_network_parameter_name(network, 'W', l, parameter, sizeof parameter);
            snprintf(name, sizeof name, "update_ratio_%s", parameter);
        }
        add_real(line, name, line->header ? 0.0 : record->layers[l].update_ratio);
        dead += line->header ? 0 : record->layers[l].dead;
    }
    add_size(line, "dead_units", dead);
}

static void add_statistics(Line *line, const SpiralNetwork *network, const SpiralLayerStatistics *layers)
{
    static const char *const kinds[] = {"deviation", "dead", "saturated"};
    char name[48], parameter[24];
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++)
        for (size_t l = 0; l + 1 < network->layers; l++) {
            const double values[] = {layers[l].deviation, layers[l].dead, layers[l].saturated};
            snprintf(name, sizeof name, "%s_%zu", kinds[kind], l + 1);
            add_real(line, name, values[kind]);
        }
    for (size_t l = 0; l < network->layers; l++) {
        spiral_network_parameter_name(network, 'W', l, parameter, sizeof parameter);
        snprintf(name, sizeof name, "grad_norm_%s", parameter);
        add_real(line, name, layers[l].gradient);
    }
}

/* With six decimals, regardless of the locale. */
static void add_seconds(Line *line, double seconds)
{
    char text[48];
    uint64_t microseconds = (uint64_t)llround(seconds * 1e6);
    size_t length = print_whole(microseconds / 1000000, 1, text);
    text[length++] = '.';
    length += print_whole(microseconds % 1000000, 6, text + length);
    add_text(line, "seconds", text, length);
}

static void add_columns(Line *line, const SpiralLossLogLayout *layout, const SpiralTrainRecord *record, double seconds)
{
    add_size(line, "iteration", record->iteration);
    add_real(line, "loss", record->loss);
    add_real(line, "data_loss", record->data_loss);
    add_real(line, "reg_loss", record->reg_loss);
    add_real(line, "accuracy", record->accuracy);
    if (layout->validation) {
        add_real(line, "validation_loss", record->validation_loss);
        add_real(line, "validation_accuracy", record->validation_accuracy);
    }
    add_real(line, "grad_norm", record->grad_norm);
    add_real(line, "update_ratio", record->update_ratio);
    if (layout->network->layers > 1)
        add_layers(line, layout->network, record);
    if (layout->statistics != NULL)
        add_statistics(line, layout->network, layout->statistics);
    add_real(line, "learning_rate", record->learning_rate);
    if (layout->epoch > 1)
        add_real(line, "epoch", (double)record->iteration / (double)layout->epoch);
    add_seconds(line, seconds);
}

SpiralStatus spiral_loss_log_line(const SpiralLossLogLayout *layout, const SpiralTrainRecord *record, double seconds,
                                  char text[SPIRAL_LOG_LINE_LIMIT], size_t *length, SpiralError *error)
{
    static const SpiralTrainRecord none;
    Line line = {.text = text, .json = layout->format == SPIRAL_LOSS_LOG_JSONL, .header = record == NULL};
    text[0] = '\0';
    *length = 0;
    if (line.json && line.header)
        return SPIRAL_OK;
    if (line.json)
        append(&line, "{", 1);
    add_columns(&line, layout, line.header ? &none : record, seconds);
    append_string(&line, line.json ? "}\n" : "\n");
    line.text[line.length] = '\0';
    if (line.full)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0,
                                "the network has %zu layers: a line of the loss log would be longer than %d bytes",
                                layout->network->layers, SPIRAL_LOG_LINE_LIMIT);
    *length = line.length;
    return SPIRAL_OK;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

enum { FIRST_CAPACITY = 1024, COLUMNS = SPIRAL_LOSS_LOG_COLUMNS };

static const char EXPECTED[] = "a loss log as spiral train writes it";

/* The wanted columns are numbered by their index in names, of which there are at most COLUMNS. */
typedef struct LogReader {
    SpiralCsvReader csv;
    const char *const *names; /* ends with NULL */
    size_t wanted, needed;    /* names; the first `needed` of them must be in the log */
    bool json, timed;         /* timed: the last column of a CSV is the seconds, as in the trainer's own */
    bool has[COLUMNS];        /* is the column in the log? */
    size_t fields;            /* per CSV row */
    size_t places[COLUMNS];   /* the field index of each wanted column */
    double row[COLUMNS];      /* the values of the last row read */
    size_t capacity;
    SpiralLossLog log;
} LogReader;

static SpiralStatus refuse_line(const LogReader *reader, const char *found, const char *expected, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, spiral_csv_reader_name(&reader->csv), reader->csv.line,
                            "found %s, expected %s", found, expected);
}

static SpiralStatus refuse_field(const LogReader *reader, size_t field, const char *text, size_t length,
                                 const char *expected, SpiralError *error)
{
    return spiral_csv_reader_refuse(&reader->csv, field, error, "found \"%.*s\", expected %s",
                                    spiral_text_cut(text, length, 100), text, expected);
}

static SpiralStatus refuse_twice(const LogReader *reader, size_t column, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, spiral_csv_reader_name(&reader->csv), reader->csv.line,
                            "found %s twice, expected it once", reader->names[column]);
}

static bool is_named(const char *name, const char *text, size_t length)
{
    return strlen(name) == length && memcmp(name, text, length) == 0;
}

/* Grows the columns by half if they are full. */
static SpiralStatus make_room(LogReader *reader, SpiralError *error)
{
    if (reader->log.count < reader->capacity)
        return SPIRAL_OK;
    size_t capacity = reader->capacity == 0 ? FIRST_CAPACITY : reader->capacity + reader->capacity / 2;
    for (size_t i = 0; i < reader->wanted; i++) {
        if (!reader->has[i])
            continue;
        double *grown = spiral_reallocate(reader->log.columns[i], capacity, sizeof *grown);
        if (grown == NULL)
            return spiral_error_set(error, SPIRAL_ERROR_LIMIT, spiral_csv_reader_name(&reader->csv), reader->csv.line,
                                    "no memory to read it");
        reader->log.columns[i] = grown;
    }
    reader->capacity = capacity;
    return SPIRAL_OK;
}

/* A log counts its iterations upwards; that of a training that was repeated or put in front of it does not. */
static SpiralStatus check_iteration(const LogReader *reader, SpiralError *error)
{
    double before = reader->log.count > 0 ? reader->log.columns[0][reader->log.count - 1] : -1.0, now = reader->row[0];
    bool whole = now >= 0.0 && now == floor(now);
    if (whole && now > before)
        return SPIRAL_OK;
    if (!whole)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, spiral_csv_reader_name(&reader->csv), reader->csv.line,
                                "found %s %g, expected a whole number from 0 on", reader->names[0], now);
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, spiral_csv_reader_name(&reader->csv), reader->csv.line,
                            "found %s %.15g after %.15g, expected a larger one", reader->names[0], now, before);
}

/* An accuracy is a part of the observations, or unknown. */
static SpiralStatus check_accuracies(const LogReader *reader, SpiralError *error)
{
    for (size_t i = 0; i < reader->wanted; i++) {
        const char *name = reader->names[i];
        bool accuracy = strcmp(name, "accuracy") == 0 || strcmp(name, "validation_accuracy") == 0;
        if (accuracy && reader->has[i] && (reader->row[i] < 0.0 || reader->row[i] > 1.0))
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, spiral_csv_reader_name(&reader->csv), reader->csv.line,
                                    "found %s %g, expected a number from 0 to 1", name, reader->row[i]);
    }
    return SPIRAL_OK;
}

static SpiralStatus keep_row(LogReader *reader, SpiralError *error)
{
    SpiralStatus status = check_iteration(reader, error);
    if (status == SPIRAL_OK)
        status = check_accuracies(reader, error);
    if (status == SPIRAL_OK)
        status = make_room(reader, error);
    if (status != SPIRAL_OK)
        return status;
    for (size_t i = 0; i < reader->wanted; i++)
        if (reader->has[i])
            reader->log.columns[i][reader->log.count] = reader->row[i];
    reader->log.count++;
    return SPIRAL_OK;
}

static SpiralStatus check_columns(const LogReader *reader, SpiralError *error)
{
    for (size_t i = 0; i < reader->needed; i++)
        if (!reader->has[i])
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, spiral_csv_reader_name(&reader->csv), reader->csv.line,
                                    "found a header without the column %s, expected %s", reader->names[i], EXPECTED);
    return SPIRAL_OK;
}

static SpiralStatus next_line(LogReader *reader, bool *found, SpiralError *error)
{
    SpiralStatus status = spiral_csv_reader_next(&reader->csv, found, error);
    if (status == SPIRAL_OK && reader->csv.record_end - reader->csv.record >= SPIRAL_LOG_LINE_LIMIT)
        return refuse_line(reader, "a line that is too long", "the row of a loss log", error);
    return status;
}

/* ---- CSV ---- */

static SpiralStatus read_header(LogReader *reader, SpiralError *error)
{
    SpiralStatus status = spiral_csv_reader_split(&reader->csv, error);
    if (status != SPIRAL_OK)
        return status;
    reader->fields = reader->csv.field_count;
    for (size_t field = 0; field < reader->fields; field++)
        for (size_t i = 0; i < reader->wanted; i++)
            if (is_named(reader->names[i], reader->csv.fields[field].text, reader->csv.fields[field].length)) {
                if (reader->has[i])
                    return refuse_twice(reader, i, error);
                reader->has[i] = true;
                reader->places[i] = field;
            }
    const SpiralCsvField *last = &reader->csv.fields[reader->fields - 1];
    reader->timed = is_named("seconds", last->text, last->length);
    return check_columns(reader, error);
}

/* Reads a number, or the log's word for one that is not finite. */
static bool read_number(const SpiralCsvField *field, double *value)
{
    if (spiral_number_read(field->text, field->length, value))
        return true;
    bool negative = field->text[0] == '-';
    const char *word = field->text + negative;
    if (strcmp(word, "nan") != 0 && strcmp(word, "inf") != 0)
        return false;
    *value = word[0] == 'n' ? NAN : negative ? -INFINITY : INFINITY;
    return true;
}

/* Is it a column that tells how far the training is, the row's place on the x axis? It is finite. */
static bool is_progress(const LogReader *reader, size_t wanted)
{
    const char *name = reader->names[wanted];
    return wanted == 0 || strcmp(name, "epoch") == 0 || strcmp(name, "seconds") == 0;
}

static SpiralStatus read_row(LogReader *reader, SpiralError *error)
{
    if (reader->timed && !reader->csv.terminated) /* the seconds may be cut within their digits */
        return refuse_line(reader, "a line without an end", "the row of a loss log", error);
    SpiralStatus status = spiral_csv_reader_split(&reader->csv, error);
    for (size_t place = 0; status == SPIRAL_OK && place < reader->csv.field_count; place++) {
        const SpiralCsvField *field = &reader->csv.fields[place];
        double value = NAN;
        bool number = read_number(field, &value);
        for (size_t i = 0; i < reader->wanted; i++)
            if (reader->has[i] && reader->places[i] == place) {
                number = number && (isfinite(value) || !is_progress(reader, i));
                reader->row[i] = value;
            }
        if (!number)
            return refuse_field(reader, place, field->text, field->length, "a number", error);
    }
    if (status == SPIRAL_OK && reader->csv.field_count != reader->fields)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, spiral_csv_reader_name(&reader->csv), reader->csv.line,
                                "found %zu fields, expected %zu as in the header", reader->csv.field_count,
                                reader->fields);
    return status == SPIRAL_OK ? keep_row(reader, error) : status;
}

/* ---- JSON lines ---- */

/* "name":value */
typedef struct Member {
    const char *name, *value;
    size_t name_length, value_length;
} Member;

static const char *skip_blanks(const char *c, const char *end)
{
    while (c < end && (*c == ' ' || *c == '\t'))
        c++;
    return c;
}

/* Reads the member at *c and advances *c to the comma or brace that follows it. */
static bool read_member(const char **c, const char *end, Member *member)
{
    const char *at = skip_blanks(*c, end);
    if (at == end || *at != '"')
        return false;
    member->name = at + 1;
    at = memchr(member->name, '"', (size_t)(end - member->name));
    if (at == NULL)
        return false;
    member->name_length = (size_t)(at - member->name);
    at = skip_blanks(at + 1, end);
    if (at == end || *at != ':')
        return false;
    member->value = at = skip_blanks(at + 1, end);
    while (at < end && *at != ',' && *at != '}' && *at != ' ' && *at != '\t')
        at++;
    member->value_length = (size_t)(at - member->value);
    *c = skip_blanks(at, end);
    return *c < end && (**c == ',' || **c == '}');
}

static SpiralStatus take_member(LogReader *reader, const Member *member, size_t place, bool found[COLUMNS],
                                SpiralError *error)
{
    double value = NAN;
    bool number = is_named("null", member->value, member->value_length) ||
                  spiral_number_read(member->value, member->value_length, &value);
    for (size_t i = 0; i < reader->wanted; i++)
        if (is_named(reader->names[i], member->name, member->name_length)) {
            if (found[i])
                return refuse_twice(reader, i, error);
            number = number && (isfinite(value) || !is_progress(reader, i));
            found[i] = true;
            reader->row[i] = value;
        }
    return number ? SPIRAL_OK : refuse_field(reader, place, member->value, member->value_length, "a number", error);
}

static SpiralStatus read_members(LogReader *reader, bool found[COLUMNS], SpiralError *error)
{
    const char *c = reader->csv.record, *end = reader->csv.record_end;
    if (c == end || *c != '{')
        return refuse_line(reader, "a line that does not begin with {", "the row of a loss log", error);
    for (size_t place = 0; *c != '}'; place++) {
        Member member;
        const char *begin = ++c; /* past the brace or the comma */
        if (!read_member(&c, end, &member))
            return refuse_field(reader, place, begin, (size_t)(end - begin), "\"name\":number", error);
        SpiralStatus status = take_member(reader, &member, place, found, error);
        if (status != SPIRAL_OK)
            return status;
    }
    return skip_blanks(c + 1, end) == end
               ? SPIRAL_OK
               : refuse_line(reader, "text after the closing }", "the row of a loss log", error);
}

/* The first line determines the columns of the log. */
static SpiralStatus read_object(LogReader *reader, SpiralError *error)
{
    bool found[COLUMNS] = {false};
    SpiralStatus status = read_members(reader, found, error);
    if (status == SPIRAL_OK && reader->log.count == 0) {
        memcpy(reader->has, found, sizeof found);
        status = check_columns(reader, error);
    }
    for (size_t i = 0; status == SPIRAL_OK && i < reader->wanted; i++)
        if (reader->has[i] && !found[i])
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, spiral_csv_reader_name(&reader->csv), reader->csv.line,
                                    "found no \"%s\", expected the names of the first line", reader->names[i]);
    return status == SPIRAL_OK ? keep_row(reader, error) : status;
}

/* ---- both ---- */

/* A JSON log has no header: its first line is an object like every other. */
static SpiralStatus read_first(LogReader *reader, SpiralError *error)
{
    bool found;
    SpiralStatus status = next_line(reader, &found, error);
    if (status != SPIRAL_OK)
        return status;
    if (!found)
        return refuse_line(reader, "an empty file", EXPECTED, error);
    reader->json = reader->csv.record < reader->csv.record_end && *reader->csv.record == '{';
    if (reader->json)
        return read_object(reader, error);
    reader->csv.delimiter = ',';
    return read_header(reader, error);
}

static SpiralStatus read_all(LogReader *reader, SpiralError *error)
{
    bool found = true;
    SpiralStatus status = read_first(reader, error);
    while (status == SPIRAL_OK) {
        status = next_line(reader, &found, error);
        if (status != SPIRAL_OK || !found)
            break;
        status = reader->json ? read_object(reader, error) : read_row(reader, error);
        if (status == SPIRAL_ERROR_INPUT && !reader->csv.terminated) {
            reader->log.cut = true;
            status = SPIRAL_OK;
            break;
        }
    }
    if (status == SPIRAL_OK && reader->log.count == 0)
        return refuse_line(reader, "no rows", "at least one", error);
    return status;
}

/* status is the result of opening the reader. */
static SpiralStatus read_opened(LogReader *reader, SpiralStatus status, SpiralLossLog *log, SpiralError *error)
{
    while (reader->names[reader->wanted] != NULL)
        reader->wanted++;
    if (status == SPIRAL_OK)
        status = read_all(reader, error);
    spiral_csv_reader_close(&reader->csv);
    if (status == SPIRAL_OK)
        *log = reader->log;
    else
        spiral_loss_log_free(&reader->log);
    return status;
}

/* The log is opened without a delimiter; one is set once a CSV header is recognized. In a line of JSON, a quote does
 * not begin a field, and a CSV header has no line break inside quotes. */
static const char NO_DELIMITER = '\0';

SpiralStatus spiral_loss_log_load(const char *path, const char *const *names, size_t needed, SpiralLossLog *log,
                                  SpiralError *error)
{
    LogReader reader = {.names = names, .needed = needed};
    return read_opened(&reader, spiral_csv_reader_open(path, NO_DELIMITER, &reader.csv, error), log, error);
}

SpiralStatus spiral_loss_log_take(int descriptor, const char *path, const char *const *names, size_t needed,
                                  SpiralLossLog *log, SpiralError *error)
{
    LogReader reader = {.names = names, .needed = needed};
    return read_opened(&reader, spiral_csv_reader_take(descriptor, path, NO_DELIMITER, &reader.csv, error), log, error);
}

void spiral_loss_log_free(SpiralLossLog *log)
{
    for (size_t i = 0; i < COLUMNS; i++)
        free(log->columns[i]);
    *log = (SpiralLossLog){0};
}
