/* hooks.c: what a sweep does for each run: makes its data and network, collects its records, and saves its files. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/output_folder.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/process/interrupt.h"
#include "cli/sweep/internal.h"

/* A row of the log, kept in memory until it is known whether the run is kept. */
typedef struct LogRow {
    SpiralTrainRecord record;
    double seconds;
} LogRow;

typedef struct RunState {
    SweepRun run;
    SweepData *data;
    double started;
    size_t row_count, row_capacity;
    LogRow *rows;             /* (row_capacity) empty when no files are kept */
    SpiralTrainLayer *layers; /* (row_capacity, layers) */
    size_t stride;            /* log rows per point of the curve */
    size_t seen, point_count;
    double points[SPIRAL_SWEEP_CURVE_POINTS][3];
} RunState;

static void tick(void *context)
{
    sweep_line_draw(context);
}

static double clock_of_hooks(void *context)
{
    (void)context;
    return clock_seconds();
}

static SpiralStatus cost_of_run(size_t run, double *cost, void *context, SpiralError *error)
{
    Sweep *sweep = context;
    SweepRun *made = cli_allocate(1, sizeof *made);
    SpiralStatus status = made == NULL ? cli_no_memory(error) : sweep_run_make(sweep, run, made, error);
    if (status == SPIRAL_OK) {
        const TrainSettings *train = &made->train;
        const OptionSizes *hidden = &train->run.model.hidden;
        double updates = train->epochs > 0 ? (double)train->epochs : (double)train->run.training.iterations;
        double units = 1.0;
        for (size_t l = 0; l < hidden->count; l++)
            units += (double)hidden->values[l] * (l > 0 ? (double)hidden->values[l - 1] : 1.0);
        size_t batch = train->epochs > 0 ? 0 : train->run.training.batch_size;
        double rows = (double)(train->run.data.generate.points_per_class * train->run.data.generate.classes);
        if (batch > 0 && (double)batch < rows)
            rows = (double)batch;
        *cost = updates * rows * units;
    }
    free(made);
    return status;
}

/* ---- before a run ------------------------------------------------------------------------------------------------ */

static SpiralStatus prepare(SpiralSweepJob *job, void *context, SpiralError *error)
{
    Sweep *sweep = context;
    RunState *state = cli_allocate(1, sizeof *state);
    if (state == NULL)
        return cli_no_memory(error);
    job->own = state;
    SpiralStatus status = sweep_run_make(sweep, job->run, &state->run, error);
    if (status == SPIRAL_OK)
        status = sweep_take_data(sweep, &state->run.train, &state->data, error);
    if (status == SPIRAL_OK)
        status = train_make_network(&state->run.train, &state->data->data, true, &job->network, error);
    if (status == SPIRAL_OK)
        status = train_options(&state->run.train, state->data->data.dataset, &job->options, error);
    if (status != SPIRAL_OK)
        return status;
    job->dataset = state->data->data.dataset;
    job->validation = state->data->data.validation;
    size_t rows = job->options.iterations / job->options.record_every + 1;
    state->stride = rows / SPIRAL_SWEEP_CURVE_POINTS + 1;
    state->started = clock_seconds();
    sweep->running++;
    return SPIRAL_OK;
}

static void release(SpiralSweepJob *job, void *context)
{
    Sweep *sweep = context;
    RunState *state = job->own;
    if (state == NULL)
        return;
    if (state->started > 0.0)
        sweep->running--;
    sweep_give_back(state->data);
    free(state->rows);
    free(state->layers);
    free(state);
    spiral_network_free(job->network);
    job->network = NULL;
    job->own = NULL;
}

/* ---- during a run ------------------------------------------------------------------------------------------------ */

static SpiralStatus make_room(RunState *state, size_t layers, SpiralError *error)
{
    if (state->row_count < state->row_capacity)
        return SPIRAL_OK;
    size_t capacity = state->row_capacity == 0 ? 256 : 2 * state->row_capacity;
    LogRow *rows = spiral_reallocate(state->rows, capacity, sizeof *rows);
    if (rows != NULL)
        state->rows = rows;
    SpiralTrainLayer *grown = spiral_reallocate(state->layers, capacity, layers * sizeof *grown);
    if (grown != NULL)
        state->layers = grown;
    if (rows == NULL || grown == NULL)
        return cli_no_memory(error);
    state->row_capacity = capacity;
    return SPIRAL_OK;
}

