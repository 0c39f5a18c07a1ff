/* training.c: one training: its preparation, and the hooks that run during it. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"
#include "cli/cli.h"
#include "cli/process/interrupt.h"
#include "cli/train/internal.h"

static const double SECONDS_BETWEEN_FLUSHES = 1; /* of the log, so that it can be followed */
static const double SECONDS_BETWEEN_VIEWS = 0.1; /* of --live */

/* ---- preparation ------------------------------------------------------------------------------------------------- */

/* Writes the header when record is NULL. */
static SpiralStatus write_log_line(TrainRun *run, const SpiralTrainRecord *record, double seconds, SpiralError *error)
{
    char text[SPIRAL_LOG_LINE_LIMIT];
    size_t length;
    SpiralStatus status = spiral_loss_log_line(&run->layout, record, seconds, text, &length, error);
    if (status == SPIRAL_OK)
        status = spiral_output_write(run->log, text, length, error);
    if (status == SPIRAL_OK)
        log_mark_add(&run->mark, text, run->layout.format, record == NULL);
    return status;
}

static SpiralStatus open_log(TrainRun *run, SpiralError *error)
{
    char *path = cli_join(run->settings->out, train_log_name(run->settings));
    SpiralStatus status =
        path == NULL ? cli_no_memory(error) : spiral_output_create_log(path, run->mark.bytes, &run->log, error);
    free(path);
    if (status == SPIRAL_OK && run->mark.bytes == 0)
        status = write_log_line(run, NULL, 0.0, error);
    return status == SPIRAL_OK ? spiral_output_flush(run->log, error) : status;
}

static SpiralStatus make_frames_folder(const TrainSettings *settings, SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    if (settings->frames_every == 0)
        return status;
    char *frames = cli_join(settings->out, "frames");
    status = frames == NULL ? cli_no_memory(error) : spiral_output_subfolder(frames, error);
    free(frames);
    return status;
}

static SpiralStatus prepare_this_rank(TrainRun *run, SpiralError *error)
{
    SpiralStatus status = train_data_load(run->settings, TABLE_TO_TRAIN_ON, &run->data, error);
    if (status == SPIRAL_OK)
        status = train_make_network(run->settings, &run->data, run->settings->quiet, &run->network, error);
    if (status == SPIRAL_OK && run->settings->init_from != NULL)
        status = spiral_file_checksum(run->settings->init_from, &run->first_model_crc, error);
    if (status == SPIRAL_OK)
        status = run_check_weights(&run->settings->run, run->network, error);
    if (status == SPIRAL_OK)
        status = train_prepare_figures(run, error);
    return status == SPIRAL_OK ? train_options(run->settings, run->data.dataset, &run->options, error) : status;
}

SpiralStatus train_prepare(TrainRun *run, SpiralError *error)
{
    SpiralStatus status = spiral_ranks_agree(prepare_this_rank(run, error), error);
    if (status != SPIRAL_OK)
        return status;
    run->layout = (SpiralLossLogLayout){.format = run->settings->log_format,
                                        .validation = run->data.validation != NULL,
                                        .network = run->network,
                                        .epoch = spiral_train_epoch(&run->options, run->data.dataset->rows)};
    status = spiral_trainer_create(run->network, run->data.dataset, run->data.validation, &run->options, &run->trainer,
                                   error);
    log_mark_start(&run->mark);
    if (status == SPIRAL_OK && run->settings->report)
        status = moments_create(run->network, run->settings->log_every, &run->moments, error);
    if (status == SPIRAL_OK && cli_is_first_rank())
        status = training_warnings_start(&run->warnings, run->settings, run->network, &run->data, error);
    if (status == SPIRAL_OK && cli_is_first_rank() && run->settings->log_layers)
        run->layout.statistics = spiral_layer_meter_layers(run->warnings.meter);
    interrupt_watch();
    if (status == SPIRAL_OK && cli_is_first_rank())
        status = train_take_folder(run->settings, &run->lock, &run->used_folder, error);
    if (status == SPIRAL_OK && run->settings->resume != NULL)
        status = train_resume(run, error);
    if (status == SPIRAL_OK && cli_is_first_rank())
        status = make_frames_folder(run->settings, error);
    if (status == SPIRAL_OK && cli_is_first_rank())
        status = open_log(run, error);
    if (status == SPIRAL_OK && cli_is_first_rank())
        status = train_clear_folder(run->settings, run->used_folder, spiral_trainer_iteration(run->trainer), error);
    return spiral_ranks_agree(status, error);
}

