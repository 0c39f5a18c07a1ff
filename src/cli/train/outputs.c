/* outputs.c: what a training leaves in its folder. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/explain/explanation.h"
#include "cli/loss_figure.h"
#include "cli/train/internal.h"
#include "cli/train/summary.h"

void train_describe_model(const SpiralNetwork *network, char *text, size_t size)
{
    if (network->layers == 1) {
        snprintf(text, size, "Linear classifier");
        return;
    }
    snprintf(text, size, "%s-layer network (", network->layers == 2 ? "Two" : network->layers == 3 ? "Three" : "Many");
    for (size_t i = 1; i < network->layers; i++)
        cli_append(text, size, "%zu%s", network->sizes[i], i + 1 < network->layers ? ", " : " ");
    cli_append(text, size, "%s)", activation_title(network->activation));
}

static SpiralFigureOptions figure_options(const TrainRun *run, const char *title)
{
    SpiralFigureOptions figure = spiral_figure_defaults();
    figure.title = title;
    figure.threads = run->settings->run.training.threads;
    return figure;
}

static SpiralStatus save_boundary(const TrainRun *run, const char *path, SpiralError *error)
{
    char model[128], title[256];
    train_describe_model(run->network, model, sizeof model);
    snprintf(title, sizeof title, "%s, training accuracy %.2f", model, run->result.accuracy);
    if (run->data.validation != NULL)
        cli_append(title, sizeof title, ", validation %.2f", run->result.validation_accuracy);
    SpiralFigureOptions figure = figure_options(run, title);
    return spiral_figure_boundary(run->network, run->data.dataset, &figure, path, error);
}

SpiralStatus train_save_frame(TrainRun *run, const SpiralTrainRecord *record, SpiralError *error)
{
    if (run->frames_left_out)
        return SPIRAL_OK;
    char title[64], name[64];
    snprintf(title, sizeof title, "iteration %zu, loss %.4f", record->iteration, record->loss);
    snprintf(name, sizeof name, "frames/frame-%08zu.png", record->iteration);
    SpiralFigureOptions figure = figure_options(run, title);
    spiral_trainer_show(run->trainer);
    char *path = cli_join(run->settings->out, name);
    SpiralStatus status = path == NULL ? cli_no_memory(error)
                                       : spiral_figure_boundary(run->network, run->data.dataset, &figure, path, error);
    run->frames_left_out = status == SPIRAL_ERROR_INPUT; /* said once */
    if (run->frames_left_out)
        progress_clear(&run->progress);
    status = cli_figure_done(status, path, error);
    free(path);
    return status;
}

static SpiralStatus save_figures(const TrainRun *run, SpiralError *error)
{
    const char *out = run->settings->out;
    char *boundary = cli_join(out, "boundary.png"), *loss = cli_join(out, "loss.png");
    char *log = cli_join(out, train_log_name(run->settings));
    SpiralStatus status = SPIRAL_OK;
    if (boundary == NULL || loss == NULL || log == NULL)
        status = cli_no_memory(error);
    if (status == SPIRAL_OK)
        status = cli_figure_done(save_boundary(run, boundary, error), boundary, error);
    if (status == SPIRAL_OK) {
        char title[128];
        train_describe_model(run->network, title, sizeof title);
        const char *const logs[] = {log};
        SpiralFigureOptions figure = figure_options(run, title);
        status = cli_figure_done(loss_figure_draw(1, logs, NULL, &figure, loss, error), loss, error);
    }
    free(boundary);
    free(loss);
    free(log);
    return status;
}

static SpiralStatus save_model(const TrainRun *run, SpiralError *error)
{
    char *path = cli_join(run->settings->out, "model.npz");
    SpiralStatus status = path == NULL ? cli_no_memory(error) : spiral_network_save(run->network, path, error);
    free(path);
    return status;
}

static SpiralStatus save_summary(const TrainRun *run, SpiralError *error)
{
    const RunSummary summary = {.table = run->table,
                                .data_path = run->settings->run.data.path,
                                .dataset = run->data.dataset,
                                .validation = run->data.validation,
                                .network = run->network,
                                .result = &run->result,
                                .out_of_time = run->out_of_time,
                                .seconds = run->seconds};
    char *text = summary_make(&summary);
    char *path = cli_join(run->settings->out, "summary.json");
    SpiralStatus status =
        text == NULL || path == NULL ? cli_no_memory(error) : spiral_output_save(path, text, strlen(text), error);
    if (status == SPIRAL_OK && run->settings->summary == SUMMARY_JSON)
        fputs(text, stdout);
    free(path);
    free(text);
    return status;
}

SpiralStatus train_save(TrainRun *run, SpiralError *error)
{
    SpiralStopReason reason = run->result.reason;
    bool whole = run->out_of_time || (reason != SPIRAL_STOP_INTERRUPTED && reason != SPIRAL_STOP_DIVERGED);
    bool at_end = reason == SPIRAL_STOP_ITERATIONS && run->options.checkpoint_every > 0;
    SpiralStatus status = spiral_output_commit(run->log, error);
    run->log = NULL;
    if (status == SPIRAL_OK && (at_end || reason == SPIRAL_STOP_INTERRUPTED))
        status = train_save_checkpoint(run, error);
    if (status == SPIRAL_OK)
        status = save_model(run, error);
    if (status == SPIRAL_OK)
        status = save_summary(run, error);
    if (status == SPIRAL_OK && whole && !run->settings->no_figures)
        status = save_figures(run, error);
    return status;
}
