#include "sweep/axis.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "base/text.h"
#include "base/number.h"

enum { DIGITS = 6, BORDER_DIGITS = 3 };
static const double BORDER_PART = 0.05;

typedef struct Form {
    const char *prefix;
    SpiralSweepKind kind;
    bool counted; /* prefix:a:b:n, else prefix:a:b */
    const char *example;
} Form;

static const Form forms[] = {
    {"lin:", SPIRAL_SWEEP_LINEAR, true, "lin:0:1:11"},
    {"log:", SPIRAL_SWEEP_LOGARITHMIC, true, "log:1e-3:10:20"},
    {"uniform:", SPIRAL_SWEEP_UNIFORM, false, "uniform:0:1"},
    {"loguniform:", SPIRAL_SWEEP_LOG_UNIFORM, false, "loguniform:1e-3:10"},
};
static const char choice_prefix[] = "choice:";

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static const Form *form_of(const char *text)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (starts_with(text, forms[i].prefix))
            return &forms[i];
    return NULL;
}

bool spiral_sweep_is_many(const char *text, char separator)
{
    return form_of(text) != NULL || starts_with(text, choice_prefix) || strchr(text, separator) != NULL;
}

bool spiral_sweep_axis_is_random(const SpiralSweepAxis *axis)
{
    return axis->kind == SPIRAL_SWEEP_CHOICE || axis->kind == SPIRAL_SWEEP_UNIFORM ||
           axis->kind == SPIRAL_SWEEP_LOG_UNIFORM;
}

bool spiral_sweep_axis_is_number(const SpiralSweepAxis *axis)
{
    return axis->domain.number;
}

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

double spiral_sweep_axis_number(const char *text)
{
    double value;
    return spiral_number_read_strictly(text, strlen(text), &value) ? value : NAN;
}

void spiral_sweep_axis_ends(const SpiralSweepAxis *axis, double *low, double *high)
{
    *low = axis->low;
    *high = axis->high;
    if (axis->kind != SPIRAL_SWEEP_LIST && axis->kind != SPIRAL_SWEEP_CHOICE)
        return;
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < axis->count; i++) {
        *low = fmin(*low, spiral_sweep_axis_number(axis->values[i]));
        *high = fmax(*high, spiral_sweep_axis_number(axis->values[i]));
    }
}

/* A list is logarithmic if its numbers span more than one power of ten. */
bool spiral_sweep_axis_is_logarithmic(const SpiralSweepAxis *axis)
{
    double low, high;
    if (axis->kind == SPIRAL_SWEEP_LOGARITHMIC || axis->kind == SPIRAL_SWEEP_LOG_UNIFORM)
        return true;
    if (!axis->domain.number || axis->kind == SPIRAL_SWEEP_LINEAR || axis->kind == SPIRAL_SWEEP_UNIFORM)
        return false;
    spiral_sweep_axis_ends(axis, &low, &high);
    return low > 0.0 && high >= 10.0 * low;
}

double spiral_sweep_between(bool logarithmic, double low, double high, double part)
{
    return logarithmic ? exp(log(low) + part * (log(high) - log(low))) : low + part * (high - low);
}

static double rounded(double value, int digits)
{
    char text[64];
    snprintf(text, sizeof text, "%.*g", digits, value);
    return spiral_sweep_axis_number(text);
}

/* The largest whole number that is written in digits, and exactly. The ends of a range of whole numbers are read in
 * digits alone. */
static const double MOST_WHOLE = 999999999999999.0;

static void print_number(bool whole, double value, char *text, size_t size)
{
    char shortest[SPIRAL_NUMBER_TEXT];
    if (whole && fabs(value) <= MOST_WHOLE) {
        snprintf(text, size, "%.0f", value);
        return;
    }
    spiral_number_format(value, shortest);
    snprintf(text, size, "%s", shortest);
}

void spiral_sweep_axis_print(const SpiralSweepAxis *axis, double value, double low, double high, char *text,
                             size_t size)
{
    value = axis->domain.whole ? nearbyint(value) : rounded(value, DIGITS);
    print_number(axis->domain.whole, fmin(fmax(value, low), high), text, size);
}

/* ---- parsing ----------------------------------------------------------------------------------------------------- */

