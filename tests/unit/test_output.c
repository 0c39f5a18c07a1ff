#define _XOPEN_SOURCE 700
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "base/csv_field.h"
#include "base/output_folder.h"
#include "base/output_target.h"
#include "base/regular.h"
#include "base/temporary.h"
#include "data_support.h"
#include "spiral/output.h"

/* Calls that fail or say otherwise while these are set, by the linker's --wrap. */
static bool writes_nothing, has_no_memory, has_terminals_alone;

ssize_t __real_write(int descriptor, const void *bytes, size_t size);
ssize_t __wrap_write(int descriptor, const void *bytes, size_t size);
ssize_t __wrap_write(int descriptor, const void *bytes, size_t size)
{
    return writes_nothing ? 0 : __real_write(descriptor, bytes, size);
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return has_no_memory ? NULL : __real_calloc(count, size);
}

int __real_isatty(int descriptor);
int __wrap_isatty(int descriptor);
int __wrap_isatty(int descriptor)
{
    return has_terminals_alone ? 1 : __real_isatty(descriptor);
}

/* At the next flock() or rename() another process clears this folder; at the next flock() it holds the lock. */
static const char *cleared_at_flock, *cleared_at_rename;
static bool locked_by_another;

static void clear_once(const char **folder)
{
    static const char *const names[] = {"a.txt", NULL};
    const char *now = *folder;
    *folder = NULL;
    if (now != NULL)
        assert_int_equal(spiral_output_clear(now, names, NULL), SPIRAL_OK);
}

int __real_flock(int descriptor, int operation);
int __wrap_flock(int descriptor, int operation);
int __wrap_flock(int descriptor, int operation)
{
    clear_once(&cleared_at_flock);
    if (!locked_by_another)
        return __real_flock(descriptor, operation);
    locked_by_another = false;
    errno = EWOULDBLOCK;
    return -1;
}

/* At the next rename() another process has just moved this folder there. */
static const char *moved_at_rename, *moved_to;

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to)
{
    clear_once(&cleared_at_rename);
    const char *folder = moved_at_rename;
    moved_at_rename = NULL;
    if (folder != NULL)
        assert_int_equal(__real_rename(folder, moved_to), 0);
    return __real_rename(from, to);
}

/* The whole file as a string of at most 255 bytes; NULL when there is none. */
static const char *content(const char *path)
{
    static char text[256];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    text[fread(text, 1, 255, file)] = '\0';
    fclose(file);
    return text;
}

static void the_target_appears_only_when_it_is_whole(void **state)
{
    char path[512];
    scratch_path(state, "a.txt", path);
    SpiralOutput *output;
    assert_int_equal(spiral_output_create(path, &output, NULL), SPIRAL_OK);
    assert_int_equal(spiral_output_print(output, NULL, "%d and %s", 1, "two"), SPIRAL_OK);
    assert_int_equal(spiral_output_flush(output, NULL), SPIRAL_OK);
    assert_null(content(path));
    assert_int_equal(spiral_output_commit(output, NULL), SPIRAL_OK);
    assert_string_equal(content(path), "1 and two");
    assert_int_equal(files_in(*state), 1);
}

static void giving_up_leaves_the_old_file_and_nothing_else(void **state)
{
    char path[512];
    scratch_path(state, "a.txt", path);
    assert_int_equal(spiral_output_save(path, "old", 3, NULL), SPIRAL_OK);
    SpiralOutput *output;
    assert_int_equal(spiral_output_create(path, &output, NULL), SPIRAL_OK);
    assert_int_equal(spiral_output_write(output, "new", 3, NULL), SPIRAL_OK);
    spiral_output_discard(output);
    assert_string_equal(content(path), "old");
    assert_int_equal(files_in(*state), 1);
}

static void a_text_longer_than_any_buffer_is_written_whole(void **state)
{
    char path[512];
    scratch_path(state, "a.txt", path);
    size_t size = 200001;
    char *text = malloc(size + 1);
    memset(text, 'x', size);
    text[size] = '\0';
    SpiralOutput *output;
    assert_int_equal(spiral_output_create(path, &output, NULL), SPIRAL_OK);
    assert_int_equal(spiral_output_print(output, NULL, "%s", text), SPIRAL_OK);
    assert_int_equal(spiral_output_commit(output, NULL), SPIRAL_OK);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, size);
    free(text);
}

static void a_missing_folder_is_an_output_error(void **state)
{
    char path[512];
    scratch_path(state, "none/a.txt", path);
    SpiralOutput *output = (SpiralOutput *)(uintptr_t)1;
    SpiralError error;
    assert_int_equal(spiral_output_create(path, &output, &error), SPIRAL_ERROR_OUTPUT);
    assert_null(output);
    assert_string_equal(error.path, path);
    assert_reason(error, "No such file");
    assert_int_equal(spiral_output_create(*state, &output, &error), SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "Is a directory");
}

static void a_full_disk_is_an_output_error(void **state)
{
    (void)state;
    SpiralOutput *output;
    SpiralError error;
    assert_int_equal(spiral_output_create("/dev/full", &output, &error), SPIRAL_OK);
    assert_int_equal(spiral_output_write(output, "x\n", 2, &error), SPIRAL_OK);
    assert_int_equal(spiral_output_flush(output, &error), SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "No space left");
    assert_int_equal(spiral_output_write(output, "y\n", 2, &error), SPIRAL_ERROR_OUTPUT);
    assert_int_equal(spiral_output_commit(output, &error), SPIRAL_ERROR_OUTPUT);
}

