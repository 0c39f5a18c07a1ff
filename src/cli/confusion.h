/* confusion.h: predictions beside the data's own classes: accuracy, data loss, precision and recall, and the confusion
 * matrix. */
#ifndef SPIRAL_CLI_CONFUSION_H
#define SPIRAL_CLI_CONFUSION_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spiral/network.h"
#include "spiral/status.h"

/* Counted block by block. Zeroed until confusion_start. */
typedef struct Confusion {
    size_t classes;
    size_t rows, correct;                 /* of the rows that have a label */
    size_t unlabelled;                    /* the other rows */
    size_t *observed, *predicted, *right; /* (K) rows of each class: the data's, those predicted as it, and both */
    size_t *counts;                       /* (K, K) data's class by predicted; NULL when there are too many classes */
    double loss;                          /* sum of -log(probability of the data's class), where that was counted */
} Confusion;

/* Errors: LIMIT. */
SpiralStatus confusion_start(Confusion *confusion, size_t classes, SpiralError *error);
void confusion_free(Confusion *confusion);

/* y, labels (rows): the data's classes, -1 for a row without a label, and the predicted ones. log_probs (rows): the
 * logarithm of the probability of the data's class; NULL when the loss is not needed. */
void confusion_count(Confusion *confusion, size_t rows, const int64_t *y, const int64_t *labels,
                     const double *log_probs);

double confusion_accuracy(const Confusion *confusion);

/* Prints the accuracy and the matrix on standard error; nothing when no row was counted. */
void confusion_print(const Confusion *confusion, const SpiralNetwork *network);

/* Adds, of that many rows, accuracy, data loss, precision and recall of each class, and the matrix. What has no value,
 * such as the precision of a class that was never predicted, or all of it when no row has a label, is null. False when
 * out of memory. */
bool confusion_add(cJSON *root, size_t rows, const Confusion *confusion, const SpiralNetwork *network);

#endif
