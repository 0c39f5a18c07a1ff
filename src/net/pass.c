#include "net/pass.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/ranks.h"
#include "net/block.h"
#include "net/kernels.h"

enum { MOST_BLOCK_ROWS = 512, FEWEST_BLOCK_ROWS = 128, MOST_PARTS = 16 };

/* Up to this many doubles in all parts together, one thread adds them up faster than several. */
enum { REDUCE_ALONE = 65536 };

/* The memory that the gradients of all parts may take together. With a large network the rows are cut into fewer parts,
 * because clearing and adding more gradients costs more than the additional threads gain. */
static const size_t PART_BYTES = (size_t)16 << 20;

/* If a thread's share is fewer multiply-adds than this, waking another thread costs more than it gains. */
static const double THREAD_WORK = 150e3;

/* The bytes of a block's A and dA that stay in a core's L2 cache between forward and backward. */
static const size_t CACHE_BYTES = (size_t)1 << 20;

/* The number of rows and how they are cut. */
typedef struct Cut {
    size_t rows, blocks, parts, stride;
} Cut;

struct SpiralPass {
    const SpiralNetwork *network;
    size_t most_parts, threads;
    bool gradients;
    SpiralPool *pool;
    SpiralBlock *block;       /* (threads) */
    double *part_gradient;    /* (most_parts, padded_count) when gradients */
    size_t padded_count;      /* parameter_count rounded up to whole cache lines */
    SpiralPassTotals *totals; /* (most_parts) */
    /* (ranks, hidden units) when gradients: 1 if the unit is positive for some row; by gather_active */
    uint8_t *active;
    /* The current pass. */
    Cut cut;
    size_t first_part, end_part; /* the range of parts that this rank takes */
    const double *parameters;
    const SpiralPassInput *input;
    double weight, *gradient; /* gradient NULL: forward only */
    double *scores, *probs;
    int64_t *labels;
    size_t *overflowed; /* (most_parts) the first row of each part that overflows; cut.rows if none does */
    double *largest;    /* (layers, 2) the largest |W| and |b| of each layer, for a prediction */
};

/* The index of the first item of a piece, when `count` items are cut into `pieces` nearly equal runs. */
static size_t cut(size_t count, size_t pieces, size_t piece)
{
    size_t whole = count / pieces, rest = count % pieces;
    return whole * piece + rest * piece / pieces;
}

static size_t round_up(size_t value, size_t unit)
{
    return (value + unit - 1) / unit * unit;
}

/* The distance between the rows of a block's matrices. At a multiple of 2 KB, the same column of all rows maps to few
 * sets of the L1 cache, and what walks down the columns takes up to five times as long: dgemm's small kernels, packing
 * many features, and the fused kernels where there is a hidden layer. */
static size_t stride_of(const SpiralNetwork *network, size_t rows)
{
    size_t stride = round_up(rows, SPIRAL_LANES);
    bool walks = network->layers > 1 || network->sizes[0] > SPIRAL_THIN || !spiral_network_layer_is_fused(network, 0);
    return walks && stride % 256 == 0 ? stride + SPIRAL_LANES : stride;
}

/* ---- parts ------------------------------------------------------------------------------------------------------- */

/* The rows of a block are [*first, *first + the returned count). */
static size_t block_rows(const Cut *rows, size_t block, size_t *first)
{
    *first = cut(rows->rows, rows->blocks, block);
    return cut(rows->rows, rows->blocks, block + 1) - *first;
}

static void gradient_part(const SpiralPass *pass, SpiralBlock *block, size_t part)
{
    double *gradient = pass->gradient != NULL ? pass->part_gradient + part * pass->padded_count : NULL;
    SpiralPassTotals totals = {0};
    if (gradient != NULL)
        memset(gradient, 0, pass->network->parameter_count * sizeof *gradient);
    size_t end = cut(pass->cut.blocks, pass->cut.parts, part + 1);
    for (size_t i = cut(pass->cut.blocks, pass->cut.parts, part); i < end; i++) {
        size_t first, rows = block_rows(&pass->cut, i, &first);
        spiral_block_forward(block, pass->parameters, pass->input, first, rows);
        spiral_block_loss(block, pass->input, first, rows, pass->weight, &totals);
        if (gradient != NULL)
            spiral_block_backward(block, pass->parameters, pass->input, gradient);
    }
    pass->totals[part] = totals;
}

