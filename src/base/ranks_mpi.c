/* ranks_mpi.c: ranks over MPI, the only file that uses it. An error within MPI ends the job, which is MPI's own
 * default. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "base/ranks.h"

#include <mpi.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"

/* This process's place in its job. Like MPI, it belongs to the process. Only start and finish set it. */
static struct {
    bool joined, started_mpi;
    int index, count;
    size_t cores;
    int *first, *items; /* (count): workspace of a gather */
    MPI_Comm ranks;     /* our own communicator, kept apart from the caller's messages */
} job = {.count = 1};

/* Ranks on one machine may each be bound to cores of their own, or may all share the same ones. Each gets an equal
 * share of the cores that they may use together, but no more than it may use itself. */
static size_t share_cores(void)
{
    MPI_Comm machine;
    cpu_set_t mine, all;
    int here;
    size_t own = spiral_parallel_cores();
    MPI_Comm_split_type(job.ranks, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
    MPI_Comm_size(machine, &here);
    CPU_ZERO(&mine);
    sched_getaffinity(0, sizeof mine, &mine);
    MPI_Allreduce(&mine, &all, (int)sizeof mine, MPI_BYTE, MPI_BOR, machine);
    MPI_Comm_free(&machine);
    size_t share = (size_t)CPU_COUNT(&all) / (size_t)here;
    return share < 1 ? 1 : share < own ? share : own;
}

void spiral_ranks_start(void)
{
    if (job.joined)
        return;
    int running, level;
    MPI_Initialized(&running);
    if (!running)
        MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level);
    MPI_Comm_dup(MPI_COMM_WORLD, &job.ranks);
    MPI_Comm_rank(job.ranks, &job.index);
    MPI_Comm_size(job.ranks, &job.count);
    job.started_mpi = !running;
    job.joined = true;
    job.cores = share_cores();
    job.first = spiral_allocate((size_t)job.count, sizeof *job.first);
    job.items = spiral_allocate((size_t)job.count, sizeof *job.items);
    if (job.first == NULL || job.items == NULL)
        MPI_Abort(job.ranks, SPIRAL_ERROR_LIMIT);
}

int spiral_ranks_finish(int code)
{
    if (!job.joined)
        return code;
    int first = code, largest = code;
    MPI_Bcast(&first, 1, MPI_INT, 0, job.ranks);
    MPI_Allreduce(&code, &largest, 1, MPI_INT, MPI_MAX, job.ranks); /* no rank leaves before all have arrived */
    MPI_Comm_free(&job.ranks);
    if (job.started_mpi)
        MPI_Finalize();
    free(job.first);
    free(job.items);
    job.first = job.items = NULL;
    job.joined = false;
    job.index = 0;
    job.count = 1;
    return first != 0 ? first : largest;
}

size_t spiral_ranks_index(void)
{
    return (size_t)job.index;
}

size_t spiral_ranks_count(void)
{
    return (size_t)job.count;
}

SpiralStatus spiral_ranks_agree(SpiralStatus status, SpiralError *error)
{
    if (job.count == 1)
        return status;
    int mine = status != SPIRAL_OK ? job.index : job.count, lowest;
    MPI_Allreduce(&mine, &lowest, 1, MPI_INT, MPI_MIN, job.ranks);
    if (lowest == job.count)
        return SPIRAL_OK;
    SpiralError told = {.status = status};
    if (error != NULL && status != SPIRAL_OK)
        told = *error;
    MPI_Bcast(&told, (int)sizeof told, MPI_BYTE, lowest, job.ranks);
    if (error != NULL)
        *error = told;
    return told.status;
}

void spiral_ranks_version(char *text, size_t size)
{
    char version[MPI_MAX_LIBRARY_VERSION_STRING];
    int length;
    MPI_Get_library_version(version, &length);
    version[strcspn(version, ",\n")] = '\0'; /* the rest says how it was packaged */
    snprintf(text, size, "%s", version);
}

size_t spiral_ranks_cores(void)
{
    return job.joined ? job.cores : spiral_parallel_cores();
}

int spiral_ranks_largest(int mine)
{
    int largest = mine;
    if (job.count > 1)
        MPI_Allreduce(MPI_IN_PLACE, &largest, 1, MPI_INT, MPI_MAX, job.ranks);
    return largest;
}

/* The first of count items that belongs to the rank. There are few items (parts of a sum), so the product cannot
 * overflow. */
static size_t first_of(size_t count, int rank)
{
    return count * (size_t)rank / (size_t)job.count;
}

void spiral_ranks_share(size_t count, size_t *first, size_t *end)
{
    *first = first_of(count, job.index);
    *end = first_of(count, job.index + 1);
}

void spiral_ranks_gather(size_t count, size_t bytes, void *items)
{
    if (job.count == 1 || bytes == 0)
        return;
    enum { LINE = 64 }; /* MPI counts in int: large items are counted in lines */
    int unit = bytes % LINE == 0 ? LINE : 1;
    MPI_Datatype piece, item;
    MPI_Type_contiguous(unit, MPI_BYTE, &piece);
    MPI_Type_contiguous((int)(bytes / (size_t)unit), piece, &item);
    MPI_Type_commit(&item);
    for (int rank = 0; rank < job.count; rank++) {
        job.first[rank] = (int)first_of(count, rank);
        job.items[rank] = (int)first_of(count, rank + 1) - job.first[rank];
    }
    MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, items, job.items, job.first, item, job.ranks);
    MPI_Type_free(&item);
    MPI_Type_free(&piece);
}
