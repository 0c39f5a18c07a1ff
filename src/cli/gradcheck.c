#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/examined_network.h"
#include "cli/json.h"
#include "cli/network_name.h"
#include "cli/run.h"

typedef struct GradcheckSettings {
    ExaminedSettings examined;
    SpiralGradientCheckOptions check;
    size_t rows; /* 0: all */
    SummaryKind summary;
} GradcheckSettings;

static const Option check_options[] = {
    {"tolerance", REAL(GradcheckSettings, check.tolerance), "T",
     "The largest relative error |fa - fn| / max(|fa|, |fn|) that passes. Where rounding lets a difference resolve "
     "less "
     "than T, the error has to be below what it resolves."},
    {"step", REAL(GradcheckSettings, check.step), "H", "How far a step may move a pre-activation or a score.",
     .minimum = 1e-8, .maximum = 1},
    {"samples", SIZE(GradcheckSettings, check.samples), "N",
     "Coordinates of each group, drawn from the random numbers; 0: all."},
    {"rows", SIZE(GradcheckSettings, rows), "N",
     "Observations to take, evenly from the classes, after --burn-in; 0: all. Fewer have fewer kinks."},
    {"dropout", REAL(GradcheckSettings, examined.run.training.dropout), "P",
     "Part of the hidden units left out: the same ones for each evaluation. --burn-in draws them anew.", .maximum = 1},
    {"summary", CHOICE(GradcheckSettings, summary, summary_names),
     "On standard output: the table and what it means, or the same numbers as JSON."},
};

static void print_heading(const GradcheckSettings *settings, size_t rows, const SpiralDataset *taken,
                          const SpiralNetwork *network)
{
    const ExaminedSettings *examined = &settings->examined;
    const SpiralObjective *objective = &examined->run.training.objective;
    char shape[256];
    network_shape(network, shape, sizeof shape);
    printf("%s, %zu parameters, after %zu iterations; ", shape, network->parameter_count, examined->burn_in);
    if (taken->rows < rows)
        printf("%zu of ", taken->rows);
    printf("%zu observations; %s loss, reg %g", rows, objective->reduction == SPIRAL_REDUCTION_MEAN ? "mean" : "sum",
           objective->reg);
    if (objective->l1 > 0.0)
        printf(", l1 %g", objective->l1);
    if (network->layers > 1)
        printf("; %s", spiral_activation_name(network->activation));
    if (examined->run.training.dropout > 0.0)
        printf(", dropout %g", examined->run.training.dropout);
    printf("\n\n");
}

/* ---- the tables -------------------------------------------------------------------------------------------------- */

/* The index of an element: "[0,12]" in a W, "[12]" in a b. */
static void describe_place(const SpiralGradientCheckGroup *group, SpiralGradientPart part, char *text, size_t size)
{
    const SpiralGradientComparison *comparison = &group->part[part];
    if (group->name[0] == 'W')
        snprintf(text, size, "[%zu,%zu]", comparison->worst_row, comparison->worst_column);
    else
        snprintf(text, size, "[%zu]", comparison->worst_column);
}

/* printf writes "-nan" when the sign bit happens to be set. */
static double without_sign(double value)
{
    return isnan(value) ? NAN : value;
}

static const char *grade_of(const SpiralGradientComparison *comparison, bool kinks)
{
    if (comparison->verdict == SPIRAL_GRADIENT_HARD)
        return "hard";
    if (!isfinite(comparison->worst))
        return "no number";
    return comparison->largest == 0.0 ? "all 0" : spiral_gradient_grade(comparison->worst, kinks);
}

static void print_group(const SpiralGradientCheckGroup *group, SpiralGradientPart part, bool kinks)
{
    const SpiralGradientComparison *comparison = &group->part[part];
    if (comparison->count + comparison->kinks == 0)
        return;
    char place[48];
    describe_place(group, part, place, sizeof place);
    printf("%-6s %11zu %6zu ", group->name, comparison->count + comparison->kinks, comparison->kinks);
    if (comparison->verdict == SPIRAL_GRADIENT_UNCOMPARED) {
        printf("%12s\n", "-");
        return;
    }
    printf("%12.2e %9.1e  %-12s %19.11e %19.11e  %s\n", comparison->worst, comparison->resolved, place,
           without_sign(comparison->analytic), without_sign(comparison->numeric), grade_of(comparison, kinks));
}

