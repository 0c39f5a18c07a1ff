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
    TrainData data;
    SpiralNetwork *network;
    SpiralTrainer *trainer;
    Moments *moments;
    Progress progress;
    SpiralOutput *output; /* made before training again: a folder that isn't there is found at once */
} Training;

static void free_training(Training *training)
{
    if (training == NULL)
        return;
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

static SpiralStatus refuse_value(const Training *training, const char *name, const cJSON *value, const char *expected,
                                 SpiralError *error)
{
    char *found = value != NULL ? cJSON_PrintUnformatted(value) : cli_copy_string("nothing");
    if (found == NULL)
        return cli_no_memory(error);
    SpiralStatus status = spiral_error_set(error, SPIRAL_ERROR_INPUT, training->summary_path, 0,
                                           "%s: found %.*s, expected %s", name, SPIRAL_TEXT_CUT(found, 60), expected);
    free(found);
    return status;
}

/* ---- the members of summary.json --------------------------------------------------------------------------------- */

typedef enum Kind {
    KIND_TEXT,
    KIND_NUMBER,
    KIND_REAL, /* null when it is not finite */
    KIND_FLAG,
    KIND_TEXTS,
    KIND_NUMBERS,
    KIND_OBJECT,
    KIND_OBJECTS,
    KIND_SHAPE /* of the data, with which check_shape compares it */
} Kind;

static const char *const kind_names[] = {
    [KIND_TEXT] = "a text",        [KIND_NUMBER] = "a number",           [KIND_REAL] = "a number or null",
    [KIND_FLAG] = "true or false", [KIND_TEXTS] = "a list of texts",     [KIND_NUMBERS] = "a list of numbers",
    [KIND_OBJECT] = "an object",   [KIND_OBJECTS] = "a list of objects", [KIND_SHAPE] = "a number"};

static bool are_all(const cJSON *list, cJSON_bool (*is_kind)(const cJSON *))
{
    bool all = cJSON_IsArray(list);
    for (const cJSON *item = all ? list->child : NULL; all && item != NULL; item = item->next)
        all = is_kind(item);
    return all;
}

static bool has_kind(const cJSON *value, Kind kind)
{
    switch (kind) {
    case KIND_TEXT:
        return cJSON_IsString(value);
    case KIND_NUMBER:
        return cJSON_IsNumber(value);
    case KIND_REAL:
        return cJSON_IsNumber(value) || cJSON_IsNull(value);
    case KIND_FLAG:
        return cJSON_IsBool(value);
    case KIND_TEXTS:
        return are_all(value, cJSON_IsString);
    case KIND_NUMBERS:
        return are_all(value, cJSON_IsNumber);
    case KIND_OBJECT:
        return cJSON_IsObject(value);
    case KIND_OBJECTS:
        return are_all(value, cJSON_IsObject);
    default:
        return true;
    }
}

/* What train writes. The page shows it, and relies on these kinds. */
typedef struct Member {
    const char *name;
    Kind kind;
    bool needed; /* by the page */
} Member;

static const Member summary_members[] = {
    {"stopped", KIND_TEXT, false},
    {"iterations", KIND_NUMBER, true},
    {"loss", KIND_REAL, false},
    {"data_loss", KIND_REAL, false},
    {"reg_loss", KIND_REAL, false},
    {"accuracy", KIND_REAL, false},
    {"validation_loss", KIND_REAL, false},
    {"validation_accuracy", KIND_REAL, false},
    {"validation_rows", KIND_NUMBER, false},
    {"warnings", KIND_OBJECTS, false},
    {"seconds", KIND_REAL, false},
    {"command", KIND_TEXT, true},
    {"settings", KIND_OBJECT, true},
    {"data", KIND_OBJECT, true},
    {"network", KIND_OBJECT, false},
    {"version", KIND_TEXT, false},
    {"commit", KIND_TEXT, false},
    {"compiler", KIND_TEXT, false},
    {"blas", KIND_TEXT, false},
    {"blas_core", KIND_TEXT, false},
    {"kernels", KIND_TEXT, false},
};

static const Member warning_members[] = {
    {"cause", KIND_TEXT, true}, {"iteration", KIND_NUMBER, true}, {"text", KIND_TEXT, true},
    {"try", KIND_TEXTS, true},  {"together", KIND_FLAG, true},
};

static const Member data_members[] = {
    {"source", KIND_TEXT, false},   {"rows", KIND_SHAPE, false},        {"features", KIND_SHAPE, false},
    {"classes", KIND_SHAPE, false}, {"class_names", KIND_TEXTS, false}, {"crc32", KIND_TEXT, true},
};

static const Member network_members[] = {
    {"sizes", KIND_NUMBERS, false},
    {"activation", KIND_TEXT, false},
    {"parameters", KIND_NUMBER, false},
    {"products", KIND_TEXTS, false},
};

static SpiralStatus refuse_member(const Training *training, const char *within, const char *name, const cJSON *value,
                                  const char *expected, SpiralError *error)
{
    char shown[128];
    snprintf(shown, sizeof shown, "%s%.*s", within, SPIRAL_TEXT_CUT(name, 60));
    return refuse_value(training, shown, value, expected, error);
}

/* Refuses the object when it lacks a member, or has one of another kind or another name. within: "", "data." ... */
static SpiralStatus check_members(const Training *training, const char *within, const cJSON *object,
                                  const Member *members, size_t count, SpiralError *error)
{
    for (size_t m = 0; m < count; m++) {
        const cJSON *value = member(object, members[m].name);
        if (value != NULL ? !has_kind(value, members[m].kind) : members[m].needed)
            return refuse_member(training, within, members[m].name, value, kind_names[members[m].kind], error);
    }
    for (const cJSON *value = object->child; value != NULL; value = value->next) {
        size_t m = 0;
        while (m < count && strcmp(members[m].name, value->string) != 0)
            m++;
        if (m == count)
            return refuse_member(training, within, value->string, value, "no member of that name", error);
    }
    return SPIRAL_OK;
}

static SpiralStatus check_kinds(const Training *training, SpiralError *error)
{
    const cJSON *summary = training->summary, *network = member(summary, "network");
    SpiralStatus status = check_members(training, "", summary, summary_members, COUNT(summary_members), error);
    if (status == SPIRAL_OK)
        status = check_members(training, "data.", member(summary, "data"), data_members, COUNT(data_members), error);
    if (status == SPIRAL_OK && network != NULL)
        status = check_members(training, "network.", network, network_members, COUNT(network_members), error);
    const cJSON *warning = status == SPIRAL_OK ? member(summary, "warnings") : NULL;
    warning = warning != NULL ? warning->child : NULL;
    for (; warning != NULL && status == SPIRAL_OK; warning = warning->next)
        status = check_members(training, "warnings: ", warning, warning_members, COUNT(warning_members), error);
    return status;
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
    return check_kinds(training, error);
}

/* ---- its settings ------------------------------------------------------------------------------------------------ */

/* What summary.json has for an option. */
static Kind kind_of(const Option *option)
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
        return refuse_member(training, "settings.", value->string, value, "no setting of that name", error);
    const Option *option = &training->groups[g].options[i];
    if (!has_kind(value, kind_of(option)))
        return refuse_value(training, value->string, value, kind_names[kind_of(option)], error);
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

/* The page shows the log's lines as they are: a damaged one is refused, and before training again. */
static SpiralStatus check_log(const Training *training, SpiralError *error)
{
    static const char *const names[] = {"iteration", "loss", NULL};
    SpiralLossLog log = {0};
    char *path = cli_join(training->settings->folder, train_log_name(&training->trained));
    int descriptor;
    SpiralStatus status =
        path == NULL ? cli_no_memory(error) : spiral_regular_open(NULL, path, O_RDONLY, &descriptor, error);
    if (status == SPIRAL_OK)
        status = spiral_loss_log_take(descriptor, path, names, 2, &log, error);
    spiral_loss_log_free(&log);
    free(path);
    return status;
}

/* ---- training again ---------------------------------------------------------------------------------------------- */

/* The page shows the data's shape as the summary has it. */
static SpiralStatus check_shape(const Training *training, SpiralError *error)
{
    const SpiralDataset *dataset = training->data.dataset;
    const struct {
        const char *name, *shown;
        size_t count;
    } counts[] = {{"rows", "data.rows", dataset->rows},
                  {"features", "data.features", dataset->features},
                  {"classes", "data.classes", dataset->classes}};
    for (size_t i = 0; i < COUNT(counts); i++) {
        const cJSON *then = member(member(training->summary, "data"), counts[i].name);
        char expected[64];
        snprintf(expected, sizeof expected, "%zu as in the data", counts[i].count);
        if (!cJSON_IsNumber(then) || then->valuedouble != (double)counts[i].count)
            return refuse_value(training, counts[i].shown, then, expected, error);
    }
    return SPIRAL_OK;
}

static SpiralStatus check_data(const Training *training, SpiralError *error)
{
    char now[16];
    const char *then = cJSON_GetStringValue(member(member(training->summary, "data"), "crc32"));
    const char *path = training->trained.run.data.path;
    snprintf(now, sizeof now, "%08lx", (unsigned long)spiral_dataset_checksum(training->data.dataset));
    if (strcmp(now, then) == 0)
        return check_shape(training, error);
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0,
                            "the data is not what the training had: its checksum is %s, %s has %.*s", now,
                            training->summary_path, SPIRAL_TEXT_CUT(then, 20));
}

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
    SpiralTrainOptions options;
    SpiralStatus status = train_data_load(settings, TABLE_TO_TRAIN_ON, &training->data, error);
    if (status == SPIRAL_OK)
        status = check_data(training, error);
    if (status == SPIRAL_OK)
        status = train_make_network(settings, &training->data, true, &training->network, error);
    if (status == SPIRAL_OK)
        status = run_check_weights(&settings->run, training->network, error);
    if (status == SPIRAL_OK)
        status = train_options(settings, training->data.dataset, &options, error);
    if (status == SPIRAL_OK)
        status = spiral_trainer_create(training->network, training->data.dataset, training->data.validation, &options,
                                       &training->trainer, error);
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

/* Another machine, or another version, may compute with other rounding. */
static void compare_loss(const Training *training, double loss)
{
    const cJSON *then = member(training->summary, "loss");
    if (cJSON_IsNumber(then) && fabs(loss - then->valuedouble) > 1e-5 * fmax(1.0, fabs(then->valuedouble)))
        cli_warn(training->summary_path,
                 "has the loss %g, and training again with the same settings ended with %g: the page has the weights "
                 "of the second",
                 then->valuedouble, loss);
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
    compare_loss(training, result.loss.loss);
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
        status = check_log(training, error);
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
