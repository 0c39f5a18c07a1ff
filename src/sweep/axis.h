/* axis.h: numbers of an axis, for the plan. */
#ifndef SPIRAL_SWEEP_AXIS_H
#define SPIRAL_SWEEP_AXIS_H

#include "spiral/sweep.h"

/* The smallest and the largest number of a numeric axis. */
void spiral_sweep_axis_ends(const SpiralSweepAxis *axis, double *low, double *high);

/* A text that the axis's option takes, near to value: within low..high and what the option takes, and rounded. */
void spiral_sweep_axis_print(const SpiralSweepAxis *axis, double value, double low, double high, char *text,
                             size_t size);

/* The value at part 0..1 of the way from low to high, in logarithms or not. */
double spiral_sweep_between(bool logarithmic, double low, double high, double part);

/* The number that one of the axis's texts stands for. */
double spiral_sweep_axis_number(const char *text);

#endif
