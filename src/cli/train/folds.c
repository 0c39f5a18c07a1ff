/* folds.c: stratified cross-validation. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scale.h"
#include "cli/cli.h"
#include "cli/process/interrupt.h"
#include "cli/train/internal.h"

enum { COLUMNS = 4 };
static const char *const column_names[COLUMNS] = {"loss", "accuracy", "validation_loss", "validation_accuracy"};

/* Every fold starts from the same weights. */
static SpiralStatus train_fold(TrainRun *run, const SpiralDataset *all, size_t index, const SpiralRng *rng,
                               double values[COLUMNS], SpiralError *error)
{
    const TrainSettings *settings = run->settings;
    run->data.rng = *rng;
    SpiralStatus status = spiral_dataset_fold(all, settings->folds, index, settings->run.data.seed, &run->data.dataset,
                                              &run->data.validation, error);
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
    if (status == SPIRAL_OK)
        status = spiral_trainer_run(run->trainer, &hooks, &run->result, error);
    values[0] = run->result.loss.loss;
    values[1] = run->result.accuracy;
    values[2] = run->result.validation_loss;
    values[3] = run->result.validation_accuracy;
    return status;
}

static SpiralStatus write_row(SpiralOutput *output, bool print, const char *name, const double values[COLUMNS],
                              SpiralError *error)
{
    if (print) {
        printf("%-9s", name);
        for (size_t i = 0; i < COLUMNS; i++)
            printf("  %*.6f", (int)strlen(column_names[i]) > 9 ? (int)strlen(column_names[i]) : 9, values[i]);
        printf("\n");
        fflush(stdout);
    }
    return spiral_output_print(output, error, "%s,%.17g,%.17g,%.17g,%.17g\n", name, values[0], values[1], values[2],
                               values[3]);
}

static SpiralStatus write_header(SpiralOutput *output, bool print, SpiralError *error)
{
    if (print) {
        printf("%-9s", "fold");
        for (size_t i = 0; i < COLUMNS; i++)
            printf("  %9s", column_names[i]);
        printf("\n");
        fflush(stdout); /* so that readers of a pipe see it while the first fold is trained */
    }
    return spiral_output_print(output, error, "fold,loss,accuracy,validation_loss,validation_accuracy\n");
}

/* Mean and sample standard deviation (divisor K - 1). */
static SpiralStatus write_statistics(SpiralOutput *output, bool print, size_t folds, const double (*values)[COLUMNS],
                                     SpiralError *error)
{
    double mean[COLUMNS] = {0}, deviation[COLUMNS] = {0};
    for (size_t i = 0; i < COLUMNS; i++) {
        double largest = 0.0;
        for (size_t f = 0; f < folds; f++)
            largest = fmax(largest, fabs(values[f][i]));
        double scale = spiral_scale_for(largest); /* a power of two that keeps squares from overflowing */
        for (size_t f = 0; f < folds; f++)
            mean[i] += scale * values[f][i] / (double)folds;
        for (size_t f = 0; f < folds; f++) {
            double distance = scale * values[f][i] - mean[i];
            deviation[i] += distance * distance / (double)(folds - 1);
        }
        mean[i] /= scale;
        deviation[i] = sqrt(deviation[i]) / scale;
    }
    SpiralStatus status = write_row(output, print, "mean", mean, error);
    return status == SPIRAL_OK ? write_row(output, print, "deviation", deviation, error) : status;
}

static SpiralStatus run_folds(const TrainSettings *settings, const OptionTable *table, const SpiralDataset *all,
                              const SpiralRng *rng, SpiralOutput *output, double (*values)[COLUMNS], SpiralError *error)
{
    bool print = !settings->quiet && settings->summary == SUMMARY_TEXT;
    SpiralStatus status = write_header(output, print, error);
    for (size_t f = 0; status == SPIRAL_OK && f < settings->folds; f++) {
        TrainRun *run = train_create(settings, table);
        char name[32];
        snprintf(name, sizeof name, "%zu", f + 1);
        status = run == NULL ? cli_no_memory(error) : train_fold(run, all, f, rng, values[f], error);
        train_free(run);
        if (status == SPIRAL_OK && interrupt_signal() != 0)
            return SPIRAL_OK;
        if (status == SPIRAL_OK)
            status = write_row(output, print, name, values[f], error);
    }
    return status == SPIRAL_OK
               ? write_statistics(output, print, settings->folds, (const double(*)[COLUMNS])values, error)
               : status;
}

/* Trains once for each fold; folds.csv is moved into place when all are done. */
static SpiralStatus write_folds(const TrainSettings *settings, const OptionTable *table, const SpiralDataset *all,
                                const SpiralRng *rng, const char *path, SpiralError *error)
{
    SpiralOutput *output = NULL;
    SpiralFolderLock *lock = NULL;
    double(*values)[COLUMNS] = cli_allocate(settings->folds, sizeof *values);
    SpiralStatus status = values == NULL ? cli_no_memory(error) : spiral_output_folder(settings->out, error);
    if (status == SPIRAL_OK)
        status = spiral_folder_lock(settings->out, &lock, error);
    if (status == SPIRAL_OK)
        status = spiral_output_create(path, &output, error);
    if (status == SPIRAL_OK) {
        interrupt_watch();
        status = run_folds(settings, table, all, rng, output, values, error);
    }
    if (status == SPIRAL_OK && interrupt_signal() == 0) {
        status = spiral_output_commit(output, error);
        output = NULL;
    }
    spiral_output_discard(output);
    spiral_folder_unlock(lock);
    free(values);
    return status;
}

SpiralStatus train_folds(const TrainSettings *settings, const OptionTable *table, SpiralError *error)
{
    SpiralDataset *all = NULL;
    SpiralRng rng;
    char *path = cli_join(settings->out, "folds.csv");
    SpiralStatus status = path == NULL ? cli_no_memory(error) : run_load(&settings->run, &rng, &all, error);
    if (status == SPIRAL_OK) /* before anything is written, or allocated for each fold */
        status = spiral_dataset_check_folds(all, settings->folds, error);
    if (status == SPIRAL_OK)
        status = write_folds(settings, table, all, &rng, path, error);
    spiral_dataset_free(all);
    free(path);
    return status;
}
