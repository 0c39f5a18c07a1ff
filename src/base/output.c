#define _GNU_SOURCE /* syncfs, sync_file_range */
#include "spiral/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/output_target.h"
#include "base/regular.h"
#include "base/temporary.h"
#include "base/text.h"

enum { BUFFER_BYTES = 1 << 16, AHEAD_BYTES = 1 << 22, NAME_TRIES = 100 };

/* STREAM: something that a rename would replace with a regular file, such as /dev/null. */
typedef enum Kind { WHOLE_FILE, STANDARD_OUTPUT, STREAM, LOG } Kind;

struct SpiralOutput {
    Kind kind;
    int descriptor;
    char *path;      /* as the caller gave it, for messages and the rename */
    char *temporary; /* of a WHOLE_FILE, until it is renamed */
    bool deferred;
    bool named; /* the log's entry in its folder has been synced */
    bool failed;
    int failure;  /* errno of the first failure */
    size_t ahead; /* bytes of a WHOLE_FILE written since the system was last asked to put them on the disk */
    size_t used;
    char buffer[BUFFER_BYTES];
};

static const char *shown_path(const SpiralOutput *output)
{
    return output->kind == STANDARD_OUTPUT ? "standard output" : output->path;
}

static SpiralStatus fail(SpiralOutput *output, int failure, SpiralError *error)
{
    if (!output->failed) {
        output->failed = true;
        output->failure = failure;
    }
    return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, shown_path(output), 0, "could not be written: %s",
                            strerror(output->failure));
}

static SpiralStatus no_memory(const char *path, SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory to write it");
}

/* Frees the output and closes its file. What is on the disk stays. */
static void release(SpiralOutput *output)
{
    if (output->kind != STANDARD_OUTPUT && output->descriptor >= 0)
        close(output->descriptor);
    free(output->path);
    free(output->temporary);
    free(output);
}

