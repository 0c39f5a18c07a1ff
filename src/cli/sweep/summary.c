/* summary.c: the results of a sweep, as summary.json and as text. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "cli/build.h"
#include "cli/cli.h"
#include "cli/options/values.h"
#include "cli/sweep/internal.h"

typedef struct Outcome {
    const Sweep *sweep;
    size_t counts[SPIRAL_SWEEP_FAILED + 1]; /* runs by status */
    size_t runs, settings;
    double seconds;       /* total of all runs */
    bool validated;       /* measured on validation data */
    bool there_is_a_best; /* the first in the ranking has no run that diverged or failed */
    SpiralSweepScore best;
    size_t best_run;
    char *setting, *command; /* of the best setting */
} Outcome;

/* ---- the command ------------------------------------------------------------------------------------------------- */

/* The value of a swept option in the setting; NULL when the option is not swept. */
static const char *swept_value(const Sweep *sweep, size_t setting, const char *name)
{
    for (size_t a = 0; a < sweep->plan->options.axis_count; a++)
        if (strcmp(sweep->plan->options.axes[a].name, name) == 0)
            return spiral_sweep_plan_value(sweep->plan, setting, a);
    return NULL;
}

/* Appends the option with its value in the run, if it was given. */
static char *append_given(char *text, const Sweep *sweep, size_t run, const OptionGroup *group, const Option *option)
{
    if (!options_given(sweep->table, option->name) || option->kind == OPTION_SEED)
        return text;
    const char *swept = swept_value(sweep, run / sweep->plan->options.seeds, option->name);
    return swept != NULL ? option_append(text, option, swept) : option_append_current(text, option, group->settings);
}

/* The command that repeats the run. Freed by free(); NULL when out of memory. */
static char *make_command(const Sweep *sweep, size_t run)
{
    char *text = cli_copy_string("spiral train");
    for (size_t g = 0; g < sweep->table->group_count; g++) {
        const OptionGroup *group = &sweep->table->groups[g];
        for (size_t i = 0; text != NULL && i < group->count; i++)
            if (g < TRAIN_WHAT_GROUPS || strcmp(group->options[i].name, "log-every") == 0)
                text = append_given(text, sweep, run, group, &group->options[i]);
    }
    return cli_grow(text, " --seed %lu", (unsigned long)spiral_sweep_plan_seed(sweep->plan, run));
}

/* ---- collecting the results -------------------------------------------------------------------------------------- */

static SpiralStatus look(const Sweep *sweep, Outcome *outcome, SpiralError *error)
{
    *outcome = (Outcome){.sweep = sweep};
    for (size_t run = 0; run < spiral_sweep_plan_runs(sweep->plan); run++) {
        const SpiralSweepRow *row = spiral_sweep_results_row(sweep->results, run);
        if (row->status == SPIRAL_SWEEP_NONE)
            continue;
        outcome->counts[row->status]++;
        outcome->runs++;
        outcome->seconds += row->seconds;
        outcome->validated |= !isnan(row->validation_accuracy);
    }
    SpiralSweepScore *scores;
    size_t count;
    SpiralStatus status = spiral_sweep_ranking(sweep->results, sweep->settings->measure, &scores, &count, error);
    if (status != SPIRAL_OK)
        return status;
    outcome->settings = count;
    outcome->there_is_a_best = count > 0 && spiral_sweep_score_is_sound(&scores[0]);
    if (outcome->there_is_a_best) {
        outcome->best = scores[0];
        outcome->best_run = spiral_sweep_best_run(sweep->results, sweep->settings->measure, scores[0].setting);
        outcome->setting = sweep_describe(sweep, scores[0].setting);
        outcome->command = make_command(sweep, outcome->best_run);
        if (outcome->setting == NULL || outcome->command == NULL)
            status = cli_no_memory(error);
    }
    free(scores);
    return status;
}

/* ---- summary.json ------------------------------------------------------------------------------------------------ */

