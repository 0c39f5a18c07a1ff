/* softmax.c: computes losses, probabilities, dscores and classes from scores; see kernels.h. */
#include "net/vector.h"

void KERNEL(exp)(size_t count, double *values)
{
    for (size_t i = 0; i < count; i += WIDTH)
        store(values + i, vector_exp(load(values + i)));
}

void KERNEL(log)(size_t count, double *values)
{
    for (size_t i = 0; i < count; i += WIDTH)
        store(values + i, vector_log(load(values + i)));
}

/* For a vector of columns from r on: *highest is the maximum score over k, *best the first k that has it. */
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

/* What the softmax keeps of each column between its two loops. */
typedef struct Columns {
    double *label; /* (stride) y, -1 in the padding */
    double *own;   /* (stride) the shifted score of y */
    double *sum;   /* (stride) of the exponentials */
} Columns;

/* For a vector of columns from r on: replaces the scores by exp(s - highest score) and adds to the hits. */
INLINE void exponentials(size_t classes, size_t stride, size_t r, double *scores, const Columns *columns, Vector *hits)
{
    Vector highest, best, sum = broadcast(0.0), own = broadcast(0.0), label = load(columns->label + r);
    find_highest(classes, stride, r, scores, &highest, &best);
    for (size_t k = 0; k < classes; k++) {
        Vector shifted = load(scores + k * stride + r) - highest;
        Vector e = vector_exp(shifted);
        sum += e;
        own = choose(label == broadcast((double)k), shifted, own);
        store(scores + k * stride + r, e);
    }
    store(columns->own + r, own);
    store(columns->sum + r, sum);
    *hits += choose(label == best, broadcast(1.0), broadcast(0.0));
}

/* For a vector of columns from r on: replaces the exponentials by dscores and adds to the losses. */
INLINE void dscores(size_t classes, size_t stride, size_t r, double weight, double *scores, const Columns *columns,
                    Vector *losses)
{
    Vector label = load(columns->label + r), sum = load(columns->sum + r);
    Mask counted = label >= broadcast(0.0);
    Vector share = choose(counted, broadcast(weight), broadcast(0.0)), inverse = share / sum;
    for (size_t k = 0; k < classes; k++) {
        Vector p = load(scores + k * stride + r) * inverse;
        Mask mine = label == broadcast((double)k);
        store(scores + k * stride + r, p - choose(mine, share, broadcast(0.0)));
    }
    *losses += choose(counted, vector_log(sum) - load(columns->own + r), broadcast(0.0));
}

/* Two loops, because a logarithm waits for its exponentials: within one loop the processor finds too little else to do
 * meanwhile. */
void KERNEL(softmax)(size_t rows, size_t classes, size_t stride, const int64_t *y, double weight, double *scores,
                     double *scratch, double *loss, size_t *correct)
{
    Columns columns = {.label = scratch, .own = scratch + stride, .sum = scratch + 2 * stride};
    for (size_t r = 0; r < rows; r++)
        columns.label[r] = (double)y[r];
    for (size_t r = rows; r < stride; r++)
        columns.label[r] = -1.0;
    Vector losses[PARTS] = {{0}}, hits[PARTS] = {{0}};
    for (size_t r = 0; r < stride; r += SPIRAL_LANES)
        for (size_t p = 0; p < PARTS; p++)
            exponentials(classes, stride, r + p * WIDTH, scores, &columns, &hits[p]);
    for (size_t r = 0; r < stride; r += SPIRAL_LANES)
        for (size_t p = 0; p < PARTS; p++)
            dscores(classes, stride, r + p * WIDTH, weight, scores, &columns, &losses[p]);
    Lanes loss_lanes = lanes_of(losses), hit_lanes = lanes_of(hits);
    *loss += lane_sum(&loss_lanes);
    *correct += (size_t)lane_sum(&hit_lanes);
}

void KERNEL(probabilities)(size_t classes, size_t stride, double *scores)
{
    for (size_t r = 0; r < stride; r += WIDTH) {
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

void KERNEL(argmax)(size_t rows, size_t classes, size_t stride, const double *scores, int64_t *labels)
{
    for (size_t r = 0; r < rows; r += WIDTH) {
        Vector highest, best;
        find_highest(classes, stride, r, scores, &highest, &best);
        for (size_t lane = 0; lane < WIDTH && r + lane < rows; lane++)
            labels[r + lane] = (int64_t)best[lane];
    }
}
