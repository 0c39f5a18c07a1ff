#include "cli/confusion.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "cli/cli.h"

enum { CLASSES_LIMIT = 50, NAME_CELLS = 16, COUNT_CELLS = 6 };

/* Prints the name in exactly that many columns, cut with ~ when it is longer. */
static void print_name(const char *name, size_t columns, bool to_the_right)
{
    char shown[256]; /* far more than the columns hold */
    size_t length = spiral_text_show(name, shown, sizeof shown), whole = spiral_text_columns(shown, length);
    bool cut = whole > columns;
    if (cut)
        length = spiral_text_fit(shown, columns - 1);
    int spaces = (int)(columns - cut - spiral_text_columns(shown, length));
    fprintf(stderr, "%*s%.*s%s%*s", to_the_right ? spaces : 0, "", (int)length, shown, cut ? "~" : "",
            to_the_right ? 0 : spaces, "");
}

static void print_matrix(const SpiralNetwork *network, const size_t *counts, size_t classes)
{
    fprintf(stderr, "confusion matrix: a row for each class of the data, a column for each predicted\n");
    fprintf(stderr, "%-*s", NAME_CELLS, "");
    for (size_t k = 0; k < classes; k++) {
        fputs("  ", stderr);
        print_name(network->class_names[k], COUNT_CELLS, true);
    }
    fputc('\n', stderr);
    for (size_t j = 0; j < classes; j++) {
        print_name(network->class_names[j], NAME_CELLS, false);
        for (size_t k = 0; k < classes; k++)
            fprintf(stderr, "  %*zu", COUNT_CELLS, counts[j * classes + k]);
        fputc('\n', stderr);
    }
}

SpiralStatus confusion_print(const SpiralNetwork *network, const SpiralDataset *dataset, const int64_t *labels,
                             SpiralError *error)
{
    size_t classes = network->sizes[network->layers];
    size_t correct = 0;
    for (size_t i = 0; i < dataset->rows; i++)
        correct += labels[i] == dataset->y[i];
    fprintf(stderr, "accuracy: %.4f (%zu of %zu)\n", (double)correct / (double)dataset->rows, correct, dataset->rows);
    if (classes > CLASSES_LIMIT) {
        fprintf(stderr, "confusion matrix: left out, %zu classes are more than %d\n", classes, CLASSES_LIMIT);
        return SPIRAL_OK;
    }
    size_t *counts = cli_allocate(classes * classes, sizeof *counts); /* (K, K) */
    if (counts == NULL)
        return cli_no_memory(error);
    for (size_t i = 0; i < dataset->rows; i++)
        counts[(size_t)dataset->y[i] * classes + (size_t)labels[i]]++;
    print_matrix(network, counts, classes);
    free(counts);
    return SPIRAL_OK;
}
