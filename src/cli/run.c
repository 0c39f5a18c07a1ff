#include "cli/run.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/text.h"
#include "cli/build.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/network_name.h"
#include "cli/options/values.h"

/* Values so far apart that their distance overflows can't be drawn on any scale. */
static SpiralStatus check_standardized(const SpiralDataset *dataset, const double *mean, const double *scale,
                                       SpiralError *error)
{
    size_t D = dataset->features;
    for (size_t i = 0; i < dataset->rows; i++)
        for (size_t d = 0; d < D; d++)
            if (!isfinite((dataset->X[i * D + d] - mean[d]) / scale[d]))
                return spiral_error_set(
                    error, SPIRAL_ERROR_INPUT, NULL, 0,
                    "--standardize: feature %.100s has values too far apart for its mean, %g and %g among "
                    "them: expected it in a larger unit",
                    dataset->feature_names[d], dataset->X[i * D + d], mean[d]);
    return SPIRAL_OK;
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
        status = check_standardized(dataset, mean, scale, error);
        if (status == SPIRAL_OK)
            status = spiral_network_set_standardization(network, mean, scale, error);
    }
    free(mean);
    free(scale);
    return status;
}

SpiralStatus run_check_weights(const RunSettings *settings, const SpiralNetwork *network, SpiralError *error)
{
    for (size_t i = 0; i < network->parameter_count; i++)
        if (!isfinite(network->parameters[i]))
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                    "--init-scale %g makes weights that overflow, expected a smaller one",
                                    settings->model.init_scale);
    return SPIRAL_OK;
}

SpiralStatus run_make_network(const RunSettings *settings, const SpiralDataset *dataset, SpiralRng *rng,
                              SpiralNetwork **network, SpiralError *error)
{
    const OptionSizes *hidden = &settings->model.hidden;
    SpiralNetwork *made;
    *network = NULL;
    SpiralStatus status =
        spiral_network_create(dataset->features, hidden->count, hidden->values, dataset->classes, &made, error);
    if (status != SPIRAL_OK)
        return status;
    made->activation = settings->model.activation;
    made->products = settings->model.products;
    status = spiral_network_set_names(made, dataset->feature_names, dataset->class_names, error);
    if (status == SPIRAL_OK)
        status = spiral_network_set_label(made, dataset->label_name, dataset->features_after_label, error);
    if (status == SPIRAL_OK && settings->data.standardize)
        status = standardize(made, dataset, error);
    if (status != SPIRAL_OK) {
        spiral_network_free(made);
        return status;
    }
    for (size_t i = 0; i < settings->model.skip_draws; i++)
        spiral_rng_normal(rng);
    spiral_network_init(made, settings->model.init, settings->model.init_scale, rng);
    *network = made;
    return SPIRAL_OK;
}

SpiralStatus run_load(const RunSettings *settings, TableUse use, bool quiet, SpiralRng *rng, SpiralDataset **dataset,
                      SpiralError *error)
{
    *dataset = NULL;
    const DataSettings *data = &settings->data;
    spiral_rng_seed(rng, data->seed);
    SpiralDataset *made = NULL;
    SpiralStatus status = data->path != NULL ? spiral_dataset_load(data->path, &data->load, &made, error)
                                             : spiral_dataset_generate(&data->generate, rng, &made, error);
    if (status != SPIRAL_OK)
        return status;
    if (made->y == NULL) {
        spiral_dataset_free(made);
        bool array = data->path != NULL && spiral_text_ends_with(data->path, ".npy");
        status = spiral_error_set(error, SPIRAL_ERROR_INPUT, data->path, 0, "has no labels, but classes are needed%s",
                                  array ? ": X.npy,y.npy takes them from an array of their own" : "");
        return array ? spiral_error_suggest(error, status, SPIRAL_REMEDY_LABEL, "-1") : status;
    }
    status = data->path != NULL ? table_report(data, made, use, quiet, error) : SPIRAL_OK;
    if (status != SPIRAL_OK) {
        spiral_dataset_free(made);
        return status;
    }
    *dataset = made;
    return SPIRAL_OK;
}

