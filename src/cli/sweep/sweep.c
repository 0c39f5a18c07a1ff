#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/fail.h"
#include "cli/command.h"
#include "cli/options/values.h"
#include "cli/process/interrupt.h"
#include "cli/sweep/internal.h"
#include "cli/sweep/sweep.h"

static void say_interrupted(const Sweep *sweep)
{
    size_t done = 0, runs = spiral_sweep_plan_runs(sweep->plan);
    for (size_t run = 0; run < runs; run++)
        done += spiral_sweep_results_row(sweep->results, run)->status != SPIRAL_SWEEP_NONE;
    char *path = cli_join(sweep->folder, "results.csv"), *results = path != NULL ? shell_quoted(path) : NULL;
    if (!sweep->settings->train.quiet && results != NULL)
        fprintf(stderr,
                "spiral: interrupted: %zu runs are in %s\n"
                "spiral: to continue, run the same command with --resume\n",
                done, results);
    free(path);
    free(results);
}

static SpiralStatus run_sweep(Sweep *sweep, SpiralError *error)
{
    SpiralStatus status = sweep_run_all(sweep, error);
    sweep_line_clear(sweep);
    if (status == SPIRAL_OK && interrupt_signal() != 0) {
        say_interrupted(sweep);
        return SPIRAL_OK;
    }
    return status == SPIRAL_OK ? sweep_report(sweep, error) : status;
}

static SpiralStatus sweep_command(void *context, const OptionTable *table, SpiralError *error)
{
    SweepSettings *settings = context;
    SpiralStatus status = sweep_settings_check(settings, table, error);
    if (status != SPIRAL_OK)
        return status;
    if (settings->merge != NULL)
        return sweep_merge(settings, table, error);
    Sweep sweep;
    status = sweep_create(settings, table, &sweep, error);
    if (status == SPIRAL_OK)
        status = run_sweep(&sweep, error);
    sweep_release(&sweep);
    return status;
}

int cmd_sweep(int argc, char **argv)
{
    SweepSettings *settings = cli_allocate(1, sizeof *settings);
    OptionGroup groups[SWEEP_GROUPS];
    OptionTable table = {
        .command = argv[0],
        .synopsis = "--OPTION VALUE,VALUE,... [options]\n"
                    "--random N --OPTION loguniform:FROM:TO [options]\n"
                    "--merge DIR [options]",
        .purpose =
            "Trains once for every setting of options that have several values, as many trainings at a time as there "
            "are "
            "cores, and leaves a table of the results, the best setting with the command that trains it again, and "
            "figures in a folder. A training that diverges or fails is a row of the table.",
        .notes =
            "Values: 0.1,0.3,1 is a list; lin:FROM:TO:COUNT and log:FROM:TO:COUNT are evenly spaced numbers and evenly "
            "spaced "
            "logarithms. Several options with values make a grid, of which the last one varies fastest. With --random "
            "N "
            "they are choice:A,B,..., uniform:FROM:TO and loguniform:FROM:TO. Options whose value may hold a comma "
            "(hidden, balance, data, label, ignore, validation, init-from) are listed with semicolons: --hidden "
            "'50;100;100,50'. Computed values "
            "are rounded to 6 digits, so that they can be typed again. A flag is listed as "
            "--standardize=false,true.\n\n"
            "Runs are numbered from 0, setting by setting, each with all its seeds. A sweep that was "
            "interrupted (Ctrl-C, SIGTERM, SIGUSR1), killed or failed is continued by --resume; it ends with the same "
            "table, "
            "except "
            "for the seconds.\n\n"
            "Successive halving: Jamieson and Talwalkar, 2016; the inner loop of Hyperband, Li et al., 2018.",
        .examples = "  spiral sweep --learning-rate log:1e-3:10:20 --seeds 5\n"
                    "  spiral sweep --lr 0.03,0.1,0.3,1 --reg 0,1e-4,1e-3,1e-2 --validation 0.2\n"
                    "  spiral sweep --random 200 --lr loguniform:1e-3:10 --hidden 'choice:50;50,50'\n"
                    "  spiral sweep --random 81 --lr loguniform:1e-3:10 --prune --refine 2\n"
                    "  spiral sweep --lr log:1e-3:10:100 --shard 1/4 --out big\n"
                    "  spiral sweep --merge big\n",
    };
    if (settings == NULL) {
        SpiralError error;
        (void)cli_no_memory(&error);
        return cli_fail(argv[0], NULL, &error);
    }
    sweep_settings_defaults(settings);
    sweep_table(settings, groups, &table);
    int code = command_run(&table, argc, argv, sweep_command, settings);
    sweep_settings_clear(settings);
    free(settings);
    return code;
}
