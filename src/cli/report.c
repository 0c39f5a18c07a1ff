#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/regular.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/json.h"
#include "cli/options/train_settings.h"
#include "cli/options/values.h"
#include "cli/page/run_page.h"
#include "cli/process/interrupt.h"
#include "cli/process/progress.h"
#include "cli/run.h"
#include "cli/training_summary.h"

typedef struct ReportSettings {
    const char *folder, *output;
} ReportSettings;

static const Option report_options[] = {
    {"run", TEXT(ReportSettings, folder), "DIR", "The folder of the training, also without --run.", .files = "/"},
    {"output", TEXT(ReportSettings, output), "FILE", "The page to write, NAME.html; - is standard output.",
     .letter = 'o', .files = "html"},
};

/* ---- the training that the folder is of -------------------------------------------------------------------------- */

/* A training as its summary describes it. */
typedef struct Training {
    const ReportSettings *settings;
    char *summary_path;
    cJSON *summary;
    TrainSettings trained;
    OptionGroup groups[TRAIN_GROUPS];
    OptionTable table;
    char *values[TRAIN_GROUPS][64]; /* the texts of the options, which may point into them */
    SpiralTrainOptions options;
    TrainData data;
    SpiralNetwork *network;
    SpiralTrainer *trainer;
    Moments *moments;
    Progress progress;
    SpiralOutput *output; /* made before training again: a folder that isn't there is found at once */
} Training;

static void free_training(Training *training)
{
    spiral_output_discard(training->output);
    moments_free(training->moments);
    spiral_trainer_free(training->trainer);
    spiral_network_free(training->network);
    train_data_free(&training->data);
    for (size_t g = 0; g < TRAIN_GROUPS; g++)
        for (size_t i = 0; i < COUNT(training->values[g]); i++)
            free(training->values[g][i]);
    cJSON_Delete(training->summary);
    free(training->summary_path);
    free(training);
}

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static SpiralStatus refuse_summary(const Training *training, const char *reason, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, training->summary_path, 0, "%s", reason);
}

static SpiralStatus read_summary(Training *training, SpiralError *error)
{
    training->summary_path = cli_join(training->settings->folder, "summary.json");
    if (training->summary_path == NULL)
        return cli_no_memory(error);
    SpiralStatus status = json_read(NULL, training->summary_path, SIZE_MAX, &training->summary, error);
    if (status != SPIRAL_OK)
        return status;
    const cJSON *settings = member(training->summary, "settings"), *data = member(training->summary, "data");
    if (cJSON_IsObject(settings) && member(settings, "folds") != NULL)
        return refuse_summary(training, "is of a cross-validation, which keeps no network; expected that of a training",
                              error);
    bool sound = cJSON_IsObject(settings) && cJSON_IsString(member(data, "crc32")) &&
                 cJSON_IsNumber(member(training->summary, "iterations"));
    if (!sound)
        return refuse_summary(training,
                              "is not what spiral train writes: expected an object with iterations, settings and "
                              "data",
                              error);
    double iterations = member(training->summary, "iterations")->valuedouble;
    if (!(iterations >= 0.0 && iterations <= 1e15 && iterations == floor(iterations)))
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, training->summary_path, 0,
                                "has %g iterations, expected a whole number", iterations);
    return summary_check(training->summary_path, training->summary, error);
}

/* ---- its settings ------------------------------------------------------------------------------------------------ */

/* What summary.json has for an option. */
static MemberKind kind_of(const Option *option)
{
    switch (option->kind) {
    case OPTION_FLAG:
        return KIND_FLAG;
    case OPTION_REAL:
    case OPTION_SIZE:
    case OPTION_SEED:
        return KIND_NUMBER;
    case OPTION_SIZES:
        return KIND_NUMBERS;
    default:
        return KIND_TEXT;
    }
}

static char *number_text(double value, char text[SPIRAL_NUMBER_TEXT])
{
    if (value == floor(value) && fabs(value) < 1e15)
        snprintf(text, SPIRAL_NUMBER_TEXT, "%.0f", value);
    else
        spiral_number_print(value, text);
    return text;
}

/* A setting as the text that would set its option; NULL when out of memory. */
static char *setting_text(const cJSON *value)
{
    char number[SPIRAL_NUMBER_TEXT];
    if (cJSON_IsString(value))
        return cli_copy_string(value->valuestring);
    if (cJSON_IsBool(value))
        return cli_copy_string(cJSON_IsTrue(value) ? "true" : "false");
    if (cJSON_IsNumber(value))
        return cli_copy_string(number_text(value->valuedouble, number));
    char *text = cli_copy_string("");
    for (const cJSON *item = value->child; item != NULL; item = item->next)
        text = cli_grow(text, "%s%s", item == value->child ? "" : ",", number_text(item->valuedouble, number));
    return text;
}

