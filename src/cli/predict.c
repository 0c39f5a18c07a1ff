#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv_field.h"
#include "base/names.h"
#include "base/number.h"
#include "cli/build.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/confusion.h"
#include "cli/ensemble.h"
#include "cli/files.h"
#include "cli/json.h"
#include "cli/options/settings.h"
#include "cli/run.h"

typedef struct PredictSettings {
    DataSettings data;
    OptionFiles model;
    const char *output;
    bool probabilities, quiet, writes; /* writes: the predictions go to output */
    size_t threads;
    SummaryKind summary;
    double require_accuracy;
} PredictSettings;

static const Option model_options[] = {
    {"model", FILES(PredictSettings, model), "FILE[,FILE...]",
     "The model.npz that spiral train saved; several models vote by the mean of their probabilities. May be repeated.",
     .letter = 'm', .files = "npz"},
    {"threads", SIZE(PredictSettings, threads), "T",
     "Threads; 0: chosen from the amount of work. The results do not depend on it.", .maximum = SPIRAL_THREADS_LIMIT},
};

static const Option output_options[] = {
    {"output", TEXT(PredictSettings, output), "FILE",
     "CSV with a header and a row per observation, the class's name first; - is standard output, where rows appear as "
     "they are predicted.",
     .letter = 'o', .files = "csv"},
    {"probabilities", FLAG(PredictSettings, probabilities), "Add a column p:NAME with the probability of each class.",
     .letter = 'p'},
    {"summary", CHOICE(PredictSettings, summary, summary_names),
     "text: the accuracy and the confusion matrix on standard error. json: these, the data loss, and each class's "
     "precision and recall as JSON on standard output; the predictions then go to --output alone."},
    {"quiet", FLAG(PredictSettings, quiet),
     "No accuracy, no confusion matrix, no notes. The JSON of --summary json is still printed.", .letter = 'q'},
    {"require-accuracy", REAL(PredictSettings, require_accuracy), "A",
     "Exit with 1 when the accuracy, from 0 to 1, is below A. The predictions are written all the same.", .maximum = 1,
     .no_default = true},
};

/* JSON has standard output for itself. */
static SpiralStatus check_output(PredictSettings *settings, const OptionTable *table, SpiralError *error)
{
    bool json = settings->summary == SUMMARY_JSON, given = options_given(table, "output");
    settings->writes = !json || given;
    if (json && given && strcmp(settings->output, "-") == 0)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--summary json and --output - both go to standard output: expected --output FILE");
    if (!settings->writes && settings->probabilities)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--probabilities is about the predictions, and --summary json alone writes none: give "
                                "--output FILE, too");
    return SPIRAL_OK;
}

static SpiralStatus check(PredictSettings *settings, const FileList *models, const OptionTable *table,
                          SpiralError *error)
{
    if (models->count == 0)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "no model, expected --model FILE");
    if (settings->data.path == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "no data, expected --data FILE");
    SpiralStatus status = load_settings_check(&settings->data, table, error);
    if (status == SPIRAL_OK)
        status = check_output(settings, table, error);
    if (status != SPIRAL_OK)
        return status;
    Files files = {.error = error};
    files_read_list(&files, "--model", models);
    files_read_data(&files, "--data", settings->data.path);
    if (settings->summary == SUMMARY_JSON)
        files_write(&files, "standard output", "-");
    if (settings->writes)
        files_write(&files, "-o", settings->output);
    status = files_check(&files);
    if (status == SPIRAL_OK && settings->writes)
        status = cli_check_format(settings->output, "csv", error);
    return status == SPIRAL_OK ? files_list_check(models, error) : status;
}

/* ---- models together --------------------------------------------------------------------------------------------- */

static size_t classes_of(const SpiralNetwork *network)
{
    return network->sizes[network->layers];
}

