/* layer_fused.c: the layer for thin products, with at most SPIRAL_THIN inputs or outputs; see layer.h. The steps that
 * layer_blas.c does before or after a product are done here while its numbers are in registers. The thin dimension is
 * unrolled, so that the accumulators stay in registers. Every sum is taken in the order of the rows.
 *
 * Loops work on several vectors at once if the level has enough registers for their accumulators. Each load then serves
 * all of them, and their sums, each a chain of dependent additions, run in parallel. */
#include "net/layer.h"
#include "net/vector.h"

enum { MOST_AT_ONCE = 4 };

/* A loop with a constant number of iterations, at most SPIRAL_THIN + 1, whose arrays should stay in registers. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 9")
#endif
#define UNROLLED(i, count) UNROLL for (size_t i = 0; i < (count); i++)

/* How many items, from 1 to `most`, fit in the registers if each item takes `each` and `others` are taken already. */
INLINE size_t at_once(const size_t most, const size_t each, const size_t others)
{
    size_t fit = each + others <= REGISTERS ? (REGISTERS - others) / each : 1;
    return fit < most ? fit : most;
}

/* The same for PARTS; the result divides PARTS. */
INLINE size_t parts_at_once(const size_t each, const size_t others)
{
    size_t parts = at_once(PARTS, each, others);
    return parts == 3 ? 2 : parts;
}

/* ---- forward ----------------------------------------------------------------------------------------------------- */

/* Z = W^T A + b, or max(0, W^T A + b) with relu, for few inputs. */
INLINE void expand(const size_t inputs, const bool relu, const SpiralLayer *layer, double *Z)
{
    size_t outputs = layer->outputs, stride = layer->stride;
    const double *A = layer->A;
    for (size_t u = 0; u < outputs; u++) {
        Vector w[SPIRAL_THIN], bias = broadcast(layer->b[u]);
        UNROLLED (i, inputs)
            w[i] = broadcast(layer->W[i * outputs + u]);
        for (size_t r = 0; r < stride; r += WIDTH) {
            Vector z = bias;
            UNROLLED (i, inputs)
                z += w[i] * load(A + i * stride + r);
            store(Z + u * stride + r, relu ? rectify(z) : z);
        }
    }
}

/* contract for `vectors` vectors of columns; A and Z point to the first column. */
INLINE void contract_columns(const size_t few, const size_t vectors, size_t units, size_t stride, const double *w,
                             const size_t few_step, const size_t unit_step, const double *A, const double *b, double *Z)
{
    Vector z[SPIRAL_THIN][MOST_AT_ONCE];
    UNROLLED (i, few)
        UNROLLED (v, vectors)
            z[i][v] = broadcast(b != NULL ? b[i] : 0.0);
    for (size_t u = 0; u < units; u++)
        UNROLLED (i, few) {
            Vector weight = broadcast(w[i * few_step + u * unit_step]);
            UNROLLED (v, vectors)
                z[i][v] += weight * load(A + u * stride + v * WIDTH);
        }
    UNROLLED (i, few)
        UNROLLED (v, vectors)
            store(Z + i * stride + v * WIDTH, z[i][v]);
}

/* Z (few, stride) = b + w (few, units) A (units, stride), where w[i, u] is w[i * few_step + u * unit_step]; b NULL
 * means 0. */
INLINE void contract(const size_t few, size_t units, size_t stride, const double *w, const size_t few_step,
                     const size_t unit_step, const double *A, const double *b, double *Z)
{
    const size_t vectors = at_once(MOST_AT_ONCE, few + 1, 2);
    size_t r = 0;
    for (; r + vectors * WIDTH <= stride; r += vectors * WIDTH)
        contract_columns(few, vectors, units, stride, w, few_step, unit_step, A + r, b, Z + r);
    for (; r < stride; r += WIDTH)
        contract_columns(few, 1, units, stride, w, few_step, unit_step, A + r, b, Z + r);
}

/* Compiles a separate call for each count from 1 to SPIRAL_THIN, or from 0 to SPIRAL_PAIR_INPUTS. */
#define CASE_OF(count, call)                                                                                           \
    case count:                                                                                                        \
        call(count);                                                                                                   \
        break;
#define CASES_TO_3(call) CASE_OF(1, call) CASE_OF(2, call) CASE_OF(3, call)
#define FOR_PAIR_INPUTS(count, call)                                                                                   \
    switch (count) {                                                                                                   \
        CASE_OF(0, call)                                                                                               \
        CASES_TO_3(call)                                                                                               \
    default:                                                                                                           \
        call(4);                                                                                                       \
    }
