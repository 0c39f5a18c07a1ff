#include "cli/examined_network.h"

#include <stdio.h>

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
    static const char *const initial[] = {"model", "hidden", "init-scale", "skip-draws", "standardize"};
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

/* Generated data must have the model's number of features and no more classes. A file is read by the names stored in
 * the model. */
static SpiralStatus prepare_loaded(const ExaminedSettings *settings, SpiralRng *rng, SpiralDataset **dataset,
                                   SpiralNetwork **network, SpiralError *error)
{
    const DataSettings *data = &settings->run.data;
    SpiralStatus status = spiral_network_load(settings->load, network, error);
    if (status != SPIRAL_OK)
        return status;
    (*network)->products = settings->run.model.products;
    spiral_rng_seed(rng, data->seed);
    status = data->path != NULL ? load_for_model(data, *network, false, dataset, error)
                                : spiral_dataset_generate(&data->generate, rng, dataset, error);
    if (status != SPIRAL_OK)
        return status;
    if ((*dataset)->y == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, data->path, 0, "has no labels, but classes are needed");
    size_t features = (*network)->sizes[0], classes = (*network)->sizes[(*network)->layers];
    if ((*dataset)->features != features || (*dataset)->classes > classes)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, settings->load, 0,
                                "the model has %zu features and %zu classes, the data %zu and %zu", features, classes,
                                (*dataset)->features, (*dataset)->classes);
    return SPIRAL_OK;
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