SpiralStatus run_prepare(const RunSettings *settings, SpiralRng *rng, SpiralDataset **dataset, SpiralNetwork **network,
                         SpiralError *error)
{
    *network = NULL;
    SpiralStatus status = run_load(settings, TABLE_TO_LOOK_AT, false, rng, dataset, error);
    if (status == SPIRAL_OK)
        status = run_make_network(settings, *dataset, rng, network, error);
    if (status == SPIRAL_OK)
        status = run_check_weights(settings, *network, error);
    if (status != SPIRAL_OK) {
        spiral_network_free(*network);
        *network = NULL;
        spiral_dataset_free(*dataset);
        *dataset = NULL;
    }
    return status;
}

/* ---- data for a model, or for other data ------------------------------------------------------------------------- */

enum { SHOWN_BYTES = 60 };

/* Says why a file with names has no labels; false when there is nothing to say about the label's name. */
static bool describe_missing_label(const SpiralLoadOptions *load, const SpiralDataset *dataset, char *text, size_t size)
{
    const char *name = load->label == NULL ? load->label_name : NULL;
    if (name == NULL || dataset->y != NULL || dataset->form.header_line == 0)
        return false;
    bool feature = false, unused = false;
    for (size_t d = 0; d < dataset->features; d++)
        feature = feature || strcmp(dataset->feature_names[d], name) == 0;
    for (size_t i = 0; i < dataset->unused; i++)
        unused = unused || strcmp(dataset->unused_names[i], name) == 0;
    int shown = spiral_text_cut(name, strlen(name), SHOWN_BYTES);
    text[0] = '\0';
    if (feature)
        cli_append(text, size, "'%.*s' is a feature here, and the label's name", shown, name);
    else if (unused)
        cli_append(text, size, "several columns have the label's name, '%.*s'", shown, name);
    else
        cli_append(text, size, "no column '%.*s', the label", shown, name);
    return true;
}

/* Refuses data without the labels that are needed; why: "classes are needed". */
static SpiralStatus refuse_unlabelled(const char *path, const SpiralLoadOptions *load, const SpiralDataset *dataset,
                                      const char *why, SpiralError *error)
{
    char missing[2 * SHOWN_BYTES + 64];
    bool named = describe_missing_label(load, dataset, missing, sizeof missing);
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "%s, but %s", named ? missing : "has no labels", why);
}

/* Warns of what was taken for what it may not be. */
static void warn_of_columns(const char *path, const SpiralLoadOptions *load, const SpiralDataset *dataset)
{
    table_warn_of_numbers(path, dataset);
    if (dataset->form.number_header)
        cli_warn(path,
                 "the numbers in line %zu are taken for the columns' names: that line may be a row; try "
                 "--header no",
                 dataset->form.header_line);
    bool named = load->feature_names != NULL && !spiral_names_are_default(load->feature_names, load->features, "x");
    if (named && load->label == NULL && load->label_name == NULL && dataset->label_name != NULL)
        cli_warn(path, "the label had no name in training: it is taken to be the last column, '%.*s'",
                 SPIRAL_TEXT_CUT(dataset->label_name, SHOWN_BYTES));
}

/* Says what matching by name did with the columns, unless quiet; warns of what is doubtful. */
static void note_columns(const char *path, const SpiralLoadOptions *load, const SpiralDataset *dataset, bool quiet)
{
    const char *expected = load->label == NULL ? load->label_name : NULL, *label = dataset->label_name;
    warn_of_columns(path, load, dataset);
    if (quiet)
        return;
    if (dataset->reordered)
        cli_note(path, "the features are in another order here, and were matched by name");
    if (expected != NULL && label != NULL && strcmp(label, expected) != 0)
        cli_note(path, "no column '%.*s': the label is taken to be '%.*s'", SPIRAL_TEXT_CUT(expected, SHOWN_BYTES),
                 SPIRAL_TEXT_CUT(label, SHOWN_BYTES));
    if (dataset->unused == 0)
        return;
    char names[512], missing[2 * SHOWN_BYTES + 64];
    bool named = describe_missing_label(load, dataset, missing, sizeof missing);
    spiral_names_list(dataset->unused_names, dataset->unused, names, sizeof names);
    cli_note(path, "%s%snot used: %s", named ? missing : "", named ? "; " : "", names);
}

