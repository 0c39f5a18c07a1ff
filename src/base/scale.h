/* scale.h: powers of two that bring numbers near 1, so that their squares neither overflow nor vanish. */
#ifndef SPIRAL_BASE_SCALE_H
#define SPIRAL_BASE_SCALE_H

/* A power of two: times it, what is at most `largest` in absolute value is below 16. Both it and its inverse are normal
 * numbers, so that multiplying by them is exact but for what underflows. 1 where largest is 0 or not finite. */
double spiral_scale_for(double largest);

#endif
