/* sweep_line.c: the live line of a sweep on a terminal. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/sweep.h"

static const double SECONDS_BETWEEN = 0.1;

void sweep_line_start(Sweep *sweep)
{
    SweepLine *line = &sweep->line;
    *line = (SweepLine){.on_terminal = isatty(STDERR_FILENO) == 1 && !sweep->settings->train.quiet, .best = NAN,
                        .started = clock_seconds()};
    for (size_t run = 0; run < spiral_sweep_plan_runs(sweep->plan); run++) {
        line->total += spiral_sweep_plan_has(sweep->plan, run / sweep->plan->options.seeds);
        line->before += spiral_sweep_results_row(sweep->results, run)->status != SPIRAL_SWEEP_NONE;
    }
    line->total *= sweep->settings->refine + 1;
    line->done = line->before;
}

/* Higher is better. */
static double measure_of(const Sweep *sweep, const SpiralSweepRow *row)
{
    bool validated = !isnan(row->validation_accuracy);
    if (sweep->settings->measure == SPIRAL_SWEEP_BY_LOSS)
        return -(validated ? row->validation_loss : row->data_loss);
    return validated ? row->validation_accuracy : row->accuracy;
}

static void draw(const Sweep *sweep)
{
    const SweepLine *line = &sweep->line;
    char left[64] = "", best[256] = "";
    double elapsed = clock_seconds() - line->started, made = (double)(line->done - line->before);
    progress_describe_time(elapsed * (double)(line->total - line->done) / made, left, sizeof left);
    if (!isnan(line->best)) {
        char *setting = sweep_describe(sweep, line->best_run / sweep->plan->options.seeds);
        bool by_loss = sweep->settings->measure == SPIRAL_SWEEP_BY_LOSS;
        snprintf(best, sizeof best, ", best %s %.4f (%.100s)", by_loss ? "loss" : "accuracy", fabs(line->best),
                 setting != NULL ? setting : "");
        free(setting);
    }
    fprintf(stderr, "\r%zu of %zu runs, %zu running, %zu diverged%s, %s left\033[K", line->done, line->total,
            sweep->running - 1, line->diverged, best, left);
    fflush(stderr);
}

void sweep_line_update(Sweep *sweep, size_t run, const SpiralSweepRow *row)
{
    SweepLine *line = &sweep->line;
    line->done++;
    line->diverged += row->status == SPIRAL_SWEEP_DIVERGED;
    double measure = measure_of(sweep, row);
    bool counts = row->status == SPIRAL_SWEEP_OK || row->status == SPIRAL_SWEEP_STOPPED;
    if (counts && (isnan(line->best) || measure > line->best)) {
        line->best = measure;
        line->best_run = run;
    }
    double now = clock_seconds();
    if (!line->on_terminal || now < line->next)
        return;
    line->next = now + SECONDS_BETWEEN;
    line->drawn = true;
    draw(sweep);
}

void sweep_line_clear(Sweep *sweep)
{
    if (!sweep->line.drawn)
        return;
    fprintf(stderr, "\r\033[K");
    fflush(stderr);
    sweep->line.drawn = false;
}
