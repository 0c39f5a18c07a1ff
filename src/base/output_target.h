/* output_target.h: what stands where an output is to go. */
#ifndef SPIRAL_BASE_OUTPUT_TARGET_H
#define SPIRAL_BASE_OUTPUT_TARGET_H

#include <limits.h>

typedef enum SpiralTargetKind {
    SPIRAL_TARGET_FILE,       /* a regular file, a link to one, or nothing: made beside the path and renamed over it */
    SPIRAL_TARGET_STREAM,     /* a pipe, a device, or whatever is in /dev or /proc: opened and written through */
    SPIRAL_TARGET_DESCRIPTOR, /* open in this process: "-", /dev/stdout, /dev/fd/63 */
} SpiralTargetKind;

typedef struct SpiralTarget {
    SpiralTargetKind kind;
    int descriptor;      /* of a DESCRIPTOR */
    char path[PATH_MAX]; /* where the links at the path's end lead */
} SpiralTarget;

/* Follows the links at path's end. Returns 0 or errno; a folder is EISDIR. */
int spiral_output_target(const char *path, SpiralTarget *target);

#endif
