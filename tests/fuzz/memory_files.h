/* memory_files.h: files that the code under test finds in memory, so that an execution costs no system call. The
 * linker's
 * --wrap puts these in the place of open, read, fstat, mmap and so on: a path that begins with MEMORY_FOLDER is looked
 * up here, every other one goes to the system. A mapped file is a block of exactly its size, so that AddressSanitizer
 * sees a byte read behind its end. */
#ifndef SPIRAL_TESTS_FUZZ_MEMORY_FILES_H
#define SPIRAL_TESTS_FUZZ_MEMORY_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MEMORY_FOLDER "/memory/"

/* The file path holds these bytes from now on; both are borrowed. */
void memory_file_set(const char *path, const uint8_t *bytes, size_t size);
void memory_file_remove(const char *path);

/* Of a target that is linked with memory_output.c: every output is a file in memory once it is committed. This removes
 * them all. */
void memory_outputs_forget(void);

/* What must hold of whatever was read, whatever the input was. */
#define MUST(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                             \
            fflush(stderr);                                                                                            \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* libFuzzer's, or replay.c's: called with every input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
