/* layer_fused.c: the layer where a product is thin, its inputs or its outputs at most SPIRAL_THIN; see layer.h. What
 * stands beside a product in layer_blas.c is done while its numbers are in registers, and the thin side is unrolled, so
 * that the accumulators stay there. The order of every sum is that of the rows. */
#include "net/layer.h"
#include "net/vector.h"

/* ---- forward ----------------------------------------------------------------------------------------------------- */

/* Z = W^T A + b, or max(0, that), of few inputs. */
INLINE void expand(const size_t inputs, const bool relu, const SpiralLayer *layer, double *Z)
{
    size_t outputs = layer->outputs, stride = layer->stride;
    for (size_t u = 0; u < outputs; u++) {
        Vector w[SPIRAL_THIN], bias = broadcast(layer->b[u]);
        for (size_t i = 0; i < inputs; i++)
            w[i] = broadcast(layer->W[i * outputs + u]);
        for (size_t r = 0; r < stride; r += SPIRAL_LANES) {
            Vector z = bias;
            for (size_t i = 0; i < inputs; i++)
                z += w[i] * load(layer->A + i * stride + r);
            store(Z + u * stride + r, relu ? rectify(z) : z);
        }
    }
}

/* Z (few, stride) = b + w (few, units) A (units, stride), where w[i, u] stands at i * few_step + u * unit_step; b NULL:
 * 0. */
INLINE void contract(const size_t few, size_t units, size_t stride, const double *w, const size_t few_step,
                     const size_t unit_step, const double *A, const double *b, double *Z)
{
    for (size_t r = 0; r < stride; r += SPIRAL_LANES) {
        Vector z[SPIRAL_THIN];
        for (size_t i = 0; i < few; i++)
            z[i] = broadcast(b != NULL ? b[i] : 0.0);
        for (size_t u = 0; u < units; u++) {
            Vector a = load(A + u * stride + r);
            for (size_t i = 0; i < few; i++)
                z[i] += w[i * few_step + u * unit_step] * a;
        }
        for (size_t i = 0; i < few; i++)
            store(Z + i * stride + r, z[i]);
    }
}

/* Compiles a call for each thin count. */
#define FOR_THIN(count, call)                                                                                          \
    switch (count) {                                                                                                   \
    case 1:                                                                                                            \
        call(1);                                                                                                       \
        break;                                                                                                         \
    case 2:                                                                                                            \
        call(2);                                                                                                       \
        break;                                                                                                         \
    case 3:                                                                                                            \
        call(3);                                                                                                       \
        break;                                                                                                         \
    case 4:                                                                                                            \
        call(4);                                                                                                       \
        break;                                                                                                         \
    case 5:                                                                                                            \
        call(5);                                                                                                       \
        break;                                                                                                         \
    case 6:                                                                                                            \
        call(6);                                                                                                       \
        break;                                                                                                         \
    case 7:                                                                                                            \
        call(7);                                                                                                       \
        break;                                                                                                         \
    default:                                                                                                           \
        call(8);                                                                                                       \
        break;                                                                                                         \
    }

CLONED void spiral_layer_fused_forward(const SpiralLayer *layer, double *Z)
{
    size_t inputs = layer->inputs, outputs = layer->outputs, stride = layer->stride;
    bool relu = !layer->last && layer->activation == SPIRAL_ACTIVATION_RELU && inputs <= SPIRAL_THIN;
#define EXPAND(n) expand(n, false, layer, Z)
#define EXPAND_RELU(n) expand(n, true, layer, Z)
#define CONTRACT(n) contract(n, inputs, stride, layer->W, 1, n, layer->A, layer->b, Z)
    if (relu)
        FOR_THIN(inputs, EXPAND_RELU)
    else if (inputs <= SPIRAL_THIN)
        FOR_THIN(inputs, EXPAND)
    else
        FOR_THIN(outputs, CONTRACT)
#undef EXPAND
#undef EXPAND_RELU
#undef CONTRACT
    if (!layer->last && !relu)
        spiral_kernel_activate(outputs, stride, NULL, layer->activation, Z);
}

/* ---- backward ---------------------------------------------------------------------------------------------------- */

