#define _POSIX_C_SOURCE 200809L
#include "cli/files.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/output_target.h"
#include "base/regular.h"
#include "base/temporary.h"
#include "base/text.h"
#include "cli/cli.h"

/* ---- lists of files ---------------------------------------------------------------------------------------------- */

static SpiralStatus add_file(const char *flag, const char *path, size_t length, FileList *list, SpiralError *error)
{
    if (length == 0)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "%s: found an empty name, expected files with commas between", flag);
    if (list->count == OPTION_FILES_LIMIT)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "%s: found more than %d files, expected at most %d",
                                flag, OPTION_FILES_LIMIT, OPTION_FILES_LIMIT);
    char *copy = cli_allocate(length + 1, 1);
    if (copy == NULL)
        return cli_no_memory(error);
    memcpy(copy, path, length);
    list->paths[list->count++] = copy;
    return SPIRAL_OK;
}

static SpiralStatus add_argument(const char *flag, const char *argument, FileList *list, SpiralError *error)
{
    if (access(argument, F_OK) == 0)
        return add_file(flag, argument, strlen(argument), list, error);
    SpiralStatus status = SPIRAL_OK;
    for (const char *next = argument; status == SPIRAL_OK && next != NULL;) {
        size_t length = strcspn(next, ",");
        status = add_file(flag, next, length, list, error);
        if (status == SPIRAL_OK && strchr(argument, ',') != NULL)
            list->lists[list->count - 1] = argument;
        next = next[length] == ',' ? next + length + 1 : NULL;
    }
    return status;
}

SpiralStatus files_list(const char *flag, const OptionFiles *given, FileList *list, SpiralError *error)
{
    *list = (FileList){.paths = cli_allocate(OPTION_FILES_LIMIT, sizeof *list->paths),
                       .lists = cli_allocate(OPTION_FILES_LIMIT, sizeof *list->lists)};
    SpiralStatus status = list->paths == NULL || list->lists == NULL ? cli_no_memory(error) : SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < given->count; i++)
        status = add_argument(flag, given->arguments[i], list, error);
    if (status != SPIRAL_OK)
        files_list_free(list);
    return status;
}

SpiralStatus files_list_check(const FileList *list, SpiralError *error)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *path = list->paths[i], *whole = list->lists[i];
        if (whole != NULL && strcmp(path, "-") != 0 && access(path, F_OK) != 0)
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0,
                                    "could not be opened: %s; it is a piece of \"%.*s\", which is no file",
                                    strerror(errno), SPIRAL_TEXT_CUT(whole, 200));
    }
    return SPIRAL_OK;
}

void files_list_free(FileList *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->paths[i]);
    free(list->paths);
    free(list->lists);
    *list = (FileList){0};
}

/* ---- identity of a file ------------------------------------------------------------------------------------------ */

/* An existing file is identified by its device and inode numbers; one that does not exist yet by its folder's numbers
 * and its name. A device, a terminal or a socket is ANYBODYS: it may be named several times. */
typedef enum IdentityKind { UNKNOWN, THERE, NOT_THERE, ANYBODYS } IdentityKind;

typedef struct Identity {
    IdentityKind kind;
    dev_t device;
    ino_t number;
    const char *name; /* of NOT_THERE only; points into the path */
} Identity;

struct NamedFile {
    const char *flag;
    bool input;
    char *path;     /* as the user typed it */
    int descriptor; /* -1 when the file is not open yet */
    char *target;   /* where the symbolic links at the path's end lead */
    Identity identity;
};

/* A pipe opened by the caller may be both input and output, and so may a socket. */
static SpiralStatus identify_descriptor(NamedFile *file, SpiralError *error)
{
    struct stat status;
    if (fstat(file->descriptor, &status) != 0)
        return spiral_error_set(error, file->input ? SPIRAL_ERROR_INPUT : SPIRAL_ERROR_OUTPUT, file->path, 0,
                                "could not be %s: %s", file->input ? "opened" : "written", strerror(errno));
    file->identity = (Identity){S_ISREG(status.st_mode) ? THERE : ANYBODYS, status.st_dev, status.st_ino, NULL};
    return SPIRAL_OK;
}

