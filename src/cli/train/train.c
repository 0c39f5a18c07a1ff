#define _POSIX_C_SOURCE 200809L
#include "base/number.h"
#include "cli/train/train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/options/values.h"
#include "cli/train/internal.h"

/* ---- files ------------------------------------------------------------------------------------------------------- */

static void name_outputs(const TrainSettings *settings, Files *files)
{
    static const char *const names[] = {"model.npz", "summary.json"}, *const figures[][FIGURE_FORMATS] = {
                                                                          {"boundary.png", "boundary.svg"},
                                                                          {"loss.png", "loss.svg"}};
    const char *out = settings->out;
    files_write_in(files, "--out", out, "checkpoint.npz");
    files_read(files, "--resume", settings->resume); /* may be DIR/checkpoint.npz, but no other output */
    files_write_in(files, "--out", out, train_log_name(settings));
    for (size_t i = 0; i < COUNT(names); i++)
        files_write_in(files, "--out", out, names[i]);
    for (size_t i = 0; !settings->no_figures && i < COUNT(figures); i++)
        files_write_in(files, "--out", out, figures[i][settings->figure_format]);
    if (settings->report)
        files_write_in(files, "--out", out, "report.html");
    if (settings->frames_every > 0)
        files_write_any_in(files, "--out", out, "frames", "frame-*.png");
}

/* Refuses outputs that would overwrite an input or that can't be replaced. Errors: USAGE, OUTPUT. */
static SpiralStatus check_files(const TrainSettings *settings, SpiralError *error)
{
    Files files = {.error = error};
    train_name_inputs(settings, &files);
    files_write(&files, "standard output", "-");
    files_write_in(&files, "--out", settings->out, ".lock");
    if (settings->folds > 0) {
        files_write_in(&files, "--out", settings->out, "folds.csv");
        files_write_in(&files, "--out", settings->out, "summary.json");
    } else
        name_outputs(settings, &files);
    train_name_removed(settings, &files);
    files_remove_temporaries_in(&files, "--out", settings->out, "", ".*");
    files_remove_temporaries_in(&files, "--out", settings->out, "frames", ".*");
    return files_check(&files);
}

static SpiralStatus check_live(const TrainSettings *settings, SpiralError *error)
{
    if (!settings->live)
        return SPIRAL_OK;
    if (settings->quiet || isatty(STDERR_FILENO) != 1)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--live draws on standard error, expected a terminal there, and no --quiet");
    if (!terminal_can_redraw(STDERR_FILENO))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "--live redraws its picture, expected TERM to name a terminal that can, such as xterm");
    return SPIRAL_OK;
}

/* ---- the training ------------------------------------------------------------------------------------------------ */

/* How to continue a training that a signal or the time limit has ended. */
static void say_how_to_continue(const TrainRun *run)
{
    const TrainSettings *settings = run->settings;
    bool interrupted = run->result.reason == SPIRAL_STOP_INTERRUPTED;
    if (settings->quiet)
        return;
    char *checkpoint = cli_join(settings->out, "checkpoint.npz");
    char *folder = shell_quoted(settings->out), *run_option = shell_option("run", settings->out);
    char *resume = checkpoint != NULL ? shell_option("resume", checkpoint) : NULL;
    if (folder != NULL && interrupted)
        fprintf(stderr, "spiral: interrupted after %zu iterations: the log, the model and the summary are in %s\n",
                run->result.iterations, folder);
    if (resume != NULL)
        fprintf(stderr, "spiral: to continue, run the same command with %s%s\n", resume,
                settings->report ? " and without --report" : "");
    if (run_option != NULL && settings->report)
        fprintf(stderr, "spiral: for the page, when the training has ended: spiral report %s -o report.html\n",
                run_option);
    free(checkpoint);
    free(folder);
    free(run_option);
    free(resume);
}

