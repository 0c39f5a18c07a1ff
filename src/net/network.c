#define _POSIX_C_SOURCE 200809L
#include "spiral/network.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "base/names.h"
#include "net/layer.h"
#include "spiral/limits.h"

const char *spiral_activation_name(SpiralActivation activation)
{
    switch (activation) {
#define NAME_CASE(code, name)                                                                                          \
    case code:                                                                                                         \
        return name;
        SPIRAL_ACTIVATION_LIST(NAME_CASE)
#undef NAME_CASE
    }
    return "unknown";
}

const char *spiral_activation_title(SpiralActivation activation)
{
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        return "ReLU";
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        return "leaky ReLU";
    case SPIRAL_ACTIVATION_TANH:
        return "tanh";
    case SPIRAL_ACTIVATION_SIGMOID:
        break;
    }
    return "sigmoid";
}

void spiral_network_free(SpiralNetwork *network)
{
    if (network == NULL)
        return;
    if (network->sizes != NULL) {
        spiral_names_free(network->feature_names, network->sizes[0]);
        spiral_names_free(network->class_names, network->sizes[network->layers]);
    }
    free(network->sizes);
    free(network->parameters);
    free(network->mean);
    free(network->scale);
    free(network->label_name);
    free(network);
}

/* Returns false if there are too many. */
static bool count_parameters(const SpiralNetwork *network, size_t *count)
{
    *count = 0;
    for (size_t l = 0; l < network->layers; l++) {
        size_t inputs = network->sizes[l], outputs = network->sizes[l + 1], weights;
        if (!spiral_multiply(inputs + 1, outputs, &weights) || weights > SPIRAL_PARAMETERS_LIMIT - *count)
            return false;
        *count += weights;
    }
    return true;
}

static SpiralStatus check_sizes(const SpiralNetwork *network, SpiralError *error)
{
    for (size_t l = 0; l <= network->layers; l++) {
        if (network->sizes[l] == 0)
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "a layer has 0 units, expected at least 1");
        if (network->sizes[l] > spiral_linalg_limit())
            return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0,
                                    "a layer has %zu units, at most %zu are possible", network->sizes[l],
                                    spiral_linalg_limit());
    }
    return SPIRAL_OK;
}

static SpiralStatus allocate_parts(SpiralNetwork *network, SpiralError *error)
{
    if (!count_parameters(network, &network->parameter_count))
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0,
                                "the network has more than %d parameters, the most that are possible",
                                SPIRAL_PARAMETERS_LIMIT);
    network->parameters = spiral_allocate_doubles(network->parameter_count);
    network->feature_names = spiral_names_create("x", network->sizes[0]);
    network->class_names = spiral_names_create("", network->sizes[network->layers]);
    if (network->parameters == NULL || network->feature_names == NULL || network->class_names == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for a network of %zu parameters",
                                network->parameter_count);
    memset(network->parameters, 0, network->parameter_count * sizeof(double));
    return SPIRAL_OK;
}

SpiralStatus spiral_network_create(size_t features, size_t hidden_count, const size_t *hidden, size_t classes,
                                   SpiralNetwork **network, SpiralError *error)
{
    *network = NULL;
    SpiralNetwork *made = spiral_allocate(1, sizeof *made);
    if (made != NULL) {
        made->layers = hidden_count + 1;
        made->sizes = spiral_allocate(made->layers + 1, sizeof *made->sizes);
    }
    if (made == NULL || made->sizes == NULL) {
        spiral_network_free(made);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for a network of %zu layers",
                                hidden_count + 1);
    }
    made->sizes[0] = features;
    for (size_t l = 0; l < hidden_count; l++)
        made->sizes[l + 1] = hidden[l];
    made->sizes[made->layers] = classes;
    SpiralStatus status = check_sizes(made, error);
    if (status == SPIRAL_OK)
        status = allocate_parts(made, error);
    if (status != SPIRAL_OK) {
        spiral_network_free(made);
        return status;
    }
    *network = made;
    return SPIRAL_OK;
}

SpiralStatus spiral_network_set_names(SpiralNetwork *network, const char *const *feature_names,
                                      const char *const *class_names, SpiralError *error)
{
    size_t features = network->sizes[0], classes = network->sizes[network->layers];
    char **copied_features = feature_names != NULL ? spiral_names_copy(feature_names, features) : NULL;
    char **copied_classes = class_names != NULL ? spiral_names_copy(class_names, classes) : NULL;
    if ((feature_names != NULL && copied_features == NULL) || (class_names != NULL && copied_classes == NULL)) {
        spiral_names_free(copied_features, features);
        spiral_names_free(copied_classes, classes);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the names of features and classes");
    }
    if (copied_features != NULL) {
        spiral_names_free(network->feature_names, features);
        network->feature_names = copied_features;
    }
    if (copied_classes != NULL) {
        spiral_names_free(network->class_names, classes);
        network->class_names = copied_classes;
    }
    return SPIRAL_OK;
}

