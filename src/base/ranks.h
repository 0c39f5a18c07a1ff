/* ranks.h: what the library itself needs of the ranks (see spiral/ranks.h); ranks_mpi.c or ranks_single.c, by the
 * build. */
#ifndef SPIRAL_BASE_RANKS_H
#define SPIRAL_BASE_RANKS_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/ranks.h"

/* The cores for this rank, at least 1, when the ranks of a machine share what they may run on. */
size_t spiral_ranks_cores(void);

/* Called by all ranks: is it so for any of them? */
bool spiral_ranks_any(bool mine);

/* This rank's run first .. end-1 of count things; empty for some when there are more ranks than things. */
void spiral_ranks_share(size_t count, size_t *first, size_t *end);

/* Called by all ranks: items is (count, bytes), in which each rank has filled in its share; afterwards all have all. */
void spiral_ranks_gather(size_t count, size_t bytes, void *items);

#endif
