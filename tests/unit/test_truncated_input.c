/* A mapped file that is cut while two threads are in it: one of them says so, once, and the program ends. The
 * linker's --wrap holds the first one's message until the second one is in the handler too. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/process/truncated_input.h"
#include "spiral/status.h"

enum { PATIENCE = 60 }; /* seconds after which a child is ended */

static atomic_bool second_waits;

int __real_pause(void);
int __wrap_pause(void);
int __wrap_pause(void)
{
    atomic_store(&second_waits, true);
    return __real_pause();
}

ssize_t __real_write(int descriptor, const void *bytes, size_t size);
ssize_t __wrap_write(int descriptor, const void *bytes, size_t size);
ssize_t __wrap_write(int descriptor, const void *bytes, size_t size)
{
    while (!atomic_load(&second_waits))
        sched_yield();
    return __real_write(descriptor, bytes, size);
}

/* What is read is given back: a read that nothing depends on is left out by valgrind. */
static void *look(void *mapped)
{
    const volatile char *byte = mapped;
    return (void *)(intptr_t)byte[0];
}

/* Does not return. */
static void look_twice_into_cut_file(const char *path, int messages)
{
    int file = open(path, O_RDWR);
    void *mapped = mmap(NULL, 1, PROT_READ, MAP_SHARED, file, 0);
    pthread_t threads[2];
    alarm(PATIENCE);
    if (mapped == MAP_FAILED || ftruncate(file, 0) != 0 || dup2(messages, STDERR_FILENO) < 0)
        _exit(100);
    truncated_input_watch();
    for (size_t i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, look, mapped) != 0)
            _exit(101);
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    _exit(102);
}

static void of_two_threads_one_says_it(void **state)
{
    (void)state;
    char path[] = "/tmp/spiral-\033[2J-XXXXXX", shown[64], expected[256], found[512];
    FILE *messages = tmpfile();
    int file = mkstemp(path), status = 0;
    assert_non_null(messages);
    assert_int_equal(__real_write(file, "x", 1), 1);
    pid_t child = fork();
    if (child == 0)
        look_twice_into_cut_file(path, fileno(messages));
    assert_int_equal(waitpid(child, &status, 0), child);
    unlink(path);
    close(file);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), SPIRAL_ERROR_INPUT);
    snprintf(shown, sizeof shown, "/tmp/spiral-\\x1b[2J%s", strrchr(path, '-'));
    snprintf(expected, sizeof expected,
             "spiral: error: %s: was cut or could no longer be read while it was in use, expected a file that stays as "
             "it is\n",
             shown);
    rewind(messages);
    found[fread(found, 1, sizeof found - 1, messages)] = '\0';
    fclose(messages);
    assert_string_equal(found, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_two_threads_one_says_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
