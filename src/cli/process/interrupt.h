/* interrupt.h: SIGINT, SIGTERM, SIGHUP, and the signals by which batch systems announce a limit (SIGXCPU, SIGUSR1,
 * SIGUSR2) set a flag, so that work so far can be saved. A second signal stops at once, unless one of the two
 * announces a limit. */
#ifndef SPIRAL_CLI_INTERRUPT_H
#define SPIRAL_CLI_INTERRUPT_H

#include <signal.h>

#include "spiral/status.h"

/* From now on a signal ends the process as it does by default, and unfinished files are removed. A signal that was
 * ignored at the start (nohup) stays ignored, here and below. */
void interrupt_start(void);

/* From now on the first signal is stored in the flag. */
void interrupt_watch(void);

/* 0, or the number of the signal received. The flag is for the library, which reads it in its own threads. */
int interrupt_signal(void);
const volatile sig_atomic_t *interrupt_flag(void);

/* Starts a time limit in seconds: when they have passed, the flag is set. 0 means no limit. Errors: LIMIT. */
SpiralStatus interrupt_set_time_limit(double seconds, SpiralError *error);
const volatile sig_atomic_t *interrupt_time_out_flag(void);

#endif
