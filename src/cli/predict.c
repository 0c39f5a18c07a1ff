#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv_field.h"
#include "base/names.h"
#include "base/number.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/options/settings.h"
#include "cli/run.h"

typedef struct PredictSettings {
    DataSettings data;
    OptionFiles model;
    const char *output;
    bool probabilities, quiet;
    size_t threads;
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
    {"quiet", FLAG(PredictSettings, quiet), "No accuracy, no confusion matrix.", .letter = 'q'},
};

static SpiralStatus check(const PredictSettings *settings, const FileList *models, const OptionTable *table,
                          SpiralError *error)
{
    if (models->count == 0)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "no model, expected --model FILE");
    if (settings->data.path == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "no data, expected --data FILE");
    SpiralStatus status = load_settings_check(&settings->data, table, error);
    if (status != SPIRAL_OK)
        return status;
    Files files = {.error = error};
    files_read_list(&files, "--model", models);
    files_read_data(&files, "--data", settings->data.path);
    files_write(&files, "-o", settings->output);
    return files_check(&files);
}

/* ---- ensembles --------------------------------------------------------------------------------------------------- */

/* One or more models. The mean of their probabilities decides. */
typedef struct Ensemble {
    size_t count;
    SpiralNetwork *models[SPIRAL_ENSEMBLE_LIMIT];
} Ensemble;

static size_t classes_of(const SpiralNetwork *network)
{
    return network->sizes[network->layers];
}

/* Puts the inputs and outputs of another model into the order of the first one's. */
static SpiralStatus make_alike(const SpiralNetwork *first, SpiralNetwork *other, const char *path, bool quiet,
                               SpiralError *error)
{
    bool reordered;
    SpiralStatus status =
        spiral_network_arrange(other, first->sizes[0], (const char *const *)first->feature_names, classes_of(first),
                               (const char *const *)first->class_names, &reordered, error);
    if (status != SPIRAL_OK)
        return cli_error_in(error, path);
    if (reordered && !quiet)
        cli_note(path, "features or classes are in another order than the first model's, and were matched by name");
    return SPIRAL_OK;
}

static void free_models(Ensemble *ensemble)
{
    for (size_t i = 0; i < ensemble->count; i++)
        spiral_network_free(ensemble->models[i]);
    ensemble->count = 0;
}

/* Loads the models, which must have the same features and the same classes, in any order. Errors: INPUT, LIMIT. */
static SpiralStatus load_models(const FileList *files, bool quiet, Ensemble *ensemble, SpiralError *error)
{
    *ensemble = (Ensemble){0};
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < files->count; i++) {
        status = spiral_network_load(files->paths[i], &ensemble->models[ensemble->count], error);
        if (status == SPIRAL_OK)
            ensemble->count++;
        if (status == SPIRAL_OK && ensemble->count > 1)
            status =
                make_alike(ensemble->models[0], ensemble->models[ensemble->count - 1], files->paths[i], quiet, error);
    }
    if (status != SPIRAL_OK)
        free_models(ensemble);
    return status;
}

/* A block of consecutive observations, and what is predicted for them. */
typedef struct Block {
    SpiralDataset *data;
    size_t first;    /* the number of its first observation, counted from 0 */
    int64_t *labels; /* (N) */
    double *probs;   /* (N, K), or NULL when they are not needed */
} Block;

static void free_block(Block *block)
{
    free(block->labels);
    free(block->probs);
    spiral_dataset_free(block->data);
    *block = (Block){0};
}

/* Adds the other models' probabilities to the first one's, then takes the mean and its most probable class.
 * more: (N, K) */
