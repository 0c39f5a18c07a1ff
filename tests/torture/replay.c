/* replay.c: the machine fails. The changes that a command makes to files and folders are recorded; then, after each of
 * them, the folder is made as a disk may have it: what was synced is there, and of what was not, each write may be
 * there, in part, or not at all, in any order, and of the names the first so many. From every such folder the
 * documented way on, --resume or the same command again, ends with the same files as if nothing had happened, or is
 * refused with a message; it never ends well with something else.
 *
 *   test_replay                 some folders after each change
 *   SPIRAL_REPLAY=deep          many more
 *   SPIRAL_REPLAY_SEED=N        other ones */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "folder.h"
#include "run.h"
#include "spiral/status.h"

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
#define SMALL "--points-per-class 4 --hidden 3 --no-figures -q "
#define TRAIN "train " SMALL "--log-every 2 --out out --checkpoint-every 4 --iterations "
#define SWEEP "sweep " SMALL "--log-every 2 --iterations 6 --jobs 1 --out out "
#define DRAWN "--points-per-class 4 --hidden 3 --size 200x200 -q --log-every 2 --out out "
#define TRAIN_DRAWN "train " DRAWN "--checkpoint-every 4 --frames-every 4 --iterations 8"
#define TRAIN_REPORTED "train " SMALL "--log-every 2 --out out --iterations 6 --report"
#define FOLDS "train " SMALL "--folds 2 --out out --iterations 2"
#define SWEEP_DRAWN "sweep " DRAWN "--lr 0.1,1 --iterations 4 --jobs 1"

typedef struct Scenario {
    const char *name;
    const char *const *before; /* command lines that make what is there; ends with NULL */
    const char *command;
    const char *const *ways_on; /* tried in turn, while they are refused; ends with NULL */
    bool starts_anew;           /* the last of them never is refused */
} Scenario;

static const Scenario scenarios[] = {
    {"train", LIST(NULL), TRAIN "10", LIST(TRAIN "10 --resume out/checkpoint.npz", TRAIN "10"), true},
    {"train_jsonl", LIST(NULL), TRAIN "10 --log-format jsonl --optimizer adam --validation 0.3 --patience 50",
     LIST(TRAIN "10 --log-format jsonl --optimizer adam --validation 0.3 --patience 50 --resume out/checkpoint.npz",
          TRAIN "10 --log-format jsonl --optimizer adam --validation 0.3 --patience 50"),
     true},
    {"train_resume", LIST(TRAIN "6"), TRAIN "14 --resume out/checkpoint.npz",
     LIST(TRAIN "14 --resume out/checkpoint.npz", TRAIN "14"), true},
    {"train_over_another", LIST(TRAIN "10 --lr 0.3 --seed 4"), TRAIN "10",
     LIST(TRAIN "10 --resume out/checkpoint.npz", TRAIN "10"), true},
    {"folds_over_a_training", LIST(TRAIN_DRAWN " --figure-format svg --report"), FOLDS, LIST(FOLDS), true},
    {"sweep", LIST(NULL), SWEEP "--lr lin:0.1:1:3 --seeds 2",
     LIST(SWEEP "--lr lin:0.1:1:3 --seeds 2", SWEEP "--lr lin:0.1:1:3 --seeds 2 --resume"), false},
    {"sweep_rounds", LIST(NULL), SWEEP "--random 3 --lr loguniform:0.01:1 --refine 2 --keep best:1",
     LIST(SWEEP "--random 3 --lr loguniform:0.01:1 --refine 2 --keep best:1",
          SWEEP "--random 3 --lr loguniform:0.01:1 --refine 2 --keep best:1 --resume"),
     false},
    {"sweep_resume", LIST(SWEEP "--lr 0.1,1 --keep best:1"), SWEEP "--lr 0.1,1 --keep best:1 --resume",
     LIST(SWEEP "--lr 0.1,1 --keep best:1 --resume"), false},
    {"sweep_none", LIST(NULL), SWEEP "--random 3 --lr loguniform:0.01:1 --refine 1 --keep none",
     LIST(SWEEP "--random 3 --lr loguniform:0.01:1 --refine 1 --keep none",
          SWEEP "--random 3 --lr loguniform:0.01:1 --refine 1 --keep none --resume"),
     false},
    {"sweep_merge", LIST(SWEEP "--lr 0.1,1 --shard 1/2", SWEEP "--lr 0.1,1 --shard 2/2"),
     "sweep --merge out --no-figures -q", LIST("sweep --merge out --no-figures -q"), true},
    {"train_figures", LIST(NULL), TRAIN_DRAWN, LIST(TRAIN_DRAWN " --resume out/checkpoint.npz", TRAIN_DRAWN), true},
    {"train_report", LIST(TRAIN_REPORTED " --seed 4"), TRAIN_REPORTED, LIST(TRAIN_REPORTED), true},
    {"sweep_figures", LIST(NULL), SWEEP_DRAWN, LIST(SWEEP_DRAWN, SWEEP_DRAWN " --resume"), false},
    {"plot_sweep", LIST(SWEEP "--lr 0.1,1"), "plot --sweep out --figure-format svg",
     LIST("plot --sweep out --figure-format svg"), true},
    {"report", LIST(TRAIN "10"), "report out -o out/report.html", LIST("report out -o out/report.html"), true},
};