static SpiralStatus wrong(const SpiralSweepAxis *axis, const char *expected, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%s: found \"%.*s\", expected %s", axis->name,
                            SPIRAL_TEXT_CUT(axis->text, 200), expected);
}

static SpiralStatus no_memory(SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the values of a sweep");
}

static bool in_domain(const SpiralSweepDomain *domain, double value)
{
    bool enough = domain->above ? value > domain->minimum : value >= domain->minimum;
    return enough && (domain->maximum == 0.0 || value <= domain->maximum) && (!domain->whole || value == floor(value));
}

static void describe_domain(const SpiralSweepDomain *domain, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "%s %s %g", domain->whole ? "whole numbers" : "numbers",
                                   domain->above ? "above" : "of at least", domain->minimum);
    if (domain->maximum != 0.0 && used < size)
        snprintf(text + used, size - used, " and at most %g", domain->maximum);
}

static SpiralStatus outside(const SpiralSweepAxis *axis, const char *found, SpiralError *error)
{
    char expected[128];
    describe_domain(&axis->domain, expected, sizeof expected);
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%s: found \"%.*s\" in \"%.*s\", expected %s",
                            axis->name, SPIRAL_TEXT_CUT(found, 100), SPIRAL_TEXT_CUT(axis->text, 200), expected);
}

/* Adds a value. Numbers that are written differently, like 0.1 and 1e-1, are the same value. numbers (count) holds
 * those of the values so far. */
static SpiralStatus add_value(SpiralSweepAxis *axis, const char *text, size_t length, double *numbers,
                              SpiralError *error)
{
    char *copy = spiral_copy_bytes(text, length);
    if (copy == NULL)
        return no_memory(error);
    size_t last = axis->count++;
    axis->values[last] = copy;
    numbers[last] = axis->domain.number ? spiral_sweep_axis_number(copy) : NAN;
    for (size_t i = 0; i < last; i++) {
        if (strcmp(axis->values[i], copy) == 0)
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                    "%s: \"%s\" is twice in \"%.*s\", expected values that differ", axis->name, copy,
                                    SPIRAL_TEXT_CUT(axis->text, 200));
        if (numbers[i] == numbers[last])
            return spiral_error_set(
                error, SPIRAL_ERROR_USAGE, NULL, 0,
                "%s: \"%s\" and \"%s\" in \"%.*s\" are the same number, expected values that differ", axis->name,
                axis->values[i], copy, SPIRAL_TEXT_CUT(axis->text, 200));
    }
    return SPIRAL_OK;
}

/* numbers has room for all members. */
static SpiralStatus add_members(SpiralSweepAxis *axis, const char *list, double *numbers, SpiralError *error)
{
    const char separators[] = {axis->separator, '\0'};
    for (const char *member = list;; member++) {
        size_t length = strcspn(member, separators);
        if (length == 0)
            return wrong(axis, "values with one separator between them", error);
        for (size_t i = 0; i < length; i++)
            if (iscntrl((unsigned char)member[i])) /* each run is one line of results.csv */
                return wrong(axis, "values without control characters", error);
        SpiralStatus status = add_value(axis, member, length, numbers, error);
        if (status != SPIRAL_OK)
            return status;
        const char *added = axis->values[axis->count - 1];
        if (axis->domain.number && !in_domain(&axis->domain, numbers[axis->count - 1]))
            return outside(axis, added, error);
        member += length;
        if (*member == '\0')
            return SPIRAL_OK;
    }
}

static SpiralStatus parse_list(SpiralSweepAxis *axis, const char *list, SpiralError *error)
{
    size_t members = 1;
    for (const char *c = list; *c != '\0'; c++)
        members += *c == axis->separator;
    if (members > SPIRAL_SWEEP_RANGE_LIMIT) /* because each is compared with all others */
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%s: a list of %zu values, expected at most %d",
                                axis->name, members, SPIRAL_SWEEP_RANGE_LIMIT);
    double *numbers = spiral_allocate(members, sizeof *numbers);
    axis->values = spiral_allocate(members, sizeof *axis->values);
    SpiralStatus status =
        axis->values == NULL || numbers == NULL ? no_memory(error) : add_members(axis, list, numbers, error);
    free(numbers);
    return status;
}

