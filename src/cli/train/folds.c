/* folds.c: stratified cross-validation. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/scale.h"
#include "base/text.h"
#include "cli/build.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/process/interrupt.h"
#include "cli/process/progress.h"
#include "cli/train/internal.h"

enum { COLUMNS = 4 };
static const char *const column_names[COLUMNS] = {"loss", "accuracy", "validation_loss", "validation_accuracy"};

typedef struct Fold {
    SpiralTrainResult result;
    size_t rows, validation_rows;
    double values[COLUMNS]; /* of the result */
} Fold;

typedef struct Folds {
    const TrainSettings *settings;
    const OptionTable *table;
    SpiralDataset *all;
    SpiralRng rng;          /* before the weights are drawn */
    Fold *fold;             /* (settings->folds) */
    SpiralNetwork *network; /* of the last fold */
    double mean[COLUMNS], deviation[COLUMNS];
    double seconds;
} Folds;

/* ---- training ---------------------------------------------------------------------------------------------------- */

/* Every fold starts from the same weights. */
static SpiralStatus train_fold(const Folds *folds, size_t index, TrainRun *run, SpiralError *error)
{
    const TrainSettings *settings = folds->settings;
    run->data.rng = folds->rng;
    SpiralStatus status = spiral_dataset_fold(folds->all, settings->folds, index, settings->run.data.seed,
                                              &run->data.dataset, &run->data.validation, error);
    if (status == SPIRAL_OK)
        status = train_make_network(settings, &run->data, settings->quiet || index > 0, &run->network, error);
    if (status == SPIRAL_OK)
        status = train_options(settings, run->data.dataset, &run->options, error);
    if (status != SPIRAL_OK)
        return status;
    run->options.record_every = settings->log_every;
    const SpiralTrainHooks hooks = {.interrupt = interrupt_flag()};
    status = spiral_trainer_create(run->network, run->data.dataset, run->data.validation, &run->options, &run->trainer,
                                   error);
    return status == SPIRAL_OK ? spiral_trainer_run(run->trainer, &hooks, &run->result, error) : status;
}

/* Keeps what is reported of the fold, and its network. */
static void keep_fold(Folds *folds, size_t index, TrainRun *run)
{
    Fold *fold = &folds->fold[index];
    *fold = (Fold){.result = run->result,
                   .rows = run->data.dataset->rows,
                   .validation_rows = run->data.validation->rows,
                   .values = {run->result.loss.loss, run->result.accuracy, run->result.validation_loss,
                              run->result.validation_accuracy}};
    spiral_network_free(folds->network);
    folds->network = run->network;
    run->network = NULL;
}

/* ---- folds.csv and the same lines on standard output ------------------------------------------------------------- */

/* With six decimals, below the column's name. */
static void print_value(const char *column, double value)
{
    char text[SPIRAL_NUMBER_TEXT];
    int width = (int)strlen(column) > 9 ? (int)strlen(column) : 9;
    if (strstr(column, "accuracy") != NULL)
        printf("  %*s", width, spiral_accuracy_print(value, 6, text));
    else
        printf("  %*.6f", width, value);
}

static SpiralStatus write_row(SpiralOutput *output, bool print, const char *name, const double values[COLUMNS],
                              SpiralError *error)
{
    if (print) {
        printf("%-9s", name);
        for (size_t i = 0; i < COLUMNS; i++)
            print_value(column_names[i], values[i]);
        printf("\n");
        cli_flush_output();
    }
    SpiralStatus status = spiral_output_print(output, error, "%s", name);
    for (size_t i = 0; status == SPIRAL_OK && i < COLUMNS; i++) {
        char text[SPIRAL_NUMBER_TEXT];
        spiral_number_print(values[i], text);
        status = spiral_output_print(output, error, ",%s", text);
    }
    return status == SPIRAL_OK ? spiral_output_print(output, error, "\n") : status;
}

