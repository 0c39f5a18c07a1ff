/* run.h: the state of a round's runs; run.c trains them, halving.c decides which continue. */
#ifndef SPIRAL_SWEEP_RUN_H
#define SPIRAL_SWEEP_RUN_H

#include "spiral/sweep.h"
#include "sweep/results.h"

typedef struct SpiralSweepEntry {
    SpiralSweepJob job;
    SpiralTrainer *trainer; /* NULL: not begun, or ended */
    SpiralTrainResult result;
    size_t iterations; /* that the run is to make; with prune known from the start */
    size_t pause;      /* of the next phase; 0: to the end */
    size_t reached;    /* the last iteration that it paused at */
    double cost;
} SpiralSweepEntry;

/* The runs first .. first + count - 1. Those that have a row have ended. */
typedef struct SpiralSweepRound {
    SpiralSweepResults *results;
    SpiralSweepMeasure measure;
    size_t first, count;
    SpiralSweepEntry *entries; /* (count) */
} SpiralSweepRound;

/* How often n settings can be cut to a third: floor(log_3 n). */
size_t spiral_halving_rungs(size_t settings);

/* The iterations, at least 1, that a run of `iterations` has done at rung 0..rungs-1. */
size_t spiral_halving_iterations(size_t iterations, size_t rungs, size_t rung);

/* Sets out[s] for the round's settings that do not continue beyond the rung, once all runs have reached it. Settings
 * that are out already are ignored. Errors: LIMIT. */
SpiralStatus spiral_halving_decide(const SpiralSweepRound *round, size_t rungs, size_t rung, bool *out,
                                   SpiralError *error);

#endif