static SpiralStatus fill_range(SpiralSweepAxis *axis, size_t count, SpiralError *error)
{
    axis->values = spiral_allocate(count, sizeof *axis->values);
    if (axis->values == NULL)
        return no_memory(error);
    for (size_t i = 0; i < count; i++) {
        char text[64];
        double part = (double)i / (double)(count - 1);
        double value = spiral_sweep_between(axis->kind == SPIRAL_SWEEP_LOGARITHMIC, axis->low, axis->high, part);
        if (i == 0 || i + 1 == count) /* the ends, as they were given */
            print_number(axis->domain.whole, i == 0 ? axis->low : axis->high, text, sizeof text);
        else
            spiral_sweep_axis_print(axis, value, axis->low, axis->high, text, sizeof text);
        if (axis->count > 0 && strcmp(axis->values[axis->count - 1], text) == 0)
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                    "%s: \"%s\" asks for %zu values, and some of them are the same %s; expected fewer",
                                    axis->name, axis->text, count,
                                    axis->domain.whole ? "whole number" : "number of 6 digits");
        axis->values[i] = spiral_copy_string(text);
        if (axis->values[i] == NULL)
            return no_memory(error);
        axis->count++;
    }
    return SPIRAL_OK;
}

static SpiralStatus check_ends(const SpiralSweepAxis *axis, bool logarithmic, SpiralError *error)
{
    if (logarithmic && !(axis->low > 0.0))
        return wrong(
            axis,
            "a range above 0, since logarithms have no other: start it at 1e-3, say, or take lin: or uniform:", error);
    if (!(axis->low < axis->high))
        return wrong(axis, "a range from a number to a larger one", error);
    char text[64];
    const double ends[] = {axis->low, axis->high};
    for (size_t i = 0; i < 2; i++)
        if (!in_domain(&axis->domain, ends[i])) {
            print_number(false, ends[i], text, sizeof text);
            return outside(axis, text, error);
        }
    return SPIRAL_OK;
}

/* Reads the end of a range as the option reads its value. */
static SpiralStatus read_end(const SpiralSweepAxis *axis, const char *text, size_t length, const char *expected,
                             double *value, SpiralError *error)
{
    size_t whole;
    if (!spiral_number_read_strictly(text, length, value))
        return wrong(axis, expected, error);
    if (axis->domain.whole && !spiral_number_read_whole(text, length, &whole)) {
        char found[100];
        snprintf(found, sizeof found, "%.*s", (int)length, text);
        return outside(axis, found, error);
    }
    return SPIRAL_OK;
}

/* prefix:a:b or prefix:a:b:n */
static SpiralStatus parse_range(SpiralSweepAxis *axis, const Form *form, SpiralError *error)
{
    char expected[160];
    snprintf(expected, sizeof expected, "%s%s, like %s", form->prefix,
             form->counted ? "FROM:TO:COUNT with a COUNT of 2 to 10000" : "FROM:TO", form->example);
    double ends[2];
    const char *next = axis->text + strlen(form->prefix);
    for (size_t i = 0; i < 2; i++) {
        size_t length = strcspn(next, ":");
        if ((next[length] == ':') != (i == 0 || form->counted))
            return wrong(axis, expected, error);
        SpiralStatus status = read_end(axis, next, length, expected, &ends[i], error);
        if (status != SPIRAL_OK)
            return status;
        next += length + (next[length] == ':');
    }
    size_t count = 0;
    bool counted = spiral_number_read_whole(next, strlen(next), &count);
    if (form->counted && !(counted && count >= 2 && count <= SPIRAL_SWEEP_RANGE_LIMIT))
        return wrong(axis, expected, error);
    axis->low = ends[0];
    axis->high = ends[1];
    bool logarithmic = axis->kind == SPIRAL_SWEEP_LOGARITHMIC || axis->kind == SPIRAL_SWEEP_LOG_UNIFORM;
    SpiralStatus status = check_ends(axis, logarithmic, error);
    return status != SPIRAL_OK || !form->counted ? status : fill_range(axis, count, error);
}

