/* curves.c: curves.csv, the loss curves of all runs, from which a figure is drawn. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/regular.h"
#include "base/text.h"
#include "data/csv_reader.h"
#include "sweep/results.h"

static SpiralStatus no_memory(size_t run, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the curve of run %zu", run);
}

static SpiralStatus make_room(SpiralSweepCurves *curves, size_t run, SpiralError *error)
{
    if (run < curves->count)
        return SPIRAL_OK;
    size_t count = run + 1 > 2 * curves->count ? run + 1 : 2 * curves->count;
    SpiralSweepCurve *grown = spiral_reallocate(curves->curves, count, sizeof *grown);
    if (grown == NULL)
        return no_memory(run, error);
    memset(grown + curves->count, 0, (count - curves->count) * sizeof *grown);
    curves->curves = grown;
    curves->count = count;
    return SPIRAL_OK;
}

enum { BLOCK_POINTS = 6000 };

/* The points of many curves, 140 kB. If each curve were allocated for itself, between the trainers that come and go,
 * the memory of those could not be used again as a whole, and a sweep would grow with every run. */
typedef struct SpiralSweepCurveBlock {
    struct SpiralSweepCurveBlock *before;
    size_t used;
    double points[BLOCK_POINTS][3];
} Block;

/* Returns room for at most SPIRAL_SWEEP_CURVE_POINTS points; NULL when out of memory. */
static double (*take_room(SpiralSweepCurves *curves, size_t count))[3]
{
    Block *block = curves->block;
    if (block == NULL || block->used + count > BLOCK_POINTS) {
        block = spiral_allocate(1, sizeof *block);
        if (block == NULL)
            return NULL;
        block->before = curves->block;
        curves->block = block;
    }
    block->used += count;
    return block->points + block->used - count;
}

/* Replaces the run's curve. */
static SpiralStatus set_curve(SpiralSweepCurves *curves, size_t run, size_t count, const double (*points)[3],
                              SpiralError *error)
{
    SpiralStatus status = make_room(curves, run, error);
    if (status != SPIRAL_OK)
        return status;
    double(*copy)[3] = take_room(curves, count);
    if (copy == NULL)
        return no_memory(run, error);
    memcpy(copy, points, count * sizeof *copy);
    curves->curves[run] = (SpiralSweepCurve){count, copy};
    return SPIRAL_OK;
}

void spiral_sweep_curves_clear(SpiralSweepCurves *curves)
{
    spiral_output_discard(curves->output);
    for (Block *block = curves->block, *before; block != NULL; block = before) {
        before = block->before;
        free(block);
    }
    free(curves->curves);
    *curves = (SpiralSweepCurves){0};
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static const char *const columns[] = {"run", "iteration", "loss", "validation_loss"};

enum { COLUMNS = sizeof columns / sizeof *columns };

static SpiralStatus write_curve(const SpiralSweepCurves *curves, size_t run, SpiralOutput *output, SpiralError *error)
{
    const SpiralSweepCurve *curve = &curves->curves[run];
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < curve->count; i++) {
        const double *point = curve->points[i];
        if (!isfinite(point[1])) /* a run that diverged at once has no finite loss */
            continue;
        char loss[SPIRAL_NUMBER_TEXT], validation[SPIRAL_NUMBER_TEXT] = "";
        spiral_number_print(point[1], loss);
        if (isfinite(point[2]))
            spiral_number_print(point[2], validation);
        status = spiral_output_print(output, error, "%zu,%.0f,%s,%s\n", run, point[0], loss, validation);
    }
    return status;
}

static SpiralStatus write_all(const SpiralSweepCurves *curves, SpiralOutput *output, SpiralError *error)
{
    SpiralStatus status =
        spiral_output_print(output, error, "%s,%s,%s,%s\n", columns[0], columns[1], columns[2], columns[3]);
    for (size_t run = 0; status == SPIRAL_OK && run < curves->count; run++)
        status = write_curve(curves, run, output, error);
    return status;
}

SpiralStatus spiral_sweep_curves_save(SpiralSweepCurves *curves, const char *path, SpiralError *error)
{
    SpiralOutput *output = curves->output;
    curves->output = NULL;
    SpiralStatus status = output != NULL ? spiral_output_commit(output, error) : SPIRAL_OK;
    if (status == SPIRAL_OK)
        status = spiral_output_create(path, &output, error);
    if (status != SPIRAL_OK)
        return status;
    status = write_all(curves, output, error);
    if (status != SPIRAL_OK) {
        spiral_output_discard(output);
        return status;
    }
    return spiral_output_commit(output, error);
}

SpiralStatus spiral_sweep_curves_open(SpiralSweepCurves *curves, const char *path, SpiralError *error)
{
    SpiralStatus status = spiral_output_create_log(path, 0, &curves->output, error);
    if (status == SPIRAL_OK)
        status = write_all(curves, curves->output, error);
    return status == SPIRAL_OK ? spiral_output_flush(curves->output, error) : status;
}

