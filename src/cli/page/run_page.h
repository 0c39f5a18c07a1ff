/* run_page.h: the page of a training: its weights at moments, its data, its log and its summary. */
#ifndef SPIRAL_CLI_RUN_PAGE_H
#define SPIRAL_CLI_RUN_PAGE_H

#include "cli/options/train_settings.h"
#include "cli/page/moments.h"
#include "spiral/dataset.h"
#include "spiral/output.h"

/* All borrowed. */
typedef struct RunPage {
    const char *folder; /* of the training: it has summary.json and the log */
    const TrainSettings *settings;
    const SpiralNetwork *network; /* as trained */
    const SpiralDataset *dataset;
    const Moments *moments;
} RunPage;

/* Writes the page and commits the output, which is freed, also after a failure. Errors: INPUT (the folder's files),
 * OUTPUT, LIMIT. */
SpiralStatus run_page_save(const RunPage *page, SpiralOutput *output, SpiralError *error);

#endif
