#include "net/dropout.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"

static bool allocate(SpiralDropout *dropout)
{
    size_t hidden = dropout->network->layers - 1;
    dropout->mask = spiral_allocate(hidden, sizeof *dropout->mask);
    for (size_t l = 0; dropout->mask != NULL && l < hidden; l++) {
        dropout->mask[l] = spiral_allocate(dropout->rows, dropout->network->sizes[l + 1]);
        if (dropout->mask[l] == NULL)
            return false;
    }
    return dropout->mask != NULL;
}

void spiral_dropout_draw(SpiralDropout *dropout, size_t rows, SpiralRng *rng)
{
    for (size_t l = 0; l + 1 < dropout->network->layers; l++)
        for (size_t i = 0; i < rows * dropout->network->sizes[l + 1]; i++)
            dropout->mask[l][i] = spiral_rng_uniform(rng) < dropout->keep_probability;
}

SpiralStatus spiral_dropout_create(const SpiralNetwork *network, size_t rows, double probability, SpiralRng *rng,
                                   SpiralDropout **dropout, SpiralError *error)
{
    *dropout = NULL;
    if (!(probability >= 0.0 && probability < 1.0))
        return spiral_error_set(error, SPIRAL_ERROR_USAGE, NULL, 0,
                                "dropout is %g, a number from 0 and below 1 is expected", probability);
    SpiralDropout *made = spiral_allocate(1, sizeof *made);
    if (made != NULL)
        *made = (SpiralDropout){.network = network, .rows = rows, .keep_probability = 1.0 - probability};
    if (made == NULL || !allocate(made)) {
        spiral_dropout_free(made);
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for the dropout of %zu observations",
                                rows);
    }
    if (rng != NULL)
        spiral_dropout_draw(made, rows, rng);
    *dropout = made;
    return SPIRAL_OK;
}

void spiral_dropout_free(SpiralDropout *dropout)
{
    if (dropout == NULL)
        return;
    for (size_t l = 0; dropout->mask != NULL && l + 1 < dropout->network->layers; l++)
        free(dropout->mask[l]);
    free(dropout->mask);
    free(dropout);
}
