/* network.h: a chain of affine layers with an activation between them, ending in softmax scores.
 *
 *     A0 = X (standardised, when the network carries a mean and a scale)
 *     A1 = act(A0 W1 + b1) ... F = A(L-1) WL + bL,   p = softmax(F)
 *
 * The linear classifier is the network of one layer (F = XW + b); the two-layer network of the notes has two. */
#ifndef SPIRAL_NETWORK_H
#define SPIRAL_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spiral/dataset.h"
#include "spiral/rng.h"
#include "spiral/output.h"
#include "spiral/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* relu: max(0, z). leaky-relu: z, or 0.01 z below 0. tanh: tanh z. sigmoid: 1 / (1 + exp(-z)). */
#define SPIRAL_ACTIVATION_LIST(X)                                                                                      \
    X(SPIRAL_ACTIVATION_RELU, "relu")                                                                                  \
    X(SPIRAL_ACTIVATION_LEAKY_RELU, "leaky-relu")                                                                      \
    X(SPIRAL_ACTIVATION_TANH, "tanh")                                                                                  \
    X(SPIRAL_ACTIVATION_SIGMOID, "sigmoid")

typedef enum SpiralActivation {
#define SPIRAL_ACTIVATION_ENUM(code, name) code,
    SPIRAL_ACTIVATION_LIST(SPIRAL_ACTIVATION_ENUM)
#undef SPIRAL_ACTIVATION_ENUM
} SpiralActivation;

#define SPIRAL_LEAKY_SLOPE 0.01

const char *spiral_activation_name(SpiralActivation activation);  /* "relu"; a static string */
const char *spiral_activation_title(SpiralActivation activation); /* "ReLU", to be preceded by "the" */

/* The standard deviation of the initial weights of a layer with n inputs and m outputs, as a multiple of `scale`.
 * gaussian: 1 (the notes' 0.01 randn). xavier: sqrt(2 / (n + m)) (Glorot and Bengio 2010). he: sqrt(2 / n) (He et al.
 * 2015). lecun: sqrt(1 / n) (LeCun et al. 1998; randn(n, m) / sqrt(n) in the notes' page on setting up the data). */
#define SPIRAL_INIT_LIST(X)                                                                                            \
    X(SPIRAL_INIT_GAUSSIAN, "gaussian")                                                                                \
    X(SPIRAL_INIT_XAVIER, "xavier")                                                                                    \
    X(SPIRAL_INIT_HE, "he")                                                                                            \
    X(SPIRAL_INIT_LECUN, "lecun")

typedef enum SpiralInit {
#define SPIRAL_INIT_ENUM(code, name) code,
    SPIRAL_INIT_LIST(SPIRAL_INIT_ENUM)
#undef SPIRAL_INIT_ENUM
} SpiralInit;

/* How the matrix products of a layer are computed. auto: a layer with few inputs or few outputs (at most 8) is computed
 * by the library's own fused kernels, which are faster there, and any other by BLAS. blas: every layer by BLAS. The
 * results differ by rounding. */
#define SPIRAL_PRODUCTS_LIST(X)                                                                                        \
    X(SPIRAL_PRODUCTS_AUTO, "auto")                                                                                    \
    X(SPIRAL_PRODUCTS_BLAS, "blas")

typedef enum SpiralProducts {
#define SPIRAL_PRODUCTS_ENUM(code, name) code,
    SPIRAL_PRODUCTS_LIST(SPIRAL_PRODUCTS_ENUM)
#undef SPIRAL_PRODUCTS_ENUM
} SpiralProducts;

typedef struct SpiralNetwork {
    size_t layers;               /* L, at least 1 */
    size_t *sizes;               /* (L+1): D, the hidden sizes, K */
    SpiralActivation activation; /* between the layers */
    SpiralProducts products;     /* auto in a new network; not stored in a model file */
    size_t parameter_count;
    double *parameters;          /* W1 (D,H1) row-major, b1 (H1), W2 (H1,H2), b2 ...: one run of doubles */
    double *mean, *scale;        /* (D) each: the input is (x - mean) / scale; both NULL: x as it is */
    char **feature_names;        /* (D) UTF-8 */
    char **class_names;          /* (K) UTF-8 */
    char *label_name;            /* the column of the training data that had the classes, or NULL */
    size_t features_after_label; /* and how many features stood behind it */
    bool weights_only;           /* loaded from a file that has weights and says nothing else about the model */
} SpiralNetwork;

/* All parameters zero, names "x0".. and "0"..; hidden holds hidden_count sizes (NULL when 0).
 * Errors: USAGE (a size of 0), LIMIT. */
SpiralStatus spiral_network_create(size_t features, size_t hidden_count, const size_t *hidden, size_t classes,
                                   SpiralNetwork **network, SpiralError *error);
