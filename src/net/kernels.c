/* kernels.c: see kernels.h. Compiled with -ffp-contract=fast, so that a clone with fused multiply-add uses it. */
#include "net/kernels.h"

#include <string.h>

/* One binary, the best clone chosen when it starts. Elsewhere the same C is compiled once. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(SPIRAL_NO_CLONES)
#define CLONED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONED
#endif
#define INLINE static inline __attribute__((always_inline))

typedef double Vector __attribute__((vector_size(8 * SPIRAL_LANES)));
typedef int64_t Mask __attribute__((vector_size(8 * SPIRAL_LANES)));  /* -1 or 0 a lane */
typedef uint64_t Bits __attribute__((vector_size(8 * SPIRAL_LANES))); /* a double's bits, for arithmetic on them */

INLINE Vector load(const double *from)
{
    return *(const Vector *)__builtin_assume_aligned(from, 64);
}

INLINE void store(double *to, Vector value)
{
    *(Vector *)__builtin_assume_aligned(to, 64) = value;
}

INLINE Vector broadcast(double value)
{
    return (Vector){value, value, value, value, value, value, value, value};
}

INLINE Vector choose(Mask mask, Vector yes, Vector no)
{
    return (Vector)(((Mask)yes & mask) | ((Mask)no & ~mask));
}