static SpiralStatus record_row(SpiralSweepJob *job, const SpiralTrainRecord *record, void *context, SpiralError *error)
{
    Sweep *sweep = context;
    RunState *state = job->own;
    if (state->seen++ % state->stride == 0 && state->point_count < SPIRAL_SWEEP_CURVE_POINTS) {
        double *point = state->points[state->point_count++];
        point[0] = (double)record->iteration;
        point[1] = record->loss;
        point[2] = record->validation_loss;
    }
    if (sweep->settings->keep_best == 0)
        return SPIRAL_OK;
    size_t layers = record->layer_count;
    SpiralStatus status = make_room(state, layers, error);
    if (status != SPIRAL_OK)
        return status;
    memcpy(state->layers + state->row_count * layers, record->layers, layers * sizeof *record->layers);
    state->rows[state->row_count++] = (LogRow){*record, clock_seconds() - state->started};
    return SPIRAL_OK;
}

/* ---- after a run ------------------------------------------------------------------------------------------------- */

char *sweep_run_path(const Sweep *sweep, size_t run, const char *name)
{
    char text[64];
    snprintf(text, sizeof text, "runs/%04zu%s%s", run, name != NULL ? "/" : "", name != NULL ? name : "");
    return cli_join(sweep->folder, text);
}

static SpiralStatus write_log_line(SpiralOutput *output, const SpiralLossLogLayout *layout,
                                   const SpiralTrainRecord *record, double seconds, SpiralError *error)
{
    char text[SPIRAL_LOG_LINE_LIMIT];
    size_t length;
    SpiralStatus status = spiral_loss_log_line(layout, record, seconds, text, &length, error);
    return status == SPIRAL_OK ? spiral_output_write(output, text, length, error) : status;
}

static SpiralStatus write_log(const SpiralSweepJob *job, const char *path, SpiralError *error)
{
    const RunState *state = job->own;
    const SpiralLossLogLayout layout = {.format = SPIRAL_LOSS_LOG_CSV,
                                        .validation = job->validation != NULL,
                                        .network = job->network,
                                        .epoch = spiral_train_epoch(&job->options, job->dataset->rows)};
    SpiralOutput *output;
    SpiralStatus status = spiral_output_create(path, &output, error);
    if (status != SPIRAL_OK)
        return status;
    spiral_output_defer(output);
    status = write_log_line(output, &layout, NULL, 0.0, error);
    for (size_t i = 0; status == SPIRAL_OK && i < state->row_count; i++) {
        SpiralTrainRecord record = state->rows[i].record;
        record.layers = state->layers + i * record.layer_count;
        status = write_log_line(output, &layout, &record, state->rows[i].seconds, error);
    }
    if (status != SPIRAL_OK) {
        spiral_output_discard(output);
        return status;
    }
    return spiral_output_commit(output, error);
}

/* A run that diverges immediately may have no finite parameters to keep. */
static bool is_finite(const SpiralNetwork *network)
{
    for (size_t i = 0; i < network->parameter_count; i++)
        if (!isfinite(network->parameters[i]))
            return false;
    return true;
}

static SpiralStatus write_model(const SpiralNetwork *network, const char *path, SpiralError *error)
{
    SpiralOutput *output;
    SpiralStatus status = spiral_output_create(path, &output, error);
    if (status != SPIRAL_OK)
        return status;
    spiral_output_defer(output);
    status = spiral_network_write(network, output, error);
    if (status == SPIRAL_OK)
        return spiral_output_commit(output, error);
    spiral_output_discard(output);
    return status;
}

static const char *const run_files[] = {"model.npz", "loss.csv", NULL};

