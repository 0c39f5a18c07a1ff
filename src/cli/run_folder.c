/* run_folder.c: a folder belongs to one run. Here those of the other kind are refused: a training's for a sweep, and a
 * sweep's for a training. What a run of the same kind may replace, it knows itself. */
#define _POSIX_C_SOURCE 200809L
#include "cli/run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

/* Refuses the folder if that file is in it. */
static SpiralStatus refuse_file(const char *folder, const char *name, const char *owner, const char *advice,
                                SpiralError *error)
{
    char *path = cli_join(folder, name);
    SpiralStatus status = path == NULL ? cli_no_memory(error) : SPIRAL_OK;
    if (path != NULL && access(path, F_OK) == 0)
        status = spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0,
                                  "belongs to a %s, and a folder is for one run: %s", owner, advice);
    free(path);
    return status;
}

SpiralStatus run_folder_refuse_training(const char *folder, SpiralError *error)
{
    static const char *const names[] = {"checkpoint.npz", "loss.csv", "loss.jsonl", "folds.csv"};
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < sizeof names / sizeof *names; i++)
        status = refuse_file(folder, names[i], "training", "use another one, or move its files away", error);
    return status;
}

SpiralStatus run_folder_refuse_sweep(const char *folder, SpiralError *error)
{
    static const char advice[] = "start the training with another --out";
    SpiralStatus status = refuse_file(folder, "sweep.json", "sweep", advice, error);
    DIR *entries = status == SPIRAL_OK ? opendir(folder) : NULL;
    if (status == SPIRAL_OK && entries == NULL && errno != EACCES)
        status = spiral_error_set(error, SPIRAL_ERROR_OUTPUT, folder, 0, "could not be opened: %s", strerror(errno));
    for (struct dirent *entry; entries != NULL && status == SPIRAL_OK && (entry = readdir(entries)) != NULL;) {
        char *shard = strncmp(entry->d_name, "shard-", strlen("shard-")) == 0 ? cli_join(folder, entry->d_name) : NULL;
        if (shard != NULL)
            status = refuse_file(shard, "sweep.json", "sweep", advice, error);
        free(shard);
    }
    if (entries != NULL)
        closedir(entries);
    return status;
}
