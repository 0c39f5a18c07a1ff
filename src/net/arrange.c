/* arrange.c: the inputs and outputs of a network in the order of other names. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "spiral/network.h"

enum { LIST_BYTES = 300 };

static SpiralStatus no_memory(SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to reorder the network");
}

static SpiralStatus refuse_count(const char *what, size_t found, size_t expected, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0, "has %zu %s, expected %zu", found, what, expected);
}

/* Names of one side of the network, and what they are to be. */
typedef struct Side {
    const char *what; /* "features" */
    const char *const *names, *const *expected;
    size_t count, expected_count;
    bool nameless;       /* has one of them no names? */
    bool numbered;       /* are there numbers alone, whatever the names are? */
    const size_t *order; /* (expected_count) the place among names where they do not decide; NULL: the same */
    size_t *where;       /* (expected_count) the place among names */
} Side;

static SpiralStatus refuse_names(const Side *side, SpiralError *error)
{
    char found[LIST_BYTES], expected[LIST_BYTES];
    spiral_names_list(side->names, side->count, found, sizeof found);
    spiral_names_list(side->expected, side->expected_count, expected, sizeof expected);
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0, "has the %s %s, expected %s", side->what, found,
                            expected);
}

/* Finds each expected name, or goes by the order where there are no names. *moved says whether any is in another place,
 * *by_name whether names say so. Errors: INPUT when they are not the same names, LIMIT. */
static SpiralStatus match(const Side *side, bool *moved, bool *by_name, SpiralError *error)
{
    size_t known = 0, count = side->count;
    if (!side->numbered && !spiral_names_match(side->expected, side->expected_count, side->names, count, side->where))
        return no_memory(error);
    for (size_t i = 0; i < side->expected_count && !side->numbered; i++)
        known += side->where[i] < SPIRAL_NAME_TWICE;
    bool by_position = side->numbered || (side->nameless && known == 0);
    if (by_position && side->expected_count != count)
        return refuse_count(side->what, count, side->expected_count, error);
    if (!by_position && (known < count || known < side->expected_count))
        return refuse_names(side, error);
    *by_name = !by_position;
    *moved = false;
    for (size_t i = 0; i < count; i++) {
        if (by_position)
            side->where[i] = side->order != NULL ? side->order[i] : i;
        *moved = *moved || side->where[i] != i;
    }
    return SPIRAL_OK;
}

typedef struct Place {
    size_t column, place;
} Place;

static int by_column(const void *left, const void *right)
{
    size_t a = ((const Place *)left)->column, b = ((const Place *)right)->column;
    return (a > b) - (a < b);
}

/* order[i]: how many of columns (count) stand before columns[i]. */
static bool find_order(const size_t *columns, size_t count, size_t *order)
{
    Place *sorted = spiral_allocate(count, sizeof *sorted);
    if (sorted == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        sorted[i] = (Place){columns[i], i};
    qsort(sorted, count, sizeof *sorted, by_column);
    for (size_t i = 0; i < count; i++)
        order[sorted[i].place] = i;
    free(sorted);
    return true;
}

/* Moves row where[r] of the matrix to row r. */
static bool move_rows(double *matrix, size_t rows, size_t columns, const size_t *where)
{
    size_t count = rows * columns;
    double *old = spiral_allocate_doubles(count);
    if (old == NULL)
        return false;
    memcpy(old, matrix, count * sizeof *old);
    for (size_t r = 0; r < rows; r++)
        memcpy(matrix + r * columns, old + where[r] * columns, columns * sizeof *old);
    free(old);
    return true;
}

/* Moves column where[c] of the matrix to column c. row: (columns), overwritten. */
static void move_columns(double *matrix, size_t rows, size_t columns, const size_t *where, double *row)
{
    for (size_t r = 0; r < rows; r++, matrix += columns) {
        memcpy(row, matrix, columns * sizeof *row);
        for (size_t c = 0; c < columns; c++)
            matrix[c] = row[where[c]];
    }
}

static SpiralStatus arrange_features(SpiralNetwork *network, const size_t *where, SpiralError *error)
{
    size_t D = network->sizes[0];
    bool done = move_rows(spiral_network_weights(network, 0), D, network->sizes[1], where);
    if (done && network->mean != NULL)
        done = move_rows(network->mean, D, 1, where) && move_rows(network->scale, D, 1, where);
    return done ? SPIRAL_OK : no_memory(error);
}

static SpiralStatus arrange_classes(SpiralNetwork *network, const size_t *where, SpiralError *error)
{
    size_t last = network->layers - 1, K = network->sizes[last + 1];
    double *row = spiral_allocate_doubles(K);
    if (row == NULL)
        return no_memory(error);
    move_columns(spiral_network_weights(network, last), network->sizes[last], K, where, row);
    move_columns(spiral_network_biases(network, last), 1, K, where, row);
    free(row);
    return SPIRAL_OK;
}

static SpiralStatus arrange(SpiralNetwork *network, const Side *features, const Side *classes, bool *reordered,
                            SpiralError *error)
{
    bool features_moved, classes_moved, features_named, classes_named;
    SpiralStatus status = match(features, &features_moved, &features_named, error);
    if (status == SPIRAL_OK)
        status = match(classes, &classes_moved, &classes_named, error);
    if (status == SPIRAL_OK && features_moved)
        status = arrange_features(network, features->where, error);
    if (status == SPIRAL_OK && classes_moved)
        status = arrange_classes(network, classes->where, error);
    if (status == SPIRAL_OK)
        *reordered = (features_moved && features_named) || (classes_moved && classes_named);
    return status == SPIRAL_OK ? spiral_network_set_names(network, features->expected, classes->expected, error)
                               : status;
}

SpiralStatus spiral_network_arrange(SpiralNetwork *network, size_t features, const char *const *feature_names,
                                    const size_t *columns, size_t classes, const char *const *class_names,
                                    bool *reordered, SpiralError *error)
{
    size_t D = network->sizes[0], K = network->sizes[network->layers];
    const char *const *own = (const char *const *)network->feature_names;
    bool unnamed = spiral_names_are_default(own, D, "x") || spiral_names_are_default(feature_names, features, "x");
    if (spiral_names_are_numbers(own, D, "x") && spiral_names_are_numbers(feature_names, features, "x"))
        unnamed = false; /* of columns: they say which ones */
    *reordered = false;
    size_t *order = columns != NULL ? spiral_allocate(features, sizeof *order) : NULL;
    const Side inputs = {.what = "features",
                         .names = own,
                         .count = D,
                         .expected = feature_names,
                         .expected_count = features,
                         .nameless = unnamed,
                         .numbered = network->weights_only,
                         .order = order,
                         .where = spiral_allocate(features, sizeof *inputs.where)};
    const Side outputs = {.what = "classes",
                          .names = (const char *const *)network->class_names,
                          .count = K,
                          .expected = class_names,
                          .expected_count = classes,
                          .numbered = network->weights_only,
                          .where = spiral_allocate(classes, sizeof *outputs.where)};
    bool made = inputs.where != NULL && outputs.where != NULL &&
                (columns == NULL || (order != NULL && find_order(columns, features, order)));
    SpiralStatus status = made ? arrange(network, &inputs, &outputs, reordered, error) : no_memory(error);
    free(order);
    free(inputs.where);
    free(outputs.where);
    return status;
}