/* The option that a setting is of, by its place; false when there is none. */
static bool find_option(const Training *training, const char *name, size_t *group, size_t *index)
{
    for (size_t g = 0; g < TRAIN_GROUPS; g++)
        for (size_t i = 0; i < training->groups[g].count; i++) {
            char key[64];
            option_key(&training->groups[g].options[i], key, sizeof key);
            if (strcmp(key, name) != 0)
                continue;
            *group = g;
            *index = i;
            return true;
        }
    return false;
}

static SpiralStatus take_setting(Training *training, const cJSON *value, OptionTable *aside, SpiralError *error)
{
    size_t g, i;
    SpiralError refused;
    if (!find_option(training, value->string, &g, &i))
        return summary_refuse(training->summary_path, "settings.", value->string, value, "no setting of that name",
                              error);
    const Option *option = &training->groups[g].options[i];
    if (!summary_has_kind(value, kind_of(option)))
        return summary_refuse(training->summary_path, "", value->string, value, summary_kind_name(kind_of(option)),
                              error);
    char *text = training->values[g][i] = setting_text(value);
    if (text == NULL)
        return cli_no_memory(error);
    if (options_set(option->aside ? aside : &training->table, option->name, text, &refused) != SPIRAL_OK)
        return refuse_summary(training, refused.reason, error);
    return SPIRAL_OK;
}

/* Takes the settings that decide what is trained; the log's name and its rows are among them. The others are checked,
 * since the page shows them. */
static SpiralStatus take_settings(Training *training, SpiralError *error)
{
    SpiralError refused;
    TrainSettings others = train_settings_defaults();
    OptionGroup groups[TRAIN_GROUPS];
    train_groups(&others, groups);
    OptionTable aside = {.command = training->table.command, .groups = groups, .group_count = TRAIN_GROUPS};
    for (const cJSON *value = member(training->summary, "settings")->child; value != NULL; value = value->next) {
        SpiralStatus status = take_setting(training, value, &aside, error);
        if (status != SPIRAL_OK)
            return status;
    }
    if (figure_settings_check(&others.figures, &refused) != SPIRAL_OK ||
        train_settings_check(&training->trained, &training->table, &refused) != SPIRAL_OK)
        return refuse_summary(training, refused.reason, error);
    return SPIRAL_OK;
}

/* ---- what the training is known to be ---------------------------------------------------------------------------- */

static SpiralStatus check_data(const Training *training, SpiralError *error)
{
    char now[16];
    const char *then = cJSON_GetStringValue(member(member(training->summary, "data"), "crc32"));
    const char *path = training->trained.run.data.path;
    snprintf(now, sizeof now, "%08lx", (unsigned long)spiral_dataset_checksum(training->data.dataset));
    if (strcmp(now, then) == 0)
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0,
                            "the data is not what the training had: its checksum is %s, %s has %.*s", now,
                            training->summary_path, SPIRAL_TEXT_CUT(then, 20));
}

/* The page shows the data and the network as the summary has them. */
static SpiralStatus check_description(const Training *training, SpiralError *error)
{
    static const char *const parts[] = {"data", "network"};
    cJSON *made = cJSON_CreateObject();
    bool described = made != NULL &&
                     run_add_description(made, &training->trained.run.data, training->data.dataset, training->network);
    SpiralStatus status = described ? SPIRAL_OK : cli_no_memory(error);
    for (size_t p = 0; status == SPIRAL_OK && p < COUNT(parts); p++) {
        char within[16];
        snprintf(within, sizeof within, "%s.", parts[p]);
        for (const cJSON *now = member(made, parts[p])->child; status == SPIRAL_OK && now != NULL; now = now->next) {
            const cJSON *then = member(member(training->summary, parts[p]), now->string);
            if (then != NULL && strcmp(now->string, "products") != 0) /* which the processor decides */
                status = summary_compare(training->summary_path, within, then, now, error);
        }
    }
    cJSON_Delete(made);
    return status;
}