static bool add_counts(cJSON *root, const Outcome *outcome)
{
    bool added = json_add_size(root, "runs", outcome->runs);
    for (int status = SPIRAL_SWEEP_OK; added && status <= SPIRAL_SWEEP_FAILED; status++)
        added = json_add_size(root, spiral_sweep_status_name((SpiralSweepStatus)status), outcome->counts[status]);
    const SweepSettings *settings = outcome->sweep->settings;
    return added && json_add_size(root, "settings", outcome->settings) &&
           json_add_size(root, "seeds", settings->seeds) &&
           json_add_text(root, "by", settings->measure == SPIRAL_SWEEP_BY_LOSS ? "data_loss" : "accuracy") &&
           json_add_text(root, "measured_on", outcome->validated ? "validation data" : "training data");
}

static bool add_values(cJSON *object, const Outcome *outcome)
{
    const SpiralSweepPlan *plan = outcome->sweep->plan;
    cJSON *values = cJSON_AddObjectToObject(object, "values");
    bool added = values != NULL;
    for (size_t a = 0; added && a < plan->options.axis_count; a++) {
        char name[64];
        static const Option real = {.kind = OPTION_REAL};
        double parsed;
        spiral_sweep_column_name(&plan->options.axes[a], name, sizeof name);
        const char *value = spiral_sweep_plan_value(plan, outcome->best.setting, a);
        bool is_number = spiral_sweep_axis_is_number(&plan->options.axes[a]) && text_to_real(value, &parsed);
        char *number = is_number ? option_value(&real, &parsed) : NULL; /* JSON does not allow .1 */
        added = is_number ? number != NULL && json_add_raw(values, name, number) : json_add_text(values, name, value);
        free(number);
    }
    return added;
}

static bool add_best(cJSON *root, const Outcome *outcome)
{
    if (!outcome->there_is_a_best)
        return cJSON_AddNullToObject(root, "best") != NULL;
    const SpiralSweepScore *best = &outcome->best;
    const SpiralSweepRow *row = spiral_sweep_results_row(outcome->sweep->results, outcome->best_run);
    cJSON *object = cJSON_AddObjectToObject(root, "best");
    return object != NULL && add_values(object, outcome) && json_add_size(object, "runs", best->runs) &&
           json_add_real(object, "accuracy", best->accuracy) &&
           json_add_real(object, "accuracy_deviation", best->accuracy_deviation) &&
           json_add_real(object, "data_loss", best->loss) &&
           json_add_real(object, "data_loss_deviation", best->loss_deviation) &&
           json_add_size(object, "run", outcome->best_run) &&
           json_add_size(object, "run_seed", spiral_sweep_plan_seed(outcome->sweep->plan, outcome->best_run)) &&
           json_add_real(object, "run_loss", row->loss) && json_add_real(object, "run_data_loss", row->data_loss) &&
           json_add_real(object, "run_accuracy", row->accuracy) &&
           json_add_real(object, "run_validation_loss", row->validation_loss) &&
           json_add_real(object, "run_validation_accuracy", row->validation_accuracy) &&
           json_add_text(object, "command", outcome->command);
}

/* Is the best value at an end of the axis? */
static bool at_border(const Outcome *outcome, size_t axis, bool *low, char *next, size_t size)
{
    const SpiralSweepPlan *plan = outcome->sweep->plan;
    return outcome->there_is_a_best &&
           spiral_sweep_axis_border(&plan->options.axes[axis],
                                    spiral_sweep_plan_value(plan, outcome->best.setting, axis), low, next, size);
}

static bool add_borders(cJSON *root, const Outcome *outcome)
{
    const SpiralSweepPlan *plan = outcome->sweep->plan;
    cJSON *array = cJSON_AddArrayToObject(root, "borders");
    bool added = array != NULL, low;
    char next[256];
    for (size_t a = 0; added && a < plan->options.axis_count; a++) {
        if (!at_border(outcome, a, &low, next, sizeof next))
            continue;
        cJSON *object = cJSON_CreateObject();
        added = object != NULL && cJSON_AddItemToArray(array, object) &&
                json_add_text(object, "option", plan->options.axes[a].name) &&
                json_add_text(object, "end", low ? "lower" : "upper") && json_add_text(object, "try", next);
    }
    return added;
}

