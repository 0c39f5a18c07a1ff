#include "net/pass.h"

#include <stdlib.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/ranks.h"
#include "net/kernels.h"

enum { BLOCK_ROWS = 512, MOST_PARTS = 16 };

/* The memory that parts' gradients may take together: a large network is cut into fewer parts. */
static const size_t PART_BYTES = (size_t)64 << 20;

/* Multiply-adds of one thread's share below which waking another costs more than it gains. */
static const double THREAD_WORK = 150e3;

/* One thread's block: activations of every layer and two buffers for what flows back. */
typedef struct Workspace {
    double **A;      /* (layers + 1): A[0] (D, stride) packed input, A[l] output of layer l; the last holds scores */
    double *back[2]; /* (widest hidden layer, stride) */
    double *scratch; /* (4, stride) */
    double *memory;  /* all of the above */
} Workspace;

struct SpiralPass {
    const SpiralNetwork *network;
    size_t rows, blocks, parts, stride, threads;
    size_t first_part, end_part; /* of the parts, those whose gradient this rank sums */
    bool gradients;
    SpiralPool *pool;
    Workspace *workspace;     /* (threads) */
    double *part_gradient;    /* (parts, padded_count) when gradients */
    size_t padded_count;      /* parameter_count rounded up to whole cache lines */
    SpiralPassTotals *totals; /* (parts) */
    /* The pass under way. */
    const double *parameters, *X;
    const int64_t *y;
    double weight;
    bool backward;
    double *gradient;
    double *scores, *probs;
    int64_t *labels;
};

/* First of `count` things when they are cut into `pieces` nearly equal runs. */
static size_t cut(size_t count, size_t pieces, size_t piece)
{
    size_t whole = count / pieces, rest = count % pieces;
    return whole * piece + rest * piece / pieces;
}

static size_t round_up(size_t value, size_t unit)
{
    return (value + unit - 1) / unit * unit;
}

/* ---- layers: forward and backward side by side ------------------------------------------------------------------- */

/* Z (outputs, stride) = act(W^T A + b). */
static void forward_layer(const SpiralPass *pass, size_t layer, const double *A, double *Z)
{
    const SpiralNetwork *network = pass->network;
    size_t inputs = network->sizes[layer], outputs = network->sizes[layer + 1], stride = pass->stride;
    const double *W = pass->parameters + spiral_network_weights_offset(network, layer);
    const double *b = pass->parameters + spiral_network_biases_offset(network, layer);
    SpiralEpilogue epilogue = layer + 1 < network->layers ? SPIRAL_EPILOGUE_RELU : SPIRAL_EPILOGUE_NONE;
    if (inputs <= SPIRAL_SMALL) {
        spiral_kernel_expand(inputs, outputs, stride, A, W, b, epilogue, Z);
    } else if (outputs <= SPIRAL_SMALL) {
        spiral_kernel_contract(outputs, inputs, stride, A, W, b, epilogue, Z);
    } else {
        spiral_kernel_fill(outputs, stride, b, Z);
        spiral_linalg_multiply(true, false, outputs, stride, inputs, W, outputs, A, stride, 1.0, Z, stride);
        if (epilogue != SPIRAL_EPILOGUE_NONE)
            spiral_kernel_epilogue(outputs, stride, epilogue, NULL, Z);
    }
}

/* dW += A dZ^T and, for a hidden layer below, dA = (W dZ) 1(A > 0) and its db += dA 1. The db of the last layer is the caller's. */
static void backward_layer(const SpiralPass *pass, size_t layer, const double *A, const double *dZ, double *dA,
                           double *gradient)
{
    const SpiralNetwork *network = pass->network;
    size_t inputs = network->sizes[layer], outputs = network->sizes[layer + 1], stride = pass->stride;
    const double *W = pass->parameters + spiral_network_weights_offset(network, layer);
    double *dW = gradient + spiral_network_weights_offset(network, layer);
    double *db = layer > 0 ? gradient + spiral_network_biases_offset(network, layer - 1) : NULL;
    if (outputs <= SPIRAL_SMALL) {
        spiral_kernel_return(outputs, inputs, stride, dZ, A, W, dW, dA, db);
        return;
    }
    if (inputs <= SPIRAL_SMALL)
        spiral_kernel_outer(inputs, outputs, stride, A, dZ, dW);
    else
        spiral_linalg_multiply(false, true, inputs, outputs, stride, A, stride, dZ, stride, 1.0, dW, outputs);
    if (dA != NULL) {
        spiral_linalg_multiply(false, false, inputs, stride, outputs, W, outputs, dZ, stride, 0.0, dA, stride);
        spiral_kernel_epilogue(inputs, stride, SPIRAL_EPILOGUE_MASK, A, dA);
        spiral_kernel_row_sums(inputs, stride, dA, db);
    }
}

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

static void forward_block(const SpiralPass *pass, Workspace *work, size_t first, size_t rows)
{
    const SpiralNetwork *network = pass->network;
    size_t D = network->sizes[0];
    spiral_kernel_pack(rows, D, pass->stride, pass->X + first * D, network->mean, network->scale, work->A[0]);
    for (size_t l = 0; l < network->layers; l++)
        forward_layer(pass, l, work->A[l], work->A[l + 1]);
}

