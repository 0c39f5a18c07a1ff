/* A .npz as a model: loaded, used by predict, saved and loaded again. */
#include <math.h>
#include <stdbool.h>

#include "dataset_check.h"
#include "mutate.h"
#include "spiral/network.h"

static const char path[] = MEMORY_FOLDER "input.npz", saved[] = MEMORY_FOLDER "saved.npz";

/* ---- predict ----------------------------------------------------------------------------------------------------- */

enum { ROWS = 4 };

/* Observations from plain ones to extreme ones. */
static void fill_rows(size_t features, double *X)
{
    static const double values[] = {0.0, -0.5, 1.0, 2.0, 1e3, -1e150, 1.7e308, 5e-324};
    for (size_t i = 0; i < ROWS; i++)
        for (size_t d = 0; d < features; d++)
            X[i * features + d] = values[2 * i + d % 2];
}

/* All its parts have the sizes it says, and all its numbers are finite. */
static void check_model(const SpiralNetwork *network)
{
    size_t D = network->sizes[0], K = network->sizes[network->layers];
    MUST(network->layers >= 1 && D >= 1 && K >= 1);
    for (size_t i = 0; i < network->parameter_count; i++)
        MUST(isfinite(network->parameters[i]));
    for (size_t d = 0; d < D; d++)
        MUST(network->feature_names[d] != NULL && (network->scale == NULL || network->scale[d] > 0.0));
    for (size_t k = 0; k < K; k++)
        MUST(network->class_names[k] != NULL);
}

/* A row has scores, probabilities and a class, or its scores overflow and it has none. */
static void use_model(const SpiralNetwork *network)
{
    size_t D = network->sizes[0], K = network->sizes[network->layers];
    double *X = malloc(ROWS * D * sizeof *X), *scores = malloc(ROWS * K * sizeof *scores),
           *probs = malloc(ROWS * K * sizeof *probs);
    int64_t labels[ROWS];
    SpiralError error = {.status = SPIRAL_OK};
    MUST(X != NULL && scores != NULL && probs != NULL);
    fill_rows(D, X);
    SpiralStatus status = spiral_network_predict(network, 0, ROWS, X, 1, scores, probs, labels, &error);
    MUST(status == SPIRAL_OK || (status == SPIRAL_ERROR_INPUT && error.reason[0] != '\0'));
    size_t refused = 0;
    for (size_t i = 0; i < ROWS; i++) {
        double sum = 0.0;
        refused += labels[i] == SPIRAL_NO_CLASS;
        if (labels[i] == SPIRAL_NO_CLASS)
            continue;
        MUST(labels[i] >= 0 && (size_t)labels[i] < K);
        for (size_t k = 0; k < K; k++) {
            MUST(isfinite(scores[i * K + k]) && probs[i * K + k] >= 0.0 && probs[i * K + k] <= 1.0);
            MUST(scores[i * K + k] <= scores[i * K + (size_t)labels[i]]);
            sum += probs[i * K + k];
        }
        MUST(fabs(sum - 1.0) < 1e-9);
    }
    MUST((refused > 0) == (status != SPIRAL_OK));
    free(X);
    free(scores);
    free(probs);
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static bool same_numbers(const double *a, const double *b, size_t count)
{
    return (a == NULL) == (b == NULL) && (a == NULL || memcmp(a, b, count * sizeof *a) == 0);
}

static void check_same(const SpiralNetwork *a, const SpiralNetwork *b)
{
    MUST(a->layers == b->layers && memcmp(a->sizes, b->sizes, (a->layers + 1) * sizeof *a->sizes) == 0);
    MUST(a->layers == 1 || a->activation == b->activation);
    MUST(same_numbers(a->parameters, b->parameters, a->parameter_count));
    MUST(same_numbers(a->mean, b->mean, a->sizes[0]) && same_numbers(a->scale, b->scale, a->sizes[0]));
    for (size_t d = 0; d < a->sizes[0]; d++)
        MUST(strcmp(a->feature_names[d], b->feature_names[d]) == 0);
    for (size_t k = 0; k < a->sizes[a->layers]; k++)
        MUST(strcmp(a->class_names[k], b->class_names[k]) == 0);
    MUST((a->label_name == NULL) == (b->label_name == NULL) && a->features_after_label == b->features_after_label);
    MUST(a->label_name == NULL || strcmp(a->label_name, b->label_name) == 0);
}

static void save_and_load(const SpiralNetwork *network)
{
    SpiralNetwork *again;
    MUST(spiral_network_save(network, saved, NULL) == SPIRAL_OK);
    MUST(spiral_network_load(saved, &again, NULL) == SPIRAL_OK);
    check_same(network, again);
    spiral_network_free(again);
    memory_outputs_forget();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { SAVED = 16 }; /* one in so many, as the input says: saving takes ten times as long as the rest */
    SpiralNetwork *network = NULL;
    SpiralError error = {.status = SPIRAL_OK};
    memory_file_set(path, data, size);
    SpiralStatus status = spiral_network_load(path, &network, &error);
    MUST((network != NULL) == (status == SPIRAL_OK));
    if (network == NULL) {
        MUST(status == SPIRAL_ERROR_INPUT || status == SPIRAL_ERROR_LIMIT);
        MUST(error.status == status && error.reason[0] != '\0' && strchr(error.reason, '\n') == NULL);
        return 0;
    }
    check_model(network);
    use_model(network);
    if ((size + data[size / 2]) % SAVED == 0)
        save_and_load(network);
    spiral_network_free(network);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return mutate_or_blind(mutate_archive, 0, data, size, max_size, &(Random){seed});
}