/* ---- overflow of a prediction ------------------------------------------------------------------------------------ */

/* A bound on |z| of each unit of layer l, and on its partial sums, for inputs of at most `input` in magnitude. */
static double bound(const SpiralPass *pass, size_t l, double input)
{
    return input * pass->largest[2 * l] * (double)pass->network->sizes[l] + pass->largest[2 * l + 1];
}

/* True if nothing can overflow in any layer for features of at most this magnitude. */
static bool is_safe(const SpiralPass *pass, double features)
{
    SpiralActivation activation = pass->network->activation;
    bool saturates = activation == SPIRAL_ACTIVATION_TANH || activation == SPIRAL_ACTIVATION_SIGMOID;
    double input = features;
    for (size_t l = 0; l < pass->network->layers; l++) {
        double z = bound(pass, l, input);
        if (!(z <= DBL_MAX))
            return false;
        input = saturates ? 1.0 : z;
    }
    return true;
}

/* True if the terms of one of the row's sums in layer l are too large to be added up in every order. */
static bool sum_overflows(const SpiralPass *pass, const SpiralBlock *block, size_t l, size_t r)
{
    size_t inputs = pass->network->sizes[l], outputs = pass->network->sizes[l + 1];
    const double *W = pass->parameters + spiral_network_weights_offset(pass->network, l);
    const double *b = pass->parameters + spiral_network_biases_offset(pass->network, l);
    for (size_t k = 0; k < outputs; k++) {
        double sum = fabs(b[k]);
        for (size_t u = 0; u < inputs; u++)
            sum += fabs(block->A[l][u * block->stride + r] * W[u * outputs + k]);
        if (!(sum <= DBL_MAX))
            return true;
    }
    return false;
}

/* An infinite sum need not lead to infinite scores, because an activation may map it to 0 or 1. So the sums of every
 * layer are checked, unless the bound shows that none overflows. */
static bool row_overflows(const SpiralPass *pass, const SpiralBlock *block, size_t r)
{
    const SpiralNetwork *network = pass->network;
    for (size_t l = 0; l < network->layers; l++) {
        bool safe = true;
        for (size_t u = 0; safe && u < network->sizes[l]; u++)
            safe = bound(pass, l, fabs(block->A[l][u * block->stride + r])) <= DBL_MAX;
        if (!safe && sum_overflows(pass, block, l, r))
            return true;
    }
    for (size_t k = 0; k < network->sizes[network->layers]; k++)
        if (!isfinite(block->A[network->layers][k * block->stride + r]))
            return true;
    return false;
}

/* Notes the first row of the part that overflows, and gives each such row of the block no class. */
static void find_overflows(const SpiralPass *pass, const SpiralBlock *block, size_t part, size_t first, size_t rows)
{
    if (is_safe(pass, block->kernels->largest(pass->network->sizes[0] * block->stride, block->A[0])) &&
        block->kernels->all_finite(pass->network->sizes[pass->network->layers] * block->stride,
                                   block->A[pass->network->layers])) /* false if a parameter is NaN */
        return;
    for (size_t r = 0; r < rows; r++) {
        if (!row_overflows(pass, block, r))
            continue;
        if (pass->overflowed[part] == pass->cut.rows)
            pass->overflowed[part] = first + r;
        if (pass->labels != NULL)
            pass->labels[first + r] = SPIRAL_NO_CLASS;
    }
}

static void find_largest(SpiralPass *pass, const double *parameters)
{
    const SpiralNetwork *network = pass->network;
    for (size_t l = 0; l < network->layers; l++) {
        const double *W = parameters + spiral_network_weights_offset(network, l);
        const double *b = parameters + spiral_network_biases_offset(network, l);
        double *largest = pass->largest + 2 * l;
        largest[0] = largest[1] = 0.0;
        for (size_t i = 0; i < network->sizes[l] * network->sizes[l + 1]; i++)
            largest[0] = fabs(W[i]) > largest[0] ? fabs(W[i]) : largest[0];
        for (size_t i = 0; i < network->sizes[l + 1]; i++)
            largest[1] = fabs(b[i]) > largest[1] ? fabs(b[i]) : largest[1];
    }
}

