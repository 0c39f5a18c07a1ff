/* jobs.c: the settings of each run, and the data shared by runs. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options/values.h"
#include "cli/sweep/internal.h"

/* ---- one run's settings ------------------------------------------------------------------------------------------ */

char *sweep_describe(const Sweep *sweep, size_t setting)
{
    char *text = cli_copy_string("");
    for (size_t a = 0; a < sweep->plan->options.axis_count; a++) {
        const char *value = spiral_sweep_plan_value(sweep->plan, setting, a);
        const char *name = sweep->plan->options.axes[a].name;
        text = cli_grow(text, "%s", a > 0 ? " " : "");
        if (strcmp(value, "true") == 0)
            text = cli_grow(text, "--%s", name);
        else
            text = cli_join_texts(text, shell_option(name, value));
    }
    return text;
}

/* Puts the setting before the error's reason. */
static SpiralStatus name_setting(const Sweep *sweep, size_t setting, SpiralError *error)
{
    SpiralError found = *error;
    char *text = sweep_describe(sweep, setting);
    SpiralStatus status =
        spiral_error_set(error, found.status, found.path, found.line, "%s%s%s", text != NULL ? text : "",
                         text != NULL && text[0] != '\0' ? ": " : "", found.reason);
    free(text);
    return status;
}

SpiralStatus sweep_run_make(const Sweep *sweep, size_t run, SweepRun *made, SpiralError *error)
{
    const SpiralSweepPlan *plan = sweep->plan;
    OptionGroup train[TRAIN_GROUPS];
    size_t setting = run / plan->options.seeds;
    made->train = sweep->settings->train;
    made->table = *sweep->table;
    train_groups(&made->train, train);
    memcpy(made->groups, sweep->table->groups, sizeof made->groups);
    for (size_t g = 0; g < TRAIN_WHAT_GROUPS; g++)
        made->groups[g].settings = train[g].settings;
    made->table.groups = made->groups;
    made->table.take_value = NULL;
    SpiralStatus status = SPIRAL_OK;
    for (size_t a = 0; status == SPIRAL_OK && a < plan->options.axis_count; a++)
        status =
            options_set(&made->table, plan->options.axes[a].name, spiral_sweep_plan_value(plan, setting, a), error);
    made->train.run.data.seed = spiral_sweep_plan_seed(plan, run);
    made->train.run.data.path = sweep_input_path(sweep, made->train.run.data.path);
    made->train.validation = sweep_input_path(sweep, made->train.validation);
    if (status == SPIRAL_OK)
        status = train_settings_check(&made->train, &made->table, error);
    made->train.quiet = true;
    return status == SPIRAL_OK ? SPIRAL_OK : name_setting(sweep, setting, error);
}

SpiralStatus sweep_check_settings(const Sweep *sweep, SpiralError *error)
{
    SweepRun *run = cli_allocate(1, sizeof *run);
    SpiralStatus status = run == NULL ? cli_no_memory(error) : SPIRAL_OK;
    for (size_t s = sweep->plan->first; status == SPIRAL_OK && s < sweep->plan->settings; s++)
        status = sweep_run_make(sweep, s * sweep->plan->options.seeds, run, error);
    free(run);
    return status;
}

static SpiralStatus check_iterations(const SpiralSweepRow *row, size_t run, const TrainSettings *train,
                                     const char *path, SpiralError *error)
{
    size_t iterations = train->run.training.iterations;
    bool all = row->status == SPIRAL_SWEEP_OK && train->run.training.patience == 0; /* else those of the best weights */
    if (row->iterations <= iterations && (row->iterations == iterations || !all))
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "run %zu (%s): found %zu iterations, expected %s%zu",
                            run, spiral_sweep_status_name(row->status), row->iterations, all ? "" : "at most ",
                            iterations);
}

SpiralStatus sweep_check_iterations(const Sweep *sweep, const char *path, SpiralError *error)
{
    const SpiralSweepPlan *plan = sweep->plan;
    SweepRun *made = cli_allocate(1, sizeof *made);
    SpiralStatus status = made == NULL ? cli_no_memory(error) : SPIRAL_OK;
    for (size_t s = 0; status == SPIRAL_OK && s < plan->settings; s++) {
        if (!spiral_sweep_plan_has(plan, s))
            continue;
        status = sweep_run_make(sweep, s * plan->options.seeds, made, error);
        bool known = made->train.epochs == 0; /* the iterations of an epoch depend on the data */
        for (size_t i = 0; status == SPIRAL_OK && known && i < plan->options.seeds; i++) {
            size_t run = s * plan->options.seeds + i;
            const SpiralSweepRow *row = spiral_sweep_results_row(sweep->results, run);
            if (row->status != SPIRAL_SWEEP_NONE)
                status = check_iterations(row, run, &made->train, path, error);
        }
    }
    free(made);
    return status;
}