static SpiralStatus load_matched(const char *path, const SpiralLoadOptions *load, bool quiet, SpiralDataset **dataset,
                                 SpiralError *error)
{
    SpiralStatus status = spiral_dataset_load(path, load, dataset, error);
    if (status == SPIRAL_OK)
        note_columns(path, load, *dataset, quiet);
    return status;
}

static SpiralLoadOptions options_for_model(const DataSettings *settings, const SpiralNetwork *network)
{
    SpiralLoadOptions load = settings->load;
    load.features = network->sizes[0];
    load.feature_names = network->weights_only ? NULL : (const char *const *)network->feature_names;
    load.label_name = network->label_name;
    load.features_after_label = network->features_after_label;
    load.class_count = network->sizes[network->layers];
    load.class_names = (const char *const *)network->class_names;
    return load;
}

SpiralStatus require_labels(const DataSettings *settings, const SpiralNetwork *network, const SpiralDataset *dataset,
                            const char *why, SpiralError *error)
{
    const SpiralLoadOptions load = options_for_model(settings, network);
    if (dataset->y != NULL)
        return SPIRAL_OK;
    SpiralStatus status = refuse_unlabelled(settings->path, &load, dataset, why, error);
    return dataset->unused > 0 && load.label == NULL
               ? spiral_error_suggest(error, status, SPIRAL_REMEDY_LABEL, "COLUMN")
               : status;
}

SpiralStatus load_for_model(const DataSettings *settings, const SpiralNetwork *network, SpiralLabelling labelling,
                            bool quiet, SpiralDataset **dataset, SpiralError *error)
{
    SpiralLoadOptions load = options_for_model(settings, network);
    load.labelling = labelling;
    SpiralStatus status = load_matched(settings->path, &load, quiet, dataset, error);
    if (status == SPIRAL_OK && labelling == SPIRAL_LABELS_ALL)
        status = require_labels(settings, network, *dataset, CLASSES_NEEDED, error);
    if (status != SPIRAL_OK) {
        spiral_dataset_free(*dataset);
        *dataset = NULL;
    }
    return status;
}

void note_columns_for_model(const DataSettings *settings, const SpiralNetwork *network, const SpiralDataset *dataset,
                            bool quiet)
{
    const SpiralLoadOptions load = options_for_model(settings, network);
    note_columns(settings->path, &load, dataset, quiet);
}

SpiralStatus open_for_model(const DataSettings *settings, const SpiralNetwork *network, SpiralReader **reader,
                            SpiralError *error)
{
    SpiralLoadOptions load = options_for_model(settings, network);
    load.labelling = SPIRAL_LABELS_PARTIAL;
    return spiral_reader_open(settings->path, &load, reader, error);
}

/* ---- description ------------------------------------------------------------------------------------------------- */

static bool add_data(cJSON *root, const DataSettings *settings, const SpiralDataset *dataset)
{
    const char *path = settings->path;
    char crc[16];
    snprintf(crc, sizeof crc, "%08lx", (unsigned long)spiral_dataset_checksum(dataset));
    cJSON *object = cJSON_AddObjectToObject(root, "data");
    return object != NULL && json_add_text(object, "source", path != NULL ? path : "generated") &&
           json_add_size(object, "rows", dataset->rows) && json_add_size(object, "features", dataset->features) &&
           json_add_size(object, "classes", dataset->classes) &&
           json_add_names(object, "class_names", dataset->class_names, dataset->classes) &&
           json_add_text(object, "crc32", crc);
}

