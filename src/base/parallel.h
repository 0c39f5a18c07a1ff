/* parallel.h: a pool of threads that run one task together, over and over, and a lock. The only file that knows
 * pthread. */
#ifndef SPIRAL_BASE_PARALLEL_H
#define SPIRAL_BASE_PARALLEL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "spiral/status.h"

typedef struct SpiralPool SpiralPool;

/* thread is 0 .. threads-1. */
typedef void (*SpiralTask)(size_t thread, void *context);

/* The cores this process may run on, at least 1. */
size_t spiral_parallel_cores(void);

/* A pool of `threads` threads (at least 1), the caller being thread 0. Between two runs the others spin briefly,
 * then sleep, so that a run that follows soon starts within a microsecond; with more threads than cores they sleep
 * at once. Errors: LIMIT. */
SpiralStatus spiral_pool_create(size_t threads, SpiralPool **pool, SpiralError *error);
void spiral_pool_free(SpiralPool *pool); /* accepts NULL */
size_t spiral_pool_threads(const SpiralPool *pool);

/* Runs task on every thread at the same time; returns when all are done. */
void spiral_pool_run(SpiralPool *pool, SpiralTask task, void *context);

/* ---- flags ------------------------------------------------------------------------------------------------------- */

/* Is it anything but 0? A signal handler, in whatever thread it runs, or another thread sets it by an atomic store. May
 * be NULL. */
bool spiral_flag_is_set(const volatile sig_atomic_t *flag);

/* ---- taking turns ------------------------------------------------------------------------------------------------ */

/* What one thread at a time may hold. */
typedef struct SpiralLock SpiralLock;

SpiralStatus spiral_lock_create(SpiralLock **lock, SpiralError *error); /* Errors: LIMIT */
void spiral_lock_free(SpiralLock *lock);                                /* accepts NULL */
void spiral_lock_acquire(SpiralLock *lock);
void spiral_lock_release(SpiralLock *lock);

#endif