static void a_log_grows_by_whole_lines(void **state)
{
    char path[512];
    scratch_path(state, "log", path);
    SpiralOutput *log;
    assert_int_equal(spiral_output_create_log(path, 0, &log, NULL), SPIRAL_OK);
    assert_int_equal(spiral_output_print(log, NULL, "one\ntw"), SPIRAL_OK);
    assert_int_equal(spiral_output_flush(log, NULL), SPIRAL_OK);
    assert_string_equal(content(path), "one\n");
    assert_int_equal(spiral_output_print(log, NULL, "o\nthr"), SPIRAL_OK);
    spiral_output_discard(log);
    assert_string_equal(content(path), "one\ntwo\n");
}

static void a_log_continues_after_the_bytes_to_keep(void **state)
{
    char path[512];
    scratch_path(state, "log", path);
    assert_int_equal(spiral_output_save(path, "one\ntwo\nthree\n", 14, NULL), SPIRAL_OK);
    SpiralOutput *log;
    SpiralError error;
    assert_int_equal(spiral_output_create_log(path, 8, &log, &error), SPIRAL_OK);
    assert_int_equal(spiral_output_print(log, NULL, "3\n"), SPIRAL_OK);
    assert_int_equal(spiral_output_commit(log, NULL), SPIRAL_OK);
    assert_string_equal(content(path), "one\ntwo\n3\n");
    assert_int_equal(spiral_output_create_log(path, 11, &log, &error), SPIRAL_ERROR_INPUT);
    assert_string_equal(content(path), "one\ntwo\n3\n");
}

static void a_log_leaves_the_old_one_as_it_was(void **state)
{
    char path[512], link_path[512];
    scratch_path(state, "log", path);
    scratch_path(state, "other", link_path);
    assert_int_equal(spiral_output_save(path, "one\ntwo\nthree\n", 14, NULL), SPIRAL_OK);
    assert_int_equal(link(path, link_path), 0);
    SpiralOutput *log;
    assert_int_equal(spiral_output_create_log(path, 8, &log, NULL), SPIRAL_OK);
    assert_int_equal(spiral_output_print(log, NULL, "3\n"), SPIRAL_OK);
    assert_string_equal(content(path), "one\ntwo\nthree\n");
    assert_int_equal(spiral_output_flush(log, NULL), SPIRAL_OK);
    assert_string_equal(content(path), "one\ntwo\n3\n");
    assert_string_equal(content(link_path), "one\ntwo\nthree\n");
    SpiralOutput *second;
    SpiralError error;
    assert_int_equal(spiral_output_create_log(path, 0, &second, &error), SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "is being written by another run");
    assert_int_equal(spiral_output_commit(log, NULL), SPIRAL_OK);
    assert_int_equal(spiral_output_create_log(path, 0, &second, &error), SPIRAL_OK);
    assert_int_equal(spiral_output_print(second, NULL, "1\n"), SPIRAL_OK);
    spiral_output_discard(second); /* it has not been flushed */
    assert_string_equal(content(path), "one\ntwo\n3\n");
}

/* With what was kept of the log before. */
static void a_log_that_is_cut_while_it_grows_is_an_output_error(void **state)
{
    char path[512];
    scratch_path(state, "log", path);
    SpiralOutput *log;
    SpiralError error;
    for (uint64_t keep = 0; keep <= 4; keep += 4) {
        assert_int_equal(spiral_output_create_log(path, keep, &log, NULL), SPIRAL_OK);
        assert_int_equal(spiral_output_print(log, NULL, "one\n"), SPIRAL_OK);
        assert_int_equal(spiral_output_flush(log, NULL), SPIRAL_OK);
        assert_int_equal(spiral_output_flush(log, NULL), SPIRAL_OK);
        assert_int_equal(truncate(path, (off_t)keep), 0);
        assert_int_equal(spiral_output_print(log, NULL, "two\n"), SPIRAL_OK);
        assert_int_equal(spiral_output_flush(log, &error), SPIRAL_ERROR_OUTPUT);
        assert_string_equal(error.path, path);
        assert_reason(error, "was cut by another program while the program wrote it");
        assert_int_equal(spiral_output_commit(log, &error), SPIRAL_ERROR_OUTPUT);
    }
}

static void left_over_files_are_removed_but_not_one_that_is_written(void **state)
{
    static const char *const names[] = {"a.txt", NULL};
    char path[512], left[512], folder[512];
    scratch_path(state, "a.txt", path);
    scratch_path(state, ".a.txt.1-2.tmp", left);
    scratch_path(state, "", folder);
    assert_int_equal(spiral_output_save(left, "x", 1, NULL), SPIRAL_OK);
    SpiralOutput *output;
    assert_int_equal(spiral_output_create(path, &output, NULL), SPIRAL_OK);
    assert_int_equal(spiral_output_print(output, NULL, "new"), SPIRAL_OK);
    assert_int_equal(spiral_output_clear(folder, names, NULL), SPIRAL_OK);
    assert_int_equal(access(left, F_OK), -1);
    assert_int_equal(spiral_output_commit(output, NULL), SPIRAL_OK);
    assert_string_equal(content(path), "new");
}

