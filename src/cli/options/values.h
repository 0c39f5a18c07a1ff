/* values.h: converts an option's value from text and back. */
#ifndef SPIRAL_CLI_VALUES_H
#define SPIRAL_CLI_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options/options.h"

/* Parses text and stores it as the option's value. Errors: USAGE, with the flag, what was found and what was
 * expected. */
SpiralStatus value_set(const Option *option, void *settings, const char *text, SpiralError *error);

/* Parses the whole text as a number, by the one strict reader of base/number.h. */
bool text_to_real(const char *text, double *value);
bool text_to_size(const char *text, size_t *value);

/* The option's name as a key of JSON, with underscores: jq accepts .learning_rate, but reads .learning-rate as a
 * subtraction. */
void option_key(const Option *option, char *key, size_t size);

/* Appends " --name value" to the text, quoted for the shell. A flag has no value, and is left out when it is false.
 * Frees the text, and returns the longer one, NULL when out of memory. */
char *option_append(char *text, const Option *option, const char *value);

/* The same with the value that is set. */
char *option_append_current(char *text, const Option *option, const void *settings);

/* The word quoted for the shell: unchanged when all its characters are plain, as $'\033' when a terminal would not show
 * them (see base/text.h). Freed by free(). NULL when out of memory. */
char *shell_quoted(const char *word);

/* The same of a path that another program gets, which would take a leading dash for an option: "./-x.csv". */
char *shell_path(const char *path);

/* "--name value" for the shell, "--name=value" where the value would be taken for an option. Freed by free(). NULL when
 * out of memory. */
char *shell_option(const char *name, const char *value);

#endif