static SpiralStatus write_header(SpiralOutput *output, bool print, SpiralError *error)
{
    if (print) {
        printf("%-9s", "fold");
        for (size_t i = 0; i < COLUMNS; i++)
            printf("  %9s", column_names[i]);
        printf("\n");
        cli_flush_output(); /* so that readers of a pipe see it while the first fold is trained */
    }
    return spiral_output_print(output, error, "fold,loss,accuracy,validation_loss,validation_accuracy\n");
}

/* Mean and sample standard deviation (divisor K - 1). */
static void compute_statistics(Folds *folds)
{
    size_t count = folds->settings->folds;
    for (size_t i = 0; i < COLUMNS; i++) {
        double largest = 0.0, mean = 0.0, squares = 0.0;
        for (size_t f = 0; f < count; f++)
            largest = fmax(largest, fabs(folds->fold[f].values[i]));
        double scale = spiral_scale_for(largest); /* a power of two that keeps squares from overflowing */
        for (size_t f = 0; f < count; f++)
            mean += scale * folds->fold[f].values[i] / (double)count;
        for (size_t f = 0; f < count; f++) {
            double distance = scale * folds->fold[f].values[i] - mean;
            squares += distance * distance / (double)(count - 1);
        }
        folds->mean[i] = mean / scale;
        folds->deviation[i] = sqrt(squares) / scale;
    }
}

static SpiralStatus run_fold(Folds *folds, size_t index, SpiralError *error)
{
    TrainRun *run = train_create(folds->settings, folds->table);
    SpiralStatus status = run == NULL ? cli_no_memory(error) : train_fold(folds, index, run, error);
    if (status == SPIRAL_ERROR_DIVERGED) {
        train_add_flags(run, error);
        SpiralError found = *error;
        status = spiral_error_set(error, found.status, NULL, 0, "fold %zu %s", index + 1, found.reason);
    }
    if (status == SPIRAL_OK)
        keep_fold(folds, index, run);
    train_free(run);
    return status;
}

/* Stops without the statistics after an interrupt. */
static SpiralStatus run_folds(Folds *folds, SpiralOutput *output, SpiralError *error)
{
    bool print = !folds->settings->quiet && folds->settings->summary == SUMMARY_TEXT;
    double started = clock_seconds();
    SpiralStatus status = write_header(output, print, error);
    for (size_t f = 0; status == SPIRAL_OK && f < folds->settings->folds; f++) {
        char name[32];
        snprintf(name, sizeof name, "%zu", f + 1);
        status = run_fold(folds, f, error);
        if (status == SPIRAL_OK && interrupt_signal() != 0)
            return SPIRAL_OK;
        if (status == SPIRAL_OK)
            status = write_row(output, print, name, folds->fold[f].values, error);
    }
    if (status != SPIRAL_OK)
        return status;
    folds->seconds = clock_seconds() - started;
    compute_statistics(folds);
    status = write_row(output, print, "mean", folds->mean, error);
    return status == SPIRAL_OK ? write_row(output, print, "deviation", folds->deviation, error) : status;
}

/* ---- summary.json ------------------------------------------------------------------------------------------------ */

static bool add_columns(cJSON *object, const double values[COLUMNS])
{
    bool added = object != NULL;
    for (size_t i = 0; added && i < COLUMNS; i++)
        added = json_add_real(object, column_names[i], values[i]);
    return added;
}

static bool add_fold(cJSON *array, const Fold *fold)
{
    cJSON *object = cJSON_CreateObject();
    return object != NULL && cJSON_AddItemToArray(array, object) &&
           json_add_text(object, "stopped", spiral_stop_reason_name(fold->result.reason)) &&
           json_add_size(object, "iterations", fold->result.iterations) && add_columns(object, fold->values) &&
           json_add_size(object, "rows", fold->rows) && json_add_size(object, "validation_rows", fold->validation_rows);
}

