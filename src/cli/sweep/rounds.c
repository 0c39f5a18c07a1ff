/* rounds.c: runs a sweep, from creating its folder to the last round. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/process/interrupt.h"
#include "cli/run_folder.h"
#include "cli/sweep/internal.h"

static char *folder_of(const SweepSettings *settings)
{
    char shard[64];
    if (settings->shard == NULL)
        return cli_copy_string(settings->train.out);
    snprintf(shard, sizeof shard, "shard-%zu", settings->shard_index);
    return cli_join(settings->train.out, shard);
}

/* Reports, in terms of the command-line options, why no plan can be made. */
static SpiralStatus check_plan(const SweepSettings *settings, const SpiralSweepPlanOptions *options, SpiralError *error)
{
    static const char *const reasons[] = {
        [SPIRAL_SWEEP_FAULT_NOTHING_SWEPT] =
            "nothing is swept: give an option several values, like --learning-rate 0.1,0.3,1 or --hidden '50;100', or "
            "--seeds a number above 1",
        [SPIRAL_SWEEP_FAULT_NOTHING_DRAWN] = "nothing is drawn at random: give an option a distribution, like "
                                             "--learning-rate loguniform:1e-3:10",
        [SPIRAL_SWEEP_FAULT_DISTRIBUTION] =
            "a distribution that is drawn from: say how often by --random N, or give a list, lin: or log:",
        [SPIRAL_SWEEP_FAULT_GRID] =
            "all values of a grid, and --random draws: expected choice:A,B, uniform:A:B or loguniform:A:B",
        [SPIRAL_SWEEP_FAULT_NOTHING_REFINED] = "there is nothing to refine: expected a swept option that is a number",
        [SPIRAL_SWEEP_FAULT_SEEDS] =
            "--seeds: S, S + 1, ... end above 4294967295, expected a smaller --seed S, or fewer",
    };
    const SpiralSweepAxis *axis;
    SpiralSweepFault fault = spiral_sweep_plan_check(options, &axis);
    if (fault == SPIRAL_SWEEP_FAULT_NONE)
        return SPIRAL_OK;
    if (axis == NULL) {
        char *hint = fault != SPIRAL_SWEEP_FAULT_SEEDS ? sweep_hidden_hint(settings) : NULL;
        bool hinted = hint != NULL && hint[0] != '\0';
        SpiralStatus status =
            spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "%s%s%s%s", reasons[fault],
                             hinted ? " (the sizes of --hidden make " : "", hinted ? hint : "", hinted ? ")" : "");
        free(hint);
        return status;
    }
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0, "--%s: found \"%.*s\", %s", axis->name,
                            SPIRAL_TEXT_CUT(axis->text, 200), reasons[fault]);
}

SpiralStatus sweep_create(SweepSettings *settings, const OptionTable *table, Sweep *sweep, SpiralError *error)
{
    *sweep = (Sweep){.settings = settings, .table = table, .folder = folder_of(settings)};
    const SpiralSweepPlanOptions options = {.axis_count = settings->axis_count,
                                            .axes = settings->axes,
                                            .random = settings->random,
                                            .seeds = settings->seeds,
                                            .refine = settings->refine,
                                            .seed = settings->train.run.data.seed,
                                            .validated = settings->train.validation != NULL,
                                            .shard = settings->shard_index,
                                            .shards = settings->shard_count};
    if (sweep->folder == NULL)
        return cli_no_memory(error);
    SpiralStatus status = check_plan(settings, &options, error);
    if (status == SPIRAL_OK)
        status = spiral_sweep_plan_create(&options, &sweep->plan, error);
    if (status == SPIRAL_OK)
        status = spiral_sweep_results_create(sweep->plan, &sweep->results, error);
    return status == SPIRAL_OK ? sweep_check_settings(sweep, error) : status;
}

void sweep_release(Sweep *sweep)
{
    for (size_t i = 0; i < sweep->data_count; i++) {
        train_data_free(&sweep->data[i]->data);
        free(sweep->data[i]->key);
        free(sweep->data[i]);
    }
    free(sweep->data);
    sweep_free_inputs(sweep);
    spiral_sweep_curves_clear(&sweep->curves);
    spiral_folder_unlock(sweep->lock);
    spiral_folder_unlock(sweep->whole);
    spiral_sweep_results_free(sweep->results);
    spiral_sweep_plan_free(sweep->plan);
    free(sweep->has_files);
    free(sweep->folder);
}