/* Which implementation computed each layer's products: "fused" or "blas". */
static bool add_products(cJSON *object, const SpiralNetwork *network)
{
    cJSON *array = cJSON_AddArrayToObject(object, "products");
    bool added = array != NULL;
    for (size_t l = 0; added && l < network->layers; l++)
        added = cJSON_AddItemToArray(
            array, cJSON_CreateStringReference(spiral_network_layer_is_fused(network, l) ? "fused" : "blas"));
    return added;
}

static bool add_network(cJSON *root, const SpiralNetwork *network)
{
    cJSON *object = cJSON_AddObjectToObject(root, "network");
    return object != NULL && json_add_sizes(object, "sizes", network->sizes, network->layers + 1) &&
           json_add_text(object, "activation", spiral_activation_name(network->activation)) &&
           json_add_size(object, "parameters", network->parameter_count) && add_products(object, network);
}

bool run_add_description(cJSON *root, const DataSettings *settings, const SpiralDataset *dataset,
                         const SpiralNetwork *network)
{
    return add_data(root, settings, dataset) && add_network(root, network) && build_add(root);
}

/* ---- training ---------------------------------------------------------------------------------------------------- */

static SpiralStatus load_validation(const TrainSettings *settings, TrainData *data, SpiralError *error)
{
    SpiralLoadOptions load = settings->run.data.load;
    const SpiralDataset *train = data->dataset;
    load.label = NULL;
    load.ignore = NULL; /* the names say which columns are used, or else their places */
    load.alike = train;
    load.features = train->features;
    load.feature_names = train->feature_names;
    load.label_name = train->label_name;
    load.features_after_label = train->features_after_label;
    load.class_count = train->classes;
    load.class_names = train->class_names;
    SpiralStatus status = load_matched(settings->validation, &load, settings->quiet, &data->validation, error);
    if (status != SPIRAL_OK || data->validation->y != NULL)
        return status;
    return refuse_unlabelled(settings->validation, &load, data->validation, CLASSES_NEEDED, error);
}

void train_name_inputs(const TrainSettings *settings, Files *files)
{
    double fraction;
    files_read_data(files, "--data", settings->run.data.path);
    if (settings->validation != NULL && !text_to_real(settings->validation, &fraction))
        files_read_data(files, "--validation", settings->validation);
    files_read(files, "--init-from", settings->init_from);
}

/* From a fraction or a file; see train_check_validation. */
static SpiralStatus make_validation(const TrainSettings *settings, TrainData *data, SpiralError *error)
{
    double fraction;
    if (settings->validation == NULL)
        return SPIRAL_OK;
    if (!text_to_real(settings->validation, &fraction))
        return load_validation(settings, data, error);
    SpiralDataset *all = data->dataset;
    data->dataset = NULL;
    SpiralStatus status =
        spiral_dataset_split(all, fraction, settings->run.data.seed, &data->dataset, &data->validation, error);
    spiral_dataset_free(all);
    return status;
}

SpiralStatus train_data_load(const TrainSettings *settings, TableUse use, TrainData *data, SpiralError *error)
{
    SpiralStatus status = run_load(&settings->run, use, settings->quiet, &data->rng, &data->dataset, error);
    return status == SPIRAL_OK ? make_validation(settings, data, error) : status;
}

void train_data_free(TrainData *data)
{
    spiral_dataset_free(data->validation);
    spiral_dataset_free(data->dataset);
    data->validation = data->dataset = NULL;
}

/* ---- a training that starts from a model ------------------------------------------------------------------------- */

static bool same_layers(const SpiralNetwork *a, const SpiralNetwork *b)
{
    bool same = a->layers == b->layers;
    for (size_t l = 0; same && l <= a->layers; l++)
        same = a->sizes[l] == b->sizes[l];
    return same;
}