/* Between its open() and its lock a new file looks like one that was left behind. */
static void a_file_that_is_cleared_as_it_is_made_is_made_again(void **state)
{
    char path[512];
    SpiralOutput *output;
    SpiralError error = {0};
    scratch_path(state, "a.txt", path);
    for (int busy = 0; busy < 2; busy++) {
        cleared_at_flock = busy ? NULL : *state;
        locked_by_another = busy;
        SpiralStatus status = spiral_output_create(path, &output, &error);
        locked_by_another = false;
        assert_ok(status, error);
        assert_null(cleared_at_flock);
        assert_int_equal(files_in(*state), busy ? 2 : 1); /* with the one before */
        assert_int_equal(spiral_output_print(output, &error, "%d", busy), SPIRAL_OK);
        assert_ok(spiral_output_commit(output, &error), error);
        assert_string_equal(content(path), busy ? "1" : "0");
        assert_int_equal(files_in(*state), 1);
    }
}

static void a_file_stays_locked_until_it_has_its_name(void **state)
{
    char path[512];
    SpiralError error = {0};
    cleared_at_rename = *state;
    SpiralStatus status = spiral_output_save(scratch_path(state, "a.txt", path), "x", 1, &error);
    assert_ok(status, error);
    assert_null(cleared_at_rename);
    assert_string_equal(content(path), "x");
}

static void a_folder_that_is_not_there_has_no_left_over_files(void **state)
{
    static const char *const names[] = {"a.txt", NULL};
    char folder[512];
    scratch_path(state, "nowhere", folder);
    assert_int_equal(spiral_output_clear(folder, names, NULL), SPIRAL_OK);
}

static void left_over_files_stay_when_there_is_no_memory(void **state)
{
    static const char *const names[] = {"a.txt", NULL};
    char left[512], folder[512];
    scratch_path(state, ".a.txt.1-2.tmp", left);
    scratch_path(state, "", folder);
    assert_int_equal(spiral_output_save(left, "x", 1, NULL), SPIRAL_OK);
    SpiralError error;
    has_no_memory = true;
    SpiralStatus status = spiral_output_clear(folder, names, &error);
    has_no_memory = false;
    assert_int_equal(status, SPIRAL_ERROR_LIMIT);
    assert_reason(error, "no memory");
    assert_int_equal(access(left, F_OK), 0);
}

static void a_path_that_ends_with_a_slash_is_no_file(void **state)
{
    char path[512];
    scratch_path(state, "a/", path);
    SpiralOutput *output;
    SpiralError error;
    assert_int_equal(spiral_output_create(path, &output, &error), SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "Is a directory");
}

static void a_logs_line_longer_than_the_buffer_is_refused(void **state)
{
    char path[512];
    scratch_path(state, "log", path);
    SpiralOutput *log;
    SpiralError error;
    assert_int_equal(spiral_output_create_log(path, 0, &log, NULL), SPIRAL_OK);
    assert_int_equal(spiral_output_print(log, &error, "one\n"), SPIRAL_OK);
    SpiralStatus status = spiral_output_flush(log, &error);
    for (size_t i = 0; status == SPIRAL_OK && i < 1 << 24; i++)
        status = spiral_output_write(log, "x", 1, &error);
    assert_int_equal(status, SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "Message too long");
    spiral_output_discard(log);
    assert_string_equal(content(path), "one\n");
}

static void what_can_not_be_printed_is_an_output_error(void **state)
{
    char path[512];
    scratch_path(state, "a.txt", path);
    SpiralOutput *output;
    SpiralError error;
    assert_int_equal(spiral_output_create(path, &output, NULL), SPIRAL_OK);
    assert_int_equal(spiral_output_print(output, &error, "%lc", (wint_t)0x7fffffff), SPIRAL_ERROR_OUTPUT);
    assert_int_equal(spiral_output_commit(output, &error), SPIRAL_ERROR_OUTPUT);
    assert_int_equal(access(path, F_OK), -1);
}

static void a_folder_that_is_gone_can_not_be_waited_for(void **state)
{
    char path[512];
    scratch_path(state, "gone", path);
    SpiralError error;
    assert_int_equal(spiral_output_settle(*state, &error), SPIRAL_OK);
    assert_int_equal(spiral_output_settle(path, &error), SPIRAL_ERROR_OUTPUT);
    assert_string_equal(error.path, path);
    assert_reason(error, "No such file");
}

static void what_is_larger_than_the_buffer_fails_as_it_is_written(void **state)
{
    (void)state;
    size_t size = 1 << 20;
    char *text = calloc(size, 1);
    SpiralError error;
    assert_int_equal(spiral_output_save("/dev/full", text, size, &error), SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "No space left");
    free(text);
}

static void a_folder_is_made_once_and_a_file_is_no_folder(void **state)
{
    char path[512];
    scratch_path(state, "a.txt", path);
    assert_int_equal(spiral_output_save(path, "x", 1, NULL), SPIRAL_OK);
    SpiralError error;
    assert_int_equal(spiral_output_folder(path, &error), SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "not a folder");
    scratch_path(state, "folder", path);
    assert_int_equal(spiral_output_folder(path, &error), SPIRAL_OK);
    assert_int_equal(spiral_output_folder(path, &error), SPIRAL_OK);
    assert_int_equal(rmdir(path), 0);
}

