#include "cli/ensemble.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static size_t classes_of(const SpiralNetwork *network)
{
    return network->sizes[network->layers];
}

static SpiralStatus check_alike(const SpiralNetwork *first, const SpiralNetwork *other, const char *path,
                                SpiralError *error)
{
    if (other->sizes[0] != first->sizes[0] || classes_of(other) != classes_of(first))
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0,
                                "has %zu features and %zu classes, the first model has %zu and %zu", other->sizes[0],
                                classes_of(other), first->sizes[0], classes_of(first));
    for (size_t k = 0; k < classes_of(first); k++)
        if (strcmp(first->class_names[k], other->class_names[k]) != 0)
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "its class %zu is %s, the first model's is %s",
                                    k, other->class_names[k], first->class_names[k]);
    return SPIRAL_OK;
}

SpiralStatus ensemble_load(const char *paths, Ensemble *ensemble, SpiralError *error)
{
    *ensemble = (Ensemble){0};
    char *list = cli_copy_string(paths);
    SpiralStatus status = list == NULL ? cli_no_memory(error) : SPIRAL_OK;
    for (char *next = list; status == SPIRAL_OK && next != NULL;) {
        char *path = next, *comma = strchr(path, ',');
        next = comma != NULL ? comma + 1 : NULL;
        if (comma != NULL)
            *comma = '\0';
        if (ensemble->count == SPIRAL_ENSEMBLE_LIMIT)
            status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0,
                                      "more models than the %d that may predict together", SPIRAL_ENSEMBLE_LIMIT);
        if (status == SPIRAL_OK)
            status = spiral_network_load(path, &ensemble->models[ensemble->count], error);
        if (status == SPIRAL_OK)
            status = check_alike(ensemble->models[0], ensemble->models[ensemble->count++], path, error);
    }
    free(list);
    if (status != SPIRAL_OK)
        ensemble_free(ensemble);
    return status;
}

void ensemble_free(Ensemble *ensemble)
{
    for (size_t i = 0; i < ensemble->count; i++)
        spiral_network_free(ensemble->models[i]);
    ensemble->count = 0;
}

/* The other models' probabilities are added to the first one's; then the mean, and its highest class. */
static SpiralStatus average(const Ensemble *ensemble, const SpiralDataset *dataset, size_t threads, double *probs,
                            double *more, int64_t *labels, SpiralError *error)
{
    size_t classes = classes_of(ensemble->models[0]), count = dataset->rows * classes;
    for (size_t m = 1; m < ensemble->count; m++) {
        SpiralStatus status =
            spiral_network_predict(ensemble->models[m], dataset->rows, dataset->X, threads, NULL, more, NULL, error);
        if (status != SPIRAL_OK)
            return status;
        for (size_t i = 0; i < count; i++)
            probs[i] += more[i];
    }
    for (size_t i = 0; i < count; i++)
        probs[i] /= (double)ensemble->count;
    for (size_t r = 0; r < dataset->rows; r++) {
        labels[r] = 0;
        for (size_t k = 1; k < classes; k++)
            if (probs[r * classes + k] > probs[r * classes + (size_t)labels[r]])
                labels[r] = (int64_t)k;
    }
    return SPIRAL_OK;
}

SpiralStatus ensemble_predict(const Ensemble *ensemble, const SpiralDataset *dataset, size_t threads, double *probs,
                              int64_t *labels, SpiralError *error)
{
    const SpiralNetwork *first = ensemble->models[0];
    SpiralStatus status = spiral_network_predict(first, dataset->rows, dataset->X, threads, NULL, probs, labels, error);
    if (status != SPIRAL_OK || ensemble->count == 1)
        return status;
    double *more = cli_allocate(dataset->rows * classes_of(first), sizeof *more);
    status = more == NULL ? cli_no_memory(error) : average(ensemble, dataset, threads, probs, more, labels, error);
    free(more);
    return status;
}