/* ---- what all runs have in common -------------------------------------------------------------------------------- */

char *sweep_hidden_hint(const SweepSettings *settings)
{
    const OptionSizes *hidden = &settings->train.run.model.hidden;
    char *text = cli_copy_string("");
    bool differ = hidden->count > 1 && sweep_find_axis(settings, "hidden") == NULL;
    for (size_t i = 1; i < hidden->count; i++)
        for (size_t j = 0; j < i; j++)
            differ = differ && hidden->values[i] != hidden->values[j];
    if (!differ)
        return text;
    text = cli_grow(text, "one network; --hidden '");
    for (size_t i = 0; i < hidden->count; i++)
        text = cli_grow(text, "%s%zu", i > 0 ? ";" : "", hidden->values[i]);
    return cli_grow(text, "' tries each size");
}

static bool is_swept(const Sweep *sweep, const char *name)
{
    return sweep_find_axis(sweep->settings, name) != NULL;
}

/* Appends "2-100-3", with (hidden), (data) or (model) in place of sizes that differ. */
static char *grow_sizes(char *text, const Sweep *sweep, const SpiralNetwork *network)
{
    static const char *const data[] = {"data",  "header",  "label",   "delimiter",
                                       "shape", "classes", "balance", "dimensions"};
    for (size_t i = 0; i < COUNT(data); i++)
        if (is_swept(sweep, data[i]))
            return cli_grow(text, "the sizes of each --%s", data[i]);
    if (is_swept(sweep, "hidden") || is_swept(sweep, "model"))
        return cli_grow(text, "%zu-(%s)-%zu", network->sizes[0], is_swept(sweep, "hidden") ? "hidden" : "model",
                        network->sizes[network->layers]);
    for (size_t l = 0; l <= network->layers; l++)
        text = cli_grow(text, "%s%zu", l > 0 ? "-" : "", network->sizes[l]);
    char *hint = network->layers > 1 ? sweep_hidden_hint(sweep->settings) : cli_copy_string("");
    if (hint == NULL || hint[0] == '\0')
        return cli_join_texts(text, hint);
    return cli_grow(cli_join_texts(cli_grow(text, " ("), hint), ")");
}

char *sweep_describe_runs(const Sweep *sweep, const TrainSettings *train, const SpiralNetwork *network)
{
    char *text = grow_sizes(cli_copy_string("each run: "), sweep, network);
    const SpiralTrainOptions *training = &train->run.training;
    if (network->layers > 1 && !is_swept(sweep, "activation") && !is_swept(sweep, "model"))
        text = cli_grow(text, ", %s", spiral_activation_name(network->activation));
    if (!is_swept(sweep, "optimizer"))
        text = cli_grow(text, ", %s", spiral_optimizer_name(training->optimizer.kind));
    if (train->epochs > 0 && !is_swept(sweep, "epochs"))
        text = cli_grow(text, ", %zu epoch%s", train->epochs, train->epochs == 1 ? "" : "s");
    else if (train->epochs == 0 && !is_swept(sweep, "iterations") && !is_swept(sweep, "model"))
        text = cli_grow(text, ", %zu iteration%s", training->iterations, training->iterations == 1 ? "" : "s");
    return text;
}

/* ---- data -------------------------------------------------------------------------------------------------------- */

/* The values of the options that determine the data, including the seed where it matters. Freed by free(); NULL when
 * out of memory. */
static char *data_key(const TrainSettings *train)
{
    OptionGroup groups[TRAIN_GROUPS];
    TrainSettings copy = *train; /* the option groups need a pointer to mutable settings */
    train_groups(&copy, groups);
    double fraction;
    bool drawn =
        train->run.data.path == NULL || (train->validation != NULL && text_to_real(train->validation, &fraction));
    char *key = cli_copy_string("");
    for (size_t g = 0; g < 2; g++) /* generated and loaded data */
        for (size_t i = 0; i < groups[g].count; i++) {
            const Option *option = &groups[g].options[i];
            if (strcmp(option->name, "seed") == 0 || strcmp(option->name, "standardize") == 0)
                continue;
            key = cli_grow(cli_join_texts(key, option_value(option, groups[g].settings)), "\n");
        }
    return cli_grow(key, "%s\n%lu", train->validation != NULL ? train->validation : "",
                    drawn ? (unsigned long)train->run.data.seed : 0ul);
}

