#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/loss_log.h"
#include "cli/progress.h"
#include "cli/settings.h"
#include "cli/summary.h"

static const double SECONDS_BETWEEN_FLUSHES = 1; /* of the log, so that it can be followed */
enum { LINEAR_LOG_EVERY = 1, MLP_LOG_EVERY = 10 };        /* rows */
enum { LINEAR_PRINT_EVERY = 10, MLP_PRINT_EVERY = 1000 }; /* lines, the notes' */

typedef enum SummaryKind { SUMMARY_TEXT, SUMMARY_JSON } SummaryKind;

typedef struct TrainSettings {
    RunSettings run;
    size_t log_every, print_every; /* 0 until check: by the model */
    const char *out;
    bool no_figures, quiet;
    SummaryKind summary;
    double require_accuracy;
} TrainSettings;

/* ---- options ----------------------------------------------------------------------------------------------------- */

static void print_log_every(char *text, size_t size)
{
    snprintf(text, size, "linear %d, mlp %d", LINEAR_LOG_EVERY, MLP_LOG_EVERY);
}

static void print_print_every(char *text, size_t size)
{
    snprintf(text, size, "--log-every when given, else linear %d, mlp %d", LINEAR_PRINT_EVERY, MLP_PRINT_EVERY);
}

static const char *const summary_names[] = {"text", "json", NULL};

static const Option output_options[] = {
    {.name = "out", .letter = 'o', .kind = OPTION_TEXT, .argument = "DIR", .offset = offsetof(TrainSettings, out),
     .help = "Folder for loss.csv, boundary.png, loss.png, model.npz and summary.json; made when it is not there."},
    {.name = "log-every", .kind = OPTION_SIZE, .argument = "N", .offset = offsetof(TrainSettings, log_every), .minimum = 1,
     .print_default = print_log_every, .help = "A row of loss.csv every N iterations."},
    {.name = "print-every", .kind = OPTION_SIZE, .argument = "N", .offset = offsetof(TrainSettings, print_every),
     .minimum = 1, .print_default = print_print_every, .help = "A line on standard output every N iterations."},
    {.name = "no-figures", .kind = OPTION_FLAG, .offset = offsetof(TrainSettings, no_figures),
     .help = "Leave boundary.png and loss.png out."},
    {.name = "summary", .kind = OPTION_CHOICE, .argument = "text|json", .offset = offsetof(TrainSettings, summary),
     .choices = summary_names,
     .help = "On standard output: the losses and the accuracy, or the text of summary.json alone."},
    {.name = "quiet", .letter = 'q', .kind = OPTION_FLAG, .offset = offsetof(TrainSettings, quiet),
     .help = "No lines, no progress bar; errors, and the JSON of --summary json, are printed all the same."},
    {.name = "require-accuracy", .kind = OPTION_REAL, .argument = "A", .maximum = 1, .no_default = true,
     .offset = offsetof(TrainSettings, require_accuracy),
     .help = "Exit with 1 when the training accuracy, from 0 to 1, ends below A."},
};

static const char *const output_names[] = {"loss.csv", "boundary.png", "loss.png", "model.npz", "summary.json"};

/* mpirun gives standard input to rank 0 alone. */
static SpiralStatus check_ranks(const TrainSettings *settings, SpiralError *error)
{
    const char *path = settings->run.data.path;
    if (spiral_ranks_count() > 1 && path != NULL && strcmp(path, "-") == 0)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--data - is standard input, expected a file that all %zu ranks can read",
                                spiral_ranks_count());
    return SPIRAL_OK;
}

/* No file of DIR may be one that is read. */
static SpiralStatus check_outputs(const TrainSettings *settings, SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < COUNT(output_names); i++) {
        char *path = cli_join(settings->out, output_names[i]);
        status = path == NULL ? cli_no_memory(error)
                              : cli_check_distinct("--out", path, "--data", settings->run.data.path, error);
        free(path);
    }
    return status;
}

