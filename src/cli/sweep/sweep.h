/* sweep.h: spiral sweep. */
#ifndef SPIRAL_CLI_SWEEP_H
#define SPIRAL_CLI_SWEEP_H

#include "cli/cli.h"
#include "cli/options/figure_settings.h"

CommandMain cmd_sweep;

/* Redraws the figures of a sweep's folder, in that format and with those options. */
SpiralStatus sweep_draw_again(const char *folder, FigureFormat format, const FigureSettings *figures,
                              SpiralError *error);

#endif
