#include "net/block.h"

#include <stdlib.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "net/kernels.h"

bool spiral_block_create(const SpiralNetwork *network, size_t stride, bool gradients, bool dropout, SpiralBlock *block)
{
    *block = (SpiralBlock){.network = network, .stride = stride, .most_stride = stride};
    size_t outer = 2 + network->sizes[0], hidden = 0, widest = 0, count;
    for (size_t l = 1; l < network->layers; l++) {
        hidden += network->sizes[l]; /* sizes are at most INT_MAX each: no overflow */
        widest = network->sizes[l] > widest ? network->sizes[l] : widest;
    }
    outer += network->sizes[network->layers];
    size_t back = gradients ? widest : 0, masks = dropout ? hidden : 0;
    if (!spiral_multiply(outer + hidden + 2 * back + masks, stride, &count))
        return false;
    block->A = spiral_allocate(network->layers + 1, sizeof *block->A);
    block->labels = spiral_allocate(stride, sizeof *block->labels);
    block->active = spiral_allocate(hidden, sizeof *block->active);
    block->memory = spiral_allocate_doubles(count);
    if (block->active == NULL || block->A == NULL || block->labels == NULL || block->memory == NULL)
        return false;
    double *next = block->memory;
    for (size_t l = 0; l <= network->layers; l++) {
        block->A[l] = next;
        next += network->sizes[l] * stride;
    }
    block->back[0] = next;
    block->back[1] = next + back * stride;
    block->scratch = next + 2 * back * stride;
    block->mask = dropout ? block->scratch + 2 * stride : NULL;
    return true;
}

void spiral_block_free(SpiralBlock *block)
{
    free(block->A);
    free(block->labels);
    free(block->active);
    free(block->memory);
}

/* The first unit of a layer from 1 on, counted from that of layer 1. */
static size_t first_unit(const SpiralBlock *block, size_t layer)
{
    return (size_t)(block->A[layer] - block->A[1]) / block->most_stride;
}

void spiral_block_start(SpiralBlock *block, size_t stride, const SpiralPassInput *input)
{
    block->stride = stride;
    if (input->watch)
        memset(block->active, 0, first_unit(block, block->network->layers));
}

static void watch(SpiralBlock *block, size_t layer, size_t rows)
{
    uint8_t *active = block->active + first_unit(block, layer);
    for (size_t u = 0; u < block->network->sizes[layer]; u++) {
        const double *a = block->A[layer] + u * block->stride;
        for (size_t r = 0; r < rows && active[u] == 0; r++)
            active[u] = a[r] > 0.0;
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
    spiral_kernel_mask(rows, units, stride, input->kept[l - 1] + first * units, 1.0 / input->keep, mask);
    spiral_kernel_multiply(units * stride, mask, block->A[l]);
}

/* ---- layers: forward and back side by side ----------------------------------------------------------------------- */

/* Z (outputs, stride) = act(W^T A + b). */
static void forward_layer(const SpiralBlock *block, size_t layer, const double *parameters)
{
    const SpiralNetwork *network = block->network;
    size_t inputs = network->sizes[layer], outputs = network->sizes[layer + 1], stride = block->stride;
    const double *W = parameters + spiral_network_weights_offset(network, layer);
    const double *b = parameters + spiral_network_biases_offset(network, layer);
    const double *A = block->A[layer];
    double *Z = block->A[layer + 1];
    bool hidden = layer + 1 < network->layers;
    bool fused = hidden && inputs <= SPIRAL_SMALL && network->activation == SPIRAL_ACTIVATION_RELU;
    if (inputs <= SPIRAL_SMALL) {
        spiral_kernel_expand(inputs, outputs, stride, A, W, b, fused, Z);
    } else if (outputs <= SPIRAL_SMALL) {
        spiral_kernel_contract(outputs, inputs, stride, A, W, b, Z);
    } else {
        spiral_kernel_fill(outputs, stride, b, Z);
        spiral_linalg_multiply(true, false, outputs, stride, inputs, W, outputs, A, stride, 1.0, Z, stride);
    }
    if (hidden && !fused)
        spiral_kernel_activate(outputs, stride, network->activation, Z);
}

/* dW += A dZ^T and, unless this is the first layer, dA = dZ of the layer below and its db. The db of the last layer is the
 * caller's. */
static void backward_layer(const SpiralBlock *block, size_t layer, const double *parameters,
                           const SpiralPassInput *input, const double *dZ, double *dA, double *gradient)
{
    const SpiralNetwork *network = block->network;
    size_t inputs = network->sizes[layer], outputs = network->sizes[layer + 1], stride = block->stride;
    const double *A = block->A[layer], *W = parameters + spiral_network_weights_offset(network, layer);
    double *dW = gradient + spiral_network_weights_offset(network, layer);
    double *db = layer > 0 ? gradient + spiral_network_biases_offset(network, layer - 1) : NULL;
    bool dropout = input->kept != NULL;
    SpiralReturn kind = layer == 0                                                       ? SPIRAL_RETURN_NONE
                        : network->activation == SPIRAL_ACTIVATION_RELU && !dropout ? SPIRAL_RETURN_RELU
                                                                                    : SPIRAL_RETURN_RAW;
    if (outputs <= SPIRAL_SMALL) {
        spiral_kernel_return(outputs, inputs, stride, dZ, A, W, dW, kind, dA, db);
        if (kind != SPIRAL_RETURN_RAW)
            return;
    } else {
        if (inputs <= SPIRAL_SMALL)
            spiral_kernel_outer(inputs, outputs, stride, A, dZ, dW);
        else
            spiral_linalg_multiply(false, true, inputs, outputs, stride, A, stride, dZ, stride, 1.0, dW, outputs);
        if (layer > 0)
            spiral_linalg_multiply(false, false, inputs, stride, outputs, W, outputs, dZ, stride, 0.0, dA, stride);
    }
    if (layer > 0) {
        spiral_kernel_gate(inputs, stride, network->activation, A, dropout ? layer_mask(block, layer) : NULL,
                           dropout ? input->keep : 1.0, dA);
        spiral_kernel_row_sums(inputs, stride, dA, db);
    }
}

/* ---- the block --------------------------------------------------------------------------------------------------- */

void spiral_block_forward(SpiralBlock *block, const double *parameters, const SpiralPassInput *input, size_t first,
                          size_t rows)
{
    const SpiralNetwork *network = block->network;
    size_t D = network->sizes[0];
    const double *X = input->order == NULL ? input->X + first * D : input->X;
    spiral_kernel_pack(rows, D, block->stride, X, input->order == NULL ? NULL : input->order + first, network->mean,
                       network->scale, block->A[0]);
    for (size_t l = 0; l < network->layers; l++) {
        forward_layer(block, l, parameters);
        if (l + 1 == network->layers)
            break;
        if (input->watch)
            watch(block, l + 1, rows);
        if (input->kept != NULL)
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
    spiral_kernel_softmax(rows, network->sizes[network->layers], block->stride, y, weight, block->A[network->layers],
                          block->scratch, &totals->loss, &totals->correct);
}

void spiral_block_backward(SpiralBlock *block, const double *parameters, const SpiralPassInput *input, double *gradient)
{
    const SpiralNetwork *network = block->network;
    size_t last = network->layers - 1;
    const double *dZ = block->A[network->layers];
    spiral_kernel_row_sums(network->sizes[network->layers], block->stride, dZ,
                           gradient + spiral_network_biases_offset(network, last));
    for (size_t l = last + 1; l-- > 0;) {
        double *dA = block->back[l % 2];
        backward_layer(block, l, parameters, input, dZ, dA, gradient);
        dZ = dA;
    }
}
