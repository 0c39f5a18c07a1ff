/* run.h: the runs of a round while they go on; run.c trains them, halving.c says which go on. */
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

/* How often a third of n settings goes on: floor(log_3 n). */
size_t spiral_halving_rungs(size_t settings);

/* What a run of `iterations` has made when it is compared for the rung-th time (from 0) of `rungs`. At least 1. */
size_t spiral_halving_iterations(size_t iterations, size_t rungs, size_t rung);

/* Sets out[s] of the round's settings that do not go on beyond the rung, when all runs have come to it. Settings
 * that are out already are not looked at. Errors: LIMIT. */
SpiralStatus spiral_halving_decide(const SpiralSweepRound *round, size_t rungs, size_t rung, bool *out,
                                   SpiralError *error);

#endif