static void files_streams_and_descriptors_are_told_apart(void **state)
{
    static const struct {
        const char *path;
        int failure;
        SpiralTargetKind kind;
        int descriptor;
    } cases[] = {
        {"-", 0, SPIRAL_TARGET_DESCRIPTOR, STDOUT_FILENO},
        {"/dev/fd/63", 0, SPIRAL_TARGET_DESCRIPTOR, 63},
        {"/proc/self/fd/2", 0, SPIRAL_TARGET_DESCRIPTOR, 2},
        {"/proc/thread-self/../../fd/7", 0, SPIRAL_TARGET_DESCRIPTOR, 7},
        {"/dev/null", 0, SPIRAL_TARGET_STREAM, STDOUT_FILENO},
        {"/dev/fd/x", 0, SPIRAL_TARGET_STREAM, STDOUT_FILENO},
        {"/dev/fd/1x", 0, SPIRAL_TARGET_STREAM, STDOUT_FILENO},
        {"/dev/fd/1234567890", 0, SPIRAL_TARGET_STREAM, STDOUT_FILENO},
        {"/dev/shm/no-such-file", 0, SPIRAL_TARGET_FILE, STDOUT_FILENO},
        {"/no-such-file", 0, SPIRAL_TARGET_FILE, STDOUT_FILENO},
        {"/no-such-folder/file", 0, SPIRAL_TARGET_FILE, STDOUT_FILENO},
        {"/device/file", 0, SPIRAL_TARGET_FILE, STDOUT_FILENO}, /* not in /dev */
        {"/processes/file", 0, SPIRAL_TARGET_FILE, STDOUT_FILENO},
        {"/", EISDIR, SPIRAL_TARGET_FILE, 0},
        {"/dev", EISDIR, SPIRAL_TARGET_FILE, 0},
        {"no-such-folder/", EISDIR, SPIRAL_TARGET_FILE, 0},
        {"/dev/null/file", ENOTDIR, SPIRAL_TARGET_FILE, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SpiralTarget target;
        int failure = spiral_output_target(cases[i].path, &target);
        if (failure != cases[i].failure ||
            (failure == 0 && (target.kind != cases[i].kind || target.descriptor != cases[i].descriptor)))
            fail_msg("%s: %d, kind %d, descriptor %d", cases[i].path, failure, (int)target.kind, target.descriptor);
    }
}

/* As many links as the system itself follows, and no more. */
static void a_chain_of_links_is_followed_to_its_end(void **state)
{
    enum { LINKS = 41 };
    char path[512], next[512];
    SpiralTarget target;
    for (int i = 0; i < LINKS; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        scratch_path(state, name, path);
        snprintf(next, sizeof next, "%d", i + 1);
        assert_int_equal(symlink(next, path), 0);
    }
    assert_int_equal(spiral_output_target(scratch_path(state, "0", path), &target), ELOOP);
    assert_int_equal(spiral_output_target(scratch_path(state, "1", path), &target), 0);
    assert_int_equal(target.kind, SPIRAL_TARGET_FILE);
    const char *end = strrchr(target.path, '/');
    assert_string_equal(end, "/41");
}

static void a_path_that_is_too_long_is_refused(void **state)
{
    char text[PATH_MAX + 1], path[512];
    SpiralTarget target;
    memset(text, 'a', sizeof text - 1);
    text[PATH_MAX] = '\0';
    assert_int_equal(spiral_output_target(text, &target), ENAMETOOLONG);
    /* the link's own text is short enough, but not behind the path of its folder */
    for (size_t i = 1; i < PATH_MAX - 8; i += 2)
        text[i] = '/';
    text[PATH_MAX - 8] = '\0';
    assert_int_equal(symlink(text, scratch_path(state, "link", path)), 0);
    assert_int_equal(spiral_output_target(path, &target), ENAMETOOLONG);
}

/* Another process may have made a file of such a name; of all names that are tried none is free. */
static void no_other_unfinished_file_is_touched(void **state)
{
    char path[512], taken[512];
    SpiralOutput *output;
    SpiralError error;
    scratch_path(state, "a.txt", path);
    spiral_temporary_name(path, 0, taken, sizeof taken);
    write_file(taken, "other", 5);
    assert_int_equal(spiral_output_save(path, "x", 1, NULL), SPIRAL_OK);
    assert_string_equal(content(path), "x");
    for (int attempt = 1; attempt < 100; attempt++) {
        spiral_temporary_name(path, attempt, taken, sizeof taken);
        write_file(taken, "other", 5);
    }
    assert_int_equal(spiral_output_create(path, &output, &error), SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "File exists");
    assert_string_equal(content(path), "x");
    assert_string_equal(content(taken), "other");
    assert_int_equal(files_in(*state), 101);
}

static void only_the_callers_own_descriptors_are_written_to(void **state)
{
    char path[512], name[32];
    SpiralOutput *output;
    SpiralError error;
    scratch_path(state, "a.txt", path);
    int own = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    assert_true(own >= 0);
    snprintf(name, sizeof name, "/dev/fd/%d", own);
    assert_int_equal(spiral_output_create(name, &output, &error), SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "Bad file descriptor");
    assert_int_equal(fcntl(own, F_SETFD, 0), 0);
    assert_int_equal(spiral_output_save(name, "given", 5, &error), SPIRAL_OK);
    assert_string_equal(content(path), "given");

    struct rlimit before, none;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    SpiralStatus status = spiral_output_create(name, &output, &error);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(status, SPIRAL_ERROR_OUTPUT);
    assert_int_equal(close(own), 0);
    assert_int_equal(spiral_output_create(name, &output, &error), SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "Bad file descriptor");
}

/* A terminal gets what can't be shown as it is in another form, and the layout as it is. */
static void a_terminal_gets_names_in_their_displayed_form(void **state)
{
    (void)state;
    char shown[64] = "";
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal < 0)
        skip();
    assert_int_equal(grantpt(terminal), 0);
    assert_int_equal(unlockpt(terminal), 0);
    int user = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    struct termios modes;
    assert_int_equal(tcgetattr(user, &modes), 0);
    modes.c_oflag &= (tcflag_t)~OPOST;
    assert_int_equal(tcsetattr(user, TCSANOW, &modes), 0);
    assert_int_equal(spiral_output_save(ptsname(terminal), "a\tb\x1b[2J\n", 8, NULL), SPIRAL_OK);
    ssize_t length = read(terminal, shown, sizeof shown - 1);
    assert_string_equal(length > 0 ? shown : "", "a\tb\\x1b[2J\n");
    close(user);
    close(terminal);
}