/* Refuses a model of other layers than the network. Both have the same features and classes. */
static SpiralStatus check_layers(const char *path, const SpiralNetwork *model, const SpiralNetwork *network,
                                 SpiralError *error)
{
    if (same_layers(model, network))
        return SPIRAL_OK;
    char found[256], expected[256], hidden[256] = "";
    network_shape(model, found, sizeof found);
    network_shape(network, expected, sizeof expected);
    for (size_t l = 1; l < model->layers; l++)
        cli_append(hidden, sizeof hidden, "%s%zu", l > 1 ? "," : "--hidden ", model->sizes[l]);
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "holds the network %s, this training's is %s; try %s",
                            found, expected, model->layers > 1 ? hidden : "--model linear");
}

/* The weights mean what they do with the model's activation alone. */
static SpiralStatus take_activation(const TrainSettings *settings, const SpiralNetwork *model, bool quiet,
                                    SpiralNetwork *network, SpiralError *error)
{
    SpiralActivation wanted = network->activation;
    if (model->layers == 1 || model->activation == wanted)
        return SPIRAL_OK;
    if (settings->run.model.activation_given)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, settings->init_from, 0,
                                "was trained with --activation %s, and --activation %s is given: leave it out",
                                spiral_activation_name(model->activation), spiral_activation_name(wanted));
    network->activation = model->activation;
    if (!quiet)
        cli_note(settings->init_from, "the activation is the model's, %s", spiral_activation_name(model->activation));
    return SPIRAL_OK;
}

static bool same_standardization(const SpiralNetwork *a, const SpiralNetwork *b)
{
    size_t bytes = a->sizes[0] * sizeof(double);
    return a->mean != NULL && b->mean != NULL && memcmp(a->mean, b->mean, bytes) == 0 &&
           memcmp(a->scale, b->scale, bytes) == 0;
}

/* And on the scale of the features that the model was trained on. */
static SpiralStatus take_standardization(const TrainSettings *settings, const SpiralNetwork *model, bool quiet,
                                         SpiralNetwork *network, SpiralError *error)
{
    if (model->mean == NULL && network->mean == NULL)
        return SPIRAL_OK;
    if (model->mean == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, settings->init_from, 0,
                                "was trained without --standardize, and --standardize is given: leave it out");
    if (!quiet && !same_standardization(model, network))
        cli_note(settings->init_from, "the features are standardised by the model's mean and scale");
    return spiral_network_set_standardization(network, model->mean, model->scale, error);
}

/* The weights of --init-from replace random ones. */
static SpiralStatus take_model(const TrainSettings *settings, SpiralNetwork *network, bool quiet, SpiralError *error)
{
    SpiralNetwork *model;
    const char *path = settings->init_from;
    SpiralStatus status = spiral_network_load(path, &model, error);
    if (status != SPIRAL_OK)
        return status;
    bool reordered;
    status = spiral_network_arrange(model, network->sizes[0], (const char *const *)network->feature_names, NULL,
                                    network->sizes[network->layers], (const char *const *)network->class_names,
                                    &reordered, error);
    status = status == SPIRAL_OK ? check_layers(path, model, network, error) : cli_error_in(error, path);
    if (status == SPIRAL_OK && reordered && !quiet)
        cli_note(path, "features or classes are in another order than in the data, and were matched by name");
    if (status == SPIRAL_OK && !model->weights_only)
        status = take_activation(settings, model, quiet, network, error);
    if (status == SPIRAL_OK && !model->weights_only)
        status = take_standardization(settings, model, quiet, network, error);
    if (status == SPIRAL_OK)
        memcpy(network->parameters, model->parameters, network->parameter_count * sizeof(double));
    spiral_network_free(model);
    return status;
}

