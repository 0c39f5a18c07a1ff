/* axis.h: a scale from values to places, and its ticks. */
#ifndef SPIRAL_FIGURE_AXIS_H
#define SPIRAL_FIGURE_AXIS_H

#include <stdbool.h>
#include <stddef.h>

enum { SPIRAL_TICKS = 80, SPIRAL_TICK_BYTES = 40 };

typedef struct SpiralTick {
    double value;
    char label[SPIRAL_TICK_BYTES]; /* UTF-8; empty for a minor tick */
} SpiralTick;

typedef struct SpiralAxis {
    double low, high; /* low < high; both positive when logarithmic */
    bool logarithmic;
    bool bare;                /* no ticks: the places have no unit */
    const char *label;        /* borrowed; NULL: none */
    size_t name_count;        /* 0: the axis is one of numbers */
    const char *const *names; /* (name_count) borrowed; the value i is the i-th name */
    size_t mark_count;        /* above 0: the ticks are to be at the marks, unless their numbers are long or many */
    const double *marks;      /* (mark_count) borrowed, growing, within the limits */
    int exponent;             /* the labels are to be read times 10^exponent */
    size_t tick_count;
    SpiralTick ticks[SPIRAL_TICKS];
} SpiralAxis;

/* What values may lie between: beyond it differences of doubles are not to be trusted. */
#define SPIRAL_AXIS_LARGEST 1e290

/* Sets low and high so that they are apart: where they are not, or by less than a double can part well, room is made
 * round them. The low end of a logarithmic axis is at least 1e-250 times the high one. */
void spiral_axis_limits(SpiralAxis *axis, double low, double high);

/* Moves both limits outwards by that part of the axis. */
void spiral_axis_widen(SpiralAxis *axis, double part);

/* One tick a name, or for every so many names when there would be more than `most`. Else at most `most` labelled ticks
 * (at least 2 are allowed) at multiples of 1, 2 or 5 times a power of ten; powers of ten on a logarithmic axis that has
 * room for two of them, with unlabelled ticks between when they are few. */
void spiral_axis_ticks(SpiralAxis *axis, size_t most);

/* Where a value lies: 0 at low, 1 at high. */
double spiral_axis_place(const SpiralAxis *axis, double value);

/* The label, with the power of ten that the ticks' numbers leave out. */
void spiral_axis_caption(const SpiralAxis *axis, char *text, size_t size);

/* "10⁻³" for -3 */
void spiral_axis_power(int exponent, char *text, size_t size);

#endif
