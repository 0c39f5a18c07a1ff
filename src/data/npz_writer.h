/* npz_writer.h: writes NumPy's .npz archives of named arrays, through libzip: data sets, models and checkpoints. */
#ifndef SPIRAL_DATA_NPZ_WRITER_H
#define SPIRAL_DATA_NPZ_WRITER_H

#include <stdint.h>

#include "data/npy.h"
#include "spiral/output.h"
#include "spiral/status.h"

typedef struct SpiralNpzWriter SpiralNpzWriter;

SpiralStatus spiral_npz_writer_create(SpiralNpzWriter **writer, SpiralError *error);
void spiral_npz_writer_free(SpiralNpzWriter *writer); /* accepts NULL */

/* Each copies the values. Entries are stored uncompressed, in the order added, with a fixed date, so that the same
 * arrays give the same bytes. shape->count is ignored: it follows from the extents. */
SpiralStatus spiral_npz_add_doubles(SpiralNpzWriter *writer, const char *name, const SpiralExtents *shape,
                                    const double *values, SpiralError *error);
SpiralStatus spiral_npz_add_integers(SpiralNpzWriter *writer, const char *name, const SpiralExtents *shape,
                                     const int64_t *values, SpiralError *error);
SpiralStatus spiral_npz_add_strings(SpiralNpzWriter *writer, const char *name, const SpiralExtents *shape,
                                    const char *const *strings, SpiralError *error);

/* Writes the archive to the output. Errors: OUTPUT, LIMIT. */
SpiralStatus spiral_npz_write(SpiralNpzWriter *writer, SpiralOutput *output, SpiralError *error);

/* Writes the archive to path, atomically. */
SpiralStatus spiral_npz_save(SpiralNpzWriter *writer, const char *path, SpiralError *error);

#endif