static Identity identify_path(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0) {
        bool known = S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode);
        return (Identity){.kind = known ? THERE : ANYBODYS, .device = status.st_dev, .number = status.st_ino};
    }
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t length = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    if (length >= sizeof folder)
        return (Identity){.kind = UNKNOWN};
    memcpy(folder, path, length);
    folder[length] = '\0';
    if (stat(length > 0 ? folder : ".", &status) != 0)
        return (Identity){.kind = UNKNOWN};
    return (Identity){NOT_THERE, status.st_dev, status.st_ino, path + length};
}

static bool is_same(const Identity *a, const Identity *b)
{
    return (a->kind == THERE || a->kind == NOT_THERE) && a->kind == b->kind && a->device == b->device &&
           a->number == b->number && (a->kind != NOT_THERE || strcmp(a->name, b->name) == 0);
}

static SpiralStatus cannot_be_written(const char *path, int failure, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0, "could not be written: %s", strerror(failure));
}

/* Runs remove what has such a name, so no run may read it. */
static SpiralStatus refuse_temporary(const NamedFile *file, SpiralError *error)
{
    const char *target;
    size_t length;
    if (!file->input || !spiral_temporary_is(file->target, &target, &length))
        return SPIRAL_OK;
    bool link = !spiral_temporary_is(file->path, &target, &length);
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                            "%s: \"%s\" has the name of an unfinished file, which runs remove: give it another name",
                            file->flag, link ? file->target : file->path);
}

static SpiralStatus identify(NamedFile *file, SpiralError *error)
{
    SpiralTarget target;
    int failure = spiral_output_target(file->path, &target);
    bool open = failure == 0 && target.kind == SPIRAL_TARGET_DESCRIPTOR;
    file->descriptor = !open ? -1 : file->input && strcmp(file->path, "-") == 0 ? STDIN_FILENO : target.descriptor;
    if (!file->input && failure != 0)
        return cannot_be_written(file->path, failure, error);
    file->target = cli_copy_string(failure == 0 ? target.path : file->path);
    if (file->target == NULL)
        return cli_no_memory(error);
    if (open)
        return identify_descriptor(file, error);
    SpiralStatus status = refuse_temporary(file, error);
    if (status != SPIRAL_OK)
        return status;
    file->identity = identify_path(file->target);
    if (!file->input && file->identity.kind == UNKNOWN)
        return cannot_be_written(file->path, errno, error);
    return SPIRAL_OK;
}

/* ---- comparing files --------------------------------------------------------------------------------------------- */

static SpiralStatus refuse(const NamedFile *before, const NamedFile *file, SpiralError *error)
{
    const char *path = strcmp(file->path, "-") == 0 ? before->path : file->path; /* one that is a name, if any is */
    if (before->input || file->input)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "%s and %s are the same file (\"%s\"), expected an output that replaces no input",
                                file->input ? before->flag : file->flag, file->input ? file->flag : before->flag, path);
    if (strcmp(before->flag, file->flag) == 0)
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "%s: \"%s\" and \"%s\" are the same file, expected a file for each", file->flag,
                                before->path, file->path);
    return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                            "%s and %s are the same file (\"%s\"), expected a file for each", file->flag, before->flag,
                            path);
}

/* Is the file one of those named earlier? Two inputs may be the same. */
static SpiralStatus compare(const Files *files, const NamedFile *file)
{
    for (size_t i = 0; i < files->count; i++) {
        const NamedFile *before = &files->named[i];
        bool streams = !before->input && before->descriptor >= 0 && before->descriptor == file->descriptor;
        bool paths = before->identity.kind == UNKNOWN && strcmp(before->path, file->path) == 0;
        bool inputs = before->input && file->input;
        if (!inputs && (streams || paths || is_same(&before->identity, &file->identity)))
            return refuse(before, file, files->error);
    }
    return SPIRAL_OK;
}

