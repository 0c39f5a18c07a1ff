/* results.h: the rows of a sweep, and their text. */
#ifndef SPIRAL_SWEEP_RESULTS_H
#define SPIRAL_SWEEP_RESULTS_H

#include "data/csv_reader.h"
#include "spiral/output.h"
#include "spiral/sweep.h"

/* The columns are run, one for each axis (by its name, with _ for -), seed, status, iterations, these, reason and
 * seconds. */
#define SPIRAL_SWEEP_NUMBER_COLUMNS(X) X(loss) X(data_loss) X(accuracy) X(validation_loss) X(validation_accuracy)

struct SpiralSweepResults {
    SpiralSweepPlan *plan;
    size_t capacity;
    SpiralSweepRow *rows; /* (capacity) those of the plan's runs and no others may have a status */
    SpiralOutput *output; /* NULL: not open */
    size_t *pending;      /* (capacity) runs whose rows are to be appended to it */
    size_t pending_count;
};

/* Room for all runs of the plan. Errors: LIMIT. */
SpiralStatus spiral_sweep_results_grow(SpiralSweepResults *results, SpiralError *error);

/* Counts the complete lines of a file positioned at its start, and rewinds it: a killed sweep may have left part of a
 * line. Errors: INPUT. */
SpiralStatus spiral_sweep_count_lines(int descriptor, const char *path, size_t *lines, SpiralError *error);

/* The record's field at column as a whole number. Errors: INPUT. */
SpiralStatus spiral_sweep_read_size(const SpiralCsvReader *reader, size_t column, size_t *value, SpiralError *error);

/* Is it empty without validation data? */
bool spiral_sweep_column_is_optional(const char *name);

#endif
