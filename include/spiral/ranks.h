/* ranks.h: the processes of one job, started together by mpirun or srun, each on its own memory.
 *
 * With MPI built in (the CMake option SPIRAL_MPI) a program that calls spiral_ranks_start is one of count ranks. Then
 * spiral_train and spiral_gradient_compute are done by all ranks together: each rank calls them with the same
 * arguments, and takes its share of the rows. Every rank gets the same result, the bits that one process alone would
 * have got; the machines must be of one type for that. Everything else in the library is each rank's own business.
 *
 * Without MPI, or when spiral_ranks_start was not called, a process is rank 0 of 1, and all of these return at once.
 * Calls are for the thread that called spiral_ranks_start. Which rank a process is, is the one thing that the library
 * keeps outside its objects. */
#ifndef SPIRAL_RANKS_H
#define SPIRAL_RANKS_H

#include <stddef.h>

#include "spiral/status.h"

/* Joins the job. MPI is started unless the caller has done so. */
void spiral_ranks_start(void);

/* Waits for all ranks, and leaves the job; MPI is ended when spiral_ranks_start has started it. Returns the exit code
 * that all ranks share: rank 0's code, or when that is 0 the largest. */
int spiral_ranks_finish(int code);

size_t spiral_ranks_index(void); /* 0 .. count-1 */
size_t spiral_ranks_count(void);

/* Called by all ranks: OK when it is for all of them, else the status and the error of the lowest rank that failed, so
 * that no rank waits for one that has given up. */
SpiralStatus spiral_ranks_agree(SpiralStatus status, SpiralError *error);

/* "Open MPI v4.1.4", or "none": the MPI that is built in, written into text (at most size bytes with the final NUL). */
void spiral_ranks_version(char *text, size_t size);

#endif
