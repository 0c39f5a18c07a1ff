/* kernels.c: activations and sums over a block of observations; see kernels.h. */
#include "net/vector.h"

#include <string.h>

static void pack_tile(size_t rows, size_t features, size_t stride, const double *X, const size_t *order,
                      size_t first_row, size_t first_feature, size_t tile, double *A)
{
    size_t end_row = first_row + tile < rows ? first_row + tile : rows;
    size_t end_feature = first_feature + tile < features ? first_feature + tile : features;
    for (size_t r = first_row; r < end_row; r++) {
        const double *x = X + (order != NULL ? order[r] : r) * features;
        for (size_t d = first_feature; d < end_feature; d++)
            A[d * stride + r] = x[d];
    }
}

/* Transposes in tiles, so that a tile's cache lines are reused before they are evicted. Rows of many features are not
 * in the cache, and memory is faster in longer runs. */
static void pack_tiles(size_t rows, size_t features, size_t stride, const double *X, const size_t *order, double *A)
{
    enum { TILE = 16, LARGE_TILE = 64, MANY = 128 };
    size_t tile = features > MANY ? LARGE_TILE : TILE;
    for (size_t r = 0; r < rows; r += tile)
        for (size_t d = 0; d < features; d += tile)
            pack_tile(rows, features, stride, X, order, r, d, tile, A);
}

/* The generated shapes have two features. With restrict, the compiler moves whole vectors. */
static void pack_two(size_t rows, size_t stride, const double *restrict X, double *restrict A)
{
    double *restrict second = A + stride;
    for (size_t r = 0; r < rows; r++) {
        A[r] = X[2 * r];
        second[r] = X[2 * r + 1];
    }
}

void KERNEL(pack)(size_t rows, size_t features, size_t stride, const double *X, const size_t *order, const double *mean,
                  const double *scale, double *A)
{
    if (features == 2 && order == NULL)
        pack_two(rows, stride, X, A);
    else
        pack_tiles(rows, features, stride, X, order, A);
    for (size_t d = 0; d < features; d++) {
        double *row = A + d * stride;
        for (size_t r = 0; mean != NULL && r < rows; r++)
            row[r] = (row[r] - mean[d]) / scale[d];
        memset(row + rows, 0, (stride - rows) * sizeof *row);
    }
}

void KERNEL(scale_mask)(size_t rows, size_t units, size_t stride, const uint8_t *mask, double factor, double *scaled)
{
    for (size_t u = 0; u < units; u++) {
        double *row = scaled + u * stride;
        for (size_t r = 0; r < rows; r++)
            row[r] = mask[r * units + u] != 0 ? factor : 0.0;
        memset(row + rows, 0, (stride - rows) * sizeof *row);
    }
}

void KERNEL(row_sums)(size_t units, size_t stride, const double *dZ, double *db)
{
    for (size_t u = 0; u < units; u++) {
        Vector sum[PARTS] = {{0}};
        for (size_t r = 0; r < stride; r += SPIRAL_LANES)
            for (size_t p = 0; p < PARTS; p++)
                sum[p] += load(dZ + u * stride + r + p * WIDTH);
        Lanes lanes = lanes_of(sum);
        db[u] += lane_sum(&lanes);
    }
}

void KERNEL(add_bias)(size_t units, size_t stride, const double *b, double *Z)
{
    for (size_t u = 0; u < units; u++)
        for (size_t r = 0; r < stride; r += WIDTH)
            store(Z + u * stride + r, load(Z + u * stride + r) + broadcast(b[u]));
}

INLINE Vector activate(const SpiralActivation activation, Vector z)
{
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        return rectify(z);
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        return choose(z < broadcast(0.0), z * SPIRAL_LEAKY_SLOPE, z);
    case SPIRAL_ACTIVATION_TANH:
        return vector_tanh(z);
    case SPIRAL_ACTIVATION_SIGMOID:
        break;
    }
    return vector_sigmoid(z);
}

/* The derivative, computed from the activation's value. */
INLINE Vector slope(const SpiralActivation activation, Vector a)
{
    const Vector zero = broadcast(0.0), one = broadcast(1.0);
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        return choose(a > zero, one, zero);
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        return choose(a > zero, one, broadcast(SPIRAL_LEAKY_SLOPE));
    case SPIRAL_ACTIVATION_TANH:
        return (1.0 - a) * (a + 1.0);
    case SPIRAL_ACTIVATION_SIGMOID:
        break;
    }
    return a * (1.0 - a);
}

