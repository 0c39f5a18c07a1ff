#include "cli/sweep.h"
SpiralStatus sweep_draw(Sweep *sweep, SpiralError *error)
{
    (void)sweep;(void)error;
    return SPIRAL_OK;
}
