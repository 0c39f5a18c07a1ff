#include "cli/sweep.h"
SpiralStatus sweep_merge(const SweepSettings *settings, SpiralError *error)
{
    (void)settings;(void)error;
    return SPIRAL_OK;
}