SpiralStatus sweep_make_run_folder(const Sweep *sweep, size_t run, SpiralError *error)
{
    char *folder = sweep_run_path(sweep, run, NULL);
    SpiralStatus status = folder == NULL ? cli_no_memory(error) : spiral_output_subfolder(folder, error);
    if (status == SPIRAL_OK)
        status = spiral_output_clear(folder, run_files, error);
    free(folder);
    return status;
}

static SpiralStatus save_files(Sweep *sweep, const SpiralSweepJob *job, SpiralError *error)
{
    char *model = sweep_run_path(sweep, job->run, "model.npz"), *log = sweep_run_path(sweep, job->run, "loss.csv");
    SpiralStatus status = model == NULL || log == NULL ? cli_no_memory(error) : SPIRAL_OK;
    if (status == SPIRAL_OK)
        status = sweep_make_run_folder(sweep, job->run, error);
    if (status == SPIRAL_OK && is_finite(job->network))
        status = write_model(job->network, model, error);
    if (status == SPIRAL_OK)
        status = write_log(job, log, error);
    free(model);
    free(log);
    return status;
}

SpiralStatus sweep_remove_run(const Sweep *sweep, size_t run, SpiralError *error)
{
    char *folder = sweep_run_path(sweep, run, NULL);
    bool there = false;
    SpiralStatus status = folder == NULL ? cli_no_memory(error) : spiral_output_folder_check(folder, error);
    if (status == SPIRAL_OK)
        status = cli_find_folder(folder, &there, error);
    if (there) {
        status = spiral_output_clear(folder, run_files, error);
        for (size_t i = 0; status == SPIRAL_OK && run_files[i] != NULL; i++)
            status = files_remove(folder, run_files[i], NULL, error);
        if (status == SPIRAL_OK)
            status = files_remove_folder(folder, NULL, error);
    }
    free(folder);
    return status;
}

SpiralStatus sweep_drop_files(Sweep *sweep, bool all, SpiralError *error)
{
    size_t seeds = sweep->plan->options.seeds, most = sweep->settings->keep_best, count;
    if (!all && (most == SIZE_MAX || sweep->files_count < 2 * most || sweep->files_count == 0))
        return SPIRAL_OK;
    SpiralSweepScore *scores;
    SpiralStatus status = spiral_sweep_ranking(sweep->results, sweep->settings->measure, &scores, &count, error);
    size_t place = 0; /* among the settings whose runs are all done: the others may still improve, by --resume */
    for (size_t i = 0; status == SPIRAL_OK && i < count; i++) {
        if ((!all && scores[i].runs < seeds) || scores[i].failed > 0)
            continue;
        size_t setting = scores[i].setting;
        if (place++ < most || setting >= sweep->files_capacity || !sweep->has_files[setting])
            continue;
        for (size_t run = setting * seeds; status == SPIRAL_OK && run < (setting + 1) * seeds; run++)
            status = sweep_remove_run(sweep, run, error);
        sweep->has_files[setting] = false;
        sweep->files_count--;
    }
    free(scores);
    return status;
}

static SpiralStatus note_files(Sweep *sweep, size_t setting, SpiralError *error)
{
    if (sweep->plan->settings > sweep->files_capacity) {
        bool *grown = realloc(sweep->has_files, sweep->plan->settings * sizeof *grown);
        if (grown == NULL)
            return cli_no_memory(error);
        memset(grown + sweep->files_capacity, 0, (sweep->plan->settings - sweep->files_capacity) * sizeof *grown);
        sweep->has_files = grown;
        sweep->files_capacity = sweep->plan->settings;
    }
    sweep->files_count += !sweep->has_files[setting];
    sweep->has_files[setting] = true;
    return SPIRAL_OK;
}

static SpiralStatus add_curve(Sweep *sweep, const SpiralSweepJob *job, const SpiralSweepRow *row, SpiralError *error)
{
    RunState *state = job->own;
    if (state->point_count == SPIRAL_SWEEP_CURVE_POINTS)
        state->point_count--;
    double last = state->point_count > 0 ? state->points[state->point_count - 1][0] : -1.0;
    if (last < (double)row->iterations) {
        double *point = state->points[state->point_count++];
        point[0] = (double)row->iterations;
        point[1] = row->loss;
        point[2] = row->validation_loss;
    }
    return spiral_sweep_curves_add(&sweep->curves, job->run, state->point_count, (const double(*)[3])state->points,
                                   error);
}