static SpiralOutput *make(Kind kind, const char *path)
{
    SpiralOutput *output = spiral_allocate(1, sizeof *output);
    if (output == NULL)
        return NULL;
    output->kind = kind;
    output->descriptor = kind == STANDARD_OUTPUT ? STDOUT_FILENO : -1;
    output->path = spiral_copy_string(path);
    if (output->path == NULL) {
        release(output);
        return NULL;
    }
    return output;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

/* Returns 0 or errno. */
static int open_temporary(SpiralOutput *output)
{
    size_t size = strlen(output->path) + SPIRAL_TEMPORARY_BYTES;
    output->temporary = spiral_allocate(size, 1);
    if (output->temporary == NULL)
        return ENOMEM;
    for (int attempt = 0; attempt < NAME_TRIES; attempt++) {
        spiral_temporary_name(output->path, attempt, output->temporary, size);
        do
            output->descriptor = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        while (output->descriptor < 0 && errno == EINTR);
        if (output->descriptor >= 0)
            return 0;
        if (errno != EEXIST)
            break;
    }
    int failure = errno;
    free(output->temporary);
    output->temporary = NULL;
    return failure;
}

static int open_stream(SpiralOutput *output)
{
    do
        output->descriptor = open(output->path, O_WRONLY | O_TRUNC | O_NOCTTY | O_CLOEXEC);
    while (output->descriptor < 0 && errno == EINTR);
    return output->descriptor < 0 ? errno : 0;
}

/* A descriptor that the path names belongs to the caller. It is duplicated, not reopened: reopening would write from
 * the beginning of the file, and not every user may do it. The program's own descriptors, which are all close-on-exec,
 * are not available to the caller. */
static int take_descriptor(SpiralOutput *output, int descriptor)
{
    int flags = fcntl(descriptor, F_GETFD);
    if (flags < 0 || (flags & FD_CLOEXEC) != 0)
        return EBADF;
    output->descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    return output->descriptor < 0 ? errno : 0;
}

static int open_target(SpiralOutput *output, const SpiralTarget *target)
{
    if (output->kind == STANDARD_OUTPUT)
        return 0;
    if (output->kind == WHOLE_FILE)
        return open_temporary(output);
    return target->kind == SPIRAL_TARGET_DESCRIPTOR ? take_descriptor(output, target->descriptor) : open_stream(output);
}

SpiralStatus spiral_output_create(const char *path, SpiralOutput **output, SpiralError *error)
{
    *output = NULL;
    SpiralTarget target;
    int failure = spiral_output_target(path, &target);
    bool standard = target.kind == SPIRAL_TARGET_DESCRIPTOR && target.descriptor == STDOUT_FILENO;
    SpiralOutput *made = make(failure == 0 && standard            ? STANDARD_OUTPUT
                              : target.kind == SPIRAL_TARGET_FILE ? WHOLE_FILE
                                                                  : STREAM,
                              path);
    if (made == NULL)
        return no_memory(path, error);
    if (failure == 0)
        failure = open_target(made, &target);
    if (failure != 0) {
        SpiralStatus result = failure == ENOMEM ? no_memory(path, error) : fail(made, failure, error);
        release(made);
        return result;
    }
    *output = made;
    return SPIRAL_OK;
}

static bool cut(int descriptor, off_t length)
{
    int result;
    do
        result = ftruncate(descriptor, length);
    while (result != 0 && errno == EINTR);
    return result == 0;
}

SpiralStatus spiral_output_create_log(const char *path, uint64_t keep, SpiralOutput **output, SpiralError *error)
{
    *output = NULL;
    SpiralOutput *made = make(LOG, path);
    if (made == NULL)
        return no_memory(path, error);
    int flags = O_WRONLY | O_APPEND | O_NOFOLLOW | (keep == 0 ? O_CREAT : 0);
    struct stat status;
    SpiralStatus result = spiral_regular_open(NULL, path, flags, &made->descriptor, error);
    if (result == SPIRAL_OK && fstat(made->descriptor, &status) != 0)
        result = fail(made, errno, error);
    else if (result == SPIRAL_OK && !spiral_regular_take(made->descriptor))
        result = spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0,
                                  "is being written by another run, expected a folder for each");
    else if (result == SPIRAL_OK && (uint64_t)status.st_size < keep)
        result = spiral_error_set(error, SPIRAL_ERROR_INPUT, path, 0, "holds %lld bytes, %llu were written before",
                                  (long long)status.st_size, (unsigned long long)keep);
    else if (result == SPIRAL_OK && !cut(made->descriptor, (off_t)keep))
        result = fail(made, errno, error);
    if (result != SPIRAL_OK) {
        release(made);
        return result;
    }
    *output = made;
    return SPIRAL_OK;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Returns how many bytes were written. If not all of them, errno says why. */
static size_t write_bytes(int descriptor, const char *bytes, size_t count)
{
    size_t done = 0;
    while (done < count) {
        ssize_t written = write(descriptor, bytes + done, count - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written == 0)
            errno = EIO;
        if (written <= 0)
            break;
        done += (size_t)written;
    }
    return done;
}

/* The same for a terminal, which gets names in their displayed form (see base/text.h). */
static size_t write_shown(int descriptor, const char *bytes, size_t count)
{
    size_t done = 0;
    while (done < count) {
        char shown[4096];
        size_t size = 0, taken = done, used;
        for (; taken < count && size + SPIRAL_SHOWN_BYTES <= sizeof shown; taken += used) {
            SpiralShown next = spiral_text_shown(bytes + taken, count - taken, &used);
            bool layout = bytes[taken] == '\n' || bytes[taken] == '\t';
            memcpy(shown + size, layout ? bytes + taken : next.bytes, layout ? 1 : next.size);
            size += layout ? 1 : next.size;
        }
        if (write_bytes(descriptor, shown, size) < size)
            break;
        done = taken;
    }
    return done;
}

static bool is_terminal(const SpiralOutput *output)
{
    return (output->kind == STANDARD_OUTPUT || output->kind == STREAM) && isatty(output->descriptor) == 1;
}

/* Has the disk begin with a large file while it is still being written, so that the sync at its end is short. */
static void write_ahead(SpiralOutput *output, size_t count)
{
    output->ahead += count;
    if (output->kind != WHOLE_FILE || output->deferred || output->ahead < AHEAD_BYTES)
        return;
    output->ahead = 0;
    sync_file_range(output->descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
}

/* Writes the first count bytes of the buffer and moves the rest to the front. */
static SpiralStatus drain(SpiralOutput *output, size_t count, SpiralError *error)
{
    size_t done = (is_terminal(output) ? write_shown : write_bytes)(output->descriptor, output->buffer, count);
    if (done < count) {
        SpiralStatus result = fail(output, errno, error);
        if (output->kind == LOG && done > 0) { /* remove the partial line */
            off_t end = lseek(output->descriptor, 0, SEEK_END);
            while (done > 0 && output->buffer[done - 1] != '\n') {
                done--;
                end--;
            }
            if (end >= 0)
                cut(output->descriptor, end);
        }
        return result;
    }
    memmove(output->buffer, output->buffer + count, output->used - count);
    output->used -= count;
    write_ahead(output, count);
    return SPIRAL_OK;
}

static size_t whole_lines(const SpiralOutput *output)
{
    size_t count = output->used;
    while (count > 0 && output->buffer[count - 1] != '\n')
        count--;
    return count;
}

SpiralStatus spiral_output_flush(SpiralOutput *output, SpiralError *error)
{
    if (output->failed)
        return fail(output, output->failure, error);
    return drain(output, output->kind == LOG ? whole_lines(output) : output->used, error);
}

/* Makes room in a full buffer. A terminal gets whole lines if possible, so that no character is split. */
static SpiralStatus make_room(SpiralOutput *output, SpiralError *error)
{
    size_t lines = output->kind == LOG || is_terminal(output) ? whole_lines(output) : 0;
    if (output->kind == LOG && lines == 0) /* a line longer than the buffer */
        return fail(output, EMSGSIZE, error);
    return lines > 0 && !output->failed ? drain(output, lines, error) : spiral_output_flush(output, error);
}

SpiralStatus spiral_output_write(SpiralOutput *output, const void *bytes, size_t size, SpiralError *error)
{
    const char *next = bytes;
    while (size > 0) {
        if (output->used == BUFFER_BYTES) {
            SpiralStatus status = make_room(output, error);
            if (status != SPIRAL_OK)
                return status;
        }
        size_t room = BUFFER_BYTES - output->used;
        size_t piece = size < room ? size : room;
        memcpy(output->buffer + output->used, next, piece);
        output->used += piece;
        next += piece;
        size -= piece;
    }
    return output->failed ? fail(output, output->failure, error) : SPIRAL_OK;
}

SpiralStatus spiral_output_print(SpiralOutput *output, SpiralError *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    char line[512];
    int length = vsnprintf(line, sizeof line, format, arguments);
    SpiralStatus status;
    if (length < 0) {
        status = fail(output, errno, error);
    } else if ((size_t)length < sizeof line) {
        status = spiral_output_write(output, line, (size_t)length, error);
    } else {
        char *text = spiral_allocate((size_t)length + 1, 1);
        if (text == NULL) {
            status = no_memory(shown_path(output), error);
        } else {
            vsnprintf(text, (size_t)length + 1, format, again);
            status = spiral_output_write(output, text, (size_t)length, error);
            free(text);
        }
    }
    va_end(again);
    va_end(arguments);
    return status;
}

/* ---- finishing --------------------------------------------------------------------------------------------------- */

/* Calls fsync on the file's folder, so that the rename itself survives a power cut. Some file systems refuse. The
 * file's own bytes are safe by then, so that is not an error. path is cut to its folder and not needed afterwards. */
static void sync_folder(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash != NULL)
        slash[1] = '\0';
    int descriptor = open(slash != NULL ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    fsync(descriptor);
    close(descriptor);
}

static SpiralStatus sync_file(SpiralOutput *output, SpiralError *error)
{
    int failure;
    do
        failure = fsync(output->descriptor) != 0 ? errno : 0;
    while (failure == EINTR);
    if (failure != 0 && failure != EINVAL && failure != EROFS) /* EINVAL, EROFS: not a regular file */
        return fail(output, failure, error);
    return SPIRAL_OK;
}

/* The first call also syncs the log's entry in its folder. */
SpiralStatus spiral_output_sync(SpiralOutput *output, SpiralError *error)
{
    SpiralStatus status = spiral_output_flush(output, error);
    if (status == SPIRAL_OK)
        status = sync_file(output, error);
    if (status != SPIRAL_OK || output->named)
        return status;
    char *path = spiral_copy_string(output->path);
    if (path == NULL)
        return no_memory(output->path, error);
    sync_folder(path);
    free(path);
    output->named = true;
    return SPIRAL_OK;
}

static SpiralStatus finish_bytes(SpiralOutput *output, SpiralError *error)
{
    SpiralStatus status = spiral_output_flush(output, error);
    return status == SPIRAL_OK && output->kind != STANDARD_OUTPUT && !output->deferred ? sync_file(output, error)
                                                                                       : status;
}

static SpiralStatus finish_descriptor(SpiralOutput *output, SpiralError *error)
{
    int descriptor = output->descriptor;
    if (output->kind == STANDARD_OUTPUT)
        return SPIRAL_OK;
    output->descriptor = -1;
    return close(descriptor) != 0 && errno != EINTR ? fail(output, errno, error) : SPIRAL_OK;
}

/* rename may be interrupted on a network file system. */
static bool take_place(const SpiralOutput *output)
{
    int result;
    do
        result = rename(output->temporary, output->path);
    while (result != 0 && errno == EINTR);
    return result == 0;
}

SpiralStatus spiral_output_commit(SpiralOutput *output, SpiralError *error)
{
    sigset_t all, before;
    SpiralStatus status = finish_bytes(output, error);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* spiral_temporary_remove_all does not find a file that is closed */
    if (status == SPIRAL_OK)
        status = finish_descriptor(output, error);
    if (status == SPIRAL_OK && output->kind == WHOLE_FILE && !take_place(output))
        status = fail(output, errno, error);
    if (status != SPIRAL_OK)
        spiral_output_discard(output);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (status != SPIRAL_OK)
        return status;
    if (output->kind == WHOLE_FILE && !output->deferred)
        sync_folder(output->path);
    release(output);
    return SPIRAL_OK;
}

SpiralStatus spiral_output_narrow(SpiralOutput *output, mode_t mode, SpiralError *error)
{
    struct stat file;
    if (fstat(output->descriptor, &file) != 0)
        return fail(output, errno, error);
    mode_t now = file.st_mode & 0777;
    return (now & ~mode) == 0 || fchmod(output->descriptor, now & mode) == 0 ? SPIRAL_OK : fail(output, errno, error);
}

void spiral_output_defer(SpiralOutput *output)
{
    output->deferred = true;
}

void spiral_output_discard(SpiralOutput *output)
{
    if (output == NULL)
        return;
    if (output->kind == LOG && !output->failed)
        (void)spiral_output_flush(output, NULL); /* the failure that ends the command has been reported already */
    if (output->temporary != NULL)
        unlink(output->temporary);
    release(output);
}

SpiralStatus spiral_output_save(const char *path, const void *bytes, size_t size, SpiralError *error)
{
    SpiralOutput *output;
    SpiralStatus status = spiral_output_create(path, &output, error);
    if (status != SPIRAL_OK)
        return status;
    status = spiral_output_write(output, bytes, size, error);
    if (status != SPIRAL_OK) {
        spiral_output_discard(output);
        return status;
    }
    return spiral_output_commit(output, error);
}

/* ---- folders ----------------------------------------------------------------------------------------------------- */

static SpiralStatus make_folder(const char *path, bool follow, SpiralError *error)
{
    struct stat status;
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0, "the folder could not be made: %s",
                                strerror(errno));
    bool known = (follow ? stat(path, &status) : lstat(path, &status)) == 0;
    if (known && S_ISLNK(status.st_mode))
        return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0, "is a symbolic link, expected a folder");
    if (!known || !S_ISDIR(status.st_mode))
        return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0, "is not a folder, and a folder is needed");
    if (access(path, W_OK | X_OK) != 0)
        return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0, "files can't be made in this folder: %s",
                                strerror(errno));
    return SPIRAL_OK;
}

