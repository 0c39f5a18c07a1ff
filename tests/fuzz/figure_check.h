/* figure_check.h: stands in for the library's figures of curves and sweeps, which take most of the time of an
 * execution: what is to be drawn is checked each time, and drawn as an SVG in memory only when it is asked for. */
#ifndef SPIRAL_TESTS_FUZZ_FIGURE_CHECK_H
#define SPIRAL_TESTS_FUZZ_FIGURE_CHECK_H

#include <stdbool.h>

void figures_are_drawn(bool drawn);

#endif