static void backward_block(const SpiralPass *pass, Workspace *work, double *gradient)
{
    const SpiralNetwork *network = pass->network;
    size_t last = network->layers - 1;
    const double *dZ = work->A[network->layers];
    spiral_kernel_row_sums(network->sizes[network->layers], pass->stride, dZ,
                           gradient + spiral_network_biases_offset(network, last));
    for (size_t l = last + 1; l-- > 0;) {
        double *dA = l > 0 ? work->back[l % 2] : NULL;
        backward_layer(pass, l, work->A[l], dZ, dA, gradient);
        dZ = dA;
    }
}

static void gradient_part(const SpiralPass *pass, Workspace *work, size_t part)
{
    const SpiralNetwork *network = pass->network;
    double *gradient = pass->gradients ? pass->part_gradient + part * pass->padded_count : NULL;
    SpiralPassTotals totals = {0};
    if (pass->backward)
        memset(gradient, 0, network->parameter_count * sizeof *gradient);
    size_t end = cut(pass->blocks, pass->parts, part + 1);
    for (size_t block = cut(pass->blocks, pass->parts, part); block < end; block++) {
        size_t first = cut(pass->rows, pass->blocks, block);
        size_t rows = cut(pass->rows, pass->blocks, block + 1) - first;
        forward_block(pass, work, first, rows);
        spiral_kernel_softmax(rows, network->sizes[network->layers], pass->stride, pass->y + first, pass->weight,
                              work->A[network->layers], work->scratch, &totals.loss, &totals.correct);
        if (pass->backward)
            backward_block(pass, work, gradient);
    }
    pass->totals[part] = totals;
}

static void predict_part(const SpiralPass *pass, Workspace *work, size_t part)
{
    const SpiralNetwork *network = pass->network;
    size_t K = network->sizes[network->layers], end = cut(pass->blocks, pass->parts, part + 1);
    double *scores = work->A[network->layers];
    for (size_t block = cut(pass->blocks, pass->parts, part); block < end; block++) {
        size_t first = cut(pass->rows, pass->blocks, block);
        size_t rows = cut(pass->rows, pass->blocks, block + 1) - first;
        forward_block(pass, work, first, rows);
        if (pass->scores != NULL)
            spiral_kernel_unpack(rows, K, pass->stride, scores, pass->scores + first * K);
        if (pass->labels != NULL)
            spiral_kernel_argmax(rows, K, pass->stride, scores, pass->labels + first);
        if (pass->probs != NULL) {
            SpiralPassTotals ignored = {0};
            spiral_kernel_softmax(rows, K, pass->stride, NULL, 1.0, scores, work->scratch, &ignored.loss,
                                  &ignored.correct);
            spiral_kernel_unpack(rows, K, pass->stride, scores, pass->probs + first * K);
        }
    }
}

/* ---- threads ----------------------------------------------------------------------------------------------------- */

static void gradient_task(size_t thread, void *context)
{
    SpiralPass *pass = context;
    size_t own = pass->end_part - pass->first_part;
    size_t end = pass->first_part + cut(own, pass->threads, thread + 1);
    for (size_t part = pass->first_part + cut(own, pass->threads, thread); part < end; part++)
        gradient_part(pass, &pass->workspace[thread], part);
}

/* Adds the parts, in order, over this thread's run of the parameters. */
static void reduce_task(size_t thread, void *context)
{
    SpiralPass *pass = context;
    size_t lines = pass->padded_count / SPIRAL_LANES;
    size_t first = cut(lines, pass->threads, thread) * SPIRAL_LANES;
    size_t end = cut(lines, pass->threads, thread + 1) * SPIRAL_LANES;
    if (end > pass->network->parameter_count)
        end = pass->network->parameter_count;
    if (first >= end)
        return;
    memcpy(pass->gradient + first, pass->part_gradient + first, (end - first) * sizeof(double));
    for (size_t part = 1; part < pass->parts; part++)
        spiral_kernel_add(end - first, pass->part_gradient + part * pass->padded_count + first, pass->gradient + first);
}

static void predict_task(size_t thread, void *context)
{
    SpiralPass *pass = context;
    size_t end = cut(pass->parts, pass->threads, thread + 1);
    for (size_t part = cut(pass->parts, pass->threads, thread); part < end; part++)
        predict_part(pass, &pass->workspace[thread], part);
}

void spiral_pass_gradient(SpiralPass *pass, const double *parameters, const double *X, const int64_t *y, double weight,
                          double *gradient, SpiralPassTotals *totals)
{
    pass->parameters = parameters;
    pass->X = X;
    pass->y = y;
    pass->weight = weight;
    pass->gradient = gradient;
    pass->backward = gradient != NULL;
    spiral_pool_run(pass->pool, gradient_task, pass);
    if (pass->backward)
        spiral_ranks_gather(pass->parts, pass->padded_count * sizeof *pass->part_gradient, pass->part_gradient);
    spiral_ranks_gather(pass->parts, sizeof *pass->totals, pass->totals);
    if (pass->backward && pass->threads > 1 && pass->padded_count * pass->parts > 65536)
        spiral_pool_run(pass->pool, reduce_task, pass);
    else if (pass->backward)
        for (size_t thread = 0; thread < pass->threads; thread++)
            reduce_task(thread, pass);
    *totals = pass->totals[0];
    for (size_t part = 1; part < pass->parts; part++) {
        totals->loss += pass->totals[part].loss;
        totals->correct += pass->totals[part].correct;
    }
}

