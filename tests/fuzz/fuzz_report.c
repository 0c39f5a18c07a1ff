/* A training's summary.json and loss.csv, with a byte between them, as `spiral report` reads them: it takes the
 * settings, makes the data and the network and trains again. The stand-ins keep data, networks and trainings small. */
#include <stdbool.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/page/run_page.h"
#include "cli/process/interrupt.h"
#include "memory_files.h"
#include "sections.h"
#include "spiral/spiral.h"

static bool page_is_made;

static SpiralStatus refuse(SpiralError *error)
{
    return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "too much while fuzzing");
}

/* ---- what is kept small ------------------------------------------------------------------------------------------ */

__typeof__(spiral_dataset_generate) __real_spiral_dataset_generate, __wrap_spiral_dataset_generate;
SpiralStatus __wrap_spiral_dataset_generate(const SpiralGenerateOptions *options, SpiralRng *rng,
                                            SpiralDataset **dataset, SpiralError *error)
{
    enum { MOST_CLASSES = 8, MOST_POINTS = 32, MOST_DIMENSIONS = 8 };
    *dataset = NULL;
    MUST(spiral_generate_validate(options, NULL) == SPIRAL_OK); /* the command has checked */
    bool small = options->classes <= MOST_CLASSES && options->points_per_class <= MOST_POINTS &&
                 options->dimensions <= MOST_DIMENSIONS;
    return small ? __real_spiral_dataset_generate(options, rng, dataset, error) : refuse(error);
}

__typeof__(spiral_dataset_load) __wrap_spiral_dataset_load;
SpiralStatus __wrap_spiral_dataset_load(const char *path, const SpiralLoadOptions *options, SpiralDataset **dataset,
                                        SpiralError *error)
{
    MUST(path[0] != '\0' && options->regular);
    *dataset = NULL;
    return refuse(error);
}

__typeof__(spiral_network_load) __wrap_spiral_network_load;
SpiralStatus __wrap_spiral_network_load(const char *path, SpiralNetwork **network, SpiralError *error)
{
    (void)path;
    *network = NULL;
    return refuse(error);
}

__typeof__(spiral_network_create) __real_spiral_network_create, __wrap_spiral_network_create;
SpiralStatus __wrap_spiral_network_create(size_t features, size_t hidden_count, const size_t *hidden, size_t classes,
                                          SpiralNetwork **network, SpiralError *error)
{
    enum { MOST_LAYERS = 4, MOST_UNITS = 16 };
    *network = NULL;
    bool small = hidden_count <= MOST_LAYERS;
    for (size_t i = 0; i < hidden_count; i++)
        small = small && hidden[i] <= MOST_UNITS;
    return small ? __real_spiral_network_create(features, hidden_count, hidden, classes, network, error)
                 : refuse(error);
}

__typeof__(spiral_trainer_create) __real_spiral_trainer_create, __wrap_spiral_trainer_create;
SpiralStatus __wrap_spiral_trainer_create(SpiralNetwork *network, const SpiralDataset *dataset,
                                          const SpiralDataset *validation, const SpiralTrainOptions *options,
                                          SpiralTrainer **trainer, SpiralError *error)
{
    SpiralTrainOptions alone = *options;
    MUST(spiral_train_validate(options, NULL) == SPIRAL_OK);
    alone.threads = 1;
    return __real_spiral_trainer_create(network, dataset, validation, &alone, trainer, error);
}

__typeof__(spiral_trainer_run) __real_spiral_trainer_run, __wrap_spiral_trainer_run;
SpiralStatus __wrap_spiral_trainer_run(SpiralTrainer *trainer, const SpiralTrainHooks *hooks, SpiralTrainResult *result,
                                       SpiralError *error)
{
    enum { MOST_ITERATIONS = 3 };
    SpiralTrainHooks few = *hooks;
    MUST(hooks->pause >= 1);
    few.pause = hooks->pause < MOST_ITERATIONS ? hooks->pause : MOST_ITERATIONS;
    SpiralStatus status = __real_spiral_trainer_run(trainer, &few, result, error);
    MUST(result->iterations <= MOST_ITERATIONS || status == SPIRAL_ERROR_DIVERGED);
    return status;
}

__typeof__(run_page_save) __real_run_page_save, __wrap_run_page_save;
SpiralStatus __wrap_run_page_save(const RunPage *page, SpiralOutput *output, SpiralError *error)
{
    MUST(page->network != NULL && page->dataset != NULL && page->moments->count >= 1);
    if (page_is_made)
        return __real_run_page_save(page, output, error);
    spiral_output_discard(output);
    return SPIRAL_OK;
}

/* libFuzzer has signal handlers of its own. */
__typeof__(interrupt_watch) __wrap_interrupt_watch;
void __wrap_interrupt_watch(void)
{
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { PAGES = 64 }; /* of so many one makes its page */
    static char report[] = "report", folder[] = MEMORY_FOLDER "run", option[] = "-o",
                page[] = "page.html"; /* in a folder that there is */
    static char *arguments[] = {report, folder, option, page, NULL}, messages[1 << 16];
    static bool buffered;
    Section sections[MOST_SECTIONS];
    if (!buffered) { /* otherwise every piece of a message is a system call */
        setvbuf(stderr, messages, _IOFBF, sizeof messages);
        buffered = true;
    }
    if (size == 0)
        return 0;
    size_t count = sections_cut(data, size, sections);
    memory_file_set(MEMORY_FOLDER "run/summary.json", sections[0].bytes, sections[0].size);
    memory_file_set(MEMORY_FOLDER "run/loss.csv", sections[count - 1].bytes, count > 1 ? sections[count - 1].size : 0);
    memory_file_set(MEMORY_FOLDER "run/loss.jsonl", sections[count - 1].bytes,
                    count > 1 ? sections[count - 1].size : 0);
    page_is_made = size % PAGES == 0;
    int code = cmd_report(4, arguments);
    MUST(code == SPIRAL_OK || code == SPIRAL_ERROR_INPUT || code == SPIRAL_ERROR_LIMIT ||
         code == SPIRAL_ERROR_DIVERGED);
    memory_outputs_forget();
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return mutate_or_blind(sections_mutate, 0, data, size, max_size, &(Random){seed});
}
