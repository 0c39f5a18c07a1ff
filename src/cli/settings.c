#include "cli/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum { LINEAR_ITERATIONS = 200, MLP_ITERATIONS = 10000, MLP_HIDDEN = 100 }; /* the notes' */
static const double NOTES_INIT_SCALE = 0.01;

static void print_iterations(char *text, size_t size)
{
    snprintf(text, size, "linear %d, mlp %d", LINEAR_ITERATIONS, MLP_ITERATIONS);
}

static const char *const model_names[] = {"linear", "mlp", NULL};
static const char *const header_names[] = {"auto", "yes", "no", NULL};
static const char *const reduction_names[] = {"mean", "sum", NULL};

static const Option generate_options[] = {
    {.name = "classes", .kind = OPTION_SIZE, .argument = "K", .offset = offsetof(DataSettings, generate.classes),
     .minimum = 2, .help = "Classes, one arm of the spiral each."},
    {.name = "points-per-class", .kind = OPTION_SIZE, .argument = "N", .minimum = 1,
     .offset = offsetof(DataSettings, generate.points_per_class), .help = "Observations of each class."},
    {.name = "noise", .kind = OPTION_REAL, .argument = "RADIANS", .offset = offsetof(DataSettings, generate.noise),
     .help = "Standard deviation of the noise added to each angle."},
    {.name = "seed", .kind = OPTION_SEED, .argument = "S", .offset = offsetof(DataSettings, seed),
     .help = "Seed of the random numbers, NumPy's RandomState(S)."},
};

#define LABEL_HELP(default_text)                                                                                       \
    "CSV: the column with the classes, by its name or by its number from 0 (negative: from the end); none when there "    \
    "are none. [" default_text "]"
#define LOAD_OPTIONS(label_default)                                                                                    \
    {.name = "data", .kind = OPTION_TEXT, .argument = "FILE", .offset = offsetof(DataSettings, path),                  \
     .no_default = true,                                                                                               \
     .help = "The data: FILE.csv, FILE.npz with arrays X and y, X.npy,y.npy, or - for CSV on standard input."},        \
    {.name = "header", .kind = OPTION_CHOICE, .argument = "auto|yes|no", .choices = header_names,                      \
     .offset = offsetof(DataSettings, load.header),                                                                    \
     .help = "CSV: is the first line a header? auto finds out by whether its fields are numbers."},                    \
    {.name = "label", .kind = OPTION_TEXT, .argument = "COLUMN", .offset = offsetof(DataSettings, load.label),         \
     .no_default = true, .help = LABEL_HELP(label_default)},                                                           \
    {.name = "delimiter", .kind = OPTION_CHARACTER, .argument = "C", .offset = offsetof(DataSettings, load.delimiter), \
     .help = "CSV: the character between fields; tab for a tab."}

static const Option load_options[] = {
    LOAD_OPTIONS("the last column"),
    {.name = "standardize", .kind = OPTION_FLAG, .offset = offsetof(DataSettings, standardize),
     .help = "Give every feature mean 0 and standard deviation 1; the model keeps both and applies them itself."},
};
static const Option load_for_model_options[] = {LOAD_OPTIONS("the last column, if there is one more than features")};

static const Option model_options[] = {
    {.name = "model", .kind = OPTION_CHOICE, .argument = "linear|mlp", .offset = offsetof(ModelSettings, kind),
     .choices = model_names, .help = "The softmax of XW + b, or a network with hidden ReLU layers."},
    {.name = "hidden", .kind = OPTION_SIZES, .argument = "H[,H...]", .offset = offsetof(ModelSettings, hidden),
     .help = "Units of the mlp's hidden layers, from the input on."},
    {.name = "init-scale", .kind = OPTION_REAL, .argument = "S", .offset = offsetof(ModelSettings, init_scale),
     .help = "Standard deviation of the first weights; biases start at 0."},
    {.name = "skip-draws", .kind = OPTION_SIZE, .argument = "N", .offset = offsetof(ModelSettings, skip_draws),
     .maximum = 1e9, .help = "Normal numbers thrown away between the data's and the weights'."},
};

#define LEARNING_RATE_OPTION                                                                                           \
    {.name = "learning-rate", .alias = "lr", .kind = OPTION_REAL, .argument = "R",                                     \
     .offset = offsetof(SpiralTrainOptions, learning_rate), .above = true, .help = "Step size: W -= R dW."}
