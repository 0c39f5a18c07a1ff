#define _GNU_SOURCE /* fopencookie, backtrace */
#include "fault.h"

#include <dirent.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define FAULT_NAME(code, name) name,
const char *const fault_call_names[FAULT_CALLS] = {FAULT_CALL_LIST(FAULT_NAME)};
#undef FAULT_NAME

enum { DESCRIPTORS = 256, SLOTS = 1 << 16 };

/* HELD: opened for what it is, and closed without a look: a lock, the old log, the folder of a sweep. */
typedef enum Use { READS, WRITES, IS_HELD, IS_FOLDER, IS_NULL_DEVICE } Use;

typedef struct Block {
    const void *block;
    size_t size; /* as it was asked for */
} Block;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static bool active;
static FaultPlan plan;
static FaultReport report;
static size_t planned; /* calls of the plan's kinds that were made */
static FaultPlaces *watched;
static void (*rename_hook)(const char *from, const char *to);
static void (*change_hook)(const FaultChange *change);
static bool terminal;
static Use uses[DESCRIPTORS];
static bool dirty[DESCRIPTORS];     /* written to since its fsync */
static ino_t unsynced[DESCRIPTORS]; /* the files of report.unsynced */
static Block live[SLOTS];           /* open addressing; a block of NULL: free */
static size_t live_count;

void fault_begin(const FaultPlan *new_plan)
{
    plan = *new_plan;
    report = (FaultReport){0};
    memset(dirty, 0, sizeof dirty);
    planned = 0;
    active = true;
}

FaultReport fault_end(void)
{
    active = false;
    watched = NULL;
    return report;
}

void fault_watch_renames(void (*hook)(const char *from, const char *to))
{
    rename_hook = hook;
}

void fault_watch_changes(void (*hook)(const FaultChange *change))
{
    change_hook = hook;
}

void fault_watch_places(FaultPlaces *places)
{
    watched = places;
}

void fault_have_terminal(bool there)
{
    terminal = there;
}

static void note_place(FaultPlaces *places, size_t number)
{
    enum { DEEPEST = 64 };
    void *callers[DEEPEST];
    int depth = backtrace(callers, DEEPEST);
    uint64_t hash = 0xcbf29ce484222325u;
    for (int i = 0; i < depth; i++)
        hash = (hash ^ (uint64_t)(uintptr_t)callers[i]) * 0x100000001b3u;
    for (size_t i = 0; i < places->count; i++)
        if (places->callers[i] == hash)
            return;
    if (places->count == sizeof places->number / sizeof places->number[0])
        abort();
    places->callers[places->count] = hash;
    places->number[places->count++] = number;
}

typedef enum Verdict { GOES_THROUGH, IN_PART, FAILS } Verdict;

static Verdict verdict_on(size_t number)
{
    if (plan.part_first && number == plan.nth)
        return IN_PART;
    size_t from = plan.nth + plan.part_first;
    if (number != from && !(plan.always && number > from))
        return GOES_THROUGH;
    if (plan.failure == EINTR && number >= from + FAULT_INTERRUPTIONS) /* it is made again for as long as it takes */
        return GOES_THROUGH;
    return plan.failure != 0 ? FAILS : plan.always ? IN_PART : GOES_THROUGH;
}

/* Counts the call, decides what becomes of it, and sets errno when it fails. */
static Verdict judge(FaultCall call, FaultEffect effect)
{
    if (!active)
        return GOES_THROUGH;
    Verdict verdict = GOES_THROUGH;
    pthread_mutex_lock(&mutex);
    report.calls[call]++;
    if (call == FAULT_MEMORY && watched != NULL)
        note_place(watched, report.calls[call]);
    if ((plan.calls & 1u << call) != 0)
        verdict = verdict_on(++planned);
    if (verdict == FAILS) {
        report.failed[call]++;
        if (report.effect == FAULT_NOTHING && plan.failure != EINTR)
            report.effect = effect;
    }
    pthread_mutex_unlock(&mutex);
    if (verdict == FAILS)
        errno = plan.failure;
    return verdict;
}

