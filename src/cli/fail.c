#include "cli/fail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options/values.h"

/* Appends to a message what would help: "; try --header yes", or "; try zcat < x.csv.gz | spiral train --data -". */
static void print_remedy(const char *advice, const SpiralError *error)
{
    const char *name = cli_remedy_option(error->remedy.kind);
    char *option = name != NULL ? shell_option(name, error->remedy.value) : NULL;
    if (advice != NULL || option != NULL)
        fprintf(stderr, "; try %s", advice != NULL ? advice : option);
    free(option);
}

int cli_fail(const char *command, const char *advice, const SpiralError *error)
{
    if (!cli_is_first_rank()) /* rank 0 prints what all ranks have agreed on */
        return (int)error->status;
    cli_flush_output(); /* keep earlier output before the error */
    bool closed_pipe =
        error->status == SPIRAL_ERROR_OUTPUT && strcmp(error->path, "standard output") == 0 && cli_output_is_closed();
    if (closed_pipe) /* the reader has closed the pipe: main ends as SIGPIPE would have */
        return (int)error->status;
    fprintf(stderr, "spiral: error: ");
    if (error->path[0] != '\0')
        fprintf(stderr, "%s:", cli_shown_path(error->path));
    if (error->path[0] != '\0' && error->line != 0)
        fprintf(stderr, "%zu:", error->line);
    fprintf(stderr, "%s%s", error->path[0] != '\0' ? " " : "", error->reason);
    print_remedy(advice, error);
    if (error->status == SPIRAL_ERROR_USAGE)
        fprintf(stderr, " (see spiral %s%s--help)", command != NULL ? command : "", command != NULL ? " " : "");
    fputc('\n', stderr);
    return (int)error->status;
}
