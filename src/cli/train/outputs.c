/* outputs.c: the files that a training writes into its folder. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/loss_figure.h"
#include "cli/network_name.h"
#include "cli/options/values.h"
#include "cli/page/run_page.h"
#include "cli/train/internal.h"

/* ---- figures ----------------------------------------------------------------------------------------------------- */

SpiralStatus train_prepare_figures(TrainRun *run, SpiralError *error)
{
    const TrainSettings *settings = run->settings;
    const SpiralDataset *dataset = run->data.dataset;
    SpiralStatus status = figure_settings_find_axes(&settings->figures, dataset->features, dataset->feature_names,
                                                    run->drawn_features, error);
    bool drawn = cli_is_first_rank() && (settings->live || !settings->no_figures);
    if (status != SPIRAL_OK || !drawn || settings->figures.axes != NULL || dataset->features <= 2)
        return status;
    status = spiral_plane_create(dataset, run->network, &run->plane, error);
    return status == SPIRAL_ERROR_INPUT ? SPIRAL_OK : status; /* the figures will say so */
}

static SpiralFigureOptions figure_options(const TrainRun *run, const char *heading)
{
    const TrainSettings *settings = run->settings;
    SpiralFigureOptions figure =
        figure_settings_options(&settings->figures, settings->run.data.path == NULL, run->drawn_features);
    figure.heading = heading;
    figure.plane = run->plane;
    figure.validation = run->data.validation;
    figure.threads = settings->run.training.threads;
    return figure;
}

static SpiralStatus save_boundary(const TrainRun *run, const char *path, SpiralError *error)
{
    char model[128], title[256], accuracy[SPIRAL_NUMBER_TEXT];
    spiral_network_title(run->network, model, sizeof model);
    snprintf(title, sizeof title, "%s, training accuracy %s", model,
             spiral_accuracy_print(run->result.accuracy, 2, accuracy));
    if (run->data.validation != NULL)
        cli_append(title, sizeof title, ", validation %s",
                   spiral_accuracy_print(run->result.validation_accuracy, 2, accuracy));
    SpiralFigureOptions figure = figure_options(run, title);
    return spiral_figure_boundary(run->network, run->data.dataset, &figure, path, error);
}

/* The frame of that many updates. */
static SpiralStatus save_frame(TrainRun *run, size_t updates, const char *title, SpiralError *error)
{
    char name[64];
    snprintf(name, sizeof name, "frames/frame-%08zu.png", updates);
    SpiralFigureOptions figure = figure_options(run, title);
    figure.title = NULL; /* the iteration is what tells the frames apart */
    char *path = cli_join(run->settings->out, name);
    SpiralStatus status = path == NULL ? cli_no_memory(error)
                                       : spiral_figure_boundary(run->network, run->data.dataset, &figure, path, error);
    run->frames_left_out = status == SPIRAL_ERROR_INPUT; /* reported only once */
    if (run->frames_left_out)
        progress_clear(&run->progress);
    status = cli_figure_done(status, path, error);
    free(path);
    return status;
}

SpiralStatus train_save_frame(TrainRun *run, const SpiralTrainRecord *record, SpiralError *error)
{
    if (run->frames_left_out)
        return SPIRAL_OK;
    char title[128], accuracy[SPIRAL_NUMBER_TEXT];
    size_t batch = run->options.batch_size;
    snprintf(title, sizeof title, "iteration %zu, loss %.4f, accuracy %s%s", record->iteration, record->loss,
             spiral_accuracy_print(record->accuracy, 2, accuracy),
             batch > 0 && batch < run->data.dataset->rows ? " (of the batch)" : "");
    spiral_trainer_show(run->trainer);
    return save_frame(run, record->iteration, title, error);
}

/* The trained network, behind the last update. With patience these are the best weights, of an earlier iteration. */
static SpiralStatus save_last_frame(TrainRun *run, SpiralError *error)
{
    if (run->settings->frames_every == 0 || run->frames_left_out)
        return SPIRAL_OK;
    char title[128], accuracy[SPIRAL_NUMBER_TEXT];
    const SpiralTrainResult *result = &run->result;
    size_t last = spiral_trainer_iteration(run->trainer);
    snprintf(title, sizeof title, "%siteration %zu, loss %.4f, accuracy %s", result->iterations < last ? "best: " : "",
             result->iterations, result->loss.loss, spiral_accuracy_print(result->accuracy, 2, accuracy));
    return save_frame(run, last, title, error);
}

