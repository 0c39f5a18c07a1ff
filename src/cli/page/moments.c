#include "cli/page/moments.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum { MOST_MOMENTS = 200, LEAST_MOMENTS = 3, MOST_WEIGHTS = 3000000 /* in all moments together: 16 MB of base64 */ };

SpiralStatus moments_create(const SpiralNetwork *network, size_t log_every, Moments **moments, SpiralError *error)
{
    size_t parameters = network->parameter_count, limit = MOST_WEIGHTS / parameters;
    *moments = NULL;
    if (limit < LEAST_MOMENTS)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0,
                                "a page would be too large for the weights of this network: it has %zu parameters, "
                                "expected at most %d",
                                parameters, MOST_WEIGHTS / LEAST_MOMENTS);
    Moments *made = cli_allocate(1, sizeof *made);
    if (made == NULL)
        return cli_no_memory(error);
    made->parameter_count = parameters;
    made->every = log_every;
    made->limit = limit < MOST_MOMENTS ? limit : MOST_MOMENTS;
    made->iterations = cli_allocate(made->limit, sizeof *made->iterations);
    made->weights = cli_allocate(made->limit, parameters * sizeof *made->weights);
    if (made->iterations == NULL || made->weights == NULL) {
        moments_free(made);
        return cli_no_memory(error);
    }
    *moments = made;
    return SPIRAL_OK;
}

void moments_free(Moments *moments)
{
    if (moments == NULL)
        return;
    free(moments->iterations);
    free(moments->weights);
    free(moments);
}

bool moments_are_due(const Moments *moments, size_t iteration)
{
    return moments != NULL && iteration % moments->every == 0;
}

static void store(Moments *moments, size_t iteration, const SpiralNetwork *network)
{
    float *weights = moments->weights + moments->count * moments->parameter_count;
    for (size_t i = 0; i < moments->parameter_count; i++)
        weights[i] = (float)network->parameters[i];
    moments->iterations[moments->count++] = iteration;
}

static void leave_out_every_second(Moments *moments)
{
    size_t size = moments->parameter_count, kept = 0;
    for (size_t i = 0; i < moments->count; i += 2, kept++) {
        moments->iterations[kept] = moments->iterations[i];
        memmove(moments->weights + kept * size, moments->weights + i * size, size * sizeof *moments->weights);
    }
    moments->count = kept;
    moments->every *= 2;
}

void moments_add(Moments *moments, size_t iteration, const SpiralNetwork *network)
{
    if (moments->count + 1 == moments->limit) /* the last is that of the end */
        leave_out_every_second(moments);
    if (moments_are_due(moments, iteration))
        store(moments, iteration, network);
}

void moments_end(Moments *moments, size_t iterations, const SpiralNetwork *network)
{
    while (moments->count > 0 && moments->iterations[moments->count - 1] >= iterations)
        moments->count--;
    store(moments, iterations, network);
}