#define ITERATIONS_OPTION                                                                                              \
    {.name = "iterations", .kind = OPTION_SIZE, .argument = "N", .offset = offsetof(SpiralTrainOptions, iterations),   \
     .minimum = 1, .print_default = print_iterations, .help = "Updates, each over all observations."}
#define OBJECTIVE_OPTIONS                                                                                              \
    {.name = "reg", .kind = OPTION_REAL, .argument = "R", .offset = offsetof(SpiralTrainOptions, objective.reg),       \
     .help = "Regularisation: 1/2 R sum W^2 is added to the loss (biases aside)."},                                    \
    {.name = "reduction", .kind = OPTION_CHOICE, .argument = "mean|sum", .choices = reduction_names,                        \
     .offset = offsetof(SpiralTrainOptions, objective.reduction),                                                      \
     .help = "The data loss is the mean or the sum of the observations' losses."},                                     \
    {.name = "threads", .kind = OPTION_SIZE, .argument = "T", .offset = offsetof(SpiralTrainOptions, threads),         \
     .maximum = 1024, .help = "Threads; 0: by the work's size. The results do not depend on it."}

static const Option training_options[] = {LEARNING_RATE_OPTION, ITERATIONS_OPTION, OBJECTIVE_OPTIONS};
static const Option objective_options[] = {OBJECTIVE_OPTIONS};

OptionGroup options_group_generate(DataSettings *settings)
{
    return (OptionGroup){"Data, generated", generate_options, COUNT(generate_options), settings};
}

OptionGroup options_group_load(DataSettings *settings)
{
    return (OptionGroup){"Data, loaded", load_options, COUNT(load_options), settings};
}

OptionGroup options_group_load_for_model(DataSettings *settings)
{
    return (OptionGroup){"Data", load_for_model_options, COUNT(load_for_model_options), settings};
}

OptionGroup options_group_model(ModelSettings *settings)
{
    return (OptionGroup){"Model", model_options, COUNT(model_options), settings};
}

OptionGroup options_group_training(SpiralTrainOptions *settings)
{
    return (OptionGroup){"Training", training_options, COUNT(training_options), settings};
}

OptionGroup options_group_objective(SpiralTrainOptions *settings)
{
    return (OptionGroup){"Loss", objective_options, COUNT(objective_options), settings};
}

