/* run.h: runs the program in this process, over and over, in a scratch folder. */
#ifndef SPIRAL_TESTS_TORTURE_RUN_H
#define SPIRAL_TESTS_TORTURE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "fault.h"

typedef struct Run {
    int code;
    FaultReport faults;
    char messages[65536]; /* standard error */
    char output[65536];   /* standard output, as much of it as fits */
    size_t output_size;
    size_t descriptors, blocks; /* more than before */
} Run;

/* Runs the words of a command line, separated by single spaces, but for those between two RUN_QUOTE. */
#define RUN_QUOTE "\1"
void run_with(const char *line, const FaultPlan *plan, Run *run);

/* Does it end in one line that says what went wrong? Warnings may stand before it. */
bool run_has_sound_message(const Run *run);

/* The test itself, which run.c calls in the empty scratch folder, with what standard output was: that is the program's.
 * Returns the exit code. */
int test_main(FILE *report);

#endif
