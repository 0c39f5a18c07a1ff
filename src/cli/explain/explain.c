#define _POSIX_C_SOURCE 200809L
#include "cli/explain/explain.h"

#include <stdlib.h>
#include <strings.h>

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/examined_network.h"
#include "cli/explain/example.h"
#include "cli/explain/explanation.h"

enum { MOST_ROWS = 20, MOST_DECIMALS = 10, DECIMALS = 3 };

typedef enum Format { FORMAT_TEXT, FORMAT_MARKDOWN, FORMAT_LATEX, FORMAT_HTML } Format;
typedef enum Maths { MATHS_GITHUB, MATHS_PLAIN } Maths;

typedef struct ExplainSettings {
    ExaminedSettings examined;
    size_t rows, units, decimals;
    OptionSizes at;
    bool example;
    Format format;
    Maths maths;
    const char *output;
    bool exactly; /* --decimals was given */
} ExplainSettings;

static const char *const format_names[] = {"text", "markdown", "latex", "html", NULL};
static const char *const maths_names[] = {"github", "plain", NULL};
static const DocumentWriter *const writers[] = {&document_text_writer, &document_markdown_writer,
                                                &document_latex_writer, &document_html_writer}; /* indexed by Format */

/* The endings of files, and what stands in them. */
static const struct {
    const char *ending;
    Format format;
} endings[] = {{".txt", FORMAT_TEXT},  {".text", FORMAT_TEXT}, {".md", FORMAT_MARKDOWN}, {".markdown", FORMAT_MARKDOWN},
               {".tex", FORMAT_LATEX}, {".html", FORMAT_HTML}, {".htm", FORMAT_HTML}};

static const Option explain_options[] = {
    {"at", SIZES(ExplainSettings, at), "I[,I...]", "These observations, by their numbers from 0, in this order.",
     .from_zero = true, .no_default = true},
    {"rows", SIZE(ExplainSettings, rows), "N", "So many observations, from the middle of the classes in turn.",
     .minimum = 1, .maximum = MOST_ROWS},
    {"units", SIZE(ExplainSettings, units), "N",
     "Hidden units shown per layer: those that are active for some of the observations and not for others first.",
     .minimum = 1, .maximum = AXIS_LIMIT},
    {"decimals", SIZE(ExplainSettings, decimals), "N",
     "Decimals of the numbers; without the option, more for small numbers.", .minimum = 1, .maximum = MOST_DECIMALS},
    {"example", FLAG(ExplainSettings, example),
     "Not your data, but two observations and weights of small whole numbers, for which all can be done by hand."},
    {"format", CHOICE(ExplainSettings, format, format_names),
     "text, markdown, latex (a document that pdflatex compiles) or html (one file, with MathML). The ending of "
     "--output decides: .txt, .md, "
     ".tex or .html."},
    {"math", CHOICE(ExplainSettings, maths, maths_names),
     "Mathematics in Markdown: as GitHub wants it, or between dollars, for pandoc and for sites with questions and "
     "answers."},
    {"output", TEXT(ExplainSettings, output), "FILE", "Where to write it; - is standard output.", .letter = 'o',
     .files = "txt md tex html"},
};

/* ---- the options ------------------------------------------------------------------------------------------------- */

/* Takes the format from the ending of the output's name. A name without one (a pipe, a device) is taken as it is. */
static SpiralStatus take_ending(ExplainSettings *settings, const OptionTable *table, SpiralError *error)
{
    const char *path = settings->output, *ending = cli_ending(path);
    bool given = options_given(table, "format");
    if (ending == NULL)
        return SPIRAL_OK;
    for (size_t i = 0; i < COUNT(endings); i++) {
        if (strcasecmp(ending, endings[i].ending) != 0)
            continue;
        if (given && settings->format != endings[i].format)
            return spiral_error_set(error, SPIRAL_ERROR_USAGE, path, 0,
                                    "the ending is that of --format %s, and --format %s is given",
                                    format_names[endings[i].format], format_names[settings->format]);
        settings->format = endings[i].format;
        return SPIRAL_OK;
    }
    return given ? SPIRAL_OK
                 : spiral_error_set(error, SPIRAL_ERROR_USAGE, path, 0,
                                    "expected a name ending in .txt, .md, .tex or .html, or --format");
}