/* ---- what was recorded ------------------------------------------------------------------------------------------- */

enum { CHANGES = 1 << 12, FILES = 1 << 10, NAMES = 256 };

typedef struct Change {
    FaultChangeKind kind;
    char path[FOLDER_PATH], to[FOLDER_PATH];
    size_t file; /* its number, not used again when the system's is */
    size_t offset, size;
    unsigned char *bytes;
} Change;

typedef struct Recorded {
    size_t count;
    Change change[CHANGES];
    size_t file_count;
    ino_t inode[FILES];
} Recorded;

static Recorded recorded;
static Folder before, after, found;
static FILE *report;
static size_t states, refused, wrong;
static unsigned long long drawn; /* the state of the random numbers */

static void give_up(const char *what)
{
    fprintf(stderr, "replay: %s\n", what);
    abort();
}

/* The last file of that inode; a new one when it is created. */
static size_t number_of(ino_t inode, bool created)
{
    for (size_t i = recorded.file_count; !created && i-- > 0;)
        if (recorded.inode[i] == inode)
            return i;
    if (recorded.file_count == FILES)
        give_up("more files than are kept");
    recorded.inode[recorded.file_count] = inode;
    return recorded.file_count++;
}

static void record(const FaultChange *change)
{
    if (recorded.count == CHANGES)
        give_up("more changes than are kept");
    Change *kept = &recorded.change[recorded.count++];
    *kept = (Change){.kind = change->kind, .offset = change->offset, .size = change->size};
    snprintf(kept->path, sizeof kept->path, "%s", change->path != NULL ? change->path : "");
    snprintf(kept->to, sizeof kept->to, "%s", change->to != NULL ? change->to : "");
    kept->file = change->file != 0 ? number_of(change->file, change->kind == FAULT_CREATED) : 0;
    if (change->bytes != NULL) {
        kept->bytes = malloc(change->size);
        if (kept->bytes == NULL)
            give_up("no memory");
        memcpy(kept->bytes, change->bytes, change->size);
    }
}

static void forget_recorded(void)
{
    for (size_t i = 0; i < recorded.count; i++)
        free(recorded.change[i].bytes);
    recorded.count = recorded.file_count = 0;
}

/* The files that were there have the first numbers, in their order. */
static void number_files_before(void)
{
    for (size_t i = 0; i < before.count; i++) {
        struct stat file;
        if (stat(before.file[i].path, &file) != 0)
            give_up("what was there can't be looked at");
        recorded.inode[recorded.file_count++] = file.st_ino;
    }
}

static bool is_data(const Change *change)
{
    return change->kind == FAULT_WRITTEN || change->kind == FAULT_CUT;
}

static bool is_name(const Change *change)
{
    return change->kind == FAULT_CREATED || change->kind == FAULT_RENAMED || change->kind == FAULT_REMOVED ||
           change->kind == FAULT_FOLDER_MADE || change->kind == FAULT_FOLDER_REMOVED;
}

/* Is path in that folder ("" for the one that all is in)? */
static bool is_in(const char *path, const char *folder)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash != NULL ? (size_t)(slash - path) : 0;
    return strlen(folder) == length && strncmp(path, folder, length) == 0;
}

/* Is the change on the disk for certain, after so many? */
static bool is_synced(size_t index, size_t count)
{
    const Change *change = &recorded.change[index];
    for (size_t i = index + 1; i < count; i++) {
        const Change *sync = &recorded.change[i];
        if (sync->kind == FAULT_ALL_SYNCED ||
            (sync->kind == FAULT_SYNCED && is_data(change) && sync->file == change->file) ||
            (sync->kind == FAULT_NAMES_SYNCED && is_name(change) && is_in(change->path, sync->path)))
            return true;
    }
    return false;
}

