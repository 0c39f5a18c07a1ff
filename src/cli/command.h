/* command.h: how every command begins and ends. Its main function fills in the table of its options and returns
 *
 *     command_run(&table, argc, argv, work, &settings)
 */
#ifndef SPIRAL_CLI_COMMAND_H
#define SPIRAL_CLI_COMMAND_H

#include "cli/options/options.h"
#include "spiral/status.h"

/* What a command does once its options are parsed. settings is what command_run was given. */
typedef SpiralStatus CommandWork(void *settings, const OptionTable *table, SpiralError *error);

/* Parses the arguments and does the work, or prints the help. Errors are printed. Returns the exit code: a
 * SpiralStatus, or 128 + n when signal n interrupted the work. */
int command_run(OptionTable *table, int argc, char **argv, CommandWork *work, void *settings);

/* Makes command_run only pass its table to reader, for the program that writes the option reference. */
typedef void CommandReader(const OptionTable *table);
void command_read_tables(CommandReader *reader);

#endif
