#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/confusion.h"
#include "cli/ensemble.h"
#include "cli/files.h"
#include "cli/options/settings.h"
#include "cli/run.h"

typedef struct PredictSettings {
    DataSettings data;
    const char *model, *output;
    bool probabilities, quiet;
    size_t threads;
} PredictSettings;

static const Option model_options[] = {
    {"model", TEXT(PredictSettings, model), "FILE[,FILE...]",
     "The model.npz that spiral train saved; of several, the mean of their probabilities decides.", .letter = 'm',
     .files = "npz"},
    {"threads", SIZE(PredictSettings, threads), "T", "Threads; 0: by the work's size. The results do not depend on it.",
     .maximum = SPIRAL_THREADS_LIMIT},
};

static const Option output_options[] = {
    {"output", TEXT(PredictSettings, output), "FILE",
     "CSV with a header and a row an observation, the class's name first; - is standard output.", .letter = 'o',
     .files = "csv"},
    {"probabilities", FLAG(PredictSettings, probabilities), "Then a column p:NAME for each class.", .letter = 'p'},
    {"quiet", FLAG(PredictSettings, quiet), "No accuracy, no confusion matrix.", .letter = 'q'},
};

static SpiralStatus check(const PredictSettings *settings, const OptionTable *table, SpiralError *error)
{
    if (settings->model == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "no model, expected --model FILE");
    if (settings->data.path == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "no data, expected --data FILE");
    SpiralStatus status = load_settings_check(&settings->data, table, error);
    if (status != SPIRAL_OK)
        return status;
    Files files = {.error = error};
    files_read_list(&files, "--model", settings->model);
    files_read_data(&files, "--data", settings->data.path);
    files_write(&files, "-o", settings->output);
    return files_check(&files);
}

/* ---- the CSV ----------------------------------------------------------------------------------------------------- */

/* A field as RFC 4180 wants it: quoted when it holds a comma, a quote, a line end, or spaces at its ends. */
static SpiralStatus write_field(SpiralOutput *output, const char *prefix, const char *text, SpiralError *error)
{
    size_t length = strlen(text);
    bool plain = strpbrk(text, ",\"\r\n") == NULL && (length > 0 || prefix[0] != '\0') &&
                 (length == 0 || (text[0] != ' ' && text[length - 1] != ' '));
    if (plain)
        return spiral_output_print(output, error, "%s%s", prefix, text);
    SpiralStatus status = spiral_output_print(output, error, "\"%s", prefix);
    for (const char *c = text; status == SPIRAL_OK && *c != '\0'; c++)
        status = *c == '"' ? spiral_output_write(output, "\"\"", 2, error) : spiral_output_write(output, c, 1, error);
    return status == SPIRAL_OK ? spiral_output_write(output, "\"", 1, error) : status;
}

/* Writes the rows; probs (N, K) is NULL without --probabilities. */
static SpiralStatus write_rows(SpiralOutput *output, const SpiralNetwork *network, size_t rows, const int64_t *labels,
                               const double *probs, SpiralError *error)
{
    size_t classes = network->sizes[network->layers];
    SpiralStatus status = spiral_output_print(output, error, "class");
    for (size_t k = 0; status == SPIRAL_OK && probs != NULL && k < classes; k++) {
        status = spiral_output_write(output, ",", 1, error);
        if (status == SPIRAL_OK)
            status = write_field(output, "p:", network->class_names[k], error);
    }
    if (status == SPIRAL_OK)
        status = spiral_output_write(output, "\n", 1, error);
    for (size_t i = 0; status == SPIRAL_OK && i < rows; i++) {
        status = write_field(output, "", network->class_names[labels[i]], error);
        for (size_t k = 0; status == SPIRAL_OK && probs != NULL && k < classes; k++)
            status = spiral_output_print(output, error, ",%.17g", probs[i * classes + k]);
        if (status == SPIRAL_OK)
            status = spiral_output_write(output, "\n", 1, error);
    }
    return status;
}