static void free_data(SweepData *data)
{
    train_data_free(&data->data);
    free(data->key);
    free(data);
}

/* Frees unused data sets, but keeps some of them, because the next setting uses the same seeds. */
static void drop_unused(Sweep *sweep)
{
    enum { UNUSED_KEPT = 64 };
    size_t unused = 0;
    for (size_t i = 0; i < sweep->data_count; i++)
        unused += sweep->data[i]->users == 0;
    size_t kept = 0;
    for (size_t i = 0; i < sweep->data_count; i++) {
        SweepData *data = sweep->data[i];
        if (unused > UNUSED_KEPT && data->users == 0) {
            free_data(data);
            unused--;
        } else
            sweep->data[kept++] = data;
    }
    sweep->data_count = kept;
}

static SweepData *find_data(const Sweep *sweep, const char *key)
{
    for (size_t i = 0; i < sweep->data_count; i++)
        if (strcmp(sweep->data[i]->key, key) == 0)
            return sweep->data[i];
    return NULL;
}

/* Has the same table been loaded, perhaps with another seed, which is the key's last line? */
static bool is_reported(const Sweep *sweep, const char *key)
{
    size_t length = (size_t)(strrchr(key, '\n') - key) + 1;
    for (size_t i = 0; i < sweep->data_count; i++)
        if (strncmp(sweep->data[i]->key, key, length) == 0)
            return true;
    return sweep->reported;
}

/* Takes ownership of the key. */
static SpiralStatus load_data(Sweep *sweep, const TrainSettings *train, char *key, SweepData **data, SpiralError *error)
{
    drop_unused(sweep);
    SweepData **grown = realloc(sweep->data, (sweep->data_count + 1) * sizeof *grown);
    SweepData *made = cli_allocate(1, sizeof *made);
    if (grown != NULL)
        sweep->data = grown;
    if (grown == NULL || made == NULL) {
        free(key);
        free(made);
        return cli_no_memory(error);
    }
    made->key = key;
    TrainSettings loud = *train; /* the first file is described, and each is doubted once */
    loud.quiet = sweep->settings->train.quiet || sweep->reported || sweep->data_count > 0;
    TableUse use = is_reported(sweep, key) ? TABLE_AGAIN : TABLE_TO_TRAIN_ON;
    SpiralStatus status = train_data_load(&loud, use, &made->data, error);
    if (status != SPIRAL_OK) {
        free_data(made);
        return status;
    }
    sweep->data[sweep->data_count++] = made;
    *data = made;
    return SPIRAL_OK;
}

SpiralStatus sweep_take_data(Sweep *sweep, const TrainSettings *train, SweepData **data, SpiralError *error)
{
    char *key = data_key(train);
    if (key == NULL)
        return cli_no_memory(error);
    *data = find_data(sweep, key);
    SpiralStatus status = SPIRAL_OK;
    if (*data != NULL)
        free(key);
    else
        status = load_data(sweep, train, key, data, error);
    if (status == SPIRAL_OK)
        (*data)->users++;
    return status;
}

void sweep_give_back(SweepData *data)
{
    if (data != NULL)
        data->users--;
}

/* ---- a run's model ----------------------------------------------------------------------------------------------- */

SpiralStatus sweep_match_model(Sweep *sweep, size_t run, SpiralNetwork *model, const char *path, SpiralError *error)
{
    SweepData *data = NULL;
    SweepRun *made = cli_allocate(1, sizeof *made);
    SpiralStatus status = made == NULL ? cli_no_memory(error) : sweep_run_make(sweep, run, made, error);
    if (status == SPIRAL_OK)
        status = train_check_model(&made->train, model, path, error);
    if (status == SPIRAL_OK) {
        /* one table for all seeds: the features and classes are the same */
        made->train.run.data.seed = sweep->settings->train.run.data.seed;
        status = sweep_take_data(sweep, &made->train, &data, error);
    }
    if (status == SPIRAL_OK)
        status = train_match_model(data->data.dataset, model, path, error);
    sweep_give_back(data);
    free(made);
    return status;
}