/* Refuses results on validation data that are not those of the training. */
static SpiralStatus check_validation(const Training *training, SpiralError *error)
{
    static const char *const names[] = {"validation_rows", "validation_loss", "validation_accuracy"};
    const SpiralDataset *validation = training->data.validation;
    char expected[64] = "nothing: the training has no validation data";
    if (validation != NULL)
        snprintf(expected, sizeof expected, "%zu as in the training", validation->rows);
    for (size_t i = 0; i < (validation != NULL ? 1 : COUNT(names)); i++) {
        const cJSON *value = member(training->summary, names[i]);
        if (value != NULL && (validation == NULL || value->valuedouble != (double)validation->rows))
            return summary_refuse(training->summary_path, "", names[i], value, expected, error);
    }
    return SPIRAL_OK;
}

/* Can the training have ended like this? With patience, the iterations are those of the best weights. */
static SpiralStatus check_end(const Training *training, SpiralError *error)
{
    const SpiralTrainOptions *options = &training->options;
    const cJSON *iterations = member(training->summary, "iterations"), *stopped = member(training->summary, "stopped");
    double most = (double)options->iterations;
    const struct {
        SpiralStopReason reason;
        bool possible;
    } ends[] = {{SPIRAL_STOP_ITERATIONS, options->patience > 0 || iterations->valuedouble >= most},
                {SPIRAL_STOP_INTERRUPTED, true},
                {SPIRAL_STOP_TIME, true},
                {SPIRAL_STOP_DIVERGED, true},
                {SPIRAL_STOP_PATIENCE, options->patience > 0},
                {SPIRAL_STOP_TOLERANCE, options->tolerance > 0.0},
                {SPIRAL_STOP_TARGET, options->target_loss > 0.0}};
    char expected[64];
    snprintf(expected, sizeof expected, "at most %zu as in its settings", options->iterations);
    if (iterations->valuedouble > most)
        return summary_refuse(training->summary_path, "", "iterations", iterations, expected, error);
    bool possible = stopped == NULL;
    for (size_t i = 0; i < COUNT(ends) && stopped != NULL; i++)
        if (strcmp(stopped->valuestring, spiral_stop_reason_name(ends[i].reason)) == 0)
            possible = ends[i].possible;
    return possible ? SPIRAL_OK
                    : summary_refuse(training->summary_path, "", "stopped", stopped,
                                     "an end that its settings and iterations allow", error);
}

/* ---- its results ------------------------------------------------------------------------------------------------- */

/* Columns of the log, and behind the first of them members of the summary. The last two are of the validation data. */
static const char *const log_names[] = {
    "iteration", "loss", "data_loss", "reg_loss", "accuracy", "validation_loss", "validation_accuracy", NULL};
enum { RESULTS = COUNT(log_names) - 2, ON_BATCHES = 4 };

/* Another machine, or another version, may compute with other rounding. */
static bool differ(double a, double b)
{
    return fabs(a - b) > 1e-5 * fmax(1.0, fabs(b));
}

/* Has the log a row of the summary's iteration, it has the summary's results. */
static SpiralStatus compare_with_log(const Training *training, const SpiralLossLog *log, SpiralError *error)
{
    const SpiralTrainOptions *options = &training->options;
    const cJSON *iterations = member(training->summary, "iterations");
    double last = log->count > 0 ? log->columns[0][log->count - 1] : 0.0;
    char expected[64];
    snprintf(expected, sizeof expected, "at least %.0f as in the log", last);
    if (last > (options->patience > 0 ? (double)options->iterations : iterations->valuedouble))
        return summary_refuse(training->summary_path, "", "iterations", iterations, expected, error);
    size_t row = 0;
    while (row < log->count && log->columns[0][row] < iterations->valuedouble)
        row++;
    if (row == log->count)
        return SPIRAL_OK;
    if (log->columns[0][row] > iterations->valuedouble) /* the best weights are of a row, or of the end */
        return summary_refuse(training->summary_path, "", "iterations", iterations, "an iteration of the log", error);
    /* of a part of the rows or of the units the log has other losses */
    for (size_t i = options->batch_size > 0 || options->dropout > 0.0 ? ON_BATCHES : 0; i < RESULTS; i++) {
        const cJSON *value = member(training->summary, log_names[1 + i]);
        double logged = log->columns[1 + i] != NULL ? log->columns[1 + i][row] : NAN;
        snprintf(expected, sizeof expected, "%.17g as in the log", logged);
        if (cJSON_IsNumber(value) && isfinite(logged) && differ(value->valuedouble, logged))
            return summary_refuse(training->summary_path, "", log_names[1 + i], value, expected, error);
    }
    return SPIRAL_OK;
}