void spiral_network_free(SpiralNetwork *network); /* accepts NULL */

/* Copies the names; a NULL list leaves the network's names as they are. */
SpiralStatus spiral_network_set_names(SpiralNetwork *network, const char *const *feature_names,
                                      const char *const *class_names, SpiralError *error);

/* Copies where the data had its classes: see SpiralDataset. name may be NULL. */
SpiralStatus spiral_network_set_label(SpiralNetwork *network, const char *name, size_t features_after_label,
                                      SpiralError *error);

/* Reorders the inputs to feature_names (D) and the outputs to class_names (K), so that the network computes the same.
 * The names must be the network's in some order; *reordered says whether they moved anything. Features that have no
 * names on one side (x0, x1 ...), and those of a network that is weights only, are the expected ones in the order of
 * their columns, which are their places in a table; with columns NULL they keep their order. So do the classes of a
 * network that is weights only. Errors: INPUT, with both lists; LIMIT. */
SpiralStatus spiral_network_arrange(SpiralNetwork *network, size_t features, const char *const *feature_names,
                                    const size_t *columns /* (D) or NULL */, size_t classes,
                                    const char *const *class_names, bool *reordered, SpiralError *error);

/* Copies mean (D) and scale (D, positive): from then on inputs are standardised. */
SpiralStatus spiral_network_set_standardization(SpiralNetwork *network, const double *mean, const double *scale,
                                                SpiralError *error);

/* The weights (sizes[layer], sizes[layer+1]) and biases (sizes[layer+1]) of layer 0..L-1, inside parameters; the
 * pointer is into the network. The offset functions give the same place as an index into parameters (and into a
 * gradient, which has the same layout). */
double *spiral_network_weights(const SpiralNetwork *network, size_t layer);
double *spiral_network_biases(const SpiralNetwork *network, size_t layer);
size_t spiral_network_weights_offset(const SpiralNetwork *network, size_t layer);
size_t spiral_network_biases_offset(const SpiralNetwork *network, size_t layer);

/* Is layer 0..L-1 computed by the fused kernels rather than by BLAS? */
bool spiral_network_layer_is_fused(const SpiralNetwork *network, size_t layer);

/* "Linear classifier", "Two-layer network (100 ReLU)": for titles. Writes at most size bytes with the final NUL. */
void spiral_network_title(const SpiralNetwork *network, char *text, size_t size);

/* "W1", "b1", "W2" ..., or "W", "b" for the network of one layer: the names in a model file. kind is 'W' or 'b'.
 * Writes at most size bytes with the final NUL. */
void spiral_network_parameter_name(const SpiralNetwork *network, char kind, size_t layer, char *name, size_t size);

/* Weights randn times the deviation above, drawn W1, W2, ... in row-major order; biases zero. */
void spiral_network_init(SpiralNetwork *network, SpiralInit init, double scale, SpiralRng *rng);

enum { SPIRAL_NO_CLASS = -1 }; /* the label of an observation whose scores overflow */

/* Any of scores, probs, labels may be NULL. Ties go to the lower class, as in numpy.argmax. threads 0: chosen from the
 * amount of work. first: the number of X's first row among all observations, for messages. Errors: INPUT when a sum
 * overflows on the way to the scores (the error names the first such observation; each has no class, all others have
 * theirs), LIMIT. */
SpiralStatus spiral_network_predict(const SpiralNetwork *network, size_t first, size_t rows,
                                    const double *X /* (N, D) */, size_t threads, double *scores /* (N, K) */,
                                    double *probs /* (N, K) */, int64_t *labels /* (N) */, SpiralError *error);

/* A model file: .npz with W1 (D,H), b1 (H,), ... (or W, b), `classes` and `features` as unicode arrays, `activation`,
 * `mean` and `scale` when inputs are standardised, `label` when the label's column had a name, and
 * `features_after_label` when it was not the last. numpy.load reads it with allow_pickle=False. Load checks that the
 * shapes chain, that every number is finite, and that there is no array of a layer that the network lacks, as W4 where
 * there is no W3. */
SpiralStatus spiral_network_save(const SpiralNetwork *network, const char *path, SpiralError *error);
SpiralStatus spiral_network_write(const SpiralNetwork *network, SpiralOutput *output, SpiralError *error);
SpiralStatus spiral_network_load(const char *path, SpiralNetwork **network, SpiralError *error);

/* Loads it from a regular file that is open for reading, and closes that in any case; path is for messages. */
SpiralStatus spiral_network_take(int descriptor, const char *path, SpiralNetwork **network, SpiralError *error);

#ifdef __cplusplus
}
#endif

#endif
