/* The CSV loader. The first byte says with which options, the rest is the file. */
#include "dataset_check.h"
#include "mutate.h"

static const char *const model_classes[] = {"0", "1", "setosa"}, *const model_features[] = {"a", "b"};

static const SpiralLoadOptions ways[] = {
    {.header = SPIRAL_HEADER_AUTO, .delimiter = ','},
    {.header = SPIRAL_HEADER_YES, .delimiter = ','},
    {.header = SPIRAL_HEADER_NO, .delimiter = ','},
    {.header = SPIRAL_HEADER_AUTO, .delimiter = ',', .label = "none"},
    {.header = SPIRAL_HEADER_AUTO, .delimiter = ',', .label = "label"},
    {.header = SPIRAL_HEADER_AUTO, .delimiter = ',', .label = "0"},
    {.header = SPIRAL_HEADER_AUTO, .delimiter = ';', .label = "-2"},
    {.header = SPIRAL_HEADER_AUTO, .delimiter = ',', .features = 2, .class_count = 3, .class_names = model_classes},
    {.header = SPIRAL_HEADER_AUTO, .delimiter = '\t'},
    {.header = SPIRAL_HEADER_AUTO, .delimiter = ' '},
    {.header = SPIRAL_HEADER_AUTO},
    {.header = SPIRAL_HEADER_YES},
    {.header = SPIRAL_HEADER_AUTO, .decimal = SPIRAL_DECIMAL_COMMA},
    {.header = SPIRAL_HEADER_AUTO, .ignore = "id,0"},
    {.features = 2,
     .feature_names = model_features,
     .label_name = "label",
     .features_after_label = 1,
     .labelling = SPIRAL_LABELS_PARTIAL,
     .class_count = 3,
     .class_names = model_classes},
    {.features = 2, .feature_names = model_features, .label = "none", .ignore = "-1"},
};
enum { WAYS = sizeof ways / sizeof *ways };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    memory_file_set(MEMORY_FOLDER "data.csv", data + 1, size - 1);
    check_load(MEMORY_FOLDER "data.csv",
               &ways[(data[0] + WAYS - '0' % WAYS) % WAYS]); /* of the digits, '0' is the first way */
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return mutate_or_blind(mutate_csv, 1, data, size, max_size, &(Random){seed});
}
