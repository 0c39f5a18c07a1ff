/* sweep_settings.c: the options of `spiral sweep`, and their conflicts. */
#define _POSIX_C_SOURCE 200809L
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/options/values.h"
#include "cli/sweep/internal.h"

enum { KEEP_BEST = 64 };

static const char *const measure_names[] = {"accuracy", "loss", NULL};

static void print_keep(char *text, size_t size)
{
    snprintf(text, size, "best:%d", KEEP_BEST);
}

static void print_jobs(char *text, size_t size)
{
    snprintf(text, size, "one per core");
}

static const Option sweep_options[] = {
    {"random", SIZE(SweepSettings, random), "N",
     "Draw N settings from choice:, uniform: and loguniform: values, by RandomState(seed + 4), instead of a grid.",
     .minimum = 1, .maximum = SPIRAL_SWEEP_LIMIT, .no_default = true},
    {"seeds", SIZE(SweepSettings, seeds), "K", "Run every setting K times, with --seed S, S + 1, ...", .minimum = 1,
     .maximum = SPIRAL_SWEEP_LIMIT},
    {"refine", SIZE(SweepSettings, refine), "R",
     "Then R more rounds of as many settings, drawn near the best so far, from ranges a quarter as wide each time.",
     .maximum = SPIRAL_SWEEP_REFINE_LIMIT},
    {"prune", FLAG(SweepSettings, prune),
     "Successive halving: at ..., 1/9, 1/3 of the iterations, continue only the best third of the settings and stop "
     "the others, as often as the iterations can be divided by 3."},
    {"by", CHOICE(SweepSettings, measure, measure_names),
     "How settings are ranked, by the accuracy or by the data loss: on the validation data with --validation, else on "
     "the training data. Ties in accuracy "
     "are broken by the data loss, and vice versa."},
    {"jobs", SIZE(SweepSettings, jobs), "J",
     "Number of parallel runs, one thread each. The results do not depend on it.", .letter = 'j', .minimum = 1,
     .maximum = SPIRAL_THREADS_LIMIT, .print_default = print_jobs},
};

static const Option place_options[] = {
    {"resume", FLAG(SweepSettings, resume),
     "Continue the sweep in DIR: what has a row in results.csv is not run again. Starts it if there is none."},
    {"force", FLAG(SweepSettings, force),
     "Replace a finished sweep in DIR, whose files are removed; one that is not finished is never lost."},
    {"shard", TEXT(SweepSettings, shard), "I/N",
     "Run only every N-th setting, starting with the I-th (1 to N), in DIR/shard-I, to spread a sweep over several "
     "machines."},
    {"merge", TEXT(SweepSettings, merge), "DIR",
     "Merge DIR/shard-1 ... DIR/shard-N into one sweep. Its options are read from the shards.", .files = "/"},
};

static const Option output_options[] = {
    {"out", TEXT(SweepSettings, train.out), "DIR",
     "Folder for results.csv, summary.json, curves.csv, sweep.json, the figures and runs/; created if missing.",
     .letter = 'o', .files = "/"},
    {"keep", TEXT(SweepSettings, keep), "best:N|all|none",
     "Which settings keep the model.npz and loss.csv of their runs, in DIR/runs/NNNN: the best N, all or none.",
     .print_default = print_keep},
    {"log-every", SIZE(SweepSettings, train.log_every), "N",
     "Write a row of each run's log every N iterations. [as in train]", .minimum = 1, .no_default = true},
    {"no-figures", FLAG(SweepSettings, train.no_figures), "Draw nothing."},
    {"figure-format", CHOICE(SweepSettings, train.figure_format, figure_formats),
     "What the figures are: NAME.png or NAME.svg."},
    {"summary", CHOICE(SweepSettings, train.summary, summary_names),
     "On standard output: the outcome in a few lines, or the text of summary.json alone."},
    {"quiet", FLAG(SweepSettings, train.quiet),
     "Print no lines and no progress. Errors, doubts about the data and the JSON of --summary json are still printed.",
     .letter = 'q'},
    {"require-accuracy", REAL(SweepSettings, train.require_accuracy), "A",
     "Exit with 1 when the best setting's accuracy, from 0 to 1, is below A: the validation data's where there is "
     "validation data, else the training data's; the mean over the seeds.",
     .maximum = 1, .no_default = true},
};

