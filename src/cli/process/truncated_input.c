/* truncated_input.c: the SIGBUS handler. Few functions are safe in a handler, so the file is looked up in
 * /proc/self/maps with read(). */
#define _POSIX_C_SOURCE 200809L
#include "cli/process/truncated_input.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/temporary.h"
#include "base/text.h"
#include "spiral/status.h"

enum { LINE_SIZE = 4352 }; /* addresses, permissions, numbers, and a path */

static uintptr_t read_hexadecimal(const char **text)
{
    static const char digits[] = "0123456789abcdef";
    uintptr_t number = 0;
    for (const char *digit; **text != '\0' && (digit = strchr(digits, **text)) != NULL; ++*text)
        number = 16 * number + (uintptr_t)(digit - digits);
    return number;
}

/* A line is "from-to permissions offset device inode   /path". Returns the path when the address is in the range. */
static const char *path_of(const char *line, uintptr_t address)
{
    uintptr_t from = read_hexadecimal(&line);
    line += *line == '-';
    uintptr_t to = read_hexadecimal(&line);
    return address >= from && address < to ? strchr(line, '/') : NULL;
}

/* Fills in line and returns a pointer to the path in it of the file mapped at the address, or NULL. */
static const char *find_file(uintptr_t address, char line[LINE_SIZE])
{
    int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    const char *path = NULL;
    size_t used = 0;
    char c;
    while (maps >= 0 && path == NULL && read(maps, &c, 1) == 1) {
        if (c != '\n' && used < LINE_SIZE - 1) {
            line[used++] = c;
        } else if (c == '\n') {
            line[used] = '\0';
            used = 0;
            path = path_of(line, address);
        }
    }
    if (maps >= 0)
        close(maps);
    return path;
}

static void print(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return; /* there is no way to report it */
}

static void end(int signal_number, siginfo_t *info, void *context)
{
    static atomic_flag ending = ATOMIC_FLAG_INIT;
    (void)context;
    char line[LINE_SIZE];
    while (atomic_flag_test_and_set(&ending)) /* if several threads fault, only the first reports it */
        pause();
    spiral_temporary_remove_all();
    const char *path = info->si_code > 0 ? find_file((uintptr_t)info->si_addr, line) : NULL;
    if (path == NULL) { /* not in a mapped file: act as if there were no handler */
        signal(signal_number, SIG_DFL);
        raise(signal_number);
        return;
    }
    char shown[1024];
    spiral_text_show(path, shown, sizeof shown);
    print("spiral: error: ");
    print(shown);
    print(": was cut or could no longer be read while it was in use, expected a file that stays as it is\n");
    _exit(SPIRAL_ERROR_INPUT);
}

void truncated_input_watch(void)
{
    struct sigaction action = {.sa_sigaction = end, .sa_flags = SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}