SpiralStatus spiral_sweep_curves_add(SpiralSweepCurves *curves, size_t run, size_t count, const double (*points)[3],
                                     SpiralError *error)
{
    SpiralStatus status = set_curve(curves, run, count, points, error);
    if (status == SPIRAL_OK)
        status = write_curve(curves, run, curves->output, error);
    return status == SPIRAL_OK ? spiral_output_flush(curves->output, error) : status;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

typedef struct CurveReader {
    SpiralCsvReader csv;
    SpiralSweepCurves *curves;
    const SpiralSweepResults *results;
    size_t run, count; /* of the curve in progress */
    double points[SPIRAL_SWEEP_CURVE_POINTS][3];
} CurveReader;

static SpiralStatus check_header(const SpiralCsvReader *csv, SpiralError *error)
{
    for (size_t i = 0; i < csv->field_count && i < COLUMNS; i++)
        if (strcmp(csv->fields[i].text, columns[i]) != 0)
            return spiral_csv_reader_refuse(csv, i, error, "found \"%.*s\", expected %s",
                                            SPIRAL_TEXT_CUT(csv->fields[i].text, 100), columns[i]);
    return SPIRAL_OK;
}

/* Iteration, loss and validation loss. */
static SpiralStatus read_point(const SpiralCsvReader *csv, bool validated, double point[3], SpiralError *error)
{
    for (size_t i = 0; i < 3; i++) {
        const SpiralCsvField *field = &csv->fields[i + 1];
        point[i] = NAN;
        if (i == 2 && field->length == 0)
            continue;
        if (i == 2 && !validated)
            return spiral_csv_reader_refuse(csv, i + 1, error,
                                            "found \"%.*s\", expected nothing: this sweep has no validation data",
                                            SPIRAL_TEXT_CUT(field->text, 100));
        if (!spiral_number_read(field->text, field->length, &point[i]))
            return spiral_csv_reader_refuse(csv, i + 1, error, "found \"%.*s\", expected a number",
                                            SPIRAL_TEXT_CUT(field->text, 100));
    }
    return SPIRAL_OK;
}

/* A run without a row was killed before it finished, and will write its curve again. */
static SpiralStatus end_curve(CurveReader *reader, SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    if (reader->count > 0 && spiral_sweep_results_row(reader->results, reader->run)->status != SPIRAL_SWEEP_NONE)
        status = set_curve(reader->curves, reader->run, reader->count, (const double(*)[3])reader->points, error);
    reader->count = 0;
    return status;
}

/* If the iterations of a run start over, it was killed and rerun: the new curve replaces the old. */
static SpiralStatus take_point(CurveReader *reader, SpiralError *error)
{
    size_t run;
    double point[3];
    const SpiralSweepPlan *plan = reader->results->plan;
    SpiralStatus status = spiral_sweep_read_size(&reader->csv, 0, &run, error);
    if (status == SPIRAL_OK && !spiral_sweep_plan_has(plan, run / plan->options.seeds))
        status = spiral_csv_reader_refuse(&reader->csv, 0, error, "found run %zu, which belongs to another shard", run);
    if (status == SPIRAL_OK)
        status = read_point(&reader->csv, plan->options.validated, point, error);
    if (status != SPIRAL_OK)
        return status;
    bool begins = reader->count > 0 && (run != reader->run || point[0] <= reader->points[reader->count - 1][0]);
    if (begins || reader->count == SPIRAL_SWEEP_CURVE_POINTS)
        status = end_curve(reader, error);
    reader->run = run;
    memcpy(reader->points[reader->count++], point, sizeof point);
    return status;
}

static SpiralStatus read_lines(CurveReader *reader, size_t lines, SpiralError *error)
{
    SpiralCsvReader *csv = &reader->csv;
    bool found = true;
    while (csv->next_line <= lines) {
        SpiralStatus status = spiral_csv_reader_next(csv, &found, error);
        if (status == SPIRAL_OK && !found)
            break;
        if (status == SPIRAL_OK)
            status = spiral_csv_reader_split(csv, error);
        if (status == SPIRAL_OK && csv->line == 1)
            status = check_header(csv, error);
        if (status == SPIRAL_OK && csv->field_count != COLUMNS)
            status = spiral_csv_reader_refuse(csv, 0, error, "found %zu columns, expected %d", csv->field_count,
                                              (int)COLUMNS);
        if (status == SPIRAL_OK && csv->line > 1)
            status = take_point(reader, error);
        if (status != SPIRAL_OK)
            return status;
    }
    return end_curve(reader, error);
}

SpiralStatus spiral_sweep_curves_read(SpiralSweepCurves *curves, const SpiralSweepResults *results, const char *within,
                                      const char *path, SpiralError *error)
{
    int descriptor;
    size_t lines;
    SpiralStatus status = spiral_regular_open(within, path, O_RDONLY, &descriptor, error);
    if (status != SPIRAL_OK)
        return errno == ENOENT ? SPIRAL_OK : status;
    CurveReader reader = {.curves = curves, .results = results};
    status = spiral_csv_reader_take(descriptor, path, ',', &reader.csv, error);
    if (status == SPIRAL_OK)
        status = spiral_sweep_count_lines(descriptor, path, &lines, error);
    if (status == SPIRAL_OK)
        status = read_lines(&reader, lines, error);
    spiral_csv_reader_close(&reader.csv);
    return status;
}
