/* openblas_environment.c: runs before OpenBLAS does.
 *
 * When loaded, OpenBLAS starts a thread for every core (the program later limits it to one), and each thread allocates
 * a buffer of 128 MB. When memory runs out, OpenBLAS retries for ever: under `ulimit -v` or -d the program would hang
 * before main or at exit. Functions in .preinit_array are called before the constructors of the libraries. */
#define _GNU_SOURCE /* sched_getaffinity, MAP_ANONYMOUS */
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "spiral/status.h"

#if defined(__ELF__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

static const size_t BUFFER_AND_STACK = 136u << 20,
                    RESERVED = 64u << 20; /* bytes per thread; RESERVED: address space for its malloc arena */
static const size_t MAIN = 8u << 20;

/* The libraries are not initialised yet, so getenv can't be called. */
static size_t whole_number(char **environment, const char *name)
{
    size_t length = strlen(name), number = 0;
    for (; *environment != NULL; environment++)
        if (strncmp(*environment, name, length) == 0)
            for (const char *digit = *environment + length; *digit >= '0' && *digit <= '9' && number < 100000; digit++)
                number = 10 * number + (size_t)(*digit - '0');
    return number;
}

static size_t openblas_threads(char **environment)
{
    static const char *const names[] = {"OPENBLAS_NUM_THREADS=", "GOTO_NUM_THREADS=", "OMP_NUM_THREADS="};
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    size_t cores = count > 0 ? (size_t)count : 1, wanted = 0;
    for (size_t i = 0; wanted == 0 && i < sizeof names / sizeof names[0]; i++)
        wanted = whole_number(environment, names[i]);
    return wanted > 0 && wanted < cores ? wanted : cores;
}

static bool can_have(size_t bytes, size_t reserved)
{
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    void *addresses = mmap(NULL, reserved, PROT_NONE, flags, -1, 0);
    bool both = block != MAP_FAILED && addresses != MAP_FAILED;
    if (block != MAP_FAILED)
        munmap(block, bytes);
    if (addresses != MAP_FAILED)
        munmap(addresses, reserved);
    return both;
}

static void expect_memory(int argc, char **argv, char **environment)
{
    static const char message[] =
        "spiral: error: OpenBLAS needs 200 MB of addresses for each core as the program starts, and "
        "they can't be had: raise ulimit -v and -d, or set OPENBLAS_NUM_THREADS=1\n";
    (void)argc;
    (void)argv;
    size_t threads = openblas_threads(environment);
    if (can_have(MAIN + threads * BUFFER_AND_STACK, threads * RESERVED))
        return;
    ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
    (void)written; /* there is no other way to report it */
    _exit(SPIRAL_ERROR_LIMIT);
}

__attribute__((section(".preinit_array"), used)) static void (*const before_libraries)(int, char **,
                                                                                       char **) = expect_memory;

#else

typedef int SpiralEarlyNothing; /* a sanitizer's own startup runs first, and its memory would be counted */

#endif