/* If a parent cannot be created, creating the folder itself reports it. */
static SpiralStatus make_parents(const char *path, SpiralError *error)
{
    char *parent = spiral_allocate(strlen(path) + 1, 1);
    if (parent == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, path, 0, "no memory to make it");
    strcpy(parent, path);
    for (char *slash = parent; (slash = strchr(slash + 1, '/')) != NULL; *slash = '/') {
        *slash = '\0';
        (void)mkdir(parent, 0777);
    }
    free(parent);
    return SPIRAL_OK;
}

SpiralStatus spiral_output_folder(const char *path, SpiralError *error)
{
    SpiralStatus status = path[0] != '\0' ? make_parents(path, error) : SPIRAL_OK;
    return status == SPIRAL_OK ? make_folder(path, true, error) : status;
}

SpiralStatus spiral_output_subfolder(const char *path, SpiralError *error)
{
    return make_folder(path, false, error);
}

SpiralStatus spiral_output_settle(const char *folder, SpiralError *error)
{
    int descriptor, failure;
    do
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (descriptor < 0 && errno == EINTR);
    do
        failure = descriptor < 0 || syncfs(descriptor) != 0 ? errno : 0;
    while (descriptor >= 0 && failure == EINTR);
    if (descriptor >= 0)
        close(descriptor);
    if (failure != 0)
        return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, folder, 0, "could not be written: %s", strerror(failure));
    return SPIRAL_OK;
}