SpiralStatus sweep_open(const char *within, const char *path, const char *folder, SweepOpened *opened,
                        SpiralError *error)
{
    sweep_settings_defaults(&opened->settings);
    opened->settings.train.out = folder;
    opened->settings.stored = true;
    sweep_table(&opened->settings, opened->groups, &opened->table);
    SpiralStatus status = sweep_definition_read(within, path, &opened->definition, error);
    if (status == SPIRAL_OK)
        status = sweep_definition_take(opened->definition, path, &opened->settings, &opened->table, error);
    if (status == SPIRAL_OK)
        status = sweep_definition_take_shard(opened->definition, path, &opened->settings, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralError refused;
    status = sweep_create(&opened->settings, &opened->table, &opened->sweep, &refused);
    opened->sweep.definition = opened->definition;
    if (status == SPIRAL_OK)
        return SPIRAL_OK;
    return spiral_error_set(error, status == SPIRAL_ERROR_USAGE ? SPIRAL_ERROR_INPUT : status, path, 0, "%s",
                            refused.reason);
}

void sweep_opened_release(SweepOpened *opened)
{
    sweep_release(&opened->sweep);
    sweep_settings_clear(&opened->settings);
    cJSON_Delete(opened->definition);
}

/* ---- rounds ------------------------------------------------------------------------------------------------------ */

/* The first run of the last round without a row; SIZE_MAX when all have one. */
static size_t first_missing(const Sweep *sweep)
{
    const SpiralSweepPlan *plan = sweep->plan;
    for (size_t run = plan->first * plan->options.seeds; run < spiral_sweep_plan_runs(plan); run++)
        if (spiral_sweep_plan_has(plan, run / plan->options.seeds) &&
            spiral_sweep_results_row(sweep->results, run)->status == SPIRAL_SWEEP_NONE)
            return run;
    return SIZE_MAX;
}

static SpiralStatus next_round(Sweep *sweep, SpiralError *error)
{
    SpiralSweepScore *scores;
    size_t count;
    SpiralStatus status = spiral_sweep_ranking(sweep->results, sweep->settings->measure, &scores, &count, error);
    if (status == SPIRAL_OK)
        status = spiral_sweep_plan_refine(sweep->plan, scores[0].setting, error);
    free(scores);
    return status == SPIRAL_OK ? sweep_check_settings(sweep, error) : status;
}

/* Reads the rows of all complete rounds, and of the first incomplete one. */
static SpiralStatus read_rounds(Sweep *sweep, SpiralError *error)
{
    char *path = cli_join(sweep->folder, "results.csv");
    SpiralStatus status = path == NULL ? cli_no_memory(error) : SPIRAL_OK;
    while (status == SPIRAL_OK) {
        bool more = sweep->plan->round < sweep->settings->refine;
        status = spiral_sweep_results_read(sweep->results, NULL, path, more, error);
        if (status != SPIRAL_OK || !more || first_missing(sweep) != SIZE_MAX)
            break;
        status = next_round(sweep, error);
    }
    if (status == SPIRAL_OK)
        status = sweep_check_iterations(sweep, path, error);
    free(path);
    return status;
}

static SpiralStatus read_curves(Sweep *sweep, SpiralError *error)
{
    char *path = cli_join(sweep->folder, "curves.csv");
    SpiralStatus status = path == NULL ? cli_no_memory(error)
                                       : spiral_sweep_curves_read(&sweep->curves, sweep->results, NULL, path, error);
    free(path);
    return status;
}

SpiralStatus sweep_read_all(Sweep *sweep, SpiralError *error)
{
    SpiralStatus status = read_rounds(sweep, error);
    if (status != SPIRAL_OK)
        return status;
    size_t missing = first_missing(sweep);
    if (missing != SIZE_MAX)
        return spiral_error_set(
            error, SPIRAL_ERROR_INPUT, sweep->folder, 0,
            "run %zu has no row in results.csv: expected a finished sweep; continue it with --resume", missing);
    return read_curves(sweep, error);
}

/* ---- the folder -------------------------------------------------------------------------------------------------- */

static bool is_there(const char *path)
{
    struct stat file;
    return path != NULL && lstat(path, &file) == 0;
}

static SpiralStatus make_folder(const Sweep *sweep, const char *name, SpiralError *error)
{
    char *path = name != NULL ? cli_join(sweep->folder, name) : cli_copy_string(sweep->folder);
    SpiralStatus status = path == NULL ? cli_no_memory(error) : spiral_output_subfolder(path, error);
    free(path);
    return status;
}

/* The names of the figures of a sweep, by number; NULL after the last. buffer holds the name. */
static const char *figure_name(const Sweep *sweep, FigureFormat format, size_t number, char *buffer, size_t size)
{
    static const char *const names[] = {"curves", "heat-map", "boundaries"};
    const char *ending = figure_formats[format];
    if (number < COUNT(names))
        snprintf(buffer, size, "%s.%s", names[number], ending);
    else if (number - COUNT(names) < sweep->settings->axis_count)
        snprintf(buffer, size, "by-%s.%s", sweep->settings->axes[number - COUNT(names)].name, ending);
    else
        return NULL;
    return buffer;
}

/* Visits the figures of a former sweep. */
static SpiralStatus visit_figures(const Sweep *old, FilesVisit *visit, void *context, SpiralError *error)
{
    char buffer[128];
    const char *name;
    SpiralStatus status = SPIRAL_OK;
    for (FigureFormat format = FIGURE_PNG; format < FIGURE_FORMATS; format++)
        for (size_t i = 0; status == SPIRAL_OK && (name = figure_name(old, format, i, buffer, sizeof buffer)) != NULL;
             i++)
            status = visit(old->folder, name, context, error);
    return status;
}

/* Refuses to remove a figure that this sweep reads. The other files are among those that sweep_check_files compares. */
static SpiralStatus check_figures(const Sweep *sweep, const Sweep *old, SpiralError *error)
{
    Files files = {.error = error};
    sweep_name_inputs(sweep, &files);
    files_write(&files, "standard output", "-");
    (void)visit_figures(old, files_name_removed, &files, error); /* files_check reports it */
    return files_check(&files);
}

/* The rows go last but for the curves: as long as they are there, the sweep is a finished one, and without them there
 * is nothing to lose. */
static SpiralStatus remove_all(const Sweep *old, SpiralError *error)
{
    static const char *const names[] = {"summary.json", "results.csv", "curves.csv"};
    SpiralStatus status = visit_figures(old, files_remove, NULL, error);
    for (size_t run = 0; status == SPIRAL_OK && run < spiral_sweep_plan_runs(old->plan); run++)
        status = sweep_remove_run(old, run, error);
    if (status == SPIRAL_OK)
        status = files_remove_folder(old->folder, "runs", error);
    for (size_t i = 0; status == SPIRAL_OK && i < COUNT(names); i++)
        status = files_remove(old->folder, names[i], NULL, error);
    return status;
}

static SpiralStatus remove_finished(const Sweep *sweep, SweepOpened *opened, const char *results, SpiralError *error)
{
    size_t missing = SIZE_MAX;
    SpiralStatus status = SPIRAL_OK;
    if (is_there(results)) {
        status = read_rounds(&opened->sweep, error);
        missing = first_missing(&opened->sweep);
    }
    if (status == SPIRAL_OK && missing != SIZE_MAX)
        return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, results, 0,
                                "is that of a sweep that is not finished, run %zu has no row: continue it with "
                                "--resume, or start a new one with another --out",
                                missing);
    if (status == SPIRAL_OK)
        status = check_figures(sweep, &opened->sweep, error);
    return status == SPIRAL_OK ? remove_all(&opened->sweep, error) : status;
}

