/* order.h: an order of the observations in which any first ones are an even selection. */
#ifndef SPIRAL_FIGURE_ORDER_H
#define SPIRAL_FIGURE_ORDER_H

#include <stddef.h>

/* Each row is followed by the one that is so many further, modulo their number: the order mixes the rows, so that no
 * class comes last only because its rows do. */
size_t spiral_order_step(size_t rows);

#endif
