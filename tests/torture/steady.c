/* steady.c: an iteration of a training allocates nothing, and its row of the log is written with many others: as many
 * calls in 300 iterations as in 1500, whatever is trained, but for the writes of a full buffer of the log. */
#include <stdio.h>
#include <string.h>

#include "run.h"

#define TRAINING                                                                                                       \
    "train -q --no-figures --threads 1 --log-every 1 --print-every 1000000 --out out --points-per-class 20 "

static const char *const trainings[] = {
    TRAINING "--model linear",
    TRAINING "--hidden 100",
    TRAINING "--hidden 9,8 --products blas",
    TRAINING "--hidden 20,20 --activation tanh --optimizer adam --batch-size 7 --dropout 0.2 --max-grad-norm 1",
    TRAINING "--hidden 5 --log-format jsonl --validation 0.2 --patience 100000 --l1 0.001",
};

/* A row takes at most 400 bytes, and the log's buffer holds 65536; it is flushed each second, too. */
static size_t most_writes(size_t rows)
{
    return rows * 400 / 65536 + 3;
}

static FaultReport calls_of(const char *training, size_t iterations, FILE *report, size_t *wrong)
{
    static Run run;
    static const FaultPlan nothing;
    char line[1024];
    snprintf(line, sizeof line, "%s --iterations %zu", training, iterations);
    run_with(line, &nothing, &run);
    if (run.code != 0) {
        ++*wrong;
        fprintf(report, "WRONG: %s: exit code %d, %s", line, run.code, run.messages);
    }
    return run.faults;
}

int test_main(FILE *report)
{
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof trainings / sizeof trainings[0]; i++) {
        calls_of(trainings[i], 300, report, &wrong); /* so that the others find the same files in the folder */
        const FaultReport few = calls_of(trainings[i], 300, report, &wrong);
        const FaultReport many = calls_of(trainings[i], 1500, report, &wrong);
        wrong += few.calls[FAULT_MEMORY] == 0 || few.calls[FAULT_WRITE] == 0;
        for (size_t call = 0; call < FAULT_CALLS; call++) {
            size_t allowed = few.calls[call] + (call == FAULT_WRITE ? most_writes(1200) : 0);
            if (many.calls[call] <= allowed)
                continue;
            wrong++;
            fprintf(report, "WRONG: %s: %zu calls of %s in 300 iterations, %zu in 1500\n", trainings[i],
                    few.calls[call], fault_call_names[call], many.calls[call]);
        }
    }
    fprintf(report, "%zu wrong\n", wrong);
    return wrong > 0;
}