/* The page shows the log's lines as they are: a damaged one is refused, and before training again. */
static SpiralStatus check_log(const Training *training, SpiralError *error)
{
    SpiralLossLog log = {0};
    char *path = cli_join(training->settings->folder, train_log_name(&training->trained));
    int descriptor;
    SpiralStatus status =
        path == NULL ? cli_no_memory(error) : spiral_regular_open(NULL, path, O_RDONLY, &descriptor, error);
    if (status == SPIRAL_OK)
        status = spiral_loss_log_take(descriptor, path, log_names, 2, &log, error);
    if (status == SPIRAL_OK)
        status = compare_with_log(training, &log, error);
    spiral_loss_log_free(&log);
    free(path);
    return status;
}

/* Warns of the first result that training again gave another value. */
static void compare_results(const Training *training, const SpiralTrainResult *result)
{
    const double values[RESULTS] = {result->loss.loss, result->loss.data_loss,  result->loss.reg_loss,
                                    result->accuracy,  result->validation_loss, result->validation_accuracy};
    size_t count = training->data.validation != NULL ? RESULTS : RESULTS - 2;
    for (size_t i = 0; i < count; i++) {
        const cJSON *then = member(training->summary, log_names[1 + i]);
        if (!cJSON_IsNumber(then) || !differ(values[i], then->valuedouble))
            continue;
        cli_warn(training->summary_path,
                 "has the %s %g, and training again with the same settings ended with %g: the page has the weights of "
                 "the second",
                 log_names[1 + i], then->valuedouble, values[i]);
        return;
    }
}

/* ---- training again ---------------------------------------------------------------------------------------------- */

/* Refuses a page in the place of a file that the training reads. Errors: USAGE. */
static SpiralStatus check_inputs(const Training *training, SpiralError *error)
{
    Files files = {.error = error};
    train_name_inputs(&training->trained, &files);
    files_write(&files, "-o", training->settings->output);
    return files_check(&files);
}

static SpiralStatus make_training(Training *training, SpiralError *error)
{
    TrainSettings *settings = &training->trained;
    SpiralStatus status = summary_check_sizes(training->summary_path, training->summary, settings, error);
    if (status == SPIRAL_OK)
        status = train_data_load(settings, TABLE_TO_TRAIN_ON, &training->data, error);
    if (status == SPIRAL_OK)
        status = check_data(training, error);
    if (status == SPIRAL_OK)
        status = train_make_network(settings, &training->data, true, &training->network, error);
    if (status == SPIRAL_OK)
        status = run_check_weights(&settings->run, training->network, error);
    if (status == SPIRAL_OK)
        status = check_description(training, error);
    if (status == SPIRAL_OK)
        status = check_validation(training, error);
    if (status == SPIRAL_OK)
        status = train_options(settings, training->data.dataset, &training->options, error);
    if (status == SPIRAL_OK)
        status = check_end(training, error);
    if (status == SPIRAL_OK)
        status = check_log(training, error);
    if (status == SPIRAL_OK)
        status = spiral_trainer_create(training->network, training->data.dataset, training->data.validation,
                                       &training->options, &training->trainer, error);
    if (status == SPIRAL_OK)
        status = moments_create(training->network, settings->log_every, &training->moments, error);
    return status;
}

static SpiralStatus prepare(Training *training, SpiralError *error)
{
    TrainSettings *settings = &training->trained;
    const char *path = settings->run.data.path, *validation = settings->validation;
    settings->quiet = true;
    if ((path != NULL && strcmp(path, "-") == 0) || (validation != NULL && strcmp(validation, "-") == 0))
        return refuse_summary(training,
                              "is of a training on standard input, which can't be read again; expected its data in a "
                              "file, or --report with the training itself",
                              error);
    SpiralStatus status = check_inputs(training, error);
    if (status != SPIRAL_OK)
        return status;
    status = make_training(training, error);
    if (status != SPIRAL_ERROR_USAGE)
        return status;
    const SpiralError refused = *error; /* of a setting, which the file has, not the command line */
    return refuse_summary(training, refused.reason, error);
}

static SpiralStatus observe(const SpiralTrainRecord *record, void *context, SpiralError *error)
{
    Training *training = context;
    (void)error;
    progress_update(&training->progress, record->iteration);
    if (moments_are_due(training->moments, record->iteration)) {
        spiral_trainer_show(training->trainer);
        moments_add(training->moments, record->iteration, training->network);
    }
    return SPIRAL_OK;
}

/* Trains up to the weights that were kept. A training that was cut short did not know that it would be: its number of
 * iterations stays what it was, since a learning rate may depend on it. */
