/* train_data.c: what a training starts from: the data, the network, the options. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/train/train.h"
#include "cli/options/values.h"

static SpiralStatus load_validation(const TrainSettings *settings, TrainData *data, SpiralError *error)
{
    SpiralLoadOptions load = settings->run.data.load;
    load.class_count = data->dataset->classes;
    load.class_names = data->dataset->class_names;
    SpiralStatus status = spiral_dataset_load(settings->validation, &load, &data->validation, error);
    if (status == SPIRAL_OK && data->validation->features != data->dataset->features)
        status = spiral_error_set(error, SPIRAL_ERROR_INPUT, settings->validation, 0,
                                  "found %zu features, the training data has %zu", data->validation->features,
                                  data->dataset->features);
    if (status == SPIRAL_OK && data->validation->y == NULL)
        status = spiral_error_set(error, SPIRAL_ERROR_INPUT, settings->validation, 0,
                                  "has no labels, and classes are needed");
    return status;
}

/* --validation is a fraction when it reads as a number, else a file. */
static SpiralStatus make_validation(const TrainSettings *settings, TrainData *data, SpiralError *error)
{
    double fraction;
    if (settings->validation == NULL)
        return SPIRAL_OK;
    if (!text_to_real(settings->validation, &fraction))
        return load_validation(settings, data, error);
    if (!(fraction > 0.0 && fraction < 1.0))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--validation: found \"%s\", expected a number above 0 and below 1, or a file",
                                settings->validation);
    SpiralDataset *all = data->dataset;
    data->dataset = NULL;
    SpiralStatus status =
        spiral_dataset_split(all, fraction, settings->run.data.seed, &data->dataset, &data->validation, error);
    spiral_dataset_free(all);
    return status;
}

SpiralStatus train_data_load(const TrainSettings *settings, TrainData *data, SpiralError *error)
{
    SpiralStatus status = run_load(&settings->run, &data->rng, &data->dataset, error);
    return status == SPIRAL_OK ? make_validation(settings, data, error) : status;
}

void train_data_free(TrainData *data)
{
    spiral_dataset_free(data->validation);
    spiral_dataset_free(data->dataset);
    data->validation = data->dataset = NULL;
}

/* The weights of --init-from take the place of random ones; the shape must be the same. */
static SpiralStatus take_weights(const char *path, SpiralNetwork *network, SpiralError *error)
{
    SpiralNetwork *loaded;
    SpiralStatus status = spiral_network_load(path, &loaded, error);
    if (status != SPIRAL_OK)
        return status;
    bool fits = loaded->layers == network->layers;
    for (size_t l = 0; fits && l <= network->layers; l++)
        fits = loaded->sizes[l] == network->sizes[l];
    if (fits)
        memcpy(network->parameters, loaded->parameters, network->parameter_count * sizeof(double));
    else
        status =
            spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0,
                             "holds a network of %zu layers, from %zu features to %zu classes; this training has %zu, "
                             "from %zu to %zu, or other hidden sizes",
                             loaded->layers, loaded->sizes[0], loaded->sizes[loaded->layers], network->layers,
                             network->sizes[0], network->sizes[network->layers]);
    spiral_network_free(loaded);
    return status;
}

SpiralStatus train_make_network(const TrainSettings *settings, const TrainData *data, SpiralNetwork **network,
                                SpiralError *error)
{
    SpiralRng rng = data->rng;
    /* loading draws nothing, so that one file may serve other seeds than its own */
    if (settings->run.data.path != NULL)
        spiral_rng_seed(&rng, settings->run.data.seed);
    SpiralStatus status = run_make_network(&settings->run, data->dataset, &rng, network, error);
    if (status != SPIRAL_OK || settings->init_from == NULL)
        return status;
    status = take_weights(settings->init_from, *network, error);
    if (status != SPIRAL_OK) {
        spiral_network_free(*network);
        *network = NULL;
    }
    return status;
}

static size_t greatest_common_divisor(size_t a, size_t b)
{
    while (b != 0) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

SpiralTrainOptions train_options(const TrainSettings *settings, const SpiralDataset *dataset)
{
    SpiralTrainOptions options = settings->run.training;
    options.seed = settings->run.data.seed;
    if (settings->epochs > 0)
        options.iterations = settings->epochs * spiral_train_epoch(&options, dataset->rows);
    size_t every = greatest_common_divisor(settings->log_every, settings->print_every);
    options.record_every = greatest_common_divisor(every, settings->frames_every);
    /* Stopping is decided by the rows of the log, whatever else is recorded. */
    options.judge_every = settings->log_every;
    return options;
}
