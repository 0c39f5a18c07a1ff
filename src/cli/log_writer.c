#include "cli/log_writer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 48 };

/* A row under way: each column is named, so that the header, CSV and JSON come from one list. */
typedef struct Row {
    SpiralOutput *output;
    LogMark *mark; /* or NULL */
    LogFormat format;
    bool header, first;
    bool measured; /* what is put now: it is no part of the mark's CRC */
    SpiralStatus status;
    SpiralError *error;
} Row;

void log_mark_start(LogMark *mark)
{
    mark->bytes = 0;
    spiral_crc32_start(&mark->crc);
}

void log_mark_add(LogMark *mark, const char *text, size_t length, bool measured)
{
    mark->bytes += length;
    if (!measured)
        spiral_crc32_add(&mark->crc, text, length);
}

static void put(Row *row, const char *text)
{
    if (row->status != SPIRAL_OK)
        return;
    row->status = spiral_output_write(row->output, text, strlen(text), row->error);
    if (row->mark != NULL)
        log_mark_add(row->mark, text, strlen(text), row->measured);
}

static void add_text(Row *row, const char *name, const char *value)
{
    if (!row->first)
        put(row, ",");
    row->first = false;
    if (row->format == LOG_JSONL) {
        put(row, "\"");
        put(row, name);
        put(row, "\":");
    }
    put(row, row->header ? name : value);
}

/* JSON has no word for what is not finite. */
static void add_real(Row *row, const char *name, double value)
{
    char text[32];
    if (isfinite(value))
        snprintf(text, sizeof text, "%.17g", value);
    else if (row->format == LOG_JSONL)
        snprintf(text, sizeof text, "null");
    else
        snprintf(text, sizeof text, "%s", isnan(value) ? "nan" : value > 0.0 ? "inf" : "-inf");
    add_text(row, name, text);
}

static void add_size(Row *row, const char *name, size_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%zu", value);
    add_text(row, name, text);
}

static void add_layers(Row *row, const SpiralNetwork *network, const SpiralTrainRecord *record)
{
    size_t dead = 0;
    for (size_t l = 0; l < network->layers; l++) {
        char parameter[24], name[NAME_SIZE];
        spiral_network_parameter_name(network, 'W', l, parameter, sizeof parameter);
        snprintf(name, sizeof name, "update_ratio_%s", parameter);
        add_real(row, name, row->header ? 0.0 : record->layers[l].update_ratio);
        dead += row->header ? 0 : record->layers[l].dead;
    }
    add_size(row, "dead_units", dead);
}

static SpiralStatus write_line(Row *row, const LogLayout *layout, const SpiralTrainRecord *record, double seconds)
{
    if (row->format == LOG_JSONL)
        put(row, "{");
    add_size(row, "iteration", record->iteration);
    add_real(row, "loss", record->loss);
    add_real(row, "data_loss", record->data_loss);
    add_real(row, "reg_loss", record->reg_loss);
    add_real(row, "accuracy", record->accuracy);
    if (layout->validation) {
        add_real(row, "validation_loss", record->validation_loss);
        add_real(row, "validation_accuracy", record->validation_accuracy);
    }
    add_real(row, "grad_norm", record->grad_norm);
    add_real(row, "update_ratio", record->update_ratio);
    if (layout->network->layers > 1)
        add_layers(row, layout->network, record);
    add_real(row, "learning_rate", record->learning_rate);
    char text[32];
    snprintf(text, sizeof text, "%.6f", seconds);
    row->measured = true;
    add_text(row, "seconds", text);
    row->measured = false;
    put(row, row->format == LOG_JSONL ? "}\n" : "\n");
    return row->status;
}

SpiralStatus log_write_header(SpiralOutput *output, const LogLayout *layout, LogMark *mark, SpiralError *error)
{
    if (layout->format == LOG_JSONL)
        return SPIRAL_OK;
    static const SpiralTrainRecord none;
    Row row = {.output = output, .mark = mark, .header = true, .first = true, .error = error};
    return write_line(&row, layout, &none, 0.0);
}

SpiralStatus log_write_row(SpiralOutput *output, const LogLayout *layout, const SpiralTrainRecord *record,
                           double seconds, LogMark *mark, SpiralError *error)
{
    Row row = {.output = output, .mark = mark, .format = layout->format, .first = true, .error = error};
    return write_line(&row, layout, record, seconds);
}