/* ---- the disk ---------------------------------------------------------------------------------------------------- */

typedef struct Name {
    char path[FOLDER_PATH];
    bool is_folder;
    size_t file;
} Name;

typedef struct Disk {
    size_t count;
    Name name[NAMES];
    unsigned char *bytes[FILES];
    size_t size[FILES];
} Disk;

static Name *find_name(Disk *disk, const char *path)
{
    for (size_t i = 0; i < disk->count; i++)
        if (strcmp(disk->name[i].path, path) == 0)
            return &disk->name[i];
    return NULL;
}

static void set_name(Disk *disk, const char *path, bool is_folder, size_t file)
{
    Name *name = find_name(disk, path);
    if (name == NULL && disk->count == NAMES)
        give_up("more names than are kept");
    if (name == NULL)
        name = &disk->name[disk->count++];
    snprintf(name->path, sizeof name->path, "%s", path);
    name->is_folder = is_folder;
    name->file = file;
}

static void drop_name(Disk *disk, const char *path)
{
    Name *name = find_name(disk, path);
    if (name != NULL)
        *name = disk->name[--disk->count];
}

static void set_size(Disk *disk, size_t file, size_t size)
{
    unsigned char *bytes = realloc(disk->bytes[file], size + 1);
    if (bytes == NULL)
        give_up("no memory");
    if (size > disk->size[file])
        memset(bytes + disk->size[file], 0, size - disk->size[file]);
    disk->bytes[file] = bytes;
    disk->size[file] = size;
}

/* part: how many bytes of a write. */
static void apply(Disk *disk, const Change *change, size_t part)
{
    switch (change->kind) {
    case FAULT_CREATED:
        set_name(disk, change->path, false, change->file);
        break;
    case FAULT_RENAMED:
        drop_name(disk, change->path);
        set_name(disk, change->to, false, change->file);
        break;
    case FAULT_REMOVED:
    case FAULT_FOLDER_REMOVED:
        drop_name(disk, change->path);
        break;
    case FAULT_FOLDER_MADE:
        set_name(disk, change->path, true, 0);
        break;
    case FAULT_WRITTEN:
        if (change->offset + part > disk->size[change->file])
            set_size(disk, change->file, change->offset + part);
        memcpy(disk->bytes[change->file] + change->offset, change->bytes, part);
        break;
    case FAULT_CUT:
        set_size(disk, change->file, change->size);
        break;
    case FAULT_SYNCED:
    case FAULT_NAMES_SYNCED:
    case FAULT_ALL_SYNCED:
        break;
    }
}

static bool has_folder(Disk *disk, const char *path)
{
    char folder[FOLDER_PATH];
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return true;
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    const Name *name = find_name(disk, folder);
    return name != NULL && name->is_folder && has_folder(disk, folder);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const Name *)a)->path, ((const Name *)b)->path);
}

/* The folder with what of the first count changes is on the disk: all of a change (SIZE_MAX), so many bytes of it, or
 * nothing (0). */
static void make_folder(size_t count, const size_t *parts, Folder *folder)
{
    static Disk disk;
    disk = (Disk){.count = 0};
    for (size_t i = 0; i < before.count; i++) {
        set_name(&disk, before.file[i].path, before.file[i].is_folder, i);
        set_size(&disk, i, before.file[i].is_folder ? 0 : before.file[i].size);
        if (!before.file[i].is_folder)
            memcpy(disk.bytes[i], before.file[i].bytes, before.file[i].size);
    }
    for (size_t i = 0; i < count; i++) {
        const Change *change = &recorded.change[i];
        if (parts[i] > 0)
            apply(&disk, change, parts[i] < change->size ? parts[i] : change->size);
    }
    qsort(disk.name, disk.count, sizeof *disk.name, compare_names); /* a folder before what is in it */
    folder->count = 0;
    for (size_t i = 0; i < disk.count; i++) {
        const Name *name = &disk.name[i];
        if (!has_folder(&disk, name->path))
            continue;
        if (folder->count == FOLDER_FILES)
            give_up("more files than a folder holds");
        FolderFile *file = &folder->file[folder->count++];
        *file = (FolderFile){.is_folder = name->is_folder, .size = name->is_folder ? 0 : disk.size[name->file]};
        memcpy(file->path, name->path, sizeof file->path);
        file->bytes = malloc(file->size + 1);
        if (file->bytes == NULL)
            give_up("no memory");
        if (file->size > 0)
            memcpy(file->bytes, disk.bytes[name->file], file->size);
    }
    for (size_t i = 0; i < FILES; i++)
        free(disk.bytes[i]);
}