static char *make_json(const Outcome *outcome)
{
    cJSON *root = cJSON_CreateObject();
    bool added = root != NULL && add_counts(root, outcome) && add_best(root, outcome) && add_borders(root, outcome) &&
                 build_add(root) && json_add_real(root, "seconds", outcome->seconds);
    char *text = added ? json_text(root) : NULL;
    cJSON_Delete(root);
    return text;
}

/* ---- text output ------------------------------------------------------------------------------------------------- */

static void print_counts(const Outcome *outcome)
{
    printf("%zu run%s:", outcome->runs, outcome->runs == 1 ? "" : "s");
    const char *before = " ";
    for (int status = SPIRAL_SWEEP_OK; status <= SPIRAL_SWEEP_FAILED; status++)
        if (outcome->counts[status] > 0) {
            printf("%s%zu %s", before, outcome->counts[status], spiral_sweep_status_name((SpiralSweepStatus)status));
            before = ", ";
        }
    printf("\n");
}

static void print_best(const Outcome *outcome)
{
    const SpiralSweepScore *best = &outcome->best;
    const char *where = outcome->validated ? "validation " : "";
    char accuracy[SPIRAL_NUMBER_TEXT];
    printf("best: %s%s%saccuracy %s", outcome->setting, outcome->setting[0] != '\0' ? ": " : "", where,
           spiral_accuracy_print(best->accuracy, 4, accuracy));
    if (best->runs > 1)
        printf(" +- %.4f, data loss %.4f +- %.4f over %zu seeds\n", best->accuracy_deviation, best->loss,
               best->loss_deviation, best->runs);
    else
        printf(", data loss %.4f\n", best->loss);
    printf("reproduce with: %s\n", outcome->command);
}

static void print_borders(const Outcome *outcome)
{
    const SpiralSweepPlan *plan = outcome->sweep->plan;
    char next[256];
    bool low;
    for (size_t a = 0; a < plan->options.axis_count; a++)
        if (at_border(outcome, a, &low, next, sizeof next))
            printf("--%s %s is at the %s end of its range: try --%s %s\n", plan->options.axes[a].name,
                   spiral_sweep_plan_value(plan, outcome->best.setting, a), low ? "lower" : "upper",
                   plan->options.axes[a].name, next);
}

/* Advice about the most frequent cause of divergence. */
static const char *advise(const Sweep *sweep)
{
    static const char *const advice[] = {
        [SPIRAL_CAUSE_RATE] = "try lower learning rates",
        [SPIRAL_CAUSE_REG] = "try a lower --reg",
        [SPIRAL_CAUSE_DATA] = "the features are large: try --standardize, or lower learning rates",
        [SPIRAL_CAUSE_WEIGHTS] = "the initial weights are large: try a lower --init-scale, or another --init-from",
        [SPIRAL_CAUSE_VALIDATION] = "the validation data is on a very different scale from the training data",
    };
    size_t most = SPIRAL_CAUSE_RATE;
    for (size_t cause = 0; cause < COUNT(advice); cause++)
        most = sweep->causes[cause] > sweep->causes[most] ? cause : most;
    if (most == SPIRAL_CAUSE_DATA && sweep->settings->train.run.data.standardize)
        return "the features are large though standardised: look for outliers, or try lower learning rates";
    return advice[most];
}