/* Does the part's gradient jump anywhere? */
static bool has_kinks(SpiralGradientPart part, const SpiralNetwork *network, const SpiralObjective *objective)
{
    bool relu = network->activation == SPIRAL_ACTIVATION_RELU || network->activation == SPIRAL_ACTIVATION_LEAKY_RELU;
    return (part != SPIRAL_GRADIENT_REGULARIZATION && network->layers > 1 && relu) ||
           (part != SPIRAL_GRADIENT_DATA && objective->l1 > 0.0);
}

static const char *const part_names[SPIRAL_GRADIENT_PARTS] = {
    [SPIRAL_GRADIENT_LOSS] = "the loss",
    [SPIRAL_GRADIENT_DATA] = "the data loss alone",
    [SPIRAL_GRADIENT_REGULARIZATION] = "the regularisation alone",
};

/* The same in JSON. */
static const char *const part_keys[SPIRAL_GRADIENT_PARTS] = {
    [SPIRAL_GRADIENT_LOSS] = "loss",
    [SPIRAL_GRADIENT_DATA] = "data_loss",
    [SPIRAL_GRADIENT_REGULARIZATION] = "reg_loss",
};

static void print_tables(const SpiralGradientCheck *check, const SpiralNetwork *network,
                         const SpiralObjective *objective)
{
    printf("%-6s %11s %6s %12s %9s  %-12s %19s %19s  %s\n", "group", "coordinates", "kinks", "worst error", "resolves",
           "at", "analytic", "numeric", "grade");
    for (int p = 0; p < SPIRAL_GRADIENT_PARTS; p++) {
        SpiralGradientPart part = (SpiralGradientPart)p;
        const SpiralGradientComparison *total = &check->total[part];
        if (part != SPIRAL_GRADIENT_LOSS && total->count + total->kinks > 0)
            printf("%s:\n", part_names[part]);
        for (size_t g = 0; g < check->group_count; g++)
            print_group(&check->groups[g], part, has_kinks(part, network, objective));
    }
}

static void print_kinks(const SpiralGradientComparison *total)
{
    printf("\nkinks: %zu coordinates whose centred step crosses a kink (of a ReLU for some observation, of l1 |w| at "
           "0) even\n"
           "when it is shortened to a twentieth. What has the kink is differenced on the side without it, the rest "
           "centred.\n",
           total->kinks);
    if (total->kinks_compared < total->kinks)
        printf("%zu of them have kinks on both sides and are not compared.\n", total->kinks - total->kinks_compared);
}

static void print_hard(const SpiralGradientComparison *total, double tolerance)
{
    printf("\nhard: %zu coordinates whose gradient is so small beside the rounding of the loss that the difference "
           "resolves\nless than %g of it. They agree with it as far as it does",
           total->hard, tolerance);
    if (total->lost > 0)
        printf("; of %zu it does not even resolve the sign.\n", total->lost);
    else
        printf(", at worst to %.1e.\n", total->least_resolved);
}

static void print_sizes(const SpiralGradientComparison *total, const char *name)
{
    size_t compared = total->count + total->kinks_compared;
    printf("sizes: the gradient of %s is %.1e to %.1e in absolute value", name, total->smallest, total->largest);
    if (total->zero > 0)
        printf(", and 0 for %zu of %zu coordinates", total->zero, compared);
    printf("\n");
    if (total->small > 0)
        printf("%zu of %zu are at most %g, which is worrying: little but rounding is left of such numbers. Try larger "
               "weights\n(--init he), fewer --rows, or --reduction sum.\n",
               total->small, compared, SPIRAL_GRADIENT_SMALL);
}

