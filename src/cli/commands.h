/* commands.h: the commands of the program. */
#ifndef SPIRAL_CLI_COMMANDS_H
#define SPIRAL_CLI_COMMANDS_H

#include "cli/cli.h"

typedef struct Command {
    const char *name, *summary;
    CommandMain *run;
} Command;

enum { COMMAND_COUNT = 9 };
extern const Command commands[COMMAND_COUNT];

/* Returns NULL when there is no command of that name. */
const Command *command_find(const char *name);

#endif