static SpiralStatus finish(SpiralSweepJob *job, const SpiralSweepRow *row, void *context, SpiralError *error)
{
    Sweep *sweep = context;
    SpiralStatus status = SPIRAL_OK;
    if (row->status == SPIRAL_SWEEP_FAILED) {
        if (sweep->settings->keep_best > 0) /* what it had saved before it failed */
            status = sweep_remove_run(sweep, job->run, error);
        if (status == SPIRAL_OK)
            sweep_line_update(sweep, job->run, row);
        return status;
    }
    sweep->causes[job->cause] += row->status == SPIRAL_SWEEP_DIVERGED;
    if (sweep->settings->keep_best > 0) {
        status = save_files(sweep, job, error);
        if (status == SPIRAL_OK)
            status = note_files(sweep, job->run / sweep->plan->options.seeds, error);
    }
    if (status == SPIRAL_OK)
        status = add_curve(sweep, job, row, error);
    if (status == SPIRAL_OK)
        sweep_line_update(sweep, job->run, row);
    return status;
}

/* Invariants: when a row is on disk, so are its curve and its files. Files are removed only after the rows that rule
 * them out are on disk. */
static SpiralStatus settle(void *context, SpiralError *error)
{
    Sweep *sweep = context;
    SpiralStatus status = spiral_output_settle(sweep->folder, error);
    if (status == SPIRAL_OK)
        status = spiral_sweep_results_flush(sweep->results, error);
    return status == SPIRAL_OK ? sweep_drop_files(sweep, false, error) : status;
}

/* Runs that were done before have left their files. Those of a run without a row, which was killed, are removed. */
SpiralStatus sweep_find_files(Sweep *sweep, SpiralError *error)
{
    char *runs = cli_join(sweep->folder, "runs");
    bool there = false;
    SpiralStatus status = runs == NULL ? cli_no_memory(error) : cli_find_folder(runs, &there, error);
    size_t count = there ? spiral_sweep_plan_runs(sweep->plan) : 0;
    free(runs);
    for (size_t run = 0; status == SPIRAL_OK && run < count; run++) {
        if (spiral_sweep_results_row(sweep->results, run)->status == SPIRAL_SWEEP_NONE) {
            status = sweep->settings->resume ? sweep_remove_run(sweep, run, error) : SPIRAL_OK;
            continue;
        }
        char *path = sweep_run_path(sweep, run, NULL);
        if (path == NULL)
            return cli_no_memory(error);
        status = cli_find_folder(path, &there, error);
        if (there)
            status = note_files(sweep, run / sweep->plan->options.seeds, error);
        free(path);
    }
    return status;
}

/* ---- what is missing of runs that have rows ---------------------------------------------------------------------- */

bool sweep_lacks_curve(const Sweep *sweep, size_t run)
{
    const SpiralSweepCurves *curves = &sweep->curves;
    const SpiralSweepRow *row = spiral_sweep_results_row(sweep->results, run);
    bool drawn = row->status != SPIRAL_SWEEP_NONE && row->status != SPIRAL_SWEEP_FAILED && isfinite(row->loss);
    return drawn && (run >= curves->count || curves->curves[run].count == 0);
}

bool sweep_keeps_file(const SpiralSweepRow *row, const char *name)
{
    if (row->status == SPIRAL_SWEEP_NONE || row->status == SPIRAL_SWEEP_FAILED)
        return false;
    return row->status != SPIRAL_SWEEP_DIVERGED || strcmp(name, "model.npz") != 0;
}