/* Removes the files of the finished sweep in the folder, but not its sweep.json, which is replaced. Errors: OUTPUT (it
 * is not finished), INPUT,
 * USAGE (one of the files is an input). */
static SpiralStatus replace_sweep(const Sweep *sweep, SpiralError *error)
{
    SweepOpened *opened = cli_allocate(1, sizeof *opened);
    char *results = cli_join(sweep->folder, "results.csv"), *definition = cli_join(sweep->folder, "sweep.json");
    SpiralStatus status = opened == NULL || results == NULL || definition == NULL ? cli_no_memory(error) : SPIRAL_OK;
    if (status == SPIRAL_OK)
        status = sweep_open(NULL, definition, sweep->folder, opened, error);
    if (status == SPIRAL_OK)
        status = remove_finished(sweep, opened, results, error);
    if (opened != NULL)
        sweep_opened_release(opened);
    free(opened);
    free(results);
    free(definition);
    return status;
}

/* A new sweep writes sweep.json before any other file; a resumed sweep is compared with its sweep.json. */
static SpiralStatus begin_or_go_on(Sweep *sweep, const cJSON *made, SpiralError *error)
{
    char *results = cli_join(sweep->folder, "results.csv"), *definition = cli_join(sweep->folder, "sweep.json");
    SpiralStatus status = results == NULL || definition == NULL ? cli_no_memory(error) : SPIRAL_OK;
    bool begun = is_there(results) || is_there(definition);
    if (status == SPIRAL_OK && begun && sweep->settings->force) {
        status = replace_sweep(sweep, error);
        begun = false;
    }
    if (status == SPIRAL_OK && begun && !sweep->settings->resume)
        status = spiral_error_set(error, SPIRAL_ERROR_OUTPUT, is_there(results) ? results : definition, 0,
                                  "already exists: continue that sweep with --resume, replace it with --force when it "
                                  "is finished, or start a new one with another --out");
    cJSON *was = NULL;
    if (status == SPIRAL_OK && begun)
        status = sweep_definition_compare(sweep, made, &was, error);
    if (status == SPIRAL_OK && is_there(results))
        status = read_rounds(sweep, error);
    if (status == SPIRAL_OK) /* they are tried again: there may be more memory now */
        spiral_sweep_results_drop_failed(sweep->results);
    if (status == SPIRAL_OK)
        status = read_curves(sweep, error);
    if (status == SPIRAL_OK)
        status = sweep_drop_incomplete(sweep, error);
    if (status == SPIRAL_OK && was != NULL)
        status = sweep_definition_move(sweep, was, made, error);
    else if (status == SPIRAL_OK)
        status = sweep_definition_save(sweep, made, error);
    cJSON_Delete(was);
    free(results);
    free(definition);
    return status;
}