static SpiralStatus save_figures(const TrainRun *run, SpiralError *error)
{
    const char *out = run->settings->out;
    FigureFormat format = run->settings->figure_format;
    char *boundary = cli_join_figure(out, "boundary", format), *loss = cli_join_figure(out, "loss", format);
    char *log = cli_join(out, train_log_name(run->settings));
    SpiralStatus status = SPIRAL_OK;
    if (boundary == NULL || loss == NULL || log == NULL)
        status = cli_no_memory(error);
    if (status == SPIRAL_OK)
        status = cli_figure_done(save_boundary(run, boundary, error), boundary, error);
    if (status == SPIRAL_OK) {
        char title[128];
        spiral_network_title(run->network, title, sizeof title);
        const char *const logs[] = {log};
        SpiralFigureOptions figure = figure_options(run, title);
        if (figure.title == NULL)
            figure.title = title;
        const LossCurves curves = {.count = 1, .paths = logs};
        status = cli_figure_done(loss_figure_draw(&curves, &figure, loss, error), loss, error);
    }
    free(boundary);
    free(loss);
    free(log);
    return status;
}

/* ---- summary.json: the training's settings and results ----------------------------------------------------------- */

static bool add_value(cJSON *object, const char *key, const Option *option, const void *settings)
{
    const void *value = (const char *)settings + option->offset;
    if (option->kind == OPTION_SIZES)
        return json_add_sizes(object, key, ((const OptionSizes *)value)->values, ((const OptionSizes *)value)->count);
    char *text = option_value(option, settings);
    bool number = option->kind == OPTION_REAL || option->kind == OPTION_FLAG || option->kind == OPTION_SIZE ||
                  option->kind == OPTION_SEED;
    bool added = text != NULL && (number ? json_add_raw(object, key, text) : json_add_text(object, key, text));
    free(text);
    return added;
}

/* Is the training the same, and not refused, with the option's value on its command line? The settings are those of a
 * training that was taken. Errors: LIMIT. */
static SpiralStatus try_value(const OptionTable *table, const TrainSettings *trained, const Option *option,
                              const char *value, bool *taken)
{
    TrainSettings settings = *trained;
    OptionGroup groups[TRAIN_GROUPS];
    SpiralError refused;
    train_groups(&settings, groups);
    for (size_t g = 0; g < TRAIN_GROUPS; g++)
        groups[g].given = table->groups[g].given;
    OptionTable again = {.command = table->command, .groups = groups, .group_count = TRAIN_GROUPS};
    SpiralStatus status = options_set(&again, option->name, value, &refused);
    if (status == SPIRAL_OK)
        status = train_settings_check(&settings, &again, &refused);
    *taken = status == SPIRAL_OK;
    return status == SPIRAL_ERROR_LIMIT ? status : SPIRAL_OK;
}

/* Sets *applied; false when out of memory. */
static bool applies(const OptionTable *table, const TrainSettings *trained, size_t group, size_t index, bool *applied)
{
    const Option *option = &table->groups[group].options[index];
    *applied = options_given(table, option->name);
    /* The first model decides the activation, unless one is given. */
    bool decided = trained->init_from != NULL && strcmp(option->name, "activation") == 0;
    if (strcmp(option->name, "resume") == 0) /* the results are those of the whole training */
        *applied = false;
    else if (!*applied && !option->no_default && !decided) {
        char *value = option_value(option, table->groups[group].settings);
        bool tried = value != NULL && try_value(table, trained, option, value, applied) == SPIRAL_OK;
        free(value);
        return tried;
    }
    return true;
}

static bool add_settings(cJSON *root, const OptionTable *table, const TrainSettings *settings)
{
    cJSON *object = cJSON_AddObjectToObject(root, "settings");
    bool added = object != NULL;
    for (size_t g = 0; g < table->group_count; g++)
        for (size_t i = 0; added && i < table->groups[g].count; i++) {
            const OptionGroup *group = &table->groups[g];
            char key[64];
            option_key(&group->options[i], key, sizeof key);
            bool applied = false;
            added = applies(table, settings, g, i, &applied) &&
                    (!applied || add_value(object, key, &group->options[i], group->settings));
        }
    return added;
}

/* The line that trains the same model. A training that was cut short is repeated with the iterations it made, but not
 * with a cosine schedule, whose rates depend on the number asked for. Freed by free(); NULL when out of memory. */
static char *make_command(const OptionTable *table, const TrainSettings *settings, size_t cut)
{
    bool shorter = cut > 0 && settings->run.training.schedule.kind != SPIRAL_SCHEDULE_COSINE;
    char *text = cli_copy_string("spiral train");
    for (size_t g = 0; g < table->group_count; g++)
        for (size_t i = 0; text != NULL && i < table->groups[g].count; i++) {
            const OptionGroup *group = &table->groups[g];
            const Option *option = &group->options[i];
            bool length = strcmp(option->name, "iterations") == 0 || strcmp(option->name, "epochs") == 0;
            if (options_given(table, option->name) && !option->aside && !(shorter && length))
                text = option_append_current(text, option, group->settings);
        }
    return shorter ? cli_grow(text, " --iterations %zu", cut) : text;
}

