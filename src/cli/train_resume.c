/* train_resume.c: checkpoints, and the log as it was when one was made. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/regular.h"
#include "cli/cli.h"
#include "cli/train.h"

/* Options that may differ from one part of a training to the next: they don't change its numbers, its log or its figures. */
static const char *const free_options[] = {"iterations", "epochs",       "threads",         "out",
                                           "quiet",      "summary",      "no-figures",      "require-accuracy",
                                           "resume",     "print-every",  "checkpoint-every", "time-limit",
                                           "folds",      "live",         "frames-every"};

static bool is_free(const TrainRun *run, const char *name)
{
    /* The cosine's rates depend on how many iterations there are. */
    bool bound = run->options.schedule.kind == SPIRAL_SCHEDULE_COSINE &&
                 (strcmp(name, "iterations") == 0 || strcmp(name, "epochs") == 0);
    for (size_t i = 0; !bound && i < COUNT(free_options); i++)
        if (strcmp(free_options[i], name) == 0)
            return true;
    return false;
}

/* Lines name=value of all options that bind, freed by free(); NULL when there is no memory. */
static char *settings_text(const TrainRun *run)
{
    char *text = cli_copy_string("");
    size_t used = 0;
    for (size_t g = 0; text != NULL && g < run->table->group_count; g++) {
        const OptionGroup *group = &run->table->groups[g];
        for (size_t i = 0; text != NULL && i < group->count; i++) {
            const Option *option = &group->options[i];
            if (is_free(run, option->name))
                continue;
            char value[1200];
            option_print_value(option, group->settings, value, sizeof value);
            size_t length = strlen(option->name) + strlen(value) + 2;
            char *grown = realloc(text, used + length + 1);
            if (grown == NULL) {
                free(text);
                return NULL;
            }
            text = grown;
            used += (size_t)snprintf(text + used, length + 1, "%s=%s\n", option->name, value);
        }
    }
    return text;
}

SpiralStatus train_save_checkpoint(TrainRun *run, SpiralError *error)
{
    SpiralStatus status = run->log != NULL ? spiral_output_flush(run->log, error) : SPIRAL_OK;
    if (status != SPIRAL_OK)
        return status;
    char *path = cli_join(run->settings->out, "checkpoint.npz");
    char *settings = settings_text(run);
    status = path == NULL || settings == NULL ? cli_no_memory(error)
                                              : spiral_trainer_save(run->trainer, settings, path, error);
    free(path);
    free(settings);
    return status;
}

/* The iteration of a row of either format; false for a line that is none (CSV's header). */
static bool row_iteration(const char *line, unsigned long long *iteration)
{
    static const char name[] = "{\"iteration\":";
    if (strncmp(line, name, sizeof name - 1) == 0)
        line += sizeof name - 1;
    char *end;
    errno = 0;
    *iteration = strtoull(line, &end, 10);
    return *line >= '0' && *line <= '9' && *end == ',' && errno == 0;
}

/* How many bytes of the log are rows before the iteration; a piece of a line at its end is dropped. */
static SpiralStatus measure_log(const char *path, size_t iteration, uint64_t *log_bytes, SpiralError *error)
{
    *log_bytes = 0;
    FILE *file;
    SpiralStatus status = spiral_regular_read(NULL, path, &file, error);
    if (status != SPIRAL_OK && errno == ENOENT)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0,
                                "could not be opened: %s; --resume goes on with the log in the folder of --out",
                                strerror(errno));
    if (status != SPIRAL_OK)
        return status;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    while ((length = getline(&line, &capacity, file)) > 0) {
        unsigned long long found;
        if (line[length - 1] != '\n' || (row_iteration(line, &found) && found >= iteration))
            break;
        *log_bytes += (uint64_t)length;
    }
    bool failed = ferror(file) != 0;
    free(line);
    fclose(file);
    if (failed)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "could not be read");
    return SPIRAL_OK;
}

SpiralStatus train_resume(TrainRun *run, uint64_t *log_bytes, SpiralError *error)
{
    char *settings = settings_text(run);
    char *log = cli_join(run->settings->out, train_log_name(run->settings));
    SpiralStatus status = settings == NULL || log == NULL
                              ? cli_no_memory(error)
                              : spiral_trainer_resume(run->trainer, settings, run->settings->resume, error);
    if (status == SPIRAL_OK && train_writes_files())
        status = measure_log(log, spiral_trainer_iteration(run->trainer), log_bytes, error);
    free(settings);
    free(log);
    return status;
}
