/* scale.h: powers of two that bring numbers near 1, so that their squares neither overflow nor vanish. */
#ifndef SPIRAL_BASE_SCALE_H
#define SPIRAL_BASE_SCALE_H

/* A power of two that scales numbers of absolute value up to `largest` to below 16. It and its inverse are normal
 * numbers, so that multiplying by them is exact except for underflow. 1 if largest is 0 or not finite. */
double spiral_scale_for(double largest);

#endif