static SpiralStatus open_files(Sweep *sweep, SpiralError *error)
{
    char *results = cli_join(sweep->folder, "results.csv"), *curves = cli_join(sweep->folder, "curves.csv");
    SpiralStatus status = results == NULL || curves == NULL ? cli_no_memory(error) : SPIRAL_OK;
    if (status == SPIRAL_OK)
        status = spiral_sweep_curves_open(&sweep->curves, curves, error);
    if (status == SPIRAL_OK)
        status = spiral_sweep_results_open(sweep->results, results, error);
    free(results);
    free(curves);
    return status;
}

static SpiralStatus save_files(Sweep *sweep, SpiralError *error)
{
    char *results = cli_join(sweep->folder, "results.csv"), *curves = cli_join(sweep->folder, "curves.csv");
    SpiralStatus status = results == NULL || curves == NULL ? cli_no_memory(error) : SPIRAL_OK;
    if (status == SPIRAL_OK)
        status = spiral_sweep_curves_save(&sweep->curves, curves, error);
    if (status == SPIRAL_OK)
        status = sweep_drop_files(sweep, true, error);
    if (status == SPIRAL_OK && sweep->settings->keep_best > 0) /* the runs' files may not be on disk yet */
        status = spiral_output_settle(sweep->folder, error);
    if (status == SPIRAL_OK)
        status = spiral_sweep_results_save(sweep->results, results, error);
    free(results);
    free(curves);
    return status;
}

static SpiralStatus prepare_folder(Sweep *sweep, const cJSON *definition, SpiralError *error)
{
    const char *out = sweep->settings->train.out;
    bool shard = sweep->settings->shard != NULL;
    SpiralStatus status = spiral_output_folder(out, error);
    if (status == SPIRAL_OK)
        status = shard ? spiral_folder_share(out, &sweep->whole, error) : spiral_folder_lock(out, &sweep->lock, error);
    if (status == SPIRAL_OK)
        status = run_folder_refuse_training(out, error);
    if (status == SPIRAL_OK && shard)
        status = make_folder(sweep, NULL, error);
    if (status == SPIRAL_OK && shard)
        status = spiral_folder_lock(sweep->folder, &sweep->lock, error);
    if (status == SPIRAL_OK)
        status = sweep_remove_temporaries(sweep, error);
    if (status == SPIRAL_OK)
        status = begin_or_go_on(sweep, definition, error);
    if (status == SPIRAL_OK && sweep->settings->keep_best > 0)
        status = make_folder(sweep, "runs", error);
    if (status == SPIRAL_OK)
        status = open_files(sweep, error);
    return status == SPIRAL_OK ? sweep_find_files(sweep, error) : status;
}

/* Makes the data and the network of this process's first run, so that wrong input is reported before the folder is
 * created. Those of the other runs are made when they start. *each says what the runs are, freed by free(); NULL when
 * there are none, or when the first can't be made. */