#define FOR_THIN(count, call)                                                                                          \
    switch (count) {                                                                                                   \
        CASES_TO_3(call)                                                                                               \
        CASE_OF(4, call)                                                                                               \
        CASE_OF(5, call)                                                                                               \
        CASE_OF(6, call)                                                                                               \
        CASE_OF(7, call)                                                                                               \
    default:                                                                                                           \
        call(8);                                                                                                       \
    }

void KERNEL(layer_forward)(const SpiralLayer *layer, double *Z)
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
        KERNEL(activate)(outputs, stride, NULL, layer->activation, Z);
}

/* ---- backward ---------------------------------------------------------------------------------------------------- */

/* The part of dA, for the layer below, that is computed while dZ is in registers. */
typedef enum Below {
    BELOW_NOTHING, /* there is no layer below */
    BELOW_PRODUCT, /* W dZ */
    BELOW_RELU     /* W dZ * 1(A > 0) */
} Below;

/* A sum over the columns is kept as SPIRAL_LANES partial sums until the end, each over every SPIRAL_LANES-th column.
 * The functions named _lanes compute the partial sums of `parts` vectors for `units` units; their arguments point to
 * the first lane and the first unit. lanes is (units, outputs, SPIRAL_LANES) or (units, inputs + 1, SPIRAL_LANES). */

INLINE void few_outputs_lanes(const size_t outputs, const size_t units, const size_t parts, const Below below,
                              size_t stride, const double *W, const double *A, const double *dZ, double *dA,
                              double *lanes)
{
    Vector sum[MOST_AT_ONCE][SPIRAL_THIN][PARTS] = {{{{0}}}}, w[MOST_AT_ONCE][SPIRAL_THIN];
    UNROLLED (u, units)
        UNROLLED (k, outputs)
            w[u][k] = broadcast(W[u * outputs + k]);
    for (size_t r = 0; r < stride; r += SPIRAL_LANES)
        UNROLLED (p, parts) {
            Vector a[MOST_AT_ONCE], da[MOST_AT_ONCE];
            UNROLLED (u, units) {
                a[u] = load(A + u * stride + r + p * WIDTH);
                da[u] = broadcast(0.0);
            }
            UNROLLED (k, outputs) {
                Vector dz = load(dZ + k * stride + r + p * WIDTH);
                UNROLLED (u, units) {
                    sum[u][k][p] += a[u] * dz;
                    da[u] += w[u][k] * dz;
                }
            }
            UNROLLED (u, units) {
                if (below == BELOW_RELU)
                    da[u] = choose(a[u] > broadcast(0.0), da[u], broadcast(0.0));
                if (below != BELOW_NOTHING)
                    store(dA + u * stride + r + p * WIDTH, da[u]);
            }
        }
    UNROLLED (u, units)
        UNROLLED (k, outputs)
            UNROLLED (p, parts)
                store(lanes + (u * outputs + k) * SPIRAL_LANES + p * WIDTH, sum[u][k][p]);
}

/* All parts for `units` units, starting at u. */
INLINE void few_outputs_units(const size_t outputs, const size_t units, const size_t parts, const Below below,
                              const SpiralLayer *layer, size_t u, const double *dZ, double *dA)
{
    Lanes lanes[MOST_AT_ONCE * SPIRAL_THIN];
    size_t stride = layer->stride;
    for (size_t lane = 0; lane < SPIRAL_LANES; lane += parts * WIDTH)
        few_outputs_lanes(outputs, units, parts, below, stride, layer->W + u * outputs, layer->A + u * stride + lane,
                          dZ + lane, below != BELOW_NOTHING ? dA + u * stride + lane : NULL, lanes[0].lane + lane);
    for (size_t i = 0; i < units * outputs; i++)
        layer->dW[u * outputs + i] += lane_sum(&lanes[i]);
}

/* dW += A dZ^T, and dA, for few outputs, in one pass over A. */
INLINE void backward_few_outputs(const size_t outputs, const Below below, const SpiralLayer *layer, const double *dZ,
                                 double *dA)
{
    const size_t parts = parts_at_once(outputs, outputs + 3);
    const size_t units = parts == PARTS ? at_once(MOST_AT_ONCE / PARTS, outputs * (PARTS + 1), 5) : 1;
    size_t u = 0;
    for (; u + units <= layer->inputs; u += units)
        few_outputs_units(outputs, units, parts, below, layer, u, dZ, dA);
    for (; u < layer->inputs; u++)
        few_outputs_units(outputs, 1, parts, below, layer, u, dZ, dA);
}

