#include "spiral/layer_statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "net/block.h"
#include "net/gradient.h"
#include "net/norm.h"

/* The most rows of a block: a multiple of the lanes, not one of 256 (pass.c says why). */
enum { MOST_BLOCK_ROWS = 248 };

/* The bytes of a block of wide data or layers, unless eight rows take more. */
static const size_t BLOCK_BYTES = (size_t)16 << 20;

/* What is summed of a unit. The sums are of differences from the unit's first row, so that a small deviation of large
 * values is not lost in rounding. */
typedef struct UnitSums {
    double pivot, sum, squares;
    size_t flat;
} UnitSums;

struct SpiralLayerMeter {
    const SpiralNetwork *network;
    SpiralPassInput input;
    SpiralBlock block;
    size_t block_rows;
    size_t *order;    /* (rows) */
    double *gradient; /* (parameter_count) */
    UnitSums *units;  /* (units of all layers) */
    SpiralLayerStatistics *layers;
};

/* The rows of a block: a multiple of the lanes. */
static size_t choose_block_rows(const SpiralNetwork *network, size_t rows)
{
    size_t columns = 0, most = MOST_BLOCK_ROWS;
    for (size_t l = 0; l <= network->layers; l++)
        columns += network->sizes[l];
    size_t affordable = BLOCK_BYTES / sizeof(double) / columns / SPIRAL_LANES * SPIRAL_LANES;
    size_t needed = (rows + SPIRAL_LANES - 1) / SPIRAL_LANES * SPIRAL_LANES;
    most = needed < most ? needed : most;
    most = affordable < most ? affordable : most;
    return most > 0 ? most : SPIRAL_LANES;
}

static bool allocate(SpiralLayerMeter *meter, size_t rows)
{
    const SpiralNetwork *network = meter->network;
    size_t units = 0;
    for (size_t l = 1; l <= network->layers; l++)
        units += network->sizes[l];
    meter->block_rows = choose_block_rows(network, rows);
    meter->order = spiral_allocate(rows, sizeof *meter->order);
    meter->gradient = spiral_allocate_doubles(network->parameter_count);
    meter->units = spiral_allocate(units, sizeof *meter->units);
    meter->layers = spiral_allocate(network->layers, sizeof *meter->layers);
    return meter->order != NULL && meter->gradient != NULL && meter->units != NULL && meter->layers != NULL &&
           spiral_block_create(network, meter->block_rows, true, false, &meter->block);
}

SpiralStatus spiral_layer_meter_create(const SpiralNetwork *network, const SpiralDataset *dataset,
                                       SpiralLayerMeter **meter, SpiralError *error)
{
    *meter = NULL;
    SpiralStatus status = spiral_objective_check_data(network, dataset, error);
    if (status != SPIRAL_OK)
        return status;
    size_t rows = dataset->rows < SPIRAL_LAYER_ROWS ? dataset->rows : SPIRAL_LAYER_ROWS;
    SpiralLayerMeter *made = spiral_allocate(1, sizeof *made);
    if (made != NULL)
        made->network = network;
    if (made == NULL || !allocate(made, rows)) {
        spiral_layer_meter_free(made);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to measure the layers of %zu parameters",
                                network->parameter_count);
    }
    spiral_linalg_start();
    for (size_t i = 0; i < rows; i++)
        made->order[i] = i * (dataset->rows / rows) + i * (dataset->rows % rows) / rows;
    made->input = spiral_objective_input(dataset);
    made->input.rows = rows;
    made->input.order = made->order;
    *meter = made;
    return SPIRAL_OK;
}

void spiral_layer_meter_free(SpiralLayerMeter *meter)
{
    if (meter == NULL)
        return;
    spiral_block_free(&meter->block);
    free(meter->order);
    free(meter->gradient);
    free(meter->units);
    free(meter->layers);
    free(meter);
}

const SpiralLayerStatistics *spiral_layer_meter_layers(const SpiralLayerMeter *meter)
{
    return meter->layers;
}

static bool is_flat(SpiralActivation activation, double a)
{
    switch (activation) {
    case SPIRAL_ACTIVATION_RELU:
        return !(a > 0.0);
    case SPIRAL_ACTIVATION_LEAKY_RELU:
        break;
    case SPIRAL_ACTIVATION_TANH:
        return !(1.0 - a * a >= SPIRAL_LAYER_FLAT);
    case SPIRAL_ACTIVATION_SIGMOID:
        return !(4.0 * a * (1.0 - a) >= SPIRAL_LAYER_FLAT); /* the largest slope is 1/4 */
    }
    return false;
}

/* Adds the block's values a (rows) of a unit. */
static void add_unit(const SpiralLayerMeter *meter, const double *a, size_t rows, bool hidden, UnitSums *unit)
{
    for (size_t r = 0; r < rows; r++) {
        double difference = a[r] - unit->pivot;
        unit->sum += difference;
        unit->squares += difference * difference;
        unit->flat += hidden && is_flat(meter->network->activation, a[r]);
    }
}

/* Adds the block's activations; at the first block it clears the sums. */
static void add_block(SpiralLayerMeter *meter, bool first, size_t rows)
{
    const SpiralNetwork *network = meter->network;
    UnitSums *unit = meter->units;
    for (size_t l = 1; l <= network->layers; l++)
        for (size_t u = 0; u < network->sizes[l]; u++, unit++) {
            const double *a = meter->block.A[l] + u * meter->block.stride;
            if (first)
                *unit = (UnitSums){.pivot = a[0]};
            add_unit(meter, a, rows, l < network->layers, unit);
        }
}

static void fill_in(SpiralLayerMeter *meter)
{
    const SpiralNetwork *network = meter->network;
    const double rows = (double)meter->input.rows;
    const UnitSums *unit = meter->units;
    for (size_t l = 0; l < network->layers; l++) {
        size_t units = network->sizes[l + 1], count = network->sizes[l] * units, dead = 0, flat = 0;
        double variance = 0.0;
        for (size_t u = 0; u < units; u++, unit++) {
            double mean = unit->sum / rows;
            variance += fmax(0.0, unit->squares / rows - mean * mean);
            dead += unit->flat == meter->input.rows;
            flat += unit->flat;
        }
        meter->layers[l] = (SpiralLayerStatistics){
            .deviation = sqrt(variance / (double)units),
            .dead = (double)dead / (double)units,
            .saturated = (double)flat / rows / (double)units,
            .weights = spiral_norm_value(spiral_norm(count, spiral_network_weights(network, l))),
            .gradient =
                spiral_norm_value(spiral_norm(count, meter->gradient + spiral_network_weights_offset(network, l))),
        };
    }
}

double spiral_layer_meter_measure(SpiralLayerMeter *meter)
{
    const SpiralNetwork *network = meter->network;
    size_t rows = meter->input.rows, most = meter->block_rows;
    SpiralPassTotals totals = {0};
    memset(meter->gradient, 0, network->parameter_count * sizeof *meter->gradient);
    spiral_block_start(&meter->block, most, &meter->input);
    for (size_t first = 0; first < rows; first += most) {
        size_t count = rows - first < most ? rows - first : most;
        spiral_block_forward(&meter->block, network->parameters, &meter->input, first, count);
        add_block(meter, first == 0, count);
        spiral_block_loss(&meter->block, &meter->input, first, count, 1.0 / (double)rows, &totals);
        spiral_block_backward(&meter->block, network->parameters, &meter->input, meter->gradient);
    }
    fill_in(meter);
    return totals.loss / (double)rows;
}
