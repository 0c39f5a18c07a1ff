#define _XOPEN_SOURCE 700 /* setitimer */
#include "cli/process/interrupt.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/time.h>

#include "base/temporary.h"

/* Per second. Also used as a real number. */
#define MICROSECONDS 1000000

/* A signal handler takes no context argument. A signal may arrive in any thread that OpenBLAS has started. */
static volatile sig_atomic_t interrupted, timed_out;
static bool time_is_limited;

int interrupt_signal(void)
{
    return __atomic_load_n(&interrupted, __ATOMIC_RELAXED);
}

/* Does the signal say that a limit is near? It comes by itself, and more than once: SIGXCPU every second, SIGUSR1 to a
 * job's script, which passes it on, and to its programs. */
static bool announces_limit(int signal_number)
{
    return signal_number == SIGALRM || signal_number == SIGXCPU || signal_number == SIGUSR1 || signal_number == SIGUSR2;
}

/* As if there were no handler, but that nothing unfinished is left. The signal is blocked until the handler returns. */
static void end(int signal_number)
{
    spiral_temporary_remove_all();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

/* A second Ctrl-C ends the program at once. Another SIGTERM or SIGHUP does not: timeout sends its signal twice, to the
 * program and to its group, and a scheduler to a job's script and its programs. */
static void note(int signal_number)
{
    if (signal_number == SIGALRM && time_is_limited) {
        __atomic_store_n(&timed_out, 1, __ATOMIC_RELAXED);
        return;
    }
    int before = interrupt_signal();
    bool is_first = before == 0 || (announces_limit(before) && !announces_limit(signal_number));
    if (is_first)
        __atomic_store_n(&interrupted, signal_number, __ATOMIC_RELAXED);
    else if (signal_number == SIGINT)
        end(signal_number);
}

static void handle(int signal_number, void (*handler)(int))
{
    struct sigaction before, action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    if (sigaction(signal_number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(signal_number, &action, NULL);
}

static void handle_all(void (*handler)(int))
{
    static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGALRM, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++)
        handle(watched[i], handler);
}

void interrupt_start(void)
{
    handle_all(end);
    handle(SIGQUIT, end);
}

void interrupt_watch(void)
{
    handle_all(note);
}

const volatile sig_atomic_t *interrupt_flag(void)
{
    return &interrupted;
}

const volatile sig_atomic_t *interrupt_time_out_flag(void)
{
    return &timed_out;
}

SpiralStatus interrupt_set_time_limit(double seconds, SpiralError *error)
{
    if (seconds <= 0.0)
        return SPIRAL_OK;
    long long limit = (long long)ceil(seconds * MICROSECONDS); /* rounded up: 0 would mean no limit */
    struct itimerval timer = {
        .it_value = {.tv_sec = (time_t)(limit / MICROSECONDS), .tv_usec = (suseconds_t)(limit % MICROSECONDS)}};
    time_is_limited = true; /* before the alarm, which may come at once */
    if (setitimer(ITIMER_REAL, &timer, NULL) != 0)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "the time limit of %g s could not be set: %s",
                                seconds, strerror(errno));
    return SPIRAL_OK;
}
