#include "cli/confusion_figure.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/number.h"
#include "cli/cli.h"
#include "cli/confusion.h"

static void make_title(const Confusion *confusion, const SpiralNetwork *network, char *title, size_t size)
{
    char accuracy[SPIRAL_NUMBER_TEXT];
    spiral_network_title(network, title, size / 2);
    cli_append(title, size, ", accuracy %s (%zu of %zu)",
               spiral_accuracy_print(confusion_accuracy(confusion), 2, accuracy), confusion->correct, confusion->rows);
    if (confusion->unlabelled > 0)
        cli_append(title, size, "\n%zu row%s without a label left out", confusion->unlabelled,
                   confusion->unlabelled == 1 ? "" : "s");
}

static SpiralStatus draw(const Confusion *confusion, const SpiralNetwork *network, const SpiralFigureOptions *options,
                         const char *path, SpiralError *error)
{
    if (confusion->rows == 0)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0, "no row has a label, but classes are needed");
    if (confusion->counts == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0,
                                "a confusion matrix of %zu classes; up to %d can be drawn", confusion->classes,
                                SPIRAL_CONFUSION_LIMIT);
    char title[512];
    SpiralFigureOptions figure = *options;
    if (figure.title == NULL) {
        make_title(confusion, network, title, sizeof title);
        figure.title = title;
    }
    SpiralConfusion drawn = {confusion->classes, (const char *const *)network->class_names, confusion->counts};
    return spiral_figure_confusion(&drawn, &figure, path, error);
}

SpiralStatus confusion_figure_draw(const SpiralNetwork *network, const SpiralDataset *dataset,
                                   const SpiralFigureOptions *options, const char *path, SpiralError *error)
{
    Confusion confusion = {0};
    int64_t *labels = cli_allocate(dataset->rows, sizeof *labels);
    SpiralStatus status = labels == NULL ? cli_no_memory(error) : SPIRAL_OK;
    if (status == SPIRAL_OK)
        status = confusion_start(&confusion, network->sizes[network->layers], error);
    if (status == SPIRAL_OK)
        status =
            spiral_network_predict(network, 0, dataset->rows, dataset->X, options->threads, NULL, NULL, labels, error);
    if (status == SPIRAL_OK) {
        confusion_count(&confusion, dataset->rows, dataset->y, labels, NULL);
        status = draw(&confusion, network, options, path, error);
    }
    confusion_free(&confusion);
    free(labels);
    return status;
}
