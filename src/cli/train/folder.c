/* folder.c: the folder of --out, which belongs to one run: what an earlier run has left in it. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/options/values.h"
#include "cli/run_folder.h"
#include "cli/train/internal.h"

/* What a run removes when it starts to write, in this order. The checkpoint goes first: as long as it is there, so is
 * the summary of the run that left it, and a checkpoint without one is that of a training that was killed. The files by
 * which the folder is known as a training's go last: a run that is killed before leaves the rest to the next one. Ends
 * with NULL. */
static const char *const names[] = {"checkpoint.npz", "boundary.png", "boundary.svg", "loss.png",
                                    "loss.svg",       "model.npz",    "report.html",  "loss.csv",
                                    "loss.jsonl",     "folds.csv",    "summary.json", NULL};
enum { FIRST_MARK = 7 };

/* Does a run with these settings keep the file? The model is kept until it is replaced. The training that resumes is
 * that of the checkpoint, the log and the frames. */
static bool is_kept(const TrainSettings *settings, const char *name)
{
    if (settings->folds > 0)
        return strcmp(name, "folds.csv") == 0;
    return strcmp(name, "model.npz") == 0 || strcmp(name, train_log_name(settings)) == 0 ||
           (settings->resume != NULL && strcmp(name, "checkpoint.npz") == 0);
}

/* ---- a checkpoint that must not be lost -------------------------------------------------------------------------- */

/* Sets *ended to whether the summary says that the run of its folder came to an end; one that is missing does not. */
static SpiralStatus read_ended(const char *path, bool *ended, SpiralError *error)
{
    cJSON *root;
    *ended = false;
    errno = 0;
    SpiralStatus status = json_read(NULL, path, SIZE_MAX, &root, error);
    if (status == SPIRAL_ERROR_INPUT && errno == ENOENT)
        return SPIRAL_OK;
    if (status != SPIRAL_OK)
        return status;
    const char *stopped = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "stopped"));
    *ended = stopped != NULL && strcmp(stopped, spiral_stop_reason_name(SPIRAL_STOP_INTERRUPTED)) != 0;
    cJSON_Delete(root);
    return SPIRAL_OK;
}

/* Every run of train leaves one of the last names. Without them, files of the other names are not its own. */
static SpiralStatus look_for_run(const TrainSettings *settings, bool *used, SpiralError *error)
{
    for (size_t i = FIRST_MARK; !*used && names[i] != NULL; i++) {
        char *path = cli_join(settings->out, names[i]);
        if (path == NULL)
            return cli_no_memory(error);
        *used = access(path, F_OK) == 0;
        free(path);
    }
    return SPIRAL_OK;
}

static SpiralStatus refuse_interrupted(const char *checkpoint, SpiralError *error)
{
    char *resume = shell_option("resume", checkpoint);
    SpiralStatus status =
        resume == NULL ? cli_no_memory(error)
                       : spiral_error_set(error, SPIRAL_ERROR_OUTPUT, checkpoint, 0,
                                          "is the checkpoint of a training that was interrupted: continue it with "
                                          "%s, or start another one with another --out",
                                          resume);
    free(resume);
    return status;
}

static SpiralStatus check_folder(const TrainSettings *settings, bool *used, SpiralError *error)
{
    char *checkpoint = cli_join(settings->out, "checkpoint.npz"), *summary = cli_join(settings->out, "summary.json");
    bool ended = true;
    SpiralStatus status =
        checkpoint == NULL || summary == NULL ? cli_no_memory(error) : look_for_run(settings, used, error);
    if (status == SPIRAL_OK && settings->resume == NULL && access(checkpoint, F_OK) == 0)
        status = read_ended(summary, &ended, error);
    if (status == SPIRAL_OK && !ended)
        status = refuse_interrupted(checkpoint, error);
    free(checkpoint);
    free(summary);
    return status;
}

