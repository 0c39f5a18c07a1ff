/* halving.c: successive halving, eta = 3 (Jamieson and Talwalkar, "Non-stochastic best arm identification and
 * hyperparameter optimization", 2016; the inner loop of Hyperband, Li, Jamieson, DeSalvo, Rostamizadeh and
 * Talwalkar, 2018).
 *
 * A sweep that was stopped and taken up must decide as one that never was. Of a run that has a row it is known
 * whether it went on, so the places that are left are for the best of those without. */
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
typedef struct Contestant {
    size_t setting; /* within the round */
    SpiralSweepMeasure measure;
    bool reached;          /* by any of its runs */
    bool diverged;         /* with any of them */
    bool went_on, ended;   /* there is a row that tells */
    size_t runs;           /* that have no row */
    double accuracy, loss; /* sums over them */
} Contestant;

static void look_at_row(const SpiralSweepRow *row, size_t rung, Contestant *contestant)
{
    bool reached = row->iterations >= rung;
    contestant->reached |= reached;
    contestant->diverged |= row->status == SPIRAL_SWEEP_DIVERGED && !reached;
    contestant->ended |= row->status == SPIRAL_SWEEP_PRUNED && row->iterations == rung;
    contestant->went_on |= reached && (row->status != SPIRAL_SWEEP_PRUNED || row->iterations > rung);
}

static void look_at_result(const SpiralTrainResult *result, Contestant *contestant)
{
    bool validated = !isnan(result->validation_accuracy);
    double loss = validated ? result->validation_loss : result->loss.data_loss;
    contestant->reached = true;
    contestant->runs++;
    contestant->accuracy += validated ? result->validation_accuracy : result->accuracy;
    contestant->loss += isfinite(loss) ? loss : INFINITY;
}

static Contestant look_at(const SpiralSweepRound *round, size_t setting, size_t rungs, size_t rung)
{
    size_t seeds = round->results->plan->options.seeds;
    Contestant contestant = {.setting = setting, .measure = round->measure};
    for (size_t i = setting * seeds; i < (setting + 1) * seeds; i++) {
        const SpiralSweepEntry *entry = &round->entries[i];
        const SpiralSweepRow *row = &round->results->rows[round->first + i];
        if (row->status == SPIRAL_SWEEP_NONE)
            look_at_result(&entry->result, &contestant);
        else
            look_at_row(row, spiral_halving_iterations(entry->iterations, rungs, rung), &contestant);
    }
    return contestant;
}

/* The better first. */
static int compare(const void *first, const void *second)
{
    const Contestant *a = first, *b = second;
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
    Contestant *contestants = spiral_allocate(settings, sizeof *contestants);
    if (contestants == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to compare %zu settings", settings);
    for (size_t s = 0; s < settings; s++) {
        if (out[s])
            continue;
        Contestant contestant = look_at(round, s, rungs, rung);
        counted += contestant.reached;
        places += contestant.reached && contestant.went_on;
        out[s] = contestant.diverged || contestant.ended;
        if (contestant.reached && !out[s] && !contestant.went_on)
            contestants[open++] = contestant;
    }
    size_t go_on = counted / ETA > 0 ? counted / ETA : 1;
    qsort(contestants, open, sizeof *contestants, compare);
    for (size_t i = go_on > places ? go_on - places : 0; i < open; i++)
        out[contestants[i].setting] = true;
    free(contestants);
    return SPIRAL_OK;
}
