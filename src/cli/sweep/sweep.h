/* sweep.h: spiral sweep. */
#ifndef SPIRAL_CLI_SWEEP_H
#define SPIRAL_CLI_SWEEP_H

#include "cli/cli.h"

CommandMain cmd_sweep;

/* Redraws the figures of a sweep's folder, in that format. */
SpiralStatus sweep_draw_again(const char *folder, FigureFormat format, SpiralError *error);

#endif
