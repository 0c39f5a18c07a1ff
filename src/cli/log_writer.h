/* log_writer.h: the rows of loss.csv or loss.jsonl, written as the training goes. */
#ifndef SPIRAL_CLI_LOG_WRITER_H
#define SPIRAL_CLI_LOG_WRITER_H

#include <stdbool.h>

#include "base/crc32.h"
#include "spiral/network.h"
#include "spiral/output.h"
#include "spiral/trainer.h"

typedef enum LogFormat { LOG_CSV, LOG_JSONL } LogFormat;

/* Which columns there are: validation_loss and validation_accuracy with validation data; with hidden layers an
 * update ratio a layer (update_ratio_W1 ...) and dead_units. seconds, since the training began, come last. */
typedef struct LogLayout {
    LogFormat format;
    bool validation;
    const SpiralNetwork *network; /* borrowed */
} LogLayout;

/* How far a log has come. */
typedef struct LogMark {
    uint64_t bytes;
    SpiralCrc32 crc; /* of the lines without their last field: two runs of a command differ in the seconds alone */
} LogMark;

void log_mark_start(LogMark *mark);

/* Text of the log. measured: a line's last field, with the comma before it. */
void log_mark_add(LogMark *mark, const char *text, size_t length, bool measured);

/* CSV's first line; JSON lines have none. mark, unless NULL, goes along. */
SpiralStatus log_write_header(SpiralOutput *output, const LogLayout *layout, LogMark *mark, SpiralError *error);
SpiralStatus log_write_row(SpiralOutput *output, const LogLayout *layout, const SpiralTrainRecord *record,
                           double seconds, LogMark *mark, SpiralError *error);

#endif
