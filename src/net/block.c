#include "net/block.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/kernels.h"
#include "net/layer.h"

bool spiral_block_create(const SpiralNetwork *network, size_t stride, bool gradients, bool dropout, SpiralBlock *block)
{
    *block = (SpiralBlock){.network = network, .kernels = spiral_kernels(), .stride = stride, .most_stride = stride};
    size_t outer = 3 + network->sizes[0], hidden = 0, widest = 0;
    for (size_t l = 1; l < network->layers; l++) {
        hidden += network->sizes[l]; /* each size is at most INT_MAX: no overflow */
        widest = network->sizes[l] > widest ? network->sizes[l] : widest;
    }
    outer += network->sizes[network->layers];
    size_t back = gradients ? widest : 0, masks = dropout ? hidden : 0;
    block->A = spiral_allocate(network->layers + 1, sizeof *block->A);
    block->labels = spiral_allocate(stride, sizeof *block->labels);
    block->active = spiral_allocate(hidden, sizeof *block->active);
    block->seen = spiral_allocate(hidden, sizeof *block->seen);
    block->memory = spiral_allocate_matrix(outer + hidden + 2 * back + masks, stride);
    if (block->active == NULL || block->seen == NULL || block->A == NULL || block->labels == NULL ||
        block->memory == NULL)
        return false;
    double *next = block->memory;
    for (size_t l = 0; l <= network->layers; l++) {
        block->A[l] = next;
        next += network->sizes[l] * stride;
    }
    block->back[0] = next;
    block->back[1] = next + back * stride;
    block->scratch = next + 2 * back * stride;
    block->mask = dropout ? block->scratch + 3 * stride : NULL;
    return true;
}

void spiral_block_free(SpiralBlock *block)
{
    free(block->A);
    free(block->labels);
    free(block->active);
    free(block->seen);
    free(block->memory);
}

/* The index of a layer's first unit (layer >= 1), counted from the first unit of layer 1. */
static size_t first_unit(const SpiralBlock *block, size_t layer)
{
    return (size_t)(block->A[layer] - block->A[1]) / block->most_stride;
}

void spiral_block_start(SpiralBlock *block, size_t stride, const SpiralPassInput *input)
{
    block->stride = stride;
    if (input->track_active)
        memset(block->active, 0, first_unit(block, block->network->layers));
}

/* A unit that was positive for a row is likely to be so again: that row is looked at first. */
static void track_active(SpiralBlock *block, size_t layer, size_t rows)
{
    uint8_t *active = block->active + first_unit(block, layer);
    size_t *seen = block->seen + first_unit(block, layer), units = block->network->sizes[layer], stride = block->stride;
    const double *a = block->A[layer];
    for (size_t u = 0; u < units; u++, a += stride) {
        if (active[u] != 0)
            continue;
        if (!(seen[u] < rows && a[seen[u]] > 0.0)) {
            if (!block->kernels->any_positive(rows, a))
                continue;
            for (seen[u] = 0; !(a[seen[u]] > 0.0);)
                seen[u]++;
        }
        active[u] = 1;
    }
}

/* ---- dropout ----------------------------------------------------------------------------------------------------- */

/* The mask (units, stride) on the output of hidden layer l = 1 .. layers - 1. */
static double *layer_mask(const SpiralBlock *block, size_t l)
{
    return block->mask + first_unit(block, l) * block->most_stride;
}

static void drop_out(const SpiralBlock *block, size_t l, const SpiralPassInput *input, size_t first, size_t rows)
{
    size_t units = block->network->sizes[l], stride = block->stride;
    double *mask = layer_mask(block, l);
    block->kernels->scale_mask(rows, units, stride, input->dropout_mask[l - 1] + first * units,
                               1.0 / input->keep_probability, mask);
    block->kernels->multiply(units * stride, mask, block->A[l]);
}

/* ---- layers ------------------------------------------------------------------------------------------------------ */

/* Layer l (0 .. layers - 1), set up for this block; gradient is NULL for the way forward. */
static SpiralLayer layer_at(const SpiralBlock *block, size_t l, const double *parameters, double *gradient,
                            const SpiralPassInput *input)
{
    const SpiralNetwork *network = block->network;
    bool dropped = l > 0 && input->dropout_mask != NULL; /* from the layer's input */
    size_t weights = spiral_network_weights_offset(network, l), biases = spiral_network_biases_offset(network, l);
    return (SpiralLayer){
        .kernels = block->kernels,
        .inputs = network->sizes[l],
        .outputs = network->sizes[l + 1],
        .stride = block->stride,
        .W = parameters + weights,
        .b = parameters + biases,
        .dW = gradient != NULL ? gradient + weights : NULL,
        .db = gradient != NULL ? gradient + biases : NULL,
        .A = block->A[l],
        .X = l == 0 ? block->X : NULL,
        .rows = block->rows,
        .fused = spiral_network_layer_is_fused(network, l),
        .last = l + 1 == network->layers,
        .activation = network->activation,
        .mask = dropped ? layer_mask(block, l) : NULL,
        .keep_probability = dropped ? input->keep_probability : 1.0,
    };
}

