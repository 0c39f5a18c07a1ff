/* interrupt.h: SIGINT, SIGTERM and SIGHUP as a flag, so that what was done is saved; a second one stops at once. */
#ifndef SPIRAL_CLI_INTERRUPT_H
#define SPIRAL_CLI_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

#include "spiral/status.h"

/* From now on the first signal is kept in the flag. A signal that was ignored at the start (nohup) stays ignored. */
void interrupt_watch(void);

/* 0, or the number of the signal that came; the flag is for the library, which reads it in its own threads. */
int interrupt_signal(void);
const volatile sig_atomic_t *interrupt_flag(void);

/* From now on so many seconds are left: SIGALRM comes when they have passed. 0: no limit. Errors: LIMIT. */
SpiralStatus interrupt_set_time_limit(double seconds, SpiralError *error);

/* Was it the alarm of the time limit? */
bool interrupt_is_time_limit(void);

#endif
