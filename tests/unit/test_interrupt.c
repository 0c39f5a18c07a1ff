/* Signals that end a training: the first is noted, and a second Ctrl-C is as if nobody watched. */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/temporary.h"
#include "cli/process/interrupt.h"
#include "spiral/output.h"

/* A thread that waits for the end of its process. */
enum { WAITS = 42 };

int __wrap_pause(void);
int __wrap_pause(void)
{
    _exit(WAITS);
}

/* What becomes of a child that gets the signals, one after the other: its wait status. */
static int send(const int *signals, size_t count, double time_limit)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        SpiralError error;
        interrupt_watch();
        if (interrupt_set_time_limit(time_limit, &error) != SPIRAL_OK)
            _exit(255);
        for (size_t i = 0; i < count; i++)
            raise(signals[i]);
        _exit(interrupt_signal() + (*interrupt_time_out_flag() != 0 ? 100 : 0));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void assert_exits(const int *signals, size_t count, int code)
{
    int status = send(signals, count, 0.0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), code);
}

static void assert_dies(const int *signals, size_t count, int signal_number)
{
    int status = send(signals, count, 0.0);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), signal_number);
}

static void the_first_is_noted(void **state)
{
    (void)state;
    assert_exits(NULL, 0, 0);
    assert_exits((const int[]){SIGINT}, 1, SIGINT);
    assert_exits((const int[]){SIGHUP}, 1, SIGHUP);
    assert_exits((const int[]){SIGALRM}, 1, SIGALRM);
    assert_exits((const int[]){SIGUSR1}, 1, SIGUSR1); /* Slurm's --signal, Grid Engine's -notify, LSF */
    assert_exits((const int[]){SIGUSR2}, 1, SIGUSR2);
}

static void an_alarm_is_the_time_limit_when_there_is_one(void **state)
{
    (void)state;
    int status = send((const int[]){SIGALRM}, 1, 3600.0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 100);
    status = send((const int[]){SIGALRM, SIGINT}, 2, 3600.0); /* and then Ctrl-C */
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 100 + SIGINT);
}

static void a_second_ctrl_c_ends_the_program(void **state)
{
    (void)state;
    assert_dies((const int[]){SIGINT, SIGINT}, 2, SIGINT);
    assert_dies((const int[]){SIGTERM, SIGINT}, 2, SIGINT);
}

static void a_second_sigterm_belongs_to_the_first(void **state)
{
    (void)state;
    assert_exits((const int[]){SIGTERM, SIGTERM}, 2, SIGTERM); /* timeout: to the program and to its group */
    assert_exits((const int[]){SIGHUP, SIGTERM, SIGHUP}, 3, SIGHUP);
    assert_exits((const int[]){SIGINT, SIGTERM}, 2, SIGINT);
}

static void what_comes_by_itself_does_not_count_as_the_second(void **state)
{
    (void)state;
    assert_exits((const int[]){SIGINT, SIGALRM, SIGXCPU}, 3, SIGINT);
    assert_exits((const int[]){SIGXCPU, SIGXCPU}, 2, SIGXCPU);
    assert_exits((const int[]){SIGUSR1, SIGUSR1}, 2, SIGUSR1);          /* from Slurm, and from the job's script */
    assert_exits((const int[]){SIGUSR2, SIGUSR1, SIGTERM}, 3, SIGTERM); /* announced, and then the limit itself */
    assert_exits((const int[]){SIGTERM, SIGUSR2}, 2, SIGTERM);
    assert_exits((const int[]){SIGUSR1, SIGTERM, SIGTERM}, 3, SIGTERM);
    assert_dies((const int[]){SIGUSR1, SIGTERM, SIGINT}, 3, SIGINT);
}

static void what_was_ignored_stays_ignored(void **state)
{
    (void)state;
    signal(SIGHUP, SIG_IGN);
    assert_exits((const int[]){SIGHUP}, 1, 0);
    signal(SIGHUP, SIG_DFL);
}

