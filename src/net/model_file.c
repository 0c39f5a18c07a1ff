/* model_file.c: saves a network to an .npz file and loads it. */
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/names.h"
#include "base/regular.h"
#include "base/text.h"
#include "data/npz.h"
#include "data/npz_writer.h"
#include "spiral/network.h"

enum { NAME_SIZE = 24, MOST_LAYERS = SPIRAL_HIDDEN_LIMIT + 1 };
#define COUNT_ONE(code, name) +1
enum { ACTIVATIONS = 0 SPIRAL_ACTIVATION_LIST(COUNT_ONE) };
#undef COUNT_ONE

static SpiralExtents vector_shape(size_t count)
{
    return (SpiralExtents){.dimensions = 1, .extent = {count}, .count = count};
}

static SpiralStatus add_parameters(SpiralNpzWriter *writer, const SpiralNetwork *network, SpiralError *error)
{
    for (size_t l = 0; l < network->layers; l++) {
        char name[NAME_SIZE];
        size_t inputs = network->sizes[l], outputs = network->sizes[l + 1];
        SpiralExtents matrix = {.dimensions = 2, .extent = {inputs, outputs}, .count = inputs * outputs};
        SpiralExtents vector = vector_shape(outputs);
        spiral_network_parameter_name(network, 'W', l, name, sizeof name);
        SpiralStatus status = spiral_npz_add_doubles(writer, name, &matrix, spiral_network_weights(network, l), error);
        if (status != SPIRAL_OK)
            return status;
        spiral_network_parameter_name(network, 'b', l, name, sizeof name);
        status = spiral_npz_add_doubles(writer, name, &vector, spiral_network_biases(network, l), error);
        if (status != SPIRAL_OK)
            return status;
    }
    return SPIRAL_OK;
}

static SpiralStatus add_description(SpiralNpzWriter *writer, const SpiralNetwork *network, SpiralError *error)
{
    SpiralExtents features = vector_shape(network->sizes[0]);
    SpiralExtents classes = vector_shape(network->sizes[network->layers]);
    SpiralExtents scalar = {.dimensions = 0, .count = 1};
    const char *activation = spiral_activation_name(network->activation);
    SpiralStatus status =
        spiral_npz_add_strings(writer, "classes", &classes, (const char *const *)network->class_names, error);
    if (status == SPIRAL_OK)
        status =
            spiral_npz_add_strings(writer, "features", &features, (const char *const *)network->feature_names, error);
    if (status == SPIRAL_OK)
        status = spiral_npz_add_strings(writer, "activation", &scalar, &activation, error);
    if (status == SPIRAL_OK && network->mean != NULL)
        status = spiral_npz_add_doubles(writer, "mean", &features, network->mean, error);
    if (status == SPIRAL_OK && network->mean != NULL)
        status = spiral_npz_add_doubles(writer, "scale", &features, network->scale, error);
    const char *label = network->label_name;
    if (status == SPIRAL_OK && label != NULL)
        status = spiral_npz_add_strings(writer, "label", &scalar, &label, error);
    int64_t after = (int64_t)network->features_after_label;
    if (status == SPIRAL_OK && after > 0)
        status = spiral_npz_add_integers(writer, "features_after_label", &scalar, &after, error);
    return status;
}

SpiralStatus spiral_network_write(const SpiralNetwork *network, SpiralOutput *output, SpiralError *error)
{
    SpiralNpzWriter *writer;
    SpiralStatus status = spiral_npz_writer_create(&writer, error);
    if (status != SPIRAL_OK)
        return status;
    status = add_parameters(writer, network, error);
    if (status == SPIRAL_OK)
        status = add_description(writer, network, error);
    if (status == SPIRAL_OK)
        status = spiral_npz_write(writer, output, error);
    spiral_npz_writer_free(writer);
    return status;
}

SpiralStatus spiral_network_save(const SpiralNetwork *network, const char *path, SpiralError *error)
{
    SpiralOutput *output;
    SpiralStatus status = spiral_output_create(path, &output, error);
    if (status != SPIRAL_OK)
        return status;
    status = spiral_network_write(network, output, error);
    if (status == SPIRAL_OK)
        return spiral_output_commit(output, error);
    spiral_output_discard(output);
    return status;
}

/* ---- load -------------------------------------------------------------------------------------------------------- */

typedef struct Loader {
    const char *path;
    SpiralNpz *npz;
    SpiralNetwork *network; /* NULL until the shapes are known */
    SpiralError *error;
} Loader;

static SpiralStatus refuse(const Loader *loader, const char *name, const char *found, const char *expected)
{
    return spiral_error_set(loader->error, SPIRAL_ERROR_INPUT, loader->path, 0, "array %s %s, expected %s", name, found,
                            expected);
}

