#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/examined_network.h"
#include "cli/json.h"
#include "cli/network_name.h"
#include "cli/options/settings.h"
#include "cli/run.h"

typedef struct CheckSettings {
    RunSettings run;
    size_t samples;
    SummaryKind summary;
} CheckSettings;

static const Option check_options[] = {
    {"samples", SIZE(CheckSettings, samples), "N",
     "Parameters of each layer's weights and biases whose gradient is checked, drawn from the random numbers; 0: all."},
    {"summary", CHOICE(CheckSettings, summary, summary_names),
     "On standard output: a line for each check, or the same as JSON."},
};

/* Describes what each check reports as a warning or a failure, from the library's own limits. */
static void describe_limits(char *text, size_t size)
{
    snprintf(
        text, size,
        "What makes a warning, and what a failure:\n\n"
        "class balance: the largest class over %g and %g times the smallest; a class of fewer than %d rows. "
        "constant columns: a failure, always. "
        "feature scales: the largest standard deviation over %g and %g times the smallest. "
        "feature means: over %g and %g standard deviations from 0. "
        "duplicated rows: over %g %% and %g %%. "
        "contradictions, rows of two classes with the same features: any, and over %g %%. "
        "class overlap: two classes of which over %g %% of the rows are nearer to the other class than to their "
        "own, as those of the first and the last arm of a spiral of 12 (--arm-offset); no more than a warning. "
        "initial loss: over %g %% and %g %% from ln K, or N ln K with --reduction sum. "
        "regularisation: a loss that does not rise with reg. "
        "gradient, over at most %d rows: a relative error over %g and %g. "
        "twenty points, taken evenly from the classes and learnt with reg 0: a mean loss over %g and %g after "
        "%d updates by adam, whose rate sets itself; for a linear classifier no more than a warning. "
        "layers, over at most %d rows before and after the first %d updates of the training that these options "
        "describe: a training that diverges, a hidden layer whose ReLUs are all dead, activations "
        "that fade from layer to layer so that --reg outweighs the data's gradient, and weights that this gradient "
        "cannot change by %g of their size in all --iterations fail (up to %g: a warning); a loss that rises by %g %%, "
        "%g %% of saturated activations, and a last hidden layer that deviates "
        "by less than %g %% of the features are a warning.\n\n"
        "The features are looked at as the network gets them: standardised, with --standardize. For the twenty "
        "points they always are.",
        SPIRAL_SANITY_BALANCE_WARNING, SPIRAL_SANITY_BALANCE_FAILED, SPIRAL_SANITY_CLASS_ROWS,
        SPIRAL_SANITY_SCALE_WARNING, SPIRAL_SANITY_SCALE_FAILED, SPIRAL_SANITY_MEAN_WARNING, SPIRAL_SANITY_MEAN_FAILED,
        100.0 * SPIRAL_SANITY_DUPLICATES_WARNING, 100.0 * SPIRAL_SANITY_DUPLICATES_FAILED,
        100.0 * SPIRAL_SANITY_CONTRADICTIONS_FAILED, 100.0 * SPIRAL_SANITY_OVERLAP_WARNING,
        100.0 * SPIRAL_SANITY_LOSS_WARNING, 100.0 * SPIRAL_SANITY_LOSS_FAILED, SPIRAL_SANITY_ROWS,
        SPIRAL_SANITY_GRADIENT_WARNING, SPIRAL_SANITY_GRADIENT_FAILED, SPIRAL_SANITY_POINTS_LOSS,
        SPIRAL_SANITY_POINTS_FAILED, SPIRAL_SANITY_POINTS_UPDATES, SPIRAL_SANITY_ROWS, SPIRAL_SANITY_UPDATES,
        SPIRAL_SANITY_CHANGE_FAILED, SPIRAL_SANITY_CHANGE_WARNING, 100.0 * SPIRAL_SANITY_RISEN_WARNING,
        100.0 * SPIRAL_SANITY_SATURATED_WARNING, 100.0 * SPIRAL_SANITY_FADED_WARNING);
}

