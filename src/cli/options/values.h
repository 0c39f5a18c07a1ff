/* values.h: an option's value from a text and back. */
#ifndef SPIRAL_CLI_VALUES_H
#define SPIRAL_CLI_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options/options.h"

/* Stores text as the option's value. Errors: USAGE, naming the flag, what was found and what was expected. */
SpiralStatus value_set(const Option *option, void *settings, const char *text, SpiralError *error);

/* A whole text as a number: decimal, finite, in C's notation, nothing before or after it. */
bool text_to_real(const char *text, double *value);
bool text_to_size(const char *text, size_t *value);

/* The word as the shell takes it: quoted unless all its characters are plain, as $'\033' when a terminal would not
 * show them (see base/text.h). Freed by free(), NULL when there is no memory. */
char *shell_quoted(const char *word);

#endif
