/* net_support.h: small data sets and a plain, slow reference for the tests of the net room. Include after cmocka.h. */
#ifndef SPIRAL_TESTS_NET_SUPPORT_H
#define SPIRAL_TESTS_NET_SUPPORT_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spiral/dataset.h"
#include "spiral/gradient.h"
#include "spiral/network.h"

/* A normal X (N, D) and y = every class in turn; freed by free_data. Not a data set of the library's: nothing but plain
 * arrays, so that what is tested is the net room alone. */
static inline SpiralDataset make_data(size_t rows, size_t features, size_t classes, uint32_t seed)
{
    double *X = malloc(rows * features * sizeof *X);
    int64_t *y = malloc(rows * sizeof *y);
    SpiralRng rng;
    spiral_rng_seed(&rng, seed);
    for (size_t i = 0; i < rows * features; i++)
        X[i] = spiral_rng_normal(&rng);
    for (size_t i = 0; i < rows; i++)
        y[i] = (int64_t)(i % classes);
    return (SpiralDataset){.rows = rows, .features = features, .classes = classes, .X = X, .y = y};
}

static inline void free_data(SpiralDataset *data)
{
    free((void *)(uintptr_t)data->X);
    free((void *)(uintptr_t)data->y);
}

static inline SpiralNetwork *make_network(size_t features, size_t hidden_count, const size_t *hidden, size_t classes,
                                          double scale, uint32_t seed)
{
    SpiralNetwork *network;
    SpiralRng rng;
    assert_int_equal(spiral_network_create(features, hidden_count, hidden, classes, &network, NULL), SPIRAL_OK);
    spiral_rng_seed(&rng, seed);
    spiral_network_init(network, SPIRAL_INIT_GAUSSIAN, scale, &rng);
    for (size_t l = 0; l < network->layers; l++) /* biases that matter */
        for (size_t u = 0; u < network->sizes[l + 1]; u++)
            spiral_network_biases(network, l)[u] = 0.1 * spiral_rng_normal(&rng);
    return network;
}

static inline long double plain_activation(SpiralActivation activation, long double z)
{
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        return z > 0 ? z : 0;
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        return z > 0 ? z : 0.01L * z;
    case SPIRAL_ACTIVATION_TANH:
        return tanhl(z);
    case SPIRAL_ACTIVATION_SIGMOID:
        return 1 / (1 + expl(-z));
    }
    return z;
}

/* The derivative where the activation's value is a. */
static inline long double plain_slope(SpiralActivation activation, long double a)
{
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        return a > 0 ? 1 : 0;
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        return a > 0 ? 1 : 0.01L;
    case SPIRAL_ACTIVATION_TANH:
        return 1 - a * a;
    case SPIRAL_ACTIVATION_SIGMOID:
        return a * (1 - a);
    }
    return 1;
}

/* The formulas as they stand in the notes, one observation at a time, in long double. gradient may be NULL. Returns
 * the loss. */
static inline double plain_gradient(const SpiralNetwork *network, const SpiralDataset *data, double reg, double weight,
                                    double *gradient)
{
    size_t L = network->layers, most = 0, count = network->parameter_count;
    for (size_t l = 0; l <= L; l++)
        most = network->sizes[l] > most ? network->sizes[l] : most;
    long double *A = calloc((L + 1) * most, sizeof *A), *d = calloc(most, sizeof *d), *e = calloc(most, sizeof *e);
    long double *g = calloc(count, sizeof *g), loss = 0, squares = 0;
    for (size_t i = 0; i < data->rows; i++) {
        for (size_t j = 0; j < network->sizes[0]; j++) {
            A[j] = data->X[i * data->features + j];
            if (network->mean != NULL)
                A[j] = (A[j] - network->mean[j]) / network->scale[j];
        }
        for (size_t l = 0; l < L; l++)
            for (size_t u = 0; u < network->sizes[l + 1]; u++) {
                long double z = spiral_network_biases(network, l)[u];
                for (size_t j = 0; j < network->sizes[l]; j++)
                    z += A[l * most + j] * spiral_network_weights(network, l)[j * network->sizes[l + 1] + u];
                A[(l + 1) * most + u] = l + 1 < L ? plain_activation(network->activation, z) : z;
            }
        size_t K = network->sizes[L], y = (size_t)data->y[i];
        long double *s = A + L * most, top = s[0], sum = 0;
        for (size_t k = 1; k < K; k++)
            top = s[k] > top ? s[k] : top;
        for (size_t k = 0; k < K; k++)
            sum += expl(s[k] - top);
        loss += weight * (logl(sum) - (s[y] - top));
        for (size_t k = 0; k < K; k++)
            d[k] = weight * (expl(s[k] - top) / sum - (k == y ? 1 : 0));
        for (size_t l = L; l-- > 0;) {
            size_t in = network->sizes[l], out = network->sizes[l + 1];
            for (size_t j = 0; j < in; j++) {
                e[j] = 0;
                for (size_t u = 0; u < out; u++) {
                    g[spiral_network_weights_offset(network, l) + j * out + u] += A[l * most + j] * d[u];
                    e[j] += spiral_network_weights(network, l)[j * out + u] * d[u];
                }
                if (l > 0)
                    e[j] *= plain_slope(network->activation, A[l * most + j]);
            }
            for (size_t u = 0; u < out; u++)
                g[spiral_network_biases_offset(network, l) + u] += d[u];
            memcpy(d, e, in * sizeof *d);
        }
    }
    for (size_t l = 0; l < L; l++)
        for (size_t i = 0; i < network->sizes[l] * network->sizes[l + 1]; i++) {
            long double w = spiral_network_weights(network, l)[i];
            squares += w * w;
            g[spiral_network_weights_offset(network, l) + i] += reg * w;
        }
    for (size_t i = 0; gradient != NULL && i < count; i++)
        gradient[i] = (double)g[i];
    free(A);
    free(d);
    free(e);
    free(g);
    return (double)(loss + 0.5L * reg * squares);
}

#endif