static SpiralStatus train_again(Training *training, SpiralError *error)
{
    size_t iterations = (size_t)member(training->summary, "iterations")->valuedouble;
    const SpiralTrainHooks hooks = {
        .record = observe, .context = training, .interrupt = interrupt_flag(), .pause = iterations};
    SpiralTrainResult result;
    if (iterations == 0) { /* it had reached its target, or was interrupted, before the first */
        moments_end(training->moments, 0, training->network);
        return SPIRAL_OK;
    }
    training->progress = progress_start(iterations, false);
    interrupt_watch();
    SpiralStatus status = spiral_trainer_run(training->trainer, &hooks, &result, error);
    progress_clear(&training->progress);
    if (status != SPIRAL_OK || result.reason == SPIRAL_STOP_INTERRUPTED)
        return status;
    moments_end(training->moments, result.iterations, training->network);
    compare_results(training, &result);
    return SPIRAL_OK;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static SpiralStatus check(const ReportSettings *settings, SpiralError *error)
{
    static const char *const names[] = {"summary.json", "loss.csv", "loss.jsonl", "model.npz", "checkpoint.npz"};
    Files files = {.error = error};
    if (settings->folder == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "no training, expected the folder of one: spiral report DIR -o FILE");
    if (settings->output == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "no output, expected -o FILE");
    char *paths[COUNT(names)];
    bool named = true;
    for (size_t i = 0; i < COUNT(names); i++) {
        paths[i] = cli_join(settings->folder, names[i]);
        named = named && paths[i] != NULL;
        files_read(&files, "DIR", paths[i]);
    }
    files_write(&files, "-o", settings->output);
    SpiralStatus status = files_check(&files);
    if (status == SPIRAL_OK && !named)
        status = cli_no_memory(error);
    if (status == SPIRAL_OK)
        status = cli_check_format(settings->output, "html", error);
    for (size_t i = 0; i < COUNT(names); i++)
        free(paths[i]);
    return status;
}

static SpiralStatus report(Training *training, SpiralError *error)
{
    SpiralStatus status = read_summary(training, error);
    if (status == SPIRAL_OK)
        status = take_settings(training, error);
    if (status == SPIRAL_OK)
        status = prepare(training, error);
    if (status == SPIRAL_OK)
        status = spiral_output_create(training->settings->output, &training->output, error);
    if (status == SPIRAL_OK)
        status = train_again(training, error);
    if (status != SPIRAL_OK || interrupt_signal() != 0)
        return status;
    const RunPage page = {training->settings->folder, &training->trained, training->network, training->data.dataset,
                          training->moments};
    SpiralOutput *output = training->output;
    training->output = NULL;
    return run_page_save(&page, output, error);
}

static SpiralStatus report_command(void *context, const OptionTable *table, SpiralError *error)
{
    (void)table;
    const ReportSettings *settings = context;
    SpiralStatus status = check(settings, error);
    if (status != SPIRAL_OK)
        return status;
    Training *training = cli_allocate(1, sizeof *training);
    if (training == NULL)
        return cli_no_memory(error);
    training->settings = settings;
    training->trained = train_settings_defaults();
    training->trained.run.data.load.regular = true; /* its path comes from summary.json */
    train_groups(&training->trained, training->groups);
    training->table =
        (OptionTable){.command = "train", .groups = training->groups, .group_count = COUNT(training->groups)};
    status = report(training, error);
    free_training(training);
    return status;
}

int cmd_report(int argc, char **argv)
{
    ReportSettings settings = {0};
    OptionGroup groups[] = {OPTION_GROUP("Page", report_options, &settings)};
    OptionTable table = {
        .command = argv[0],
        .synopsis = "DIR -o FILE",
        .purpose =
            "Makes a page of a training: one HTML file, which loads nothing from anywhere. A slider goes through "
            "up to 200 moments of the training, with the decision boundary shaded by confidence, the loss and "
            "the accuracy, the weights and their gradient, and what each observation adds to it; the page "
            "computes all of these from the weights. Then come the summary, the settings and the log.",
        .notes = "The weights at these moments are not in the folder: report trains again, by the settings in "
                 "DIR/summary.json, which takes as long as the training did. Call it from the folder where the "
                 "training was started, so that the paths of its data hold. train --report writes the page with the "
                 "training itself.\n\n"
                 "A page has at most 2000 observations and 1000 rows of the log, evenly chosen.",
        .examples = "  spiral train --skip-draws 24 --out mlp\n"
                    "  spiral report mlp -o mlp.html\n",
        .groups = groups,
        .group_count = COUNT(groups),
        .operand = "run",
    };
    return command_run(&table, argc, argv, report_command, &settings);
}