/* What of dA, for the layer below, is computed while dZ is in registers. */
typedef enum Below {
    BELOW_NOTHING, /* there is no layer below */
    BELOW_PRODUCT, /* W dZ */
    BELOW_RELU     /* W dZ * 1(A > 0) */
} Below;

/* dW += A dZ^T and dA, of few outputs, in one pass over A. */
INLINE void backward_few_outputs(const size_t outputs, const Below below, const SpiralLayer *layer, const double *dZ,
                                 double *dW, double *dA)
{
    size_t stride = layer->stride;
    for (size_t u = 0; u < layer->inputs; u++) {
        Vector sum[SPIRAL_THIN], w[SPIRAL_THIN];
        for (size_t k = 0; k < outputs; k++) {
            sum[k] = broadcast(0.0);
            w[k] = broadcast(layer->W[u * outputs + k]);
        }
        for (size_t r = 0; r < stride; r += SPIRAL_LANES) {
            Vector a = load(layer->A + u * stride + r), da = broadcast(0.0);
            for (size_t k = 0; k < outputs; k++) {
                Vector dz = load(dZ + k * stride + r);
                sum[k] += a * dz;
                da += w[k] * dz;
            }
            if (below == BELOW_RELU)
                da = choose(a > broadcast(0.0), da, broadcast(0.0));
            if (below != BELOW_NOTHING)
                store(dA + u * stride + r, da);
        }
        for (size_t k = 0; k < outputs; k++)
            dW[u * outputs + k] += lane_sum(sum[k]);
    }
}

/* dW += A dZ^T and db += dZ 1, of few inputs, in one pass over dZ. */
INLINE void backward_few_inputs(const size_t inputs, const SpiralLayer *layer, const double *dZ, double *dW, double *db)
{
    size_t outputs = layer->outputs, stride = layer->stride;
    for (size_t u = 0; u < outputs; u++) {
        Vector sum[SPIRAL_THIN], bias_sum = broadcast(0.0);
        for (size_t i = 0; i < inputs; i++)
            sum[i] = broadcast(0.0);
        for (size_t r = 0; r < stride; r += SPIRAL_LANES) {
            Vector dz = load(dZ + u * stride + r);
            for (size_t i = 0; i < inputs; i++)
                sum[i] += load(layer->A + i * stride + r) * dz;
            bias_sum += dz;
        }
        for (size_t i = 0; i < inputs; i++)
            dW[i * outputs + u] += lane_sum(sum[i]);
        db[u] += lane_sum(bias_sum);
    }
}

CLONED void spiral_layer_fused_backward(const SpiralLayer *layer, const double *dZ, double *dW, double *db, double *dA)
{
    size_t inputs = layer->inputs, outputs = layer->outputs, stride = layer->stride;
    bool relu = layer->activation == SPIRAL_ACTIVATION_RELU && layer->mask == NULL && outputs <= SPIRAL_THIN;
#define NOTHING(n) backward_few_outputs(n, BELOW_NOTHING, layer, dZ, dW, dA)
#define PRODUCT(n) backward_few_outputs(n, BELOW_PRODUCT, layer, dZ, dW, dA)
#define RELU(n) backward_few_outputs(n, BELOW_RELU, layer, dZ, dW, dA)
#define FEW_INPUTS(n) backward_few_inputs(n, layer, dZ, dW, db)
#define FEW_INPUTS_BELOW(n) contract(n, outputs, stride, layer->W, outputs, 1, dZ, NULL, dA)
    if (outputs <= SPIRAL_THIN) {
        if (dA == NULL)
            FOR_THIN(outputs, NOTHING)
        else if (relu)
            FOR_THIN(outputs, RELU)
        else
            FOR_THIN(outputs, PRODUCT)
        spiral_kernel_row_sums(outputs, stride, dZ, db);
    } else {
        FOR_THIN(inputs, FEW_INPUTS)
        if (dA != NULL)
            FOR_THIN(inputs, FEW_INPUTS_BELOW)
    }
#undef NOTHING
#undef PRODUCT
#undef RELU
#undef FEW_INPUTS
#undef FEW_INPUTS_BELOW
    if (dA != NULL && !relu)
        spiral_kernel_activate_backward(inputs, stride, layer->activation, layer->A, layer->mask,
                                        layer->keep_probability, dA);
}
