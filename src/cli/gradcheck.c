#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/examined_network.h"
#include "cli/network_name.h"

typedef struct GradcheckSettings {
    ExaminedSettings examined;
    SpiralGradientCheckOptions check;
} GradcheckSettings;

static const Option check_options[] = {
    {"tolerance", REAL(GradcheckSettings, check.tolerance), "T",
     "The largest relative error |fa - fn| / max(|fa|, |fn|, 1e-6 s) that passes; s sums the terms of fn's formula in "
     "absolute values."},
    {"step", REAL(GradcheckSettings, check.step), "H",
     "How far a step may move the pre-activation that a parameter enters: H for a bias, H / max |a| for the weight of "
     "an input a.",
     .minimum = 1e-8, .maximum = 1},
    {"samples", SIZE(GradcheckSettings, check.samples), "N",
     "Coordinates of each group, drawn from the random numbers; 0: all."},
};

static void print_heading(const GradcheckSettings *settings, const SpiralDataset *dataset, const SpiralNetwork *network)
{
    const ExaminedSettings *examined = &settings->examined;
    const SpiralObjective *objective = &examined->run.training.objective;
    char shape[256];
    network_shape(network, shape, sizeof shape);
    printf("%s, %zu parameters, after %zu iterations; %zu observations; %s loss, reg %g", shape,
           network->parameter_count, examined->burn_in, dataset->rows,
           objective->reduction == SPIRAL_REDUCTION_MEAN ? "mean" : "sum", objective->reg);
    if (objective->l1 > 0.0)
        printf(", l1 %g", objective->l1);
    if (network->layers > 1)
        printf("; %s", spiral_activation_name(network->activation));
    printf("\n\n");
}

/* The index of an element: "[0,12]" in a W, "[12]" in a b. */
static void describe_place(const SpiralGradientCheckGroup *group, char *text, size_t size)
{
    if (group->name[0] == 'W')
        snprintf(text, size, "[%zu,%zu]", group->worst_row, group->worst_column);
    else
        snprintf(text, size, "[%zu]", group->worst_column);
}

/* printf writes "-nan" when the sign bit happens to be set. */
static double without_sign(double value)
{
    return isnan(value) ? NAN : value;
}

static size_t print_groups(const SpiralGradientCheck *check)
{
    size_t kinks = 0;
    printf("%-6s %11s %7s %12s  %-12s %20s %20s\n", "group", "coordinates", "kinks", "worst error", "at", "analytic",
           "numeric");
    for (size_t g = 0; g < check->group_count; g++) {
        const SpiralGradientCheckGroup *group = &check->groups[g];
        char place[48];
        describe_place(group, place, sizeof place);
        printf("%-6s %11zu %7zu ", group->name, group->count + group->kinks, group->kinks);
        if (group->count + group->kinks_compared > 0)
            printf("%12.2e  %-12s %20.12e %20.12e\n", group->worst, place, without_sign(group->analytic),
                   without_sign(group->numeric));
        else
            printf("%12s\n", "-");
        kinks += group->kinks;
    }
    return kinks;
}

static void print_kinks(const SpiralGradientCheck *check, size_t kinks)
{
    size_t left_out = kinks;
    for (size_t g = 0; g < check->group_count; g++)
        left_out -= check->groups[g].kinks_compared;
    printf("\nkinks: %zu coordinates whose centred step crosses a kink (of a ReLU for some observation, of l1 |w| at "
           "0) even\n"
           "when it is shortened to a twentieth. What has the kink is differenced on the side without it, the rest "
           "centred.\n",
           kinks);
    if (left_out > 0)
        printf("%zu of them have kinks on both sides and are not compared.\n", left_out);
}

static const SpiralGradientCheckGroup *worst_group(const SpiralGradientCheck *check)
{
    const SpiralGradientCheckGroup *worst = &check->groups[0];
    for (size_t g = 1; g < check->group_count; g++)
        if (check->groups[g].worst > worst->worst)
            worst = &check->groups[g];
    return worst;
}

static SpiralStatus report(const GradcheckSettings *settings, const SpiralGradientCheck *check, SpiralError *error)
{
    size_t kinks = print_groups(check);
    if (kinks > 0)
        print_kinks(check, kinks);
    const SpiralGradientCheckGroup *worst = worst_group(check);
    double tolerance = settings->check.tolerance;
    if (check->passed) {
        printf("\npassed: the worst relative error is %.2e, in %s; the tolerance is %g\n", worst->worst, worst->name,
               tolerance);
        return SPIRAL_OK;
    }
    if (worst->worst <= tolerance) {
        printf("\nfailed: no coordinate could be compared\n");
        return spiral_error_set(error, SPIRAL_ERROR_CHECK, NULL, 0,
                                "gradcheck: every coordinate lies on a kink, at least one free of them is needed");
    }
    printf("\nfailed: the worst relative error is %.2e, in %s; the tolerance is %g\n", worst->worst, worst->name,
           tolerance);
    char place[48];
    describe_place(worst, place, sizeof place);
    if (!isfinite(worst->analytic) || !isfinite(worst->numeric))
        return spiral_error_set(
            error, SPIRAL_ERROR_CHECK, NULL, 0,
            "gradcheck: at %s%s there is no %s: features or weights are so large that it overflows, or is lost "
            "in rounding; try --standardize or a lower --init-scale",
            worst->name, place, isfinite(worst->analytic) ? "difference to compare with" : "gradient");
    return spiral_error_set(error, SPIRAL_ERROR_CHECK, NULL, 0,
                            "gradcheck: the relative error is %.2e at %s%s, at most %g was expected", worst->worst,
                            worst->name, place, tolerance);
}

static SpiralStatus check_gradient(const GradcheckSettings *settings, const SpiralDataset *dataset,
                                   const SpiralNetwork *network, SpiralRng *rng, SpiralError *error)
{
    const SpiralTrainOptions *training = &settings->examined.run.training;
    SpiralGradientCheckOptions options = settings->check;
    options.threads = training->threads;
    double *gradient = cli_allocate(network->parameter_count, sizeof *gradient);
    if (gradient == NULL)
        return cli_no_memory(error);
    SpiralLoss loss;
    SpiralGradientCheck check = {0};
    SpiralStatus status =
        spiral_gradient_compute(network, dataset, &training->objective, training->threads, &loss, gradient, error);
    if (status == SPIRAL_OK)
        status = spiral_gradient_check(network, dataset, &training->objective, &options, gradient, rng, &check, error);
    if (status == SPIRAL_OK) {
        print_heading(settings, dataset, network);
        status = report(settings, &check, error);
    }
    spiral_gradient_check_free(&check);
    free(gradient);
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
            "Near a minimum, parts of the gradient nearly cancel, and rounding is what remains of them: a tolerance of "
            "1e-7 is too strict there.",
        .examples = "  spiral gradcheck\n"
                    "  spiral gradcheck --model linear --burn-in 100\n"
                    "  spiral gradcheck --data iris.csv --standardize --hidden 20,10 --init-scale 0.3\n",
        .groups = groups,
        .group_count = COUNT(groups),
    };
    return command_run(&table, argc, argv, gradcheck_command, &settings);
}
