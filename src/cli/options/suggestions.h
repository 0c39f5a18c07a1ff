/* suggestions.h: suggests what a wrong name or a misplaced file was meant to be. */
#ifndef SPIRAL_CLI_SUGGESTIONS_H
#define SPIRAL_CLI_SUGGESTIONS_H

#include <stddef.h>

#include "cli/options/options.h"

/* The name nearest to word, or NULL when none is close. */
const char *nearest_name(const char *word, const char *const *names, size_t count);

/* The option that an unknown name was probably meant to be: "--hidden", "--learning-rate or --reg"; "" when there is no
 * good guess. Underscores and dashes are equivalent. */
void suggest_option(const OptionTable *table, const char *typed, char *text, size_t size);

/* The option that a file on the command line was probably meant for, judged by its extension: the first matching one in
 * the table that is not given, or NULL. */
const char *suggest_for_operand(const OptionTable *table, const char *operand);

#endif