RunSettings run_settings_defaults(void)
{
    RunSettings settings = {
        .data = {.generate = spiral_generate_defaults(), .load = spiral_load_defaults()},
        .model = {.kind = MODEL_MLP, .hidden = {.count = 1, .values = {MLP_HIDDEN}}, .init_scale = NOTES_INIT_SCALE},
        .training = spiral_train_defaults(),
    };
    settings.training.iterations = 0;
    return settings;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

SpiralStatus load_settings_check(const DataSettings *settings, const OptionTable *table, SpiralError *error)
{
    static const char *const csv_names[] = {"header", "delimiter", "label"};
    const char *name = options_first_given(table, csv_names, COUNT(csv_names));
    if (name == NULL)
        return SPIRAL_OK;
    if (settings->path == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--%s is about a file, and no --data is given", name);
    bool none = settings->load.label != NULL && strcmp(settings->load.label, "none") == 0;
    if (strcmp(name, "label") == 0 && none) /* has a meaning for all files */
        return SPIRAL_OK;
    if (ends_with(settings->path, ".npz") || ends_with(settings->path, ".npy"))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--%s is about CSV files, and --data is a NumPy file",
                                name);
    return SPIRAL_OK;
}

static SpiralStatus check_data(const DataSettings *data, const OptionTable *table, SpiralError *error)
{
    static const char *const generated[] = {"classes", "points-per-class", "noise"};
    const char *name = options_first_given(table, generated, COUNT(generated));
    if (data->path != NULL && name != NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--%s is about generated data, and --data is given: leave one out", name);
    if (data->load.label != NULL && strcmp(data->load.label, "none") == 0)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--label: found \"none\", expected a column: the classes are needed here");
    return load_settings_check(data, table, error);
}

SpiralStatus run_settings_check(RunSettings *settings, const OptionTable *table, SpiralError *error)
{
    SpiralStatus status = check_data(&settings->data, table, error);
    if (status != SPIRAL_OK)
        return status;
    if (settings->model.kind == MODEL_LINEAR && options_given(table, "hidden"))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--hidden is about --model mlp, and --model linear is given: leave one out");
    if (settings->model.kind == MODEL_LINEAR)
        settings->model.hidden.count = 0;
    if (settings->training.iterations == 0)
        settings->training.iterations = settings->model.kind == MODEL_LINEAR ? LINEAR_ITERATIONS : MLP_ITERATIONS;
    status = spiral_train_validate(&settings->training, error);
    if (status == SPIRAL_OK && settings->data.path == NULL)
        status = spiral_generate_validate(&settings->data.generate, error);
    return status;
}

static SpiralStatus standardize(SpiralNetwork *network, const SpiralDataset *dataset, SpiralError *error)
{
    double *mean = cli_allocate(dataset->features, sizeof *mean);
    double *scale = cli_allocate(dataset->features, sizeof *scale);
    SpiralStatus status;
    if (mean == NULL || scale == NULL) {
        status = cli_no_memory(error);
    } else {
        spiral_dataset_moments(dataset, mean, scale);
        status = spiral_network_set_standardization(network, mean, scale, error);
    }
    free(mean);
    free(scale);
    return status;
}

static SpiralStatus make_network(const RunSettings *settings, const SpiralDataset *dataset, SpiralRng *rng,
                                 SpiralNetwork **network, SpiralError *error)
{
    const OptionSizes *hidden = &settings->model.hidden;
    SpiralNetwork *made;
    SpiralStatus status = spiral_network_create(dataset->features, hidden->count, hidden->values, dataset->classes,
                                                &made, error);
    if (status != SPIRAL_OK)
        return status;
    status = spiral_network_set_names(made, dataset->feature_names, dataset->class_names, error);
    if (status == SPIRAL_OK && settings->data.standardize)
        status = standardize(made, dataset, error);
    if (status != SPIRAL_OK) {
        spiral_network_free(made);
        return status;
    }
    spiral_network_init(made, SPIRAL_INIT_GAUSSIAN, settings->model.init_scale, rng);
    *network = made;
    return SPIRAL_OK;
}

SpiralStatus run_prepare(const RunSettings *settings, SpiralRng *rng, SpiralDataset **dataset, SpiralNetwork **network,
                         SpiralError *error)
{
    *dataset = NULL;
    *network = NULL;
    const DataSettings *data = &settings->data;
    spiral_rng_seed(rng, data->seed);
    SpiralDataset *made = NULL;
    SpiralStatus status = data->path != NULL ? spiral_dataset_load(data->path, &data->load, &made, error)
                                             : spiral_dataset_generate(&data->generate, rng, &made, error);
    if (status != SPIRAL_OK)
        return status;
    if (made->y == NULL)
        status = spiral_error_set(error, SPIRAL_ERROR_INPUT, data->path, 0, "has no labels, and classes are needed");
    for (size_t i = 0; status == SPIRAL_OK && i < settings->model.skip_draws; i++)
        spiral_rng_normal(rng);
    if (status == SPIRAL_OK)
        status = make_network(settings, made, rng, network, error);
    if (status != SPIRAL_OK) {
        spiral_dataset_free(made);
        return status;
    }
    *dataset = made;
    return SPIRAL_OK;
}

SpiralStatus load_for_model(const DataSettings *settings, const SpiralNetwork *network, SpiralDataset **dataset,
                            SpiralError *error)
{
    SpiralLoadOptions load = settings->load;
    load.features = network->sizes[0];
    load.class_count = network->sizes[network->layers];
    load.class_names = (const char *const *)network->class_names;
    SpiralDataset *loaded;
    SpiralStatus status = spiral_dataset_load(settings->path, &load, &loaded, error);
    if (status != SPIRAL_OK)
        return status;
    if (loaded->features != load.features) {
        status = spiral_error_set(error, SPIRAL_ERROR_INPUT, settings->path, 0,
                                  "found %zu features, the model has %zu", loaded->features, load.features);
        spiral_dataset_free(loaded);
        return status;
    }
    *dataset = loaded;
    return SPIRAL_OK;
}