INLINE void few_inputs_lanes(const size_t inputs, const size_t units, const size_t parts, size_t stride,
                             const double *A, const double *dZ, double *lanes)
{
    Vector sum[MOST_AT_ONCE][SPIRAL_THIN][PARTS] = {{{{0}}}}, bias_sum[MOST_AT_ONCE][PARTS] = {{{0}}};
    for (size_t r = 0; r < stride; r += SPIRAL_LANES)
        UNROLLED (p, parts) {
            Vector dz[MOST_AT_ONCE];
            UNROLLED (u, units) {
                dz[u] = load(dZ + u * stride + r + p * WIDTH);
                bias_sum[u][p] += dz[u];
            }
            UNROLLED (i, inputs) {
                Vector a = load(A + i * stride + r + p * WIDTH);
                UNROLLED (u, units)
                    sum[u][i][p] += a * dz[u];
            }
        }
    UNROLLED (u, units)
        UNROLLED (i, inputs + 1)
            UNROLLED (p, parts)
                store(lanes + (u * (inputs + 1) + i) * SPIRAL_LANES + p * WIDTH,
                      i < inputs ? sum[u][i][p] : bias_sum[u][p]);
}

INLINE void few_inputs_units(const size_t inputs, const size_t units, const size_t parts, const SpiralLayer *layer,
                             size_t u, const double *dZ)
{
    Lanes lanes[MOST_AT_ONCE * (SPIRAL_THIN + 1)];
    size_t stride = layer->stride;
    for (size_t lane = 0; lane < SPIRAL_LANES; lane += parts * WIDTH)
        few_inputs_lanes(inputs, units, parts, stride, layer->A + lane, dZ + u * stride + lane, lanes[0].lane + lane);
    UNROLLED (v, units) {
        const Lanes *of_unit = lanes + v * (inputs + 1);
        UNROLLED (i, inputs)
            layer->dW[i * layer->outputs + u + v] += lane_sum(&of_unit[i]);
        layer->db[u + v] += lane_sum(&of_unit[inputs]);
    }
}

/* dW += A dZ^T and db += dZ 1, for few inputs, in one pass over dZ. */
INLINE void backward_few_inputs(const size_t inputs, const SpiralLayer *layer, const double *dZ)
{
    const size_t parts = parts_at_once(inputs + 1, 3);
    const size_t units = parts == PARTS ? at_once(MOST_AT_ONCE / PARTS, (inputs + 1) * PARTS, 3) : 1;
    size_t u = 0;
    for (; u + units <= layer->outputs; u += units)
        few_inputs_units(inputs, units, parts, layer, u, dZ);
    for (; u < layer->outputs; u++)
        few_inputs_units(inputs, 1, parts, layer, u, dZ);
}

/* dA for few inputs, as activate_backward leaves it. */
static void few_inputs_below(const SpiralLayer *layer, const double *dZ, double *dA)
{
#define BELOW(n) contract(n, layer->outputs, layer->stride, layer->W, layer->outputs, 1, dZ, NULL, dA)
    FOR_THIN(layer->inputs, BELOW)
#undef BELOW
    KERNEL(activate_backward)
    (layer->inputs, layer->stride, layer->activation, layer->A, layer->mask, layer->keep_probability, dA);
}

static void layer_backward_few_outputs(const SpiralLayer *layer, const double *dZ, double *dA)
{
    bool relu = layer->activation == SPIRAL_ACTIVATION_RELU && layer->mask == NULL;
#define NOTHING(n) backward_few_outputs(n, BELOW_NOTHING, layer, dZ, dA)
#define PRODUCT(n) backward_few_outputs(n, BELOW_PRODUCT, layer, dZ, dA)
#define RELU(n) backward_few_outputs(n, BELOW_RELU, layer, dZ, dA)
    if (dA == NULL)
        FOR_THIN(layer->outputs, NOTHING)
    else if (relu)
        FOR_THIN(layer->outputs, RELU)
    else
        FOR_THIN(layer->outputs, PRODUCT)
#undef NOTHING
#undef PRODUCT
#undef RELU
    KERNEL(row_sums)(layer->outputs, layer->stride, dZ, layer->db);
    if (dA != NULL && !relu)
        KERNEL(activate_backward)
    (layer->inputs, layer->stride, layer->activation, layer->A, layer->mask, layer->keep_probability, dA);
}

void KERNEL(layer_backward)(const SpiralLayer *layer, const double *dZ, double *dA)
{
#define FEW_INPUTS(n) backward_few_inputs(n, layer, dZ)
    if (layer->outputs <= SPIRAL_THIN) {
        layer_backward_few_outputs(layer, dZ, dA);
    } else {
        FOR_THIN(layer->inputs, FEW_INPUTS)
        if (dA != NULL)
            few_inputs_below(layer, dZ, dA);
    }
#undef FEW_INPUTS
}

