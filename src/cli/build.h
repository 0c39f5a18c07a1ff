/* build.h: what may change the last digits of a run: the commit, the compiler, the BLAS, the CPU core that the BLAS has
 * kernels for, and the instruction set of the program's own kernels. */
#ifndef SPIRAL_CLI_BUILD_H
#define SPIRAL_CLI_BUILD_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

enum { BUILD_PARTS = 5, BUILD_TEXT = 128 };

typedef struct BuildPart {
    const char *key;        /* the name in files */
    char value[BUILD_TEXT]; /* "" when unknown */
} BuildPart;

/* The parts of this program. */
void build_parts(BuildPart parts[BUILD_PARTS]);

/* Adds the program's version and its parts. Returns false when out of memory. */
bool build_add(cJSON *root);

/* Warns about path when a part differs. NULL or "" means unknown. */
void build_compare(const char *path, const char *key, const char *before, const char *now);

#endif
