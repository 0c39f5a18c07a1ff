#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "base/text.h"
#include "spiral/sweep.h"
#include "sweep/axis.h"

static SpiralStatus no_memory(size_t settings, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the %zu settings of a sweep", settings);
}

SpiralSweepFault spiral_sweep_plan_check(const SpiralSweepPlanOptions *options, const SpiralSweepAxis **axis)
{
    *axis = NULL;
    if ((uint64_t)options->seed + options->seeds > (uint64_t)UINT32_MAX + 1)
        return SPIRAL_SWEEP_FAULT_SEEDS;
    if (options->axis_count == 0 && options->seeds < 2)
        return SPIRAL_SWEEP_FAULT_NOTHING_SWEPT;
    if (options->axis_count == 0 && options->random > 0)
        return SPIRAL_SWEEP_FAULT_NOTHING_DRAWN;
    bool numbers = false;
    for (size_t i = 0; i < options->axis_count; i++) {
        *axis = &options->axes[i];
        numbers |= (*axis)->domain.number;
        if (spiral_sweep_axis_is_random(*axis) != (options->random > 0))
            return options->random > 0 ? SPIRAL_SWEEP_FAULT_GRID : SPIRAL_SWEEP_FAULT_DISTRIBUTION;
    }
    *axis = NULL;
    return options->refine > 0 && !numbers ? SPIRAL_SWEEP_FAULT_NOTHING_REFINED : SPIRAL_SWEEP_FAULT_NONE;
}

static SpiralStatus refuse_fault(const SpiralSweepPlanOptions *options, SpiralError *error)
{
    static const char *const reasons[] = {
        [SPIRAL_SWEEP_FAULT_NOTHING_SWEPT] = "nothing is swept: expected an axis, or several seeds",
        [SPIRAL_SWEEP_FAULT_NOTHING_DRAWN] = "nothing is drawn at random: expected an axis that is a distribution",
        [SPIRAL_SWEEP_FAULT_DISTRIBUTION] = "a distribution, expected the number of settings to draw, or a list",
        [SPIRAL_SWEEP_FAULT_GRID] = "all values of a grid, expected a distribution to draw from",
        [SPIRAL_SWEEP_FAULT_NOTHING_REFINED] = "there is nothing to refine: expected an axis of numbers",
        [SPIRAL_SWEEP_FAULT_SEEDS] = "the seeds end above 4294967295: expected a smaller seed, or fewer of them",
    };
    const SpiralSweepAxis *axis;
    SpiralSweepFault fault = spiral_sweep_plan_check(options, &axis);
    if (fault == SPIRAL_SWEEP_FAULT_NONE)
        return SPIRAL_OK;
    if (axis == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%s", reasons[fault]);
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%s: found \"%.*s\", %s", axis->name,
                            SPIRAL_TEXT_CUT(axis->text, 200), reasons[fault]);
}

/* The number of settings in the first round. */
static SpiralStatus count_settings(const SpiralSweepPlanOptions *options, size_t *settings, SpiralError *error)
{
    size_t count = options->random > 0 ? options->random : 1, runs;
    bool fits = true;
    for (size_t i = 0; options->random == 0 && fits && i < options->axis_count; i++)
        fits = spiral_multiply(count, options->axes[i].count, &count);
    if (!fits || !spiral_multiply(count, options->seeds, &runs) || runs > SPIRAL_SWEEP_LIMIT)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "more than %d runs, expected fewer values or seeds",
                                SPIRAL_SWEEP_LIMIT);
    *settings = count;
    return SPIRAL_OK;
}

/* Makes room for count more settings, whose values are NULL. */
static SpiralStatus grow(SpiralSweepPlan *plan, size_t count, SpiralError *error)
{
    size_t axes = plan->options.axis_count, settings = plan->settings + count, runs;
    if (!spiral_multiply(settings, plan->options.seeds, &runs) || runs > SPIRAL_SWEEP_LIMIT)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "more than %d runs, expected fewer of them",
                                SPIRAL_SWEEP_LIMIT);
    char **values = spiral_reallocate(plan->values, settings, axes * sizeof *values);
    if (values == NULL)
        return no_memory(settings, error);
    for (size_t i = plan->settings * axes; i < settings * axes; i++)
        values[i] = NULL;
    plan->values = values;
    plan->first = plan->settings;
    plan->settings = settings;
    return SPIRAL_OK;
}

static SpiralStatus set_value(SpiralSweepPlan *plan, size_t setting, size_t axis, const char *text, SpiralError *error)
{
    char *copy = spiral_copy_string(text);
    plan->values[setting * plan->options.axis_count + axis] = copy;
    return copy != NULL ? SPIRAL_OK : no_memory(plan->settings, error);
}

static SpiralStatus fill_grid(SpiralSweepPlan *plan, SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    for (size_t s = 0; s < plan->settings; s++) {
        size_t rest = s;
        for (size_t a = plan->options.axis_count; status == SPIRAL_OK && a-- > 0;) {
            const SpiralSweepAxis *axis = &plan->options.axes[a];
            status = set_value(plan, s, a, axis->values[rest % axis->count], error);
            rest /= axis->count;
        }
    }
    return status;
}