/* Adds the first length bytes of path. */
static void add(Files *files, const char *flag, bool input, const char *path, size_t length)
{
    NamedFile *grown = files->status == SPIRAL_OK ? realloc(files->named, (files->count + 1) * sizeof *grown) : NULL;
    if (files->status != SPIRAL_OK)
        return;
    if (grown != NULL)
        files->named = grown;
    NamedFile file = {.flag = flag, .input = input, .path = cli_allocate(length + 1, 1)};
    if (grown == NULL || file.path == NULL) {
        free(file.path);
        files->status = cli_no_memory(files->error);
        return;
    }
    memcpy(file.path, path, length);
    files->status = identify(&file, files->error);
    if (files->status == SPIRAL_OK && !input)
        files->status = compare(files, &file);
    files->named[files->count++] = file;
}

/* Follows the same rule as saving data. */
static size_t first_of_pair(const char *data)
{
    static const char ending[] = ".npy";
    const char *pair = strstr(data, ".npy,");
    bool two = pair != NULL && strcmp(data + strlen(data) - strlen(ending), ending) == 0;
    return two ? (size_t)(pair - data) + strlen(ending) : 0;
}

/* Follows the same rule as loading data. */
size_t files_first_of_pair(const char *data)
{
    return access(data, F_OK) == 0 ? 0 : first_of_pair(data);
}

static void add_data(Files *files, const char *flag, bool input, const char *path)
{
    size_t first = path == NULL ? 0 : input ? files_first_of_pair(path) : first_of_pair(path);
    if (first > 0)
        add(files, flag, input, path, first++);
    if (path != NULL)
        add(files, flag, input, path + first, strlen(path + first));
}

void files_read(Files *files, const char *flag, const char *path)
{
    if (path != NULL)
        add(files, flag, true, path, strlen(path));
}

void files_read_data(Files *files, const char *flag, const char *path)
{
    add_data(files, flag, true, path);
}

void files_read_list(Files *files, const char *flag, const FileList *list)
{
    for (size_t i = 0; i < list->count; i++)
        files_read(files, flag, list->paths[i]);
}

void files_write(Files *files, const char *flag, const char *path)
{
    if (path != NULL)
        add(files, flag, false, path, strlen(path));
}

void files_write_data(Files *files, const char *flag, const char *path)
{
    add_data(files, flag, false, path);
}

/* ---- files in a folder ------------------------------------------------------------------------------------------- */

/* A log that is a symbolic link to a file is left to the code that writes it. */
static SpiralStatus look(const char *path, SpiralError *error)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return SPIRAL_OK;
    SpiralStatus result = spiral_regular_expect(path, status.st_mode, true, error);
    if (result != SPIRAL_OK)
        return result;
    SpiralTarget target;
    int failure = spiral_output_target(path, &target);
    if (failure == 0 && S_ISLNK(status.st_mode) && target.kind != SPIRAL_TARGET_FILE)
        return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0,
                                "is a symbolic link to a pipe or a device, expected a regular file");
    return failure == 0 ? SPIRAL_OK : cannot_be_written(path, failure, error);
}

typedef enum Use { READ, WRITTEN, REMOVED } Use;

static void use_in(Files *files, const char *flag, const char *folder, const char *name, Use use)
{
    if (files->status != SPIRAL_OK)
        return;
    char *path = cli_join(folder, name);
    if (path == NULL) {
        files->status = cli_no_memory(files->error);
        return;
    }
    const NamedFile file = {
        .flag = flag, .input = use == READ, .path = path, .descriptor = -1, .identity = identify_path(path)};
    files->status = compare(files, &file);
    if (files->status == SPIRAL_OK && use == WRITTEN)
        files->status = look(path, files->error);
    free(path);
}

void files_read_in(Files *files, const char *flag, const char *folder, const char *name)
{
    use_in(files, flag, folder, name, READ);
}

void files_write_in(Files *files, const char *flag, const char *folder, const char *name)
{
    use_in(files, flag, folder, name, WRITTEN);
}

void files_remove_in(Files *files, const char *flag, const char *folder, const char *name)
{
    use_in(files, flag, folder, name, REMOVED);
}

