/* ranks.h: the rank functions private to the library (see spiral/ranks.h), implemented by ranks_mpi.c or, in a build
 * without MPI, by ranks_single.c. */
#ifndef SPIRAL_BASE_RANKS_H
#define SPIRAL_BASE_RANKS_H

#include <stddef.h>

#include "spiral/ranks.h"

/* This rank's share of the machine's cores, at least 1. */
size_t spiral_ranks_cores(void);

/* Called by all ranks: the largest of the numbers that they pass. */
int spiral_ranks_largest(int mine);

/* This rank's range first..end-1 of count items; empty for some ranks if there are more ranks than items. */
void spiral_ranks_share(size_t count, size_t *first, size_t *end);

/* Called by all ranks: items is (count, bytes), in which each rank has filled in its share; afterwards all have all. */
void spiral_ranks_gather(size_t count, size_t bytes, void *items);

#endif