static SpiralStatus refuse_both(const char *a, const char *why, const char *b, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--%s %s, and --%s is given: leave one out", a, why, b);
}

/* --at with --rows, the same observation twice, and --example with other data or another network. */
static SpiralStatus check_choice(const ExplainSettings *settings, const OptionTable *table, SpiralError *error)
{
    if (settings->at.count > 0 && options_given(table, "rows"))
        return refuse_both("rows", "picks observations", "at", error);
    if (settings->at.count > MOST_ROWS)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--at: found %zu observations, expected at most %d",
                                settings->at.count, MOST_ROWS);
    for (size_t i = 0; i < settings->at.count; i++)
        for (size_t j = 0; j < i; j++)
            if (settings->at.values[i] == settings->at.values[j])
                return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                        "--at: found %zu twice, expected different observations",
                                        settings->at.values[i]);
    if (!settings->example)
        return SPIRAL_OK;
    for (size_t g = 0; g < table->group_count; g++) {
        const OptionGroup *group = &table->groups[g];
        bool own = group->options == explain_options || group->settings == &settings->examined.run.training;
        for (size_t i = 0; !own && i < group->count; i++)
            if (group->given >> i & 1)
                return refuse_both("example", "has data and weights of its own", group->options[i].name, error);
    }
    const char *picking = options_given(table, "rows") ? "rows" : settings->at.count > 0 ? "at" : NULL;
    return picking == NULL ? SPIRAL_OK : refuse_both("example", "has two observations", picking, error);
}

static SpiralStatus check(ExplainSettings *settings, const OptionTable *table, SpiralError *error)
{
    settings->exactly = options_given(table, "decimals");
    SpiralStatus status = examined_settings_check(&settings->examined, table, error);
    if (status == SPIRAL_OK)
        status = check_choice(settings, table, error);
    if (status == SPIRAL_OK)
        status = take_ending(settings, table, error);
    if (status == SPIRAL_OK && options_given(table, "math") && settings->format != FORMAT_MARKDOWN)
        status =
            spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                             "--math is about --format markdown, and the format is %s", format_names[settings->format]);
    if (status != SPIRAL_OK)
        return status;
    Files files = {.error = error};
    examined_name_files(&settings->examined, &files);
    files_write(&files, "-o", settings->output);
    return files_check(&files);
}

/* ---- the document ------------------------------------------------------------------------------------------------ */

static SpiralStatus write_explanation(const ExplainSettings *settings, const SpiralNetwork *network,
                                      const SpiralExplanation *explanation, SpiralError *error)
{
    SpiralOutput *output;
    ExplanationView view = {.explanation = explanation,
                            .network = network,
                            .units = settings->units,
                            .decimals = (int)settings->decimals,
                            .exactly = settings->exactly,
                            .choice = settings->example        ? ROWS_EXAMPLE
                                      : settings->at.count > 0 ? ROWS_GIVEN
                                                               : ROWS_PICKED};
    Document *document = cli_allocate(1, sizeof *document);
    view.grids = cli_allocate(VIEW_GRIDS, sizeof *view.grids);
    view.axis = cli_allocate(network->layers + 1, sizeof *view.axis);
    char *page_data = NULL;
    bool complete = document != NULL && view.grids != NULL && view.axis != NULL, page = settings->format == FORMAT_HTML;
    if (complete)
        view_choose_axes(&view);
    if (complete && page)
        complete = (page_data = explanation_page_data(&view)) != NULL;
    SpiralStatus status = complete ? spiral_output_create(settings->output, &output, error) : cli_no_memory(error);
    if (status == SPIRAL_OK) {
        document->single_dollars = settings->maths == MATHS_PLAIN;
        document->page_data = page_data;
        document_begin(document, writers[settings->format], output);
        explanation_write(document, &view);
        document_end(document);
        status = spiral_output_commit(output, error); /* also reports an earlier failed write */
    }
    free(page_data);
    free(document);
    free(view.grids);
    free(view.axis);
    return status;
}