static void note_use(int descriptor, Use use)
{
    if (descriptor >= 0 && descriptor < DESCRIPTORS)
        uses[descriptor] = use;
}

static Use use_of(int descriptor)
{
    if (descriptor == STDOUT_FILENO)
        return WRITES;
    return descriptor >= 0 && descriptor < DESCRIPTORS ? uses[descriptor] : READS;
}

static FaultEffect effect_on(int descriptor)
{
    Use use = use_of(descriptor);
    return use == WRITES || use == IS_HELD ? FAULT_NO_OUTPUT : use == READS ? FAULT_NO_INPUT : FAULT_NOTHING;
}

static bool ends_with(const char *path, const char *end)
{
    size_t length = strlen(path), part = strlen(end);
    return length >= part && strcmp(path + length - part, end) == 0;
}

int __real_fstat(int descriptor, struct stat *status);

/* ---- what is on the disk ----------------------------------------------------------------------------------------- */

static void note_write(int descriptor)
{
    if (active && descriptor > STDERR_FILENO && descriptor < DESCRIPTORS && uses[descriptor] == WRITES)
        dirty[descriptor] = true;
}

static void note_sync(int descriptor)
{
    if (descriptor >= 0 && descriptor < DESCRIPTORS)
        dirty[descriptor] = false;
}

/* The file stays unsynced when its descriptor is closed before an fsync. */
static void note_close(int descriptor)
{
    struct stat file;
    if (descriptor < 0 || descriptor >= DESCRIPTORS || !dirty[descriptor])
        return;
    dirty[descriptor] = false;
    pthread_mutex_lock(&mutex);
    if (__real_fstat(descriptor, &file) == 0 && report.unsynced < DESCRIPTORS)
        unsynced[report.unsynced++] = file.st_ino;
    pthread_mutex_unlock(&mutex);
}

/* Drops the file when it is among the unsynced, as it is when it is removed. */
static bool take_unsynced(const char *path)
{
    struct stat file;
    bool taken = false;
    if (lstat(path, &file) != 0)
        return false;
    pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < report.unsynced && !taken; i++)
        if (unsynced[i] == file.st_ino) {
            unsynced[i] = unsynced[--report.unsynced];
            taken = true;
        }
    pthread_mutex_unlock(&mutex);
    return taken;
}

