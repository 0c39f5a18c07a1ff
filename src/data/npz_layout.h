/* npz_layout.h: how the parts of an archive lie in its file. libzip is content with more than one reading of it. */
#ifndef SPIRAL_DATA_NPZ_LAYOUT_H
#define SPIRAL_DATA_NPZ_LAYOUT_H

#include <stdint.h>

#include "spiral/status.h"

/* Refuses a file that is not one archive from its first byte to its last, a comment at the end included, and entries
 * whose name where their bytes are is not that in the directory: programs would read different arrays from it. The
 * descriptor is of a regular file of size bytes; path is for messages. Errors: INPUT, LIMIT. */
SpiralStatus spiral_npz_check_layout(int descriptor, uint64_t size, const char *path, SpiralError *error);

#endif
