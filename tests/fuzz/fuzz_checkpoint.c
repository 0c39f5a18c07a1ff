/* A .npz as a checkpoint, from which a training of its own settings is taken up and run to its end. */
#include <string.h>

#include "base/names.h"
#include "data/npz.h"
#include "memory_files.h"
#include "mutate.h"
#include "spiral/trainer.h"

enum { ROWS = 4, FEATURES = 2, CLASSES = 2 };

static const char path[] = MEMORY_FOLDER "input.npz";

static void check_refusal(SpiralStatus status, const SpiralError *error)
{
    MUST(status == SPIRAL_ERROR_INPUT || status == SPIRAL_ERROR_LIMIT);
    MUST(error->status == status && error->reason[0] != '\0' && strchr(error->reason, '\n') == NULL);
}

/* The settings of the training are the checkpoint's own, so that an input chooses among trainings and still is one of
 * the same settings: "fuzz=" and a number, whose digits in this mixed base are choices. */
static size_t choose(size_t *number, size_t count)
{
    size_t chosen = *number % count;
    *number /= count;
    return chosen;
}

static SpiralTrainOptions options_of(size_t number)
{
    static const size_t iterations[] = {6, 4, 7}, batches[] = {3, 0, 1, 4}, patiences[] = {2, 0, 1, 1000},
                        records[] = {1, 2, 3}, judged[] = {0, 6};
    static const double tolerances[] = {0.0, 1e-3}, targets[] = {0.0, 0.5}, dropouts[] = {0.5, 0.0},
                        norms[] = {0.0, 0.1};
    SpiralTrainOptions options = spiral_train_defaults();
    options.threads = 1;
    options.optimizer.kind =
        (SpiralOptimizerKind)((choose(&number, SPIRAL_OPTIMIZER_ADAMW + 1) + SPIRAL_OPTIMIZER_ADAM) %
                              (SPIRAL_OPTIMIZER_ADAMW + 1));
    options.batch_size = batches[choose(&number, 4)];
    options.dropout = dropouts[choose(&number, 2)];
    options.patience = patiences[choose(&number, 4)];
    options.iterations = iterations[choose(&number, 3)];
    options.record_every = records[choose(&number, 3)];
    options.judge_every = judged[choose(&number, 2)];
    options.tolerance = tolerances[choose(&number, 2)];
    options.target_loss = targets[choose(&number, 2)];
    options.max_grad_norm = norms[choose(&number, 2)];
    options.schedule.kind = (SpiralScheduleKind)choose(&number, SPIRAL_SCHEDULE_COSINE + 1);
    options.schedule.warmup = choose(&number, 2) * 5;
    return options;
}

/* The text of the archive's settings, a line each; "" when there is none. Freed by free(). */
static char *settings_of(void)
{
    SpiralNpz *npz = NULL;
    SpiralExtents shape;
    char **lines = NULL, *text = calloc(1, 1);
    MUST(text != NULL);
    if (spiral_npz_open(path, &npz, NULL) != SPIRAL_OK)
        return text;
    if (spiral_npz_read_strings(npz, "settings", &shape, &lines, NULL) == SPIRAL_OK) {
        size_t used = 0;
        for (size_t i = 0; i < shape.count; i++) {
            size_t length = strlen(lines[i]);
            text = realloc(text, used + length + 2);
            MUST(text != NULL);
            memcpy(text + used, lines[i], length);
            memcpy(text + used + length, "\n", 2);
            used += length + 1;
        }
        spiral_names_free(lines, shape.count);
    }
    spiral_npz_close(npz);
    return text;
}

/* What is taken up is run to its end, and is what such a training can come to. */
static void run_on(SpiralTrainer *trainer, const SpiralTrainOptions *options)
{
    SpiralError error;
    SpiralTrainResult result;
    SpiralStatus status = spiral_trainer_run(trainer, NULL, &result, &error);
    MUST(status == SPIRAL_OK || status == SPIRAL_ERROR_DIVERGED);
    MUST(result.iterations <= options->iterations);
    MUST(result.best_iteration <= options->iterations && (options->patience > 0 || result.best_iteration == 0));
}

/* corpus/fuzz_checkpoint/seed-* are of such trainings (make_corpus.py). */
static void try_checkpoint(void)
{
    static const double X[ROWS * FEATURES] = {0, 0, 0, 1, 1, 0, 1, 1};
    static const int64_t y[ROWS] = {0, 1, 1, 0};
    const SpiralDataset data = {.rows = ROWS, .features = FEATURES, .classes = CLASSES, .X = X, .y = y};
    char *settings = settings_of();
    const char *digits = strstr(settings, "fuzz=");
    size_t number = digits != NULL ? strtoull(digits + 5, NULL, 10) : 0, hidden = 2;
    SpiralTrainOptions options = options_of(number);
    bool validated = options.patience > 0 || number % 5 == 0;
    SpiralNetwork *network;
    SpiralTrainer *trainer = NULL;
    MUST(spiral_network_create(FEATURES, 1, &hidden, CLASSES, &network, NULL) == SPIRAL_OK);
    MUST(spiral_trainer_create(network, &data, validated ? &data : NULL, &options, &trainer, NULL) == SPIRAL_OK);
    char *notes = NULL;
    SpiralError error = {.status = SPIRAL_OK};
    SpiralStatus status = spiral_trainer_resume(trainer, settings, NULL, path, &notes, &error);
    MUST((notes != NULL) == (status == SPIRAL_OK));
    free(notes);
    MUST(spiral_trainer_iteration(trainer) <= options.iterations);
    if (status == SPIRAL_OK) {
        run_on(trainer, &options);
    } else {
        check_refusal(status, &error);
        MUST(spiral_trainer_iteration(trainer) == 0);
    }
    spiral_trainer_free(trainer);
    spiral_network_free(network);
    free(settings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memory_file_set(path, data, size);
    try_checkpoint();
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return mutate_or_blind(mutate_archive, 0, data, size, max_size, &(Random){seed});
}
