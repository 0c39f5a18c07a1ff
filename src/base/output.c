#define _GNU_SOURCE /* sync_file_range */
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
#include "base/output_folder.h"
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
    char *temporary; /* of a WHOLE_FILE or LOG, until it is renamed */
    bool deferred;
    bool failed;
    int failure;  /* errno of the first failure */
    size_t ahead; /* bytes of a WHOLE_FILE written since the system was last asked to put them on the disk */
    uint64_t written;
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
    if (output->failure == ENOENT && spiral_output_folder_check(output->path, error) != SPIRAL_OK)
        return SPIRAL_ERROR_OUTPUT;
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

/* Locks a new file. As long as it is not locked, a process that clears the folder takes it for one that was left
 * behind: false if it has removed the file, or has it open and is about to. */
static bool take_new(const SpiralOutput *output)
{
    if (spiral_regular_take(output->descriptor, SPIRAL_HOLD_ALONE) &&
        (access(output->temporary, F_OK) == 0 || errno != ENOENT)) /* no other process makes a file of this name */
        return true;
    spiral_temporary_remove(output->descriptor);
    return false;
}

/* Opens a new file, locked as long as it is open; returns 0 or errno. */
static int open_temporary(SpiralOutput *output)
{
    size_t size = strlen(output->path) + SPIRAL_TEMPORARY_BYTES;
    output->temporary = spiral_allocate(size, 1);
    if (output->temporary == NULL)
        return ENOMEM;
    int failure = 0;
    for (int attempt = 0; attempt < NAME_TRIES; attempt++) {
        spiral_temporary_name(output->path, attempt, output->temporary, size);
        do
            output->descriptor = open(output->temporary, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        while (output->descriptor < 0 && errno == EINTR);
        failure = output->descriptor < 0 ? errno : EBUSY;
        if (output->descriptor >= 0) {
            spiral_temporary_wait_at_end(output->descriptor);
            if (take_new(output))
                return 0;
            close(output->descriptor);
            output->descriptor = -1;
        } else if (failure != EEXIST) {
            break;
        }
    }
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
    SpiralStatus status = spiral_output_folder_check(path, error);
    if (status != SPIRAL_OK)
        return status;
    SpiralTarget target;
    int failure = spiral_output_target(path, &target);
    if (failure == 0 && target.kind != SPIRAL_TARGET_FILE && spiral_output_folder_is_locked(path))
        return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, path, 0,
                                "is a pipe or a device, or a link to one, expected a regular file");
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

/* Reads the first keep bytes of the old log into the new one. The old one is not changed: it may have other names, of
 * somebody's copies. */
static SpiralStatus copy_log(SpiralOutput *output, int old, uint64_t keep, SpiralError *error)
{
    struct stat status = {0};
    if (old >= 0 && fstat(old, &status) != 0)
        return fail(output, errno, error);
    if ((uint64_t)status.st_size < keep)
        return spiral_error_set(error, SPIRAL_ERROR_INPUT, output->path, 0,
                                "holds %lld bytes, %llu were written before", (long long)status.st_size,
                                (unsigned long long)keep);
    SpiralStatus result = keep > 0 ? spiral_output_narrow(output, status.st_mode, error) : SPIRAL_OK;
    for (char piece[1 << 12]; result == SPIRAL_OK && keep > 0;) {
        ssize_t count = read(old, piece, keep < sizeof piece ? (size_t)keep : sizeof piece);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return spiral_error_set(error, SPIRAL_ERROR_INPUT, output->path, 0, "could not be read: %s",
                                    count < 0 ? strerror(errno) : "it has been cut");
        result = spiral_output_write(output, piece, (size_t)count, error);
        keep -= (uint64_t)count;
    }
    return result;
}

SpiralStatus spiral_output_create_log(const char *path, uint64_t keep, SpiralOutput **output, SpiralError *error)
{
    *output = NULL;
    SpiralOutput *made = make(LOG, path);
    if (made == NULL)
        return no_memory(path, error);
    int old = -1, failure;
    SpiralStatus result = spiral_output_folder_check(path, error);
    if (result == SPIRAL_OK) {
        result = spiral_regular_hold(path, 0, SPIRAL_HOLD_ALONE, &old, error);
        if (result != SPIRAL_OK && errno == ENOENT)
            result = SPIRAL_OK;
    }
    if (result == SPIRAL_OK && (failure = open_temporary(made)) != 0)
        result = failure == ENOMEM ? no_memory(path, error) : fail(made, failure, error);
    if (result == SPIRAL_OK)
        result = copy_log(made, old, keep, error);
    if (old >= 0)
        close(old);
    if (result != SPIRAL_OK) {
        spiral_output_discard(made);
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

static bool cut(int descriptor, off_t length)
{
    int result;
    do
        result = ftruncate(descriptor, length);
    while (result != 0 && errno == EINTR);
    return result == 0;
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
    output->written += count;
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

/* Calls fsync; returns 0 or errno. Some file systems refuse it for folders, and none takes it for pipes and devices:
 * that is no failure. */
static int sync_descriptor(int descriptor)
{
    int failure;
    do
        failure = fsync(descriptor) != 0 ? errno : 0;
    while (failure == EINTR);
    bool refused = failure == EINVAL || failure == EROFS || failure == ENOTSUP || failure == ENOSYS;
    return refused ? 0 : failure;
}

/* Syncs the file's folder, so that the rename itself survives a power cut. A folder that may not be read can't be
 * opened for that; the file's own bytes are safe by then. path is cut to its folder and not needed afterwards. */
static int sync_folder(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash != NULL)
        slash[1] = '\0';
    int descriptor = open(slash != NULL ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return 0;
    int failure = sync_descriptor(descriptor);
    close(descriptor);
    return failure;
}

static SpiralStatus sync_file(SpiralOutput *output, SpiralError *error)
{
    int failure = sync_descriptor(output->descriptor);
    return failure != 0 ? fail(output, failure, error) : SPIRAL_OK;
}

/* The rows of a log that has lost its name would be lost with it. What follows a cut would be taken for a whole log. */
static SpiralStatus check_log(SpiralOutput *output, SpiralError *error)
{
    struct stat file;
    SpiralStatus status = spiral_output_folder_check(output->path, error);
    if (status == SPIRAL_OK && !spiral_regular_is(output->descriptor, output->path))
        status = spiral_error_set(error, SPIRAL_ERROR_OUTPUT, output->path, 0,
                                  "was removed or replaced by another file while the program wrote it");
    if (status == SPIRAL_OK && fstat(output->descriptor, &file) != 0)
        status = fail(output, errno, error);
    if (status == SPIRAL_OK && (uint64_t)file.st_size < output->written)
        status = spiral_error_set(error, SPIRAL_ERROR_OUTPUT, output->path, 0,
                                  "was cut by another program while the program wrote it: holds %llu bytes of %llu",
                                  (unsigned long long)file.st_size, (unsigned long long)output->written);
    return status;
}

/* Renames the temporary file to its path. rename may be interrupted on a network file system. */
static SpiralStatus take_place(SpiralOutput *output, SpiralError *error)
{
    int failure;
    do
        failure = rename(output->temporary, output->path) != 0 ? errno : 0;
    while (failure == EINTR);
    if (failure != 0) {
        spiral_temporary_wait_at_end(output->descriptor);
        return fail(output, failure, error);
    }
    char *path = output->temporary;
    output->temporary = NULL;
    strcpy(path, output->path);
    failure = output->deferred ? 0 : sync_folder(path);
    free(path);
    return failure != 0 ? fail(output, failure, error) : SPIRAL_OK;
}

SpiralStatus spiral_output_flush(SpiralOutput *output, SpiralError *error)
{
    if (output->failed)
        return fail(output, output->failure, error);
    SpiralStatus status = drain(output, output->kind == LOG ? whole_lines(output) : output->used, error);
    if (status != SPIRAL_OK || output->kind != LOG)
        return status;
    if (output->temporary == NULL)
        return check_log(output, error);
    status = sync_file(output, error);
    if (status == SPIRAL_OK)
        status = spiral_output_folder_check(output->path, error);
    return status == SPIRAL_OK ? take_place(output, error) : status;
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

SpiralStatus spiral_output_sync(SpiralOutput *output, SpiralError *error)
{
    SpiralStatus status = spiral_output_flush(output, error);
    return status == SPIRAL_OK ? sync_file(output, error) : status;
}

static SpiralStatus finish_bytes(SpiralOutput *output, SpiralError *error)
{
    SpiralStatus status = spiral_output_flush(output, error);
    return status == SPIRAL_OK && output->kind != STANDARD_OUTPUT && !output->deferred ? sync_file(output, error)
                                                                                       : status;
}

/* Closes the file, for the failures that a close tells. A duplicate of the descriptor keeps the lock, and finds the
 * file in a folder that was moved. */
static SpiralStatus finish_descriptor(SpiralOutput *output, SpiralError *error)
{
    int descriptor = output->descriptor;
    if (output->kind == STANDARD_OUTPUT)
        return SPIRAL_OK;
    output->descriptor = output->kind == WHOLE_FILE ? fcntl(descriptor, F_DUPFD_CLOEXEC, 0) : -1;
    return close(descriptor) != 0 && errno != EINTR ? fail(output, errno, error) : SPIRAL_OK;
}

/* The file stays locked until it has its name: who clears the folder would take it for one that was left behind. */
SpiralStatus spiral_output_commit(SpiralOutput *output, SpiralError *error)
{
    sigset_t all, before;
    SpiralStatus status = finish_bytes(output, error);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* no handler finds a file that is closed, if there is no duplicate */
    if (status == SPIRAL_OK && output->kind == WHOLE_FILE)
        status = spiral_output_folder_check(output->path, error);
    if (status == SPIRAL_OK)
        status = finish_descriptor(output, error);
    if (status == SPIRAL_OK && output->kind == WHOLE_FILE)
        status = take_place(output, error);
    if (status == SPIRAL_OK)
        release(output);
    else
        spiral_output_discard(output);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
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
    if (output->kind == LOG && output->temporary == NULL && !output->failed)
        (void)spiral_output_flush(output, NULL); /* the failure that ends the command has been reported already */
    if (output->temporary != NULL && unlink(output->temporary) != 0 && output->descriptor >= 0)
        spiral_temporary_remove(output->descriptor); /* its folder was renamed */
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