static SpiralStatus report(const TrainRun *run, SpiralError *error)
{
    const TrainSettings *settings = run->settings;
    const SpiralTrainResult *result = &run->result;
    bool lines = !settings->quiet && settings->summary == SUMMARY_TEXT;
    char accuracy[SPIRAL_NUMBER_TEXT];
    if (result->reason == SPIRAL_STOP_INTERRUPTED) {
        say_how_to_continue(run);
        return SPIRAL_OK;
    }
    if (result->reason == SPIRAL_STOP_TIME)
        say_how_to_continue(run);
    if (lines && result->reason == SPIRAL_STOP_TIME)
        printf("stopped after %zu iterations: time-limit\n", result->iterations);
    else if (lines && result->reason != SPIRAL_STOP_ITERATIONS)
        printf("stopped with the weights after %zu iterations: %s\n", result->iterations,
               spiral_stop_reason_name(result->reason));
    if (lines)
        printf("training accuracy: %s\n", spiral_accuracy_print(result->accuracy, 2, accuracy));
    if (lines && run->data.validation != NULL)
        printf("validation accuracy: %s\n", spiral_accuracy_print(result->validation_accuracy, 2, accuracy));
    bool validated = run->data.validation != NULL;
    return accuracy_require(run->table, settings->require_accuracy,
                            validated ? "validation accuracy" : "training accuracy",
                            validated ? result->validation_accuracy : result->accuracy, error);
}

/* A training that diverged is saved, too. After any other error, such as a failed write to the log, nothing more is
 * saved. */
static SpiralStatus train_and_save(TrainRun *run, SpiralError *error)
{
    SpiralStatus status = train_prepare(run, error);
    if (status != SPIRAL_OK)
        return status;
    status = train_iterate(run, error);
    if (status != SPIRAL_OK && status != SPIRAL_ERROR_DIVERGED)
        return status;
    if (status == SPIRAL_ERROR_DIVERGED)
        train_add_flags(run, error);
    SpiralError diverged = *error;
    SpiralStatus saved = cli_is_first_rank() ? train_save(run, error) : SPIRAL_OK;
    if (saved != SPIRAL_OK)
        return saved;
    if (status == SPIRAL_ERROR_DIVERGED) {
        *error = diverged;
        return status;
    }
    return report(run, error);
}

static SpiralStatus train_command(void *context, const OptionTable *table, SpiralError *error)
{
    TrainSettings *settings = context;
    SpiralStatus status = train_settings_check(settings, table, error);
    if (status == SPIRAL_OK && cli_is_first_rank())
        status = check_live(settings, error);
    settings->quiet |= !cli_is_first_rank();
    if (status == SPIRAL_OK)
        status = check_files(settings, error);
    status = spiral_ranks_agree(status, error);
    if (status != SPIRAL_OK)
        return status;
    if (settings->folds > 0)
        return train_folds(settings, table, error);
    TrainRun *run = train_create(settings, table);
    status = spiral_ranks_agree(run == NULL ? cli_no_memory(error) : SPIRAL_OK, error);
    if (status == SPIRAL_OK)
        status = train_and_save(run, error);
    train_free(run);
    return status;
}

int cmd_train(int argc, char **argv)
{
    TrainSettings settings = train_settings_defaults();
    OptionGroup groups[TRAIN_GROUPS];
    train_groups(&settings, groups);
    OptionTable table = {
        .command = argv[0],
        .synopsis = "[options]",
        .purpose = "Trains a softmax linear classifier or a network by gradient descent, on the notes' spiral or on "
                   "your data. "
                   "Prints the loss as it goes, and leaves the log, the trained model, a summary, the decision "
                   "boundary and the "
                   "loss curve in a folder.",
        .notes =
            "The random numbers are one stream, RandomState(seed): the generated data's, then the skipped ones, then "
            "the weights'. The published table of the notes is --skip-draws 18 for the linear classifier and "
            "--skip-draws 24 for the network. The batches' order comes from RandomState(seed + 1), dropout's from "
            "RandomState(seed + 2), so that none moves another.\n\n"
            "When the training diverges (exit code 6) or is interrupted (Ctrl-C, SIGTERM, SIGUSR1), the log, the last "
            "finite "
            "model and the summary are saved; after an interrupt also checkpoint.npz, for --resume.\n\n"
            "Built with MPI and started by mpirun or srun, the ranks share the rows and write what one process would "
            "have written; rank 0 alone writes and prints.",
        .examples = "  spiral train --model linear --skip-draws 18\n"
                    "  spiral train --hidden 100,50 --iterations 2000 --out deep\n"
                    "  spiral train --data iris.csv --standardize --learning-rate 0.1\n"
                    "  spiral train --optimizer adam --lr 0.01 --iterations 2000\n"
                    "  spiral train --batch-size 32 --epochs 200 --validation 0.2 --patience 20\n"
                    "  spiral train --lr 0.3 --summary json -q | jq .accuracy\n",
        .groups = groups,
        .group_count = COUNT(groups),
    };
    return command_run(&table, argc, argv, train_command, &settings);
}