SpiralStatus train_make_network(const TrainSettings *settings, const TrainData *data, bool quiet,
                                SpiralNetwork **network, SpiralError *error)
{
    SpiralRng rng = data->rng;
    /* loading consumes no random numbers, so that one file can be used with different seeds */
    if (settings->run.data.path != NULL)
        spiral_rng_seed(&rng, settings->run.data.seed);
    SpiralStatus status = run_make_network(&settings->run, data->dataset, &rng, network, error);
    if (status != SPIRAL_OK || settings->init_from == NULL)
        return status;
    status = take_model(settings, *network, quiet, error);
    if (status != SPIRAL_OK) {
        spiral_network_free(*network);
        *network = NULL;
    }
    return status;
}

/* ---- a model that a training has made ---------------------------------------------------------------------------- */

/* The network has the layers of the training, and no more. That of --init-from, which may be gone, decides the rest. */
static SpiralStatus check_made(const TrainSettings *settings, const SpiralNetwork *network, const SpiralNetwork *model,
                               const char *path, SpiralError *error)
{
    char found[256], expected[256];
    network_shape(model, found, sizeof found);
    network_shape(network, expected, sizeof expected);
    SpiralActivation activation = settings->run.model.activation;
    bool standardized = settings->run.data.standardize, decided = settings->init_from == NULL;
    if (!same_layers(model, network))
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "holds the network %s, its run's is %s", found,
                                expected);
    if (decided && model->layers > 1 && model->activation != activation)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "has the activation %s, its run's is %s",
                                spiral_activation_name(model->activation), spiral_activation_name(activation));
    if (decided && (model->mean != NULL) != standardized)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "has %s, and its run is %s --standardize",
                                standardized ? "no mean and scale" : "a mean and a scale",
                                standardized ? "with" : "without");
    return SPIRAL_OK;
}

SpiralStatus train_check_model(const TrainSettings *settings, const SpiralNetwork *model, const char *path,
                               SpiralError *error)
{
    const DataSettings *data = &settings->run.data;
    const OptionSizes *hidden = &settings->run.model.hidden;
    bool generated = data->path == NULL;
    size_t sizes[OPTION_LIST_LIMIT + 2];
    sizes[0] = generated ? data->generate.dimensions : model->sizes[0];
    memcpy(sizes + 1, hidden->values, hidden->count * sizeof *sizes);
    sizes[hidden->count + 1] = generated ? data->generate.classes : model->sizes[model->layers];
    const SpiralNetwork network = {.layers = hidden->count + 1, .sizes = sizes};
    return check_made(settings, &network, model, path, error);
}

SpiralStatus train_match_model(const SpiralDataset *dataset, SpiralNetwork *model, const char *path, SpiralError *error)
{
    bool reordered;
    SpiralStatus status = spiral_network_arrange(model, dataset->features, dataset->feature_names, NULL,
                                                 dataset->classes, dataset->class_names, &reordered, error);
    return status == SPIRAL_OK ? SPIRAL_OK : cli_error_in(error, path);
}

/* ---- the options of the trainer ---------------------------------------------------------------------------------- */

static size_t greatest_common_divisor(size_t a, size_t b)
{
    while (b != 0) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

SpiralStatus train_options(const TrainSettings *settings, const SpiralDataset *dataset, SpiralTrainOptions *options,
                           SpiralError *error)
{
    *options = settings->run.training;
    options->seed = settings->run.data.seed;
    size_t updates = spiral_train_epoch(options, dataset->rows); /* per epoch */
    if (settings->epochs > SIZE_MAX / updates)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--epochs: found \"%zu\", expected at most %zu: an epoch is %zu updates here",
                                settings->epochs, SIZE_MAX / updates, updates);
    if (settings->epochs > 0)
        options->iterations = settings->epochs * updates;
    size_t every = greatest_common_divisor(settings->log_every, settings->print_every);
    options->record_every = greatest_common_divisor(every, settings->frames_every);
    /* Stopping is decided from the rows of the log, whatever else is recorded. */
    options->judge_every = settings->log_every;
    return SPIRAL_OK;
}