/* A sweep's runs are renamed first, and synced together at its end. */
static void note_rename(const char *from, const char *to)
{
    if (strstr(to, "/runs/") == NULL && take_unsynced(from))
        report.early_renames++;
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static size_t slot_of(const void *block)
{
    return (size_t)(((uint64_t)(uintptr_t)block >> 4) * 0x9e3779b97f4a7c15u >> 48) % SLOTS;
}

/* The slot of the block, or the free one where it belongs. */
static size_t find_slot(const void *block)
{
    size_t slot = slot_of(block);
    while (live[slot].block != NULL && live[slot].block != block)
        slot = (slot + 1) % SLOTS;
    return slot;
}

static void *remember(void *block, size_t size)
{
    if (block == NULL || !active)
        return block;
    pthread_mutex_lock(&mutex);
    if (live_count == SLOTS - 1)
        abort();
    live[find_slot(block)] = (Block){block, size};
    live_count++;
    pthread_mutex_unlock(&mutex);
    return block;
}

/* Blocks that were not taken through the wraps (getline's) are not known, and ignored. */
static void forget(const void *block)
{
    pthread_mutex_lock(&mutex);
    size_t slot = find_slot(block);
    if (live[slot].block != NULL) {
        live[slot] = (Block){0};
        live_count--;
        /* What stands behind the gap may have been pushed there: it is put in again. */
        for (size_t next = (slot + 1) % SLOTS; live[next].block != NULL; next = (next + 1) % SLOTS) {
            Block moved = live[next];
            live[next] = (Block){0};
            live[find_slot(moved.block)] = moved;
        }
    }
    pthread_mutex_unlock(&mutex);
}

static size_t size_of(const void *block)
{
    pthread_mutex_lock(&mutex);
    size_t size = live[find_slot(block)].size;
    pthread_mutex_unlock(&mutex);
    return size;
}

size_t fault_live_blocks(void)
{
    return live_count;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
int __real_posix_memalign(void **block, size_t alignment, size_t size);
void __real_free(void *block);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
int __wrap_posix_memalign(void **block, size_t alignment, size_t size);
void __wrap_free(void *block);

void *__wrap_malloc(size_t size)
{
    return judge(FAULT_MEMORY, FAULT_NO_MEMORY) == GOES_THROUGH ? remember(__real_malloc(size), size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return judge(FAULT_MEMORY, FAULT_NO_MEMORY) == GOES_THROUGH ? remember(__real_calloc(count, size), count * size)
                                                                : NULL;
}

void *__wrap_realloc(void *block, size_t size)
{
    bool shrinks = block != NULL && size_of(block) >= size; /* what is too large will do */
    if (judge(FAULT_MEMORY, shrinks ? FAULT_NOTHING : FAULT_NO_MEMORY) != GOES_THROUGH)
        return NULL;
    if (block != NULL)
        forget(block);
    return remember(__real_realloc(block, size), size);
}

int __wrap_posix_memalign(void **block, size_t alignment, size_t size)
{
    if (judge(FAULT_MEMORY, FAULT_NO_MEMORY) != GOES_THROUGH)
        return ENOMEM;
    int failure = __real_posix_memalign(block, alignment, size);
    if (failure == 0)
        remember(*block, size);
    return failure;
}

void __wrap_free(void *block)
{
    if (block != NULL)
        forget(block);
    __real_free(block);
}

void *fault_allocate(size_t size)
{
    return __wrap_malloc(size);
}

void fault_free(void *block)
{
    __wrap_free(block);
}

/* ---- threads and time -------------------------------------------------------------------------------------------- */

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_setitimer(__itimer_which_t which, const struct itimerval *timer, struct itimerval *before);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
    if (judge(FAULT_THREAD, FAULT_NO_MEMORY) != GOES_THROUGH)
        return EAGAIN;
    return __real_pthread_create(thread, attributes, run, argument);
}

/* Time stands still, so that the seconds in logs and summaries are the same in every run. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    (void)clock;
    *now = (struct timespec){.tv_sec = 1000};
    return 0;
}

/* And no timer runs out. */
int __wrap_setitimer(__itimer_which_t which, const struct itimerval *timer, struct itimerval *before)
{
    (void)which;
    (void)timer;
    (void)before;
    return judge(FAULT_TIMER, FAULT_NO_MEMORY) == GOES_THROUGH ? 0 : -1;
}

/* ---- the terminal ------------------------------------------------------------------------------------------------ */

int __real_isatty(int descriptor);
int __wrap_isatty(int descriptor);

int __wrap_isatty(int descriptor)
{
    return active && descriptor == STDERR_FILENO ? terminal : __real_isatty(descriptor);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

int __real_open(const char *path, int flags, mode_t mode);
int __real_openat(int folder, const char *path, int flags, mode_t mode);
FILE *__real_fdopen(int descriptor, const char *mode);
FILE *__real_fopen(const char *path, const char *mode);
DIR *__real_opendir(const char *path);
void *__real_mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset);
ssize_t __real_read(int descriptor, void *bytes, size_t size);
ssize_t __real_write(int descriptor, const void *bytes, size_t size);
off_t __real_lseek(int descriptor, off_t offset, int whence);
int __real_ftruncate(int descriptor, off_t length);
int __real_close(int descriptor);
int __real_rename(const char *from, const char *to);
int __real_unlink(const char *path);
int __real_rmdir(const char *path);
int __real_mkdir(const char *path, mode_t mode);

int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__wrap_fdopen(int descriptor, const char *mode);
DIR *__wrap_opendir(const char *path);
int __wrap_fstat(int descriptor, struct stat *status);
void *__wrap_mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset);
ssize_t __wrap_read(int descriptor, void *bytes, size_t size);
ssize_t __wrap_write(int descriptor, const void *bytes, size_t size);
off_t __wrap_lseek(int descriptor, off_t offset, int whence);
int __wrap_ftruncate(int descriptor, off_t length);
int __wrap_fsync(int descriptor);
int __wrap_syncfs(int descriptor);
int __wrap_close(int descriptor);
int __wrap_rename(const char *from, const char *to);
int __wrap_unlink(const char *path);
int __wrap_rmdir(const char *path);
int __wrap_mkdir(const char *path, mode_t mode);

/* ---- what changes ------------------------------------------------------------------------------------------------ */

static void note_change(const FaultChange *change)
{
    if (!active || change_hook == NULL)
        return;
    active = false; /* what the hook calls is its own */
    change_hook(change);
    active = true;
}

static ino_t file_of(int descriptor)
{
    struct stat file;
    return __real_fstat(descriptor, &file) == 0 ? file.st_ino : 0;
}

static bool is_there(const char *path)
{
    struct stat file;
    return lstat(path, &file) == 0;
}

static void note_written(int descriptor, const void *bytes, ssize_t size)
{
    if (size > 0 && use_of(descriptor) == WRITES && descriptor > STDERR_FILENO)
        note_change(&(FaultChange){.kind = FAULT_WRITTEN,
                                   .file = file_of(descriptor),
                                   .offset = (size_t)(__real_lseek(descriptor, 0, SEEK_CUR) - size),
                                   .size = (size_t)size,
                                   .bytes = bytes});
}

static void note_synced(int descriptor)
{
    struct stat file;
    char link[64], path[4096], here[4096];
    if (__real_fstat(descriptor, &file) != 0)
        return;
    if (!S_ISDIR(file.st_mode)) {
        note_change(&(FaultChange){.kind = FAULT_SYNCED, .file = file.st_ino});
        return;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0 || getcwd(here, sizeof here) == NULL || strncmp(path, here, strlen(here)) != 0)
        return;
    path[length] = '\0';
    const char *below = path + strlen(here);
    note_change(&(FaultChange){.kind = FAULT_NAMES_SYNCED, .path = *below == '/' ? below + 1 : below});
}

static Use use_of_path(const char *path, int flags)
{
    /* A file's folder, with a slash at its end, is synced after the file: one that can't be opened goes unnoticed. A
     * sweep's is waited for. */
    return strcmp(path, "/dev/null") == 0                                                   ? IS_NULL_DEVICE
           : (flags & O_DIRECTORY) != 0 && (ends_with(path, "/") || strcmp(path, ".") == 0) ? IS_FOLDER
           : (flags & O_DIRECTORY) != 0 || (flags & O_ACCMODE) == O_RDWR                    ? IS_HELD
           : (flags & O_ACCMODE) == O_RDONLY                                                ? READS
                                                                                            : WRITES;
}

static bool may_open(Use use)
{
    FaultEffect effect = use == WRITES || use == IS_HELD ? FAULT_NO_OUTPUT
                         : use == READS                  ? FAULT_NO_INPUT
                                                         : FAULT_NOTHING;
    return judge(FAULT_OPEN, effect) == GOES_THROUGH;
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    Use use = use_of_path(path, flags);
    if (!may_open(use))
        return -1;
    bool made = (flags & O_CREAT) != 0 && !is_there(path);
    int descriptor = __real_open(path, flags, mode);
    note_use(descriptor, use);
    if (made && descriptor >= 0 && use == WRITES)
        note_change(&(FaultChange){.kind = FAULT_CREATED, .path = path, .file = file_of(descriptor)});
    return descriptor;
}

/* The folders on the way to a file are for the file. */
int __wrap_openat(int folder, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = va_arg(arguments, mode_t);
    va_end(arguments);
    Use use = (flags & O_DIRECTORY) != 0 ? READS : use_of_path(path, flags);
    if (!may_open(use))
        return -1;
    bool made = folder == AT_FDCWD && (flags & O_CREAT) != 0 && !is_there(path);
    int descriptor = __real_openat(folder, path, flags, mode);
    note_use(descriptor, use);
    if (made && descriptor >= 0 && use == WRITES)
        note_change(&(FaultChange){.kind = FAULT_CREATED, .path = path, .file = file_of(descriptor)});
    return descriptor;
}

/* The C library's own read is within it, and not seen. A read that was interrupted is made again there (SA_RESTART). */
static ssize_t read_stream(void *context, char *bytes, size_t size)
{
    ssize_t count;
    do
        count = __wrap_read(*(int *)context, bytes, size);
    while (count < 0 && errno == EINTR);
    return count;
}

static int seek_stream(void *context, off64_t *offset, int whence)
{
    off_t place = __real_lseek(*(int *)context, (off_t)*offset, whence);
    *offset = place;
    return place < 0 ? -1 : 0;
}

static int close_stream(void *context)
{
    int descriptor = *(int *)context;
    __real_free(context);
    return __real_close(descriptor);
}

static FILE *open_stream(int descriptor, const char *mode)
{
    int *kept = __real_malloc(sizeof *kept);
    if (kept == NULL)
        return NULL;
    *kept = descriptor;
    return fopencookie(kept, mode,
                       (cookie_io_functions_t){.read = read_stream, .seek = seek_stream, .close = close_stream});
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
    if (!active)
        return __real_fopen(path, mode);
    if (judge(FAULT_FOPEN, FAULT_NO_INPUT) != GOES_THROUGH)
        return NULL;
    int descriptor = __real_open(path, O_RDONLY, 0);
    note_use(descriptor, READS);
    return descriptor < 0 ? NULL : open_stream(descriptor, mode);
}

FILE *__wrap_fdopen(int descriptor, const char *mode)
{
    if (!active)
        return __real_fdopen(descriptor, mode);
    return judge(FAULT_FOPEN, FAULT_NO_INPUT) == GOES_THROUGH ? open_stream(descriptor, mode) : NULL;
}

/* Is it a folder that the program has locked, or in one? */
static bool is_locked(const char *path)
{
    char lock[4096];
    for (size_t length = strlen(path); length > 0; length--) {
        snprintf(lock, sizeof lock, "%.*s/.lock", (int)length, path);
        if ((path[length] == '/' || path[length] == '\0') && is_there(lock))
            return true;
    }
    return false;
}

/* What former runs have left is looked at before the folder is locked. */
DIR *__wrap_opendir(const char *path)
{
    bool before = strcmp(path, "out/frames") == 0 || strncmp(path, "out/runs", strlen("out/runs")) == 0;
    bool out = strcmp(path, ".") == 0 || (strcmp(path, "out") == 0 && !is_there("out/shard-1"));
    bool output = is_locked(path) || before || out;
    return judge(FAULT_OPENDIR, output ? FAULT_NO_OUTPUT : FAULT_NO_INPUT) == GOES_THROUGH ? __real_opendir(path)
                                                                                           : NULL;
}

int __wrap_fstat(int descriptor, struct stat *status)
{
    return judge(FAULT_FSTAT, effect_on(descriptor)) == GOES_THROUGH ? __real_fstat(descriptor, status) : -1;
}

/* A mapping of no file asks whether there are addresses (base/linalg.h): the program goes on without. */
void *__wrap_mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset)
{
    if (descriptor >= 0 && judge(FAULT_MMAP, plan.failure == ENOMEM ? FAULT_NO_MEMORY : FAULT_NO_INPUT) != GOES_THROUGH)
        return MAP_FAILED;
    return __real_mmap(address, length, protection, flags, descriptor, offset);
}

