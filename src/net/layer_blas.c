/* layer_blas.c: the layer as the notes write it; see layer.h. A holds one observation per column, so A here is X^T in
 * the notes. When the data comes as X instead of A, BLAS does the transposing. */
#include "base/linalg.h"
#include "net/kernels.h"
#include "net/layer.h"

#include <string.h>

/* A (inputs, columns): the layer's A with its padding, or X^T. */
typedef struct Input {
    const double *values;
    bool transpose;
    size_t columns, row_length;
} Input;

static Input input_of(const SpiralLayer *layer)
{
    if (layer->X != NULL)
        return (Input){layer->X, true, layer->rows, layer->inputs};
    return (Input){layer->A, false, layer->stride, layer->stride};
}

void spiral_layer_blas_multiply(const SpiralLayer *layer, double *Z)
{
    size_t inputs = layer->inputs, outputs = layer->outputs, stride = layer->stride;
    Input A = input_of(layer);
    /* Z = W^T A */
    spiral_linalg_multiply(true, A.transpose, outputs, A.columns, inputs, layer->W, outputs, A.values, A.row_length,
                           0.0, Z, stride);
    for (size_t u = 0; u < outputs && A.columns < stride; u++)
        memset(Z + u * stride + A.columns, 0, (stride - A.columns) * sizeof *Z);
}

void spiral_layer_blas_forward(const SpiralLayer *layer, double *Z)
{
    spiral_layer_blas_multiply(layer, Z);
    /* Z = act(Z + b) */
    if (layer->last)
        layer->kernels->add_bias(layer->outputs, layer->stride, layer->b, Z);
    else
        layer->kernels->activate(layer->outputs, layer->stride, layer->b, layer->activation, Z);
}

void spiral_layer_blas_multiply_back(const SpiralLayer *layer, const double *dZ, double *dA)
{
    size_t inputs = layer->inputs, outputs = layer->outputs, stride = layer->stride;
    Input A = input_of(layer);
    /* dW += A dZ^T */
    spiral_linalg_multiply(A.transpose, true, inputs, outputs, A.columns, A.values, A.row_length, dZ, stride, 1.0,
                           layer->dW, outputs);
    if (dA == NULL)
        return;
    /* dA = W dZ */
    spiral_linalg_multiply(false, false, inputs, stride, outputs, layer->W, outputs, dZ, stride, 0.0, dA, stride);
    /* dA = dA * act'(A) * mask */
    layer->kernels->activate_backward(inputs, stride, layer->activation, layer->A, layer->mask, layer->keep_probability,
                                      dA);
}

void spiral_layer_blas_backward(const SpiralLayer *layer, const double *dZ, double *dA)
{
    /* db += dZ 1 */
    layer->kernels->row_sums(layer->outputs, layer->stride, dZ, layer->db);
    spiral_layer_blas_multiply_back(layer, dZ, dA);
}