/* Reads an array of doubles with a known shape into target. Every value must be finite. */
static SpiralStatus read_known(const Loader *loader, const char *name, size_t dimensions, size_t rows, size_t columns,
                               double *target)
{
    SpiralExtents shape;
    char kind;
    double *values = NULL;
    if (!spiral_npz_has(loader->npz, name))
        return refuse(loader, name, "is missing", "it in a model");
    SpiralStatus status = spiral_npz_look(loader->npz, name, &shape, &kind, loader->error);
    if (status != SPIRAL_OK)
        return status;
    bool fits =
        shape.dimensions == dimensions && shape.extent[0] == rows && (dimensions == 1 || shape.extent[1] == columns);
    /* The notes store biases as (1, H); accept that shape too. */
    fits = fits || (dimensions == 1 && shape.dimensions == 2 && shape.extent[0] == 1 && shape.extent[1] == rows);
    char expected[80];
    if (dimensions == 2)
        snprintf(expected, sizeof expected, "(%zu, %zu)", rows, columns);
    else
        snprintf(expected, sizeof expected, "(%zu,)", rows);
    if (!fits)
        return refuse(loader, name, "does not have the shape that its neighbours need", expected);
    status = spiral_npz_read_doubles(loader->npz, name, &shape, &values, loader->error);
    for (size_t i = 0; status == SPIRAL_OK && i < shape.count; i++)
        if (!isfinite(values[i]))
            status = refuse(loader, name, "holds a number that is not finite", "finite numbers");
    if (status == SPIRAL_OK)
        memcpy(target, values, shape.count * sizeof *values);
    free(values);
    return status;
}

static bool has_bias(const Loader *loader, size_t layer)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "b%zu", layer);
    return spiral_npz_has(loader->npz, name);
}

/* Finds the layers by the names W1, W2, ... (or W), and their shapes. sizes is (MOST_LAYERS + 1) and gets layers + 1
 * entries. */
static SpiralStatus read_sizes(const Loader *loader, size_t *sizes, size_t *layers)
{
    *layers = 0;
    bool single = spiral_npz_has(loader->npz, "W");
    char name[NAME_SIZE] = "W";
    while (single ? *layers == 0
                  : (snprintf(name, sizeof name, "W%zu", *layers + 1), spiral_npz_has(loader->npz, name))) {
        SpiralExtents shape;
        char kind;
        if (*layers == MOST_LAYERS)
            return spiral_error_set(loader->error, SPIRAL_ERROR_LIMIT, loader->path, 0,
                                    "more than %d hidden layers, the most that are possible", SPIRAL_HIDDEN_LIMIT);
        SpiralStatus status = spiral_npz_look(loader->npz, name, &shape, &kind, loader->error);
        if (status != SPIRAL_OK)
            return status;
        if (shape.dimensions != 2 || shape.count == 0)
            return refuse(loader, name, "is not a matrix", "(inputs, outputs)");
        if (*layers > 0 && sizes[*layers] != shape.extent[0])
            return refuse(loader, name, "does not take what the layer before it gives", "shapes that chain");
        sizes[*layers] = shape.extent[0];
        sizes[++*layers] = shape.extent[1];
    }
    if (!single && (*layers <= 1 || has_bias(loader, *layers + 1))) /* a single layer has no number */
        return refuse(loader, *layers == 0 && spiral_npz_has(loader->npz, "b") ? "W" : name, "is missing",
                      "the arrays W1, b1, W2, b2, ... or W, b of a model");
    if (sizes[*layers] > SPIRAL_CLASSES_LIMIT)
        return spiral_error_set(loader->error, SPIRAL_ERROR_LIMIT, loader->path, 0, "%zu classes, expected at most %d",
                                sizes[*layers], SPIRAL_CLASSES_LIMIT);
    return SPIRAL_OK;
}

static SpiralStatus read_layers(const Loader *loader)
{
    SpiralNetwork *network = loader->network;
    for (size_t l = 0; l < network->layers; l++) {
        char name[NAME_SIZE];
        size_t inputs = network->sizes[l], outputs = network->sizes[l + 1];
        spiral_network_parameter_name(network, 'W', l, name, sizeof name);
        SpiralStatus status = read_known(loader, name, 2, inputs, outputs, spiral_network_weights(network, l));
        if (status != SPIRAL_OK)
            return status;
        spiral_network_parameter_name(network, 'b', l, name, sizeof name);
        status = read_known(loader, name, 1, outputs, 0, spiral_network_biases(network, l));
        if (status != SPIRAL_OK)
            return status;
    }
    return SPIRAL_OK;
}

