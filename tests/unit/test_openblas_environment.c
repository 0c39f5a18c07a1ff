/* What is checked before OpenBLAS starts: once as this program starts, and again here, in children that have little
 * memory. */
#define _GNU_SOURCE /* sched_getaffinity */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
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

/* In place of the system's cores, when simulated, by the linker's --wrap. */
static struct {
    bool simulated;
    int get, set; /* what the calls return */
    cpu_set_t cores, taken;
    size_t calls; /* to set them */
} machine;

int __real_sched_getaffinity(pid_t process, size_t size, cpu_set_t *cores);
int __wrap_sched_getaffinity(pid_t process, size_t size, cpu_set_t *cores);
int __wrap_sched_getaffinity(pid_t process, size_t size, cpu_set_t *cores)
{
    if (!machine.simulated)
        return __real_sched_getaffinity(process, size, cores);
    errno = EINVAL;
    *cores = machine.cores;
    return machine.get;
}

int __real_sched_setaffinity(pid_t process, size_t size, const cpu_set_t *cores);
int __wrap_sched_setaffinity(pid_t process, size_t size, const cpu_set_t *cores);
int __wrap_sched_setaffinity(pid_t process, size_t size, const cpu_set_t *cores)
{
    if (!machine.simulated)
        return __real_sched_setaffinity(process, size, cores);
    errno = EPERM;
    machine.taken = *cores;
    machine.calls++;
    return machine.set;
}

static void simulate(int get, int set)
{
    machine.simulated = true;
    machine.get = get;
    machine.set = set;
    machine.calls = 0;
    CPU_ZERO(&machine.taken);
    CPU_ZERO(&machine.cores);
    CPU_SET(5, &machine.cores);
    CPU_SET(7, &machine.cores);
}

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

static void the_first_core_of_the_process_is_taken(void **state)
{
    (void)state;
    simulate(0, 0);
    __preinit_array_start[0](0, NULL, NULL);
    machine.simulated = false;
    assert_int_equal(machine.calls, 1);
    assert_int_equal(CPU_COUNT(&machine.taken), 1);
    assert_true(CPU_ISSET(5, &machine.taken));
}

/* Where its core can't be chosen, OpenBLAS has a thread for each of both, and each needs 200 MB. */
static void cores_that_can_not_be_chosen_need_memory_each(void **state)
{
    (void)state;
    char message[512], *environment[] = {"PATH=/bin", NULL};
    simulate(0, -1);
    int enough_for_one = check(400 * MEGABYTE, environment, message);
    int enough = check(1024 * MEGABYTE, environment, message);
    simulate(-1, 0); /* more cores than a set has: OpenBLAS sees as many as it can, and one is reckoned with */
    int unknown = check(400 * MEGABYTE, environment, message);
    machine.simulated = false;
    assert_int_equal(enough_for_one, 5);
    assert_int_equal(enough, 0);
    assert_int_equal(unknown, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openblas_has_started_no_threads), /* first: OpenBLAS ends its threads before a fork */
        cmocka_unit_test(memory_for_one_thread_is_enough_for_one_thread),
        cmocka_unit_test(too_little_memory_is_said),
        cmocka_unit_test(all_cores_are_there_after_it),
        cmocka_unit_test(the_first_core_of_the_process_is_taken),
        cmocka_unit_test(cores_that_can_not_be_chosen_need_memory_each),
    };
    return cmocka_run_group_tests_name("early", tests, NULL, NULL);
}
