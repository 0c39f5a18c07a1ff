/* The command line: the input's NUL-terminated pieces are the arguments after the program's name. Every command goes
 * its whole way through its tables and its checks; what it would then load, make or read is refused here (the linker's
 * --wrap), so that nothing is trained, and what explain writes stays in memory. The stand-ins have the types of what
 * they stand for. */
#include <stdbool.h>
#include <string.h>

#include "cli/process/interrupt.h"
#include "cli/sweep/internal.h"
#include "cli/sweep/sweep.h"
#include "memory_files.h"
#include "range.h"
#include "spiral/spiral.h"

enum { MOST_ARGUMENTS = 256 };

int spiral_main(int argc, char **argv); /* main.c's main, renamed by the build */

static SpiralStatus refuse(SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "not while fuzzing");
}

/* The fuzzer has its own use for SIGALRM. */
__typeof__(interrupt_start) __wrap_interrupt_start;
void __wrap_interrupt_start(void)
{
}

__typeof__(spiral_dataset_load) __wrap_spiral_dataset_load;
SpiralStatus __wrap_spiral_dataset_load(const char *path, const SpiralLoadOptions *options, SpiralDataset **dataset,
                                        SpiralError *error)
{
    MUST(path[0] != '\0' && options->delimiter != '"');
    *dataset = NULL;
    return refuse(error);
}

__typeof__(spiral_dataset_generate) __wrap_spiral_dataset_generate;
SpiralStatus __wrap_spiral_dataset_generate(const SpiralGenerateOptions *options, SpiralRng *rng,
                                            SpiralDataset **dataset, SpiralError *error)
{
    (void)rng;
    MUST(spiral_generate_validate(options, NULL) == SPIRAL_OK); /* the commands have checked */
    *dataset = NULL;
    return refuse(error);
}

__typeof__(spiral_generate_save) __wrap_spiral_generate_save;
SpiralStatus __wrap_spiral_generate_save(const SpiralGenerateOptions *options, SpiralRng *rng, const char *path,
                                         SpiralError *error)
{
    (void)rng;
    MUST(path[0] != '\0' && spiral_generate_validate(options, NULL) == SPIRAL_OK);
    return refuse(error);
}

__typeof__(spiral_network_load) __wrap_spiral_network_load;
SpiralStatus __wrap_spiral_network_load(const char *path, SpiralNetwork **network, SpiralError *error)
{
    (void)path;
    *network = NULL;
    return refuse(error);
}

__typeof__(spiral_loss_log_load) __wrap_spiral_loss_log_load;
SpiralStatus __wrap_spiral_loss_log_load(const char *path, const char *const *names, size_t needed, SpiralLossLog *log,
                                         SpiralError *error)
{
    (void)path;
    (void)names;
    (void)needed;
    (void)log;
    return refuse(error);
}

__typeof__(spiral_sweep_plan_create) __wrap_spiral_sweep_plan_create;
SpiralStatus __wrap_spiral_sweep_plan_create(const SpiralSweepPlanOptions *options, SpiralSweepPlan **plan,
                                             SpiralError *error)
{
    MUST(options->seeds >= 1 && options->shard >= 1 && options->shard <= options->shards);
    *plan = NULL;
    return refuse(error);
}

__typeof__(sweep_merge) __wrap_sweep_merge;
SpiralStatus __wrap_sweep_merge(const SweepSettings *settings, const OptionTable *table, SpiralError *error)
{
    MUST(settings->merge != NULL && options_given(table, "merge"));
    return refuse(error);
}

__typeof__(sweep_draw_again) __wrap_sweep_draw_again;
SpiralStatus __wrap_sweep_draw_again(const char *folder, FigureFormat format, const FigureSettings *figures,
                                     SpiralError *error)
{
    MUST(folder[0] != '\0' && format < FIGURE_FORMATS && figures != NULL);
    return refuse(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool buffered;
    static char program[] = "spiral", messages[1 << 16];
    char *argv[MOST_ARGUMENTS + 2] = {program}, *text = malloc(size + 1);
    int argc = 1;
    MUST(text != NULL);
    if (!buffered) { /* otherwise every piece of a message is a system call */
        setvbuf(stderr, messages, _IOFBF, sizeof messages);
        buffered = true;
    }
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    bool takes_long = false;
    for (size_t i = 0; i < size && argc <= MOST_ARGUMENTS; i += strlen(text + i) + 1) {
        argv[argc++] = text + i;
        takes_long = takes_long || range_is_long(text + i);
    }
    int code = takes_long ? SPIRAL_OK : spiral_main(argc, argv);
    /* INPUT: a piece of a list of files is not there. OUTPUT: a folder is in the place of an output. */
    MUST(code == SPIRAL_OK || code == SPIRAL_ERROR_USAGE || code == SPIRAL_ERROR_INPUT || code == SPIRAL_ERROR_OUTPUT ||
         code == SPIRAL_ERROR_LIMIT);
    memory_outputs_forget();
    free(text);
    return 0;
}
