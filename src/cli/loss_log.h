/* loss_log.h: loss.csv, written as the training goes and read back for figures. */
#ifndef SPIRAL_CLI_LOSS_LOG_H
#define SPIRAL_CLI_LOSS_LOG_H

#include <stddef.h>

#include "spiral/output.h"
#include "spiral/trainer.h"

/* Two columns of a log. */
typedef struct LossLog {
    size_t count;
    double *x, *y; /* (count) */
} LossLog;

/* Reads the columns called x and y of the log at path. Every field of every row must be a finite number. Errors: INPUT with
 * file and line, LIMIT. On failure *log is untouched. */
SpiralStatus loss_log_read(const char *path, const char *x, const char *y, LossLog *log, SpiralError *error);
void loss_log_free(LossLog *log);

#endif