ssize_t __wrap_read(int descriptor, void *bytes, size_t size)
{
    Verdict verdict = judge(FAULT_READ, FAULT_NO_INPUT);
    return verdict == FAILS ? -1 : __real_read(descriptor, bytes, verdict == IN_PART ? (size + 1) / 2 : size);
}

ssize_t __wrap_write(int descriptor, const void *bytes, size_t size)
{
    Verdict verdict = judge(FAULT_WRITE, FAULT_NO_OUTPUT);
    note_write(descriptor);
    if (verdict == FAILS)
        return -1;
    ssize_t written = __real_write(descriptor, bytes, verdict == IN_PART ? (size + 1) / 2 : size);
    note_written(descriptor, bytes, written);
    return written;
}

/* Called only to take a piece of a line back, when writing has failed already. */
off_t __wrap_lseek(int descriptor, off_t offset, int whence)
{
    FaultEffect effect = use_of(descriptor) == READS ? FAULT_NO_INPUT : FAULT_NOTHING;
    return judge(FAULT_LSEEK, effect) == GOES_THROUGH ? __real_lseek(descriptor, offset, whence) : -1;
}

int __wrap_ftruncate(int descriptor, off_t length)
{
    if (judge(FAULT_FTRUNCATE, FAULT_NO_OUTPUT) != GOES_THROUGH)
        return -1;
    note_change(&(FaultChange){.kind = FAULT_CUT, .file = file_of(descriptor), .size = (size_t)length});
    return __real_ftruncate(descriptor, length);
}

