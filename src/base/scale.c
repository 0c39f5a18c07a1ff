#include "base/scale.h"

#include <math.h>

double spiral_scale_for(double largest)
{
    enum { MOST = 1021 };
    if (!isfinite(largest) || largest == 0.0)
        return 1.0;
    int exponent = ilogb(largest);
    return ldexp(1.0, exponent > MOST ? -MOST : exponent < -MOST ? MOST : -exponent);
}
