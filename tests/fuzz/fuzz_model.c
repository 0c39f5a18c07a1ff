/* One .npz as everything that it could be: a data set, a model, a checkpoint. */
#include "dataset_check.h"
#include "spiral/network.h"
#include "spiral/trainer.h"

enum { ROWS = 4, FEATURES = 2, CLASSES = 2 };

static const char path[] = MEMORY_FOLDER "input.npz";

static void check_refusal(SpiralStatus status, const SpiralError *error)
{
    MUST(status == SPIRAL_ERROR_INPUT || status == SPIRAL_ERROR_LIMIT);
    MUST(error->status == status && error->reason[0] != '\0' && strchr(error->reason, '\n') == NULL);
}

static void try_dataset(void)
{
    static const char *const model_classes[] = {"0", "b"};
    SpiralLoadOptions options = spiral_load_defaults();
    check_load(path, &options);
    options.features = FEATURES;
    options.class_count = CLASSES;
    options.class_names = model_classes;
    check_load(path, &options);
}

/* A model that was accepted predicts, and all its parts have the sizes it says. */
static void use_model(const SpiralNetwork *network)
{
    size_t D = network->sizes[0], K = network->sizes[network->layers];
    MUST(network->layers >= 1 && D >= 1 && K >= 1);
    for (size_t i = 0; i < network->parameter_count; i++)
        MUST(isfinite(network->parameters[i]));
    for (size_t d = 0; d < D; d++)
        MUST(network->feature_names[d] != NULL && (network->scale == NULL || network->scale[d] > 0.0));
    for (size_t k = 0; k < K; k++)
        MUST(network->class_names[k] != NULL);
    double *X = calloc(D, sizeof *X), *probs = calloc(K, sizeof *probs);
    int64_t label;
    MUST(X != NULL && probs != NULL);
    MUST(spiral_network_predict(network, 1, X, 1, NULL, probs, &label, NULL) == SPIRAL_OK);
    MUST(label >= 0 && (size_t)label < K);
    free(X);
    free(probs);
}

static void try_model(void)
{
    SpiralNetwork *network = NULL;
    SpiralError error = {.status = SPIRAL_OK};
    SpiralStatus status = spiral_network_load(path, &network, &error);
    if (status == SPIRAL_OK)
        use_model(network);
    else
        check_refusal(status, &error);
    MUST((network != NULL) == (status == SPIRAL_OK));
    spiral_network_free(network);
}

/* The training that corpus/fuzz_model/checkpoint*.npz are of (make_corpus.py): it has every array that a checkpoint may
 * hold. One that is taken up is run to its end. */
static void try_checkpoint(void)
{
    static const double X[ROWS * FEATURES] = {0, 0, 0, 1, 1, 0, 1, 1};
    static const int64_t y[ROWS] = {0, 1, 1, 0};
    const SpiralDataset data = {.rows = ROWS, .features = FEATURES, .classes = CLASSES, .X = X, .y = y};
    SpiralTrainOptions options = spiral_train_defaults();
    options.optimizer.kind = SPIRAL_OPTIMIZER_ADAM;
    options.iterations = 6;
    options.batch_size = 3;
    options.dropout = 0.5;
    options.patience = 2;
    options.threads = 1;
    size_t hidden = 2;
    SpiralNetwork *network;
    SpiralTrainer *trainer = NULL;
    MUST(spiral_network_create(FEATURES, 1, &hidden, CLASSES, &network, NULL) == SPIRAL_OK);
    MUST(spiral_trainer_create(network, &data, &data, &options, &trainer, NULL) == SPIRAL_OK);
    SpiralError error = {.status = SPIRAL_OK};
    SpiralStatus status = spiral_trainer_resume(trainer, "hidden=2\n", path, &error);
    MUST(spiral_trainer_iteration(trainer) <= options.iterations);
    if (status == SPIRAL_OK) {
        SpiralTrainResult result;
        status = spiral_trainer_run(trainer, NULL, &result, &error);
        MUST(status == SPIRAL_OK || status == SPIRAL_ERROR_DIVERGED);
    } else {
        check_refusal(status, &error);
        MUST(spiral_trainer_iteration(trainer) == 0);
    }
    spiral_trainer_free(trainer);
    spiral_network_free(network);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memory_file_set(path, data, size);
    try_dataset();
    try_model();
    try_checkpoint();
    return 0;
}