/* ---- the way on -------------------------------------------------------------------------------------------------- */

/* The summary of a resumed training names the checkpoint: only that it is there can be asked. */
static bool is_same(const FolderFile *file)
{
    const FolderFile *now = folder_find(&found, file->path);
    size_t length = strlen(file->path);
    bool summary = length > 12 && strcmp(file->path + length - 12, "summary.json") == 0;
    return summary ? now != NULL : folder_same(now, file);
}

/* Trainings and sweeps remove what others have left of the files that they were writing. */
static bool removes_temporaries(const Scenario *scenario)
{
    return strncmp(scenario->command, "train ", 6) == 0 || strncmp(scenario->command, "sweep ", 6) == 0;
}

/* A temporary file, or a folder with nothing else in it. */
static bool is_left_over(const Scenario *scenario, const FolderFile *file)
{
    size_t length = strlen(file->path), inside = 0;
    if (!file->is_folder)
        return (strstr(file->path, ".tmp") != NULL && !removes_temporaries(scenario)) ||
               strstr(file->path, ".lock") != NULL;
    for (size_t i = 0; i < found.count; i++)
        if (strncmp(found.file[i].path, file->path, length) == 0 && found.file[i].path[length] == '/') {
            if (strstr(found.file[i].path, ".tmp") == NULL)
                return false;
            inside++;
        }
    return inside > 0;
}

/* The first path that is not as it was when nothing had happened; NULL: none. */
static const char *first_difference(const Scenario *scenario)
{
    for (size_t i = 0; i < after.count; i++)
        if (!is_same(&after.file[i]))
            return after.file[i].path;
    for (size_t i = 0; i < found.count; i++)
        if (!is_left_over(scenario, &found.file[i]) && folder_find(&after, found.file[i].path) == NULL)
            return found.file[i].path;
    return NULL;
}

static void complain(const Scenario *scenario, size_t count, const size_t *parts, const Run *run, const char *what,
                     const char *path)
{
    wrong++;
    fprintf(report, "WRONG: %s, after %zu changes without", scenario->name, count);
    for (size_t i = 0; i < count; i++) {
        const Change *change = &recorded.change[i];
        if (parts[i] < SIZE_MAX && (is_data(change) || is_name(change)))
            fprintf(report, " %zu(%s%s file %zu, %zu of %zu)", i, is_name(change) ? "name " : "data", change->path,
                    change->file, parts[i], change->size);
    }
    fprintf(report, ": %s %s\n    exit code %d; %s\n", what, path, run->code, run->messages);
    fflush(report);
}

static void try_folder(const Scenario *scenario, size_t count, const size_t *parts)
{
    static Folder wanted;
    static Run run;
    const FaultPlan nothing = {.calls = 0};
    make_folder(count, parts, &wanted);
    folder_restore(&found, &wanted);
    folder_free(&wanted);
    states++;
    for (size_t i = 0; scenario->ways_on[i] != NULL; i++) {
        run_with(scenario->ways_on[i], &nothing, &run);
        if (run.code == SPIRAL_OK)
            break;
        bool last = scenario->ways_on[i + 1] == NULL;
        if (run.code != SPIRAL_ERROR_INPUT && run.code != SPIRAL_ERROR_OUTPUT)
            complain(scenario, count, parts, &run, "neither the same nor refused by", scenario->ways_on[i]);
        else if (!run_has_sound_message(&run))
            complain(scenario, count, parts, &run, "not one message of", scenario->ways_on[i]);
        else if (last && scenario->starts_anew)
            complain(scenario, count, parts, &run, "refused:", scenario->ways_on[i]);
        refused += last;
    }
    folder_free(&found);
    folder_read(&found);
    const char *difference = run.code == SPIRAL_OK ? first_difference(scenario) : NULL;
    if (difference != NULL)
        complain(scenario, count, parts, &run, "another", difference);
}

/* ---- which folders ----------------------------------------------------------------------------------------------- */

/* xorshift64*, Vigna 2016 */
static size_t draw(size_t below)
{
    drawn ^= drawn >> 12;
    drawn ^= drawn << 25;
    drawn ^= drawn >> 27;
    return (size_t)((drawn * 2685821657736338717ULL >> 33) % below);
}

