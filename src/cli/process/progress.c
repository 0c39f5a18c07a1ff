#define _POSIX_C_SOURCE 200809L
#include "cli/process/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/process/terminal.h"

enum { LONGEST_BAR = 30, SHORTEST_BAR = 5, LINE_BYTES = 160 };
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
    bool drawn = !quiet && terminal_can_redraw(STDERR_FILENO);
    return (Progress){.on_terminal = drawn, .total = total, .started = now, .next = now + SECONDS_BETWEEN};
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

/* In at most that many columns: on a narrow terminal the bar is shorter, then it is left out, then the time is. */
static void describe(double share, double seconds_left, size_t columns, char line[LINE_BYTES])
{
    char percent[16], left[80], bar[LONGEST_BAR + 1];
    size_t percent_columns = (size_t)snprintf(percent, sizeof percent, "%3.0f %%", 100 * share);
    progress_describe_time(seconds_left, left, sizeof left);
    size_t text_columns = percent_columns + strlen("   left") + strlen(left);
    if (text_columns > columns) {
        snprintf(line, LINE_BYTES, "%s", percent_columns > columns ? "" : percent);
        return;
    }
    size_t room = columns - text_columns, cells = room > LONGEST_BAR ? LONGEST_BAR : room > 0 ? room - 1 : 0;
    for (size_t i = 0; i < cells; i++)
        bar[i] = i < (size_t)(share * (double)cells) ? '#' : '.';
    bar[cells] = '\0';
    snprintf(line, LINE_BYTES, "%s%s%s  %s left", cells >= SHORTEST_BAR ? bar : "", cells >= SHORTEST_BAR ? " " : "",
             percent, left);
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
    char line[LINE_BYTES];
    describe(share, (now - progress->started) * (1 - share) / share, terminal_columns(STDERR_FILENO) - 1, line);
    fprintf(stderr, "\r%s\033[K", line);
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