/* The option or command that fixes the problem. */
static const char *const remedies[] = {
    [SPIRAL_SANITY_REMEDY_LABEL] = "another --label",
    [SPIRAL_SANITY_REMEDY_CONFUSION] = "spiral predict, which shows the confusion matrix",
    [SPIRAL_SANITY_REMEDY_STANDARDIZE] = "--standardize",
    [SPIRAL_SANITY_REMEDY_LOWER_SCALE] = "a lower --init-scale",
    [SPIRAL_SANITY_REMEDY_HIGHER_SCALE] = "a higher --init-scale",
    [SPIRAL_SANITY_REMEDY_SEED] = "another --seed",
    [SPIRAL_SANITY_REMEDY_GROUPS] = "spiral gradcheck, which shows each group",
    [SPIRAL_SANITY_REMEDY_HIDDEN] = "--model mlp",
    [SPIRAL_SANITY_REMEDY_LOWER_RATE] = "a lower --learning-rate",
    [SPIRAL_SANITY_REMEDY_HIGHER_RATE] = "a higher --learning-rate",
    [SPIRAL_SANITY_REMEDY_HE] = "--init he",
    [SPIRAL_SANITY_REMEDY_XAVIER] = "--init xavier",
    [SPIRAL_SANITY_REMEDY_ARMS] = "--arm-offset even",
};

/* Prints, for example, "Centre the features: ... Try --standardize." */
static void print_advice(const SpiralSanityResult *result, int indent)
{
    char text[512];
    snprintf(text, sizeof text, "%s", result->advice);
    for (size_t i = 0; i < COUNT(result->remedies) && result->remedies[i] != SPIRAL_SANITY_REMEDY_NONE; i++)
        cli_append(text, sizeof text, "%s%s", i == 0 ? " Try " : " or ", remedies[result->remedies[i]]);
    if (result->remedies[0] != SPIRAL_SANITY_REMEDY_NONE)
        cli_append(text, sizeof text, ".");
    printf("%*s> ", indent, "");
    options_print_wrapped(text, indent + 2, indent + 2);
}

static void print_results(const SpiralSanity *sanity)
{
    enum { INDENT = 27 };
    for (size_t i = 0; i < SPIRAL_SANITY_COUNT; i++) {
        const SpiralSanityResult *result = &sanity->results[i];
        printf("%-7s  %-16s  ", spiral_sanity_outcome_name(result->outcome), result->name);
        options_print_wrapped(result->found, INDENT, INDENT);
        if (result->advice[0] != '\0')
            print_advice(result, INDENT);
    }
}

/* Writes, for example, "feature scales, constant columns". */
static void list_failures(const SpiralSanity *sanity, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < SPIRAL_SANITY_COUNT; i++)
        if (sanity->results[i].outcome == SPIRAL_SANITY_FAILED)
            cli_append(text, size, "%s%s", text[0] != '\0' ? ", " : "", sanity->results[i].name);
}

/* "0.0034 to 0.1"; a number that is not finite is "?". */
static void show_change(double before, double after, char text[24])
{
    char shown[2][10] = {"?", "?"};
    const double values[] = {before, after};
    for (size_t i = 0; i < 2; i++)
        if (isfinite(values[i]))
            snprintf(shown[i], sizeof shown[i], "%.2g", values[i]);
    snprintf(text, 24, "%s to %s", shown[0], shown[1]);
}

static void show_shares(double before, double after, bool shown, char text[24])
{
    text[0] = '\0';
    if (shown)
        snprintf(text, 24, "%.0f to %.0f %%", 100.0 * before, 100.0 * after);
}

/* A line for each layer, at the start and after the updates; of the last layer the scores. */
static void print_layers(const SpiralSanity *sanity)
{
    putchar('\n');
    printf("%-9s  %-18s  %-12s  %-12s  %s\n", "layer", "deviation", "dead", "saturated", "gradient");
    for (size_t l = 0; l < sanity->layers; l++) {
        const SpiralLayerStatistics *before = &sanity->before[l], *after = &sanity->after[l];
        bool hidden = l + 1 < sanity->layers;
        char name[32], deviation[24], dead[24], saturated[24], gradient[24];
        if (hidden)
            snprintf(name, sizeof name, "hidden %zu", l + 1);
        else
            snprintf(name, sizeof name, "scores");
        show_change(before->deviation, after->deviation, deviation);
        show_shares(before->dead, after->dead, hidden, dead);
        show_shares(before->saturated, after->saturated, hidden, saturated);
        show_change(before->gradient, after->gradient, gradient);
        printf("%-9s  %-18s  %-12s  %-12s  %s\n", name, deviation, dead, saturated, gradient);
    }
}

