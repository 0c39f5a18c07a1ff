#include "figure/axis.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* The longest logarithmic axis; lower values are off its end. */
static const double LARGEST_RATIO = 1e250;

static const double BROKEN_PART = 0.12; /* of the axis above it, for the place of 0 */

enum { MOST_MARKS = 24, LONGEST_MARK = 6 };

/* Ten to a whole power, exact where a double can be. */
static double power_of_ten(int exponent)
{
    return pow(10.0, (double)exponent);
}

void spiral_axis_limits(SpiralAxis *axis, double low, double high)
{
    double size = fmax(fabs(low), fabs(high));
    if (axis->logarithmic) {
        low = fmax(low, high / LARGEST_RATIO);
        if (!(high / low > 1.0 + 1e-9)) {
            low /= 2.0;
            high *= 2.0;
        }
    } else if (!(high - low > fmax(size * 1e-9, 1e-290))) {
        double room = size > 1e-290 ? size * (high > low ? 1e-6 : 0.5) : 1.0;
        low -= room;
        high += room;
    }
    axis->low = low;
    axis->high = high;
}

void spiral_axis_widen(SpiralAxis *axis, double part)
{
    if (axis->logarithmic) {
        double factor = pow(axis->high / axis->low, part);
        axis->low /= factor;
        axis->high *= factor;
    } else {
        double range = axis->high - axis->low;
        axis->low -= part * range;
        axis->high += part * range;
    }
}

void spiral_axis_break(SpiralAxis *axis)
{
    axis->broken = axis->low;
    axis->low = fmax(axis->low / pow(axis->high / axis->low, BROKEN_PART), DBL_MIN);
}

double spiral_axis_place(const SpiralAxis *axis, double value)
{
    if (axis->broken > 0.0 && value == 0.0)
        return spiral_axis_place(axis, axis->broken) / 2.0;
    double place = axis->logarithmic ? log(fmax(value / axis->low, DBL_MIN)) / log(axis->high / axis->low)
                                     : (value - axis->low) / (axis->high - axis->low);
    return axis->downwards ? 1.0 - place : place;
}

/* ---- labels ------------------------------------------------------------------------------------------------------ */

/* Copies a number printed by printf, with a minus sign in place of the hyphen. */
static void with_minus_sign(const char *number, char *text, size_t size)
{
    bool negative = number[0] == '-';
    snprintf(text, size, "%s%s", negative ? "\xe2\x88\x92" : "", number + (negative ? 1 : 0));
}

void spiral_axis_power(int exponent, char *text, size_t size)
{
    static const char *const raised[] = {"\xe2\x81\xb0", "\xc2\xb9",     "\xc2\xb2",     "\xc2\xb3",
                                         "\xe2\x81\xb4", "\xe2\x81\xb5", "\xe2\x81\xb6", "\xe2\x81\xb7",
                                         "\xe2\x81\xb8", "\xe2\x81\xb9"};
    char digits[16];
    snprintf(digits, sizeof digits, "%d", exponent);
    size_t used = (size_t)snprintf(text, size, "10");
    for (const char *c = digits; *c != '\0' && used < size; c++)
        used += (size_t)snprintf(text + used, size - used, "%s", *c == '-' ? "\xe2\x81\xbb" : raised[*c - '0']);
}

void spiral_axis_caption(const SpiralAxis *axis, char *text, size_t size)
{
    char power[64] = "";
    if (axis->exponent != 0)
        spiral_axis_power(axis->exponent, power, sizeof power);
    const char *label = axis->label != NULL ? axis->label : "";
    if (power[0] == '\0')
        snprintf(text, size, "%s", label);
    else
        snprintf(text, size, "%.*s%s(\xc3\x97%s)", SPIRAL_TEXT_CUT(label, 400), label[0] != '\0' ? " " : "", power);
}

