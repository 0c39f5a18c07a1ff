/* suggestions.h: what was meant by a name or a file that can't be used as it stands. */
#ifndef SPIRAL_CLI_SUGGESTIONS_H
#define SPIRAL_CLI_SUGGESTIONS_H

#include <stddef.h>

#include "cli/options/options.h"

/* The name nearest to word, or NULL when none is near. */
const char *nearest_name(const char *word, const char *const *names, size_t count);

/* The option that was probably meant by an unknown name: "--hidden", "--learning-rate or --reg"; "" when there is no
 * saying. An underscore is as good as a dash. */
void suggest_option(const OptionTable *table, const char *typed, char *text, size_t size);

/* The name of the option that a file on the command line was probably meant for, by its ending: the first in the table
 * that is not given; or NULL. */
const char *suggest_for_operand(const OptionTable *table, const char *operand);

#endif
