/* loss_log.h: the trainer's records as text, loss.csv or loss.jsonl: a line each, written as the training goes, and read
 * back column by column. */
#ifndef SPIRAL_LOSS_LOG_H
#define SPIRAL_LOSS_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/limits.h"
#include "spiral/network.h"
#include "spiral/status.h"
#include "spiral/trainer.h"

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* CSV: a header, then a row a record. JSON lines: an object a record, {"iteration":0,"loss":1.1,...}. */
typedef enum SpiralLossLogFormat { SPIRAL_LOSS_LOG_CSV, SPIRAL_LOSS_LOG_JSONL } SpiralLossLogFormat;

/* Which columns there are: iteration, loss, data_loss, reg_loss, accuracy; with validation data validation_loss and
 * validation_accuracy; grad_norm, update_ratio; with hidden layers an update ratio a layer (update_ratio_W1 ...) and
 * dead_units; learning_rate; seconds. */
typedef struct SpiralLossLogLayout {
    SpiralLossLogFormat format;
    bool validation;
    const SpiralNetwork *network; /* borrowed */
} SpiralLossLogLayout;

/* Prints the record as a line of the log, LF and NUL at its end, and sets *length to the bytes before the NUL. A record
 * of NULL prints CSV's header; JSON lines have none, an empty text. seconds, since the training began, are at least 0.
 * What is not finite is nan, inf or -inf in CSV and null in JSON. Errors: LIMIT (a network of so many layers that the
 * line has no room). */
SpiralStatus spiral_loss_log_line(const SpiralLossLogLayout *layout, const SpiralTrainRecord *record, double seconds,
                                  char text[SPIRAL_LOG_LINE_LIMIT], size_t *length, SpiralError *error);

/* ---- reading ----------------------------------------------------------------------------------------------------- */

enum { SPIRAL_LOSS_LOG_COLUMNS = 8 };

/* Some columns of a log. */
typedef struct SpiralLossLog {
    size_t count;
    double *columns[SPIRAL_LOSS_LOG_COLUMNS]; /* (count) each; NULL: the log does not have it */
} SpiralLossLog;

/* Reads the named columns of the log at path ("-": standard input), CSV or JSON lines; names ends with NULL, and the
 * first `needed` must be there. Every field of every row must be a number; but for the first column, that may be nan,
 * inf or -inf, and in JSON null, which is read as NaN. Errors: INPUT with file and line, LIMIT. On failure *log is
 * untouched. */
SpiralStatus spiral_loss_log_load(const char *path, const char *const *names, size_t needed, SpiralLossLog *log,
                                  SpiralError *error);

/* The same from a file that is open, which is closed in any case; path is for messages. */
SpiralStatus spiral_loss_log_take(int descriptor, const char *path, const char *const *names, size_t needed,
                                  SpiralLossLog *log, SpiralError *error);
void spiral_loss_log_free(SpiralLossLog *log); /* what it holds; all zero afterwards */

#endif