/* Free options decide where the sweep is written and how fast it runs, not its results. */
bool sweep_option_is_free(const char *name)
{
    static const char *const names[] = {"jobs",  "resume",           "shard",         "merge",
                                        "out",   "no-figures",       "figure-format", "summary",
                                        "quiet", "require-accuracy", "force"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return figure_settings_have(name);
}

void sweep_settings_defaults(SweepSettings *settings)
{
    memset(settings, 0, sizeof *settings);
    settings->train = train_settings_defaults();
    settings->train.out = "spiral-sweep";
    settings->train.run.data.load.regular = true; /* read several times, and sweep.json may be untrusted */
    settings->seeds = 1;
    settings->keep_best = KEEP_BEST;
    settings->shard_index = settings->shard_count = 1;
}

void sweep_settings_clear(SweepSettings *settings)
{
    for (size_t i = 0; i < settings->axis_count; i++)
        spiral_sweep_axis_clear(&settings->axes[i]);
    free(settings->axes);
    settings->axes = NULL;
    settings->axis_count = 0;
}

/* ---- options with several values --------------------------------------------------------------------------------- */

static bool can_be_swept(const Option *option, const OptionGroup *group)
{
    bool own = group->options == sweep_options || group->options == place_options || group->options == output_options ||
               figure_settings_have(option->name);
    bool may_be_comma = option->kind == OPTION_CHARACTER || strcmp(option->name, "decimal") == 0;
    return !own && !may_be_comma;
}

/* The size of a single hidden layer counts as a number, too. */
static SpiralSweepDomain domain_of(const Option *option, const char *text)
{
    if (option->kind == OPTION_SIZES && strchr(text, ',') == NULL)
        return (SpiralSweepDomain){.number = true, .whole = true, .minimum = 1.0};
    return (SpiralSweepDomain){.number = option->kind == OPTION_REAL || option->kind == OPTION_SIZE,
                               .whole = option->kind == OPTION_SIZE,
                               .minimum = option->minimum,
                               .maximum = option->maximum,
                               .above = option->above};
}

/* A list of sizes or a text may itself contain commas. */
static char separator_of(const Option *option)
{
    return option->kind == OPTION_SIZES || option->kind == OPTION_TEXT ? ';' : ',';
}

/* Two texts of the option's value that mean the same, such as relu and ReLU. */
static bool are_same(const Option *option, const char *a, const char *b)
{
    double fraction, other;
    bool fractions = strcmp(option->name, "validation") == 0 && text_to_real(a, &fraction) && text_to_real(b, &other);
    return fractions ? fraction == other : strcmp(a, b) == 0;
}

/* Refuses the first of the axis's values that is no value of the option, or means the same as an earlier one. */
static SpiralStatus check_values(const Option *option, const OptionGroup *group, const SpiralSweepAxis *axis,
                                 SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    char **texts = cli_allocate(axis->count, sizeof *texts); /* each value as the program itself writes it */
    if (texts == NULL)
        return cli_no_memory(error);
    for (size_t i = 0; status == SPIRAL_OK && i < axis->count; i++) {
        status = value_set(option, group->settings, axis->values[i], error);
        if (status == SPIRAL_OK && (texts[i] = option_value(option, group->settings)) == NULL)
            status = cli_no_memory(error);
        for (size_t j = 0; status == SPIRAL_OK && !axis->domain.number && j < i; j++)
            if (are_same(option, texts[j], texts[i]))
                status = spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                          "--%s: \"%.*s\" and \"%.*s\" mean the same, expected values that differ",
                                          option->name, SPIRAL_TEXT_CUT(axis->values[j], 200),
                                          SPIRAL_TEXT_CUT(axis->values[i], 200));
    }
    for (size_t i = 0; i < axis->count; i++)
        free(texts[i]);
    free(texts);
    return status;
}

/* Are these the two files of X.npy,y.npy, both there? */
static bool are_files(const char *text)
{
    char X[PATH_MAX];
    size_t first = files_first_of_pair(text);
    if (first == 0 || first >= sizeof X)
        return false;
    memcpy(X, text, first);
    X[first] = '\0';
    return access(X, F_OK) == 0 && access(text + first + 1, F_OK) == 0;
}

static SpiralStatus take_axis(const Option *option, const OptionGroup *group, const char *text, void *context,
                              bool *taken, SpiralError *error)
{
    SweepSettings *settings = context;
    bool text_option = option->kind == OPTION_TEXT;
    bool file = text_option && (access(text, F_OK) == 0 || are_files(text)); /* a name may contain a semicolon */
    if (!can_be_swept(option, group) || file || !spiral_sweep_is_many(text, separator_of(option)))
        return SPIRAL_OK;
    if (option->kind == OPTION_SEED)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--seed: found \"%.*s\", expected one seed, and --seeds K for K of them",
                                SPIRAL_TEXT_CUT(text, 200));
    SpiralSweepDomain domain = domain_of(option, text);
    SpiralSweepAxis *axes = realloc(settings->axes, (settings->axis_count + 1) * sizeof *axes);
    if (axes == NULL)
        return cli_no_memory(error);
    settings->axes = axes;
    SpiralSweepAxis *axis = &axes[settings->axis_count++];
    *axis = (SpiralSweepAxis){0};
    SpiralError found;
    SpiralStatus status = spiral_sweep_axis_parse(option->name, text, separator_of(option), &domain, axis, &found);
    if (status != SPIRAL_OK) /* the error names the axis, which is the option's name */
        (void)spiral_error_set(error, status, NULL, 0, "%s%s", status == SPIRAL_ERROR_USAGE ? "--" : "", found.reason);
    if (status == SPIRAL_OK)
        status = check_values(option, group, axis, error);
    *taken = true;
    return status;
}

