#include "cli/command.h"

#include "cli/cli.h"
#include "cli/process/interrupt.h"

int command_run(OptionTable *table, int argc, char **argv, CommandWork *work, void *settings)
{
    SpiralError error;
    bool help = false;
    SpiralStatus status = options_parse(table, argc, argv, &help, &error);
    if (status == SPIRAL_OK && !help)
        status = work(settings, table, &error);
    if (status != SPIRAL_OK)
        return cli_fail(table->command, &error);
    return interrupt_signal() != 0 && !interrupt_is_time_limit() ? 128 + interrupt_signal() : SPIRAL_OK;
}
