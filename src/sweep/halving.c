/* halving.c: successive halving, eta = 3 (Jamieson and Talwalkar, "Non-stochastic best arm identification and
 * hyperparameter optimization", 2016; the inner loop of Hyperband, Li, Jamieson, DeSalvo, Rostamizadeh and
 * Talwalkar, 2018).
 *
 * A sweep that was stopped and resumed must decide as if it had never stopped. For a run that has a row it is known
 * whether it continued, so the remaining places go to the best of the runs without one. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "sweep/run.h"

enum { ETA = 3 };

size_t spiral_halving_rungs(size_t settings)
{
    size_t rungs = 0;
    for (; settings >= ETA; settings /= ETA)
        rungs++;
    return rungs;
}

size_t spiral_halving_iterations(size_t iterations, size_t rungs, size_t rung)
{
    for (size_t i = rung; i < rungs; i++)
        iterations /= ETA;
    return iterations > 0 ? iterations : 1;
}

/* A setting at a rung. */
typedef struct Candidate {
    size_t setting; /* within the round */
    SpiralSweepMeasure measure;
    bool reached;          /* by at least one of its runs */
    bool lost;             /* at least one of them diverged or failed */
    bool went_on, ended;   /* known from a row */
    size_t runs;           /* without a row */
    double accuracy, loss; /* sums over them */
} Candidate;

static void count_row(const SpiralSweepRow *row, size_t rung, Candidate *candidate)
{
    bool reached = row->iterations >= rung;
    candidate->reached |= reached;
    candidate->lost |= row->status == SPIRAL_SWEEP_FAILED || (row->status == SPIRAL_SWEEP_DIVERGED && !reached);
    candidate->ended |= row->status == SPIRAL_SWEEP_PRUNED && row->iterations == rung;
    candidate->went_on |= reached && (row->status != SPIRAL_SWEEP_PRUNED || row->iterations > rung);
}

static void count_result(const SpiralTrainResult *result, Candidate *candidate)
{
    bool validated = !isnan(result->validation_accuracy);
    double loss = validated ? result->validation_loss : result->loss.data_loss;
    candidate->reached = true;
    candidate->runs++;
    candidate->accuracy += validated ? result->validation_accuracy : result->accuracy;
    candidate->loss += isfinite(loss) ? loss : INFINITY;
}

static Candidate make_candidate(const SpiralSweepRound *round, size_t setting, size_t rungs, size_t rung)
{
    size_t seeds = round->results->plan->options.seeds;
    Candidate candidate = {.setting = setting, .measure = round->measure};
    for (size_t i = setting * seeds; i < (setting + 1) * seeds; i++) {
        const SpiralSweepEntry *entry = &round->entries[i];
        const SpiralSweepRow *row = &round->results->rows[round->first + i];
        if (row->status == SPIRAL_SWEEP_NONE)
            count_result(&entry->result, &candidate);
        else
            count_row(row, spiral_halving_iterations(entry->iterations, rungs, rung), &candidate);
    }
    return candidate;
}

/* Best first. */
static int compare(const void *first, const void *second)
{
    const Candidate *a = first, *b = second;
    double runs_a = (double)a->runs, runs_b = (double)b->runs;
    double accuracy = b->accuracy / runs_b - a->accuracy / runs_a, loss = a->loss / runs_a - b->loss / runs_b;
    double order = a->measure == SPIRAL_SWEEP_BY_ACCURACY ? accuracy : loss;
    if (!(order > 0.0 || order < 0.0))
        order = a->measure == SPIRAL_SWEEP_BY_ACCURACY ? loss : accuracy;
    if (order > 0.0 || order < 0.0)
        return order > 0.0 ? 1 : -1;
    return a->setting < b->setting ? -1 : 1;
}

SpiralStatus spiral_halving_decide(const SpiralSweepRound *round, size_t rungs, size_t rung, bool *out,
                                   SpiralError *error)
{
    size_t settings = round->count / round->results->plan->options.seeds, open = 0, counted = 0, places = 0;
    Candidate *candidates = spiral_allocate(settings, sizeof *candidates);
    if (candidates == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to compare %zu settings", settings);
    for (size_t s = 0; s < settings; s++) {
        if (out[s])
            continue;
        Candidate candidate = make_candidate(round, s, rungs, rung);
        counted += candidate.reached;
        places += candidate.reached && candidate.went_on;
        out[s] = candidate.lost || candidate.ended;
        if (candidate.reached && !out[s] && !candidate.went_on)
            candidates[open++] = candidate;
    }
    size_t go_on = counted / ETA > 0 ? counted / ETA : 1;
    qsort(candidates, open, sizeof *candidates, compare);
    for (size_t i = go_on > places ? go_on - places : 0; i < open; i++)
        out[candidates[i].setting] = true;
    free(candidates);
    return SPIRAL_OK;
}
