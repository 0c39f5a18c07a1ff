#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/confusion_figure.h"
#include "cli/files.h"
#include "cli/loss_figure.h"
#include "cli/options/figure_settings.h"
#include "cli/options/settings.h"
#include "cli/options/values.h"
#include "cli/process/terminal.h"
#include "cli/run.h"
#include "cli/sweep/sweep.h"

/* The choices of --colours. Those after the first are in the order of SpiralTerminalColours. */
typedef enum Colours { COLOURS_AUTO, COLOURS_NONE, COLOURS_256, COLOURS_24_BIT } Colours;

typedef struct PlotSettings {
    DataSettings data;
    FigureSettings view;
    SpiralFigureOptions figure; /* made by the check from what is above */
    SpiralTerminalOptions text;
    size_t features[2]; /* of --axes */
    size_t threads;
    const char *model, *column, *names, *sweep, *output;
    FigureFormat format;
    OptionFiles log;
    LossFigureX x;
    bool layers, terminal, hidden_units, weights, confusion;
    Colours colours;
} PlotSettings;

static const char *const x_names[] = {"iterations", "epochs", "seconds", NULL}; /* in the order of LossFigureX */
static const char *const colours_names[] = {"auto", "none", "256", "24bit", NULL};

static void print_format(char *text, size_t size)
{
    snprintf(text, size, "as the name of -o ends, or png");
}

static const Option boundary_options[] = {
    {"model", TEXT(PlotSettings, model), "FILE",
     "The model.npz that spiral train saved: its decision boundary is drawn, with --data.", .letter = 'm',
     .files = "npz"},
    {"terminal", FLAG(PlotSettings, terminal), "Draw it as text on standard output, instead of into a file."},
    {"colours", CHOICE(PlotSettings, colours, colours_names),
     "What --terminal draws with: coloured half blocks, or plain characters without colours. auto decides by TERM, "
     "COLORTERM, NO_COLOR and the locale, and uses no colours in a pipe.",
     .alias = "colors"},
};

static const Option learnt_options[] = {
    {"hidden-units", FLAG(PlotSettings, hidden_units),
     "Of --model and --data, instead of the boundary: the units of the first hidden layer, each with the half-plane "
     "where it is active, in the order of their weight in the decision."},
    {"weights", FLAG(PlotSettings, weights), "Of --model alone: its weight matrices in colours."},
    {"confusion", FLAG(PlotSettings, confusion),
     "Of --model and --data with labels: the confusion matrix, with counts and shares."},
};

static const Option curve_options[] = {
    {"log", FILES(PlotSettings, log), "FILE[,FILE...]",
     "Loss logs written by spiral train, each in a colour of its own. May be repeated.", .files = "csv jsonl"},
    {"column", TEXT(PlotSettings, column), "NAME",
     "Draw this column of the logs alone. [the loss and the accuracy, and the learning rate when it varies; each with "
     "the validation data's when a log has them]"},
    {"names", TEXT(PlotSettings, names), "NAME[,NAME...]",
     "What the logs are called in the legend, one name for each. [what their paths differ in, mostly their folders]"},
    {"layers", FLAG(PlotSettings, layers),
     "Draw the update ratios and the number of dead units, too; of one log the ratio of each layer, and what train "
     "--log-layers has added."},
    {"x", CHOICE(PlotSettings, x, x_names), "What the x axis counts."},
};

static const Option sweep_options[] = {
    {"sweep", TEXT(PlotSettings, sweep), "DIR", "Redraw the figures of a spiral sweep, in its folder.", .files = "/"},
};

static const Option output_options[] = {
    {"output", TEXT(PlotSettings, output), "FILE", "The file to write: NAME.png or NAME.svg; - is standard output.",
     .letter = 'o', .files = "png svg"},
    {"figure-format", CHOICE(PlotSettings, format, figure_formats),
     "PNG or SVG, with --sweep or where the name of -o has no ending.", .print_default = print_format},
    {"threads", SIZE(PlotSettings, threads), "T",
     "Threads; 0: chosen from the amount of work. The picture does not depend on it.", .maximum = SPIRAL_THREADS_LIMIT},
};

enum { LEAST_COLUMNS = 20 };

/* --size with --terminal. */
static const Option cells_option = {"size", PIXELS(SpiralTerminalOptions, columns, rows), NULL, .minimum = 4,
                                    .maximum = SPIRAL_TERMINAL_CELLS_LIMIT};

/* ---- checks ------------------------------------------------------------------------------------------------------ */

static SpiralStatus refuse_with(const OptionTable *table, const char *const *names, size_t count, const char *given,
                                SpiralError *error)
{
    const char *name = options_first_given(table, names, count);
    if (name == NULL)
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--%s does not go with --%s: leave one out", name,
                            given);
}