static void what_has_failed_stays_so_until_it_is_given_up(void **state)
{
    (void)state;
    size_t size = 1 << 18;
    char *text = calloc(size, 1);
    SpiralOutput *output;
    SpiralError error;
    assert_int_equal(spiral_output_create("/dev/full", &output, &error), SPIRAL_OK);
    for (int i = 0; i < 3; i++) {
        error = (SpiralError){0};
        assert_int_equal(spiral_output_write(output, text, size, &error), SPIRAL_ERROR_OUTPUT);
        assert_reason(error, "No space left");
        assert_int_equal(spiral_output_sync(output, &error), SPIRAL_ERROR_OUTPUT);
        assert_int_equal(spiral_output_print(output, &error, "x\n"), SPIRAL_ERROR_OUTPUT);
    }
    spiral_output_discard(output);
    free(text);
}

/* With room for the first bytes of a field in quotes alone. */
static void a_field_that_is_not_written_whole_is_an_output_error(void **state)
{
    enum { BUFFER = 1 << 16 };
    static const char field[] = "a \"b\" c, \"", written[] = "\"a \"\"b\"\" c, \"\"\"";
    char path[512], *text = calloc(BUFFER, 1);
    assert_non_null(text);
    for (size_t room = 0; room <= strlen(written); room++) {
        SpiralOutput *output;
        SpiralError error = {0};
        assert_int_equal(spiral_output_create("/dev/full", &output, &error), SPIRAL_OK);
        assert_int_equal(spiral_output_write(output, text, BUFFER - room, &error), SPIRAL_OK);
        assert_int_equal(spiral_csv_field_write(output, field, &error),
                         room < strlen(written) ? SPIRAL_ERROR_OUTPUT : SPIRAL_OK);
        spiral_output_discard(output);
    }
    free(text);
    SpiralOutput *output;
    assert_int_equal(spiral_output_create(scratch_path(state, "a.csv", path), &output, NULL), SPIRAL_OK);
    assert_int_equal(spiral_csv_field_write(output, field, NULL), SPIRAL_OK);
    assert_int_equal(spiral_output_commit(output, NULL), SPIRAL_OK);
    assert_string_equal(content(path), written);
}

typedef struct Begun {
    char folder[512], file[600], elsewhere[512]; /* elsewhere is not there */
    SpiralFolderLock *lock;
    SpiralOutput *output;
} Begun;

/* Begins the file in a new folder, which is locked. */
static void begin_in_a_locked_folder(void **state, Begun *begun)
{
    snprintf(begun->file, sizeof begun->file, "%s/a.txt", scratch_path(state, "d", begun->folder));
    scratch_path(state, "e", begun->elsewhere);
    assert_int_equal(spiral_output_folder(begun->folder, NULL), SPIRAL_OK);
    assert_int_equal(spiral_folder_lock(begun->folder, &begun->lock, NULL), SPIRAL_OK);
    assert_int_equal(spiral_output_create(begun->file, &begun->output, NULL), SPIRAL_OK);
}

