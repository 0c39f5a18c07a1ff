/* A .npz as a data set, which is used as dataset_check.c says, and as the data of a model. */
#include "dataset_check.h"
#include "mutate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const model_classes[] = {"0", "b"};
    SpiralLoadOptions options = spiral_load_defaults();
    memory_file_set(MEMORY_FOLDER "input.npz", data, size);
    check_load(MEMORY_FOLDER "input.npz", &options);
    options.features = 2;
    options.class_count = 2;
    options.class_names = model_classes;
    check_load(MEMORY_FOLDER "input.npz", &options);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return mutate_or_blind(mutate_archive, 0, data, size, max_size, &(Random){seed});
}