static void print_text(const SpiralSanity *sanity)
{
    print_results(sanity);
    print_layers(sanity);
    printf("\n%s: %zu ok, %zu warning%s, %zu failed\n", sanity->failures == 0 ? "passed" : "failed",
           SPIRAL_SANITY_COUNT - sanity->warnings - sanity->failures, sanity->warnings,
           sanity->warnings == 1 ? "" : "s", sanity->failures);
}

static SpiralStatus judge(const SpiralSanity *sanity, SpiralError *error)
{
    if (sanity->failures == 0)
        return SPIRAL_OK;
    char names[256];
    list_failures(sanity, names, sizeof names);
    return spiral_error_set(error, SPIRAL_ERROR_CHECK, NULL, 0, "check: %zu of %d failed: %s", sanity->failures,
                            SPIRAL_SANITY_COUNT, names);
}

static bool add_result(cJSON *array, const SpiralSanityResult *result)
{
    const char *names[COUNT(result->remedies)];
    size_t count = 0;
    while (count < COUNT(result->remedies) && result->remedies[count] != SPIRAL_SANITY_REMEDY_NONE) {
        names[count] = remedies[result->remedies[count]];
        count++;
    }
    cJSON *object = cJSON_CreateObject();
    return object != NULL && cJSON_AddItemToArray(array, object) && json_add_text(object, "name", result->name) &&
           json_add_text(object, "outcome", spiral_sanity_outcome_name(result->outcome)) &&
           json_add_text(object, "found", result->found) && json_add_text(object, "advice", result->advice) &&
           json_add_names(object, "try", names, count);
}

static bool add_state(cJSON *layer, const char *key, const SpiralLayerStatistics *state)
{
    cJSON *object = cJSON_AddObjectToObject(layer, key);
    return object != NULL && json_add_real(object, "deviation", state->deviation) &&
           json_add_real(object, "dead", state->dead) && json_add_real(object, "saturated", state->saturated) &&
           json_add_real(object, "gradient", state->gradient);
}

static bool add_layer(cJSON *array, const SpiralLayerStatistics *before, const SpiralLayerStatistics *after)
{
    cJSON *object = cJSON_CreateObject();
    return object != NULL && cJSON_AddItemToArray(array, object) && add_state(object, "before", before) &&
           add_state(object, "after", after);
}

static bool add_results(cJSON *root, const SpiralSanity *sanity)
{
    bool added = json_add_raw(root, "passed", sanity->failures == 0 ? "true" : "false") &&
                 json_add_size(root, "ok", SPIRAL_SANITY_COUNT - sanity->warnings - sanity->failures) &&
                 json_add_size(root, "warnings", sanity->warnings) && json_add_size(root, "failed", sanity->failures);
    cJSON *array = added ? cJSON_AddArrayToObject(root, "checks") : NULL;
    added = array != NULL;
    for (size_t i = 0; added && i < SPIRAL_SANITY_COUNT; i++)
        added = add_result(array, &sanity->results[i]);
    cJSON *layers = added ? cJSON_AddArrayToObject(root, "layers") : NULL;
    added = layers != NULL && json_add_size(root, "updates", sanity->updates);
    for (size_t l = 0; added && l < sanity->layers; l++)
        added = add_layer(layers, &sanity->before[l], &sanity->after[l]);
    return added;
}

static SpiralStatus print_json(const SpiralSanity *sanity, const DataSettings *data, const SpiralDataset *dataset,
                               const SpiralNetwork *network, SpiralError *error)
{
    cJSON *root = cJSON_CreateObject();
    bool added = root != NULL && add_results(root, sanity) && run_add_description(root, data, dataset, network);
    return json_print(root, added, error);
}