TrainRun *train_create(const TrainSettings *settings, const OptionTable *table)
{
    TrainRun *run = cli_allocate(1, sizeof *run);
    if (run != NULL) {
        run->settings = settings;
        run->table = table;
    }
    return run;
}

void train_free(TrainRun *run)
{
    if (run == NULL)
        return;
    spiral_output_discard(run->log);
    spiral_folder_unlock(run->lock);
    moments_free(run->moments);
    training_warnings_free(&run->warnings);
    spiral_trainer_free(run->trainer);
    spiral_network_free(run->network);
    spiral_plane_free(run->plane);
    train_data_free(&run->data);
    free(run);
}

/* ---- during training --------------------------------------------------------------------------------------------- */

static SpiralStatus log_record(TrainRun *run, const SpiralTrainRecord *record, SpiralError *error)
{
    if (run->settings->log_layers) {
        spiral_trainer_show(run->trainer);
        spiral_layer_meter_measure(run->warnings.meter);
    }
    double now = clock_seconds();
    SpiralStatus status = write_log_line(run, record, now - run->started, error);
    if (status != SPIRAL_OK || now < run->flushed + SECONDS_BETWEEN_FLUSHES)
        return status;
    run->flushed = now;
    return spiral_output_flush(run->log, error);
}

/* Clears what is drawn on the terminal, to make room for a line of text. */
static void clear_terminal(TrainRun *run)
{
    progress_clear(&run->progress);
    terminal_view_clear(&run->view);
}

/* As much of it as has room on one line: the whole, or without its beginning, which matters least. */
static const char *fitting_title(const char *parts[3], size_t columns, char *title, size_t size)
{
    for (size_t first = 0; first < 3; first++) {
        title[0] = '\0';
        for (size_t i = first; i < 3; i++)
            cli_append(title, size, "%s%s", i > first ? ", " : "", parts[i]);
        if (strlen(title) <= columns)
            break;
    }
    return title;
}

/* progress: how far the training is. */
static SpiralStatus draw_view(TrainRun *run, const char *progress, double loss, double accuracy, SpiralError *error)
{
    char *text, title[160], loss_text[40], number[SPIRAL_NUMBER_TEXT], accuracy_text[SPIRAL_NUMBER_TEXT + 16];
    snprintf(loss_text, sizeof loss_text, "loss %.4f", loss);
    snprintf(accuracy_text, sizeof accuracy_text, "accuracy %s", spiral_accuracy_print(accuracy, 2, number));
    SpiralTerminalOptions options = spiral_terminal_defaults();
    terminal_fit(STDERR_FILENO, &options);
    figure_settings_for_terminal(&run->settings->figures, run->settings->run.data.path == NULL, run->drawn_features,
                                 &options);
    options.title = NULL;
    options.heading =
        fitting_title((const char *[3]){progress, loss_text, accuracy_text}, options.columns, title, sizeof title);
    options.plane = run->plane;
    options.threads = run->options.threads;
    if (run->view_left_out || !terminal_has_room(STDERR_FILENO, &options))
        return SPIRAL_OK;
    SpiralStatus status = spiral_figure_terminal(run->network, run->data.dataset, &options, &text, error);
    run->view_left_out = status == SPIRAL_ERROR_INPUT; /* reported only once */
    if (status != SPIRAL_OK)
        return cli_figure_done(status, "the picture of --live", error);
    terminal_view_draw(&run->view, text);
    free(text);
    return SPIRAL_OK;
}

/* Draws the current decision boundary. */
static SpiralStatus draw_now(TrainRun *run, const SpiralTrainRecord *record, double now, SpiralError *error)
{
    run->next_view = now + SECONDS_BETWEEN_VIEWS;
    char progress[64];
    snprintf(progress, sizeof progress, "iteration %zu of %zu", record->iteration, run->options.iterations);
    spiral_trainer_show(run->trainer);
    return draw_view(run, progress, record->loss, record->accuracy, error);
}

/* Draws at most ten times a second, or immediately when a line of text has replaced the picture. */
static SpiralStatus draw_live(TrainRun *run, const SpiralTrainRecord *record, SpiralError *error)
{
    double now = clock_seconds();
    bool due = now >= run->next_view || run->view.lines == 0;
    return due ? draw_now(run, record, now, error) : SPIRAL_OK;
}

