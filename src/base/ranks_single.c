/* ranks_single.c: one process, rank 0 of 1. */
#include "base/ranks.h"

#include <stdio.h>

#include "base/parallel.h"

void spiral_ranks_start(void)
{
}

int spiral_ranks_finish(int code)
{
    return code;
}

size_t spiral_ranks_index(void)
{
    return 0;
}

size_t spiral_ranks_count(void)
{
    return 1;
}

SpiralStatus spiral_ranks_agree(SpiralStatus status, SpiralError *error)
{
    (void)error;
    return status;
}

void spiral_ranks_version(char *text, size_t size)
{
    snprintf(text, size, "none");
}

size_t spiral_ranks_cores(void)
{
    return spiral_parallel_cores();
}

int spiral_ranks_largest(int mine)
{
    return mine;
}

void spiral_ranks_share(size_t count, size_t *first, size_t *end)
{
    *first = 0;
    *end = count;
}

void spiral_ranks_gather(size_t count, size_t bytes, void *items)
{
    (void)count;
    (void)bytes;
    (void)items;
}
