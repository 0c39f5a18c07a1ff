/* torture.c: runs the program over and over, in one process, and has each call that can fail do so in its turn: once,
 * and from then on always. After each run: the exit code, the message, every file, descriptors, memory.
 *
 *   test_torture           what takes seconds: of the deep scenarios, each allocation from a new place fails once
 *   SPIRAL_TORTURE=places  of the others, each allocation from a new place, and no more
 *   SPIRAL_TORTURE=deep    every scenario
 *   SPIRAL_TORTURE=NAME    one scenario */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"
#include "folder.h"
#include "run.h"
#include "scenarios.h"
#include "spiral/status.h"

/* What a run is compared with. */
typedef struct Expected {
    const Scenario *scenario;
    Folder before, after, versions; /* versions: of files, as they were put in their places, such as each checkpoint */
    size_t removed_count;           /* of files that the run removes, and may write again later */
    char removed[FOLDER_FILES][FOLDER_PATH];
    int code;
    char output[sizeof((Run *)NULL)->output]; /* on standard output */
    size_t output_size;
    size_t calls[FAULT_CALLS];
    size_t first_place; /* that no scenario before has called from */
} Expected;

typedef struct Totals {
    size_t runs, failed_calls, wrong;
} Totals;

static FaultPlaces places; /* of all scenarios so far */
static Folder found;       /* what is in the scratch folder */
static FILE *report;
static Totals totals;

/* ---- what must hold ---------------------------------------------------------------------------------------------- */

static void print_plan(const FaultPlan *plan)
{
    for (size_t c = 0; c < FAULT_CALLS; c++)
        if ((plan->calls & 1u << c) != 0)
            fprintf(report, " %s", fault_call_names[c]);
    fprintf(report, " number %zu%s%s: %s", plan->nth, plan->always ? " and all after it" : "",
            plan->part_first ? ", in part," : "", strerror(plan->failure));
}

static void complain(const Expected *expected, const FaultPlan *plan, const Run *run, const char *format, ...)
{
    va_list arguments;
    totals.wrong++;
    fprintf(report, "WRONG: %s,", expected->scenario->name);
    print_plan(plan);
    fprintf(report, "\n    ");
    va_start(arguments, format);
    vfprintf(report, format, arguments);
    va_end(arguments);
    fprintf(report, "\n    exit code %d; %s\n", run->code, run->messages);
    fflush(report);
}

static int expected_code(const Expected *expected, const FaultReport *faults)
{
    switch (faults->effect) {
    case FAULT_NO_INPUT:
        return SPIRAL_ERROR_INPUT;
    case FAULT_NO_OUTPUT:
        return SPIRAL_ERROR_OUTPUT;
    case FAULT_NO_MEMORY:
        return SPIRAL_ERROR_LIMIT;
    case FAULT_NOTHING:
        break;
    }
    return expected->code;
}

static bool is_log(const char *path)
{
    size_t length = strlen(path);
    return strstr(path, "loss.") != NULL &&
           (strcmp(path + length - 4, ".csv") == 0 || strcmp(path + length - 6, ".jsonl") == 0);
}

/* These get a line as each run ends, and are sorted at the end; a lock is empty. */
static bool is_log_of_runs(const char *path)
{
    return strstr(path, "results.csv") != NULL || strstr(path, "curves.csv") != NULL || strstr(path, ".lock") != NULL;
}

/* The first lines of the whole log, all ended. */
static bool is_beginning(const FolderFile *log, const FolderFile *whole)
{
    return log != NULL && whole != NULL && log->size <= whole->size &&
           memcmp(log->bytes, whole->bytes, log->size) == 0 && (log->size == 0 || log->bytes[log->size - 1] == '\n');
}

static bool has_line(const FolderFile *file, const unsigned char *line, size_t length)
{
    for (size_t start = 0, i = 0; i < file->size; i++)
        if (file->bytes[i] == '\n') {
            if (i + 1 - start == length && memcmp(file->bytes + start, line, length) == 0)
                return true;
            start = i + 1;
        }
    return false;
}

/* Some of the lines of the whole log, all ended. */
static bool is_part(const FolderFile *log, const FolderFile *whole)
{
    if (log == NULL || whole == NULL || (log->size > 0 && log->bytes[log->size - 1] != '\n'))
        return false;
    for (size_t start = 0, i = 0; i < log->size; i++)
        if (log->bytes[i] == '\n') {
            if (!has_line(whole, log->bytes + start, i + 1 - start))
                return false;
            start = i + 1;
        }
    return true;
}

static bool is_version(const Expected *expected, const FolderFile *file)
{
    for (size_t i = 0; file != NULL && i < expected->versions.count; i++) {
        const FolderFile *version = &expected->versions.file[i];
        if (strcmp(version->path, file->path) == 0 && folder_same(version, file))
            return true;
    }
    return false;
}

