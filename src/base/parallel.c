#define _GNU_SOURCE /* sched_getaffinity */
#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* About 50 microseconds: longer than the gap between two passes of a training loop, and too short to matter. */
enum { SPINS = 20000 };

/* A worker's stack. By default it would be as large as the main thread's (ulimit -s). */
enum { STACK_BYTES = 1 << 20 };

typedef struct Worker {
    SpiralPool *pool;
    size_t index;
    pthread_t thread;
} Worker;

struct SpiralPool {
    size_t threads;
    size_t started; /* workers with a running thread; worker[0] is the caller and has none */
    unsigned spins;
    Worker *worker; /* (threads) */
    SpiralTask task;
    void *context;
    atomic_uint run;      /* number of the current run; changing it starts the workers */
    atomic_size_t busy;   /* workers that have not finished the current run */
    atomic_size_t asleep; /* workers waiting on `wake` */
    atomic_bool waiting;  /* the caller waits on `done` */
    bool quit;
    pthread_mutex_t mutex;
    pthread_cond_t wake, done;
};

size_t spiral_parallel_cores(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return count > 0 ? (size_t)count : 1;
}

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/* Waits until the run differs from seen; returns the new one. */
static unsigned await_run(SpiralPool *pool, unsigned seen)
{
    for (unsigned i = 0; i < pool->spins; i++) {
        unsigned run = atomic_load_explicit(&pool->run, memory_order_acquire);
        if (run != seen)
            return run;
        relax();
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->asleep, 1); /* before run is read again: the caller changes run first and then reads this */
    while (atomic_load(&pool->run) == seen)
        pthread_cond_wait(&pool->wake, &pool->mutex);
    atomic_fetch_sub(&pool->asleep, 1);
    pthread_mutex_unlock(&pool->mutex);
    return atomic_load(&pool->run);
}

static void *work(void *argument)
{
    Worker *worker = argument;
    SpiralPool *pool = worker->pool;
    unsigned seen = 0;
    for (;;) {
        seen = await_run(pool, seen);
        if (pool->quit)
            return NULL;
        pool->task(worker->index, pool->context);
        if (atomic_fetch_sub(&pool->busy, 1) == 1 && atomic_load(&pool->waiting)) {
            pthread_mutex_lock(&pool->mutex);
            pthread_cond_signal(&pool->done);
            pthread_mutex_unlock(&pool->mutex);
        }
    }
}

static void start_run(SpiralPool *pool)
{
    atomic_store(&pool->busy, pool->started);
    atomic_fetch_add(&pool->run, 1);
    if (atomic_load(&pool->asleep) > 0) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->mutex);
    }
}

static void await_workers(SpiralPool *pool)
{
    for (unsigned i = 0; i < pool->spins; i++) {
        if (atomic_load_explicit(&pool->busy, memory_order_acquire) == 0)
            return;
        relax();
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->waiting, true);
    while (atomic_load(&pool->busy) > 0)
        pthread_cond_wait(&pool->done, &pool->mutex);
    atomic_store(&pool->waiting, false);
    pthread_mutex_unlock(&pool->mutex);
}

void spiral_pool_run(SpiralPool *pool, SpiralTask task, void *context)
{
    if (pool->threads > 1) {
        pool->task = task;
        pool->context = context;
        start_run(pool);
    }
    task(0, context);
    if (pool->threads > 1)
        await_workers(pool);
}

size_t spiral_pool_threads(const SpiralPool *pool)
{
    return pool->threads;
}

/* The workers block all signals, so that the caller's thread gets them, except those that a thread causes itself. */
static SpiralStatus start_workers(SpiralPool *pool, SpiralError *error)
{
    sigset_t all, before;
    sigfillset(&all);
    static const int own[] = {SIGBUS, SIGFPE, SIGILL, SIGSEGV};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        sigdelset(&all, own[i]);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_t attributes;
    int failure = pthread_attr_init(&attributes);
    if (failure == 0) {
        failure = pthread_attr_setstacksize(&attributes, STACK_BYTES);
        for (size_t t = 1; t < pool->threads && failure == 0; t++) {
            pool->worker[t] = (Worker){.pool = pool, .index = t};
            failure = pthread_create(&pool->worker[t].thread, &attributes, work, &pool->worker[t]);
            if (failure == 0)
                pool->started++;
        }
        pthread_attr_destroy(&attributes);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure != 0)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "thread %zu of %zu could not be started: %s",
                                pool->started + 2, pool->threads, strerror(failure));
    return SPIRAL_OK;
}

SpiralStatus spiral_pool_create(size_t threads, SpiralPool **pool, SpiralError *error)
{
    *pool = NULL;
    SpiralPool *made = spiral_allocate(1, sizeof *made);
    Worker *worker = spiral_allocate(threads, sizeof *worker);
    if (made == NULL || worker == NULL) {
        free(made);
        free(worker);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for %zu threads", threads);
    }
    made->threads = threads;
    made->worker = worker;
    made->spins = threads <= spiral_parallel_cores() ? SPINS : 0;
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->wake, NULL);
    pthread_cond_init(&made->done, NULL);
    SpiralStatus status = start_workers(made, error);
    if (status != SPIRAL_OK) {
        spiral_pool_free(made);
        return status;
    }
    *pool = made;
    return SPIRAL_OK;
}

void spiral_pool_free(SpiralPool *pool)
{
    if (pool == NULL)
        return;
    pool->quit = true;
    start_run(pool);
    for (size_t t = 1; t <= pool->started; t++)
        pthread_join(pool->worker[t].thread, NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->worker);
    free(pool);
}

/* ---- flags ------------------------------------------------------------------------------------------------------- */

/* C11's atomic types cannot be used in a header that C++ includes. The compilers' own loads and stores take any int. */
bool spiral_flag_is_set(const volatile sig_atomic_t *flag)
{
    return flag != NULL && __atomic_load_n(flag, __ATOMIC_RELAXED) != 0;
}

/* ---- mutexes ----------------------------------------------------------------------------------------------------- */

struct SpiralLock {
    pthread_mutex_t mutex;
};

SpiralStatus spiral_lock_create(SpiralLock **lock, SpiralError *error)
{
    *lock = spiral_allocate(1, sizeof **lock);
    if (*lock == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for a lock");
    pthread_mutex_init(&(*lock)->mutex, NULL);
    return SPIRAL_OK;
}

void spiral_lock_free(SpiralLock *lock)
{
    if (lock == NULL)
        return;
    pthread_mutex_destroy(&lock->mutex);
    free(lock);
}

void spiral_lock_acquire(SpiralLock *lock)
{
    pthread_mutex_lock(&lock->mutex);
}

void spiral_lock_release(SpiralLock *lock)
{
    pthread_mutex_unlock(&lock->mutex);
}
