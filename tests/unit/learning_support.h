/* learning_support.h: the arrays of fixtures/learning.txt, and the records of a training. Include after cmocka.h. */
#ifndef SPIRAL_TESTS_LEARNING_SUPPORT_H
#define SPIRAL_TESTS_LEARNING_SUPPORT_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "spiral/trainer.h"

enum { MOST_VALUES = 256, MOST_RECORDS = 128, MOST_LAYERS = 3 };

/* The array called name, made by fixtures/make_learning.py. Returns how many values it has. */
static inline size_t read_learning(const char *name, double values[MOST_VALUES])
{
    char found[64] = "";
    size_t count = 0;
    FILE *file = fopen("fixtures/learning.txt", "r");
    assert_non_null(file);
    while (strcmp(found, name) != 0) {
        if (fscanf(file, "%63s %zu", found, &count) != 2)
            fail_msg("%s is not in the fixture", name);
        assert_in_range(count, 1, MOST_VALUES);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(fscanf(file, "%lf", &values[i]), 1);
    }
    fclose(file);
    return count;
}

static inline void assert_learning(const char *name, size_t count, const double *found, double tolerance)
{
    double expected[MOST_VALUES];
    assert_int_equal(read_learning(name, expected), count);
    for (size_t i = 0; i < count; i++)
        if (!(fabs(found[i] - expected[i]) <= tolerance * fmax(1.0, fabs(expected[i]))))
            fail_msg("%s[%zu] is %.17g, expected %.17g", name, i, found[i], expected[i]);
}

/* Every record of a training, and where to set an interrupt. */
typedef struct Seen {
    size_t count;
    SpiralTrainRecord record[MOST_RECORDS]; /* their layers are below */
    SpiralTrainLayer layer[MOST_RECORDS][MOST_LAYERS];
    volatile sig_atomic_t interrupt; /* set when this iteration was recorded: */
    size_t interrupt_after;          /* 0: never */
} Seen;

static inline SpiralStatus see(const SpiralTrainRecord *record, void *context, SpiralError *error)
{
    (void)error;
    Seen *seen = context;
    assert_in_range(seen->count, 0, MOST_RECORDS - 1);
    memcpy(seen->layer[seen->count], record->layers, record->layer_count * sizeof *record->layers);
    seen->record[seen->count] = *record;
    seen->record[seen->count++].layers = NULL;
    if (seen->interrupt_after > 0 && record->iteration == seen->interrupt_after)
        seen->interrupt = 1;
    return SPIRAL_OK;
}

/* The bits of the records from iteration first on are those of the others. */
static inline void assert_same_records(const Seen *found, const Seen *expected, size_t first)
{
    size_t skip = 0;
    while (skip < expected->count && expected->record[skip].iteration < first)
        skip++;
    assert_in_range(found->count, 1, expected->count - skip);
    for (size_t i = 0; i < found->count; i++) {
        assert_int_equal(found->record[i].iteration, expected->record[skip + i].iteration);
        assert_memory_equal(&found->record[i], &expected->record[skip + i], sizeof found->record[i]);
        assert_memory_equal(found->layer[i], expected->layer[skip + i],
                            found->record[i].layer_count * sizeof found->layer[i][0]);
    }
}

#endif