/* What a run that has failed may leave though one without faults ends by removing it: whole files, in their folders. */
static bool is_passing(const Expected *expected, const FolderFile *file)
{
    size_t length = strlen(file->path);
    for (size_t i = 0; file->is_folder && i < expected->versions.count; i++) {
        const char *path = expected->versions.file[i].path;
        if (strncmp(path, file->path, length) == 0 && path[length] == '/')
            return true;
    }
    return is_version(expected, file);
}

static bool is_removed(const Expected *expected, const char *path)
{
    for (size_t i = 0; i < expected->removed_count; i++)
        if (strcmp(expected->removed[i], path) == 0)
            return true;
    return false;
}

static void check_path(const Expected *expected, const FaultPlan *plan, const Run *run, const char *path)
{
    const FolderFile *now = folder_find(&found, path);
    const FolderFile *before = folder_find(&expected->before, path), *after = folder_find(&expected->after, path);
    if (before == NULL && after == NULL) {
        bool lock = strstr(path, ".lock") != NULL, temporary = lock || strstr(path, ".tmp") != NULL;
        bool excused = run->faults.failed[FAULT_UNLINK] != 0 || (lock && run->faults.failed[FAULT_FSTAT] != 0);
        bool passing = run->code != expected->code && now != NULL && is_passing(expected, now);
        if (!passing && (!temporary || !excused))
            complain(expected, plan, run, "%s is left behind", path);
        return;
    }
    if (run->code == expected->code) {
        if (!folder_same(now, after))
            complain(expected, plan, run, "%s is not what a run without faults leaves", path);
        return;
    }
    bool log = (is_log(path) && is_beginning(now, after)) || (is_log_of_runs(path) && is_part(now, after));
    bool folder = before == NULL && now != NULL && now->is_folder && after != NULL && after->is_folder;
    bool gone = now == NULL && is_removed(expected, path);
    if (!log && !folder && !gone && !folder_same(now, before) && !is_version(expected, now))
        complain(expected, plan, run, "%s is neither the old nor the new file", path);
}

static void check_files(const Expected *expected, const FaultPlan *plan, const Run *run)
{
    folder_free(&found);
    folder_read(&found);
    for (size_t i = 0; i < found.count; i++)
        check_path(expected, plan, run, found.file[i].path);
    for (size_t i = 0; i < expected->before.count; i++) /* what is gone */
        if (folder_find(&found, expected->before.file[i].path) == NULL)
            check_path(expected, plan, run, expected->before.file[i].path);
    for (size_t i = 0; run->code == expected->code && i < expected->after.count; i++)
        if (folder_find(&found, expected->after.file[i].path) == NULL)
            check_path(expected, plan, run, expected->after.file[i].path);
}

/* What is printed is whole, or the beginning of it. */
static void check_output(const Expected *expected, const FaultPlan *plan, const Run *run)
{
    bool begins =
        run->output_size <= expected->output_size && memcmp(run->output, expected->output, run->output_size) == 0;
    if (!begins || (run->code == expected->code && run->output_size != expected->output_size))
        complain(expected, plan, run, "standard output has %zu bytes, %zu without faults, and %s", run->output_size,
                 expected->output_size, begins ? "is their beginning" : "is another");
}

static void check_run(const Expected *expected, const FaultPlan *plan, const Run *run)
{
    int code = expected_code(expected, &run->faults);
    /* A sweep makes its first run's data and network in advance, and goes on when there is no memory for that. */
    bool sweep = strncmp(expected->scenario->command, "sweep ", strlen("sweep ")) == 0;
    if (sweep && code == SPIRAL_ERROR_LIMIT && run->code == expected->code)
        code = run->code;
    if (run->code != code)
        complain(expected, plan, run, "exit code %d, expected %d", run->code, code);
    else if (code != expected->code && !run_has_sound_message(run))
        complain(expected, plan, run, "not one message of an error");
    if (run->descriptors != 0)
        complain(expected, plan, run, "%zd descriptors are left open", (ssize_t)run->descriptors);
    if (run->blocks != 0)
        complain(expected, plan, run, "%zd blocks of memory are not given back", (ssize_t)run->blocks);
    if (run->faults.early_renames != 0)
        complain(expected, plan, run, "%zu files were renamed before their bytes were on the disk",
                 run->faults.early_renames);
    if (run->code == expected->code && run->faults.unsynced != 0)
        complain(expected, plan, run, "the bytes of %zu files were not brought to the disk", run->faults.unsynced);
    check_output(expected, plan, run);
    check_files(expected, plan, run);
}

