/* vector.h: the vectors of one level of the instruction set, and elementary functions on them. Only for the sources of
 * the kernels. These are compiled once for each level, with SPIRAL_LEVEL as its name, and with -ffp-contract=fast, so
 * that a level with fused multiply-add uses it.
 *
 * A vector is one register of the level. SPIRAL_LANES numbers fill PARTS vectors. When many columns are summed, each of
 * the eight lanes has its own sum on every level, so the levels differ only by fused multiply-add. */
#ifndef SPIRAL_NET_VECTOR_H
#define SPIRAL_NET_VECTOR_H

#include <stdint.h>

#include "net/kernels.h"

/* With SPIRAL_COVERAGE each function is compiled once, not again for each caller, so that its branches count once. */
#ifdef SPIRAL_COVERAGE
#define INLINE static __attribute__((noinline, unused))
#else
#define INLINE static inline __attribute__((always_inline))
#endif

/* The name of a function of this level, such as spiral_kernel_softmax_avx2. DECLARE declares it with its type in the
 * table of kernels.h. */
#define KERNEL(name) KERNEL_OF(name, SPIRAL_LEVEL)
#define KERNEL_OF(name, level) KERNEL_JOIN(name, level)
#define KERNEL_JOIN(name, level) spiral_kernel_##name##_##level
#define DECLARE(name) __typeof__(*((const SpiralKernels *)0)->name) KERNEL(name)

extern const SpiralKernels KERNEL(table);
DECLARE(pack);
DECLARE(unpack);
DECLARE(row_sums);
DECLARE(add_bias);
DECLARE(activate);
DECLARE(activate_backward);
DECLARE(scale_mask);
DECLARE(multiply);
DECLARE(add);
DECLARE(dot);
DECLARE(descend);
DECLARE(largest);
DECLARE(any_positive);
DECLARE(all_finite);
DECLARE(exp);
DECLARE(log);
DECLARE(softmax);
DECLARE(probabilities);
DECLARE(argmax);
DECLARE(layer_forward);
DECLARE(layer_backward);
DECLARE(pair_forward);
DECLARE(pair_backward);

#if defined(__AVX512F__)
enum { WIDTH = 8, REGISTERS = 32 };
#define REPEAT(x) x, x, x, x, x, x, x, x
#elif defined(__AVX__)
enum { WIDTH = 4, REGISTERS = 16 };
#define REPEAT(x) x, x, x, x
#elif defined(__x86_64__)
enum { WIDTH = 2, REGISTERS = 16 };
#define REPEAT(x) x, x
#else
enum { WIDTH = 2, REGISTERS = 32 };
#define REPEAT(x) x, x
#endif
enum { PARTS = SPIRAL_LANES / WIDTH };

typedef double Vector __attribute__((vector_size(8 * WIDTH)));
typedef int64_t Mask __attribute__((vector_size(8 * WIDTH)));  /* -1 or 0 in each lane */
typedef uint64_t Bits __attribute__((vector_size(8 * WIDTH))); /* a double's bits, for arithmetic on them */

INLINE Vector load(const double *from)
{
    return *(const Vector *)__builtin_assume_aligned(from, 8 * WIDTH);
}

INLINE Vector load_unaligned(const double *from)
{
    typedef double Unaligned __attribute__((vector_size(8 * WIDTH), aligned(8), may_alias));
    return *(const Unaligned *)from;
}

INLINE void store(double *to, Vector value)
{
    *(Vector *)__builtin_assume_aligned(to, 8 * WIDTH) = value;
}

INLINE Vector broadcast(double value)
{
    return (Vector){REPEAT(value)};
}

INLINE Vector choose(Mask mask, Vector yes, Vector no)
{
    return (Vector)(((Mask)yes & mask) | ((Mask)no & ~mask));
}

/* SPIRAL_LANES partial sums. lane_sum adds them in pairs, then pairs of pairs: the same order on every level. */
typedef struct Lanes {
    double lane[SPIRAL_LANES];
} __attribute__((aligned(64))) Lanes;

INLINE double lane_sum(const Lanes *v)
{
    return ((v->lane[0] + v->lane[4]) + (v->lane[2] + v->lane[6])) +
           ((v->lane[1] + v->lane[5]) + (v->lane[3] + v->lane[7]));
}

INLINE Lanes lanes_of(const Vector v[PARTS])
{
    Lanes lanes;
    for (size_t p = 0; p < PARTS; p++)
        store(lanes.lane + p * WIDTH, v[p]);
    return lanes;
}

/* max(0, z), except that NaN stays NaN, so that no error is hidden. */
INLINE Vector rectify(Vector z)
{
    const Vector zero = broadcast(0.0);
    return choose(z <= zero, zero, z);
}

/* For x of at most 0, written as x = n ln 2 + r with |r| <= ln 2 / 2: sets *power = 2^n and returns exp(r) - 1 by the
 * Taylor series up to r^13, whose remainder is below 5e-18. Adding 1.5 * 2^52 rounds to an integer and leaves that
 * integer in the low bits. */
INLINE Vector reduced_expm1(Vector x, Vector *power)
{
    const Vector shift = broadcast(0x1.8p52);
    Vector shifted = x * 0x1.71547652b82fep0 + shift;
    Vector n = shifted - shift;
#if defined(__FMA__) || defined(__aarch64__)
    Vector r = (x - n * 0x1.62e42fefa39efp-1) - n * 0x1.abc9e3b39803fp-56;
#else
    /* Without fused multiply-add, n ln 2 is split so that the product with the short high part is exact. */
    Vector r = (x - n * 0x1.62e42fee00000p-1) - n * 0x1.a39ef35793c76p-33;
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
    *power = (Vector)(((Bits)shifted << 52) + (Bits)broadcast(1.0));
    return (p * r) * r + r;
}

/* exp(x) for x of at most 0; the result is 0 below -708. */
INLINE Vector vector_exp(Vector x)
{
    Vector power, e = reduced_expm1(x, &power);
    return choose(x < broadcast(-708.0), broadcast(0.0), (e + 1.0) * power);
}

/* exp(x) - 1 for x of at most 0, without cancellation; the result is -1 below -708. */
INLINE Vector vector_expm1(Vector x)
{
    Vector power, e = reduced_expm1(x, &power);
    return choose(x < broadcast(-708.0), broadcast(-1.0), e * power + (power - 1.0));
}

INLINE Vector magnitude(Vector x)
{
    return (Vector)((Bits)x & ~(Bits)broadcast(-0.0));
}

INLINE Vector with_sign_of(Vector value, Vector sign)
{
    return (Vector)((Bits)value | ((Bits)sign & (Bits)broadcast(-0.0)));
}

/* tanh |x| = -m / (2 + m) with m = exp(-2 |x|) - 1. */
INLINE Vector vector_tanh(Vector x)
{
    Vector m = vector_expm1(magnitude(x) * -2.0);
    return with_sign_of(-m / (m + 2.0), x);
}

/* 1 / (1 + exp(-x)), computed from exp(-|x|), which cannot overflow. */
INLINE Vector vector_sigmoid(Vector x)
{
    Vector e = vector_exp(-magnitude(x)), share = 1.0 / (e + 1.0);
    return choose(x < broadcast(0.0), e * share, share);
}

/* log(x) for positive normal numbers, as in fdlibm's e_log.c: x = 2^n m with m in [sqrt(1/2), sqrt(2)), f = m - 1,
 * s = f / (2 + f), log(1 + f) = f - (f^2/2 - s (f^2/2 + R(s^2))). */
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

#endif
