/* The loss logs that `spiral plot --log` reads, CSV or JSON lines. */
#include <math.h>

#include "spiral/loss_log.h"
#include "memory_files.h"
#include "mutate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"iteration", "loss", "accuracy", "validation_loss", NULL};
    SpiralLossLog log = {0};
    SpiralError error = {.status = SPIRAL_OK};
    memory_file_set(MEMORY_FOLDER "loss.csv", data, size);
    SpiralStatus status = spiral_loss_log_load(MEMORY_FOLDER "loss.csv", names, 2, &log, &error);
    if (status == SPIRAL_OK) {
        MUST(log.count >= 1);
        MUST(log.columns[0] != NULL && log.columns[1] != NULL);
        for (size_t t = 0; t < log.count; t++)
            MUST(isfinite(log.columns[0][t]));
        spiral_loss_log_free(&log);
    } else {
        MUST(status == SPIRAL_ERROR_INPUT || status == SPIRAL_ERROR_LIMIT);
        MUST(error.status == status && error.line > 0 && error.reason[0] != '\0');
    }
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    Mutator *mutator = size > 0 && data[0] == '{' ? mutate_json : mutate_csv;
    return mutate_or_blind(mutator, 0, data, size, max_size, &(Random){seed});
}
