/* npy.h: NumPy's .npy format: reads and writes the header and the elements as bytes in memory; it opens no file.
 *
 * A .npy is a magic string, a version, a Python dict written as text (descr, fortran_order, shape) and the elements.
 * Versions 1 to 3 differ in how the dict's length and characters are stored. */
#ifndef SPIRAL_DATA_NPY_H
#define SPIRAL_DATA_NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spiral/limits.h"
#include "spiral/status.h"

/* The longest header accepted. Tests make it small. */
#ifndef SPIRAL_NPY_HEADER_BYTES
#define SPIRAL_NPY_HEADER_BYTES SPIRAL_NPY_HEADER_LIMIT
#endif

enum {
    SPIRAL_NPY_HEADER_MOST = SPIRAL_NPY_HEADER_BYTES + 12, /* with all that comes before the elements */
    SPIRAL_NPY_HEADER_WRITTEN = 256                        /* the longest header that is written */
};

/* The subject of messages: a file, and the array in it if it is an archive. */
typedef struct SpiralNpySource {
    const char *path;
    const char *array; /* or NULL */
} SpiralNpySource;

/* The shape of an array; count is the product of its extents (1 for a scalar, dimensions 0). */
typedef struct SpiralExtents {
    size_t dimensions;
    size_t extent[SPIRAL_DIMENSIONS_LIMIT];
    size_t count;
} SpiralExtents;

typedef struct SpiralNpyHeader {
    char kind;         /* 'f', 'i', 'u', 'b', 'U' (text of 4-byte code points), 'S' (text of bytes) */
    size_t item_bytes; /* 0 only for text, in an array without elements */
    bool big_endian;
    bool fortran; /* the first index varies fastest */
    SpiralExtents shape;
    size_t data_offset; /* where the elements begin */
    size_t data_bytes;  /* shape.count * item_bytes */
} SpiralNpyHeader;

/* spiral_error_set, with "array 'X': " before the reason when the source is an archive. */
SpiralStatus spiral_npy_error(SpiralError *error, SpiralStatus status, const SpiralNpySource *source,
                              const char *format, ...) __attribute__((format(printf, 4, 5)));

/* "(300, 2)", as Python writes it, cut to size. */
void spiral_extents_format(const SpiralExtents *shape, char *text, size_t size);

/* Fills in count from the extents; false when the product overflows. */
bool spiral_extents_count(SpiralExtents *shape);

/* Reads the header at bytes, of which `available` are there: all of it, or at least
 * SPIRAL_NPY_HEADER_MOST. total is the file's (entry's) whole size, which must be exactly header and elements. Errors:
 * INPUT. */
SpiralStatus spiral_npy_parse(const unsigned char *bytes, size_t available, uint64_t total,
                              const SpiralNpySource *source, SpiralNpyHeader *header, SpiralError *error);

/* Are the elements, as they lie in the file, an array of this kind and item size in C order and native bytes? */
bool spiral_npy_is_native(const SpiralNpyHeader *header, char kind, size_t item_bytes);

/* Is it an array of numbers (f, i, u, b), of whole numbers (i, u, b), of text (U, S)? If not, an INPUT error. */
SpiralStatus spiral_npy_expect_numbers(const SpiralNpyHeader *header, const SpiralNpySource *source,
                                       SpiralError *error);
SpiralStatus spiral_npy_expect_integers(const SpiralNpyHeader *header, const SpiralNpySource *source,
                                        SpiralError *error);
SpiralStatus spiral_npy_expect_text(const SpiralNpyHeader *header, const SpiralNpySource *source, SpiralError *error);

/* Elements first .. first + count - 1, in the file's order, from raw to their places in C order in values
 * (shape.count). Integers: INPUT for an unsigned value above INT64_MAX. */
void spiral_npy_decode_doubles(const SpiralNpyHeader *header, const unsigned char *raw, size_t first, size_t count,
                               double *values);
SpiralStatus spiral_npy_decode_integers(const SpiralNpyHeader *header, const unsigned char *raw, size_t first,
                                        size_t count, const SpiralNpySource *source, int64_t *values,
                                        SpiralError *error);

/* All elements of a text array as UTF-8; freed by spiral_names_free. first: what is added to an element's number in a
 * message, for a part of an array. Errors: INPUT (not text), LIMIT. */
SpiralStatus spiral_npy_decode_strings(const SpiralNpyHeader *header, const unsigned char *raw, size_t first,
                                       const SpiralNpySource *source, char ***strings, SpiralError *error);

/* Writes the header (version 1, C order, little-endian) of an array and returns its length, a multiple of 64. kind is
 * 'f' or 'i' with item_bytes 8, or 'U' with any multiple of 4. */
size_t spiral_npy_encode_header(char kind, size_t item_bytes, const SpiralExtents *shape,
                                unsigned char header[SPIRAL_NPY_HEADER_WRITTEN]);

/* count values of 8 bytes (double or int64_t) as little-endian bytes. */
void spiral_npy_encode_values(const void *values, size_t count, unsigned char *bytes);

#endif