void spiral_pass_predict(SpiralPass *pass, const double *parameters, const double *X, double *scores, double *probs,
                         int64_t *labels)
{
    pass->parameters = parameters;
    pass->X = X;
    pass->scores = scores;
    pass->probs = probs;
    pass->labels = labels;
    spiral_pool_run(pass->pool, predict_task, pass);
}

/* ---- the workspace ----------------------------------------------------------------------------------------------- */

/* A rank's threads share its parts; a prediction is one rank's own. */
static size_t threads_for(const SpiralPass *pass, size_t asked)
{
    size_t parts = pass->gradients ? pass->end_part - pass->first_part : pass->parts;
    if (asked == 0) {
        double rows = (double)pass->rows * (double)parts / (double)pass->parts;
        double work = rows * (double)pass->network->parameter_count * (pass->gradients ? 3.0 : 1.0);
        double useful = work / THREAD_WORK;
        size_t cores = spiral_ranks_cores();
        asked = useful < 2.0 ? 1 : useful < (double)cores ? (size_t)useful : cores;
    }
    return parts == 0 ? 1 : asked < parts ? asked : parts;
}

static bool allocate_workspace(const SpiralPass *pass, Workspace *work)
{
    const SpiralNetwork *network = pass->network;
    size_t units = 4, widest = 0;
    for (size_t l = 0; l <= network->layers; l++) {
        if (network->sizes[l] > SIZE_MAX - units)
            return false;
        units += network->sizes[l];
        if (l > 0 && l < network->layers && network->sizes[l] > widest)
            widest = network->sizes[l];
    }
    size_t count;
    if (!pass->gradients)
        widest = 0;
    if (widest > (SIZE_MAX - units) / 2 || !spiral_multiply(units + 2 * widest, pass->stride, &count))
        return false;
    work->A = spiral_allocate(network->layers + 1, sizeof *work->A);
    work->memory = spiral_allocate_doubles(count);
    if (work->A == NULL || work->memory == NULL)
        return false;
    double *next = work->memory;
    for (size_t l = 0; l <= network->layers; l++) {
        work->A[l] = next;
        next += network->sizes[l] * pass->stride;
    }
    work->scratch = next;
    work->back[0] = next + 4 * pass->stride;
    work->back[1] = work->back[0] + widest * pass->stride;
    return true;
}

static bool allocate_pass(SpiralPass *pass)
{
    pass->totals = spiral_allocate(pass->parts, sizeof *pass->totals);
    pass->workspace = spiral_allocate(pass->threads, sizeof *pass->workspace);
    if (pass->totals == NULL || pass->workspace == NULL)
        return false;
    size_t count;
    if (pass->gradients) {
        if (!spiral_multiply(pass->parts, pass->padded_count, &count))
            return false;
        pass->part_gradient = spiral_allocate_doubles(count);
        if (pass->part_gradient == NULL)
            return false;
    }
    for (size_t t = 0; t < pass->threads; t++)
        if (!allocate_workspace(pass, &pass->workspace[t]))
            return false;
    return true;
}

SpiralStatus spiral_pass_create(const SpiralNetwork *network, size_t rows, size_t threads, bool gradients,
                                SpiralPass **pass, SpiralError *error)
{
    *pass = NULL;
    SpiralPass *made = spiral_allocate(1, sizeof *made);
    if (made == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for a pass over the data");
    made->network = network;
    made->rows = rows;
    made->gradients = gradients;
    made->padded_count = round_up(network->parameter_count, SPIRAL_LANES);
    made->blocks = rows / BLOCK_ROWS + (rows % BLOCK_ROWS != 0);
    size_t affordable = PART_BYTES / sizeof(double) / made->padded_count;
    made->parts = affordable < 2 ? 2 : affordable < MOST_PARTS ? affordable : MOST_PARTS;
    if (made->parts > made->blocks)
        made->parts = made->blocks;
    size_t longest = rows / made->blocks + (rows % made->blocks != 0);
    made->stride = round_up(longest, SPIRAL_LANES);
    spiral_ranks_share(made->parts, &made->first_part, &made->end_part);
    made->threads = threads_for(made, threads);
    spiral_linalg_start();
    SpiralStatus status = SPIRAL_OK;
    if (!allocate_pass(made))
        status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to pass %zu rows through %zu parameters",
                                  rows, network->parameter_count);
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
    for (size_t t = 0; pass->workspace != NULL && t < pass->threads; t++) {
        free(pass->workspace[t].A);
        free(pass->workspace[t].memory);
    }
    free(pass->workspace);
    free(pass->part_gradient);
    free(pass->totals);
    free(pass);
}
