/* progress.h: a progress bar with the time left, on standard error when that is a terminal. */
#ifndef SPIRAL_CLI_PROGRESS_H
#define SPIRAL_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Progress {
    bool on_terminal, drawn;
    size_t total;
    double started, next; /* monotonic time in seconds; next: when to draw again */
} Progress;

/* Seconds on the monotonic clock. */
double clock_seconds(void);

/* "12 s", "3 min 05 s", "1 h 02 min" */
void progress_describe_time(double seconds, char *text, size_t size);

/* quiet: never draw. */
Progress progress_start(size_t total, bool quiet);

/* Draws, at most ten times a second. */
void progress_update(Progress *progress, size_t done);

/* Removes the bar, so that a line can be printed. */
void progress_clear(Progress *progress);

#endif
