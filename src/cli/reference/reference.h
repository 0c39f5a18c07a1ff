/* reference.h: the formats in which the option tables are written for readers and shells. A format has a header, a part
 * for each command, and a footer, each of which may be NULL. */
#ifndef SPIRAL_CLI_REFERENCE_H
#define SPIRAL_CLI_REFERENCE_H

#include <stdio.h>

#include "cli/commands.h"
#include "cli/options/options.h"

typedef struct ReferenceForm {
    void (*begin)(FILE *file);
    void (*command)(FILE *file, const Command *command, const OptionTable *table);
    void (*end)(FILE *file);
} ReferenceForm;

extern const ReferenceForm reference_man, reference_bash, reference_zsh, reference_fish, reference_markdown;

/* Writes the man page of the program itself from the template, whose lines @NAME@ are replaced. */
void reference_man_main(FILE *file, FILE *template_file);

#endif