/* "run 3 (--hidden 1000000): REASON" of the first run that failed. Freed by free(); NULL when out of memory. */
static char *describe_failure(const Sweep *sweep)
{
    size_t run = 0;
    while (spiral_sweep_results_row(sweep->results, run)->status != SPIRAL_SWEEP_FAILED)
        run++;
    const char *reason = spiral_sweep_results_row(sweep->results, run)->reason;
    char *setting = sweep_describe(sweep, run / sweep->plan->options.seeds), *text = cli_copy_string("");
    text = cli_grow(text, "run %zu%s%s%s: %s", run, setting != NULL && setting[0] != '\0' ? " (" : "",
                    setting != NULL ? setting : "", setting != NULL && setting[0] != '\0' ? ")" : "",
                    reason != NULL ? reason : "out of memory");
    free(setting);
    return text;
}

static SpiralStatus judge_failed(const Outcome *outcome, SpiralError *error)
{
    char *first = describe_failure(outcome->sweep);
    if (first == NULL)
        return cli_no_memory(error);
    SpiralStatus status = SPIRAL_OK;
    if (outcome->counts[SPIRAL_SWEEP_FAILED] == outcome->runs)
        status = spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "every run failed; the first was %s", first);
    else if (!outcome->sweep->settings->train.quiet)
        cli_warn(NULL, "%zu of %zu runs failed; the first was %s", outcome->counts[SPIRAL_SWEEP_FAILED], outcome->runs,
                 first);
    free(first);
    return status;
}

static SpiralStatus judge(const Outcome *outcome, SpiralError *error)
{
    const SweepSettings *settings = outcome->sweep->settings;
    SpiralStatus status = outcome->counts[SPIRAL_SWEEP_FAILED] > 0 ? judge_failed(outcome, error) : SPIRAL_OK;
    if (status != SPIRAL_OK)
        return status;
    if (!outcome->there_is_a_best && outcome->runs > 0)
        return spiral_error_set(error, SPIRAL_ERROR_DIVERGED, NULL, 0,
                                "every setting diverged%s with at least one seed; %s",
                                outcome->counts[SPIRAL_SWEEP_FAILED] > 0 ? " or failed" : "", advise(outcome->sweep));
    if (!outcome->there_is_a_best)
        return SPIRAL_OK;
    char name[64];
    snprintf(name, sizeof name, "best setting's %s%s accuracy", outcome->best.runs > 1 ? "mean " : "",
             outcome->validated ? "validation" : "training");
    return accuracy_require(outcome->sweep->table, settings->train.require_accuracy, name, outcome->best.accuracy,
                            error);
}

SpiralStatus sweep_summarize(Sweep *sweep, SpiralError *error)
{
    Outcome outcome;
    const TrainSettings *train = &sweep->settings->train;
    SpiralStatus status = look(sweep, &outcome, error);
    char *path = cli_join(sweep->folder, "summary.json"), *text = status == SPIRAL_OK ? make_json(&outcome) : NULL;
    if (status == SPIRAL_OK)
        status =
            path == NULL || text == NULL ? cli_no_memory(error) : spiral_output_save(path, text, strlen(text), error);
    if (status == SPIRAL_OK && train->summary == SUMMARY_JSON) {
        fputs(text, stdout);
    } else if (status == SPIRAL_OK && !train->quiet) {
        print_counts(&outcome);
        if (outcome.there_is_a_best)
            print_best(&outcome);
        print_borders(&outcome);
    }
    if (status == SPIRAL_OK)
        status = judge(&outcome, error);
    free(path);
    free(text);
    free(outcome.setting);
    free(outcome.command);
    return status;
}

SpiralStatus sweep_report(Sweep *sweep, SpiralError *error)
{
    SpiralError drawing;
    SpiralStatus status = sweep_summarize(sweep, error);
    /* figures can be drawn even when the results fail a check or all runs diverged */
    bool judged = status == SPIRAL_ERROR_CHECK || status == SPIRAL_ERROR_DIVERGED;
    if (sweep->settings->train.no_figures || (status != SPIRAL_OK && !judged))
        return status;
    SpiralStatus drawn = sweep_draw(sweep, &drawing);
    if (drawn == SPIRAL_OK)
        return status;
    *error = drawing;
    return drawn;
}