static bool add_command(cJSON *root, const OptionTable *table, const TrainSettings *settings, size_t cut)
{
    char *command = make_command(table, settings, cut);
    bool added = command != NULL && json_add_text(root, "command", command);
    free(command);
    return added;
}

static bool add_result(cJSON *root, const TrainRun *run)
{
    const SpiralTrainResult *result = &run->result;
    bool added =
        json_add_text(root, "stopped", spiral_stop_reason_name(result->reason)) &&
        json_add_size(root, "iterations", result->iterations) && json_add_real(root, "loss", result->loss.loss) &&
        json_add_real(root, "data_loss", result->loss.data_loss) &&
        json_add_real(root, "reg_loss", result->loss.reg_loss) && json_add_real(root, "accuracy", result->accuracy);
    if (added && run->data.validation != NULL)
        added = json_add_real(root, "validation_loss", result->validation_loss) &&
                json_add_real(root, "validation_accuracy", result->validation_accuracy) &&
                json_add_size(root, "validation_rows", run->data.validation->rows);
    return added && training_warnings_add(root, &run->warnings) && json_add_real(root, "seconds", run->seconds);
}

bool train_add_description(cJSON *root, const OptionTable *table, const TrainSettings *settings, size_t cut,
                           const SpiralDataset *dataset, const SpiralNetwork *network)
{
    return add_command(root, table, settings, cut) && add_settings(root, table, settings) &&
           run_add_description(root, &settings->run.data, dataset, network);
}

/* The JSON text with its final newline, freed by free(). Keys are in a fixed order, and numbers are the shortest
 * that read back as the same double. NULL when out of memory. */
static char *make_summary(const TrainRun *run)
{
    cJSON *root = cJSON_CreateObject();
    SpiralStopReason reason = run->result.reason;
    bool cut = reason == SPIRAL_STOP_TIME || reason == SPIRAL_STOP_INTERRUPTED;
    bool added = root != NULL && add_result(root, run) &&
                 train_add_description(root, run->table, run->settings, cut ? run->result.iterations : 0,
                                       run->data.dataset, run->network);
    char *text = added ? json_text(root) : NULL;
    cJSON_Delete(root);
    return text;
}

/* ---- saving everything ------------------------------------------------------------------------------------------- */

static SpiralStatus save_model(const TrainRun *run, SpiralError *error)
{
    char *path = cli_join(run->settings->out, "model.npz");
    SpiralStatus status = path == NULL ? cli_no_memory(error) : spiral_network_save(run->network, path, error);
    free(path);
    return status;
}

SpiralStatus train_save_summary(const TrainSettings *settings, char *text, SpiralError *error)
{
    char *path = cli_join(settings->out, "summary.json");
    SpiralStatus status =
        text == NULL || path == NULL ? cli_no_memory(error) : spiral_output_save(path, text, strlen(text), error);
    if (status == SPIRAL_OK && settings->summary == SUMMARY_JSON)
        fputs(text, stdout);
    free(path);
    free(text);
    return status;
}

static SpiralStatus save_report(const TrainRun *run, SpiralError *error)
{
    const TrainSettings *settings = run->settings;
    const RunPage page = {settings->out, settings, run->network, run->data.dataset, run->moments};
    char *path = cli_join(settings->out, "report.html");
    SpiralOutput *output;
    moments_end(run->moments, run->result.iterations, run->network);
    SpiralStatus status = path == NULL ? cli_no_memory(error) : spiral_output_create(path, &output, error);
    free(path);
    return status == SPIRAL_OK ? run_page_save(&page, output, error) : status;
}

SpiralStatus train_save(TrainRun *run, SpiralError *error)
{
    SpiralStopReason reason = run->result.reason;
    bool whole = reason != SPIRAL_STOP_INTERRUPTED && reason != SPIRAL_STOP_DIVERGED;
    bool unsaved = reason == SPIRAL_STOP_INTERRUPTED ||
                   (reason == SPIRAL_STOP_TIME && run->options.checkpoint_every == 0); /* all others by the hook */
    SpiralStatus status = spiral_output_commit(run->log, error);
    run->log = NULL;
    if (status == SPIRAL_OK && unsaved)
        status = train_save_checkpoint(run, error);
    if (status == SPIRAL_OK)
        status = save_model(run, error);
    if (status == SPIRAL_OK)
        status = train_save_summary(run->settings, make_summary(run), error);
    if (status == SPIRAL_OK && whole && !run->settings->no_figures)
        status = save_figures(run, error);
    if (status == SPIRAL_OK && whole)
        status = save_last_frame(run, error);
    if (status == SPIRAL_OK && whole && run->moments != NULL)
        status = save_report(run, error);
    return status;
}