static void add_tick(SpiralAxis *axis, double value, const char *label)
{
    if (axis->tick_count == SPIRAL_TICKS)
        return;
    SpiralTick *tick = &axis->ticks[axis->tick_count++];
    tick->value = value;
    snprintf(tick->label, sizeof tick->label, "%s", label);
}

/* The tick of a 0 below the break. */
static void add_zero(SpiralAxis *axis)
{
    if (axis->broken > 0.0)
        add_tick(axis, 0.0, "0");
}

/* Where the other ticks begin. */
static double least(const SpiralAxis *axis)
{
    return fmax(axis->low, axis->broken);
}

/* ---- linear ------------------------------------------------------------------------------------------------------ */

/* A step of multiple * 10^exponent. */
typedef struct Step {
    double multiple;
    int exponent;
} Step;

/* value * 10^exponent with a single rounding, also for a negative exponent. */
static double scaled(double value, int exponent)
{
    return exponent < 0 ? value / power_of_ten(-exponent) : value * power_of_ten(exponent);
}

static double step_size(Step step)
{
    return scaled(step.multiple, step.exponent);
}

static Step larger(Step step)
{
    if (step.multiple == 5.0)
        return (Step){1.0, step.exponent + 1};
    return (Step){step.multiple == 1.0 ? 2.0 : 5.0, step.exponent};
}

static const double SLACK = 1e-9; /* of a step: a limit that is a tick up to rounding gets its tick */

static double first_tick(const SpiralAxis *axis, Step step)
{
    return ceil(axis->low / step_size(step) - SLACK);
}

static double last_tick(const SpiralAxis *axis, Step step)
{
    return floor(axis->high / step_size(step) + SLACK);
}

static void linear_ticks(SpiralAxis *axis, size_t most)
{
    double range = axis->high - axis->low;
    Step step = {1.0, (int)floor(log10(range / (double)most)) - 1};
    while (last_tick(axis, step) - first_tick(axis, step) + 1.0 > (double)most || (axis->whole && step.exponent < 0))
        step = larger(step);
    double size = fmax(fabs(axis->low), fabs(axis->high));
    int digits = (int)floor(log10(size)); /* of the largest label, before the point, less one */
    axis->exponent = digits >= 6 || digits < -3 ? digits : 0;
    int decimals = axis->exponent - step.exponent > 0 ? axis->exponent - step.exponent : 0;
    add_zero(axis);
    double last = last_tick(axis, step);
    for (double i = first_tick(axis, step); i <= last; i += 1.0) {
        double value = scaled(i * step.multiple, step.exponent) + 0.0;
        if (axis->broken > 0.0 && value < axis->broken)
            continue;
        char number[SPIRAL_TICK_BYTES - 4], label[SPIRAL_TICK_BYTES];
        snprintf(number, sizeof number, "%.*f", decimals, i == 0.0 ? 0.0 : scaled(value, -axis->exponent));
        with_minus_sign(number, label, sizeof label);
        add_tick(axis, value, label);
    }
}

/* ---- logarithmic ------------------------------------------------------------------------------------------------- */

/* Plain digits where they suit all labels, else powers for all. */
static void log_label(const SpiralAxis *axis, int multiple, int exponent, char *text, size_t size)
{
    char power[24];
    spiral_axis_power(exponent, power, sizeof power);
    if (least(axis) > 0.99e-4 && axis->high < 1.01e5)
        snprintf(text, size, "%.*f", exponent < 0 ? -exponent : 0, scaled((double)multiple, exponent));
    else if (multiple == 1)
        snprintf(text, size, "%s", power);
    else
        snprintf(text, size, "%d\xc3\x97%s", multiple, power);
}

/* Ticks at the multiples 1..9 of the powers of ten within the limits. Those in `labelled` ("1", "125") have labels, and
 * of the powers every stride-th only; the others are minor ticks, left out when minor is false. */
