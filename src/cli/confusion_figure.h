/* confusion_figure.h: the confusion matrix of a network on a data set as a figure. */
#ifndef SPIRAL_CLI_CONFUSION_FIGURE_H
#define SPIRAL_CLI_CONFUSION_FIGURE_H

#include "spiral/dataset.h"
#include "spiral/figure.h"
#include "spiral/network.h"
#include "spiral/status.h"

/* Rows without a label are left out, and the title says how many there are. Errors: INPUT (no labels, scores that
 * overflow), OUTPUT, LIMIT. */
SpiralStatus confusion_figure_draw(const SpiralNetwork *network, const SpiralDataset *dataset,
                                   const SpiralFigureOptions *options, const char *path, SpiralError *error);

#endif
