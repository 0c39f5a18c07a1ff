#include "base/memory.h"
#include "data/shape.h"

SpiralStatus spiral_observations_count(const SpiralGenerateOptions *options, size_t *rows, SpiralError *error)
{
    SpiralStatus status = spiral_generate_validate(options, error);
    if (status != SPIRAL_OK)
        return status;
    size_t count, numbers, bytes;
    if (!spiral_multiply(options->classes, options->points_per_class, &count) ||
        !spiral_multiply(count, 2 * sizeof(double), &bytes))
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "%zu classes of %zu points are too many",
                                options->classes, options->points_per_class);
    if (!spiral_multiply(count, options->dimensions, &numbers) || !spiral_multiply(numbers, sizeof(double), &bytes))
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "%zu dimensions are too many for %zu points",
                                options->dimensions, count);
    *rows = count;
    return SPIRAL_OK;
}

/* Plane, features and labels come one behind the other in the stream, and an observation needs all three: where a
 * part begins is found by drawing what is before it. The last part draws from rng itself. */
void spiral_observations_begin(SpiralObservations *observations, const SpiralGenerateOptions *options, SpiralRng *rng)
{
    size_t rows = options->classes * options->points_per_class;
    bool more_features = options->dimensions > 2, noisy_labels = options->label_noise > 0.0;
    SpiralRng *plane_rng = rng;
    observations->features = observations->labels = rng;
    if (more_features || noisy_labels) {
        observations->kept_plane = *rng;
        plane_rng = &observations->kept_plane;
        spiral_plane_begin(&observations->plane, options, rng);
        double x[2];
        for (size_t i = 0; i < rows; i++)
            spiral_plane_next(&observations->plane, x);
    }
    if (more_features && noisy_labels) {
        observations->kept_features = *rng;
        observations->features = &observations->kept_features;
        for (size_t i = 0; i < rows * (options->dimensions - 2); i++)
            spiral_rng_normal(rng);
    }
    spiral_plane_begin(&observations->plane, options, plane_rng);
}

int64_t spiral_observations_next(SpiralObservations *observations, double *x)
{
    const SpiralGenerateOptions *options = observations->plane.options;
    size_t class = spiral_plane_next(&observations->plane, x);
    for (size_t d = 2; d < options->dimensions; d++)
        x[d] = spiral_rng_normal(observations->features);
    if (options->label_noise > 0.0) {
        double chance = spiral_rng_uniform(observations->labels), other = spiral_rng_uniform(observations->labels);
        if (chance < options->label_noise)
            class = (class + 1 + (size_t)(other * (double)(options->classes - 1))) % options->classes;
    }
    return (int64_t) class;
}