SpiralStatus spiral_sweep_axis_parse(const char *name, const char *text, char separator,
                                     const SpiralSweepDomain *domain, SpiralSweepAxis *axis, SpiralError *error)
{
    *axis = (SpiralSweepAxis){.separator = separator, .domain = *domain};
    axis->name = spiral_copy_string(name);
    axis->text = spiral_copy_string(text);
    if (axis->name == NULL || axis->text == NULL)
        return no_memory(error);
    const Form *form = form_of(text);
    if (form != NULL && !domain->number)
        return wrong(axis, "a list of values: this option is not a number", error);
    if (form != NULL) {
        axis->kind = form->kind;
        return parse_range(axis, form, error);
    }
    bool choice = starts_with(text, choice_prefix);
    axis->kind = choice ? SPIRAL_SWEEP_CHOICE : SPIRAL_SWEEP_LIST;
    return parse_list(axis, choice ? text + strlen(choice_prefix) : text, error);
}

void spiral_sweep_axis_clear(SpiralSweepAxis *axis)
{
    spiral_names_free(axis->values, axis->count);
    free(axis->name);
    free(axis->text);
    *axis = (SpiralSweepAxis){0};
}

/* ---- the border -------------------------------------------------------------------------------------------------- */

/* The position of value in the axis: 0 at the low end, 1 at the high. */
static double place_of(bool logarithmic, double low, double high, double value)
{
    return logarithmic ? (log(value) - log(low)) / (log(high) - log(low)) : (value - low) / (high - low);
}

/* The range of the same width centred on value, as far as the option allows. If an additive range would go below the
 * option's minimum, a multiplicative one is taken and *logarithmic is set. */
static void centre(const SpiralSweepAxis *axis, double value, int digits, bool *logarithmic, double *low, double *high)
{
    const SpiralSweepDomain *domain = &axis->domain;
    double width = *high - *low;
    if (domain->above && *low > 0.0 && value - width / 2.0 <= domain->minimum + width * 1e-6)
        *logarithmic = true;
    double half = *logarithmic ? exp((log(*high) - log(*low)) / 2.0) : width / 2.0;
    double from = *logarithmic ? value / half : value - half, to = *logarithmic ? value * half : value + half;
    *low = domain->whole ? floor(from) : rounded(from, digits);
    *high = domain->whole ? ceil(to) : rounded(to, digits);
    if (domain->maximum != 0.0)
        *high = fmin(*high, domain->maximum);
    if (domain->whole)
        *high = fmin(*high, MOST_WHOLE);
    if (!domain->above)
        *low = fmax(*low, domain->minimum);
    if (*logarithmic && !(*low > 0.0)) /* possible with whole numbers */
        *low = 1.0;
}

bool spiral_sweep_axis_border(const SpiralSweepAxis *axis, const char *value, bool *low_end, char *text, size_t size)
{
    double low, high, at = spiral_sweep_axis_number(value);
    if (!axis->domain.number)
        return false;
    spiral_sweep_axis_ends(axis, &low, &high);
    if (!(low < high))
        return false;
    bool logarithmic = spiral_sweep_axis_is_logarithmic(axis), continuous = axis->count == 0;
    double place = place_of(logarithmic, low, high, at), edge = continuous ? BORDER_PART : 0.0;
    *low_end = place <= edge;
    if (!*low_end && place < 1.0 - edge)
        return false;
    double from = low, to = high;
    char from_text[64], to_text[64];
    centre(axis, at, BORDER_DIGITS, &logarithmic, &from, &to);
    if (!(from < at && at < to)) { /* such a narrow range needs more digits */
        from = low;
        to = high;
        centre(axis, at, DIGITS, &logarithmic, &from, &to);
    }
    if (!(*low_end ? from < low : to > high) || !(from < to) || !isfinite(to)) /* the option allows no more */
        return false;
    print_number(axis->domain.whole, from, from_text, sizeof from_text);
    print_number(axis->domain.whole, to, to_text, sizeof to_text);
    if (spiral_sweep_axis_is_random(axis))
        snprintf(text, size, "%s:%s:%s", logarithmic ? "loguniform" : "uniform", from_text, to_text);
    else
        snprintf(text, size, "%s:%s:%s:%zu", logarithmic ? "log" : "lin", from_text, to_text, axis->count);
    return true;
}
