#define _XOPEN_SOURCE 700 /* M_PI */
#include <math.h>

#include "spiral/optimizer.h"

SpiralSchedule spiral_schedule_defaults(void)
{
    return (SpiralSchedule){.kind = SPIRAL_SCHEDULE_CONSTANT, .every = 1000, .factor = 0.5, .decay = 1e-3};
}

const char *spiral_schedule_name(SpiralScheduleKind kind)
{
    switch (kind) {
#define NAME_CASE(code, name)                                                                                          \
    case code:                                                                                                         \
        return name;
        SPIRAL_SCHEDULE_LIST(NAME_CASE)
#undef NAME_CASE
    }
    return "unknown";
}

SpiralStatus spiral_schedule_validate(const SpiralSchedule *schedule, SpiralError *error)
{
    if (schedule->every == 0)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "every is 0, at least 1 iteration is expected");
    if (!(schedule->factor > 0.0 && schedule->factor <= 1.0))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "factor is %g, a number above 0 and at most 1 is expected", schedule->factor);
    if (!(schedule->decay >= 0.0 && isfinite(schedule->decay)))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "decay is %g, a number of at least 0 is expected",
                                schedule->decay);
    return SPIRAL_OK;
}

static double annealed(const SpiralSchedule *schedule, double base, size_t iteration, size_t iterations)
{
    double t = (double)iteration;
    switch (schedule->kind) {
    case SPIRAL_SCHEDULE_CONSTANT:
        break;
    case SPIRAL_SCHEDULE_STEP:
        return base * pow(schedule->factor, (double)(iteration / schedule->every));
    case SPIRAL_SCHEDULE_EXPONENTIAL:
        return base * exp(-schedule->decay * t);
    case SPIRAL_SCHEDULE_INVERSE:
        return base / (1.0 + schedule->decay * t);
    case SPIRAL_SCHEDULE_COSINE:
        return base * 0.5 * (1.0 + cos(M_PI * t / (double)iterations));
    }
    return base;
}

double spiral_schedule_rate(const SpiralSchedule *schedule, double base, size_t iteration, size_t iterations)
{
    double rate = annealed(schedule, base, iteration, iterations);
    if (iteration < schedule->warmup)
        rate *= (double)(iteration + 1) / (double)schedule->warmup;
    return rate;
}
