/* merge.c: merges the shards of a sweep. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/number.h"
#include "base/regular.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/options/values.h"
#include "cli/run_folder.h"
#include "cli/sweep/internal.h"

typedef struct Shards {
    const char *folder;
    size_t count, capacity;
    size_t *numbers; /* (count) N of the existing folders shard-N, sorted */
} Shards;

/* ---- finding the shards ------------------------------------------------------------------------------------------ */

static int compare_numbers(const void *a, const void *b)
{
    size_t first = *(const size_t *)a, second = *(const size_t *)b;
    return (first > second) - (first < second);
}

static SpiralStatus add_shard(Shards *shards, const char *name, SpiralError *error)
{
    static const char start[] = "shard-";
    size_t number;
    if (strncmp(name, start, strlen(start)) != 0 || !text_to_size(name + strlen(start), &number))
        return SPIRAL_OK;
    if (name[strlen(start)] == '0')
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, shards->folder, 0,
                                "holds %.100s, expected only shard-1, shard-2, ...: rename it, or move it away", name);
    if (shards->count == shards->capacity) {
        size_t capacity = shards->capacity == 0 ? 64 : 2 * shards->capacity;
        size_t *numbers = realloc(shards->numbers, capacity * sizeof *numbers);
        if (numbers == NULL)
            return cli_no_memory(error);
        shards->numbers = numbers;
        shards->capacity = capacity;
    }
    shards->numbers[shards->count++] = number;
    return SPIRAL_OK;
}

static SpiralStatus find_shards(Shards *shards, SpiralError *error)
{
    DIR *folder = opendir(shards->folder);
    if (folder == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, shards->folder, 0, "could not be opened: %s",
                                strerror(errno));
    SpiralStatus status = SPIRAL_OK;
    for (struct dirent *entry; status == SPIRAL_OK && (entry = readdir(folder)) != NULL;)
        status = add_shard(shards, entry->d_name, error);
    closedir(folder);
    if (status == SPIRAL_OK && shards->count == 0)
        status = spiral_error_set(error, SPIRAL_ERROR_INPUT, shards->folder, 0,
                                  "holds no shard-1, shard-2, ...: expected the --out of spiral sweep --shard I/N");
    if (status == SPIRAL_OK)
        qsort(shards->numbers, shards->count, sizeof *shards->numbers, compare_numbers);
    return status;
}

/* FOLDER/shard-N/name, freed by free(). */
static char *shard_path(const Shards *shards, size_t number, const char *name)
{
    char text[128];
    snprintf(text, sizeof text, "shard-%zu/%s", number, name);
    return cli_join(shards->folder, text);
}

/* ---- checking that the shards make up one whole sweep ------------------------------------------------------------ */

/* The N of "I/N"; 0 when the text has another form. */
static size_t shards_of(const cJSON *definition)
{
    const char *slash = strchr(sweep_definition_shard(definition), '/');
    size_t count;
    return slash != NULL && text_to_size(slash + 1, &count) ? count : 0;
}

static SpiralStatus check_shard(const Shards *shards, size_t number, const cJSON *first, SpiralError *error)
{
    cJSON *definition;
    char *path = shard_path(shards, number, "sweep.json"), expected[64];
    SpiralStatus status =
        path == NULL ? cli_no_memory(error) : sweep_definition_read(shards->folder, path, &definition, error);
    if (status == SPIRAL_OK) {
        const char *found = sweep_definition_shard(definition);
        snprintf(expected, sizeof expected, "%zu/%zu", number, shards_of(first));
        status = sweep_definitions_compare(path, first, definition, error);
        if (status == SPIRAL_OK && strcmp(found, expected) != 0)
            status = spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0,
                                      "holds shard %.*s, expected shard %s in this folder", SPIRAL_TEXT_CUT(found, 60),
                                      expected);
        cJSON_Delete(definition);
    }
    free(path);
    return status;
}