/* Has a run of a sweep failed, which is a row of its table? */
static bool has_failed_row(void)
{
    folder_free(&found);
    folder_read(&found);
    const FolderFile *results = folder_find(&found, "out/results.csv");
    if (results == NULL)
        results = folder_find(&found, "out/shard-2/results.csv");
    for (size_t i = 0; results != NULL && i + 8 <= results->size; i++)
        if (memcmp(results->bytes + i, ",failed,", 8) == 0)
            return true;
    return false;
}

/* A sweep goes on without a run for which there was no memory, and --resume makes up for it. Not so with --prune, where
 * the others went on in its place. */
static void check_resumed(const Expected *expected, const FaultPlan *plan, const Run *run)
{
    static Run again;
    char command[512];
    const char *line = expected->scenario->command;
    if (run->code != expected->code && run->code != expected_code(expected, &run->faults))
        complain(expected, plan, run, "exit code %d, and a run has failed", run->code);
    if (run->code != expected->code && !run_has_sound_message(run))
        complain(expected, plan, run, "not one message of an error");
    if (run->descriptors != 0 || run->blocks != 0)
        complain(expected, plan, run, "%zd descriptors are left open, %zd blocks of memory are not given back",
                 (ssize_t)run->descriptors, (ssize_t)run->blocks);
    if (strstr(line, "--prune") != NULL)
        return;
    snprintf(command, sizeof command, "%s%s", line, strstr(line, "--resume") != NULL ? "" : " --resume");
    run_with(command, &(FaultPlan){.calls = 0}, &again);
    check_run(expected, plan, &again);
}

/* ---- all faults of a scenario ------------------------------------------------------------------------------------ */

static void inject(Expected *expected, const FaultPlan *plan)
{
    static Run run;
    folder_restore(&found, &expected->before);
    run_with(expected->scenario->command, plan, &run);
    totals.runs++;
    for (size_t c = 0; c < FAULT_CALLS; c++)
        totals.failed_calls += run.faults.failed[c];
    if (has_failed_row())
        check_resumed(expected, plan, &run);
    else
        check_run(expected, plan, &run);
}

static void inject_every(Expected *expected, FaultPlan plan)
{
    size_t count = 0;
    for (size_t c = 0; c < FAULT_CALLS; c++)
        count += (plan.calls & 1u << c) != 0 ? expected->calls[c] : 0;
    for (plan.nth = 1; plan.nth <= count; plan.nth++)
        inject(expected, &plan);
}

static void inject_once_and_always(Expected *expected, FaultPlan plan)
{
    plan.always = false;
    inject_every(expected, plan);
    plan.always = true;
    inject_every(expected, plan);
}

static void torture_files(Expected *expected)
{
    unsigned all = 0;
    for (FaultCall call = FAULT_OPEN; call < FAULT_CALLS; call++) {
        all |= 1u << call;
        inject_once_and_always(expected, (FaultPlan){.calls = 1u << call, .failure = EIO});
        inject_once_and_always(expected, (FaultPlan){.calls = 1u << call, .failure = ENOSPC});
    }
    inject_every(expected, (FaultPlan){.calls = all, .failure = EIO, .always = true});
    static const FaultCall interrupted[] = {FAULT_OPEN,  FAULT_READ,      FAULT_WRITE, FAULT_FSYNC,
                                            FAULT_CLOSE, FAULT_FTRUNCATE, FAULT_RENAME};
    for (size_t i = 0; i < sizeof interrupted / sizeof interrupted[0]; i++)
        inject_once_and_always(expected, (FaultPlan){.calls = 1u << interrupted[i], .failure = EINTR});
    static const FaultCall shortened[] = {FAULT_READ, FAULT_WRITE};
    for (size_t i = 0; i < sizeof shortened / sizeof shortened[0]; i++) {
        inject_once_and_always(expected, (FaultPlan){.calls = 1u << shortened[i], .part_first = true});
        inject_once_and_always(expected,
                               (FaultPlan){.calls = 1u << shortened[i], .failure = ENOSPC, .part_first = true});
    }
    inject_every(expected, (FaultPlan){.calls = 1u << FAULT_OPEN, .failure = EMFILE, .always = true});
    inject_every(expected, (FaultPlan){.calls = 1u << FAULT_MMAP, .failure = ENOMEM});
}

static void torture_places(Expected *expected)
{
    for (size_t i = expected->first_place; i < places.count; i++)
        inject(expected, &(FaultPlan){.calls = 1u << FAULT_MEMORY, .nth = places.number[i], .failure = ENOMEM});
}

static Folder *versions; /* the hooks have no context */
static Expected *watched;