/* ---- a pair of layers --------------------------------------------------------------------------------------------
 *
 * The lower layer has few inputs, the upper few outputs, and between them are many units A with ReLU. On the way
 * forward each vector of A is stored and goes into Z while it is in a register. On the way back dA goes from registers
 * into the sums of the lower layer. If the lower layer is not fused, it counts as one without inputs whose A is
 * already W^T X, and of whose sums only db is left to do. */

INLINE size_t pair_inputs(const SpiralLayer *lower)
{
    return lower->fused ? lower->inputs : 0;
}

/* Units whose weights stay in the L1 cache, so that each vector of columns finds them there. */
enum { PAIR_UNITS = 128 };

/* Adds units first to end - 1 to Z, for `vectors` vectors of columns from r on. */
INLINE void pair_columns(const size_t inputs, const size_t outputs, const size_t vectors, const SpiralLayer *lower,
                         const SpiralLayer *upper, size_t first, size_t end, size_t r, double *A, double *Z)
{
    size_t units = lower->outputs, stride = lower->stride;
    Vector x[SPIRAL_PAIR_INPUTS][MOST_AT_ONCE], z[SPIRAL_THIN][MOST_AT_ONCE];
    UNROLLED (v, vectors) {
        UNROLLED (i, inputs)
            x[i][v] = load(lower->A + i * stride + r + v * WIDTH);
        UNROLLED (k, outputs)
            z[k][v] = load(Z + k * stride + r + v * WIDTH);
    }
    for (size_t u = first; u < end; u++) {
        Vector a[MOST_AT_ONCE];
        UNROLLED (v, vectors) {
            a[v] = broadcast(lower->b[u]);
            if (inputs == 0)
                a[v] += load(A + u * stride + r + v * WIDTH);
        }
        UNROLLED (i, inputs) {
            Vector w = broadcast(lower->W[i * units + u]);
            UNROLLED (v, vectors)
                a[v] += w * x[i][v];
        }
        UNROLLED (v, vectors) {
            a[v] = rectify(a[v]);
            store(A + u * stride + r + v * WIDTH, a[v]);
        }
        UNROLLED (k, outputs) {
            Vector w = broadcast(upper->W[u * outputs + k]);
            UNROLLED (v, vectors)
                z[k][v] += w * a[v];
        }
    }
    UNROLLED (k, outputs)
        UNROLLED (v, vectors)
            store(Z + k * stride + r + v * WIDTH, z[k][v]);
}

/* One layer after the other. */
static void forward_in_turn(const SpiralLayer *lower, const SpiralLayer *upper, double *A, double *Z)
{
    if (lower->fused)
        KERNEL(layer_forward)(lower, A);
    else
        KERNEL(activate)(lower->outputs, lower->stride, lower->b, lower->activation, A);
    KERNEL(layer_forward)(upper, Z);
}

INLINE void forward_pair(const size_t inputs, const size_t outputs, const SpiralLayer *lower, const SpiralLayer *upper,
                         double *A, double *Z)
{
    const size_t vectors = at_once(MOST_AT_ONCE, inputs + outputs + 1, 2);
    size_t units = lower->outputs, stride = lower->stride;
    if (vectors * WIDTH < SPIRAL_LANES) { /* a pair of layers would be slower: less than a cache line at once */
        forward_in_turn(lower, upper, A, Z);
        return;
    }
    for (size_t k = 0; k < outputs; k++)
        for (size_t r = 0; r < stride; r += WIDTH)
            store(Z + k * stride + r, broadcast(upper->b[k]));
    for (size_t first = 0; first < units; first += PAIR_UNITS) {
        size_t end = first + PAIR_UNITS < units ? first + PAIR_UNITS : units, r = 0;
        for (; r + vectors * WIDTH <= stride; r += vectors * WIDTH)
            pair_columns(inputs, outputs, vectors, lower, upper, first, end, r, A, Z);
        for (; r < stride; r += WIDTH)
            pair_columns(inputs, outputs, 1, lower, upper, first, end, r, A, Z);
    }
    if (!upper->last)
        KERNEL(activate)(outputs, stride, NULL, upper->activation, Z);
}

INLINE void forward_pair_outputs(const size_t outputs, const SpiralLayer *lower, const SpiralLayer *upper, double *A,
                                 double *Z)
{
#define INPUTS(n) forward_pair(n, outputs, lower, upper, A, Z)
    FOR_PAIR_INPUTS(pair_inputs(lower), INPUTS)
#undef INPUTS
}