static SpiralStatus try_first_run(Sweep *sweep, char **each, SpiralError *error)
{
    size_t setting = sweep->settings->shard_index - 1, features[2];
    *each = NULL;
    if (setting >= sweep->plan->settings)
        return SPIRAL_OK; /* more shards than settings */
    SweepData *data = NULL;
    SpiralNetwork *network = NULL;
    SweepRun *run = cli_allocate(1, sizeof *run);
    SpiralStatus status = run == NULL ? cli_no_memory(error) : SPIRAL_OK;
    if (status == SPIRAL_OK)
        status = sweep_run_make(sweep, setting * sweep->settings->seeds, run, error);
    if (status == SPIRAL_OK)
        status = sweep_take_data(sweep, &run->train, &data, error);
    if (status == SPIRAL_OK)
        status = sweep_find_axes(sweep->settings, data->data.dataset, features, error);
    if (status == SPIRAL_OK)
        status = train_make_network(&run->train, &data->data, sweep->settings->train.quiet, &network, error);
    if (status == SPIRAL_OK && (*each = sweep_describe_runs(sweep, &run->train, network)) == NULL)
        status = cli_no_memory(error);
    spiral_network_free(network);
    sweep_give_back(data);
    free(run);
    return status == SPIRAL_ERROR_LIMIT ? SPIRAL_OK : status; /* a row of the table */
}

static void name_figures(const Sweep *sweep, const char *flag, Files *files)
{
    char buffer[128];
    const char *name;
    FigureFormat format = sweep->settings->train.figure_format;
    for (size_t i = 0; (name = figure_name(sweep, format, i, buffer, sizeof buffer)) != NULL; i++)
        files_write_in(files, flag, sweep->folder, name);
}

SpiralStatus sweep_check_files(const Sweep *sweep, const char *flag, bool figures_alone, SpiralError *error)
{
    static const char *const names[] = {".lock", "sweep.json", "results.csv", "curves.csv", "summary.json"};
    Files files = {.error = error};
    sweep_name_inputs(sweep, &files);
    files_write(&files, "standard output", "-");
    for (size_t i = 0; !figures_alone && i < COUNT(names); i++)
        files_write_in(&files, flag, sweep->folder, names[i]);
    if (!sweep->settings->train.no_figures)
        name_figures(sweep, flag, &files);
    if (!figures_alone) { /* also the files that are removed */
        files_write_any_in(&files, flag, sweep->folder, "runs", "[0-9][0-9][0-9][0-9]*/model.npz");
        files_write_any_in(&files, flag, sweep->folder, "runs", "[0-9][0-9][0-9][0-9]*/loss.csv");
        files_remove_temporaries_in(&files, flag, sweep->folder, "runs", "[0-9][0-9][0-9][0-9]*/.*");
        files_remove_temporaries_in(&files, flag, sweep->folder, "", ".*");
    }
    return files_check(&files);
}

/* Makes all possible checks, then creates the folder. The input files are read first for their checksums: a pipe, which
 * can be read only once, has no data left after that. */
static SpiralStatus begin(Sweep *sweep, SpiralError *error)
{
    cJSON *definition;
    char *each = NULL;
    const TrainSettings *train = &sweep->settings->train;
    SpiralStatus status = sweep_check_files(sweep, "--out", false, error);
    if (status != SPIRAL_OK)
        return status;
    status = sweep_definition_make(sweep, &definition, error);
    if (status == SPIRAL_OK)
        status = try_first_run(sweep, &each, error);
    interrupt_watch(); /* before the first file */
    if (status == SPIRAL_OK)
        status = prepare_folder(sweep, definition, error);
    if (status == SPIRAL_OK && each != NULL && !train->quiet && train->summary == SUMMARY_TEXT) {
        printf("%s\n", each);
        cli_flush_output(); /* for readers of a pipe */
    }
    free(each);
    cJSON_Delete(definition);
    return status;
}

SpiralStatus sweep_run_all(Sweep *sweep, SpiralError *error)
{
    const SpiralSweepRunOptions options = {
        .jobs = sweep->settings->jobs, .prune = sweep->settings->prune, .measure = sweep->settings->measure};
    const SpiralSweepHooks hooks = sweep_hooks(sweep);
    SpiralStatus status = begin(sweep, error);
    if (status != SPIRAL_OK)
        return status;
    sweep_line_start(sweep);
    for (;;) {
        status = spiral_sweep_run(sweep->results, &options, &hooks, error);
        if (status != SPIRAL_OK || interrupt_signal() != 0)
            return status;
        if (sweep->plan->round == sweep->settings->refine)
            break;
        status = next_round(sweep, error);
        if (status != SPIRAL_OK)
            return status;
    }
    return save_files(sweep, error);
}