/* The observations to show; *count is at most MOST_ROWS. */
static SpiralStatus choose_rows(const ExplainSettings *settings, const SpiralDataset *dataset, size_t row[MOST_ROWS],
                                size_t *count, SpiralError *error)
{
    if (settings->at.count == 0) {
        *count = settings->rows < dataset->rows ? settings->rows : dataset->rows;
        return spiral_explain_pick(dataset, *count, row, error);
    }
    *count = settings->at.count;
    for (size_t i = 0; i < *count; i++) {
        row[i] = settings->at.values[i];
        if (row[i] >= dataset->rows)
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, NULL, 0,
                                    "--at: found observation %zu, expected 0 to %zu: the data has %zu", row[i],
                                    dataset->rows - 1, dataset->rows);
    }
    return SPIRAL_OK;
}

static SpiralStatus explain_network(const ExplainSettings *settings, const SpiralNetwork *network,
                                    const SpiralDataset *dataset, SpiralError *error)
{
    size_t row[MOST_ROWS], count = 0;
    SpiralExplanation explanation = {0};
    SpiralStatus status = choose_rows(settings, dataset, row, &count, error);
    if (status == SPIRAL_OK)
        status = spiral_explain(network, dataset, &settings->examined.run.training.objective, count, row, &explanation,
                                error);
    if (status == SPIRAL_OK)
        status = write_explanation(settings, network, &explanation, error);
    spiral_explanation_free(&explanation);
    return status;
}

static SpiralStatus explain(const ExplainSettings *settings, SpiralError *error)
{
    SpiralRng rng;
    SpiralDataset *dataset;
    SpiralNetwork *network;
    if (settings->example) {
        SpiralStatus status = example_network(&network, error);
        if (status == SPIRAL_OK)
            status = explain_network(settings, network, &example_data, error);
        spiral_network_free(network);
        return status;
    }
    SpiralStatus status = examined_prepare(&settings->examined, &rng, &dataset, &network, error);
    if (status != SPIRAL_OK)
        return status;
    status = explain_network(settings, network, dataset, error);
    spiral_network_free(network);
    spiral_dataset_free(dataset);
    return status;
}

static SpiralStatus explain_command(void *context, const OptionTable *table, SpiralError *error)
{
    ExplainSettings *settings = context;
    SpiralStatus status = check(settings, table, error);
    return status == SPIRAL_OK ? explain(settings, error) : status;
}

int cmd_explain(int argc, char **argv)
{
    ExplainSettings settings = {
        .examined = examined_settings_defaults(), .rows = 3, .units = 4, .decimals = DECIMALS, .output = "-"};
    OptionGroup groups[] = {
        options_group_generate(&settings.examined.run.data), options_group_load(&settings.examined.run.data),
        options_group_model(&settings.examined.run.model),   options_group_objective(&settings.examined.run.training),
        options_group_examined(&settings.examined),          OPTION_GROUP("Explanation", explain_options, &settings),
    };
    OptionTable table = {
        .command = argv[0],
        .synopsis = "[options]",
        .purpose =
            "Shows why dW = X^T dF, and why db is the sum of the rows of dF: every step as a formula, and then in the "
            "numbers of a few observations. What each adds to the gradient, the sum of it, the same from one matrix "
            "product, and again from differences of the loss; for a network the way back through every layer; "
            "exercises, and a NumPy program that does the same.",
        .notes = "The losses are added up, so that each sum can be done by hand; what the mean and regularisation "
                 "change, as "
                 "--reduction, --reg and --l1 say, has a section of its own.",
        .examples = "  spiral explain --example | less\n"
                    "  spiral explain --model linear --at 3,17,250 -o why.html\n"
                    "  spiral explain --data iris.csv --burn-in 100 -o why.md\n"
                    "  spiral explain --load out/model.npz -o dW.tex; pdflatex dW.tex\n",
        .groups = groups,
        .group_count = COUNT(groups),
    };
    return command_run(&table, argc, argv, explain_command, &settings);
}