/* Is the name one of the network's parameters? */
static bool is_parameter(const SpiralNetwork *network, const char *name)
{
    for (size_t l = 0; l < network->layers; l++)
        for (const char *kind = "Wb"; *kind != '\0'; kind++) {
            char parameter[NAME_SIZE];
            spiral_network_parameter_name(network, *kind, l, parameter, sizeof parameter);
            if (strcmp(name, parameter) == 0)
                return true;
        }
    return false;
}

/* Is the name that of a layer's array, however it is numbered: a W or a b and no other letter? */
static bool names_layer(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return strchr("WwBb", *name) != NULL && *name != '\0' && strpbrk(name + 1, letters) == NULL;
}

/* A gap in the layers' numbers would make a shorter network of the file. */
static SpiralStatus refuse_other_layers(const Loader *loader)
{
    const char *name;
    for (size_t i = 0; (name = spiral_npz_name(loader->npz, i)) != NULL; i++)
        if (names_layer(name) && !is_parameter(loader->network, name))
            return spiral_error_set(loader->error, SPIRAL_ERROR_INPUT, loader->path, 0,
                                    "array %.*s is of no layer of the network, expected either W, b or W1, b1, W2, b2, "
                                    "... without a gap",
                                    SPIRAL_TEXT_CUT(name, 60));
    return SPIRAL_OK;
}

/* Reads `count` names. A model written by hand may have none; *names is then NULL. */
static SpiralStatus read_names(const Loader *loader, const char *name, size_t count, char ***names)
{
    *names = NULL;
    if (!spiral_npz_has(loader->npz, name))
        return SPIRAL_OK;
    SpiralExtents shape;
    char kind;
    SpiralStatus status = spiral_npz_look(loader->npz, name, &shape, &kind, loader->error);
    if (status == SPIRAL_OK && (shape.dimensions != 1 || shape.count != count))
        status = refuse(loader, name, "does not have one name for each", "as many as the weights have");
    return status == SPIRAL_OK ? spiral_npz_read_strings(loader->npz, name, &shape, names, loader->error) : status;
}

/* An observation's class is found by its name, which must be one class's alone. */
static SpiralStatus check_classes(const Loader *loader, char *const *classes, size_t count)
{
    size_t twice;
    if (!spiral_names_find_twice((const char *const *)classes, count, &twice))
        return spiral_error_set(loader->error, SPIRAL_ERROR_LIMIT, loader->path, 0, "no memory to read it");
    if (twice == SPIRAL_NAME_MISSING)
        return SPIRAL_OK;
    return spiral_error_set(loader->error, SPIRAL_ERROR_INPUT, loader->path, 0,
                            "array classes has the name '%.*s' twice, expected another one for each class",
                            SPIRAL_TEXT_CUT(classes[twice], 60));
}

static SpiralStatus read_description(const Loader *loader)
{
    SpiralNetwork *network = loader->network;
    size_t D = network->sizes[0], K = network->sizes[network->layers];
    char **features = NULL, **classes = NULL;
    SpiralStatus status = read_names(loader, "features", D, &features);
    if (status == SPIRAL_OK)
        status = read_names(loader, "classes", K, &classes);
    if (status == SPIRAL_OK && classes != NULL)
        status = check_classes(loader, classes, K);
    if (status == SPIRAL_OK)
        status = spiral_network_set_names(network, (const char *const *)features, (const char *const *)classes,
                                          loader->error);
    spiral_names_free(features, features != NULL ? D : 0);
    spiral_names_free(classes, classes != NULL ? K : 0);
    return status;
}

/* Reads an array of one text; NULL when there is no such array. *text is freed by free(). */
static SpiralStatus read_text(const Loader *loader, const char *name, const char *expected, char **text)
{
    *text = NULL;
    if (!spiral_npz_has(loader->npz, name))
        return SPIRAL_OK;
    SpiralExtents shape;
    char kind, **strings = NULL;
    SpiralStatus status = spiral_npz_look(loader->npz, name, &shape, &kind, loader->error);
    if (status == SPIRAL_OK && shape.count != 1)
        status = refuse(loader, name, "does not hold one name", expected);
    if (status == SPIRAL_OK)
        status = spiral_npz_read_strings(loader->npz, name, &shape, &strings, loader->error);
    if (status != SPIRAL_OK)
        return status;
    *text = strings[0];
    free(strings);
    return SPIRAL_OK;
}

static SpiralStatus read_activation(const Loader *loader)
{
    static const char expected[] = "relu, leaky-relu, tanh or sigmoid";
    char *name;
    SpiralStatus status = read_text(loader, "activation", expected, &name);
    if (status != SPIRAL_OK || name == NULL)
        return status;
    int activation = 0;
    while (activation < ACTIVATIONS && strcmp(name, spiral_activation_name((SpiralActivation)activation)) != 0)
        activation++;
    free(name);
    if (activation == ACTIVATIONS)
        return refuse(loader, "activation", "names none that is known", expected);
    loader->network->activation = (SpiralActivation)activation;
    return SPIRAL_OK;
}