static SpiralStatus fill_random(SpiralSweepPlan *plan, SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    for (size_t s = 0; s < plan->settings; s++)
        for (size_t a = 0; status == SPIRAL_OK && a < plan->options.axis_count; a++) {
            const SpiralSweepAxis *axis = &plan->options.axes[a];
            double u = spiral_rng_uniform(&plan->stream);
            char text[64];
            if (axis->kind == SPIRAL_SWEEP_CHOICE) {
                status = set_value(plan, s, a, axis->values[(size_t)(u * (double)axis->count)], error);
                continue;
            }
            double value = spiral_sweep_between(axis->kind == SPIRAL_SWEEP_LOG_UNIFORM, axis->low, axis->high, u);
            spiral_sweep_axis_print(axis, value, axis->low, axis->high, text, sizeof text);
            status = set_value(plan, s, a, text, error);
        }
    return status;
}

SpiralStatus spiral_sweep_plan_create(const SpiralSweepPlanOptions *options, SpiralSweepPlan **plan, SpiralError *error)
{
    *plan = NULL;
    size_t settings = 0;
    SpiralStatus status = refuse_fault(options, error);
    if (status == SPIRAL_OK)
        status = count_settings(options, &settings, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralSweepPlan *made = spiral_allocate(1, sizeof *made);
    if (made == NULL)
        return no_memory(settings, error);
    made->options = *options;
    spiral_rng_seed(&made->stream, options->seed + 4);
    status = grow(made, settings, error);
    if (status == SPIRAL_OK)
        status = options->random > 0 ? fill_random(made, error) : fill_grid(made, error);
    if (status != SPIRAL_OK) {
        spiral_sweep_plan_free(made);
        return status;
    }
    *plan = made;
    return SPIRAL_OK;
}

void spiral_sweep_plan_free(SpiralSweepPlan *plan)
{
    if (plan == NULL)
        return;
    spiral_names_free(plan->values, plan->settings * plan->options.axis_count);
    free(plan);
}

/* ---- rounds ------------------------------------------------------------------------------------------------------ */

/* The range around value from which the current round draws. */
static void narrow(const SpiralSweepPlan *plan, const SpiralSweepAxis *axis, double value, double *low, double *high)
{
    bool logarithmic = spiral_sweep_axis_is_logarithmic(axis);
    const SpiralSweepDomain *domain = &axis->domain;
    spiral_sweep_axis_ends(axis, low, high);
    double share = pow(0.25, (double)plan->round) / 2.0;
    double half = logarithmic ? exp(share * (log(*high) - log(*low))) : share * (*high - *low);
    double from = logarithmic ? fmax(value / half, DBL_MIN) : value - half,
           to = logarithmic ? value * half : value + half;
    bool below = domain->above ? from <= domain->minimum : from < domain->minimum;
    *low = below ? (domain->above ? fmin(*low, value) : domain->minimum) : from;
    *high = fmin(to, domain->maximum != 0.0 ? domain->maximum : DBL_MAX);
}

static SpiralStatus draw_near(SpiralSweepPlan *plan, size_t setting, size_t a, const char *best, SpiralError *error)
{
    const SpiralSweepAxis *axis = &plan->options.axes[a];
    double low, high;
    char text[64];
    if (!axis->domain.number)
        return set_value(plan, setting, a, best, error);
    narrow(plan, axis, spiral_sweep_axis_number(best), &low, &high);
    double u = spiral_rng_uniform(&plan->stream);
    double value = spiral_sweep_between(spiral_sweep_axis_is_logarithmic(axis), low, high, u);
    if (axis->domain.whole) { /* whole ends, so that rounding stays within them */
        low = ceil(low);
        high = floor(high);
    }
    spiral_sweep_axis_print(axis, value, low, high, text, sizeof text);
    return set_value(plan, setting, a, text, error);
}

SpiralStatus spiral_sweep_plan_refine(SpiralSweepPlan *plan, size_t best, SpiralError *error)
{
    size_t first_round = plan->round == 0 ? plan->settings : plan->settings - plan->first;
    SpiralStatus status = grow(plan, first_round, error);
    if (status != SPIRAL_OK)
        return status;
    plan->round++;
    for (size_t s = plan->first; s < plan->settings; s++)
        for (size_t a = 0; status == SPIRAL_OK && a < plan->options.axis_count; a++)
            status = draw_near(plan, s, a, spiral_sweep_plan_value(plan, best, a), error);
    return status;
}

/* ---- queries ----------------------------------------------------------------------------------------------------- */

const char *spiral_sweep_plan_value(const SpiralSweepPlan *plan, size_t setting, size_t axis)
{
    return plan->values[setting * plan->options.axis_count + axis];
}

uint32_t spiral_sweep_plan_seed(const SpiralSweepPlan *plan, size_t run)
{
    return plan->options.seed + (uint32_t)(run % plan->options.seeds);
}

size_t spiral_sweep_plan_runs(const SpiralSweepPlan *plan)
{
    return plan->settings * plan->options.seeds;
}

bool spiral_sweep_plan_has(const SpiralSweepPlan *plan, size_t setting)
{
    return setting % plan->options.shards == plan->options.shard - 1;
}
