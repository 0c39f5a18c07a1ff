#include <string.h>

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/options/figure_settings.h"
#include "cli/options/settings.h"

typedef struct GenerateSettings {
    DataSettings data;
    FigureSettings view;
    const char *output, *figure;
} GenerateSettings;

static const Option output_options[] = {
    {"output", TEXT(GenerateSettings, output), "FILE",
     "The data, by the ending: .csv (columns x0, x1 .. label), .npz (arrays X and y), X.npy,y.npy (two files), or - "
     "for CSV on standard output. A pipe or a device gets CSV.",
     .letter = 'o', .files = "csv npz npy"},
    {"figure", TEXT(GenerateSettings, figure), "FILE",
     "A picture of the data, NAME.png or NAME.svg, of at most 20000 points; all are held in memory for it.",
     .alias = "png", .files = "png svg"},
};

static SpiralStatus check(GenerateSettings *settings, const OptionTable *table, SpiralError *error)
{
    if (settings->output == NULL && settings->figure == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "nothing to write, expected -o FILE, --figure FILE or both");
    if (settings->output != NULL && settings->figure != NULL && strcmp(settings->figure, "-") == 0 &&
        strcmp(settings->output, "-") == 0)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "-o and --figure are both standard output, expected one of them there at most");
    const char *name = figure_settings_first_given(table);
    if (name != NULL && settings->figure == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--%s is about the picture, expected --figure FILE too", name);
    Files files = {.error = error};
    files_write_data(&files, "-o", settings->output);
    files_write(&files, "--figure", settings->figure);
    SpiralStatus status = files_check(&files);
    if (status == SPIRAL_OK && settings->figure != NULL)
        status = cli_check_figure_name(settings->figure, error);
    if (status == SPIRAL_OK)
        status = figure_settings_check(&settings->view, error);
    return status == SPIRAL_OK ? generate_settings_check(&settings->data, table, error) : status;
}

/* Makes the points of the picture, and checks its axes. */
static SpiralStatus prepare_picture(const GenerateSettings *settings, size_t features[2], SpiralDataset **dataset,
                                    SpiralError *error)
{
    SpiralRng rng;
    spiral_rng_seed(&rng, settings->data.seed);
    SpiralStatus status = spiral_dataset_generate(&settings->data.generate, &rng, dataset, error);
    if (status != SPIRAL_OK)
        return status;
    return figure_settings_find_axes(&settings->view, (*dataset)->features, (*dataset)->feature_names, features, error);
}

/* The file is written as a stream. A picture of the same points is drawn from memory. */
static SpiralStatus generate(const GenerateSettings *settings, SpiralError *error)
{
    SpiralRng rng;
    SpiralDataset *dataset = NULL;
    size_t features[2];
    SpiralStatus status = SPIRAL_OK;
    if (settings->figure != NULL)
        status = prepare_picture(settings, features, &dataset, error);
    spiral_rng_seed(&rng, settings->data.seed);
    if (status == SPIRAL_OK && settings->output != NULL)
        status = spiral_generate_save(&settings->data.generate, &rng, settings->output, error);
    if (status == SPIRAL_OK && settings->figure != NULL) {
        SpiralFigureOptions figure = figure_settings_options(&settings->view, true, features);
        status = spiral_figure_data(dataset, &figure, settings->figure, error);
    }
    spiral_dataset_free(dataset);
    return status;
}

static SpiralStatus generate_command(void *context, const OptionTable *table, SpiralError *error)
{
    GenerateSettings *settings = context;
    SpiralStatus status = check(settings, table, error);
    return status == SPIRAL_OK ? generate(settings, error) : status;
}

int cmd_generate(int argc, char **argv)
{
    RunSettings defaults = run_settings_defaults();
    GenerateSettings settings = {.data = defaults.data, .view = figure_settings_defaults()};
    OptionGroup groups[] = {
        options_group_generate(&settings.data),
        OPTION_GROUP("Output", output_options, &settings),
        options_group_figures(&settings.view),
    };
    OptionTable table = {
        .command = argv[0],
        .synopsis = "-o FILE [options]",
        .purpose =
            "Makes data to learn on, the spiral of the CS231n notes or another shape, and saves it. The same seed "
            "gives the same numbers as NumPy's RandomState.",
        .notes =
            "The formulas and the order of the draws are in spiral/generate.h. circles (2 classes), moons and blobs "
            "have the numbers of scikit-learn's make_circles (factor 0.5), make_moons and make_blobs (center_box -R, "
            "R), unshuffled.",
        .examples = "  spiral generate -o spiral.csv --figure spiral.png\n"
                    "  spiral generate --shape moons --noise 0.2 --label-noise 0.05 -o moons.csv\n"
                    "  spiral generate --shape circles --balance 3,1,1 --dimensions 10 -o circles.npz\n"
                    "  spiral generate --classes 5 --points-per-class 200 -o X.npy,y.npy\n"
                    "  spiral generate -o - | head\n",
        .groups = groups,
        .group_count = COUNT(groups),
    };
    return command_run(&table, argc, argv, generate_command, &settings);
}
