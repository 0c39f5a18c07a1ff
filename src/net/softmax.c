/* softmax.c: from scores to losses, probabilities, dscores and classes; see kernels.h. */
#include "net/vector.h"

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
        class_of[r] = r < rows ? (double)y[r] : -1.0;
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

CLONED void spiral_kernel_probabilities(size_t rows, size_t classes, size_t stride, double *scores)
{
    for (size_t r = 0; r < rows; r += SPIRAL_LANES) {
        Vector highest, best, sum = broadcast(0.0);
        find_highest(classes, stride, r, scores, &highest, &best);
        for (size_t k = 0; k < classes; k++) {
            Vector e = vector_exp(load(scores + k * stride + r) - highest);
            sum += e;
            store(scores + k * stride + r, e);
        }
        for (size_t k = 0; k < classes; k++)
            store(scores + k * stride + r, load(scores + k * stride + r) / sum);
    }
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