void KERNEL(pair_forward)(const SpiralLayer *lower, const SpiralLayer *upper, double *A, double *Z)
{
    size_t outputs = upper->outputs;
#define OUTPUTS(n) forward_pair_outputs(n, lower, upper, A, Z)
    FOR_THIN(outputs, OUTPUTS)
#undef OUTPUTS
}

/* The sum over the lanes of a vector that has all of them. */
INLINE double vector_sum(Vector v)
{
    Lanes lanes = {{0}};
    store(lanes.lane, v);
    return lane_sum(&lanes);
}

/* For `units` units from u on, on a level where one vector has all lanes. */
INLINE void pair_units(const size_t inputs, const size_t outputs, const size_t units, const SpiralLayer *lower,
                       const SpiralLayer *upper, size_t u, const double *dZ, double *dA)
{
    enum { MOST = 2 };
    size_t stride = lower->stride;
    const double *A = upper->A + u * stride;
    Vector w[MOST][SPIRAL_THIN], sum[MOST][SPIRAL_THIN] = {{{0}}};
    Vector lower_sum[MOST][SPIRAL_PAIR_INPUTS] = {{{0}}}, bias_sum[MOST] = {{0}};
    UNROLLED (v, units)
        UNROLLED (k, outputs)
            w[v][k] = broadcast(upper->W[(u + v) * outputs + k]);
    for (size_t r = 0; r < stride; r += WIDTH) {
        Vector a[MOST], da[MOST];
        UNROLLED (v, units) {
            a[v] = load(A + v * stride + r);
            da[v] = broadcast(0.0);
        }
        UNROLLED (k, outputs) {
            Vector dz = load(dZ + k * stride + r);
            UNROLLED (v, units) {
                sum[v][k] += a[v] * dz;
                da[v] += w[v][k] * dz;
            }
        }
        UNROLLED (v, units) {
            da[v] = choose(a[v] > broadcast(0.0), da[v], broadcast(0.0));
            bias_sum[v] += da[v];
            if (dA != NULL)
                store(dA + (u + v) * stride + r, da[v]);
        }
        UNROLLED (i, inputs) {
            Vector x = load(lower->A + i * stride + r);
            UNROLLED (v, units)
                lower_sum[v][i] += x * da[v];
        }
    }
    UNROLLED (v, units) {
        UNROLLED (k, outputs)
            upper->dW[(u + v) * outputs + k] += vector_sum(sum[v][k]);
        UNROLLED (i, inputs)
            lower->dW[i * lower->outputs + u + v] += vector_sum(lower_sum[v][i]);
        lower->db[u + v] += vector_sum(bias_sum[v]);
    }
}

INLINE void backward_pair(const size_t inputs, const size_t outputs, const SpiralLayer *lower, const SpiralLayer *upper,
                          const double *dZ, double *dA)
{
    size_t u = 0;
    for (; u + 2 <= lower->outputs; u += 2)
        pair_units(inputs, outputs, 2, lower, upper, u, dZ, dA);
    for (; u < lower->outputs; u++)
        pair_units(inputs, outputs, 1, lower, upper, u, dZ, dA);
}

INLINE void backward_pair_outputs(const size_t outputs, const SpiralLayer *lower, const SpiralLayer *upper,
                                  const double *dZ, double *dA)
{
#define INPUTS(n) backward_pair(n, outputs, lower, upper, dZ, dA)
    FOR_PAIR_INPUTS(pair_inputs(lower), INPUTS)
#undef INPUTS
}

void KERNEL(pair_backward)(const SpiralLayer *lower, const SpiralLayer *upper, const double *dZ, double *dA, double *dX)
{
    /* With fewer registers for the sums of both layers it is slower than one layer after the other. */
    if (PARTS > 1) {
        KERNEL(layer_backward)(upper, dZ, dA);
        if (lower->fused)
            KERNEL(layer_backward)(lower, dA, dX);
        else
            KERNEL(row_sums)(lower->outputs, lower->stride, dA, lower->db);
        return;
    }
#define OUTPUTS(n) backward_pair_outputs(n, lower, upper, dZ, dX != NULL || !lower->fused ? dA : NULL)
    FOR_THIN(upper->outputs, OUTPUTS)
#undef OUTPUTS
    KERNEL(row_sums)(upper->outputs, upper->stride, dZ, upper->db);
    if (dX != NULL && lower->fused)
        few_inputs_below(lower, dA, dX);
}