static char *make_summary(const Folds *folds)
{
    cJSON *root = cJSON_CreateObject(), *array = root != NULL ? cJSON_AddArrayToObject(root, "folds") : NULL;
    bool added = array != NULL;
    for (size_t f = 0; added && f < folds->settings->folds; f++)
        added = add_fold(array, &folds->fold[f]);
    added = added && add_columns(cJSON_AddObjectToObject(root, "mean"), folds->mean) &&
            add_columns(cJSON_AddObjectToObject(root, "deviation"), folds->deviation) &&
            json_add_real(root, "seconds", folds->seconds) &&
            train_add_description(root, folds->table, folds->settings, 0, folds->all, folds->network);
    char *text = added ? json_text(root) : NULL;
    cJSON_Delete(root);
    return text;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

/* A class with fewer rows than there are folds is missing from the validation data of some, and a single row from the
 * training data of one. */
static SpiralStatus warn_of_small_classes(const Folds *folds, SpiralError *error)
{
    const SpiralDataset *all = folds->all;
    size_t small = 0, smallest = 0, *rows = cli_allocate(all->classes, sizeof *rows);
    if (rows == NULL)
        return cli_no_memory(error);
    for (size_t i = 0; i < all->rows; i++)
        rows[all->y[i]]++;
    for (size_t k = 0; k < all->classes; k++) {
        small += rows[k] < folds->settings->folds;
        smallest = rows[k] < rows[smallest] ? k : smallest;
    }
    char others[64] = "";
    if (small > 1)
        snprintf(others, sizeof others, " (and %zu other class%s fewer)", small - 1, small > 2 ? "es have" : " has");
    if (small > 0 && !folds->settings->quiet)
        cli_warn(NULL,
                 "class %.*s has %zu row%s, fewer than the %zu folds%s: it is missing from the validation data of %zu "
                 "of them%s",
                 SPIRAL_TEXT_CUT(all->class_names[smallest], 100), rows[smallest], rows[smallest] == 1 ? "" : "s",
                 folds->settings->folds, others, folds->settings->folds - rows[smallest],
                 rows[smallest] == 1 ? ", and from the training data of the other" : "");
    free(rows);
    return SPIRAL_OK;
}

/* Trains once for each fold; folds.csv is moved into place when all are done. */
static SpiralStatus write_folds(Folds *folds, const char *path, SpiralError *error)
{
    SpiralOutput *output = NULL;
    SpiralFolderLock *lock = NULL;
    bool used;
    interrupt_watch();
    SpiralStatus status = train_take_folder(folds->settings, &lock, &used, error);
    if (status == SPIRAL_OK)
        status = spiral_output_create(path, &output, error);
    if (status == SPIRAL_OK)
        status = train_clear_folder(folds->settings, used, 0, error);
    if (status == SPIRAL_OK)
        status = run_folds(folds, output, error);
    if (status == SPIRAL_OK && interrupt_signal() == 0) {
        status = spiral_output_commit(output, error);
        output = NULL;
        if (status == SPIRAL_OK)
            status = train_save_summary(folds->settings, make_summary(folds), error);
        if (status == SPIRAL_OK)
            status = accuracy_require(folds->table, folds->settings->require_accuracy,
                                      "mean validation accuracy over the folds", folds->mean[COLUMNS - 1], error);
    }
    spiral_output_discard(output);
    spiral_folder_unlock(lock);
    return status;
}

SpiralStatus train_folds(const TrainSettings *settings, const OptionTable *table, SpiralError *error)
{
    Folds folds = {.settings = settings, .table = table};
    char *path = cli_join(settings->out, "folds.csv");
    SpiralStatus status =
        path == NULL ? cli_no_memory(error)
                     : run_load(&settings->run, TABLE_TO_TRAIN_ON, settings->quiet, &folds.rng, &folds.all, error);
    if (status == SPIRAL_OK) /* before anything is written, or allocated for each fold */
        status = spiral_dataset_check_folds(folds.all, settings->folds, error);
    if (status == SPIRAL_OK && (folds.fold = cli_allocate(settings->folds, sizeof *folds.fold)) == NULL)
        status = cli_no_memory(error);
    if (status == SPIRAL_OK)
        status = warn_of_small_classes(&folds, error);
    if (status == SPIRAL_OK)
        status = write_folds(&folds, path, error);
    spiral_network_free(folds.network);
    spiral_dataset_free(folds.all);
    free(folds.fold);
    free(path);
    return status;
}
