#include "cli/command.h"

#include "cli/cli.h"
#include "cli/fail.h"
#include "cli/process/interrupt.h"

static CommandReader *table_reader; /* NULL in spiral itself */

void command_read_tables(CommandReader *reader)
{
    table_reader = reader;
}

int command_run(OptionTable *table, int argc, char **argv, CommandWork *work, void *settings)
{
    SpiralError error;
    bool help = false;
    if (table_reader != NULL) {
        table_reader(table);
        return SPIRAL_OK;
    }
    SpiralStatus status = options_parse(table, argc, argv, &help, &error);
    if (status == SPIRAL_OK && !help)
        status = work(settings, table, &error);
    if (status != SPIRAL_OK)
        return cli_fail(table->command, &error);
    return interrupt_signal() != 0 ? 128 + interrupt_signal() : SPIRAL_OK;
}
