/* dump.c: in a build that counts (SPIRAL_COVERAGE), a process that ends by a signal of its own or by _exit keeps its
 * counts too; they are written as a program exits, which neither does. The linker's --wrap sends both here. */
#define _POSIX_C_SOURCE 200809L
#include <gcov.h>
#include <signal.h>
#include <unistd.h>

int __real_raise(int signal_number);
void __real__exit(int code) __attribute__((noreturn));
int __wrap_raise(int signal_number);
void __wrap__exit(int code) __attribute__((noreturn));

static void keep_counts(void)
{
    __gcov_dump();
    __gcov_reset(); /* or what was written would be added again at the end */
}

int __wrap_raise(int signal_number)
{
    keep_counts();
    return __real_raise(signal_number);
}

void __wrap__exit(int code)
{
    keep_counts();
    __real__exit(code);
}
