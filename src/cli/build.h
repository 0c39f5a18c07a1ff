/* build.h: what may change the last digits of a run: the commit, the compiler, the BLAS, the core it has kernels for,
 * and the level of the program's own kernels. */
#ifndef SPIRAL_CLI_BUILD_H
#define SPIRAL_CLI_BUILD_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

enum { BUILD_PARTS = 5, BUILD_TEXT = 128 };

typedef struct BuildPart {
    const char *key;        /* in files */
    char value[BUILD_TEXT]; /* "" when it is not known */
} BuildPart;

/* Of this program. */
void build_parts(BuildPart parts[BUILD_PARTS]);

/* Adds the program's version and its parts. False when there is no memory. */
bool build_add(cJSON *root);

/* Warns of path when a part differs; NULL or "": it is not known. */
void build_compare(const char *path, const char *key, const char *before, const char *now);

#endif
