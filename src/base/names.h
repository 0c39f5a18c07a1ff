/* names.h: lists of names (of features, of classes): an array of strings, all allocated. */
#ifndef SPIRAL_BASE_NAMES_H
#define SPIRAL_BASE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "x0", "x1" ... or, with the prefix "", "0", "1" ...; NULL when there is no memory. */
char **spiral_names_create(const char *prefix, size_t count);

/* NULL when there is no memory. */
char **spiral_names_copy(const char *const *names, size_t count);

/* Accepts NULL, and lists of which only the first names are set and the others NULL. */
void spiral_names_free(char **names, size_t count);

/* Are they what spiral_names_create(prefix, count) gives, so that nobody chose them? */
bool spiral_names_are_default(const char *const *names, size_t count, const char *prefix);

/* Are they the prefix and numbers that rise, as "x1", "x2", "x4", so that they may be the numbers of columns? */
bool spiral_names_are_numbers(const char *const *names, size_t count, const char *prefix);

/* Writes the names to text, which has size bytes: "a, b, c", or "a, b, ... z" when that is too long; an empty name is
 * ''. */
void spiral_names_list(const char *const *names, size_t count, char *text, size_t size);

/* In place of an index. */
#define SPIRAL_NAME_MISSING SIZE_MAX
#define SPIRAL_NAME_TWICE (SIZE_MAX - 1)

/* where[i] becomes the place of wanted[i] in found. It is MISSING when found has no such name, and TWICE when found has
 * it more often than wanted. Names that both have equally often are matched in order. False when there is no memory. */
bool spiral_names_match(const char *const *wanted, size_t wanted_count, const char *const *found, size_t found_count,
                        size_t *where);

/* *place becomes the first name that stands further to the front, too; MISSING when all are different. False when there
 * is no memory. */
bool spiral_names_find_twice(const char *const *names, size_t count, size_t *place);

#endif
