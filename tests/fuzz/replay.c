/* A main for a fuzz target where there is no libFuzzer: every file of the folders that are named is one input, once.
 * What is kept there is so tested with every compiler and sanitizer. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <string.h>

#include "memory_files.h"
#include "mutate.h"

static void replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    MUST(file != NULL && fseek(file, 0, SEEK_END) == 0);
    long size = ftell(file);
    MUST(size >= 0);
    rewind(file);
    uint8_t *bytes =
        malloc(size > 0 ? (size_t)size : 1); /* its exact size: AddressSanitizer sees what is read behind it */
    MUST(bytes != NULL && fread(bytes, 1, (size_t)size, file) == (size_t)size);
    fclose(file);
    fprintf(stderr, "replay: %s\n", path);
    LLVMFuzzerTestOneInput(bytes, (size_t)size);
    free(bytes);
}

/* The files of a folder; none when it is not there, which is so while a target has no crashes. */
static size_t replay_folder(const char *folder)
{
    DIR *entries = opendir(folder);
    size_t count = 0;
    for (struct dirent *entry; entries != NULL && (entry = readdir(entries)) != NULL;) {
        char path[1024];
        MUST(snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path);
        if (entry->d_name[0] == '.')
            continue;
        replay_file(path);
        count++;
    }
    if (entries != NULL)
        closedir(entries);
    return count;
}

/* Nothing is mutated here, but the targets' mutators are linked. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    (void)data;
    return size < max_size ? size : max_size;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    for (int i = 1; i < argc; i++)
        count += replay_folder(argv[i]);
    fprintf(stderr, "replay: %zu inputs\n", count);
    return count > 0 ? 0 : 1;
}
