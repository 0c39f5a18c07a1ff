#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <cmocka.h>

#include "base/parallel.h"

enum { MOST_THREADS = 16 };

/* More threads than any machine's two, on purpose: they then take turns. */
static const size_t thread_counts[] = {1, 2, 3, MOST_THREADS};
enum { THREAD_COUNTS = sizeof thread_counts / sizeof thread_counts[0] };

/* Plain numbers, each written by its own thread alone and read between two runs: a run that ends early or starts late
 * is a race, which ThreadSanitizer sees even when the numbers come out right. */
typedef struct Count {
    size_t threads;
    unsigned run; /* set by the caller before each run */
    unsigned runs_of[MOST_THREADS];
    unsigned seen_by[MOST_THREADS];
} Count;

static void count_run(size_t thread, void *context)
{
    Count *count = context;
    assert_true(thread < count->threads);
    count->runs_of[thread]++;
    count->seen_by[thread] = count->run;
}

static void pause_for(long nanoseconds)
{
    const struct timespec pause = {.tv_nsec = nanoseconds};
    nanosleep(&pause, NULL);
}

static void run_and_check(SpiralPool *pool, Count *count)
{
    count->run++;
    spiral_pool_run(pool, count_run, count);
    for (size_t t = 0; t < MOST_THREADS; t++) {
        assert_int_equal(count->runs_of[t], t < count->threads ? count->run : 0);
        assert_int_equal(count->seen_by[t], t < count->threads ? count->run : 0);
    }
}

static SpiralPool *make_pool(size_t threads)
{
    SpiralPool *pool;
    assert_int_equal(spiral_pool_create(threads, &pool, NULL), SPIRAL_OK);
    assert_int_equal(spiral_pool_threads(pool), threads);
    return pool;
}

static void every_thread_runs_once_in_each_of_thousands_of_runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < THREAD_COUNTS; i++) {
        SpiralPool *pool = make_pool(thread_counts[i]);
        Count count = {.threads = thread_counts[i]};
        for (size_t run = 0; run < 3000; run++)
            run_and_check(pool, &count);
        spiral_pool_free(pool);
    }
}

static void threads_that_fell_asleep_wake_for_the_next_run(void **state)
{
    (void)state;
    for (size_t i = 0; i < THREAD_COUNTS; i++) {
        SpiralPool *pool = make_pool(thread_counts[i]);
        Count count = {.threads = thread_counts[i]};
        for (long run = 0; run < 60; run++) {
            run_and_check(pool, &count);
            pause_for(run % 4 == 0 ? 3000000 : run * 5000); /* long asleep, and about to fall asleep */
        }
        spiral_pool_free(pool);
    }
}

/* Each thread but the first is late in its turn, so that the caller is the one who waits, and sleeps. */
static void be_late(size_t thread, void *context)
{
    Count *count = context;
    if (thread > 0 && count->run % count->threads == thread)
        pause_for(2000000);
    count_run(thread, context);
}

static void the_caller_waits_for_the_slowest(void **state)
{
    (void)state;
    for (size_t i = 0; i < THREAD_COUNTS; i++) {
        SpiralPool *pool = make_pool(thread_counts[i]);
        Count count = {.threads = thread_counts[i]};
        while (count.run < 48) {
            count.run++;
            spiral_pool_run(pool, be_late, &count);
            for (size_t t = 0; t < count.threads; t++)
                assert_int_equal(count.seen_by[t], count.run);
        }
        spiral_pool_free(pool);
    }
}

static void pools_come_and_go_used_or_not(void **state)
{
    (void)state;
    for (size_t round = 0; round < 100; round++) {
        size_t threads = thread_counts[round % THREAD_COUNTS];
        SpiralPool *pool = make_pool(threads);
        Count count = {.threads = threads};
        for (size_t run = 0; run < round % 3; run++)
            run_and_check(pool, &count);
        spiral_pool_free(pool);
    }
    spiral_pool_free(NULL);
}

typedef struct Nested {
    Count inner[2]; /* of threads 0 and 1 of the outer pool */
} Nested;

static void run_a_pool_within(size_t thread, void *context)
{
    Nested *nested = context;
    nested->inner[thread].threads = 3;
    SpiralPool *pool = make_pool(3);
    for (size_t run = 0; run < 20; run++)
        run_and_check(pool, &nested->inner[thread]);
    spiral_pool_free(pool);
}

static void a_task_may_have_a_pool_of_its_own(void **state)
{
    (void)state;
    SpiralPool *pool = make_pool(2);
    for (size_t round = 0; round < 10; round++) {
        Nested nested = {0};
        spiral_pool_run(pool, run_a_pool_within, &nested);
        assert_int_equal(nested.inner[0].run, 20);
        assert_int_equal(nested.inner[1].run, 20);
    }
    spiral_pool_free(pool);
}

static void two_pools_take_turns(void **state)
{
    (void)state;
    SpiralPool *two = make_pool(2), *three = make_pool(3);
    Count count_two = {.threads = 2}, count_three = {.threads = 3};
    for (size_t run = 0; run < 300; run++) {
        run_and_check(two, &count_two);
        run_and_check(three, &count_three);
    }
    spiral_pool_free(two);
    spiral_pool_free(three);
}

static void a_pool_without_memory_is_an_error(void **state)
{
    (void)state;
    SpiralPool *pool = NULL;
    SpiralError error;
    assert_int_equal(spiral_pool_create(SIZE_MAX / 2, &pool, &error), SPIRAL_ERROR_LIMIT);
    assert_null(pool);
    assert_int_equal(error.status, SPIRAL_ERROR_LIMIT);
}

/* A sanitizer's own memory is all of the addresses. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static void threads_that_can_not_start_are_a_limit(void **state)
{
    (void)state;
    size_t pages = 0;
    struct rlimit before, few;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%zu", &pages), 1);
    fclose(file);
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    few = before;
    few.rlim_cur = (rlim_t)pages * 4096 + (64u << 20); /* the stacks of some threads, not of 1000 */
    SpiralPool *pool = NULL;
    SpiralError error;
    assert_int_equal(setrlimit(RLIMIT_AS, &few), 0);
    SpiralStatus status = spiral_pool_create(1000, &pool, &error);
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    assert_int_equal(status, SPIRAL_ERROR_LIMIT);
    assert_null(pool);
    assert_non_null(strstr(error.reason, "of 1000 could not be started"));
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_thread_runs_once_in_each_of_thousands_of_runs),
        cmocka_unit_test(threads_that_fell_asleep_wake_for_the_next_run),
        cmocka_unit_test(the_caller_waits_for_the_slowest),
        cmocka_unit_test(pools_come_and_go_used_or_not),
        cmocka_unit_test(a_task_may_have_a_pool_of_its_own),
        cmocka_unit_test(two_pools_take_turns),
        cmocka_unit_test(a_pool_without_memory_is_an_error),
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        cmocka_unit_test(threads_that_can_not_start_are_a_limit),
#endif
    };
    return cmocka_run_group_tests_name("parallel", tests, NULL, NULL);
}