/* A block of consecutive observations, and what is predicted for them. */
typedef struct Block {
    SpiralDataset *data;
    size_t first;    /* the number of its first observation, counted from 0 */
    int64_t *labels; /* (N) */
    double *probs;   /* (N, K), or NULL when they are not needed */
    /* Both are NULL when the loss is not needed. */
    double *scores;    /* (N, K) of one model */
    double *log_probs; /* (N) logarithm of the probability of the data's class: the sum over the models so far */
} Block;

static void free_block(Block *block)
{
    free(block->labels);
    free(block->probs);
    free(block->scores);
    free(block->log_probs);
    spiral_dataset_free(block->data);
    *block = (Block){0};
}

/* log(exp(a) + exp(b)); either may be -INFINITY */
static double log_of_sum(double a, double b)
{
    double larger = fmax(a, b);
    return isinf(larger) ? larger : larger + log1p(exp(fmin(a, b) - larger));
}

/* Adds a model's probability of the data's classes, from its scores, to those of `before` models. The logarithm is
 * never that of a probability, which may have underflowed. */
static void add_log_probs(Block *block, size_t classes, size_t before)
{
    for (size_t i = 0; block->scores != NULL && i < block->data->rows; i++) {
        const double *scores = block->scores + i * classes;
        double largest = scores[0], sum = 0.0;
        for (size_t k = 1; k < classes; k++)
            largest = fmax(largest, scores[k]);
        for (size_t k = 0; k < classes; k++)
            sum += exp(scores[k] - largest);
        int64_t y = block->data->y[i];
        double log_prob = y >= 0 ? scores[y] - largest - log(sum) : NAN; /* of a row without a label, not counted */
        block->log_probs[i] = before > 0 ? log_of_sum(block->log_probs[i], log_prob) : log_prob;
    }
}

/* Adds the other models' probabilities to the first one's, then takes the mean and its most probable class.
 * more: (N, K) */
static SpiralStatus average(const Ensemble *ensemble, size_t threads, Block *block, double *more, SpiralError *error)
{
    size_t rows = block->data->rows, classes = classes_of(ensemble->models[0]), count = rows * classes;
    double *probs = block->probs;
    for (size_t m = 1; m < ensemble->count; m++) {
        SpiralStatus status = spiral_network_predict(ensemble->models[m], block->first, rows, block->data->X, threads,
                                                     block->scores, more, NULL, error);
        if (status != SPIRAL_OK)
            return status;
        add_log_probs(block, classes, m);
        for (size_t i = 0; i < count; i++)
            probs[i] += more[i];
    }
    for (size_t i = 0; i < count; i++)
        probs[i] /= (double)ensemble->count;
    for (size_t r = 0; r < rows; r++) {
        if (block->log_probs != NULL)
            block->log_probs[r] -= log((double)ensemble->count);
        block->labels[r] = 0;
        for (size_t k = 1; k < classes; k++)
            if (probs[r * classes + k] > probs[r * classes + (size_t)block->labels[r]])
                block->labels[r] = (int64_t)k;
    }
    return SPIRAL_OK;
}

/* Sets labels and, unless it is NULL for a single model, probs. Ties go to the lower class. */
static SpiralStatus predict_together(const Ensemble *ensemble, size_t threads, Block *block, SpiralError *error)
{
    const SpiralNetwork *first = ensemble->models[0];
    size_t rows = block->data->rows;
    SpiralStatus status = spiral_network_predict(first, block->first, rows, block->data->X, threads, block->scores,
                                                 block->probs, block->labels, error);
    if (status == SPIRAL_OK)
        add_log_probs(block, classes_of(first), 0);
    if (status != SPIRAL_OK || ensemble->count == 1)
        return status;
    double *more = cli_allocate(rows * classes_of(first), sizeof *more);
    status = more == NULL ? cli_no_memory(error) : average(ensemble, threads, block, more, error);
    free(more);
    return status;
}

/* ---- the CSV ----------------------------------------------------------------------------------------------------- */

