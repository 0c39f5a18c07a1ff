#define _GNU_SOURCE /* memfd_create */
#include "run.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "folder.h"

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

static size_t open_descriptors(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        closedir(folder);
    return count;
}

static int run_line(const char *line)
{
    enum { WORDS = 64 };
    char copy[2048], *words[WORDS + 2] = {"spiral"};
    int count = 1;
    snprintf(copy, sizeof copy, "%s", line);
    bool quoted = false, within = false;
    char *to = copy;
    for (const char *from = copy; *from != '\0' && count <= WORDS; from++) {
        if (*from == RUN_QUOTE[0]) {
            quoted = !quoted;
        } else if (*from == ' ' && !quoted) {
            *to++ = '\0';
            within = false;
        } else {
            if (!within)
                words[count++] = to;
            within = true;
            *to++ = *from;
        }
    }
    *to = '\0';
    words[count] = NULL;
    return __real_main(count, words);
}

/* Standard output is a file in memory, which is emptied before each run. */
static void empty_output(void)
{
    if (ftruncate(STDOUT_FILENO, 0) != 0)
        abort();
}

static void read_output(Run *run)
{
    fflush(stdout);
    ssize_t size = pread(STDOUT_FILENO, run->output, sizeof run->output, 0);
    run->output_size = size > 0 ? (size_t)size : 0;
}

void run_with(const char *line, const FaultPlan *plan, Run *run)
{
    size_t descriptors = open_descriptors(), blocks = fault_live_blocks();
    FILE *terminal = stderr;
    /* the stream puts none when it has nothing, or is full */
    run->messages[0] = run->messages[sizeof run->messages - 1] = '\0';
    stderr = fmemopen(run->messages, sizeof run->messages - 1, "w"); /* a sanitizer's report goes to the descriptor */
    empty_output();
    fault_begin(plan);
    run->code = run_line(line);
    run->faults = fault_end();
    read_output(run);
    fclose(stderr);
    stderr = terminal;
    clearerr(stdout);
    run->descriptors = open_descriptors() - descriptors;
    run->blocks = fault_live_blocks() - blocks;
}

bool run_has_sound_message(const Run *run)
{
    static const char start[] = "spiral: error: ";
    const char *error = strstr(run->messages, start);
    size_t length = strlen(run->messages);
    return error != NULL && strstr(error + 1, start) == NULL && length > 0 && run->messages[length - 1] == '\n' &&
           strchr(error, '\n') == run->messages + length - 1;
}

/* AddressSanitizer keeps freed memory from use for a while: less of it, which is four times as fast. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "quarantine_size_mb=4";
}

static bool enter_scratch_folder(char *path, size_t size)
{
    const char *parent = getenv("TMPDIR"), *memory = "/dev/shm"; /* a disk would be what takes the time */
    if (parent == NULL)
        parent = access(memory, W_OK | X_OK) == 0 ? memory : "/tmp";
    snprintf(path, size, "%s/spiral-torture-XXXXXX", parent);
    return mkdtemp(path) != NULL && chdir(path) == 0;
}

static void leave_scratch_folder(const char *path)
{
    static Folder left;
    folder_read(&left);
    folder_restore(&left, &(Folder){.count = 0});
    folder_free(&left);
    if (chdir("/") == 0)
        rmdir(path);
}

/* The linker makes this the program's main, and __real_main that of spiral. */
int __wrap_main(int argc, char **argv)
{
    char folder[512];
    FILE *report = fdopen(dup(STDOUT_FILENO), "w");
    if (argc != 1 || report == NULL || !enter_scratch_folder(folder, sizeof folder)) {
        fprintf(stderr, "usage: %s (needs a folder to write to in TMPDIR or /tmp)\n", argv[0]);
        return 2;
    }
    int output = memfd_create("output", 0);
    if (output < 0 || dup2(output, STDOUT_FILENO) < 0 || fcntl(output, F_SETFL, O_APPEND) != 0)
        return 2;
    close(output);
    setenv("NO_COLOR", "1", 1); /* pictures on a terminal are small then, and the same on any */
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = fault_allocate, .free_fn = fault_free});
    int code = test_main(report);
    leave_scratch_folder(folder);
    fclose(report);
    return code;
}
