/* status_line.c: the live line of a sweep on a terminal. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"
#include "base/text.h"
#include "cli/sweep/internal.h"

static const double SECONDS_BETWEEN = 0.1;

void sweep_line_start(Sweep *sweep)
{
    SweepLine *line = &sweep->line;
    *line = (SweepLine){.on_terminal = terminal_can_redraw(STDERR_FILENO) && !sweep->settings->train.quiet,
                        .best = NAN,
                        .started = clock_seconds()};
    for (size_t run = 0; run < spiral_sweep_plan_runs(sweep->plan); run++) {
        line->total += spiral_sweep_plan_has(sweep->plan, run / sweep->plan->options.seeds);
        line->before += spiral_sweep_results_row(sweep->results, run)->status != SPIRAL_SWEEP_NONE;
    }
    line->total *= sweep->settings->refine + 1;
    line->done = line->before;
    sweep_line_draw(sweep);
}

/* Higher is better. */
static double measure_of(const Sweep *sweep, const SpiralSweepRow *row)
{
    bool validated = !isnan(row->validation_accuracy);
    if (sweep->settings->measure == SPIRAL_SWEEP_BY_LOSS)
        return -(validated ? row->validation_loss : row->data_loss);
    return validated ? row->validation_accuracy : row->accuracy;
}

static void describe_best(const Sweep *sweep, char *text, size_t size)
{
    const SweepLine *line = &sweep->line;
    text[0] = '\0';
    if (isnan(line->best))
        return;
    char *setting =
        sweep_describe(sweep, line->best_run / sweep->plan->options.seeds); /* quoted, so without control characters */
    bool by_loss = sweep->settings->measure == SPIRAL_SWEEP_BY_LOSS;
    const char *shown = setting != NULL ? setting : "";
    char best[SPIRAL_NUMBER_TEXT];
    if (by_loss)
        snprintf(best, sizeof best, "%.4f", fabs(line->best));
    else
        spiral_accuracy_print(line->best, 4, best);
    snprintf(text, size, ", best %s %s (%.*s)", by_loss ? "data loss" : "accuracy", best,
             SPIRAL_TEXT_CUT(shown, size - 64));
    free(setting);
}

void sweep_line_draw(Sweep *sweep)
{
    SweepLine *line = &sweep->line;
    double now = clock_seconds();
    if (!line->on_terminal || now < line->next)
        return;
    line->next = now + SECONDS_BETWEEN;
    line->drawn = true;
    char left[96] = "", failed[48] = "", best[256], text[512];
    size_t made = line->done - line->before;
    if (made > 0) {
        char time[64];
        progress_describe_time((now - line->started) * (double)(line->total - line->done) / (double)made, time,
                               sizeof time);
        snprintf(left, sizeof left, ", %s left", time);
    }
    describe_best(sweep, best, sizeof best);
    if (line->failed > 0)
        snprintf(failed, sizeof failed, ", %zu failed", line->failed);
    snprintf(text, sizeof text, "%zu of %zu runs%s, %zu running, %zu diverged%s%s", line->done, line->total, left,
             sweep->running, line->diverged, failed, best);
    size_t columns = terminal_columns(STDERR_FILENO) - 1; /* so that the next line overwrites all of this one */
    fprintf(stderr, "\r%.*s\033[K", (int)spiral_text_fit(text, columns), text);
    fflush(stderr);
}

void sweep_line_update(Sweep *sweep, size_t run, const SpiralSweepRow *row)
{
    SweepLine *line = &sweep->line;
    line->done++;
    line->diverged += row->status == SPIRAL_SWEEP_DIVERGED;
    line->failed += row->status == SPIRAL_SWEEP_FAILED;
    double measure = measure_of(sweep, row);
    bool counts = row->status == SPIRAL_SWEEP_OK || row->status == SPIRAL_SWEEP_STOPPED;
    if (counts && (isnan(line->best) || measure > line->best)) {
        line->best = measure;
        line->best_run = run;
    }
    if (line->done == line->total) /* always draw the last update */
        line->next = 0.0;
    sweep_line_draw(sweep);
}

void sweep_line_clear(Sweep *sweep)
{
    if (!sweep->line.drawn)
        return;
    fprintf(stderr, "\r\033[K");
    fflush(stderr);
    sweep->line.drawn = false;
}
