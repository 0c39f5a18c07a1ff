/* status.h: what every call of the library returns, and the error it fills in.
 *
 * A status is also the exit code of the command line: one list, one meaning. */
#ifndef SPIRAL_STATUS_H
#define SPIRAL_STATUS_H

#include <stddef.h>

/* X(code, number, name, sentence). The sentence is what `spiral --help` prints. */
#define SPIRAL_STATUS_LIST(X)                                                                                          \
    X(SPIRAL_OK, 0, "ok", "everything asked for was done")                                                             \
    X(SPIRAL_ERROR_CHECK, 1, "check", "a check failed: --require-accuracy, check, gradcheck")                          \
    X(SPIRAL_ERROR_USAGE, 2, "usage", "the command line is wrong")                                                     \
    X(SPIRAL_ERROR_INPUT, 3, "input", "an input file is missing, unreadable or malformed")                             \
    X(SPIRAL_ERROR_OUTPUT, 4, "output", "an output could not be written")                                              \
    X(SPIRAL_ERROR_LIMIT, 5, "limit", "out of memory, or over a limit of the program")                                 \
    X(SPIRAL_ERROR_DIVERGED, 6, "diverged", "the loss or a parameter is no longer finite")

/* clang warns where a status is ignored; gcc has this attribute for functions only. */
#if defined(__clang__)
#define SPIRAL_LOOK_AT_IT __attribute__((warn_unused_result))
#else
#define SPIRAL_LOOK_AT_IT
#endif

typedef enum SPIRAL_LOOK_AT_IT SpiralStatus {
#define SPIRAL_STATUS_ENUM(code, number, name, sentence) code = (number),
    SPIRAL_STATUS_LIST(SPIRAL_STATUS_ENUM)
#undef SPIRAL_STATUS_ENUM
} SpiralStatus;

/* What went wrong. Owned by the caller; every function that fails fills it in unless it is NULL. path is empty when the
 * error is not about a file, line is 0 when it is not about a line. */
typedef struct SpiralError {
    SpiralStatus status;
    size_t line;
    char path[1024];
    char reason[1024]; /* what was found, what was expected; one line */
} SpiralError;

/* The short name ("input") and the sentence of a status. Static strings. */
const char *spiral_status_name(SpiralStatus status);
const char *spiral_status_sentence(SpiralStatus status);

/* Fills *error (which may be NULL) and returns status, so that a failing function can end with
 * `return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, line, "...")`. path may be NULL.
 * Control characters, direction marks and bytes that are not UTF-8 are escaped (\x1b, \u202e, \xff), so that an error
 * stays on one line and a terminal shows all of it. */
SpiralStatus spiral_error_set(SpiralError *error, SpiralStatus status, const char *path, size_t line,
                              const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