/* Is the model that of the run? One that can't be read is refused: the disk may be at fault. */
static SpiralStatus look_into_model(Sweep *sweep, size_t run, const char *path, bool *lacks, SpiralError *error)
{
    SpiralNetwork *model;
    SpiralStatus status = spiral_network_load(path, &model, error);
    if (status != SPIRAL_OK) {
        const SpiralError found = *error;
        return spiral_error_set(error, status, path, 0, "%s; remove it, and --resume trains the run again",
                                found.reason);
    }
    status = sweep_match_model(sweep, run, model, path, error);
    spiral_network_free(model);
    if (status != SPIRAL_ERROR_INPUT)
        return status;
    *lacks = true;
    return SPIRAL_OK;
}

static SpiralStatus look_for_file(Sweep *sweep, size_t run, const char *name, bool *lacks, SpiralError *error)
{
    struct stat file;
    if (*lacks || !sweep_keeps_file(spiral_sweep_results_row(sweep->results, run), name))
        return SPIRAL_OK;
    char *path = sweep_run_path(sweep, run, name);
    SpiralStatus status = path == NULL ? cli_no_memory(error) : SPIRAL_OK;
    if (path != NULL && (lstat(path, &file) != 0 || (S_ISREG(file.st_mode) && file.st_size == 0)))
        *lacks = true;
    else if (path != NULL && S_ISREG(file.st_mode) && strcmp(name, "model.npz") == 0)
        status = look_into_model(sweep, run, path, lacks, error);
    free(path);
    return status;
}

/* Drops the run's row, and counts it, if its curve is missing, or a file of a setting that is kept. */
static SpiralStatus drop_if_incomplete(Sweep *sweep, size_t run, bool kept, size_t *dropped, SpiralError *error)
{
    bool lacks = sweep_lacks_curve(sweep, run);
    SpiralStatus status = SPIRAL_OK;
    if (kept)
        status = look_for_file(sweep, run, "model.npz", &lacks, error);
    if (status == SPIRAL_OK && kept)
        status = look_for_file(sweep, run, "loss.csv", &lacks, error);
    if (status != SPIRAL_OK || !lacks)
        return status;
    if (run < sweep->plan->first * sweep->plan->options.seeds) /* later rounds were made from this one */
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, sweep->folder, 0,
                                "lacks the curve, the model or the log of run %zu, of a round before the last: remove "
                                "its row from results.csv, and --resume continues with that round",
                                run);
    spiral_sweep_results_drop(sweep->results, run);
    ++*dropped;
    return SPIRAL_OK;
}

SpiralStatus sweep_drop_incomplete(Sweep *sweep, SpiralError *error)
{
    size_t seeds = sweep->plan->options.seeds, most = sweep->settings->keep_best, count, place = 0, dropped = 0;
    SpiralSweepScore *scores;
    SpiralStatus status = spiral_sweep_ranking(sweep->results, sweep->settings->measure, &scores, &count, error);
    for (size_t i = 0; status == SPIRAL_OK && i < count; i++) {
        bool placed = scores[i].runs == seeds && scores[i].failed == 0; /* as in sweep_drop_files */
        bool kept = most > 0 && (!placed || place++ < most);
        for (size_t run = scores[i].setting * seeds; status == SPIRAL_OK && run < (scores[i].setting + 1) * seeds;
             run++)
            status = drop_if_incomplete(sweep, run, kept, &dropped, error);
    }
    if (status == SPIRAL_OK && dropped > 0)
        cli_warn(sweep->folder, "lacks curves, models or logs of %zu run%s in results.csv: trained again", dropped,
                 dropped == 1 ? "" : "s");
    free(scores);
    return status;
}

SpiralStatus sweep_remove_temporaries(const Sweep *sweep, SpiralError *error)
{
    static const char *const names[] = {"sweep.json", "results.csv", "curves.csv", "summary.json",
                                        "*.png",      "*.svg",       NULL};
    return spiral_output_clear(sweep->folder, names, error);
}

SpiralSweepHooks sweep_hooks(Sweep *sweep)
{
    return (SpiralSweepHooks){.cost = cost_of_run,
                              .prepare = prepare,
                              .record = record_row,
                              .finish = finish,
                              .settle = settle,
                              .release = release,
                              .tick = tick,
                              .clock = clock_of_hooks,
                              .context = sweep,
                              .interrupt = interrupt_flag()};
}
