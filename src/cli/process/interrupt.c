#define _POSIX_C_SOURCE 200809L
#include "cli/process/interrupt.h"

#include <stdbool.h>
#include <stddef.h>

#include "cli/process/terminal.h"

/* A signal handler can't be given a context. A signal may come to any thread that OpenBLAS has started. */
static volatile sig_atomic_t interrupted;

int interrupt_signal(void)
{
    return __atomic_load_n(&interrupted, __ATOMIC_RELAXED);
}

static void note(int signal_number)
{
    int before = interrupt_signal();
    if (before != 0 && (signal_number == SIGALRM || signal_number == SIGXCPU)) /* SIGXCPU comes every second */
        return;
    if (before != 0 && before != SIGALRM) { /* the second one: as if there were no handler */
        terminal_restore();
        signal(signal_number, SIG_DFL);
        raise(signal_number);
    }
    __atomic_store_n(&interrupted, signal_number, __ATOMIC_RELAXED);
}

void interrupt_watch(void)
{
    static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGALRM};
    struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
        struct sigaction before;
        if (sigaction(watched[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(watched[i], &action, NULL);
    }
}

const volatile sig_atomic_t *interrupt_flag(void)
{
    return &interrupted;
}

bool interrupt_is_time_limit(void)
{
    return interrupt_signal() == SIGALRM;
}