static SpiralStatus check_shards(const Shards *shards, const cJSON *first, SpiralError *error)
{
    size_t expected = shards_of(first);
    for (size_t i = 0; i < shards->count; i++) {
        SpiralStatus status = check_shard(shards, shards->numbers[i], first, error);
        if (status != SPIRAL_OK)
            return status;
    }
    for (size_t i = 0; i < expected; i++)
        if (i >= shards->count || shards->numbers[i] != i + 1)
            return spiral_error_set(
                error, SPIRAL_ERROR_INPUT, shards->folder, 0,
                "shard %zu of %zu is missing: run spiral sweep --shard %zu/%zu with the same options", i + 1, expected,
                i + 1, expected);
    return SPIRAL_OK;
}

/* Refuses standard output that is one of the shards' files. Errors: USAGE, OUTPUT, LIMIT. */
static SpiralStatus check_standard_output(const Shards *shards, SpiralError *error)
{
    static const char *const names[] = {"sweep.json", "results.csv", "curves.csv", "summary.json"};
    Files files = {.error = error};
    files_write(&files, "standard output", "-");
    for (size_t i = 0; files.status == SPIRAL_OK && i < shards->count; i++) {
        char *folder = shard_path(shards, shards->numbers[i], "");
        if (folder == NULL)
            files.status = cli_no_memory(error);
        for (size_t j = 0; folder != NULL && j < COUNT(names); j++)
            files_read_in(&files, "--merge", folder, names[j]);
        if (folder != NULL)
            files_read_any_in(&files, "--merge", folder, "runs", "[0-9][0-9][0-9][0-9]*/*");
        free(folder);
    }
    return files_check(&files);
}

/* ---- joining ----------------------------------------------------------------------------------------------------- */

static SpiralStatus refuse_missing(const char *path, size_t run, SpiralError *error)
{
    return spiral_error_set(
        error, SPIRAL_ERROR_INPUT, path, 0,
        "does not exist or has nothing of run %zu; to train it again, run the command of that shard "
        "with --resume",
        run);
}

static SpiralStatus read_shard(Sweep *sweep, const Shards *shards, size_t number, SpiralError *error)
{
    SpiralSweepPlanOptions *options = &sweep->plan->options, all = *options;
    char *results = shard_path(shards, number, "results.csv"), *curves = shard_path(shards, number, "curves.csv");
    SpiralStatus status = results == NULL || curves == NULL ? cli_no_memory(error) : SPIRAL_OK;
    options->shard = number; /* so that rows of other shards are refused */
    options->shards = shards->count;
    if (status == SPIRAL_OK)
        status = spiral_sweep_results_read(sweep->results, shards->folder, results, false, error);
    for (size_t run = 0; status == SPIRAL_OK && run < spiral_sweep_plan_runs(sweep->plan); run++)
        if (spiral_sweep_plan_has(sweep->plan, run / all.seeds) &&
            spiral_sweep_results_row(sweep->results, run)->status == SPIRAL_SWEEP_NONE)
            status = spiral_error_set(
                error, SPIRAL_ERROR_INPUT, results, 0,
                "has no row of run %zu: the shard is not finished; to continue it, run the same command with --resume",
                run);
    if (status == SPIRAL_OK)
        status = sweep_check_iterations(sweep, results, error);
    if (status == SPIRAL_OK)
        status = spiral_sweep_curves_read(&sweep->curves, sweep->results, shards->folder, curves, error);
    *options = all;
    for (size_t run = 0; status == SPIRAL_OK && run < spiral_sweep_plan_runs(sweep->plan); run++)
        if ((run / all.seeds) % shards->count + 1 == number && sweep_lacks_curve(sweep, run))
            status = refuse_missing(curves, run, error);
    free(results);
    free(curves);
    return status;
}

/* A file of a run. */
typedef struct Copy {
    const Shards *shards;
    Sweep *sweep;
    size_t run;
    bool compare; /* a model with its run: its data are at hand */
    char *from;
    char *to; /* NULL: it is only checked */
} Copy;

