/* ranking.c: orders the settings, best first. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/scale.h"
#include "sweep/results.h"

static bool is_measured(const SpiralSweepRow *row)
{
    return row->status != SPIRAL_SWEEP_NONE && row->status != SPIRAL_SWEEP_FAILED;
}

static double measured_accuracy(const SpiralSweepRow *row)
{
    return isnan(row->validation_accuracy) ? row->accuracy : row->validation_accuracy;
}

/* A loss that is not finite is worse than any finite one. */
static double measured_loss(const SpiralSweepRow *row)
{
    double loss = isnan(row->validation_accuracy) ? row->data_loss : row->validation_loss;
    return isfinite(loss) ? loss : INFINITY;
}

/* The sample deviation; 0 for a single value, and where the mean is not finite. */
static double deviation(size_t count, double squares)
{
    return count > 1 && isfinite(squares) ? sqrt(squares / (double)(count - 1)) : 0.0;
}

/* A power of two that scales the setting's losses so that they can be added up and squared. */
static double loss_scale(const SpiralSweepResults *results, size_t first, size_t end)
{
    double largest = 0.0;
    for (size_t run = first; run < end; run++)
        if (is_measured(&results->rows[run]))
            largest = fmax(largest, fabs(measured_loss(&results->rows[run])));
    return spiral_scale_for(largest);
}

SpiralSweepScore spiral_sweep_score(const SpiralSweepResults *results, size_t setting)
{
    size_t seeds = results->plan->options.seeds, first = setting * seeds;
    SpiralSweepScore score = {.setting = setting, .iterations = SIZE_MAX};
    double scale = loss_scale(results, first, first + seeds);
    for (size_t run = first; run < first + seeds; run++) {
        const SpiralSweepRow *row = &results->rows[run];
        if (row->status == SPIRAL_SWEEP_NONE)
            continue;
        score.runs++;
        score.diverged += row->status == SPIRAL_SWEEP_DIVERGED;
        score.failed += row->status == SPIRAL_SWEEP_FAILED;
        score.pruned += row->status == SPIRAL_SWEEP_PRUNED;
        if (row->status == SPIRAL_SWEEP_FAILED)
            continue;
        score.accuracy += measured_accuracy(row);
        score.loss += scale * measured_loss(row);
        if (row->iterations < score.iterations)
            score.iterations = row->iterations;
    }
    size_t measured = score.runs - score.failed;
    if (measured == 0) {
        score.loss = INFINITY;
        return score;
    }
    score.accuracy /= (double)measured;
    score.loss /= (double)measured;
    double accuracy_squares = 0.0, loss_squares = 0.0;
    for (size_t run = first; run < first + seeds; run++) {
        const SpiralSweepRow *row = &results->rows[run];
        if (!is_measured(row))
            continue;
        accuracy_squares += pow(measured_accuracy(row) - score.accuracy, 2.0);
        loss_squares += pow(scale * measured_loss(row) - score.loss, 2.0);
    }
    score.accuracy_deviation = deviation(measured, accuracy_squares);
    score.loss_deviation = deviation(measured, loss_squares) / scale;
    score.loss /= scale;
    return score;
}

bool spiral_sweep_score_is_sound(const SpiralSweepScore *score)
{
    return score->diverged == 0 && score->failed == 0;
}

/* ---- order ------------------------------------------------------------------------------------------------------- */

/* Negative if a is better. */
static int compare_sizes(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int compare_numbers(double a, double b)
{
    return (a > b) - (a < b);
}

static int compare_scores(const SpiralSweepScore *a, const SpiralSweepScore *b, SpiralSweepMeasure measure)
{
    int order = compare_sizes(a->failed > 0, b->failed > 0);
    if (order == 0)
        order = compare_sizes(a->diverged > 0, b->diverged > 0);
    if (order == 0)
        order = compare_sizes(a->pruned > 0, b->pruned > 0);
    if (order == 0 && a->pruned > 0)
        order = compare_sizes(b->iterations, a->iterations);
    int by_accuracy = compare_numbers(b->accuracy, a->accuracy), by_loss = compare_numbers(a->loss, b->loss);
    if (order == 0)
        order = measure == SPIRAL_SWEEP_BY_ACCURACY ? by_accuracy : by_loss;
    if (order == 0)
        order = measure == SPIRAL_SWEEP_BY_ACCURACY ? by_loss : by_accuracy;
    return order != 0 ? order : compare_sizes(a->setting, b->setting);
}

static int compare_by_accuracy(const void *a, const void *b)
{
    return compare_scores(a, b, SPIRAL_SWEEP_BY_ACCURACY);
}

static int compare_by_loss(const void *a, const void *b)
{
    return compare_scores(a, b, SPIRAL_SWEEP_BY_LOSS);
}

SpiralStatus spiral_sweep_ranking(const SpiralSweepResults *results, SpiralSweepMeasure measure,
                                  SpiralSweepScore **scores, size_t *count, SpiralError *error)
{
    const SpiralSweepPlan *plan = results->plan;
    *count = 0;
    *scores = spiral_allocate(plan->settings, sizeof **scores);
    if (*scores == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the ranking of %zu settings",
                                plan->settings);
    for (size_t s = 0; s < plan->settings; s++) {
        SpiralSweepScore score = spiral_sweep_score(results, s);
        if (score.runs > 0)
            (*scores)[(*count)++] = score;
    }
    qsort(*scores, *count, sizeof **scores,
          measure == SPIRAL_SWEEP_BY_ACCURACY ? compare_by_accuracy : compare_by_loss);
    return SPIRAL_OK;
}

size_t spiral_sweep_best_run(const SpiralSweepResults *results, SpiralSweepMeasure measure, size_t setting)
{
    size_t seeds = results->plan->options.seeds, first = setting * seeds, best = first;
    SpiralSweepScore least = {.failed = 2};
    for (size_t run = first; run < first + seeds; run++) {
        const SpiralSweepRow *row = &results->rows[run];
        SpiralSweepScore score = {.setting = run,
                                  .diverged = row->status == SPIRAL_SWEEP_DIVERGED,
                                  .failed = row->status == SPIRAL_SWEEP_FAILED,
                                  .pruned = row->status == SPIRAL_SWEEP_PRUNED,
                                  .iterations = row->iterations,
                                  .accuracy = measured_accuracy(row),
                                  .loss = measured_loss(row)};
        if (row->status != SPIRAL_SWEEP_NONE && (least.failed == 2 || compare_scores(&score, &least, measure) < 0)) {
            least = score;
            best = run;
        }
    }
    return best;
}