/* ---- parts of a prediction --------------------------------------------------------------------------------------- */

static void predict_part(const SpiralPass *pass, SpiralBlock *block, size_t part)
{
    const SpiralNetwork *network = pass->network;
    size_t K = network->sizes[network->layers], end = cut(pass->cut.blocks, pass->cut.parts, part + 1);
    double *scores = block->A[network->layers];
    pass->overflowed[part] = pass->cut.rows;
    for (size_t i = cut(pass->cut.blocks, pass->cut.parts, part); i < end; i++) {
        size_t first, rows = block_rows(&pass->cut, i, &first);
        spiral_block_forward(block, pass->parameters, pass->input, first, rows);
        if (pass->scores != NULL)
            block->kernels->unpack(rows, K, block->stride, scores, pass->scores + first * K);
        if (pass->labels != NULL)
            block->kernels->argmax(rows, K, block->stride, scores, pass->labels + first);
        find_overflows(pass, block, part, first, rows);
        if (pass->probs != NULL) {
            block->kernels->probabilities(K, block->stride, scores);
            block->kernels->unpack(rows, K, block->stride, scores, pass->probs + first * K);
        }
    }
}

/* ---- threads ----------------------------------------------------------------------------------------------------- */

/* The run of this rank's parts that the thread takes: [the returned part, *end). */
static size_t thread_parts(const SpiralPass *pass, size_t thread, size_t *end)
{
    size_t own = pass->end_part - pass->first_part;
    *end = pass->first_part + cut(own, pass->threads, thread + 1);
    return pass->first_part + cut(own, pass->threads, thread);
}

static void gradient_task(size_t thread, void *context)
{
    SpiralPass *pass = context;
    size_t end;
    for (size_t part = thread_parts(pass, thread, &end); part < end; part++)
        gradient_part(pass, &pass->block[thread], part);
}

static void predict_task(size_t thread, void *context)
{
    SpiralPass *pass = context;
    size_t end;
    for (size_t part = thread_parts(pass, thread, &end); part < end; part++)
        predict_part(pass, &pass->block[thread], part);
}

/* Adds up the parts, in order, for this thread's run of the parameters. */
static void reduce_task(size_t thread, void *context)
{
    SpiralPass *pass = context;
    const SpiralKernels *kernels = pass->block[thread].kernels;
    size_t lines = pass->padded_count / SPIRAL_LANES;
    size_t first = cut(lines, pass->threads, thread) * SPIRAL_LANES;
    size_t end = cut(lines, pass->threads, thread + 1) * SPIRAL_LANES;
    if (end > pass->network->parameter_count)
        end = pass->network->parameter_count;
    if (first >= end)
        return;
    memcpy(pass->gradient + first, pass->part_gradient + first, (end - first) * sizeof(double));
    for (size_t part = 1; part < pass->cut.parts; part++)
        kernels->add(end - first, pass->part_gradient + part * pass->padded_count + first, pass->gradient + first);
}

/* The most rows of a block that still fit in the cache. BLAS blocks its operands itself and is faster with more
 * rows. */
static size_t most_block_rows(const SpiralNetwork *network)
{
    size_t hidden = 0;
    for (size_t l = 0; l < network->layers; l++) {
        hidden += l > 0 ? network->sizes[l] : 0;
        if (!spiral_network_layer_is_fused(network, l))
            return MOST_BLOCK_ROWS;
    }
    size_t rows = hidden > 0 ? CACHE_BYTES / (2 * sizeof(double) * hidden) : MOST_BLOCK_ROWS;
    return rows > MOST_BLOCK_ROWS ? MOST_BLOCK_ROWS : rows < FEWEST_BLOCK_ROWS ? FEWEST_BLOCK_ROWS : rows;
}

