/* loss_log.h: loss.csv, written as the training goes and read back for figures. */
#ifndef SPIRAL_CLI_LOSS_LOG_H
#define SPIRAL_CLI_LOSS_LOG_H

#include <stddef.h>
#include <stdio.h>

#include "spiral/output.h"
#include "spiral/trainer.h"

enum { LOSS_LOG_COLUMNS = 8 };

/* Some columns of a log. */
typedef struct LossLog {
    size_t count;
    double *columns[LOSS_LOG_COLUMNS]; /* (count) each; NULL: the log does not have it */
} LossLog;

/* Reads the named columns of the log at path; names ends with NULL, and the first `needed` must be there. Every field
 * of every row must be a number; but for the first column, that may be nan, inf or -inf, and in JSON null, which is
 * read as NaN. Errors: INPUT with file and line, LIMIT. On failure *log is untouched. */
SpiralStatus loss_log_read(const char *path, const char *const *names, size_t needed, LossLog *log, SpiralError *error);

/* The same from a file that is open; path is for messages. */
SpiralStatus loss_log_read_file(FILE *file, const char *path, const char *const *names, size_t needed, LossLog *log,
                                SpiralError *error);
void loss_log_free(LossLog *log);

#endif
