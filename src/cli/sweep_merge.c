/* sweep_merge.c: the shards of a sweep, joined into the sweep. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/sweep.h"
#include "cli/values.h"

typedef struct Shards {
    const char *folder;
    size_t count, capacity;
    size_t *numbers; /* (count) of the folders shard-1, shard-2, ... that are there; sorted */
} Shards;

/* ---- which are there --------------------------------------------------------------------------------------------- */

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
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, shards->folder, 0, "could not be opened: %s", strerror(errno));
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

/* ---- are they one sweep's, and all of it? ------------------------------------------------------------------------ */

/* N of "I/N"; 0 when it is no such text. */
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
    SpiralStatus status = path == NULL ? cli_no_memory(error) : sweep_definition_read(path, &definition, error);
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
        if (i > 0 && shards->numbers[i] == shards->numbers[i - 1])
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, shards->folder, 0,
                                    "holds shard %zu twice, expected one folder of each", shards->numbers[i]);
        SpiralStatus status = check_shard(shards, shards->numbers[i], first, error);
        if (status != SPIRAL_OK)
            return status;
    }
    for (size_t i = 0; i < expected; i++)
        if (i >= shards->count || shards->numbers[i] != i + 1)
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, shards->folder, 0,
                                    "shard %zu of %zu is missing: run spiral sweep --shard %zu/%zu with the same options", i + 1,
                                    expected, i + 1, expected);
    return SPIRAL_OK;
}

/* ---- joining ----------------------------------------------------------------------------------------------------- */

static SpiralStatus read_shard(Sweep *sweep, const Shards *shards, size_t number, SpiralError *error)
{
    SpiralSweepPlanOptions *options = &sweep->plan->options, all = *options;
    char *results = shard_path(shards, number, "results.csv"), *curves = shard_path(shards, number, "curves.csv");
    SpiralStatus status = results == NULL || curves == NULL ? cli_no_memory(error) : SPIRAL_OK;
    options->shard = number; /* rows of other shards are refused */
    options->shards = shards->count;
    if (status == SPIRAL_OK)
        status = spiral_sweep_results_read(sweep->results, results, false, error);
    for (size_t run = 0; status == SPIRAL_OK && run < spiral_sweep_plan_runs(sweep->plan); run++)
        if (spiral_sweep_plan_has(sweep->plan, run / all.seeds) &&
            spiral_sweep_results_row(sweep->results, run)->status == SPIRAL_SWEEP_NONE)
            status = spiral_error_set(error, SPIRAL_ERROR_INPUT, results, 0,
                                      "has no row of run %zu: the shard is not done, the same command with --resume goes on", run);
    *options = all;
    if (status == SPIRAL_OK)
        status = sweep_curves_read(&sweep->curves, sweep->results, curves, error);
    free(results);
    free(curves);
    return status;
}

/* A file that is not there is passed over: the shard kept it no longer, or never had it. */
static SpiralStatus copy_file(const char *from, const char *to, SpiralError *error)
{
    FILE *file = fopen(from, "rb");
    if (file == NULL && errno == ENOENT)
        return SPIRAL_OK;
    if (file == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, from, 0, "could not be opened: %s", strerror(errno));
    char piece[1 << 14];
    size_t length;
    SpiralOutput *output;
    SpiralStatus status = spiral_output_create(to, &output, error);
    while (status == SPIRAL_OK && (length = fread(piece, 1, sizeof piece, file)) > 0)
        status = spiral_output_write(output, piece, length, error);
    if (status == SPIRAL_OK && ferror(file))
        status = spiral_error_set(error, SPIRAL_ERROR_INPUT, from, 0, "could not be read");
    fclose(file);
    if (status == SPIRAL_OK)
        return spiral_output_commit(output, error);
    spiral_output_discard(output);
    return status;
}

static SpiralStatus copy_run(const Sweep *sweep, const Shards *shards, size_t run, SpiralError *error)
{
    static const char *const names[] = {"model.npz", "loss.csv"};
    size_t number = run / sweep->plan->options.seeds % shards->count + 1;
    char *folder = sweep_run_path(sweep, run, NULL);
    SpiralStatus status = folder == NULL ? cli_no_memory(error) : spiral_output_subfolder(folder, error);
    for (size_t i = 0; status == SPIRAL_OK && i < COUNT(names); i++) {
        char name[64];
        snprintf(name, sizeof name, "runs/%04zu/%s", run, names[i]);
        char *from = shard_path(shards, number, name), *to = sweep_run_path(sweep, run, names[i]);
        status = from == NULL || to == NULL ? cli_no_memory(error) : copy_file(from, to, error);
        free(from);
        free(to);
    }
    free(folder);
    return status;
}

