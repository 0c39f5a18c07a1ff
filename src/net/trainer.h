/* trainer.h: what a trainer holds; trainer.c makes and runs it, checkpoint.c saves it. */
#ifndef SPIRAL_NET_TRAINER_H
#define SPIRAL_NET_TRAINER_H

#include "net/pass.h"
#include "net/optimizer.h"
#include "spiral/trainer.h"

struct SpiralTrainer {
    SpiralNetwork *network;
    const SpiralDataset *dataset, *validation; /* validation may be NULL */
    SpiralTrainOptions options;
    SpiralPass *pass;
    size_t batch_rows; /* rows an update, the last of an epoch aside */
    size_t epoch;      /* updates an epoch */

    /* What a checkpoint keeps. The update is written into another array than it comes from, so that the parameters
     * before it are still there when what came of it turns out not to be finite. */
    size_t iteration;                     /* the next to be made */
    double *current, *previous;           /* (parameter_count) */
    double *slot[SPIRAL_OPTIMIZER_SLOTS]; /* (parameter_count) or NULL where the rule keeps none */
    SpiralRng order_stream;               /* as it was before the epoch's permutation was drawn */
    SpiralRng dropout_stream;
    double *best;                 /* (parameter_count) with patience, else NULL */
    double best_loss;             /* infinite before the first */
    size_t best_iteration, stale; /* records since the best */
    double last_loss;             /* of the record before; infinite before the first */

    double first_weights; /* the largest of them in absolute value, when the trainer was made */

    /* What can be made again. */
    double *gradient;         /* (parameter_count) */
    size_t *order;            /* (N) of the epoch; NULL when every update takes all rows */
    SpiralRng order_after;    /* order_stream behind that permutation */
    uint8_t **dropout_mask;   /* (layers - 1) of (batch_rows, units) with dropout, else NULL */
    SpiralTrainLayer *layers; /* (layers) of the last record */
};

/* Draws the order of the epoch that the iteration is in. */
void spiral_trainer_draw_order(SpiralTrainer *trainer);

#endif
