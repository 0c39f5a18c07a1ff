/* axis.h: a scale that maps values to positions, and its ticks. */
#ifndef SPIRAL_FIGURE_AXIS_H
#define SPIRAL_FIGURE_AXIS_H

#include <stdbool.h>
#include <stddef.h>

enum { SPIRAL_TICKS = 80, SPIRAL_TICK_BYTES = 64 };

typedef struct SpiralTick {
    double value;
    char label[SPIRAL_TICK_BYTES]; /* UTF-8; empty for a minor tick */
} SpiralTick;

typedef struct SpiralAxis {
    double low, high; /* low < high; both positive when logarithmic */
    bool logarithmic;
    bool whole;        /* all values are whole numbers, so the ticks are, too */
    bool downwards;    /* on a y axis, not a broken one: low is at the top */
    bool bare;         /* no ticks, since positions have no unit */
    double broken;     /* logarithmic: the axis is broken here, and 0 stands halfway to low; 0: it has no place */
    const char *label; /* borrowed; NULL: none */
    size_t name_count; /* 0: the axis shows numbers */
    const char *const *names; /* (name_count) borrowed; the value i is the i-th name */
    size_t mark_count;        /* if above 0, put the ticks at the marks, unless their numbers are long or many */
    const double *marks;      /* (mark_count) borrowed, ascending, within the limits */
    int exponent;             /* the labels are in units of 10^exponent */
    size_t tick_count;
    SpiralTick ticks[SPIRAL_TICKS];
} SpiralAxis;

/* Values must lie within +- this: beyond, differences of doubles may overflow. */
#define SPIRAL_AXIS_LARGEST 1e290

/* Sets the limits, moving them apart if they are equal or too close for doubles to resolve. The low end of a
 * logarithmic axis is at least 1e-250 times the high one. */
void spiral_axis_limits(SpiralAxis *axis, double low, double high);

/* Moves both limits outwards by that fraction of the axis. */
void spiral_axis_widen(SpiralAxis *axis, double part);

/* Gives 0 a place of its own below the low end of a logarithmic axis. */
void spiral_axis_break(SpiralAxis *axis);

/* With names, one tick per name, or per several names if there are more than `most`. With numbers, at most `most` (at
 * least 2) labelled ticks at multiples of 1, 2 or 5 times a power of ten; on a logarithmic axis with room for two of
 * them, at powers of ten, with unlabelled ticks between if these are few. */
void spiral_axis_ticks(SpiralAxis *axis, size_t most);

/* The position of a value: 0 at low, 1 at high; the other way round when the axis goes downwards. */
double spiral_axis_place(const SpiralAxis *axis, double value);

/* The label, with the power of ten by which the tick labels are scaled. */
void spiral_axis_caption(const SpiralAxis *axis, char *text, size_t size);

/* "10⁻³" for -3 */
void spiral_axis_power(int exponent, char *text, size_t size);

#endif
