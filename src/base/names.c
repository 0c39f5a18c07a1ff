#include "base/names.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

char **spiral_names_create(const char *prefix, size_t count)
{
    char **names = spiral_allocate(count, sizeof *names);
    for (size_t i = 0; names != NULL && i < count; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s%zu", prefix, i);
        names[i] = spiral_copy_string(name);
        if (names[i] == NULL) {
            spiral_names_free(names, i);
            return NULL;
        }
    }
    return names;
}

char **spiral_names_copy(const char *const *names, size_t count)
{
    char **copy = spiral_allocate(count, sizeof *copy);
    for (size_t i = 0; copy != NULL && i < count; i++) {
        copy[i] = spiral_copy_string(names[i]);
        if (copy[i] == NULL) {
            spiral_names_free(copy, i);
            return NULL;
        }
    }
    return copy;
}

void spiral_names_free(char **names, size_t count)
{
    for (size_t i = 0; names != NULL && i < count; i++)
        free(names[i]);
    free(names);
}
