/* What is checked before OpenBLAS starts: once as this program starts, and again here, in children that have little
 * memory. */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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
    char *one[] = {"PATH=/bin", "OPENBLAS_NUM_THREADS=1", NULL}, *none[] = {"OMP_NUM_THREADS=x", NULL};
    assert_int_equal(check(RLIM_INFINITY, one, message), 0);
    assert_string_equal(message, "");
    assert_int_equal(check(RLIM_INFINITY, none, message), 0);
    assert_string_equal(message, "");
}

static void too_little_memory_is_said(void **state)
{
    (void)state;
    char message[512], *one[] = {"OPENBLAS_NUM_THREADS=1", NULL};
    assert_int_equal(check(64 * MEGABYTE, one, message), 5);
    assert_non_null(strstr(message, "spiral: error: OpenBLAS needs 200 MB of addresses for each core"));
    assert_non_null(strstr(message, "ulimit -v"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_for_one_thread_is_enough_for_one_thread),
        cmocka_unit_test(too_little_memory_is_said),
    };
    return cmocka_run_group_tests_name("early", tests, NULL, NULL);
}
