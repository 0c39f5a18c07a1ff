/* parallel.h: a thread pool and a mutex. Only parallel.c uses pthread. */
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

/* A pool of `threads` threads (at least 1), of which the caller is thread 0. After a run the others spin briefly before
 * they sleep, so that a run that follows soon starts within a microsecond; with more threads than cores they sleep at
 * once. Errors: LIMIT. */
SpiralStatus spiral_pool_create(size_t threads, SpiralPool **pool, SpiralError *error);
void spiral_pool_free(SpiralPool *pool); /* accepts NULL */
size_t spiral_pool_threads(const SpiralPool *pool);

/* Runs task on every thread at the same time; returns when all are done. */
void spiral_pool_run(SpiralPool *pool, SpiralTask task, void *context);

/* ---- flags ------------------------------------------------------------------------------------------------------- */

/* Is *flag other than 0? A signal handler or another thread sets it by an atomic store. flag may be NULL. */
bool spiral_flag_is_set(const volatile sig_atomic_t *flag);

/* ---- mutexes ----------------------------------------------------------------------------------------------------- */

/* A mutex. */
typedef struct SpiralLock SpiralLock;

SpiralStatus spiral_lock_create(SpiralLock **lock, SpiralError *error); /* Errors: LIMIT */
void spiral_lock_free(SpiralLock *lock);                                /* accepts NULL */
void spiral_lock_acquire(SpiralLock *lock);
void spiral_lock_release(SpiralLock *lock);

#endif
