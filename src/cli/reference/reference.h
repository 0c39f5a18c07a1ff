/* reference.h: the forms in which the tables of options are written for readers and shells. A form is a header, a part
 * for each command, and a footer; each may be NULL. */
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

/* Writes the page of the program itself: the template, in which lines @NAME@ are filled in. */
void reference_man_main(FILE *file, FILE *template_file);

#endif