typedef enum Choice { ALL, NOTHING, NAMES_ALONE, BYTES_ALONE, AT_RANDOM } Choice;

/* Whatever is synced is there. Names come to the disk in their order. */
static void choose(size_t count, Choice choice, size_t *parts)
{
    size_t names = choice == ALL || choice == NAMES_ALONE ? count
                   : choice == AT_RANDOM && count > 0     ? draw(count + 1)
                                                          : 0;
    for (size_t i = 0; i < count; i++) {
        const Change *change = &recorded.change[i];
        bool all = choice == ALL || choice == BYTES_ALONE;
        if (is_synced(i, count) || (!is_data(change) && !is_name(change)))
            parts[i] = SIZE_MAX;
        else if (is_name(change))
            parts[i] = i < names ? SIZE_MAX : 0;
        else if (choice != AT_RANDOM)
            parts[i] = all ? SIZE_MAX : 0;
        else
            parts[i] = draw(3) == 0 ? 0 : draw(2) == 0 || change->size < 2 ? SIZE_MAX : 1 + draw(change->size - 1);
    }
}

/* All but one that is not synced; or half of it. */
static void leave_out(const Scenario *scenario, size_t count, size_t which, bool half)
{
    static size_t parts[CHANGES];
    choose(count, ALL, parts);
    const Change *change = &recorded.change[which];
    if (is_synced(which, count) || !is_data(change))
        return;
    parts[which] = half ? change->size / 2 : 0;
    try_folder(scenario, count, parts);
}

static void replay(const Scenario *scenario, bool deep)
{
    static size_t parts[CHANGES];
    for (size_t count = 0; count <= recorded.count; count++) {
        bool last_matters = count == 0 || is_data(&recorded.change[count - 1]) || is_name(&recorded.change[count - 1]);
        for (Choice choice = ALL; choice <= BYTES_ALONE; choice++) {
            choose(count, choice, parts);
            try_folder(scenario, count, parts);
        }
        for (size_t i = 0; last_matters && i < (deep ? 40 : 2); i++) {
            choose(count, AT_RANDOM, parts);
            try_folder(scenario, count, parts);
        }
        for (size_t i = deep || count < 3 ? 0 : count - 3; last_matters && i < count; i++) {
            leave_out(scenario, count, i, false);
            leave_out(scenario, count, i, true);
        }
    }
}

static bool prepare(const Scenario *scenario)
{
    static Run run;
    const FaultPlan nothing = {.calls = 0};
    folder_free(&found);
    folder_read(&found);
    folder_restore(&found, &(Folder){.count = 0});
    run.code = SPIRAL_OK;
    for (const char *const *line = scenario->before; *line != NULL && run.code == SPIRAL_OK; line++)
        run_with(*line, &nothing, &run);
    folder_read(&before);
    number_files_before();
    fault_watch_changes(record);
    if (run.code == SPIRAL_OK)
        run_with(scenario->command, &nothing, &run);
    fault_watch_changes(NULL);
    folder_read(&after);
    folder_free(&found);
    folder_read(&found);
    if (run.code != SPIRAL_OK) {
        wrong++;
        fprintf(report, "WRONG: %s: exit code %d; %s\n", scenario->name, run.code, run.messages);
    }
    return run.code == SPIRAL_OK;
}

int test_main(FILE *output)
{
    report = output;
    const char *wanted = getenv("SPIRAL_REPLAY"), *seed = getenv("SPIRAL_REPLAY_SEED");
    bool deep = wanted != NULL && strcmp(wanted, "deep") == 0;
    drawn = (seed != NULL ? strtoull(seed, NULL, 10) : 1) * 2 + 1;
    for (size_t s = 0; s < sizeof scenarios / sizeof scenarios[0]; s++) {
        if (wanted != NULL && !deep && strcmp(wanted, scenarios[s].name) != 0)
            continue;
        size_t before_states = states, before_refused = refused, before_wrong = wrong;
        if (prepare(&scenarios[s]))
            replay(&scenarios[s], deep);
        fprintf(report, "%-20s %4zu changes, %5zu folders, %zu refused, %zu wrong\n", scenarios[s].name, recorded.count,
                states - before_states, refused - before_refused, wrong - before_wrong);
        fflush(report);
        forget_recorded();
        folder_free(&before);
        folder_free(&after);
    }
    folder_free(&found);
    fprintf(report, "disks after a failing machine: %zu, refused: %zu, wrong: %zu\n", states, refused, wrong);
    return wrong > 0 || states == 0;
}