/* Opens a shard's file to be copied with the same or fewer permissions. */
static SpiralStatus open_copied(const Copy *copy, int *descriptor, mode_t *mode, SpiralError *error)
{
    struct stat file;
    SpiralStatus status = spiral_regular_open(copy->shards->folder, copy->from, O_RDONLY, descriptor, error);
    if (status != SPIRAL_OK)
        return errno == ENOENT ? refuse_missing(copy->from, copy->run, error) : status;
    if (fstat(*descriptor, &file) == 0) {
        *mode = file.st_mode;
        return SPIRAL_OK;
    }
    status = spiral_error_set(error, SPIRAL_ERROR_INPUT, copy->from, 0, "could not be read: %s", strerror(errno));
    close(*descriptor);
    return status;
}

static SpiralStatus create_copy(const char *to, mode_t mode, SpiralOutput **output, SpiralError *error)
{
    SpiralStatus status = spiral_output_create(to, output, error);
    return status == SPIRAL_OK ? spiral_output_narrow(*output, mode, error) : status;
}

/* Copies a model by loading and saving it. */
static SpiralStatus copy_model(const Copy *copy, SpiralError *error)
{
    const char *from = copy->from, *to = copy->to;
    int descriptor;
    mode_t mode = 0;
    SpiralNetwork *network;
    SpiralOutput *output = NULL;
    SpiralStatus status = open_copied(copy, &descriptor, &mode, error);
    if (status != SPIRAL_OK)
        return status;
    status = spiral_network_take(descriptor, from, &network, error);
    if (status != SPIRAL_OK)
        return status;
    if (copy->compare)
        status = sweep_match_model(copy->sweep, copy->run, network, from, error);
    if (status == SPIRAL_OK && to != NULL)
        status = create_copy(to, mode, &output, error);
    if (status == SPIRAL_OK && to != NULL)
        status = spiral_network_write(network, output, error);
    spiral_network_free(network);
    if (status == SPIRAL_OK && to != NULL)
        return spiral_output_commit(output, error);
    spiral_output_discard(output);
    return status;
}

static SpiralStatus copy_bytes(FILE *file, const char *from, SpiralOutput *output, SpiralError *error)
{
    char piece[1 << 12];
    size_t length;
    SpiralStatus status = SPIRAL_OK;
    bool failed = fseek(file, 0, SEEK_SET) != 0;
    while (!failed && status == SPIRAL_OK && (length = fread(piece, 1, sizeof piece, file)) > 0)
        status = spiral_output_write(output, piece, length, error);
    if (status == SPIRAL_OK && (failed || ferror(file)))
        status = spiral_error_set(error, SPIRAL_ERROR_INPUT, from, 0, "could not be read");
    return status;
}

/* Checks that the file is a valid log before copying its bytes. */
static SpiralStatus copy_log(const Copy *copy, SpiralError *error)
{
    const char *from = copy->from, *to = copy->to;
    static const char *const names[] = {"iteration", "loss", NULL};
    int descriptor;
    mode_t mode = 0;
    SpiralLossLog log = {0};
    SpiralOutput *output = NULL;
    SpiralStatus status = open_copied(copy, &descriptor, &mode, error);
    if (status != SPIRAL_OK)
        return status;
    int read = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    FILE *file = read < 0 ? NULL : fdopen(descriptor, "r");
    if (file == NULL) {
        status = spiral_error_set(error, SPIRAL_ERROR_INPUT, from, 0, "could not be opened: %s", strerror(errno));
        close(descriptor);
        if (read >= 0)
            close(read);
        return status;
    }
    status = spiral_loss_log_take(read, from, names, COUNT(names) - 1, &log, error);
    spiral_loss_log_free(&log);
    if (status == SPIRAL_OK && to != NULL)
        status = create_copy(to, mode, &output, error);
    if (status == SPIRAL_OK && to != NULL)
        status = copy_bytes(file, from, output, error);
    fclose(file);
    if (status == SPIRAL_OK && to != NULL)
        return spiral_output_commit(output, error);
    spiral_output_discard(output);
    return status;
}