/* A file that was begun leaves nothing in the folder that was meant, nor in the one that has its name. */
static void nothing_takes_its_place_in_another_folder_of_the_name(void **state)
{
    Begun begun;
    char path[600];
    SpiralOutput *output;
    SpiralFolderLock *other;
    SpiralError error;
    begin_in_a_locked_folder(state, &begun);
    assert_int_equal(rename(begun.folder, begun.elsewhere), 0);
    assert_int_equal(spiral_output_create(begun.file, &output, &error), SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "the output folder was renamed or replaced while the program ran");
    assert_int_equal(spiral_output_folder(begun.folder, NULL), SPIRAL_OK);
    assert_int_equal(spiral_folder_lock(begun.folder, &other, NULL), SPIRAL_OK);
    assert_int_equal(spiral_output_commit(begun.output, &error), SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "the output folder was renamed or replaced while the program ran");
    spiral_folder_unlock(begun.lock);
    snprintf(path, sizeof path, "%s/.lock", begun.folder);
    assert_int_equal(access(path, F_OK), 0);
    spiral_folder_unlock(other);
    assert_int_equal(rmdir(begun.folder), 0);
    assert_int_equal(rmdir(begun.elsewhere), 0);
    assert_int_equal(spiral_output_folder(begun.folder, NULL), SPIRAL_OK);
    assert_int_equal(spiral_output_save(begun.file, "x", 1, NULL), SPIRAL_OK);
    assert_int_equal(unlink(begun.file), 0);
    assert_int_equal(rmdir(begun.folder), 0);
}

/* The folder was still there when the file's bytes were safe. */
static void a_folder_that_is_moved_at_the_last_moment_is_told(void **state)
{
    Begun begun;
    SpiralError error;
    begin_in_a_locked_folder(state, &begun);
    moved_at_rename = begun.folder;
    moved_to = begun.elsewhere;
    assert_int_equal(spiral_output_commit(begun.output, &error), SPIRAL_ERROR_OUTPUT);
    assert_string_equal(error.path, begun.folder);
    assert_reason(error, "the output folder was renamed or replaced while the program ran");
    spiral_folder_unlock(begun.lock);
    assert_int_equal(rmdir(begun.elsewhere), 0); /* the file that was begun is gone */
}