SpiralStatus spiral_network_set_label(SpiralNetwork *network, const char *name, size_t features_after_label,
                                      SpiralError *error)
{
    char *copied = name != NULL ? spiral_copy_string(name) : NULL;
    if (name != NULL && copied == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the label's name");
    free(network->label_name);
    network->label_name = copied;
    network->features_after_label = features_after_label;
    return SPIRAL_OK;
}

SpiralStatus spiral_network_set_standardization(SpiralNetwork *network, const double *mean, const double *scale,
                                                SpiralError *error)
{
    size_t features = network->sizes[0];
    double *new_mean = spiral_allocate_doubles(features);
    double *new_scale = spiral_allocate_doubles(features);
    if (new_mean == NULL || new_scale == NULL) {
        free(new_mean);
        free(new_scale);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the means of %zu features",
                                features);
    }
    memcpy(new_mean, mean, features * sizeof *mean);
    memcpy(new_scale, scale, features * sizeof *scale);
    free(network->mean);
    free(network->scale);
    network->mean = new_mean;
    network->scale = new_scale;
    return SPIRAL_OK;
}

size_t spiral_network_weights_offset(const SpiralNetwork *network, size_t layer)
{
    size_t offset = 0;
    for (size_t l = 0; l < layer; l++)
        offset += (network->sizes[l] + 1) * network->sizes[l + 1];
    return offset;
}

size_t spiral_network_biases_offset(const SpiralNetwork *network, size_t layer)
{
    return spiral_network_weights_offset(network, layer) + network->sizes[layer] * network->sizes[layer + 1];
}

double *spiral_network_weights(const SpiralNetwork *network, size_t layer)
{
    return network->parameters + spiral_network_weights_offset(network, layer);
}

double *spiral_network_biases(const SpiralNetwork *network, size_t layer)
{
    return network->parameters + spiral_network_biases_offset(network, layer);
}

bool spiral_network_layer_is_fused(const SpiralNetwork *network, size_t layer)
{
    bool thin = network->sizes[layer] <= SPIRAL_THIN || network->sizes[layer + 1] <= SPIRAL_THIN;
    return thin && network->products == SPIRAL_PRODUCTS_AUTO;
}

void spiral_network_parameter_name(const SpiralNetwork *network, char kind, size_t layer, char *name, size_t size)
{
    if (network->layers == 1)
        snprintf(name, size, "%c", kind);
    else
        snprintf(name, size, "%c%zu", kind, layer + 1);
}

/* Of lecun without the division by sqrt(n), which spiral_network_init does as randn(n, m) / sqrt(n) rounds it. */
static double deviation(SpiralInit init, double inputs, double outputs)
{
    switch (init) {
    case SPIRAL_INIT_GAUSSIAN:
        break;
    case SPIRAL_INIT_XAVIER:
        return sqrt(2.0 / (inputs + outputs));
    case SPIRAL_INIT_HE:
        return sqrt(2.0 / inputs);
    case SPIRAL_INIT_LECUN:
        break;
    }
    return 1.0;
}

void spiral_network_init(SpiralNetwork *network, SpiralInit init, double scale, SpiralRng *rng)
{
    for (size_t l = 0; l < network->layers; l++) {
        size_t inputs = network->sizes[l], outputs = network->sizes[l + 1];
        double *W = spiral_network_weights(network, l), *b = spiral_network_biases(network, l);
        double layer_scale = scale * deviation(init, (double)inputs, (double)outputs);
        double divisor = init == SPIRAL_INIT_LECUN ? sqrt((double)inputs) : 1.0;
        for (size_t i = 0; i < inputs * outputs; i++)
            W[i] = layer_scale * spiral_rng_normal(rng) / divisor;
        for (size_t i = 0; i < outputs; i++)
            b[i] = 0.0;
    }
}

void spiral_network_title(const SpiralNetwork *network, char *text, size_t size)
{
    static const char *const numbers[] = {"Two", "Three", "Four", "Five"};
    if (network->layers == 1) {
        snprintf(text, size, "Linear classifier");
        return;
    }
    size_t used;
    if (network->layers <= 5)
        used = (size_t)snprintf(text, size, "%s-layer network (", numbers[network->layers - 2]);
    else
        used = (size_t)snprintf(text, size, "%zu-layer network (", network->layers);
    for (size_t l = 1; l < network->layers && used < size; l++)
        used += (size_t)snprintf(text + used, size - used, "%s%zu", l > 1 ? ", " : "", network->sizes[l]);
    if (used < size)
        snprintf(text + used, size - used, " %s)", spiral_activation_title(network->activation));
}