static void keep_removed(const FaultChange *change)
{
    bool removed = change->kind == FAULT_REMOVED || change->kind == FAULT_FOLDER_REMOVED;
    if (!removed || is_removed(watched, change->path) || watched->removed_count == FOLDER_FILES)
        return;
    snprintf(watched->removed[watched->removed_count++], FOLDER_PATH, "%s", change->path);
}

static void keep_version(const char *from, const char *to)
{
    folder_add(versions, from, to);
}

static void cut_last_line(const char *path)
{
    Folder one = {.count = 0};
    folder_add(&one, path, path);
    const FolderFile *file = &one.file[0];
    size_t length = file->size > 0 ? file->size - 1 : 0;
    while (length > 0 && file->bytes[length - 1] != '\n')
        length--;
    if (truncate(path, (off_t)length) != 0)
        totals.wrong++;
    folder_free(&one);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (file == NULL || fputs(text, file) == EOF || fclose(file) != 0)
        totals.wrong++;
}

static bool prepare(Expected *expected)
{
    const Folder empty = {.count = 0};
    static Run run;
    const FaultPlan nothing = {.calls = 0};
    folder_restore(&found, &empty);
    for (const char *const *text = expected->scenario->texts; text != NULL && *text != NULL; text += 2)
        write_text(text[0], text[1]);
    for (const char *const *line = expected->scenario->before; *line != NULL; line++) {
        run_with(*line, &nothing, &run);
        if (run.code != SPIRAL_OK)
            fprintf(report, "WRONG: %s: \"%s\" ends with %d: %s\n", expected->scenario->name, *line, run.code,
                    run.messages);
        totals.wrong += run.code != SPIRAL_OK;
    }
    for (const char *const *path = expected->scenario->old; *path != NULL; path++)
        write_text(*path, "what it is to replace\n");
    for (const char *const *path = expected->scenario->cut; path != NULL && *path != NULL; path++)
        cut_last_line(*path);
    folder_read(&expected->before);
    versions = &expected->versions;
    watched = expected;
    fault_watch_renames(keep_version);
    fault_watch_changes(keep_removed);
    expected->first_place = places.count;
    fault_watch_places(&places);
    run_with(expected->scenario->command, &nothing, &run);
    fault_watch_renames(NULL);
    fault_watch_changes(NULL);
    expected->code = run.code;
    memcpy(expected->output, run.output, expected->output_size = run.output_size);
    memcpy(expected->calls, run.faults.calls, sizeof expected->calls);
    folder_read(&expected->after);
    check_run(expected, &nothing, &run);
    if (run.code != expected->scenario->code)
        complain(expected, &nothing, &run, "without faults: expected exit code %d", expected->scenario->code);
    return run.code == expected->scenario->code;
}

static void torture(const Scenario *scenario, bool all)
{
    static Expected expected;
    Totals start = totals;
    expected = (Expected){.scenario = scenario};
    fault_have_terminal(scenario->terminal);
    bool prepared = prepare(&expected);
    if (prepared && !all)
        torture_places(&expected);
    if (prepared && all) {
        inject_once_and_always(&expected, (FaultPlan){.calls = 1u << FAULT_MEMORY, .failure = ENOMEM});
        inject_once_and_always(&expected, (FaultPlan){.calls = 1u << FAULT_THREAD, .failure = EAGAIN});
        inject_once_and_always(&expected, (FaultPlan){.calls = 1u << FAULT_TIMER, .failure = EINVAL});
        torture_files(&expected);
    }
    fprintf(report, "%-20s %4zu allocations, %6zu runs, %7zu calls failed, %zu wrong\n", scenario->name,
            expected.calls[FAULT_MEMORY], totals.runs - start.runs, totals.failed_calls - start.failed_calls,
            totals.wrong - start.wrong);
    fflush(report);
    folder_free(&expected.before);
    folder_free(&expected.after);
    folder_free(&expected.versions);
}

/* ---- all scenarios ----------------------------------------------------------------------------------------------- */

int test_main(FILE *output)
{
    report = output;
    const char *wanted = getenv("SPIRAL_TORTURE");
    bool deep = wanted != NULL && strcmp(wanted, "deep") == 0;
    bool places_alone = wanted != NULL && strcmp(wanted, "places") == 0;
    for (size_t s = 0; s < scenario_count; s++)
        if (places_alone && !scenarios[s].deep)
            torture(&scenarios[s], false);
        else if (wanted == NULL || deep || strcmp(wanted, scenarios[s].name) == 0)
            torture(&scenarios[s], wanted != NULL || !scenarios[s].deep);
    fprintf(report, "%zu runs, %zu calls failed, %zu wrong\n", totals.runs, totals.failed_calls, totals.wrong);
    folder_free(&found);
    return totals.wrong > 0 || totals.runs == 0;
}