/* The lanes in pairs, then pairs of pairs: the same order in every clone. */
INLINE double lane_sum(Vector v)
{
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

/* exp of values of at most 0: x = n ln 2 + r, |r| <= ln 2 / 2, exp(r) by its Taylor series to r^13, whose remainder is below
 * 5e-18. Adding 1.5 * 2^52 rounds to an integer and leaves that integer in the low bits. */
INLINE Vector vector_exp(Vector x)
{
    const Vector shift = broadcast(0x1.8p52);
    Vector shifted = x * 0x1.71547652b82fep0 + shift;
    Vector n = shifted - shift;
    Vector r = (x - n * 0x1.62e42fefa39efp-1) - n * 0x1.abc9e3b39803fp-56;
#if !defined(__FMA__)
    /* Without a fused multiply-add n ln 2 must be exact: a short high part, and the rest. */
    r = (x - n * 0x1.62e42fee00000p-1) - n * 0x1.a39ef35793c76p-33;
#endif
    Vector p = broadcast(1.0 / 6227020800.0);
    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = (p * r) * r + r;
    p = p + 1.0;
    Bits power = ((Bits)shifted << 52) + (Bits)broadcast(1.0);
    return choose(x < broadcast(-708.0), broadcast(0.0), p * (Vector)power);
}

/* log of positive normal numbers, as in fdlibm's e_log.c: x = 2^n m with m in [sqrt(1/2), sqrt(2)), f = m - 1, s = f / (2 + f),
 * log(1 + f) = f - (f^2/2 - s (f^2/2 + R(s^2))). */
INLINE Vector vector_log(Vector x)
{
    const Bits root = (Bits)broadcast(0x1.6a09e667f3bcdp-1);
    Bits bits = (Bits)x + ((Bits)broadcast(1.0) - root);
    Bits exponent = bits >> 52; /* biased by 1023 */
    Vector m = (Vector)((bits & ((UINT64_C(1) << 52) - 1)) + root);
    Vector n = (Vector)(exponent + (Bits)broadcast(0x1.8p52)) - (0x1.8p52 + 1023.0);
    Vector f = m - 1.0, s = f / (f + 2.0), z = s * s, half = 0.5 * f * f;
    Vector R = broadcast(1.479819860511658591e-01);
    R = R * z + 1.531383769920937332e-01;
    R = R * z + 1.818357216161805012e-01;
    R = R * z + 2.222219843214978396e-01;
    R = R * z + 2.857142874366239149e-01;
    R = R * z + 3.999999999940941908e-01;
    R = R * z + 6.666666666666735130e-01;
    R = R * z;
    Vector low = s * (half + R) + n * 1.90821492927058770002e-10;
    return n * 6.93147180369123816490e-01 - ((half - low) - f);
}

CLONED void spiral_kernel_exp(size_t count, double *values)
{
    for (size_t i = 0; i + SPIRAL_LANES <= count; i += SPIRAL_LANES)
        store(values + i, vector_exp(load(values + i)));
}

CLONED void spiral_kernel_log(size_t count, double *values)
{
    for (size_t i = 0; i + SPIRAL_LANES <= count; i += SPIRAL_LANES)
        store(values + i, vector_log(load(values + i)));
}

void spiral_kernel_pack(size_t rows, size_t features, size_t stride, const double *X, const double *mean,
                        const double *scale, double *A)
{
    for (size_t d = 0; d < features; d++) {
        double *row = A + d * stride;
        if (mean == NULL)
            for (size_t r = 0; r < rows; r++)
                row[r] = X[r * features + d];
        else
            for (size_t r = 0; r < rows; r++)
                row[r] = (X[r * features + d] - mean[d]) / scale[d];
        memset(row + rows, 0, (stride - rows) * sizeof *row);
    }
}

/* max(0, z), but NaN stays NaN: nothing that went wrong may be swallowed. */
INLINE Vector finish(SpiralEpilogue epilogue, Vector z, const double *gate)
{
    const Vector zero = broadcast(0.0);
    if (epilogue == SPIRAL_EPILOGUE_RELU)
        return choose(z <= zero, zero, z);
    if (epilogue == SPIRAL_EPILOGUE_MASK)
        return choose(load(gate) > zero, z, zero);
    return z;
}

/* Compiles a body for each small count, so that its accumulators stay in registers. */
#define FOR_SMALL(count, call)                                                                                         \
    switch (count) {                                                                                                   \
    case 1: call(1); break;                                                                                            \
    case 2: call(2); break;                                                                                            \
    case 3: call(3); break;                                                                                            \
    case 4: call(4); break;                                                                                            \
    case 5: call(5); break;                                                                                            \
    case 6: call(6); break;                                                                                            \
    case 7: call(7); break;                                                                                            \
    default: call(8); break;                                                                                           \
    }

INLINE void expand(const size_t count, const SpiralEpilogue epilogue, size_t units, size_t stride, const double *A,
                   const double *W, const double *b, double *Z)
{
    for (size_t u = 0; u < units; u++) {
        Vector w[SPIRAL_SMALL], bias = broadcast(b[u]);
        for (size_t i = 0; i < count; i++)
            w[i] = broadcast(W[i * units + u]);
        for (size_t r = 0; r < stride; r += SPIRAL_LANES) {
            Vector z = bias;
            for (size_t i = 0; i < count; i++)
                z += w[i] * load(A + i * stride + r);
            store(Z + u * stride + r, finish(epilogue, z, NULL));
        }
    }
}

CLONED void spiral_kernel_expand(size_t count, size_t units, size_t stride, const double *A, const double *W,
                                 const double *b, SpiralEpilogue epilogue, double *Z)
{
#define CALL(n) expand(n, SPIRAL_EPILOGUE_NONE, units, stride, A, W, b, Z)
#define CALL_RELU(n) expand(n, SPIRAL_EPILOGUE_RELU, units, stride, A, W, b, Z)
    if (epilogue == SPIRAL_EPILOGUE_RELU)
        FOR_SMALL(count, CALL_RELU)
    else
        FOR_SMALL(count, CALL)
#undef CALL
#undef CALL_RELU
}

INLINE void contract(const size_t count, size_t units, size_t stride, const double *A, const double *W, const double *b,
                     SpiralEpilogue epilogue, double *Z)
{
    for (size_t r = 0; r < stride; r += SPIRAL_LANES) {
        Vector z[SPIRAL_SMALL];
        for (size_t i = 0; i < count; i++)
            z[i] = broadcast(b[i]);
        for (size_t u = 0; u < units; u++) {
            Vector a = load(A + u * stride + r);
            for (size_t i = 0; i < count; i++)
                z[i] += W[u * count + i] * a;
        }
        for (size_t i = 0; i < count; i++)
            store(Z + i * stride + r, finish(epilogue, z[i], NULL));
    }
}

CLONED void spiral_kernel_contract(size_t count, size_t units, size_t stride, const double *A, const double *W,
                                   const double *b, SpiralEpilogue epilogue, double *Z)
{
#define CALL(n) contract(n, units, stride, A, W, b, epilogue, Z)
    FOR_SMALL(count, CALL)
#undef CALL
}

INLINE void outer(const size_t count, size_t units, size_t stride, const double *A, const double *dZ, double *dW)
{
    for (size_t u = 0; u < units; u++) {
        Vector sum[SPIRAL_SMALL];
        for (size_t i = 0; i < count; i++)
            sum[i] = broadcast(0.0);
        for (size_t r = 0; r < stride; r += SPIRAL_LANES) {
            Vector dz = load(dZ + u * stride + r);
            for (size_t i = 0; i < count; i++)
                sum[i] += load(A + i * stride + r) * dz;
        }
        for (size_t i = 0; i < count; i++)
            dW[i * units + u] += lane_sum(sum[i]);
    }
}

CLONED void spiral_kernel_outer(size_t count, size_t units, size_t stride, const double *A, const double *dZ, double *dW)
{
#define CALL(n) outer(n, units, stride, A, dZ, dW)
    FOR_SMALL(count, CALL)
#undef CALL
}

INLINE void go_back(const size_t count, const bool below, size_t units, size_t stride, const double *dZ, const double *A,
                    const double *W, double *dW, double *dA, double *db)
{
    for (size_t u = 0; u < units; u++) {
        Vector sum[SPIRAL_SMALL], w[SPIRAL_SMALL], bias_sum = broadcast(0.0);
        for (size_t k = 0; k < count; k++) {
            sum[k] = broadcast(0.0);
            w[k] = broadcast(W[u * count + k]);
        }
        for (size_t r = 0; r < stride; r += SPIRAL_LANES) {
            Vector a = load(A + u * stride + r), da = broadcast(0.0);
            for (size_t k = 0; k < count; k++) {
                Vector dz = load(dZ + k * stride + r);
                sum[k] += a * dz;
                da += w[k] * dz;
            }
            if (below) {
                da = choose(a > broadcast(0.0), da, broadcast(0.0));
                bias_sum += da;
                store(dA + u * stride + r, da);
            }
        }
        for (size_t k = 0; k < count; k++)
            dW[u * count + k] += lane_sum(sum[k]);
        if (below)
            db[u] += lane_sum(bias_sum);
    }
}

CLONED void spiral_kernel_return(size_t count, size_t units, size_t stride, const double *dZ, const double *A,
                                 const double *W, double *dW, double *dA, double *db)
{
#define CALL(n) go_back(n, false, units, stride, dZ, A, W, dW, dA, db)
#define CALL_BELOW(n) go_back(n, true, units, stride, dZ, A, W, dW, dA, db)
    if (dA != NULL)
        FOR_SMALL(count, CALL_BELOW)
    else
        FOR_SMALL(count, CALL)
#undef CALL
#undef CALL_BELOW
}

CLONED void spiral_kernel_row_sums(size_t units, size_t stride, const double *dZ, double *db)
{
    for (size_t u = 0; u < units; u++) {
        Vector sum = broadcast(0.0);
        for (size_t r = 0; r < stride; r += SPIRAL_LANES)
            sum += load(dZ + u * stride + r);
        db[u] += lane_sum(sum);
    }
}

CLONED void spiral_kernel_fill(size_t units, size_t stride, const double *b, double *Z)
{
    for (size_t u = 0; u < units; u++)
        for (size_t r = 0; r < stride; r += SPIRAL_LANES)
            store(Z + u * stride + r, broadcast(b[u]));
}

CLONED void spiral_kernel_epilogue(size_t units, size_t stride, SpiralEpilogue epilogue, const double *gate, double *Z)
{
    for (size_t i = 0; i < units * stride; i += SPIRAL_LANES)
        store(Z + i, finish(epilogue, load(Z + i), gate + i));
}

/* highest[r] = max over k of the scores, best[r] = the first k that has it. */
INLINE void find_highest(size_t classes, size_t stride, size_t r, const double *scores, Vector *highest, Vector *best)
{
    *highest = load(scores + r);
    *best = broadcast(0.0);
    for (size_t k = 1; k < classes; k++) {
        Vector s = load(scores + k * stride + r);
        Mask higher = s > *highest;
        *highest = choose(higher, s, *highest);
        *best = choose(higher, broadcast((double)k), *best);
    }
}

CLONED void spiral_kernel_softmax(size_t rows, size_t classes, size_t stride, const int64_t *y, double weight,
                                  double *scores, double *scratch, double *loss, size_t *correct)
{
    double *class_of = scratch; /* y as doubles, -1 in the padding */
    double *weight_of = scratch + stride;
    for (size_t r = 0; r < stride; r++) {
        class_of[r] = r < rows && y != NULL ? (double)y[r] : -1.0;
        weight_of[r] = r < rows ? weight : 0.0;
    }
    Vector losses = broadcast(0.0), hits = broadcast(0.0);
    for (size_t r = 0; r < stride; r += SPIRAL_LANES) {
        Vector highest, best, sum = broadcast(0.0), own = broadcast(0.0);
        Vector label = load(class_of + r), share = load(weight_of + r);
        find_highest(classes, stride, r, scores, &highest, &best);
        for (size_t k = 0; k < classes; k++) {
            Vector shifted = load(scores + k * stride + r) - highest;
            Vector e = vector_exp(shifted);
            sum += e;
            own = choose(label == broadcast((double)k), shifted, own);
            store(scores + k * stride + r, e);
        }
        Vector inverse = share / sum;
        for (size_t k = 0; k < classes; k++) {
            Vector p = load(scores + k * stride + r) * inverse;
            Mask mine = label == broadcast((double)k);
            store(scores + k * stride + r, p - choose(mine, share, broadcast(0.0)));
        }
        Mask counted = label >= broadcast(0.0);
        losses += choose(counted, vector_log(sum) - own, broadcast(0.0));
        hits += choose(label == best, broadcast(1.0), broadcast(0.0));
    }
    *loss += lane_sum(losses);
    *correct += (size_t)lane_sum(hits);
}

CLONED void spiral_kernel_argmax(size_t rows, size_t classes, size_t stride, const double *scores, int64_t *labels)
{
    for (size_t r = 0; r < rows; r += SPIRAL_LANES) {
        Vector highest, best;
        find_highest(classes, stride, r, scores, &highest, &best);
        for (size_t lane = 0; lane < SPIRAL_LANES && r + lane < rows; lane++)
            labels[r + lane] = (int64_t)best[lane];
    }
}

void spiral_kernel_unpack(size_t rows, size_t units, size_t stride, const double *Z, double *out)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t u = 0; u < units; u++)
            out[r * units + u] = Z[u * stride + r];
}

