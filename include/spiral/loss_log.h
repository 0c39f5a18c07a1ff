/* loss_log.h: the trainer's records as text (loss.csv or loss.jsonl), one line each, written during the training and
 * read back column by column. */
#ifndef SPIRAL_LOSS_LOG_H
#define SPIRAL_LOSS_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "spiral/layer_statistics.h"
#include "spiral/limits.h"
#include "spiral/network.h"
#include "spiral/status.h"
#include "spiral/trainer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* CSV: a header, then a row for each record. JSON lines: an object for each record, {"iteration":0,"loss":1.1,...}. */
typedef enum SpiralLossLogFormat { SPIRAL_LOSS_LOG_CSV, SPIRAL_LOSS_LOG_JSONL } SpiralLossLogFormat;

/* The columns: iteration, loss, data_loss, reg_loss, accuracy; with validation data validation_loss and
 * validation_accuracy; grad_norm, update_ratio; with hidden layers an update ratio for each layer (update_ratio_W1 ...)
 * and dead_units; with statistics, for each hidden layer deviation_1 ..., dead_1 ... and saturated_1 ..., and for each
 * layer grad_norm_W1 ...; learning_rate; with mini-batches epoch, the passes over the data so far; seconds. */
typedef struct SpiralLossLogLayout {
    SpiralLossLogFormat format;
    bool validation;
    const SpiralNetwork *network; /* borrowed */
    /* (layers) those of the record's network, from a SpiralLayerMeter; borrowed; NULL: no columns for them */
    const SpiralLayerStatistics *statistics;
    size_t epoch; /* updates in an epoch: spiral_train_epoch; up to 1: no column for the epochs */
} SpiralLossLogLayout;

/* Prints the record as a line of the log, ending in LF and NUL, and sets *length to the bytes before the NUL. With a
 * record of NULL it prints the header of a CSV, and nothing for JSON lines, which have none. seconds, since the
 * training began, must be at least 0. Numbers that are not finite become nan, inf or -inf in CSV and null in JSON.
 * Errors: LIMIT (the network has so many layers that the line is too long). */
SpiralStatus spiral_loss_log_line(const SpiralLossLogLayout *layout, const SpiralTrainRecord *record, double seconds,
                                  char text[SPIRAL_LOG_LINE_LIMIT], size_t *length, SpiralError *error);

/* ---- reading ----------------------------------------------------------------------------------------------------- */

enum { SPIRAL_LOSS_LOG_COLUMNS = 16 + 5 * (SPIRAL_HIDDEN_LIMIT + 1) }; /* five of each layer */

/* The columns read from a log. */
typedef struct SpiralLossLog {
    size_t count;
    bool cut; /* the last line, which has no line end, was left out: a killed training may leave part of a line */
    double *columns[SPIRAL_LOSS_LOG_COLUMNS]; /* (count) each; NULL: not in the log */
} SpiralLossLog;

/* Reads the named columns of the log at path ("-": standard input), CSV or JSON lines. names, at most
 * SPIRAL_LOSS_LOG_COLUMNS, ends with NULL, and the first `needed` of them, at least one, must be there. Every field of
 * every row must be a number. The first column counts upwards in whole numbers, from 0 or more; it, epoch and seconds
 * are finite, accuracy and validation_accuracy are from 0 to 1 or nan, and the others may be nan, inf or -inf. In JSON
 * null is read as NaN. A last line that is cut off is left out.
 * Errors: INPUT with file and line, LIMIT. On failure *log is untouched. */
SpiralStatus spiral_loss_log_load(const char *path, const char *const *names, size_t needed, SpiralLossLog *log,
                                  SpiralError *error);

/* The same from an open file, which is closed in any case; path is for messages. */
SpiralStatus spiral_loss_log_take(int descriptor, const char *path, const char *const *names, size_t needed,
                                  SpiralLossLog *log, SpiralError *error);
void spiral_loss_log_free(SpiralLossLog *log); /* frees its members; all zero afterwards */

#ifdef __cplusplus
}
#endif

#endif
