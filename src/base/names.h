/* names.h: lists of names (of features, of classes): an array of strings, all allocated. */
#ifndef SPIRAL_BASE_NAMES_H
#define SPIRAL_BASE_NAMES_H

#include <stddef.h>

/* "x0", "x1" ... or, with the prefix "", "0", "1" ...; NULL when there is no memory. */
char **spiral_names_create(const char *prefix, size_t count);

/* NULL when there is no memory. */
char **spiral_names_copy(const char *const *names, size_t count);

/* Accepts NULL, and lists of which only the first names are set and the others NULL. */
void spiral_names_free(char **names, size_t count);

#endif
