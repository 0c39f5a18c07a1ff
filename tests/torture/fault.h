/* fault.h: makes a chosen call of the C library fail. The linker's --wrap sends the calls of the project's own objects
 * (with stb's and cJSON's memory) here; those within shared libraries are not seen. */
#ifndef SPIRAL_TESTS_TORTURE_FAULT_H
#define SPIRAL_TESTS_TORTURE_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FAULT_CALL_LIST(X)                                                                                             \
    X(FAULT_MEMORY, "memory") /* malloc, calloc, realloc, posix_memalign */                                            \
    X(FAULT_THREAD, "pthread_create")                                                                                  \
    X(FAULT_TIMER, "setitimer")                                                                                        \
    X(FAULT_OPEN, "open")                                                                                              \
    X(FAULT_FOPEN, "fopen")                                                                                            \
    X(FAULT_OPENDIR, "opendir")                                                                                        \
    X(FAULT_FSTAT, "fstat")                                                                                            \
    X(FAULT_MMAP, "mmap")                                                                                              \
    X(FAULT_READ, "read")                                                                                              \
    X(FAULT_WRITE, "write")                                                                                            \
    X(FAULT_LSEEK, "lseek")                                                                                            \
    X(FAULT_FTRUNCATE, "ftruncate")                                                                                    \
    X(FAULT_FSYNC, "fsync") /* and syncfs */                                                                           \
    X(FAULT_CLOSE, "close")                                                                                            \
    X(FAULT_RENAME, "rename")                                                                                          \
    X(FAULT_UNLINK, "unlink")                                                                                          \
    X(FAULT_RMDIR, "rmdir")                                                                                            \
    X(FAULT_MKDIR, "mkdir")

typedef enum FaultCall {
#define FAULT_ENUM(code, name) code,
    FAULT_CALL_LIST(FAULT_ENUM)
#undef FAULT_ENUM
        FAULT_CALLS
} FaultCall;

extern const char *const fault_call_names[FAULT_CALLS];

/* What follows from a call's failure. NOTHING: it goes unnoticed, as open of a folder that is to be synced, or is made
 * again (EINTR). */
typedef enum FaultEffect { FAULT_NOTHING, FAULT_NO_INPUT, FAULT_NO_OUTPUT, FAULT_NO_MEMORY } FaultEffect;

enum { FAULT_INTERRUPTIONS = 20 };

typedef struct FaultPlan {
    unsigned calls;  /* a bit 1 << FaultCall each; 0: none fails */
    size_t nth;      /* of these calls, from 1 */
    bool always;     /* and all after it; of EINTR so many */
    int failure;     /* errno */
    bool part_first; /* write, read: half of the bytes go through; the next call fails, unless failure is 0 */
} FaultPlan;

typedef struct FaultReport {
    size_t calls[FAULT_CALLS]; /* made */
    size_t failed[FAULT_CALLS];
    FaultEffect effect;   /* of the first failure that has one */
    size_t early_renames; /* of files whose bytes were not all on the disk, but for those of a sweep's runs */
    size_t unsynced;      /* files closed whose bytes are not all on the disk, as yet */
} FaultReport;

/* Counts from 0, and has the planned calls fail until fault_end. */
void fault_begin(const FaultPlan *plan);
FaultReport fault_end(void);

/* Calls hook before each rename that goes through; NULL: no longer. */
void fault_watch_renames(void (*hook)(const char *from, const char *to));

/* A change of a file or of a folder, as it was made. */
typedef enum FaultChangeKind {
    FAULT_CREATED,      /* path, file */
    FAULT_WRITTEN,      /* file: bytes (size) from offset on */
    FAULT_CUT,          /* file: to size bytes */
    FAULT_SYNCED,       /* file: what was written is on the disk */
    FAULT_NAMES_SYNCED, /* path, a folder: what was created, renamed and removed in it is on the disk */
    FAULT_ALL_SYNCED,
    FAULT_RENAMED,     /* path to, file */
    FAULT_REMOVED,     /* path */
    FAULT_FOLDER_MADE, /* path */
    FAULT_FOLDER_REMOVED
} FaultChangeKind;

typedef struct FaultChange {
    FaultChangeKind kind;
    const char *path, *to;
    ino_t file;
    size_t offset, size;
    const void *bytes;
} FaultChange;

/* Calls hook with every change that goes through; NULL: no longer. */
void fault_watch_changes(void (*hook)(const FaultChange *change));

/* Is standard error a terminal, for who asks by isatty? */
void fault_have_terminal(bool there);

/* Calls of FAULT_MEMORY that are the first from their place, which is told by all its callers. */
typedef struct FaultPlaces {
    size_t count;
    size_t number[1 << 14]; /* from 1 */
    uint64_t callers[1 << 14];
} FaultPlaces;

/* Adds to places what is called until fault_end. */
void fault_watch_places(FaultPlaces *places);

/* Blocks of memory that were taken through the wraps and not given back. */
size_t fault_live_blocks(void);

/* For cJSON_InitHooks. */
void *fault_allocate(size_t size);
void fault_free(void *block);

#endif