/* The blocks and parts depend only on the number of rows and the network's shape. */
static Cut cut_rows(const SpiralPass *pass, size_t rows)
{
    size_t most = most_block_rows(pass->network);
    Cut made = {.rows = rows, .blocks = rows / most + (rows % most != 0)};
    size_t affordable = PART_BYTES / sizeof(double) / pass->padded_count;
    made.parts = MOST_PARTS; /* or half of it, and so on, so that two, four or eight threads share them evenly */
    while (made.parts > 2 && made.parts > affordable)
        made.parts /= 2;
    if (made.parts > made.blocks)
        made.parts = made.blocks;
    made.stride = stride_of(pass->network, rows / made.blocks + (rows % made.blocks != 0));
    return made;
}

static void start_pass(SpiralPass *pass, const double *parameters, const SpiralPassInput *input)
{
    pass->cut = cut_rows(pass, input->rows);
    pass->parameters = parameters;
    pass->input = input;
    for (size_t t = 0; t < pass->threads; t++)
        spiral_block_start(&pass->block[t], pass->cut.stride, input);
}

static size_t hidden_units(const SpiralNetwork *network, size_t layers)
{
    size_t units = 0;
    for (size_t l = 1; l < layers; l++)
        units += network->sizes[l];
    return units;
}

/* Combines the active units of this rank's threads, then of all ranks, in the first row of pass->active. */
static void gather_active(SpiralPass *pass)
{
    size_t units = hidden_units(pass->network, pass->network->layers);
    uint8_t *own = pass->active + spiral_ranks_index() * units;
    memset(own, 0, units);
    for (size_t t = 0; t < pass->threads; t++) {
        const uint8_t *active = pass->block[t].active;
        for (size_t u = 0; u < units; u++)
            own[u] |= active[u];
    }
    spiral_ranks_gather(spiral_ranks_count(), units, pass->active);
    for (size_t rank = 1; rank < spiral_ranks_count(); rank++)
        for (size_t u = 0; u < units; u++)
            pass->active[u] |= pass->active[rank * units + u];
}

void spiral_pass_gradient(SpiralPass *pass, const double *parameters, const SpiralPassInput *input, double weight,
                          double *gradient, SpiralPassTotals *totals)
{
    start_pass(pass, parameters, input);
    spiral_ranks_share(pass->cut.parts, &pass->first_part, &pass->end_part);
    pass->weight = weight;
    pass->gradient = gradient;
    spiral_pool_run(pass->pool, gradient_task, pass);
    if (gradient != NULL)
        spiral_ranks_gather(pass->cut.parts, pass->padded_count * sizeof *pass->part_gradient, pass->part_gradient);
    spiral_ranks_gather(pass->cut.parts, sizeof *pass->totals, pass->totals);
    if (input->track_active)
        gather_active(pass);
    if (gradient != NULL && pass->threads > 1 && pass->padded_count * pass->cut.parts > REDUCE_ALONE)
        spiral_pool_run(pass->pool, reduce_task, pass);
    else if (gradient != NULL)
        for (size_t thread = 0; thread < pass->threads; thread++)
            reduce_task(thread, pass);
    *totals = pass->totals[0];
    for (size_t part = 1; part < pass->cut.parts; part++) {
        totals->loss += pass->totals[part].loss;
        totals->correct += pass->totals[part].correct;
    }
}

bool spiral_pass_predict(SpiralPass *pass, const double *parameters, const SpiralPassInput *input, double *scores,
                         double *probs, int64_t *labels, size_t *overflowed)
{
    start_pass(pass, parameters, input);
    find_largest(pass, parameters);
    pass->first_part = 0;
    pass->end_part = pass->cut.parts;
    pass->scores = scores;
    pass->probs = probs;
    pass->labels = labels;
    spiral_pool_run(pass->pool, predict_task, pass);
    pass->input = NULL;
    for (size_t part = 0; part < pass->cut.parts; part++)
        if (pass->overflowed[part] < input->rows) {
            *overflowed = pass->overflowed[part];
            return false;
        }
    return true;
}