/* The part of a pattern before a slash matches the subfolders. Of what is to be removed it finds temporary files. */
static void use_matching(Files *files, const char *flag, const char *path, const char *pattern, Use use)
{
    const char *slash = strchr(pattern, '/');
    char first[64];
    snprintf(first, sizeof first, "%.*s", slash != NULL ? (int)(slash - pattern) : (int)strlen(pattern), pattern);
    bool there;
    SpiralStatus found = cli_find_folder(path, &there, files->error);
    if (use == WRITTEN)
        files->status = found; /* what can't be found is not read either, or its reader says why */
    if (!there)
        return;
    DIR *folder = opendir(path);
    if (folder == NULL && use == REMOVED && errno == EACCES)
        return; /* what can't be found is not removed */
    if (folder == NULL) {
        files->status = spiral_error_set(files->error, use == READ ? SPIRAL_ERROR_INPUT : SPIRAL_ERROR_OUTPUT, path, 0,
                                         "could not be opened: %s", strerror(errno));
        return;
    }
    const char *target;
    size_t length;
    for (struct dirent *entry; files->status == SPIRAL_OK && (entry = readdir(folder)) != NULL;) {
        bool wanted = use != REMOVED || slash != NULL || spiral_temporary_is(entry->d_name, &target, &length);
        if (!wanted || fnmatch(first, entry->d_name, 0) != 0)
            continue;
        char *inner = cli_join(path, entry->d_name);
        if (inner == NULL)
            files->status = cli_no_memory(files->error);
        else if (slash == NULL)
            use_in(files, flag, path, entry->d_name, use);
        else
            use_matching(files, flag, inner, slash + 1, use);
        free(inner);
    }
    closedir(folder);
}

static void use_any_in(Files *files, const char *flag, const char *folder, const char *name, const char *pattern,
                       Use use)
{
    if (files->status != SPIRAL_OK)
        return;
    char *path = name[0] != '\0' ? cli_join(folder, name) : cli_copy_string(folder);
    if (path == NULL)
        files->status = cli_no_memory(files->error);
    else
        use_matching(files, flag, path, pattern, use);
    free(path);
}

void files_read_any_in(Files *files, const char *flag, const char *folder, const char *name, const char *pattern)
{
    use_any_in(files, flag, folder, name, pattern, READ);
}

void files_write_any_in(Files *files, const char *flag, const char *folder, const char *name, const char *pattern)
{
    use_any_in(files, flag, folder, name, pattern, WRITTEN);
}

void files_remove_temporaries_in(Files *files, const char *flag, const char *folder, const char *name,
                                 const char *pattern)
{
    use_any_in(files, flag, folder, name, pattern, REMOVED);
}

SpiralStatus files_check(Files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->named[i].path);
        free(files->named[i].target);
    }
    free(files->named);
    return files->status;
}

/* ---- removing ---------------------------------------------------------------------------------------------------- */

static SpiralStatus removed(const char *path, bool done, SpiralError *error)
{
    int failure = done ? 0 : errno;
    if (failure == 0 || failure == ENOENT || failure == ENOTEMPTY || failure == EEXIST)
        return SPIRAL_OK;
    return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0, "could not be removed: %s", strerror(failure));
}

SpiralStatus files_name_removed(const char *folder, const char *name, void *context, SpiralError *error)
{
    Files *files = context;
    (void)error; /* which is that of files */
    files_remove_in(files, "--out", folder, name);
    return files->status;
}

SpiralStatus files_remove(const char *folder, const char *name, void *context, SpiralError *error)
{
    (void)context;
    char *path = cli_join(folder, name);
    struct stat file;
    SpiralStatus status = path == NULL ? cli_no_memory(error) : SPIRAL_OK;
    bool there = status == SPIRAL_OK && lstat(path, &file) == 0;
    if (status == SPIRAL_OK && (!there || S_ISREG(file.st_mode)))
        status = removed(path, there && unlink(path) == 0, error);
    free(path);
    return status;
}

SpiralStatus files_remove_folder(const char *folder, const char *name, SpiralError *error)
{
    char *path = name != NULL ? cli_join(folder, name) : cli_copy_string(folder);
    bool there = false;
    SpiralStatus status = path == NULL ? cli_no_memory(error) : cli_find_folder(path, &there, error);
    if (there)
        status = removed(path, rmdir(path) == 0, error);
    free(path);
    return status;
}
