/* npy_file.h: a .npy file mapped into memory: opening one costs no memory, whatever its size, and the system can drop
 * and reread its pages. The file must not be truncated while it is open; replacing it by a rename is fine. If another
 * process changes it in place, the elements change; the header is a copy. */
#ifndef SPIRAL_DATA_NPY_FILE_H
#define SPIRAL_DATA_NPY_FILE_H

#include "data/npy.h"

typedef struct SpiralNpyFile {
    unsigned char *bytes; /* the whole file; NULL when none is open */
    size_t size;
    SpiralNpyHeader header;
} SpiralNpyFile;

/* The file at path, which must outlive the calls below. Errors: INPUT, LIMIT. */
SpiralStatus spiral_npy_file_open(const char *path, SpiralNpyFile *file, SpiralError *error);
void spiral_npy_file_close(SpiralNpyFile *file); /* a zeroed file is accepted, and left */

/* Gives the pages that were read back to the system; they are read again where they are needed. */
void spiral_npy_file_forget(const SpiralNpyFile *file); /* a zeroed file is accepted */

/* The mapped elements, if they are native doubles, in C order and aligned; otherwise NULL. */
const double *spiral_npy_file_doubles(const SpiralNpyFile *file);

#endif