/* The column of a class's probabilities is named "p:CLASS". */
static SpiralStatus write_name(SpiralOutput *output, const char *class_name, SpiralError *error)
{
    char *name = cli_join_texts(cli_copy_string("p:"), cli_copy_string(class_name));
    SpiralStatus status = name == NULL ? cli_no_memory(error) : spiral_csv_field_write(output, name, error);
    free(name);
    return status;
}

static SpiralStatus write_header(SpiralOutput *output, const SpiralNetwork *network, bool probabilities,
                                 SpiralError *error)
{
    SpiralStatus status = spiral_output_print(output, error, "class");
    for (size_t k = 0; status == SPIRAL_OK && probabilities && k < classes_of(network); k++) {
        status = spiral_output_write(output, ",", 1, error);
        if (status == SPIRAL_OK)
            status = write_name(output, network->class_names[k], error);
    }
    return status == SPIRAL_OK ? spiral_output_write(output, "\n", 1, error) : status;
}

/* probs: (K) */
static SpiralStatus write_probabilities(SpiralOutput *output, size_t classes, const double *probs, SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    for (size_t k = 0; status == SPIRAL_OK && k < classes; k++) {
        char text[1 + SPIRAL_NUMBER_TEXT] = ",";
        size_t length = 1 + spiral_number_print(probs[k], text + 1);
        status = spiral_output_write(output, text, length, error);
    }
    return status;
}

/* fields (K): the classes' names as CSV. */
static SpiralStatus write_rows(SpiralOutput *output, size_t classes, char *const *fields, bool probabilities,
                               const Block *block, SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < block->data->rows; i++) {
        const char *field = fields[block->labels[i]];
        status = spiral_output_write(output, field, strlen(field), error);
        if (status == SPIRAL_OK && probabilities)
            status = write_probabilities(output, classes, block->probs + i * classes, error);
        if (status == SPIRAL_OK)
            status = spiral_output_write(output, "\n", 1, error);
    }
    return status;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* A block's features and probabilities take about BLOCK_BYTES. Its rows are whole blocks of the pass (512 rows) where
 * that many fit. */
enum { BLOCK_BYTES = 1 << 22, MOST_ROWS = 8192, PASS_ROWS = 512, FEWEST_ROWS = 64 };

#define ACCURACY_NEEDED "--require-accuracy needs them"

/* What is predicted, and what came of it. */
typedef struct Prediction {
    const PredictSettings *settings;
    const OptionTable *table;
    const FileList *models;
    Ensemble ensemble;
    size_t classes;
    char **fields; /* (K) the classes' names as CSV */
    SpiralReader *reader;
    SpiralOutput *output; /* NULL until the first block has been predicted */
    size_t rows;          /* that have been read */
    Confusion confusion;
} Prediction;

static size_t block_rows(const SpiralNetwork *network)
{
    size_t rows = BLOCK_BYTES / sizeof(double) / (network->sizes[0] + classes_of(network));
    if (rows >= PASS_ROWS)
        rows -= rows % PASS_ROWS;
    return rows > MOST_ROWS ? MOST_ROWS : rows < FEWEST_ROWS ? FEWEST_ROWS : rows;
}

static SpiralStatus prepare(Prediction *run, SpiralError *error)
{
    SpiralStatus status = ensemble_load(run->models, run->settings->quiet, &run->ensemble, error);
    if (status != SPIRAL_OK)
        return status;
    const SpiralNetwork *network = run->ensemble.models[0]; /* the names and classes are the same in all models */
    run->classes = classes_of(network);
    run->fields = cli_allocate(run->classes, sizeof *run->fields);
    for (size_t k = 0; run->fields != NULL && k < run->classes; k++)
        if ((run->fields[k] = spiral_csv_field(network->class_names[k])) == NULL)
            return cli_no_memory(error);
    status = run->fields != NULL ? confusion_start(&run->confusion, run->classes, error) : cli_no_memory(error);
    return status == SPIRAL_OK ? open_for_model(&run->settings->data, network, &run->reader, error) : status;
}