static SpiralStatus copy_runs(const Sweep *sweep, const Shards *shards, SpiralError *error)
{
    SpiralSweepScore *scores;
    size_t count, most = sweep->settings->keep_best, seeds = sweep->plan->options.seeds;
    if (most == 0)
        return SPIRAL_OK;
    char *folder = sweep_path(sweep, "runs");
    SpiralStatus status = folder == NULL ? cli_no_memory(error) : spiral_output_subfolder(folder, error);
    free(folder);
    if (status != SPIRAL_OK)
        return status;
    status = spiral_sweep_ranking(sweep->results, sweep->settings->measure, &scores, &count, error);
    for (size_t i = 0; status == SPIRAL_OK && i < count && i < most; i++)
        for (size_t repeat = 0; status == SPIRAL_OK && repeat < seeds; repeat++)
            status = copy_run(sweep, shards, scores[i].setting * seeds + repeat, error);
    free(scores);
    return status;
}

static SpiralStatus save_all(SweepOpened *opened, const Shards *shards, SpiralError *error)
{
    Sweep *sweep = &opened->sweep;
    char *results = sweep_path(sweep, "results.csv"), *curves = sweep_path(sweep, "curves.csv");
    SpiralStatus status = results == NULL || curves == NULL ? cli_no_memory(error) : SPIRAL_OK;
    if (status == SPIRAL_OK)
        status = sweep_definition_save_whole(sweep, opened->definition, error);
    if (status == SPIRAL_OK)
        status = copy_runs(sweep, shards, error);
    if (status == SPIRAL_OK)
        status = sweep_curves_save(&sweep->curves, curves, error);
    if (status == SPIRAL_OK)
        status = spiral_sweep_results_save(sweep->results, results, error);
    free(results);
    free(curves);
    return status;
}

/* What was said of the output, and of what is enough, is said of the merged sweep. */
static SpiralStatus take_output(SweepOpened *opened, const SweepSettings *settings, const OptionTable *table, SpiralError *error)
{
    TrainSettings *train = &opened->settings.train;
    train->no_figures = settings->train.no_figures;
    train->summary = settings->train.summary;
    train->quiet = settings->train.quiet;
    char text[64];
    snprintf(text, sizeof text, "%.17g", settings->train.require_accuracy);
    return options_given(table, "require-accuracy") ? options_set(&opened->table, "require-accuracy", text, error) : SPIRAL_OK;
}

/* A sweep that is in the folder itself is replaced when it is the same one. */
static SpiralStatus check_target(const Sweep *sweep, const cJSON *definition, SpiralError *error)
{
    cJSON *there = NULL;
    char *path = sweep_path(sweep, "sweep.json");
    SpiralStatus status = path == NULL ? cli_no_memory(error) : SPIRAL_OK;
    if (status == SPIRAL_OK && access(path, F_OK) == 0) {
        status = sweep_definition_read(path, &there, error);
        if (status == SPIRAL_OK)
            status = sweep_definitions_compare(path, there, definition, error);
    }
    cJSON_Delete(there);
    free(path);
    return status;
}

static SpiralStatus merge(SweepOpened *opened, const Shards *shards, const SweepSettings *settings, const OptionTable *table,
                          SpiralError *error)
{
    char *path = shard_path(shards, shards->numbers[0], "sweep.json");
    Sweep *sweep = &opened->sweep;
    SpiralStatus status = path == NULL ? cli_no_memory(error) : sweep_open(path, shards->folder, opened, error);
    free(path);
    if (status == SPIRAL_OK) {
        sweep->plan->options.shard = sweep->plan->options.shards = 1; /* it was opened as the shard */
        status = check_shards(shards, opened->definition, error);
    }
    if (status == SPIRAL_OK)
        status = check_target(sweep, opened->definition, error);
    for (size_t i = 0; status == SPIRAL_OK && i < shards->count; i++)
        status = read_shard(sweep, shards, shards->numbers[i], error);
    if (status == SPIRAL_OK)
        status = take_output(opened, settings, table, error);
    if (status == SPIRAL_OK)
        status = save_all(opened, shards, error);
    return status == SPIRAL_OK ? sweep_conclude(sweep, error) : status;
}

SpiralStatus sweep_merge(const SweepSettings *settings, const OptionTable *table, SpiralError *error)
{
    Shards shards = {.folder = settings->merge};
    SweepOpened *opened = cli_allocate(1, sizeof *opened);
    SpiralStatus status = opened == NULL ? cli_no_memory(error) : find_shards(&shards, error);
    if (status == SPIRAL_OK)
        status = merge(opened, &shards, settings, table, error);
    if (opened != NULL)
        sweep_opened_release(opened);
    free(opened);
    free(shards.numbers);
    return status;
}