struct SpiralFolderLock {
    int descriptor;
    bool own;    /* the file serves only as a lock */
    char path[]; /* of the file */
};

/* Opens and locks the file. Sets *gone when the process that held the lock removed the file in between. */
static SpiralStatus take_lock(SpiralFolderLock *lock, bool *gone, SpiralError *error)
{
    struct stat opened, there;
    SpiralStatus status =
        spiral_regular_open(NULL, lock->path, O_WRONLY | O_CREAT | O_NOFOLLOW, &lock->descriptor, error);
    if (status != SPIRAL_OK)
        return status;
    if (!spiral_regular_take(lock->descriptor))
        status = spiral_error_set(error, SPIRAL_ERROR_OUTPUT, lock->path, 0,
                                  "is being written by another run, expected a folder for each");
    else if (fstat(lock->descriptor, &opened) != 0)
        status =
            spiral_error_set(error, SPIRAL_ERROR_OUTPUT, lock->path, 0, "could not be written: %s", strerror(errno));
    if (status == SPIRAL_OK) {
        lock->own = opened.st_size == 0;
        *gone = lstat(lock->path, &there) != 0 || there.st_dev != opened.st_dev || there.st_ino != opened.st_ino;
    }
    if (status != SPIRAL_OK || *gone)
        close(lock->descriptor);
    return status;
}

SpiralStatus spiral_folder_lock(const char *folder, SpiralFolderLock **lock, SpiralError *error)
{
    *lock = NULL;
    size_t size = strlen(folder) + sizeof "/.lock";
    SpiralFolderLock *made = spiral_allocate(1, sizeof *made + size);
    if (made == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, folder, 0, "no memory to lock it");
    bool slash = folder[0] != '\0' && folder[strlen(folder) - 1] == '/';
    snprintf(made->path, size, "%s%s.lock", folder, slash ? "" : "/");
    for (bool gone = true; gone;) {
        SpiralStatus status = take_lock(made, &gone, error);
        if (status != SPIRAL_OK) {
            free(made);
            return status;
        }
    }
    *lock = made;
    return SPIRAL_OK;
}

void spiral_folder_unlock(SpiralFolderLock *lock)
{
    if (lock == NULL)
        return;
    if (lock->own)
        unlink(lock->path); /* while the lock is held: a process that has the file open sees that it is gone */
    close(lock->descriptor);
    free(lock);
}