/* The last picture, which stays on the terminal, shows the trained network. */
static SpiralStatus end_live(TrainRun *run, SpiralStatus status, SpiralError *error)
{
    if (run->view.stream == NULL)
        return status;
    char progress[64];
    snprintf(progress, sizeof progress, "after %zu iterations", run->result.iterations);
    if (status == SPIRAL_OK)
        status = draw_view(run, progress, run->result.loss.loss, run->result.accuracy, error);
    run->view = (TerminalView){0};
    return status;
}

static void print_warning(TrainRun *run, const TrainingWarning *warning)
{
    char text[TRAINING_WARNING_TEXT];
    if (warning == NULL || run->settings->quiet)
        return;
    clear_terminal(run);
    training_warning_print(warning, text, sizeof text);
    cli_warn(NULL, "%s", text);
}

static void look_for_warnings(TrainRun *run, const SpiralTrainRecord *record)
{
    if (training_warnings_due(&run->warnings, record))
        spiral_trainer_show(run->trainer);
    print_warning(run, training_warnings_check(&run->warnings, record));
}

static void print_line(TrainRun *run, const SpiralTrainRecord *record)
{
    const TrainSettings *settings = run->settings;
    if (settings->quiet || settings->summary != SUMMARY_TEXT)
        return;
    clear_terminal(run);
    printf("iteration %zu: loss %f\n", record->iteration, record->loss);
    cli_flush_output(); /* for readers of a pipe */
}

static SpiralStatus observe(const SpiralTrainRecord *record, void *context, SpiralError *error)
{
    TrainRun *run = context;
    const TrainSettings *settings = run->settings;
    SpiralStatus status = SPIRAL_OK;
    if (record->iteration % settings->log_every == 0) {
        status = log_record(run, record, error);
        look_for_warnings(run, record);
    }
    if (moments_are_due(run->moments, record->iteration)) {
        spiral_trainer_show(run->trainer);
        moments_add(run->moments, record->iteration, run->network);
    }
    if (status == SPIRAL_OK && settings->frames_every > 0 && record->iteration % settings->frames_every == 0)
        status = train_save_frame(run, record, error);
    if (record->iteration % settings->print_every == 0)
        print_line(run, record);
    if (!settings->live)
        progress_update(&run->progress, record->iteration);
    else if (status == SPIRAL_OK)
        status = draw_live(run, record, error);
    return status;
}

static SpiralStatus write_checkpoint(SpiralTrainer *trainer, void *context, SpiralError *error)
{
    (void)trainer;
    return train_save_checkpoint(context, error);
}

SpiralStatus train_iterate(TrainRun *run, SpiralError *error)
{
    bool writes = cli_is_first_rank();
    run->progress = progress_start(run->options.iterations, run->settings->quiet);
    run->started = run->flushed = clock_seconds();
    const SpiralTrainHooks hooks = {.record = writes ? observe : NULL,
                                    .checkpoint = writes ? write_checkpoint : NULL,
                                    .context = run,
                                    .interrupt = interrupt_flag(),
                                    .time_out = interrupt_time_out_flag()};
    if (run->settings->live && writes)
        run->view.stream = stderr;
    SpiralStatus status = spiral_ranks_agree(interrupt_set_time_limit(run->settings->time_limit, error), error);
    if (status == SPIRAL_OK)
        status = spiral_trainer_run(run->trainer, &hooks, &run->result, error);
    run->seconds = clock_seconds() - run->started;
    progress_clear(&run->progress);
    status = end_live(run, status, error);
    if (status == SPIRAL_OK && writes)
        print_warning(run, training_warnings_end(&run->warnings, &run->result));
    return status;
}

void train_add_flags(const TrainRun *run, SpiralError *error)
{
    SpiralError found = *error;
    bool standardized = run->settings->run.data.standardize;
    const char *flags = "";
    switch (run->result.cause) {
    case SPIRAL_CAUSE_RATE:
    case SPIRAL_CAUSE_VALIDATION:
        break;
    case SPIRAL_CAUSE_REG:
        flags = " (--reg)";
        break;
    case SPIRAL_CAUSE_DATA:
        flags = standardized ? "" : " (--standardize)";
        break;
    case SPIRAL_CAUSE_WEIGHTS:
        flags = run->settings->init_from != NULL ? " (--init-from)" : " (--init-scale)";
        break;
    }
    (void)spiral_error_set(error, found.status, NULL, 0, "%s%s", found.reason, flags);
}