/* What runs that were killed have left of the files that they were writing. */
static SpiralStatus remove_temporaries(const TrainSettings *settings, SpiralError *error)
{
    static const char *const frames[] = {"frame-*.png", NULL};
    char *path = cli_join(settings->out, "frames");
    SpiralStatus status = path == NULL ? cli_no_memory(error) : spiral_output_clear(settings->out, names, error);
    bool there = false;
    if (status == SPIRAL_OK)
        status = cli_find_folder(path, &there, error);
    if (there)
        status = spiral_output_clear(path, frames, error);
    free(path);
    return status;
}

SpiralStatus train_take_folder(const TrainSettings *settings, SpiralFolderLock **lock, bool *used, SpiralError *error)
{
    *lock = NULL;
    *used = false;
    if (settings->resume != NULL && access(settings->out, F_OK) != 0)
        return SPIRAL_OK;
    SpiralStatus status = spiral_output_folder(settings->out, error);
    if (status == SPIRAL_OK)
        status = spiral_folder_lock(settings->out, lock, error);
    if (status == SPIRAL_OK)
        status = run_folder_refuse_sweep(settings->out, error);
    if (status == SPIRAL_OK)
        status = check_folder(settings, used, error);
    return status == SPIRAL_OK ? remove_temporaries(settings, error) : status;
}

/* ---- what is removed --------------------------------------------------------------------------------------------- */

/* frame-00000100.png, of 100 updates; *updates is SIZE_MAX when there are more than that many. */
static bool is_frame(const char *name, size_t *updates)
{
    static const char begin[] = "frame-", digits[] = "0123456789";
    if (strncmp(name, begin, sizeof begin - 1) != 0)
        return false;
    const char *number = name + sizeof begin - 1;
    size_t count = strspn(number, digits);
    if (count < 8 || strcmp(number + count, ".png") != 0)
        return false;
    char text[32] = "";
    if (count < sizeof text)
        memcpy(text, number, count);
    if (!text_to_size(text, updates))
        *updates = SIZE_MAX;
    return true;
}

/* Visits the frames of at least that many updates. */
static SpiralStatus visit_frames(const TrainSettings *settings, size_t first, FilesVisit *visit, void *context,
                                 SpiralError *error)
{
    char *path = cli_join(settings->out, "frames");
    bool there = false;
    SpiralStatus status = path == NULL ? cli_no_memory(error) : cli_find_folder(path, &there, error);
    DIR *folder = there ? opendir(path) : NULL;
    if (there && folder == NULL)
        status = spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0, "could not be opened: %s", strerror(errno));
    size_t updates;
    for (struct dirent *entry; folder != NULL && status == SPIRAL_OK && (entry = readdir(folder)) != NULL;)
        if (is_frame(entry->d_name, &updates) && updates >= first)
            status = visit(path, entry->d_name, context, error);
    if (folder != NULL)
        closedir(folder);
    free(path);
    return status;
}

/* Visits the other files, in their order. */
static SpiralStatus visit_names(const TrainSettings *settings, FilesVisit *visit, void *context, SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && names[i] != NULL; i++)
        if (!is_kept(settings, names[i]))
            status = visit(settings->out, names[i], context, error);
    return status;
}

void train_name_removed(const TrainSettings *settings, Files *files)
{
    if (files->status == SPIRAL_OK)
        files->status = visit_frames(settings, 0, files_name_removed, files, files->error);
    if (files->status == SPIRAL_OK)
        files->status = visit_names(settings, files_name_removed, files, files->error);
}

SpiralStatus train_clear_folder(const TrainSettings *settings, bool used, size_t updates, SpiralError *error)
{
    if (!used)
        return SPIRAL_OK;
    SpiralStatus status = visit_frames(settings, updates, files_remove, NULL, error);
    if (status == SPIRAL_OK && settings->frames_every == 0 && updates == 0)
        status = files_remove_folder(settings->out, "frames", error);
    return status == SPIRAL_OK ? visit_names(settings, files_remove, NULL, error) : status;
}
