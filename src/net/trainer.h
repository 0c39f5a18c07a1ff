/* trainer.h: the state of a trainer. trainer.c creates and runs it; checkpoint.c saves and restores it. */
#ifndef SPIRAL_NET_TRAINER_H
#define SPIRAL_NET_TRAINER_H

#include "net/norm.h"
#include "net/pass.h"
#include "net/optimizer.h"
#include "spiral/trainer.h"

struct SpiralTrainer {
    SpiralNetwork *network;
    const SpiralDataset *dataset, *validation; /* validation may be NULL */
    SpiralTrainOptions options;
    SpiralPass *pass;
    size_t batch_rows; /* rows per update, except for the last of an epoch */
    size_t epoch;      /* updates per epoch */

    /* Saved in a checkpoint. An update is written to a second array, so that the parameters before it are still there
     * if the result turns out not to be finite. */
    size_t iteration;                     /* the next one to run */
    double *current, *previous;           /* (parameter_count) */
    double *slot[SPIRAL_OPTIMIZER_SLOTS]; /* (parameter_count), or NULL if the rule does not use it */
    SpiralRng order_stream;               /* its state before the epoch's permutation was drawn */
    SpiralRng dropout_stream;
    double *best;                 /* (parameter_count) with patience, else NULL */
    double best_loss;             /* infinite before the first */
    size_t best_iteration, stale; /* judged records since the best */
    double last_loss;             /* of the previous judged record, for tolerance; infinite before the first */

    double first_weights; /* the largest absolute value among the initial parameters */

    /* Not saved, because it can be recomputed. */
    double *gradient;      /* (parameter_count) */
    size_t *order;         /* (N) the epoch's permutation; NULL if every update takes all rows */
    SpiralRng order_after; /* order_stream after that permutation was drawn */
    /* with checkpoints: the streams before the iteration of the last judged record */
    SpiralRng order_before, dropout_before;
    SpiralDropout *dropout;   /* the mask of an update; NULL without dropout */
    SpiralTrainLayer *layers; /* (layers) of the last record */
    SpiralNorm *weights;      /* (layers) of W, at the last record */
};

/* Draws the order of the rows for the current epoch. */
void spiral_trainer_draw_order(SpiralTrainer *trainer);

#endif
