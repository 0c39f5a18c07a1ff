#include "cli/confusion.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/shorten.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "spiral/limits.h"

enum { PRINTED_CLASSES = 50, NAME_CELLS = 16, COUNT_CELLS = 6 };

SpiralStatus confusion_start(Confusion *confusion, size_t classes, SpiralError *error)
{
    *confusion = (Confusion){.classes = classes,
                             .observed = cli_allocate(classes, sizeof(size_t)),
                             .predicted = cli_allocate(classes, sizeof(size_t)),
                             .right = cli_allocate(classes, sizeof(size_t))};
    bool matrix = classes <= SPIRAL_CONFUSION_LIMIT;
    if (matrix)
        confusion->counts = cli_allocate(classes * classes, sizeof *confusion->counts);
    bool made = confusion->observed != NULL && confusion->predicted != NULL && confusion->right != NULL &&
                (confusion->counts != NULL || !matrix);
    return made ? SPIRAL_OK : cli_no_memory(error);
}

void confusion_free(Confusion *confusion)
{
    free(confusion->observed);
    free(confusion->predicted);
    free(confusion->right);
    free(confusion->counts);
    *confusion = (Confusion){0};
}

void confusion_count(Confusion *confusion, size_t rows, const int64_t *y, const int64_t *labels,
                     const double *log_probs)
{
    for (size_t i = 0; i < rows; i++) {
        if (y[i] < 0) {
            confusion->unlabelled++;
            continue;
        }
        size_t is = (size_t)y[i], predicted = (size_t)labels[i];
        confusion->rows++;
        confusion->observed[is]++;
        confusion->predicted[predicted]++;
        confusion->right[is] += is == predicted;
        confusion->correct += is == predicted;
        if (confusion->counts != NULL)
            confusion->counts[is * confusion->classes + predicted]++;
        if (log_probs != NULL)
            confusion->loss -= log_probs[i];
    }
}

double confusion_accuracy(const Confusion *confusion)
{
    return (double)confusion->correct / (double)confusion->rows;
}

/* ---- text -------------------------------------------------------------------------------------------------------- */

/* Prints the name in exactly that many columns, into which it fits. */
static void print_name(const char *name, size_t columns, bool to_the_right)
{
    int spaces = (int)(columns - spiral_text_columns(name, strlen(name)));
    fprintf(stderr, "%*s%s%*s", to_the_right ? spaces : 0, "", name, to_the_right ? 0 : spaces, "");
}

static void print_matrix(const Confusion *confusion, const SpiralNetwork *network)
{
    size_t classes = confusion->classes;
    const char *const *names = (const char *const *)network->class_names;
    char fitting[PRINTED_CLASSES][SPIRAL_NAME_BYTES];
    fprintf(stderr, "confusion matrix: a row for each class of the data, a column for each predicted\n");
    fprintf(stderr, "%-*s", NAME_CELLS, "");
    spiral_shorten_to_columns(classes, names, COUNT_CELLS, fitting);
    for (size_t k = 0; k < classes; k++) {
        fputs("  ", stderr);
        print_name(fitting[k], COUNT_CELLS, true);
    }
    fputc('\n', stderr);
    spiral_shorten_to_columns(classes, names, NAME_CELLS, fitting);
    for (size_t j = 0; j < classes; j++) {
        print_name(fitting[j], NAME_CELLS, false);
        for (size_t k = 0; k < classes; k++)
            fprintf(stderr, "  %*zu", COUNT_CELLS, confusion->counts[j * classes + k]);
        fputc('\n', stderr);
    }
}

void confusion_print(const Confusion *confusion, const SpiralNetwork *network)
{
    if (confusion->rows == 0) {
        if (confusion->unlabelled > 0)
            fprintf(stderr, "accuracy: none, no row has a label\n");
        return;
    }
    char accuracy[SPIRAL_NUMBER_TEXT];
    fprintf(stderr, "accuracy: %s (%zu of %zu", spiral_accuracy_print(confusion_accuracy(confusion), 4, accuracy),
            confusion->correct, confusion->rows);
    if (confusion->unlabelled > 0)
        fprintf(stderr, "; %zu row%s without a label", confusion->unlabelled, confusion->unlabelled == 1 ? "" : "s");
    fprintf(stderr, ")\n");
    if (confusion->classes <= PRINTED_CLASSES)
        print_matrix(confusion, network);
    else
        fprintf(stderr, "confusion matrix: left out, %zu classes are more than %d\n", confusion->classes,
                PRINTED_CLASSES);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

/* null when there is nothing to divide by */
static bool add_ratio(cJSON *object, const char *key, size_t part, size_t whole)
{
    return json_add_real(object, key, whole > 0 ? (double)part / (double)whole : NAN);
}

static bool add_classes(cJSON *root, const Confusion *confusion, const SpiralNetwork *network)
{
    cJSON *array = cJSON_AddArrayToObject(root, "classes");
    bool added = array != NULL;
    for (size_t k = 0; added && k < confusion->classes; k++) {
        cJSON *object = cJSON_CreateObject();
        added = object != NULL && cJSON_AddItemToArray(array, object) &&
                json_add_text(object, "name", network->class_names[k]) &&
                json_add_size(object, "rows", confusion->observed[k]) &&
                json_add_size(object, "predicted", confusion->predicted[k]) &&
                add_ratio(object, "precision", confusion->right[k], confusion->predicted[k]) &&
                add_ratio(object, "recall", confusion->right[k], confusion->observed[k]);
    }
    return added;
}

/* An object for each of the data's classes, with the number of its rows that were predicted as each class. */
static bool add_matrix(cJSON *root, const Confusion *confusion, const SpiralNetwork *network)
{
    if (confusion->counts == NULL)
        return json_add_text(root, "confusion", NULL);
    cJSON *matrix = cJSON_AddObjectToObject(root, "confusion");
    bool added = matrix != NULL;
    for (size_t j = 0; added && j < confusion->classes; j++) {
        cJSON *row = cJSON_AddObjectToObject(matrix, network->class_names[j]);
        added = row != NULL;
        for (size_t k = 0; added && k < confusion->classes; k++)
            added = json_add_size(row, network->class_names[k], confusion->counts[j * confusion->classes + k]);
    }
    return added;
}

bool confusion_add(cJSON *root, size_t rows, const Confusion *confusion, const SpiralNetwork *network)
{
    static const char *const results[] = {"accuracy", "correct", "data_loss", "classes", "confusion"};
    bool added = json_add_size(root, "unlabelled", rows - confusion->rows);
    if (confusion->rows == 0) {
        for (size_t i = 0; i < sizeof results / sizeof *results; i++)
            added = added && json_add_text(root, results[i], NULL);
        return added;
    }
    return added && json_add_real(root, "accuracy", confusion_accuracy(confusion)) &&
           json_add_size(root, "correct", confusion->correct) &&
           json_add_real(root, "data_loss", confusion->loss / (double)confusion->rows) &&
           add_classes(root, confusion, network) && add_matrix(root, confusion, network);
}