static void print_heading(const SpiralDataset *dataset, const SpiralNetwork *network)
{
    char shape[256], text[512];
    network_shape(network, shape, sizeof shape);
    snprintf(text, sizeof text, "%zu observations, %zu features%s, %zu classes; %s, %zu parameters", dataset->rows,
             dataset->features, network->mean != NULL ? " (standardised)" : "", dataset->classes, shape,
             network->parameter_count);
    options_print_wrapped(text, 0, 0);
    putchar('\n');
}

/* Arms at other angles are no way out for data from a file or of another shape, nor when they have been set. */
static void drop_arms(const DataSettings *data, SpiralSanityResult *result)
{
    bool arms = data->path == NULL && data->generate.shape == SPIRAL_SHAPE_SPIRAL && data->arm_offset == NULL;
    if (result->remedies[0] == SPIRAL_SANITY_REMEDY_ARMS && !arms)
        result->remedies[0] = SPIRAL_SANITY_REMEDY_NONE;
}

static SpiralStatus check(const CheckSettings *settings, SpiralError *error)
{
    SpiralDataset *dataset = NULL;
    SpiralNetwork *network = NULL;
    SpiralRng rng;
    SpiralSanity *sanity = cli_allocate(1, sizeof *sanity);
    SpiralSanityOptions options = spiral_sanity_defaults();
    options.training = settings->run.training;
    options.training.seed = settings->run.data.seed;
    options.samples = settings->samples;
    SpiralStatus status =
        sanity == NULL ? cli_no_memory(error) : run_prepare(&settings->run, &rng, &dataset, &network, error);
    if (status == SPIRAL_OK)
        status = spiral_sanity_check(network, dataset, &options, &rng, sanity, error);
    if (status == SPIRAL_OK) {
        drop_arms(&settings->run.data, &sanity->results[SPIRAL_SANITY_OVERLAP]);
        if (settings->summary == SUMMARY_JSON) {
            status = print_json(sanity, &settings->run.data, dataset, network, error);
        } else {
            print_heading(dataset, network);
            print_text(sanity);
        }
    }
    if (status == SPIRAL_OK)
        status = judge(sanity, error);
    spiral_network_free(network);
    spiral_dataset_free(dataset);
    free(sanity);
    return status;
}

static SpiralStatus check_files(const CheckSettings *settings, SpiralError *error)
{
    Files files = {.error = error};
    files_read_data(&files, "--data", settings->run.data.path);
    files_write(&files, "standard output", "-");
    return files_check(&files);
}

static SpiralStatus check_command(void *context, const OptionTable *table, SpiralError *error)
{
    CheckSettings *settings = context;
    SpiralStatus status = run_settings_check(&settings->run, table, error);
    if (status == SPIRAL_OK)
        status = check_files(settings, error);
    return status == SPIRAL_OK ? check(settings, error) : status;
}

int cmd_check(int argc, char **argv)
{
    char notes[3072];
    describe_limits(notes, sizeof notes);
    CheckSettings settings = {.run = run_settings_defaults(), .samples = spiral_sanity_defaults().samples};
    OptionGroup groups[] = {
        options_group_generate(&settings.run.data),    options_group_load(&settings.run.data),
        options_group_model(&settings.run.model),      options_group_training(&settings.run.training),
        options_group_threads(&settings.run.training), OPTION_GROUP("Check", check_options, &settings),
    };
    OptionTable table = {
        .command = argv[0],
        .synopsis = "[options]",
        .purpose = "The notes' checks before learning, on the data and on the newly initialised model. Each line says "
                   "what was found and, unless it is ok, what to do. Exits with 1 when a check fails; warnings alone "
                   "pass.",
        .notes = notes,
        .examples = "  spiral check\n"
                    "  spiral check --data iris.csv --standardize\n"
                    "  spiral check --data my.csv && spiral train --data my.csv\n"
                    "  spiral check --data my.csv --summary json | jq '.checks[].outcome'\n",
        .groups = groups,
        .group_count = COUNT(groups),
    };
    return command_run(&table, argc, argv, check_command, &settings);
}