void sweep_table(SweepSettings *settings, OptionGroup groups[SWEEP_GROUPS], OptionTable *table)
{
    OptionGroup train[TRAIN_GROUPS];
    train_groups(&settings->train, train);
    memcpy(groups, train, TRAIN_WHAT_GROUPS * sizeof *groups);
    groups[TRAIN_WHAT_GROUPS] = (OptionGroup)OPTION_GROUP("Sweep", sweep_options, settings);
    groups[TRAIN_WHAT_GROUPS + 1] = (OptionGroup)OPTION_GROUP("Resuming and sharding", place_options, settings);
    groups[TRAIN_WHAT_GROUPS + 2] = (OptionGroup)OPTION_GROUP("Output", output_options, settings);
    groups[TRAIN_WHAT_GROUPS + 3] = options_group_figures(&settings->train.figures);
    groups[TRAIN_WHAT_GROUPS + 4] = options_group_boundaries(&settings->train.figures);
    table->groups = groups;
    table->group_count = SWEEP_GROUPS;
    table->take_value = take_axis;
    table->context = settings;
}

/* ---- figures ----------------------------------------------------------------------------------------------------- */

SpiralStatus sweep_find_axes(const SweepSettings *settings, const SpiralDataset *dataset, size_t features[2],
                             SpiralError *error)
{
    return figure_settings_find_axes(&settings->train.figures, dataset->features, dataset->feature_names, features,
                                     error);
}

SpiralFigureOptions sweep_figure_options(const SweepSettings *settings, const char *title)
{
    const TrainSettings *train = &settings->train;
    SpiralFigureOptions options = figure_settings_options(&train->figures, train->run.data.path == NULL, NULL);
    if (options.title == NULL)
        options.title = title;
    return options;
}

/* ---- input files of the runs ------------------------------------------------------------------------------------- */

const SpiralSweepAxis *sweep_find_axis(const SweepSettings *settings, const char *name)
{
    for (size_t i = 0; i < settings->axis_count; i++)
        if (strcmp(settings->axes[i].name, name) == 0)
            return &settings->axes[i];
    return NULL;
}

/* Visits all files that an option names: its one value, or the values of its axis. */
static SpiralStatus visit_files(const SweepSettings *settings, const char *option, const char *value, SweepInput *visit,
                                void *context, SpiralError *error)
{
    const SpiralSweepAxis *axis = sweep_find_axis(settings, option + strlen("--"));
    size_t count = axis != NULL ? axis->count : value != NULL ? 1 : 0;
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < count; i++) {
        const char *path = axis != NULL ? axis->values[i] : value;
        double fraction;
        if (strcmp(option, "--validation") != 0 || !text_to_real(path, &fraction))
            status = visit(option, path, context, error);
    }
    return status;
}

SpiralStatus sweep_visit_inputs(const SweepSettings *settings, SweepInput *visit, void *context, SpiralError *error)
{
    const TrainSettings *train = &settings->train;
    SpiralStatus status = visit_files(settings, "--data", train->run.data.path, visit, context, error);
    if (status == SPIRAL_OK)
        status = visit_files(settings, "--validation", train->validation, visit, context, error);
    return status == SPIRAL_OK ? visit_files(settings, "--init-from", train->init_from, visit, context, error) : status;
}

/* ---- checks ------------------------------------------------------------------------------------------------------ */

static SpiralStatus check_keep(SweepSettings *settings, SpiralError *error)
{
    static const char best[] = "best:";
    const char *text = settings->keep;
    size_t count;
    if (text == NULL)
        return SPIRAL_OK;
    if (strcmp(text, "all") == 0)
        settings->keep_best = SIZE_MAX;
    else if (strcmp(text, "none") == 0)
        settings->keep_best = 0;
    else if (strncmp(text, best, strlen(best)) == 0 && text_to_size(text + strlen(best), &count) && count > 0)
        settings->keep_best = count;
    else
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--keep: found \"%.*s\", expected best:N with N of at least 1, all or none",
                                SPIRAL_TEXT_CUT(text, 200));
    return SPIRAL_OK;
}

