#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv_field.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/command.h"
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
     "The model.npz that spiral train saved; several models vote by the mean of their probabilities.", .letter = 'm',
     .files = "npz"},
    {"threads", SIZE(PredictSettings, threads), "T",
     "Threads; 0: chosen from the amount of work. The results do not depend on it.", .maximum = SPIRAL_THREADS_LIMIT},
};

static const Option output_options[] = {
    {"output", TEXT(PredictSettings, output), "FILE",
     "CSV with a header and a row per observation, the class's name first; - is standard output.", .letter = 'o',
     .files = "csv"},
    {"probabilities", FLAG(PredictSettings, probabilities), "Add a column p:NAME with the probability of each class.",
     .letter = 'p'},
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

/* ---- ensembles --------------------------------------------------------------------------------------------------- */

/* One or more models. The mean of their probabilities decides. */
typedef struct Ensemble {
    size_t count;
    SpiralNetwork *models[SPIRAL_ENSEMBLE_LIMIT];
} Ensemble;

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

static void free_models(Ensemble *ensemble)
{
    for (size_t i = 0; i < ensemble->count; i++)
        spiral_network_free(ensemble->models[i]);
    ensemble->count = 0;
}

/* Loads the models of "a.npz,b.npz", which must have the same features and the same classes, with the same names.
 * Errors: INPUT, LIMIT. */
static SpiralStatus load_models(const char *paths, Ensemble *ensemble, SpiralError *error)
{
    *ensemble = (Ensemble){0};
    char *list = cli_copy_string(paths);
    SpiralStatus status = list == NULL ? cli_no_memory(error) : SPIRAL_OK;
    for (char *rest = list; status == SPIRAL_OK && rest != NULL;) {
        const char *path = cli_next_item(&rest);
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
        free_models(ensemble);
    return status;
}

/* Adds the other models' probabilities to the first one's, then takes the mean and its most probable class. */
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

/* labels (N); probs (N, K) may be NULL for a single model. Ties go to the lower class. */
static SpiralStatus predict_together(const Ensemble *ensemble, const SpiralDataset *dataset, size_t threads,
                                     double *probs, int64_t *labels, SpiralError *error)
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

/* ---- the confusion matrix ---------------------------------------------------------------------------------------- */

enum { CLASSES_LIMIT = 50, NAME_CELLS = 16, COUNT_CELLS = 6 };

/* Prints the name in exactly that many columns, truncated with ~ when it is longer. */
static void print_name(const char *name, size_t columns, bool to_the_right)
{
    char shown[256]; /* far more than the columns can hold */
    size_t length = spiral_text_show(name, shown, sizeof shown), whole = spiral_text_columns(shown, length);
    bool cut = whole > columns;
    if (cut)
        length = spiral_text_fit(shown, columns - 1);
    int spaces = (int)(columns - cut - spiral_text_columns(shown, length));
    fprintf(stderr, "%*s%.*s%s%*s", to_the_right ? spaces : 0, "", (int)length, shown, cut ? "~" : "",
            to_the_right ? 0 : spaces, "");
}

static void print_matrix(const SpiralNetwork *network, const size_t *counts, size_t classes)
{
    fprintf(stderr, "confusion matrix: a row for each class of the data, a column for each predicted\n");
    fprintf(stderr, "%-*s", NAME_CELLS, "");
    for (size_t k = 0; k < classes; k++) {
        fputs("  ", stderr);
        print_name(network->class_names[k], COUNT_CELLS, true);
    }
    fputc('\n', stderr);
    for (size_t j = 0; j < classes; j++) {
        print_name(network->class_names[j], NAME_CELLS, false);
        for (size_t k = 0; k < classes; k++)
            fprintf(stderr, "  %*zu", COUNT_CELLS, counts[j * classes + k]);
        fputc('\n', stderr);
    }
}

/* Prints the accuracy and the confusion matrix of the predicted labels (N) against the data's labels on standard error.
 * Errors: LIMIT. */
static SpiralStatus print_confusion(const SpiralNetwork *network, const SpiralDataset *dataset, const int64_t *labels,
                                    SpiralError *error)
{
    size_t classes = network->sizes[network->layers];
    size_t correct = 0;
    for (size_t i = 0; i < dataset->rows; i++)
        correct += labels[i] == dataset->y[i];
    fprintf(stderr, "accuracy: %.4f (%zu of %zu)\n", (double)correct / (double)dataset->rows, correct, dataset->rows);
    if (classes > CLASSES_LIMIT) {
        fprintf(stderr, "confusion matrix: left out, %zu classes are more than %d\n", classes, CLASSES_LIMIT);
        return SPIRAL_OK;
    }
    size_t *counts = cli_allocate(classes * classes, sizeof *counts); /* (K, K) */
    if (counts == NULL)
        return cli_no_memory(error);
    for (size_t i = 0; i < dataset->rows; i++)
        counts[(size_t)dataset->y[i] * classes + (size_t)labels[i]]++;
    print_matrix(network, counts, classes);
    free(counts);
    return SPIRAL_OK;
}

/* ---- the CSV ----------------------------------------------------------------------------------------------------- */

/* The column of a class's probabilities is named "p:CLASS". */
static SpiralStatus write_name(SpiralOutput *output, const char *class_name, SpiralError *error)
{
    char *name = cli_join_texts(cli_copy_string("p:"), cli_copy_string(class_name));
    SpiralStatus status = name == NULL ? cli_no_memory(error) : spiral_csv_field_write(output, name, error);
    free(name);
    return status;
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
            status = write_name(output, network->class_names[k], error);
    }
    if (status == SPIRAL_OK)
        status = spiral_output_write(output, "\n", 1, error);
    for (size_t i = 0; status == SPIRAL_OK && i < rows; i++) {
        status = spiral_csv_field_write(output, network->class_names[labels[i]], error);
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
    const SpiralNetwork *network = ensemble->models[0]; /* the names and classes are the same in all models */
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
        status = predict_together(ensemble, dataset, settings->threads, probs, labels, error);
    if (status == SPIRAL_ERROR_INPUT)
        status = cli_error_in(error, settings->data.path);
    if (status == SPIRAL_OK)
        status =
            save_predictions(settings, network, dataset->rows, labels, settings->probabilities ? probs : NULL, error);
    if (status == SPIRAL_OK && dataset->y != NULL && !settings->quiet)
        status = print_confusion(network, dataset, labels, error);
    free(probs);
    free(labels);
    return status;
}

static SpiralStatus predict(const PredictSettings *settings, SpiralError *error)
{
    Ensemble ensemble;
    SpiralDataset *dataset;
    SpiralStatus status = load_models(settings->model, &ensemble, error);
    if (status != SPIRAL_OK)
        return status;
    status = load_for_model(&settings->data, ensemble.models[0], &dataset, error);
    if (status == SPIRAL_OK) {
        status = predict_rows(settings, &ensemble, dataset, error);
        spiral_dataset_free(dataset);
    }
    free_models(&ensemble);
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
