/* status.h: what every call of the library returns, and the error it fills in.
 *
 * A status is also the exit code of the command line: one list, one meaning. */
#ifndef SPIRAL_STATUS_H
#define SPIRAL_STATUS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

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

/* A setting that avoids a refusal or answers a doubt. The library does not know what its callers call their settings;
 * the command line shows each as an option. X(code, name) with the option's name. */
#define SPIRAL_REMEDY_LIST(X)                                                                                          \
    X(SPIRAL_REMEDY_HEADER, "header")                                                                                  \
    X(SPIRAL_REMEDY_LABEL, "label")                                                                                    \
    X(SPIRAL_REMEDY_IGNORE, "ignore")                                                                                  \
    X(SPIRAL_REMEDY_DECIMAL, "decimal")                                                                                \
    X(SPIRAL_REMEDY_MISSING, "missing")

typedef enum SpiralRemedyKind {
    SPIRAL_REMEDY_NONE,
#define SPIRAL_REMEDY_ENUM(code, name) code,
    SPIRAL_REMEDY_LIST(SPIRAL_REMEDY_ENUM)
#undef SPIRAL_REMEDY_ENUM
        SPIRAL_REMEDY_FILTER, /* no setting: a command that prints the file it is given as CSV */
} SpiralRemedyKind;

typedef struct SpiralRemedy {
    SpiralRemedyKind kind;
    char value[200]; /* of the setting: "yes", "0", "species"; or the command */
} SpiralRemedy;

/* What went wrong. Owned by the caller; every function that fails fills it in unless it is NULL. path is empty when the
 * error is not about a file, line is 0 when it is not about a line. */
typedef struct SpiralError {
    SpiralStatus status;
    size_t line;
    char path[1024];
    char reason[1024];   /* what was found, what was expected; one line */
    SpiralRemedy remedy; /* what would avoid it, if that is known */
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

/* Adds a remedy to the error (which may be NULL), and returns its status. value is a value of the setting; one that is
 * too long is left out with its remedy. */
SpiralStatus spiral_error_suggest(SpiralError *error, SpiralStatus status, SpiralRemedyKind kind, const char *value);

#ifdef __cplusplus
}
#endif

#endif
