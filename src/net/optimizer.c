#include "spiral/optimizer.h"

#include <math.h>

#include "net/optimizer.h"

SpiralOptimizer spiral_optimizer_defaults(void)
{
    return (SpiralOptimizer){.kind = SPIRAL_OPTIMIZER_SGD,
                             .momentum = 0.9,
                             .beta1 = 0.9,
                             .beta2 = 0.999,
                             .decay_rate = 0.99,
                             .epsilon = 1e-8};
}

const char *spiral_optimizer_name(SpiralOptimizerKind kind)
{
    switch (kind) {
#define NAME_CASE(code, name)                                                                                          \
    case code:                                                                                                         \
        return name;
        SPIRAL_OPTIMIZER_LIST(NAME_CASE)
#undef NAME_CASE
    }
    return "unknown";
}

static SpiralStatus check_fraction(const char *name, double value, SpiralError *error)
{
    if (value >= 0.0 && value < 1.0)
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%s is %g, a number from 0 and below 1 is expected",
                            name, value);
}

SpiralStatus spiral_optimizer_validate(const SpiralOptimizer *optimizer, SpiralError *error)
{
    SpiralStatus status = check_fraction("momentum", optimizer->momentum, error);
    if (status == SPIRAL_OK)
        status = check_fraction("beta1", optimizer->beta1, error);
    if (status == SPIRAL_OK)
        status = check_fraction("beta2", optimizer->beta2, error);
    if (status == SPIRAL_OK)
        status = check_fraction("decay_rate", optimizer->decay_rate, error);
    if (status == SPIRAL_OK && !(optimizer->epsilon > 0.0 && isfinite(optimizer->epsilon)))
        status = spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "epsilon is %g, a positive number is expected",
                                  optimizer->epsilon);
    return status;
}

size_t spiral_optimizer_slots(SpiralOptimizerKind kind)
{
    switch (kind) {
    case SPIRAL_OPTIMIZER_SGD:
        return 0;
    case SPIRAL_OPTIMIZER_MOMENTUM:
    case SPIRAL_OPTIMIZER_NESTEROV:
    case SPIRAL_OPTIMIZER_ADAGRAD:
    case SPIRAL_OPTIMIZER_RMSPROP:
        return 1;
    case SPIRAL_OPTIMIZER_ADAM:
    case SPIRAL_OPTIMIZER_ADAMW:
        break;
    }
    return 2;
}

bool spiral_optimizer_slot_is_squares(SpiralOptimizerKind kind, size_t slot)
{
    switch (kind) {
    case SPIRAL_OPTIMIZER_SGD:
    case SPIRAL_OPTIMIZER_MOMENTUM:
    case SPIRAL_OPTIMIZER_NESTEROV:
        return false;
    case SPIRAL_OPTIMIZER_ADAGRAD:
    case SPIRAL_OPTIMIZER_RMSPROP:
        return slot == 0;
    case SPIRAL_OPTIMIZER_ADAM:
    case SPIRAL_OPTIMIZER_ADAMW:
        break;
    }
    return slot == 1;
}

/* ---- the rules: each computes next from x, for count parameters -------------------------------------------------- */

static void step_momentum(const SpiralOptimizer *o, const SpiralUpdate *u)
{
    for (size_t i = 0; i < u->count; i++) {
        u->slot[0][i] = o->momentum * u->slot[0][i] - u->rate * u->dx[i];
        u->next[i] = u->x[i] + u->slot[0][i];
    }
}

static void step_nesterov(const SpiralOptimizer *o, const SpiralUpdate *u)
{
    for (size_t i = 0; i < u->count; i++) {
        double before = u->slot[0][i], v = o->momentum * before - u->rate * u->dx[i];
        u->next[i] = u->x[i] + (-o->momentum * before + (1.0 + o->momentum) * v);
        u->slot[0][i] = v;
    }
}

/* adagrad keeps the whole cache and adds the whole of dx^2; rmsprop takes a fraction of each. */
static void step_scaled(const SpiralOptimizer *o, const SpiralUpdate *u, double keep, double add)
{
    for (size_t i = 0; i < u->count; i++) {
        double cache = keep * u->slot[0][i] + add * (u->dx[i] * u->dx[i]);
        u->next[i] = u->x[i] - u->rate * u->dx[i] / (sqrt(cache) + o->epsilon);
        u->slot[0][i] = cache;
    }
}

static void step_adam(const SpiralOptimizer *o, const SpiralUpdate *u)
{
    double first = 1.0 - pow(o->beta1, (double)u->number), second = 1.0 - pow(o->beta2, (double)u->number);
    for (size_t i = 0; i < u->count; i++) {
        double m = o->beta1 * u->slot[0][i] + (1.0 - o->beta1) * u->dx[i];
        double v = o->beta2 * u->slot[1][i] + (1.0 - o->beta2) * (u->dx[i] * u->dx[i]);
        u->next[i] = u->x[i] - u->rate * (m / first) / (sqrt(v / second) + o->epsilon);
        u->slot[0][i] = m;
        u->slot[1][i] = v;
    }
}

void spiral_optimizer_update(const SpiralOptimizer *optimizer, const SpiralUpdate *update)
{
    switch (optimizer->kind) {
    case SPIRAL_OPTIMIZER_SGD:
        spiral_kernels()->descend(update->count, update->x, update->rate, update->dx, update->next);
        break;
    case SPIRAL_OPTIMIZER_MOMENTUM:
        step_momentum(optimizer, update);
        break;
    case SPIRAL_OPTIMIZER_NESTEROV:
        step_nesterov(optimizer, update);
        break;
    case SPIRAL_OPTIMIZER_ADAGRAD:
        step_scaled(optimizer, update, 1.0, 1.0);
        break;
    case SPIRAL_OPTIMIZER_RMSPROP:
        step_scaled(optimizer, update, optimizer->decay_rate, 1.0 - optimizer->decay_rate);
        break;
    case SPIRAL_OPTIMIZER_ADAM:
    case SPIRAL_OPTIMIZER_ADAMW:
        step_adam(optimizer, update);
        break;
    }
}