/* A child that has an unfinished file gets signals, of which the last ends it: is the file gone? */
static void assert_removes(void (*prepare)(void), const int *signals, size_t count)
{
    int status = 0;
    char path[64];
    pid_t child = fork();
    if (child == 0) {
        SpiralOutput *output;
        prepare();
        if (spiral_output_create("interrupted.csv", &output, NULL) != SPIRAL_OK)
            _exit(255);
        snprintf(path, sizeof path, ".interrupted.csv.%ld-0.tmp", (long)getpid());
        if (access(path, F_OK) != 0)
            _exit(254);
        for (size_t i = 0; i < count; i++)
            raise(signals[i]);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), signals[count - 1]);
    snprintf(path, sizeof path, ".interrupted.csv.%ld-0.tmp", (long)child);
    assert_int_equal(access(path, F_OK), -1);
}

static void nothing_unfinished_is_left(void **state)
{
    (void)state;
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU, SIGUSR1};
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++)
        assert_removes(interrupt_start, &ending[i], 1);
    assert_removes(interrupt_watch, (const int[]){SIGTERM, SIGINT}, 2);
}

/* What a child comes to whose files another thread removes, since a signal ends the process: its exit code. The file is
 * begun before, if at all. */
static int write_at_end(bool begun)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        SpiralOutput *output;
        if (begun && spiral_output_create("interrupted.csv", &output, NULL) != SPIRAL_OK)
            _exit(255);
        spiral_temporary_remove_all();
        if (!begun && spiral_output_create("interrupted.csv", &output, NULL) != SPIRAL_OK)
            _exit(254);
        _exit((int)spiral_output_commit(output, NULL));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    char path[64];
    snprintf(path, sizeof path, ".interrupted.csv.%ld-0.tmp", (long)child);
    assert_int_equal(unlink(path), -1);
    assert_int_equal(unlink("interrupted.csv"), -1);
    return WEXITSTATUS(status);
}

static void a_thread_does_not_report_that_its_file_is_gone(void **state)
{
    (void)state;
    assert_int_equal(write_at_end(true), WAITS);
}

static void a_thread_makes_no_file_that_would_stay(void **state)
{
    (void)state;
    assert_int_equal(write_at_end(false), WAITS);
}

/* Files of others, whose names are like ours, stay. */
static void only_own_unfinished_files_are_removed(void **state)
{
    (void)state;
    long own = (long)getpid();
    char names[6][64];
    int files[6];
    snprintf(names[0], sizeof names[0], ".a.%ld-0.tmp", own);
    snprintf(names[1], sizeof names[1], ".a.%ld-0.tmp", own + 1);
    snprintf(names[2], sizeof names[2], "a.%ld-0.tmp", own);
    snprintf(names[3], sizeof names[3], ".a.%ld-0.csv", own);
    snprintf(names[4], sizeof names[4], ".a.1%ld-0.tmp", own);
    snprintf(names[5], sizeof names[5], ".%ld-0.tmp", own);
    for (size_t i = 0; i < 6; i++)
        files[i] = open(names[i], O_WRONLY | O_CREAT, 0666);
    spiral_temporary_remove_all();
    for (size_t i = 0; i < 6; i++) {
        assert_true(files[i] >= 0);
        assert_int_equal(unlink(names[i]), i == 0 ? -1 : 0);
        close(files[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_is_noted),
        cmocka_unit_test(an_alarm_is_the_time_limit_when_there_is_one),
        cmocka_unit_test(a_second_ctrl_c_ends_the_program),
        cmocka_unit_test(a_second_sigterm_belongs_to_the_first),
        cmocka_unit_test(what_comes_by_itself_does_not_count_as_the_second),
        cmocka_unit_test(what_was_ignored_stays_ignored),
        cmocka_unit_test(nothing_unfinished_is_left),
        cmocka_unit_test(a_thread_does_not_report_that_its_file_is_gone),
        cmocka_unit_test(a_thread_makes_no_file_that_would_stay),
        cmocka_unit_test(only_own_unfinished_files_are_removed),
    };
    for (const int *watched = (const int[]){SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU, SIGALRM, SIGUSR1, SIGUSR2, 0};
         *watched != 0; watched++)
        signal(*watched, SIG_DFL); /* whatever it was for who started this: a script in the background ignores SIGINT */
    return cmocka_run_group_tests_name("interrupt", tests, NULL, NULL);
}