bool sweep_read_shard(const char *text, size_t *index, size_t *count)
{
    char first[32];
    size_t length = strcspn(text, "/");
    if (text[length] != '/' || length >= sizeof first)
        return false;
    snprintf(first, sizeof first, "%.*s", (int)length, text);
    return text_to_size(first, index) && text_to_size(text + length + 1, count) && *index >= 1 && *index <= *count &&
           *count <= SPIRAL_SWEEP_LIMIT;
}

static SpiralStatus check_shard(SweepSettings *settings, SpiralError *error)
{
    if (settings->shard == NULL)
        return SPIRAL_OK;
    if (!sweep_read_shard(settings->shard, &settings->shard_index, &settings->shard_count))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--shard: found \"%.*s\", expected I/N with I from 1 to N, "
                                "like 1/4",
                                SPIRAL_TEXT_CUT(settings->shard, 200));
    if (settings->prune || settings->refine > 0)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--%s compares all settings, and --shard has a part of them: leave one out",
                                settings->prune ? "prune" : "refine");
    return SPIRAL_OK;
}

static SpiralStatus check_prune(const SweepSettings *settings, const OptionTable *table, SpiralError *error)
{
    static const char *const names[] = {"patience", "tolerance", "target-loss"};
    const char *name = options_first_given(table, names, COUNT(names));
    if (settings->prune && name != NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--prune stops runs by comparing them, --%s each by itself: leave one out", name);
    return SPIRAL_OK;
}

/* Refuses options that can't be combined with --merge. */
static SpiralStatus check_merge(const OptionTable *table, SpiralError *error)
{
    static const char *const with[] = {"merge", "no-figures", "figure-format", "summary", "quiet", "require-accuracy"};
    for (size_t g = 0; g < table->group_count; g++)
        for (size_t i = 0; i < table->groups[g].count; i++) {
            const char *name = table->groups[g].options[i].name;
            bool fits = figure_settings_have(name);
            for (size_t j = 0; j < COUNT(with); j++)
                fits = fits || strcmp(name, with[j]) == 0;
            if (!fits && options_given(table, name))
                return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                        "--merge takes the sweep from its shards, and --%s is given: leave it out",
                                        name);
        }
    return SPIRAL_OK;
}

/* Files with commas between, as other commands list them. */
static SpiralStatus refuse_list(const char *option, const char *path, SpiralError *error)
{
    char list[128];
    snprintf(list, sizeof list, "%.*s", SPIRAL_TEXT_CUT(path, sizeof list - 1));
    for (char *c = list; *c != '\0'; c++)
        *c = *c == ',' ? ';' : *c;
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                            "%s: found \"%.*s\", which is not a file; a list of values has semicolons here: %s '%s'",
                            option, SPIRAL_TEXT_CUT(path, 200), option, list);
}

static SpiralStatus check_input(const char *option, const char *path, void *context, SpiralError *error)
{
    const SweepSettings *settings = context;
    /* the files of an existing sweep may be found in another folder */
    if (!settings->stored && strchr(path, ',') != NULL && access(path, F_OK) != 0 && files_first_of_pair(path) == 0)
        return refuse_list(option, path, error);
    if (strcmp(path, "-") != 0)
        return !settings->stored && strcmp(option, "--validation") == 0 ? train_check_validation(path, error)
                                                                        : SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                            "%s - can be read once, and a sweep goes back to its data: expected a file", option);
}

SpiralStatus sweep_settings_check(SweepSettings *settings, const OptionTable *table, SpiralError *error)
{
    if (settings->merge != NULL) {
        SpiralStatus status = check_merge(table, error);
        return status == SPIRAL_OK ? figure_settings_check(&settings->train.figures, error) : status;
    }
    if (settings->resume && settings->force)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--resume continues the sweep in the folder, --force replaces it: leave one out");
    if (settings->train.no_figures && options_given(table, "figure-format"))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--figure-format is that of figures, and --no-figures is given: leave one out");
    const char *name = figure_settings_first_given(table);
    if (settings->train.no_figures && name != NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--%s is about figures, and --no-figures is given: leave one out", name);
    SpiralStatus status = check_keep(settings, error);
    if (status == SPIRAL_OK)
        status = figure_settings_check(&settings->train.figures, error);
    if (status == SPIRAL_OK)
        status = sweep_visit_inputs(settings, check_input, settings, error);
    if (status == SPIRAL_OK)
        status = check_shard(settings, error);
    return status == SPIRAL_OK ? check_prune(settings, table, error) : status;
}