/* True if layers l and l + 1 are a pair; see layer.h. With few units between them there is little to save. */
static bool is_pair(const SpiralNetwork *network, size_t l, const SpiralPassInput *input)
{
    return l + 1 < network->layers && network->activation == SPIRAL_ACTIVATION_RELU && input->dropout_mask == NULL &&
           (network->sizes[l] <= SPIRAL_PAIR_INPUTS || !spiral_network_layer_is_fused(network, l)) &&
           network->sizes[l + 1] > SPIRAL_THIN && spiral_network_layer_is_fused(network, l + 1);
}

static void forward_layer(const SpiralLayer *layer, double *Z)
{
    if (layer->fused)
        layer->kernels->layer_forward(layer, Z);
    else
        spiral_layer_blas_forward(layer, Z);
}

static void forward_pair(const SpiralLayer *lower, const SpiralLayer *upper, double *A, double *Z)
{
    if (!lower->fused)
        spiral_layer_blas_multiply(lower, A);
    lower->kernels->pair_forward(lower, upper, A, Z);
}

static void backward_layer(const SpiralLayer *layer, const double *dZ, double *dA)
{
    if (layer->fused)
        layer->kernels->layer_backward(layer, dZ, dA);
    else
        spiral_layer_blas_backward(layer, dZ, dA);
}

static void backward_pair(const SpiralLayer *lower, const SpiralLayer *upper, const double *dZ, double *dA, double *dX)
{
    lower->kernels->pair_backward(lower, upper, dZ, dA, dX);
    if (!lower->fused)
        spiral_layer_blas_multiply_back(lower, dA, dX);
}

/* ---- the block --------------------------------------------------------------------------------------------------- */

/* True if BLAS reads the rows directly from X, without packing. With few features, packing them is faster. A
 * prediction, which has no y, is always packed, because the search for overflows reads A[0]. */
static bool takes_rows(const SpiralNetwork *network, const SpiralPassInput *input)
{
    return network->sizes[0] > SPIRAL_THIN && !spiral_network_layer_is_fused(network, 0) && input->order == NULL &&
           network->mean == NULL && input->y != NULL;
}

void spiral_block_forward(SpiralBlock *block, const double *parameters, const SpiralPassInput *input, size_t first,
                          size_t rows)
{
    const SpiralNetwork *network = block->network;
    size_t D = network->sizes[0];
    const double *X = input->order == NULL ? input->X + first * D : input->X;
    block->rows = rows;
    block->X = takes_rows(network, input) ? X : NULL;
    if (block->X == NULL)
        block->kernels->pack(rows, D, block->stride, X, input->order == NULL ? NULL : input->order + first,
                             network->mean, network->scale, block->A[0]);
    for (size_t l = 0; l < network->layers; l++) {
        SpiralLayer layer = layer_at(block, l, parameters, NULL, input);
        if (is_pair(network, l, input)) {
            SpiralLayer upper = layer_at(block, l + 1, parameters, NULL, input);
            forward_pair(&layer, &upper, block->A[l + 1], block->A[l + 2]);
        } else if (l == 0 || !is_pair(network, l - 1, input)) {
            forward_layer(&layer, block->A[l + 1]);
        }
        if (layer.last)
            break;
        if (input->track_active)
            track_active(block, l + 1, rows);
        if (input->dropout_mask != NULL)
            drop_out(block, l + 1, input, first, rows);
    }
}

void spiral_block_loss(SpiralBlock *block, const SpiralPassInput *input, size_t first, size_t rows, double weight,
                       SpiralPassTotals *totals)
{
    const SpiralNetwork *network = block->network;
    const int64_t *y = input->y + first;
    if (input->order != NULL) {
        for (size_t r = 0; r < rows; r++)
            block->labels[r] = input->y[input->order[first + r]];
        y = block->labels;
    }
    block->kernels->softmax(rows, network->sizes[network->layers], block->stride, y, weight, block->A[network->layers],
                            block->scratch, &totals->loss, &totals->correct);
}

void spiral_block_backward(SpiralBlock *block, const double *parameters, const SpiralPassInput *input, double *gradient)
{
    const SpiralNetwork *network = block->network;
    const double *dZ = block->A[network->layers];
    for (size_t l = network->layers; l-- > 0;) {
        SpiralLayer layer = layer_at(block, l, parameters, gradient, input);
        double *dA = l > 0 ? block->back[l % 2] : NULL;
        if (is_pair(network, l, input)) {
            SpiralLayer upper = layer_at(block, l + 1, parameters, gradient, input);
            backward_pair(&layer, &upper, dZ, block->back[(l + 1) % 2], dA);
        } else if (l > 0 && is_pair(network, l - 1, input)) {
            continue; /* the lower layer takes it along */
        } else {
            backward_layer(&layer, dZ, dA);
        }
        dZ = dA;
    }
}