/* Of the figures of what was learnt only one is drawn, and a boundary has options that they have not. */
static SpiralStatus check_learnt(const OptionTable *table, SpiralError *error)
{
    static const char *const of_units[] = {"weights", "confusion", "terminal", "colours", "shade", "errors"};
    static const char *const of_weights[] = {"confusion", "terminal", "colours", "shade",
                                             "errors",    "axes",     "margin",  "data"};
    static const char *const of_confusion[] = {"terminal", "colours", "shade", "errors", "axes", "margin"};
    if (options_given(table, "hidden-units"))
        return refuse_with(table, of_units, COUNT(of_units), "hidden-units", error);
    if (options_given(table, "weights"))
        return refuse_with(table, of_weights, COUNT(of_weights), "weights", error);
    if (options_given(table, "confusion"))
        return refuse_with(table, of_confusion, COUNT(of_confusion), "confusion", error);
    return SPIRAL_OK;
}

static SpiralStatus check_boundary(const PlotSettings *settings, const OptionTable *table, SpiralError *error)
{
    static const char *const curve_names[] = {"column", "names", "layers", "x", "x-scale", "y-scale"};
    SpiralStatus status = refuse_with(table, curve_names, COUNT(curve_names), "model", error);
    if (status == SPIRAL_OK)
        status = check_learnt(table, error);
    if (status == SPIRAL_OK && settings->data.path == NULL && !settings->weights)
        status = spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--model without data, expected --data FILE too");
    return status == SPIRAL_OK ? load_settings_check(&settings->data, table, error) : status;
}

/* --column is drawn alone. */
static SpiralStatus check_curves(const OptionTable *table, SpiralError *error)
{
    static const char *const boundary_names[] = {"model", "hidden-units", "weights",   "confusion", "data",    "header",
                                                 "label", "ignore",       "delimiter", "decimal",   "missing", "margin",
                                                 "axes",  "shade",        "errors",    "terminal",  "colours"};
    static const char *const panel_names[] = {"layers"};
    SpiralStatus status = refuse_with(table, boundary_names, COUNT(boundary_names), "log", error);
    if (status == SPIRAL_OK && options_given(table, "column"))
        status = refuse_with(table, panel_names, COUNT(panel_names), "column", error);
    return status;
}

/* Fits the picture to the terminal first, so that explicit options override it. */
static SpiralStatus check_terminal(PlotSettings *settings, const OptionTable *table, SpiralError *error)
{
    static const char *const file_names[] = {"output", "figure-format", "errors"};
    SpiralStatus status = refuse_with(table, file_names, COUNT(file_names), "terminal", error);
    if (status != SPIRAL_OK)
        return status;
    if (settings->view.shade && settings->colours == COLOURS_NONE)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--shade does not go with --colours none: leave one out");
    SpiralTerminalOptions *text = &settings->text;
    *text = spiral_terminal_defaults();
    terminal_fit(STDOUT_FILENO, text);
    figure_settings_for_terminal(&settings->view, false, settings->features, text);
    text->threads = settings->threads;
    if (settings->colours != COLOURS_AUTO)
        text->colours = (SpiralTerminalColours)(settings->colours - COLOURS_NONE);
    SpiralError refused;
    const char *size = settings->view.size;
    if (size != NULL && (value_set(&cells_option, text, size, &refused) != SPIRAL_OK || text->columns < LEAST_COLUMNS))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--size: found \"%.*s\", expected columns from %d to 1000 and rows from 4 to 1000, "
                                "like 80x24",
                                SPIRAL_TEXT_CUT(size, 200), LEAST_COLUMNS);
    return SPIRAL_OK;
}

/* All other options are taken from the sweep. */
static SpiralStatus check_sweep(const OptionTable *table, SpiralError *error)
{
    for (size_t g = 0; g < table->group_count; g++)
        for (size_t i = 0; i < table->groups[g].count; i++) {
            const char *name = table->groups[g].options[i].name;
            bool fits = strcmp(name, "sweep") == 0 || strcmp(name, "figure-format") == 0 || figure_settings_have(name);
            if (!fits && options_given(table, name))
                return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                        "--%s does not go with --sweep: leave one out", name);
        }
    return SPIRAL_OK;
}

/* The ending decides; --figure-format must not say something else. */
static SpiralStatus check_format(PlotSettings *settings, const OptionTable *table, SpiralError *error)
{
    SpiralStatus status = cli_check_figure_name(settings->output, error);
    if (status != SPIRAL_OK || !options_given(table, "figure-format"))
        return status;
    const char *ending = cli_ending(settings->output);
    settings->figure.format = settings->format == FIGURE_SVG ? SPIRAL_FIGURE_SVG : SPIRAL_FIGURE_PNG;
    if (ending == NULL || strcasecmp(ending + 1, figure_formats[settings->format]) == 0)
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, settings->output, 0,
                            "ends in %s, and --figure-format is %s: leave one out", ending,
                            figure_formats[settings->format]);
}