static SpiralStatus read_label(const Loader *loader)
{
    static const char name[] = "features_after_label", expected[] = "an integer from 0 to the number of features";
    SpiralNetwork *network = loader->network;
    SpiralStatus status = read_text(loader, "label", "the name of one column", &network->label_name);
    if (status != SPIRAL_OK || !spiral_npz_has(loader->npz, name))
        return status;
    SpiralExtents shape;
    char kind;
    int64_t *after = NULL;
    status = spiral_npz_look(loader->npz, name, &shape, &kind, loader->error);
    if (status == SPIRAL_OK && shape.count != 1)
        return refuse(loader, name, "does not hold one number", expected);
    if (status == SPIRAL_OK)
        status = spiral_npz_read_integers(loader->npz, name, &shape, &after, loader->error);
    if (status == SPIRAL_OK && (*after < 0 || (uint64_t)*after > network->sizes[0]))
        status = refuse(loader, name, "holds another number", expected);
    if (status == SPIRAL_OK)
        network->features_after_label = (size_t)*after;
    free(after);
    return status;
}

static SpiralStatus read_standardization(const Loader *loader)
{
    size_t D = loader->network->sizes[0];
    bool has_mean = spiral_npz_has(loader->npz, "mean"), has_scale = spiral_npz_has(loader->npz, "scale");
    if (has_mean != has_scale)
        return refuse(loader, has_mean ? "scale" : "mean", "is missing", "mean and scale together, or neither");
    if (!has_mean)
        return SPIRAL_OK;
    double *mean = spiral_allocate_doubles(D), *scale = spiral_allocate_doubles(D);
    SpiralStatus status = SPIRAL_OK;
    if (mean == NULL || scale == NULL)
        status = spiral_error_set(loader->error, SPIRAL_ERROR_LIMIT, loader->path, 0, "no memory to read it");
    if (status == SPIRAL_OK)
        status = read_known(loader, "mean", 1, D, 0, mean);
    if (status == SPIRAL_OK)
        status = read_known(loader, "scale", 1, D, 0, scale);
    for (size_t d = 0; status == SPIRAL_OK && d < D; d++)
        if (scale[d] <= 0.0)
            status = refuse(loader, "scale", "holds a number that is not positive", "positive numbers");
    if (status == SPIRAL_OK)
        status = spiral_network_set_standardization(loader->network, mean, scale, loader->error);
    free(mean);
    free(scale);
    return status;
}

static bool is_described(const Loader *loader)
{
    static const char *const names[] = {"classes", "features", "activation", "mean"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (spiral_npz_has(loader->npz, names[i]))
            return true;
    return false;
}

/* If the network is refused, the error names the file. */
static SpiralStatus make_network(Loader *loader, const size_t *sizes, size_t layers)
{
    SpiralError found;
    SpiralStatus status =
        spiral_network_create(sizes[0], layers - 1, sizes + 1, sizes[layers], &loader->network, &found);
    return status == SPIRAL_OK ? SPIRAL_OK
                               : spiral_error_set(loader->error, status, loader->path, 0, "%s", found.reason);
}

SpiralStatus spiral_network_load(const char *path, SpiralNetwork **network, SpiralError *error)
{
    int descriptor;
    *network = NULL;
    SpiralStatus status = spiral_regular_open(NULL, path, O_RDONLY, &descriptor, error);
    return status == SPIRAL_OK ? spiral_network_take(descriptor, path, network, error) : status;
}

SpiralStatus spiral_network_take(int descriptor, const char *path, SpiralNetwork **network, SpiralError *error)
{
    *network = NULL;
    Loader loader = {.path = path, .error = error};
    SpiralStatus status = spiral_npz_take(descriptor, path, &loader.npz, error);
    if (status != SPIRAL_OK)
        return status;
    size_t sizes[MOST_LAYERS + 1], layers = 0;
    status = read_sizes(&loader, sizes, &layers);
    if (status == SPIRAL_OK)
        status = make_network(&loader, sizes, layers);
    if (status == SPIRAL_OK)
        status = read_layers(&loader);
    if (status == SPIRAL_OK)
        status = refuse_other_layers(&loader);
    if (status == SPIRAL_OK)
        status = read_description(&loader);
    if (status == SPIRAL_OK)
        status = read_activation(&loader);
    if (status == SPIRAL_OK)
        status = read_standardization(&loader);
    if (status == SPIRAL_OK)
        status = read_label(&loader);
    if (status == SPIRAL_OK)
        loader.network->weights_only = !is_described(&loader);
    spiral_npz_close(loader.npz);
    if (status != SPIRAL_OK) {
        spiral_network_free(loader.network);
        return status;
    }
    *network = loader.network;
    return SPIRAL_OK;
}
