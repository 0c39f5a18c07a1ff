#define _POSIX_C_SOURCE 200809L
#include "cli/process/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define BAR_CELLS 30
static const double SECONDS_BETWEEN = 0.1;

double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

Progress progress_start(size_t total, bool quiet)
{
    double now = clock_seconds();
    bool terminal = isatty(STDERR_FILENO) == 1;
    return (Progress){.on_terminal = terminal && !quiet, .total = total, .started = now, .next = now + SECONDS_BETWEEN};
}

void progress_describe_time(double seconds, char *text, size_t size)
{
    unsigned long whole = seconds < 1e9 ? (unsigned long)(seconds + 0.5) : 1000000000ul;
    if (whole >= 3600)
        snprintf(text, size, "%lu h %02lu min", whole / 3600, whole / 60 % 60);
    else if (whole >= 60)
        snprintf(text, size, "%lu min %02lu s", whole / 60, whole % 60);
    else
        snprintf(text, size, "%lu s", whole);
}

void progress_update(Progress *progress, size_t done)
{
    if (!progress->on_terminal || done == 0)
        return;
    double now = clock_seconds();
    if (now < progress->next)
        return;
    progress->next = now + SECONDS_BETWEEN;
    progress->drawn = true;
    double share = (double)done / (double)progress->total;
    char left[64], bar[BAR_CELLS + 1];
    progress_describe_time((now - progress->started) * (1 - share) / share, left, sizeof left);
    for (int i = 0; i < BAR_CELLS; i++)
        bar[i] = i < (int)(share * BAR_CELLS) ? '#' : '.';
    bar[BAR_CELLS] = '\0';
    fprintf(stderr, "\r%s %3.0f %%  %s left\033[K", bar, 100 * share, left);
    fflush(stderr);
}

void progress_clear(Progress *progress)
{
    if (!progress->drawn)
        return;
    fprintf(stderr, "\r\033[K");
    fflush(stderr);
    progress->drawn = false;
}
