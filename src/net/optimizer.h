/* optimizer.h: one update of all parameters by a rule of spiral/optimizer.h. */
#ifndef SPIRAL_NET_OPTIMIZER_H
#define SPIRAL_NET_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "net/kernels.h"
#include "spiral/optimizer.h"

enum { SPIRAL_OPTIMIZER_SLOTS = 2 }; /* the most that any rule keeps */

typedef struct SpiralUpdate {
    size_t count;
    size_t number; /* 1, 2, ... */
    double rate;
    const double *x, *dx;                 /* (count) each */
    double *next;                         /* (count) the parameters after the update; another array than x */
    double *slot[SPIRAL_OPTIMIZER_SLOTS]; /* (count) each that the rule keeps, zero before the first update */
} SpiralUpdate;

/* Does the slot hold running sums of squared gradients, which are never negative? */
bool spiral_optimizer_slot_is_squares(SpiralOptimizerKind kind, size_t slot);

/* adamw's reg W is the caller's: it depends on which parameters are weights. */
void spiral_optimizer_update(const SpiralOptimizer *optimizer, const SpiralUpdate *update);

#endif
