/* optimizer.h: update rules and learning-rate schedules, as the CS231n notes teach them.
 *
 * Source: CS231n, "Learning and Evaluation" (https://cs231n.github.io/neural-networks-3/), sections "Parameter
 * updates", "Annealing the learning rate" and "Per-parameter adaptive learning rate methods"; the papers are named
 * at each rule. */
#ifndef SPIRAL_OPTIMIZER_H
#define SPIRAL_OPTIMIZER_H

#include <stddef.h>

#include "spiral/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* With x the parameters, dx the gradient, rate the scheduled learning rate and t = 1, 2, ... the number of the update.
 * All operations are elementwise; v, m, cache start at 0:
 *
 *   sgd       x -= rate dx
 *   momentum  v = momentum v - rate dx;  x += v                              (Polyak 1964)
 *   nesterov  v' = momentum v - rate dx;  x += -momentum v + (1 + momentum) v';  v = v'
 *             (Nesterov 1983, as in the notes; PyTorch keeps v without the rate, equivalent while the rate is constant)
 *   adagrad   cache += dx^2;  x -= rate dx / (sqrt(cache) + epsilon)         (Duchi, Hazan and Singer 2011)
 *   rmsprop   cache = decay_rate cache + (1 - decay_rate) dx^2;  x -= rate dx / (sqrt(cache) + epsilon)
 *             (Hinton, lecture 6e of Neural Networks for Machine Learning, 2012)
 *   adam      m = beta1 m + (1 - beta1) dx;  v = beta2 v + (1 - beta2) dx^2;
 *             x -= rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)        (Kingma and Ba 2015)
 *   adamw     as adam, but with reg W left out of dx and subtracted separately: x -= rate reg W
 *             (Loshchilov and Hutter 2019)
 * / */
#define SPIRAL_OPTIMIZER_LIST(X)                                                                                       \
    X(SPIRAL_OPTIMIZER_SGD, "sgd")                                                                                     \
    X(SPIRAL_OPTIMIZER_MOMENTUM, "momentum")                                                                           \
    X(SPIRAL_OPTIMIZER_NESTEROV, "nesterov")                                                                           \
    X(SPIRAL_OPTIMIZER_ADAGRAD, "adagrad")                                                                             \
    X(SPIRAL_OPTIMIZER_RMSPROP, "rmsprop")                                                                             \
    X(SPIRAL_OPTIMIZER_ADAM, "adam")                                                                                   \
    X(SPIRAL_OPTIMIZER_ADAMW, "adamw")

typedef enum SpiralOptimizerKind {
#define SPIRAL_OPTIMIZER_ENUM(code, name) code,
    SPIRAL_OPTIMIZER_LIST(SPIRAL_OPTIMIZER_ENUM)
#undef SPIRAL_OPTIMIZER_ENUM
} SpiralOptimizerKind;

typedef struct SpiralOptimizer {
    SpiralOptimizerKind kind;
    double momentum;     /* momentum, nesterov: 0 <= momentum < 1 */
    double beta1, beta2; /* adam, adamw: 0 <= beta < 1 */
    double decay_rate;   /* rmsprop: 0 <= decay_rate < 1 */
    double epsilon;      /* adagrad, rmsprop, adam, adamw: positive */
} SpiralOptimizer;

/* sgd; momentum 0.9, beta 0.9 and 0.999, decay_rate 0.99, epsilon 1e-8 */
SpiralOptimizer spiral_optimizer_defaults(void);
SpiralStatus spiral_optimizer_validate(const SpiralOptimizer *optimizer, SpiralError *error);
const char *spiral_optimizer_name(SpiralOptimizerKind kind); /* "sgd"; a static string */

/* The number of arrays (parameter_count) that make up the rule's state: 0, 1 or 2. */
size_t spiral_optimizer_slots(SpiralOptimizerKind kind);

/* The rate at iteration t = 0, 1, ... of T, from the base rate R:
 *
 *   constant     R
 *   step         R factor^floor(t / every)
 *   exponential  R exp(-decay t)
 *   inverse      R / (1 + decay t)
 *   cosine       R (1 + cos(pi t / T)) / 2                       (Loshchilov and Hutter 2017, without restarts)
 *
 * and, during the first `warmup` iterations, the above times (t + 1) / warmup. */
#define SPIRAL_SCHEDULE_LIST(X)                                                                                        \
    X(SPIRAL_SCHEDULE_CONSTANT, "constant")                                                                            \
    X(SPIRAL_SCHEDULE_STEP, "step")                                                                                    \
    X(SPIRAL_SCHEDULE_EXPONENTIAL, "exponential")                                                                      \
    X(SPIRAL_SCHEDULE_INVERSE, "inverse")                                                                              \
    X(SPIRAL_SCHEDULE_COSINE, "cosine")

typedef enum SpiralScheduleKind {
#define SPIRAL_SCHEDULE_ENUM(code, name) code,
    SPIRAL_SCHEDULE_LIST(SPIRAL_SCHEDULE_ENUM)
#undef SPIRAL_SCHEDULE_ENUM
} SpiralScheduleKind;

typedef struct SpiralSchedule {
    SpiralScheduleKind kind;
    size_t every;  /* step: iterations between steps, at least 1 */
    double factor; /* step: positive, at most 1 */
    double decay;  /* exponential, inverse: per iteration, at least 0 */
    size_t warmup; /* iterations */
} SpiralSchedule;

SpiralSchedule spiral_schedule_defaults(void); /* constant; every 1000, factor 0.5, decay 1e-3, warmup 0 */
SpiralStatus spiral_schedule_validate(const SpiralSchedule *schedule, SpiralError *error);
const char *spiral_schedule_name(SpiralScheduleKind kind);

double spiral_schedule_rate(const SpiralSchedule *schedule, double base, size_t iteration, size_t iterations);

#ifdef __cplusplus
}
#endif

#endif
