/* activation.h: the activations as the explanation writes them. */
#ifndef SPIRAL_CLI_EXPLAIN_ACTIVATION_H
#define SPIRAL_CLI_EXPLAIN_ACTIVATION_H

#include <stdbool.h>

#include "cli/explain/document.h"
#include "spiral/network.h"

bool activation_is_mask(SpiralActivation activation); /* is its slope 0 or 1? */

/* The activation of z, "\max(0, Z_1)", and its slope, in TeX; z and a are names: "Z_1", "A_1". */
const char *activation_of(SpiralActivation activation, const char *z, char text[LABEL_SIZE]);
const char *activation_slope(SpiralActivation activation, const char *z, const char *a, char text[LABEL_SIZE]);

/* Derives the slope. */
void activation_write_slope(Document *document, SpiralActivation activation);

#endif
