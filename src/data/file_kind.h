/* file_kind.h: files of other kinds, recognised by their first bytes and named when they are refused. */
#ifndef SPIRAL_DATA_FILE_KIND_H
#define SPIRAL_DATA_FILE_KIND_H

#include <stddef.h>

#include "spiral/status.h"

typedef enum SpiralFileExpected { SPIRAL_FILE_CSV, SPIRAL_FILE_NPY, SPIRAL_FILE_NPZ } SpiralFileExpected;

enum { SPIRAL_FILE_KIND_BYTES = 512 }; /* of a file's start, enough to recognise all kinds */

/* Refuses the file when its first bytes are those of another kind than expected. Errors: INPUT. */
SpiralStatus spiral_file_kind_refuse(const char *bytes, size_t length, SpiralFileExpected expected, const char *path,
                                     SpiralError *error);

#endif
