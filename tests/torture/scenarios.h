/* scenarios.h: what is run with every call failing in its turn. */
#ifndef SPIRAL_TESTS_TORTURE_SCENARIOS_H
#define SPIRAL_TESTS_TORTURE_SCENARIOS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Scenario {
    const char *name;
    bool deep;     /* too long for every day: then each place once, see torture.c */
    bool terminal; /* standard error is one */
    /* or NULL: the path and the content of each file that no command makes; ends with NULL */
    const char *const *texts;
    const char *const *before; /* command lines that make what it reads; ends with NULL */
    const char *const *old;    /* files that it is to replace, there with other content; ends with NULL */
    const char *const *cut;    /* or NULL: files that lose their last line, as when a run was killed; ends with NULL */
    const char *command;
    int code; /* its exit code without faults */
} Scenario;

extern const Scenario scenarios[];
extern const size_t scenario_count;

#endif