/* Reads the next block, NULL at the end, and makes room for what will be predicted. */
static SpiralStatus read_block(Prediction *run, Block *block, SpiralError *error)
{
    *block = (Block){.first = run->rows};
    SpiralStatus status = spiral_reader_next(run->reader, block_rows(run->ensemble.models[0]), &block->data, error);
    if (status != SPIRAL_OK || block->data == NULL)
        return status;
    if (run->rows == 0) {
        note_columns_for_model(&run->settings->data, run->ensemble.models[0], block->data, run->settings->quiet);
        status = ensemble_match(&run->ensemble, &run->settings->data, block->data, error);
        if (status == SPIRAL_OK && options_given(run->table, "require-accuracy"))
            status = require_labels(&run->settings->data, run->ensemble.models[0], block->data, ACCURACY_NEEDED, error);
        if (status != SPIRAL_OK)
            return status;
    }
    size_t rows = block->data->rows;
    bool probs = run->settings->probabilities || run->ensemble.count > 1;
    bool loss = run->settings->summary == SUMMARY_JSON && block->data->y != NULL;
    block->labels = cli_allocate(rows, sizeof *block->labels);
    block->probs = probs ? cli_allocate(rows * run->classes, sizeof *block->probs) : NULL;
    block->scores = loss ? cli_allocate(rows * run->classes, sizeof *block->scores) : NULL;
    block->log_probs = loss ? cli_allocate(rows, sizeof *block->log_probs) : NULL;
    run->rows += rows;
    bool made = block->labels != NULL && (block->probs != NULL || !probs) &&
                ((block->scores != NULL && block->log_probs != NULL) || !loss);
    return made ? SPIRAL_OK : cli_no_memory(error);
}

/* Predicts a block and writes its rows. */
static SpiralStatus finish_block(Prediction *run, Block *block, SpiralError *error)
{
    const PredictSettings *settings = run->settings;
    SpiralStatus status = predict_together(&run->ensemble, settings->threads, block, error);
    if (status == SPIRAL_ERROR_INPUT)
        status = cli_error_in(error, settings->data.path);
    if (status == SPIRAL_OK && run->output == NULL && settings->writes) {
        status = spiral_output_create(settings->output, &run->output, error);
        if (status == SPIRAL_OK)
            status = write_header(run->output, run->ensemble.models[0], settings->probabilities, error);
    }
    if (status == SPIRAL_OK && settings->writes)
        status = write_rows(run->output, run->classes, run->fields, settings->probabilities, block, error);
    if (status == SPIRAL_OK && block->data->y != NULL)
        confusion_count(&run->confusion, block->data->rows, block->data->y, block->labels, block->log_probs);
    return status;
}

static SpiralStatus predict_blocks(Prediction *run, SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    for (bool more = true; status == SPIRAL_OK && more;) {
        Block block;
        status = read_block(run, &block, error);
        more = block.data != NULL;
        if (status == SPIRAL_OK && more)
            status = finish_block(run, &block, error);
        free_block(&block);
    }
    return status;
}

/* A row that was left out has no line in the predictions, which then can't be pasted beside the file. */
static void note_dropped(const Prediction *run)
{
    size_t dropped = spiral_reader_dropped(run->reader);
    if (dropped > 0)
        cli_warn(run->settings->data.path, "%zu row%s left out for want of a value, and ha%s no prediction", dropped,
                 dropped == 1 ? " is" : "s are", dropped == 1 ? "s" : "ve");
}

static bool add_files(cJSON *root, const Prediction *run)
{
    const PredictSettings *settings = run->settings;
    return json_add_names(root, "models", (const char *const *)run->models->paths, run->models->count) &&
           json_add_text(root, "data", settings->data.path) &&
           json_add_text(root, "output", settings->writes ? settings->output : NULL) &&
           json_add_size(root, "rows", run->rows);
}

static SpiralStatus print_json(const Prediction *run, SpiralError *error)
{
    const Confusion *confusion = &run->confusion;
    cJSON *root = cJSON_CreateObject();
    bool added = root != NULL && add_files(root, run) &&
                 confusion_add(root, run->rows, confusion, run->ensemble.models[0]) && build_add(root);
    return json_print(root, added, error);
}