typedef enum Pass {
    CHECK_FILES,  /* the data of the runs are not at hand */
    CHECK_MODELS, /* and compare the models with their runs */
    COPY_FILES
} Pass;

static SpiralStatus copy_run(Sweep *sweep, const Shards *shards, size_t run, Pass pass, SpiralError *error)
{
    static const struct {
        const char *name;
        SpiralStatus (*copy)(const Copy *copy, SpiralError *error);
    } files[] = {{"model.npz", copy_model}, {"loss.csv", copy_log}};
    size_t number = run / sweep->plan->options.seeds % shards->count + 1;
    SpiralStatus status = pass == COPY_FILES ? sweep_make_run_folder(sweep, run, error) : SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < COUNT(files); i++) {
        char name[64];
        snprintf(name, sizeof name, "runs/%04zu/%s", run, files[i].name);
        Copy copy = {shards, sweep, run, pass == CHECK_MODELS, shard_path(shards, number, name), NULL};
        bool kept = sweep_keeps_file(spiral_sweep_results_row(sweep->results, run), files[i].name);
        if (pass == COPY_FILES)
            copy.to = sweep_run_path(sweep, run, files[i].name);
        status = copy.from == NULL || (pass == COPY_FILES && copy.to == NULL) ? cli_no_memory(error) : SPIRAL_OK;
        if (status == SPIRAL_OK && (kept || access(copy.from, F_OK) == 0))
            status = files[i].copy(&copy, error);
        free(copy.from);
        free(copy.to);
    }
    return status;
}

static SpiralStatus copy_runs(Sweep *sweep, const Shards *shards, Pass pass, SpiralError *error)
{
    SpiralSweepScore *scores;
    size_t count, most = sweep->settings->keep_best, seeds = sweep->plan->options.seeds;
    if (most == 0)
        return SPIRAL_OK;
    char *folder = cli_join(sweep->folder, "runs");
    SpiralStatus status = folder == NULL ? cli_no_memory(error) : SPIRAL_OK;
    if (status == SPIRAL_OK && pass == COPY_FILES)
        status = spiral_output_subfolder(folder, error);
    free(folder);
    if (status != SPIRAL_OK)
        return status;
    status = spiral_sweep_ranking(sweep->results, sweep->settings->measure, &scores, &count, error);
    for (size_t i = 0; status == SPIRAL_OK && i < count && i < most; i++)
        for (size_t repeat = 0; status == SPIRAL_OK && repeat < seeds; repeat++)
            status = copy_run(sweep, shards, scores[i].setting * seeds + repeat, pass, error);
    free(scores);
    return status;
}

/* Checks the files of the kept runs, all of them before the first is copied. */
static SpiralStatus check_runs(Sweep *sweep, const Shards *shards, SpiralError *error)
{
    SpiralStatus status = sweep->settings->keep_best > 0 ? sweep_find_inputs(sweep, error) : SPIRAL_OK;
    bool missing = status == SPIRAL_ERROR_INPUT && error->path[0] == '\0'; /* else a file could not be read */
    if (status != SPIRAL_OK && !missing)
        return status;
    return copy_runs(sweep, shards, status == SPIRAL_OK ? CHECK_MODELS : CHECK_FILES, error);
}

static SpiralStatus save_all(SweepOpened *opened, const Shards *shards, SpiralError *error)
{
    Sweep *sweep = &opened->sweep;
    char *results = cli_join(sweep->folder, "results.csv"), *curves = cli_join(sweep->folder, "curves.csv");
    SpiralStatus status = results == NULL || curves == NULL ? cli_no_memory(error) : SPIRAL_OK;
    if (status == SPIRAL_OK)
        status = sweep_definition_save_whole(sweep, opened->definition, error);
    if (status == SPIRAL_OK)
        status = copy_runs(sweep, shards, COPY_FILES, error);
    if (status == SPIRAL_OK)
        status = spiral_sweep_curves_save(&sweep->curves, curves, error);
    if (status == SPIRAL_OK)
        status = spiral_sweep_results_save(sweep->results, results, error);
    free(results);
    free(curves);
    return status;
}

