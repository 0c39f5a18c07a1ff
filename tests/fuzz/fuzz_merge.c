/* The folder of a sweep that ran in shards, as `spiral sweep --merge` and then `spiral plot --sweep` read it:
 * sweep.json, and for each shard results.csv and curves.csv, with a byte between the files. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/regular.h"
#include "cli/sweep/internal.h"
#include "cli/sweep/sweep.h"
#include "figure_check.h"
#include "memory_files.h"
#include "sections.h"

enum { MOST_SHARDS = 2 };

static size_t shards; /* of this input */

/* ---- the folder, whose files are in memory ----------------------------------------------------------------------- */

static size_t listed; /* entries of the folder that were read */
static struct dirent entry;

__typeof__(opendir) __real_opendir, __wrap_opendir;
DIR *__wrap_opendir(const char *path)
{
    if (strcmp(path, MEMORY_FOLDER "s") != 0)
        return __real_opendir(path); /* libFuzzer's */
    listed = 0;
    return (DIR *)&entry; /* which is only handed back */
}

__typeof__(readdir) __real_readdir, __wrap_readdir;
struct dirent *__wrap_readdir(DIR *folder)
{
    if (folder != (DIR *)&entry)
        return __real_readdir(folder);
    if (listed == shards)
        return NULL;
    snprintf(entry.d_name, sizeof entry.d_name, "shard-%zu", ++listed);
    return &entry;
}

__typeof__(closedir) __real_closedir, __wrap_closedir;
int __wrap_closedir(DIR *folder)
{
    return folder == (DIR *)&entry ? 0 : __real_closedir(folder);
}

__typeof__(access) __wrap_access;
int __wrap_access(const char *path, int mode)
{
    struct stat status;
    if (mode == F_OK && strncmp(path, MEMORY_FOLDER, strlen(MEMORY_FOLDER)) == 0)
        return stat(path, &status);
    errno = ENOENT;
    return -1;
}

__typeof__(spiral_regular_open) __wrap_spiral_regular_open;
SpiralStatus __wrap_spiral_regular_open(const char *within, const char *path, int flags, int *descriptor,
                                        SpiralError *error)
{
    MUST(within == NULL || strncmp(path, within, strlen(within)) == 0);
    *descriptor = open(path, flags);
    if (*descriptor >= 0)
        return SPIRAL_OK;
    SpiralStatus status = spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "is not there");
    errno = ENOENT;
    return status;
}

__typeof__(spiral_regular_read) __wrap_spiral_regular_read;
SpiralStatus __wrap_spiral_regular_read(const char *within, const char *path, FILE **file, SpiralError *error)
{
    MUST(within == NULL || strncmp(path, within, strlen(within)) == 0);
    *file = fopen(path, "r");
    if (*file != NULL)
        return SPIRAL_OK;
    SpiralStatus status = spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "is not there");
    errno = ENOENT;
    return status;
}

__typeof__(spiral_folder_lock) __wrap_spiral_folder_lock;
SpiralStatus __wrap_spiral_folder_lock(const char *folder, SpiralFolderLock **lock, SpiralError *error)
{
    (void)folder;
    (void)error;
    *lock = NULL;
    return SPIRAL_OK;
}

__typeof__(spiral_output_subfolder) __wrap_spiral_output_subfolder;
SpiralStatus __wrap_spiral_output_subfolder(const char *path, SpiralError *error)
{
    (void)path;
    (void)error;
    return SPIRAL_OK;
}

__typeof__(sweep_check_files) __wrap_sweep_check_files;
SpiralStatus __wrap_sweep_check_files(const Sweep *sweep, const char *flag, bool figures_alone, SpiralError *error)
{
    (void)error;
    MUST(sweep->folder[0] != '\0' && flag[0] == '-' && (figures_alone || strcmp(flag, "--merge") == 0));
    return SPIRAL_OK;
}

__typeof__(spiral_file_checksum) __wrap_spiral_file_checksum;
SpiralStatus __wrap_spiral_file_checksum(const char *path, uint32_t *checksum, SpiralError *error)
{
    (void)checksum;
    return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "not while fuzzing");
}

/* Many settings only take time. */
__typeof__(spiral_sweep_plan_create) __real_spiral_sweep_plan_create, __wrap_spiral_sweep_plan_create;
SpiralStatus __wrap_spiral_sweep_plan_create(const SpiralSweepPlanOptions *options, SpiralSweepPlan **plan,
                                             SpiralError *error)
{
    enum { MOST_RUNS = 100, MOST_ROUNDS = 3 };
    double runs = (double)options->seeds * (options->random > 0 ? (double)options->random : 1.0);
    for (size_t i = 0; i < options->axis_count && options->random == 0; i++)
        runs *= options->axes[i].count > 0 ? (double)options->axes[i].count : 1.0;
    *plan = NULL;
    if (runs > MOST_RUNS || options->refine > MOST_ROUNDS)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "too many while fuzzing");
    return __real_spiral_sweep_plan_create(options, plan, error);
}