size_t spiral_pass_dead(const SpiralPass *pass, size_t layer)
{
    const uint8_t *active = pass->active + hidden_units(pass->network, layer);
    size_t units = pass->network->sizes[layer], alive = 0;
    for (size_t u = 0; u < units; u++)
        alive += active[u];
    return units - alive;
}

/* ---- the workspace ----------------------------------------------------------------------------------------------- */

size_t spiral_pass_threads(const SpiralNetwork *network, size_t rows, SpiralPassKind kind)
{
    double work = (double)rows * (double)network->parameter_count;
    if (kind != SPIRAL_PASS_FORWARD) /* forward and backward; the ranks share the rows */
        work *= 3.0 / (double)spiral_ranks_count();
    double useful = work / THREAD_WORK;
    size_t cores = spiral_ranks_cores();
    return useful < 2.0 ? 1 : useful < (double)cores ? (size_t)useful : cores;
}

static bool allocate_pass(SpiralPass *pass, size_t stride, bool dropout)
{
    pass->totals = spiral_allocate(pass->most_parts, sizeof *pass->totals);
    pass->block = spiral_allocate(pass->threads, sizeof *pass->block);
    pass->overflowed = spiral_allocate(pass->most_parts, sizeof *pass->overflowed);
    pass->largest = spiral_allocate(pass->network->layers, 2 * sizeof *pass->largest);
    if (pass->largest == NULL || pass->overflowed == NULL || pass->totals == NULL || pass->block == NULL)
        return false;
    if (pass->gradients) {
        pass->part_gradient = spiral_allocate_matrix(pass->most_parts, pass->padded_count);
        size_t active = hidden_units(pass->network, pass->network->layers);
        pass->active = spiral_allocate(spiral_ranks_count(), active > 0 ? active : 1);
        if (pass->part_gradient == NULL || pass->active == NULL)
            return false;
    }
    for (size_t t = 0; t < pass->threads; t++)
        if (!spiral_block_create(pass->network, stride, pass->gradients, dropout, &pass->block[t]))
            return false;
    return true;
}

SpiralStatus spiral_pass_create(const SpiralNetwork *network, size_t rows, size_t threads, SpiralPassKind kind,
                                SpiralPass **pass, SpiralError *error)
{
    *pass = NULL;
    SpiralPass *made = spiral_allocate(1, sizeof *made);
    if (made == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for a pass over the data");
    made->network = network;
    made->gradients = kind != SPIRAL_PASS_FORWARD;
    made->padded_count = round_up(network->parameter_count, SPIRAL_LANES);
    Cut most = cut_rows(made, rows);
    made->most_parts = most.parts;
    if (threads == 0)
        threads = spiral_pass_threads(network, rows, kind);
    spiral_linalg_start();
    made->threads = spiral_linalg_callers(threads < most.parts ? threads : most.parts);
    /* A pass over fewer rows may have larger blocks. */
    size_t most_rows = most_block_rows(network), stride = stride_of(network, rows < most_rows ? rows : most_rows);
    SpiralStatus status = SPIRAL_OK;
    if (!allocate_pass(made, stride, kind == SPIRAL_PASS_DROPOUT))
        status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0,
                                  "no memory to pass %zu rows through %zu parameters", rows, network->parameter_count);
    size_t affordable = spiral_linalg_callers(made->threads); /* now that the memory is taken */
    if (status == SPIRAL_OK && affordable < made->threads) {
        spiral_pass_free(made);
        return spiral_pass_create(network, rows, affordable, kind, pass, error);
    }
    if (status == SPIRAL_OK)
        status = spiral_pool_create(made->threads, &made->pool, error);
    if (status != SPIRAL_OK) {
        spiral_pass_free(made);
        return status;
    }
    *pass = made;
    return SPIRAL_OK;
}

void spiral_pass_free(SpiralPass *pass)
{
    if (pass == NULL)
        return;
    spiral_pool_free(pass->pool);
    for (size_t t = 0; pass->block != NULL && t < pass->threads; t++)
        spiral_block_free(&pass->block[t]);
    free(pass->block);
    free(pass->part_gradient);
    free(pass->active);
    free(pass->overflowed);
    free(pass->largest);
    free(pass->totals);
    free(pass);
}
