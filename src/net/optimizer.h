/* optimizer.h: one update of all parameters by one of the rules of spiral/optimizer.h. */
#ifndef SPIRAL_NET_OPTIMIZER_H
#define SPIRAL_NET_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "net/kernels.h"
#include "spiral/optimizer.h"

enum { SPIRAL_OPTIMIZER_SLOTS = 2 }; /* the most that any rule keeps */

typedef struct SpiralUpdate {
    size_t count;
    size_t number; /* of the update: 1, 2, ... */
    double rate;
    const double *x, *dx;                 /* (count) each */
    double *next;                         /* (count) the parameters after the update; must not be the same array as x */
    double *slot[SPIRAL_OPTIMIZER_SLOTS]; /* (count) for each slot the rule keeps; zero before the first update */
} SpiralUpdate;

/* True if the slot holds running sums of squared gradients, which are never negative. */
bool spiral_optimizer_slot_is_squares(SpiralOptimizerKind kind, size_t slot);

/* The caller applies adamw's reg * W, because it depends on which parameters are weights. */
void spiral_optimizer_update(const SpiralOptimizer *optimizer, const SpiralUpdate *update);

#endif
