/* npz.h: reads NumPy's .npz archives of named arrays, through libzip: data sets, models and checkpoints.
 *
 * Every array that is read comes out in C order and native bytes, whatever it was stored as; object and structured
 * arrays are refused, nothing is unpickled. */
#ifndef SPIRAL_DATA_NPZ_H
#define SPIRAL_DATA_NPZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/npy.h"
#include "spiral/status.h"

typedef struct SpiralNpz SpiralNpz;

/* path must be a regular file that is one archive, from its first byte to its last; at most one entry a name, entries
 * that together are no longer than the file. Entries in folders are no arrays, and do not matter. Errors: INPUT,
 * LIMIT. */
SpiralStatus spiral_npz_open(const char *path, SpiralNpz **npz, SpiralError *error);

/* The same for an open regular file, of which the archive takes ownership, also when this fails; path is for
 * messages. */
SpiralStatus spiral_npz_take(int descriptor, const char *path, SpiralNpz **npz, SpiralError *error);

void spiral_npz_close(SpiralNpz *npz); /* accepts NULL */

/* Writes the arrays' names with their shapes, "X (3, 2), y (3,)", cut to size; only the name of what cannot be read. */
void spiral_npz_describe(SpiralNpz *npz, char *text, size_t size);

/* Is there an array of this name ("W1", without .npy)? */
bool spiral_npz_has(const SpiralNpz *npz, const char *name);

/* The arrays' names, sorted: index 0, 1, ...; NULL after the last. */
const char *spiral_npz_name(const SpiralNpz *npz, size_t index);

/* The array's shape, and what it holds: 'f' floats, 'i' integers, 'u' unsigned integers, 'b' truth values, 'U' or 'S'
 * text. Reads the header alone, so that a shape that is not wanted costs no memory. An array that then has another
 * shape when it is read is refused. Errors as below. */
SpiralStatus spiral_npz_look(SpiralNpz *npz, const char *name, SpiralExtents *shape, char *kind, SpiralError *error);

/* Each allocates *values, freed by free(), and fills in *shape. Doubles take f2, f4, f8, i*, u*, b1; integers take i*,
 * u*, b1 (an unsigned value above INT64_MAX is refused). Errors: INPUT, naming the file and the array; LIMIT. */
SpiralStatus spiral_npz_read_doubles(SpiralNpz *npz, const char *name, SpiralExtents *shape, double **values,
                                     SpiralError *error);
SpiralStatus spiral_npz_read_integers(SpiralNpz *npz, const char *name, SpiralExtents *shape, int64_t **values,
                                      SpiralError *error);

/* A unicode (U) or bytes (S) array as UTF-8 strings; (*strings)[i] and *strings are freed by spiral_names_free. */
SpiralStatus spiral_npz_read_strings(SpiralNpz *npz, const char *name, SpiralExtents *shape, char ***strings,
                                     SpiralError *error);

#endif
