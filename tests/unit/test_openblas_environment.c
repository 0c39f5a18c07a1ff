/* What is checked before OpenBLAS starts: once as this program starts, and again here, in children that have little
 * memory. */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cblas.h>
#include <cmocka.h>

/* Of the linker; hidden, since each library has its own. */
typedef void Early(int, char **, char **);
extern Early *__preinit_array_start[] __attribute__((visibility("hidden")));

enum { MEGABYTE = 1 << 20 };

/* The exit code of a child that may take so many bytes more than this program has; what it says is in message. */
static int check(rlim_t more, char *const environment[], char message[512])
{
    int ends[2], status = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {more, more};
        dup2(ends[1], STDERR_FILENO);
        setrlimit(RLIMIT_AS, &limit);
        __preinit_array_start[0](0, NULL, (char **)environment);
        _exit(0);
    }
    close(ends[1]);
    ssize_t size = read(ends[0], message, 511);
    message[size > 0 ? size : 0] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void memory_for_one_thread_is_enough_for_one_thread(void **state)
{
    (void)state;
    char message[512];
    char *environment[] = {"PATH=/bin", NULL};
    assert_int_equal(check(RLIM_INFINITY, environment, message), 0);
    assert_string_equal(message, "");
    assert_int_equal(check(1024 * MEGABYTE, environment, message), 0);
    assert_string_equal(message, "");
}

static void too_little_memory_is_said(void **state)
{
    (void)state;
    char message[512], *environment[] = {"PATH=/bin", NULL};
    assert_int_equal(check(64 * MEGABYTE, environment, message), 5);
    assert_non_null(strstr(message, "spiral: error: OpenBLAS needs 200 MB of addresses as the program starts"));
    assert_non_null(strstr(message, "ulimit -v"));
}

/* The line of a process's status that begins with name. */
static void read_status(pid_t process, const char *name, char line[512])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/status", (long)process);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    do
        assert_non_null(fgets(line, 512, file));
    while (strncmp(line, name, strlen(name)) != 0);
    fclose(file);
}

static void openblas_has_started_no_threads(void **state)
{
    (void)state;
    char line[512];
    if (access("/proc/self/status", R_OK) != 0)
        skip();
    assert_true(strlen(openblas_get_config()) > 0); /* it is there */
    read_status(getpid(), "Threads:", line);
    assert_string_equal(line, "Threads:\t1\n");
}

static void all_cores_are_there_after_it(void **state)
{
    (void)state;
    char ours[512], parents[512];
    if (access("/proc/self/status", R_OK) != 0)
        skip();
    read_status(getpid(), "Cpus_allowed_list:", ours);
    read_status(getppid(), "Cpus_allowed_list:", parents);
    assert_string_equal(ours, parents);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openblas_has_started_no_threads), /* first: OpenBLAS ends its threads before a fork */
        cmocka_unit_test(memory_for_one_thread_is_enough_for_one_thread),
        cmocka_unit_test(too_little_memory_is_said),
        cmocka_unit_test(all_cores_are_there_after_it),
    };
    return cmocka_run_group_tests_name("early", tests, NULL, NULL);
}