/* Applies the given output options and --require-accuracy to the merged sweep. */
static SpiralStatus take_output(SweepOpened *opened, const SweepSettings *settings, const OptionTable *table,
                                SpiralError *error)
{
    TrainSettings *train = &opened->settings.train;
    train->no_figures = settings->train.no_figures;
    train->figures = settings->train.figures;
    train->figure_format = settings->train.figure_format;
    train->summary = settings->train.summary;
    train->quiet = settings->train.quiet;
    char text[SPIRAL_NUMBER_TEXT];
    spiral_number_print(settings->train.require_accuracy, text);
    return options_given(table, "require-accuracy") ? options_set(&opened->table, "require-accuracy", text, error)
                                                    : SPIRAL_OK;
}

/* A sweep already in the folder itself may be replaced only if it is the same sweep. */
static SpiralStatus check_target(const Sweep *sweep, const cJSON *definition, SpiralError *error)
{
    cJSON *there = NULL;
    char *path = cli_join(sweep->folder, "sweep.json");
    SpiralStatus status = path == NULL ? cli_no_memory(error) : SPIRAL_OK;
    if (status == SPIRAL_OK && access(path, F_OK) == 0) {
        status = sweep_definition_read(NULL, path, &there, error);
        if (status == SPIRAL_OK)
            status = sweep_definitions_compare(path, there, definition, error);
    }
    cJSON_Delete(there);
    free(path);
    return status;
}

static SpiralStatus merge(SweepOpened *opened, const Shards *shards, const SweepSettings *settings,
                          const OptionTable *table, SpiralError *error)
{
    char *path = shard_path(shards, shards->numbers[0], "sweep.json");
    Sweep *sweep = &opened->sweep;
    SpiralStatus status =
        path == NULL ? cli_no_memory(error) : sweep_open(shards->folder, path, shards->folder, opened, error);
    free(path);
    if (status == SPIRAL_OK) {
        sweep->plan->options.shard = sweep->plan->options.shards = 1; /* it was opened as a shard */
        sweep->reported = true;
        status = check_shards(shards, opened->definition, error);
    }
    if (status == SPIRAL_OK)
        status = spiral_folder_lock(sweep->folder, &sweep->lock, error);
    if (status == SPIRAL_OK)
        status = sweep_check_files(sweep, "--merge", false, error);
    if (status == SPIRAL_OK)
        status = run_folder_refuse_training(sweep->folder, error);
    if (status == SPIRAL_OK)
        status = check_target(sweep, opened->definition, error);
    if (status == SPIRAL_OK)
        status = sweep_remove_temporaries(sweep, error);
    for (size_t i = 0; status == SPIRAL_OK && i < shards->count; i++)
        status = read_shard(sweep, shards, shards->numbers[i], error);
    if (status == SPIRAL_OK)
        status = check_runs(sweep, shards, error);
    if (status == SPIRAL_OK)
        status = take_output(opened, settings, table, error);
    if (status == SPIRAL_OK)
        status = save_all(opened, shards, error);
    return status == SPIRAL_OK ? sweep_report(sweep, error) : status;
}

SpiralStatus sweep_merge(const SweepSettings *settings, const OptionTable *table, SpiralError *error)
{
    Shards shards = {.folder = settings->merge};
    SweepOpened *opened = cli_allocate(1, sizeof *opened);
    SpiralStatus status = opened == NULL ? cli_no_memory(error) : find_shards(&shards, error);
    if (status == SPIRAL_OK)
        status = check_standard_output(&shards, error);
    if (status == SPIRAL_OK)
        status = merge(opened, &shards, settings, table, error);
    if (opened != NULL)
        sweep_opened_release(opened);
    free(opened);
    free(shards.numbers);
    return status;
}
