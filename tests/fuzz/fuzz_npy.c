/* The .npy loader. The first byte says what the rest is: X; l, a table with the labels in its last column; y, beside a
 * fixed X; or m, y in the classes of a model. */
#include "dataset_check.h"
#include "mutate.h"

enum { ROWS = 6, PREFIX = 10, HEADER = 118 };

/* A whole .npy of ROWS rows. */
static const uint8_t *fixed_X(size_t *size)
{
    static uint8_t bytes[PREFIX + HEADER + ROWS * sizeof(double)];
    static const char head[] = "\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': False, 'shape': (6, 1)}";
    _Static_assert(HEADER == 0x76, "the header's length stands in it");
    memset(bytes, ' ', PREFIX + HEADER);
    memcpy(bytes, head, sizeof head - 1);
    *size = sizeof bytes;
    return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const model_classes[] = {"0", "1", "setosa"};
    if (size == 0)
        return 0;
    SpiralLoadOptions options = spiral_load_defaults();
    if (data[0] != 'y' && data[0] != 'm') {
        memory_file_set(MEMORY_FOLDER "X.npy", data + 1, size - 1);
        options.label = data[0] == 'l' ? "-1" : NULL;
        check_load(MEMORY_FOLDER "X.npy", &options);
        return 0;
    }
    size_t X_size;
    const uint8_t *X = fixed_X(&X_size);
    memory_file_set(MEMORY_FOLDER "X.npy", X, X_size);
    memory_file_set(MEMORY_FOLDER "y.npy", data + 1, size - 1);
    if (data[0] == 'm') {
        options.class_count = 3;
        options.class_names = model_classes;
    }
    check_load(MEMORY_FOLDER "X.npy," MEMORY_FOLDER "y.npy", &options);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return mutate_or_blind(mutate_npy, 1, data, size, max_size, &(Random){seed});
}
