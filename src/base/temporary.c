#define _POSIX_C_SOURCE 200809L
#include "base/temporary.h"

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A new file has the lowest free descriptor. This many are more than any caller leaves open. */
enum { MOST_DESCRIPTORS = 4096, DIGITS = 24 };

static volatile sig_atomic_t ending; /* spiral_temporary_remove_all has been called */

void spiral_temporary_name(const char *path, int attempt, char *name, size_t size)
{
    const char *slash = strrchr(path, '/');
    const char *last = slash != NULL ? slash + 1 : path;
    snprintf(name, size, "%.*s.%.200s.%ld-%d.tmp", (int)(last - path), path, last, (long)getpid(), attempt);
}

/* Moves *end back over the digits before it. Is there any? */
static bool skip_number(const char *begin, const char **end)
{
    const char *last = *end;
    while (*end > begin && (*end)[-1] >= '0' && (*end)[-1] <= '9')
        --*end;
    return *end < last;
}

bool spiral_temporary_is(const char *path, const char **target, size_t *length)
{
    const char *slash = strrchr(path, '/');
    const char *begin = slash != NULL ? slash + 1 : path, *end = begin + strlen(begin);
    if (end - begin <= 5 || begin[0] != '.' || strcmp(end - 4, ".tmp") != 0)
        return false;
    end -= 4;
    if (!skip_number(begin, &end) || *--end != '-' || !skip_number(begin, &end) || end[-1] != '.' || end - 1 == begin)
        return false;
    *target = begin + 1;
    *length = (size_t)(end - 1 - *target);
    return true;
}

/* snprintf is not async-signal-safe. Returns the number of digits. */
static size_t write_number(unsigned long number, char text[DIGITS])
{
    char digits[DIGITS];
    size_t count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    for (size_t i = 0; i < count; i++)
        text[i] = digits[count - 1 - i];
    text[count] = '\0';
    return count;
}

/* Is it a temporary name that this process has made? */
static bool is_own(const char *path)
{
    char process[DIGITS];
    const char *target;
    size_t length, digits = write_number((unsigned long)getpid(), process);
    if (!spiral_temporary_is(path, &target, &length))
        return false;
    const char *number = target + length + 1; /* behind ".NAME." */
    return strncmp(number, process, digits) == 0 && number[digits] == '-';
}

void spiral_temporary_remove(int descriptor)
{
    static const char folder[] = "/proc/self/fd/";
    char link[sizeof folder + DIGITS], path[PATH_MAX];
    memcpy(link, folder, sizeof folder);
    (void)write_number((unsigned long)descriptor, link + sizeof folder - 1);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        return;
    path[length] = '\0';
    if (is_own(path))
        unlink(path);
}

void spiral_temporary_remove_all(void)
{
    __atomic_store_n(&ending, 1, __ATOMIC_SEQ_CST);
    for (int descriptor = 0; descriptor < MOST_DESCRIPTORS; descriptor++)
        spiral_temporary_remove(descriptor);
}

void spiral_temporary_wait_at_end(int descriptor)
{
    if (!__atomic_load_n(&ending, __ATOMIC_SEQ_CST))
        return;
    spiral_temporary_remove(descriptor);
    for (;;)
        pause();
}
