#define _POSIX_C_SOURCE 200809L
#include "sweep/results.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv_field.h"
#include "base/memory.h"
#include "base/number.h"

const char *spiral_sweep_status_name(SpiralSweepStatus status)
{
    switch (status) {
#define STATUS_NAME(code, name)                                                                                        \
    case code:                                                                                                         \
        return name;
        SPIRAL_SWEEP_STATUS_LIST(STATUS_NAME)
#undef STATUS_NAME
    }
    return "unknown";
}

SpiralStatus spiral_sweep_results_create(SpiralSweepPlan *plan, SpiralSweepResults **results, SpiralError *error)
{
    *results = NULL;
    SpiralSweepResults *made = spiral_allocate(1, sizeof *made);
    if (made == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the results of a sweep");
    made->plan = plan;
    SpiralStatus status = spiral_sweep_results_grow(made, error);
    if (status != SPIRAL_OK) {
        spiral_sweep_results_free(made);
        return status;
    }
    *results = made;
    return SPIRAL_OK;
}

void spiral_sweep_results_free(SpiralSweepResults *results)
{
    if (results == NULL)
        return;
    spiral_output_discard(results->output);
    for (size_t run = 0; run < results->capacity; run++)
        free(results->rows[run].reason);
    free(results->rows);
    free(results->pending);
    free(results);
}

SpiralStatus spiral_sweep_results_grow(SpiralSweepResults *results, SpiralError *error)
{
    size_t runs = spiral_sweep_plan_runs(results->plan);
    if (runs <= results->capacity)
        return SPIRAL_OK;
    SpiralSweepRow *rows = spiral_reallocate(results->rows, runs, sizeof *rows);
    if (rows != NULL)
        results->rows = rows;
    size_t *pending = spiral_reallocate(results->pending, runs, sizeof *pending);
    if (pending != NULL)
        results->pending = pending;
    if (rows == NULL || pending == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the results of %zu runs", runs);
    memset(rows + results->capacity, 0, (runs - results->capacity) * sizeof *rows);
    results->capacity = runs;
    return SPIRAL_OK;
}

const SpiralSweepRow *spiral_sweep_results_row(const SpiralSweepResults *results, size_t run)
{
    static const SpiralSweepRow none = {0};
    return run < results->capacity ? &results->rows[run] : &none;
}

/* ---- text -------------------------------------------------------------------------------------------------------- */

void spiral_sweep_column_name(const SpiralSweepAxis *axis, char *text, size_t size)
{
    snprintf(text, size, "%s", axis->name);
    for (char *c = text; *c != '\0'; c++)
        if (*c == '-')
            *c = '_';
}

bool spiral_sweep_column_is_optional(const char *name)
{
    return strncmp(name, "validation", strlen("validation")) == 0;
}

static SpiralStatus write_header(const SpiralSweepPlan *plan, SpiralOutput *output, SpiralError *error)
{
#define COLUMN_NAME(name) "," #name
    static const char rest[] = ",seed,status,iterations" SPIRAL_SWEEP_NUMBER_COLUMNS(COLUMN_NAME) ",reason,seconds\n";
#undef COLUMN_NAME
    SpiralStatus status = spiral_output_print(output, error, "run");
    for (size_t a = 0; status == SPIRAL_OK && a < plan->options.axis_count; a++) {
        char name[64];
        spiral_sweep_column_name(&plan->options.axes[a], name, sizeof name);
        status = spiral_output_print(output, error, ",%s", name);
    }
    return status == SPIRAL_OK ? spiral_output_print(output, error, "%s", rest) : status;
}

/* Leaves the field empty when the number is missing. */
static SpiralStatus write_number(SpiralOutput *output, double value, bool there, SpiralError *error)
{
    char text[SPIRAL_NUMBER_TEXT] = "";
    if (there && isfinite(value))
        spiral_number_print(value, text);
    else if (there)
        snprintf(text, sizeof text, "%s", isnan(value) ? "nan" : "inf");
    return spiral_output_print(output, error, ",%s", text);
}

static SpiralStatus write_row(const SpiralSweepResults *results, size_t run, SpiralOutput *output, SpiralError *error)
{
    const SpiralSweepPlan *plan = results->plan;
    const SpiralSweepRow *row = &results->rows[run];
    bool measured = row->status != SPIRAL_SWEEP_FAILED, validated = plan->options.validated;
    SpiralStatus status = spiral_output_print(output, error, "%zu", run);
    for (size_t a = 0; status == SPIRAL_OK && a < plan->options.axis_count; a++) {
        status = spiral_output_print(output, error, ",");
        if (status == SPIRAL_OK)
            status = spiral_csv_field_write(output, spiral_sweep_plan_value(plan, run / plan->options.seeds, a), error);
    }
    if (status == SPIRAL_OK)
        status = spiral_output_print(output, error, ",%lu,%s,%zu", (unsigned long)spiral_sweep_plan_seed(plan, run),
                                     spiral_sweep_status_name(row->status), row->iterations);
#define COLUMN_NAME(name) #name,
#define COLUMN_VALUE(name) row->name,
    static const char *const names[] = {SPIRAL_SWEEP_NUMBER_COLUMNS(COLUMN_NAME)};
    const double values[] = {SPIRAL_SWEEP_NUMBER_COLUMNS(COLUMN_VALUE)};
#undef COLUMN_NAME
#undef COLUMN_VALUE
    for (size_t i = 0; status == SPIRAL_OK && i < sizeof values / sizeof values[0]; i++)
        status = write_number(output, values[i], measured && (validated || !spiral_sweep_column_is_optional(names[i])),
                              error);
    if (status == SPIRAL_OK)
        status = spiral_output_print(output, error, ",");
    if (status == SPIRAL_OK && row->reason != NULL)
        status = spiral_csv_field_write(output, row->reason, error);
    if (status == SPIRAL_OK)
        status = write_number(output, row->seconds, true, error);
    return status == SPIRAL_OK ? spiral_output_print(output, error, "\n") : status;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static SpiralStatus close_log(SpiralSweepResults *results, SpiralError *error)
{
    SpiralOutput *log = results->output;
    results->output = NULL;
    return log != NULL ? spiral_output_commit(log, error) : SPIRAL_OK;
}

static SpiralStatus write_all(const SpiralSweepResults *results, SpiralOutput *output, SpiralError *error)
{
    SpiralStatus status = write_header(results->plan, output, error);
    for (size_t run = 0; status == SPIRAL_OK && run < spiral_sweep_plan_runs(results->plan); run++)
        if (results->rows[run].status != SPIRAL_SWEEP_NONE)
            status = write_row(results, run, output, error);
    return status;
}

SpiralStatus spiral_sweep_results_save(SpiralSweepResults *results, const char *path, SpiralError *error)
{
    SpiralOutput *output;
    SpiralStatus status = close_log(results, error);
    if (status == SPIRAL_OK)
        status = spiral_output_create(path, &output, error);
    if (status != SPIRAL_OK)
        return status;
    status = write_all(results, output, error);
    if (status != SPIRAL_OK) {
        spiral_output_discard(output);
        return status;
    }
    return spiral_output_commit(output, error);
}

SpiralStatus spiral_sweep_results_open(SpiralSweepResults *results, const char *path, SpiralError *error)
{
    SpiralStatus status = spiral_output_create_log(path, 0, &results->output, error);
    if (status == SPIRAL_OK)
        status = write_all(results, results->output, error);
    return status == SPIRAL_OK ? spiral_output_flush(results->output, error) : status;
}

void spiral_sweep_results_add(SpiralSweepResults *results, size_t run, const SpiralSweepRow *row)
{
    SpiralSweepRow *added = &results->rows[run];
    free(added->reason);
    *added = *row;
    if (row->reason != NULL)
        added->reason = spiral_copy_bytes(row->reason, strlen(row->reason)); /* without memory: none */
    if (results->output != NULL)
        results->pending[results->pending_count++] = run;
}

static bool has_failed(const SpiralSweepResults *results, size_t setting)
{
    size_t seeds = results->plan->options.seeds;
    for (size_t run = setting * seeds; run < (setting + 1) * seeds; run++)
        if (results->rows[run].status == SPIRAL_SWEEP_FAILED)
            return true;
    return false;
}

void spiral_sweep_results_drop(SpiralSweepResults *results, size_t run)
{
    free(results->rows[run].reason);
    results->rows[run] = (SpiralSweepRow){0};
}

void spiral_sweep_results_drop_failed(SpiralSweepResults *results)
{
    const SpiralSweepPlan *plan = results->plan;
    size_t seeds = plan->options.seeds;
    for (size_t setting = plan->first; setting < plan->settings; setting++) {
        bool failed = has_failed(results, setting);
        for (size_t run = setting * seeds; failed && run < (setting + 1) * seeds; run++) {
            SpiralSweepStatus status = results->rows[run].status;
            if (status == SPIRAL_SWEEP_FAILED || status == SPIRAL_SWEEP_PRUNED)
                spiral_sweep_results_drop(results, run);
        }
    }
}

SpiralStatus spiral_sweep_results_flush(SpiralSweepResults *results, SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    if (results->output == NULL || results->pending_count == 0)
        return SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < results->pending_count; i++)
        status = write_row(results, results->pending[i], results->output, error);
    results->pending_count = 0;
    return status == SPIRAL_OK ? spiral_output_sync(results->output, error) : status;
}