static SpiralStatus check_files(const PlotSettings *settings, const FileList *logs, SpiralError *error)
{
    Files files = {.error = error};
    files_read(&files, "--model", settings->model);
    files_read_data(&files, "--data", settings->data.path);
    files_read_list(&files, "--log", logs);
    files_write(&files, settings->terminal ? "standard output" : "-o", settings->terminal ? "-" : settings->output);
    SpiralStatus status = files_check(&files);
    return status == SPIRAL_OK ? files_list_check(logs, error) : status;
}

static SpiralStatus check(PlotSettings *settings, const FileList *logs, const OptionTable *table, SpiralError *error)
{
    FigureSettings view = settings->view;
    view.size = NULL; /* of which there are two kinds */
    SpiralStatus status = figure_settings_check(&view, error);
    if (status != SPIRAL_OK)
        return status;
    if (settings->sweep != NULL) {
        status = check_sweep(table, error);
        return status == SPIRAL_OK ? figure_settings_check(&settings->view, error) : status;
    }
    if (settings->model == NULL && logs->count == 0)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "nothing to draw, expected --model FILE with --data FILE, --log FILE or --sweep DIR");
    status = logs->count > 0 ? check_curves(table, error) : check_boundary(settings, table, error);
    if (status == SPIRAL_OK)
        status = check_files(settings, logs, error);
    if (status != SPIRAL_OK)
        return status;
    if (settings->terminal)
        return check_terminal(settings, table, error);
    if (options_given(table, "colours"))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--colours goes with --terminal only");
    if (settings->output == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "no output, expected -o FILE%s",
                                settings->model != NULL ? " or --terminal" : "");
    status = figure_settings_check(&settings->view, error);
    if (status != SPIRAL_OK)
        return status;
    settings->figure = figure_settings_options(&settings->view, false, settings->features);
    settings->figure.threads = settings->threads;
    return check_format(settings, table, error);
}

/* ---- a model ----------------------------------------------------------------------------------------------------- */

static SpiralStatus print_boundary(const PlotSettings *settings, const SpiralNetwork *network,
                                   const SpiralDataset *dataset, SpiralError *error)
{
    char *text;
    SpiralStatus status = spiral_figure_terminal(network, dataset, &settings->text, &text, error);
    if (status == SPIRAL_OK)
        fputs(text, stdout); /* a write error is reported at exit */
    free(text);
    return status;
}

static SpiralStatus draw_boundary(const PlotSettings *settings, const SpiralNetwork *network,
                                  const SpiralDataset *dataset, SpiralError *error)
{
    /* Names the row whose scores overflow, if there is one. */
    SpiralStatus status =
        spiral_network_predict(network, 0, dataset->rows, dataset->X, settings->threads, NULL, NULL, NULL, error);
    if (status == SPIRAL_ERROR_INPUT)
        return cli_error_in(error, settings->data.path);
    if (status != SPIRAL_OK)
        return status;
    if (settings->terminal)
        return print_boundary(settings, network, dataset, error);
    if (settings->hidden_units)
        return spiral_figure_hidden_units(network, dataset, &settings->figure, settings->output, error);
    return spiral_figure_boundary(network, dataset, &settings->figure, settings->output, error);
}

static SpiralStatus draw_confusion(const PlotSettings *settings, const SpiralNetwork *network,
                                   const SpiralDataset *dataset, SpiralError *error)
{
    SpiralStatus status = confusion_figure_draw(network, dataset, &settings->figure, settings->output, error);
    return status == SPIRAL_ERROR_INPUT ? cli_error_in(error, settings->data.path) : status;
}

static SpiralStatus draw_with_data(PlotSettings *settings, const SpiralNetwork *network, SpiralError *error)
{
    SpiralDataset *dataset;
    SpiralLabelling labelling = settings->confusion ? SPIRAL_LABELS_PARTIAL : SPIRAL_LABELS_OPTIONAL;
    SpiralStatus status = figure_settings_find_axes(
        &settings->view, network->sizes[0], (const char *const *)network->feature_names, settings->features, error);
    if (status == SPIRAL_OK)
        status = load_for_model(&settings->data, network, labelling, false, &dataset, error);
    if (status != SPIRAL_OK)
        return status;
    if (settings->confusion)
        status = require_labels(&settings->data, network, dataset, CLASSES_NEEDED, error);
    if (status == SPIRAL_OK)
        status = settings->confusion ? draw_confusion(settings, network, dataset, error)
                                     : draw_boundary(settings, network, dataset, error);
    spiral_dataset_free(dataset);
    return status;
}