/* Somebody has put the links there since the run began. */
static void nothing_is_written_through_a_link_below_a_locked_folder(void **state)
{
    char folder[512], elsewhere[512], inner[600], was[600], file[600], deep[600], other[600];
    SpiralOutput *begun, *output;
    SpiralFolderLock *lock;
    SpiralError error;
    snprintf(inner, sizeof inner, "%s/runs", scratch_path(state, "d", folder));
    snprintf(was, sizeof was, "%s/was", folder);
    snprintf(file, sizeof file, "%s/runs/a.txt", folder);
    snprintf(deep, sizeof deep, "%s/runs/0001/a.txt", folder);
    snprintf(other, sizeof other, "%s/a.txt", scratch_path(state, "e", elsewhere));
    assert_int_equal(spiral_output_folder(folder, NULL), SPIRAL_OK);
    assert_int_equal(spiral_output_folder(elsewhere, NULL), SPIRAL_OK);
    write_file(other, "other", 5);
    assert_int_equal(spiral_folder_lock(folder, &lock, NULL), SPIRAL_OK);
    assert_int_equal(spiral_output_subfolder(inner, NULL), SPIRAL_OK);
    assert_int_equal(spiral_output_create(file, &begun, NULL), SPIRAL_OK);
    assert_int_equal(rename(inner, was), 0);
    assert_int_equal(symlink("../e", inner), 0);
    assert_int_equal(spiral_output_create(file, &output, &error), SPIRAL_ERROR_OUTPUT);
    assert_string_equal(error.path, inner);
    assert_reason(error, "is a symbolic link, expected a folder");
    assert_int_equal(spiral_output_create_log(file, 0, &output, &error), SPIRAL_ERROR_OUTPUT);
    assert_string_equal(error.path, inner);
    assert_int_equal(spiral_output_subfolder(deep, &error), SPIRAL_ERROR_OUTPUT);
    assert_string_equal(error.path, inner);
    assert_int_equal(spiral_output_commit(begun, &error), SPIRAL_ERROR_OUTPUT);
    assert_string_equal(error.path, inner);
    assert_string_equal(content(other), "other");
    assert_int_equal(files_in(elsewhere), 1);
    assert_int_equal(rmdir(was), 0); /* the file that was begun is gone */
    spiral_folder_unlock(lock);
    assert_int_equal(spiral_output_save(file, "x", 1, NULL), SPIRAL_OK); /* that of a link that the caller has chosen */
    assert_string_equal(content(other), "x");
    assert_int_equal(unlink(other), 0);
    assert_int_equal(unlink(inner), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(rmdir(elsewhere), 0);
}

/* The shards of a sweep share the lock, a training has it alone. */
static void a_lock_is_shared_by_those_who_share_it_alone(void **state)
{
    SpiralFolderLock *first, *second, *alone;
    SpiralError error;
    assert_int_equal(spiral_folder_share(*state, &first, NULL), SPIRAL_OK);
    assert_int_equal(spiral_folder_share(*state, &second, NULL), SPIRAL_OK);
    assert_int_equal(spiral_folder_lock(*state, &alone, &error), SPIRAL_ERROR_OUTPUT);
    spiral_folder_unlock(first);
    assert_int_equal(files_in(*state), 1);
    assert_int_equal(spiral_folder_lock(*state, &alone, &error), SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "is being written by another run");
    spiral_folder_unlock(second);
    assert_int_equal(files_in(*state), 0);
    assert_int_equal(spiral_folder_lock(*state, &alone, NULL), SPIRAL_OK);
    assert_int_equal(spiral_folder_share(*state, &first, &error), SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "is being written by another run");
    spiral_folder_unlock(alone);
    locked_by_another = true; /* for a moment: it has shared the lock and removes its file */
    assert_int_equal(spiral_folder_share(*state, &first, NULL), SPIRAL_OK);
    spiral_folder_unlock(first);
    assert_int_equal(files_in(*state), 0);
}

/* Somebody has made it since the run began. */
static void a_pipe_or_a_device_in_a_locked_folder_is_refused(void **state)
{
    char folder[512], other[512], file[600];
    SpiralOutput *output;
    SpiralFolderLock *lock, *later;
    SpiralError error;
    snprintf(file, sizeof file, "%s/a.txt", scratch_path(state, "d", folder));
    assert_int_equal(spiral_output_folder(folder, NULL), SPIRAL_OK);
    assert_int_equal(spiral_output_folder(scratch_path(state, "e", other), NULL), SPIRAL_OK);
    assert_int_equal(spiral_folder_lock(folder, &lock, NULL), SPIRAL_OK);
    assert_int_equal(spiral_folder_lock(other, &later, NULL), SPIRAL_OK);
    for (int kind = 0; kind < 3; kind++) {
        assert_int_equal(kind == 0 ? mkfifo(file, 0600) : symlink(kind == 1 ? "/dev/null" : "/dev/fd/1", file), 0);
        assert_int_equal(spiral_output_create(file, &output, &error), SPIRAL_ERROR_OUTPUT);
        assert_reason(error, "is a pipe or a device, or a link to one, expected a regular file");
        assert_int_equal(unlink(file), 0);
    }
    assert_int_equal(symlink("elsewhere", file), 0); /* a link to nothing is replaced */
    assert_int_equal(spiral_output_save(file, "x", 1, NULL), SPIRAL_OK);
    spiral_folder_unlock(later);
    spiral_folder_unlock(lock);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(symlink("/dev/null", file), 0);
    assert_int_equal(spiral_output_save(file, "x", 1, NULL), SPIRAL_OK);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(rmdir(other), 0);
}

/* Linux does not do so; a program that goes on for as long would never end. */
static void a_write_of_no_bytes_is_an_output_error(void **state)
{
    char path[512];
    SpiralOutput *output;
    SpiralError error;
    scratch_path(state, "a.txt", path);
    assert_int_equal(spiral_output_create(path, &output, &error), SPIRAL_OK);
    assert_int_equal(spiral_output_print(output, &error, "x"), SPIRAL_OK);
    writes_nothing = true;
    SpiralStatus status = spiral_output_commit(output, &error);
    writes_nothing = false;
    assert_int_equal(status, SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "Input/output error");
    assert_int_equal(files_in(*state), 0);
}

static void a_terminal_that_takes_nothing_is_an_output_error(void **state)
{
    (void)state;
    SpiralError error;
    has_terminals_alone = true;
    SpiralStatus status = spiral_output_save("/dev/full", "x\n", 2, &error);
    has_terminals_alone = false;
    assert_int_equal(status, SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "No space left");
}

static void a_long_text_needs_memory(void **state)
{
    char path[512];
    SpiralOutput *output;
    SpiralError error;
    scratch_path(state, "a.txt", path);
    assert_int_equal(spiral_output_create(path, &output, &error), SPIRAL_OK);
    has_no_memory = true;
    SpiralStatus status = spiral_output_print(output, &error, "%600d", 1);
    has_no_memory = false;
    assert_int_equal(status, SPIRAL_ERROR_LIMIT);
    assert_string_equal(error.reason, "no memory to write it");
    spiral_output_discard(output);
    assert_int_equal(files_in(*state), 0);
}

/* Below a folder that is given nothing is followed out of it. */
static void what_is_below_a_folder_is_there_and_no_link(void **state)
{
    char folder[512], path[600];
    int descriptor;
    SpiralError error;
    scratch_path(state, "f", folder);
    assert_int_equal(mkdir(folder, 0777), 0);
    snprintf(path, sizeof path, "%s/f/a", (const char *)*state);
    write_file(path, "x", 1);
    assert_int_equal(spiral_regular_open(*state, path, O_RDONLY, &descriptor, &error), SPIRAL_OK);
    close(descriptor);
    snprintf(path, sizeof path, "%s/none/a", (const char *)*state);
    assert_int_equal(spiral_regular_open(*state, path, O_RDONLY, &descriptor, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "No such file");
    snprintf(path, sizeof path, "%s/g", (const char *)*state);
    assert_int_equal(symlink("f", path), 0);
    snprintf(path, sizeof path, "%s/g/a", (const char *)*state);
    assert_int_equal(spiral_regular_open(*state, path, O_RDONLY, &descriptor, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "is a symbolic link, expected a folder");
    snprintf(path, sizeof path, "%s/f/a/b", (const char *)*state);
    assert_int_equal(spiral_regular_open(*state, path, O_RDONLY, &descriptor, &error), SPIRAL_ERROR_INPUT);
    assert_reason(error, "Not a directory");
    snprintf(path, sizeof path, "%s/f/a", (const char *)*state);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* Not with a folder whose name goes on. */
static void a_folder_is_locked_with_what_is_below_it(void **state)
{
    char folder[512], path[600];
    SpiralFolderLock *lock;
    scratch_path(state, "d", folder);
    assert_int_equal(spiral_output_folder(folder, NULL), SPIRAL_OK);
    assert_false(spiral_output_folder_is_locked(folder));
    assert_int_equal(spiral_folder_lock(folder, &lock, NULL), SPIRAL_OK);
    assert_true(spiral_output_folder_is_locked(folder));
    snprintf(path, sizeof path, "%s/a.txt", folder);
    assert_true(spiral_output_folder_is_locked(path));
    snprintf(path, sizeof path, "%s2/a.txt", folder);
    assert_false(spiral_output_folder_is_locked(path));
    spiral_folder_unlock(lock);
    assert_false(spiral_output_folder_is_locked(folder));
    assert_int_equal(rmdir(folder), 0);
}

static void a_file_is_another_one_beside_it(void **state)
{
    char path[512], other[512];
    int descriptor;
    write_file(scratch_path(state, "a", path), "x", 1);
    write_file(scratch_path(state, "b", other), "x", 1);
    assert_int_equal(spiral_regular_open(NULL, path, O_RDONLY, &descriptor, NULL), SPIRAL_OK);
    assert_true(spiral_regular_is(descriptor, path));
    assert_false(spiral_regular_is(descriptor, other));
    assert_int_equal(unlink(path), 0);
    assert_false(spiral_regular_is(descriptor, path));
    close(descriptor);
}

/* What can have no lock, as a file on some network file systems, is not locked by another process. */
static void what_can_have_no_lock_is_taken(void **state)
{
    (void)state;
    assert_true(spiral_regular_take(-1, SPIRAL_HOLD_ALONE));
}

static void nothing_is_no_path_of_a_folder(void **state)
{
    (void)state;
    SpiralError error;
    SpiralFolderLock *lock;
    assert_int_equal(spiral_folder_lock("", &lock, &error), SPIRAL_ERROR_OUTPUT);
    assert_null(lock);
    assert_int_equal(spiral_output_folder("", &error), SPIRAL_ERROR_OUTPUT);
    assert_reason(error, "No such file");
}

int main(void)
{
#define scratch_test(name) cmocka_unit_test_setup_teardown(name, make_scratch, remove_scratch)
    const struct CMUnitTest tests[] = {
        scratch_test(the_target_appears_only_when_it_is_whole),
        scratch_test(giving_up_leaves_the_old_file_and_nothing_else),
        scratch_test(a_text_longer_than_any_buffer_is_written_whole),
        scratch_test(a_missing_folder_is_an_output_error),
        cmocka_unit_test(a_full_disk_is_an_output_error),
        scratch_test(a_log_grows_by_whole_lines),
        scratch_test(a_log_continues_after_the_bytes_to_keep),
        scratch_test(a_log_leaves_the_old_one_as_it_was),
        scratch_test(left_over_files_are_removed_but_not_one_that_is_written),
        scratch_test(a_file_that_is_cleared_as_it_is_made_is_made_again),
        scratch_test(a_file_stays_locked_until_it_has_its_name),
        scratch_test(a_log_that_is_cut_while_it_grows_is_an_output_error),
        scratch_test(a_folder_that_is_not_there_has_no_left_over_files),
        scratch_test(left_over_files_stay_when_there_is_no_memory),
        scratch_test(a_folder_is_made_once_and_a_file_is_no_folder),
        scratch_test(a_path_that_ends_with_a_slash_is_no_file),
        scratch_test(a_logs_line_longer_than_the_buffer_is_refused),
        scratch_test(what_can_not_be_printed_is_an_output_error),
        scratch_test(a_folder_that_is_gone_can_not_be_waited_for),
        cmocka_unit_test(what_is_larger_than_the_buffer_fails_as_it_is_written),
        cmocka_unit_test(files_streams_and_descriptors_are_told_apart),
        scratch_test(a_chain_of_links_is_followed_to_its_end),
        scratch_test(a_path_that_is_too_long_is_refused),
        scratch_test(no_other_unfinished_file_is_touched),
        scratch_test(only_the_callers_own_descriptors_are_written_to),
        cmocka_unit_test(a_terminal_gets_names_in_their_displayed_form),
        cmocka_unit_test(what_has_failed_stays_so_until_it_is_given_up),
        scratch_test(a_field_that_is_not_written_whole_is_an_output_error),
        scratch_test(a_folder_is_locked_with_what_is_below_it),
        scratch_test(a_file_is_another_one_beside_it),
        cmocka_unit_test(what_can_have_no_lock_is_taken),
        cmocka_unit_test(nothing_is_no_path_of_a_folder),
        scratch_test(nothing_takes_its_place_in_another_folder_of_the_name),
        scratch_test(a_folder_that_is_moved_at_the_last_moment_is_told),
        scratch_test(nothing_is_written_through_a_link_below_a_locked_folder),
        scratch_test(a_lock_is_shared_by_those_who_share_it_alone),
        scratch_test(a_pipe_or_a_device_in_a_locked_folder_is_refused),
        scratch_test(a_write_of_no_bytes_is_an_output_error),
        cmocka_unit_test(a_terminal_that_takes_nothing_is_an_output_error),
        scratch_test(a_long_text_needs_memory),
        scratch_test(what_is_below_a_folder_is_there_and_no_link),
    };
    return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
