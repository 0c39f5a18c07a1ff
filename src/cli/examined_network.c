#include "cli/examined_network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/run.h"

static const Option examined_options[] = {
    {"burn-in", SIZE(ExaminedSettings, burn_in), "N", "Train for N iterations first."},
    {"learning-rate", REAL(ExaminedSettings, run.training.learning_rate), "R", "Step size of --burn-in.", .alias = "lr",
     .above = true},
    {"load", TEXT(ExaminedSettings, load), "FILE",
     "Start from a model.npz saved by spiral train instead of random weights.", .files = "npz"},
};

ExaminedSettings examined_settings_defaults(void)
{
    return (ExaminedSettings){.run = run_settings_defaults()};
}

OptionGroup options_group_examined(ExaminedSettings *settings)
{
    return (OptionGroup)OPTION_GROUP("Network to examine", examined_options, settings);
}

SpiralStatus examined_settings_check(ExaminedSettings *settings, const OptionTable *table, SpiralError *error)
{
    static const char *const initial[] = {"model",      "hidden",     "activation", "init",
                                          "init-scale", "skip-draws", "standardize"};
    const char *name = options_first_given(table, initial, COUNT(initial));
    if (settings->load != NULL && name != NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--%s is about a new network, and --load is given: leave one out", name);
    return run_settings_check(&settings->run, table, error);
}

void examined_name_files(const ExaminedSettings *settings, Files *files)
{
    files_read_data(files, "--data", settings->run.data.path);
    files_read(files, "--load", settings->load);
}

/* Puts the network's classes into the order of generated data, which may have fewer of them. Errors: INPUT, LIMIT. */
static SpiralStatus match_generated(const SpiralDataset *dataset, SpiralNetwork *network, SpiralError *error)
{
    size_t classes = network->sizes[network->layers], count = dataset->classes;
    const char **names = cli_allocate(classes + count, sizeof *names);
    if (names == NULL)
        return cli_no_memory(error);
    memcpy(names, dataset->class_names, count * sizeof *names);
    for (size_t k = 0; k < classes; k++) {
        size_t same = 0;
        while (same < dataset->classes && strcmp(names[same], network->class_names[k]) != 0)
            same++;
        if (same == dataset->classes)
            names[count++] = network->class_names[k];
    }
    bool reordered;
    SpiralStatus status = spiral_network_arrange(network, dataset->features, dataset->feature_names, NULL, count, names,
                                                 &reordered, error);
    free(names);
    return status;
}

/* A file is read by the names stored in the model; the model is put into the order of generated data. */
static SpiralStatus prepare_loaded(const ExaminedSettings *settings, SpiralRng *rng, SpiralDataset **dataset,
                                   SpiralNetwork **network, SpiralError *error)
{
    const DataSettings *data = &settings->run.data;
    SpiralStatus status = spiral_network_load(settings->load, network, error);
    if (status != SPIRAL_OK)
        return status;
    (*network)->products = settings->run.model.products;
    spiral_rng_seed(rng, data->seed);
    if (data->path != NULL)
        return load_for_model(data, *network, SPIRAL_LABELS_ALL, false, dataset, error);
    status = spiral_dataset_generate(&data->generate, rng, dataset, error);
    if (status != SPIRAL_OK)
        return status;
    status = match_generated(*dataset, *network, error);
    return status == SPIRAL_OK ? SPIRAL_OK : cli_error_in(error, settings->load);
}

SpiralStatus examined_prepare(const ExaminedSettings *settings, SpiralRng *rng, SpiralDataset **dataset,
                              SpiralNetwork **network, SpiralError *error)
{
    *dataset = NULL;
    *network = NULL;
    SpiralStatus status = settings->load != NULL ? prepare_loaded(settings, rng, dataset, network, error)
                                                 : run_prepare(&settings->run, rng, dataset, network, error);
    if (status == SPIRAL_OK && settings->burn_in > 0) {
        SpiralTrainOptions training = settings->run.training;
        training.iterations = settings->burn_in;
        training.seed = settings->run.data.seed;
        SpiralTrainResult result;
        status = spiral_train(*network, *dataset, &training, NULL, &result, error);
    }
    if (status != SPIRAL_OK) {
        spiral_dataset_free(*dataset);
        spiral_network_free(*network);
        *dataset = NULL;
        *network = NULL;
    }
    return status;
}
