#include "base/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"

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

bool spiral_names_are_default(const char *const *names, size_t count, const char *prefix)
{
    for (size_t i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s%zu", prefix, i);
        if (strcmp(names[i], name) != 0)
            return false;
    }
    return true;
}

bool spiral_names_are_numbers(const char *const *names, size_t count, const char *prefix)
{
    size_t skipped = strlen(prefix), least = 0;
    for (size_t i = 0; i < count; i++) {
        const char *digits = names[i] + skipped;
        size_t number;
        if (strncmp(names[i], prefix, skipped) != 0 || (digits[0] == '0' && digits[1] != '\0') ||
            !spiral_number_read_whole(digits, strlen(digits), &number) || number < least || number == SIZE_MAX)
            return false;
        least = number + 1;
    }
    return true;
}

void spiral_names_list(const char *const *names, size_t count, char *text, size_t size)
{
    enum { NAME_BYTES = 40, LAST_BYTES = NAME_BYTES + 8 };
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        bool cut = i + 1 < count && used + NAME_BYTES + 2 + LAST_BYTES >= size;
        const char *name = names[cut ? count - 1 : i];
        name = name[0] != '\0' ? name : "''";
        int length = snprintf(text + used, size - used, "%s%s%.*s", i > 0 ? ", " : "", cut ? "... " : "",
                              SPIRAL_TEXT_CUT(name, NAME_BYTES));
        used += (size_t)length;
        if (cut)
            return;
    }
}

/* ---- matching ---------------------------------------------------------------------------------------------------- */

typedef struct Named {
    const char *name;
    size_t place;
} Named;

static int by_name_and_place(const void *left, const void *right)
{
    const Named *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : (a->place > b->place) - (a->place < b->place);
}

static Named *sort_names(const char *const *names, size_t count)
{
    Named *sorted = spiral_allocate(count, sizeof *sorted);
    for (size_t i = 0; sorted != NULL && i < count; i++)
        sorted[i] = (Named){names[i], i};
    if (sorted != NULL && count > 0)
        qsort(sorted, count, sizeof *sorted, by_name_and_place);
    return sorted;
}

/* How many of sorted (count) have the first one's name. */
static size_t run_length(const Named *sorted, size_t count)
{
    size_t length = 1;
    while (length < count && strcmp(sorted[length].name, sorted[0].name) == 0)
        length++;
    return length;
}

bool spiral_names_match(const char *const *wanted, size_t wanted_count, const char *const *found, size_t found_count,
                        size_t *where)
{
    Named *left = sort_names(wanted, wanted_count), *right = sort_names(found, found_count);
    bool enough = left != NULL && right != NULL;
    for (size_t i = 0, j = 0, run; enough && i < wanted_count; i += run) {
        run = run_length(left + i, wanted_count - i);
        while (j < found_count && strcmp(right[j].name, left[i].name) < 0)
            j++;
        bool there = j < found_count && strcmp(right[j].name, left[i].name) == 0;
        size_t choices = there ? run_length(right + j, found_count - j) : 0;
        for (size_t k = 0; k < run; k++)
            where[left[i + k].place] = choices > run ? SPIRAL_NAME_TWICE
                                       : k < choices ? right[j + k].place
                                                     : SPIRAL_NAME_MISSING;
        j += choices;
    }
    free(left);
    free(right);
    return enough;
}

bool spiral_names_find_twice(const char *const *names, size_t count, size_t *place)
{
    Named *sorted = sort_names(names, count);
    *place = SPIRAL_NAME_MISSING;
    for (size_t i = 1; sorted != NULL && i < count; i++)
        if (sorted[i].place < *place && strcmp(sorted[i - 1].name, sorted[i].name) == 0)
            *place = sorted[i].place;
    bool enough = sorted != NULL;
    free(sorted);
    return enough;
}