static void decade_ticks(SpiralAxis *axis, const char *labelled, int stride, bool minor)
{
    add_zero(axis);
    int first = (int)floor(log10(least(axis))), last = (int)floor(log10(axis->high) + SLACK);
    for (int exponent = first; exponent <= last; exponent++)
        for (int multiple = 1; multiple <= 9; multiple++) {
            double value = scaled((double)multiple, exponent);
            double place = spiral_axis_place(axis, value);
            if (place < -SLACK || place > 1.0 + SLACK || value < axis->broken)
                continue;
            char label[SPIRAL_TICK_BYTES] = "";
            if (strchr(labelled, '0' + multiple) != NULL && exponent % stride == 0)
                log_label(axis, multiple, exponent, label, sizeof label);
            if (minor || label[0] != '\0')
                add_tick(axis, value, label);
        }
}

static size_t labelled_count(const SpiralAxis *axis)
{
    size_t count = 0;
    for (size_t i = 0; i < axis->tick_count; i++)
        count += axis->ticks[i].label[0] != '\0';
    return count;
}

static void log_ticks(SpiralAxis *axis, size_t most)
{
    double decades = log10(axis->high / least(axis));
    if (decades < 1.0) { /* too short for powers of ten: round numbers, closer together at the far end */
        linear_ticks(axis, most);
        return;
    }
    if (decades <= 3.0) {
        decade_ticks(axis, "125", 1, true);
        if (labelled_count(axis) <= most)
            return;
        axis->tick_count = 0;
    }
    int stride = 1 + (int)(decades / (double)most);
    decade_ticks(axis, "1", stride, decades <= 6.0 && stride == 1);
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* A name longer than a label is cut between characters. */
static void name_label(const char *name, char label[SPIRAL_TICK_BYTES])
{
    static const char ellipsis[] = "\xe2\x80\xa6";
    size_t length = strlen(name);
    if (length < SPIRAL_TICK_BYTES) {
        memcpy(label, name, length + 1);
        return;
    }
    size_t kept = (size_t)spiral_text_cut(name, length, SPIRAL_TICK_BYTES - sizeof ellipsis);
    memcpy(label, name, kept);
    memcpy(label + kept, ellipsis, sizeof ellipsis);
}

static void name_ticks(SpiralAxis *axis, size_t most)
{
    most = most < SPIRAL_TICKS ? most : SPIRAL_TICKS;
    size_t stride = (axis->name_count + most - 1) / most;
    for (size_t i = 0; i < axis->name_count; i += stride) {
        char label[SPIRAL_TICK_BYTES];
        name_label(axis->names[i], label);
        add_tick(axis, (double)i, label);
    }
}

/* ---- marks ------------------------------------------------------------------------------------------------------- */

/* Puts the ticks at the marks; false, and no ticks, if there are too many marks or one is not a short number. */
static bool mark_ticks(SpiralAxis *axis)
{
    if (axis->mark_count == 0 || axis->mark_count > MOST_MARKS)
        return false;
    for (size_t i = 0; i < axis->mark_count; i++) {
        char number[SPIRAL_TICK_BYTES - 4], label[SPIRAL_TICK_BYTES];
        int length = snprintf(number, sizeof number, "%.9g", axis->marks[i]);
        if (length > LONGEST_MARK || strchr(number, 'e') != NULL) {
            axis->tick_count = 0;
            return false;
        }
        with_minus_sign(number, label, sizeof label);
        add_tick(axis, axis->marks[i], label);
    }
    return true;
}

void spiral_axis_ticks(SpiralAxis *axis, size_t most)
{
    axis->tick_count = 0;
    axis->exponent = 0;
    if (axis->bare || mark_ticks(axis))
        return;
    if (axis->name_count > 0)
        name_ticks(axis, most < 2 ? 2 : most);
    else if (axis->logarithmic)
        log_ticks(axis, most < 2 ? 2 : most);
    else
        linear_ticks(axis, most < 2 ? 2 : most);
}
