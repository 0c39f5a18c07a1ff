#include "cli/confusion.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"

enum { CLASSES_LIMIT = 50, NAME_CELLS = 16, COUNT_CELLS = 6 };

/* Prints text in exactly cells characters, cut with ~ when it is longer; UTF-8 counts by its characters. */
static void print_name(const char *text, size_t cells, bool to_the_right)
{
    size_t characters = 0, bytes = 0, kept = 0;
    for (; text[bytes] != '\0'; bytes++) {
        if (((unsigned char)text[bytes] & 0xc0) == 0x80)
            continue;
        if (characters + 1 == cells)
            kept = bytes;
        characters++;
    }
    bool cut = characters > cells;
    int spaces = cut ? 0 : (int)(cells - characters);
    fprintf(stderr, "%*s", to_the_right ? spaces : 0, "");
    for (size_t i = 0; i < (cut ? kept : bytes); i++)
        fputc((unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i], stderr);
    if (cut)
        fputc('~', stderr);
    fprintf(stderr, "%*s", to_the_right ? 0 : spaces, "");
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