/* Nothing reads the disk behind the system's back here: that it is called is what counts. */
int __wrap_fsync(int descriptor)
{
    bool is_folder = use_of(descriptor) == IS_FOLDER;
    if (judge(FAULT_FSYNC, is_folder ? FAULT_NO_OUTPUT : effect_on(descriptor)) != GOES_THROUGH)
        return -1;
    note_sync(descriptor);
    note_synced(descriptor);
    return 0;
}

int __wrap_syncfs(int descriptor)
{
    if (judge(FAULT_FSYNC, effect_on(descriptor)) != GOES_THROUGH)
        return -1;
    report.unsynced = 0;
    note_change(&(FaultChange){.kind = FAULT_ALL_SYNCED});
    return 0;
}

/* Linux closes the descriptor also when it reports a failure. */
int __wrap_close(int descriptor)
{
    FaultEffect effect = use_of(descriptor) == WRITES ? FAULT_NO_OUTPUT : FAULT_NOTHING;
    bool fails = judge(FAULT_CLOSE, effect) != GOES_THROUGH;
    int kept = errno;
    note_close(descriptor);
    note_use(descriptor, READS);
    int result = __real_close(descriptor);
    if (!fails)
        return result;
    errno = kept;
    return -1;
}

int __wrap_rename(const char *from, const char *to)
{
    if (judge(FAULT_RENAME, FAULT_NO_OUTPUT) != GOES_THROUGH)
        return -1;
    if (rename_hook != NULL) {
        bool was_active = active;
        active = false;
        rename_hook(from, to);
        active = was_active;
    }
    note_rename(from, to);
    struct stat file;
    if (lstat(from, &file) == 0)
        note_change(&(FaultChange){.kind = FAULT_RENAMED, .path = from, .to = to, .file = file.st_ino});
    return __real_rename(from, to);
}

/* That a temporary file stays when writing it has failed is no failure of its own. */
int __wrap_unlink(const char *path)
{
    bool passing = strstr(path, ".tmp") != NULL || ends_with(path, ".lock");
    FaultEffect effect = passing ? FAULT_NOTHING : FAULT_NO_OUTPUT;
    if (judge(FAULT_UNLINK, effect) != GOES_THROUGH)
        return -1;
    take_unsynced(path);
    note_change(&(FaultChange){.kind = FAULT_REMOVED, .path = path});
    return __real_unlink(path);
}

int __wrap_rmdir(const char *path)
{
    if (judge(FAULT_RMDIR, FAULT_NO_OUTPUT) != GOES_THROUGH)
        return -1;
    int result = __real_rmdir(path);
    if (result == 0)
        note_change(&(FaultChange){.kind = FAULT_FOLDER_REMOVED, .path = path});
    return result;
}

int __wrap_mkdir(const char *path, mode_t mode)
{
    if (judge(FAULT_MKDIR, FAULT_NO_OUTPUT) != GOES_THROUGH)
        return -1;
    int result = __real_mkdir(path, mode);
    if (result == 0)
        note_change(&(FaultChange){.kind = FAULT_FOLDER_MADE, .path = path});
    return result;
}