CLONED void spiral_kernel_add(size_t count, const double *part, double *total)
{
    for (size_t i = 0; i < count; i++)
        total[i] += part[i];
}

CLONED double spiral_kernel_dot(size_t count, const double *a, const double *b)
{
    double lane[SPIRAL_LANES] = {0};
    size_t i = 0;
    for (; i + SPIRAL_LANES <= count; i += SPIRAL_LANES)
        for (size_t j = 0; j < SPIRAL_LANES; j++)
            lane[j] += a[i + j] * b[i + j];
    for (; i < count; i++)
        lane[i % SPIRAL_LANES] += a[i] * b[i];
    double sum = 0.0;
    for (size_t j = 0; j < SPIRAL_LANES; j++)
        sum += lane[j];
    return sum;
}

CLONED void spiral_kernel_descend(size_t count, const double *current, double rate, const double *gradient, double *next)
{
    for (size_t i = 0; i < count; i++)
        next[i] = current[i] - rate * gradient[i];
}

CLONED bool spiral_kernel_all_finite(size_t count, const double *values)
{
    /* x * 0 is 0 for a finite x and NaN for any other, and a sum keeps a NaN. */
    double lane[SPIRAL_LANES] = {0};
    for (size_t i = 0; i < count; i++)
        lane[i % SPIRAL_LANES] += values[i] * 0.0;
    double sum = 0.0;
    for (size_t j = 0; j < SPIRAL_LANES; j++)
        sum += lane[j];
    return sum == 0.0;
}