INLINE void activate_rows(const SpiralActivation activation, const bool biased, size_t units, size_t stride,
                          const double *b, double *Z)
{
    for (size_t u = 0; u < units; u++) {
        Vector bias = broadcast(biased ? b[u] : 0.0);
        for (size_t r = 0; r < stride; r += WIDTH) {
            Vector z = load(Z + u * stride + r);
            store(Z + u * stride + r, activate(activation, biased ? z + bias : z));
        }
    }
}

void KERNEL(activate)(size_t units, size_t stride, const double *b, SpiralActivation activation, double *Z)
{
    /* A separate loop for each case, without branches inside. */
#define CASE(activation)                                                                                               \
    case activation:                                                                                                   \
        if (b != NULL)                                                                                                 \
            activate_rows(activation, true, units, stride, b, Z);                                                      \
        else                                                                                                           \
            activate_rows(activation, false, units, stride, b, Z);                                                     \
        break;
    switch (activation) {
        CASE(SPIRAL_ACTIVATION_RELU)
        CASE(SPIRAL_ACTIVATION_LEAKY_RELU)
        CASE(SPIRAL_ACTIVATION_TANH)
        CASE(SPIRAL_ACTIVATION_SIGMOID)
    }
#undef CASE
}

void KERNEL(activate_backward)(size_t units, size_t stride, SpiralActivation activation, const double *A,
                               const double *mask, double keep_probability, double *dA)
{
    for (size_t i = 0; i < units * stride; i += WIDTH) {
        Vector da = load(dA + i) * slope(activation, load(A + i) * keep_probability);
        store(dA + i, mask != NULL ? da * load(mask + i) : da);
    }
}

void KERNEL(multiply)(size_t count, const double *factor, double *values)
{
    for (size_t i = 0; i < count; i += WIDTH)
        store(values + i, load(values + i) * load(factor + i));
}

void KERNEL(unpack)(size_t rows, size_t units, size_t stride, const double *Z, double *out)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t u = 0; u < units; u++)
            out[r * units + u] = Z[u * stride + r];
}

void KERNEL(add)(size_t count, const double *part, double *total)
{
    for (size_t i = 0; i < count; i++)
        total[i] += part[i];
}

double KERNEL(dot)(size_t count, const double *a, const double *b)
{
    Vector sum[PARTS] = {{0}};
    size_t i = 0;
    for (; i + SPIRAL_LANES <= count; i += SPIRAL_LANES)
        for (size_t p = 0; p < PARTS; p++)
            sum[p] += load_unaligned(a + i + p * WIDTH) * load_unaligned(b + i + p * WIDTH);
    Lanes lanes = lanes_of(sum);
    for (; i < count; i++)
        lanes.lane[i % SPIRAL_LANES] += a[i] * b[i];
    double total = 0.0;
    for (size_t j = 0; j < SPIRAL_LANES; j++)
        total += lanes.lane[j];
    return total;
}

void KERNEL(descend)(size_t count, const double *current, double rate, const double *gradient, double *next)
{
    for (size_t i = 0; i < count; i++)
        next[i] = current[i] - rate * gradient[i];
}

double KERNEL(largest)(size_t count, const double *values)
{
    Vector most = broadcast(0.0);
    for (size_t i = 0; i < count; i += WIDTH) {
        Vector value = load(values + i), size = choose(value < broadcast(0.0), -value, value);
        most = choose(size > most, size, most);
    }
    double found = 0.0;
    for (size_t j = 0; j < WIDTH; j++)
        found = most[j] > found ? most[j] : found;
    return found;
}

bool KERNEL(any_positive)(size_t count, const double *values)
{
    Mask positive = {0};
    size_t i = 0;
    for (; i + SPIRAL_LANES <= count; i += SPIRAL_LANES)
        for (size_t p = 0; p < PARTS; p++)
            positive |= load(values + i + p * WIDTH) > broadcast(0.0);
    bool found = false;
    for (size_t j = 0; j < WIDTH; j++)
        found = found || positive[j] != 0;
    for (; i < count; i++)
        found = found || values[i] > 0.0;
    return found;
}

bool KERNEL(all_finite)(size_t count, const double *values)
{
    /* x * 0 is 0 for a finite x and NaN for any other, and a sum keeps a NaN. */
    Vector sum[PARTS] = {{0}};
    size_t i = 0;
    for (; i + SPIRAL_LANES <= count; i += SPIRAL_LANES)
        for (size_t p = 0; p < PARTS; p++)
            sum[p] += load_unaligned(values + i + p * WIDTH) * 0.0;
    Lanes lanes = lanes_of(sum);
    double total = lane_sum(&lanes);
    for (; i < count; i++)
        total += values[i] * 0.0;
    return total == 0.0;
}
