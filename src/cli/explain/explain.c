#include "cli/explain/explain.h"

#include <stdlib.h>

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/examined_network.h"
#include "cli/explain/explanation.h"

enum { MOST_ROWS = 20 };

typedef enum Format { FORMAT_TEXT, FORMAT_MARKDOWN, FORMAT_LATEX } Format;

typedef struct ExplainSettings {
    ExaminedSettings examined;
    size_t rows, units;
    Format format;
    const char *output;
} ExplainSettings;

static const char *const format_names[] = {"text", "markdown", "latex", NULL};
static const DocumentWriter *const writers[] = {&document_text_writer, &document_markdown_writer,
                                                &document_latex_writer}; /* indexed by Format */

static const Option explain_options[] = {
    {"rows", SIZE(ExplainSettings, rows), "N", "Observations, taken from the middle of the classes in turn.",
     .minimum = 1, .maximum = MOST_ROWS},
    {"units", SIZE(ExplainSettings, units), "N",
     "Hidden units shown per layer: those that are active for some of the observations and not for others first.",
     .minimum = 1, .maximum = GRID_COLUMNS},
    {"format", CHOICE(ExplainSettings, format, format_names),
     "text, markdown (GitHub's) or latex (a document that pdflatex compiles)."},
    {"output", TEXT(ExplainSettings, output), "FILE", "Where to write it; - is standard output.", .letter = 'o',
     .files = "txt md tex"},
};

static SpiralStatus check(ExplainSettings *settings, const OptionTable *table, SpiralError *error)
{
    SpiralStatus status = examined_settings_check(&settings->examined, table, error);
    if (status != SPIRAL_OK)
        return status;
    Files files = {.error = error};
    examined_name_files(&settings->examined, &files);
    files_write(&files, "-o", settings->output);
    return files_check(&files);
}

static void write_halves(Document *document, const ExplanationView *view)
{
    int section = 1;
    explanation_write_derivation(document, view, &section);
    explanation_write_example(document, view, &section);
}

static SpiralStatus write_explanation(const ExplainSettings *settings, const SpiralNetwork *network,
                                      const SpiralExplanation *explanation, SpiralError *error)
{
    SpiralOutput *output;
    Grid *grids = cli_allocate(2, sizeof *grids);
    SpiralStatus status = grids == NULL ? cli_no_memory(error) : spiral_output_create(settings->output, &output, error);
    if (status != SPIRAL_OK) {
        free(grids);
        return status;
    }
    const ExplanationView view = {
        .explanation = explanation, .network = network, .units = settings->units, .grids = grids};
    Document document = document_begin(writers[settings->format], output);
    write_halves(&document, &view);
    document_end(&document);
    free(grids);
    return spiral_output_commit(output, error); /* also reports an earlier failed write */
}

static SpiralStatus explain(const ExplainSettings *settings, SpiralError *error)
{
    SpiralRng rng;
    SpiralDataset *dataset;
    SpiralNetwork *network;
    SpiralStatus status = examined_prepare(&settings->examined, &rng, &dataset, &network, error);
    if (status != SPIRAL_OK)
        return status;
    size_t row[MOST_ROWS];
    size_t count = settings->rows < dataset->rows ? settings->rows : dataset->rows;
    SpiralExplanation explanation = {0};
    status = spiral_explain_pick(dataset, count, row, error);
    if (status == SPIRAL_OK)
        status = spiral_explain(network, dataset, count, row, &explanation, error);
    if (status == SPIRAL_OK)
        status = write_explanation(settings, network, &explanation, error);
    spiral_explanation_free(&explanation);
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
    ExplainSettings settings = {.examined = examined_settings_defaults(), .rows = 3, .units = 4, .output = "-"};
    OptionGroup groups[] = {
        options_group_generate(&settings.examined.run.data),     options_group_load(&settings.examined.run.data),
        options_group_model(&settings.examined.run.model),       options_group_examined(&settings.examined),
        OPTION_GROUP("Explanation", explain_options, &settings),
    };
    OptionTable table = {
        .command = argv[0],
        .synopsis = "[options]",
        .purpose =
            "Shows why dW = X^T dF and db = 1^T dF, first in words and formulas, then on the numbers of a few "
            "observations: what each adds to the gradient, the sum of it, the same from one matrix product, and the "
            "same again from differences of the loss; for a network also the way back through the activation.",
        .notes =
            "The losses are added up, not averaged, and regularisation is left out, so that each sum can be done by "
            "hand.",
        .examples = "  spiral explain --model linear | less\n"
                    "  spiral explain --data iris.csv --burn-in 100 --format markdown -o why.md\n"
                    "  spiral explain --load out/model.npz --format latex -o dW.tex; pdflatex dW.tex\n",
        .groups = groups,
        .group_count = COUNT(groups),
    };
    return command_run(&table, argc, argv, explain_command, &settings);
}