static SpiralStatus report(const Prediction *run, SpiralError *error)
{
    const PredictSettings *settings = run->settings;
    const Confusion *confusion = &run->confusion;
    SpiralStatus status = settings->summary == SUMMARY_JSON ? print_json(run, error) : SPIRAL_OK;
    if (status == SPIRAL_OK && settings->summary == SUMMARY_TEXT && !settings->quiet)
        confusion_print(confusion, run->ensemble.models[0]);
    if (status == SPIRAL_OK)
        note_dropped(run);
    if (confusion->rows == 0 || status != SPIRAL_OK)
        return status;
    return accuracy_require(run->table, settings->require_accuracy, "accuracy", confusion_accuracy(confusion), error);
}

static SpiralStatus predict(const PredictSettings *settings, const OptionTable *table, const FileList *models,
                            SpiralError *error)
{
    Prediction run = {.settings = settings, .table = table, .models = models};
    SpiralStatus status = prepare(&run, error);
    if (status == SPIRAL_OK)
        status = predict_blocks(&run, error);
    if (status == SPIRAL_OK && run.confusion.rows == 0 && options_given(table, "require-accuracy"))
        status =
            spiral_error_set(error, SPIRAL_ERROR_INPUT, settings->data.path, 0, "has no labels, but " ACCURACY_NEEDED);
    if (status == SPIRAL_OK && settings->writes)
        status = spiral_output_commit(run.output, error);
    else
        spiral_output_discard(run.output);
    if (status == SPIRAL_OK)
        status = report(&run, error);
    confusion_free(&run.confusion);
    spiral_reader_close(run.reader);
    spiral_names_free(run.fields, run.classes);
    ensemble_free(&run.ensemble);
    return status;
}

static SpiralStatus predict_command(void *context, const OptionTable *table, SpiralError *error)
{
    PredictSettings *settings = context;
    FileList models;
    SpiralStatus status = files_list("--model", &settings->model, &models, error);
    if (status == SPIRAL_OK)
        status = check(settings, &models, table, error);
    if (status == SPIRAL_OK)
        status = predict(settings, table, &models, error);
    files_list_free(&models);
    return status;
}

_Static_assert((int)OPTION_FILES_LIMIT == SPIRAL_ENSEMBLE_LIMIT, "as many models can be named as may predict together");

int cmd_predict(int argc, char **argv)
{
    PredictSettings settings = {.data = run_settings_defaults().data, .output = "-"};
    OptionGroup groups[] = {
        OPTION_GROUP("Model", model_options, &settings),
        options_group_load_for_model(&settings.data),
        OPTION_GROUP("Output", output_options, &settings),
    };
    OptionTable table = {
        .command = argv[0],
        .synopsis = "--model FILE --data FILE [options]",
        .purpose =
            "Classifies observations with a trained model. Where the data has classes of its own, the accuracy and the "
            "confusion matrix are printed on standard error.",
        .notes =
            "The columns of a file with names are matched with the model's features by name, in any order and among "
            "others; its label is the column of the name that the label had in training, and without that column there "
            "are no labels. Without names, a file with as many columns as the model has features is taken as "
            "observations alone, one with a column more as observations and their class. --label says otherwise.",
        .examples = "  spiral predict --model spiral-out/model.npz --data new.csv -o classes.csv\n"
                    "  spiral predict -m model.npz --data - --probabilities < new.csv\n"
                    "  spiral predict -m a.npz,b.npz,c.npz --data new.csv\n"
                    "  spiral predict -m model.npz --data test.csv --summary json | jq .accuracy\n"
                    "  spiral predict -m lr=1,reg=0/model.npz -m lr=2,reg=0/model.npz --data x.csv\n",
        .groups = groups,
        .group_count = COUNT(groups),
    };
    return command_run(&table, argc, argv, predict_command, &settings);
}