static SpiralStatus check(TrainSettings *settings, const OptionTable *table, SpiralError *error)
{
    SpiralStatus status = run_settings_check(&settings->run, table, error);
    if (status == SPIRAL_OK)
        status = check_ranks(settings, error);
    if (status != SPIRAL_OK)
        return status;
    bool linear = settings->run.model.kind == MODEL_LINEAR;
    if (settings->print_every == 0)
        settings->print_every = settings->log_every != 0 ? settings->log_every
                                : linear                 ? LINEAR_PRINT_EVERY
                                                         : MLP_PRINT_EVERY;
    if (settings->log_every == 0)
        settings->log_every = linear ? LINEAR_LOG_EVERY : MLP_LOG_EVERY;
    return check_outputs(settings, error);
}

/* Of several ranks, rank 0 alone. */
static bool writes_files(void)
{
    return spiral_ranks_index() == 0;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

typedef struct TrainRun {
    const TrainSettings *settings;
    const OptionTable *table;
    SpiralDataset *dataset;
    SpiralNetwork *network;
    SpiralOutput *log; /* NULL once it is closed */
    Progress progress;
    double started, flushed, seconds; /* by the monotonic clock; how long the training took */
    SpiralTrainResult result;
} TrainRun;

static SpiralStatus log_record(TrainRun *run, const SpiralTrainRecord *record, SpiralError *error)
{
    double now = clock_seconds();
    SpiralStatus status = loss_log_write_row(run->log, record, now - run->started, error);
    if (status != SPIRAL_OK || now < run->flushed + SECONDS_BETWEEN_FLUSHES)
        return status;
    run->flushed = now;
    return spiral_output_flush(run->log, error);
}

static SpiralStatus observe(const SpiralTrainRecord *record, void *context, SpiralError *error)
{
    TrainRun *run = context;
    const TrainSettings *settings = run->settings;
    if (record->iteration % settings->log_every == 0) {
        SpiralStatus status = log_record(run, record, error);
        if (status != SPIRAL_OK)
            return status;
    }
    bool lines = !settings->quiet && settings->summary == SUMMARY_TEXT;
    if (lines && record->iteration % settings->print_every == 0) {
        progress_clear(&run->progress);
        printf("iteration %zu: loss %f\n", record->iteration, record->loss);
        fflush(stdout); /* whoever reads a pipe sees it now; a write error is noticed at exit */
    }
    progress_update(&run->progress, record->iteration);
    return SPIRAL_OK;
}

static size_t greatest_common_divisor(size_t a, size_t b)
{
    while (b != 0) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static SpiralStatus open_log(TrainRun *run, SpiralError *error)
{
    SpiralStatus status = spiral_output_folder(run->settings->out, error);
    if (status != SPIRAL_OK)
        return status;
    char *path = cli_join(run->settings->out, "loss.csv");
    status = path == NULL ? cli_no_memory(error) : spiral_output_create_log(path, 0, &run->log, error);
    free(path);
    return status == SPIRAL_OK ? loss_log_write_header(run->log, error) : status;
}

static SpiralStatus train(TrainRun *run, SpiralError *error)
{
    const TrainSettings *settings = run->settings;
    SpiralTrainOptions options = settings->run.training;
    options.record_every = greatest_common_divisor(settings->log_every, settings->print_every);
    run->progress = progress_start(options.iterations, settings->quiet);
    run->started = run->flushed = clock_seconds();
    const SpiralTrainHooks hooks = {
        .record = writes_files() ? observe : NULL, .context = run, .interrupt = interrupt_flag()};
    SpiralStatus status = spiral_train(run->network, run->dataset, &options, &hooks, &run->result, error);
    run->seconds = clock_seconds() - run->started;
    progress_clear(&run->progress);
    return status;
}

/* ---- outputs ----------------------------------------------------------------------------------------------------- */

static void describe_model(const TrainRun *run, char *text, size_t size)
{
    const SpiralNetwork *network = run->network;
    size_t used = 0;
    if (network->layers == 1)
        used = (size_t)snprintf(text, size, "Linear classifier");
    else
        used = (size_t)snprintf(text, size, "%s-layer network (", network->layers == 2   ? "Two"
                                                                  : network->layers == 3 ? "Three"
                                                                                         : "Many");
    for (size_t i = 1; i < network->layers && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%zu%s", network->sizes[i],
                                 i + 1 < network->layers ? ", " : " ReLU)");
}

static SpiralStatus save_boundary(const TrainRun *run, const char *path, SpiralError *error)
{
    char model[128], title[192];
    describe_model(run, model, sizeof model);
    snprintf(title, sizeof title, "%s, training accuracy %.2f", model, run->result.accuracy);
    SpiralFigureOptions figure = spiral_figure_defaults();
    figure.title = title;
    figure.threads = run->settings->run.training.threads;
    return spiral_figure_boundary(run->network, run->dataset, &figure, path, error);
}

static SpiralStatus save_loss(const TrainRun *run, const char *log_path, const char *path, SpiralError *error)
{
    LossLog log;
    SpiralStatus status = loss_log_read(log_path, "iteration", "loss", &log, error);
    if (status != SPIRAL_OK)
        return status;
    char title[128];
    describe_model(run, title, sizeof title);
    SpiralFigureOptions figure = spiral_figure_defaults();
    figure.title = title;
    const SpiralCurve curve = {.name = "loss", .count = log.count, .x = log.x, .y = log.y};
    status = spiral_figure_curves(1, &curve, "iteration", "loss", &figure, path, error);
    loss_log_free(&log);
    return status;
}

static SpiralStatus save_figures(const TrainRun *run, SpiralError *error)
{
    const char *out = run->settings->out;
    char *boundary = cli_join(out, "boundary.png"), *loss = cli_join(out, "loss.png"), *log = cli_join(out, "loss.csv");
    SpiralStatus status = SPIRAL_OK;
    if (boundary == NULL || loss == NULL || log == NULL)
        status = cli_no_memory(error);
    if (status == SPIRAL_OK)
        status = save_boundary(run, boundary, error);
    if (status == SPIRAL_OK)
        status = save_loss(run, log, loss, error);
    free(boundary);
    free(loss);
    free(log);
    return status;
}

static SpiralStatus save_model(const TrainRun *run, SpiralError *error)
{
    char *path = cli_join(run->settings->out, "model.npz");
    SpiralStatus status = path == NULL ? cli_no_memory(error) : spiral_network_save(run->network, path, error);
    free(path);
    return status;
}

static SpiralStatus save_summary(const TrainRun *run, SpiralError *error)
{
    const RunSummary summary = {run->table,   run->settings->run.data.path, run->dataset,
                                run->network, &run->result,                 run->seconds};
    char *text = summary_make(&summary);
    char *path = cli_join(run->settings->out, "summary.json");
    SpiralStatus status = text == NULL || path == NULL ? cli_no_memory(error)
                                                       : spiral_output_save(path, text, strlen(text), error);
    if (status == SPIRAL_OK && run->settings->summary == SUMMARY_JSON)
        fputs(text, stdout);
    free(path);
    free(text);
    return status;
}

/* Whatever the training came to, the log, the model and the summary are saved; figures only of a whole training. */
static SpiralStatus save(TrainRun *run, SpiralError *error)
{
    SpiralStatus status = spiral_output_commit(run->log, error);
    run->log = NULL;
    if (status == SPIRAL_OK)
        status = save_model(run, error);
    if (status == SPIRAL_OK)
        status = save_summary(run, error);
    if (status == SPIRAL_OK && run->result.reason == SPIRAL_STOP_ITERATIONS && !run->settings->no_figures)
        status = save_figures(run, error);
    return status;
}

static SpiralStatus report(const TrainRun *run, const OptionTable *table, SpiralError *error)
{
    const TrainSettings *settings = run->settings;
    const SpiralTrainResult *result = &run->result;
    if (result->reason == SPIRAL_STOP_INTERRUPTED) {
        if (!settings->quiet)
            fprintf(stderr, "spiral: interrupted after %zu iterations: the log, the model and the summary are in %s\n",
                    result->iterations, settings->out);
        return SPIRAL_OK;
    }
    if (!settings->quiet && settings->summary == SUMMARY_TEXT)
        printf("training accuracy: %.2f\n", result->accuracy);
    if (options_given(table, "require-accuracy") && result->accuracy < settings->require_accuracy)
        return spiral_error_set(error, SPIRAL_ERROR_CHECK, NULL, 0,
                                "the training accuracy is %.6g, --require-accuracy expected at least %.6g",
                                result->accuracy, settings->require_accuracy);
    return SPIRAL_OK;
}

/* The log is opened, and with it the folder checked, before the first iteration. */
static SpiralStatus prepare(TrainRun *run, SpiralError *error)
{
    SpiralRng rng;
    SpiralStatus status = run_prepare(&run->settings->run, &rng, &run->dataset, &run->network, error);
    if (status == SPIRAL_OK && writes_files())
        status = open_log(run, error);
    return spiral_ranks_agree(status, error);
}

static SpiralStatus train_and_save(TrainRun *run, SpiralError *error)
{
    SpiralStatus status = prepare(run, error);
    if (status != SPIRAL_OK)
        return status;
    interrupt_watch();
    status = train(run, error);
    if (status != SPIRAL_OK && status != SPIRAL_ERROR_DIVERGED)
        return status;
    SpiralError diverged = *error;
    SpiralStatus saved = writes_files() ? save(run, error) : SPIRAL_OK;
    if (saved != SPIRAL_OK)
        return saved;
    if (status == SPIRAL_ERROR_DIVERGED) {
        *error = diverged;
        return status;
    }
    return report(run, run->table, error);
}

int cmd_train(int argc, char **argv)
{
    TrainSettings settings = {.run = run_settings_defaults(), .out = "spiral-out"};
    const OptionGroup groups[] = {
        options_group_generate(&settings.run.data),
        options_group_load(&settings.run.data),
        options_group_model(&settings.run.model),
        options_group_training(&settings.run.training),
        {"Output", output_options, COUNT(output_options), &settings},
    };
    OptionTable table = {
        .command = argv[0],
        .synopsis = "[options]",
        .purpose = "Trains a softmax linear classifier or a network by full-batch gradient descent, on the notes' spiral or on "
                   "your data. Prints the loss as it goes, and leaves the log, the trained model, a summary, the decision "
                   "boundary and the loss curve in a folder.",
        .notes = "The random numbers are one stream, RandomState(seed): the generated data's, then the skipped ones, then "
                 "the weights'. The published table of the notes is --skip-draws 18 for the linear classifier and "
                 "--skip-draws 24 for the network.\n\n"
                 "When the training diverges (exit code 6) or is interrupted (Ctrl-C, SIGTERM), the log, the last finite "
                 "model and the summary are saved.\n\n"
                 "Built with MPI and started by mpirun or srun, the ranks share the rows and write what one process would "
                 "have written; rank 0 alone writes and prints.",
        .examples = "  spiral train --model linear --skip-draws 18\n"
                    "  spiral train --hidden 100,50 --iterations 2000 --out deep\n"
                    "  spiral train --data iris.csv --standardize --learning-rate 0.1\n"
                    "  spiral train --lr 0.3 --summary json -q | jq .accuracy\n",
        .groups = groups,
        .group_count = COUNT(groups),
    };
    SpiralError error;
    bool help = false;
    SpiralStatus status = options_parse(&table, argc, argv, &help, &error);
    if (status == SPIRAL_OK && help)
        return SPIRAL_OK;
    if (status == SPIRAL_OK)
        status = check(&settings, &table, &error);
    settings.quiet |= !writes_files();
    status = spiral_ranks_agree(status, &error);
    if (status == SPIRAL_OK) {
        TrainRun run = {.settings = &settings, .table = &table};
        status = train_and_save(&run, &error);
        spiral_output_discard(run.log);
        spiral_network_free(run.network);
        spiral_dataset_free(run.dataset);
    }
    if (status != SPIRAL_OK)
        return cli_fail(argv[0], &error);
    return *interrupt_flag() != 0 ? 128 + *interrupt_flag() : SPIRAL_OK;
}
