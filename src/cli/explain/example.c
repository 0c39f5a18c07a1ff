#include "cli/explain/example.h"

#include <string.h>

static const double X[] = {1.0, 2.0, 3.0, -1.0};
static const int64_t y[] = {0, 1};
static const char *const feature_names[] = {"x0", "x1"};
static const char *const class_names[] = {"red", "blue"};

const SpiralDataset example_data = {
    .rows = 2, .features = 2, .classes = 2, .X = X, .y = y, .feature_names = feature_names, .class_names = class_names};

/* W and b: equal columns. */
static const double parameters[] = {2.0, 2.0, -1.0, -1.0, 1.0, 1.0};

SpiralStatus example_network(SpiralNetwork **network, SpiralError *error)
{
    SpiralStatus status = spiral_network_create(2, 0, NULL, 2, network, error);
    if (status != SPIRAL_OK) {
        *network = NULL;
        return status;
    }
    memcpy((*network)->parameters, parameters, sizeof parameters);
    status = spiral_network_set_names(*network, feature_names, class_names, error);
    if (status != SPIRAL_OK) {
        spiral_network_free(*network);
        *network = NULL;
    }
    return status;
}
