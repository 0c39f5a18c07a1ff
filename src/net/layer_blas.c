/* layer_blas.c: the layer as the notes write it; see layer.h. A holds an observation in each column, so what is X^T in
 * the notes is A here. */
#include "base/linalg.h"
#include "net/kernels.h"
#include "net/layer.h"

void spiral_layer_blas_forward(const SpiralLayer *layer, double *Z)
{
    size_t inputs = layer->inputs, outputs = layer->outputs, stride = layer->stride;
    /* Z = W^T A */
    spiral_linalg_multiply(true, false, outputs, stride, inputs, layer->W, outputs, layer->A, stride, 0.0, Z, stride);
    /* Z = act(Z + b) */
    if (layer->last)
        layer->kernels->add_bias(outputs, stride, layer->b, Z);
    else
        layer->kernels->activate(outputs, stride, layer->b, layer->activation, Z);
}

void spiral_layer_blas_backward(const SpiralLayer *layer, const double *dZ, double *dW, double *db, double *dA)
{
    size_t inputs = layer->inputs, outputs = layer->outputs, stride = layer->stride;
    const double *W = layer->W, *A = layer->A;
    /* dW += A dZ^T */
    spiral_linalg_multiply(false, true, inputs, outputs, stride, A, stride, dZ, stride, 1.0, dW, outputs);
    /* db += dZ 1 */
    layer->kernels->row_sums(outputs, stride, dZ, db);
    if (dA == NULL)
        return;
    /* dA = W dZ */
    spiral_linalg_multiply(false, false, inputs, stride, outputs, W, outputs, dZ, stride, 0.0, dA, stride);
    /* dA = dA * act'(A) * mask */
    layer->kernels->activate_backward(inputs, stride, layer->activation, A, layer->mask, layer->keep_probability, dA);
}
