/* command.h: how every command begins and ends. A command's main function fills in its table of options and returns
 *
 *     command_run(&table, argc, argv, work, &settings) */
#ifndef SPIRAL_CLI_COMMAND_H
#define SPIRAL_CLI_COMMAND_H

#include "cli/options/options.h"
#include "spiral/status.h"

/* A command's work, called once its options are parsed. settings is the pointer passed to command_run. */
typedef SpiralStatus CommandWork(void *settings, const OptionTable *table, SpiralError *error);

/* Parses the arguments and does the work, or prints the help. Prints any error. Returns the exit code: a SpiralStatus,
 * or 128 + n when signal n interrupted the work. */
int command_run(OptionTable *table, int argc, char **argv, CommandWork *work, void *settings);

/* Makes command_run only pass its table to reader. Used by the program that writes the option reference. */
typedef void CommandReader(const OptionTable *table);
void command_read_tables(CommandReader *reader);

#endif