static SpiralStatus average(const Ensemble *ensemble, size_t threads, Block *block, double *more, SpiralError *error)
{
    size_t rows = block->data->rows, classes = classes_of(ensemble->models[0]), count = rows * classes;
    double *probs = block->probs;
    for (size_t m = 1; m < ensemble->count; m++) {
        SpiralStatus status = spiral_network_predict(ensemble->models[m], block->first, rows, block->data->X, threads,
                                                     NULL, more, NULL, error);
        if (status != SPIRAL_OK)
            return status;
        for (size_t i = 0; i < count; i++)
            probs[i] += more[i];
    }
    for (size_t i = 0; i < count; i++)
        probs[i] /= (double)ensemble->count;
    for (size_t r = 0; r < rows; r++) {
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
    SpiralStatus status = spiral_network_predict(first, block->first, rows, block->data->X, threads, NULL, block->probs,
                                                 block->labels, error);
    if (status != SPIRAL_OK || ensemble->count == 1)
        return status;
    double *more = cli_allocate(rows * classes_of(first), sizeof *more);
    status = more == NULL ? cli_no_memory(error) : average(ensemble, threads, block, more, error);
    free(more);
    return status;
}

/* ---- the confusion matrix ---------------------------------------------------------------------------------------- */

enum { CLASSES_LIMIT = 50, NAME_CELLS = 16, COUNT_CELLS = 6 };

/* Prints the name in exactly that many columns, truncated with ~ when it is longer. */
static void print_name(const char *name, size_t columns, bool to_the_right)
{
    char shown[256]; /* far more than the columns can hold */
    size_t length = spiral_text_show(name, shown, sizeof shown), whole = spiral_text_columns(shown, length);
    bool cut = whole > columns;
    if (cut)
        length = spiral_text_fit(shown, columns - 1);
    int spaces = (int)(columns - cut - spiral_text_columns(shown, length));
    fprintf(stderr, "%*s%.*s%s%*s", to_the_right ? spaces : 0, "", (int)length, shown, cut ? "~" : "",
            to_the_right ? 0 : spaces, "");
}

static void print_matrix(const SpiralNetwork *network, const size_t *counts, size_t classes)
{
    fprintf(stderr, "confusion matrix: a row for each class of the data, a column for each predicted\n");
    fprintf(stderr, "%-*s", NAME_CELLS, "");
    for (size_t k = 0; k < classes; k++) {
        fputs("  ", stderr);
        print_name(network->class_names[k], COUNT_CELLS, true);
    }
    fputc('\n', stderr);
    for (size_t j = 0; j < classes; j++) {
        print_name(network->class_names[j], NAME_CELLS, false);
        for (size_t k = 0; k < classes; k++)
            fprintf(stderr, "  %*zu", COUNT_CELLS, counts[j * classes + k]);
        fputc('\n', stderr);
    }
}

/* The predictions beside the data's own classes, counted block by block. */
typedef struct Confusion {
    size_t rows, correct; /* of the rows that have a label */
    size_t unlabelled;    /* the other rows */
    size_t *counts;       /* (K, K); NULL when there are too many classes to print it */
} Confusion;

/* Errors: LIMIT. */
static SpiralStatus count_confusion(Confusion *confusion, size_t classes, const Block *block, SpiralError *error)
{
    const int64_t *y = block->data->y;
    if (confusion->counts == NULL && classes <= CLASSES_LIMIT) {
        confusion->counts = cli_allocate(classes * classes, sizeof *confusion->counts);
        if (confusion->counts == NULL)
            return cli_no_memory(error);
    }
    for (size_t i = 0; i < block->data->rows; i++) {
        if (y[i] < 0) {
            confusion->unlabelled++;
            continue;
        }
        confusion->rows++;
        confusion->correct += block->labels[i] == y[i];
        if (confusion->counts != NULL)
            confusion->counts[(size_t)y[i] * classes + (size_t)block->labels[i]]++;
    }
    return SPIRAL_OK;
}

/* Prints the accuracy and the confusion matrix on standard error. */
static void print_confusion(const SpiralNetwork *network, const Confusion *confusion)
{
    size_t classes = classes_of(network);
    fprintf(stderr, "accuracy: %.4f (%zu of %zu", (double)confusion->correct / (double)confusion->rows,
            confusion->correct, confusion->rows);
    if (confusion->unlabelled > 0)
        fprintf(stderr, "; %zu row%s without a label", confusion->unlabelled, confusion->unlabelled == 1 ? "" : "s");
    fprintf(stderr, ")\n");
    if (confusion->counts != NULL)
        print_matrix(network, confusion->counts, classes);
    else
        fprintf(stderr, "confusion matrix: left out, %zu classes are more than %d\n", classes, CLASSES_LIMIT);
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

/* What is predicted, and what came of it. */
typedef struct Prediction {
    const PredictSettings *settings;
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
    SpiralStatus status = load_models(run->models, run->settings->quiet, &run->ensemble, error);
    if (status != SPIRAL_OK)
        return status;
    const SpiralNetwork *network = run->ensemble.models[0]; /* the names and classes are the same in all models */
    run->classes = classes_of(network);
    run->fields = cli_allocate(run->classes, sizeof *run->fields);
    for (size_t k = 0; run->fields != NULL && k < run->classes; k++)
        if ((run->fields[k] = spiral_csv_field(network->class_names[k])) == NULL)
            return cli_no_memory(error);
    return run->fields != NULL ? open_for_model(&run->settings->data, network, &run->reader, error)
                               : cli_no_memory(error);
}

/* Reads the next block, NULL at the end, and makes room for what will be predicted. */
static SpiralStatus read_block(Prediction *run, Block *block, SpiralError *error)
{
    *block = (Block){.first = run->rows};
    SpiralStatus status = spiral_reader_next(run->reader, block_rows(run->ensemble.models[0]), &block->data, error);
    if (status != SPIRAL_OK || block->data == NULL)
        return status;
    if (run->rows == 0 && !run->settings->quiet)
        note_columns_for_model(&run->settings->data, run->ensemble.models[0], block->data);
    size_t rows = block->data->rows;
    bool probs = run->settings->probabilities || run->ensemble.count > 1;
    block->labels = cli_allocate(rows, sizeof *block->labels);
    if (probs && rows <= SIZE_MAX / run->classes)
        block->probs = cli_allocate(rows * run->classes, sizeof *block->probs);
    run->rows += rows;
    return block->labels != NULL && (block->probs != NULL || !probs) ? SPIRAL_OK : cli_no_memory(error);
}

/* Predicts a block and writes its rows. */
static SpiralStatus finish_block(Prediction *run, Block *block, SpiralError *error)
{
    const PredictSettings *settings = run->settings;
    SpiralStatus status = predict_together(&run->ensemble, settings->threads, block, error);
    if (status == SPIRAL_ERROR_INPUT)
        status = cli_error_in(error, settings->data.path);
    if (status == SPIRAL_OK && run->output == NULL) {
        status = spiral_output_create(settings->output, &run->output, error);
        if (status == SPIRAL_OK)
            status = write_header(run->output, run->ensemble.models[0], settings->probabilities, error);
    }
    if (status == SPIRAL_OK)
        status = write_rows(run->output, run->classes, run->fields, settings->probabilities, block, error);
    if (status == SPIRAL_OK && block->data->y != NULL && !settings->quiet)
        status = count_confusion(&run->confusion, run->classes, block, error);
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

static SpiralStatus predict(const PredictSettings *settings, const FileList *models, SpiralError *error)
{
    Prediction run = {.settings = settings, .models = models};
    SpiralStatus status = prepare(&run, error);
    if (status == SPIRAL_OK)
        status = predict_blocks(&run, error);
    if (status == SPIRAL_OK)
        status = spiral_output_commit(run.output, error);
    else
        spiral_output_discard(run.output);
    if (status == SPIRAL_OK && run.confusion.rows > 0)
        print_confusion(run.ensemble.models[0], &run.confusion);
    else if (status == SPIRAL_OK && run.confusion.unlabelled > 0)
        fprintf(stderr, "accuracy: none, no row has a label\n");
    free(run.confusion.counts);
    spiral_reader_close(run.reader);
    spiral_names_free(run.fields, run.classes);
    free_models(&run.ensemble);
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
        status = predict(settings, &models, error);
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
            "others; its label is the column that was the label in training. Without names, a file with as many "
            "columns as the model has features is taken as observations alone, one with a column more as "
            "observations and their class. --label says otherwise.",
        .examples = "  spiral predict --model spiral-out/model.npz --data new.csv -o classes.csv\n"
                    "  spiral predict -m model.npz --data - --probabilities < new.csv\n"
                    "  spiral predict -m a.npz,b.npz,c.npz --data new.csv\n"
                    "  spiral predict -m lr=1,reg=0/model.npz -m lr=2,reg=0/model.npz --data x.csv\n",
        .groups = groups,
        .group_count = COUNT(groups),
    };
    return command_run(&table, argc, argv, predict_command, &settings);
}