static SpiralStatus save_predictions(const PredictSettings *settings, const SpiralNetwork *network, size_t rows,
                                     const int64_t *labels, const double *probs, SpiralError *error)
{
    SpiralOutput *output;
    SpiralStatus status = spiral_output_create(settings->output, &output, error);
    if (status != SPIRAL_OK)
        return status;
    status = write_rows(output, network, rows, labels, probs, error);
    if (status != SPIRAL_OK) {
        spiral_output_discard(output);
        return status;
    }
    return spiral_output_commit(output, error);
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static SpiralStatus predict_rows(const PredictSettings *settings, const Ensemble *ensemble,
                                 const SpiralDataset *dataset, SpiralError *error)
{
    const SpiralNetwork *network = ensemble->models[0]; /* names and classes are all models' */
    size_t classes = network->sizes[network->layers];
    int64_t *labels = cli_allocate(dataset->rows, sizeof *labels);
    double *probs = NULL;
    SpiralStatus status = labels == NULL ? cli_no_memory(error) : SPIRAL_OK;
    if (status == SPIRAL_OK && (settings->probabilities || ensemble->count > 1)) {
        if (dataset->rows <= SIZE_MAX / classes)
            probs = cli_allocate(dataset->rows * classes, sizeof *probs);
        status = probs == NULL ? cli_no_memory(error) : SPIRAL_OK;
    }
    if (status == SPIRAL_OK)
        status = ensemble_predict(ensemble, dataset, settings->threads, probs, labels, error);
    if (status == SPIRAL_ERROR_INPUT)
        status = cli_error_in(error, settings->data.path);
    if (status == SPIRAL_OK)
        status =
            save_predictions(settings, network, dataset->rows, labels, settings->probabilities ? probs : NULL, error);
    if (status == SPIRAL_OK && dataset->y != NULL && !settings->quiet)
        status = confusion_print(network, dataset, labels, error);
    free(probs);
    free(labels);
    return status;
}

static SpiralStatus predict(const PredictSettings *settings, SpiralError *error)
{
    Ensemble ensemble;
    SpiralDataset *dataset;
    SpiralStatus status = ensemble_load(settings->model, &ensemble, error);
    if (status != SPIRAL_OK)
        return status;
    status = load_for_model(&settings->data, ensemble.models[0], &dataset, error);
    if (status == SPIRAL_OK) {
        status = predict_rows(settings, &ensemble, dataset, error);
        spiral_dataset_free(dataset);
    }
    ensemble_free(&ensemble);
    return status;
}

static SpiralStatus predict_command(void *context, const OptionTable *table, SpiralError *error)
{
    PredictSettings *settings = context;
    SpiralStatus status = check(settings, table, error);
    return status == SPIRAL_OK ? predict(settings, error) : status;
}

int cmd_predict(int argc, char **argv)
{
    PredictSettings settings = {.data = run_settings_defaults().data, .output = "-"};
    OptionGroup groups[] = {
        OPTION_GROUP("Model", model_options, &settings),
        options_group_load_for_model(&settings.data),
        OPTION_GROUP("Output", output_options, &settings),
    };
    OptionTable table = {
        .command = argv[0],
        .synopsis = "--model FILE --data FILE [options]",
        .purpose =
            "Classifies observations with a trained model. Where the data has classes of its own, the accuracy and the "
            "confusion matrix are printed on standard error.",
        .notes = "A CSV file with as many columns as the model has features is taken as observations alone, one with a "
                 "column more as observations and their class. --label says otherwise.",
        .examples = "  spiral predict --model spiral-out/model.npz --data new.csv -o classes.csv\n"
                    "  spiral predict -m model.npz --data - --probabilities < new.csv\n"
                    "  spiral predict -m a.npz,b.npz,c.npz --data new.csv\n",
        .groups = groups,
        .group_count = COUNT(groups),
    };
    return command_run(&table, argc, argv, predict_command, &settings);
}