static void print_notes(const GradcheckSettings *settings, const SpiralGradientCheck *check)
{
    const SpiralGradientComparison *loss = &check->total[SPIRAL_GRADIENT_LOSS];
    if (loss->kinks > 0)
        print_kinks(loss);
    if (loss->hard > 0)
        print_hard(loss, settings->check.tolerance);
    if (loss->verdict != SPIRAL_GRADIENT_UNCOMPARED)
        printf("\n");
    for (int p = SPIRAL_GRADIENT_LOSS; p <= SPIRAL_GRADIENT_DATA; p++)
        if (check->total[p].verdict != SPIRAL_GRADIENT_UNCOMPARED)
            print_sizes(&check->total[p], part_names[p]);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static bool add_comparison(cJSON *object, const SpiralGradientCheckGroup *group, SpiralGradientPart part, bool kinks)
{
    const SpiralGradientComparison *comparison = &group->part[part];
    bool compared = comparison->verdict != SPIRAL_GRADIENT_UNCOMPARED;
    char place[48];
    describe_place(group, part, place, sizeof place);
    return json_add_text(object, "group", group->name) && json_add_text(object, "part", part_keys[part]) &&
           json_add_size(object, "coordinates", comparison->count + comparison->kinks) &&
           json_add_size(object, "kinks", comparison->kinks) && json_add_size(object, "wrong", comparison->wrong) &&
           json_add_size(object, "hard", comparison->hard) &&
           json_add_real(object, "worst_error", compared ? comparison->worst : NAN) &&
           json_add_real(object, "resolves", compared ? comparison->resolved : NAN) &&
           json_add_text(object, "at", compared ? place : NULL) &&
           json_add_real(object, "analytic", compared ? comparison->analytic : NAN) &&
           json_add_real(object, "numeric", compared ? comparison->numeric : NAN) &&
           json_add_text(object, "grade", compared ? grade_of(comparison, kinks) : NULL);
}

static bool add_groups(cJSON *root, const SpiralGradientCheck *check, const SpiralNetwork *network,
                       const SpiralObjective *objective)
{
    cJSON *array = cJSON_AddArrayToObject(root, "groups");
    bool added = array != NULL;
    for (int p = 0; p < SPIRAL_GRADIENT_PARTS; p++)
        for (size_t g = 0; added && g < check->group_count; g++) {
            SpiralGradientPart part = (SpiralGradientPart)p;
            const SpiralGradientComparison *comparison = &check->groups[g].part[part];
            if (comparison->count + comparison->kinks == 0)
                continue;
            cJSON *object = cJSON_CreateObject();
            added = object != NULL && cJSON_AddItemToArray(array, object) &&
                    add_comparison(object, &check->groups[g], part, has_kinks(part, network, objective));
        }
    return added;
}

static SpiralStatus print_json(const GradcheckSettings *settings, const SpiralGradientCheck *check,
                               const SpiralDataset *dataset, const SpiralNetwork *network, SpiralError *error)
{
    const ExaminedSettings *examined = &settings->examined;
    const SpiralGradientComparison *loss = &check->total[SPIRAL_GRADIENT_LOSS];
    cJSON *root = cJSON_CreateObject();
    bool added = root != NULL && json_add_raw(root, "passed", check->passed ? "true" : "false") &&
                 json_add_real(root, "tolerance", settings->check.tolerance) &&
                 json_add_real(root, "worst_error", loss->worst) && json_add_size(root, "compared", check->compared) &&
                 json_add_size(root, "kinks", loss->kinks) && json_add_size(root, "hard", loss->hard) &&
                 json_add_size(root, "small", loss->small) && json_add_size(root, "burn_in", examined->burn_in) &&
                 add_groups(root, check, network, &examined->run.training.objective) &&
                 run_add_description(root, &examined->run.data, dataset, network);
    return json_print(root, added, error);
}

/* ---- the verdict ------------------------------------------------------------------------------------------------- */

/* The part to name: of those that are wrong the first, or else the loss. */
static SpiralGradientPart worst_part(const SpiralGradientCheck *check)
{
    for (int p = 0; p < SPIRAL_GRADIENT_PARTS; p++)
        if (check->total[p].wrong > 0)
            return (SpiralGradientPart)p;
    return SPIRAL_GRADIENT_LOSS;
}

static SpiralStatus refuse(const GradcheckSettings *settings, const SpiralGradientCheck *check, SpiralError *error)
{
    SpiralGradientPart part = worst_part(check);
    const SpiralGradientComparison *worst = &check->total[part];
    const SpiralGradientCheckGroup *group = &check->groups[check->worst_group[part]];
    if (worst->wrong == 0)
        return spiral_error_set(error, SPIRAL_ERROR_CHECK, NULL, 0,
                                "gradcheck: rounding is all there is to the differences of %zu of %zu coordinates, "
                                "expected at most a half; try --standardize, or larger weights (--init he)",
                                worst->lost, check->compared);
    char place[48];
    describe_place(group, part, place, sizeof place);
    if (!isfinite(worst->analytic) || !isfinite(worst->numeric))
        return spiral_error_set(
            error, SPIRAL_ERROR_CHECK, NULL, 0,
            "gradcheck: at %s%s there is no %s: features or weights are so large that it overflows, or is lost "
            "in rounding; try --standardize or a lower --init-scale",
            group->name, place, isfinite(worst->analytic) ? "difference to compare with" : "gradient");
    return spiral_error_set(error, SPIRAL_ERROR_CHECK, NULL, 0,
                            "gradcheck: the relative error is %.2e at %s%s, at most %g was expected", worst->worst,
                            group->name, place, fmax(settings->check.tolerance, 0.5 * worst->resolved));
}

static void print_text(const GradcheckSettings *settings, const SpiralGradientCheck *check,
                       const SpiralNetwork *network)
{
    const SpiralObjective *objective = &settings->examined.run.training.objective;
    print_tables(check, network, objective);
    print_notes(settings, check);
    SpiralGradientPart part = worst_part(check);
    const SpiralGradientComparison *worst = &check->total[part];
    printf("\n%s: ", check->passed ? "passed" : "failed");
    if (!check->passed && worst->wrong == 0)
        printf("%zu of %zu coordinates are lost in rounding\n", worst->lost, check->compared);
    else if (worst->verdict == SPIRAL_GRADIENT_HARD)
        printf("no difference resolves the tolerance of %g, but all agree as far as they resolve\n",
               settings->check.tolerance);
    else
        printf("the worst relative error is %.2e, in %s%s%s; the tolerance is %g: %s\n", worst->worst,
               check->groups[check->worst_group[part]].name, part != SPIRAL_GRADIENT_LOSS ? " of " : "",
               part != SPIRAL_GRADIENT_LOSS ? part_names[part] : "", settings->check.tolerance,
               grade_of(worst, has_kinks(part, network, objective)));
}

/* ---- the check --------------------------------------------------------------------------------------------------- */

/* The observations that --rows takes. */
static SpiralStatus take_rows(const GradcheckSettings *settings, const SpiralDataset *dataset, SpiralDataset **taken,
                              SpiralError *error)
{
    size_t rows = settings->rows > 0 && settings->rows < dataset->rows ? settings->rows : dataset->rows;
    size_t *row = cli_allocate(rows, sizeof *row);
    if (row == NULL)
        return cli_no_memory(error);
    SpiralStatus status = spiral_explain_pick(dataset, rows, row, error);
    if (status == SPIRAL_OK)
        status = spiral_dataset_take(dataset, rows, row, taken, error);
    free(row);
    return status;
}

/* A mask as training would draw it for its first update. */
static SpiralStatus draw_dropout(const GradcheckSettings *settings, const SpiralNetwork *network, size_t rows,
                                 SpiralDropout **dropout, SpiralError *error)
{
    double probability = settings->examined.run.training.dropout;
    if (probability == 0.0)
        return SPIRAL_OK;
    if (network->layers == 1)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--dropout is about hidden layers, and the model has none");
    SpiralRng rng;
    spiral_rng_seed(&rng, settings->examined.run.data.seed + 2);
    return spiral_dropout_create(network, rows, probability, &rng, dropout, error);
}

/* The gradients, of the loss and, unless data is NULL, of the data loss alone. */
static SpiralStatus compute_gradients(const SpiralNetwork *network, const SpiralDataset *dataset,
                                      const SpiralObjective *objective, size_t threads, double *gradient, double *data,
                                      SpiralError *error)
{
    SpiralLoss loss;
    SpiralObjective data_alone = *objective;
    data_alone.reg = data_alone.l1 = 0.0;
    SpiralStatus status = spiral_gradient_compute(network, dataset, objective, threads, &loss, gradient, error);
    if (status == SPIRAL_OK && data != NULL)
        status = spiral_gradient_compute(network, dataset, &data_alone, threads, &loss, data, error);
    return status;
}

static SpiralStatus compare(const GradcheckSettings *settings, const SpiralDataset *dataset,
                            const SpiralNetwork *network, const SpiralDropout *dropout, SpiralRng *rng,
                            SpiralGradientCheck *check, SpiralError *error)
{
    const SpiralTrainOptions *training = &settings->examined.run.training;
    SpiralObjective objective = training->objective;
    objective.dropout = dropout;
    SpiralGradientCheckOptions options = settings->check;
    options.threads = training->threads;
    bool regularised = objective.reg > 0.0 || objective.l1 > 0.0;
    double *gradient = cli_allocate(network->parameter_count, sizeof *gradient);
    double *data = regularised ? cli_allocate(network->parameter_count, sizeof *data) : NULL;
    SpiralStatus status = gradient == NULL || (regularised && data == NULL)
                              ? cli_no_memory(error)
                              : compute_gradients(network, dataset, &objective, options.threads, gradient, data, error);
    if (status == SPIRAL_OK)
        status = spiral_gradient_check(network, dataset, &objective, &options, gradient, data, rng, check, error);
    free(gradient);
    free(data);
    return status;
}

static SpiralStatus check_gradient(const GradcheckSettings *settings, const SpiralDataset *dataset,
                                   const SpiralNetwork *network, SpiralRng *rng, SpiralError *error)
{
    SpiralDataset *taken = NULL;
    SpiralDropout *dropout = NULL;
    SpiralGradientCheck check = {0};
    SpiralStatus status = take_rows(settings, dataset, &taken, error);
    if (status == SPIRAL_OK)
        status = draw_dropout(settings, network, taken->rows, &dropout, error);
    if (status == SPIRAL_OK)
        status = compare(settings, taken, network, dropout, rng, &check, error);
    if (status == SPIRAL_OK) {
        if (settings->summary == SUMMARY_JSON) {
            status = print_json(settings, &check, taken, network, error);
        } else {
            print_heading(settings, dataset->rows, taken, network);
            print_text(settings, &check, network);
        }
    }
    if (status == SPIRAL_OK && !check.passed)
        status = refuse(settings, &check, error);
    spiral_gradient_check_free(&check);
    spiral_dropout_free(dropout);
    spiral_dataset_free(taken);
    return status;
}

static SpiralStatus check_files(const GradcheckSettings *settings, SpiralError *error)
{
    Files files = {.error = error};
    examined_name_files(&settings->examined, &files);
    files_write(&files, "standard output", "-");
    return files_check(&files);
}

static SpiralStatus gradcheck_command(void *context, const OptionTable *table, SpiralError *error)
{
    GradcheckSettings *settings = context;
    SpiralStatus status = examined_settings_check(&settings->examined, table, error);
    if (status == SPIRAL_OK)
        status = check_files(settings, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralDataset *dataset = NULL;
    SpiralNetwork *network = NULL;
    SpiralRng rng;
    status = examined_prepare(&settings->examined, &rng, &dataset, &network, error);
    if (status == SPIRAL_OK)
        status = check_gradient(settings, dataset, network, &rng, error);
    spiral_network_free(network);
    spiral_dataset_free(dataset);
    return status;
}

int cmd_gradcheck(int argc, char **argv)
{
    GradcheckSettings settings = {.examined = examined_settings_defaults(), .check = spiral_gradient_check_defaults()};
    OptionGroup groups[] = {
        options_group_generate(&settings.examined.run.data), options_group_load(&settings.examined.run.data),
        options_group_model(&settings.examined.run.model),   options_group_objective(&settings.examined.run.training),
        options_group_examined(&settings.examined),          OPTION_GROUP("Check", check_options, &settings),
    };
    OptionTable table = {
        .command = argv[0],
        .synopsis = "[options]",
        .purpose =
            "Compares the gradient that backpropagation computes with centred differences of the loss, parameter by "
            "parameter. Exits with 1 when they differ by more than the tolerance.",
        .notes =
            "The differences are (4 D(h) - D(2h)) / 3 with D(h) = (L(w + h) - L(w - h)) / 2h. Where the "
            "input of a ReLU passes 0, the loss has a kink. Steps are shortened so as not to cross it; parameters for "
            "which that is not enough are counted as kinks.\n\n"
            "A difference can be told from the gradient only as far as rounding of the loss lets it, which is shown as "
            "\"resolves\". Where the gradient is so small that this is above the tolerance, as for some parameters "
            "near a minimum or beside a kink, it is hard: the error has to be below what the difference resolves.\n\n"
            "The grades are the notes': up to 1e-7 be happy; up to 1e-4 is usually okay with kinks, and too high "
            "without; up to 1e-2 feel uncomfortable; above, the gradient is probably wrong. Gradients below 1e-10 are "
            "worrying, whatever the error. With regularisation, the data loss and the regularisation are compared "
            "alone as well, lest one hide the other.",
        .examples = "  spiral gradcheck\n"
                    "  spiral gradcheck --model linear --burn-in 100\n"
                    "  spiral gradcheck --data iris.csv --standardize --hidden 20,10 --init-scale 0.3\n"
                    "  spiral gradcheck --rows 3 --dropout 0.5 --reg 0\n"
                    "  spiral gradcheck --summary json | jq .worst_error\n",
        .groups = groups,
        .group_count = COUNT(groups),
    };
    return command_run(&table, argc, argv, gradcheck_command, &settings);
}