static SpiralStatus draw_weights(const PlotSettings *settings, const SpiralNetwork *network, SpiralError *error)
{
    SpiralStatus status = spiral_figure_weights(network, &settings->figure, settings->output, error);
    return status == SPIRAL_ERROR_INPUT ? cli_error_in(error, settings->model) : status;
}

static SpiralStatus plot_model(PlotSettings *settings, SpiralError *error)
{
    SpiralNetwork *network;
    SpiralStatus status = spiral_network_load(settings->model, &network, error);
    if (status != SPIRAL_OK)
        return status;
    if (settings->hidden_units && network->layers == 1)
        status =
            spiral_error_set(error, SPIRAL_ERROR_INPUT, settings->model, 0, "a linear classifier has no hidden units");
    else if (settings->weights)
        status = draw_weights(settings, network, error);
    else
        status = draw_with_data(settings, network, error);
    spiral_network_free(network);
    return status;
}

/* ---- curves ------------------------------------------------------------------------------------------------------ */

static SpiralStatus plot_curves(const PlotSettings *settings, const FileList *logs, SpiralError *error)
{
    const LossCurves curves = {.count = logs->count,
                               .paths = (const char *const *)logs->paths,
                               .names = settings->names,
                               .column = settings->column,
                               .x = settings->x,
                               .layers = settings->layers,
                               .grows = settings->layers && settings->view.size == NULL};
    return loss_figure_draw(&curves, &settings->figure, settings->output, error);
}

static SpiralStatus plot(PlotSettings *settings, const FileList *logs, const OptionTable *table, SpiralError *error)
{
    SpiralStatus status = check(settings, logs, table, error);
    if (status != SPIRAL_OK)
        return status;
    if (settings->sweep != NULL)
        return sweep_draw_again(settings->sweep, settings->format, &settings->view, error);
    return logs->count > 0 ? plot_curves(settings, logs, error) : plot_model(settings, error);
}

static SpiralStatus plot_command(void *context, const OptionTable *table, SpiralError *error)
{
    PlotSettings *settings = context;
    FileList logs;
    SpiralStatus status = files_list("--log", &settings->log, &logs, error);
    if (status == SPIRAL_OK)
        status = plot(settings, &logs, table, error);
    files_list_free(&logs);
    return status;
}

_Static_assert((int)OPTION_FILES_LIMIT == SPIRAL_FIGURE_LOGS_LIMIT, "as many logs can be named as go into one chart");

/* A file after --model without --data is the data. Otherwise it is a model or a log. */
static const char *option_of_operand(const OptionTable *table, const char *operand)
{
    (void)operand;
    return options_given(table, "model") && !options_given(table, "data") ? "data" : NULL;
}

int cmd_plot(int argc, char **argv)
{
    PlotSettings settings = {.data = run_settings_defaults().data, .view = figure_settings_defaults()};
    OptionGroup groups[] = {
        OPTION_GROUP("Decision boundary", boundary_options, &settings),
        OPTION_GROUP("What a model has learnt", learnt_options, &settings),
        OPTION_GROUP("Loss curves", curve_options, &settings),
        options_group_scales(&settings.view),
        options_group_load_for_model(&settings.data),
        OPTION_GROUP("Sweeps", sweep_options, &settings),
        options_group_figures(&settings.view),
        options_group_boundaries(&settings.view),
        OPTION_GROUP("Output", output_options, &settings),
    };
    OptionTable table = {
        .command = argv[0],
        .synopsis = "--model FILE --data FILE -o FILE [options]\n"
                    "--model FILE --data FILE --terminal [options]\n"
                    "--model FILE --data FILE --hidden-units -o FILE [options]\n"
                    "--model FILE --data FILE --confusion -o FILE [options]\n"
                    "--model FILE --weights -o FILE [options]\n"
                    "--log FILE[,FILE...] -o FILE [options]\n"
                    "--sweep DIR",
        .purpose = "Draws a trained model's decision boundary with the data, as a PNG or an SVG or in the terminal, "
                   "its hidden units, weights or confusion matrix, the curves of one or more trainings' logs, or the "
                   "figures of a sweep.",
        .examples = "  spiral plot --model spiral-out/model.npz --data test.csv -o boundary.png\n"
                    "  spiral plot --log slow/loss.csv,fast/loss.csv --y-scale log -o loss.png\n"
                    "  spiral plot -m m.npz --data iris.csv --axes petal_length,petal_width -o p.svg\n"
                    "  spiral plot -m spiral-out/model.npz --data test.csv --terminal\n"
                    "  spiral plot -m spiral-out/model.npz --data test.csv --hidden-units -o u.png\n",
        .groups = groups,
        .group_count = COUNT(groups),
        .option_of_operand = option_of_operand,
    };
    return command_run(&table, argc, argv, plot_command, &settings);
}