/* ---- the commands ------------------------------------------------------------------------------------------------ */

static SpiralStatus merge(SpiralError *error)
{
    static char folder[] = MEMORY_FOLDER "s";
    SweepSettings settings;
    OptionGroup groups[SWEEP_GROUPS];
    OptionTable table = {.command = "sweep"};
    sweep_settings_defaults(&settings);
    sweep_table(&settings, groups, &table);
    settings.merge = folder;
    settings.train.no_figures = settings.train.quiet = true;
    SpiralStatus status = sweep_merge(&settings, &table, error);
    sweep_settings_clear(&settings);
    return status;
}

/* The bytes of a file that was written, copied: freed by free(). */
static char *written(const char *path)
{
    static char text[1 << 18];
    FILE *file = fopen(path, "r");
    MUST(file != NULL);
    size_t size = fread(text, 1, sizeof text - 1, file);
    MUST(size < sizeof text - 1);
    text[size] = '\0';
    fclose(file);
    return strdup(text);
}

/* A merged sweep can be merged again, which changes nothing, and drawn. */
static void use_merged(SpiralStatus merged)
{
    static const char *const paths[] = {MEMORY_FOLDER "s/sweep.json", MEMORY_FOLDER "s/results.csv",
                                        MEMORY_FOLDER "s/curves.csv"};
    enum { FILES = sizeof paths / sizeof *paths };
    char *first[FILES];
    SpiralError error = {.status = SPIRAL_OK};
    const FigureSettings figures = figure_settings_defaults();
    for (size_t i = 0; i < FILES; i++)
        first[i] = written(paths[i]);
    MUST(merge(&error) == merged);
    for (size_t i = 0; i < FILES; i++) {
        char *second = written(paths[i]);
        MUST(second != NULL && first[i] != NULL && strcmp(first[i], second) == 0);
        free(second);
        free(first[i]);
    }
    SpiralStatus status = sweep_draw_again(MEMORY_FOLDER "s", FIGURE_SVG, &figures, &error);
    if (status != SPIRAL_OK)
        fprintf(stderr, "%s: %s\n", error.path, error.reason);
    MUST(status == SPIRAL_OK);
}

/* The definition as that of the shard: its first "1/ becomes "2/. */
static void set_definition(size_t shard, const Section *definition)
{
    static const char *const paths[MOST_SHARDS] = {MEMORY_FOLDER "s/shard-1/sweep.json",
                                                   MEMORY_FOLDER "s/shard-2/sweep.json"};
    static uint8_t texts[MOST_SHARDS][MUTATE_MOST];
    size_t size = definition->size < MUTATE_MOST ? definition->size : MUTATE_MOST;
    memcpy(texts[shard], definition->bytes, size);
    for (size_t i = 0; i + 3 <= size; i++)
        if (memcmp(texts[shard] + i, "\"1/", 3) == 0) {
            texts[shard][i + 1] = (uint8_t)('1' + shard);
            break;
        }
    memory_file_set(paths[shard], texts[shard], size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { DRAWN = 64 }; /* of so many one is drawn */
    static const char *const results[MOST_SHARDS] = {MEMORY_FOLDER "s/shard-1/results.csv",
                                                     MEMORY_FOLDER "s/shard-2/results.csv"},
                             *const curves[MOST_SHARDS] = {MEMORY_FOLDER "s/shard-1/curves.csv",
                                                           MEMORY_FOLDER "s/shard-2/curves.csv"};
    Section sections[MOST_SECTIONS];
    if (size == 0)
        return 0;
    size_t count = sections_cut(data, size, sections);
    shards = count >= 5 ? 2 : 1;
    for (size_t i = 0; i < MOST_SHARDS; i++) {
        static const Section none = {(const uint8_t *)"", 0};
        const Section *rows = 2 * i + 1 < count ? &sections[2 * i + 1] : &none;
        const Section *points = 2 * i + 2 < count ? &sections[2 * i + 2] : &none;
        set_definition(i, &sections[0]);
        memory_file_set(results[i], rows->bytes, rows->size);
        memory_file_set(curves[i], points->bytes, points->size);
    }
    SpiralError error = {.status = SPIRAL_OK};
    figures_are_drawn(size % DRAWN == 0);
    SpiralStatus status = merge(&error);
    MUST(status == SPIRAL_OK || error.reason[0] != '\0');
    MUST(status == SPIRAL_OK || status == SPIRAL_ERROR_INPUT || status == SPIRAL_ERROR_LIMIT ||
         status == SPIRAL_ERROR_DIVERGED);
    struct stat merged;
    if (stat(MEMORY_FOLDER "s/results.csv", &merged) == 0)
        use_merged(status);
    memory_outputs_forget();
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return mutate_or_blind(sections_mutate, 0, data, size, max_size, &(Random){seed});
}
