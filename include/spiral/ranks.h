/* ranks.h: the processes of one MPI job, started together by mpirun or srun, each with its own memory.
 *
 * With MPI built in (the CMake option SPIRAL_MPI), a program that calls spiral_ranks_start is one of count ranks. Then
 * spiral_train and spiral_gradient_compute are collective: each rank calls them with the same arguments and computes
 * its share of the rows. Every rank gets the same result, bit for bit what a single process would get, provided that
 * the machines are of the same type. Everything else in the library is local to a rank.
 *
 * Without MPI, or if spiral_ranks_start was not called, a process is rank 0 of 1, and all these functions return at
 * once. They must be called from the thread that called spiral_ranks_start. The rank is the library's only global
 * state. */
#ifndef SPIRAL_RANKS_H
#define SPIRAL_RANKS_H

#include <stddef.h>

#include "spiral/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Joins the job. Initialises MPI unless the caller has done so. */
void spiral_ranks_start(void);

/* Waits for all ranks and leaves the job; finalises MPI if spiral_ranks_start initialised it. Returns an exit code for
 * all ranks: the code of rank 0, or if that is 0 the largest. */
int spiral_ranks_finish(int code);

size_t spiral_ranks_index(void); /* 0 .. count-1 */
size_t spiral_ranks_count(void);

/* Called by all ranks: returns OK if all of them pass OK, else the status and error of the lowest rank that failed, so
 * that no rank waits for one that has given up. */
SpiralStatus spiral_ranks_agree(SpiralStatus status, SpiralError *error);

/* Writes the MPI that is built in, "Open MPI v4.1.4" or "none", into text (at most size bytes with the final NUL). */
void spiral_ranks_version(char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
