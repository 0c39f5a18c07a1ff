/* openblas_environment.c: runs before OpenBLAS does.
 *
 * When loaded, OpenBLAS starts a thread for every core that it sees. The program uses one of them; the others would
 * spin for a while beside its own threads, and each takes a buffer of 128 MB. So OpenBLAS is shown a single core. When
 * memory runs out, OpenBLAS retries for ever: under `ulimit -v` or -d the program would hang before main or at exit.
 * Functions in .preinit_array are called before the constructors of the libraries, those of the program after them. */
#define _GNU_SOURCE /* sched_getaffinity, MAP_ANONYMOUS */
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/linalg.h"
#include "spiral/status.h"

#if defined(__ELF__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

static const size_t BUFFER_AND_STACK = 136u << 20,
                    RESERVED = 64u << 20; /* bytes per thread; RESERVED: address space for its malloc arena */
static const size_t MAIN = 8u << 20;

static cpu_set_t cores; /* of the process */
/* Until the libraries have been loaded. clang would run the constructor at compile time, where this is false. */
static volatile bool is_on_one_core;

/* Keeps the process on one of its cores; returns how many cores OpenBLAS will see. */
static size_t take_one_core(void)
{
    cpu_set_t one;
    size_t core = 0;
    if (sched_getaffinity(0, sizeof cores, &cores) != 0)
        return 1; /* more than CPU_SETSIZE cores */
    while (core < CPU_SETSIZE - 1 && !CPU_ISSET(core, &cores))
        core++;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    is_on_one_core = sched_setaffinity(0, sizeof one, &one) == 0;
    return is_on_one_core ? 1 : (size_t)CPU_COUNT(&cores);
}

/* The main thread gets its buffer while there is room for it: what the program reads may leave none. */
__attribute__((constructor)) static void after_libraries(void)
{
    if (is_on_one_core)
        sched_setaffinity(0, sizeof cores, &cores);
    spiral_linalg_start();
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

static void prepare(int argc, char **argv, char **environment)
{
    static const char message[] = "spiral: error: OpenBLAS needs 200 MB of addresses as the program starts, and they "
                                  "can't be had: raise ulimit -v and -d\n";
    (void)argc;
    (void)argv;
    (void)environment;
    size_t threads = take_one_core();
    if (can_have(MAIN + threads * BUFFER_AND_STACK, threads * RESERVED))
        return;
    ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
    (void)written; /* there is no other way to report it */
    _exit(SPIRAL_ERROR_LIMIT);
}

__attribute__((section(".preinit_array"), used)) static void (*const before_libraries)(int, char **, char **) = prepare;

#else

typedef int SpiralEarlyNothing; /* a sanitizer's own startup runs first, and its memory would be counted */

#endif
